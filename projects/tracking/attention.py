"""What a person with a role in a park should look at today, each kind with the list behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OrderBy, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from api.lists.filters import UNKNOWN
from projects.lifecycle.words import STAGES, Stage
from projects.tracking.due import MISSING, find_news_day

SILENT_MONTHS = 3  # without news or steps for so long, somebody should ask
MOST_SHOWN = 10  # of each kind; the list has all
SHOWN = (
    *("code", "name_zh", "name_en", "park__code", "stage", "next_planned_on", "news_on"),
    *("responsible_unit", "latest_progress_on", "next_step", "next_step_due_on"),
)
_BEFORE_OPERATION = ",".join([*STAGES[: STAGES.index(Stage.OPERATING)], UNKNOWN])
_UNDER_WAY = {"standing": "active", "stage": _BEFORE_OPERATION}


@dataclass(frozen=True)
class Concern:
    """A kind of projects to look at: by which filters they are found, and which come first."""

    title: str | Promise
    filters: Mapping[str, str]
    order: tuple[str | OrderBy, ...]


CONCERNS = {
    "overdue": Concern(
        _("past the day planned for the next step"), {"overdue": "true"}, ("next_planned_on",)
    ),
    "due": Concern(_("next step planned within 90 days"), {"due": "true"}, ("next_planned_on",)),
    "silent": Concern(
        _("nothing written for three months"),
        {**_UNDER_WAY, "silent_months_min": str(SILENT_MONTHS)},
        (F("news_on").asc(nulls_first=True),),
    ),
    "stalled": Concern(
        _("no milestone and no money for three months"),
        {**_UNDER_WAY, "stalled_months_min": str(SILENT_MONTHS)},
        (F("stage_on").asc(nulls_first=True),),
    ),
    "steps_due": Concern(
        _("next step noted for a day that has passed"),
        {"standing": "active", "next_step_overdue": "true"},
        ("next_step_due_on",),
    ),
    "incomplete": Concern(
        _("amount, origin, sector, source or day not known"),
        {"standing": "active", "missing": ",".join(MISSING)},
        ("-investment_rank",),
    ),
    "drafts": Concern(_("not published yet"), {"publication": "draft"}, ("-updated_at",)),
    "conflicts": Concern(
        _("claims that contradict"), {"claims_in_conflict": "true"}, ("-investment_rank",)
    ),
}


def show_first(projects: QuerySet, concern: Concern) -> list[dict[str, Any]]:
    """Show the first projects of a concern: who they are, what is planned, what was heard last."""
    rows = projects.order_by(*concern.order, "id").values(*SHOWN)[:MOST_SHOWN]
    return [
        {
            **{name.removesuffix("__code"): row[name] for name in SHOWN},
            "stage": row["stage"] or None,
            "news_on": row["news_on"] and find_news_day(row["news_on"]),
        }
        for row in rows
    ]
