"""What files call the fields of events, and of the rows that belong to projects and events."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column, Table
from parks.columns import CLAIM, NAME_COLUMNS, RECORD_COLUMNS
from projects.models import SigningEvent

PROJECT_COLUMN = Column("project", _("project"), "project__code")


def show_event_if_visible(actor: Any) -> Subquery:
    """The code of the event that a row names, nothing where the actor may not see it."""
    visible = SigningEvent.objects.visible_to(actor)
    return Subquery(visible.filter(pk=OuterRef("event")).values("code"))


EVENTS = Table(
    "events",
    _("events"),
    [
        Column("code", _("code"), "code"),
        *NAME_COLUMNS,
        Column("kind", _("kind"), "kind", "word"),
        Column("held_on", _("held on"), "held_on", "partial_date"),
        Column("place", _("place"), "place"),
        Column("region", _("region"), "region_id", "word"),
        Column("host", _("host"), "host"),
        Column("park", _("park"), "park__code"),
        Column("source", _("source"), "source__code"),
        Column("publication", _("publication"), "publication", "word"),
        Column("note", _("note"), "note"),
        *RECORD_COLUMNS,
    ],
)

MILESTONES = Table(
    "milestones",
    _("milestones"),
    [
        PROJECT_COLUMN,
        Column("id", _("number"), "id", "number"),
        Column("type", _("type"), "type", "word"),
        Column("status", _("status"), "status", "word"),
        Column("planned_on", _("planned on"), "planned_on", "partial_date"),
        Column("actual_on", _("met on"), "actual_on", "partial_date"),
        Column("agreement_type", _("agreement"), "agreement_type", "word"),
        Column("event", _("event"), show_event_if_visible),
        Column("source", _("source"), "source__code"),
        Column("reason", _("reason"), "reason"),
        Column("note", _("note"), "note"),
    ],
)

INVESTORS = Table(
    "investors",
    _("investors"),
    [
        PROJECT_COLUMN,
        Column("organisation", _("organisation"), "organisation__code"),
        Column("organisation_name_zh", _("organisation (Chinese)"), "organisation__name_zh"),
        Column("organisation_name_en", _("organisation (English)"), "organisation__name_en"),
        Column("role", _("role"), "role", "word"),
        Column("share_bp", _("share (basis points)"), "share_bp", "number"),
    ],
)

PARTICIPATIONS = Table(
    "participations",
    _("participations"),
    [
        PROJECT_COLUMN,
        Column("id", _("number"), "id", "number"),
        Column("event", _("event"), "event__code"),
        Column("event_name_zh", _("event (Chinese)"), "event__name_zh"),
        Column("event_name_en", _("event (English)"), "event__name_en"),
        Column("role", _("role"), "role", "word"),
        Column("agreement_type", _("agreement"), "agreement_type", "word"),
    ],
)

FUNDINGS = Table(
    "fundings",
    _("fundings"),
    [
        PROJECT_COLUMN,
        Column("id", _("number"), "id", "number"),
        Column("kind", _("kind"), "kind", "word"),
        Column("month", _("month"), "month", "month"),
        Column("reported_cny", _("reported"), "reported_cny", "money"),
        Column("is_cumulative", _("cumulative"), "is_cumulative", "flag"),
        Column("amount_cny", _("amount of the month"), "amount_cny", "money"),
        Column("as_reported", _("as reported"), "as_reported"),
        Column("source", _("source"), "source__code"),
        Column("note", _("note"), "note"),
    ],
)

PROJECT_FIGURES = Table(
    "figures",
    _("figures"),
    [
        PROJECT_COLUMN,
        Column("code", _("code"), "code"),
        *CLAIM,
        Column("investment_basis", _("basis of the investment"), "investment_basis", "word"),
    ],
)

EVENT_FIGURES = Table(
    "figures",
    _("figures"),
    [Column("event", _("event"), "event__code"), Column("code", _("code"), "code"), *CLAIM],
)
