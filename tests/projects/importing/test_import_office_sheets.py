"""Sheets as offices keep them: what they say is read where it stands, or asked for by name."""

import io
from datetime import date

import openpyxl
import pytest
import xlsxwriter
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Project, ProjectFigure
from tests.answers import API, problem
from tests.factories import ParkFactory
from tests.projects.importing.imports import actions, applied, checked, faults, line, send, table
from tests.together import taken_back, together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]


# A name with a park behind it; the name and the park that are read
PARKS_IN_BRACKETS = {
    "甲厂（科技城）": ("甲厂", "town"),
    "乙厂(town)": ("乙厂", "town"),
    "丙厂（一期）（科技城）": ("丙厂（一期）", "town"),
    "丁厂（二期）": ("丁厂（二期）", "harbour"),
    "戊厂": ("戊厂", "harbour"),
    "（科技城）": ("（科技城）", "harbour"),
}


def test_the_park_behind_a_name_is_read_if_it_is_asked_for(admin_api: APIClient) -> None:
    ParkFactory.create(code="harbour", name_zh="港区")
    rows = [[cell, ""] for cell in [*PARKS_IN_BRACKETS, "己厂（科技诚）"]]
    sheet = table(["项目名称（园区）", "总投资（万元）"], *rows)
    answer = applied(admin_api, sheet, park="harbour", on_error="skip")
    assert faults(answer) == {(8, "park"): "unknown_value"}
    stored = Project.objects.order_by("id").values_list("name_zh", "park__code")
    assert [*stored] == [*PARKS_IN_BRACKETS.values()]
    assert checked(admin_api, sheet, park="harbour")["counts"]["same"] == 6
    other = table(["项目名称", "总投资（万元）"], ["庚厂（科技城）", ""])
    applied(admin_api, other, park="harbour")
    assert Project.objects.latest("id").name_zh == "庚厂（科技城）"


def test_a_record_of_several_rows_is_one_project(admin_api: APIClient) -> None:
    header = ["序号", "项目名称", "投资方", "总投资（万元）", "备注"]
    rows = [
        ["1", "晶圆厂", "甲公司", "2800", "一期"],
        ["", "", "乙公司", "", ""],
        ["", "", "丙公司", "", "二期待建"],
        ["2", "电池厂", "丁公司", "900", ""],
    ]
    answer = applied(admin_api, table(header, *rows), park="town")
    assert [line(answer, number).get("reason") for number in (3, 4)] == ["continued"] * 2
    fab = Project.objects.get(name_zh="晶圆厂")
    assert fab.investors.count() == 3
    assert fab.note == "一期\n二期待建"
    assert checked(admin_api, table(header, *rows), park="town")["counts"]["same"] == 2
    wrong = table(header, *rows[:1], ["", "", "乙公司", "500", ""])
    assert faults(checked(admin_api, wrong, park="town"))[3, "name"] == "required"


def test_a_merged_name_makes_one_project_of_its_rows(admin_api: APIClient) -> None:
    def build(amount: str) -> bytes:
        file = io.BytesIO()
        with xlsxwriter.Workbook(file) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["项目名称", "投资方", "总投资（万元）"])
            sheet.merge_range(1, 0, 2, 0, "晶圆厂")
            sheet.write_row(1, 1, ["甲公司", "2800"])
            sheet.write_row(2, 1, ["乙公司", amount])
        return file.getvalue()

    for amount in ("", "2800"):
        with taken_back():
            applied(admin_api, build(amount), "a.xlsx", park="town")
            assert Project.objects.get().investors.count() == 2
    answer = checked(admin_api, build("900"), "a.xlsx", park="town")
    assert answer["counts"]["asked"] == 1


SEVERAL = table(
    ["招商项目汇总表"],
    ["一、科技城签约项目（单位：亿元）"],
    ["序号", "项目名称", "总投资", "签约时间"],
    ["1", "晶圆厂", "2.8", "2024-03"],
    ["合计", "", "2.8", ""],
    ["二、在谈项目（单位：万元）"],
    ["序号", "项目名称", "投资方", "总投资"],
    ["1", "电池厂", "甲公司", "900"],
    ["", "", "乙公司", ""],
    ["三、港区开工项目"],
    ["序号", "项目名称", "总投资（万美元）", "开工时间", "备注"],
    ["1", "光伏厂", "300", "2024-05", ""],
    ["2", "风电厂", "约200", "", "二期"],
)


def test_each_table_of_a_sheet_is_read_by_its_own_header_unit_and_title(
    admin_api: APIClient,
) -> None:
    ParkFactory.create(code="harbour", name_zh="港区")
    answer = applied(admin_api, SEVERAL, park="town")
    reasons = {row["line"]: row["reason"] for row in answer["rows"] if row["action"] == "skip"}
    assert reasons == {
        **{1: "title", 2: "title", 3: "header", 5: "total", 6: "title", 7: "header"},
        **{9: "continued", 10: "title", 11: "header"},
    }
    found = {p.name_zh: (p.park.code, p.stage, p.investment_cny) for p in Project.objects.all()}
    assert found == {
        "晶圆厂": ("town", "signed", 280_000_000),
        "电池厂": ("town", "negotiating", 9_000_000),
        "光伏厂": ("harbour", "started", None),
        "风电厂": ("harbour", "started", None),
    }
    claims = ProjectFigure.objects.filter(currency="USD").order_by("value")
    assert [(c.value, c.qualifier) for c in claims] == [(2_000_000, "about"), (3_000_000, "exact")]
    assert Project.objects.get(name_zh="电池厂").investors.count() == 2
    assert checked(admin_api, SEVERAL, park="town")["counts"]["same"] == 4


def test_a_project_that_has_gone_on_is_not_put_back_by_a_title(admin_api: APIClient) -> None:
    header = ["项目名称", "总投资（万元）"]
    lists = [["在谈项目"], header, ["甲", "1000"], ["开工项目"], header, ["乙", "1000"]]
    applied(admin_api, table(*lists), park="town", confirm="duplicates")
    moved = [["在谈项目"], header, ["乙", "1000"], ["开工项目"], header, ["甲", "1000"]]
    answer = applied(admin_api, table(*moved), park="town")
    assert (answer["counts"]["same"], answer["counts"]["update"]) == (1, 1)
    assert {*Project.objects.values_list("stage", flat=True)} == {"started"}


# Titles of tables, and the stage that they fill in
STAGES_OF_TITLES = {
    "2026年开工项目": "started",
    "开工项目（2026年12月）": "started",
    "2026年度签约项目": "signed",
    "竣工项目（2025年底）": "completed",
    "2026年在谈项目": "negotiating",
    "2027年在谈项目": "negotiating",
    "在谈项目（2027年）": "negotiating",
    "2027年开工项目": None,
    "2027年度开工项目": None,
    "2027年1月开工项目": None,
    "开工项目（2027年）": None,
    "开工项目（2027）": None,
    "开工项目（2027-01）": None,
    "签约项目（2026年、2027年）": None,
    "2027年签约项目": None,
    "签约项目备选": None,
    "签约项目（明年签约）": None,
    "签约项目（力争年内完成）": None,
    "签约项目（洽谈中）": None,
    "签约项目（投资洽谈会）": "signed",
}


def test_a_title_of_a_period_to_come_fills_in_no_step(
    admin_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda: date(2026, 12, 2))
    rows = [
        row
        for n, title in enumerate(STAGES_OF_TITLES)
        for row in ([f"{title}清单"], NAME_AND_AMOUNT, [f"厂{n}号", str(1000 + n)])
    ]
    answer = checked(admin_api, table(*rows), park="town")
    created = [row["changes"] for row in answer["rows"] if row["action"] == "create"]
    stages = [changes.get("stage", [None, None])[1] for changes in created]
    assert dict(zip(STAGES_OF_TITLES, stages, strict=True)) == STAGES_OF_TITLES


NAME_AND_AMOUNT = ["项目名称", "总投资（万元）"]
# Rows below a table; the codes of its problems, and the lines that are titles
BLOCKS = [
    ([["续表"], NAME_AND_AMOUNT, ["乙", "2000"]], [], {}),
    ([["会议安排表"], ["会议名称", "地点"], ["大会", "北京"]], ["table_not_read"], {}),
    ([["（单位：亿元）"], ["乙", "2000"]], ["table_not_read"], {}),
    ([["单位：万元"], ["填表人：王某", "审核人：李某"]], [], {}),
    ([["附表"], ["丙厂", "2000"], ["丁厂", "3000"]], [], {}),
    ([["二、开工项目"], ["项目名称", "总投资"], ["乙", "2000"]], ["unit_missing"], {}),
    ([["签约项目"], ["项目名称", "意向投资额（万元）"], ["乙", "2000"]], ["table_not_read"], {}),
    ([["签约项目"], ["项目名称", "干部"], ["乙", "王某"]], ["unknown_column"], {}),
    ([["丙续建厂房"], NAME_AND_AMOUNT, ["乙", "2000"]], [], {3: "create"}),
    ([["丙厂"], ["签约项目"], NAME_AND_AMOUNT, ["乙", "2000"]], [], {3: "create"}),
]


@together(("rows", "codes", "kept"), BLOCKS)
def test_a_table_that_cannot_be_read_is_refused_by_name(
    admin_api: APIClient, rows: list[list[str]], codes: list[str], kept: dict[int, str]
) -> None:
    sheet = table(NAME_AND_AMOUNT, ["甲", "1000"], *rows)
    answer = checked(admin_api, sheet, park="town", on_error="skip")
    assert [each["code"] for each in answer["problems"]] == codes
    assert kept.items() <= actions(answer).items()
    if not codes:
        named = [row for row in rows if row[1:] == ["2000"]]
        assert answer["counts"]["create"] >= 1 + len(named) + len(kept)


def test_tables_of_different_days_are_not_mixed(admin_api: APIClient) -> None:
    header = ["项目名称", "到位资金（万元）"]
    sheet = table(
        *(["签约项目（截至2024年5月）"], header, ["甲", "1"]),
        *(["开工项目（截至2024年6月）"], header, ["乙", "2"]),
    )
    assert problem(send(admin_api, sheet, park="town"))["errors"][0]["code"] == "several_days"
    assert checked(admin_api, sheet, park="town", month="2024-06")["counts"]["create"] == 2


def test_files_of_failures_keep_units_and_places_of_later_tables(admin_api: APIClient) -> None:
    sheet = table(
        *(["在谈项目（单位：亿元）"], ["项目名称", "总投资"], ["甲", "2"]),
        *(["签约项目（单位：万元）"], ["项目名称", "签约时间", "总投资"]),
        ["乙", "2024.13.1", "900"],
    )
    answer = checked(admin_api, sheet, park="town")
    address = f"{API}/imports/{answer['code']}"
    failures = admin_api.get(f"{address}/errors.csv").getvalue().decode("utf-8-sig")
    assert failures.splitlines()[1].startswith("乙,900万元,2024.13.1,6,")
    marked = admin_api.get(f"{address}/sheet.xlsx").getvalue()
    page = openpyxl.load_workbook(io.BytesIO(marked)).worksheets[0]
    assert page["B6"].fill.fgColor.rgb.endswith("F8CBAD")
    again = checked(admin_api, marked, "a.xlsx", park="town")
    assert (again["problems"], faults(again)) == ([], faults(answer))
