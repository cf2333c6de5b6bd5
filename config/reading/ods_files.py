"""ODS to rows of texts, in one pass over the XML of all sheets."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile

from config.packing import PackedLines
from config.reading.errors import FileError, describe_encryption
from config.reading.number_formats import classify_format, format_moment, read_shown
from config.reading.package import Package, local, parse_whole
from config.reading.rows import (
    FORMULA,
    FORMULA_ERROR,
    SHEET_LINES,
    Limits,
    Merged,
    ReadRow,
    ReadSheet,
    SheetPart,
    check_size,
    describe_too_many_rows,
)

MANIFEST = "META-INF/manifest.xml"
_CELLS = ("table:table-cell", "table:covered-table-cell")
# What may hold texts or cells within a sheet that are no part of its cells
_ASIDE = {"office:annotation", "text:ruby-text", "table:tracked-changes", "table:dde-links"}
_ASIDE |= {"office:text", "office:presentation", "office:drawing"}  # no spreadsheet at all
_LETTERS = {  # of number formats, as Excel writes them
    **{"number:year": "y", "number:month": "m", "number:day": "d"},
    **{"number:hours": "h", "number:minutes": "h", "number:seconds": "s"},
}
_SIGNS = {"text:tab": "\t", "text:line-break": "\n"}
_NUMBERS = {"float": "number", "currency": "number", "percentage": "percent"}
_MOST_PARENTS = 20  # of a style

XmlAttributes = Mapping[str, str]


@dataclass
class _OdsTable:
    """A sheet as far as it could be read; `error` says why it ends early."""

    name: str
    is_hidden: bool
    rows: PackedLines[ReadRow] = field(default_factory=PackedLines)
    merged: list[Merged] = field(default_factory=list)
    error: FileError | None = None
    column_styles: list[str] = field(default_factory=list)
    line: int = 0

    def read(self, last_line: int) -> ReadSheet:
        if self.error and not 0 < last_line < self.error.where["line"]:
            raise self.error
        rows = self.rows
        if last_line:
            rows = PackedLines(takewhile(lambda row: row.line <= last_line, rows))
        return ReadSheet(self.name, rows, self.merged)


@dataclass
class _Styles:
    """How cells show dates: what their number formats consist of, and which sheets are hidden."""

    letters: dict[str, set[str]] = field(default_factory=dict)  # by data style
    maps: dict[str, str] = field(default_factory=dict)  # the data style that stands for another
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)  # data style and parent
    hidden: set[str] = field(default_factory=set)
    data_style: str = ""
    style: str = ""

    def start(self, name: str, attributes: XmlAttributes) -> None:
        if name == "style:style":
            self.style, self.data_style = attributes.get("style:name", ""), ""
            if attributes.get("style:family") == "table-cell":
                data_style = attributes.get("style:data-style-name", "")
                self.cells[self.style] = data_style, attributes.get("style:parent-style-name", "")
        elif name in _LETTERS:
            self.letters.setdefault(self.data_style, set()).add(_LETTERS[name])
        elif name.startswith("number:") and "style:name" in attributes:
            self.data_style = attributes["style:name"]
        elif name == "style:map" and self.data_style:  # one for each of several sections
            self.maps.setdefault(self.data_style, attributes.get("style:apply-style-name", ""))
        elif name == "style:table-properties" and attributes.get("table:display") == "false":
            self.hidden.add(self.style)

    def classify(self, style: str) -> str:
        """Classify what a style of cells shows of a date."""
        for _parent in range(_MOST_PARENTS):
            data_style, parent = self.cells.get(style, ("", ""))
            if data_style or not parent:
                break
            style = parent
        letters = self.letters.get(self.maps.get(data_style, data_style), ())
        return classify_format("".join(letters))


class OdsWorkbook:
    """An ODS workbook; raises FileError for what is none, is encrypted or is hostile."""

    def __init__(self, package: Package, limits: Limits) -> None:
        self.limits = limits
        self.styles = _Styles()
        self.tables: list[_OdsTable] = []
        self.table: _OdsTable | None = None
        self.aside = 0  # how deep within what is no part of a cell
        self.row = ReadRow(0, [])
        self.row_style = ""
        self.row_count = 1
        self.place = 0
        self.cell: XmlAttributes = {}
        self.pieces: list[str] = []
        self.is_reading = False
        package.parse(MANIFEST, _refuse_encryption)
        if "styles.xml" in package.names:
            package.parse("styles.xml", self.styles.start)
        package.parse("content.xml", self.start, self.end, self.text)

    @property
    def sheets(self) -> list[SheetPart]:
        return [SheetPart(table.name, table.is_hidden, table.read) for table in self.tables]

    def start(self, name: str, attributes: XmlAttributes) -> None:
        is_table = name == "table:table"
        if self.aside or name in _ASIDE or name.startswith("draw:") or (is_table and self.table):
            self.aside += 1
        elif self.table is None:
            if is_table:
                is_hidden = attributes.get("table:style-name") in self.styles.hidden
                self.table = _OdsTable(attributes.get("table:name", ""), is_hidden)
                self.tables.append(self.table)
            else:
                self.styles.start(name, attributes)
        elif name == "table:table-column":
            styles = self.table.column_styles
            count = min(_count(attributes, "columns-repeated"), self.limits.columns - len(styles))
            styles += [attributes.get("table:default-cell-style-name", "")] * count
        elif name == "table:table-row":
            self.start_row(self.table, attributes)
        elif name in _CELLS:
            self.cell, self.pieces = attributes, []
        else:
            self.start_text(name, attributes)

    def start_row(self, table: _OdsTable, attributes: XmlAttributes) -> None:
        if table.error:
            self.aside = 1
        self.row, self.place = ReadRow(table.line + 1, []), 0
        self.row_style = attributes.get("table:default-cell-style-name", "")
        self.row_count = _count(attributes, "rows-repeated")

    def start_text(self, name: str, attributes: XmlAttributes) -> None:
        if name == "text:p":
            self.is_reading = True
        elif name == "text:s":
            blanks = parse_whole(attributes.get("text:c", "1"))
            self.pieces.append(" " * min(blanks, self.limits.cell_length))
        elif name in _SIGNS:
            self.pieces.append(_SIGNS[name])

    def text(self, data: str) -> None:
        if self.is_reading and not self.aside:
            self.pieces.append(data)

    def end(self, name: str) -> None:
        if self.aside:
            self.aside -= 1
        elif self.table is None:
            return
        elif name == "text:p":
            self.is_reading = False
            self.pieces.append("\n")
        elif name in _CELLS or name == "table:table-row":
            try:
                (self.end_cell if name in _CELLS else self.end_row)(self.table)
            except FileError as error:
                self.table.error = self.table.error or error
        elif name == "table:table":
            self.table = None

    def end_cell(self, table: _OdsTable) -> None:
        count = _count(self.cell, "columns-repeated")
        text, fault = self.read_cell(table)
        if text or fault:
            self.merge(table)
            for place in range(self.place, self.place + count):
                self.row.put(place, text, fault, self.limits)
        self.place += count

    def end_row(self, table: _OdsTable) -> None:
        if any(self.row.cells):
            for line in range(table.line + 1, table.line + 1 + self.row_count):
                if line > SHEET_LINES:
                    raise describe_too_many_rows(line, self.limits)
                row = ReadRow(line, [*self.row.cells], self.row.faults)
                check_size(row, len(table.rows), self.limits)
                table.rows.append(row)
        table.line += self.row_count

    def merge(self, table: _OdsTable) -> None:
        down, right = _count(self.cell, "rows-spanned"), _count(self.cell, "columns-spanned")
        if (down > 1 or right > 1) and len(table.merged) < self.limits.rows:
            line = self.row.line
            last = min(line + down - 1, SHEET_LINES)
            table.merged.append(Merged(line, self.place, last, self.place + right - 1))

    def read_cell(self, table: _OdsTable) -> tuple[str, str]:
        """Read the text of the cell that ends, and what is wrong with it."""
        said, kind = self.cell, self.cell.get("office:value-type", "")
        text, fault = "".join(self.pieces).strip(), ""
        if said.get("calcext:value-type") == "error":
            return text, FORMULA_ERROR
        if kind in _NUMBERS:
            text, fault = read_shown(said.get("office:value", ""), _NUMBERS[kind])
        elif kind == "date":
            text = self.format_date(said.get("office:date-value", text), table)
        elif kind == "boolean":
            text = said.get("office:boolean-value", text)
        elif kind == "string":
            text = said.get("office:string-value", "").strip() or text
        return text, FORMULA if "table:formula" in said else fault

    def format_date(self, raw: str, table: _OdsTable) -> str:
        columns = table.column_styles
        style = self.cell.get("table:style-name") or self.row_style
        if not style and self.place < len(columns):
            style = columns[self.place]
        try:
            return format_moment(datetime.fromisoformat(raw), self.styles.classify(style))
        except ValueError:  # no day of a calendar: an error of its cell
            return raw


def _refuse_encryption(name: str, _attributes: XmlAttributes) -> None:
    if local(name) == "encryption-data":
        raise describe_encryption()


def _count(attributes: XmlAttributes, what: str) -> int:
    """How many columns or rows something is repeated in, or spans."""
    return parse_whole(attributes.get(f"table:number-{what}", "1"))
