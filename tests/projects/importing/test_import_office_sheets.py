"""Sheets as offices keep them: what they say is read where it stands, or asked for by name."""

import io
from datetime import datetime

import pytest
import xlsxwriter
from django.utils import timezone
from rest_framework.test import APIClient

from config.currency_names import CURRENCY_NAMES
from config.imports import CellFault
from projects.importing.cells.cells import read_met_date
from projects.models import Funding, ProgressNote, Project, ProjectFigure
from tests.factories import ParkFactory, RegionFactory
from tests.projects.importing.imports import applied, checked, faults, line, table
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import taken_back, together

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("vocabularies", "investment_indicator", "town", "countries"),
]


@kept_rows
def countries(vocabularies: None) -> None:
    for code, name_zh, name_en in [("KR", "韩国", "South Korea"), ("JP", "日本", "Japan")]:
        RegionFactory.create(code=code, name_zh=name_zh, name_en=name_en, level="country")


def test_a_title_with_unit_and_day_gives_both(admin_api: APIClient) -> None:
    title = "重点项目表（金额单位：万元，截至2026年10月31日）"
    header = ["项目名称", "总投资", "到位资金", "最新进展"]
    applied(admin_api, table([title], header, ["晶圆厂", "2800", "120", "封顶"]), park="town")
    assert Project.objects.get().investment_cny == 28_000_000
    assert str(Funding.objects.get().month) == "2026-10-01"
    assert str(ProgressNote.objects.get().noted_on) == "2026-10-31"


# A header; a name under it; the name, the park, and what is wrong with that
PARKS_IN_BRACKETS = [
    ("项目名称（园区）", "晶圆厂（科技城）", "晶圆厂", "town", None),
    ("项目名称（园区）", "晶圆厂(town)", "晶圆厂", "town", None),
    ("项目名称（园区）", "晶圆厂（一期）（科技城）", "晶圆厂（一期）", "town", None),
    ("项目名称（园区）", "晶圆厂（二期）", "晶圆厂（二期）", "harbour", None),
    ("项目名称（园区）", "晶圆厂", "晶圆厂", "harbour", None),
    ("项目名称（园区）", "（科技城）", "（科技城）", "harbour", None),
    ("项目名称（园区）", "晶圆厂（科技诚）", "", "", {(2, "park"): "unknown_value"}),
    ("项目名称", "晶圆厂（科技城）", "晶圆厂（科技城）", "harbour", None),
]


@together(("header", "cell", "name", "park", "wrong"), PARKS_IN_BRACKETS)
def test_the_park_behind_a_name_is_read_if_it_is_asked_for(
    admin_api: APIClient, header: str, cell: str, name: str, park: str, wrong: object
) -> None:
    ParkFactory.create(code="harbour", name_zh="港区")
    sheet = table([header, "总投资（万元）"], [cell, "2800"])
    if wrong:
        assert faults(checked(admin_api, sheet, park="harbour")) == wrong
        return
    applied(admin_api, sheet, park="harbour")
    project = Project.objects.get()
    assert (project.name_zh, project.park.code) == (name, park)
    answer = checked(admin_api, sheet, park="harbour")
    assert answer["counts"]["same"] == 1


def test_a_mapping_asks_for_the_park_behind_a_name(admin_api: APIClient) -> None:
    sheet = table(["项目", "总投资（万元）"], ["晶圆厂（科技城）", "2800"])
    applied(admin_api, sheet, map="项目:name_and_park")
    assert Project.objects.get().name_zh == "晶圆厂"
    twice = table(["项目", "园区"], ["晶圆厂（科技城）", "科技城"])
    answer = checked(admin_api, twice, map="项目:name_and_park")
    assert [each["code"] for each in answer["problems"]] == ["repeated_column"]


# A header and a cell; what is stored by it, and the code of the warning
READ_WITH_A_WARNING = [
    ("计划开工时间", "2027年上半年", "started_planned_on", "2027", "half_year"),
    ("计划开工时间", "H1 2027", "started_planned_on", "2027", "half_year"),
    ("计划开工时间", "2027年下半年", "started_planned_on", "2027", "half_year"),
    ("开工时间", "2024年下半年", "started_on", "2024", "half_year"),
    ("开工时间", "second half of 2024", "started_on", "2024", "half_year"),
    ("开工时间", "待定", "started_on", None, "left_open"),
    ("计划开工时间", "TBD", "started_planned_on", None, "left_open"),
    ("总投资（万元）", "未定", "investment_cny", None, "left_open"),
    ("总投资（万元）", "to be determined", "investment_cny", None, "left_open"),
    ("项目阶段", "待定", "stage", None, "left_open"),
    ("来源地", "TBC", "origin", None, "left_open"),
    ("来源地", "韩国首尔", "origin", "KR", "wider_region"),
    ("来源地", "韩国·首尔", "origin", "KR", "wider_region"),
    ("来源地", "美国加州", "origin", "US", "wider_region"),
    ("来源地", "San Francisco, USA", "origin", "US", "wider_region"),
    ("来源地", "河北雄安", "origin", "130600", "wider_region"),
    ("来源地", "雄安新区", "origin", "130600", "wider_region"),
    ("来源地", "韩国", "origin", "KR", None),
    ("来源地", "京", "origin", "110000", None),
    ("来源地", "沪", "origin", "310000", None),
    ("来源地", "粤", "origin", "440000", None),
]
REFUSED = [
    ("开工时间", "2099年上半年", "in_the_future"),
    ("来源地", "美国/日本", "unknown_value"),
    ("来源地", "美国和日本", "unknown_value"),
    ("来源地", "新加坡工业园", "unknown_value"),
    ("来源地", "长三角", "several_regions"),
    ("来源地", "首尔", "unknown_value"),
]


@together(("header", "cell", "name", "value", "code"), READ_WITH_A_WARNING)
def test_what_was_refused_or_dropped_is_read_and_said(
    admin_api: APIClient, header: str, cell: str, name: str, value: str | None, code: str | None
) -> None:
    sheet = table(["项目名称", header], ["晶圆厂", cell])
    answer = applied(admin_api, sheet, park="town")
    assert [each["code"] for each in line(answer, 2).get("warnings", ())] == [code] * bool(code)
    if code:
        assert cell in line(answer, 2)["warnings"][0]["detail"]
    assert line(answer, 2)["changes"].get(name, ["", None])[1] == value
    assert checked(admin_api, sheet, park="town")["counts"]["same"] == 1
    if header == "来源地" and value:
        assert Project.objects.get().origin_text == cell


@together(("header", "cell", "code"), REFUSED)
def test_what_may_mean_several_things_is_still_refused(
    admin_api: APIClient, header: str, cell: str, code: str
) -> None:
    sheet = table(["项目名称", header], ["晶圆厂", cell])
    assert [*faults(checked(admin_api, sheet, park="town")).values()] == [code]


@together(
    ("now", "text", "code"),
    [
        ("2026-06-30", "2026年下半年", "in_the_future"),
        ("2026-07-01", "2026年下半年", "half_year"),
        ("2026-01-01", "2026年上半年", "half_year"),
        ("2025-12-31", "2026年上半年", "in_the_future"),
    ],
)
def test_half_a_year_that_has_not_begun_is_no_fact(
    monkeypatch: pytest.MonkeyPatch, now: str, text: str, code: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime.fromisoformat(f"{now}T12:00+08:00"))
    with pytest.raises(CellFault) as found:
        read_met_date(text)
    assert found.value.code == code


def test_a_park_that_is_left_open_is_asked_for(admin_api: APIClient) -> None:
    sheet = table(["项目名称", "园区"], ["晶圆厂", "待定"], ["电池厂", "-"])
    for given in ({}, {"park": "town"}):
        answer = checked(admin_api, sheet, **given)
        assert faults(answer)[2, "park"] == "required"


def test_a_registration_goes_with_an_approval_in_any_order(admin_api: APIClient) -> None:
    header = ["项目名称", "项目阶段", "注册时间", "备案时间"]
    rows = [["甲", "已注册", "", "2024-03"], ["乙", "", "2024-05", "2024-03"]]
    sheet = table(header, *rows, ["丙", "已注册", "2024-05", "2024-03"])
    applied(admin_api, sheet, park="town")
    assert {*Project.objects.values_list("stage", flat=True)} == {"approved"}
    assert checked(admin_api, sheet, park="town")["counts"]["same"] == 3
    too_early = table(["项目名称", "签约时间", "备案时间"], ["丁", "2024-05", "2024-03"])
    assert faults(checked(admin_api, too_early, park="town"))


def test_an_unknown_agreement_needs_no_signing(admin_api: APIClient) -> None:
    sheet = table(["项目名称", "agreement_type"], ["甲", "unknown"])
    applied(admin_api, sheet, park="town")
    assert Project.objects.get().agreement_type == ""
    assert checked(admin_api, sheet, park="town")["counts"]["same"] == 1
    wrong = table(["项目名称", "agreement_type"], ["乙", "contract"])
    assert faults(checked(admin_api, wrong, park="town"))


@together("code", sample([code for code in CURRENCY_NAMES if code != "CNY"], 20))
def test_every_currency_of_iso_4217_is_read(admin_api: APIClient, code: str) -> None:
    header = ["项目名称", "总投资（万元）", "币种"]
    rows = [
        ["甲", "2800", code],
        ["乙", "28", CURRENCY_NAMES[code][0]],
        ["丙", f"{code} 5 million", ""],
    ]
    name = CURRENCY_NAMES[code][0]
    if "（" in name:  # of other years
        del rows[1]
    applied(admin_api, table(header, *rows), park="town")
    found = ProjectFigure.objects.order_by("project__name_zh").values_list("currency", "value")
    wanted = {"甲": 28_000_000, "乙": 280_000, "丙": 5_000_000}
    assert {*found} == {(code, wanted[row[0]]) for row in rows}


def test_line_breaks_within_headers_and_names_are_none(admin_api: APIClient) -> None:
    header = ["项目\n名称", "总投资\n（万元）", "投资方\n名称", "开工\n时间"]
    company = "天津甲科技发\n展有限公司"
    row = ["天津晶圆\n制造厂", "2800", company, "2024-03"]
    applied(admin_api, table(header, row), park="town")
    project = Project.objects.get()
    assert project.name_zh == "天津晶圆制造厂"
    assert [each.organisation.name_zh for each in project.investors.all()] == [
        "天津甲科技发展有限公司"
    ]
    assert checked(admin_api, table(header, row), park="town")["counts"]["same"] == 1


@together(
    ("cell", "names"),
    [
        ("天津甲\n有限公司", ["天津甲有限公司"]),
        ("天津甲股份有限\n公司", ["天津甲股份有限公司"]),
        ("天津甲股份有限公\n司", ["天津甲股份有限公司"]),
        ("天津甲合伙企业\n（有限合伙）", ["天津甲合伙企业（有限合伙）"]),
        ("ABC Semiconductor\nCo., Ltd.", ["ABC Semiconductor Co., Ltd."]),
        ("ABC Semiconductor Co.,\nLtd.", ["ABC Semiconductor Co., Ltd."]),
        ("天津甲有限公司\n乙集团", ["天津甲有限公司", "乙集团"]),
        ("中芯国际\n甲公司", ["中芯国际", "甲公司"]),
        ("中芯国际\n华虹集团", ["中芯国际", "华虹集团"]),
    ],
)
def test_a_wrapped_name_is_one_organisation(
    admin_api: APIClient, cell: str, names: list[str]
) -> None:
    applied(admin_api, table(["项目名称", "投资方"], ["晶圆厂", cell]), park="town")
    found = (
        Project.objects.get()
        .investors.order_by("pk")
        .values_list("organisation__name_zh", "organisation__name_en")
    )
    assert [zh or en for zh, en in found] == names


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
