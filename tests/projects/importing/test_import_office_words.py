"""Words and layouts of sheets that a new reader sent: key projects, signings, talks."""

import io
from typing import Any

import pytest
import xlsxwriter
from rest_framework.test import APIClient

from projects.models import Funding, ProgressNote, Project, ProjectFigure
from sheets.reading import apart
from tests.answers import API, Row
from tests.projects.importing.imports import actions, applied, checked, faults, line, send, table
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
            sheet.write_row(at, 0, [title, *[""] * 6, "单位：万元 2026年10月25日"[:5]])
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


@together(
    ("header", "name"),
    [
        ("协议类别", "agreement_type"),
        ("项目进展", "latest_progress"),
        ("客商（投资主体）", "investors"),
        ("意向用地（亩）", "land_mu"),
        ("建设规模及主要内容", "note"),
    ],
)
def test_headers_of_offices_are_known(admin_api: APIClient, header: str, name: str) -> None:
    answer = checked(admin_api, table(["项目名称", header], ["乙", ""]), park="town")
    assert {each["column"]: each["name"] for each in answer["columns"]}[header] == name


@together("header", ["建设单位", "项目业主", "编号", "2026年度计划投资"])
def test_what_may_mean_two_things_is_refused_by_name(admin_api: APIClient, header: str) -> None:
    answer = checked(admin_api, table(["项目名称", header], ["乙", "1"]), park="town")
    assert [each["code"] for each in answer["problems"]] == ["refused_column"]
    assert "`" in answer["problems"][0]["detail"]


VAGUE = ["年内", "年底前", "近期", "明年上半年", "今年底", "下半年", "月底前", "力争年内", "尽快"]
VAGUE += ["待土地摘牌后", "视市场情况", "end of the year", "ASAP"]


@together("text, header", [("年内", "开工时间"), *((text, "计划开工时间") for text in VAGUE)])
def test_a_day_that_is_none_is_left_open_and_never_stored(
    admin_api: APIClient, text: str, header: str
) -> None:
    data = table(["项目名称", header], ["乙", text])
    answer = applied(admin_api, data, park="town")
    assert [each["code"] for each in line(answer, 2)["warnings"]] == ["left_open"]
    assert not Project.objects.get(name_zh="乙").milestones.exists()
    assert checked(admin_api, data, park="town")["counts"]["same"] == 1


@together("text", ["3月", "12月底前", "今年3月", "明年3月15日", "待2027年", "某日"])
def test_a_day_that_lacks_only_its_year_is_an_error(admin_api: APIClient, text: str) -> None:
    answer = checked(admin_api, table(["项目名称", "计划开工时间"], ["乙", text]), park="town")
    assert faults(answer) == {(2, "started_planned_on"): "not_a_date"}


@together(
    ("text", "day"),
    [("计划2026年四季度", "2026-Q4"), ("预计于2026年12月", "2026-12"), ("力争2027年", "2027")],
)
def test_a_cell_that_says_it_is_planned_is_a_planned_day_and_no_other(
    admin_api: APIClient, text: str, day: str
) -> None:
    data = table(["项目名称", "计划开工时间"], ["乙", text])
    assert said(checked(admin_api, data, park="town"), 2)["started_planned_on"] == day
    answer = checked(admin_api, table(["项目名称", "开工时间"], ["乙", text]), park="town")
    assert faults(answer) == {(2, "started_on"): "not_a_date"}
    assert "is planned" in line(answer, 2)["errors"][0]["detail"]


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


def test_a_kind_that_says_how_far_it_is_stores_nothing(admin_api: APIClient) -> None:
    rows = [["乙", "续建"], ["丙", "储备"], ["丁", "改建"]]
    answer = applied(admin_api, table(["项目名称", "建设性质"], *rows), park="town")
    codes = [[w["code"] for w in line(answer, n).get("warnings", ())] for n in (2, 3, 4)]
    assert codes == [["not_a_kind"], ["not_a_kind"], []]
    kinds = dict(Project.objects.values_list("name_zh", "kind"))
    assert (kinds["乙"], kinds["丙"], kinds["丁"]) == ("", "", "upgrade")
    wrong = checked(admin_api, table(["项目名称", "建设性质"], ["乙", "别的"]), park="town")
    assert faults(wrong) == {(2, "kind"): "unknown_value"}


@together(
    "title",
    ["截止日期：2026年6月30日", "截至日期:2026.6.30", "2026年6月30日", "统计时间：2026年6月30日"]
    + ["截至2026年6月30日", "截止到2026年6月30日"],
)
def test_the_day_of_a_sheet_is_found(admin_api: APIClient, title: str) -> None:
    header = ["项目名称", "项目进展", "累计完成投资（万元）"]
    applied(admin_api, table([title], header, ["乙", "正在办理环评", "120"]), park="town")
    project = Project.objects.get(name_zh="乙")
    assert str(ProgressNote.objects.get().noted_on) == "2026-06-30"
    flow = Funding.objects.get()
    assert (flow.kind, str(flow.month), flow.amount_cny) == ("completed", "2026-06-01", 1_200_000)
    assert project.investment_cny is None


def test_completed_investment_is_never_the_headline(admin_api: APIClient) -> None:
    header = ["项目名称", "总投资（万元）", "已完成投资（万元）"]
    data = table(header, ["乙", "5000", "4800"])
    answer = checked(admin_api, data, park="town")
    assert [each["code"] for each in answer["warnings"]] == ["not_written"]
    applied(admin_api, data, park="town", month="2026-10")
    assert Project.objects.get(name_zh="乙").investment_cny == 50_000_000
    assert Funding.objects.get().kind == "completed"
    again = checked(admin_api, data, park="town", month="2026-10")
    assert again["counts"]["same"] == 1
    less = table(header, ["乙", "5000", "4000"])
    row = line(checked(admin_api, less, park="town", month="2026-11"), 2)
    assert [each["code"] for each in row["warnings"]] == ["falls"]


@together("word", ["意向书", "合作备忘录", "框架协议", "战略合作协议"])
def test_of_an_intent_nothing_is_agreed(admin_api: APIClient, word: str) -> None:
    header = ["项目名称", "协议类别", "签约时间", "总投资（亿元）", "合同外资（万美元）"]
    rows = [["乙", word, "2026-03", "约10", "5000"], ["丙", "合同", "2026-03", "2", "9"]]
    data = table(header, *rows)
    answer = applied(admin_api, data, park="town", month="2026-06")
    codes = [each["code"] for each in line(answer, 2)["warnings"]]
    assert sorted(codes) == ["not_written", "read_as_intent"]
    assert not answer["warnings"]  # the month was given
    assert [each.project.name_zh for each in Funding.objects.all()] == ["丙"]
    bases = dict(ProjectFigure.objects.values_list("project__name_zh", "investment_basis"))
    assert (bases["乙"], bases["丙"]) == ("intended", "reported")
    assert Project.objects.get(name_zh="乙").stage == "intended"
    again = checked(admin_api, data, park="town", month="2026-06")
    assert (again["counts"]["same"], again["doubts"]) == (2, [])


def test_a_lone_title_between_rows_is_no_project(admin_api: APIClient) -> None:
    rows = [["乙", "5"], ["招商引资重点项目", ""], ["丙", "6"], ["省级重点产业项目", ""]]
    rows += [["重点实验室项目", ""], ["产业项目", "7"]]
    answer = checked(admin_api, table(["项目名称", "总投资（亿元）"], *rows), park="town")
    skipped = {row["line"]: row.get("reason") for row in answer["rows"] if row["action"] == "skip"}
    assert skipped == {1: "header", 3: "section", 5: "section"}
    book = io.BytesIO()
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([["项目名称", "投资方", "备注"], ["乙"], [], ["丙"]]):
            sheet.write_row(number, 0, row)
        sheet.merge_range(2, 0, 2, 2, "滨海片区")
    answer = checked(admin_api, book.getvalue(), "a.xlsx", park="town")
    assert line(answer, 3)["reason"] == "section"


def test_a_server_that_is_too_busy_to_read_says_so(
    admin_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "READER", "raise SystemExit(1)")
    monkeypatch.setattr(apart, "_program", apart.ReadingProgram())
    answer = send(admin_api, table(["项目名称"], ["乙"]), park="town")
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert answer.json()["type"].endswith("/problems/unavailable")
    assert not admin_api.get(f"{API}/imports").json()["results"]
