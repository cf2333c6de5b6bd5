"""A form that comes again: what was answered the first time is not asked again."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.models import ImportBatch
from projects.models import Project
from tests.answers import API, found, problem
from tests.projects.importing.imports import actions, applied, checked, line, table
from tests.projects.importing.test_import_duplicates import answers
from tests.samples import sample
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "fab")]

YI = 100_000_000
HEADER = ["项目名称", "投资方", "总投资（亿元）", "签约日期"]
FORM = [
    ["甲", "新方", "5", "2024-01"],
    ["甲项目", "新方", "5", "2024-02"],  # as line 2, on another day
    ["晶圆厂（增资）", "华虹", "5", "2024-06"],
    ["晶圆厂（扩产）", "华虹", "2", "2024-07"],
    ["晶圆厂（二期）", "华虹", "9", "2024-08"],
    ["乙二期", "新方", "3", "2024-03"],  # its whole follows
    ["乙", "新方", "8", "2024-03"],
]
GIVEN = answers(_3="same:#2", _4="increase:fab", _5="increase:fab", _6="phase:fab", _7="phase:#8")
DOUBTFUL = table(["项目名称", "投资方", "总投资（亿元）"], ["甲", "新方（拟）", "138000"])


def write(*changed: tuple[int, str]) -> bytes:
    """The form, with other amounts on some lines."""
    rows = [[*row] for row in FORM]
    for number, amount in changed:
        rows[number - 2][2] = amount
    return table(HEADER, *rows)


def amounts() -> dict[str, Any]:
    return dict(Project.objects.values_list("name_zh", "investment_cny"))


@pytest.mark.slow
def test_each_answer_is_remembered_at_the_second_and_the_third_upload(admin_api: APIClient) -> None:
    asked = checked(admin_api, write(), park="town")["doubts"]
    assert {each["line"] for each in asked} == {3, 4, 5, 6, 7}
    applied(admin_api, write(), park="town", choices=GIVEN)
    first = amounts()
    assert first == {
        "晶圆厂": 10 * YI, "甲": 5 * YI, "晶圆厂（二期）": 9 * YI, "乙": 8 * YI, "乙二期": 3 * YI
    }  # fmt: skip
    assert Project.objects.get(name_zh="乙二期").part_of == Project.objects.get(name_zh="乙")
    again = applied(admin_api, write(), park="town")
    assert actions(again) == {
        1: "skip", 2: "same", 3: "duplicate", 4: "same", 5: "same", 6: "same", 7: "same", 8: "same"
    }  # fmt: skip
    assert amounts() == first
    recalled = [n for n in range(2, 9) if "recalled" in str(line(again, n).get("warnings"))]
    assert recalled == [3, 4, 5]
    third = applied(admin_api, write((5, "3")), park="town")
    assert third["counts"]["update"] == 1
    assert amounts() == first | {"晶圆厂": 11 * YI}


def test_an_amount_is_read_in_another_unit_only_if_that_was_answered(admin_api: APIClient) -> None:
    header = ["项目名称", "总投资（亿元）"]
    applied(admin_api, table(header, ["甲", "13.8"], ["乙", "13.8"]), park="town")
    wrong = table(header, ["甲", "138000"], ["乙", "138000"])
    assert {each["lines"] for each in checked(admin_api, wrong, park="town")["doubts"]} == {"2-3"}
    applied(
        admin_api, table(header, ["甲", "138000"]), park="town", choices=answers(_2="suggested")
    )
    again = checked(admin_api, wrong, park="town")
    assert [each["code"] for each in line(again, 2)["warnings"]] == ["recalled"]
    assert [each["line"] for each in again["doubts"]] == [3]


@together("answer, names", [("left_out", ["新方"]), ("named", ["新方（拟）"])])
def test_a_bracket_of_an_investor_is_asked_about_once(
    admin_api: APIClient, answer: str, names: list[str]
) -> None:
    asked = checked(admin_api, DOUBTFUL, park="town")["doubts"]
    assert [(each["confirm"], each["answers"]) for each in asked] == [
        ("investors", ["named", "left_out"]),
        ("amounts", ["right", "suggested"]),
    ]
    applied(admin_api, DOUBTFUL, park="town", choices=answers(_2=f"suggested, {answer}"))
    stored = Project.objects.get(name_zh="甲").investors
    assert [*stored.values_list("organisation__name_zh", flat=True)] == names
    assert actions(applied(admin_api, DOUBTFUL, park="town"))[2] == "same"


ANSWERED = [
    (DOUBTFUL, answers(_2=f"{amount}, {bracket}"))
    for amount in ("right", "suggested")
    for bracket in ("left_out", "named")
]


@together("data, given", [*sample(ANSWERED, 4, 1), (write(), GIVEN)])
def test_answers_apply_a_checked_file_at_once(
    admin_api: APIClient, data: bytes, given: str
) -> None:
    code = checked(admin_api, data, park="town")["code"]
    body = {"choices": json.loads(given)}
    answer = found(admin_api.post(f"{API}/imports/{code}/apply", body, format="json"))
    assert answer["state"] == "applied"


@together("data, given", sample(ANSWERED, 4))
def test_answers_do_not_hide_that_the_ledger_has_changed(
    admin_api: APIClient, data: bytes, given: str
) -> None:
    code = checked(admin_api, data, park="town")["code"]
    applied(admin_api, table(["项目名称", "投资方"], ["甲", "新方"]), park="town")
    body = {"choices": json.loads(given)}
    problem(admin_api.post(f"{API}/imports/{code}/apply", body, format="json"), 409)
    assert not Project.objects.filter(investment_cny__isnull=False).exclude(code="fab").exists()


def test_answers_for_several_lines_hold_beside_one_of_a_line(admin_api: APIClient) -> None:
    header = ["项目名称", "投资方", "总投资（亿元）"]
    rows = [["甲", "新方（拟）", "138000"], ["乙", "另一方（拟）", "5"], ["丙", "华虹（拟）", "5"]]
    given = {"2": "suggested", "2-4": "left_out", "4": "named"}
    applied(admin_api, table(header, *rows), park="town", choices=json.dumps(given))
    names = ("name_zh", "investors__organisation__name_zh")
    assert dict(Project.objects.exclude(code="fab").values_list(*names)) == {
        "甲": "新方", "乙": "另一方", "丙": "华虹（拟）"
    }  # fmt: skip
    assert amounts()["甲"] == 1_380_000_000


@pytest.mark.parametrize(("later", "is_recalled"), [(19, True), (20, False)])
def test_the_newest_twenty_imports_with_answers_are_remembered(
    admin_api: APIClient, later: int, is_recalled: bool
) -> None:
    applied(admin_api, write(), park="town", choices=GIVEN)
    for number in range(later):
        batch = ImportBatch(code=f"imp-{number}", resource="projects", sha256="0" * 64)
        batch.state, batch.options = ImportBatch.State.APPLIED, {"choices": {"2": "new"}}
        batch.keep_rows([])
        batch.save()
    assert bool(checked(admin_api, write(), park="town")["doubts"]) != is_recalled
