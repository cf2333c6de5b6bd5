"""How far targets are reached: the months that are gone, the days compared, other currencies."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import TargetMeasure
from projects.tracking.results import find_per_mu
from projects.tracking.targets import REACHES, Reached, count_months, narrow_target
from sheets.amounts import find_percent
from tests import factories
from tests.answers import API, codes, found
from tests.together import together

YI = 100_000_000


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that sets the day."""
    return lambda day: monkeypatch.setattr(
        timezone, "localdate", lambda *args: date.fromisoformat(day)
    )


@together(
    ("day", "months"),
    [
        *[("2026-01-01", 0), ("2026-01-30", 0), ("2026-01-31", 1), ("2026-02-27", 1)],
        *[("2026-02-28", 2), ("2026-03-01", 2), ("2026-06-29", 5), ("2026-06-30", 6)],
        *[("2026-12-30", 11), ("2026-12-31", 12), ("2027-01-01", 12), ("2025-12-31", 0)],
    ],
)
def test_a_month_is_gone_on_its_last_day(today: Any, day: str, months: int) -> None:
    today(day)
    assert count_months(2026) == months


def test_a_leap_year_has_a_day_more_in_february(today: Any) -> None:
    for day, months in (("2028-02-28", 1), ("2028-02-29", 2)):
        today(day)
        assert count_months(2028) == months


@together(
    ("day", "of", "measure", "ends"),
    [
        ("2026-06-15", 2026, "signed_count", ["2026-06-15", "2025-06-15"]),
        ("2026-06-15", 2025, "signed_count", ["2025", "2024"]),
        ("2026-06-15", 2027, "signed_count", ["2027", "2026"]),
        ("2026-06-15", 2026, "paid_in_cny", ["2026-06", "2025-06"]),
        ("2026-11-01", 2026, "foreign_usd", ["2026-11", "2025-11"]),
        ("2026-06-15", 2025, "paid_in_cny", ["2025", "2024"]),
        ("2028-02-29", 2028, "agreed_cny", ["2028-02-28", "2027-02-28"]),
        ("2028-02-28", 2028, "agreed_cny", ["2028-02-28", "2027-02-28"]),
        ("2028-03-29", 2028, "agreed_cny", ["2028-03-29", "2027-03-29"]),
        ("2028-02-29", 2028, "completed_cny", ["2028-02", "2027-02"]),
    ],
)
def test_what_is_compared_ends_today_and_a_year_ago(
    today: Any, day: str, of: int, measure: str, ends: list[str]
) -> None:
    today(day)
    reached = Reached(None)  # type: ignore[arg-type]
    assert [reached.end_in(year, of, measure) for year in (of, of - 1)] == ends


def test_a_number_per_mu_is_rounded_half_up() -> None:
    assert find_per_mu(250, "80.00") == 3.13
    assert find_per_mu(250, 0) is None


@together(
    ("part", "whole", "percent"),
    [
        (1, 3, 33.33),
        (2, 3, 66.67),
        (5, 12, 41.67),
        (0, 7, 0),
        (3, 2, 150),
        (-1, 8, -12.5),
        (1, 32, 3.13),
    ],
)
def test_a_percentage_has_two_decimals(part: int, whole: int, percent: float) -> None:
    assert find_percent(part, whole) == percent


@together(
    ("floor", "scope", "filters"),
    [
        (0, "", ()),
        (1, "", (("investment_min", "1"),)),
        (0, "abroad", (("origin_scope", "abroad"),)),
        (YI, "same_city", (("investment_min", str(YI)), ("origin_scope", "same_city"))),
    ],
)
def test_a_target_is_narrowed_by_what_it_says(floor: int, scope: str, filters: Any) -> None:
    assert narrow_target(floor, scope) == filters


def test_every_measure_is_reached_by_something() -> None:
    assert {*REACHES} == {*TargetMeasure}
    assert {name for name, reach in REACHES.items() if reach.of_flows} == {
        name for name, reach in REACHES.items() if reach.dated == "funding"
    }


@pytest.mark.django_db
@pytest.mark.usefixtures("mid_june")
def test_money_in_another_currency_is_counted_and_listed_apart(api: APIClient) -> None:
    park = factories.ParkFactory.create(
        code="town", region=factories.RegionFactory.create(code="120115")
    )
    fab = factories.ProjectFactory.create(code="fab", park=park)
    dollars = {"currency": "USD", "project": fab}
    for kind in ("foreign", "foreign_agreed"):
        for amount, on in ((7, "2026-01"), (8, "2026-06"), (5, "2025-02"), (90, "2026-07")):
            factories.FundingFactory.create(kind=kind, on=on, reported_value=amount, **dollars)
        factories.FundingFactory.create(project=fab, kind=kind, on="2026-03", reported_cny=YI)
        for measure in (f"{kind}_usd", f"{kind}_cny"):
            factories.TargetFactory.create(
                code=measure.replace("_", "-"), park=park, measure=measure, value=10
            )
    factories.TargetFactory.create(code="paid", park=park, measure="paid_in_cny", value=10)
    rows = {row["code"]: row["reached"] for row in found(api.get(f"{API}/targets"))["results"]}
    for kind in ("foreign", "foreign-agreed"):
        usd, cny = rows[f"{kind}-usd"], rows[f"{kind}-cny"]
        told = ("value", "left_out", "same_period", "previous", "change_percent")
        assert [usd[name] for name in told] == [105, 1, 15, 5, 200.0]
        assert [cny[name] for name in told] == [YI, 3, YI, 0, None]
        for each, listed, apart in ((usd, 3, 1), (cny, 1, 3)):
            for name, count in (("list_url", listed), ("left_out_list_url", apart)):
                url = each[name].partition("/v1/")[2]
                assert len(found(api.get(f"{API}/{url}"))["results"]) == count, (kind, name)
    assert (rows["paid"]["left_out"], rows["paid"]["left_out_list_url"]) == (0, None)
    assert codes(api, "targets") == codes(api, "targets?ordering=-year")
