"""The parts of pages: cells, columns, pictures, and the links of a block."""

from typing import Any

import pytest
from django.utils import translation

from pages.parts.blocks import (
    Block,
    BlockShare,
    PageCell,
    PageColumn,
    PageTable,
    Picture,
    Tool,
    build_tools,
    code_column,
    count_cell,
    fill_known_columns,
    fill_table,
    frame_picture,
    keep_filled,
    list_definitions,
    list_neighbours,
    name_cell,
    name_column,
    note_cell,
    note_column,
    number_cell,
    period_column,
    text_column,
    word_column,
)
from parks.access import Publication

LIST = "/api/v1/projects"
ROW = {"code": "A1", "name_en": "Line", "name_zh": "产线"}


@pytest.mark.parametrize(
    ("cell", "html"),
    [
        (PageCell("a"), "a"),
        (PageCell("a", lang="en"), '<span lang="en" class="other">a</span>'),
        (PageCell("a", "/b", lang="en"), '<a href="/b" lang="en" class="other">a</a>'),
        (PageCell("a", "/b?c&d"), '<a href="/b?c&amp;d">a</a>'),
        (PageCell("0", value=0), '<data value="0">0</data>'),
        (
            PageCell("2", "/b", value=2, measure="count", is_struck=True),
            '<a href="/b"><del><data value="2" data-measure="count">2</data></del></a>',
        ),
        (
            PageCell("a", colour="red", badge="Draft"),
            '<mark class="red">a</mark> <mark>Draft</mark>',
        ),
        (PageCell("a", note="b"), "a <small>b</small>"),
        (PageCell("a", note="产"), 'a <small lang="zh-Hans">产</small>'),
    ],
)
def test_a_cell_says_its_text_and_what_belongs_to_it(cell: PageCell, html: str) -> None:
    assert cell.html == html
    assert not PageCell("a").is_struck


def test_columns_in_which_no_row_has_anything_are_left_out() -> None:
    columns = [text_column(name, name, note="n" if name == "c" else "") for name in "abcd"]
    table = fill_known_columns("t", columns, [{"b": "", "n": ""}, {"d": "4", "n": "5"}])
    assert [column.label for column in table.columns] == ["a", "c", "d"]
    shown = [[cell.text or cell.note for cell in row] for row in table.rows]
    assert shown == [["", "", ""], ["", "5", "4"]]
    assert table.is_list
    assert not fill_table("t", columns, []).is_list


def test_a_table_pairs_its_cells_with_their_heads() -> None:
    columns, cells = [PageColumn("a"), PageColumn("b")], [PageCell("1"), PageCell("2")]
    table = PageTable("t", columns, [cells])
    assert table.labelled == [[("a", cells[0]), ("b", cells[1])]]
    assert table.pairs == [*zip(columns, cells, strict=True)]
    empty = Block("no rows", PageTable("t", columns, []))
    assert keep_filled([empty, Block("no table"), filled := Block("rows", table)]) == [filled]
    assert not filled.is_cut
    assert BlockShare("/a") == BlockShare("/a", "", "", "", "")


def test_a_picture_is_drawn_in_two_widths_and_for_dark_screens() -> None:
    assert frame_picture("/charts", "projects/summary", {}, []) is None
    specs: list[dict[str, Any]] = [
        {"height": 80, "description": "narrow"},
        {"height": 60, "description": "wide"},
    ]
    measures = {"count": "Projects", "land_mu": "Land"}
    for chosen, choices in (({"count": "Projects"}, []), (measures, ["Projects", "Land"])):
        picture = frame_picture("/charts", "projects/summary", {"a": "1"}, specs, chosen)
        assert picture
        assert [choice.text for choice in picture.choices] == choices
    assert Picture("t", "/r", "s", {}, [1, 2]).choices == []
    assert picture.title == "narrow"
    assert picture.png == "/api/v1/projects/summary.png?a=1&lang=en"
    drawn = "/charts/projects/summary.svg?a=1&lang=en"
    assert picture.sources == [
        (
            "(max-width: 48rem) and (prefers-color-scheme: dark)",
            *(f"{drawn}&theme=dark&width=340", 340, 80),
        ),
        ("(max-width: 48rem)", f"{drawn}&theme=light&width=340", 340, 80),
        ("(prefers-color-scheme: dark)", f"{drawn}&theme=dark&width=640", 640, 60),
        ("", f"{drawn}&theme=light&width=640", 640, 60),
    ]
    assert picture.choices[1].href == f"{drawn}&measures=land_mu"


def test_a_name_says_its_language_and_who_sees_it() -> None:
    row = {**ROW, "publication": Publication.DRAFT}
    assert name_cell(row, "/a") == PageCell("Line", "/a", badge=Publication.DRAFT.label)
    assert name_cell({**row, "short_en": "L"}, prefix="short") == PageCell("L")
    for word in ("", None, Publication.PUBLISHED):
        assert name_cell({"name_zh": "产线", "publication": word}).badge == ""
    assert name_cell({"name_zh": "产线"}) == PageCell("产线", lang="zh-Hans")


def test_names_open_their_page_and_official_codes_stand_beside_them() -> None:
    found = {
        (resource, prefix): name_column("l", resource, prefix=prefix).make_cell(ROW)
        for resource in ("regions", "sectors", "parks", "sources")
        for prefix in ("name", "short")
    }
    for (resource, prefix), cell in found.items():
        is_official = resource in ("regions", "sectors") and prefix == "name"
        assert cell.note == ("A1" if is_official else "")
        assert cell.text == ("Line" if prefix == "name" else "")
    assert found["parks", "name"].href == "/parks/A1"
    assert name_column("l", "sources").order == "title"
    assert name_column("l", "sources", prefix="short").order == "short_en"
    assert name_column("l", "parks").order == "name_en"
    with translation.override("zh-hans"):
        assert name_column("l", "parks").order == "name_zh"


def test_a_note_is_read_in_the_language_of_the_page() -> None:
    both = "Signed there\n在那里签约\nToday"
    assert note_cell(both) == PageCell("Signed there Today")
    assert note_column().make_cell({"note": "在那里签约"}) == PageCell("在那里签约", lang="zh-Hans")
    assert note_column().make_cell({}) == PageCell()
    with translation.override("zh-hans"):
        assert note_cell(both) == PageCell("在那里签约")
        assert note_cell("Signed there today") == PageCell()


def test_cells_of_numbers_days_and_words() -> None:
    count = PageCell("3", "/projects?a=1", kind="number", value=3, measure="count")
    assert count_cell(3, f"{LIST}?a=1") == count
    assert count_cell(0) == PageCell("0", kind="number", value=0, measure="count")
    assert number_cell("3", None) == PageCell("3", kind="number")
    period = period_column("l", "a", "b", kind="day")
    assert (period.order, period.kind) == ("a", "day")
    days = [period.make_cell(row).text for row in ({"a": "1", "b": "2"}, {"b": "2"}, {})]
    assert days == ["1", "2", ""]
    assert period.make_cell({}).kind == "day"
    assert code_column("l").make_cell(ROW).text == "A1"
    assert code_column("l", "id").make_cell({"id": None}).text == ""
    assert word_column("l", "p", Publication).make_cell({"p": None}).text == ""
    assert word_column("l", "p", Publication).make_cell({"p": "draft"}).text == "draft"


def test_files_have_all_rows_in_the_language_of_the_page() -> None:
    question = {"stage": "signed", "limit": "5", "cursor": "x"}
    tools = build_tools("projects", question, ("xlsx", "csv", "png", "geojson", "docx", "pdf"))
    assert [(tool.text, tool.href.removeprefix(LIST)) for tool in tools] == [
        ("Excel", ".xlsx?stage=signed&header=en"),
        ("CSV", ".csv?stage=signed&header=en"),
        ("PNG", ".png?stage=signed&lang=en"),
        ("GeoJSON", ".geojson?stage=signed"),
        ("Word", ".docx?stage=signed&lang=en"),
        ("PDF", ".pdf?stage=signed&lang=en"),
    ]
    assert [tool.text for tool in build_tools("projects", {})] == ["Excel", "CSV"]


def test_a_list_has_links_to_its_neighbours_and_definitions() -> None:
    page = {"previous": None, "next": f"{LIST}?cursor=b"}
    assert list_neighbours(page) == [Tool("Next page", "/projects?cursor=b")]
    both = list_neighbours({**page, "previous": f"{LIST}?cursor=a"})
    assert [link.text for link in both] == ["Previous page", "Next page"]
    assert list_definitions({"definitions": {"a": "A", "b": "B"}}) == ["A", "B"]
    assert list_definitions({}) == []
