"""What a row says of the progress of its project: a note that is added, or nothing new."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.dates import DateError, PartialDate, Precision, parse_date_as_written
from config.imports import CellFault
from config.texts import TOO_LONG_MESSAGE
from projects.importing.cells.progress_notes import (
    DAY_COLUMN,
    DUE_COLUMN,
    STEP_COLUMN,
    TEXT_COLUMN,
    SaidNote,
)
from projects.importing.drafts import RowDraft, format_stored, format_value
from projects.importing.rows import Cells
from projects.importing.stored import Stored
from projects.models.progress import LONGEST_NOTE, LONGEST_STEP

_SAID_BY = {
    TEXT_COLUMN: "text",
    DAY_COLUMN: "noted_on",
    STEP_COLUMN: "next_step",
    DUE_COLUMN: "due_on",
}


def settle_note(cells: Cells, draft: RowDraft, stored: Stored | None) -> None:
    """Add what a row says of the progress, unless that is noted already.

    A next step belongs to what was noted: without that it is said not to be written.
    """
    if any(error.name in _SAID_BY for error in cells.report.errors):
        return
    said = {name: _find_said(cells, stored, name) for name in _SAID_BY}
    if not said[TEXT_COLUMN]:
        for name in (STEP_COLUMN, DUE_COLUMN):
            if said[name]:
                detail = _("A next step is kept with what was noted; give that, too.")
                cells.warn(name, CellFault("not_written", detail))
        return
    try:
        note = _build_said(said, cells, stored)
    except _NoteFault as error:
        cells.fail(error.name, error.fault)
        return
    if note is None or (stored and note in stored.notes):
        return
    draft.note = note
    for name, attribute in _SAID_BY.items():
        new = format_value(getattr(note, attribute)) if getattr(note, attribute) else ""
        old = format_stored(stored, name) if stored else ""
        if old != new:
            cells.report.changes[name] = [old, new]


class _NoteFault(Exception):  # noqa: N818 what is wrong with a note, at the column that says it
    def __init__(self, name: str, fault: CellFault) -> None:
        super().__init__(name)
        self.name, self.fault = name, fault


def _find_said(cells: Cells, stored: Stored | None, name: str) -> Any:
    """What a row says in a column; what is written there just as it is stored was not read."""
    if name in cells.values:
        return cells.values[name]
    text = cells.texts.get(name, "").strip()
    if not text:
        return None
    if name in (DAY_COLUMN, DUE_COLUMN):  # perhaps of the whole file
        return _parse_day(text)
    return stored.values[name] if stored else text


def _parse_day(text: str) -> PartialDate | None:
    try:
        return parse_date_as_written(text)
    except DateError:
        return None  # such as what stands for nothing: 无, /


def _build_said(said: dict[str, Any], cells: Cells, stored: Stored | None) -> SaidNote | None:
    text, step, due = said[TEXT_COLUMN], said[STEP_COLUMN] or "", said[DUE_COLUMN]
    for name, longest in ((TEXT_COLUMN, LONGEST_NOTE), (STEP_COLUMN, LONGEST_STEP)):
        if len(said[name] or "") > longest:
            told = {"length": len(said[name]), "max": longest}
            raise _NoteFault(name, CellFault("too_long", str(TOO_LONG_MESSAGE) % told))
    if due and not step:
        detail = _("Say what is due: give the next step.")
        raise _NoteFault(DUE_COLUMN, CellFault("without_step", detail))
    day = said[DAY_COLUMN] or _parse_day(cells.texts.get("reported_on", ""))
    if day is None:
        if stored and text == stored.values[TEXT_COLUMN]:
            return None
        detail = _(
            "Say on which day this was noted: in a column “latest_progress_on” (最新进展日期), by "
            "“noted_on” for the whole file, or by 截至2023年11月20日 above the table. Or read the "
            "column as “note”."
        )
        raise _NoteFault(TEXT_COLUMN, CellFault("without_day", detail))
    if day.precision != Precision.DAY:
        detail = _("A note has a day, such as 2023-06-30; “%(day)s” is none.")
        raise _NoteFault(_blame_day(said), CellFault("not_a_day", detail % {"day": day}))
    if day.first > timezone.localdate():
        detail = _("%(day)s is in the future; a note tells of what is known.")
        raise _NoteFault(_blame_day(said), CellFault("in_the_future", detail % {"day": day}))
    return SaidNote(text, day.first, step, due.last if due else None)


def _blame_day(said: dict[str, Any]) -> str:
    return DAY_COLUMN if said[DAY_COLUMN] else "reported_on"
