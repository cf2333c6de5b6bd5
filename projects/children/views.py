"""Rows and tags that belong to a project or an event, read and written below its URL."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.fields import get_error_detail
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from api.lists.pagination import Ordering
from api.views import LedgerReadViewSet
from parks.access import select_readable
from parks.history.views import HistoryViewSet
from parks.merging.views import build_moved
from parks.models import Organisation
from parks.serializers import ORGANISATION_TAGS, OrganisationTagSerializer
from parks.views import ROLE_PROBLEMS, require_role
from projects.children import columns, serializers
from projects.models import PROMISED_STEP, Project, Return, SigningEvent
from projects.models.words import HEADLINE_INDICATOR
from projects.writing.doubted import DoubtedViewMixin


class OwnedViewSet(HistoryViewSet):
    """Rows of the owner that the URL names, for users who may write that owner.

    By default the owner is a project, and its rows have no codes.
    """

    owner: ClassVar[str] = "project"  # the name of the foreign key, and of the part of the URL
    owners: ClassVar[type[Project] | type[SigningEvent] | type[Organisation]] = Project
    is_work: ClassVar[bool] = False  # whether only the roles of the park see the rows
    lookup_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    code_column = "id"
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["id"]
    ordering_default = "id"

    @cached_property
    def owning_row(self) -> Model:
        """The owner in the URL; NotFound where the user may not see it."""
        code = self.kwargs[self.owner]
        visible = select_readable(self.owners, self.request.user)
        row = visible.filter(code_key=code.lower()).first()
        if row is None:
            raise build_moved(self.request, visible, self.owner, code)
        return row

    def get_queryset(self) -> QuerySet:
        rows: Any = GenericViewSet.get_queryset(self)  # who reads the owner reads its rows
        return rows.filter(**{self.owner: self.owning_row})

    def file_name(self) -> str:
        return f"{self.kwargs[self.owner]}-{self.table.name}"

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if request.method not in SAFE_METHODS:
            self.check_object_permissions(request, self.find_written())
        if self.is_work:
            require_role(request.user, self.owning_row.park_id)  # type: ignore[attr-defined]

    def find_written(self) -> Model:
        """Return the row that the user must have the right to write: the owner."""
        return self.owning_row

    def deletions(self) -> QuerySet:
        return super().deletions().filter(**{self.owner: self.owning_row})

    def lock_owner(self) -> None:
        # Values derived from all rows of a project need all of them
        owner = self.owners.objects.filter(pk=self.owning_row.pk)
        owner.select_for_update(no_key=True).first()

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if self.owner in self.kwargs:
            context["parent_row"] = {self.owner: self.owning_row}
        return context

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        serializer.save(**{self.owner: self.owning_row})


class MilestoneViewSet(DoubtedViewMixin, OwnedViewSet):
    answers_repeated = True
    doubted_field = "type"
    table = columns.MILESTONES
    serializer_class = serializers.MilestoneSerializer

    def find_repeated(self, serializer: BaseSerializer[Any]) -> Model | None:
        """Find the stored milestone that the body repeats; `ValidationError` if texts differ."""
        milestone: Any = serializer
        try:
            return milestone.draft(milestone.validated_data).find_stored()
        except DjangoValidationError as error:
            raise ValidationError(get_error_detail(error)) from error

    def perform_destroy(self, instance: Any) -> None:
        if instance.is_promised():
            raise ValidationError(
                {"promised_on": [ErrorDetail(str(PROMISED_STEP), "without_reason")]}
            )
        super().perform_destroy(instance)

    def find_doubted(self, serializer: BaseSerializer[Any]) -> Iterable[int]:
        """Return the project if the body may sign it: another project may be its intent."""
        body: Any = serializer.initial_data
        return [] if {"type", "status"}.isdisjoint(body) else [self.owning_row.pk]


class ParticipationViewSet(OwnedViewSet):
    table = columns.PARTICIPATIONS
    serializer_class = serializers.ParticipationSerializer

    def get_queryset(self) -> QuerySet:
        visible = select_readable(SigningEvent, self.request.user)
        return super().get_queryset().filter(event__in=visible)


class FundingViewSet(DoubtedViewMixin, OwnedViewSet):
    table = columns.FUNDINGS
    serializer_class = serializers.FundingSerializer
    ordering_fields = ["id", "month"]

    def find_doubted(self, serializer: BaseSerializer[Any]) -> Iterable[int]:
        """Return no project: money that came in makes no duplicate."""
        return ()


class WorkViewSet(OwnedViewSet):
    """Rows for the roles of the project's park."""

    about = gettext_lazy("For the roles of its park.")
    further_problems = ROLE_PROBLEMS
    is_work = True


class YearPlanViewSet(WorkViewSet):
    """The planned investment of a project, year by year."""

    table = columns.PLANS
    serializer_class = serializers.YearPlanSerializer


class AssignmentViewSet(WorkViewSet):
    """The people in charge of a project."""

    table = columns.ASSIGNMENTS
    serializer_class = serializers.AssignmentSerializer


class ReturnViewSet(WorkViewSet):
    """The returns of a project by the district."""

    about = gettext_lazy("For the roles of its park. The district returns, the park answers.")
    table = columns.RETURNS
    serializer_class = serializers.ReturnSerializer

    def find_written(self) -> Model:
        return Return(project_id=self.owning_row.pk)


class LightExcuseViewSet(WorkViewSet):
    """The excuses of a project for its light."""

    table = columns.EXCUSES
    serializer_class = serializers.LightExcuseSerializer


class ObstacleViewSet(WorkViewSet):
    """The obstacles of a project: what blocks it, and who is to solve it by when."""

    table = columns.OBSTACLES
    serializer_class = serializers.ObstacleSerializer
    ordering_fields = ["id", "raised_on"]


class ProgressNoteViewSet(WorkViewSet):
    """The progress notes of a project; appended, not overwritten."""

    lookup_field = "code"
    lookup_value_regex = LedgerReadViewSet.lookup_value_regex
    code_column = "code_key"
    about = gettext_lazy("For the roles of its park. Notes are appended, not overwritten.")
    table = columns.PROGRESS
    serializer_class = serializers.ProgressNoteSerializer
    ordering_fields = ["noted_on", "code"]
    ordering_default = "-noted_on"


class ProjectFigureViewSet(DoubtedViewMixin, OwnedViewSet):
    """Claims about a project; they are appended, not overwritten."""

    lookup_field = "code"
    lookup_value_regex = LedgerReadViewSet.lookup_value_regex
    code_column = "code_key"
    ordering_default = "code"
    ordering_fields = ["code", "as_of"]
    about = gettext_lazy("Claims are appended, not overwritten.")
    doubted_field = "value"
    table = columns.PROJECT_FIGURES
    serializer_class = serializers.ProjectFigureSerializer

    def find_doubted(self, serializer: BaseSerializer[Any]) -> Iterable[int]:
        """Return the project if its amount may change: another project may have that amount."""
        body: Any = serializer.initial_data
        return [self.owning_row.pk] if body.get("indicator") == HEADLINE_INDICATOR else []


class EventFigureViewSet(OwnedViewSet):
    """The figures that an event declared; appended, not overwritten."""

    lookup_field = "code"
    lookup_value_regex = LedgerReadViewSet.lookup_value_regex
    code_column = "code_key"
    ordering_default = "code"
    ordering_fields = ["code", "as_of"]
    about = gettext_lazy("Claims are appended, not overwritten.")
    table = columns.EVENT_FIGURES
    owner = "event"
    owners = SigningEvent
    serializer_class = serializers.EventFigureSerializer


class EventParticipationViewSet(OwnedViewSet):
    """The projects that took part in an event; each is written below its project."""

    about = gettext_lazy("Each is written below its project.")
    table = columns.EVENT_PARTICIPATIONS
    owner = "event"
    owners = SigningEvent
    serializer_class = serializers.EventParticipationSerializer
    instead_of_methods = {"POST": serializers.EVENT_REMEDIES["participations"]}

    def get_queryset(self) -> QuerySet:
        person = self.request.user
        rows = serializers.keep_visible_projects(super().get_queryset(), person)
        return serializers.mark_first_signings(rows, select_readable(SigningEvent, person))


class OrganisationTagViewSet(OwnedViewSet):
    """The tags of an organisation: of which year or term, and who says so."""

    about = gettext_lazy("Tags are those of `/tags`; what its parent has stands there.")
    owner = "organisation"
    owners = Organisation
    table = ORGANISATION_TAGS
    serializer_class = OrganisationTagSerializer
    ordering_fields = ["id", "year"]


class ProjectTagViewSet(OwnedViewSet):
    """The tags of a project: of which year or batch, and who says so."""

    about = gettext_lazy("Tags are those of `/tags`.")
    table = columns.PROJECT_TAGS
    serializer_class = serializers.ProjectTagSerializer
    ordering_fields = ["id", "year"]
