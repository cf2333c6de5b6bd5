"""The REST resources of projects and signing events."""

from collections.abc import Collection
from tempfile import SpooledTemporaryFile
from typing import Any

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.serializers import BaseSerializer

from config.api.errors import ParameterError, QueryError
from config.api.files import file_response
from config.api.ordering import Ordering, in_order
from config.api.suggestions import nearest
from config.api.views import LedgerViewSet
from config.spreadsheets import write_csv
from projects.columns import ANNOTATIONS, PROJECT_COLUMNS
from projects.facets import DIMENSIONS, facet
from projects.filters import EventFilterSet, ProjectFilterSet
from projects.models import Milestone, Participation, Project, SigningEvent
from projects.serializers import (
    EventDetailSerializer,
    EventSerializer,
    FacetsSerializer,
    MilestoneSerializer,
    ParticipationSerializer,
    ProjectDetailSerializer,
    ProjectSerializer,
)

SPOOL_BYTES = 4 * 2**20  # a smaller file never touches the disk


class ProjectViewSet(LedgerViewSet):
    """Projects: lists and single ones, their facets, and the whole filtered set as a file."""

    queryset = Project.objects.select_related(
        "park", "origin", "sector", "source", "part_of", "duplicate_of"
    ).prefetch_related("investors__organisation")
    filterset_class = ProjectFilterSet
    ordering_fields = {
        "code": "code_key",
        "name_zh": "name_zh",
        "name_en": "name_en",
        "investment_cny": Ordering("investment_cny", descending="investment_rank"),
        "land_mu": "land_mu",
        "stage_on": "stage_on",
        "intended_on": "intended_on",
        "signed_on": "signed_on",
        "started_on": "started_on",
        "completed_on": "completed_on",
        "operating_on": "operating_on",
        "created_at": "created_at",
        "updated_at": "updated_at",
    }

    def get_queryset(self) -> QuerySet:
        visible = super().get_queryset().visible_to(self.request.user)
        if self.action in ("list", "csv", "facets"):
            return visible
        return visible.prefetch_related(
            "milestones__event", "milestones__source", "figures__indicator", "figures__source"
        )

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return ProjectSerializer if self.action == "list" else ProjectDetailSerializer

    def get_query_parameters(self) -> Collection[str]:
        if self.action == "csv":
            return self.get_filter_parameters() | {"ordering"}
        if self.action == "facets":
            return self.get_filter_parameters() | {"facets"}
        return super().get_query_parameters()

    def matching(self) -> QuerySet:
        """The projects that the filters of the request select, without anything joined to them."""
        visible = Project.objects.visible_to(self.request.user)
        return self.filter_queryset(visible)

    @extend_schema(
        summary="All matching projects as a CSV file",
        responses={(200, "text/csv"): OpenApiTypes.BINARY},
    )
    def csv(self, request: Request) -> FileResponse:
        """All matching projects as one CSV file: complete, or not sent at all."""
        ordering = request.query_params.get("ordering", self.ordering_default)
        annotations = {name: make() for name, make in ANNOTATIONS.items()}
        paths = [path for column in PROJECT_COLUMNS for path in column.paths]
        rows = in_order(self.matching().annotate(**annotations), ordering, self)
        file = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 the response closes it
        written = write_csv(PROJECT_COLUMNS, rows.values_list(*paths).iterator(2000), file)
        return file_response(
            file, "projects.csv", "text/csv; charset=utf-8; header=present", written
        )

    @extend_schema(
        summary="Counts of the matching projects by dimension",
        parameters=[
            OpenApiParameter(
                "facets",
                description=_lazy("Dimensions to count by, with commas; all of them by default."),
                enum=list(DIMENSIONS),
                many=True,
                explode=False,
            )
        ],
        responses=FacetsSerializer,
    )
    @action(detail=False)
    def facets(self, request: Request) -> Response:
        """How many of the matching projects have each value of the dimensions."""
        chosen = self.chosen_dimensions(request.query_params.get("facets"))
        matching = self.matching()
        return Response(
            {
                "count": matching.count(),
                "facets": {
                    name: [
                        item | {"list_url": self.list_url(name, item["value"])}
                        for item in facet(matching, DIMENSIONS[name])
                    ]
                    for name in chosen
                },
            }
        )

    def chosen_dimensions(self, text: str | None) -> list[str]:
        """The dimensions that `facets=` names, or all of them."""
        names = list(dict.fromkeys(text.split(","))) if text else list(DIMENSIONS)
        unknown = [name for name in names if name not in DIMENSIONS]
        if unknown:
            raise QueryError(
                [
                    ParameterError(
                        "facets",
                        "unknown_value",
                        _("“%(name)s” is not one of: %(names)s.")
                        % {"name": name, "names": ", ".join(DIMENSIONS)},
                        nearest(name, DIMENSIONS),
                    )
                    for name in unknown
                ]
            )
        return names

    def list_url(self, dimension: str, value: Any) -> str:
        """The list of exactly the projects that are counted in one item of a facet."""
        query = self.request.query_params.copy()
        query.pop("facets", None)
        query[dimension] = "unknown" if value is None else str(value)
        return f"{reverse('project-list', request=self.request)}?{query.urlencode()}"


class ProjectRowViewSet(LedgerViewSet):
    """Rows that belong to the project in the address; writing one derives the project anew."""

    lookup_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    code_column = "id"
    ordering_fields = ["id"]
    ordering_default = "id"

    @cached_property
    def project(self) -> Project:
        visible = Project.objects.visible_to(self.request.user)
        project = visible.filter(code_key=self.kwargs["project"].lower()).first()
        if project is None:
            raise NotFound(_("There is no project “%(code)s”.") % {"code": self.kwargs["project"]})
        return project

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(project=self.project)

    def get_serializer_context(self) -> dict[str, Any]:
        context = super().get_serializer_context()
        if "project" in self.kwargs:
            context["parent_row"] = {"project": self.project}
        return context

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        serializer.save(project=self.project)


class MilestoneViewSet(ProjectRowViewSet):
    queryset = Milestone.objects.select_related("event", "source")
    serializer_class = MilestoneSerializer


class ParticipationViewSet(ProjectRowViewSet):
    queryset = Participation.objects.select_related("event")
    serializer_class = ParticipationSerializer

    def get_queryset(self) -> QuerySet:
        visible = SigningEvent.objects.visible_to(self.request.user)
        return super().get_queryset().filter(event__in=visible)


class EventViewSet(LedgerViewSet):
    queryset = SigningEvent.objects.select_related("park", "source")
    filterset_class = EventFilterSet
    ordering_fields = ["code", "name_zh", "name_en", "held_on", "updated_at"]

    def get_queryset(self) -> QuerySet:
        visible = super().get_queryset().visible_to(self.request.user)
        return (
            visible
            if self.action == "list"
            else visible.prefetch_related("figures__indicator", "figures__source")
        )

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        return EventSerializer if self.action == "list" else EventDetailSerializer
