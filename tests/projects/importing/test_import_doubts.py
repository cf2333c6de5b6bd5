"""Improbable amounts in a file are asked about once, at every entry point, and never again."""

import json
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from parks.models import ImportBatch, Park
from projects.models import Project, ProjectFigure
from tests.answers import API, found, problem
from tests.projects.importing.imports import applied, checked, line, send, table, uploaded
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]

HEADER = ["项目名称", "总投资"]
SMALL = table(HEADER, ["甲", "80万元"])
# MIDDLE bounds the median of a column
LOW, MIDDLE, HIGH = 1_000_000, 10_000_000_000, 100_000_000_000
AMOUNT, COLUMN = "improbable_amount", "improbable_column"


@together(
    ("amounts", "asked"),
    [
        ([LOW - 1, LOW, MIDDLE, MIDDLE, HIGH - 1, HIGH, HIGH + 1], [(AMOUNT, "2, 8")]),
        ([HIGH + 1], [(AMOUNT, None)]),
        *[([LOW] * 3, []), ([LOW - 1] * 3, [(COLUMN, None)])],
        *[([MIDDLE + 1] * 2, []), ([MIDDLE] * 3, []), ([MIDDLE + 1] * 3, [(COLUMN, None)])],
    ],
)
def test_only_amounts_beyond_the_bounds_are_asked_about(
    admin_api: APIClient, amounts: list[int], asked: list[tuple[str, str | None]]
) -> None:
    rows = [[f"{number}号厂", f"{yuan}元"] for number, yuan in enumerate(amounts)]
    doubts = checked(admin_api, table(HEADER, *rows), park="town")["doubts"]
    assert [(each["code"], each.get("lines")) for each in doubts] == asked
    assert {each["confirm"] for each in doubts} <= {"amounts"}


YI = table(
    ["项目名称", "总投资（亿元）"],
    *(["甲", "138000"], ["乙", "约20000"], ["丙", "3"], ["丁", "4"], ["戊", "5"]),
)


def test_each_doubtful_amount_is_answered_with_its_line(admin_api: APIClient) -> None:
    answer = checked(admin_api, YI, park="town")
    (doubt,) = answer["doubts"]
    assert (doubt["lines"], doubt["rows"], doubt["answers"]) == ("2-3", 2, ["right", "suggested"])
    assert doubt["suggestions"] == {"2": "13.8亿元", "3": "约2亿元"}
    half = problem(apply(admin_api, answer["code"], {"2": "suggested"}), 409)
    assert [each["line"] for each in half["errors"]] == [3]
    done = found(apply(admin_api, answer["code"], {"3": "right"}))
    assert done["state"] == "applied"
    told = line(done, 2)
    assert told["code"] == Project.objects.get(name_zh="甲").code
    assert [each["code"] for each in told["warnings"]] == ["corrected"]
    amounts = dict(Project.objects.values_list("name_zh", "investment_cny"))
    assert (amounts["甲"], amounts["乙"]) == (1_380_000_000, 2_000_000_000_000)
    assert Project.objects.get(name_zh="乙").investment_qualifier == "about"


def test_what_many_rows_ask_alike_is_asked_once(admin_api: APIClient) -> None:
    said = {**dict.fromkeys(range(16, 26), "洽谈中"), 10: "在谈", 12: "在谈"}
    rows = [[f"厂{n}号", str(900 + n), "2024-05", said.get(n, "")] for n in range(30)]
    data = table(["项目名称", "总投资（万）", "签约时间", "备注"], *rows)
    first = problem(send(admin_api, data, park="town", dry_run="false"), 409)
    asked = [(each["lines"], each["rows"], each["line"]) for each in first["errors"]]
    assert asked == [("12, 14", 2, 12), ("18-27", 10, 18)]
    choices = {"18-20": "met", "21-23": "intent", "24-27": "planned", "12, 14": "intent"}
    own = {"14": "met", "22": "met"}  # of one line, before those of several
    applied(admin_api, data, park="town", choices=json.dumps(choices | own))
    stages = dict(Project.objects.values_list("name_zh", "stage"))
    assert [stages[f"厂{n}号"] for n in (10, 12)] == ["intended", "signed"]
    assert [stages[f"厂{n}号"] for n in (16, 19, 20, 21, 22, 25)] == [
        *("signed", "intended", "signed", "intended", "", "")
    ]
    again = applied(admin_api, data, park="town")
    assert (again["doubts"], again["counts"]["same"]) == ([], 30)


def test_a_clerk_answers_once_for_many_rows(desk: Client, town: Park) -> None:
    rows = [[f"厂{n}号", str(900 + n), "美元" if n > 10 else ""] for n in range(15)]
    data = table(["项目名称", "总投资（万）", "币种"], *rows)
    address = uploaded(desk, data, park=town.pk)
    (question,) = desk.get(address).context_data["alike"]
    assert (question["lines"], question["rows"]) == ("2-12", 11)
    answers = {question["field"]: "suggested", "amount-5": "right"}
    desk.post(address, {"_apply": "1", **answers})
    currencies = ProjectFigure.objects.values_list("project__name_zh", "currency")
    assert {name for name, currency in currencies if not currency} == {"厂3号"}
    again = uploaded(desk, data, park=town.pk)
    assert desk.get(again).context_data["alike"] == []
    assert ImportBatch.objects.latest("id").counts["same"] == 15


def apply(client: APIClient, code: str, choices: dict[str, str]) -> Any:
    return client.post(f"{API}/imports/{code}/apply", {"choices": choices}, format="json")


def test_a_value_that_was_claimed_before_is_not_asked_again(admin_api: APIClient) -> None:
    applied(admin_api, SMALL, park="town", confirm="amounts")
    applied(admin_api, table(HEADER, ["甲", "2亿元"]), park="town")
    assert applied(admin_api, SMALL, park="town")["doubts"] == []


def test_a_clerk_says_once_in_which_unit_a_column_is(desk: Client, town: Park) -> None:
    data = table(["项目名称", "总投资（亿元）"], ["甲", "20000"], ["乙", "30000"], ["丙", "40000"])
    address = uploaded(desk, data, park=town.pk)
    assert 'name="confirm" value="amounts"' in desk.get(address).content.decode()
    (asked,) = desk.get(address).context_data["of_columns"]
    desk.post(address, {"_read_again": "1", asked["unit_field"]: "万元"})
    assert desk.get(address).context_data["of_columns"] == []
    desk.post(address, {"_apply": "1"})
    assert Project.objects.get(name_zh="甲").investment_cny == 200_000_000
