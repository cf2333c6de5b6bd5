"""Read the cells of a row: each text becomes a value, or raises a Mistake."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.mistakes import Mistake, nearest
from config.texts import (
    MAX_LENGTH,
    REFUSED,
    TOO_LONG_MESSAGE,
    describe_refused,
    measure_length,
    shorten,
)
from parks.models import Tag
from parks.models.ledger import validate_not_reserved
from parks.models.places import POINT
from parks.names.cell_lookup import Finder, FoundRow, Organisations
from parks.recording.recording import MAX_REASON
from projects.importing.cells import amounts, words
from projects.importing.cells.columns import (
    FILE_COLUMNS,
    FURTHER_COLUMN,
    MOVE_REASON,
    cell_kind,
    list_spellings,
)
from projects.importing.cells.investors import MOST_NAMES, Share, read_investors
from projects.importing.cells.rows_below import read_people
from projects.models import Milestone, Participation, Project, naming
from projects.models.projects import COLON, join_further, parse_further, read_stored_further
from sheets import dates
from sheets.fields import validate_code
from sheets.imports import read_once
from sheets.reading.headers import Match, normalize_header
from sheets.reading.rows import FORMULA, FORMULA_ERROR, LOST_DIGITS, ReadRow

_PLANNED_DAY = re.compile(r"(?:力争|争取|确保|计划|预计|拟)(?:[于在]|到)?\s*(.+)")
_IS_DONE = re.compile(r"已\D{1,20}")
_IS_NOT_DONE = re.compile(r"(?:[尚暂还仍]|目前)?(?:未|没有?)\D{1,20}|not\b\D{1,30}", re.IGNORECASE)
_CHINESE = re.compile(r"[\u3007-\u9fff（）]")
# The end of a whole name of an organisation, or of a share
_WHOLE = re.compile(
    r"(?:公司|集团|企业|合伙|院|所|中心|大学|学院|学校|银行|基金|厂|社|局|会|政府|[%％)）；;、,，]"
    r"|\b(?:Co|Ltd|Inc|LLC|GmbH|Corp|Limited|AG|plc)\.?)$",
    re.IGNORECASE,
)
# No whole name of an organisation, but the rest of a wrapped one
_REST = re.compile(
    r"[\u4e00-\u9fff]?(?:科技|技术|发展|投资|实业|控股|集团|电子|能源|材料|制造|装备|工业|贸易|服务|管理)*+"
    r"(?:股?份)?(?:有?限)(?:责任)?公司|公?司|(?:集团|责任|股份)公司|[(（]?有?限合伙[)）]"
    r"|(?:Co\.?,? ?)?(?:Ltd|Inc|LLC|GmbH|Corp|Limited|AG|plc)\.?",
    re.IGNORECASE,
)

_FORM_ALONE = re.compile(r"[(（](?:有限|普通|特殊普通)合伙[)）]")


def unwrap(text: str) -> str:
    """Join the lines of a text, Chinese ones without a blank."""
    return _join(_split(text))


def unwrap_investors(text: str) -> str:
    """Join the lines of one name; lines that may be names of their own stay apart."""
    lines: list[str] = []
    for line in _split(text):
        above = lines[-1][-20:] if lines else ""
        is_cut = not _WHOLE.search(above) or above.endswith(("Co.,", "Co."))
        if above and (_FORM_ALONE.fullmatch(line) or (is_cut and _REST.fullmatch(line))):
            lines[-1] = _join([lines[-1], line])
        else:
            lines.append(line)
    return "\n".join(lines)


def _split(text: str) -> list[str]:
    lines = text.replace("\r", "\n").split("\n")
    return [line.strip() for line in lines if line.strip()] or [""]


def _join(lines: list[str]) -> str:
    joined = lines[0]
    for line in lines[1:]:
        is_chinese = _CHINESE.match(joined[-1:]) and _CHINESE.match(line[:1])
        joined += line if is_chinese or not joined or not line else f" {line}"
    return joined


_BEFORE = re.compile(r"((?:19|20)\d\d)(?:年度?|\s)")
_AFTER = re.compile(r"((?:19|20)\d\d)(?:年度?)?[)）\]]?\Z")


@dataclass(frozen=True, slots=True)
class ParsedTag:
    """A tag by its code, and the year of its list if given; `str` is the form of files."""

    tag: str
    year: int | None = None

    def __str__(self) -> str:
        return self.tag if self.year is None else f"{self.tag} {self.year}"


def read_tag(text: str, find_tag: Callable[[str], str]) -> ParsedTag:
    """Read one tag, whose code `find_tag` finds by its code or name; Mistake for what is none."""
    try:
        found = ParsedTag(find_tag(text))
    except Mistake:
        name, year = _split_off_year(text)
        if not name:
            raise
        found = ParsedTag(find_tag(name), year)
    tag = Tag.objects.get(pk=found.tag)
    if tag.bearer != Tag.Bearer.PROJECT:
        detail = _("“%(tag)s” is a tag of %(bearer)s.")
        params = {"tag": tag.name, "bearer": tag.get_bearer_display()}
        raise Mistake("other_bearer", detail % params)
    if tag.is_yearly and found.year is None:
        detail = _("Say of which year the list is, as in “%(text)s 2024”.")
        raise Mistake("without_year", detail % {"text": text})
    if found.year is not None and not dates.EARLIEST_YEAR <= found.year <= dates.LATEST_YEAR:
        raise Mistake("out_of_range", _("There is no such year."))
    return found


def _split_off_year(text: str) -> tuple[str, int]:
    """Split a tag into its name and year: 2024年名单, 名单（2024）; a blank name if it has none."""
    if before := _BEFORE.match(text):
        return text[before.end() :].strip(), int(before[1])
    if after := _AFTER.search(text):
        return text[: after.start()].rstrip(" \t\u3000\xa0（(["), int(after[1])
    return "", 0


class FurtherCells:
    """The further columns of one sheet: headers by place, and the places of our own column."""

    def __init__(self, columns: Iterable[Match]) -> None:
        self.headers: dict[int, str] = {}
        self.own: list[int] = []
        for match in (each for each in columns if each.name == FURTHER_COLUMN):
            if normalize_header(match.text) in list_spellings([FILE_COLUMNS[FURTHER_COLUMN]]):
                self.own.append(match.place)
            else:
                self.headers[match.place] = self.name(match.text)

    def name(self, text: str) -> str:
        """Name a column by its header, with a number if the name is taken."""
        header = " ".join(text.split()).replace(COLON, ":")
        names = [header, *(f"{header}（{number}）" for number in range(2, len(self.headers) + 2))]
        return next(name for name in names if name not in self.headers.values())

    def label(self, place: int, text: str) -> str:
        """Write a cell as the line that is stored of it."""
        return text and f"{self.headers[place]}{COLON}{' '.join(unwrap(text).split())}"

    def complete(self, text: str, row: ReadRow, stored: str, *, clears: bool) -> str:
        """Add to the further columns of a row the stored ones that the sheet does not have.

        Our own column replaces them all. With `clears` blank cells clear theirs.
        """
        if any(map(row.cell, self.own)):
            return text
        new, kept = read_stored_further(text), read_stored_further(stored)
        blank = {*self.headers.values()} - new.keys() if clears else set()
        return join_further({h: text for h, text in (kept | new).items() if h not in blank})


@contextmanager
def raise_mistake() -> Iterator[None]:
    try:
        yield
    except Mistake:
        raise
    except ValidationError as error:
        first = error.error_list[0]  # of several in one, which have no code as a whole
        raise Mistake(first.code or "invalid", error.messages[0]) from error


@raise_mistake()
def read_further(text: str) -> str:
    """Read further columns, one a line."""
    return join_further(parse_further(text))


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
        # One cache a column, so that a column of distinct texts does not empty the others
        self._read: dict[str, dict[tuple[str, str], Any]] = defaultdict(dict)
        self.organisations = Organisations(finder.actor)
        self.named: set[str] = set()  # names that were answered to be those of organisations
        self.finder = finder
        self.readers: dict[str, Callable[[str], Any]] = {
            **dict.fromkeys(("code", "project"), read_public_code),
            **{"national_code": read_national_code, "flag": read_flag},
            "partial_date": read_partial_date,
            "planned": read_planned_date,
            "milestone": read_met_date,
            **{"region": finder.region, "sector": finder.sector},
            **{"park": finder.park, "source": finder.source},
            **{"investors": self.read_investors, "events": self.read_events},
            **{"unit": amounts.read_unit, "currency": amounts.read_currency},
            **{"document": read_document_no, "phase": read_phase, "tags": self.read_tags},
            **{"further": read_further, "people": read_people},
        }

    def read(self, name: str, text: str, unit: str = "", fault: str = "") -> Any:
        """Read a cell that is not blank; Mistake if it means nothing."""
        kind = cell_kind(name)
        if fault and not (fault == LOST_DIGITS and kind == "money"):
            raise describe_fault(fault, text)
        if kind == "text":  # rarely repeated
            return self._value(name, text, unit)
        known = self._read[name]
        return read_once(known, (text, unit), lambda: self._value(name, text, unit))

    def look_up_investors(self, texts: Iterable[str]) -> None:
        """Look up all organisations that cells may name, so that reading them needs no query."""
        names: dict[str, None] = {}

        def note(name: str) -> bool:
            names[name] = None
            return False

        for text in dict.fromkeys(texts):
            with suppress(Mistake):
                read_investors(unicodedata.normalize("NFC", text), note, self.finder.is_place)
        self.organisations.look_up(names)

    def read_investors(self, text: str) -> tuple[Share, ...]:
        return read_investors(text, self.knows, self.finder.is_place)

    def knows(self, name: str) -> bool:
        """Tell whether a name is that of an organisation, by the ledger or by an answer."""
        return name in self.named or self.organisations.knows(name)

    def accept_names(self, names: Iterable[str]) -> None:
        self.named.update(names)
        self._read["investors"].clear()

    def read_events(self, text: str) -> tuple[FoundRow, ...]:
        names = read_names(text)
        found = (self.finder.owner(Participation, "event", name) for name in names)
        return tuple(FoundRow(event.pk, event.code) for event in found)

    def read_tags(self, text: str) -> tuple[ParsedTag, ...]:
        return tuple(read_tag(each, self.finder.tag) for each in read_names(text))

    def _value(self, name: str, text: str, unit: str) -> Any:
        text = unicodedata.normalize("NFC", text)
        if found := _NO_TEXT.search(text):
            raise Mistake("control_character", describe_refused(found[0]))
        kind = cell_kind(name)
        if kind in OF_A_COLUMN:
            return OF_A_COLUMN[kind](name, text)
        if kind in WITH_A_UNIT:
            return WITH_A_UNIT[kind](text, unit)
        return self.readers[kind](text)


def describe_fault(fault: str, text: str) -> Mistake:
    details = {
        FORMULA: _("This is a formula. Put its value in its place (copy, then paste as values)."),
        FORMULA_ERROR: _("The formula in this cell gives an error."),
        LOST_DIGITS: _(
            "The spreadsheet keeps 15 digits of a number, so further digits are lost here."
        ),
    }
    return Mistake(fault, details[fault], shorten(text) if fault == FORMULA else None)


@raise_mistake()
def read_public_code(text: str) -> str:
    amounts.refuse_exponent(text)
    validate_code(text)
    validate_not_reserved(text)
    if len(text) > 64:
        raise Mistake("too_long", _("A code can have at most 64 characters."))
    return text


@raise_mistake()
def read_national_code(text: str) -> str:
    amounts.refuse_exponent(text)
    found = naming.normalise(text)
    naming.validate_national_code(found)
    return found


def read_text(name: str, text: str) -> str:
    """Read a text that fits its column; only notes have several lines."""
    longest = find_longest(name)
    if longest is None:
        if found := _NO_LINES.search(text):
            raise Mistake("control_character", describe_refused(found[0]))
        _check_length(measure_length(text), MAX_LENGTH)
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return _read_line(text, longest)


def find_longest(name: str) -> int | None:
    """Return the most characters of a column of texts on one line; None if it may have several."""
    if name == MOVE_REASON:
        return MAX_REASON
    column = Project._meta.get_field("name_zh" if name == "name" else name)
    return getattr(column, "max_length", None)


def _read_line(text: str, longest: int) -> str:
    one_line = _LINES.sub(" ", text)
    _check_length(len(one_line), longest)
    if one_line != text:
        raise Mistake("line_break", _("This must be a single line."), one_line)
    return text


def _check_length(length: int, longest: int) -> None:
    if length > longest:
        detail = str(TOO_LONG_MESSAGE) % {"length": length, "max": longest}
        raise Mistake("too_long", detail)


def read_document_no(text: str) -> str:
    """Read the number of a paper, as it stands."""
    column: Any = Milestone._meta.get_field("document_no")
    return _read_line(text, column.max_length)


@raise_mistake()
def read_phase(text: str) -> int:
    """Read which phase of a whole a project is: 2, 二期, 第二期, Phase 2."""
    found = _PHASE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    number = found and next(filter(None, found.groups()), "")
    if not number:
        raise Mistake("not_a_number", _("Write the number of the phase, such as 2 or 二期."))
    phase = int(number) if number.isdecimal() else _NUMERALS.index(number) + 1
    column: Any = Project._meta.get_field("phase_no")
    return column.clean(phase, None)


def read_word(name: str, text: str) -> Any:
    """Read a word of the ledger; of `status` a pair of the column and its word."""
    if name in ("status", "stage", "standing"):
        refuse_unclear(text)
    if name == "kind":
        words.refuse_no_kind(text)
    columns = ("stage", "standing") if name == "status" else (name,)
    for column in columns:
        if found := words.find_word(column, text):
            return (column, found) if name == "status" else found
    if name == "stage" and words.find_word("standing", text):
        detail = _("“%(text)s” is no stage: write it into a column “%(column)s”.")
        standing = str(Project._meta.get_field("standing").verbose_name)
        raise Mistake("unknown_value", detail % {"text": text, "column": standing})
    allowed = [word for column in columns for word in words.list_words(column)]
    detail = _("“%(text)s” is not one of: %(words)s.")
    params = {"text": text, "words": words.show_words(allowed, *columns)}
    raise Mistake("unknown_value", detail % params, nearest(text, allowed))


def refuse_unclear(text: str) -> None:
    """Raise Mistake for a word that offices use with different meanings."""
    meanings = words.find_meanings(text)
    if not meanings:
        return
    params = {"text": text, "words": words.show_words(meanings.split(", "))}
    if {*meanings.split(", ")} <= {*words.list_words("stage")}:
        detail = _(
            "“%(text)s” may mean several things: no stage is taken from it. Write one of: "
            "%(words)s."
        )
        raise Mistake(words.UNCLEAR_STAGE, detail % params)
    detail = _("“%(text)s” may mean several things; write one of: %(words)s.")
    raise Mistake("ambiguous_word", detail % params)


@raise_mistake()
def read_number(name: str, text: str) -> Any:
    """Read a number that its column can hold; coordinates are rounded to its decimals."""
    amounts.refuse_exponent(text)
    column: Any = Project._meta.get_field(name)
    value = column.to_python(text.replace(",", ""))
    if name in POINT and value.is_finite():
        value = round(value, column.decimal_places)  # 113.14388999999998 is 113.14389
    return column.clean(value, None)


def read_flag(text: str) -> bool:
    value = words.FLAGS.get(text.casefold())
    if value is None:
        raise Mistake("unknown_value", _("Write yes or no, 是 or 否, true or false."))
    return value


def read_partial_date(text: str) -> dates.PartialDate:
    """Read a date as people write it; Mistake suggests the day of a bare serial number."""
    moment = _MOMENT.fullmatch(text)
    if _SERIAL.fullmatch(text) and float(text) <= _LAST_SERIAL:
        day = date(1899, 12, 30) + timedelta(days=int(float(text)))
        detail = _("%(text)s is the spreadsheet's serial number of %(day)s; give the cell a date.")
        params = {"text": shorten(text), "day": day.isoformat()}
        raise Mistake("date_serial", detail % params, day.isoformat())
    if half := dates.parse_half_year(text):
        year = str(half[0])
        detail = _(
            "“%(text)s” is stored as %(year)s: the ledger has years and quarters, no halves."
        )
        params = {"text": shorten(text), "year": year}
        raise Mistake("half_year", detail % params, year).accept_as(half[0])
    return dates.parse_date_as_written(moment[1] if moment else text)


def read_planned_date(text: str) -> dates.PartialDate:
    """Read the date of a step that is planned, which the cell may say once more: 预计2026年12月."""
    said = _PLANNED_DAY.fullmatch(text)
    return read_partial_date(said[1] if said else text)


def read_met_date(text: str) -> dates.PartialDate:
    """Read the date of a step that is done; a half-year must have begun."""
    if _PLANNED_DAY.fullmatch(text):
        detail = _(
            "“%(text)s” is planned: leave it out here, and write it in a column of planned dates."
        )
        raise Mistake("not_a_date", detail % {"text": shorten(text)})
    if words.FLAGS.get(text.casefold()) is False or _IS_NOT_DONE.fullmatch(text):
        detail = _("“%(text)s” says that it has not happened: leave it out.")
        raise Mistake("not_a_date", detail % {"text": shorten(text)})
    if words.FLAGS.get(text.casefold()) or _IS_DONE.fullmatch(text):
        detail = _(
            "“%(text)s” does not say when: give the day, or leave it out and write the stage in a "
            "column of stages."
        )
        raise Mistake("not_a_date", detail % {"text": shorten(text)})
    half = dates.parse_half_year(text)
    if half and half[1] > timezone.localdate():
        detail = _("%(day)s is in the future; this column takes no planned dates.")
        raise Mistake("in_the_future", detail % {"day": shorten(text)})
    return read_partial_date(text)


def read_names(text: str) -> tuple[str, ...]:
    """Read several names in one cell, divided by ； ; 、 | or line ends."""
    found = tuple(dict.fromkeys(name.strip() for name in _SEPARATOR.split(text) if name.strip()))
    if len(found) > MOST_NAMES:
        raise Mistake("too_many_names", _("There are too many names in this cell."))
    if any(len(name) > 200 for name in found):
        raise Mistake("too_long", _("A name can have at most 200 characters."))
    return found


def is_first_day(day: dates.PartialDate, of: dates.PartialDate) -> bool:
    """Tell whether a day is the first of a month or year, as spreadsheets convert these."""
    is_day = day.precision == dates.Precision.DAY != of.precision
    return is_day and day.first == of.first


# The readers that need the column of the text, or the unit of its header
OF_A_COLUMN: Mapping[str, Callable[[str, str], Any]] = dict(
    text=read_text, word=read_word, number=read_number
)
WITH_A_UNIT: Mapping[str, Callable[[str, str], Any]] = dict(
    money=amounts.read_money, area=amounts.read_area, floor=amounts.read_floor_area
)


_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[Ee]\+?\d{1,2})?")


def is_same_text(one: str, other: str) -> bool:
    """Tell whether texts are equal but for outer blanks, line ends and composed characters."""
    if one == other:
        return True
    if not one or not other:
        return not (one or other).strip()
    return _normal(one) == _normal(other)


def is_same_number(one: str, other: str) -> bool:
    """Tell whether both are plain numbers and equal, as 10000000000.0 and 1e10 are."""
    are_numbers = _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other)
    return bool(are_numbers) and Decimal(one) == Decimal(other)


def _normal(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return unicodedata.normalize("NFC", plain)


def check_for_spreadsheet(old: str, new: str, new_value: Any) -> None:
    """Raise Mistake for a change that spreadsheets make when they save a file."""
    if not old or old == new:
        return
    if isinstance(new_value, dates.PartialDate):
        altered = is_first_day(new_value, dates.PartialDate.parse(old))
    else:
        altered = _as_number(old) is not None and _as_number(old) == _as_number(new)
        with suppress(dates.DateError):  # a month or year that became a day: 2015-06, 2015-06-01
            altered |= is_first_day(dates.PartialDate.parse(new), dates.PartialDate.parse(old))
    if altered:
        params = {"old": old, "new": new}
        detail = _("A spreadsheet seems to have made “%(new)s” of “%(old)s”.") % params
        raise Mistake("changed_by_spreadsheet", detail, old)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
