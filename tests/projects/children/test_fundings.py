"""/projects/{code}/fundings: money by the month, cumulative reports kept and differenced."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Funding
from tests.answers import API, Row, error, found, made, mistakes, walk
from tests.factories import ProjectFactory, SourceFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

FUNDINGS = f"{API}/projects/fab/fundings"
REPORT = {
    "kind": "paid_in",
    "month": "2024-03",
    "reported_cny": 30_000_000,
    "is_cumulative": False,
    "as_reported": "到位资金3000万元",
    "source": "S1",
    "note": "第一行\n第二行",
}


@kept_rows(autouse=True)
def project() -> Any:
    SourceFactory.create(code="S1")
    return ProjectFactory.create(code="fab")


def report(api: APIClient, month: str, amount: int, total: bool = False, **rest: Any) -> Row:
    body = {"kind": "paid_in", "month": month, "reported_cny": amount, "is_cumulative": total}
    return made(api.post(FUNDINGS, body | rest))


def flows(api: APIClient, kind: str = "paid_in") -> dict[str, tuple[int, int]]:
    """By month what was reported, and the flow of the month."""
    rows = [row for row in walk(api, "projects/fab/fundings") if row["kind"] == kind]
    return {row["month"]: (row["reported_cny"], row["amount_cny"]) for row in rows}


def paid_in(api: APIClient) -> int | None:
    return found(api.get(f"{API}/projects/fab"))["paid_in_cny"]


def test_a_report_is_written_with_every_field_and_read_back(admin_api: APIClient) -> None:
    response = admin_api.post(FUNDINGS, REPORT)
    row = made(response)
    in_yuan = {"reported_value": None, "currency": "", "amount_value": None}
    unsaid = {"recognised_cny": None, "recognised_on": None, "recognised_by": ""}
    assert row == REPORT | in_yuan | unsaid | {"id": row["id"], "amount_cny": 30_000_000}
    assert response.headers["Location"] == f"http://testserver{FUNDINGS}/{row['id']}"
    assert found(admin_api.get(f"{FUNDINGS}/{row['id']}")) == row
    assert found(admin_api.get(FUNDINGS))["results"] == [row]
    assert found(admin_api.get(f"{API}/projects/fab"))["fundings"] == [row]


# Months of 2024 with what is reported, and whether that is a total; the flows; what is paid in
REPORTS: list[tuple[list[tuple[str, int, bool]], list[int], int]] = [
    ([("01", 10, False), ("03", 5, False), ("02", 1, False)], [10, 5, 1], 16),
    ([("01", 10, True), ("02", 25, True), ("05", 60, True)], [10, 15, 35], 60),
    (
        [("01", 10, False), ("02", 25, True), ("03", 5, False), ("04", 40, True)],
        [10, 15, 5, 10],
        40,
    ),
    ([("01", 10, True), ("03", 60, True), ("02", 25, True)], [10, 35, 15], 60),
]


@together(("reports", "expected", "sum_"), REPORTS)
def test_flows_and_totals_add_up_to_what_is_paid_in(
    admin_api: APIClient, reports: list[tuple[str, int, bool]], expected: list[int], sum_: int
) -> None:
    assert paid_in(admin_api) is None
    for month, amount, is_total in reports:
        report(admin_api, f"2024-{month}", amount, total=is_total)
    amounts = [amount for _month, amount, _is_total in reports]
    assert [*flows(admin_api).values()] == [*zip(amounts, expected, strict=True)]
    assert paid_in(admin_api) == sum_


def test_a_correction_changes_all_that_is_worked_out_from_it(admin_api: APIClient) -> None:
    first = report(admin_api, "2024-01", 10, total=True)
    report(admin_api, "2024-02", 25, total=True)
    address = f"{FUNDINGS}/{first['id']}"
    changed = found(admin_api.patch(address, {"reported_cny": 20}))
    assert (changed["reported_cny"], changed["amount_cny"]) == (20, 20)
    assert flows(admin_api) == {"2024-01": (20, 20), "2024-02": (25, 5)}
    found(admin_api.patch(address, {"month": "2024-03", "is_cumulative": False}))
    assert flows(admin_api) == {"2024-03": (20, 20), "2024-02": (25, 25)}
    assert paid_in(admin_api) == 45


def test_a_total_below_the_one_before_is_a_negative_flow(admin_api: APIClient) -> None:
    report(admin_api, "2024-01", 30, total=True)
    row = report(admin_api, "2024-02", 20, total=True)
    assert row["amount_cny"] == -10
    [warning] = found(admin_api.get(f"{API}/projects/fab"))["warnings"]
    assert warning.startswith("paid in: the total up to 2024-02 is ")
    report(admin_api, "2024-03", -5, note="核减重复上报")
    assert paid_in(admin_api) == 15


def test_a_report_counts_as_news_at_the_end_of_its_month_also_one_of_nothing(
    admin_api: APIClient,
) -> None:
    def news() -> tuple[str | None, int | None]:
        row = found(admin_api.get(f"{API}/projects/fab"))
        return row["news_on"], row["paid_in_cny"]

    report(admin_api, "2024-01", 10)
    assert news() == ("2024-01-31", 10)
    row = report(admin_api, "2024-02", 0)
    assert (row["reported_cny"], row["amount_cny"]) == (0, 0)
    assert news() == ("2024-02-29", 10)
    today = timezone.localdate()
    report(admin_api, f"{today:%Y-%m}", 0)
    assert news()[0] == str(today)  # what is said of this month is no news of a day to come


def test_a_month_to_come_is_refused_and_a_stored_one_stays(admin_api: APIClient) -> None:
    row = report(admin_api, "2024-01", 10)
    Funding.objects.filter(pk=row["id"]).update(month="2099-01-01")  # as it was stored before
    address = f"{FUNDINGS}/{row['id']}"
    assert found(admin_api.patch(address, {"note": "计划"}))["month"] == "2099-01"
    wrong = admin_api.patch(address, {"month": "2099-02"})
    assert mistakes(wrong) == {"#/month": "in_the_future"}


def test_foreign_capital_that_is_only_agreed_is_no_money(admin_api: APIClient) -> None:
    report(admin_api, "2024-01", 10, kind="foreign_agreed")
    summary = f"{API}/fundings/summary?group_by=funding_kind"
    assert found(admin_api.get(f"{API}/projects?fulfilled=true"))["results"] == []
    report(admin_api, "2024-01", 7, kind="foreign")
    answer = found(admin_api.get(summary))
    told = {row["funding_kind"]["value"]: row["amount_cny"] for row in answer["rows"]}
    assert told == {"foreign_agreed": 10, "foreign": 7}
    assert (answer["total"]["amount_cny"], answer["additive"]) == (None, False)
    assert paid_in(admin_api) is None


def test_a_month_is_reported_once_for_each_kind(admin_api: APIClient) -> None:
    made(admin_api.post(FUNDINGS, REPORT))
    wrong = error(admin_api.post(FUNDINGS, REPORT), 409)
    assert wrong["code"] == "unique"
    assert wrong["detail"] == "This month already has a report of this kind."
    made(admin_api.post(FUNDINGS, REPORT | {"kind": "completed"}))
    other = made(admin_api.post(FUNDINGS, REPORT | {"month": "2024-04"}))
    again = admin_api.patch(f"{FUNDINGS}/{other['id']}", {"month": "2024-03"})
    assert error(again, 409)["code"] == "unique"
