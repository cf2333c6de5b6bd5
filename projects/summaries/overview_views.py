"""Overviews: the few summaries that the page of a park or an event needs, in one answer."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from config.api.as_of import AS_OF
from config.snapshots import snapshot
from parks.access import select_readable
from parks.views import ParkViewSet
from projects.filters import ProjectFilterSet
from projects.funding_filters import FundingFilterSet
from projects.models import Funding, Project
from projects.summaries import follow_through
from projects.summaries.answers import BESIDE_FILTERS, ListLinks, answer_question
from projects.summaries.questions import QuestionParser
from projects.summaries.serializers import EventOverviewSerializer, ParkOverviewSerializer
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


class ParkOverviewViewSet(ParkViewSet):
    """What a park has signed, from where, in which industries, and what became of it."""

    readers = {"overview": (AS_OF,)}

    @extend_schema(
        summary=gettext_lazy("A park's totals in one answer"),
        description=gettext_lazy(
            "`signed` and `follow_through` are of the projects that count in totals."
        ),
        responses=ParkOverviewSerializer,
    )
    def overview(self, request: Request, code: str) -> Response:
        """Show the summaries that a page about the park needs."""
        with snapshot():
            park: Any = self.get_object()
            parts = {
                name: build_part(request, text, park=park.code) for name, text in PARK_PARTS.items()
            }
            projects = select_readable(Project, request.user).filter(park=park)
            links = link_projects(request, park=park.code, **follow_through.NOT_ELSEWHERE)
            return Response(
                {
                    "park": park.code,
                    "name_zh": park.name_zh,
                    "name_en": park.name_en,
                    **parts,
                    "flows": build_flows(request, PARK_FLOWS, park=park.code),
                    "follow_through": follow_through.measure(
                        projects.exclude(totals_exclusion__in=follow_through.COUNTED_ELSEWHERE),
                        links.narrow,
                    ),
                }
            )


class EventOverviewMixin:
    """Gives the resource of events its overview."""

    @extend_schema(
        summary=gettext_lazy("An event's totals in one answer"),
        description=gettext_lazy(
            "They are of the projects of the ledger that took part, each once; umbrella "
            "agreements, duplicates and parts of others are left out."
        ),
        responses=EventOverviewSerializer,
    )
    @action(detail=True)
    def overview(self: Any, request: Request, code: str) -> Response:
        """Show the summaries that a page about the event needs."""
        with snapshot():
            event = self.get_object()
            filters = {"event": event.code, **follow_through.NOT_ELSEWHERE}
            return Response(
                {
                    "event": event.code,
                    "name_zh": event.name_zh,
                    "name_en": event.name_en,
                    **{
                        name: build_part(request, text, **filters)
                        for name, text in EVENT_PARTS.items()
                    },
                    "follow_through": self.follow_through(request, code).data,
                }
            )
