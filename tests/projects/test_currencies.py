"""Flows in foreign currencies: kept as reported, each summed by itself, never converted."""

import pytest
from rest_framework.test import APIClient

from projects.models import Funding, Project
from tests.answers import API, Row, found, made, mistakes
from tests.conftest import make_vocabularies
from tests.factories import FundingFactory, ParkFactory, ProjectFactory
from tests.projects.importing.imports import actions, applied, checked, table
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

FUNDINGS = f"{API}/projects/chips/fundings"
IN_DOLLARS = {"kind": "foreign", "month": "2024-01", "currency": "USD", "reported_value": 300}


@kept_rows(autouse=True)
def flows() -> None:
    """Two projects with flows in yuan, dollars and euros."""
    make_vocabularies()
    town = ParkFactory.create(code="town")
    chips = ProjectFactory.create(code="chips", park=town, origin_id="330300")
    pills = ProjectFactory.create(code="pills", park=town)
    for project, kind, on, currency, amount in [
        (chips, "foreign", "2024-03", "", 1_000_000),
        (chips, "foreign", "2024-03", "USD", 200_000),
        (pills, "foreign", "2024-04", "USD", 50_000),
        (pills, "foreign", "2024-04", "EUR", 7),
        (pills, "paid_in", "2024-04", "USD", 9),
    ]:
        FundingFactory.create(project=project, kind=kind, on=on, currency=currency, amount=amount)


def others(row: Row) -> dict[str, tuple[int, int | None]]:
    return {each["currency"]: (each["count"], each["value"]) for each in row["other_currencies"]}


def test_a_flow_is_kept_in_the_currency_in_which_it_was_reported(admin_api: APIClient) -> None:
    row = made(admin_api.post(FUNDINGS, IN_DOLLARS | {"as_reported": "300美元"}))
    expected = {"reported_cny": None, "amount_cny": None, "reported_value": 300, "currency": "USD"}
    assert row.items() >= {**expected, "amount_value": 300}.items()
    url = f"{FUNDINGS}/{row['id']}"
    yuan = {"currency": "", "reported_value": None, "reported_cny": 5}
    answer = found(admin_api.patch(url, yuan))
    assert (answer["amount_cny"], answer["amount_value"], answer["currency"]) == (5, None, "")
    told = found(admin_api.get(f"{API}/projects/chips/history"))["results"]
    assert any("USD" in str(version) for version in told)


@together(
    ("change", "expected"),
    sample(
        [
            ({"currency": "usd"}, {"#/currency": "unknown_value"}),
            ({"currency": "美元"}, {"#/currency": "unknown_value"}),
            ({"currency": ""}, {"#/reported_value": "other_currency"}),
            ({"reported_value": None}, {"#/reported_value": "required"}),
            ({"reported_cny": 5}, {"#/reported_cny": "other_currency"}),
            ({"reported_value": -5}, {"#/note": "without_reason"}),
            ({"reported_value": -5, "is_cumulative": True}, {"#": "invalid"}),
            ({"reported_value": 1.5}, {"#/reported_value": "invalid"}),
        ],
        3,
    ),
)
def test_what_is_no_amount_of_one_currency_is_refused(
    admin_api: APIClient, change: Row, expected: dict[str, str]
) -> None:
    assert mistakes(admin_api.post(FUNDINGS, IN_DOLLARS | change)) == expected


def test_what_was_paid_in_is_summed_in_yuan_and_says_what_is_not_in_it(
    admin_api: APIClient,
) -> None:
    pills = found(admin_api.get(f"{API}/projects/pills"))
    assert pills["paid_in_cny"] is None
    assert "What was paid in is summed in yuan; not in it: USD." in pills["warnings"]
    assert Project.objects.get(code="pills").has_money


@pytest.mark.both_databases
def test_sums_are_of_one_currency_and_say_what_they_leave_out(api: APIClient) -> None:
    asked = {"funding_kind": "foreign", "group_by": "funding_month", "cumulative": "true"}
    answer = found(
        api.get(f"{API}/fundings/summary", {**asked, "measures": "count,amount_cny,amount_usd"})
    )
    march, april = answer["rows"]
    assert (march["count"], march["amount_cny"], march["amount_usd"]) == (2, 1_000_000, 200_000)
    assert (april["count"], april["amount_cny"], april["amount_usd"]) == (2, None, 50_000)
    assert others(april) == {"EUR": (1, 7), "USD": (1, 50_000)}
    assert april["cumulative"]["amount_usd"] == 250_000
    assert others(answer["total"]) == {"EUR": (1, 7), "USD": (2, 250_000)}
    assert answer["total"]["amount_cny"] == 1_000_000
    dollars = answer["total"]["other_currencies"][1]["list_url"]
    rows = found(api.get(dollars))["results"]
    assert sum(row["amount_value"] for row in rows) == 250_000
    mixed = found(api.get(f"{API}/fundings/summary"))["total"]
    assert (mixed["count"], mixed["amount_cny"]) == (5, None)
    assert others(mixed) == {"EUR": (1, None), "USD": (3, None)}


def test_a_sheet_in_ten_thousands_of_dollars_comes_in_and_goes_out(admin_api: APIClient) -> None:
    header = ["project", "kind", "月份", "金额（万美元）"]
    data = table(header, ["chips", "实际使用外资", "2024年6月", "30.5"])
    applied(admin_api, data, resource="fundings")
    row = Funding.objects.get(month__month=6)
    assert (row.reported_value, row.currency, row.reported_cny) == (305_000, "USD", None)
    assert actions(checked(admin_api, data, resource="fundings"))[2] == "same"
    asked = {"currency": "USD", "unit": "wan", "header": "zh", "funding_month": "2024-06"}
    sent = admin_api.get(f"{API}/fundings.csv", asked).getvalue()
    assert "30.5,USD" in sent.decode()
    answer = checked(admin_api, sent, resource="fundings")
    assert {*actions(answer).values()} == {"skip", "same"}
    summed = admin_api.get(
        f"{API}/fundings/summary.csv",
        {"measures": "amount_cny,amount_usd", "group_by": "funding_kind", "unit": "wan"},
    )
    header, *rows = summed.getvalue().decode("utf-8-sig").splitlines()
    assert "amount_usd_wan" in header
    assert any("555,000 USD" in row and ",55.5," in row for row in rows)
