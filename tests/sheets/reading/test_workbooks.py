"""XLS, ET and ODS to rows: the same as XLSX, and what is hostile or none of these is refused."""

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from xlrd.compdoc import CompDoc

from config.mistakes import Mistake
from sheets.reading.files import detect_format
from sheets.reading.package import SMALL
from sheets.reading.rows import FORMULA, FORMULA_ERROR, LOST_DIGITS, Limits, Merged, ReadRow
from sheets.reading.workbooks import OLE_MAGIC, open_sheets, read_xls
from tests.messy_sheet import DATA, write_messy_sheet
from tests.together import together

SHEETS = ["说明", "旧表", "台账", "早期"]
MANIFEST = "META-INF/manifest.xml"
XLS, ODS = ((DATA / f"messy_sheet.{kind}").read_bytes() for kind in ("xls", "ods"))
CONTENT = (
    "<office:document-content><office:automatic-styles>{}</office:automatic-styles><office:body>"
    "<office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"
)


def pack(tables: str, styles: str = "", **parts: str) -> bytes:
    """An ODS file of these tables; `parts` come beside, or in the place of others."""
    contents = {"mimetype": "", MANIFEST: "<manifest:manifest/>"}
    contents |= {"content.xml": CONTENT.format(styles, tables), **parts}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in contents.items():
            package.writestr(name, content)
    return file.getvalue()


def wrap(rows: str) -> str:
    return f'<table:table table:name="S">{rows}</table:table>'


def write_row(cells: str, more: str = "") -> str:
    return wrap(f"<table:table-row {more}>{cells}</table:table-row>")


def write_cell(text: str, more: str = "") -> str:
    kind = 'office:value-type="string"'
    return f"<table:table-cell {kind} {more}><text:p>{text}</text:p></table:table-cell>"


def rows(data: bytes, limits: Limits | None = None, sheet: str = "") -> list[ReadRow]:
    sheets = open_sheets(data, limits or Limits())
    return [*next(each for each in sheets if sheet in ("", each.name)).read(0).rows]


def refusal(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Mistake) as refused:
        rows(data, limits)
    return refused.value.code


@together("data", [XLS, ODS])
def test_a_messy_workbook_reads_like_its_xlsx(data: bytes) -> None:
    ours, theirs = (open_sheets(each, Limits()) for each in (data, write_messy_sheet()))
    assert [each.name for each in ours] == [each.name for each in theirs] == SHEETS
    for sheets in (ours, theirs):
        assert [each.is_hidden for each in sheets] == [False, True, False, False]
    for one, other in zip(ours[:3], theirs[:3], strict=True):
        for last_line in (0, 3, 30):
            read, expected = one.read(last_line), other.read(last_line)
            assert [*read.rows] == [*expected.rows]
        assert {*read.merged} == {*expected.merged}


def test_what_a_cell_shows_is_kept() -> None:
    found = {row.line: row for row in rows(XLS, sheet="台账")}
    assert found[4].cells[3:7] == ["10000", "2024-06", "2024-07-15", "2025"]
    assert found[4].cells[8] == "5.1%"
    assert found[8].cells[4] == "2024-06-01"
    assert found[6].faults == {3: FORMULA}
    assert found[7].faults == {8: FORMULA_ERROR}
    assert found[8].faults == {8: LOST_DIGITS}


def test_the_result_of_a_formula_may_be_true_or_false() -> None:
    missing = bytes([2, 0, 0x2A, 0, 0, 0, 0xFF, 0xFF])
    assert XLS.count(missing) == 1
    for value, text in ((0, "false"), (1, "true")):
        data = XLS.replace(missing, bytes([1, 0, value, 0, 0, 0, 0xFF, 0xFF]))
        row = next(each for each in rows(data, sheet="台账") if each.line == 7)
        assert (row.cells[8], row.faults) == (text, {8: FORMULA})


def test_early_days_and_the_other_calendar_read_as_in_xlsx() -> None:
    assert rows(XLS, sheet="早期") == rows(write_messy_sheet(), sheet="早期")
    of_1900, of_1904 = (struct.pack("<HHH", 0x22, 2, mode) for mode in (0, 1))
    assert XLS.count(of_1900) == 1
    found = rows(XLS.replace(of_1900, of_1904), sheet="早期")
    assert found == rows(write_messy_sheet(is_1904=True), sheet="早期")
    assert found[1].cells[1] == "1904-01-02"


def test_an_overlapping_part_is_no_reason_to_refuse_what_excel_opens() -> None:
    # The short streams begin where the workbook does: "seen[...] == 4" of xlrd
    places = {entry.name: entry for entry in CompDoc(XLS, io.StringIO()).dirlist}
    at = XLS.index("Root Entry".encode("utf-16-le")) + 116
    first = places["Workbook"].first_SID
    data = XLS[:at] + struct.pack("<ii", first, 512) + XLS[at + 8 :]
    assert rows(data, sheet="台账") == rows(XLS, sheet="台账")


def test_an_ods_shows_dates_by_the_style_of_cell_row_or_column() -> None:
    def name_style(name: str, of: str = "", parent: str = "") -> str:
        more = f'style:data-style-name="{of}" style:parent-style-name="{parent}"'
        return f'<style:style style:family="table-cell" style:name="{name}" {more}/>'

    def show(name: str, *letters: str) -> str:
        parts = "".join(f"<number:{each}/>" for each in letters)
        return f'<number:date-style style:name="{name}">{parts}</number:date-style>'

    month_alone = ("year", "text", "month")
    styles = show("N1", *month_alone)
    # With a time it is a moment, of which the day is shown
    for time in ("hours", "minutes", "seconds"):
        styles += show(f"N-{time}", *month_alone, time) + name_style(time, of=f"N-{time}")
    styles += '<number:text-style style:name="N2"><style:map style:apply-style-name="N1"/>'
    styles += "</number:text-style>" + name_style("month", of="N1") + name_style("open", of="N2")
    styles += name_style("child", parent="month") + name_style("round", parent="round")
    styles += '<style:style style:family="table-column" style:name="month"/>'
    day = 'office:value-type="date" office:date-value="2024-06-01"'
    named = [f'table:style-name="{name}"' for name in ("month", "open", "child", "round", "none")]
    timed = "".join(
        f'<table:table-cell {day} table:style-name="{name}"/>'
        for name in ("hours", "minutes", "seconds")
    )
    assert rows(pack(write_row(timed), styles))[0].cells == ["2024-06-01"] * 3
    cells = "".join(f"<table:table-cell {day} {name}/>" for name in (*named, "", ""))
    columns = '<table:table-column table:number-columns-repeated="5"/>'
    columns += '<table:table-column table:default-cell-style-name="month"/>'
    data = pack(wrap(f"{columns}<table:table-row>{cells}</table:table-row>"), styles)
    day_shown, month = "2024-06-01", "2024-06"
    assert rows(data)[0].cells == [month, month, month, day_shown, day_shown, month, day_shown]
    of_row = 'table:default-cell-style-name="month"'
    assert rows(pack(write_row(f"<table:table-cell {day}/>", of_row), styles))[0].cells == [month]


def test_what_is_no_content_of_a_cell_is_left_out() -> None:
    inner = (
        "甲<text:s/><text:s text:c='1'/><text:span>乙</text:span><text:tab/>丙<text:line-break/>丁"
    )
    inner += "<text:ruby><text:ruby-base>京</text:ruby-base><text:ruby-text>j</text:ruby-text>"
    inner += "</text:ruby></text:p><office:annotation><text:p>批注</text:p></office:annotation>"
    inner += "<draw:frame><text:p>图</text:p></draw:frame><text:p>戊"
    nested = wrap("<table:table-row/>").replace("S", "T")
    old = f"<table:tracked-changes>{write_row(write_cell('旧'))}</table:tracked-changes>"
    found = rows(pack(old + write_row(write_cell(inner) + nested + write_cell("己"))))
    assert [row.cells for row in found] == [["甲  乙\t丙\n丁京\n戊", "己"]]


@together(
    ("cell", "text"),
    [
        ('office:value-type="float" office:value="3.0"', "3"),
        ('office:value-type="percentage" office:value="0.051"', "5.1%"),
        ('office:value-type="currency" office:value="1e3"', "1000"),
        ('office:value-type="boolean" office:boolean-value="true"', "true"),
        ('office:value-type="string" office:string-value="007"', "007"),
        ('office:value-type="date" office:date-value="2024-06-01T00:00:00"', "2024-06-01"),
        ('office:value-type="date" office:date-value="2021-02-31"', "2021-02-31"),
    ],
)
def test_values_of_an_ods_are_those_of_its_types(cell: str, text: str) -> None:
    assert rows(pack(write_row(f"<table:table-cell {cell}/>")))[0].cells == [text]


def test_repetitions_are_rows_and_cells_and_empty_ones_cost_nothing() -> None:
    billion = 'table:number-{}-repeated="1000000000"'
    empty = f"<table:table-cell {billion.format('columns')}/>"
    twice = write_cell("甲", 'table:number-columns-repeated="2"') + empty
    more = f"<table:table-row {billion.format('rows')}>{empty}</table:table-row></table:table>"
    data = write_row(twice, 'table:number-rows-repeated="2"').replace("</table:table>", more)
    assert [(row.line, row.cells) for row in rows(pack(data))] == [
        (1, ["甲", "甲"]),
        (2, ["甲"] * 2),
    ]


@together(("empty", "is_read"), [(1_048_574, True), (1_048_575, True), (1_048_576, False)])
def test_a_sheet_ends_where_it_does_in_excel(empty: int, is_read: bool) -> None:
    above = f'<table:table-row table:number-rows-repeated="{empty}"/>'
    data = pack(wrap(f"{above}<table:table-row>{write_cell('甲')}</table:table-row>"))
    if is_read:
        assert [row.line for row in rows(data)] == [empty + 1]
    else:
        assert refusal(data) == "too_many_rows"


@together(("count", "refused"), [(3, False), (4, False), (5, True), (10**9, True)])
def test_limits_hold_for_what_is_repeated(count: int, refused: bool) -> None:
    limits = Limits(rows=4, columns=4)
    for what, code in (("columns", "too_many_columns"), ("rows", "too_many_rows")):
        more = f'table:number-{what}-repeated="{count}"'
        row = write_row(write_cell("甲", more)) if what == "columns" else None
        data = pack(row or write_row(write_cell("甲"), more))
        if refused:
            assert refusal(data, limits) == code
        else:
            (first, *others) = rows(data, limits)
            assert (len(first.cells), 1 + len(others)) in ((count, 1), (1, count))


def test_a_hidden_sheet_beyond_a_limit_refuses_only_itself() -> None:
    tall = write_row(write_cell("甲"), 'table:number-rows-repeated="9"').replace('"S"', '"T"')
    note, table = open_sheets(pack(tall + write_row(write_cell("乙"))), Limits(rows=4))
    assert [row.cells for row in table.read(0).rows] == [["乙"]]
    assert len(note.read(3).rows) == 3
    with pytest.raises(Mistake):
        note.read(0)


def test_merged_cells_of_an_ods_end_where_a_sheet_does() -> None:
    more = 'table:number-rows-spanned="1000000000" table:number-columns-spanned="2"'
    (sheet,) = open_sheets(pack(write_row(write_cell("甲", more))), Limits())
    assert sheet.read(0).merged == [Merged(1, 0, 1_048_576, 1)]


def rename_part(old: str, new: str) -> bytes:
    """The XLS with another name of a part of it."""
    name = new.encode("utf-16-le").ljust(64, b"\0") + struct.pack("<H", 2 * len(new) + 2)
    at = XLS.index(old.encode("utf-16-le"))
    return XLS[:at] + name + XLS[at + len(name) :]


DEEP = "<text:span>" * 50_000
NUMBER = '<table:table-cell office:value-type="float" office:value="{}"/>'
LAUGHS = '<!DOCTYPE x [<!ENTITY e "ha">]><office:document-content/>'
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (lambda: pack("", bomb="0" * (20 * SMALL)), "unpacked_too_large"),
    "doctype": (lambda: pack("", **{"content.xml": LAUGHS}), "doctype"),
    "outside": (lambda: pack("", **{"../evil.xml": "x"}), "path_outside"),
    "macros": (lambda: pack("", **{"Basic/Standard/Module1.xml": "x"}), "macros"),
    "nested": (lambda: pack(write_row(write_cell(DEEP))), "broken_file"),
    "long": (lambda: pack(write_row(write_cell("长" * 32_768))), "cell_too_long"),
    "blanks": (
        lambda: pack(write_row(write_cell('甲<text:s text:c="9999999"/>乙'))),
        "cell_too_long",
    ),
    "words": (lambda: pack(write_row(NUMBER.format("many"))), "broken_file"),
    "no number": (lambda: pack(write_row(NUMBER.format(""))), "broken_file"),
    "digits": (lambda: pack(write_row(NUMBER.format("١٢"))), "broken_file"),
    "count": (
        lambda: pack(write_row(write_cell("甲", 'table:number-columns-repeated="-1"'))),
        "broken_file",
    ),
    "no content": (lambda: pack("", **{"content.xml": ""}), "broken_file"),
    "cut off": (lambda: ODS[:-200], "broken_file"),
    "XLS cut off": (lambda: XLS[:4_000], "broken_file"),
    "XLS with macros": (lambda: rename_part("\x05SummaryInformation", "VBA"), "macros"),
    "OLE of something else": (lambda: rename_part("Workbook", "WordDocument"), "broken_file"),
    "no OLE": (lambda: OLE_MAGIC * 9, "broken_file"),
    "XLS encrypted": (lambda: (DATA / "encrypted.xls").read_bytes(), "encrypted"),
    "ODS encrypted": (lambda: (DATA / "encrypted.ods").read_bytes(), "encrypted"),
    "XLSX encrypted": (lambda: (DATA / "encrypted.xlsx").read_bytes(), "encrypted"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_damaged_or_encrypted_workbook_is_refused(name: str) -> None:
    make, code = HOSTILE[name]
    assert refusal(make()) == code


def test_a_document_of_texts_and_an_old_version_are_no_workbooks() -> None:
    text = CONTENT.replace("spreadsheet", "text").format("", write_row(write_cell("甲")))
    assert open_sheets(pack("", **{"content.xml": text}), Limits()) == []
    bof = struct.pack("<HHHH", 0x809, 16, 0x600, 5)
    with pytest.raises(Mistake) as refused:
        read_xls(XLS.replace(bof, struct.pack("<HHHH", 0x809, 16, 0x500, 5)), Limits())
    assert refused.value.code == "broken_file"


def test_the_content_says_which_workbook_it_is_and_not_the_name() -> None:
    for name in ("a.xls", "a.et", "a.ods", "a.xlsx", "a.XLS", "a"):
        assert {detect_format(data, name) for data in (XLS, ODS, write_messy_sheet())} == {
            "workbook"
        }


@together(
    ("parts", "text"),
    [
        ("<number:number/><number:text>亿</number:text>", "500亿"),
        ("<number:currency-symbol>$</number:currency-symbol><number:number/>", "$500"),
        ("<number:currency-symbol>￥</number:currency-symbol><number:number/>", "500"),
        ('<number:number number:display-factor="1000"/><number:text>亿</number:text>', "0.5亿"),
        (
            '<number:number><number:embedded-text number:position="4">.</number:embedded-text>'
            "</number:number><number:text>万</number:text>",
            "0.05万",
        ),
    ],
)
def test_an_ods_shows_the_words_of_its_number_formats(parts: str, text: str) -> None:
    styles = f'<number:number-style style:name="N1">{parts}</number:number-style>'
    styles += '<number:number-style style:name="N2"><style:map style:condition="{}" '
    styles += 'style:apply-style-name="N1"/></number:number-style>'
    styles += '<style:style style:family="table-cell" style:name="S" style:data-style-name="{}"/>'
    cell = '<table:table-cell table:style-name="S" office:value-type="float" office:value="500"/>'
    for condition, name, shown in (
        ("value()&gt;0", "N1", text),
        ("value()&gt;=0", "N2", text),
        ("value()&gt;=9", "N2", "500"),
    ):
        data = pack(write_row(cell), styles.format(condition, name))
        assert rows(data)[0].cells == [shown]
