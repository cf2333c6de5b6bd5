"""Columns of foreign capital in a sheet of projects: totals up to a month, by currency."""

import pytest
from rest_framework.test import APIClient

from projects.models import Funding, Project
from tests.answers import API, found
from tests.factories import FundingFactory, ParkFactory, ProjectFactory
from tests.projects.importing.imports import applied, checked, faults, line, send, workbook
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

SHEET = [
    ["项目名称", "合同外资（万美元）", "实际利用外资（万美元）", "到位资金（万元）"],
    ["演示芯片厂", "1200", "300.5", "500"],
]


@pytest.fixture(autouse=True)
def town(db: None) -> None:
    ParkFactory.create(code="town")


def stored() -> dict[str, tuple[str, int, str]]:
    """By kind the month, the amount and its currency."""
    return {
        row.kind: (f"{row.month:%Y-%m}", row.reported, row.currency)
        for row in Funding.objects.all()
    }


def test_one_sheet_brings_contracts_capital_used_and_money_paid_in(admin_api: APIClient) -> None:
    answer = applied(admin_api, workbook(*SHEET), "x.xlsx", park="town", month="2024-06")
    assert answer["warnings"] == []
    assert stored() == {
        "foreign_agreed": ("2024-06", 12_000_000, "USD"),
        "foreign": ("2024-06", 3_005_000, "USD"),
        "paid_in": ("2024-06", 5_000_000, ""),
    }
    again = checked(admin_api, workbook(*SHEET), "x.xlsx", park="town", month="2024-06")
    assert line(again, 2)["action"] == "same"
    later = [SHEET[0], ["演示芯片厂", "1200", "400", "500"]]
    applied(admin_api, workbook(*later), "x.xlsx", park="town", month="2024-07")
    used = Funding.objects.filter(kind="foreign").order_by("month")
    assert [row.amount_value for row in used] == [3_005_000, 995_000]


@together(
    ("rows", "month"),
    [
        ([["项目名称", "截至2024年6月实际使用外资（万美元）"], ["厂", "30"]], "2024-06"),
        ([["项目名称", "截至2023年底实际利用外资（万美元）"], ["厂", "30"]], "2023-12"),
        (
            [["填报日期：2024年6月30日"], ["项目名称", "累计实际利用外资（万美元）"], ["厂", "30"]],
            "2024-06",
        ),
    ],
)
def test_the_month_is_understood_where_it_is_certain(
    admin_api: APIClient, rows: list[list[str]], month: str
) -> None:
    applied(admin_api, workbook(*rows), "x.xlsx", park="town")
    assert stored() == {"foreign": (month, 300_000, "USD")}


@pytest.mark.parametrize(
    "rows",
    [
        [["填报日期：2024年6月30日"], ["项目名称", "实际利用外资（万美元）"], ["厂", "30"]],
        [["项目名称", "合同外资（万美元）"], ["厂", "30"]],
    ],
)
def test_without_a_month_it_is_asked_for(admin_api: APIClient, rows: list[list[str]]) -> None:
    answer = applied(admin_api, workbook(*rows), "x.xlsx", park="town")
    (said,) = answer["warnings"]
    assert said["code"] == "not_written"
    assert "截至2023年11月" in said["detail"]
    assert not Funding.objects.exists()
    again = checked(admin_api, workbook(*rows), "x.xlsx", park="town")
    assert [w["code"] for w in line(again, len(rows))["warnings"]] == ["not_written"]


@pytest.mark.parametrize("head", ["2024年实际利用外资（万美元）", "本年到位资金（万元）"])
def test_the_sum_of_a_year_is_no_total_up_to_a_month(admin_api: APIClient, head: str) -> None:
    refused = send(admin_api, workbook(["项目名称", head], ["厂", "30"]), "x.xlsx", park="town")
    assert "sum of a year" in refused.content.decode()
    assert not Project.objects.exists()


def test_a_report_stands_beside_those_of_other_currencies(admin_api: APIClient) -> None:
    project = ProjectFactory.create(code="p1", name_zh="厂", park__code="bay")
    FundingFactory.create(project=project, kind="foreign", on="2024-05", reported_cny=7)
    FundingFactory.create(
        project=project, kind="foreign", on="2024-06", currency="USD", reported_value=100_000
    )
    head = ["code", "实际使用外资", "币种", "单位"]
    sheet = workbook(head, ["p1", "20", "美元", "万元"])
    wrong = checked(admin_api, sheet, "x.xlsx", month="2024-06")
    assert faults(wrong) == {(2, "foreign_used"): "has_flow"}
    applied(admin_api, workbook(head, ["p1", "20", "欧元", "万元"]), "x.xlsx", month="2024-06")
    rows = found(admin_api.get(f"{API}/projects/p1/fundings", {"ordering": "id"}))["results"]
    assert [(row["currency"], row["amount_cny"] or row["amount_value"]) for row in rows] == [
        *[("", 7), ("USD", 100_000), ("EUR", 200_000)]
    ]
