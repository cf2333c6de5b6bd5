"""Overviews: the few summaries that the page of a park or an event needs, in one answer."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from rest_framework.request import Request
from rest_framework.reverse import reverse

from parks.access import select_readable
from projects.filters import ProjectFilterSet
from projects.funding_filters import FundingFilterSet
from projects.models import Funding, Project
from projects.summaries.answers import BESIDE_FILTERS, ListLinks, answer_question
from projects.summaries.questions import QuestionParser
from projects.summaries.totals import FundingSummary, Summary

# The parts of an overview: the query string of each without the park or event itself
COUNTING = "counts_in_totals=true"
PARK_PARTS = {
    "stages": "group_by=stage",
    "origins": f"{COUNTING}&group_by=origin_group,signed_year&measures=count,investment_cny,share",
    "sectors": f"{COUNTING}&group_by=sector_section",
    "sizes": f"{COUNTING}&group_by=size_band&measures=count,count_at_least,investment_cny",
    "signed": f"{COUNTING}&group_by=signed_year&cumulative=true",
    "at_capacity": "standing=active"
    "&measures=tax_at_capacity_cny,output_at_capacity_cny,jobs_at_capacity",
}
PARK_FLOWS = "group_by=funding_quarter,funding_kind&cumulative=true"
EVENT_PARTS = {
    "stages": "group_by=stage",
    "origins": "group_by=origin_group",
    "sectors": "group_by=sector_section",
    "sizes": "group_by=size_band&measures=count,count_at_least,investment_cny",
    "parks": "group_by=park_province,park",
}


def build_part(request: Request, text: str, **filters: str) -> dict[str, Any]:
    """Build the summary of projects that a query string asks for, with the URL that gives it alone.

    `filters` are those that the overview is of; the events and rows are those of the request.
    """
    query = build_query(request, text, filters)
    rows = select_readable(Project, request.user)
    filterset = ProjectFilterSet(query, queryset=rows, request=request)
    links = ListLinks(filterset, reverse("project-list", request=request))
    question = QuestionParser(query, Summary.vocabulary).question
    address = reverse("project-summary", request=request)
    answer = answer_question(Summary, filterset.qs, question, links)
    return {"url": f"{address}?{query.urlencode(safe=',')}", **answer}


def link_projects(request: Request, **filters: str) -> ListLinks:
    """Link to the lists of the projects that filters select, as of the moment asked for."""
    query = build_query(request, "", filters)
    rows = select_readable(Project, request.user)
    filterset = ProjectFilterSet(query, queryset=rows, request=request)
    return ListLinks(filterset, reverse("project-list", request=request))


def build_flows(request: Request, text: str, **filters: str) -> dict[str, Any]:
    """Build the same for flows of money."""
    query = build_query(request, text, filters)
    filterset = FundingFilterSet(query, queryset=Funding.objects.all(), request=request)
    links = ListLinks(filterset, reverse("funding-of-all-list", request=request))
    question = QuestionParser(query, FundingSummary.vocabulary).question
    address = reverse("funding-summary", request=request)
    answer = answer_question(FundingSummary, filterset.qs, question, links)
    return {"url": f"{address}?{query.urlencode(safe=',')}", **answer}


def build_query(request: Request, text: str, filters: Mapping[str, str]) -> QueryDict:
    """Build the query of a part: its filters, its question, and the moment asked for."""
    beside = {
        name: request.query_params[name] for name in BESIDE_FILTERS if name in request.query_params
    }
    query = QueryDict(mutable=True)
    query.update({**filters, **QueryDict(text).dict(), **beside})
    return query
