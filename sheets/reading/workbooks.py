"""Workbooks to rows of texts: XLSX and ODS as streams over their XML, XLS and ET by xlrd.

Libraries return values alone. Reading the parts shows what they hide: that a cell is a formula with
a cached value, how a date is displayed, and which digits a number has lost.
"""

import io
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import takewhile
from struct import unpack_from
from typing import Any

import xlrd
from django.utils.translation import gettext as _
from xlrd.book import Book
from xlrd.compdoc import CompDoc
from xlrd.sheet import Cell, Sheet

from config.mistakes import Mistake
from sheets.packing import PackedLines
from sheets.reading.csv_files import replace_unstored
from sheets.reading.package import (
    BUILT_IN,
    Package,
    StopReadingError,
    classify_format,
    format_moment,
    local,
    parse_whole,
    read_shown,
    refuse_damage,
)
from sheets.reading.rows import (
    FORMULA,
    FORMULA_ERROR,
    SHEET_LINES,
    Limits,
    Merged,
    ReadRow,
    ReadSheet,
    SheetPart,
    check_size,
    describe_broken,
    describe_encryption,
    describe_macros,
    describe_too_many_rows,
)

MOST_SHARED_TEXTS = 2_000_000
_LISTS_OF_STYLES = ("cellXfs", "cellStyleXfs", "dxfs")  # the first one has those of cells
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")


class ReadWorkbook:
    """An XLSX workbook; raises Mistake for what is none, or is hostile."""

    def __init__(self, package: Package, limits: Limits) -> None:
        self.limits = limits
        self.package = package
        self.is_1904 = False
        self.sheets: list[SheetPart] = []
        self.texts: list[str] = []
        self.styles: list[str] = []
        main = self._find_related("").get("officeDocument", [""])[0]
        parts = self._find_related(main)
        self._read_workbook(main, parts)
        for part in parts.get("sharedStrings", []):
            self._read_texts(part)
        for part in parts.get("styles", []):
            self._read_styles(part)

    def read(self, name: str, part: str, last_line: int) -> ReadSheet:
        """Read all rows of a sheet that hold something, or those up to a line."""
        reader = _SheetReader(self, last_line)
        self.package.parse(part, reader.start, reader.end, reader.text)
        return ReadSheet(name, reader.rows, reader.merged)

    def _find_related(self, part: str) -> dict[str, list[str]]:
        """Return the parts that a part refers to, by the last word of their type and by id."""
        folder, _slash, name = part.rpartition("/")
        found: dict[str, list[str]] = {}
        links = f"{folder}/_rels/{name}.rels".lstrip("/")
        for _name, link in self.package.list_elements(links, "Relationship"):
            if link.get("TargetMode") != "External":
                target = link.get("Target", "")
                path = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
                found.setdefault(link.get("Type", "").rpartition("/")[2], []).append(path)
                found[f"#{link.get('Id')}"] = [path]
        return found

    def _read_workbook(self, main: str, parts: Mapping[str, Sequence[str]]) -> None:
        for element, said in self.package.list_elements(main, "workbookPr", "sheet"):
            part = parts.get(f"#{said.get('id', '')}", [""])[0]
            if element == "workbookPr":  # Excel may write another one, in an extension
                self.is_1904 |= said.get("date1904") in ("1", "true")
            elif "chartsheet" not in part:
                name, is_hidden = said.get("name", ""), said.get("state", "visible") != "visible"
                self.sheets.append(SheetPart(name, is_hidden, partial(self.read, name, part)))

    def _read_texts(self, part: str) -> None:
        """Read the shared texts without their phonetic guides (ruby)."""
        pieces: list[str] = []
        inside = {"t": False, "rPh": False}

        def start(element: str, attributes: dict[str, str]) -> None:
            inside[local(element)] = True

        def text(data: str) -> None:
            if inside["t"] and not inside["rPh"]:
                pieces.append(data)

        def end(element: str) -> None:
            inside[local(element)] = False
            if local(element) == "si":
                if len(self.texts) >= MOST_SHARED_TEXTS:
                    raise Mistake("too_many_texts", _("The workbook contains too many texts."))
                self.texts.append(unescape("".join(pieces)))
                pieces.clear()

        self.package.parse(part, start, end, text)

    def _read_styles(self, part: str) -> None:
        codes, of = dict(BUILT_IN), ""
        for name, said in self.package.list_elements(part, "numFmt", "xf", *_LISTS_OF_STYLES):
            if name == "numFmt":
                codes[parse_whole(said.get("numFmtId", ""))] = said.get("formatCode", "")
            elif name in _LISTS_OF_STYLES:
                of = name
            elif of == _LISTS_OF_STYLES[0]:
                code = codes.get(parse_whole(said.get("numFmtId", "0")), "general")
                self.styles.append(classify_format(code))


@dataclass
class _SheetReader:
    """The handlers of one pass over a sheet."""

    book: ReadWorkbook
    last_line: int
    rows: PackedLines[ReadRow] = field(default_factory=PackedLines)
    merged: list[Merged] = field(default_factory=list)
    line: int = 0
    seen: int = 0
    place: int = -1
    kind: str = ""
    style: str = ""
    is_formula: bool = False
    is_reading: bool = False
    ruby: bool = False
    pieces: list[str] = field(default_factory=list)
    prefix: str = ""
    row: ReadRow = field(default_factory=lambda: ReadRow(0, []))

    def start(self, element: str, attributes: dict[str, str]) -> None:
        name = element if not self.prefix else element.removeprefix(self.prefix)
        if name == "c":
            self.start_cell(attributes)
        elif name in ("v", "t"):
            self.is_reading = not self.ruby
        elif name == "f":
            self.is_formula = True
        elif name == "row":
            self.start_row(attributes)
        elif name == "rPh":
            self.ruby = True
        elif name == "mergeCell":
            self.merge(attributes.get("ref", ""))
        elif name.endswith(":worksheet"):
            self.prefix = name.removesuffix("worksheet")

    def text(self, data: str) -> None:
        if self.is_reading:
            self.pieces.append(data)

    def end(self, element: str) -> None:
        name = element if not self.prefix else element.removeprefix(self.prefix)
        if name in ("v", "t"):
            self.is_reading = False
        elif name == "c":
            if self.pieces or self.is_formula:
                self.end_cell()
        elif name == "rPh":
            self.ruby = False
        elif name == "row" and any(self.row.cells):
            check_size(self.row, len(self.rows), self.book.limits)
            self.rows.append(self.row)

    def start_row(self, attributes: dict[str, str]) -> None:
        self.seen += 1
        line = parse_whole(attributes.get("r", str(self.line + 1)))
        if line <= self.line:  # two rows with one number
            raise ValueError(line)
        self.line = line
        if max(self.seen, line) > SHEET_LINES:
            raise describe_too_many_rows(line, self.book.limits)
        if self.last_line and self.line > self.last_line:
            raise StopReadingError
        self.row = ReadRow(self.line, [])
        self.place = -1

    def start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        place = _parse_place(reference) if reference else self.place + 1
        if place <= self.place:  # two cells in one place
            raise ValueError(reference)
        self.place = place
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s", "")
        self.is_formula = False
        self.pieces = []

    def end_cell(self) -> None:
        raw = "".join(self.pieces)
        if self.kind == "n" and raw:
            text, fault = self.number(raw)
        else:
            text, fault = self.words(raw).strip(), ""
        if self.kind == "e":
            fault = FORMULA_ERROR
        elif self.is_formula:
            fault = FORMULA
        self.row.put(self.place, text, fault, self.book.limits)

    def number(self, raw: str) -> tuple[str, str]:
        styles = self.book.styles
        place = parse_whole(self.style or "0")
        kind = styles[place] if place < len(styles) else "number"
        return read_shown(raw, kind, self.book.is_1904)

    def words(self, raw: str) -> str:
        if self.kind == "s" and raw:
            return self.book.texts[parse_whole(raw)]
        if self.kind == "b":
            return "true" if raw == "1" else "false"
        return unescape(raw)

    def merge(self, reference: str) -> None:
        first, _colon, last = reference.partition(":")
        corners = [_REFERENCE.fullmatch(corner) for corner in (first, last or first)]
        if corners[0] and corners[1] and len(self.merged) < self.book.limits.rows:
            (left, top), (right, bottom) = corners[0].groups(), corners[1].groups()
            self.merged.append(Merged(int(top), _number(left), int(bottom), _number(right)))


def unescape(text: str) -> str:
    """Replace `_x000D_`, an escaped UTF-16 unit; two may be the halves of one character."""
    if "_x" not in text:
        return text
    units = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    whole = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return replace_unstored(whole)


def _parse_place(reference: str) -> int:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(reference)
    return _number(found[1])


def _number(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


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
    error: Mistake | None = None
    column_styles: list[str] = field(default_factory=list)
    line: int = 0

    def read(self, last_line: int) -> ReadSheet:
        if self.error and not 0 < last_line < self.error.further["line"]:
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
    """An ODS workbook; raises Mistake for what is none, is encrypted or is hostile."""

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
            except Mistake as error:
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
    """Return how many columns or rows a cell is repeated in, or spans."""
    return parse_whole(attributes.get(f"table:number-{what}", "1"))


EXCEL_97 = 80  # the version of the format since then
_FORMULA_RECORD = 0x0006
_EMPTY = (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK)


def read_xls(data: bytes, limits: Limits) -> list[SheetPart]:
    """Read the sheets of a workbook; raises Mistake for what is none, or is encrypted."""
    # Some programs let parts of the file overlap, and Excel opens what they write
    options: Any = {"logfile": _NoLog(), "ignore_workbook_corruption": True}
    with _refuse_faults():
        parts = {entry.name for entry in CompDoc(data, **options).dirlist}
        if "EncryptedPackage" in parts:  # an XLSX within
            raise describe_encryption()
        if "VBA" in parts:
            raise describe_macros()
        options |= {"formatting_info": True, "on_demand": True, "ragged_rows": True}
        book = xlrd.open_workbook(file_contents=data, **options)
        if book.biff_version != EXCEL_97:
            raise describe_broken()
        codes = {key: each.format_str or "" for key, each in book.format_map.items()} | BUILT_IN
        kinds = [classify_format(codes.get(xf.format_key, "")) for xf in book.xf_list]
        sheets = [_load(book, number) for number in range(book.nsheets)]
    return [
        SheetPart(sheet.name, sheet.visibility != 0, partial(_read, sheet, formulas, kinds, limits))
        for sheet, formulas in sheets
    ]


class _NoLog(io.TextIOBase):
    """Where xlrd writes what it finds odd."""

    def write(self, text: str) -> int:
        return len(text)


@contextmanager
def _refuse_faults() -> Iterator[None]:
    """Refuse a file in which xlrd stumbles, by whatever error."""
    try:
        yield
    except (Mistake, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 of a damaged file it may be any
        is_encrypted = isinstance(error, xlrd.XLRDError) and "encrypted" in str(error)
        raise (describe_encryption() if is_encrypted else describe_broken()) from error


def _load(book: Book, number: int) -> tuple[Sheet, set[tuple[int, ...]]]:
    """Load a sheet, and find its formulas: xlrd itself returns their results like other values."""
    formulas: set[tuple[int, ...]] = set()
    next_record = book.get_record_parts

    def note_formula() -> tuple[int, int, bytes]:
        code, length, data = next_record()
        if code == _FORMULA_RECORD:
            formulas.add(unpack_from("<HH", data))
        return code, length, data

    book.get_record_parts = note_formula
    sheet = book.sheet_by_index(number)
    book.get_record_parts = next_record
    return sheet, formulas


def _read(
    sheet: Sheet,
    formulas: Container[tuple[int, ...]],
    kinds: Sequence[str],
    limits: Limits,
    last_line: int,
) -> ReadSheet:
    rows: PackedLines[ReadRow] = PackedLines()
    for line in range(min(sheet.nrows, last_line or sheet.nrows)):
        row = ReadRow(line + 1, [])
        for place, kind in enumerate(sheet.row_types(line)):
            if kind in _EMPTY:
                continue
            cell = sheet.cell(line, place)
            text, fault = _read_cell(cell, kinds, sheet.book.datemode == 1)
            if not fault and (line, place) in formulas:
                fault = FORMULA
            if text or fault:
                row.put(place, text, fault, limits)
        if any(row.cells):
            check_size(row, len(rows), limits)
            rows.append(row)
    merged = [
        Merged(top + 1, left, bottom, right - 1)
        for top, bottom, left, right in sheet.merged_cells[: limits.rows]
    ]
    return ReadSheet(sheet.name, rows, merged)


def _read_cell(cell: Cell, kinds: Sequence[str], is_1904: bool) -> tuple[str, str]:
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return read_shown(repr(cell.value), kinds[cell.xf_index], is_1904)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return ("true" if cell.value else "false"), ""
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return xlrd.error_text_from_code.get(cell.value, "#N/A"), FORMULA_ERROR
    return replace_unstored(cell.value).strip(), ""


OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # XLS, the ET of WPS, and encrypted XLSX
MAGIC = (OLE_MAGIC, b"PK")


def open_sheets(data: bytes, limits: Limits) -> list[SheetPart]:
    """Open the sheets of an XLSX, XLS, ET or ODS file; raises Mistake for any other."""
    if data.startswith(OLE_MAGIC):
        return read_xls(data, limits)
    package = Package(data, limits)
    book = OdsWorkbook if MANIFEST in package.names else ReadWorkbook
    with refuse_damage():
        return book(package, limits).sheets
