"""Sheets of which the unit of amounts is said in every way, or not at all: nothing is guessed."""

import json

import pytest
from rest_framework.test import APIClient

from projects.models import Project, ProjectFigure
from tests.answers import problem
from tests.projects.importing.imports import applied, checked, faults, send, table
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]


def headed(header: str, cell: str = "2800") -> bytes:
    return table(["项目名称", header], ["晶圆厂", cell])


# What is sent; what is stored in yuan, or as it was reported; else the code of the column
WAN, MILLION = 28_000_000, 2_800_000_000


def test_a_unit_may_be_given_with_the_file(admin_api: APIClient) -> None:
    applied(admin_api, headed("总投资"), park="town", unit="总投资:百万元")
    assert Project.objects.get().investment_cny == MILLION
    mapping = json.dumps({"units": {"总投资": "万美元"}}, ensure_ascii=False)
    applied(admin_api, headed("总投资", "2,200左右"), park="town", mapping=mapping)
    claim = ProjectFigure.objects.get(currency="USD")
    assert (claim.value, claim.qualifier) == (22_000_000, "about")
    refused = problem(send(admin_api, headed("总投资"), park="town", unit="总投资:石"))
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


@together(
    ("cell", "basis"),
    [("意向投资2亿元", "intended"), ("框架协议金额2亿元", "intended")]
    + [("协议投资2亿元", "agreed"), ("概算总投资2亿元", "planned"), ("2亿元", "reported")],
)
def test_words_say_what_an_amount_rests_on(admin_api: APIClient, cell: str, basis: str) -> None:
    applied(admin_api, headed("总投资", cell), park="town")
    claim = ProjectFigure.objects.get()
    assert (claim.amount_cny, claim.investment_basis) == (200_000_000, basis)
    assert claim.as_reported.startswith(cell)


def test_a_column_of_the_basis_says_it_before_the_header(admin_api: APIClient) -> None:
    sheet = table(["项目名称", "计划总投资（亿元）", "投资口径"], ["甲", "2", "agreed"])
    applied(admin_api, sheet, park="town")
    assert ProjectFigure.objects.get().investment_basis == "agreed"


@together("cell", ["一期投资3亿元", "注册资本3亿元", "引进资金3亿元", "固定资产投资3亿元"])
def test_a_part_is_never_the_headline(admin_api: APIClient, cell: str) -> None:
    answer = checked(admin_api, headed("总投资", cell), park="town")
    assert faults(answer) == {(2, "investment_cny"): "other_figure"}


def test_a_point_is_read_as_a_program_writes_it(admin_api: APIClient) -> None:
    header = ["项目名称", "纬度", "经度"]
    noisy = table(header, ["晶圆厂", "39.7", "113.14388999999998"])
    applied(admin_api, noisy, park="town")
    assert str(Project.objects.get().longitude) == "113.143890"
    wrong = table(header, ["电池厂", "91.00000000001", "1234567890.5"])
    assert faults(checked(admin_api, wrong, park="town")) == {
        (2, "latitude"): "max_value",
        (2, "longitude"): "max_value",
    }
