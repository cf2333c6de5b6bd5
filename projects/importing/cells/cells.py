"""What the cells of a row mean: each text to a value, or a CellFault that says why not."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.dates import PartialDate, Precision, parse_date_as_written, parse_half_year
from config.fields import validate_code
from config.imports import CellFault, UnderstoodFault, read_once
from config.reading.rows import FORMULA, FORMULA_ERROR, LOST_DIGITS
from config.suggestions import nearest
from config.texts import (
    MAX_LENGTH,
    REFUSED,
    TOO_LONG_MESSAGE,
    describe_refused,
    measure_length,
    shorten,
)
from parks.cell_lookup import Finder, Organisations
from parks.models.ledger import validate_not_reserved
from parks.models.located import POINT
from projects import national_codes
from projects.importing.cells.columns import cell_kind
from projects.importing.cells.faults import raise_cell_fault, refuse_exponent
from projects.importing.cells.further_cells import read_further
from projects.importing.cells.investor_cells import MOST_NAMES, read_investors
from projects.importing.cells.investor_names import Share
from projects.importing.cells.measured_cells import (
    read_area,
    read_currency,
    read_money,
    read_unit,
)
from projects.importing.cells.people_cells import read_people
from projects.importing.cells.tag_cells import SaidTag, read_tag
from projects.importing.cells.words import (
    FLAGS,
    UNCLEAR_STAGE,
    find_meanings,
    find_word,
    list_words,
)
from projects.models import Milestone, Project

_SEPARATOR = re.compile(r"[；;、|\n]+")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)[T ]\d\d:\d\d.*")
_SERIAL = re.compile(r"[2-7]\d{4}(?:\.0+)?")
_LAST_SERIAL = 73_050  # the end of 2099
_LINES = re.compile(r"[\r\n\t\x0b\x0c\x85\u2028\u2029]+")
_NUMERALS = "一二三四五六七八九十"
_PHASE = re.compile(
    r"第?(?:(\d{1,3})(?:\.0+)?|([一二三四五六七八九十]))期?(?:工程|项目)?|phase\s*(\d{1,3})", re.I
)
_NO_LINES = re.compile(r"[\x0b\x0c\x85]")  # which only look like the ends of lines
_NO_TEXT = re.compile(rf"(?![\t-\r\x85]){REFUSED.pattern}")


class CellReader:
    """Reads cells by the kind of their column; equal texts of a column are read once."""

    def __init__(self, finder: Finder) -> None:
        # Each column for itself: one whose cells all say something else makes no other one forget
        self._read: dict[str, dict[tuple[str, str], Any]] = defaultdict(dict)
        self.organisations = Organisations(finder.actor, sees_all=finder.sees_all)
        self.find_tag, self.is_place = finder.tag, finder.is_place
        self.readers: dict[str, Callable[[str], Any]] = {
            **{
                "code": read_public_code,
                "project": read_public_code,
                "national_code": read_national_code,
                "flag": read_flag,
            },
            **dict.fromkeys(("partial_date", "planned"), read_partial_date),
            "milestone": read_met_date,
            **{"region": finder.region, "sector": finder.sector},
            **{"park": finder.park, "source": finder.source},
            **{"investors": self.read_investors, "events": read_names},
            **{"unit": read_unit, "currency": read_currency},
            **{"document": read_document_no, "phase": read_phase, "tags": self.read_tags},
            **{"further": read_further, "people": read_people},
        }

    def read(self, name: str, text: str, unit: str = "", fault: str = "") -> Any:
        """Read a cell that is not blank; CellFault if it means nothing."""
        kind = cell_kind(name)
        if fault and not (fault == LOST_DIGITS and kind == "money"):
            raise _describe_fault(fault, text)
        if kind == "text":  # which one after the other says something else
            return self._value(name, unicodedata.normalize("NFC", text), unit)
        return read_once(
            self._read[name],
            (text, unit),
            lambda: self._value(name, unicodedata.normalize("NFC", text), unit),
        )

    def look_up_investors(self, texts: Iterable[str]) -> None:
        """Look up at once what cells may name, so that reading them asks for nothing more."""
        names: dict[str, None] = {}

        def note(name: str) -> bool:
            names[name] = None
            return False

        for text in dict.fromkeys(texts):
            with suppress(CellFault):
                read_investors(unicodedata.normalize("NFC", text), note, self.is_place)
        self.organisations.look_up(names)

    def read_investors(self, text: str) -> tuple[Share, ...]:
        return read_investors(text, self.organisations.knows, self.is_place)

    def read_tags(self, text: str) -> tuple[SaidTag, ...]:
        return tuple(read_tag(each, self.find_tag) for each in read_names(text))

    def _value(self, name: str, text: str, unit: str) -> Any:
        if found := _NO_TEXT.search(text):
            raise _refuse_character(found[0])
        kind = cell_kind(name)
        if kind in OF_A_COLUMN:
            return OF_A_COLUMN[kind](name, text)
        if kind in WITH_A_UNIT:
            return WITH_A_UNIT[kind](text, unit)
        return self.readers[kind](text)


def _refuse_character(found: str) -> CellFault:
    return CellFault("control_character", describe_refused(found))


def _describe_fault(fault: str, text: str) -> CellFault:
    details = {
        FORMULA: _("This is a formula. Put its value in its place (copy, then paste as values)."),
        FORMULA_ERROR: _("The formula in this cell gives an error."),
        LOST_DIGITS: _(
            "The spreadsheet keeps 15 digits of a number, so further digits are lost here."
        ),
    }
    return CellFault(fault, details[fault], shorten(text) if fault == FORMULA else None)


@raise_cell_fault()
def read_public_code(text: str) -> str:
    refuse_exponent(text)
    validate_code(text)
    validate_not_reserved(text)
    if len(text) > 64:
        raise CellFault("too_long", _("A code can have at most 64 characters."))
    return text


@raise_cell_fault()
def read_national_code(text: str) -> str:
    refuse_exponent(text)
    found = national_codes.normalise(text)
    national_codes.validate_national_code(found)
    return found


def read_text(name: str, text: str) -> str:
    """Read a text of the length that its column holds; only notes have several lines."""
    longest = _find_longest(name)
    if longest is None:
        if found := _NO_LINES.search(text):
            raise _refuse_character(found[0])
        _check_length(measure_length(text), MAX_LENGTH)
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return _read_line(text, longest)


def holds_lines(name: str) -> bool:
    """Tell whether a column of texts may have several lines."""
    return _find_longest(name) is None


def _find_longest(name: str) -> int | None:
    column = Project._meta.get_field("name_zh" if name == "name" else name)
    return getattr(column, "max_length", None)


def _read_line(text: str, longest: int) -> str:
    one_line = _LINES.sub(" ", text)
    _check_length(len(one_line), longest)
    if one_line != text:
        raise CellFault("line_break", _("This must be a single line."), one_line)
    return text


def _check_length(length: int, longest: int) -> None:
    if length > longest:
        detail = str(TOO_LONG_MESSAGE) % {"length": length, "max": longest}
        raise CellFault("too_long", detail)


def read_document_no(text: str) -> str:
    """Read the number of a paper, as it stands."""
    column: Any = Milestone._meta.get_field("document_no")
    return _read_line(text, column.max_length)


@raise_cell_fault()
def read_phase(text: str) -> int:
    """Read which phase of a whole a project is: 2, 二期, 第二期, Phase 2."""
    found = _PHASE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    number = found and next(filter(None, found.groups()), "")
    if not number:
        raise CellFault("not_a_number", _("Write the number of the phase, such as 2 or 二期."))
    phase = int(number) if number.isdecimal() else _NUMERALS.index(number) + 1
    column: Any = Project._meta.get_field("phase_no")
    return column.clean(phase, None)


def read_word(name: str, text: str) -> Any:
    """Read a word of the ledger; of `status` a pair of the column and its word."""
    if name in ("status", "stage", "standing"):
        refuse_unclear(text)
    if name == "status":
        for column in ("stage", "standing"):
            found = find_word(column, text)
            if found:
                return column, found
        allowed = [*list_words("stage"), *list_words("standing")]
    else:
        found = find_word(name, text)
        if found:
            return found
        allowed = [*list_words(name)]
    detail = _("“%(text)s” is not one of: %(words)s.")
    told = {"text": text, "words": ", ".join(allowed)}
    raise CellFault("unknown_value", detail % told, nearest(text, allowed))


def refuse_unclear(text: str) -> None:
    """Raise CellFault for a word that one office means differently from the next."""
    meanings = find_meanings(text)
    if not meanings:
        return
    told = {"text": text, "words": meanings}
    if {*meanings.split(", ")} <= {*list_words("stage")}:
        detail = _(
            "“%(text)s” may mean several things: no stage is taken from it. Write one of: "
            "%(words)s."
        )
        raise CellFault(UNCLEAR_STAGE, detail % told)
    detail = _("“%(text)s” may mean several things; write one of: %(words)s.")
    raise CellFault("ambiguous_word", detail % told)


@raise_cell_fault()
def read_number(name: str, text: str) -> Any:
    """Read a number that its column of the ledger can hold; of a point to a tenth of a metre."""
    refuse_exponent(text)
    column: Any = Project._meta.get_field(name)
    value = column.to_python(text.replace(",", ""))
    if name in POINT and value.is_finite():
        value = round(value, column.decimal_places)  # 113.14388999999998 is 113.14389
    return column.clean(value, None)


def read_flag(text: str) -> bool:
    value = FLAGS.get(text.casefold())
    if value is None:
        raise CellFault("unknown_value", _("Write yes or no, 是 or 否, true or false."))
    return value


@raise_cell_fault()
def read_partial_date(text: str) -> PartialDate:
    """Read a date as people write it; CellFault suggests the day of a bare serial number."""
    moment = _MOMENT.fullmatch(text)
    if _SERIAL.fullmatch(text) and float(text) <= _LAST_SERIAL:
        day = date(1899, 12, 30) + timedelta(days=int(float(text)))
        detail = _("%(text)s is the spreadsheet's serial number of %(day)s; give the cell a date.")
        told = {"text": shorten(text), "day": day.isoformat()}
        raise CellFault("date_serial", detail % told, day.isoformat())
    if half := parse_half_year(text):
        year = str(half[0])
        detail = _(
            "“%(text)s” is stored as %(year)s: the ledger has years and quarters, no halves."
        )
        told = {"text": shorten(text), "year": year}
        raise UnderstoodFault(half[0], "half_year", detail % told, year)
    return parse_date_as_written(moment[1] if moment else text)


@raise_cell_fault()
def read_met_date(text: str) -> PartialDate:
    """Read the date of a step that is done; half a year that has not begun is no such date."""
    half = parse_half_year(text)
    if half and half[1] > timezone.localdate():
        detail = _("%(day)s is in the future; this column takes no planned dates.")
        raise CellFault("in_the_future", detail % {"day": shorten(text)})
    return read_partial_date(text)


def read_names(text: str) -> tuple[str, ...]:
    """Read several names in one cell, divided by ； ; 、 | or line ends."""
    found = tuple(dict.fromkeys(name.strip() for name in _SEPARATOR.split(text) if name.strip()))
    if len(found) > MOST_NAMES:
        raise CellFault("too_many_names", _("There are too many names in this cell."))
    if any(len(name) > 200 for name in found):
        raise CellFault("too_long", _("A name can have at most 200 characters."))
    return found


def is_first_day(day: PartialDate, of: PartialDate) -> bool:
    """Tell whether a day is what a spreadsheet makes of a month or year: its first day."""
    return (
        of.precision != Precision.DAY and day.precision == Precision.DAY and day.first == of.first
    )


# The readers that need more than the text: which column it is in, or the unit of its header
OF_A_COLUMN: Mapping[str, Callable[[str, str], Any]] = {
    **{"text": read_text, "word": read_word, "number": read_number}
}
WITH_A_UNIT: Mapping[str, Callable[[str, str], Any]] = {"money": read_money, "area": read_area}
