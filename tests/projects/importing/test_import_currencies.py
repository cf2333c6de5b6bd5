"""Amounts whose header, cell and column of currencies disagree, or name none, are asked about."""

import json
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from parks.models import Park
from projects.models import Funding, Project, ProjectFigure
from tests.answers import problem
from tests.factories import ProjectFactory
from tests.projects.importing.imports import applied, checked, faults, send, table, uploaded
from tests.samples import sample
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]

WAN = 28_000_000
CNY, USD = (WAN, "", None), (None, "USD", WAN)
OTHER, MISSING = "currency_contradicts", "currency_missing"


def sheet(header: str, *lines: str) -> bytes:
    """A sheet with these columns; a line above the table stands before ↵."""
    title, _, header = header.rpartition("↵")
    rows = [*([title] if title else []), f"项目名称|{header}", *lines]
    return table(*[text.split("|") for text in rows])


def claims() -> list[Any]:
    """The amounts of the first row: in yuan, or a currency and its number."""
    rows = ProjectFigure.objects.filter(project__name_zh="甲", indicator="investment")
    return [(row.amount_cny, row.currency, row.value) for row in rows]


# The header, the rows; what is stored of the first row if it is right; the code of its doubt, and
# what is stored if the suggestion is meant
SHEETS: list[tuple[str, list[str], Any, str, Any]] = [
    ("总投资（万元）|币种", ["甲|2800|人民币"], CNY, "", None),
    ("总投资（万元）|币种", ["甲|2800|美元"], USD, "", None),
    ("总投资（万元）|币种", ["甲|2800|", "乙|900|美元"], CNY, "", None),
    ("总投资（万美元）|币种", ["甲|2800|美元"], USD, "", None),
    ("总投资（万美元）|币种", ["甲|2800|"], USD, "", None),
    ("总投资（万美元）|币种", ["甲|2800|人民币"], USD, OTHER, CNY),
    ("总投资（万美元）|币种", ["甲|2800|港币"], USD, OTHER, (None, "HKD", WAN)),
    ("总投资（人民币万元）|币种", ["甲|2800|美元"], CNY, OTHER, USD),
    ("investment_cny|币种", ["甲|28000000|美元"], CNY, OTHER, USD),
    ("总投资|币种", ["甲|2800万美元|人民币"], USD, OTHER, CNY),
    ("总投资|币种", ["甲|2800万元|美元"], CNY, OTHER, USD),
    ("总投资（万元）|币种", ["甲|2800万美元|美元"], USD, "", None),
    ("总投资|单位|币种", ["甲|2800|万元|美元"], USD, "", None),
    ("总投资|单位|币种", ["甲|2800|万|", "乙|900|万|美元"], CNY, MISSING, USD),
    ("总投资|单位|币种", ["甲|2800|万元|", "乙|900|万|美元"], CNY, "", None),
    ("总投资", ["甲|2800万", "乙|900万美元"], CNY, MISSING, USD),
    ("总投资", ["甲|2800万元", "乙|900万美元"], CNY, "", None),
    ("总投资", ["甲|2800万", "乙|900万"], CNY, "", None),
    ("总投资（万）", ["甲|2800", "乙|900万美元"], CNY, MISSING, USD),
    ("总投资（万元）", ["甲|2800", "乙|900万美元"], CNY, "", None),
    ("总投资|固定资产投资（万美元）", ["甲|2800万|"], CNY, MISSING, USD),
    ("总投资", ["甲|2800万", "乙|900万美元", "丙|9亿日元"], CNY, MISSING, None),
    # A header or a line above the table, and the cell
    ("总投资（人民币万元）", ["甲|2800万美元"], USD, OTHER, CNY),
    ("总投资（万美元）", ["甲|2800万元"], CNY, OTHER, USD),
    ("重点项目表（单位：万）↵总投资", ["甲|2800", "乙|900万美元"], CNY, MISSING, USD),
    ("单位：万↵总投资|币种", ["甲|2800|", "乙|900|美元"], CNY, MISSING, USD),
    ("单位：万元↵总投资", ["甲|2800", "乙|900万美元"], CNY, "", None),
    ("单位：万元人民币↵总投资|币种", ["甲|2800|美元"], CNY, OTHER, USD),
    ("人民币项目↵总投资（万）", ["甲|2800"], CNY, "", None),
    ("单位：万美元↵总投资", ["甲|2800万元"], CNY, OTHER, USD),
    ("单位：万美元↵总投资（人民币万元）", ["甲|2800"], CNY, "", None),
    ("币种：美元↵总投资（万）", ["甲|2800"], CNY, OTHER, USD),
    ("金额均以美元计↵总投资（万元）", ["甲|2800"], CNY, OTHER, USD),
    ("单位：万元  币种：美元↵总投资", ["甲|2800"], USD, "", None),
]


@together("header, lines, right, code, suggested", sample(SHEETS, 2))
def test_a_currency_that_is_not_clear_is_asked_about(
    admin_api: APIClient, header: str, lines: list[str], right: Any, code: str, suggested: Any
) -> None:
    data, first = sheet(header, *lines), 3 if "↵" in header else 2
    doubts = checked(admin_api, data, park="town")["doubts"]
    assert [(each["line"], each["code"]) for each in doubts] == ([(first, code)] if code else [])
    if not code:
        applied(admin_api, data, park="town")
        assert claims() == [right]
        return
    (doubt,) = doubts
    assert (doubt["name"], doubt["confirm"]) == ("investment_cny", "amounts")
    assert doubt["answers"] == (["right", "suggested"] if suggested else ["right"])
    asked = problem(send(admin_api, data, park="town", dry_run="false"), 409)
    assert [each["code"] for each in asked["errors"]] == [code]
    assert not Project.objects.exists()
    if suggested:
        applied(admin_api, data, park="town", choices=json.dumps({first: "suggested"}))
        assert claims() == [suggested]
        Project.objects.all().delete()
    applied(admin_api, data, park="town", confirm="amounts")
    assert claims() == [right]
    assert checked(admin_api, data, park="town")["doubts"] == []


SAID = sheet("总投资（万美元）|币种", "甲|约2800|人民币")


@together("answer, stored", [("right", USD), ("suggested", CNY)])
def test_a_clerk_says_which_currency_is_meant(
    admin_client: Client, town: Park, answer: str, stored: Any
) -> None:
    address = uploaded(admin_client, SAID, park=town.pk)
    admin_client.post(address, {"_apply": "1"})
    assert not Project.objects.exists()
    admin_client.post(address, {"_apply": "1", "amount-2": answer})
    assert claims() == [stored]
    assert ProjectFigure.objects.get().qualifier == "about"


@together("header", ["增资额（万美元）", "一期投资（万美元）", "固定资产投资（万美元）"])
def test_amounts_beside_the_investment_are_asked_about_as_well(
    admin_api: APIClient, header: str
) -> None:
    data = sheet(f"总投资（亿元）|{header}|币种", "甲|3|2800|人民币")
    answer = checked(admin_api, data, park="town")
    if header.startswith("增资"):  # which is refused: dollars add to no yuan
        assert set(faults(answer).values()) == {"without_amount"}
    else:
        assert [each["code"] for each in answer["doubts"]] == [OTHER]


@together(
    "header, cells, expected",
    [
        ("金额（万美元）|币种", "5|美元", ("USD", 50_000)),
        ("金额（万美元）|币种", "5|人民币", "currency_contradicts"),
        ("币种|金额（万美元）", "人民币|5", "currency_contradicts"),
        ("金额|币种", "5万美元|港币", "currency_contradicts"),
        ("币种|金额", "港币|5万美元", "currency_contradicts"),
        ("金额（万元）|币种", "5|港币", ("HKD", 50_000)),
    ],
)
def test_flows_whose_currencies_disagree_are_refused(
    admin_api: APIClient, header: str, cells: str, expected: Any
) -> None:
    ProjectFactory.create(code="fab")
    rows = [f"project|kind|月份|{header}", f"fab|paid_in|2024-01|{cells}"]
    data = table(*[row.split("|") for row in rows])
    if isinstance(expected, str):
        assert expected in faults(checked(admin_api, data, resource="fundings")).values()
        return
    applied(admin_api, data, resource="fundings")
    funding = Funding.objects.get()
    assert (funding.currency, funding.reported_value) == expected
