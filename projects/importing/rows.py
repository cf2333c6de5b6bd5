"""Read one row of a file beside its project: the values of its cells and titles, and its report."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from operator import itemgetter
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.mistakes import Mistake
from config.texts import shorten
from parks.models.vocabularies import name_key
from parks.names.cell_lookup import Finder, FoundRow
from projects.importing.cells import amounts
from projects.importing.cells.cells import (
    CellReader,
    FurtherCells,
    find_longest,
    is_same_number,
    is_same_text,
    read_phase,
    unwrap,
    unwrap_investors,
)
from projects.importing.cells.columns import (
    DERIVED_CELL,
    FILE_COLUMNS,
    FURTHER_COLUMN,
    NAMES_OF,
    OF_AMOUNTS,
    cell_kind,
)
from projects.importing.cells.investors import UNCLEAR_BRACKET
from projects.importing.cells.rows_below import find_flow_months, read_flow_total
from projects.importing.cells.words import (
    NO_KIND,
    NOT_BINDING,
    PLAN,
    UNCLEAR_STAGE,
    describe_open,
    find_evidence,
    find_word,
    is_blank,
    is_open,
    is_vague_day,
    pick_evidence,
)
from projects.importing.stored import Stored
from projects.models.words import STAGES, Stage
from sheets.dates import PartialDate
from sheets.imports import ImportOptions, RowReport
from sheets.reading.columns import Wishes
from sheets.reading.files import ReadTable
from sheets.reading.headers import Match
from sheets.reading.rows import LOST_DIGITS, ReadRow
from sheets.reading.units import narrow

NAME_AND_PARK = "name_and_park"
PARTS = ("name", "park")  # its two columns, in the order of `split_park`


def divide_names(table: ReadTable) -> None:
    """Replace a column of names with parks by one of names and one of parks, in the same place."""
    both = [match for match in table.columns if match.name == NAME_AND_PARK]
    if not both:
        return
    detail = _("More than one column stands for “%(name)s”; ignore all but one of them.")
    table.problems += [
        Mistake("repeated_column", detail % {"name": match.name}).at(column=match.text)
        for match in table.columns
        if match.name in PARTS
    ]
    others = [match for match in table.columns if match.name not in (NAME_AND_PARK, *PARTS)]
    table.columns = [*others, *(replace(both[0], name=name) for name in PARTS)]


def split_park(text: str) -> tuple[str, str]:
    """Split a name and the park in the brackets at its end; a phase in brackets is no park."""
    if text.endswith((")", "）")):
        start = max(text.rfind("("), text.rfind("（"))
        name, park = text[: max(start, 0)].rstrip(), text[start + 1 : -1].strip()
        if name and park and not _is_phase(park):
            return name, park
    return text, ""


def _is_phase(text: str) -> bool:
    with suppress(Mistake):
        return bool(read_phase(text))
    return False


# Regions and sectors, whose names others may have, too
_COMPLETED = (FURTHER_COLUMN, "region", "project_region", "origin", "sector", "lost_to")
Fill = dict[str, str]  # texts by column
_LEFT_OUT = re.compile(
    r"\([^()]*\)|^\(?[一二三四五六七八九十\d]{1,3}[)、.]|^表\d{1,3}[:. ]?"
    r"|(?:19|20)\d\d年(?:度|\d{1,2}月)?|\s"
)
# An intention or a promise is not a step that was met
_HEDGE = re.compile(
    "意向|拟|框架|备忘|计划|预|待|承诺|约定|目标|mou|loi|intent|proposed|planned", re.IGNORECASE
)
_PERIOD = re.compile(r"(?<!\d)(20\d\d)(?!\d)(?:[年.\-/](\d{1,2})(?!\d))?")
_HEDGED_STAGES = (Stage.LEAD, Stage.NEGOTIATING, Stage.INTENDED)
LONGEST_TITLE = 200


# The numbers of headings within a table, the highest level first
_HEADING_NUMBERS = (
    re.compile(r"第?[一二三四五六七八九十]{1,3}(?:[、.．部]|$)"),
    re.compile("[(（][一二三四五六七八九十]{1,3}[)）]"),
    re.compile(r"\d{1,3}[、.．]"),
)
UNNUMBERED = len(_HEADING_NUMBERS) + 1  # the lowest level


def read_titles(table: ReadTable, finder: Finder) -> list[tuple[int, Fill]]:
    """Read the titles of several tables on a sheet, and the headings within them, by first line.

    A heading applies until the next one of its level or of a higher level.
    """
    blocks = table.blocks if len({block.titles for block in table.blocks}) > 1 else []
    headings = [(block.first_line, 0, block.titles) for block in blocks]
    for line in (each.line for each in table.skipped if each.reason == "section"):
        texts = tuple(table.sheet.rows.find(line).filled)
        headings.append((line, find_heading_level(texts[0]), texts))
    fills: list[tuple[int, Fill]] = []
    above: dict[int, Fill] = {}
    for line, level, texts in sorted(headings):
        above = {of: fill for of, fill in above.items() if of < level}
        above[level] = _read_titles(texts, finder)
        fills.append((line, {name: text for fill in above.values() for name, text in fill.items()}))
    return fills


def find_heading_level(heading: str) -> int:
    """Find the level of a heading by its number: 1 for 一、, 2 for （一）, 3 for 1."""
    text = heading.strip()
    levels = (n for n, number in enumerate(_HEADING_NUMBERS, 1) if number.match(text))
    return next(levels, UNNUMBERED)


def _read_titles(titles: Sequence[str], finder: Finder) -> Fill:
    fill: Fill = {}
    for title in (each for each in titles if len(each) <= LONGEST_TITLE):
        park, name = finder.find_mentioned_park(title)
        stage = _find_stage(title.replace(name, "") if name else title)
        said = {"park": park, "stage": stage}
        fill = {column: text for column, text in said.items() if text} | fill
    return fill


def _find_stage(title: str) -> str:
    words = _LEFT_OUT.sub("", narrow(title)).partition("项目")[0]
    found = find_word("stage", words) if words else None
    return "" if found is None or (found not in _HEDGED_STAGES and _is_to_come(title)) else found


def _is_to_come(title: str) -> bool:
    """Tell whether a title says that a step is intended, planned or of a period still to come."""
    today = timezone.localdate()
    periods = ((int(year), int(month or 1)) for year, month in _PERIOD.findall(narrow(title)))
    said = find_evidence([("title", title)])
    is_loose = _HEDGE.search(title) or pick_evidence(said, PLAN, *NOT_BINDING)
    return bool(is_loose) or any(period > (today.year, today.month) for period in periods)


# Cells of these kinds are blank only if they are empty: a dash is a text
TEXTS = ("text", "code", "further")
OF_DAYS = ("milestone", "planned", "partial_date")
ONE_LINE = ("park", "region", "sector", "word")
OF_ROW_ABOVE = "其中"


@dataclass
class Cells:
    """The cells of one row, read, with the report on the row.

    `stored` is its project, if there is one. `texts` are the cells by our names; `values` what
    differs from the stored project, `unchanged` what does not; `blank` the blank columns;
    `defaulted` those with the value for all rows.
    """

    report: RowReport
    texts: dict[str, str] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    unchanged: dict[str, str] = field(default_factory=dict)
    blank: set[str] = field(default_factory=set)
    defaulted: set[str] = field(default_factory=set)
    matches: Mapping[str, Match] = field(default_factory=dict)
    stored: Stored | None = None
    bracket: Mistake | None = None  # a bracket that may be part of an investor's name

    def old(self, name: str) -> str:
        """Return the stored value of a column as the report shows it; blank for a new row."""
        return self.stored.show(name) if self.stored else ""

    def find_word(self, name: str) -> str:
        """Return the word of a column in the row, new or as stored; blank if none."""
        return self.values.get(name) or self.unchanged.get(name, "")

    def fail(self, name: str, fault: Mistake) -> None:
        self.report.errors = [*self.report.errors, self.error(name, fault)]

    def has_error(self, names: Container[str]) -> bool:
        return any(error.place["name"] in names for error in self.report.errors)

    def warn(self, name: str, fault: Mistake) -> None:
        self.report.warnings = [*self.report.warnings, self.error(name, fault)]

    def accept(self, name: str, fault: Mistake) -> None:
        """Store the understood value of a cell with a warning; a bracket is asked about instead."""
        self.values[name] = fault.understood
        if fault.code == UNCLEAR_BRACKET:
            self.bracket = fault
        else:
            self.warn(name, fault)

    def error(self, name: str, fault: Mistake) -> Mistake:
        match = self.matches.get(name)
        value = shorten(self.texts.get(name, ""))
        return fault.at(
            line=self.report.line, column=match.text if match else "", name=name, value=value
        )


@dataclass(frozen=True)
class CellPlace:
    """The place of our column in the rows of a file, and how its cells are read."""

    kind: str
    match: Match | None
    places: Sequence[int]
    has_default: bool


class RowReader:
    def __init__(
        self, cells: CellReader, table: ReadTable, wishes: Wishes, options: ImportOptions
    ) -> None:
        columns = table.columns
        self.cells, self.options = cells, options
        self.matches = {match.name: match for match in columns}
        places: dict[str, list[int]] = defaultdict(list)
        for match in columns:
            places[match.name].append(match.place)
        self.defaults = wishes.defaults
        words = {match.name: wishes.values_of(match.text) for match in columns}
        self.columns = [(match.name, match.place, words[match.name]) for match in columns]
        self.is_joined = len(places) < len(columns)
        self.further = FurtherCells(columns)
        self.has_parks_in_names = "park" in places and places.get("name") == places["park"]
        self.named_by = {
            name: [other for other in others if other in places]
            for name, others in NAMES_OF.items()
            if not places.keys().isdisjoint(others)
        }
        self.places = {
            name: CellPlace(
                cell_kind(name), self.matches.get(name), places.get(name, ()), name in self.defaults
            )
            for name in (*places, *self.defaults, *self.named_by)
        }
        money = {n: m for n, m in self.matches.items() if cell_kind(n) == "money"}
        self.currencies = amounts.SheetCurrencies(money)
        self.names_unit = not self.matches.keys().isdisjoint(OF_AMOUNTS)
        # Up to which money came in, by column
        self.months = find_flow_months(table, wishes.defaults.get("month", ""))
        self.fills: list[tuple[int, Fill]] = []  # what titles say, by the first line of their table
        self.above = ""  # the name of the row of which the next ones may be parts
        self.wholes: dict[int, str] = {}  # the names of the projects that rows are parts of
        self.corrections: dict[int, dict[str, str]] = {}  # texts by answers, by line

    def texts(self, row: ReadRow) -> dict[str, str]:
        """Read the cells of a row by our names, words replaced as the mapping says."""
        texts: dict[str, str] = {}
        cells, width = row.cells, len(row.cells)
        for name, place, words in self.columns:
            text = cells[place] if place < width else ""
            if words:
                text = words.get(text, text)
            if place in self.further.headers:
                text = self.further.label(place, text)
            if self.is_joined and (before := texts.get(name)):
                text = f"{before}\n{text}" if text else before
            texts[name] = unwrap_cell(name, text) if "\n" in text else text
        if self.has_parks_in_names:
            texts |= zip(PARTS, split_park(texts["name"]), strict=True)
        for name, others in self.named_by.items():
            named = next((texts[other] for other in others if texts.get(other)), "")
            if named and not texts.get(name):
                texts[name] = named
        self.fill_in(texts, row)
        if corrected := self.corrections.get(row.line, {}):
            texts = {name: text for name, text in texts.items() if name not in corrected}
            texts |= {name: text for name, text in corrected.items() if text}
        return texts

    def fill_in(self, texts: dict[str, str], row: ReadRow) -> None:
        """Fill in the values of the table's title, and those for all rows."""
        for name, text in self.find_fill(row).items():
            if name != "stage" or not has_own_stage(texts, text):
                texts[name] = texts.get(name) or text
        for name, text in self.defaults.items():
            texts[name] = texts.get(name) or text

    def fill_from_titles(self, fills: list[tuple[int, Fill]]) -> None:
        """Use the titles of several tables for the rows that lack these values."""
        self.fills = fills
        self.add_places(name for _line, fill in fills for name in fill)

    def find_fill(self, row: ReadRow) -> Fill:
        """Find the values of the title of a row's table."""
        place = bisect_right(self.fills, row.line, key=itemgetter(0))
        return self.fills[place - 1][1] if place else {}

    def is_title_behind(self, name: str, row: ReadRow, stored: Stored) -> bool:
        """Tell whether the stage of a title is not after the stored one."""
        given = self.find_fill(row).get("stage") if name == "stage" else None
        if given is None or any(map(row.cell, self.places[name].places)):
            return False
        before = stored.values["stage"]
        return bool(before) and STAGES.index(Stage(given)) <= STAGES.index(Stage(before))

    def look_through(self, line: int, texts: Mapping[str, str]) -> None:
        """Note what other rows depend on: currencies, and the whole of rows with 其中."""
        self.currencies.note(texts)
        name = choose_name(texts).lstrip()
        if not name.startswith(OF_ROW_ABOVE):
            self.above = name
        elif self.above:
            self.wholes[line] = self.above

    def correct(self, found: Mapping[int, Mapping[str, str]]) -> None:
        """Replace texts of lines, by our names, also in columns that the file lacks."""
        self.corrections |= {line: {**texts} for line, texts in found.items()}
        self.add_places(name for texts in found.values() for name in texts)

    def add_places(self, names: Iterable[str]) -> None:
        for name in {*names} - self.places.keys():
            self.places[name] = CellPlace(cell_kind(name), None, (), has_default=False)

    def read(self, row: ReadRow, texts: dict[str, str], stored: Stored | None) -> Cells:
        """Read the cells of a row that differ from what is stored; `texts` are its texts."""
        report = RowReport(row.line, "create" if stored is None else "same")
        cells = Cells(report, texts, matches=self.matches, stored=stored)
        for name, text in texts.items():
            place = self.places[name]
            if stored and name in _COMPLETED:
                text = self.complete(name, texts, row, stored)
            if name in self.months and not is_blank(text):
                self.read_flow(cells, name, text, row)
                continue
            is_default = place.has_default and not any(map(row.cell, place.places))
            if is_default:
                cells.defaulted.add(name)
            if place.kind == DERIVED_CELL or name == "code" or (stored and is_default):
                continue
            faults = map(row.faults.get, place.places) if row.faults else ()
            fault = next(filter(None, faults), "")
            is_vague = place.kind in OF_DAYS and is_vague_day(text, place.kind != "planned")
            if not fault and (not text if place.kind in TEXTS else is_vague or is_blank(text)):
                if place.match:
                    cells.blank.add(name)
                if is_vague or is_open(text):
                    cells.warn(name, describe_open(text))
            elif stored and not fault and self.is_stored(name, text, row, stored):
                cells.unchanged[name] = text.strip()
            else:
                unit = place.match.unit if place.match else ""
                self.read_cell(cells, name, text, unit, fault)
        return cells

    def complete(self, name: str, texts: dict[str, str], row: ReadRow, stored: Stored) -> str:
        """Complete a text by what is stored: further columns, or the code that it names."""
        text = texts[name]
        if name == FURTHER_COLUMN:
            clears = self.options.blank == "clear"
            return self.further.complete(text, row, stored.values[name], clears=clears)
        code = stored.text(FILE_COLUMNS[name], "") if self.places[name].match else ""
        if code not in ("", text) and name_key(text) in self.cells.finder.list_names(code):
            texts[name] = code
        return texts[name]

    def read_flow(self, cells: Cells, name: str, text: str, row: ReadRow) -> None:
        match = self.matches.get(name)
        fault = find_fault(row, match)
        try:
            if fault and fault != LOST_DIGITS:
                self.cells.read(name, text, fault=fault)
            is_named = bool(amounts.find_named_currency(match))
            unit = amounts.find_unit(match.unit if match else "", cells.texts, is_named=is_named)
            amounts.check_unit(text, unit)
            cells.values[name] = read_flow_total(name, text, unit, self.months[name])
        except Mistake as found:
            cells.fail(name, found)

    def read_cell(self, cells: Cells, name: str, text: str, unit: str, fault: str) -> None:
        try:
            is_money = cell_kind(name) == "money"
            if self.names_unit and is_money:
                unit = self.currencies.find_unit(name, unit, cells.texts)
                amounts.check_unit(text, unit)
            value = self.cells.read(name, text, unit, fault)
            if is_money and name not in self.corrections.get(cells.report.line, ()):
                value = self.currencies.doubt(name, text, cells.texts, value)
            if name == "park":
                value = self.park(cells, *value)
            if name not in OF_AMOUNTS:
                cells.values[name] = value
        except Mistake as found:
            if found.understood is not None:
                cells.accept(name, found)
                return
            if found.code in (UNCLEAR_STAGE, NO_KIND):
                cells.warn(name, found)
                return
            cells.fail(name, found)
            if found.code == "date_serial" and found.suggestion:
                # Although refused, its order among the other dates is checked
                cells.values[name] = PartialDate.parse(found.suggestion)

    def park(self, cells: Cells, park: FoundRow, is_whole: bool) -> FoundRow:
        if not is_whole:
            detail = _("“%(text)s” is understood as the park %(code)s.")
            params = {"text": cells.texts["park"], "code": park.code}
            cells.warn("park", Mistake("name_in_part", detail % params, park.code))
        return park

    def is_stored(self, name: str, text: str, row: ReadRow, stored: Stored) -> bool:
        """Tell whether the cell has what is stored, as our files show it or by another name."""
        match = self.places[name].match
        if self.is_title_behind(name, row, stored):
            return True
        if name == "name":
            both = (stored.values["name_zh"], stored.values["name_en"])
            return name_key(text) in map(name_key, both)
        if name == "status":
            return text in (stored.values["stage"], stored.values["standing"])
        if match is None:  # named by another column, or by a value for all rows
            own = [other for other in NAMES_OF.get(name, ()) if other in self.matches]
            return any(is_same_text(text, stored.text(FILE_COLUMNS[other], "")) for other in own)
        column = FILE_COLUMNS.get(name)
        if column is None:
            return False
        old = stored.text(column, match.unit)
        is_measured = cell_kind(name) in ("money", "area", "floor")
        return is_same_text(text, old) or (is_measured and is_same_number(text, old))


def has_own_stage(texts: Mapping[str, str], stage: str) -> bool:
    """Tell whether a row has a stage of its own, or the date of a later one than this."""
    later = [f"{each.value}_on" for each in STAGES[STAGES.index(Stage(stage)) + 1 :]]
    return any(texts.get(name) for name in ("stage", "status", *later))


def unwrap_cell(name: str, text: str) -> str:
    """Join the lines of a cell that has one line in the ledger."""
    if name == "investors":
        return unwrap_investors(text)
    kind = cell_kind(name)
    is_line = kind in ONE_LINE or (kind == "text" and find_longest(name) is not None)
    return unwrap(text) if is_line else text


def find_fault(row: ReadRow, match: Match | None) -> str:
    """Return the fault of a cell that was found before reading it."""
    return row.faults.get(match.place, "") if match else ""


def check_width(cells: Cells, row: ReadRow, table: ReadTable) -> None:
    """Refuse cells beyond the header, which `1,200` causes, and warn of short rows."""
    width = len(table.header.matches)
    beyond = [text for text in row.cells[width:] if text]
    if beyond:
        detail = _(
            "The row has more cells than the header: “%(texts)s”. A value with a comma, such as "
            "1,200, needs quotation marks."
        )
        fault = Mistake("beyond_header", detail % {"texts": ", ".join(beyond)[:100]})
        cells.fail("", fault)
    elif table.sheet.delimiter and len(row.cells) < width:
        detail = _("The row has %(count)d cells, the header %(width)d; the rest are blank.")
        params = {"count": len(row.cells), "width": width}
        cells.warn("", Mistake("short_row", detail % params))


def choose_name(texts: Mapping[str, str]) -> str:
    """Choose the name by which a row without a code is found."""
    return texts.get("name") or texts.get("name_zh") or texts.get("name_en") or ""
