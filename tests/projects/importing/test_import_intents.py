"""An intent never becomes a contract, a promised or planned day never a start."""

import io
import itertools
import json
import random
from typing import Any

import pytest
import xlsxwriter
from django.test import Client
from rest_framework.test import APIClient

from parks.models import Park
from projects.models import Project
from tests.answers import API, Row, found, problem
from tests.projects.importing.imports import (
    actions,
    applied,
    checked,
    line,
    send,
    table,
    uploaded,
    workbook,
)
from tests.samples import sample
from tests.together import together

PARK = "baodi-zgc"
NAME = "项目名称"
WISH = "意向签约项目清单（单位：亿元）"


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def list_added(api: APIClient, **filters: str) -> list[Row]:
    """The projects of the park that came in by a test: their names begin so."""
    answer = found(api.get(f"{API}/projects", {"park": PARK, "q": "新来", **filters}))
    return answer["results"]


def sheet_of(name: str, header: str, *rest: str, title: str = "") -> bytes:
    """A sheet of one project, its columns and cells divided by |, under a title if given."""
    rows = [[title]] if title else []
    return table(*rows, [NAME, *header.split("|")], [name, *"|".join(rest).split("|")])


# Words that say that nothing binds, and that something is to come
LOOSE = [
    *("意向", "拟签约", "预签约", "待签约", "尚未签约", "未签约", "草签", "备忘录", "战略合作协议"),
    *("框架协议", "在谈", "洽谈中", "磋商", "合作意向书", "初步协议", "即将签约"),
    *("签约意愿", "接洽中", "合同待签", "正式合同尚未签订"),
    *("合作备忘", "候签", "拟落户"),
    *("MOU", "LOI", "Letter of intent", "Memorandum", "Framework agreement", "Proposed"),
    *("To be signed", "In negotiation", "Non-binding", "EOI", "Expression of interest"),
    *("Pending signature", "Pre-signing"),
]
TO_COME = [
    *("承诺", "约定", "拟", "计划", "预计", "目标", "预期", "力争", "可望", "最迟", "应"),
    *("Planned ", "Expected ", "Target ", "Promised ", "Scheduled "),
]
ORDERS = [*itertools.permutations(range(4))]


def _write(place: str, word: str, header: str, order: tuple[int, ...]) -> tuple[bytes, Row]:
    """A sheet of one project with a past day or an agreed amount; the word stands in one place."""
    is_header = place == "header"
    said = f"{word}{header}" if is_header else header
    cell = "5" if header == AGREED else "2024-05"
    note = word if place == "cell" else "-"
    rows = [[NAME, "用地（亩）", said, "备注"], ["新来甲", "5", cell, note]]
    rows = [[row[at] for at in order] for row in rows]
    step = header.removesuffix("时间")
    title = f"{word}{step}" if header == "开工时间" and step not in word else word
    if place == "title":
        rows.insert(0, [f"{title}项目清单"])
    if place == "block":
        rows.insert(1, [f"一、{title}项目", "", "", ""])
    options: Row = {"map": [f"{said}:{HEADERS[header]}"]} if is_header else {}
    if place == "sheet":
        return workbook(**{f"{title}项目"[:30]: rows}), {"name": "a.xlsx"}
    return table(*rows), options


AGREED = "合同投资额（亿元）"
HEADERS = {"签约时间": "signed_on", "开工时间": "started_on"}
ANYWHERE = ("sheet", "title", "block", "cell")
CASES = [
    *itertools.product((*ANYWHERE, "header"), LOOSE, ["签约时间"], ORDERS),
    *itertools.product(("sheet", "title", "block", "header"), TO_COME, ["开工时间"], ORDERS),
    *itertools.product(ANYWHERE, LOOSE, [AGREED], ORDERS),
]
random.Random(38).shuffle(CASES)
CASES = CASES[::12]  # each word and place in about two of the orders of columns


@pytest.mark.slow
@together("case", sample(CASES, 60))
def test_a_word_of_intent_or_plan_anywhere_makes_no_contract_and_no_start(
    admin_api: APIClient, case: Any
) -> None:
    data, options = _write(*case)
    answer = send(admin_api, data, park=PARK, dry_run="false", **options)
    assert answer.status_code in (201, 409), answer.json()
    assert list_added(admin_api, reached="signed") == []
    added = list_added(admin_api)
    assert len(added) == (answer.status_code == 201)
    assert "agreed" not in {row["investment_basis"] for row in added}


# Ordinary sheets: what is said of contracts, starts and plans beside one another
ORDINARY: list[tuple[str, str, str, str]] = [
    ("2024年签约项目清单（单位：亿元）", "合同投资额|签约时间", "5|2024-05", "signed"),
    ("签约项目 填报单位：土地储备中心", "签约时间", "2024-05", "signed"),
    ("投资贸易洽谈会签约项目", "签约时间", "2024-05", "signed"),
    (
        *("重点项目投资计划表（单位：亿元）", "计划总投资|开工时间|备注"),
        *("5|2024-05|前期洽谈顺利，已签订合同", "started"),
    ),
    (
        *("", "签约时间|计划开工时间|建设内容"),
        *("2024-05|2025-05|拟建设厂房，与高校开展战略合作，计划投资5亿元", "signed"),
    ),
    ("", "实际开工时间|备注", "2024-05|一期已开工，二期计划2027年开工", "started"),
    ("", "签约时间|协议类型", "2024-05|合同", "signed"),
    ("", "状态|签约时间", "在建|2024-05", "started"),
    ("", "框架结构厂房面积|签约时间", "5|2024-05", "signed"),
]


def test_ordinary_sheets_are_taken_without_a_question(admin_api: APIClient) -> None:
    for n, (title, header, cells, _stage) in enumerate(ORDINARY):
        ignore = ["框架结构厂房面积"] if "框架" in header else []
        data = sheet_of(f"新来{n}号", header, cells, title=title)
        answer = send(admin_api, data, park=PARK, dry_run="false", ignore=ignore)
        assert answer.status_code == 201, answer.json()
        assert answer.json()["warnings"] == []
    stages = {row["name_zh"]: row["stage"] for row in list_added(admin_api)}
    assert stages == {f"新来{n}号": stage for n, (*_sheet, stage) in enumerate(ORDINARY)}


# Titles of projects that are not signed yet, and of those that are, by the column that they fill
TITLES = {
    "signed_planned_on": "促签约项目|力促签约项目|近期可签约项目|下步签约项目|下一步签约项目清单"
    "|备选签约项目|签约攻坚项目|签约冲刺项目清单|年内签约项目|签约项目备选|备选项目库|临近签约项目"
    "|明年签约项目|具备签约条件项目|年内可签约项目",
    "signed_on": "签约项目|近期签约项目|2025年内签约项目|本年内签约项目|促签约、促开工项目调度表"
    "|促签约促开工促投产项目表|签约攻坚行动项目表|签约攻坚年项目|合同签约项目|签约可研项目"
    "|2025年签约项目|备选地块签约项目|签约率统计表",
}


@pytest.mark.slow
@together("field, title", [(field, t) for field, all_ in TITLES.items() for t in all_.split("|")])
def test_a_title_says_whether_projects_are_signed_or_to_be_signed(
    admin_api: APIClient, field: str, title: str
) -> None:
    answer = checked(admin_api, sheet_of("新来甲", "签约时间", "2025-05", title=title), park=PARK)
    changes = line(answer, 3)["changes"]
    assert {name: changes[name][1] for name in TITLES if name in changes} == {field: "2025-05"}
    if field == "signed_on":
        assert (answer["doubts"], answer["warnings"]) == ([], [])


# A title with a plan, and the steps that it covers
COVERED = {
    "2026年开工竣工投产计划表": "started completed operating",
    "重点项目开工、竣工计划表": "started completed",
    "2027年重点项目开工、竣工计划": "started completed",
    "项目开竣工计划": "started completed",
    "2026年项目开（竣）工计划": "started completed",
    "开工和竣工计划": "started completed",
    "开工/竣工/投产节点计划": "started completed operating",
    "开工项目、竣工项目及投产项目计划": "started completed operating",
    "计划开工、竣工、投产项目": "started completed operating",
    "竣工、投产时间计划": "completed operating",
    "2026年竣工计划": "completed",
    "已签约项目开工计划": "started",
    "已开工项目竣工计划": "completed",
    "开工项目台账（2026年竣工计划）": "completed",
    "开工竣工项目年度投资计划": "",
    "2026年开工、竣工、投产项目": "",
}


@pytest.mark.slow
@together(("title", "steps"), COVERED.items())
def test_a_plan_in_a_title_covers_all_steps_that_are_listed_before_it(
    admin_api: APIClient, title: str, steps: str
) -> None:
    days = ["2026年3月", "2026年6月", "2026年10月"]
    answer = checked(admin_api, sheet_of("新来甲", "开工|竣工|投产", *days, title=title), park=PARK)
    named = {*line(answer, 3)["changes"]}
    planned = {f"{step}_planned_on" for step in steps.split()}
    assert {name for name in named if name.endswith("_planned_on")} == planned
    assert len({name for name in named if name.endswith("_on")}) == 3


# The upper row of a header above 开工|竣工|开工|竣工, and the steps that are planned or met
UPPER_ROWS: list[tuple[str, str, set[str]]] = [
    ("计划节点|计划节点|实际节点|实际节点", "开工|竣工|开工|竣工", {"started", "completed"}),
    ("计划时间|计划时间|实际时间|实际时间", "开工|竣工|开工|竣工", {"started", "completed"}),
    ("计划|计划|实际|实际", "开工时间|竣工时间|开工时间|竣工时间", {"started", "completed"}),
    ("计划完成时间|计划完成时间|实际|实际", "开工|竣工|开工|竣工", {"started", "completed"}),
    ("计划节点||实际节点|", "开工|竣工|开工|竣工", {"started", "completed"}),
    ("计划节点|", "开工|竣工", set()),
    ("计划节点||", "开工|竣工|投产", set()),
    ("计划||实际|", "开工时间|竣工时间|开工|投产", {"started", "operating"}),
    ("实际节点|", "开工|竣工", {"started", "completed"}),
    ("时间节点|", "开工|竣工", {"started", "completed"}),
]


def _merge_equal(rows: list[list[str]]) -> bytes:
    """A workbook in which equal neighbours in the first row are merged."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        places = itertools.groupby(range(len(rows[0])), key=lambda place: rows[0][place])
        for text, same in places:
            first, *others = same
            if others:
                sheet.merge_range(0, first, 0, others[-1], text)
    return file.getvalue()


@together(("upper", "lower", "met"), UPPER_ROWS)
def test_a_header_of_two_rows_says_which_steps_are_planned(
    admin_api: APIClient, upper: str, lower: str, met: set[str]
) -> None:
    above, below = upper.split("|"), lower.split("|")
    rows = [[NAME, *above], ["", *below], ["新来甲", *["2025-03"] * len(below)]]
    data, name = table(*rows), "a.csv"
    if all(above):
        data, name = _merge_equal(rows), "a.xlsx"
    answer = checked(admin_api, data, name, park=PARK)
    assert answer["problems"] == []
    days = {name for name in line(answer, 3)["changes"] if name.endswith("_on")}
    assert {name for name in days if "planned" not in name} == {f"{step}_on" for step in met}
    assert len(days) == len(below)


# What stands below the table, and the columns that it makes doubtful
REMARKS = {
    "注：第2项为框架协议，尚未签订正式合同。": ["签约时间"],
    "备注：标★的为意向协议": ["签约时间"],
    "说明：第1项正在洽谈": ["签约时间"],
    "注：表中部分项目未签约，部分为战略合作协议": ["签约时间"],
    "注：开工时间为计划时间": ["开工时间"],
    "注：投资额为意向协议口径": ["签约时间"],
    "注：第2项计划开工": ["开工时间"],
    "注：签约时间以正式合同为准": [],
    "注：总投资为计划总投资，以亿元为单位": [],
    "注：按年度计划填报": [],
    "注：不含在谈项目": [],
    "注：在谈项目另附": [],
    "备注：框架协议未列入": [],
    "数据来源：意向企业库": [],
    "填表人：意向王": [],
}


@pytest.mark.slow
@together(("remark", "columns"), REMARKS.items())
def test_a_remark_below_the_table_is_asked_about_once(
    admin_api: APIClient, remark: str, columns: list[str]
) -> None:
    header = [NAME, "签约时间", "开工时间"]
    rows = [["新来甲", "2025-05", "2025-07"], ["新来乙", "2025-06", "2025-08"]]
    answer = checked(admin_api, table(header, *rows, [remark, "", ""]), park=PARK)
    assert [doubt["code"] for doubt in answer["doubts"]] == ["contradicted_column"] * len(columns)
    assert [doubt["column"] for doubt in answer["doubts"]] == columns
    own = [[*header, "协议类型"], *([*row, "合同"] for row in rows)]
    answer = checked(admin_api, table(*own, [remark, "", "", ""]), park=PARK)
    assert len(answer["doubts"]) == ("开工时间" in columns)


@together("answer, stage", [("met", "started"), ("planned", "signed")])
def test_lines_with_a_remark_are_read_as_was_answered(
    admin_api: APIClient, answer: str, stage: str
) -> None:
    rows = [["新来甲", "2025-05", "2025-07"], ["注：开工时间为计划时间", "", ""]]
    data = table([NAME, "签约时间", "开工时间"], *rows)
    applied(admin_api, data, park=PARK, choices=json.dumps({"2": answer}))
    (row,) = list_added(admin_api)
    assert row["stage"] == stage


# Up to when a sheet reports, the last month that is not asked about and the first that is
REPORTED_UP_TO = [
    ("签约项目台账（截至2025年3月31日）", "2025-03", "2025-04"),
    ("签约项目台账（截至2025年3月）", "2025-03-31", "2025-04"),
    ("签约项目台账（截至2025年3月底）", "2025", "2025-05"),
    ("截止2025.3", "2025-03-31", "2025-04-01"),
    ("截至2024年底签约项目", "2024-12-31", "2025"),
    ("签约项目台账（截至2025年13月）", "2025-05", ""),
    ("签约项目台账（2025年3月）", "2025-05", ""),
]


@together(("title", "last", "first"), REPORTED_UP_TO)
def test_a_contract_after_the_month_of_the_sheet_is_asked_about(
    admin_api: APIClient, title: str, last: str, first: str
) -> None:
    for day, is_asked in ((last, False), (first, True)):
        if day:
            data = sheet_of("新来甲", "签约时间", day, title=title)
            assert bool(checked(admin_api, data, park=PARK)["doubts"]) is is_asked


@pytest.mark.parametrize(
    ("answer", "stage", "agreement"),
    [("met", "signed", None), ("intent", "intended", "intent"), ("planned", None, None)],
)
def test_a_line_that_contradicts_itself_is_asked_about_once(
    admin_api: APIClient, answer: str, stage: str | None, agreement: str | None
) -> None:
    data = sheet_of("新来甲", "投资额|签约时间|备注", "5|2024-05|已签合同", title=WISH)
    asked = problem(send(admin_api, data, park=PARK, dry_run="false"), 409)
    (doubt,) = asked["errors"]
    assert (doubt["code"], doubt["line"], doubt["confirm"]) == ("contradicted_row", 3, "agreements")
    assert doubt["answers"] == ["met", "intent", "planned"]
    code = checked(admin_api, data, park=PARK)["code"]
    choices = {"choices": {"3": answer}}
    found(admin_api.post(f"{API}/imports/{code}/apply", choices, format="json"))
    (row,) = list_added(admin_api)
    assert (row["stage"], row["agreement_type"]) == (stage, agreement)


@pytest.mark.slow
@together("place", ["项目阶段", "block"])
@together("answer, basis", [("met", "agreed"), ("intent", "intended")])
def test_an_agreed_amount_is_what_was_answered_and_asked_about_once(
    admin_api: APIClient, place: str, answer: str, basis: str
) -> None:
    rows = [[NAME, AGREED, "项目阶段"], ["新来甲", "5", "洽谈中" if place == "项目阶段" else ""]]
    if place == "block":
        rows.insert(1, ["一、洽谈中项目", "", ""])
    data = table(*rows)
    asked = problem(send(admin_api, data, park=PARK, dry_run="false"), 409)
    (doubt,) = asked["errors"]
    assert doubt["answers"] == ["met", "intent"]
    choices = json.dumps({str(doubt["line"]): answer})
    applied(admin_api, data, park=PARK, choices=choices)
    (row,) = list_added(admin_api)
    assert (row["investment_cny"], row["investment_basis"]) == (500_000_000, basis)
    assert applied(admin_api, data, park=PARK)["counts"]["same"] == 1
    grown = data.replace(b",5,", b",6,")
    applied(admin_api, grown, park=PARK)
    (row,) = list_added(admin_api)
    assert (row["investment_cny"], row["investment_basis"]) == (600_000_000, basis)


SIGNED = [
    *("已签订正式合同", "已签正式合同", "签订合同", "正式合同已签", "合同已签署", "已签投资协议"),
    *("已正式签约", "完成签约", "签约完成", "签署了正式协议", "Contract signed", "已签约项目"),
]
SIGNED_INTENTS = ["已签框架协议", "签订合作意向书", "战略合作协议已签", "备忘录", "已签署LOI"]
UNSIGNED = ["未签合同", "合同待签", "预签约", "签约意向", "合同审批中", "拟签正式合同"]


@together("words, stage", [(SIGNED, "signed"), (SIGNED_INTENTS, "intended"), (UNSIGNED, None)])
def test_a_stage_may_say_which_paper_was_signed(
    admin_api: APIClient, words: list[str], stage: str | None
) -> None:
    rows = [[f"新来{place}", word] for place, word in enumerate(words)]
    applied(admin_api, table([NAME, "项目阶段"], *rows), park=PARK, on_error="skip")
    stages = {row["stage"] for row in list_added(admin_api)}
    assert stages <= {None} if stage is None else stages == {stage}


@pytest.mark.slow
@together("answer, stage", [("intent", "intended"), ("planned", None), ("met", "started")])
def test_a_sheet_that_comes_again_is_read_as_it_was_answered(
    admin_api: APIClient, answer: str, stage: str | None
) -> None:
    def write(note: str, amount: str, name: str = "新来甲") -> bytes:
        header = [NAME, "总投资（亿元）", "签约时间", "开工时间", "备注"]
        return table(header, [name, amount, "2024-05", "2024-06", note])

    choices = json.dumps({"2": f"suggested, {answer}"})
    applied(admin_api, write("洽谈中", "50000"), park=PARK, choices=choices)
    again = applied(admin_api, write("洽谈中", "50000"), park=PARK)
    assert (again["counts"]["same"], again["doubts"]) == (1, [])
    assert {each["code"] for each in line(again, 2)["warnings"]} == {"recalled"}
    changed = applied(admin_api, write("洽谈中", "6"), park=PARK)
    assert {*line(changed, 2)["changes"]} == {"investment_cny"}
    (row,) = list_added(admin_api)
    assert row["stage"] == stage
    applied(admin_api, write("已签合同", "6"), park=PARK)
    assert [row["stage"] for row in list_added(admin_api)] == ["started"]


# What a note says of a project with a day of a step: what denies the step, and what does not
NOTES: dict[str, tuple[list[str], list[str]]] = {
    "签约时间|备注": (
        [
            *("待签正式协议", "拟签正式合同", "拟于12月签正式合同", "未签正式合同", "洽谈合同细节"),
            *(
                "已签意向书，正式合同待谈",
                "框架协议已签，正式合同年底前签",
                "框架协议（后续签合同）",
            ),
            *(
                "正在洽谈投资合同条款",
                "正式合同拟于年底签",
                "合同草案审核中",
                "正式合同预计明年初签订",
            ),
            *("拟于近期签署", "企业承诺年内签约", "约定10月签约", "计划与管委会签约", "暂缓签约"),
            *("LOI signed; contract to follow", "Planning to sign a contract"),
            *("Contract under review", "取消签约", "Draft contract"),
            *("目前双方就细节反复沟通，正式合同待签", "Contract expected in March", "Will sign"),
            *("To sign in December", "合同未盖章", "协议尚待对方盖章", "签约仪式尚未举行"),
            *("签约仪式延期", "合同文本正在会签", "协议条款修改中", "协议已谈妥，待上会后签订"),
            *("正在走合同审批流程", "仍在履行合同签批程序", "原定3月签约，推迟", "签约推迟"),
            *("签约时间待定", "签约时间为计划时间", "签约日期系预计", "合作框架已签"),
            *("等待投资方董事会批准后签约", "需经管委会研究后方可签订", "签约主体未定"),
            *("签约条件尚未明确", "没有签约", "还没签", "未能签约", "暂定6月签约"),
        ],
        [
            *("已签合同", "框架协议转正式合同", "意向后于5月签正式合同", "合同已签，待开工"),
            *("投资协议已签订", "意向书已签；正式合同已签订", "框架协议已签，5月签了正式协议"),
            *(
                "洽谈顺利，合同履约中",
                "意向转化为正式合同",
                "按约定签约",
                "合同签订后拟办理审批手续",
            ),
            *("合同已签预计年底开工", "合同约定年底前开工", "施工合同审批中"),
            *("投资协议约定拟投资5亿元", "土地出让合同待审核", "已签投资协议，拟投资5亿元"),
            *("Contract signed", "Under contract", "LOI converted to contract"),
            *("Signed contract; LOI before", "合同已盖章", "签约仪式已举行", "3月签约，开工推迟"),
            *(
                "签约后推迟开工",
                "经董事会批准后签约",
                "设备采购合同未盖章",
                "已签约，施工合同审批中",
            ),
            *("签约主体为项目公司", "签约时间以合同为准", "施工许可证未签发"),
            *("待征地完成后签发施工许可证", "合同款未付", "完成合同审批流程，已签约"),
            *("已签合同，二期推迟", "待土地摘牌后签订出让合同", "需审批后签订补充协议"),
        ],
    ),
    "开工时间|形象进度": (
        [
            *("未开工，正在办理施工许可", "暂未开工，已具备开工条件", "尚未开工，已取得施工许可证"),
            *("未开工，已完成施工图审查，正在组织施工招标", "尚未动工，正在准备开工"),
            *("尚不具备开工条件", "未开工，主体设计方案报审", "Not yet started", "还没开工"),
            *("没有开工", "不能开工", "推迟开工", "未进场", "施工尚未开始", "仍未破土"),
            *("Will start in 2027", "To break ground next year", "未正式开工", "尚未正式动工建设"),
            *("开工时间系计划", "开工日期待定", "开工推迟", "开工时间延期至明年"),
            *("已办理奠基，实际未施工", "仅举行开工仪式，未实质施工", "等待施工许可证，暂未进场"),
            *(
                "开工手续办理中",
                "正在做开工准备",
                "项目未落地",
                "项目尚未实质性落地",
                "土地尚未摘牌",
            ),
            *("用地未供应", "正在开展前期工作", "处于前期手续阶段"),
        ],
        [
            *("二期未开工，一期主体封顶", "部分厂房未开工，其余已全面开工", "正在施工"),
            *("正在办理施工许可", "按计划开工", "设备未进场", "已正式开工", "正式开工，土方开挖"),
            *("二期土地尚未摘牌", "部分土地未交付", "未取得施工许可证", "未办理施工许可"),
            *("前期工作已完成", "开工手续齐全", "开工准备已完成", "已举行开工仪式"),
            *("二期正在开展前期工作", "开工延期1个月，现已开工", "开工报告已批复", "基坑支护"),
            *("主体结构施工至三层", "落地见效", "因雨未能连续施工，目前正在施工"),
        ],
    ),
    "投产时间|备注": (
        [
            *("未投产", "预计2027年投产", "Not yet operating", "投产时间待定", "投产推迟至明年"),
            *("投产日期为预计", "没有投产"),
        ],
        [
            *("一期已投产，二期预计2027年投产", "预计投产后年产值5亿元", "按计划投产"),
            *("设备调试，试生产", "投产后税收未达预期", "已投产，未达产", "投产当年纳统"),
        ],
    ),
    "竣工时间|备注": (
        [
            *("未竣工", "主体施工", "预计2027年6月竣工", "竣工验收未通过", "未验收"),
            *("尚未通过竣工验收", "没有验收", "进度80%", "形象进度约95.5%", "工程量完成60%"),
            *("目前正在施工", "装修阶段", "竣工延期", "完工时间待定"),
        ],
        [
            *(
                "已竣工，未投产",
                "一期已完工，二期未完工",
                "建成后出租",
                "已竣工，待验收",
                "进度100%",
            ),
            *("投资进度80%", "资金支付进度90%", "通过竣工验收", "验收已通过", "竣工验收备案完成"),
            *("二期进度30%，一期已竣工", "竣工决算审计中", "全部完工，未验收"),
        ],
    ),
    "达产时间|备注": (
        [*("未达产", "预计2028年达产", "达产时间待定")],
        [*("已达产", "达产后年税收1亿元", "产能利用率80%")],
    ),
}


@together("headers", NOTES)
def test_a_note_may_deny_a_step_that_has_a_day(admin_api: APIClient, headers: str) -> None:
    denials, others = NOTES[headers]
    day = "2024-05" if headers[:2] in ("签约", "开工") else "2026-10"
    rows = [[f"新来{n}", day, note] for n, note in enumerate([*denials, *others])]
    found = actions(checked(admin_api, table([NAME, *headers.split("|")], *rows), park=PARK))
    assert [note for n, (*_row, note) in enumerate(rows, 2) if found[n] == "asked"] == denials


def test_a_contract_is_not_the_paper_of_an_intent(admin_api: APIClient) -> None:
    data = sheet_of("新来甲", "意向签约时间|协议类型", "2025-05|合同")
    answer = applied(admin_api, data, park=PARK)
    assert {each["code"] for each in line(answer, 2)["warnings"]} == {"not_written"}
    assert [row["agreement_type"] for row in list_added(admin_api)] == [None]


OF_OTHERS = [
    *("厂房租赁情况", "配套道路进展", "银企对接情况", "融资情况", "设备采购情况", "拆迁进度"),
    *("施工合同签订情况", "土地合同签订情况", "整改情况", "问题解决情况", "环评情况"),
]


def test_a_column_on_something_of_a_project_is_not_its_stage(admin_api: APIClient) -> None:
    data = sheet_of("新来甲", "|".join(OF_OTHERS), *["已签约"] * len(OF_OTHERS))
    applied(admin_api, data, park=PARK, map=["*:further_columns"])
    (row,) = list_added(admin_api)
    assert (row["stage"], row["further_columns"]) == (None, dict.fromkeys(OF_OTHERS, "已签约"))


def test_further_columns_of_kinds_may_contradict(admin_api: APIClient) -> None:
    data = sheet_of("新来甲", "签约时间|项目类别", "2025-06", "拟签约项目")
    answer = checked(admin_api, data, park=PARK, map=["*:further_columns"])
    assert actions(answer)[2] == "asked"


@together("header", ["目前进展", "项目推进情况", "Status"])
def test_a_column_of_progress_is_the_stage_if_most_of_its_cells_are(
    admin_api: APIClient, header: str
) -> None:
    rows = [["新来甲", "洽谈"], ["新来乙", "已签约"], ["新来丙", "在建"], ["新来丁", ""]]
    applied(admin_api, table([NAME, header], *rows), park=PARK)
    stages = {row["name_zh"]: row["stage"] for row in list_added(admin_api)}
    assert stages == {
        "新来甲": "negotiating",
        "新来乙": "signed",
        "新来丙": "started",
        "新来丁": None,
    }
    contradiction = table([NAME, header, "签约时间"], ["新来戊", "洽谈中", "2024-05"])
    answer = send(admin_api, contradiction, park=PARK, dry_run="false")
    assert answer.status_code in (400, 409)  # a column of stages says it as an error
    rows = [["新来子", "洽谈"], ["新来丑", "正在办理环评手续"], ["新来寅", "图纸已送审"]]
    applied(admin_api, table([NAME, "进展情况"], *rows), park=PARK, noted_on="2026-06-08")
    sentences = Project.objects.filter(name_zh__in=[name for name, _cell in rows])
    assert {*sentences.values_list("stage", flat=True)} == {""}


def test_a_clerk_says_of_a_column_and_of_a_line_what_they_are(desk: Client) -> None:
    data = table(
        [NAME, "意向投资额（亿元）", "签约时间", "开工时间", "备注"],
        ["新来甲", "5", "2024-05", "", ""],
        ["新来乙", "6", "", "2024-06", "尚未开工"],
    )
    address = uploaded(desk, data, park=Park.objects.get(code=PARK).pk)
    asked = desk.get(address).context_data
    (column,) = asked["of_columns"]
    assert [each["value"] for each in column["answers"]] == ["intended_on", "signed_planned_on"]
    assert b'name="confirm" value="agreements"' in desk.get(address).content
    desk.post(address, {"_read_again": "1", column["field"]: "intended_on"})
    asked = desk.get(address).context_data
    assert asked["of_columns"] == []
    ((question,),) = [row["questions"] for row in asked["rows"] if row["questions"]]
    assert [each["value"] for each in question["answers"]] == ["met", "planned"]
    desk.post(address, {"_apply": "1", question["field"]: "planned"})
    rows = found(desk.get(f"{API}/projects", {"q": "新来", "publication": "draft,published"}))
    assert {row["stage"] for row in rows["results"]} == {"intended", None}
