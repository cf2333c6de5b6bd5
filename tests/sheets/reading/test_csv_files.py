"""Bytes of a CSV file to rows: encodings, delimiters, quotes, and what is refused."""

import codecs
from typing import Any

import pytest

from config.mistakes import Mistake
from sheets.reading.csv_files import read_csv
from sheets.reading.rows import Limits
from tests.together import together

TEXT = "项目名称,总投资额（亿元）\r\n三一重能,13.8\r\n"
ROWS = [["项目名称", "总投资额（亿元）"], ["三一重能", "13.8"]]


def cells(data: bytes, **options: Any) -> list[list[str]]:
    return [row.cells for row in read_csv(data, Limits(), **options).rows]


def refusal(data: bytes, limits: Limits | None = None, **options: Any) -> Mistake:
    with pytest.raises(Mistake) as refused:
        read_csv(data, limits or Limits(), **options)
    return refused.value


@together(
    ("data", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8"),
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("gb18030"), "gb18030"),
    ],
)
def test_the_encoding_is_found_and_said(data: bytes, encoding: str) -> None:
    sheet = read_csv(data, Limits())
    assert [row.cells for row in sheet.rows] == ROWS
    assert sheet.encoding == encoding


def test_characters_beyond_gbk_are_read() -> None:
    text = "名称\r\n𠮷野㐂\r\n"
    assert cells(text.encode("gb18030"))[1] == ["𠮷野㐂"]


def test_a_byte_that_is_neither_utf_8_nor_gb_18030_is_named_with_its_line() -> None:
    error = refusal("名称\n甲\n".encode("gb18030") + b"a\xff\n")
    assert error.code == "undecodable"
    assert error.further == {"line": 3, "offset": 9}


def test_utf_8_with_a_broken_byte_is_not_taken_for_gb_18030() -> None:
    data = ("项目名称\n" * 20).encode() + b"\xe9\x80\n" + ("园区\n" * 20).encode()
    error = refusal(data)
    assert error.code == "undecodable"
    assert error.further["line"] == 21


def test_an_encoding_can_be_asked_for_and_is_then_strict() -> None:
    assert cells(TEXT.encode("utf-16-le"), encoding="utf-16") == ROWS
    assert refusal(TEXT.encode("gb18030"), encoding="utf-8").code == "undecodable"
    assert refusal(TEXT.encode("utf-8-sig"), encoding="gb18030").code == "contradicting_encoding"


def test_utf_16_without_a_mark_is_no_text() -> None:
    assert refusal("name,code\n".encode("utf-16-le")).code == "not_text"


def test_utf_32_is_refused() -> None:
    assert refusal(TEXT.encode("utf-32")).code == "unknown_encoding"


@together("delimiter", [",", ";", "\t"])
@together("end", ["\r\n", "\n", "\r"])
def test_the_delimiter_is_found(delimiter: str, end: str) -> None:
    lines = [["a", "b", "c"], ["1,5", "2;5", "x"], ["3", "", ""]]
    text = end.join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    assert cells(text.encode()) == lines


def test_a_delimiter_may_be_declared_as_excel_does() -> None:
    sheet = read_csv(b"sep=;\r\na;b,c\r\n1;2\r\n", Limits())
    assert [(row.line, row.cells) for row in sheet.rows] == [(2, ["a", "b,c"]), (3, ["1", "2"])]
    assert refusal(b"sep=|\r\na|b\r\n").code == "unknown_delimiter"


def test_a_line_end_within_quotes_is_a_part_of_its_cell() -> None:
    sheet = read_csv('a,b\r\n"含配套，\n其中",2\r\n3,4\r\n'.encode(), Limits())
    assert [(row.line, row.cells) for row in sheet.rows] == [
        (1, ["a", "b"]),
        (2, ["含配套，\n其中", "2"]),
        (3, ["3", "4"]),
    ]


@pytest.mark.parametrize("text", ['a,b\n"1,2\n', 'a,b\n"1"x,2\n'])
def test_quotes_that_are_not_in_order_are_refused_with_their_record(text: str) -> None:
    error = refusal(text.encode())
    assert (error.code, error.further["line"]) == ("broken_quotes", 2)


def test_one_apostrophe_of_the_guard_is_taken_away() -> None:
    assert cells(b"a,b\n'=1+1,''=1\n'plain,-5\n")[1:] == [["=1+1", "'=1"], ["'plain", "-5"]]


def test_blanks_around_a_cell_are_taken_away_chinese_ones_too() -> None:
    assert cells("名称,b\n　甲　, 1 \n".encode())[1] == ["甲", "1"]


@together(
    ("limits", "code", "line"),
    [
        (Limits(rows=2), "too_many_rows", 3),
        (Limits(columns=1), "too_many_columns", 1),
        (Limits(cell_length=3), "cell_too_long", 2),
    ],
)
def test_what_is_too_much_is_refused_with_its_place(limits: Limits, code: str, line: int) -> None:
    error = refusal(b"a,b\nlong,1\nc,2\n", limits)
    assert (error.code, error.further["line"]) == (code, line)


def test_a_cell_without_end_is_too_long() -> None:
    error = refusal(b'a,b\n"' + b"x" * 200_000 + b'",1\n')
    assert error.code == "cell_too_long"


def test_a_null_character_is_no_text() -> None:
    assert refusal(b"a,b\n\x00,1\n").code == "not_text"
