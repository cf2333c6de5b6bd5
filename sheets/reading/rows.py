"""The raw content of a file: rows of texts, limits, faults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.utils.translation import gettext as _

from config.mistakes import Mistake
from config.texts import MAX_LENGTH
from sheets.packing import PackedLines

READABLE = ".xlsx, .xls, .et, .ods, .csv"


def describe_broken() -> Mistake:
    detail = _("The file is damaged, or is no workbook. These can be read: %(allowed)s.")
    return Mistake("broken_file", detail % {"allowed": READABLE})


def describe_encryption() -> Mistake:
    detail = _("The workbook is encrypted. Save it without a password and without protection.")
    return Mistake("encrypted", detail)


def describe_macros() -> Mistake:
    return Mistake("macros", _("The workbook contains macros. Save it as .xlsx without macros."))


# What is wrong with a cell before its column is known
FORMULA = "formula"
FORMULA_ERROR = "formula_error"
LOST_DIGITS = "lost_digits"

SHEET_LINES = 1_048_576  # of a sheet


@dataclass(frozen=True)
class Limits:
    """How much is read. Sizes are in bytes, lengths in characters."""

    file_size: int = 20 * 2**20
    rows: int = 100_100  # a hundred thousand, and lines above and below them
    columns: int = 256
    cell_length: int = MAX_LENGTH
    members: int = 200
    unpacked_size: int = 400 * 2**20
    ratio: int = 100
    title_lines: int = 30  # where the header is looked for


NO_FAULTS: Mapping[int, str] = MappingProxyType({})  # one for all rows that have none


@dataclass(slots=True)
class ReadRow:
    """A row of the file; its cells are stripped texts.

    `line` is the row of the sheet, or the record of the CSV file, counted from 1. `faults` has by
    column FORMULA, FORMULA_ERROR or LOST_DIGITS.
    """

    line: int
    cells: list[str]
    faults: Mapping[int, str] = field(default_factory=lambda: NO_FAULTS)

    @property
    def is_empty(self) -> bool:
        return not any(self.cells)

    @property
    def filled(self) -> list[str]:
        """The texts of the cells that have one."""
        return [text for text in self.cells if text]

    def cell(self, place: int) -> str:
        return self.cells[place] if place < len(self.cells) else ""

    def put(self, place: int, text: str, fault: str, limits: Limits) -> None:
        """Write a cell at a column after the last one."""
        if place >= limits.columns:
            raise _describe_columns(self.line, limits)
        self.cells += [""] * (place + 1 - len(self.cells))
        self.cells[place] = text
        if fault:
            self.faults = {**self.faults, place: fault}


@dataclass(frozen=True)
class Merged:
    """A range of cells shown as one; lines counted from 1, places from 0, ends included."""

    first_line: int
    first_place: int
    last_line: int
    last_place: int


@dataclass
class ReadSheet:
    """A table of texts. `encoding` and `delimiter` are those of a CSV file, else blank."""

    name: str
    rows: PackedLines[ReadRow]
    merged: list[Merged] = field(default_factory=list)
    encoding: str = ""
    delimiter: str = ""
    others: list[str] = field(default_factory=list)  # the sheets of the workbook that are not read
    filled: set[tuple[int, int]] = field(default_factory=set)  # cells that `fill_down` has written

    def fill_down(self) -> None:
        """Copy the text of cells merged over several rows into each of these (not to the right)."""
        if not self.merged:
            return
        rows = [*self.rows]
        by_line = {row.line: row for row in rows}
        for merged in self.merged:
            top = by_line.get(merged.first_line)
            text = top.cell(merged.first_place) if top else ""
            for line in range(merged.first_line + 1, merged.last_line + 1) if text else ():
                row = by_line.get(line)
                if row is not None and not row.cell(merged.first_place):
                    row.cells += [""] * (merged.first_place + 1 - len(row.cells))
                    row.cells[merged.first_place] = text
                    self.filled.add((line, merged.first_place))
        self.rows = PackedLines(rows)


@dataclass(frozen=True)
class SheetPart:
    """A sheet of a workbook, which `read` reads up to a line, or as a whole (0)."""

    name: str
    is_hidden: bool
    read: Callable[[int], ReadSheet]


def check_size(row: ReadRow, count: int, limits: Limits) -> None:
    """Raise Mistake when there are too many rows or columns, or a cell is too long."""
    if count >= limits.rows:
        raise describe_too_many_rows(row.line, limits)
    if len(row.cells) > limits.columns:
        raise _describe_columns(row.line, limits)
    for place, text in enumerate(row.cells):
        if len(text) > limits.cell_length:
            detail = _("A cell contains more than %(max)d characters.")
            length = {"max": limits.cell_length}
            raise Mistake("cell_too_long", detail % length, line=row.line, column=place + 1)


def describe_too_many_rows(line: int, limits: Limits) -> Mistake:
    detail = _("There are more than %(max)d rows; split the file.") % {"max": limits.rows}
    return Mistake("too_many_rows", detail, line=line)


def _describe_columns(line: int, limits: Limits) -> Mistake:
    detail = _("There are more than %(max)d columns.") % {"max": limits.columns}
    return Mistake("too_many_columns", detail, line=line)
