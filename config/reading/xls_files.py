"""XLS, and the ET of WPS, which is the same format, to rows of texts."""

import io
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from struct import unpack_from
from typing import Any

import xlrd
from xlrd.book import Book
from xlrd.compdoc import CompDoc
from xlrd.sheet import Cell, Sheet

from config.packing import PackedLines
from config.reading.decoding import replace_unstored
from config.reading.errors import (
    FileError,
    describe_broken,
    describe_encryption,
    describe_macros,
)
from config.reading.number_formats import BUILT_IN, classify_format, read_shown
from config.reading.rows import (
    FORMULA,
    FORMULA_ERROR,
    Limits,
    Merged,
    ReadRow,
    ReadSheet,
    SheetPart,
    check_size,
)

EXCEL_97 = 80  # the version of the format since then
_FORMULA_RECORD = 0x0006
_EMPTY = (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK)


def read_xls(data: bytes, limits: Limits) -> list[SheetPart]:
    """Read the sheets of a workbook; raises FileError for what is none, or is encrypted."""
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
    except (FileError, MemoryError):
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
