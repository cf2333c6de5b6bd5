"""GET /attention, /progress, /plans and /plan-moves, for the roles of a park."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.viewsets import GenericViewSet

from api.base import LedgerView
from api.lists.filters import (
    FILTERS,
    UNKNOWN,
    FlagFilter,
    FromFilter,
    LedgerFilterSet,
    RowsFilter,
    StrictFilterBackend,
    WordsFilter,
    YearsFilter,
)
from api.views import LedgerReadViewSet
from config.database import history
from config.database.prepared import snapshot
from parks.access import rights_of, select_readable
from parks.models import ImportBatch, Park
from parks.views import ForRolesMixin, select_worked_parks
from projects.children import columns
from projects.children.serializers import (
    ObstacleSerializer,
    PlanMoveSerializer,
    ProgressNoteSerializer,
    YearPlanSerializer,
)
from projects.dimensions import filters
from projects.filters import FundingFilterSet
from projects.lifecycle import due
from projects.models import Obstacle, ProgressNote, Project, Return
from projects.models.words import MILESTONE_TYPES, STAGES, Stage
from projects.summaries.sums import count_matching
from projects.summaries.views import link_rows

SILENT_MONTHS = 3  # without news or steps
OBSTACLE_DAYS = 31  # that an obstacle is open: longer than 30
MOST_SHOWN = 10  # of each kind
FIRST_REASON = Subquery(
    Return.objects.filter(project=OuterRef("pk"), answer="").order_by("id").values("reason")[:1]
)
_BEFORE_OPERATION = ",".join([*STAGES[: STAGES.index(Stage.OPERATING)], UNKNOWN])
_UNDER_WAY = {"standing": "active", "stage": _BEFORE_OPERATION}


@dataclass(frozen=True)
class Concern:
    """A kind of projects that need attention: their filters and their order.

    With `has_unknown`, those of which the ordering day is not known come first.
    """

    title: str | Promise
    filters: Mapping[str, str]
    order: str
    has_unknown: bool = False


CONCERNS = {
    "overdue": Concern(
        _("past the day planned for the next step"), {"overdue": "true"}, "next_planned_on"
    ),
    "past_promise": Concern(
        _("past the day promised for a step"), {"overdue_promise": "true"}, "-investment_rank"
    ),
    "due": Concern(_("next step planned within 90 days"), {"due": "true"}, "next_planned_on"),
    "silent": Concern(
        _("nothing written for three months"),
        {**_UNDER_WAY, "silent_months_min": str(SILENT_MONTHS)},
        "news_on",
        has_unknown=True,
    ),
    "stalled": Concern(
        _("no milestone and no money for three months"),
        {**_UNDER_WAY, "stalled_months_min": str(SILENT_MONTHS)},
        "stage_on",
        has_unknown=True,
    ),
    "steps_due": Concern(
        _("next step noted for a day that has passed"),
        {"standing": "active", "next_step_overdue": "true"},
        "next_step_due_on",
    ),
    "returned": Concern(
        _("returned by the district, without an answer"), {"returned": "true"}, "-updated_at"
    ),
    "red_lights": Concern(_("red light"), {"light": "red"}, "-updated_at"),
    "obstacles": Concern(
        _("with obstacles open for more than 30 days"),
        {"obstacle_days_min": str(OBSTACLE_DAYS)},
        "obstacle_since",
    ),
    "reviews": Concern(_("past the day of review"), {"past_review": "true"}, "review_on"),
    "incomplete": Concern(
        _("amount in yuan, origin, sector, source or day not known"),
        {"standing": "active", "missing": ",".join(due.MISSING)},
        "-investment_rank",
    ),
    "drafts": Concern(_("not published yet"), {"publication": "draft"}, "-updated_at"),
    "conflicts": Concern(
        _("claims that contradict"), {"claims_in_conflict": "true"}, "-investment_rank"
    ),
}


def show_first(projects: QuerySet, concern: Concern) -> list[dict[str, Any]]:
    """List the first projects of a concern, with plans and news."""
    first, today = due.find_obstacles(), history.today()
    late = due.find_open_steps(due.PROMISE_END).filter(project=OuterRef("pk"), due__lt=today)
    late = late.order_by("due", "id")
    projects = projects.annotate(
        return_reason=FIRST_REASON,
        obstacle=Subquery(first.values("problem")[:1]),
        obstacle_since=Subquery(first.values("raised_on")[:1]),
        responsible_person=columns.join_responsible_people(project="pk"),
        promised_step=Subquery(late.values("type")[:1]),
        promised_until=Subquery(late.values("due")[:1]),
    )
    # Two queries, each in the order of an index, which NULLS FIRST could not use
    rows: list[dict[str, Any]] = []
    fields = AttentionProjectSerializer().get_fields()
    shown = [name for name in fields if name not in ("park", "days_late")]
    for is_unknown in (True, False) if concern.has_unknown else (False,):
        part = projects.filter(**{f"{concern.order.removeprefix('-')}__isnull": is_unknown})
        part = part.order_by(concern.order, "id").values(*shown, "park__code")
        rows += part[: MOST_SHOWN - len(rows)]
    return [
        {
            **{name: row[name] for name in shown},
            "park": row["park__code"],
            "stage": row["stage"] or None,
            "news_on": row["news_on"] and due.find_news_day(row["news_on"]),
            "days_late": row["promised_until"] and (today - row["promised_until"]).days,
        }
        for row in rows
    ]


class WorkFilterSet(LedgerFilterSet):
    """Rows for the roles of parks, by their park and project."""

    park = filters.WorkedParksFilter("project__park", rows=Park, may_be_unknown=False)
    project = RowsFilter(rows=Project, may_be_unknown=False)


class ProgressFilterSet(WorkFilterSet):
    noted_from = FromFilter("noted_on")
    noted_to = filters.DayToFilter("noted_on")
    due_from = FromFilter("due_on")
    due_to = filters.DayToFilter("due_on")


class ProgressListViewSet(ForRolesMixin, LedgerReadViewSet):
    """The notes that stand, of the parks in which one has a role: the week of a park, say."""

    about = _("The notes that stand, of the parks in which you have a role.")
    table = columns.PROGRESS
    queryset = ProgressNote.objects.standing()
    serializer_class = ProgressNoteSerializer
    filterset_class = ProgressFilterSet
    ordering_fields = ["noted_on", "due_on", "code"]
    ordering_default = "-noted_on"


class PlanMoveFilterSet(WorkFilterSet):
    step = filters.StepsFilter()
    moved_from = FromFilter("moved_on")
    moved_to = filters.DayToFilter("moved_on")
    is_promise = FlagFilter(when=Q(is_promise=True), help_text=_("Moves of promised days."))


class PlanMoveListViewSet(ForRolesMixin, LedgerReadViewSet):
    """The moves of plans and promises in one's parks: which step, how far, why and by whom."""

    about = _("Of the parks in which you have a role.")
    table = columns.MOVES_OF_PLANS
    serializer_class = PlanMoveSerializer
    filterset_class = PlanMoveFilterSet
    ordering_fields = ["id", "moved_on"]
    ordering_default = "-moved_on"


class PlanFilterSet(FundingFilterSet):
    """Plans by what flows of money are narrowed by: a sum of plans opens into their list."""

    without_twin = ("project", "year")
    project = RowsFilter(rows=Project, may_be_unknown=False)
    year = YearsFilter()

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        for name, value in self.form.cleaned_data.items():
            if name not in FundingFilterSet.base_filters:
                queryset = self.filters[name].filter(queryset, value)
        return self.narrow_plans(queryset)


class PlanListViewSet(ForRolesMixin, LedgerReadViewSet):
    """What is to be invested in the projects of one's parks in a year, and what was completed."""

    about = _("Planned and completed, of the parks in which you have a role.")
    table = columns.PLANS
    serializer_class = YearPlanSerializer
    filterset_class = PlanFilterSet
    ordering_fields = ["id", "year"]
    ordering_default = "-year"


class ObstacleFilterSet(WorkFilterSet, metaclass=filters.TwinsMetaclass):
    kind = WordsFilter(choices=Obstacle.Kind)
    responsible_unit = filters.NamesFilter()
    responsible_person = filters.NamesFilter()
    open = FlagFilter(when=due.is_open_for, help_text=_("Obstacles that are not solved."))
    open_days_min = filters.OpenDaysFilter()
    overdue = FlagFilter(
        when=lambda: due.is_open_for() & Q(due_on__lt=history.today()),
        help_text=_("Open obstacles whose last day for solving has passed."),
    )
    raised_from = FromFilter("raised_on")
    raised_to = filters.DayToFilter("raised_on")
    due_from = FromFilter("due_on")
    due_to = filters.DayToFilter("due_on")
    solved_from = FromFilter("solved_on")
    solved_to = filters.DayToFilter("solved_on")


class ObstacleListViewSet(ForRolesMixin, LedgerReadViewSet):
    """What blocks the projects of one's parks, who is to solve it by when, and what was solved."""

    about = _("Of the parks in which you have a role.")
    table = columns.OBSTACLES
    serializer_class = ObstacleSerializer
    filterset_class = ObstacleFilterSet
    ordering_fields = ["raised_on", "due_on", "solved_on", "responsible_unit", "id"]
    ordering_default = "raised_on"


class AttentionProjectSerializer(serializers.Serializer):
    """A project as far as one must know to see what is to be done."""

    code = serializers.CharField()
    name_zh = serializers.CharField()
    name_en = serializers.CharField()
    park = serializers.CharField(help_text=_("The code of the park."))
    stage = serializers.ChoiceField(Stage.choices, allow_null=True)
    next_planned_on = serializers.DateField(allow_null=True)
    news_on = serializers.DateField(allow_null=True)
    responsible_unit = serializers.CharField()
    latest_progress_on = serializers.DateField(allow_null=True)
    next_step = serializers.CharField(allow_null=True)
    next_step_due_on = serializers.DateField(allow_null=True)
    return_reason = serializers.CharField(
        allow_null=True, help_text=_("Why the district returned it.")
    )
    obstacle = serializers.CharField(
        allow_null=True, help_text=_("The open obstacle that was raised first.")
    )
    obstacle_since = serializers.DateField(allow_null=True)
    responsible_person = serializers.CharField(allow_null=True)
    promised_step = serializers.ChoiceField(
        MILESTONE_TYPES, allow_null=True, help_text=_("The step of which a promise passed first.")
    )
    promised_until = serializers.DateField(allow_null=True)
    days_late = serializers.IntegerField(allow_null=True)


class ConcernSerializer(serializers.Serializer):
    """Projects of one kind: how many, the list of all, and the ten that come first."""

    title = serializers.CharField()
    count = serializers.IntegerField()
    list_url = serializers.URLField()
    results = AttentionProjectSerializer(many=True)


class WaitingImportSerializer(serializers.Serializer):
    """A file of one's own that was checked and not applied."""

    code = serializers.CharField()
    file_name = serializers.CharField()
    resource = serializers.CharField()
    url = serializers.URLField()


class WaitingImportsSerializer(ConcernSerializer):
    """One's imports that wait: how many, the list of all imports, and the newest ten."""

    results: Any = WaitingImportSerializer(many=True)


class AttentionSerializer(serializers.Serializer):
    """What should be looked at today in the parks in which the person has a role."""

    day = serializers.DateField()
    parks = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, Any]:
        concerns = {name: ConcernSerializer() for name in CONCERNS}
        return {**super().get_fields(), **concerns, "imports": WaitingImportsSerializer()}


class AttentionFilterSet(LedgerFilterSet):
    park = filters.WorkedParksFilter(rows=Park, may_be_unknown=False)


class AttentionViewSet(ForRolesMixin, LedgerView, GenericViewSet):
    """What is overdue, due, silent, incomplete, unpublished or contradictory, and what waits."""

    readers = {"attend": (FILTERS,)}
    queryset = Park.objects.all()
    filterset_class = AttentionFilterSet
    filter_backends = [StrictFilterBackend]
    pagination_class = None
    further_problems = {"attend": (403,)}

    @extend_schema(
        operation_id="attention_retrieve",
        summary=_("What needs attention today"),
        description=_(
            "Of the parks in which you have a role, or of those that `park` names. What is "
            "late or silent is nobody else's business."
        ),
        responses=AttentionSerializer,
    )
    def attend(self, request: Request) -> Response:
        filterset: Any = self.get_value(FILTERS)
        parks, named = select_worked_parks(request.user), filterset.form.cleaned_data.get("park")
        parks = parks.filter(pk__in=named) if named else parks
        codes = list(parks.order_by("code").values_list("code", flat=True))
        are_all = not named and rights_of(request.user).is_superuser
        within = {} if are_all else {"park": ",".join(codes)}
        with snapshot():
            concerns = {
                name: self.answer_concern(request, {**within, **concern.filters}, concern)
                for name, concern in CONCERNS.items()
            }
            waiting = self.answer_imports(request)
        answer = {"day": history.today(), "parks": codes, **concerns, "imports": waiting}
        return Response(answer, headers={"Cache-Control": "no-store"})

    def answer_concern(
        self, request: Request, filters: Mapping[str, str], concern: Concern
    ) -> dict[str, Any]:
        links = link_rows(request, filters)
        projects = links.filterset.qs
        count = count_matching(projects)
        return {
            "title": str(concern.title),
            "count": count,
            "list_url": links.narrow(),
            "results": show_first(projects, concern) if count else [],
        }

    def answer_imports(self, request: Request) -> dict[str, Any]:
        waiting = select_readable(ImportBatch, request.user).filter(state=ImportBatch.State.CHECKED)
        rows = waiting.order_by("-id").values("code", "file_name", "resource")[:MOST_SHOWN]
        return {
            "title": gettext("checked files that wait to be applied"),
            "count": waiting.count(),
            "list_url": reverse("import-list", request=request),
            "results": [
                {**row, "url": reverse("import-detail", (row["code"],), request=request)}
                for row in rows
            ],
        }
