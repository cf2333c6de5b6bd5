"""The rates against a plain oracle, wherever they are answered: numbers, and the lists behind."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from rest_framework.test import APIClient

from parks.models import Park
from projects.lifecycle.rates import RATES as DECLARED
from tests.answers import API, found, walk
from tests.factories import ProjectFactory
from tests.projects.oracle.oracle import Oracle
from tests.projects.oracle.rates import OF_MONEY, RATES, at, expect_rate, is_agreed
from tests.projects.oracle.terms import Row
from tests.samples import sample

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ELSEWHERE = ("umbrella", "duplicate", "merged", "part")
FILTERS: list[dict[str, str]] = [
    {},
    {"origin_not": "unknown", "reached": "registered"},
    {"standing": "active,suspended", "investment_basis": "agreed,planned"},
]


@pytest.fixture(scope="module")
def oracle(ledger_of_oracles: User, django_db_blocker: Any) -> Iterator[Oracle]:
    """The oracle that has read the ledger, with one more project."""
    with django_db_blocker.unblock(), transaction.atomic():
        park = Park.objects.get(code="Park-Baodi")
        ProjectFactory.create(code="silent-intent", park=park, met={"intended": "2019"})
        yield Oracle()
        transaction.set_rollback(True)


@pytest.fixture
def root(api: APIClient) -> APIClient:
    api.force_authenticate(User.objects.create(username="root", is_superuser=True))
    return api


def counting(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row["totals_exclusion"] not in ELSEWHERE]


def find_differences(shown: dict[str, Row], rows: list[Row]) -> dict[str, Any]:
    """The rates that are answered otherwise than the projects say, with both."""
    wrong = {}
    for name, rate in shown.items():
        expected = expect_rate(name, rows)
        answered = {**rate, "is_withheld": rate["withheld"] is not None}
        if any(answered[key] != value for key, value in expected.items()):
            wrong[name] = {key: (answered[key], value) for key, value in expected.items()}
    return wrong


def find_other_lists(api: APIClient, shown: dict[str, Row]) -> list[str]:
    """The numbers whose lists count or add up to something else."""
    wrong = []
    for name, rate in shown.items():
        for part in ("numerator", "denominator", "not_known"):
            rows = walk(api, rate[f"{part}_list_url"].partition(f"{API}/")[2])
            column = "paid_in_cny" if part == "numerator" else "investment_cny"
            number = sum(row[column] for row in rows) if name in OF_MONEY else len(rows)
            if number != (rate[part] or 0):
                wrong.append(f"{name} {part}: {rate[part]}, its list {number}")
    return wrong


def add_up(rows: list[Row], column: str) -> int | None:
    """The sum of what is known; None where nothing is."""
    known = [row[column] for row in rows if row[column] is not None]
    return sum(known) if known else None


def find_other_sums(api: APIClient, shown: Row, rows: list[Row]) -> list[str]:
    """The sums of money paid in that are other than those of the projects, or of the list."""
    expected = {
        "paid_in_all_cny": add_up(rows, "paid_in_cny"),
        "paid_in_total_cny": add_up([row for row in rows if is_agreed(row)], "paid_in_cny"),
    }
    wrong = [
        f"{name}: {shown[name]}, not {sum_}"
        for name, sum_ in expected.items()
        if shown[name] != sum_
    ]
    if "list_url" in shown:
        listed = add_up(walk(api, shown["list_url"].partition(f"{API}/")[2]), "paid_in_cny")
        if listed != shown["paid_in_all_cny"]:
            wrong.append(f"paid_in_all_cny: {shown['paid_in_all_cny']}, its list {listed}")
    return wrong


def test_the_oracle_knows_every_rate(oracle: Oracle) -> None:
    assert [*RATES] == [*DECLARED]
    rows = counting(oracle.projects)
    for name in RATES:
        numbers = expect_rate(name, rows)
        assert numbers["numerator"] != 0, name
        assert numbers["denominator"] > 0, name
        is_always_known = name in ("survival_rate", "reported_funds_in_place_rate")
        assert bool(numbers["not_known"]) != is_always_known, name


@pytest.mark.slow
@pytest.mark.parametrize("query", sample(FILTERS, 2))
def test_cohorts_answer_as_the_oracle_does(
    root: APIClient, oracle: Oracle, query: dict[str, str]
) -> None:
    selected = oracle.select(query, True)
    assert isinstance(selected, list)
    rows = counting(selected)
    answer = found(root.get(f"{API}/projects/cohorts", query))
    assert find_differences(answer["total"]["rates"], rows) == {}
    assert find_other_lists(root, answer["total"]["rates"]) == []
    signed = [row for row in rows if at("signed")(row)]
    assert find_other_sums(root, answer["total"], signed) == []
    for row in answer["rows"]:
        of_year = [each for each in signed if each["signed_year"] == row["signed_year"]]
        assert find_other_sums(root, row, of_year) == [], row["signed_year"]
    years = {row["signed_year"]: row["rates"] for row in answer["rows"]}
    for year, shown in years.items():
        of_year = [row for row in rows if row["signed_year"] == year]
        assert find_differences(shown, of_year) == {}, year
    assert find_other_lists(root, years[None]) == []


def test_parks_and_events_answer_as_the_oracle_does(api: APIClient, oracle: Oracle) -> None:
    seen = counting(oracle.visible(False))
    park = found(api.get(f"{API}/parks/Park-Baodi/overview"))["follow_through"]["rates"]
    of_park = [row for row in seen if row["park"] == "Park-Baodi"]
    assert find_differences(park, of_park) == {}
    assert find_other_lists(api, park) == []
    key = oracle.event_keys(False)["Ceremony-1"]
    event = found(api.get(f"{API}/events/ceremony-1/follow-through"))
    rates, of_event = event["itemised"]["rates"], [row for row in seen if key in row["events"]]
    assert find_differences(rates, of_event) == {}
    assert find_other_lists(api, rates) == []
    itemised = {**event["itemised"], "list_url": event["list_url"]}
    assert find_other_sums(api, itemised, of_event) == []
