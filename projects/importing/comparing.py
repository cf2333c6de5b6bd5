"""Compare the cells of a row with the stored project, and build the draft of its writes."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.mistakes import Mistake
from config.texts import TOO_LONG_MESSAGE
from parks.models.places import HALF_A_POINT, OF_POINT, POINT, WITHOUT_POINT, PointDatum
from parks.names.cell_lookup import FoundRow, is_chinese_name
from parks.recording.recording import clean_reason
from projects.importing import writing
from projects.importing.cells import rows_below
from projects.importing.cells.amounts import LandArea, Money
from projects.importing.cells.cells import (
    ParsedTag,
    check_for_spreadsheet,
    is_same_number,
    is_same_text,
)
from projects.importing.cells.columns import (
    DERIVED_CELL,
    FILE_COLUMNS,
    INCREASE_COLUMN,
    MET_STEPS,
    MOVE_REASON,
    OF_STEPS,
    cell_kind,
)
from projects.importing.cells.investors import Share
from projects.importing.cells.words import is_blank, show_words
from projects.importing.remarks import matches_stored, warn_of_unwritten
from projects.importing.rows import Cells
from projects.importing.stored import format_value
from projects.models import NO_REASON, Project
from projects.models.progress import LONGEST_NOTE, LONGEST_STEP
from projects.models.projects import NOT_LOST, REPORT_TO_COME, WITHOUT_LAND
from projects.models.rows import OTHER_PAPERS
from projects.models.words import DATED_STAGES, FROM_PROGRESS, OF_LOST, SIGNING_TYPES, STAGES, Stage
from sheets.amounts import LEDGER_LAND, WRITTEN_BEFORE, Qualifier, say_money
from sheets.dates import DateError, PartialDate, Precision, parse_date_as_written
from sheets.imports import ImportOptions
from sheets.reading.units import UNIT_WORDS

_PLAIN = ("", Qualifier.EXACT)


def qualify(cells: Cells, money: Money, given: Money | None) -> Money:
    """Add to an investment its qualifier: of the row (`given` is its amount), else as stored."""
    stored, own = cells.stored, given.qualifier if given else ""
    known = stored.find_hedge(money) if stored else ""
    hedge = choose_hedge(own, cells.find_word("investment_qualifier"), known)
    for before in stored.amounts if stored else ():
        number = str(before.with_qualifier(Qualifier.EXACT))
        if fault := find_dropped_hedge(hedge, before.qualifier, number):
            cells.warn("investment_cny", fault)
    return money.with_qualifier(hedge or money.qualifier)


def choose_hedge(own: str, said: str, before: str) -> str:
    """Choose the qualifier of an amount: of its cell, of the column of qualifiers, or `before`."""
    own = "" if own in _PLAIN else own
    if own and said not in ("", own):
        detail = _("The amount itself says “%(own)s”.") % {"own": own}
        raise Mistake("contradicting", detail, own)
    return said or own or before


def find_dropped_hedge(hedge: str, before: str, number: str) -> Mistake | None:
    """Build the warning for a new amount without the hedge of the stored `number`, if any."""
    if hedge or before in _PLAIN:
        return None
    detail = _(
        "%(old)s is stored, and the new number has no such hedge. To keep one, write it in the "
        "cell or in the column of qualifiers."
    )
    old = f"{WRITTEN_BEFORE['zh'][before]}{number}"
    return Mistake("hedge_dropped", detail % {"old": old})


LAND_COLUMNS = ("land_mu", "land_qualifier")


def take_land(cells: Cells, take: Callable[[str, Any], None]) -> None:
    """Take area and qualifier together: a new area without a hedge has none, with a warning."""
    area: LandArea | None = cells.values.get("land_mu")
    given = cells.values.get("land_qualifier", "")
    if area is None:
        if given and cells.old("land_mu"):
            take("land_qualifier", given)
        elif given and "land_qualifier" not in cells.defaulted:
            cells.fail("land_qualifier", Mistake("without_amount", WITHOUT_LAND))
        return
    old, before = cells.old("land_mu"), cells.old("land_qualifier")
    known = before if is_same_number(str(area.size), old) else ""
    try:
        hedge = choose_hedge(area.qualifier, cells.find_word("land_qualifier"), known)
    except Mistake as fault:
        cells.fail("land_qualifier", fault)
        return
    if dropped := find_dropped_hedge(hedge, before, f"{old}{UNIT_WORDS[LEDGER_LAND]}"):
        cells.warn("land_mu", dropped)
    take("land_mu", area.size)
    take("land_qualifier", hedge)


def settle_point(cells: Cells, draft: writing.RowDraft) -> None:
    """Refuse half a point and columns of a missing point; add the datum that a point lacks.

    A datum given for all rows applies to the rows with a point.
    """
    columns = draft.columns
    known = [name for name in POINT if columns.get(name, cells.old(name)) not in (None, "")]
    if len(known) == 1:
        at = next((name for name in POINT if name in cells.matches), POINT[0])
        cells.fail(at, Mistake("half_a_point", HALF_A_POINT))
        return
    if known:
        if not columns.get("point_datum", cells.old("point_datum")):
            columns["point_datum"] = PointDatum.WGS84.value
        return
    for name in OF_POINT:
        if columns.get(name) and name in cells.defaulted:
            del columns[name]
            cells.report.changes.pop(name, None)
        elif columns.get(name):
            cells.fail(name, Mistake("without_point", WITHOUT_POINT))
        elif cells.old(name) and name not in columns:
            columns[name] = ""
            cells.report.changes[name] = [cells.old(name), ""]


_REASON = "standing_reason"


def settle_standing(cells: Cells, draft: writing.RowDraft) -> None:
    """Make the reason of a row consistent with the new standing of its project.

    A reason given for all rows applies to the rows that need one. A project that becomes active
    again loses day and reason.
    """
    columns = draft.columns
    old = cells.old("standing") or Project.Standing.ACTIVE
    standing = columns.get("standing", old)
    if standing != Project.Standing.ACTIVE:
        reason = columns.get(_REASON, cells.old(_REASON))
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
    for name, said in ((_REASON, NO_REASON), *((name, NOT_LOST) for name in OF_LOST)):
        if columns.get(writing.find_column(name)):
            if name not in cells.defaulted:
                cells.fail(name, Mistake("contradiction", said))
            del columns[writing.find_column(name)]
            cells.report.changes.pop(name, None)
    if standing != old:
        gone = {"standing_on": None, "standing_on_precision": ""}
        gone |= {writing.find_column(name): None for name in OF_LOST}
        draft.columns = {_REASON: "", **gone, **columns}
        for name in (_REASON, "standing_on", *OF_LOST):
            if (text := cells.old(name)) and name not in columns:
                cells.report.changes[name] = [text, ""]


def settle_moves(cells: Cells, draft: writing.RowDraft) -> None:
    """Refuse plans and promises that move without a reason."""
    text = cells.texts.get(MOVE_REASON, "")
    reason = "" if is_blank(text) else clean_reason(text)
    moved = [
        name
        for name, day in draft.of_steps.items()
        if cell_kind(name) == "planned" and (old := cells.old(name))
        if not (day and PartialDate.parse(old).contains(day))
    ]
    for name in moved if not reason else ():
        detail = _(
            "The day moves from %(old)s: say why in a column “move_reason” (调整原因), or for all "
            "rows by “defaults.move_reason”."
        )
        cells.fail(name, Mistake("without_reason", detail % {"old": cells.old(name)}))
    if reason and not cells.stored and MOVE_REASON not in cells.defaulted:
        detail = _(
            "The day of a new project has not moved: this reason is not stored. Map the column to "
            "“open_issues” or “further_columns” to keep it."
        )
        cells.warn(MOVE_REASON, Mistake("not_written", detail))
    if moved and reason:
        draft.move_reason = reason
        cells.report.changes[MOVE_REASON] = ["", reason]


def settle_note(cells: Cells, draft: writing.RowDraft) -> None:
    """Add the note of progress of a row, unless it is stored; a next step needs a note."""
    if cells.has_error(FROM_PROGRESS):
        return
    said = {name: _find_note_value(cells, name) for name in FROM_PROGRESS}
    if not said[rows_below.TEXT_COLUMN]:
        for name in (rows_below.STEP_COLUMN, rows_below.DUE_COLUMN):
            if said[name]:
                detail = _("A next step is kept with what was noted; give that, too.")
                cells.warn(name, Mistake("not_written", detail))
        return
    try:
        note = _build_note(said, cells)
    except Mistake as mistake:
        cells.fail(mistake.place["name"], mistake)
        return
    if note is None or (cells.stored and note in cells.stored.notes):
        return
    draft.note = note
    for name, attribute in FROM_PROGRESS.items():
        new = format_value(getattr(note, attribute)) if getattr(note, attribute) else ""
        old = cells.old(name)
        if old != new:
            cells.report.changes[name] = [old, new]


def _find_note_value(cells: Cells, name: str) -> Any:
    """Return the value of a column of notes; a text equal to the stored one was not read."""
    if name in cells.values:
        return cells.values[name]
    text = cells.texts.get(name, "").strip()
    if not text:
        return None
    if name in (rows_below.DAY_COLUMN, rows_below.DUE_COLUMN):  # may be given for the whole file
        return _parse_day(text)
    return cells.stored.values[name] if cells.stored else text


def _parse_day(text: str) -> PartialDate | None:
    try:
        return parse_date_as_written(text)
    except DateError:
        return None  # such as 无 or /


_LONGEST = {rows_below.TEXT_COLUMN: LONGEST_NOTE, rows_below.STEP_COLUMN: LONGEST_STEP}


def _build_note(said: dict[str, Any], cells: Cells) -> rows_below.ParsedNote | None:
    text, noted_on, step, due = said.values()
    for name, longest in _LONGEST.items():
        if len(said[name] or "") > longest:
            params = {"length": len(said[name]), "max": longest}
            raise Mistake("too_long", str(TOO_LONG_MESSAGE) % params).at(name=name)
    if due and not step:
        detail = _("Say what is due: give the next step.")
        raise Mistake("without_step", detail).at(name=rows_below.DUE_COLUMN)
    day = noted_on or _parse_day(cells.texts.get("reported_on", ""))
    if day is None:
        if cells.stored and text == cells.stored.values[rows_below.TEXT_COLUMN]:
            return None
        detail = _(
            "Say on which day this was noted: in a column “latest_progress_on” (最新进展日期), by "
            "“noted_on” for the whole file, or by 截至2023年11月20日 above the table. Or read the "
            "column as “note”."
        )
        raise Mistake("without_day", detail).at(name=rows_below.TEXT_COLUMN)
    place = {"name": rows_below.DAY_COLUMN if noted_on else "reported_on"}
    if day.precision != Precision.DAY:
        detail = _("A note has a day, such as 2023-06-30; “%(day)s” is none.")
        raise Mistake("not_a_day", detail % {"day": day}).at(**place)
    if day.first > timezone.localdate():
        detail = _("%(day)s is in the future; a note tells of what is known.")
        raise Mistake("in_the_future", detail % {"day": day}).at(**place)
    return rows_below.ParsedNote(text, day.first, step or "", due.last if due else None)


# A company may be registered before or after its project is approved
_IN_ANY_ORDER = {Stage.REGISTERED, Stage.APPROVED}


def is_behind(stage: Stage, other: Stage) -> bool:
    """Tell whether a stage always comes before another one."""
    return STAGES.index(stage) < STAGES.index(other) and {stage, other} != _IN_ANY_ORDER


def check_order(cells: Cells, draft: writing.RowDraft) -> None:
    """Refuse a later step dated before an earlier one: most often a typing error."""
    new = draft.milestones
    if not new:
        return
    known = cells.stored.values if cells.stored else {}
    days = {
        stage: PartialDate.from_columns(known.get(name), known.get(f"{name}_precision", ""))
        for name, stage in DATED_STAGES.items()
    } | new
    dated = [(stage, day) for stage in STAGES if (day := days.get(stage))]
    for place, (later, day) in enumerate(dated):
        for earlier, before in dated[:place]:
            if day.last < before.first and is_behind(earlier, later) and {later, earlier} & {*new}:
                params = {"later": later.label, "day": day, "earlier": earlier.label}
                detail = _("%(later)s (%(day)s) is before %(earlier)s (%(before)s).")
                name = f"{(later if later in new else earlier).value}_on"
                fault = Mistake("before_earlier_stage", detail % {**params, "before": before})
                cells.fail(name, fault)
    _check_stage(cells, new)


def _check_stage(cells: Cells, new: Iterable[Any]) -> None:
    """Refuse a date beyond the stage that the same row gives, which contradicts it."""
    column, word = cells.values.get("status", ("", ""))
    given = cells.values.get("stage") or (word if column == "stage" else "")
    for stage in [each for each in new if given and isinstance(each, Stage)]:
        if is_behind(Stage(given), stage):
            detail = _("The row has a date of “%(later)s”, but says “%(stage)s” as its stage.")
            params = {"later": stage.label, "stage": Stage(given).label}
            cells.fail(f"{stage.value}_on", Mistake("beyond_stage", detail % params))


_MONEY = ("investment_cny", "investment_qualifier", "investment_basis")
_TAKEN_TOGETHER = {
    *(*_MONEY, *LAND_COLUMNS, "phase_one_cny", INCREASE_COLUMN, "name", "status", MOVE_REASON),
    *FROM_PROGRESS,
}
# Never empty: a blank cell cannot clear them.
_NEVER_BLANK = (
    *("park", "standing", "publication", "is_umbrella", "stage", "status", "name", "events"),
    *("code", "tags", *FROM_PROGRESS),
)
_AS_REPORTED = {"origin": "origin_text", "sector": "sector_text"}  # where the words are kept


class Comparison:
    """One row against the project that it is about, or against nothing."""

    def __init__(self, cells: Cells, options: ImportOptions) -> None:
        self.cells, self.stored, self.options = cells, cells.stored, options
        self.report, self.old, stored = cells.report, cells.old, cells.stored
        code = stored.code if stored else cells.texts.get("code", "")
        self.draft = writing.RowDraft(self.report.line, code)
        if stored:
            self.draft.project_id, self.draft.version = stored.pk, stored.values["version"]

    def compare(self) -> writing.RowDraft:
        """Fill in the report and the draft, and return the draft."""
        values = self.cells.values
        for name, value in list(values.items()):
            if name not in _TAKEN_TOGETHER:
                self.attempt(name, self.take, name, value, cell_kind(name))
        if "name" in values:
            name = "name_zh" if is_chinese_name(values["name"]) else "name_en"
            self.attempt("name", self.column, name, values["name"])
        if "status" in values:
            column, word = values["status"]
            self.attempt("status", self.take, column, word, "word")
        self.money()
        take_land(self.cells, self.column)
        self.clear()
        self.bases()
        settle_point(self.cells, self.draft)
        if not self.cells.has_error(("standing", "status")):
            settle_standing(self.cells, self.draft)
        settle_note(self.cells, self.draft)
        self.agreement()
        settle_moves(self.cells, self.draft)
        check_order(self.cells, self.draft)
        self.warn_of_derived()
        return self.draft

    def attempt(self, name: str, take: Callable[..., None], *args: Any) -> None:
        """Call `take`; a Mistake is reported at the cell of the column."""
        try:
            take(*args)
        except Mistake as fault:
            self.cells.fail(name, fault)

    def take(self, name: str, value: Any, kind: str) -> None:
        taker = TAKERS.get(name) or TAKERS.get(kind) or Comparison.column
        taker(self, name, value)

    def report_change(self, name: str, value: Any) -> None:
        self.report.changes[name] = [self.old(name), format_value(value)]

    def column(self, name: str, value: Any) -> None:
        if name in _AS_REPORTED and not self.keep_words(name, value):
            return
        old, new = self.old(name), format_value(value)
        if is_same_text(old, new):
            return
        if old and not self.options.overwrite and cell_kind(name) in ("text", "partial_date"):
            check_for_spreadsheet(old, new, value)
        if isinstance(value, PartialDate):
            if name == "reported_on" and value.first > timezone.localdate():
                raise Mistake("in_the_future", REPORT_TO_COME % {"day": value})
            self.draft.columns[name] = value.first
            self.draft.columns[f"{name}_precision"] = value.precision.value
        else:
            self.draft.columns[writing.find_column(name)] = getattr(value, "pk", value)
        self.report_change(name, value)

    def keep_words(self, name: str, code: str | None) -> bool:
        """Keep the words of an origin or sector; tell whether they name a known one."""
        text = self.cells.texts[name]
        words = _AS_REPORTED[name]
        is_new = code is None or code != self.old(name)
        if is_new and text.upper() != code and words not in self.cells.texts:
            self.column(words, text[:200])
        if code is None and not is_same_text(text, self.old(words)):
            detail = _("“%(text)s” is not a known sector; it is kept as text.") % {"text": text}
            self.cells.warn(name, Mistake("sector_open", detail))
        return code is not None

    def milestone(self, name: str, day: PartialDate) -> None:
        stage = MET_STEPS[name]
        if day.first > timezone.localdate():
            detail = _("%(day)s is in the future; this column takes no planned dates.")
            raise Mistake("in_the_future", detail % {"day": day})
        if self.is_new_date(name, day):
            self.draft.milestones[stage] = day

    def document(self, name: str, number: str) -> None:
        if number != self.old(name):
            self.draft.of_steps[name] = number
            self.report_change(name, number)

    def plan(self, name: str, day: PartialDate) -> None:
        if self.is_new_date(name, day):
            self.draft.of_steps[name] = day

    def agreement_type(self, name: str, word: str) -> None:
        if word != self.old(name):
            self.draft.agreement_type = word
            self.report_change(name, word)

    def investors(self, name: str, shares: tuple[Share, ...]) -> None:
        if self.stored and self.stored.has_investors(shares):
            return
        if self.stored and self.stored.shares_with(shares) > 10_000:
            detail = _("Together with the shares in the ledger these are more than 100 %.")
            raise Mistake("shares_exceed_whole", detail)
        self.draft.investors = shares
        self.report_change(name, shares)
        if self.stored and any(share.share_bp for share in shares):
            before = tuple(each.share for each in self.stored.investors)
            self.report.changes[name][0] = format_value(before)

    def report_flow(self, name: str, report: rows_below.FlowReport) -> None:
        there = self.stored.flows if self.stored else {}
        known = there.get((name, report.currency), rows_below.KnownFlows())
        if not rows_below.compare_flows(report, known):
            return
        if report.value < known.before:
            detail = _(
                "This is less than the %(before)s that were paid in before; the difference counts "
                "as a reduction (核减)."
            )
            params = {"before": say_money(known.before, report.currency)}
            self.cells.warn(name, Mistake("falls", detail % params))
        self.draft.flows[name] = report
        old = report.write(known.total) if self.stored else ""
        self.report.changes[name] = [old, str(report)]

    def events(self, name: str, events: tuple[FoundRow, ...]) -> None:
        """Add events in which the project has not taken part yet."""
        there = self.stored.events if self.stored else set()
        if {event.pk for event in events} - there:
            self.draft.events = events
            self.report_change(name, events)

    def tags(self, name: str, tags: tuple[ParsedTag, ...]) -> None:
        """Add tags that the project does not have yet."""
        old = self.old(name)
        new = tuple(each for each in tags if str(each) not in old.split("；"))
        if new:
            self.draft.tags = new
            self.report.changes[name] = [old, "；".join(filter(None, [old, format_value(new)]))]

    def people(self, name: str, people: tuple[rows_below.ParsedPerson, ...]) -> None:
        known = self.stored.people.get(name, ()) if self.stored else ()
        if not rows_below.is_known(people, known):
            self.draft.people[name] = people
            self.report.changes[name] = [format_value(known), format_value(people)]

    def reference(self, name: str, code: str) -> None:
        if code.lower() != self.old(name).lower():
            self.draft.references[name] = code
            self.report_change(name, code)

    def is_new_date(self, name: str, day: PartialDate) -> bool:
        """Tell whether a date differs from the stored one, and report it then."""
        old, new = self.old(name), str(day)
        if old == new:
            return False
        if not self.options.overwrite:
            check_for_spreadsheet(old, new, day)
        self.report_change(name, day)
        return True

    def stage(self, name: str, word: str) -> None:
        stage, old = Stage(word), self.old(name)
        if old and is_behind(stage, Stage(old)):
            detail = _("The project has reached “%(old)s”; to undo that, revoke the milestone.")
            raise Mistake("stage_goes_back", detail % {"old": show_words([old])}, old)
        if old and STAGES.index(stage) <= STAGES.index(Stage(old)):
            return
        self.draft.milestones.setdefault(stage, None)
        self.report_change(name, word)

    def money(self) -> None:
        """Claim the amount with its qualifier and its basis."""
        values = self.cells.values
        given = values.get("investment_cny")
        phase = values.get("phase_one_cny")
        basis = writing.choose_basis(self.stored, values.get("investment_basis"))
        is_alone = phase and not given and not self.cells.texts.get("investment_cny")
        before = self.stored.money if self.stored else None
        is_phase = rows_below.PHASE_ONE in str(values.get("name") or self.old("name_zh"))
        if phase and is_phase and is_alone and (before is None or before.cny == phase.cny):
            detail = _("By its name the project is the first phase: that amount is its own.")
            self.cells.warn("phase_one_cny", Mistake("is_first_phase", detail))
            phase = qualify(self.cells, phase, phase)
            self.claim(writing.AmountClaim(phase, basis, note=rows_below.PHASE_ONE))
        elif phase:
            self.further("phase_one_cny", phase)
        if given or {"investment_qualifier", "investment_basis"} & {*values}:
            self.attempt("investment_qualifier", self.whole_amount)
        if INCREASE_COLUMN in values:
            self.attempt(INCREASE_COLUMN, self.increase, values[INCREASE_COLUMN])

    def increase(self, money: Money) -> None:
        """Add to the amount of the row, or the stored one, unless that increase is stored."""
        claimed = [claim.money.cny for claim in self.draft.claims]
        before = self.stored.values["investment_cny"] if self.stored else None
        if money.cny is None or all(cny is None for cny in (*claimed, before)):
            detail = _("There is no amount in yuan to which this could be added.")
            raise Mistake("without_amount", detail)
        known = self.stored.increased if self.stored else None
        if known and not claimed and known.has(money):
            return
        self.draft.increase = rows_below.ParsedIncrease(money)
        self.report.changes[INCREASE_COLUMN] = [str(known or ""), str(money)]

    def further(self, name: str, money: Money) -> None:
        """Claim an amount beside the investment, unless it is stored."""
        before = self.stored.further.get(name) if self.stored else None
        if before and before.claimed == money.claimed:
            return
        self.draft.further[name] = money
        self.report.changes[name] = [str(before or ""), str(money)]

    def whole_amount(self) -> None:
        """Complete the amount with qualifier and basis, of the row or as stored."""
        given: Money | None = self.cells.values.get("investment_cny")
        money = given or (self.stored.money if self.stored else None)
        if money is None:
            raise Mistake("without_amount", _("There is no amount to which this could apply."))
        header = self.cells.matches.get("investment_cny")
        said = money.basis or (header.basis if header and given else "")
        basis = writing.choose_basis(self.stored, self.cells.find_word("investment_basis") or said)
        self.claim(writing.AmountClaim(qualify(self.cells, money, given), basis))

    def claim(self, claim: writing.AmountClaim) -> None:
        if self.stored and self.stored.has_investment(claim.money, claim.basis):
            return
        if claim.money.cny is None:
            detail = _("“%(text)s” is not in yuan: it is kept as it is and is in no total.")
            params = {"text": claim.money.as_reported}
            self.cells.warn("investment_cny", Mistake("other_currency", detail % params))
        self.draft.claims += (claim,)
        before = self.stored.money if self.stored else None
        if before is None or before.cny != claim.money.cny:
            self.draft.new_amount = claim.money.cny
        self.report_change("investment_cny", claim.money)
        if self.stored is None or claim.basis != self.stored.values["investment_basis"]:
            self.report_change("investment_basis", claim.basis)

    def clear(self) -> None:
        """Clear what blank cells clear, if the options ask for it."""
        if self.stored is None or self.options.blank != "clear":
            return
        for name in self.cells.blank.difference(_NEVER_BLANK, self.cells.values):
            if not self.old(name):
                continue
            if name in MET_STEPS:
                self.draft.milestones[MET_STEPS[name]] = None
            elif name in OF_STEPS:
                self.draft.of_steps[name] = None
            elif name == "investment_cny":
                self.draft.withdraws = True
            elif name == "investors":
                self.draft.investors = ()
            elif name in _MONEY or name == "agreement_type":
                continue
            else:
                self.draft.columns |= dict(writing.empty_columns(name))
            self.report.changes[name] = [self.old(name), ""]

    def bases(self) -> None:
        """Drop or refuse a basis of nothing; that of an origin or sector may be unknown."""
        columns = self.draft.columns
        for name in ("origin", "sector"):
            basis = f"{name}_basis"
            is_known = bool(columns.get(f"{name}_id", self.old(name)))
            if not is_known and columns.get(basis) and basis not in self.cells.matches:
                del columns[basis]  # given for all rows, and this one has no such place or sector
                self.report.changes.pop(basis, None)
            elif not is_known and columns.get(basis) and not self.cells.texts.get(name):
                detail = _("There is nothing of which this could be the basis.")
                self.cells.fail(basis, Mistake("basis_of_nothing", detail))
            elif not is_known and self.old(basis):
                columns[basis] = ""

    def agreement(self) -> None:
        """Refuse a type of agreement without a signing."""
        if self.draft.agreement_type is None:
            return
        dated = DATED_STAGES.items()
        met = {stage for name, stage in dated if self.old(name) or self.old("stage") == stage}
        signings = (met | self.draft.milestones.keys()) & {*SIGNING_TYPES}
        step, why = OTHER_PAPERS.get(self.draft.agreement_type, (None, ""))
        is_other_paper = signings == {step}
        if is_other_paper:
            self.cells.warn("agreement_type", Mistake("not_written", str(why)))
        is_open = self.draft.agreement_type == "unknown" and not self.old("agreement_type")
        if is_other_paper or (is_open and not self.draft.milestones.keys() & {*SIGNING_TYPES}):
            self.draft.agreement_type = None
            del self.report.changes["agreement_type"]
        elif not signings:
            detail = _("Only a signing has a type of agreement; the row has none.")
            self.cells.fail("agreement_type", Mistake("without_signing", detail))

    def warn_of_derived(self) -> None:
        """Warn of cells that differ from what the ledger computes, which are not written."""
        if self.stored is None:
            return
        for name, text in self.cells.texts.items():
            column = FILE_COLUMNS.get(name)
            is_derived = cell_kind(name) == DERIVED_CELL and name not in self.cells.values
            if text and is_derived and name in rows_below.FLOW_COLUMNS and column is None:
                self.cells.warn(name, Mistake("not_written", str(rows_below.NEEDS_MONTH)))
            if not text or not is_derived or column is None:
                continue
            now = self.stored.text(column, self.cells.matches[name].unit)
            if name != "version" and not matches_stored(column, text, now):
                warn_of_unwritten(self.cells, name, now)


# The method for the values of a column, by its name or by the kind of its cells
TAKERS: Mapping[str, Callable[[Comparison, str, Any], None]] = {
    "milestone": Comparison.milestone,
    "planned": Comparison.plan,
    "document": Comparison.document,
    "stage": Comparison.stage,
    "agreement_type": Comparison.agreement_type,
    "investors": Comparison.investors,
    "events": Comparison.events,
    "tags": Comparison.tags,
    "people": Comparison.people,
    "project": Comparison.reference,
    **dict.fromkeys(("fixed_investment_cny", "capital_attracted_cny"), Comparison.further),
    **dict.fromkeys(rows_below.FLOW_COLUMNS, Comparison.report_flow),
}
