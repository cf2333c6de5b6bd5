"""Sheets as offices keep them: what they say is read where it stands, or asked for by name."""

import io
from datetime import datetime

import openpyxl
import pytest
import xlsxwriter
from django.utils import timezone
from rest_framework.test import APIClient

from config.mistakes import Mistake
from projects.importing.cells.cells import read_met_date
from projects.models import Project, ProjectFigure
from tests.answers import API, problem
from tests.factories import ParkFactory, RegionFactory
from tests.projects.importing.imports import applied, checked, faults, line, send, table
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
    ("计划开工时间", "H1 2027", "started_planned_on", "2027", "half_year"),
    ("计划开工时间", "2027年下半年", "started_planned_on", "2027", "half_year"),
    ("开工时间", "2024年下半年", "started_on", "2024", "half_year"),
    ("开工时间", "second half of 2024", "started_on", "2024", "half_year"),
    ("开工时间", "待定", "started_on", None, "left_open"),
    ("计划开工时间", "TBD", "started_planned_on", None, "left_open"),
    ("总投资（万元）", "未定", "investment_cny", None, "left_open"),
    ("项目阶段", "待定", "stage", None, "left_open"),
    ("来源地", "TBC", "origin", None, "left_open"),
    ("来源地", "韩国首尔", "origin", "KR", "wider_region"),
    ("来源地", "韩国·首尔", "origin", "KR", "wider_region"),
    ("来源地", "San Francisco, USA", "origin", "US", "wider_region"),
    ("来源地", "雄安新区", "origin", "130600", "wider_region"),
    ("来源地", "韩国", "origin", "KR", None),
    ("来源地", "京", "origin", "110000", None),
]
REFUSED = [
    ("来源地", "美国/日本", "unknown_value"),
    ("来源地", "美国和日本", "unknown_value"),
    ("来源地", "新加坡工业园", "unknown_value"),
    ("来源地", "长三角", "several_regions"),
    ("来源地", "首尔", "unknown_value"),
]


@together(("header", "cell", "name", "value", "code"), sample(READ_WITH_A_WARNING, 2))
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
    with pytest.raises(Mistake) as found:
        read_met_date(text)
    assert found.value.code == code


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
    header = ["项目名称", "签约时间", "agreement_type"]
    signed = table(header, ["乙", "2024-05", "unknown"])
    applied(admin_api, signed, park="town")
    assert checked(admin_api, signed, park="town")["counts"]["same"] == 1
    applied(admin_api, table(header, ["乙", "", "contract"]), park="town")
    applied(admin_api, signed, park="town")
    assert Project.objects.get(name_zh="乙").agreement_type == ""
    assert checked(admin_api, signed, park="town")["counts"]["same"] == 1
    wrong = table(["项目名称", "agreement_type"], ["丙", "contract"])
    assert faults(checked(admin_api, wrong, park="town"))


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


@together(
    ("title", "stage"),
    [
        ("签约项目", "signed"),
        ("（二）2024年签约项目清单（单位：万元）", "signed"),
        ("意向签约项目", "intended"),
        ("签约项目（意向）", "lead"),
        ("拟签约项目", "lead"),
        ("计划开工项目", "lead"),
        ("竣工项目", "completed"),
        ("会议表", "lead"),
    ],
)
def test_the_title_of_a_table_gives_no_step_that_it_hedges(
    admin_api: APIClient, title: str, stage: str
) -> None:
    header = ["项目名称", "总投资（万元）"]
    sheet = table(["在谈项目"], header, ["甲", "1000"], [title], header, ["乙", "2000"])
    applied(admin_api, sheet, park="town")
    assert (Project.objects.get(name_zh="乙").stage or "lead") == stage


NAME_AND_AMOUNT = ["项目名称", "总投资（万元）"]
# Rows below a table; the codes of its problems, and the lines that are titles
BLOCKS = [
    ([["续表"], NAME_AND_AMOUNT, ["乙", "2000"]], [], {}),
    ([NAME_AND_AMOUNT, ["乙", "2000"]], [], {}),
    ([["重点项目表（续）"], NAME_AND_AMOUNT, ["乙", "2000"]], [], {}),
    ([["会议安排表"], ["会议名称", "地点"], ["大会", "北京"]], ["table_not_read"], {}),
    ([["竣工项目（单位：万元）"], ["企业", "规模"], ["乙", "2000"]], ["table_not_read"], {}),
    ([["（单位：亿元）"], ["乙", "2000"]], ["table_not_read"], {}),
    ([["单位：万元"], ["填表人：王某", "审核人：李某"]], [], {}),
    ([["注：详见附表"], ["填表人：王某", "审核人：李某"]], [], {}),
    ([["附表"], ["丙厂", "2000"], ["丁厂", "3000"]], [], {}),
    ([["二、开工项目"], ["项目名称", "总投资"], ["乙", "2000"]], ["unit_missing"], {}),
    ([["签约项目"], ["项目名称", "意向投资额（万元）"], ["乙", "2000"]], ["table_not_read"], {}),
    ([["签约项目"], ["项目名称", "干部"], ["乙", "王某"]], ["unknown_column"], {}),
    ([["仪表厂"], NAME_AND_AMOUNT, ["乙", "2000"]], [], {3: "create"}),
    ([["丙续建厂房"], NAME_AND_AMOUNT, ["乙", "2000"]], [], {3: "create"}),
    ([["丙厂"], ["签约项目"], NAME_AND_AMOUNT, ["乙", "2000"]], [], {3: "create"}),
]


@together(("rows", "codes", "kept"), BLOCKS)
def test_a_table_that_cannot_be_read_is_refused_by_name(
    admin_api: APIClient, rows: list[list[str]], codes: list[str], kept: dict[int, str]
) -> None:
    sheet = table(NAME_AND_AMOUNT, ["甲", "1000"], *rows)
    for on_error in ("abort", "skip"):
        answer = checked(admin_api, sheet, park="town", on_error=on_error)
        assert [each["code"] for each in answer["problems"]] == codes
        told = {row["line"]: row["action"] for row in answer["rows"]}
        assert kept.items() <= told.items()
    if not codes:
        named = [row for row in rows if row[1:] == ["2000"]]
        assert answer["counts"]["create"] >= 1 + len(named) + len(kept)


# Rows above a table; the names of those that are refused
ABOVE = [
    ([["在谈项目"], ["企业", "规模"], ["乙", "2000"], ["丙", "900"]], ["在谈项目"]),
    ([["企业", "规模"], ["乙", "2000"]], ["企业"]),
    ([["重点项目表"], ["填报单位：发改局", "2024"]], []),
    ([["重点项目表"], ["2024", "年"], ["第", "1", "页"]], []),
    ([["个数", "总额"], ["15", "300"]], []),
    ([["乙", "2000"]], ["乙"]),
    ([["重点项目表"], ["乙", "2000"]], ["乙"]),
    ([["1", "乙", "2000"], ["2", "丙", "900"]], ["1"]),
    ([["会议名称", "地点"], ["大会", "北京"]], ["会议名称"]),
    ([["基本情况", "", "投资情况"]], []),
    ([["Project name", "Investment"]], []),
    ([["附件1", "秘密"]], []),
]


@together(("rows", "named"), ABOVE)
def test_a_table_above_the_first_that_is_read_is_refused_by_name(
    admin_api: APIClient, rows: list[list[str]], named: list[str]
) -> None:
    sheet = table(*rows, [""], NAME_AND_AMOUNT, ["甲", "1000"])
    answer = checked(admin_api, sheet, park="town", on_error="skip")
    assert [each["column"] for each in answer["problems"]] == named
    assert {each["code"] for each in answer["problems"]} <= {"table_not_read"}


def test_tables_of_different_days_are_not_mixed(admin_api: APIClient) -> None:
    header = ["项目名称", "到位资金（万元）"]
    sheet = table(
        ["签约项目（截至2024年5月）"],
        header,
        ["甲", "1"],
        ["开工项目（截至2024年6月）"],
        header,
        ["乙", "2"],
    )
    assert problem(send(admin_api, sheet, park="town"))["errors"][0]["code"] == "several_days"
    assert checked(admin_api, sheet, park="town", month="2024-06")["counts"]["create"] == 2


def test_files_of_failures_keep_units_and_places_of_later_tables(admin_api: APIClient) -> None:
    sheet = table(
        *(["在谈项目（单位：亿元）"], ["项目名称", "总投资"], ["甲", "2"]),
        *(
            ["签约项目（单位：万元）"],
            ["项目名称", "签约时间", "总投资"],
            ["乙", "2024.13.1", "900"],
        ),
    )
    answer = checked(admin_api, sheet, park="town")
    address = f"{API}/imports/{answer['code']}"
    failures = b"".join(admin_api.get(f"{address}/errors.csv").streaming_content).decode(
        "utf-8-sig"
    )
    assert failures.splitlines()[1].startswith("乙,900万元,2024.13.1,6,")
    marked = b"".join(admin_api.get(f"{address}/sheet.xlsx").streaming_content)
    page = openpyxl.load_workbook(io.BytesIO(marked)).worksheets[0]
    assert page["B6"].fill.fgColor.rgb.endswith("F8CBAD")
    again = checked(admin_api, marked, "a.xlsx", park="town")
    assert (again["problems"], faults(again)) == ([], faults(answer))


def test_a_header_of_two_merged_rows_comes_again_after_a_page_break(admin_api: APIClient) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as book:
        page = book.add_worksheet()
        for first, name in ((1, "晶圆厂"), (5, "电池厂")):
            page.write(first - 1, 0, "续表" if first > 1 else "重点项目表")
            for place, text in ((0, "序号"), (1, "项目\n名称"), (4, "签约时间")):
                page.merge_range(first, place, first + 1, place, text)
            page.merge_range(first, 2, first, 3, "投资情况（万元）")
            page.write_row(first + 1, 2, ["总投资", "固定资产投资"])
            page.write_row(first + 2, 0, [first, name, 2000, 1500, "2024-03"])
    answer = applied(admin_api, file.getvalue(), "a.xlsx", park="town")
    assert (answer["problems"], answer["counts"]["create"]) == ([], 2)
    assert {*Project.objects.values_list("investment_cny", flat=True)} == {20_000_000}
