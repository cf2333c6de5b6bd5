"""The REST resources of summaries and overviews, and their files."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext, gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.reverse import reverse

from api.files import FILE_PARAMETERS
from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS, UNKNOWN
from api.lists.pagination import Ordering
from api.readers import Query, Reader, Reading, array_of, describe_unknown_word
from api.renderers import XLSX
from api.views import AnswerViewSet, LedgerReadViewSet
from config.database.prepared import snapshot
from config.mistakes import Mistake
from parks.access import select_readable
from projects.children.columns import FUNDINGS
from projects.children.serializers import FundingOfProjectSerializer
from projects.dimensions.dimensions import DIMENSIONS
from projects.filters import FundingFilterSet, ProjectFilterSet
from projects.models import Funding, Project
from projects.summaries import follow_through, serializers, tables
from projects.summaries.answers import BESIDE_FILTERS, ListLinks, answer_question
from projects.summaries.facets import USUAL_FACETS, count_facets
from projects.summaries.questions import QUESTION_PARAMETERS, QuestionParser, SummaryQuestion
from projects.summaries.totals import FundingSummary, Summary
from sheets.writing.columns import Sheet, Table

# The parts of an overview: their query strings without the park or event
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


def link_rows(
    request: Request, query: Mapping[str, str], kind: type[Summary] = Summary
) -> ListLinks:
    """Link to the lists of the rows that a query selects, at the moment of the request."""
    data = QueryDict(mutable=True)
    data.update(query)
    asked = request.query_params
    data.update({name: asked[name] for name in BESIDE_FILTERS if name in asked})
    filterset = (
        FundingFilterSet(data, queryset=Funding.objects.all(), request=request)
        if kind is FundingSummary
        else ProjectFilterSet(
            data, queryset=select_readable(Project, request.user), request=request
        )
    )
    return ListLinks(filterset, reverse(kind.list_name, request=request))


def build_part(
    request: Request, text: str, filters: Mapping[str, str], kind: type[Summary] = Summary
) -> dict[str, Any]:
    """Build a part of an overview: the summary that a query string asks for, with its URL."""
    links = link_rows(request, {**filters, **QueryDict(text).dict()}, kind)
    query: Any = links.filterset.data
    question = QuestionParser(query, kind.vocabulary).question
    answer = answer_question(kind, links.filterset.qs, question, links)
    address = reverse(kind.url_name, request=request)
    return {"url": f"{address}?{query.urlencode(safe=',')}", **answer}


class QuestionReader(Reader[SummaryQuestion]):
    parameters = QUESTION_PARAMETERS
    lists = ("group_by", "measures", "bands")

    def read(self, query: Query, view: Any) -> Reading[SummaryQuestion]:
        asked = QuestionParser(query, view.summary_kind.vocabulary)
        return asked.question, asked.errors


QUESTION = QuestionReader()


FACETS_PARAMETER = OpenApiParameter(
    "facets",
    description=_("Dimensions to count by, separated by commas; by default the usual ones."),
    type=array_of(DIMENSIONS),
)
COHORTS_BY_PARAMETER = OpenApiParameter(
    "group_by",
    description=_("What forms the cohorts: the year of the contract."),
    enum=["signed_year"],
    default="signed_year",
)


class FacetsReader(Reader[list[str]]):
    """Reads `facets`: the dimensions to count by; by default the usual ones."""

    parameters = ("facets",)
    lists = ("facets",)

    def read(self, query: Query, view: Any) -> Reading[list[str]]:
        if "facets" not in query:
            return list(USUAL_FACETS), []
        names = list(dict.fromkeys(query["facets"].split(",")))
        unknown = [name for name in names if name not in DIMENSIONS]
        return names, [describe_unknown_word("facets", name, DIMENSIONS) for name in unknown]


class CohortsByReader(Reader[str]):
    """Reads `group_by` of cohorts, which has one value."""

    parameters = ("group_by",)

    def read(self, query: Query, view: Any) -> Reading[str]:
        word = query.get("group_by", "signed_year")
        if word == "signed_year":
            return word, []
        detail = gettext("Cohorts are formed by “signed_year” alone.")
        return word, [Mistake("unknown_value", detail, "signed_year").at(parameter="group_by")]


FACET_DIMENSIONS = FacetsReader()
COHORTS_BY = CohortsByReader()


class SummaryViewSet(AnswerViewSet):
    """Sums of the filtered rows with links to their lists, and as files.

    A CSV file has no total, which a program would read as a row.
    """

    asks = (AS_OF, FILTERS, QUESTION)
    has_money = True
    file_of_summary: ClassVar[str]  # the name of the file, without its ending
    summary_kind: ClassVar[type[Summary]] = Summary
    with_reached: ClassVar[bool] = False  # whether rows of stages link to all that reached them

    def find_summed_rows(self) -> QuerySet:
        """Return the rows that the filters of the request select."""
        return self.filter_queryset(self.get_queryset())

    def summary_answer(self) -> dict[str, Any]:
        """Answer the request's question, with its filters and definitions."""
        links = self.list_links()
        with snapshot():  # several queries, which must agree
            return answer_question(
                self.summary_kind,
                self.find_summed_rows(),
                self.get_value(QUESTION),
                links,
                with_reached=self.with_reached,
            )

    def list_links(self) -> ListLinks:
        """Return the links to the lists behind the cells of the answer."""
        filterset: Any = self.get_value(FILTERS)
        return ListLinks(filterset, reverse(self.summary_kind.list_name, request=self.request))

    def get_table(self) -> Table:
        vocabulary = self.summary_kind.vocabulary
        return tables.build_summary_table(
            self.file_of_summary, self.get_value(QUESTION), vocabulary
        )

    @cached_property
    def answer(self) -> dict[str, Any]:
        """The answer, whose rows and meanings are sheets of one workbook."""
        return self.summary_answer()

    def compute_answer(self) -> dict[str, Any]:
        return self.answer

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        """Compute the rows of a file, in which what is not known has a word."""
        for row in self.answer["rows"]:
            yield {**row, **dict(tables.build_cells(row, self.answer["group_by"]))}

    @extend_schema(
        summary=_("The rows of the summary as CSV"),
        description=_(
            "Without the total, which a program would take for one of them. Complete, or not "
            "sent at all."
        ),
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def csv(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        return super().csv(request, **kwargs)

    @extend_schema(
        summary=_("The summary as an Excel workbook"),
        description=_("Its total, filters and definitions are on further sheets."),
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def xlsx(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        return super().xlsx(request, **kwargs)

    def sheets(self) -> Iterator[Sheet]:
        yield from super().sheets()
        yield tables.build_meanings_sheet(self.answer, self.summary_kind.vocabulary)


class ProjectSumsViewSet(SummaryViewSet):
    """Sums of the filtered projects."""

    summary = _("Totals of the matching projects by up to three dimensions")
    about = _("Grouped totals; each row opens into the list of exactly its projects.")
    answered_by = serializers.SummarySerializer
    rows_are = Project
    queryset = Project.objects.all()
    filterset_class = ProjectFilterSet
    file_of_summary = "projects-summary"
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = [
        *FILE_PARAMETERS,
        *serializers.SUMMARY_PARAMETERS,
    ]


class FundingSumsViewSet(SummaryViewSet):
    """Sums of flows of money, filtered by their projects, too."""

    summary = _("Totals of flows of money by up to three dimensions")
    about = _("Grouped totals; each row opens into the list of exactly its flows.")
    answered_by = serializers.FundingSummarySerializer
    rows_are = Funding
    queryset = Funding.objects.all()
    filterset_class = FundingFilterSet
    file_of_summary = "fundings-summary"
    summary_kind = FundingSummary
    described_parameters = [*FILE_PARAMETERS, *serializers.FUNDING_PARAMETERS]

    def find_summed_rows(self) -> QuerySet:
        return self.filter_queryset(Funding.objects.all())  # of projects that are seen


class FundingListViewSet(LedgerReadViewSet):
    """Flows of money of all projects, also filtered by their projects."""

    about = _("Of all projects; narrowed by what their projects are.")
    table = FUNDINGS
    serializer_class = FundingOfProjectSerializer
    filterset_class = FundingFilterSet
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["id", "month", "amount_cny"]
    ordering_default = "id"


class ProjectAnswerViewSet(AnswerViewSet):
    """What is computed from the filtered projects."""

    rows_are = Project
    queryset = Project.objects.all()
    filterset_class = ProjectFilterSet

    def find_projects(self) -> QuerySet:
        """Return the projects that the filters of the request select."""
        return self.filter_queryset(self.get_queryset())

    def list_links(self, name: str = "project-list") -> ListLinks:
        """Return the links to the lists, or other answers, of the counted projects."""
        return ListLinks(self.get_value(FILTERS), reverse(name, request=self.request))


def or_unknown(value: Any) -> Any:
    """Return the value as filters and files name it: `unknown` for None."""
    return UNKNOWN if value is None else value


class FacetsViewSet(ProjectAnswerViewSet):
    """How many projects have each value of a dimension."""

    summary = _("Counts of the matching projects by dimension")
    about = _("How many of the matching projects have each value of the dimensions.")
    answered_by = serializers.FacetsSerializer
    table = tables.FACETS_TABLE
    asks = (AS_OF, FILTERS, FACET_DIMENSIONS)
    described_parameters = [*FILE_PARAMETERS, FACETS_PARAMETER]

    def compute_answer(self) -> dict[str, Any]:
        chosen = self.get_value(FACET_DIMENSIONS)
        links = self.list_links()
        asked = links.build_context(self.request.user)
        dimensions = {name: DIMENSIONS[name] for name in chosen}
        named = links.find_named(chosen, DIMENSIONS)
        facets = count_facets(self.find_projects(), dimensions, asked, named)
        for name, items in facets.of_dimensions.items():
            for item in items:
                item["list_url"] = links.link({name: str(or_unknown(item["value"]))}, {})
        return {"count": facets.count, "facets": facets.of_dimensions}

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        """Compute one row for each value of each dimension."""
        for name, items in self.compute_answer()["facets"].items():
            for item in items:
                yield {**item, "facet": name, "value": or_unknown(item["value"])}


class CohortsViewSet(ProjectAnswerViewSet):
    """What became of the contracts of each year."""

    summary = _("What became of each year's contracts")
    about = _("The signed projects that count in totals, by year of contract, with their rates.")
    answered_by = serializers.CohortsSerializer
    table = tables.COHORTS_TABLE
    asks = (AS_OF, FILTERS, COHORTS_BY)
    described_parameters = [*FILE_PARAMETERS, COHORTS_BY_PARAMETER]

    def compute_answer(self) -> dict[str, Any]:
        projects = self.find_projects().exclude(
            totals_exclusion__in=follow_through.COUNTED_ELSEWHERE
        )
        links = self.list_links()
        rows, total = follow_through.measure_cohorts(
            projects,
            lambda year: partial(
                links.narrow, {**follow_through.NOT_ELSEWHERE, "signed_year": str(or_unknown(year))}
            ),
            partial(links.narrow, follow_through.NOT_ELSEWHERE),
        )
        for row in rows:
            year = str(or_unknown(row["signed_year"]))
            row["list_url"] = links.narrow({"counts_in_totals": "true", "signed_year": year})
        return {"group_by": self.get_value(COHORTS_BY), "rows": rows, "total": total}

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        """Compute one row for each year, without the total."""
        for row in self.compute_answer()["rows"]:
            yield {**row, "signed_year": or_unknown(row["signed_year"])}
