"""Units and currencies of amounts: read where they are said; asked about if they disagree."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project, ProjectFigure
from tests.answers import problem
from tests.projects.importing.imports import applied, checked, faults, line, send, table
from tests.samples import sample
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]

WAN, MILLION = 28_000_000, 2_800_000_000
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


# The header, the rows; what the first row is read as, the code of its doubt, and the suggestion
SHEETS: list[tuple[str, list[str], str, str, str]] = [
    ("总投资（万元）|币种", ["甲|2800|人民币"], "2800万元", "", ""),
    ("总投资（万元）|币种", ["甲|2800|美元"], "2800万美元", "", ""),
    ("总投资（万元）|币种", ["甲|2800|", "乙|900|美元"], "2800万元", "", ""),
    ("总投资（万美元）|币种", ["甲|2800|美元"], "2800万美元", "", ""),
    ("总投资（万美元）|币种", ["甲|2800|"], "2800万美元", "", ""),
    ("总投资（万美元）|币种", ["甲|2800|人民币"], "2800万美元", OTHER, "2800万元"),
    ("总投资（万美元）|币种", ["甲|2800|港币"], "2800万美元", OTHER, "2800万港元"),
    ("investment_cny|币种", ["甲|28000000|美元"], "2800万元", OTHER, "2800万美元"),
    ("总投资|币种", ["甲|2800万美元|人民币"], "2800万美元", OTHER, "2800万元"),
    ("总投资|币种", ["甲|2800万元|美元"], "2800万元", OTHER, "2800万美元"),
    ("总投资|单位|币种", ["甲|2800|万元|美元"], "2800万美元", "", ""),
    ("总投资|单位|币种", ["甲|2800|万|", "乙|900|万|美元"], "2800万元", MISSING, "2800万美元"),
    ("总投资|单位|币种", ["甲|2800|万元|", "乙|900|万|美元"], "2800万元", "", ""),
    ("总投资", ["甲|2800万", "乙|900万美元"], "2800万元", MISSING, "2800万美元"),
    ("总投资", ["甲|2800万元", "乙|900万美元"], "2800万元", "", ""),
    ("总投资（万）", ["甲|2800", "乙|900万美元"], "2800万元", MISSING, "2800万美元"),
    ("总投资|固定资产投资（万美元）", ["甲|2800万|"], "2800万元", MISSING, "2800万美元"),
    ("总投资", ["甲|2800万", "乙|900万美元", "丙|9亿日元"], "2800万元", MISSING, ""),
    # A sign in the cell names the currency, the header the scale
    ("总投资（万元）", ["甲|￥2800"], "2800万元", "", ""),
    ("总投资（USD million）", ["甲|￥28"], "2800万元", OTHER, "2800万美元"),
    ("总投资（万元）", ["甲|$2800"], "$2800（万元）", OTHER, "2800万元"),
    # A header or a line above the table, and the cell
    ("总投资（万美元）", ["甲|2800万元"], "2800万元", OTHER, "2800万美元"),
    ("重点项目表（单位：万）↵总投资", ["甲|2800", "乙|9万美元"], "2800万元", MISSING, "2800万美元"),
    ("单位：万元人民币↵总投资|币种", ["甲|2800|美元"], "2800万元", OTHER, "2800万美元"),
    ("人民币项目↵总投资（万）", ["甲|2800"], "2800万元", "", ""),
    ("单位：万美元↵总投资（人民币万元）", ["甲|2800"], "2800万元", "", ""),
    ("金额均以美元计↵总投资（万元）", ["甲|2800"], "2800万元", OTHER, "2800万美元"),
    ("单位：万元  币种：美元↵总投资", ["甲|2800"], "2800万美元", "", ""),
]


@together("header, lines, read, code, suggestion", sample(SHEETS, 2))
def test_a_currency_that_is_not_clear_is_asked_about(
    admin_api: APIClient, header: str, lines: list[str], read: str, code: str, suggestion: str
) -> None:
    data, first = sheet(header, *lines), 3 if "↵" in header else 2
    answer = checked(admin_api, data, park="town")
    assert line(answer, first)["changes"]["investment_cny"] == ["", read]
    doubts = answer["doubts"]
    assert [(each["line"], each["code"]) for each in doubts] == ([(first, code)] if code else [])
    for doubt in doubts:
        assert (doubt["name"], doubt["confirm"]) == ("investment_cny", "amounts")
        assert doubt["answers"] == (["right", "suggested"] if suggestion else ["right"])
        assert doubt.get("suggestion", "") == suggestion


@together(
    "answer, stored", [({"choices": '{"2": "suggested"}'}, USD), ({"confirm": "amounts"}, CNY)]
)
def test_what_was_asked_about_is_stored_as_it_was_answered(
    admin_api: APIClient, answer: dict[str, str], stored: Any
) -> None:
    data = sheet("总投资（人民币万元）|币种", "甲|2800|美元")
    asked = problem(send(admin_api, data, park="town", dry_run="false"), 409)
    assert [each["code"] for each in asked["errors"]] == [OTHER]
    assert not Project.objects.exists()
    applied(admin_api, data, park="town", **answer)
    assert claims() == [stored]
    assert checked(admin_api, data, park="town")["doubts"] == []


# --- Units ---------------------------------------------------------------------------------------


def test_a_unit_may_be_given_with_the_file(admin_api: APIClient) -> None:
    data = sheet("总投资", "晶圆厂|2800")
    applied(admin_api, data, park="town", unit="总投资:百万元")
    assert Project.objects.get().investment_cny == MILLION
    mapping = json.dumps({"units": {"总投资": "万美元"}}, ensure_ascii=False)
    applied(admin_api, sheet("总投资", "晶圆厂|2,200左右"), park="town", mapping=mapping)
    claim = ProjectFigure.objects.get(currency="USD")
    assert (claim.value, claim.qualifier) == (22_000_000, "about")
    refused = problem(send(admin_api, data, park="town", unit="总投资:石"))
    assert refused["errors"][0]["code"] == "invalid_mapping"


def test_units_and_currencies_may_stand_in_columns_of_their_own(admin_api: APIClient) -> None:
    header = ["项目名称", "总投资", "单位", "币种"]
    rows = [
        ["甲", "2800", "万元", ""],
        ["乙", "2800", "万元", "美元"],
        ["丙", "28", "亿元", "人民币"],
        ["丁", "28亿元", "", ""],
    ]
    applied(admin_api, table(header, *rows), park="town")
    claims = ProjectFigure.objects.order_by("project__name_zh")
    stored = {c.project.name_zh: (c.amount_cny, c.currency, c.value) for c in claims}
    assert stored["甲"] == (WAN, "", None)
    assert stored["乙"] == (None, "USD", WAN)
    assert stored["丙"] == stored["丁"] == (MILLION, "", None)
    wrong = [["戊", "28", "", ""], ["己", "28", "石", ""], ["庚", "28亿元", "", "贝壳"]]
    answer = checked(admin_api, table(header, rows[0], *wrong), park="town")
    assert faults(answer) == {
        (3, "investment_cny"): "unit_missing",
        (4, "unit"): "unit_not_understood",
        (4, "investment_cny"): "unit_missing",
        (5, "currency"): "unknown_value",
    }
    offices = table(header[:3], ["甲", "2800万元", "招商局"])
    (told,) = checked(admin_api, offices, park="town")["problems"]
    assert told["code"] == "unknown_column"


# The header and the cell; the claimed value in dollars, and what the sheet said
IN_DOLLARS = [
    ("总投资（万美元）", "US$2,800", WAN, "US$2,800（万美元）"),
    ("总投资（万美元）", "2800 USD", WAN, "2800 USD（万美元）"),
    ("总投资（万美元）", "美元2800", WAN, "美元2800（万美元）"),
    ("总投资（万美元）", "约2800", WAN, "约2800万美元"),
    ("总投资（万美元）", "2800万", WAN, "2800万美元"),
    ("总投资（万美元）", "1.2亿", 120_000_000, "1.2亿美元"),
    ("总投资（万美元）", "over 1 billion", 1_000_000_000, "over 1 billion美元"),
    ("总投资（万美元）", "1.2亿美元", 120_000_000, "1.2亿美元"),
    ("总投资（万美元）", "$28 million", WAN, "$28 million"),
    ("总投资（万美元）", "2800美元", 2_800, "2800美元"),
    ("总投资（USD million）", "$28", WAN, "$28（百万美元）"),
    ("总投资（USD million）", "28 USD", WAN, "28 USD（百万美元）"),
]


@together("header", {header for header, *_case in IN_DOLLARS})
def test_an_amount_in_another_currency_takes_its_scale_from_the_header_alone(
    admin_api: APIClient, header: str
) -> None:
    cases = [case for case in IN_DOLLARS if case[0] == header]
    rows = [f"厂{n}号|{cell}" for n, (_header, cell, *_claim) in enumerate(cases)]
    applied(admin_api, sheet(header, *rows), park="town")
    claims = ProjectFigure.objects.filter(indicator="investment").order_by("project__name_zh")
    stored = [(row.value, row.currency, row.as_reported) for row in claims]
    assert stored == [(value, "USD", said) for *_cell, value, said in cases]
