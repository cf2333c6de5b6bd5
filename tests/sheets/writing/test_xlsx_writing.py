"""Rows become XLSX in which numbers and days are typed, and every text is a text."""

import hashlib
import io
import os
import re
import zipfile
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from config.texts import MAX_LENGTH
from sheets.writing import xlsx_writing
from sheets.writing.columns import PLAIN, Column, Layout, Sheet, Written
from sheets.writing.xlsx_writing import MADE_ON, DoesNotFit, Workbook
from tests.paths import read_hostile_texts
from tests.together import together

HOSTILE = read_hostile_texts()
TEXT = Column("text", "text")
DAY = datetime.fromisoformat("2024-06-30")  # as openpyxl reads a day


def unescape(text: str) -> str:
    """As Excel and LibreOffice read what XML cannot hold, from left to right."""
    return re.sub("_x([0-9A-F]{4})_", lambda found: chr(int(found[1], 16)), text)


def book(*sheets: Sheet, layout: Layout = PLAIN) -> tuple[bytes, Written]:
    """The bytes of a workbook, and what was said of it."""
    file = io.BytesIO()
    with Workbook(file, layout) as made:
        for sheet in sheets:
            made.add(sheet)
        written = made.close()
    return file.getvalue(), written


def read(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def cells(columns: Sequence[Column], *rows: Sequence[Any], layout: Layout = PLAIN) -> list[Any]:
    """The cells of the rows below the header."""
    content, _written = book(Sheet("sheet", columns, rows), layout=layout)
    return [list(row) for row in read(content).active.iter_rows(min_row=2)]


def cell(value: Any, kind: Any = "text", layout: Layout = PLAIN) -> Any:
    """One value as it stands in a file, in the second of two columns."""
    columns = [Column("n", "n", "number"), Column("x", "x", kind)]
    values = value if kind == "partial_date" else [value]
    return cells(columns, [1, *values], layout=layout)[0][1]


def test_every_hostile_text_is_a_text_without_an_apostrophe_more() -> None:
    texts = [text for text in HOSTILE if text]
    found = [row[0] for row in cells([TEXT], *([text] for text in texts))]
    # What XML cannot hold is escaped (`_x0007_`), as well as what looks like that.
    assert [(one.data_type, unescape(one.value)) for one in found] == [("s", t) for t in texts]


def test_nothing_is_a_formula_or_a_link() -> None:
    content, _written = book(Sheet("sheet", [TEXT], [[text] for text in HOSTILE]))
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    assert b"<f>" not in parts["xl/worksheets/sheet1.xml"]
    assert not any("rels" in name and "sheet" in name for name in parts)


@together(
    ("value", "kind", "expected"),
    [
        *[(None, "text", None), ("", "text", None), (None, "number", None), (0, "number", 0)],
        *[(-5, "number", -5), (17_600_000_000, "money", 17_600_000_000)],
        (999_999_999_999_999, "money", 999_999_999_999_999),
        (9_000_000_000_000_001, "money", "9000000000000001"),
        *[(Decimal("14.50"), "number", 14.5), (Decimal("0.1"), "number", 0.1)],
        (Decimal("12345678901234.5678"), "number", "12345678901234.5678"),
        *[(1 / 3, "number", 1 / 3), (True, "flag", "true"), (False, "flag", "false")],
        *[(date(2024, 6, 30), "date", DAY), (date(1900, 1, 1), "date", "1900-01-01")],
        (datetime(2024, 6, 30, 1, 2, 3, 999, UTC), "moment", "2024-06-30T01:02:03Z"),
        *[(date(2024, 6, 1), "month", "2024-06"), ((None, ""), "partial_date", None)],
        ((date(2024, 1, 1), "year"), "partial_date", "2024"),
        ((date(2024, 4, 1), "quarter"), "partial_date", "2024-Q2"),
        ((date(2024, 6, 1), "month"), "partial_date", "2024-06"),
        ((date(2024, 6, 30), "day"), "partial_date", DAY),
        *[("911202246661234567", "text", "911202246661234567"), ("007", "text", "007")],
    ],
)
def test_each_kind_of_value_is_typed_unless_that_would_change_it(
    value: Any, kind: str, expected: Any
) -> None:
    found = cell(value, kind)
    assert (found.value, type(found.value)) == (expected, type(expected))


@together(
    ("unit", "header", "value"),
    [
        ("yuan", "investment_cny", 123_450_000),
        ("wan", "investment_cny_wan", 12_345),
        ("yi", "investment_cny_yi", 1.2345),
    ],
)
def test_money_is_in_the_unit_that_the_header_names(unit: Any, header: str, value: Any) -> None:
    column = Column("investment_cny", "investment", "money")
    content, _written = book(Sheet("s", [column], [[123_450_000]]), layout=Layout("code", unit))
    rows = [row[0].value for row in read(content).active.iter_rows()]
    assert rows == [header, value]


def test_the_header_stays_in_sight_and_columns_are_wide_enough() -> None:
    columns = [Column("code", "code"), Column("w", "总投资额总投资额", "word")]
    content, _written = book(Sheet("项目", columns, [["a", "b"]]), layout=Layout("zh"))
    page = read(content).active
    assert (page.title, page.freeze_panes, page.auto_filter.ref) == ("项目", "B2", "A1:B2")
    assert page["B1"].value == "总投资额总投资额"
    assert page["B1"].font.bold
    assert page.column_dimensions["A"].width > 20
    assert page.column_dimensions["B"].width > 16


def test_cells_to_be_filled_in_are_texts_where_excel_would_make_a_day_of_2015_06() -> None:
    columns = [Column("on", "on", "partial_date"), Column("n", "n", "number")]
    content, _written = book(Sheet("s", columns, [[None, "", 1], [date(2024, 6, 30), "day", 2]]))
    page = read(content).active
    assert [page.column_dimensions[letter].number_format for letter in "AB"] == ["@", "General"]
    assert page["A3"].number_format == "yyyy-mm-dd"


def test_equal_rows_make_equal_bytes_whenever_they_are_written() -> None:
    sheets = [Sheet("a", [TEXT], [["晶圆厂"]]), Sheet("b", [TEXT], [])]
    content, written = book(*sheets)
    assert book(*sheets)[0] == content
    assert written == Written(1, hashlib.sha256(content).digest())
    properties = read(content).properties
    assert properties.created == properties.modified == MADE_ON


def test_more_rows_than_a_sheet_holds_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_writing, "MAX_SHEET_ROWS", 3)
    book(Sheet("s", [TEXT], [["x"]] * 3))
    with pytest.raises(DoesNotFit, match="4 rows"):
        book(Sheet("s", [TEXT], [["x"]] * 4))


def test_a_text_that_a_cell_cannot_hold_is_refused_and_never_cut() -> None:
    longest = "长" * MAX_LENGTH
    assert cells([TEXT], [longest])[0][0].value == longest
    for text in (longest + "x", "🙂" * (MAX_LENGTH // 2 + 1)):
        with pytest.raises(DoesNotFit, match="“text”"):
            book(Sheet("s", [TEXT], [[text]]))


def test_nothing_is_left_behind_whatever_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def rows() -> Any:
        yield ["x"]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        book(Sheet("s", [TEXT], rows()))
    book(Sheet("s", [TEXT], [["x"]]))
    assert os.listdir(tmp_path) == []
