"""Nothing falls off: columns that are not written, cells beyond the header, money paid in."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Funding, Project
from tests.answers import API, found
from tests.factories import ProjectFactory
from tests.projects.importing.imports import (
    actions,
    applied,
    checked,
    faults,
    line,
    table,
    workbook,
)
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]

HEADER = ["code", "项目名称", "park", "paid_in_cny"]


def warnings(answer: Any, number: int) -> dict[str, str]:
    return {each["name"]: each["code"] for each in line(answer, number).get("warnings", ())}


# --- What is not written -------------------------------------------------------------------------


def test_columns_that_are_not_written_are_said_once_of_new_rows(admin_api: APIClient) -> None:
    header = [*HEADER, "hitech", "is_stale", "counts_in_totals", "news_on", "park_name_zh"]
    rows = [
        [f"p{n}", f"厂{n}", "town", "5000000", "yes", "no", "yes", "2024-01-01", "科技城"]
        for n in range(3)
    ]
    answer = checked(admin_api, table(header, *rows, ["p9", "厂", "town", *[""] * 6]))
    told = {each["name"]: (each["code"], each["rows"]) for each in answer["warnings"]}
    names = ("paid_in_cny", "hitech", "is_stale", "counts_in_totals", "news_on")
    assert told == dict.fromkeys(names, ("not_written", 3))
    assert "2023-11" in answer["warnings"][0]["detail"]
    assert not any(row.get("warnings") for row in answer["rows"])


# --- Money paid in -------------------------------------------------------------------------------

PAID_IN = [["项目名称", "到位资金（万元）"], ["厂", "500"]]


@together(
    ("rows", "options"),
    [
        *((PAID_IN, {"month": month}) for month in ("2023-11", "2023年11月")),
        (PAID_IN, {"mapping": '{"defaults": {"month": "2023-11"}}'}),
        ([["项目名称", "截至2023年11月到位资金（万元）"], ["厂", "500"]], {}),
        ([["截至2023年11月底"], *PAID_IN], {}),
    ],
)
def test_with_a_month_it_is_a_cumulative_report(
    admin_api: APIClient, rows: list[list[str]], options: dict[str, str]
) -> None:
    file = workbook(*rows)
    answer = applied(admin_api, file, "x.xlsx", park="town", **options)
    assert answer["warnings"] == []
    (report,) = Funding.objects.values(
        "kind", "month", "reported_cny", "is_cumulative", "amount_cny"
    )
    assert (report["kind"], str(report["month"])) == ("paid_in", "2023-11-01")
    assert (report["reported_cny"], report["is_cumulative"]) == (5_000_000, True)
    project = Project.objects.get()
    assert found(admin_api.get(f"{API}/projects/{project.code}"))["paid_in_cny"] == 5_000_000
    assert actions(checked(admin_api, file, "x.xlsx", park="town", **options))[len(rows)] == "same"


def test_a_later_report_gives_the_flow_and_a_corrected_one_replaces(admin_api: APIClient) -> None:
    project = ProjectFactory.create(code="p1")
    for month, text in (("2023-10", "3000000"), ("2023-11", "5000000"), ("2023-11", "4000000")):
        applied(admin_api, table(["code", "paid_in_cny"], ["p1", text]), month=month)
    flows = Funding.objects.filter(project=project).order_by("month")
    assert [*flows.values_list("reported_cny", "amount_cny")] == [
        (3_000_000, 3_000_000),
        (4_000_000, 1_000_000),
    ]
    less = checked(admin_api, table(["code", "paid_in_cny"], ["p1", "0"]), month="2023-12")
    assert warnings(less, 2) == {"paid_in_cny": "falls"}
    assert " yuan that were paid in" in line(less, 2)["warnings"][0]["detail"]
    assert line(less, 2)["action"] == "update"


FOREIGN = [
    ["项目名称", "合同外资（万美元）", "实际利用外资（万美元）", "到位资金（万元）"],
    ["演示芯片厂", "1200", "300.5", "500"],
]


def list_flows() -> dict[str, tuple[str, int, str]]:
    """By kind the month, the amount and its currency."""
    return {
        row.kind: (f"{row.month:%Y-%m}", row.reported, row.currency)
        for row in Funding.objects.all()
    }


def test_one_sheet_brings_contracts_capital_used_and_money_paid_in(admin_api: APIClient) -> None:
    answer = applied(admin_api, workbook(*FOREIGN), "x.xlsx", park="town", month="2024-06")
    assert answer["warnings"] == []
    assert list_flows() == {
        "foreign_agreed": ("2024-06", 12_000_000, "USD"),
        "foreign": ("2024-06", 3_005_000, "USD"),
        "paid_in": ("2024-06", 5_000_000, ""),
    }
    again = checked(admin_api, workbook(*FOREIGN), "x.xlsx", park="town", month="2024-06")
    assert line(again, 2)["action"] == "same"
    later = [FOREIGN[0], ["演示芯片厂", "1200", "400", "500"]]
    applied(admin_api, workbook(*later), "x.xlsx", park="town", month="2024-07")
    used = Funding.objects.filter(kind="foreign").order_by("month")
    assert [row.amount_value for row in used] == [3_005_000, 995_000]


# --- Rows that are too long or too short ---------------------------------------------------------


def test_cells_beyond_the_header_are_an_error_of_their_line(admin_api: APIClient) -> None:
    lines = [
        "项目名称,park,总投资（万元）",
        "厂,town,100,200",
        '楼,town,"1,200"',
        "库,town",
        "坊,town,900,,",
    ]
    file = "\n".join(lines)
    answer = checked(admin_api, file.encode())
    assert faults(answer) == {(2, ""): "beyond_header"}
    assert "200" in line(answer, 2)["errors"][0]["detail"]
    assert actions(answer) == {1: "skip", 2: "error", 3: "create", 4: "create", 5: "create"}
    assert warnings(answer, 4) == {"": "short_row"}
    assert not warnings(answer, 5)


def test_several_columns_of_notes_are_joined_and_said(admin_api: APIClient) -> None:
    rows = [["厂", "town", "甲", "乙"], ["楼", "town", "", "丙"], ["库", "town", "丁", "=1+1"]]
    book = workbook(["项目名称", "park", "备注", "进展情况"], *rows)
    options = {"map": ["进展情况:note"]}
    answer = checked(admin_api, book, "x.xlsx", **options)
    assert faults(answer) == {(4, "note"): "formula"}
    assert [column["name"] for column in answer["columns"]][2:] == ["note", "note"]
    data = table(["项目名称", "park", "备注", "进展情况"], *rows[:2])
    applied(admin_api, data, **options)
    assert set(Project.objects.values_list("note", flat=True)) == {"甲\n乙", "丙"}
    assert applied(admin_api, data, **options)["counts"]["same"] == 2
