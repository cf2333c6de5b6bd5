"""What files call the fields of events, and of the rows that belong to projects and events."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column, Table
from parks.columns import CLAIM, NAME_COLUMNS, RECORD_COLUMNS
from parks.tagging import TAGGING_COLUMNS
from projects.children.completed import find_completed
from projects.models import SigningEvent

PROJECT_COLUMN = Column("project", _("project"), path="project__code")
PROJECT_NAMES = (
    PROJECT_COLUMN,
    Column("project_name_zh", _("project (Chinese)"), path="project__name_zh"),
    Column("project_name_en", _("project (English)"), path="project__name_en"),
)


def show_event_if_visible(actor: Any) -> Subquery:
    """Show the code of the event that a row names, nothing where the actor may not see it."""
    visible = SigningEvent.objects.visible_to(actor)
    return Subquery(visible.filter(pk=OuterRef("event")).values("code"))


def show_completed(actor: Any) -> Subquery:
    """Show what was completed of a project in the year of its plan."""
    return find_completed()


EVENTS = Table(
    "events",
    _("events"),
    [
        Column("code", _("code")),
        *NAME_COLUMNS,
        Column("kind", _("kind"), "word"),
        Column("held_on", _("held on"), "partial_date"),
        Column("place", _("place")),
        Column("region", _("region"), "word", path="region_id"),
        Column("host", _("host")),
        Column("park", _("park"), path="park__code"),
        Column("source", _("source"), path="source__code"),
        Column("publication", _("publication"), "word"),
        Column("note", _("note")),
        *RECORD_COLUMNS,
    ],
)

MILESTONES = Table(
    "milestones",
    _("milestones"),
    [
        PROJECT_COLUMN,
        Column("id", _("number"), "number"),
        Column("type", _("type"), "word"),
        Column("status", _("status"), "word"),
        Column("planned_on", _("planned on"), "partial_date"),
        Column("actual_on", _("met on"), "partial_date"),
        Column("agreement_type", _("agreement"), "word"),
        Column("event", _("event"), path=show_event_if_visible),
        Column("source", _("source"), path="source__code"),
        Column("document_no", _("document number")),
        Column("reason", _("reason")),
        Column("note", _("note")),
    ],
)

INVESTORS = Table(
    "investors",
    _("investors"),
    [
        PROJECT_COLUMN,
        Column("organisation", _("organisation"), path="organisation__code"),
        Column("organisation_name_zh", _("organisation (Chinese)"), path="organisation__name_zh"),
        Column("organisation_name_en", _("organisation (English)"), path="organisation__name_en"),
        Column("role", _("role"), "word"),
        Column("share_bp", _("share (basis points)"), "number"),
    ],
)

PARTICIPATIONS = Table(
    "participations",
    _("participations"),
    [
        PROJECT_COLUMN,
        Column("id", _("number"), "number"),
        Column("event", _("event"), path="event__code"),
        Column("event_name_zh", _("event (Chinese)"), path="event__name_zh"),
        Column("event_name_en", _("event (English)"), path="event__name_en"),
        Column("role", _("role"), "word"),
        Column("agreement_type", _("agreement"), "word"),
    ],
)

EVENT_PARTICIPATIONS = Table(
    "participations",
    _("participations"),
    [
        Column("event", _("event"), path="event__code"),
        Column("id", _("number"), "number"),
        *PROJECT_NAMES,
        Column("role", _("role"), "word"),
        Column("agreement_type", _("agreement"), "word"),
        Column("is_first_signing", _("first signing"), "flag"),
    ],
)

FUNDINGS = Table(
    "fundings",
    _("fundings"),
    [
        PROJECT_COLUMN,
        Column("id", _("number"), "number"),
        Column("kind", _("kind"), "word"),
        Column("month", _("month"), "month"),
        Column("reported_cny", _("reported"), "money"),
        Column("reported_value", _("reported in its currency"), "foreign"),
        Column("currency", _("currency")),
        Column("is_cumulative", _("cumulative"), "flag"),
        Column("amount_cny", _("amount of the month"), "money"),
        Column("amount_value", _("amount of the month in its currency"), "foreign"),
        Column("as_reported", _("as reported")),
        Column("source", _("source"), path="source__code"),
        Column("note", _("note")),
    ],
)

PLANS = Table(
    "plans",
    _("plans of years"),
    [
        *PROJECT_NAMES,
        Column("park", _("park"), path="project__park__code"),
        Column("id", _("number"), "number"),
        Column("year", _("year"), "number"),
        Column("planned_cny", _("planned investment"), "money"),
        Column("completed_cny", _("investment completed"), "money", path=show_completed),
        Column("source", _("source"), path="source__code"),
        Column("note", _("note")),
    ],
)

ASSIGNMENTS = Table(
    "people",
    _("people in charge"),
    [
        PROJECT_COLUMN,
        Column("id", _("number"), "number"),
        Column("role", _("role"), "word"),
        Column("name", _("name")),
        Column("office", _("unit or post")),
        Column("note", _("note")),
    ],
)

PROJECT_TAGS = Table(
    "tags", _("tags"), [PROJECT_COLUMN, Column("id", _("number"), "number"), *TAGGING_COLUMNS]
)

# Fit to be sent on: a row says of which project it is, and in whose hands that is
PROGRESS = Table(
    "progress",
    _("progress notes"),
    [
        *PROJECT_NAMES,
        Column("park", _("park"), path="project__park__code"),
        Column("responsible_unit", _("responsible unit"), path="project__responsible_unit"),
        Column("code", _("code")),
        Column("noted_on", _("noted on"), "date"),
        Column("text", _("progress")),
        Column("next_step", _("next step")),
        Column("due_on", _("due on"), "date"),
        Column("noted_by", _("noted by")),
        Column("source", _("source"), path="source__code"),
        Column("superseded_by", _("superseded by"), path="superseded_by__code"),
        Column("is_withdrawn", _("withdrawn"), "flag"),
        *RECORD_COLUMNS,
    ],
)

PROJECT_FIGURES = Table(
    "figures",
    _("figures"),
    [
        PROJECT_COLUMN,
        Column("code", _("code")),
        *CLAIM,
        Column("investment_basis", _("basis of the investment"), "word"),
        Column("adds_to", _("adds to"), path="adds_to__code"),
    ],
)

EVENT_FIGURES = Table(
    "figures",
    _("figures"),
    [Column("event", _("event"), path="event__code"), Column("code", _("code")), *CLAIM],
)
