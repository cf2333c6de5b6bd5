"""What cells of a row say together: hedge, land, point, standing, note, order of steps."""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.amounts import WRITTEN_BEFORE, Qualifier
from config.dates import DateError, PartialDate, Precision, parse_date_as_written
from config.mistakes import Mistake
from config.texts import TOO_LONG_MESSAGE
from parks.models.located import HALF_A_POINT, OF_POINT, POINT, WITHOUT_POINT, PointDatum
from projects.importing.cells.amounts import LandArea, Money
from projects.importing.cells.cells import is_same_number
from projects.importing.cells.people_and_notes import (
    DAY_COLUMN,
    DUE_COLUMN,
    STEP_COLUMN,
    TEXT_COLUMN,
    SaidNote,
)
from projects.importing.drafts import RowDraft, format_stored, format_value
from projects.importing.rows import Cells
from projects.importing.stored import Stored
from projects.lifecycle.words import DATED_STAGES, STAGES, Stage
from projects.models import NO_REASON, Project
from projects.models.progress import LONGEST_NOTE, LONGEST_STEP
from projects.models.project_rules import WITHOUT_LAND

_PLAIN = ("", Qualifier.EXACT)


def qualify(cells: Cells, stored: Stored | None, money: Money, given: Money | None) -> Money:
    """Qualify the investment as the row does, `given` if it has one; else as it is stored."""
    own = given.qualifier if given else ""
    known = stored.find_hedge(money) if stored else ""
    hedge = choose_hedge(own, cells.find_word("investment_qualifier"), known)
    for before in stored.amounts if stored else ():
        number = str(before.with_qualifier(Qualifier.EXACT))
        if fault := find_dropped_hedge(hedge, before.qualifier, number):
            cells.warn("investment_cny", fault)
    return money.with_qualifier(hedge or money.qualifier)


def choose_hedge(own: str, said: str, before: str) -> str:
    """Choose the qualifier of an amount; blank if nothing says one.

    `own` is that of the amount's cell, `said` that of the column of qualifiers, `before` the
    stored one if the amount is the stored amount. Mistake (`contradicting`) if two differ.
    """
    own = "" if own in _PLAIN else own
    if own and said not in ("", own):
        detail = _("The amount itself says “%(own)s”.") % {"own": own}
        raise Mistake("contradicting", detail, own)
    return said or own or before


def find_dropped_hedge(hedge: str, before: str, number: str) -> Mistake | None:
    """Find what to warn of if a new amount has no hedge, and the stored `number` has one."""
    if hedge or before in _PLAIN:
        return None
    detail = _(
        "%(old)s is stored, and the new number has no such hedge. To keep one, write it in the "
        "cell or in the column of qualifiers."
    )
    old = f"{WRITTEN_BEFORE['zh'][before]}{number}"
    return Mistake("hedge_dropped", detail % {"old": old})


LAND_COLUMNS = ("land_mu", "land_qualifier")


def take_land(
    cells: Cells,
    draft: RowDraft,
    find_old: Callable[[str], str],
    take: Callable[[str, Any], None],
) -> None:
    """Take area and qualifier together: a new area without a hedge has none, with a warning.

    `take` compares a column with what is stored. A qualifier without an area is refused, and so is
    another one than that of the area's cell (约30亩).
    """
    area: LandArea | None = cells.values.get("land_mu")
    given = cells.values.get("land_qualifier", "")
    if area is None:
        if given and not find_old("land_mu"):
            if "land_qualifier" in cells.defaulted:
                return
            cells.fail("land_qualifier", Mistake("without_amount", WITHOUT_LAND))
        elif given:
            take("land_qualifier", given)
        return
    old, before = find_old("land_mu"), find_old("land_qualifier")
    known = before if is_same_number(str(area.mu), old) else ""
    try:
        hedge = choose_hedge(area.qualifier, cells.find_word("land_qualifier"), known)
    except Mistake as fault:
        cells.fail("land_qualifier", fault)
        return
    if dropped := find_dropped_hedge(hedge, before, f"{old}亩"):
        cells.warn("land_mu", dropped)
    take("land_mu", area.mu)
    take("land_qualifier", hedge)


def settle_point(cells: Cells, draft: RowDraft, find_old: Callable[[str], str]) -> None:
    """Refuse half a point, and what is said of none; say the datum of one that comes without it.

    A datum that is given for all rows is that of the rows with a point. `find_old` gives the
    stored text of a column.
    """
    columns = draft.columns
    known = [name for name in POINT if columns.get(name, find_old(name)) not in (None, "")]
    if len(known) == 1:
        at = next((name for name in POINT if name in cells.matches), POINT[0])
        cells.fail(at, Mistake("half_a_point", HALF_A_POINT))
        return
    if known:
        if not columns.get("point_datum", find_old("point_datum")):
            columns["point_datum"] = PointDatum.WGS84.value
        return
    for name in OF_POINT:
        if columns.get(name) and name in cells.defaulted:
            del columns[name]
            cells.report.changes.pop(name, None)
        elif columns.get(name):
            cells.fail(name, Mistake("without_point", WITHOUT_POINT))
        elif find_old(name) and name not in columns:
            columns[name] = ""
            cells.report.changes[name] = [find_old(name), ""]


_REASON = "standing_reason"


def settle_standing(cells: Cells, draft: RowDraft, find_old: Callable[[str], str]) -> None:
    """Bring the reason of a row in line with the standing that the project has by it.

    A reason that is given for all rows is that of the rows which need one. A project that is
    active again loses day and reason. `find_old` gives the stored text of a column.
    """
    columns = draft.columns
    old = find_old("standing") or Project.Standing.ACTIVE
    standing = columns.get("standing", old)
    if standing != Project.Standing.ACTIVE:
        reason = columns.get(_REASON, find_old(_REASON))
        if not reason and standing != old:
            reason = cells.texts.get(_REASON, "")
            columns[_REASON] = reason
            cells.report.changes[_REASON] = ["", reason]
        if not reason and (standing != old or _REASON in columns):
            detail = _(
                "Say why the project is suspended, terminated, merged or closed: in a column "
                "“standing_reason” (原因), or for all rows by “defaults.standing_reason”."
            )
            cells.fail("standing", Mistake("without_reason", detail))
        return
    if columns.get(_REASON):
        if _REASON not in cells.defaulted:
            cells.fail(_REASON, Mistake("contradiction", NO_REASON))
        del columns[_REASON]
        cells.report.changes.pop(_REASON, None)
    if standing != old:
        gone = {"standing_on": None, "standing_on_precision": ""}
        draft.columns = {_REASON: "", **gone, **columns}
        for name in (_REASON, "standing_on"):
            if (text := find_old(name)) and name not in columns:
                cells.report.changes[name] = [text, ""]


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
    if any(error.place["name"] in _SAID_BY for error in cells.report.errors):
        return
    said = {name: _find_said(cells, stored, name) for name in _SAID_BY}
    if not said[TEXT_COLUMN]:
        for name in (STEP_COLUMN, DUE_COLUMN):
            if said[name]:
                detail = _("A next step is kept with what was noted; give that, too.")
                cells.warn(name, Mistake("not_written", detail))
        return
    try:
        note = _build_said(said, cells, stored)
    except Mistake as mistake:
        cells.fail(mistake.place["name"], mistake)
        return
    if note is None or (stored and note in stored.notes):
        return
    draft.note = note
    for name, attribute in _SAID_BY.items():
        new = format_value(getattr(note, attribute)) if getattr(note, attribute) else ""
        old = format_stored(stored, name) if stored else ""
        if old != new:
            cells.report.changes[name] = [old, new]


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
            raise Mistake("too_long", str(TOO_LONG_MESSAGE) % told).at(name=name)
    if due and not step:
        detail = _("Say what is due: give the next step.")
        raise Mistake("without_step", detail).at(name=DUE_COLUMN)
    day = said[DAY_COLUMN] or _parse_day(cells.texts.get("reported_on", ""))
    if day is None:
        if stored and text == stored.values[TEXT_COLUMN]:
            return None
        detail = _(
            "Say on which day this was noted: in a column “latest_progress_on” (最新进展日期), by "
            "“noted_on” for the whole file, or by 截至2023年11月20日 above the table. Or read the "
            "column as “note”."
        )
        raise Mistake("without_day", detail).at(name=TEXT_COLUMN)
    if day.precision != Precision.DAY:
        detail = _("A note has a day, such as 2023-06-30; “%(day)s” is none.")
        raise Mistake("not_a_day", detail % {"day": day}).at(name=_blame_day(said))
    if day.first > timezone.localdate():
        detail = _("%(day)s is in the future; a note tells of what is known.")
        raise Mistake("in_the_future", detail % {"day": day}).at(name=_blame_day(said))
    return SaidNote(text, day.first, step, due.last if due else None)


def _blame_day(said: dict[str, Any]) -> str:
    return DAY_COLUMN if said[DAY_COLUMN] else "reported_on"


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
                fault = Mistake("before_earlier_stage", detail % {**told, "before": before})
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
            cells.fail(f"{stage.value}_on", Mistake("beyond_stage", detail % told))


def _find_stored_day(stored: Stored | None, name: str) -> PartialDate | None:
    values = stored.values if stored else {}
    if not values.get(name):
        return None
    return PartialDate(values[name], Precision(values[f"{name}_precision"]))
