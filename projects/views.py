"""The REST resources of projects and signing events."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from config.api.as_of import AS_OF
from config.api.files.geojson import GeoJSONMixin
from config.api.files.json_lines import JSONLinesMixin
from config.api.lists.filter_fields import UNKNOWN
from config.api.lists.filters import FILTERS
from config.api.lists.ordering import Ordering
from config.api.lists.ranked import RankedPagination, RankedViewMixin
from config.api.patterns import array_of
from config.api.readers import Query, Reader, Readers, Reading, describe_unknown_word
from config.api.views import PutViewSet
from config.mistakes import Mistake
from config.spreadsheets import Sheet
from parks.access import select_readable
from parks.file_views import FilesMixin
from parks.history.views import HistoryViewMixin
from parks.merging.views import MergeViewMixin
from projects.bulk import (
    ON_EXISTING_PARAMETER,
    ON_EXISTING_ROWS,
    RESULTS,
    BulkAnswerSerializer,
    BulkSerializer,
    BulkWrite,
)
from projects.children.columns import EVENTS
from projects.children.participations import mark_first_signings
from projects.children.sheets import build_sheets
from projects.columns import PROJECTS
from projects.dimensions.dimensions import DIMENSIONS
from projects.doubts.duplicates import IDENTITY
from projects.filters import EventFilterSet, ProjectFilterSet
from projects.models import Participation, Project, SigningEvent
from projects.serializers import (
    BELOW_PROJECTS,
    EventDetailSerializer,
    ListedEventSerializer,
    ListedProjectSerializer,
    ProjectDetailSerializer,
)
from projects.summaries import follow_through
from projects.summaries.facets import USUAL_FACETS, count_facets
from projects.summaries.overview_views import EventOverviewMixin, link_projects
from projects.summaries.serializers import (
    CohortsSerializer,
    FacetsSerializer,
    FollowThroughSerializer,
)
from projects.summaries.sums import count_matching
from projects.summaries.views import SUMMARY_FILES, ProjectSummaryMixin
from projects.writing.doubted import CONFIRM_WRITE, CONFIRM_WRITE_PARAMETER, DoubtedViewMixin

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


class ProjectPagination(RankedPagination):
    """Pages of projects: of all of them, those of a park are counted once after a write."""

    def get_count(self, queryset: Any) -> int:
        return count_matching(queryset)


class ProjectViewSet(
    MergeViewMixin,
    ProjectSummaryMixin,
    RankedViewMixin,
    FilesMixin,
    JSONLinesMixin,
    GeoJSONMixin,
    DoubtedViewMixin,
    HistoryViewMixin,
    PutViewSet,
):
    """Projects: lists and single ones, their facets, and the whole filtered set as a file."""

    readers: ClassVar[Readers] = {
        "bulk": (CONFIRM_WRITE, ON_EXISTING_ROWS),
        "facets": (AS_OF, FILTERS, FACET_DIMENSIONS),
        "cohorts": (AS_OF, FILTERS, COHORTS_BY),
    }
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = [
        *ProjectSummaryMixin.described_parameters,
        CONFIRM_WRITE_PARAMETER,
        ON_EXISTING_PARAMETER,
    ]
    table = PROJECTS
    point_properties = (
        *("code", "name_zh", "name_en", "park", "project_region", "sector", "stage", "standing"),
        *("investment_cny", "investment_qualifier", "investment_basis", "source"),
        *("address", "site", "point_accuracy", "point_datum"),
    )
    has_past = True
    instead_of_methods = {
        **PutViewSet.instead_of_methods,
        **dict.fromkeys(("PUT", "PATCH"), gettext_lazy("POST /projects/bulk writes many.")),
    }
    queryset = Project.objects.all()
    filterset_class = ProjectFilterSet
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = {
        "code": "code_key",
        "name_zh": "name_zh",
        "name_en": "name_en",
        "investment_cny": Ordering("investment_cny", rank="investment_rank"),
        "stage_on": "stage_on",
        "signed_on": "signed_on",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }
    pagination_class = ProjectPagination
    ordering_found = "-investment_cny"
    expandable = ("investors", *BELOW_PROJECTS)

    def get_queryset(self) -> QuerySet:
        visible: Any = select_readable(Project, self.request.user)
        computes = self.action in ("csv", "xlsx", "facets", "summary", *SUMMARY_FILES)
        return visible.with_staleness() if computes else visible

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        is_list = self.action in ("list", "jsonl")
        return ListedProjectSerializer if is_list else ProjectDetailSerializer

    def find_doubted(self, serializer: BaseSerializer[Any]) -> Iterable[int]:
        """Find the project that a PATCH may make like another; what is put is known by its code."""
        project: Any = serializer.instance
        body: Any = serializer.initial_data
        return [project.pk] if serializer.partial and not IDENTITY.isdisjoint(body) else []

    def matching(self) -> Any:
        """Select the projects that the filters select, without anything joined to them."""
        return self.filter_queryset(select_readable(Project, self.request.user))

    def further_sheets(self, rows: QuerySet) -> Iterator[Sheet]:
        return build_sheets(rows, self.request.user)

    @extend_schema(
        summary=gettext_lazy("Counts of the matching projects by dimension"),
        description=gettext_lazy(
            "How many of the matching projects have each value of the dimensions."
        ),
        parameters=[FACETS_PARAMETER],
        responses=FacetsSerializer,
    )
    @action(detail=False)
    def facets(self, request: Request) -> Response:
        """Count projects by dimension."""
        chosen = self.get_value(FACET_DIMENSIONS)
        links = self.list_links()
        asked = links.find_asked(request.user)
        dimensions = {name: DIMENSIONS[name] for name in chosen}
        named = links.find_named(chosen, DIMENSIONS)
        facets = count_facets(self.matching(), dimensions, asked, named)
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
    @action(detail=False)
    def cohorts(self, request: Request) -> Response:
        """Show what became of the contracts of each year."""
        projects = self.matching().exclude(totals_exclusion__in=follow_through.COUNTED_ELSEWHERE)
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

    @extend_schema(
        summary=gettext_lazy("Create and change many projects"),
        description=gettext_lazy(
            "Up to 1,000 projects in one revision: all are written, or none. A row with "
            "`version` changes the project of its `code`, if that is its version still, and "
            "takes the fields of a PATCH. A row without creates a project, or changes the one "
            "that there is: see `on_existing`. Each takes the rows below it, too. Every error "
            "is reported, at its place in the body, and so is every doubt that neither the "
            "row nor the URL confirms."
        ),
        request=BulkSerializer,
        responses={200: BulkAnswerSerializer},
    )
    @action(detail=False, methods=["post"])
    def bulk(self, request: Request) -> Response:
        """Write many projects in one revision."""
        updates = self.get_value(ON_EXISTING_ROWS)
        bulk = BulkWrite(self, request.data, self.get_value(CONFIRM_WRITE), updates=updates)
        written = bulk.write()
        counts = Counter(row.result for row in written)
        return Response(
            {
                **{result: counts[result] for result in RESULTS},
                "projects": [row._asdict() for row in written],
            }
        )


def name_year(year: int | None) -> dict[str, str]:
    """Name the year of contracts as the filter takes it."""
    return {"signed_year": UNKNOWN if year is None else str(year)}


class EventViewSet(EventOverviewMixin, FilesMixin, HistoryViewMixin, PutViewSet):
    """Signing events, what they declared, and what became of the projects signed there."""

    readers: ClassVar[Readers] = {"follow_through": (AS_OF,), "overview": (AS_OF,)}
    table = EVENTS
    has_past = True
    queryset = SigningEvent.objects.all()
    filterset_class = EventFilterSet
    ordering_fields = ["code", "name_zh", "name_en", "held_on", "updated_at"]
    expandable = ("figures",)

    def get_queryset(self) -> QuerySet:
        return select_readable(self.queryset.model, self.request.user)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return ListedEventSerializer if self.action == "list" else EventDetailSerializer

    @extend_schema(
        summary=gettext_lazy("What became of what was signed at an event"),
        description=gettext_lazy(
            "Declared against itemised, and of the itemised how many became contracts, "
            "started ... Itemised are the projects of the ledger that took part, each once; "
            "umbrella agreements, duplicates and parts of others are left out."
        ),
        responses=FollowThroughSerializer,
    )
    @action(detail=True, url_path="follow-through")
    def follow_through(self, request: Request, code: str) -> Response:
        """Show what became of what was signed at an event."""
        event: Any = self.get_object()
        signings = event.participations.filter(role=Participation.Role.SIGNED)
        itemised = (
            select_readable(Project, request.user)
            .filter(pk__in=event.participations.values("project"))
            .exclude(totals_exclusion__in=follow_through.COUNTED_ELSEWHERE)
        )
        events = select_readable(SigningEvent, request.user)
        first = mark_first_signings(signings, events).filter(is_first_signing=True)
        links = link_projects(request, event=event.code, **follow_through.NOT_ELSEWHERE)
        measured = follow_through.measure(itemised, links.narrow, within=Q())
        declared = follow_through.find_declared(event.figures)
        return Response(
            {
                "event": event.code,
                "declared": declared,
                "itemised": measured,
                "first_signings": itemised.filter(pk__in=first.values("project")).count(),
                "coverage_percent": follow_through.work_out_coverage(declared, measured),
                "list_url": links.narrow(),
            }
        )
