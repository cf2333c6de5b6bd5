"""Rows that belong to a project or an event as JSON."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import DateField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import get_error_detail
from rest_framework.reverse import reverse

from api.readers import PERIODS
from api.serializers import (
    CODE,
    RECORD_FIELDS,
    LedgerSerializer,
    RowField,
    WordField,
    WorkedOutField,
)
from config.database import history
from config.mistakes import Mistake
from parks.access import select_readable
from parks.claims.serializers import AppendedSerializer, ClaimSerializer
from parks.recording.recording import MAX_REASON
from parks.serializers import TAGGING_FIELDS, TaggingSerializer
from projects import models
from projects.children import columns, lists
from projects.models.words import FROM_MILESTONES, FROM_PROGRESS
from sheets.amounts import find_percent
from sheets.dates import DateError, PartialDate, Precision

_BY_MILESTONES = _(
    "It follows from the milestones: give all in the list “milestones”, or POST one to "
    "/projects/{code}/milestones."
)
_IN_TOTALS = _(
    "It follows from the milestones, “standing”, “is_umbrella”, “duplicate_of” and “part_of”, and "
    "from whether what it is a part of counts."
)
_BY_NOTES = _("It is what the newest note says: POST a new one to /projects/{code}/progress.")
_ROWS = _("These are rows of their own: POST each to its list below the project.")

PROJECT_REMEDIES: Mapping[str, Promise] = {
    **dict.fromkeys(FROM_MILESTONES, _BY_MILESTONES),
    **dict.fromkeys((*FROM_PROGRESS, "progress"), _BY_NOTES),
    "status": _(
        "How far a project is, its “stage”, follows from the milestones; whether it goes on is its "
        "“standing”."
    ),
    "hitech": _("It follows from “sector”."),
    "origin_scope": _("It follows from “origin” and from where the project stands."),
    "capital_type": _("It follows from the investors; say another in “capital_type_stated”."),
    "paid_in_cny": _("It is the sum of the flows: POST each to /projects/{code}/fundings."),
    **dict.fromkeys(("counts_in_totals", "counted_in_totals", "totals_exclusion"), _IN_TOTALS),
    **dict.fromkeys(
        ("news_on", "last_news_on"), _("It follows from milestones, flows and “reported_on”.")
    ),
    "next_planned_on": _("It follows from the scheduled milestones: see “milestones”."),
    "is_stale": _("It follows from what was last heard, and what is planned."),
    **dict.fromkeys(("participations", "fundings"), _ROWS),
    "warnings": _("They follow from the milestones."),
}
FUNDING_REMEDIES: Mapping[str, Promise] = {
    "amount_cny": _("It follows from “reported_cny”, with “is_cumulative” from the months before."),
    "amount_value": _(
        "It follows from “reported_value”, with “is_cumulative” from the months before."
    ),
}
MILESTONE_REMEDIES: Mapping[str, Promise] = {
    **dict.fromkeys(
        ("stage", "date", "on"),
        _("A step is of a “type”; “planned_on” and “actual_on” are its dates."),
    )
}
EVENT_REMEDIES: Mapping[str, Promise] = {
    "figures": _("These are rows of their own: POST each to /events/{code}/figures."),
    "participations": _(
        "These are rows of projects: POST each to /projects/{code}/participations."
    ),
}
# What others call the fields of projects
OTHER_NAMES: Mapping[str, str] = {
    "amount": "investment_cny",
    "total": "investment_cny",
    "investment": "investment_cny",
    "total_investment": "investment_cny",
    "industry": "sector",
    "region": "origin",
    "area": "land_mu",
    "state": "standing",
}


def mark_first_signings(participations: QuerySet, events: QuerySet) -> QuerySet:
    """Annotate participations with `is_first_signing`: the project signed at no earlier `events`.

    A day comes before the month that contains it, and events without a date come last; on the same
    day, the participation that was entered first counts.
    """
    day = Coalesce("event__held_on_end", Value(date.max), output_field=DateField())
    signings = participations.model.objects.filter(
        role="signed", project=OuterRef("project"), event__in=events
    ).annotate(day=day)
    earlier = Q(day__lt=OuterRef("day")) | Q(day=OuterRef("day"), pk__lt=OuterRef("pk"))
    return participations.annotate(day=day).annotate(
        is_first_signing=Q(role="signed") & ~Exists(signings.filter(earlier))
    )


def keep_visible_projects(participations: QuerySet, actor: Any) -> QuerySet:
    """Select the participations of projects that the actor may see.

    Checked row by row: an event has few projects, and a list of all visible ones takes longer.
    """
    visible = select_readable(models.Project, actor).filter(pk=OuterRef("project"))
    return participations.filter(Exists(visible))


class MilestoneSerializer(LedgerSerializer):
    remedies = {**LedgerSerializer.remedies, **MILESTONE_REMEDIES}
    seen_by_some = frozenset({"event"})
    move_reason = serializers.CharField(
        max_length=MAX_REASON,
        required=False,
        write_only=True,
        help_text=_("Why “planned_on” or “promised_on” moves; required when one does."),
    )
    times_moved = serializers.IntegerField(
        read_only=True, allow_null=True, help_text=_("How often the plan of this step moved.")
    )
    days_moved = serializers.IntegerField(
        read_only=True, allow_null=True, help_text=_("By how many days it moved, all together.")
    )

    class Meta:
        model = models.Milestone
        fields = [
            *("id", "type", "status", "planned_on", "actual_on", "agreement_type", "event"),
            *("source", "document_no", "reason", "note", "promised_on", "promise_source"),
            *("times_moved", "days_moved", "move_reason"),
        ]

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        return rows.annotate(**{name: columns.show_moves(name)(person) for name in columns.MOVES})

    def draft(self, attrs: dict[str, Any]) -> Any:
        row: Any = super().draft(attrs)
        row.move_reason = attrs.get("move_reason", "")
        return row

    def create(self, validated_data: dict[str, Any]) -> Any:
        return super().create({n: v for n, v in validated_data.items() if n != "move_reason"})


class ListedMilestoneSerializer(MilestoneSerializer):
    """A milestone in the list of its project: `id` names one that is stored."""

    id = serializers.IntegerField(required=False, min_value=1)

    class Meta(MilestoneSerializer.Meta):
        list_serializer_class = lists.MilestoneListSerializer
        extra_kwargs = {"type": {"required": False}}

    def to_internal_value(self, data: Any) -> Any:
        # What was read can be written back; the moves are counted anew
        is_row = isinstance(data, Mapping)
        given = {n: v for n, v in data.items() if n not in columns.MOVES} if is_row else data
        return super().to_internal_value(given)


class InvestorSerializer(LedgerSerializer):
    default_error_messages = {
        "invalid": _("Give each investor as an object with the code of its “organisation”.")
    }

    class Meta:
        model = models.Investor
        list_serializer_class = lists.InvestorListSerializer
        fields = [
            *("organisation", "organisation_name_zh", "organisation_name_en", "role", "share_bp")
        ]
        # DRF does not take over the message of the model's validator
        too_much = {"max_value": _("A share can be at most 10,000 basis points (100 %%).")}
        extra_kwargs = {"share_bp": {"error_messages": too_much}}


class RoleField(WordField):
    """What a project did at an event; derived from event and milestones if left out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"choices": models.Participation.Role.choices, **options})


class ParticipationSerializer(LedgerSerializer):
    role = RoleField(required=False)

    class Meta:
        model = models.Participation
        fields = ["id", "event", "event_name_zh", "event_name_en", "role", "agreement_type"]


class ProjectFigureSerializer(ClaimSerializer):
    supersedes = RowField(
        queryset=models.ProjectFigure.objects.all(), required=False, write_only=True
    )
    adds_to = RowField(queryset=models.ProjectFigure.objects.all(), required=False, allow_null=True)

    class Meta(ClaimSerializer.Meta):
        model = models.ProjectFigure
        list_serializer_class = lists.FigureListSerializer
        fields = [*ClaimSerializer.Meta.fields, "investment_basis", "adds_to", "supersedes"]

    def get_parent_row(self) -> dict[str, Any]:
        if self.parent is None:
            return super().get_parent_row()
        of_project: Any = self.parent.parent
        return {"project": of_project.instance} if of_project.instance else {}


class EventFigureSerializer(ClaimSerializer):
    supersedes = RowField(
        queryset=models.EventFigure.objects.all(), required=False, write_only=True
    )

    class Meta(ClaimSerializer.Meta):
        model = models.EventFigure
        fields = [*ClaimSerializer.Meta.fields, "supersedes"]


class MonthError(DateError):
    """A text that is not a month."""

    hint = _("Give a month such as 2023-11.")


@extend_schema_field(
    {"type": "string", "pattern": f"^{PERIODS['month']}$", "examples": ["2023-11"]}
)
class MonthField(serializers.Field):
    """A month as 2023-11, kept as its first day."""

    def to_representation(self, value: date) -> str:
        return f"{value:%Y-%m}"

    def to_internal_value(self, data: Any) -> date:
        try:
            month = PartialDate.parse(str(data))
        except DateError as error:
            meant = MonthError(error.code, str(data), error.suggestion and error.suggestion[:7])
            raise Mistake("invalid_date", meant.message, meant.suggestion) from error
        if month.precision != Precision.MONTH:
            raise Mistake("invalid_date", MonthError.hint)
        return month.first


class FundingSerializer(LedgerSerializer):
    """What came in during a month; a cumulative report is differenced into `amount_cny`.

    In another currency than the yuan `reported_value`, `amount_value` and `currency` say it.
    """

    remedies = {**LedgerSerializer.remedies, **FUNDING_REMEDIES}
    synonyms = {**LedgerSerializer.synonyms, "amount": "reported_cny"}
    month = MonthField()

    class Meta:
        model = models.Funding
        fields = [
            *("id", "kind", "month", "reported_cny", "reported_value", "currency"),
            *("is_cumulative", "amount_cny", "amount_value", "as_reported", "source", "note"),
            *("recognised_cny", "recognised_on", "recognised_by"),
        ]
        read_only_fields = ["amount_cny", "amount_value"]


class FundingOfProjectSerializer(FundingSerializer):
    """A flow in the list of those of all projects, with the project that it belongs to."""

    project = RowField(read_only=True)

    class Meta(FundingSerializer.Meta):
        fields = ["id", "project", *FundingSerializer.Meta.fields[1:]]


_OF_PROJECT = ("project", "project_name_zh", "project_name_en")


class OfProjectSerializer(LedgerSerializer):
    """A row of a project, with the name of the project, and its park where that is listed."""

    project = RowField(read_only=True)
    park = serializers.CharField(
        source="project.park.code", read_only=True, help_text=_("The code of the park.")
    )


class OfWorkSerializer(OfProjectSerializer):
    """A row for the roles of a park, with the unit and the people responsible for its project."""

    responsible_unit = serializers.CharField(source="project.responsible_unit", read_only=True)
    responsible_person = serializers.CharField(read_only=True, allow_null=True)

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        return rows.annotate(responsible_person=columns.join_responsible_people())


class ProgressNoteSerializer(OfWorkSerializer, AppendedSerializer):
    """What was noted of a project on a day, and what is to be done next.

    A note is written once: a later one supersedes it (`supersedes`), and what does not hold is
    withdrawn. Only who noted it and its source may be corrected.
    """

    MENDABLE = models.ProgressNote.mendable
    written_once = _("A note cannot be overwritten: add a new one that supersedes it.")
    synonyms = {
        **LedgerSerializer.synonyms,
        **{"note": "text", "progress": "text", "date": "noted_on", "by": "noted_by"},
    }
    supersedes = RowField(
        queryset=models.ProgressNote.objects.all(), required=False, write_only=True
    )

    class Meta:
        model = models.ProgressNote
        fields = [
            *(*_OF_PROJECT, "park", "responsible_unit", *CODE, "noted_on", "text", "next_step"),
            *("due_on", "noted_by", "source", "superseded_by", "is_withdrawn", *RECORD_FIELDS),
            *("supersedes", "responsible_person"),
        ]


@extend_schema_field({"type": ["number", "null"]})
class CompletionField(WorkedOutField):
    """How much of a plan is completed, in percent; null where nobody reported."""

    of = ("planned_cny", "completed_cny")

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> float | None:
        planned, completed = shown
        return None if completed is None else find_percent(completed, planned)


@extend_schema_field({"type": "string", "format": "uri"})
class FlowsURLField(WorkedOutField):
    """The list of the flows that were completed in the year of a plan."""

    of = ("project", "year")

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> str:
        project, year = shown
        address = reverse("funding-of-all-list", request=context.get("request"))
        return f"{address}?code={project}&funding_kind=completed&funding_year={year}"


class YearPlanSerializer(OfWorkSerializer):
    """What is to be invested in a project in a year, beside what was completed of it."""

    completed_cny = serializers.IntegerField(read_only=True, allow_null=True)
    completion_percent = CompletionField()
    list_url = FlowsURLField()

    class Meta:
        model = models.YearPlan
        fields = [
            *("id", *_OF_PROJECT, "park", "year", "planned_cny", "completed_cny"),
            *("completion_percent", "list_url", "source", "note", "responsible_unit"),
            "responsible_person",
        ]

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        return super().select_rows(rows, person).annotate(completed_cny=columns.find_completed())


class PlanMoveSerializer(OfWorkSerializer):
    """A move of the planned or promised day of a step: from when to when, why and by whom."""

    moved_by = serializers.CharField(
        read_only=True, help_text=_("The account, or its role where the account is gone.")
    )

    class Meta:
        model = models.PlanMove
        fields = [
            *("id", *_OF_PROJECT, "park", "responsible_unit", "step", "from_on", "to_on"),
            *("days_moved", "reason", "moved_on", "moved_by", "responsible_person", "is_promise"),
        ]
        read_only_fields = ["from_on", "to_on", "days_moved", "moved_on"]

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        return super().select_rows(rows, person).annotate(moved_by=columns.find_mover(person))


class ProjectTagSerializer(TaggingSerializer):
    project = RowField(read_only=True)

    class Meta:
        model = models.ProjectTag
        fields = ["id", "project", *TAGGING_FIELDS]


class AssignmentSerializer(LedgerSerializer):
    """A person who answers for a project, as the office knows them by name."""

    project = RowField(read_only=True)

    class Meta:
        model = models.Assignment
        fields = ["id", "project", "role", "name", "office", "note", "share_bp"]
        extra_kwargs = {"share_bp": {"max_value": 2**31 - 1}}  # SQLite would take more

    def save(self, **kwargs: Any) -> Any:
        row: Any = super().save(**kwargs)
        try:
            row.check_shares_of_units()
        except DjangoValidationError as error:
            raise serializers.ValidationError(get_error_detail(error)) from error
        return row


class ReturnSerializer(LedgerSerializer):
    """A project that the district returned with a reason, and what the office of the park did."""

    project = RowField(read_only=True)

    class Meta:
        model = models.Return
        fields = ["id", "project", "returned_on", "reason", "answer"]
        read_only_fields = ["returned_on"]


class LightExcuseSerializer(LedgerSerializer):
    """Why a project is late with good reason, who approved that, and until when it holds."""

    project = RowField(read_only=True)

    class Meta:
        model = models.LightExcuse
        fields = ["id", "project", "reason", "approved_by", "from_on", "until_on"]


@extend_schema_field({"type": "integer"})
class OpenDaysField(WorkedOutField):
    """For how many days an obstacle is open, or was until it was solved."""

    of = ("raised_on", "solved_on")

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> int:
        raised, solved = (day and date.fromisoformat(day) for day in shown)
        return ((solved or history.today()) - raised).days


class ObstacleSerializer(OfProjectSerializer):
    """What blocks a project, and who is to solve it by when."""

    open_days = OpenDaysField()

    class Meta:
        model = models.Obstacle
        fields = [
            *("id", *_OF_PROJECT, "park", "problem", "kind", "responsible_unit"),
            *("responsible_person", "raised_on", "due_on", "solution", "solved_on", "open_days"),
        ]


class ReadParticipationSerializer(ParticipationSerializer):
    """An event of the project that is being read, and whether it first signed there."""

    role = RoleField(read_only=True)
    is_first_signing = serializers.BooleanField(read_only=True)

    class Meta(ParticipationSerializer.Meta):
        fields = [*ParticipationSerializer.Meta.fields, "is_first_signing"]
        read_only_fields = ["event", "agreement_type"]

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        visible = select_readable(models.SigningEvent, person)
        return mark_first_signings(rows.filter(event__in=visible), visible)


class EventParticipationSerializer(OfProjectSerializer):
    """A project that took part in an event, and whether it first signed there."""

    is_first_signing = serializers.BooleanField(read_only=True)
    role = RoleField(read_only=True)

    class Meta:
        model = models.Participation
        fields = ["id", *_OF_PROJECT, "role", "agreement_type", "is_first_signing"]
        read_only_fields = ["agreement_type"]

    @classmethod
    def select_rows(cls, rows: QuerySet, person: Any) -> QuerySet:
        return mark_first_signings(rows, select_readable(models.SigningEvent, person))


class CountedListSerializer(serializers.Serializer):
    """How many rows a list has, of those that the client sees, and where it is."""

    count = serializers.IntegerField()
    list_url = serializers.URLField()
