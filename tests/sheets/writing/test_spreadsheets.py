"""Rows become CSV by RFC 4180 that Excel reads right, and that no spreadsheet can run."""

import csv
import hashlib
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, strategies as st

from sheets.writing.cells import guard, unguard
from sheets.writing.columns import Column, Written
from sheets.writing.csv_writing import write_csv
from tests.together import together

BOM = b"\xef\xbb\xbf"
# What Excel, LibreOffice or WPS take for a formula, or pass on to another program.
HOSTILE = ["=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://example.org")', "+1", "-1", "-"]
HOSTILE += ["@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u3000=1", '"=1', "'=1", "''=1"]
HOSTILE += ["' =1", "＝1", "＋1", "－1", "＠SUM(A1)", "\x00=1", "\tplain text after a tab"]
HARMLESS = ["", "0", "a=1", "1-2", "晶圆厂", "'quoted'", "''", '"quoted"', "!A1", "|x", "%"]
HARMLESS += ["2024-06", "C3973", "330300"]
texts = st.text(st.sampled_from("""'"=+-@＝－ \t\r\n\x00\u3000a1,;晶"""), max_size=8) | st.text()


def lines(
    rows: Iterable[Sequence[Any]], *columns: Column, bom: bool = True
) -> tuple[bytes, Written]:
    """The bytes of a file with these rows, and what was said of it."""
    file = io.BytesIO()
    written = write_csv(columns or [Column("text", "text")], rows, file, bom=bom)
    return file.getvalue(), written


def read(content: bytes) -> list[list[str]]:
    text = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.reader(text, strict=True))


def cell(value: Any, kind: Any = "text") -> str:
    """One value as it stands in a file, in the second of two columns."""
    columns = [Column("n", "n", "number"), Column("x", "x", kind)]
    values = value if kind == "partial_date" else [value]
    content, _written = lines([[1, *values]], *columns)
    return read(content)[1][1]


# --- The guard ----------------------------------------------------------------------------------


@together("text", HOSTILE)
def test_what_a_spreadsheet_might_run_gets_an_apostrophe(text: str) -> None:
    assert guard(text) == f"'{text}"
    assert unguard(guard(text)) == text
    assert cell(text) == f"'{text}"


@together("text", HARMLESS)
def test_every_other_text_stays_as_it_is(text: str) -> None:
    assert guard(text) == unguard(text) == cell(text) == text


@pytest.mark.slow
@given(texts)
@example("'''=")
@example("'")
@example("' '=1")
def test_guarding_loses_nothing(text: str) -> None:
    assert unguard(guard(text)) == text


@pytest.mark.slow
@given(texts)
@example("'=1")
def test_texts_that_differ_by_an_apostrophe_stay_different(text: str) -> None:
    similar = {text, text[1:], f"'{text}", f"''{text}"}
    assert len({guard(each) for each in similar}) == len(similar)


# --- The file -----------------------------------------------------------------------------------


@given(st.lists(st.tuples(texts, texts, texts), max_size=5))
def test_a_csv_reader_gives_every_cell_back(rows: list[tuple[str, str, str]]) -> None:
    columns = [Column(name, name) for name in ("first", "second", "third")]
    content, written = lines(rows, *columns)
    assert read(content)[0] == ["first", "second", "third"]
    back = [tuple(unguard(text) for text in row) for row in read(content)[1:]]
    assert back == rows
    assert written.rows == len(rows)


def test_a_file_is_utf8_with_a_bom_and_crlf() -> None:
    content, _written = lines([["晶圆厂"], ["🙂"]])
    assert content == BOM + "text\r\n晶圆厂\r\n🙂\r\n".encode()
    without, _written = lines([["晶圆厂"]], bom=False)
    assert without == "text\r\n晶圆厂\r\n".encode()


def test_only_cells_that_need_it_are_quoted() -> None:
    columns = [Column(name, name) for name in ("a", "b")]
    content, _written = lines(
        [["x", "a,b"], ["x", 'a"b'], ["x", "a\nb"], ["x", "a\rb"], ["a b", "，；"]], *columns
    )
    assert content.removeprefix(BOM).split(b"\r\n") == [
        b"a,b",
        b'x,"a,b"',
        b'x,"a""b"',
        b'x,"a\nb"',
        b'x,"a\rb"',
        "a b,，；".encode(),
        b"",
    ]


def test_without_rows_there_is_the_header() -> None:
    content, written = lines([])
    assert content == BOM + b"text\r\n"
    assert written.rows == 0


@together("rows", [0, 1, 10_000])
def test_the_digest_is_that_of_all_bytes(rows: int) -> None:
    content, written = lines([f"行{number}"] for number in range(rows))
    assert written == Written(rows, hashlib.sha256(content).digest())


# --- Kinds of cells -----------------------------------------------------------------------------

SHANGHAI = timezone(timedelta(hours=8))


@together(
    ("value", "kind", "expected"),
    [
        *[(None, "text", ""), (None, "number", ""), (None, "moment", ""), (0, "number", "0")],
        *[(-5, "number", "-5"), (17_600_000_000, "number", "17600000000")],
        *[(Decimal("14.50"), "number", "14.5"), (Decimal("100.00"), "number", "100")],
        *[(Decimal("100"), "number", "100"), (Decimal("0.10"), "number", "0.1")],
        *[(Decimal("1E+3"), "number", "1000"), (Decimal("-0.5"), "number", "-0.5")],
        *[(True, "flag", "true"), (False, "flag", "false")],
        (date(2024, 6, 30), "date", "2024-06-30"),
        (datetime(2024, 6, 30, 1, 2, 3, 999, UTC), "moment", "2024-06-30T01:02:03Z"),
        (datetime(2024, 6, 30, 1, 2, 3, 0, SHANGHAI), "moment", "2024-06-29T17:02:03Z"),
        ((None, ""), "partial_date", ""),
        ((date(2024, 1, 1), "year"), "partial_date", "2024"),
        ((date(2024, 4, 1), "quarter"), "partial_date", "2024-Q2"),
        ((date(2024, 6, 1), "month"), "partial_date", "2024-06"),
        ((date(2024, 6, 30), "day"), "partial_date", "2024-06-30"),
    ],
)
def test_each_kind_of_value_has_one_plain_form(value: Any, kind: str, expected: str) -> None:
    assert cell(value, kind) == expected


def test_a_partial_date_reads_two_values_of_a_row() -> None:
    columns = [Column("signed_on", "signed", "partial_date"), Column("code", "code")]
    assert [path for column in columns for path in column.paths] == [
        "signed_on",
        "signed_on_precision",
        "code",
    ]
    content, _written = lines([[date(2024, 6, 1), "month", "fab"]], *columns)
    assert read(content)[1] == ["2024-06", "fab"]
