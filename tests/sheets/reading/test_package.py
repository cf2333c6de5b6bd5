"""XLSX as other programs write it, and the bounds of what is read of it."""

import io
import zipfile
from typing import Any

import pytest

from config.mistakes import Mistake
from sheets.reading.package import SMALL, Package
from sheets.reading.rows import FORMULA, FORMULA_ERROR, LOST_DIGITS, Limits, Merged
from sheets.reading.workbooks import ReadWorkbook, unescape
from tests.sheets.reading.test_xlsx_files import ONE, SHEET, package, refusal, rows
from tests.together import together

MAIN = "<workbook>{}</workbook>"
RELATED = '<Relationship Id="{}" Type="x/{}" Target="{}"/>'


def parts_of(**parts: str) -> bytes:
    """A package of these parts alone, by the words of their paths."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as members:
        for path, content in parts.items():
            members.writestr(path, content)
    return file.getvalue()


def book(sheets: str, related: str, *, target: str = "xl/book.xml", **more: str) -> ReadWorkbook:
    """A workbook with these sheets and relations."""
    parts = {
        "_rels/.rels": f"<a>{RELATED.format('r1', 'officeDocument', target)}</a>",
        "xl/book.xml": MAIN.format(sheets),
        "xl/_rels/book.xml.rels": f"<a>{related}</a>",
        **{path.replace("__", "/") + ".xml": content for path, content in more.items()},
    }
    return ReadWorkbook(Package(parts_of(**parts), Limits()), Limits())


def find_part(sheet: Any) -> str:
    """The part that a sheet is read from."""
    return str(sheet.read.args[-1])


TWO = RELATED.format("r1", "worksheet", "one.xml") + RELATED.format("r2", "worksheet", "/two.xml")
NAMED = '<x:sheet name="{}" x:id="{}"/>'


@pytest.mark.parametrize("target", ["xl/book.xml", "/xl/book.xml"])
def test_parts_are_found_beside_the_workbook_or_from_the_top(target: str) -> None:
    found = book(NAMED.format("A", "r1") + NAMED.format("B", "r2"), TWO, target=target)
    told = [(sheet.name, find_part(sheet), sheet.is_hidden) for sheet in found.sheets]
    assert told == [("A", "xl/one.xml", False), ("B", "two.xml", False)]
    assert found.is_1904 is False


def test_what_is_elsewhere_hidden_or_a_chart_is_told_from_sheets() -> None:
    related = (
        TWO.replace("<Relationship", '<Relationship TargetMode="External"', 1)
        + RELATED.format("r3", "chartsheet", "chartsheets/c.xml")
        + RELATED.format("r2", "worksheet", "two.xml").replace("Relationship", "Other")
    )
    sheets = "".join(NAMED.format(name, key) for name, key in (("A", "r1"), ("C", "r3")))
    sheets += '<sheet name="B" id="r2" state="hidden"/><sheet id="r2" state="visible"/>'
    found = book(f'<workbookPr date1904="1"/>{sheets}', related)
    told = [(sheet.name, find_part(sheet), sheet.is_hidden) for sheet in found.sheets]
    assert told == [("A", "", False), ("B", "two.xml", True), ("", "two.xml", False)]
    assert found.is_1904 is True


@together(
    ("setting", "is_1904"),
    [('date1904="1"', True), ('date1904="true"', True), ('date1904="0"', False), ("", False)]
    + [('date1904="1"/><x15:workbookPr chartTrackingRefBase="1"', True)],
)
def test_a_workbook_may_count_its_days_from_1904(setting: str, is_1904: bool) -> None:
    assert book(f"<workbookPr {setting}/>", "").is_1904 is is_1904


STYLES = """<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy-mm"/>
<numFmt numFmtId="165"/></numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>
<xf/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="999"/></cellXfs>
<dxfs><xf numFmtId="9"/></dxfs>
</styleSheet>"""


def test_a_cell_is_shown_by_its_style() -> None:
    cells = "".join(f'<c s="{style}"><v>45471</v></c>' for style in range(6))
    related = TWO + RELATED.format("r3", "styles", "styles.xml")
    found = book(
        *(NAMED.format("A", "r1"), related),
        xl__styles=STYLES,
        xl__one=SHEET.format(f"<row>{cells}<c><v>45471</v></c></row>"),
    )
    assert [each.kind for each in found.styles] == ["number", "day", "month", "number", "number"]
    number = "45471"
    (row,) = found.sheets[0].read(0).rows
    assert row.cells == [number, "2024-06-28", "2024-06", number, number, number, number]


def test_shared_texts_are_those_of_their_words() -> None:
    shared = "<sst><si><t>京</t><x>x</x><t>_x0041_</t><rPh><t>jing</t></rPh></si><si/></sst>"
    cells = "".join(f'<c t="s"><v>{text}</v></c>' for text in ("0", "1", " 0 "))
    found = book(
        *(NAMED.format("A", "r1"), TWO + RELATED.format("r3", "sharedStrings", "texts.xml")),
        xl__texts=shared,
        xl__one=SHEET.format(f'<row>{cells}<c t="s"><f>A1</f></c></row>'),
    )
    assert found.texts == ["京A", ""]
    assert [row.cells for row in found.sheets[0].read(0).rows] == [["京A", "", "京A", ""]]


CELLS: list[tuple[str, list[str], Any]] = [
    ('<c t="b"><v>1</v></c><c t="b"><v>0</v></c>', ["true", "false"], {}),
    ('<c t="str"><v> 甲 </v></c><c t="inlineStr"><is><t>乙</t></is></c>', ["甲", "乙"], {}),
    ('<c t="inlineStr"><is><r><t>甲</t></r>\n<r><t>乙</t></r></is></c>', ["甲乙"], {}),
    ('<c t="inlineStr"><is><t>京</t><rPh><t>jing</t></rPh><t>市</t></is></c>', ["京市"], {}),
    ('<c t="e"><v>#REF!</v></c>', ["#REF!"], {0: FORMULA_ERROR}),
    ('<c t="e"><f>A1</f><v>#REF!</v></c>', ["#REF!"], {0: FORMULA_ERROR}),
    ("<c><f>A1</f></c><c><v>1</v></c>", ["", "1"], {0: FORMULA}),
    ("<c><f>A1</f><v>2</v></c>", ["2"], {0: FORMULA}),
    ('<c r="B1"><v>1</v></c><c><v>2</v></c>', ["", "1", "2"], {}),
    ('<c r="$B$1"><v>1</v></c><c r="Z1"><v>2</v></c>', ["", "1", *[""] * 23, "2"], {}),
    ('<c r="AA1"><v>1</v></c><c r="BA1"><v>2</v></c>', [*[""] * 26, "1", *[""] * 25, "2"], {}),
    ("<c><v>999999999999999</v></c>", ["999999999999999"], {}),
    ("<c><v>1000000000000000</v></c>", ["1000000000000000"], {0: LOST_DIGITS}),
    ("<c><v>-1e15</v></c><c><f>A1</f><v>1e15</v></c>", ["-1000000000000000", "1000000000000000"],
     {0: LOST_DIGITS, 1: FORMULA}),
    ("<c><x>5</x><v>1</v>5</c>", ["1"], {}),
]  # fmt: skip


@together(("cells", "texts", "faults"), CELLS)
def test_a_row_holds_its_cells_and_what_is_wrong_with_them(
    cells: str, texts: list[str], faults: Any
) -> None:
    (row,) = rows(package(SHEET.format(f"<row>{cells}</row>")))
    assert (row.line, row.cells, row.faults) == (1, texts, faults)


@together(
    "wrong",
    [
        *['<row r="2"/><row r="2"/>', '<row r="2"/><row r="1"/>', '<row r="0"/>', '<row r="-1"/>'],
        *['<row r="12345678901"/>', '<row r=""/>', '<row><c r="A"/></row>'],
        *['<row><c r="1"/></row>', '<row><c r="a1"/></row>', '<row><c r="A0"/></row>'],
        '<row><c r="ABCD1"/></row>',
        *['<row><c r="B1"/><c r="B1"/></row>', '<row><c r="B1"/><c r="A1"/></row>'],
        *['<row><c t="s"><v>0</v></c></row>', '<row><c s="x"><v>0</v></c></row>', "<row>"],
        *["<row><c><v>1_0</v></c></row>", "<row><c><v>x</v></c></row>"],
    ],
)
def test_a_sheet_that_contradicts_itself_is_broken(wrong: str) -> None:
    assert refusal(package(SHEET.format(wrong))).code == "broken_file"


def test_rows_without_a_number_follow_the_last_one() -> None:
    cell = "<c><v>1</v></c>"
    sheet = f'<row>{cell}</row><row r=" 5 ">{cell}</row><row><c s="0"/></row><row>{cell}</row>'
    assert [row.line for row in rows(package(SHEET.format(sheet)))] == [1, 5, 7]
    found = ReadWorkbook(Package(package(SHEET.format(sheet)), Limits()), Limits())
    for most, lines in ((1, [1]), (4, [1]), (5, [1, 5]), (7, [1, 5, 7]), (0, [1, 5, 7])):
        assert [row.line for row in found.sheets[0].read(most).rows] == lines


def test_a_sheet_has_at_most_as_many_rows_as_excel() -> None:
    cell = "<c><v>1</v></c>"
    assert rows(package(SHEET.format(f'<row r="1048576">{cell}</row>')))[0].line == 1048576
    beyond = refusal(package(SHEET.format(f'<row r="1048577">{cell}</row>')))
    assert beyond.code == "too_many_rows"


def test_a_sheet_has_at_most_so_many_columns() -> None:
    sheet = package(SHEET.format('<row r="3"><c r="C3"><v>1</v></c></row>'))
    assert rows(sheet, Limits(columns=3))[0].cells == ["", "", "1"]
    error = refusal(sheet, Limits(columns=2))
    assert (error.code, error.further["line"]) == ("too_many_columns", 3)
    assert str(error.message) == "There are more than 2 columns."


def test_merged_cells_are_kept_up_to_as_many_as_rows() -> None:
    areas = "".join(
        f'<mergeCell ref="{each}"/>' for each in ("A1:B2", "$C$3:AA10", "D4", "x", "A1:x", "x:A1")
    )
    sheet = package(f"<worksheet>{areas}</worksheet>")
    found = ReadWorkbook(Package(sheet, Limits()), Limits()).sheets[0].read(0)
    assert found.merged == [Merged(1, 0, 2, 1), Merged(3, 2, 10, 26), Merged(4, 3, 4, 3)]
    few = ReadWorkbook(Package(sheet, Limits()), Limits(rows=2))
    assert len(few.sheets[0].read(0).merged) == 2


@together(
    ("text", "read"),
    [
        *[("_x0041_", "A"), ("a_x000D_b", "a\rb"), ("_x00e9_", "é"), ("_x004_", "_x004_")],
        *[("_", "_"), ("_xD83D__xDE00_", "😀"), ("_xD83D_", "\ufffe"), ("_xDE00_a", "\ufffea")],
        *[("_x0000_", "\ufffe"), ("_xD840_x", "\ufffex"), ("_x00G0_", "_x00G0_")],
    ],
)
def test_a_character_that_xml_does_not_hold_is_read(text: str, read: str) -> None:
    assert unescape(text) == read


# --- Bounds ----------------------------------------------------------------------------------


def code_of(data: bytes, **limits: int) -> str:
    """The code of the refusal of a package, or nothing."""
    try:
        Package(data, Limits(**limits))
    except Mistake as error:
        return error.code
    return ""


def test_a_package_has_at_most_so_many_members() -> None:
    assert [code_of(package(ONE), members=n) for n in (4, 5, 6)] == ["too_many_members", "", ""]


def test_a_package_unpacks_to_at_most_so_much() -> None:
    data = parts_of(a="x" * 3 * 2**20)
    sizes = (3 * 2**20 - 1, 3 * 2**20)
    assert [code_of(data, unpacked_size=size) for size in sizes] == ["unpacked_too_large", ""]
    with pytest.raises(Mistake) as refused:
        Package(data, Limits(unpacked_size=1))
    assert str(refused.value.message) == "Unpacked, the file would take 3 MB; this is refused."


def test_a_small_package_may_be_packed_well() -> None:
    small = [code_of(parts_of(a="x" * size), ratio=0) for size in (SMALL, SMALL + 1)]
    assert small == ["", "unpacked_too_large"]
    stored = parts_of(a="x" * (SMALL + 1))  # not packed at all
    assert [code_of(stored, ratio=ratio) for ratio in (0, 1)] == ["unpacked_too_large", ""]


@together("path", ["../x", "a/../x", "a/..", "..", "/x", "C:/x", "c:x", "a\\x", "..\\x", "\\x"])
def test_a_path_that_leads_out_is_refused(path: str) -> None:
    assert code_of(package(ONE, **{path: "x"})) == "path_outside"
    assert code_of(package(ONE, **{"a..b": "x", "...": "x", "a/..c": "x", "ab:c": "x"})) == ""


@together(("flag", "place"), [(1, 8), (9, 8), (0x800, 8)])
def test_encrypted_members_are_refused(flag: int, place: int) -> None:
    data = bytearray(package(ONE))
    at = data.find(b"PK\x01\x02")
    flags = int.from_bytes(data[at + place : at + place + 2], "little") | flag
    data[at + place : at + place + 2] = flags.to_bytes(2, "little")
    assert code_of(bytes(data)) == ("encrypted" if flag & 1 else "")


@together(("packing", "code"), [(0, ""), (8, ""), (12, "broken_file"), (99, "broken_file")])
def test_packings_that_the_format_does_not_allow_are_refused(packing: int, code: str) -> None:
    data = bytearray(package(ONE))
    at = data.find(b"PK\x01\x02")
    data[at + 10] = packing
    assert code_of(bytes(data)) == code


@pytest.mark.parametrize("name", ["xl/vbaProject.bin", "VBAPROJECT.BIN"])
def test_macros_are_refused(name: str) -> None:
    assert code_of(package(ONE, **{name: b"x"})) == "macros"


@together(
    "sheet",
    [
        ONE.replace("<worksheet", '<?xml version="1.0" encoding="klingon"?><worksheet'),
        *[ONE.replace("</worksheet>", ""), ONE + "x", "", ONE.replace("<v>", "<v")],
    ],
)
def test_a_part_that_is_no_xml_is_broken(sheet: str) -> None:
    assert refusal(package(sheet)).code == "broken_file"


def test_a_part_that_is_damaged_or_missing_is_broken() -> None:
    data = package(ONE + " " * 100)
    at = data.find(b"PK\x03\x04", data.find(b"xl/sheet.xml") - 40) + 30 + len("xl/sheet.xml")
    for place in (at, at + 20):
        damaged = data[:place] + b"\xff\xff\xff" + data[place + 3 :]
        assert refusal(damaged).code == "broken_file"
    assert refusal(package(ONE).replace(b"xl/sheet.xml", b"xl/sheeT.xml")).code == "broken_file"
    with pytest.raises(Mistake) as refused:
        Package(b"PK", Limits())
    assert refused.value.code == "broken_file"


def test_a_large_part_is_read_in_pieces() -> None:
    many = "".join(f'<row><c t="str"><v>{n}</v></c></row>' for n in range(5_000))
    found = [row.cells[0] for row in rows(package(SHEET.format(many)))]
    assert found == [str(n) for n in range(5_000)]
