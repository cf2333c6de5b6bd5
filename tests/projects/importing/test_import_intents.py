"""An intent never becomes a contract, a promised or planned day never a start."""

import itertools
import json
import random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from projects.models import Milestone
from tests.answers import API, Row, found, problem
from tests.projects.importing.imports import applied, checked, line, send, table, workbook
from tests.samples import sample
from tests.together import together

PARK = "baodi-zgc"
NAME = "项目名称"
PUBLIC = '{"defaults": {"publication": "published"}}'
WISH = ["意向签约项目清单（单位：亿元）"]


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def list_added(api: APIClient, **filters: str) -> list[Row]:
    """The projects of the park that came in by a test: their names begin so."""
    answer = found(api.get(f"{API}/projects", {"park": PARK, "q": "新来", **filters}))
    return answer["results"]


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
    """A sheet of one project with a day in the past, where the word stands in one place."""
    is_header = place == "header"
    days = f"{word}{header}" if is_header else header
    name = "signed_on" if header == "签约时间" else "started_on"
    note = word if place == "cell" else "-"
    rows = [[NAME, "投资额（亿元）", days, "备注"], ["新来甲", "5", "2024-05", note]]
    rows = [[row[at] for at in order] for row in rows]
    step = header.removesuffix("时间")
    title = word if step in word or header == "签约时间" else f"{word}{step}"
    if place == "title":
        rows.insert(0, [f"{title}项目清单"])
    if place == "block":
        rows.insert(1, [f"一、{title}项目", "", "", ""])
    options: Row = {"map": [f"{days}:{name}"]} if is_header else {}
    if place == "sheet":
        return workbook(**{f"{title}项目"[:30]: rows}), {"name": "a.xlsx"}
    return table(*rows), options


CASES = [
    (place, word, "签约时间", order)
    for place, word, order in itertools.product(
        ("sheet", "title", "block", "header", "cell"), LOOSE, ORDERS
    )
] + [
    (place, word, "开工时间", order)
    for place, word, order in itertools.product(
        ("sheet", "title", "block", "header"), TO_COME, ORDERS
    )
]
random.Random(38).shuffle(CASES)


@together("case", sample(CASES, 240))
def test_a_word_of_intent_or_plan_anywhere_makes_no_contract_and_no_start(
    admin_api: APIClient, case: Any
) -> None:
    data, options = _write(*case)
    answer = send(admin_api, data, park=PARK, dry_run="false", **options)
    assert answer.status_code in (201, 409), answer.json()
    assert list_added(admin_api, reached="signed") == []
    assert len(list_added(admin_api)) == (answer.status_code == 201)


# Ordinary sheets: what is said of contracts, starts and plans beside one another
ORDINARY: list[tuple[bytes, str]] = [
    (table(["2024年签约项目清单（单位：亿元）"], [NAME, "合同投资额", "签约时间"],
           ["新来甲", "5", "2024-05"]), "signed"),
    (table(["2024年签约项目", "填报单位：土地储备中心"], [NAME, "签约时间"], ["新来甲", "2024-05"]),
     "signed"),
    (table(["投资贸易洽谈会签约项目"], [NAME, "签约时间"], ["新来甲", "2024-05"]), "signed"),
    (table(["重点项目投资计划表（单位：亿元）"], [NAME, "计划总投资", "开工时间", "备注"],
           ["新来甲", "5", "2024-05", "前期洽谈顺利，已签订合同"]), "started"),
    (table([NAME, "签约时间", "计划开工时间", "建设内容"],
           ["新来甲", "2024-05", "2025-05", "拟建设厂房，与高校开展战略合作，计划投资5亿元"]),
     "signed"),
    (table([NAME, "实际开工时间", "备注"], ["新来甲", "2024-05", "一期已开工，二期计划2027年开工"]),
     "started"),
    (table([NAME, "签约时间", "协议类型"], ["新来甲", "2024-05", "合同"]), "signed"),
    (table([NAME, "状态", "签约时间"], ["新来甲", "在建", "2024-05"]), "started"),
    (table([NAME, "框架结构厂房面积", "签约时间"], ["新来甲", "5", "2024-05"]), ""),
]  # fmt: skip


@together(("data", "stage"), ORDINARY)
def test_ordinary_sheets_are_taken_without_a_question(
    admin_api: APIClient, data: bytes, stage: str
) -> None:
    answer = send(
        admin_api, data, park=PARK, dry_run="false", ignore=[] if stage else ["框架结构厂房面积"]
    )
    assert answer.status_code == 201, answer.json()
    assert [row["stage"] for row in list_added(admin_api)] == [stage or "signed"]
    assert answer.json()["warnings"] == []


def test_what_is_read_as_an_intent_is_said_and_is_the_same_again(admin_api: APIClient) -> None:
    data = table(WISH, [NAME, "意向投资额", "签约时间"], ["新来甲", "5", "2024-05"])
    answer = applied(admin_api, data, park=PARK)
    assert [(each["column"], each["code"]) for each in answer["warnings"]] == [
        ("签约时间", "read_as_intent")
    ]
    (row,) = list_added(admin_api)
    told = ("stage", "intended_on", "signed_on", "agreement_type", "investment_basis")
    assert [row[name] for name in told] == ["intended", "2024-05", None, "intent", "intended"]
    assert applied(admin_api, data, park=PARK)["counts"]["same"] == 1


@pytest.mark.parametrize(
    ("answer", "stage", "agreement"),
    [("met", "signed", None), ("intent", "intended", "intent"), ("planned", None, None)],
)
def test_a_line_that_contradicts_itself_is_asked_about_once(
    admin_api: APIClient, answer: str, stage: str | None, agreement: str | None
) -> None:
    data = table(WISH, [NAME, "投资额", "签约时间", "备注"], ["新来甲", "5", "2024-05", "已签合同"])
    asked = problem(send(admin_api, data, park=PARK, dry_run="false"), 409)
    (doubt,) = asked["errors"]
    assert (doubt["code"], doubt["line"], doubt["confirm"]) == ("contradicted_row", 3, "agreements")
    assert doubt["answers"] == ["met", "intent", "planned"]
    code = checked(admin_api, data, park=PARK)["code"]
    choices = {"choices": {"3": answer}}
    found(admin_api.post(f"{API}/imports/{code}/apply", choices, format="json"))
    (row,) = list_added(admin_api)
    assert (row["stage"], row["agreement_type"]) == (stage, agreement)


def test_a_column_that_contradicts_the_sheet_is_asked_about_once(admin_api: APIClient) -> None:
    rows = [[f"新来{n}", "5", "2024-05"] for n in "甲乙丙"]
    data = table([NAME, "意向投资额（亿元）", "签约时间"], *rows)
    asked = problem(send(admin_api, data, park=PARK, dry_run="false"), 409)
    (doubt,) = asked["errors"]
    assert (doubt["code"], doubt["column"]) == ("contradicted_column", "签约时间")
    assert doubt["suggestions"] == ["intended_on", "signed_planned_on"]
    applied(admin_api, data, park=PARK, map=["签约时间:intended_on"])
    assert {row["stage"] for row in list_added(admin_api)} == {"intended"}


@together("title", ["签约项目（含意向）", "意向及签约项目", "意向转签约项目", "框架协议转正式合同"])
def test_a_title_of_both_is_asked_about(admin_api: APIClient, title: str) -> None:
    data = table([title], [NAME, "签约时间"], ["新来甲", "2024-05"])
    asked = problem(send(admin_api, data, park=PARK, dry_run="false"), 409)
    assert [each["code"] for each in asked["errors"]] == ["contradicted_column"]


AGREED = [
    "合同投资额（亿元）",
    "合同金额（亿元）",
    "协议投资额（亿元）",
    "协议总投资（亿元）",
    "合同额（亿元）",
]
TALKS = ["洽谈中", "在谈", "线索", "意向签约", "框架协议", "拟签约", "签约意向", "预签约", "LOI"]
AGREED_CASES = [
    *itertools.product(AGREED, TALKS, ("项目阶段", "项目进展", "备注", "title", "block"))
]


def _write_agreed(header: str, word: str, place: str, *, day: str = "") -> bytes:
    """A sheet of one amount agreed by contract, where a word of talks or intent stands."""
    is_above = place in ("title", "block")
    rows = [
        [NAME, header, "备注" if is_above else place],
        ["新来甲", "5", "" if is_above else word],
    ]
    if day:
        rows = [[*rows[0], "签约时间"], [*rows[1], day]]
    if is_above:
        rows.insert(place == "block", [f"一、{word}项目", "", ""])
    return table(*rows)


@together("case", sample(AGREED_CASES, 40))
@together("day", ["", "2024-05"])
def test_an_agreed_amount_beside_talks_is_asked_about(
    admin_api: APIClient, case: Any, day: str
) -> None:
    data = _write_agreed(*case, day=day)
    answer = send(admin_api, data, park=PARK, dry_run="false")
    assert answer.status_code in (201, 409), answer.json()
    if answer.status_code == 409:
        assert {each["confirm"] for each in answer.json()["errors"]} == {"agreements"}
    else:  # 协议 alone is no contract: below a title of intents the amount is intended
        assert (case[2], case[0][:2]) == ("title", "协议")
        assert {row["investment_basis"] for row in list_added(admin_api)} == {"intended"}


@together("place", ["项目阶段", "备注", "block"])
@together("answer, basis", [("met", "agreed"), ("intent", "intended")])
def test_an_agreed_amount_is_what_was_answered_and_asked_about_once(
    admin_api: APIClient, place: str, answer: str, basis: str
) -> None:
    data = _write_agreed(AGREED[0], "洽谈中", place)
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


def test_the_answer_intent_takes_no_amount_and_no_foreign_capital_as_agreed(
    admin_api: APIClient,
) -> None:
    header = [NAME, "合同投资额（亿元）", "合同外资（万美元）", "签约时间", "备注"]
    data = table(header, ["新来甲", "5", "300", "2024-05", "洽谈中"])
    options: Row = {"park": PARK, "month": "2024-06"}
    applied(admin_api, data, **options, choices='{"2": "intent"}')
    (row,) = list_added(admin_api)
    assert (row["stage"], row["investment_basis"]) == ("intended", "intended")
    flows = found(admin_api.get(f"{API}/projects/{row['code']}/fundings"))
    assert flows["results"] == []
    assert applied(admin_api, data, **options)["counts"]["same"] == 1


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


def test_a_note_that_was_there_before_still_contradicts_a_new_contract(
    admin_api: APIClient,
) -> None:
    first = table([NAME, "备注"], ["新来甲", "洽谈中"])
    applied(admin_api, first, park=PARK)
    data = table([NAME, "签约时间", "备注"], ["新来甲", "2024-05", "洽谈中"])
    asked = problem(send(admin_api, data, park=PARK, dry_run="false"), 409)
    assert [each["code"] for each in asked["errors"]] == ["contradicted_row"]
    applied(admin_api, data, park=PARK, confirm="agreements")
    later = table([NAME, "开工时间", "备注"], ["新来甲", "2024-06", "洽谈中"])
    applied(admin_api, later, park=PARK)  # the contract is stored, and was confirmed
    later = table([NAME, "竣工时间", "备注"], ["新来甲", "2024-07", "意向签约"])
    problem(send(admin_api, later, park=PARK, dry_run="false"), 409)


def test_a_contract_of_an_intent_is_asked_about_and_never_stored(admin_api: APIClient) -> None:
    data = table([NAME, "合同签订时间", "协议类型"], ["新来甲", "2024-05", "意向书"])
    problem(send(admin_api, data, park=PARK, dry_run="false"), 409)
    answer = applied(admin_api, data, park=PARK, confirm="agreements")
    assert [each["code"] for each in line(answer, 2)["warnings"]] == ["not_written"]
    (row,) = list_added(admin_api)
    assert (row["stage"], row["agreement_type"]) == ("signed", None)
    assert applied(admin_api, data, park=PARK)["counts"]["same"] == 1
    both = table(
        [NAME, "意向签约时间", "合同签订时间", "协议类型"],
        ["新来乙", "2023-05", "2024-05", "意向书"],
    )
    applied(admin_api, both, park=PARK, confirm="agreements")
    signed = Milestone.objects.get(project__name_zh="新来乙", type="signed")
    intended = Milestone.objects.get(project__name_zh="新来乙", type="intended")
    assert (signed.agreement_type, intended.agreement_type) == ("", "intent")


# What a note says of a project that has a day under 开工时间, and whether it denies the start
OF_STARTS = [
    ("未开工，正在办理施工许可", True),
    ("暂未开工，已具备开工条件", True),
    ("尚未开工，已取得施工许可证", True),
    ("未开工，已完成施工图审查，正在组织施工招标", True),
    ("尚未动工，正在准备开工", True),
    ("尚不具备开工条件", True),
    ("未开工，主体设计方案报审", True),
    ("Not yet started", True),
    ("二期未开工，一期主体封顶", False),
    ("部分厂房未开工，其余已全面开工", False),
    ("正在施工", False),
    ("正在办理施工许可", False),
]


@together(("note", "is_asked"), OF_STARTS)
def test_papers_and_preparations_are_no_start(
    admin_api: APIClient, note: str, is_asked: bool
) -> None:
    data = table([NAME, "开工时间", "形象进度"], ["新来甲", "2024-05", note])
    assert line(checked(admin_api, data, park=PARK), 2)["action"] == (
        "asked" if is_asked else "create"
    )


@together(
    ("header", "day", "is_asked"),
    [
        ("开工时间", "2024-10", False),
        ("开工时间", "2024年10月31日", False),
        ("开工时间", "2024年四季度", False),
        ("开工时间", "2024-11", True),
        ("投产时间", "2024年11月1日", True),
        ("签约时间", "2025", True),
    ],
)
def test_what_comes_after_the_day_of_the_sheet_was_not_met(
    admin_api: APIClient, header: str, day: str, is_asked: bool
) -> None:
    data = table(["重点项目调度表（截至2024年10月31日）"], [NAME, header], ["新来甲", day])
    answer = checked(admin_api, data, park=PARK)
    assert [each["code"] for each in answer["doubts"]] == ["contradicted_row"] * is_asked
    if not is_asked:
        return
    planned = {"choices": json.dumps({"3": "planned"}), "mapping": PUBLIC}
    applied(admin_api, data, park=PARK, **planned)
    (row,) = list_added(admin_api)
    assert [row["stage"], row["signed_on"], row["started_on"], row["operating_on"]] == [None] * 4
    assert applied(admin_api, data, park=PARK)["counts"]["same"] == 1


def test_promised_days_are_planned_days_whatever_they_are_mapped_to(admin_api: APIClient) -> None:
    data = table([NAME, "企业承诺动工日"], ["新来甲", "2024-05"])
    (unknown,) = checked(admin_api, data, park=PARK)["problems"]
    assert not {*unknown.get("suggestions", ())} & {"started_on", "signed_on", "completed_on"}
    said = {"map": ["企业承诺动工日:started_on"], "save_mapping": "promises"}
    for options in (said, {"mapping": "promises"}):
        answer = checked(admin_api, data, park=PARK, **options)
        assert [each["code"] for each in answer["warnings"]] == ["read_as_planned"]
        assert line(answer, 2)["changes"]["started_planned_on"] == ["", "2024-05"]
    both = table([NAME, "承诺开工时间", "计划开工时间"], ["新来甲", "2024-05", "2024-06"])
    codes = [each["code"] for each in checked(admin_api, both, park=PARK)["problems"]]
    assert codes == ["repeated_column"] * 2
    data = table([NAME, "承诺拿地时间"], ["新来甲", "2024-05"])
    (refused,) = checked(admin_api, data, park=PARK, map=["承诺拿地时间:land_granted_on"])[
        "problems"
    ]
    assert refused["code"] == "refused_column"


@together("header", ["目前进展", "进展情况", "当前状态", "推进情况", "项目推进情况", "Status"])
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


def test_a_column_of_sentences_stays_one(admin_api: APIClient) -> None:
    rows = [["新来甲", "洽谈"], ["新来乙", "正在办理环评手续"], ["新来丙", "图纸已送审"]]
    data = table([NAME, "进展情况"], *rows)
    applied(admin_api, data, park=PARK, noted_on="2026-06-08")
    assert {row["stage"] for row in list_added(admin_api)} == {None}


@pytest.mark.parametrize(
    ("header", "basis"),
    [("协议投资总额", "agreed"), ("企业意向投入", "intended"), ("预计投入总额", "planned"),
     ("Agreed sum", "agreed"), ("投入总额", "reported")],
)  # fmt: skip
def test_a_header_keeps_the_meaning_of_its_words_when_it_is_mapped(
    admin_api: APIClient, header: str, basis: str
) -> None:
    data = table([NAME, f"{header}（亿元）"], ["新来甲", "5"])
    mapping = {"columns": {f"{header}（亿元）": "investment_cny"}}
    applied(admin_api, data, park=PARK, mapping=json.dumps(mapping), save_mapping="sums")
    assert [row["investment_basis"] for row in list_added(admin_api)] == [basis]
    assert applied(admin_api, data, park=PARK, mapping="sums")["counts"]["same"] == 1


def test_a_clerk_says_of_a_column_and_of_a_line_what_they_are(desk: Client) -> None:
    data = table(
        [NAME, "意向投资额（亿元）", "签约时间", "开工时间", "备注"],
        ["新来甲", "5", "2024-05", "", ""],
        ["新来乙", "6", "", "2024-06", "尚未开工"],
    )
    form = {"file": SimpleUploadedFile("a.csv", data), "blank": "keep", "on_error": "abort"}
    park = found(desk.get(f"{API}/parks/{PARK}"))["code"]
    page = desk.get("/admin/parks/importbatch/add/").context_data["form"]
    key = next(row.pk for row in page.fields["park"].queryset if row.code == park)
    address = desk.post("/admin/parks/importbatch/add/", {**form, "park": key}).headers["Location"]
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
