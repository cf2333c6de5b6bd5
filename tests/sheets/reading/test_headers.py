"""Which row is the header of a sheet, and which column each of its cells names."""

from dataclasses import replace
from typing import Any

import pytest

from sheets.packing import PackedLines
from sheets.reading.headers import (
    HeaderRows,
    Heading,
    find_header,
    normalize_header,
    repeats,
    split_last_unit,
    split_unit,
)
from sheets.reading.rows import Limits, Merged, ReadRow, ReadSheet
from sheets.reading.units import TitleUnits
from tests.together import together

SPELLINGS = {
    **{"项目名称": Heading("name_zh"), "名称": Heading("name_zh"), "企业": Heading("investors")},
    **{"总投资": Heading("investment_cny", kind="money"), "投资": Heading("investment_cny")},
    **{"计划总投资": Heading("investment_cny", basis="planned"), "占地": Heading("land_mu")},
    **{"千元投资": Heading("investment_cny", unit="千元"), "城市/园区": Heading("place")},
    "注册资本": Heading(refused="is not an investment"),
    **{"年度投资": Heading(refused="of a year"), "年度总结": Heading("note")},
}


def found(
    *rows: list[str], merged: Any = (), wanted: Any = (), name: str = "", title_lines: int = 30
) -> HeaderRows | None:
    """The header of a sheet of these rows."""
    lines = PackedLines([ReadRow(number, cells) for number, cells in enumerate(rows, 1)])
    sheet = ReadSheet(name, lines, [Merged(*area) for area in merged])
    return find_header(sheet, SPELLINGS, Limits(title_lines=title_lines), wanted)


def header(*rows: list[str], **options: Any) -> HeaderRows:
    known = found(*rows, **options)
    assert known is not None
    return known


# Cells of a header by what each is: name, unit, unit that is not understood, basis
CELLS = {
    ("name_zh", "", "", ""): [
        *("项目名称", "项目 名称 *", "项目_名称：", "项目-名称—", "项目名称（必填）"),
        *("项目名称(选填)", "项目名称（可选）", "项目名称 (Required)", "项目名称 (optional)"),
        *("项目名称（格式：全称）", "项目名称（单选）", "项目名称（多选：甲、乙）"),
        *("项目名称（如 晶圆厂）", "项目名称（例：晶圆厂）", "项目名称：全称、简称"),
        "项目名称".ljust(500),
    ],
    ("investment_cny", "", "", ""): [
        *("截至2023年11月底总投资", "截止到2023.11总投资", "截至2023年11月30日总投资"),
        *("截至2023年底总投资", "截至2023年11月末总投资", "总投资/投资", "总投资（万元）/投资"),
        *("投资（总投资）", "/".join(["投资"] * 10)),
    ],
    ("investment_cny", "wan", "", ""): [
        *("总投资（万元）", "总投资[万元]", "总投资（万元", "总投资/万元", "总投资万元"),
        *("总投资（万元）（必填）", "总投资（万元）（亿元）", "投资/总投资（万元）"),
    ],
    ("investment_cny", "yi", "", ""): ["总投资RMB 100million", "总投资（万元/亩）（亿元）"],
    ("investment_cny", "", "万元/亩", ""): ["总投资（万元/亩）", "总投资（万元/亩）（万吨）"],
    ("investment_cny", "千元", "", ""): ["千元投资（万元）"],
    ("investment_cny", "yi", "", "planned"): ["计划总投资（亿元）"],
    ("place", "", "", ""): ["城市/园区"],
    ("", "wan", "", ""): ["含税（万元）"],
    ("", "", "万吨", ""): ["含税（万吨）"],
    ("", "", "", ""): [
        *("截至2023.111总投资", "总投资（含税）", "总投资/项目名称", "总投资/其他", "总投资/"),
        *("/".join(["投资"] * 11), "项目名称".ljust(501), "2024年度总结"),
    ],
}


@together(("match", "text"), [(match, text) for match, all_ in CELLS.items() for text in all_])
def test_a_cell_of_a_header_is_matched(match: tuple[str, ...], text: str) -> None:
    each = header([text, "名称"]).matches[0]
    assert (each.name, each.unit, each.unread, each.basis) == match
    assert (each.place, each.text, each.is_numbering) == (0, text, False)


@together("text", ["序号", "NO.", "no", "No", "＃", "序", "行号", "_line", "_error", "_错误"])
def test_numbers_of_rows_are_no_column(text: str) -> None:
    each = header([text, "名称"]).matches[0]
    assert (each.name, each.is_numbering) == ("", True)


@together(
    ("text", "refused"),
    [
        *[("注册资本", "is not an investment"), ("注册资本（万元）", "is not an investment")],
        *[("2024年度投资", "of a year"), ("1999年投资", "of a year"), ("2124年投资", "")],
        *[("2024年度总结", ""), ("总投资", "")],
    ],
)
def test_a_column_that_is_known_may_be_refused(text: str, refused: str) -> None:
    assert header([text, "名称"]).matches[0].refused == refused


def test_headers_are_compared_without_case_width_and_remarks() -> None:
    assert normalize_header(" Ｎame_ZH【必填】（必填）* ") == "namezh[必填]"


@together(
    ("rows", "options", "lines", "names"),
    [
        # The first of the rows of which most is understood
        ([["名称"], ["名称"]], {}, (1, 1), "name_zh"),
        ([["表"], [], ["名称", "投资"], ["名称", "x"]], {}, (3, 3), "name_zh investment_cny"),
        ([["名称"], ["名称", "投资", "占地"]], {}, (2, 2), "name_zh investment_cny land_mu"),
        ([["表"], ["名称"]], {"title_lines": 2}, (2, 2), "name_zh"),
        # What a person has named, and what is refused, is understood
        ([["名称"], ["甲", "乙"]], {"wanted": ["甲 ", "乙"]}, (2, 2), " "),
        ([["名称"], ["注册资本", "投资"]], {}, (2, 2), " investment_cny"),
        # Two rows: one cell spans several columns, or reaches down
        ([["计划", "", "名称"], ["总投资", "占地", "y"]], {"merged": [(1, 0, 1, 1)]}, (1, 2), None),
        ([["企业", "x"], ["", "占地"]], {"merged": [(1, 0, 2, 0)]}, (1, 2), "investors land_mu"),
        ([["企业", "计划"], ["", "总投资"]], {"merged": [(1, 0, 2, 0)]}, (1, 2), None),
        # No merged cell, but below an empty one of the first row
        ([["名称", ""], ["", "投资"]], {}, (1, 2), "name_zh investment_cny"),
        ([["名称", "x"], ["", "投资"]], {}, (1, 1), "name_zh "),
        ([["", "名称"], ["投资", "x"]], {}, (1, 1), " name_zh"),
        ([["名称", ""], [], ["", "投资"]], {}, (1, 1), "name_zh "),
        # A cell that reaches further down than the header
        ([["企业", "名称"], ["", "占地"], [""]], {"merged": [(1, 0, 3, 0)]}, (1, 1), None),
        ([["名称", "x"], ["", "占地"], [""]], {"merged": [(1, 0, 3, 0)]}, (1, 1), None),
        # At most two rows
        ([["名称", "x"], ["y", "z"], ["w", "占地"]], {}, (1, 1), None),
        # A merged range of another row
        ([["企业", "名称"], ["x", "占地"]], {"merged": [(2, 0, 2, 1)]}, (1, 1), None),
        ([["企业", "计划"], ["x", "总投资"]], {"merged": [(2, 0, 2, 1)]}, (1, 1), None),
        ([["企业", "计划"], ["x", "总投资"]], {"merged": [(1, 0, 1, 0)]}, (1, 1), None),
        # Where several cells reach down it has two rows, if one does it may have one
        ([["名称", "投资"], ["", "占地"]], {"merged": [(1, 0, 2, 0)]}, (1, 1), None),
        (
            [["名称", "企业", "投资"], ["", "", "占地"]],
            {"merged": [(1, 0, 2, 0), (1, 1, 2, 1)]},
            (1, 2),
            "name_zh investors land_mu",
        ),
        # A line with units is no part of it
        *[
            ([["名称", f"{text}：万元"], ["", "投资"]], {}, (1, 1), "name_zh ")
            for text in ("单位", "（ 单位", "(金额单位", "货币单位 ", "计量单位")
        ],
    ],
)
def test_the_header_is_the_rows_that_are_understood_best(
    rows: list[list[str]], options: Any, lines: tuple[int, int], names: str | None
) -> None:
    known = header(*rows, **options)
    assert (known.first_line, known.last_line) == lines
    if names is not None:
        assert " ".join(match.name for match in known.matches) == names


def test_no_row_that_is_understood_is_no_header() -> None:
    assert found(["甲"], ["乙", "丙"]) is None
    assert found(["表"], ["名称"], title_lines=1) is None
    assert found() is None


def test_a_cell_over_several_columns_is_of_each_of_them() -> None:
    known = header(
        *[["序号", "计划", "", "占地"], ["", "总投资（万元）", "名称", ""]],
        merged=[(1, 0, 2, 0), (1, 1, 1, 2), (1, 3, 2, 3)],
    )
    assert [(m.text, m.name, m.unit, m.basis) for m in known.matches] == [
        ("序号", "", "", ""),
        ("计划/总投资（万元）", "investment_cny", "wan", "planned"),
        ("计划/名称", "name_zh", "", ""),
        ("占地", "land_mu", "", ""),
    ]
    assert known.texts == (*[("序号", ""), ("计划", "总投资（万元）"), ("", "名称"), ("占地", "")],)
    assert [match.name for match in known.known] == ["investment_cny", "name_zh", "land_mu"]
    assert known.lines == [
        [(0, "序号"), (1, "计划"), (3, "占地")],
        [(1, "总投资（万元）"), (2, "名称")],
    ]
    again = ["序号|计划||占地", "|总投资（万元）|名称", "序号|计划|x|占地|y"]
    for text in (*again, "序号|计划||", "||名称"):
        assert repeats(known, ReadRow(9, text.split("|"))) is (text in again), text


def test_one_cell_is_not_the_header_again() -> None:
    assert not repeats(header(["名称"]), ReadRow(9, ["名称"]))
    assert repeats(header(["名称", "x"]), ReadRow(9, ["名称", "x"]))


def test_a_unit_may_stand_in_the_upper_row() -> None:
    upper, lower = ["名称", "金额（万元）", ""], ["", "总投资", "投资（亿元）"]
    known = header(upper, lower, merged=[(1, 0, 2, 0), (1, 1, 1, 2)])
    assert [(m.name, m.unit) for m in known.matches[1:]] == [
        ("investment_cny", "wan"),
        ("investment_cny", "wan"),
    ]


def test_a_part_of_the_whole_is_never_read_as_the_whole() -> None:
    upper, lower = ["名称", "总投资", "", ""], ["", "总额", "其中：占地", "其中：其他"]
    known = header(upper, lower, merged=[(1, 0, 2, 0), (1, 1, 1, 3)])
    assert [m.name for m in known.matches] == ["name_zh", "investment_cny", "land_mu", ""]


def test_equal_columns_of_a_text_file_are_told_apart_by_what_stands_above_the_first() -> None:
    known = header(["名称", "计划", "", "实际", ""], ["", "总投资", "占地", "总投资", "备注"])
    texts = ["名称", "计划/总投资", "占地", "实际/总投资", "备注"]
    assert [m.text for m in known.matches] == texts
    known = header(["名称", "计划", "", "", ""], ["", "总投资", "占地", "", "占地"])
    assert [m.text for m in known.matches[2:]] == ["计划/占地", "", "占地"]


def test_a_file_of_failing_rows_has_two_rows_of_a_header_in_one() -> None:
    known = header(["_line", "名称", "计划/总投资", "城市/园区", "投资/万元", "_error"])
    names = ["", "name_zh", "investment_cny", "place", "investment_cny", ""]
    assert [match.name for match in known.matches] == names
    assert [match.unit for match in known.matches] == ["", "", "", "", "wan", ""]
    assert header(["名称", "计划/总投资"]).matches[1].name == ""


@pytest.mark.parametrize(
    ("rows", "name", "title"),
    [
        ([["单位：万元"], ["名称"]], "", TitleUnits("wan")),
        ([["单位：万元"], ["单位：亿元", "单位：亩"], ["名称"]], "", TitleUnits("yi", "mu")),
        ([["名称"], ["单位：万元"]], "", TitleUnits()),
        ([["名称", "单位：万元"]], "", TitleUnits()),
        ([["名称"]], "亿元", TitleUnits("yi")),
        ([["名称", "总投资（万元）"]], "", TitleUnits()),
        ([["单位：万元"], ["名称"]], "亿元", TitleUnits("wan")),
    ],
)
def test_units_above_the_table_are_of_the_header(
    rows: list[list[str]], name: str, title: TitleUnits
) -> None:
    assert replace(header(*rows, name=name).title, currency="") == title


@together(
    ("text", "parts"),
    [
        *[("总投资（万元）", ("总投资", "wan", "")), ("总投资（含税）", ("总投资(含税)", "", ""))],
        *[("总投资（）", ("总投资()", "", "")), ("投资（万吨）（亩）", ("投资", "mu", "万吨"))],
        (" [万元] 总投资 ", ("总投资", "wan", "")),
        ("总投资【万元】", ("总投资", "wan", "")),
    ],
)
def test_a_unit_in_brackets_is_split_off(text: str, parts: tuple[str, ...]) -> None:
    assert split_unit(text) == parts


@together(
    ("text", "divided"),
    [
        *[(f"总投资{mark}亿元", [("总投资", "yi", "")]) for mark in ["", *"/:,; ，"]],
        *[("元", []), ("A亿元", [("A", "yi", "")])],
        ("总投资: RMB 100million", [("总投资", "yi", "")]),
        ("总投资 人民币人民币 万元", [("总投资 人民币", "wan", "")]),
    ],
)
def test_a_unit_at_the_end_is_split_off(text: str, divided: list[tuple[str, ...]]) -> None:
    assert split_last_unit(text)[: len(divided) or 1] == divided
