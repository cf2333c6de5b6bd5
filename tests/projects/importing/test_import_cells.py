"""Single cells and headers: what they are read as, left open, or refused."""

import pytest
from rest_framework.test import APIClient

from config.mistakes import Mistake
from parks.models import Park
from projects.importing.cells.amounts import read_area
from projects.importing.cells.cells import read_met_date
from projects.importing.cells.words import is_vague_day
from projects.models import Project
from tests.factories import RegionFactory
from tests.projects.importing.imports import applied, checked, line, table
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db]


@kept_rows(autouse=True)
def places(vocabularies: None, town: Park) -> None:
    for code, name_zh, name_en in [("KR", "韩国", "South Korea"), ("JP", "日本", "Japan")]:
        RegionFactory.create(code=code, name_zh=name_zh, name_en=name_en, level="country")


# Sheets by header and our column: a cell | what is read | the code of its warning, or error (!)
CELLS = {
    ("计划开工时间", "started_planned_on"): """
        2027年上半年|2027|half_year
        H1 2027|2027|half_year
        TBD||left_open
        年内||left_open
        明年上半年||left_open
        力争年内||left_open
        待土地摘牌后||left_open
        end of the year||left_open
        3月||!no_year
        12月底前||!no_year
        明年3月15日||!no_year
        待2027年||!not_a_date
        某日||!not_a_date
        计划2026年四季度|2026-Q4|
        预计于2026年12月|2026-12|
        力争2027年|2027|""",
    ("开工时间", "started_on"): """
        2024年下半年|2024|half_year
        second half of 2024|2024|half_year
        待定||left_open
        尽快||left_open
        2099年上半年||!in_the_future
        3月||!no_year
        已开工||!not_a_date
        √||!not_a_date
        预计于2020年12月||!not_a_date""",
    ("总投资（万元）", "investment_cny"): """
        未定||left_open
        to be determined||left_open
        一期投资3亿元||!other_figure
        注册资本3亿元||!other_figure
        引进资金3亿元||!other_figure""",
    ("项目阶段", "stage"): """
        待定||left_open
        意向||unclear_stage
        拟签约||unclear_stage
        落地||unclear_stage
        竣工投产||unclear_stage
        未开工||unclear_stage
        基本建成||unclear_stage
        签约（意向）||unclear_stage
        签约待落地|signed|
        主体完工|started|
        在谈项目|negotiating|
        完工|completed|""",
    ("来源地", "origin"): """
        TBC||left_open
        韩国首尔|KR|wider_region
        韩国·首尔|KR|wider_region
        San Francisco, USA|US|wider_region
        雄安新区|130600|wider_region
        韩国|KR|
        京|110000|
        粤|440000|
        美国/日本||!unknown_value
        美国和日本||!unknown_value
        新加坡工业园||!unknown_value
        长三角||!several_regions
        首尔||!unknown_value""",
    ("建设性质", "kind"): """
        续建||not_a_kind
        储备||not_a_kind
        改建|upgrade|
        别的||!unknown_value""",
    ("期数", "phase_no"): """
        2|2|
        第三期工程|3|
        Phase 4|4|
        １期|1|
        十|10|
        扩建||!not_a_number""",
}


SHEETS = [
    CELLS,
    {
        ("总投资", "investment_basis"): """
        意向投资2亿元|intended|
        框架协议金额2亿元|intended|
        协议投资2亿元|agreed|
        概算总投资2亿元|planned|
        预计2亿元|planned|
        计划2亿|planned|
        2亿元|reported|""",
        ("进展阶段", "stage"): "主体封顶|started|",
    },
    {("状态", "stage"): "在建|started|", ("状态", "standing"): "停工|suspended|"},
    {
        ("项目状态", "status"): """
        Closed||!ambiguous_word
        中止||!ambiguous_word
        退出||!ambiguous_word"""
    },
]


@together("cells", SHEETS)
def test_cells_are_read_left_open_or_refused(
    admin_api: APIClient, cells: dict[tuple[str, str], str]
) -> None:
    about = [(*of, case.strip()) for of, text in cells.items() for case in text.strip().split("\n")]
    headers = [*dict.fromkeys(header for header, _name in cells)]
    rows = [
        [f"厂{n}号", *(case.partition("|")[0] if of == header else "" for of in headers)]
        for n, (header, _name, case) in enumerate(about)
    ]
    sheet = table(["项目名称", *headers], *rows)
    options = {"park": "town", "mapping": '{"defaults": {"standing_reason": "停工"}}'}
    answer = checked(admin_api, sheet, **options)
    for number, (_header, name, case) in enumerate(about, start=2):
        row, (cell, *_read) = line(answer, number), case.split("|")
        value = row.get("changes", {}).get(name, ["", ""])[1]
        codes = [f"!{each['code']}" for each in row.get("errors", ())]
        warned = row.get("warnings", ())
        assert all(cell in each["detail"] for each in warned), row
        codes += [each["code"] for each in warned]
        assert f"{cell}|{value}|{','.join(codes)}" == case
    good = sum("!" not in case for *_of, case in about)
    if good:
        applied(admin_api, sheet, on_error="skip", **options)
        assert checked(admin_api, sheet, **options)["counts"]["same"] == good
    words = Project.objects.exclude(origin=None).values_list("origin_text", flat=True)
    origins = [case.split("|") for _header, name, case in about if name == "origin"]
    assert {*words} == {cell for cell, value, _code in origins if value}


HEADERS = {
    "协议类别": "agreement_type",
    "项目进展": "latest_progress",
    "客商（投资主体）": "investors",
    "意向用地（亩）": "land_mu",
    "建设规模及主要内容": "note",
}
# A header that may mean two things, and the code of its problem
REFUSED = {
    **dict.fromkeys(["建设单位", "项目业主", "编号", "2026年度计划投资"], "refused_column"),
    **dict.fromkeys(["注册资本（万元）", "设备投资（万元）"], "refused_column"),
    **dict.fromkeys(["2022年度投资计划（万元）", "2022年计划投资"], "refused_column"),
    **dict.fromkeys(["2024年实际利用外资（万美元）", "本年到位资金（万元）"], "refused_column"),
    "建设起止年限": "refused_column",
    **dict.fromkeys(["开工/竣工时间", "投资额/完成额"], "unknown_column"),
    **dict.fromkeys(["注册/开办资金币种", "企业名称/负责人"], "unknown_column"),
}


def test_headers_of_offices_are_known_or_refused_by_name(admin_api: APIClient) -> None:
    header = ["项目名称", *HEADERS, *REFUSED]
    answer = checked(admin_api, table(header, ["乙", *[""] * len(header[1:])]), park="town")
    columns = {each["column"]: each.get("name") for each in answer["columns"]}
    assert {text: columns.get(text) for text in HEADERS} == HEADERS
    assert {each["column"]: each["code"] for each in answer["problems"]} == REFUSED
    refused = [each for each in answer["problems"] if each["code"] == "refused_column"]
    assert any("sum of a year" in each["detail"] for each in refused)


def test_the_hint_of_a_land_area_is_about_areas() -> None:
    for text in ("100-120", "100亩（含代征）", "数十亩"):
        with pytest.raises(Mistake, match=r"10\.5公顷"):
            read_area(text, "mu")


def test_what_says_only_that_a_step_is_done_is_told_to_give_the_day() -> None:
    for text in ("√", "是", "已开工", "已签约"):
        with pytest.raises(Mistake, match=f"“{text}” does not say when"):
            read_met_date(text)
    for text in ("否", "未开工", "尚未签约", "Not yet started"):
        with pytest.raises(Mistake, match=f"“{text}” says that it has not happened"):
            read_met_date(text)
    with pytest.raises(Mistake, match="is not a date"):
        read_met_date("已于6月签约")


def test_a_day_of_this_year_lacks_its_year_where_it_is_past_and_is_open_in_a_plan() -> None:
    for text in ("今年一季度", "今年上半年", "年初"):
        assert not is_vague_day(text, is_past=True)
    for text in ("今年上半年", "明年一季度"):
        assert is_vague_day(text, is_past=False)
    for text in ("年内", "年底前", "近期", "明年", "待土地摘牌后"):
        assert is_vague_day(text, is_past=True)
