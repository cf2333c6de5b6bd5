"""The rows that belong to a project or an event: read and written below its URL."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import Model, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.fields import get_error_detail
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from config.api.views import LedgerReadViewSet, LedgerViewSet
from parks.access import select_readable
from parks.file_views import FilesMixin
from parks.history.views import HistoryViewMixin
from parks.merging.views import build_moved
from parks.models import Organisation
from parks.roles import ROLE_PROBLEMS, ForRolesMixin, require_role
from projects.children.columns import (
    ASSIGNMENTS,
    EVENT_FIGURES,
    EVENT_PARTICIPATIONS,
    FUNDINGS,
    MILESTONES,
    PARTICIPATIONS,
    PLANS,
    PROGRESS,
    PROJECT_FIGURES,
)
from projects.children.participations import keep_visible_projects, mark_first_signings
from projects.children.serializers import (
    AssignmentSerializer,
    EventFigureSerializer,
    EventParticipationSerializer,
    FundingSerializer,
    MilestoneSerializer,
    ParticipationSerializer,
    ProgressNoteSerializer,
    ProjectFigureSerializer,
    YearPlanSerializer,
)
from projects.lifecycle.words import HEADLINE_INDICATOR
from projects.models import (
    Assignment,
    EventFigure,
    Funding,
    Milestone,
    Participation,
    ProgressNote,
    Project,
    ProjectFigure,
    SigningEvent,
    YearPlan,
)
from projects.remedies import EVENT_REMEDIES
from projects.writing.doubted import CONFIRM_WRITE_PARAMETER, DoubtedViewMixin


class OwnedReadViewSet(FilesMixin, LedgerReadViewSet):
    """Rows of the one that the URL names before them, if the person may see it."""

    has_past = True
    owner: ClassVar[str]  # the name of the foreign key, and of the part of the URL
    owners: ClassVar[type[Project] | type[SigningEvent] | type[Organisation]]

    @cached_property
    def owning_row(self) -> Model:
        """The row that the URL names; NotFound where this person may not see it."""
        code = self.kwargs[self.owner]
        visible = select_readable(self.owners, self.request.user)
        row = visible.filter(code_key=code.lower()).first()
        if row is None:
            raise build_moved(self.request, visible, self.owner, code)
        return row

    def get_queryset(self) -> QuerySet:
        return super().get_queryset().filter(**{self.owner: self.owning_row})

    def file_name(self) -> str:
        return f"{self.kwargs[self.owner]}-{self.table.name}"


class OwnedViewSet(OwnedReadViewSet, HistoryViewMixin, LedgerViewSet):
    """The same, written by those who may write the one that they belong to."""

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if request.method not in SAFE_METHODS:  # to write a row of it is to write it
            self.check_object_permissions(request, self.owning_row)

    def deletions(self) -> QuerySet:
        return super().deletions().filter(**{self.owner: self.owning_row})

    def lock_owner(self) -> None:
        # What the rows of a project derive together is not to be derived from half of them.
        owner = self.owners.objects.filter(pk=self.owning_row.pk)
        owner.select_for_update(no_key=True).first()

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        if self.owner in self.kwargs:
            context["parent_row"] = {self.owner: self.owning_row}
        return context

    def perform_create(self, serializer: BaseSerializer[Any]) -> None:
        serializer.save(**{self.owner: self.owning_row})


class ProjectRowViewSet(OwnedViewSet):
    """Rows of a project without a code of their own; writing one derives the project again."""

    owner = "project"
    owners = Project
    lookup_field = "id"
    lookup_value_regex = "[0-9]{1,18}"
    code_column = "id"
    ordering_fields = ["id"]
    ordering_default = "id"


class MilestoneViewSet(DoubtedViewMixin, ProjectRowViewSet):
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = [
        *ProjectRowViewSet.described_parameters,
        CONFIRM_WRITE_PARAMETER,
    ]
    answers_repeated = True
    doubted_field = "type"
    table = MILESTONES
    queryset = Milestone.objects.all()
    serializer_class = MilestoneSerializer

    def find_repeated(self, serializer: BaseSerializer[Any]) -> Model | None:
        """Find the milestone that the body says again; `ValidationError` if by other texts."""
        said: Any = serializer
        try:
            return said.draft(said.validated_data).find_stored()
        except DjangoValidationError as error:
            raise ValidationError(get_error_detail(error)) from error

    def find_doubted(self, serializer: BaseSerializer[Any]) -> Iterable[int]:
        """Find the project, if it may be signed by this: perhaps that was the intent of another."""
        body: Any = serializer.initial_data
        return [] if {"type", "status"}.isdisjoint(body) else [self.owning_row.pk]


class ParticipationViewSet(ProjectRowViewSet):
    table = PARTICIPATIONS
    queryset = Participation.objects.all()
    serializer_class = ParticipationSerializer

    def get_queryset(self) -> QuerySet:
        visible = select_readable(SigningEvent, self.request.user)
        return super().get_queryset().filter(event__in=visible)


class FundingViewSet(ProjectRowViewSet):
    table = FUNDINGS
    queryset = Funding.objects.all()
    serializer_class = FundingSerializer
    ordering_fields = ["id", "month"]


class WorkMixin(ForRolesMixin):
    """Rows of a project for the roles of its park, and for nobody else."""

    about = gettext_lazy("For the roles of its park.")
    further_problems = ROLE_PROBLEMS

    def require_role(self) -> None:
        """Refuse those who have no role in the park of the project."""
        require_role(self.request.user, self.owning_row.park_id)  # type: ignore[attr-defined]


class YearPlanViewSet(WorkMixin, ProjectRowViewSet):
    """What is to be invested in a project, year by year, for the roles of its park."""

    table = PLANS
    queryset = YearPlan.objects.all()
    serializer_class = YearPlanSerializer


class AssignmentViewSet(WorkMixin, ProjectRowViewSet):
    """Who answers for a project, for the roles of its park."""

    table = ASSIGNMENTS
    queryset = Assignment.objects.all()
    serializer_class = AssignmentSerializer


class ProgressNoteViewSet(WorkMixin, OwnedViewSet):
    """What was noted of a project, for the roles of its park; appended, not overwritten."""

    about = gettext_lazy("For the roles of its park. Notes are appended, not overwritten.")
    table = PROGRESS
    owner = "project"
    owners = Project
    queryset = ProgressNote.objects.all()
    serializer_class = ProgressNoteSerializer
    ordering_fields = ["noted_on", "code"]
    ordering_default = "-noted_on"


class ProjectFigureViewSet(DoubtedViewMixin, OwnedViewSet):
    """Claims about a project; they are appended, not overwritten."""

    about = gettext_lazy("Claims are appended, not overwritten.")
    described_parameters: ClassVar[Sequence[OpenApiParameter]] = [
        *OwnedViewSet.described_parameters,
        CONFIRM_WRITE_PARAMETER,
    ]
    doubted_field = "value"

    table = PROJECT_FIGURES
    owner = "project"
    owners = Project
    queryset = ProjectFigure.objects.all()
    serializer_class = ProjectFigureSerializer
    ordering_fields = ["code", "as_of"]

    def find_doubted(self, serializer: BaseSerializer[Any]) -> Iterable[int]:
        """Find the project, which by another amount may become like one that has it."""
        body: Any = serializer.initial_data
        return [self.owning_row.pk] if body.get("indicator") == HEADLINE_INDICATOR else []


class EventFigureViewSet(OwnedViewSet):
    """What an event declared; appended, not overwritten."""

    about = gettext_lazy("Claims are appended, not overwritten.")
    table = EVENT_FIGURES
    owner = "event"
    owners = SigningEvent
    queryset = EventFigure.objects.all()
    serializer_class = EventFigureSerializer
    ordering_fields = ["code", "as_of"]


class EventParticipationViewSet(OwnedReadViewSet):
    """The projects that took part in an event; each is written below its project."""

    about = gettext_lazy("Each is written below its project.")
    table = EVENT_PARTICIPATIONS
    owner = "event"
    owners = SigningEvent
    queryset = Participation.objects.all()
    serializer_class = EventParticipationSerializer
    ordering_fields = ["id"]
    ordering_default = "id"
    instead_of_methods = {"POST": EVENT_REMEDIES["participations"]}

    def get_queryset(self) -> QuerySet:
        person = self.request.user
        rows = keep_visible_projects(super().get_queryset(), person)
        return mark_first_signings(rows, select_readable(SigningEvent, person))
