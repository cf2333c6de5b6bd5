"""Which lines of a sheet are no rows of data, and why each is left out."""

from collections.abc import Sequence
from typing import Any

import pytest

from sheets.packing import PackedLines
from sheets.reading.headers import Heading, Match, find_header
from sheets.reading.rows import Limits, Merged, ReadRow, ReadSheet
from sheets.reading.set_aside import SKIPPED, divide, names_rows
from tests.together import together

SPELLINGS = {
    **{"代码": Heading("code"), "项目名称": Heading("name_zh"), "英文名称": Heading("name_en")},
    **{"投资方": Heading("investors"), "总投资": Heading("investment_cny")},
    "备注": Heading("note"),
}
HEADER = ["序号", "项目名称", "投资方", "总投资", "代码"]
GOOD = ["1", "晶圆厂", "甲公司", "28", ""]


def reasons(
    *rows: list[str], header: list[str] | None = None, merged: Sequence[Merged] = ()
) -> list[str]:
    """Why each row below a header is left out; blank if it is a row of data."""
    lines = [ReadRow(number, cells) for number, cells in enumerate([header or HEADER, *rows], 1)]
    found = find_header(ReadSheet("", PackedLines(lines)), SPELLINGS, Limits())
    assert found is not None
    kept, skipped = divide(lines, found, merged)
    outcomes = {each.line: each.reason for each in skipped} | {row.line: "" for row in kept}
    assert outcomes.pop(found.first_line) == "header"
    return [outcomes[line] for line in sorted(outcomes)]


# What stands alone under 序号, by the reason why it is no project
ALONE = {
    "total": "合计|总计|小计|共计|全区合计|累计|合计（1个项目）|共计1个项目|合计:3家|合计（亿元）"
    "|合计：3个项目|小计12项|grand total|Sub-total|subtotal|TOTAL|sum|Total: 3|Totals (3 projects)"
    "|共2个项目|共3项|总共3个|3个项目|签约项目共3个|2026年签约项目3个|总数|总额"
    "|项目总数：3|汇总|平均|平均值|Average",
    "remark": "注：含税|备注：含税|附注：含税|注释：含税|注记：含税|说明：含税|特别说明：含税"
    "|填表说明：含税|填报说明：含税|资料来源：年报|数据来源：年报|来源：年报|抄送：区委"
    "|Notes: with tax|Remark: with tax|Source: reports|注1：含税|注12：含税|注 以上含税|备注 含税"
    "|说明 含税|填表 王某|填报 王某|制表 王某|审核 王某|审批 王某|负责人 王某|资料来源 年报"
    "|数据来源 年报|来源 年报|单位 招商局|查无数据|无数据|Notes|Remark|Source|No data|标★为重点"
    "|标“▲”为重点|★为重点|※：重点|*指重点|▲是重点|第1页|page 1|- 1 -|—1—|续表|（续上表）|接上页"
    "|（以下空白）|此页无内容|以下无正文|本月无|无新增|无变化|共3个重点项目|（盖章）|公章|年 月 日"
    "|区委办公室印发",
    "signature": "填表人：王某|填报人:王某|审核人：|复核人：|审批人：|制表人：|经办人：|统计人："
    "|上报人：|联系人：|承办人：|审定人：|签发人：|单位负责人：|统计负责人：|主要负责人："
    "|分管负责人：|项目负责人：|负责人：|审核人签字：|审核人签章：|审核人签名：|分管领导："
    "|法定代表人：|联系电话：|联系方式：|电话：|手机：|电子邮箱：|邮箱：|制表：|审核：|复核："
    "|审批：|填表：|填报：|填报单位：|填表单位(盖章)：|编制单位：|报送单位：|制表单位：|报出日期："
    "|填报时间：|填表日期：|上报日期：|报送日期：|制表日期：|打印日期：|导出时间：|统计时间："
    "|填表人|填报人|审核人|复核人|制表人|Prepared by A|Reviewed by A|Approved by A|Checked by A"
    "|Contact: A",
    "section": "一、基础设施|十二．其他|三.其他|(一)交通|（十二）交通|——铁路|Ⅱ、交通|iv、交通"
    "|续建项目(3个)|前期(2)|谋划(2项)|基础(3个项目)|其中：|其中|其中：新开工|计划新开工项目|拟开工"
    "|本年竣工类项目|续建|预备项目|竣工投产|储备|在建|投产|在建重点项目|前期|谋划|签约|在谈"
    "|【交通】|【交通】(3个)",
    "": "晶圆厂|一期厂房|合计科技产业园|十里铺|负责制药|续建材料厂|iv药厂|共享3个项目|3. 含税"
    "|Prepared food|Noteworthy|No database",
}


@together(("reason", "text"), [(each, t) for each, all_ in ALONE.items() for t in all_.split("|")])
def test_a_line_with_one_text_is_what_its_words_say(reason: str, text: str) -> None:
    assert reasons([text, "", "", "", ""]) == [reason]
    assert reasons([text, "", "", "", ""], GOOD) == [reason, ""]
    # A colon tells a remark even where names stand
    if reason == "remark" and text.endswith(("：含税", "：年报", "：区委", ": with tax")):
        assert reasons(["", text, "", "", ""]) == [reason]


@together(
    ("area", "reason"),
    [
        (Merged(2, 0, 2, 2), "section"),  # three cells of the line
        (Merged(2, 1, 2, 3), "section"),
        (Merged(2, 0, 2, 1), ""),  # two
        (Merged(2, 0, 3, 2), ""),  # two lines, as of a name
        (Merged(3, 0, 3, 2), ""),  # another line
    ],
)
def test_a_name_over_three_cells_of_a_line_is_a_heading(area: Merged, reason: str) -> None:
    assert reasons(["晶圆厂", "", "", "", ""], GOOD, merged=[area]) == [reason, ""]


# Lines with more than one text, or with one in the column of names
LINES = [
    ([""] * 5, "empty"),
    (["", "共计", "", "28", ""], "total"),
    (["1", "合计", "", "28", ""], "total"),
    (["5", "本页合计", "", "28", ""], "total"),
    (["", "5", "总计", "28", ""], "total"),  # the second text
    (["", "甲", "乙", "合计", ""], ""),  # the third
    (["1", "晶圆厂合计", "", "28", ""], ""),
    (["", "", "", "=SUM(D2:D2)", ""], "total"),
    (["", "", "=subtotal(9,C2)", "=SUMIF(D2:D3)", ""], "total"),
    (["", "", "5", "=SUM(D2:D2)", ""], ""),
    (["合计", "", "", "28", "P-1"], "total"),
    (["1", "小计", "", "28", "P-1"], ""),  # it has a code
    (["一、", "交通", "", "", "P-1"], ""),
    (["一、", "交通", "", "", "12"], "section"),  # a number is no code
    (["注：含税", "28", "", "", ""], "remark"),
    (["注：含税", "28", "28", "", ""], ""),
    (["注 含税", "28", "", "", ""], ""),
    (["", "注 含税", "", "", ""], ""),  # a name
    (["", "注：含税", "", "", ""], "remark"),
    (["", "", "注 含税", "", ""], "remark"),
    (["填表人：王某", "", "审核人：李某", "28", ""], "signature"),
    (["", "填表人才公寓", "", "28", ""], ""),
    (["一、交通", "", "64", "8,393.5", ""], "section"),
    (["一、交通", "", "3个", "88%", ""], "section"),
    (["一、交通", "", "3项", "#REF!", ""], "section"),
    (["一、交通", "晶圆厂", "64", "28", ""], ""),
    (["一、", "交通", "", "28", ""], "section"),
    (["六、", "签约", "2", "28", ""], "section"),
    (["一.", "交通", "", "28", ""], "section"),
    (["一、", "交通", "铁路", "", ""], ""),
    (["", "（一）交通", "12", "28", ""], "section"),
    (["甲", "（一）交通", "12", "28", ""], ""),
    (["1", "一、交通", "", "", ""], ""),  # a numbered row
    (["", "甲", "一、交通", "", ""], ""),
    (["", "12", "一、交通", "", ""], "section"),  # the second text
    (["", "共2个项目", "", "7", ""], "total"),
    (["", "平均", "", "3.5", "12"], "total"),
    (["1", "共2个项目", "", "7", ""], ""),  # a numbered row
    (["", "汇总", "1", "2026-05", ""], ""),  # a day beside it
    (["", "总额", "甲公司", "7", ""], ""),
    (["", "共2个项目", "", "7", "P-1"], ""),
    (["", "12", "12", "一、交通", ""], ""),  # the third
    (HEADER, "repeated_header"),
    (["序号", "项目名称", "投资方", "总投资", "P-1"], ""),
    (["甲", "乙", "1", "", ""], "repeated_header"),
    (["（1）", "（2）", "(13)", "丁", ""], "repeated_header"),
    (["甲", "乙", "", "", ""], ""),
    (["1", "晶圆厂", "3", "", ""], ""),
]


@together(("cells", "reason"), LINES)
def test_a_line_is_what_its_cells_say(cells: list[str], reason: str) -> None:
    assert reasons(cells) == [reason]


TWO = ["2", "面板厂", "乙公司", "6", ""]


@together("mark", ["一", "十二", "（一）", "(三)", "二、", "（四）、", "五.", "五．"])
@together(
    ("cells", "reason"),
    [
        (["拟签约项目", "", "8", ""], "section"),
        (["制造业（2个）", "2", "11", "12"], "section"),
        (["工业项目", "", "", ""], "section"),
        (["", "工业项目", "3项", "8"], "section"),
        (["工业项目", "甲公司", "8", ""], ""),  # cells like those of the others
        (["工业项目", "", "8", "P-1"], ""),
    ],
)
def test_an_ordinal_among_numbered_rows_counts_a_section(
    mark: str, cells: list[str], reason: str
) -> None:
    row = [mark, *cells]
    assert reasons(row, GOOD, TWO) == [reason, "", ""]
    assert reasons(GOOD, row, TWO) == ["", reason, ""]


@together("numbers", [("1", "2"), ("1.1", "1.2"), ("(1)", "（2）"), ("1、", "2、"), ("1.", "2.")])
@together("counted", ["序号", "编号", ""])
def test_rows_are_numbered_in_many_ways(numbers: tuple[str, str], counted: str) -> None:
    rows = [[number, *row[1:]] for number, row in zip(numbers, (GOOD, TWO), strict=True)]
    header = [counted, *HEADER[1:]]
    assert reasons(["一", "工业", "", "34", ""], *rows, header=header) == ["section", "", ""]
    sums = ["", "3个项目", "", "34", ""], [numbers[1], "3个项目", "", "34", ""]
    assert reasons(rows[0], *sums, header=header) == ["", "total", ""]


@together("marks", ["一二三", ["（一）", "（二）", "（三）"]])
@together("columns", [[], ["1", "2", "3", "4", "5"]])
def test_ordinals_that_count_all_rows_count_projects(marks: Any, columns: list[str]) -> None:
    rows = [[mark, f"甲{mark}厂", "", "8", ""] for mark in marks]
    above = [columns] if columns else []
    assert reasons(*above, *rows) == ["repeated_header" for _ in above] + [""] * 3
    assert reasons(*rows, ["合计", "", "", "24", ""]) == ["", "", "", "total"]


def test_a_heading_of_a_section_has_no_day() -> None:
    day = ["一", "甲厂", "", "2026-05", ""]
    assert reasons(day, GOOD) == ["", ""]
    year = ["一", "工业", "", "2026", ""]
    assert reasons(year, GOOD) == ["section", ""]


def test_columns_are_numbered_only_right_below_the_header() -> None:
    assert reasons(GOOD, ["1", "2", "3", "4", "5"]) == ["", ""]


def test_a_row_with_a_code_is_the_header_again_only_if_it_repeats_it() -> None:
    header = ["代码", "项目名称"]
    rows = [header, ["P-1", "合计"], ["P-1", "项目名称"], ["", "合计"]]
    assert reasons(*rows, header=header) == ["repeated_header", "", "", "total"]


def test_what_stands_above_the_table_is_its_title() -> None:
    lines = [ReadRow(1, ["重点项目表"]), ReadRow(2, HEADER), ReadRow(3, GOOD)]
    header = find_header(ReadSheet("", PackedLines(lines)), SPELLINGS, Limits())
    assert header is not None
    kept, skipped = divide(lines, header)
    assert [(each.line, each.reason) for each in skipped] == [(1, "title"), (2, "header")]
    assert [row.line for row in kept] == [3]
    assert {"title", "header", "repeated_header", "continued"} | {*ALONE, "empty"} == {*SKIPPED, ""}


def test_names_and_codes_say_which_row_it_is() -> None:
    names = ["name", "name_zh", "name_en", "code", "investors", "note", ""]
    assert [name for name in names if names_rows(Match(0, "", name))] == names[:4]


MORE = ["2. 不含土地", "", "", "", ""]


@together(
    ("rows", "wanted"),
    [
        ([["备注：1. 含税", "", "", "", ""], MORE, MORE], ["remark"] * 3),
        ([["填表人：王某", "", "", "", ""], MORE], ["signature", "remark"]),
        ([["备注：1. 含税", "", "", "", ""], [""] * 5, MORE], ["remark", "empty", "remark"]),
        ([["备注：1. 含税", "", "", "", ""], GOOD, MORE], ["remark", "", ""]),
        ([["合计", "", "", "28", ""], MORE], ["total", ""]),
        ([["备注：1. 含税", "", "", "", ""], ["", "晶圆厂", "甲", "", ""]], ["remark", ""]),
        ([["备注：1. 含税", "", "", "", ""], ["", "", "", "", "P-1"]], ["remark", ""]),
        ([MORE], [""]),
    ],
)
def test_the_further_lines_of_a_remark_belong_to_it(
    rows: list[list[str]], wanted: list[str]
) -> None:
    assert reasons(*rows) == wanted


def test_below_a_remark_a_table_of_one_column_goes_on() -> None:
    assert reasons(["备注：含税"], ["晶圆厂"], header=["项目名称"]) == ["remark", ""]
    two = ["项目名称", "投资方"]
    assert reasons(["备注：含税", ""], ["2. 不含", ""], header=two) == ["remark", "remark"]


@pytest.mark.parametrize("header", [["名称", "英文名称"], ["名称", "代码"]])
def test_a_name_in_any_language_and_a_code_are_no_remark(header: list[str]) -> None:
    named = {**SPELLINGS, "名称": Heading("investors")}
    lines = [ReadRow(1, header), ReadRow(2, ["", "Source reports"]), ReadRow(3, ["Source", ""])]
    found = find_header(ReadSheet("", PackedLines(lines)), named, Limits())
    assert found is not None
    _kept, skipped = divide(lines, found)
    assert [each.line for each in skipped] == [1, 3]
