"""Words and layouts of sheets that a new reader sent: key projects, signings, talks."""

import io
import json
from typing import Any

import pytest
import xlsxwriter
from rest_framework.test import APIClient

from projects.models import Funding, ProjectFigure
from sheets.reading import apart
from tests.answers import API, Row
from tests.factories import ParkFactory
from tests.projects.importing.imports import actions, applied, checked, line, send, table
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "fab")]

UPPER = ["序号", "项目名称", "总投资", "投资情况", "", "开工时间", "", "备注"]
LOWER = ["", "", "", "年度计划投资", "累计完成投资", "计划", "实际", ""]
ROWS = (
    [1, "甲厂", 52000, 18000, 31500, "2025年3月", "2025年4月", ""],
    [2, "乙厂", 26000, 6000, "", "2027年", "", ""],
)


def key_projects(*, is_merged: bool) -> bytes:
    """A list of key projects in two blocks, each with a header of two rows."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        at = 0
        for title, row in zip(("一、续建项目", "二、其他项目"), ROWS, strict=True):
            sheet.write_row(at, 0, [title, *[""] * 6, "单位：万元"])
            sheet.write_row(at + 1, 0, UPPER)
            sheet.write_row(at + 2, 0, LOWER)
            if is_merged:
                for column in (0, 1, 2, 7):
                    sheet.merge_range(at + 1, column, at + 2, column, UPPER[column])
                for column in (3, 5):
                    sheet.merge_range(at + 1, column, at + 1, column + 1, UPPER[column])
            sheet.write_row(at + 3, 0, row)
            at += 4
    return file.getvalue()


def said(answer: Row, number: int) -> dict[str, str]:
    return {name: new for name, (_old, new) in line(answer, number).get("changes", {}).items()}


@pytest.mark.parametrize("is_merged", [True, False])
def test_a_header_of_two_rows_is_one_in_every_block(admin_api: APIClient, is_merged: bool) -> None:
    given: Any = {"park": "town", "unit": "总投资:万元", "month": "2026-10"}
    given |= {"map": "*:further_columns"}
    if not is_merged:  # what stands beside 计划 has no header above it then
        given["map"] = ["*:further_columns", "实际:started_on"]
    answer = checked(admin_api, key_projects(is_merged=is_merged), "a.xlsx", **given)
    assert {n for n, each in actions(answer).items() if each == "create"} == {4, 8}, answer
    assert said(answer, 4)["started_planned_on"] == "2025-03"
    assert said(answer, 4)["started_on"] == "2025-04"
    assert "started_on" not in said(answer, 8)
    assert said(answer, 8)["started_planned_on"] == "2027"


def test_an_english_pipeline_is_read_by_its_own_words(admin_api: APIClient) -> None:
    header = ["Project name", "Investment", "Status", "Expected start", "Comments"]
    rows = [
        ["A", "RMB 180 million", "Framework agreement", "Q3 2024", "first"],
        ["B", "RMB 45,000,000", "Under negotiation", "H1 2025", "second"],
    ]
    answer = checked(admin_api, table(header, *rows), park="town")
    assert not answer["problems"]
    assert [said(answer, number)["stage"] for number in (2, 3)] == ["intended", "negotiating"]
    assert [said(answer, number)["started_planned_on"] for number in (2, 3)] == ["2024-Q3", "2025"]
    assert said(answer, 2)["note"] == "first"


def test_of_an_intent_nothing_is_agreed(admin_api: APIClient) -> None:
    header = ["项目名称", "协议类别", "签约时间", "总投资（亿元）", "合同外资（万美元）"]
    words = ["意向书", "合作备忘录", "框架协议", "战略合作协议", "合同"]
    rows = [[f"厂{n}号", word, "2026-03", f"约1{n}", "9"] for n, word in enumerate(words)]
    data = table(header, *rows)
    answer = applied(admin_api, data, park="town", month="2026-06")
    assert not answer["warnings"]  # the month was given
    for number in range(2, 6):
        codes = [each["code"] for each in line(answer, number)["warnings"]]
        assert sorted(codes) == ["not_written", "read_as_intent"]
    assert [each.project.name_zh for each in Funding.objects.all()] == ["厂4号"]
    claims = ProjectFigure.objects.exclude(project__code="fab")
    stages = [*claims.order_by("id").values_list("project__stage", "investment_basis")]
    assert stages == [("intended", "intended")] * 4 + [("signed", "reported")]
    again = checked(admin_api, data, park="town", month="2026-06")
    assert (again["counts"]["same"], again["doubts"]) == (5, [])


def test_what_is_no_project_is_set_aside_and_said(admin_api: APIClient) -> None:
    rows = [["乙", "5"], ["招商引资重点项目", ""], ["丙", "6"], ["省级重点产业项目", ""]]
    rows += [["重点实验室项目", ""], ["产业项目", "7"], ["（一）交通", ""]]
    rows += [
        ["合计（2个项目）", "18"],
        ["注：以上为初步统计", ""],
        ["填表人：王某", "审核人：李某"],
    ]
    answer = checked(admin_api, table(["项目名称", "总投资（亿元）"], *rows), park="town")
    skipped = {row["line"]: row.get("reason") for row in answer["rows"] if row["action"] == "skip"}
    assert skipped == {
        **{1: "header", 3: "section", 5: "section", 8: "section"},
        **{9: "total", 10: "remark", 11: "signature"},
    }
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([["项目名称", "投资方", "备注"], ["乙"], [], ["丙"]]):
            sheet.write_row(number, 0, row)
        sheet.merge_range(2, 0, 2, 2, "滨海片区")
    answer = checked(admin_api, book.getvalue(), "a.xlsx", park="town")
    assert line(answer, 3)["reason"] == "section"


# Totals among the rows 5, 6 and 7, with what each is compared with
TOTALS: list[tuple[str, list[int]]] = [
    ("5 6 7 合计", [18]),
    ("合计 5 6 7", [18]),
    ("小计 5 6 7", [18]),
    ("5 6 小计 7 小计 合计", [11, 7, 18]),
    ("合计 小计 5 6 小计 7", [18, 11, 7]),
    ("小计 5 6 小计 7 合计", [11, 7, 18]),
    ("合计 5 6 7 合计", [18, 18]),
    ("5 小计 小计 6 7", [5, 0]),
    ("5 6 7 平均", []),
    ("平均 5 6 7 共3个项目", [18]),
    ("合计", [0]),
]


@together(("texts", "sums"), TOTALS)
def test_a_total_is_compared_with_the_rows_that_it_sums(
    admin_api: APIClient, texts: str, sums: list[int]
) -> None:
    rows = [
        ["", f"厂{n}号", text] if text.isdecimal() else [text, "", "18"]
        for n, text in enumerate(texts.split())
    ]
    sheet = table(["序号", "项目名称", "总投资（亿元）"], *rows)
    checks = checked(admin_api, sheet, park="town")["checks"]
    amounts = [f"{amount}亿元" if amount else "0元" for amount in sums]
    assert [check["sum"] for check in checks] == amounts
    assert [check["agrees"] for check in checks] == [amount == 18 for amount in sums]


def test_a_server_that_is_too_busy_to_read_says_so(
    admin_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "READER", "raise SystemExit(1)")
    monkeypatch.setattr(apart, "_program", apart.ReadingProgram())
    answer = send(admin_api, table(["项目名称"], ["乙"]), park="town")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert answer.json()["type"].endswith("/problems/unavailable")
    assert not admin_api.get(f"{API}/imports").json()["results"]


@together(
    ("header", "cell", "english", "chinese"),
    [
        ("状态", "流失", "active, terminated.", "正常推进、终止。"),
        ("项目阶段", "落地", "signed, registered.", "正式签约、注册。"),
        ("流失原因", "用地指标不足", "land, utilities,", "用地或厂房、用能"),
        ("项目阶段", "停工", "a column “standing”.", "“状态”"),
        ("项目阶段", "推进中", "a column “standing”.", "“状态”"),
    ],
)
def test_a_message_names_words_in_the_language_of_the_sheet(
    admin_api: APIClient, header: str, cell: str, english: str, chinese: str
) -> None:
    data = table(["项目名称", "园区", header], ["甲", "town", cell])
    for language, shown in (("en", english), ("zh-hans", chinese)):
        admin_api.credentials(**{**admin_api._credentials, "HTTP_ACCEPT_LANGUAGE": language})
        answer = checked(admin_api, data)
        assert shown in str(line(answer, 2))


# Headings and rows of one sheet, with the stage and the basis of the amount that a row gets by them
OF_HEADINGS = [
    ("一、签约项目（2个）", "", ""),
    ("新来甲", "signed", "reported"),
    ("（一）智能制造", "", ""),
    ("新来乙", "signed", "reported"),
    ("二、拟签约项目", "", ""),
    ("（一）新能源", "", ""),
    ("新来丙", "", "intended"),
    ("三、在谈项目", "", ""),
    ("新来丁", "negotiating", "intended"),
    ("四、2099年开工项目", "", ""),
    ("新来戊", "", "reported"),
    ("五、框架协议项目", "", ""),
    ("新来己", "intended", "intended"),
    ("六、其他", "", ""),
    ("新来庚", "", "reported"),
    ("七、乙园区已开工项目", "", ""),
    ("新来辛", "started", "reported"),
]


def test_a_heading_says_the_stage_and_the_park_of_its_rows(admin_api: APIClient) -> None:
    ParkFactory.create(code="second", name_zh="乙园区")
    rows = [[name, "5" if basis else ""] for name, _stage, basis in OF_HEADINGS]
    data = table(["重点项目表", ""], ["项目名称", "总投资（亿元）"], *rows)
    answer = checked(admin_api, data, park="town")
    read = {
        (name, changes.get("stage", ""), changes["investment_basis"])
        for number, (name, *_rest) in enumerate(OF_HEADINGS, 3)
        if (changes := said(answer, number))
    }
    assert read == {each for each in OF_HEADINGS if each[2]}
    assert said(answer, len(OF_HEADINGS) + 2)["park"] == "second"


@pytest.mark.parametrize(("answer", "basis"), [("met", "reported"), ("intent", "intended")])
def test_an_answer_outweighs_the_heading_above_its_row(
    admin_api: APIClient, answer: str, basis: str
) -> None:
    rows = [["一、拟签约项目", "", ""], ["新来甲", "5", "2024-05"]]
    data = table(["项目名称", "总投资（亿元）", "签约时间"], *rows)
    assert actions(checked(admin_api, data, park="town"))[3] == "asked"
    choices = json.dumps({"3": answer})
    answered = checked(admin_api, data, park="town", choices=choices)
    assert said(answered, 3)["investment_basis"] == basis


def test_a_remark_on_all_rows_says_the_basis_of_their_amounts(admin_api: APIClient) -> None:
    for remark, basis in {
        "注：以上项目为初步意向": "intended",
        "注：本表项目均在洽谈": "intended",
        "注：第1项为初步意向": "reported",
        "注：以上部分项目为初步意向": "reported",
        "注：总投资均以亿元计；第2项为初步意向": "reported",
        "注：以上项目不含意向项目": "reported",
    }.items():
        rows = [["新来甲", "5"], ["新来乙", "6"], [remark, ""]]
        answer = checked(admin_api, table(["项目名称", "总投资（亿元）"], *rows), park="town")
        assert said(answer, 2)["investment_basis"] == basis, remark
