"""LibreOffice opens our files: nothing in them runs, and every character of Chinese is there."""

import csv
import io
import re
from pathlib import Path

import openpyxl
import pytest

from sheets.writing.cells import unguard
from sheets.writing.columns import Column, Sheet
from sheets.writing.csv_writing import write_csv
from sheets.writing.xlsx_writing import Workbook
from tests.libreoffice import convert, read_flat
from tests.paths import read_hostile_texts

# Comma, quotation mark, UTF-8, from the first line; numbers and formulas are to be recognized.
OPENED_AS_PEOPLE_DO = "CSV:44,34,76,1,,0,false,true,false,false,false,0,true"
CORPUS = read_hostile_texts()
REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # by the ledger, so it is in no file
TEXTS = [text for text in CORPUS if not REFUSED.search(text)]
COLUMNS = [Column("number", "number", "number"), Column("text", "text")]
ROWS = [[number, text] for number, text in enumerate(TEXTS)]


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    path = tmp_path / "table.xlsx"
    with path.open("w+b") as file, Workbook(file) as book:
        book.add(Sheet("项目", COLUMNS, ROWS))
        book.close()
    return path


def in_lines(text: str) -> str:
    """A text as a spreadsheet keeps its lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def texts_of(rows: list[list[str]]) -> list[str]:
    """The second column below the header."""
    assert rows[0][:2] == ["number", "text"]
    assert len(rows) == len(ROWS) + 1
    return [row[1] if len(row) > 1 else "" for row in rows[1:]]


@pytest.mark.long("starts LibreOffice; others read the same cells")
def test_no_cell_of_a_workbook_is_a_formula_and_no_text_is_changed(
    workbook: Path, tmp_path: Path
) -> None:
    rows, formulas = read_flat(convert(workbook, "fods", tmp_path))
    assert formulas == 0
    assert [in_lines(text) for text in texts_of(rows)] == [in_lines(text) for text in TEXTS]


@pytest.mark.slow
def test_no_cell_of_a_csv_file_is_a_formula_and_all_chinese_is_there(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with path.open("w+b") as file:
        write_csv(COLUMNS, ROWS, file)
    rows, formulas = read_flat(convert(path, "fods", tmp_path, OPENED_AS_PEOPLE_DO))
    assert formulas == 0
    pairs = [
        (unguard(found), in_lines(text))
        for found, text in zip(texts_of(rows), TEXTS, strict=True)
        if re.search("[一-鿿\U00020000-\U0002fa1f]", text)
    ]
    assert len(pairs) > 20
    assert [found for found, _text in pairs] == [text for _found, text in pairs]


@pytest.mark.long("starts LibreOffice; others read the same cells")
def test_without_the_guard_there_would_be_formulas(tmp_path: Path) -> None:
    path = tmp_path / "raw.csv"
    text = io.StringIO(newline="")
    csv.writer(text).writerows(ROWS)
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    assert read_flat(convert(path, "fods", tmp_path, OPENED_AS_PEOPLE_DO))[1] > 10


@pytest.mark.long("starts LibreOffice; others read the same cells")
def test_what_it_saves_has_the_same_cells(workbook: Path, tmp_path: Path) -> None:
    saved = openpyxl.load_workbook(convert(workbook, "xlsx", tmp_path)).active
    cells = [row[1] for row in saved.iter_rows(min_row=2, max_row=len(TEXTS) + 1)]
    assert {cell.data_type for cell in cells} == {"s"}
    changed = [
        (text, cell.value)
        for text, cell in zip(TEXTS, cells, strict=True)
        if text.isprintable() and "_x" not in text and text != cell.value
    ]
    assert changed == []
