"""Sheets of which the unit of amounts is said in every way, or not at all: nothing is guessed."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project, ProjectFigure
from tests.answers import problem
from tests.projects.importing.imports import applied, checked, faults, send, table
from tests.samples import sample
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]

NAMES = ["项目名称", "总投资"]


def titled(title: str, header: str = "总投资", cell: str = "2800") -> bytes:
    return table([title], ["项目名称", header], ["晶圆厂", cell])


def headed(header: str, cell: str = "2800") -> bytes:
    return table(["项目名称", header], ["晶圆厂", cell])


# What is sent; what is stored in yuan, or as it was reported; else the code of the column
WAN, MILLION = 28_000_000, 2_800_000_000
SHEETS: list[tuple[bytes, Any]] = [  # further texts: tests/sheets/reading/test_units.py
    (headed("investment_cny", "28000000"), WAN),
    (headed("总投资", "2800万元"), WAN),
    (headed("总投资（万美元）"), ("USD", WAN)),
    (titled("单位：万元"), WAN),
    (headed("总投资"), "unit_missing"),
    (headed("总投资（人民币：万元）"), WAN),
    (headed("总投资（￥万元）"), WAN),
    (headed("总投资(万）"), WAN),
    (headed("总投资（百万元）"), MILLION),
    (headed("总投资（千元）", "28000"), WAN),
    (headed("Total investment (RMB million)"), MILLION),
    (headed("Total investment (CNY bn)", "2.8"), MILLION),
    (headed("总投资/亿元", "28"), MILLION),
    (titled("单位 万元"), WAN),
    (titled("（单位：万元）"), WAN),
    (titled("单位：百万元"), MILLION),
    (titled("金额单位：人民币亿元", cell="28"), MILLION),
    (titled("金额单位：人民币 （万元）"), WAN),
    (titled("单位：千元", cell="28000"), WAN),
    (titled("Unit: RMB 10,000"), WAN),
    (titled("(RMB million)"), MILLION),
    (titled("单位：亿美元", cell="28"), ("USD", MILLION)),
    (titled("单位：新台币万元"), ("TWD", WAN)),
    (titled("重点项目表（投资规模单位：百万元人民币）"), MILLION),
    (titled("金额单位：万元，截至2026年10月31日"), WAN),
    (titled("单位：万圆"), WAN),
    (headed("总投资（万圆）"), WAN),
    (titled("单位：亿元、亩", cell="28"), MILLION),
    (titled("单位：亿元 亩", cell="28"), MILLION),
    (titled("投资单位：亿元，用地单位：亩", cell="28"), MILLION),
    (titled("重点项目一览表（亿元、亩）", cell="28"), MILLION),
    (titled("填报单位：招商局 金额单位：万元 2026年"), WAN),
    (titled("合计投资单位：万元（不含税）"), WAN),
    (titled("亿元以上项目表（亿元以上）"), "unit_missing"),
    (titled("填报单位：亿元通公司"), "unit_missing"),
    (titled("单位：万元，折合美元"), "unit_not_understood"),
    (titled("单位：亿元（内资）、万美元（外资）"), "unit_not_understood"),
    (headed("总投资（亿元/万美元）"), "unit_not_understood"),
    (headed("注册资本（万元）"), "refused_column"),
    (headed("设备投资（万元）"), "refused_column"),
    (headed("2022年度投资计划（万元）"), "refused_column"),
    (headed("2022年计划投资"), "refused_column"),
    (headed("占地面积", "28"), "unit_missing"),
]


@together(("data", "want"), sample(SHEETS, 2))
def test_a_sheet_is_stored_in_its_unit_or_refused(
    admin_api: APIClient, data: bytes, want: Any
) -> None:
    if isinstance(want, str):
        answer = checked(admin_api, data, park="town")
        assert [each["code"] for each in answer["problems"]] == [want]
        return
    assert applied(admin_api, data, park="town")["problems"] == []
    claim = ProjectFigure.objects.get()
    if isinstance(want, tuple):
        assert (claim.amount_cny, claim.currency, claim.value) == (None, *want)
    else:
        assert (claim.amount_cny, Project.objects.get().investment_cny) == (want, want)


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


def test_a_unit_of_money_is_none_of_land(admin_api: APIClient) -> None:
    sheet = table(["单位：万元、公顷"], ["项目名称", "总投资", "占地面积"], ["甲", "2800", "2"])
    applied(admin_api, sheet, park="town")
    project = Project.objects.get()
    assert (project.investment_cny, project.land_mu) == (WAN, 30)
    sheet = table(["单位：万元"], ["项目名称", "占地面积"], ["乙", "2"])
    assert checked(admin_api, sheet, park="town")["problems"][0]["code"] == "unit_missing"


@together(
    ("header", "cell", "basis"),
    sample(
        [
            ("意向投资额（亿元）", "2", "intended"),
            ("框架协议金额（亿元）", "2", "intended"),
            ("合同投资额（亿元）", "2", "agreed"),
            ("协议投资额（亿元）", "2", "agreed"),
            ("计划总投资（亿元）", "2", "planned"),
            ("批复总投资（亿元）", "2", "planned"),
            ("概算总投资（亿元）", "2", "planned"),
            ("总投资（亿元）", "2", "reported"),
            ("总投资", "意向投资2亿元", "intended"),
            ("总投资", "框架协议金额2亿元", "intended"),
            ("总投资", "协议投资2亿元", "agreed"),
            ("总投资", "概算总投资2亿元", "planned"),
        ],
        2,
    ),
)
def test_words_say_what_an_amount_rests_on(
    admin_api: APIClient, header: str, cell: str, basis: str
) -> None:
    applied(admin_api, headed(header, cell), park="town")
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
