"""XLSX to rows: what cells show, what libraries hide, and packages that are hostile."""

import io
import zipfile
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter

from config.mistakes import Mistake
from sheets.reading.files import detect_format
from sheets.reading.rows import Limits, ReadRow
from sheets.reading.workbooks import open_sheets
from tests.together import together

CONTENT = """<?xml version="1.0"?><Types xmlns=
"http://schemas.openxmlformats.org/package/2006/content-types"/>"""
RELATIONS = """<?xml version="1.0"?><Relationships xmlns=
"http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type=
"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>
</Relationships>"""
WORKBOOK = """<?xml version="1.0"?><workbook xmlns:r=
"http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>"""
SHEET = "<worksheet><sheetData>{}</sheetData></worksheet>"


def package(sheet: str, **more: str | bytes) -> bytes:
    """A workbook of one sheet whose XML is given, with further parts by path."""
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": CONTENT,
        "_rels/.rels": RELATIONS.format(kind="officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": WORKBOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS.format(kind="worksheet", target="sheet.xml"),
        "xl/sheet.xml": sheet,
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for path, content in (parts | more).items():
            package.writestr(path, content)
    return file.getvalue()


def rows(data: bytes, limits: Limits | None = None) -> list[ReadRow]:
    return open_sheets(data, limits or Limits())[0].read(0).rows


def written(write: Any) -> list[ReadRow]:
    """The rows of a workbook that a function writes."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        write(book, book.add_worksheet())
    return rows(file.getvalue())


def refusal(data: bytes, limits: Limits | None = None) -> Mistake:
    with pytest.raises(Mistake) as refused:
        rows(data, limits)
    return refused.value


def moment(*parts: int) -> datetime:
    """A moment as sheets keep it: without a time zone."""
    return datetime(*parts)  # noqa: DTZ001


@together(
    ("value", "code", "text"),
    [
        (10.9, "General", "10.9"),
        (0.05, "0.00%", "5%"),
        (moment(2024, 6, 28), "yyyy-mm-dd", "2024-06-28"),
        (moment(2024, 6, 28), 'yyyy"年"m"月"d"日"', "2024-06-28"),
        (moment(2024, 6, 1), 'yyyy"年"m"月"', "2024-06"),
        (moment(2024, 6, 28, 13, 30), "yyyy-mm-dd hh:mm", "2024-06-28T13:30:00"),
        *[(45471, "General", "45471"), (500, '0"亿"', "500亿"), (500, '"约"0', "约500")],
        (45471, "[$-804]yyyy/m/d", "2024-06-28"),
    ],
)
def test_a_number_reads_as_it_is_shown(value: Any, code: str, text: str) -> None:
    (row,) = written(
        lambda book, sheet: sheet.write(0, 0, value, book.add_format({"num_format": code}))
    )
    assert row.cells == [text]
    assert row.faults == {}


def test_texts_stay_as_they_are() -> None:
    texts = ["007", "2015-06", "=1+1", "_x000D_", "a\nb", "𠮷", "'=1", "91120116MA0000000X"]

    def write(book: Any, sheet: Any) -> None:
        for place, text in enumerate(texts):
            sheet.write_string(0, place, text)
        sheet.write_rich_string(1, 0, "甲", book.add_format({"bold": True}), "乙")
        sheet.write_boolean(1, 1, True)

    first, second = written(write)
    assert first.cells == texts
    assert second.cells == ["甲乙", "true"]


def with_part(kind: str, content: str, cell: str, target: str = "sheet.xml") -> bytes:
    """Build a workbook of one cell, with a further part of some kind."""
    further = f'<Relationship Id="r2" Type="x/{kind}" Target="more.xml"/></Relationships>'
    relations = RELATIONS.format(kind="worksheet", target=target)
    relations = relations.replace("</Relationships>", further)
    parts = {"xl/_rels/workbook.xml.rels": relations, "xl/more.xml": content}
    return package(SHEET.format(f'<row r="1">{cell}</row>'), **parts)


def with_texts(shared: str, target: str = "sheet.xml") -> bytes:
    """Build a workbook with shared texts, the first of which its cell shows."""
    return with_part("sharedStrings", shared, '<c r="A1" t="s"><v>0</v></c>', target)


def test_a_workbook_has_so_many_texts_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sheets.reading.workbooks.MOST_SHARED_TEXTS", 2)
    text = "<si><t>甲</t></si>"
    assert [row.cells for row in rows(with_texts(f"<sst>{text * 2}</sst>"))] == [["甲"]]
    assert refusal(with_texts(f"<sst>{text * 3}</sst>")).code == "too_many_texts"


def test_empty_formatted_cells_far_away_cost_nothing() -> None:
    cells = '<row r="1"><c r="A1" t="str"><v>甲</v></c><c r="XFD1" s="0"/></row>'
    assert [row.cells for row in rows(package(SHEET.format(cells)))] == [["甲"]]


def test_prefixes_of_names_do_not_matter() -> None:
    sheet = (
        '<x:worksheet xmlns:x="a"><x:sheetData><x:row r="3"><x:c r="B3" t="inlineStr">'
        "<x:is><x:t>甲</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>"
    )
    (row,) = rows(package(sheet))
    assert (row.line, row.cells) == (3, ["", "甲"])


ONE = SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row>')
DOCTYPE = '<!DOCTYPE a [<!ENTITY b "c">]>' + ONE


def with_flag(flag: int) -> bytes:
    """Build a package whose directory gives the last part a flag."""
    data = bytearray(package(ONE))
    data[data.rindex(b"PK\x01\x02") + 8] |= flag
    return bytes(data)


@together(
    ("data", "code"),
    [
        (package(DOCTYPE), "doctype"),
        (package(ONE, **{"xl/twice.xml": ONE}).replace(b"twice", b"sheet"), "too_many_members"),
        (package(ONE)[:-30], "broken_file"),
        (package("<worksheet><sheetData><row>"), "broken_file"),
        (package(SHEET.format('<row r="one"><c r="A1"><v>1</v></c></row>')), "broken_file"),
        (b"PK\x03\x04", "broken_file"),
        (with_flag(0x20), "broken_file"),  # a patch of data that zipfile does not read
    ],
)
def test_a_hostile_or_damaged_package_is_refused(data: bytes, code: str) -> None:
    assert refusal(data).code == code


@pytest.mark.slow
def test_a_sheet_of_a_million_empty_rows_is_read_at_once() -> None:
    data = package(SHEET.format('<row r="1"><c r="A1"><v>1</v></c></row>' + "<row/>" * 1_100_000))
    assert refusal(data, Limits(ratio=1_000)).code == "too_many_rows"


def test_too_many_rows_and_signs_are_refused() -> None:
    many = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 5))
    error = refusal(package(SHEET.format(many)), Limits(rows=3))
    assert (error.code, error.further["line"]) == ("too_many_rows", 4)
    long = f'<row r="1"><c r="A1" t="str"><v>{"x" * 40_000}</v></c></row>'
    assert refusal(package(SHEET.format(long))).code == "cell_too_long"


@together(
    ("name", "data", "code"),
    [
        ("a.csv", package(ONE), "wrong_extension"),
        ("a.xlsx", b"name,code\n", "wrong_extension"),
        ("a.xls", b"name,code\n", "wrong_extension"),
        *[("a.et", b"name,code\n", "wrong_extension"), ("a.xlsb", package(ONE), "wrong_extension")],
        *[("a.pdf", b"%PDF-1.7\n\x00", "wrong_extension"), ("a.xlsm", package(ONE), "macros")],
        ("a.csv", b"<!DOCTYPE html><table>", "not_a_table"),
        ("a.csv", b"<html><table>", "not_a_table"),
        ("a.csv", b" \r\n", "empty_file"),
        ("a.csv", b"", "empty_file"),
    ],
)
def test_name_and_content_must_agree(name: str, data: bytes, code: str) -> None:
    with pytest.raises(Mistake) as refused:
        detect_format(data, name)
    assert refused.value.code == code
