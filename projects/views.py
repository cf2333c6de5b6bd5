"""The REST resources of projects, of signing events, and of parks with their projects."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer

from api.files import TABLE_ACTIONS
from api.lists.as_of import AS_OF
from api.lists.pagination import KeysetPagination
from api.readers import Readers
from api.serializers import CODE, NAME_FIELDS
from api.views import WITH_PUT, AnswerViewSet
from config.database.prepared import snapshot
from parks.access import select_readable
from parks.history.views import HistoryViewSet
from parks.merging.duplicates import DuplicatesViewSet
from parks.merging.views import MergeViewSet
from parks.models import Park
from parks.serializers import ParkDetailSerializer
from parks.views import ParkViewSet
from projects.bulk import (
    ON_EXISTING_PARAMETER,
    ON_EXISTING_ROWS,
    RESULTS,
    BulkAnswerSerializer,
    BulkSerializer,
    BulkWrite,
)
from projects.children.columns import EVENTS, build_sheets
from projects.children.serializers import mark_first_signings
from projects.columns import PROJECTS
from projects.filters import PROJECT_ORDERINGS, EventFilterSet, ProjectFilterSet
from projects.models import DistinctPair, Participation, Project, SigningEvent
from projects.serializers import (
    BELOW_PROJECTS,
    EventDetailSerializer,
    ListedEventSerializer,
    ListedProjectSerializer,
    ProjectDetailSerializer,
)
from projects.summaries import follow_through
from projects.summaries.serializers import (
    EventOverviewSerializer,
    FollowThroughSerializer,
    ParkOverviewSerializer,
)
from projects.summaries.sums import count_matching
from projects.summaries.tables import FOLLOW_THROUGH_TABLE
from projects.summaries.totals import FundingSummary
from projects.summaries.views import EVENT_PARTS, PARK_FLOWS, PARK_PARTS, build_part, link_rows
from projects.writing.doubted import CONFIRM_WRITE, DoubtedViewMixin
from projects.writing.doubts import IDENTITY, find_project_pairs
from sheets.writing.columns import Sheet


class ProjectPagination(KeysetPagination):
    """Pages of projects, counted from the sums kept by park."""

    def get_count(self, queryset: Any) -> int:
        return count_matching(queryset)


class ProjectViewSet(DoubtedViewMixin, MergeViewSet):
    """Projects: lists, details, and files of all filtered projects."""

    http_method_names = WITH_PUT
    readers: ClassVar[Readers] = {"bulk": (CONFIRM_WRITE, ON_EXISTING_ROWS)}
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = [
        *DoubtedViewMixin.described_parameters,
        ON_EXISTING_PARAMETER,
    ]
    table = PROJECTS
    file_endings = (*TABLE_ACTIONS, "jsonl", "geojson")
    point_properties = (
        *("code", "name_zh", "name_en", "park", "project_region", "sector", "stage", "standing"),
        *("investment_cny", "investment_qualifier", "investment_basis", "source"),
        *("address", "site", "point_accuracy", "point_datum"),
    )
    instead_of_methods = {
        **MergeViewSet.instead_of_methods,
        **dict.fromkeys(("PUT", "PATCH"), gettext_lazy("POST /projects/bulk writes many.")),
    }
    serializer_class = ListedProjectSerializer
    detail_serializer_class = ProjectDetailSerializer
    filterset_class = ProjectFilterSet
    ordering_fields = PROJECT_ORDERINGS
    pagination_class = ProjectPagination
    ordering_found = "-investment_cny"
    expandable = ("investors", *BELOW_PROJECTS)

    def get_queryset(self) -> QuerySet:
        visible: Any = super().get_queryset()
        return visible.with_staleness() if self.action in TABLE_ACTIONS else visible

    def find_doubted(self, serializer: BaseSerializer[Any]) -> Iterable[int]:
        """Return the project if a PATCH may make it like another."""
        project: Any = serializer.instance
        body: Any = serializer.initial_data
        return [project.pk] if serializer.partial and not IDENTITY.isdisjoint(body) else []

    def further_sheets(self, rows: QuerySet) -> Iterator[Sheet]:
        return build_sheets(rows, self.request.user)

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


class EventViewSet(HistoryViewSet):
    """Signing events, what they declared, and what became of the projects signed there."""

    readers: ClassVar[Readers] = {"overview": (AS_OF,)}
    http_method_names = WITH_PUT
    table = EVENTS
    serializer_class = ListedEventSerializer
    detail_serializer_class = EventDetailSerializer
    filterset_class = EventFilterSet
    ordering_fields = ["code", "name_zh", "name_en", "held_on", "updated_at"]
    expandable = ("figures",)

    @extend_schema(
        summary=gettext_lazy("An event's totals in one answer"),
        description=gettext_lazy(
            "They are of the projects of the ledger that took part, each once; umbrella "
            "agreements, duplicates and parts of others are left out."
        ),
        responses=EventOverviewSerializer,
    )
    @action(detail=True)
    def overview(self, request: Request, code: str) -> Response:
        with snapshot():
            event: Any = self.get_object()
            filters = {"event": event.code, **follow_through.NOT_ELSEWHERE}
            return Response(
                {
                    "event": event.code,
                    "name_zh": event.name_zh,
                    "name_en": event.name_en,
                    **{
                        name: build_part(request, text, filters)
                        for name, text in EVENT_PARTS.items()
                    },
                    "follow_through": follow_event(request, event),
                }
            )


def follow_event(request: Request, event: Any) -> dict[str, Any]:
    """Measure what became of the projects that were signed at an event."""
    signings = event.participations.filter(role=Participation.Role.SIGNED)
    itemised = (
        select_readable(Project, request.user)
        .filter(pk__in=event.participations.values("project"))
        .exclude(totals_exclusion__in=follow_through.COUNTED_ELSEWHERE)
    )
    events = select_readable(SigningEvent, request.user)
    first = mark_first_signings(signings, events).filter(is_first_signing=True)
    links = link_rows(request, {"event": event.code, **follow_through.NOT_ELSEWHERE})
    measured = follow_through.measure(itemised, links.narrow, within=Q())
    declared = follow_through.find_declared(event.figures)
    return {
        "event": event.code,
        "declared": declared,
        "itemised": measured,
        "first_signings": itemised.filter(pk__in=first.values("project")).count(),
        "coverage_percent": follow_through.work_out_coverage(declared, measured),
        "list_url": links.narrow(),
    }


class FollowThroughViewSet(AnswerViewSet):
    """What became of what was signed at an event."""

    summary = gettext_lazy("What became of what was signed at an event")
    about = gettext_lazy(
        "Declared against itemised, and of the itemised how many became contracts, "
        "started ... Itemised are the projects of the ledger that took part, each once; "
        "umbrella agreements, duplicates and parts of others are left out."
    )
    answered_by = FollowThroughSerializer
    asks = (AS_OF,)
    table = FOLLOW_THROUGH_TABLE
    rows_are = Project
    queryset = SigningEvent.objects.all()

    def compute_answer(self) -> dict[str, Any]:
        return follow_event(self.request, self.get_object())

    def compute_rows(self) -> Iterator[dict[str, Any]]:
        yield self.compute_answer()

    def file_name(self) -> str:
        return f"{self.kwargs['code'].lower()}-follow-through"


class ProjectDuplicatesViewSet(DuplicatesViewSet):
    queryset = Project.objects.all()
    filterset_class = ProjectFilterSet
    merge_address = "project-merge"
    find_pairs = staticmethod(find_project_pairs)
    distinct = DistinctPair


@extend_schema_serializer(component_name="ParkDetail")
class ParkWithProjectsSerializer(ParkDetailSerializer):
    """A park with its headline figures and its largest projects."""

    projects = serializers.SerializerMethodField()

    class Meta(ParkDetailSerializer.Meta):
        fields = [*ParkDetailSerializer.Meta.fields, "projects"]

    def get_projects(self, park: Park) -> dict[str, Any]:
        request = self.context["request"]
        visible = select_readable(Project, request.user).filter(park=park)
        words = ["stage", "investment_qualifier"]
        largest = visible.order_by("-investment_rank", "-id").values(
            *CODE, *NAME_FIELDS, "investment_cny", *words
        )[:10]
        return {
            "count": visible.count(),
            "list_url": f"{reverse('project-list', request=request)}?park={park.code}",
            "largest": [row | {word: row[word] or None for word in words} for row in largest],
        }


class ParkWithProjectsViewSet(ParkViewSet):
    readers = {"overview": (AS_OF,)}
    detail_serializer_class = ParkWithProjectsSerializer

    @extend_schema(
        summary=gettext_lazy("A park's totals in one answer"),
        description=gettext_lazy(
            "`signed` and `follow_through` are of the projects that count in totals."
        ),
        responses=ParkOverviewSerializer,
    )
    def overview(self, request: Request, code: str) -> Response:
        with snapshot():
            park: Any = self.get_object()
            filters = {"park": park.code}
            parts = {n: build_part(request, text, filters) for n, text in PARK_PARTS.items()}
            projects = select_readable(Project, request.user).filter(park=park)
            links = link_rows(request, filters | follow_through.NOT_ELSEWHERE)
            return Response(
                {
                    "park": park.code,
                    "name_zh": park.name_zh,
                    "name_en": park.name_en,
                    **parts,
                    "flows": build_part(request, PARK_FLOWS, filters, FundingSummary),
                    "follow_through": follow_through.measure(
                        projects.exclude(totals_exclusion__in=follow_through.COUNTED_ELSEWHERE),
                        links.narrow,
                    ),
                }
            )
