"""Workbooks whose parts hold what no program writes: a clear 400, or a clear error of the cell."""

import io
import random
import zipfile
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, problem
from tests.messy_sheet import DATA
from tests.projects.importing.imports import checked, faults, send, workbook
from tests.samples import sample
from tests.sheets.reading.test_xlsx_files import ONE, RELATIONS, SHEET, package, refusal
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]

HEADERS = ("name_zh", "park", "investment_cny", "signed_on", "note")
LETTERS = dict(zip(HEADERS, "ABCDE", strict=True))
DAY = '<numFmts><numFmt numFmtId="200" formatCode="yyyy-mm-dd"/></numFmts>'
FORMATS = '<cellXfs><xf numFmtId="0"/><xf numFmtId="200"/><xf numFmtId="10"/></cellXfs>'
STYLES = f"<styleSheet>{DAY}{FORMATS}</styleSheet>"
SHARED = "<sst><si><t>备注</t></si></sst>"
WHOLE = {"name_zh": "甲", "park": "town"}
DIGITS = "9" * 5_000


def write_text(name: str, line: int, text: str) -> str:
    return f'<c r="{LETTERS[name]}{line}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = f'<row r="1">{"".join(write_text(name, 1, name) for name in HEADERS)}</row>'


def write_row(cells: str = "", row: str = 'r="2"') -> str:
    start = "".join(write_text(name, 2, text) for name, text in WHOLE.items())
    return f"{HEAD}<row {row}>{start}{cells}</row>"


def pack(sheet: str, **parts: str | bytes) -> bytes:
    """A workbook of a sheet with styles and shared texts; `parts` by path replace its parts."""
    links = RELATIONS.format(kind="worksheet", target="sheet.xml")
    for kind in ("styles", "sharedStrings"):
        link = f'<Relationship Id="{kind}" Type="x/{kind}" Target="{kind}.xml"/></Relationships>'
        links = links.replace("</Relationships>", link)
    changed: dict[str, str | bytes] = {
        "xl/_rels/workbook.xml.rels": links,
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": SHARED,
        **parts,
    }
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package(sheet))) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for path in dict.fromkeys([*old.namelist(), *changed]):
            content = changed.get(path) if path in changed else old.read(path)
            if content:
                new.writestr(path, content)
    return file.getvalue()


def of_cell(cell: str, **parts: str | bytes) -> bytes:
    return pack(SHEET.format(write_row(cell)), **parts)


def number(name: str, raw: str, more: str = "") -> bytes:
    return of_cell(f'<c r="{LETTERS[name]}2" {more}><v>{raw}</v></c>')


def repeat_a_part() -> bytes:
    file = io.BytesIO(of_cell(""))
    with zipfile.ZipFile(file, "a") as parts, pytest.warns(UserWarning, match="Duplicate"):
        parts.writestr("xl/sheet.xml", ONE)
    return file.getvalue()


def pack_by(method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(of_cell(""))) as old, zipfile.ZipFile(file, "w", method) as new:
        for path in old.namelist():
            new.writestr(path, old.read(path))
    return file.getvalue()


REFUSED: dict[str, bytes] = {
    "number: words": number("investment_cny", "many"),
    "number: digits of elsewhere": number("investment_cny", "١٢"),
    "style: below zero": number("signed_on", "1", 's="-9"'),
    "style: digits": number("signed_on", "1", f's="{DIGITS}"'),
    "text: below zero": number("note", "-1", 't="s"'),
    "text: digits": number("note", DIGITS, 't="s"'),
    "text: a word": number("note", "x", 't="s"'),
    "place: a sign": of_cell('<c r="!2"><v>1</v></c>'),
    "place: of elsewhere": of_cell('<c r="中2"><v>1</v></c>'),
    "place: long": of_cell(f'<c r="{"A" * 5_000}2"><v>1</v></c>'),
    "place: row of many digits": of_cell('<c r="C99999999"><v>1</v></c>'),
    "place: an area": of_cell('<c r="C2:D2"><v>1</v></c>'),
    "row: a word": pack(SHEET.format(write_row(row='r="two"'))),
    "row: digits": pack(SHEET.format(write_row(row=f'r="{DIGITS}"'))),
    "format: without id": of_cell("", **{"xl/styles.xml": STYLES.replace(' numFmtId="200"', "")}),
    "format: id of words": of_cell("", **{"xl/styles.xml": STYLES.replace("200", "x")}),
    "format: id of digits": of_cell("", **{"xl/styles.xml": STYLES.replace("200", DIGITS)}),
    "part: no styles": of_cell("", **{"xl/styles.xml": ""}),
    "part: no texts": of_cell("", **{"xl/sharedStrings.xml": ""}),
    "part: no sheet": of_cell("", **{"xl/sheet.xml": ""}),
    "part: no workbook": of_cell("", **{"xl/workbook.xml": ""}),
    "part: no links": of_cell("", **{"xl/_rels/workbook.xml.rels": ""}),
    "part: no first links": of_cell("", **{"_rels/.rels": ""}),
    "part: no XML": of_cell("", **{"xl/styles.xml": b"\xff\xfe\x00"}),
    "part: cut off": of_cell("", **{"xl/styles.xml": STYLES[:-20]}),
    "links: to nothing": of_cell("", **{"_rels/.rels": RELATIONS.format(kind="x", target="y")}),
    "encoding: not known": of_cell(
        "", **{"xl/styles.xml": f'<?xml version="1.0" encoding="none"?>{STYLES}'}
    ),
    "encoding: of bytes": of_cell(
        "", **{"xl/styles.xml": f'<?xml version="1.0" encoding="hex"?>{STYLES}'}
    ),
    "encoding: of several bytes": of_cell(
        "", **{"xl/styles.xml": f'<?xml version="1.0" encoding="gb18030"?>{STYLES}'}
    ),
    "encoding: another one": of_cell("", **{"xl/styles.xml": STYLES.encode("utf-32")}),
    "bytes that are no text": of_cell("", **{"xl/sharedStrings.xml": b"<sst>\xff\xfe</sst>"}),
    "packed by LZMA": pack_by(zipfile.ZIP_LZMA),
}
OTHERWISE_REFUSED: dict[str, tuple[bytes, str]] = {
    "place: beyond the last column": (of_cell('<c r="XFE2"><v>1</v></c>'), "too_many_columns"),
    "two parts of one name": (repeat_a_part(), "too_many_members"),
    "a DTD in the texts": (
        of_cell("", **{"xl/sharedStrings.xml": f"<!DOCTYPE sst>{SHARED}"}),
        "doctype",
    ),
}
# The raw value of a cell, what more it says, and the code of its error
OF_CELLS: dict[str, list[tuple[str, str, str]]] = {
    "investment_cny": [
        ("inf", "", "not_a_number"),
        ("-Infinity", "", "not_a_number"),
        ("nan", "", "not_a_number"),
        (DIGITS, "", "unknown_words"),
        ("1e400", "", "lost_digits"),
        ("1e308", 's="2"', "lost_digits"),
    ],
    "signed_on": [
        ("inf", 's="1"', "lost_digits"),
        ("nan", 's="1"', "not_a_date"),
        (DIGITS, 's="1"', "lost_digits"),
        ("-45471", 's="1"', "not_a_date"),
        ("2958466", 's="1"', "not_a_date"),  # a day after the last one
    ],
    "note": [
        (text, 't="str"', "control_character")
        for text in ("_x0007_", "甲_xD800_", "_xDFB7__xD842_", "甲_x0000_", "_xFFFF_")
    ],
}
READ: dict[str, tuple[bytes, str, str]] = {
    "two halves": (number("note", "_xD842__xDFB7_", 't="str"'), "note", "\U00020bb7"),
    "no style": (number("signed_on", "2024", 's="99"'), "signed_on", "2024"),
    "utf-16": (of_cell("", **{"xl/styles.xml": STYLES.encode("utf-16")}), "name_zh", "甲"),
}


def list_codes(answer: Any) -> list[tuple[str, str]]:
    return [(each["pointer"], each["code"]) for each in problem(answer)["errors"]]


def test_a_damaged_file_is_refused(admin_api: APIClient) -> None:
    answer = send(admin_api, REFUSED["number: words"], "a.xlsx")
    assert list_codes(answer) == [("#/file", "broken_file")]


@together("name", REFUSED)
def test_a_part_that_no_program_writes_is_a_damaged_file(name: str) -> None:
    assert refusal(REFUSED[name]).code == "broken_file"


@together("name", OTHERWISE_REFUSED)
def test_what_has_a_reason_of_its_own_is_told_so(name: str) -> None:
    data, code = OTHERWISE_REFUSED[name]
    assert refusal(data).code == code


def test_a_number_or_text_that_cannot_be_is_an_error_of_its_cell(admin_api: APIClient) -> None:
    cases = [(name, *case) for name, of in OF_CELLS.items() for case in of]
    rows = [HEAD]
    for line, (name, raw, more, _code) in enumerate(cases, start=2):
        start = write_text("name_zh", line, f"厂{line}号") + write_text("park", line, "town")
        cell = f'<c r="{LETTERS[name]}{line}" {more}><v>{raw}</v></c>'
        rows.append(f'<row r="{line}">{start}{cell}</row>')
    answer = checked(admin_api, pack(SHEET.format("".join(rows))), "a.xlsx")
    assert faults(answer) == {(n, name): code for n, (name, *_, code) in enumerate(cases, start=2)}


@pytest.mark.both_databases
@together("name", READ)
def test_what_excel_reads_is_read_as_excel_reads_it(admin_api: APIClient, name: str) -> None:
    data, column, text = READ[name]
    (row,) = [each for each in checked(admin_api, data, "a.xlsx")["rows"] if each["line"] == 2]
    assert row["changes"][column] == ["", text]


@pytest.mark.both_databases
@together(
    "text, place",  # in the place of a name of ours, and beside
    [("_x0000_", "A1"), ("_xD800_", "F1"), ("_xFFFF_", "A1"), ("inf", "F1")],
)
def test_a_header_or_title_of_such_characters_is_no_fault_of_the_server(
    admin_api: APIClient, text: str, place: str
) -> None:
    other = f'<c r="{place}" t="str"><v>{text}</v></c>'
    head = HEAD.replace(write_text("name_zh", 1, "name_zh"), other)
    if place == "F1":
        head = HEAD.replace("</row>", f"{other}</row>")
    body = write_row(write_text("note", 2, "x")).removeprefix(HEAD)
    sheet = SHEET.format(head + body + '<row r="3"><c r="F3"><v>1</v></c></row>')
    answer = send(admin_api, pack(sheet), "a.xlsx")
    assert answer.status_code in (201, 400), answer.content
    if answer.status_code == 201:
        assert admin_api.get(f"{API}/imports/{answer.json()['code']}").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "xls", "ods"])
def test_a_workbook_with_damaged_bytes_is_never_a_fault_of_the_server(
    admin_api: APIClient, kind: str
) -> None:
    whole = workbook(["name_zh", "park", "signed_on"], ["甲", "town", 45471])
    if kind != "xlsx":
        whole = (DATA / f"messy_sheet.{kind}").read_bytes()
    chance = random.Random(37)  # noqa: S311 the same ones each time
    for _number in sample(range(500), 32):
        data = bytearray(whole)
        for _byte in range(chance.choice([1, 3, 30])):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        answer = send(admin_api, bytes(data), f"a.{kind}")
        assert answer.status_code in (201, 400), answer.content
        if answer.status_code == 400:
            assert {code for _pointer, code in list_codes(answer)}.isdisjoint(
                {"unreadable", "too_costly"}
            )
