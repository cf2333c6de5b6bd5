"""Workbooks to rows of texts: XLSX and ODS row by row of their XML, XLS and ET by xlrd.

Libraries return values alone. Reading the parts shows what they hide: that a cell is a formula with
a cached value, how a date is displayed, and which digits a number has lost.
"""

import io
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache, partial
from itertools import takewhile
from struct import unpack_from
from typing import Any
from xml.etree.ElementTree import Element

import xlrd
from django.utils.translation import gettext as _
from xlrd.book import Book
from xlrd.compdoc import CompDoc
from xlrd.formatting import std_format_strings
from xlrd.sheet import Cell, Sheet

from config.mistakes import Mistake
from sheets.packing import PackedLines
from sheets.reading.csv_files import replace_unstored
from sheets.reading.number_formats import NumberFormat, read_format
from sheets.reading.package import (
    BUILT_IN,
    LONGEST_CODE,
    Package,
    format_moment,
    local,
    parse_whole,
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
        self.styles: list[NumberFormat] = []
        main = self._find_related("").get("officeDocument", [""])[0]
        parts = self._find_related(main)
        self._read_workbook(main, parts)
        for part in parts.get("sharedStrings", []):
            self._read_texts(part)
        for part in parts.get("styles", []):
            self._read_styles(part)

    def read(self, name: str, part: str, last_line: int) -> ReadSheet:
        """Read all rows of a sheet that hold something, or those up to a line."""
        read, line = ReadSheet(name, PackedLines()), 0
        with refuse_damage():
            for count, element in enumerate(self.package.iterate(part, "row", "mergeCell"), 1):
                if local(element.tag) == "mergeCell":
                    self._merge(read, element.get("ref", ""))
                    continue
                number = parse_whole(element.get("r", str(line + 1)))
                if number <= line:  # two rows with one number
                    raise ValueError(number)
                line = number
                if max(count, line) > SHEET_LINES:
                    raise describe_too_many_rows(line, self.limits)
                if last_line and line > last_line:
                    break
                row = self._read_row(line, element)
                if any(row.cells):
                    check_size(row, len(read.rows), self.limits)
                    read.rows.append(row)
        return read

    def _read_row(self, line: int, element: Element) -> ReadRow:
        row, place = ReadRow(line, []), -1
        prefix = element.tag.removesuffix("row")
        c, f, v, inline = (f"{prefix}{name}" for name in ("c", "f", "v", "is"))
        for cell in element:
            if cell.tag != c:
                continue
            reference = cell.get("r")
            at = _parse_place(reference) if reference else place + 1
            if at <= place:  # two cells in one place
                raise ValueError(reference)
            place, raw, is_formula = at, "", False
            for each in cell:
                if each.tag == v:
                    raw += each.text or ""
                elif each.tag == f:
                    is_formula = True
                elif each.tag == inline:
                    raw += "".join(_list_texts(each))
            if raw or is_formula:
                text, fault = self._read_cell(cell, raw)
                if is_formula and fault != FORMULA_ERROR:
                    fault = FORMULA
                row.put(place, text, fault, self.limits)
        return row

    def _read_cell(self, cell: Element, raw: str) -> tuple[str, str]:
        """Read the text of a cell, and what is wrong with it."""
        kind = cell.get("t", "n")
        if kind == "n" and raw:
            place = parse_whole(cell.get("s") or "0")
            shown = self.styles[place] if place < len(self.styles) else NumberFormat()
            return shown.read(raw, self.is_1904)
        if kind == "s" and raw:
            return self.texts[parse_whole(raw)].strip(), ""
        if kind == "b":
            return ("true" if raw == "1" else "false"), ""
        return unescape(raw).strip(), FORMULA_ERROR if kind == "e" else ""

    def _merge(self, read: ReadSheet, reference: str) -> None:
        first, _colon, last = reference.partition(":")
        corners = [_REFERENCE.fullmatch(corner) for corner in (first, last or first)]
        if corners[0] and corners[1] and len(read.merged) < self.limits.rows:
            (left, top), (right, bottom) = corners[0].groups(), corners[1].groups()
            read.merged.append(Merged(int(top), _number(left), int(bottom), _number(right)))

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
        for element in self.package.iterate(part, "si"):
            if len(self.texts) >= MOST_SHARED_TEXTS:
                raise Mistake("too_many_texts", _("The workbook contains too many texts."))
            self.texts.append(unescape("".join(_list_texts(element))))

    def _read_styles(self, part: str) -> None:
        codes = dict(BUILT_IN)
        for element in self.package.iterate(part, "numFmts", "cellXfs"):
            for each in element:
                if local(element.tag) == "numFmts":
                    codes[parse_whole(each.get("numFmtId", ""))] = each.get("formatCode", "")
                else:
                    code = codes.get(parse_whole(each.get("numFmtId", "0")), "general")
                    self.styles.append(read_format(code))


def _list_texts(element: Element) -> Iterator[str]:
    """List the texts below an element, without their phonetic guides (ruby)."""
    for each in element:
        name = local(each.tag)
        if name == "t":
            yield each.text or ""
        elif name != "rPh":
            yield from _list_texts(each)


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


@lru_cache(maxsize=1_000)
def _number(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


MANIFEST = "META-INF/manifest.xml"
_CELLS = ("table:table-cell", "table:covered-table-cell")
# What may hold tables that are no sheets
_ASIDE = {"table:tracked-changes", "table:dde-links", "table:shapes"}
_ASIDE |= {"office:text", "office:presentation", "office:drawing"}  # no spreadsheet at all
# What may hold texts within a cell that are no part of it
_BESIDE = ("office:annotation", "text:ruby-text", "draw:", "table:table")
_LETTERS = {  # of number formats, as Excel writes them
    **{"number:year": "y", "number:month": "m", "number:day": "d"},
    **{"number:hours": "h", "number:minutes": "h", "number:seconds": "s"},
    "number:number": "0",
}
_WORDS = ("number:text", "number:currency-symbol", "number:embedded-text")
_POSITIVE = ("value()>=0", "value()>0")
_SIGNS = {"text:tab": "\t", "text:line-break": "\n"}
_NUMBERS = {"float": "number", "currency": "number", "percentage": "percent"}
_MOST_PARENTS = 20  # of a style


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
    """How cells show numbers and dates by their number formats, and which sheets are hidden."""

    codes: dict[str, str] = field(default_factory=dict)  # as Excel writes them, by data style
    maps: dict[str, str] = field(default_factory=dict)  # the data style that stands for another
    cells: dict[str, tuple[str, str]] = field(default_factory=dict)  # data style and parent
    hidden: set[str] = field(default_factory=set)

    def take(self, element: Element) -> None:
        """Take a style, or a data style with the code of its number format."""
        name = element.get("style:name", "")
        if element.tag.startswith("number:"):
            self.codes[name] = "".join(map(_write_code, element))
            for each in element:
                if each.tag == "style:map":  # one for each of several sections
                    other = each.get("style:apply-style-name", "")
                    self.maps.setdefault(name, other)
                    if each.get("style:condition", _POSITIVE[0]) not in _POSITIVE:
                        self.codes[other] = f"[<]{self.codes.get(other, '')}"
        elif element.tag == "style:style":
            if element.get("style:family") == "table-cell":
                parent = element.get("style:parent-style-name", "")
                self.cells[name] = element.get("style:data-style-name", ""), parent
            if any(each.get("table:display") == "false" for each in element):
                self.hidden.add(name)

    def find_format(self, style: str) -> NumberFormat:
        """Find the number format of a style of cells."""
        for _parent in range(_MOST_PARENTS):
            data_style, parent = self.cells.get(style, ("", ""))
            if data_style or not parent:
                break
            style = parent
        return read_format(self.codes.get(self.maps.get(data_style, data_style), ""))


def _write_code(part: Element) -> str:
    """Write a part of a data style as Excel does."""
    if part.tag in _WORDS:
        return '"{}"'.format((part.text or "").replace('"', ""))
    within = "".join(_write_code(each) + _write_zeros(each) for each in part)
    commas = {"1000": ",", "1000000": ",,"}.get(part.get("number:display-factor", ""), "")
    return _LETTERS.get(part.tag, "") + within + commas


def _write_zeros(part: Element) -> str:
    """Write the digits behind a text within a number: at most as many as are told apart."""
    return "0" * min(parse_whole(part.get("number:position", "1")), LONGEST_CODE)


class OdsWorkbook:
    """An ODS workbook; raises Mistake for what is none, is encrypted or is hostile."""

    def __init__(self, package: Package, limits: Limits) -> None:
        self.limits = limits
        self.styles = _Styles()
        self.tables: list[_OdsTable] = []
        if package.list_elements(MANIFEST, "encryption-data"):
            raise describe_encryption()
        parts = ("styles.xml", "content.xml") if "styles.xml" in package.names else ("content.xml",)
        wanted = ("automatic-styles", "styles", "table-column", "table-row")
        for part in parts:
            for element in package.iterate(part, *wanted, begun="table:table", skipped=_ASIDE):
                self._take(element)

    @property
    def sheets(self) -> list[SheetPart]:
        return [SheetPart(table.name, table.is_hidden, table.read) for table in self.tables]

    def _take(self, element: Element) -> None:
        if element.tag == "table:table":
            is_hidden = element.get("table:style-name") in self.styles.hidden
            self.tables.append(_OdsTable(element.get("table:name", ""), is_hidden))
        elif element.tag == "table:table-row":
            table = self.tables[-1]
            try:
                if table.error is None:
                    self._read_row(table, element)
            except Mistake as error:
                table.error = error
        elif element.tag == "table:table-column":
            styles = self.tables[-1].column_styles
            count = min(_count(element, "columns-repeated"), self.limits.columns - len(styles))
            styles += [element.get("table:default-cell-style-name", "")] * count
        else:
            for style in element:
                self.styles.take(style)

    def _read_row(self, table: _OdsTable, element: Element) -> None:
        row, place = ReadRow(table.line + 1, []), 0
        row_style, columns = element.get("table:default-cell-style-name"), table.column_styles
        for cell in element:
            if cell.tag not in _CELLS:
                continue
            style = cell.get("table:style-name") or row_style
            style = style or (columns[place] if place < len(columns) else "")
            text, fault = self._read_cell(cell, style)
            count = _count(cell, "columns-repeated")
            if text or fault:
                self._merge(table, cell, place)
                for at in range(place, place + count):
                    row.put(at, text, fault, self.limits)
            place += count
        first, count = row.line, _count(element, "rows-repeated")
        for line in range(first, first + count) if any(row.cells) else ():
            if line > SHEET_LINES:
                raise describe_too_many_rows(line, self.limits)
            row = ReadRow(line, [*row.cells], row.faults)
            check_size(row, len(table.rows), self.limits)
            table.rows.append(row)
        table.line += count

    def _merge(self, table: _OdsTable, cell: Element, place: int) -> None:
        down, right = _count(cell, "rows-spanned"), _count(cell, "columns-spanned")
        if (down > 1 or right > 1) and len(table.merged) < self.limits.rows:
            line = table.line + 1
            last = min(line + down - 1, SHEET_LINES)
            table.merged.append(Merged(line, place, last, place + right - 1))

    def _read_cell(self, cell: Element, style: str) -> tuple[str, str]:
        """Read the text of a cell, and what is wrong with it."""
        kind, fault = cell.get("office:value-type", ""), ""
        text = "".join(self._list_texts(cell)).strip()
        if cell.get("calcext:value-type") == "error":
            return text, FORMULA_ERROR
        if kind in _NUMBERS:
            shown = self.styles.find_format(style)
            shown = shown if shown.kind == _NUMBERS[kind] else NumberFormat(_NUMBERS[kind])
            text, fault = shown.read(cell.get("office:value", ""))
        elif kind == "date":
            text = self._format_date(cell.get("office:date-value", text), style)
        elif kind == "boolean":
            text = cell.get("office:boolean-value", text)
        elif kind == "string":
            text = cell.get("office:string-value", "").strip() or text
        return text, FORMULA if cell.get("table:formula") is not None else fault

    def _list_texts(self, element: Element, *, is_inside: bool = False) -> Iterator[str]:
        """List the texts of paragraphs, each with the end of its line; others hold none."""
        is_paragraph = element.tag == "text:p"
        if is_inside or is_paragraph:
            yield element.text or ""
        for each in element:
            if each.tag == "text:s":
                yield " " * min(parse_whole(each.get("text:c", "1")), self.limits.cell_length)
            elif not each.tag.startswith(_BESIDE):
                yield _SIGNS.get(each.tag, "")
                yield from self._list_texts(each, is_inside=is_inside or is_paragraph)
            if is_inside or is_paragraph:
                yield each.tail or ""
        if is_paragraph:
            yield "\n"

    def _format_date(self, raw: str, style: str) -> str:
        try:
            return format_moment(datetime.fromisoformat(raw), self.styles.find_format(style).kind)
        except ValueError:  # no day of a calendar: an error of its cell
            return raw


def _count(element: Element, what: str) -> int:
    """Return how many columns or rows a cell or row is repeated in, or spans."""
    return parse_whole(element.get(f"table:number-{what}", "1"))


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
        # What xlrd adds by itself, with $, is shown with the currency of each computer
        codes = {
            key: each.format_str
            for key, each in book.format_map.items()
            if each.format_str and each.format_str != std_format_strings.get(key)
        } | BUILT_IN
        formats = [read_format(codes.get(xf.format_key, "")) for xf in book.xf_list]
        sheets = [_load(book, number) for number in range(book.nsheets)]
    return [
        SheetPart(
            sheet.name, sheet.visibility != 0, partial(_read, sheet, formulas, formats, limits)
        )
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
    formats: Sequence[NumberFormat],
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
            text, fault = _read_cell(cell, formats, sheet.book.datemode == 1)
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


def _read_cell(cell: Cell, formats: Sequence[NumberFormat], is_1904: bool) -> tuple[str, str]:
    if cell.ctype in (xlrd.XL_CELL_NUMBER, xlrd.XL_CELL_DATE):
        return formats[cell.xf_index].read(repr(cell.value), is_1904)
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
