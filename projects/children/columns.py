"""Columns of the files and sheets of events and of rows that belong to projects."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import (
    Aggregate,
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from api.files import build_sheet
from parks.access import select_readable
from parks.columns import CLAIM
from parks.serializers import TAGGING_COLUMNS
from projects import models
from projects.lifecycle.due import sees_work
from sheets.writing.cells import JoinedTexts
from sheets.writing.columns import Column, Sheet, Table, derive_columns, derive_table


def find_completed(actor: Any = None) -> Subquery:
    """Build the SQL of the investment completed in a plan's year; None without reports."""
    flows = models.Funding.objects.filter(
        project=OuterRef("project"),
        kind=models.Funding.Kind.COMPLETED,
        month__year=OuterRef("year"),
    )
    of_one = flows.order_by().values("project")
    return Subquery(of_one.annotate(total=Sum("amount_cny")).values("total"))


# How the moves of a milestone's plan are summed up
MOVES: Mapping[str, Aggregate] = {"times_moved": Count("pk"), "days_moved": Sum("days_moved")}


def show_moves(name: str) -> Callable[[Any], Case]:
    """Build the SQL of how often, or how far, the plan of a step moved; None for others."""
    own = {"project": OuterRef("project"), "step": OuterRef("type")}
    moves = models.PlanMove.objects.filter(**own, is_promise=False)
    total = Subquery(moves.order_by().values("step").annotate(all=MOVES[name]).values("all"))

    def cell(actor: Any) -> Case:
        seen = When(sees_work(actor, "project__"), then=Coalesce(total, Value(0)))
        return Case(seen, output_field=IntegerField())

    return cell


def find_mover(actor: Any) -> Subquery:
    """Build the SQL of the account that moved a plan, or its role where the account is gone."""
    history: Any = models.PlanMove.history
    first = history.model.objects.filter(id=OuterRef("pk")).order_by("version")
    accounts = get_user_model()._default_manager.filter(pk=OuterRef("history_user_id"))
    name = Subquery(accounts.values("username")[:1])
    return Subquery(first.values(by=Coalesce(name, "revision__role"))[:1])


def join_responsible_people(actor: Any = None, project: str = "project") -> JoinedTexts:
    """Build the SQL of the names of the people responsible for a project, in one text."""
    people = models.Assignment.objects.filter(
        project=OuterRef(project), role=models.Assignment.Role.RESPONSIBLE
    ).order_by("id")
    return JoinedTexts(people.values(text=F("name")))


RESPONSIBLE_PERSON = Column(
    "responsible_person", _("responsible person"), path=join_responsible_people
)
RESPONSIBLE_UNIT = Column(
    "responsible_unit", _("responsible unit"), path="project__responsible_unit"
)
PROJECT_NAMES = derive_columns(models.Milestone, "project project_name_zh project_name_en")
PROJECT_AND_PARK = [*PROJECT_NAMES, Column("park", _("park"), path="project__park__code")]


def show_event_if_visible(actor: Any) -> Subquery:
    """Build the SQL of the code of a row's event; blank where the actor may not see it."""
    visible = select_readable(models.SigningEvent, actor)
    return Subquery(visible.filter(pk=OuterRef("event")).values("code"))


EVENTS = derive_table(
    "events",
    models.SigningEvent,
    "code name_zh name_en kind held_on place region host park source publication note",
    "version created_at updated_at",
)

MILESTONES = derive_table(
    "milestones",
    models.Milestone,
    "project id type status planned_on actual_on agreement_type",
    Column("event", path=show_event_if_visible),
    "source document_no reason note promised_on promise_source",
    Column("times_moved", _("times moved"), "number", path=show_moves("times_moved")),
    Column("days_moved", _("days moved"), "number", path=show_moves("days_moved")),
)

MOVES_OF_PLANS = derive_table(
    "plan-moves",
    models.PlanMove,
    *PROJECT_AND_PARK,
    RESPONSIBLE_UNIT,
    "id step from_on to_on",
    Column("days_moved", kind="number"),
    "reason moved_on",
    Column("moved_by", _("moved by"), path=find_mover),
    RESPONSIBLE_PERSON,
    "is_promise",
)

INVESTORS = derive_table(
    "investors",
    models.Investor,
    "project organisation organisation_name_zh organisation_name_en role",
    Column("share_bp", _("share (basis points)"), "number"),
)

PARTICIPATIONS = derive_table(
    "participations",
    models.Participation,
    "project id event",
    Column("event_name_zh", _("event (Chinese)"), path="event__name_zh"),
    Column("event_name_en", _("event (English)"), path="event__name_en"),
    "role agreement_type",
)

EVENT_PARTICIPATIONS = derive_table(
    "participations",
    models.Participation,
    "event id",
    *PROJECT_NAMES,
    "role agreement_type",
    Column("is_first_signing", _("first signing"), "flag"),
)

FUNDINGS = derive_table(
    "fundings",
    models.Funding,
    "project id kind",
    Column("month", kind="month"),
    Column("reported_cny", _("reported"), "money"),
    Column("reported_value", _("reported in its currency"), "foreign"),
    "currency is_cumulative",
    Column("amount_cny", _("amount of the month"), "money"),
    Column("amount_value", _("amount of the month in its currency"), "foreign"),
    "as_reported source note",
    Column("recognised_cny", _("recognised"), "money"),
    "recognised_on recognised_by",
)

PLANS = derive_table(
    "plans",
    models.YearPlan,
    *PROJECT_AND_PARK,
    "id year",
    Column("planned_cny", _("planned investment"), "money"),
    Column("completed_cny", _("investment completed"), "money", path=find_completed),
    "source note",
    RESPONSIBLE_UNIT,
    RESPONSIBLE_PERSON,
)

ASSIGNMENTS = derive_table(
    "people",
    models.Assignment,
    "project id role name office note",
    Column("share_bp", _("share of the unit (basis points)"), "number"),
)

RETURNS = derive_table("returns", models.Return, "project id returned_on reason answer")

EXCUSES = derive_table(
    "excuses", models.LightExcuse, "project id reason approved_by from_on until_on"
)

OBSTACLES = derive_table(
    "obstacles",
    models.Obstacle,
    *PROJECT_AND_PARK,
    "id problem kind responsible_unit responsible_person raised_on due_on solution solved_on",
)

PROJECT_TAGS = derive_table(
    "tags", models.ProjectTag, "project id", *TAGGING_COLUMNS, title=_("tags")
)

# Readable without the list of projects: a row names its project and the responsible unit
PROGRESS = derive_table(
    "progress",
    models.ProgressNote,
    *PROJECT_AND_PARK,
    RESPONSIBLE_UNIT,
    "code noted_on text next_step due_on noted_by source superseded_by is_withdrawn",
    "version created_at updated_at",
    RESPONSIBLE_PERSON,
)

PROJECT_FIGURES = derive_table(
    "figures",
    models.ProjectFigure,
    "project code",
    *CLAIM,
    "investment_basis adds_to",
    title=_("figures"),
)

EVENT_FIGURES = derive_table(
    "figures", models.EventFigure, "event code", *CLAIM, title=_("figures")
)


TranslateColumns = Callable[[Sequence[Column], Any], Sequence[Column]]


def build_sheets(
    projects: QuerySet, actor: Any, translate: TranslateColumns = lambda columns, model: columns
) -> Iterator[Sheet]:
    """Build the sheets of the rows that belong to these projects and that the actor may see.

    `translate` returns the columns of a model in the language of the file.
    """
    keys = [*projects.order_by().values_list("pk", flat=True)]
    events = select_readable(models.SigningEvent, actor)
    rows: list[tuple[Table, QuerySet]] = [
        (MILESTONES, models.Milestone.objects.all()),
        (INVESTORS, models.Investor.objects.all()),
        (PARTICIPATIONS, models.Participation.objects.filter(event__in=events)),
        (PROJECT_FIGURES, models.ProjectFigure.objects.all()),
        (FUNDINGS, models.Funding.objects.all()),
    ]
    for table, found in rows:
        of_these = found.filter(project__among=keys).order_by("project__code_key", "id")
        yield build_sheet(str(table.title), of_these, translate(table.columns, found.model), actor)
