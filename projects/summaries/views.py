"""The REST resources of summaries and overviews, and their files."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import IO, Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpResponseBase, QueryDict
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.files import FILE_OPTIONS, FILE_PARAMETERS, FileOptionsReader, build_file, translate_title
from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS, UNKNOWN
from api.lists.pagination import Ordering
from api.readers import Query, Reader, Readers, Reading, array_of, describe_unknown_word
from api.renderers import CSV_MEDIA_TYPE, XLSX
from api.views import LedgerReadViewSet
from config.database.prepared import snapshot
from config.mistakes import Mistake
from parks.access import select_readable
from projects.children.columns import FUNDINGS
from projects.children.serializers import FundingOfProjectSerializer
from projects.dimensions.dimensions import DIMENSIONS
from projects.filters import FundingFilterSet, ProjectFilterSet
from projects.models import Funding, Project
from projects.summaries import follow_through
from projects.summaries.answers import BESIDE_FILTERS, ListLinks, answer_question
from projects.summaries.facets import USUAL_FACETS, count_facets
from projects.summaries.questions import QUESTION_PARAMETERS, QuestionParser, SummaryQuestion
from projects.summaries.serializers import (
    FUNDING_PARAMETERS,
    SUMMARY_PARAMETERS,
    CohortsSerializer,
    FacetsSerializer,
    FundingSummarySerializer,
    SummarySerializer,
)
from projects.summaries.tables import (
    COHORTS_TABLE,
    FACETS_TABLE,
    build_meanings_sheet,
    build_summary_table,
    read_rows,
)
from projects.summaries.totals import FundingSummary, Summary
from sheets.writing.columns import LANGUAGE_CODES, Sheet, Table, Written
from sheets.writing.csv_writing import write_csv
from sheets.writing.xlsx_writing import About, Workbook, about_sheet

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


class QuestionReader(Reader[SummaryQuestion]):
    """Reads the question of a summary."""

    parameters = QUESTION_PARAMETERS
    lists = ("group_by", "measures", "bands")

    def read(self, query: Query, view: Any) -> Reading[SummaryQuestion]:
        asked = QuestionParser(query, view.summary_kind.vocabulary)
        return asked.question, asked.errors


class SummaryOptionsReader(FileOptionsReader):
    """Reads how the file of a summary is to be, whose columns follow from its question."""

    def has_money(self, view: Any) -> bool:
        return True

    def get_table(self, view: Any) -> Table:
        table: Table = view.summary_table()
        return table


SUMMARY_FILES = ("summary_csv", "summary_xlsx")  # actions
QUESTION = QuestionReader()
SUMMARY_OPTIONS = SummaryOptionsReader()


FACETS_PARAMETER = OpenApiParameter(
    "facets",
    description=gettext_lazy(
        "Dimensions to count by, separated by commas; by default the usual ones."
    ),
    type=array_of(DIMENSIONS),
)
COHORTS_BY_PARAMETER = OpenApiParameter(
    "group_by",
    description=gettext_lazy("What forms the cohorts: the year of the contract."),
    enum=["signed_year"],
    default="signed_year",
)


class FacetsReader(Reader[list[str]]):
    """Reads `facets`: the dimensions to count by, each once; the usual ones if it is left out."""

    parameters = ("facets",)
    lists = ("facets",)

    def read(self, query: Query, view: Any) -> Reading[list[str]]:
        if "facets" not in query:
            return list(USUAL_FACETS), []
        names = list(dict.fromkeys(query["facets"].split(",")))
        unknown = [name for name in names if name not in DIMENSIONS]
        return names, [describe_unknown_word("facets", name, DIMENSIONS) for name in unknown]


class CohortsByReader(Reader[str]):
    """Reads `group_by` of cohorts, which takes one word."""

    parameters = ("group_by",)

    def read(self, query: Query, view: Any) -> Reading[str]:
        word = query.get("group_by", "signed_year")
        if word == "signed_year":
            return word, []
        detail = _("Cohorts are formed by “signed_year” alone.")
        return word, [Mistake("unknown_value", detail, "signed_year").at(parameter="group_by")]


FACET_DIMENSIONS = FacetsReader()
COHORTS_BY = CohortsByReader()


class SummaryViewSet(LedgerReadViewSet):
    """Sums of the rows that the filters select, with the lists that they open, and as files.

    Files hold the rows alone: the total would be taken for one of them.
    """

    readers: ClassVar[Readers] = {
        "summary": (AS_OF, FILTERS, QUESTION),
        **dict.fromkeys(SUMMARY_FILES, (AS_OF, FILTERS, QUESTION, SUMMARY_OPTIONS)),
    }
    file_of_summary: ClassVar[str]  # the name of the file, without its ending

    summary_kind: ClassVar[type[Summary]] = Summary
    list_name: ClassVar[str] = "project-list"
    with_reached: ClassVar[bool] = False  # whether rows of stages have the list of what reached it

    def find_summed_rows(self) -> QuerySet:
        """Find the rows that the filters of the request select."""
        raise NotImplementedError

    def summary_answer(self) -> dict[str, Any]:
        """Answer the request's question in full, with its filters and definitions."""
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
        """List the lists of the request's filters, narrowed to the cells of its answer."""
        filterset = self.get_value(FILTERS)
        if filterset is None:
            raise TypeError(f"{type(self).__name__} has no filters")
        return ListLinks(filterset, reverse(self.list_name, request=self.request))

    def summary_table(self) -> Table:
        """List the columns of the answer."""
        vocabulary = self.summary_kind.vocabulary
        return build_summary_table(self.file_of_summary, self.get_value(QUESTION), vocabulary)

    @extend_schema(
        summary=gettext_lazy("The rows of the summary as CSV"),
        description=gettext_lazy(
            "Without the total, which a program would take for one of them. Complete, or not "
            "sent at all."
        ),
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def summary_csv(self, request: Request) -> HttpResponseBase:
        """Give the rows of the summary as CSV."""
        answer, options = self.summary_answer(), self.get_value(SUMMARY_OPTIONS)

        def write(file: IO[bytes]) -> Written:
            return write_csv(
                options.columns, read_rows(options.columns, answer), file, **options.csv
            )

        filename = f"{self.file_of_summary}.csv"
        return build_file(
            write, filename, CSV_MEDIA_TYPE % options.encoding, self.title_of_summary()
        )

    @extend_schema(
        summary=gettext_lazy("The summary as an Excel workbook"),
        description=gettext_lazy("Its total, filters and definitions are on further sheets."),
        responses={(200, XLSX): OpenApiTypes.BINARY},
    )
    def summary_xlsx(self, request: Request) -> HttpResponseBase:
        """Give the summary as a workbook."""
        filename = f"{self.file_of_summary}.xlsx"
        return build_file(self.write_summary_book, filename, XLSX, self.title_of_summary())

    def write_summary_book(self, file: IO[bytes]) -> Written:
        """Write the workbook, in the language of its headers."""
        options = self.get_value(SUMMARY_OPTIONS)
        columns, layout = options.columns, options.layout
        with (
            translation.override(LANGUAGE_CODES.get(layout.header, "en")),
            Workbook(file, layout) as book,
        ):
            answer = self.summary_answer()
            title = str(self.summary_table().title)
            about = About(
                title=title,
                address=self.request.path,
                query=[(name, str(value)) for name, value in self.request.query_params.items()],
                count=len(answer["rows"]),
                columns=columns,
                model=self.find_summed_rows().model,
            )
            book.add(Sheet(title, columns, read_rows(columns, answer)))
            book.add(about_sheet(about, layout))
            book.add(build_meanings_sheet(answer))
            return book.close()

    def title_of_summary(self) -> str:
        """Say what people call the file: in Chinese if its header is, or they are."""
        return translate_title(self.summary_table().title, self.get_value(SUMMARY_OPTIONS).layout)


class ProjectSumsViewSet(SummaryViewSet):
    """What is computed from the projects that the filters select."""

    readers: ClassVar[Readers] = {
        "facets": (AS_OF, FILTERS, FACET_DIMENSIONS),
        "cohorts": (AS_OF, FILTERS, COHORTS_BY),
    }
    has_past = True
    queryset = Project.objects.all()
    filterset_class = ProjectFilterSet
    file_of_summary = "projects-summary"
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = [
        *FILE_PARAMETERS,
        *SUMMARY_PARAMETERS,
    ]

    def find_summed_rows(self) -> QuerySet:
        return self.filter_queryset(self.get_queryset())

    @extend_schema(
        summary=gettext_lazy("Totals of the matching projects by up to three dimensions"),
        description=gettext_lazy(
            "Grouped totals; each row opens into the list of exactly its projects."
        ),
        responses=SummarySerializer,
    )
    def summary(self, request: Request) -> Response:
        """Add up projects by dimension."""
        return Response(self.summary_answer())

    @extend_schema(
        summary=gettext_lazy("Counts of the matching projects by dimension"),
        description=gettext_lazy(
            "How many of the matching projects have each value of the dimensions."
        ),
        parameters=[FACETS_PARAMETER],
        responses=FacetsSerializer,
    )
    def facets(self, request: Request) -> Response:
        """Count projects by dimension."""
        chosen = self.get_value(FACET_DIMENSIONS)
        links = self.list_links()
        asked = links.find_asked(request.user)
        dimensions = {name: DIMENSIONS[name] for name in chosen}
        named = links.find_named(chosen, DIMENSIONS)
        facets = count_facets(self.find_summed_rows(), dimensions, asked, named)
        return Response(
            {
                "count": facets.count,
                "facets": {
                    name: [
                        item | {"list_url": links.link_value(name, item["value"])} for item in items
                    ]
                    for name, items in facets.of_dimensions.items()
                },
            }
        )

    @extend_schema(
        summary=gettext_lazy("What became of each year's contracts"),
        description=gettext_lazy(
            "The signed projects that count in totals, by year of contract, with their rates."
        ),
        parameters=[COHORTS_BY_PARAMETER],
        responses=CohortsSerializer,
    )
    def cohorts(self, request: Request) -> Response:
        """Show what became of the contracts of each year."""
        projects = self.find_summed_rows().exclude(
            totals_exclusion__in=follow_through.COUNTED_ELSEWHERE
        )
        links = self.list_links()
        rows, total = follow_through.measure_cohorts(
            projects,
            lambda year: partial(links.narrow, follow_through.NOT_ELSEWHERE, name_year(year)),
            partial(links.narrow, follow_through.NOT_ELSEWHERE),
        )
        for row in rows:
            row["list_url"] = links.narrow(
                {"counts_in_totals": "true"}, name_year(row["signed_year"])
            )
        return Response({"group_by": self.get_value(COHORTS_BY), "rows": rows, "total": total})


def name_year(year: int | None) -> dict[str, str]:
    """Name the year of contracts as the filter takes it."""
    return {"signed_year": UNKNOWN if year is None else str(year)}


class FacetFilesViewSet(ProjectSumsViewSet):
    table = FACETS_TABLE
    rows_are = Project
    readers = dict.fromkeys(("csv", "xlsx"), (AS_OF, FILTERS, FACET_DIMENSIONS, FILE_OPTIONS))
    described_parameters = [*FILE_PARAMETERS, FACETS_PARAMETER]

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        """Compute one row for each value of each dimension."""
        for name, items in self.facets(self.request).data["facets"].items():
            for item in items:
                yield {**item, "facet": name, "value": or_unknown(item["value"])}


class CohortFilesViewSet(ProjectSumsViewSet):
    table = COHORTS_TABLE
    rows_are = Project
    readers = dict.fromkeys(("csv", "xlsx"), (AS_OF, FILTERS, COHORTS_BY, FILE_OPTIONS))
    described_parameters = [*FILE_PARAMETERS, COHORTS_BY_PARAMETER]

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        """Compute one row for each year, without the total, which would be taken for one."""
        for row in self.cohorts(self.request).data["rows"]:
            yield {**row, "signed_year": or_unknown(row["signed_year"])}


def or_unknown(value: Any) -> Any:
    return UNKNOWN if value is None else value


class FundingListViewSet(SummaryViewSet):
    """Flows of money of all projects: the list, narrowed by their projects, too, and its sums."""

    about = gettext_lazy("Of all projects; narrowed by what their projects are.")
    table = FUNDINGS
    has_past = True
    queryset = Funding.objects.all()
    serializer_class = FundingOfProjectSerializer
    filterset_class = FundingFilterSet
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["id", "month", "amount_cny"]
    ordering_default = "id"
    summary_kind = FundingSummary
    list_name = "funding-of-all-list"
    file_of_summary = "fundings-summary"
    described_parameters = [*FILE_PARAMETERS, *FUNDING_PARAMETERS]

    def find_summed_rows(self) -> QuerySet:
        return self.filter_queryset(Funding.objects.all())

    @extend_schema(
        summary=gettext_lazy("Totals of flows of money by up to three dimensions"),
        description=gettext_lazy(
            "Grouped totals; each row opens into the list of exactly its flows."
        ),
        responses=FundingSummarySerializer,
    )
    def summary(self, request: Request) -> Response:
        """Add up flows by dimension."""
        return Response(self.summary_answer())
