"""The order of the steps that a row dates: a later one is not met before an earlier one."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from config.dates import PartialDate, Precision
from config.imports import CellFault
from projects.importing.drafts import RowDraft
from projects.importing.rows import Cells
from projects.importing.stored import Stored
from projects.lifecycle.words import DATED_STAGES, STAGES, Stage

# A company may be registered before or after its project is approved
_IN_ANY_ORDER = {Stage.REGISTERED, Stage.APPROVED}


def is_behind(stage: Stage, other: Stage) -> bool:
    """Tell whether a stage comes before another one in every project."""
    return STAGES.index(stage) < STAGES.index(other) and {stage, other} != _IN_ANY_ORDER


def check_order(cells: Cells, draft: RowDraft, stored: Stored | None) -> None:
    """Refuse a later step dated before an earlier one: most often a typing error."""
    new = draft.milestones
    if not new:
        return
    days = {stage: _find_stored_day(stored, name) for name, stage in DATED_STAGES.items()} | new
    dated = [(stage, day) for stage in STAGES if (day := days.get(stage))]
    for place, (later, day) in enumerate(dated):
        for earlier, before in dated[:place]:
            if day.last < before.first and is_behind(earlier, later) and {later, earlier} & {*new}:
                told = {"later": later.label, "day": day, "earlier": earlier.label}
                detail = _("%(later)s (%(day)s) is before %(earlier)s (%(before)s).")
                name = f"{(later if later in new else earlier).value}_on"
                fault = CellFault("before_earlier_stage", detail % {**told, "before": before})
                cells.fail(name, fault)
    _check_stage(cells, new)


def _check_stage(cells: Cells, new: Iterable[Any]) -> None:
    """Refuse a date beyond the stage that the same row gives, which contradicts it."""
    column, word = cells.values.get("status", ("", ""))
    given = cells.values.get("stage") or (word if column == "stage" else "")
    for stage in [each for each in new if given and isinstance(each, Stage)]:
        if is_behind(Stage(given), stage):
            detail = _("The row has a date of “%(later)s”, but says “%(stage)s” as its stage.")
            told = {"later": stage.label, "stage": Stage(given).label}
            cells.fail(f"{stage.value}_on", CellFault("beyond_stage", detail % told))


def _find_stored_day(stored: Stored | None, name: str) -> PartialDate | None:
    values = stored.values if stored else {}
    if not values.get(name):
        return None
    return PartialDate(values[name], Precision(values[f"{name}_precision"]))
