"""Rates by name: each number is the count or the sum of the list that it opens."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, Row, found, walk
from tests.clocks import Clock
from tests.factories import (
    FundingFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    ProjectFigureFactory,
)
from tests.projects.test_as_of import BEGIN
from tests.samples import sample
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000
AGREED = {"met": {"signed": "2026-01"}, "investment__basis": "agreed"}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.STALE_MONTHS = 24
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 6, 15))


def rates(api: APIClient, **query: str) -> Row:
    shown: Row = found(api.get(f"{API}/projects/cohorts", query))["total"]["rates"]
    return shown


def members(api: APIClient, rate: Row, part: str) -> list[str]:
    """The codes of the list behind a number, which must be as many."""
    rows = walk(api, rate[f"{part}_list_url"].partition(f"{API}/")[2])
    assert len(rows) == rate[part]
    return [row["code"] for row in rows]


def numbers(rate: Row) -> list[Any]:
    return [rate[name] for name in ("numerator", "denominator", "not_known", "percent")]


def make(code: str, **fields: Any) -> Project:
    return ProjectFactory.create(code=code, **fields)


# --- Of projects --------------------------------------------------------------------------------


def test_what_followed_is_a_milestone_an_approval_or_money(api: APIClient) -> None:
    make("approved", met={"signed": "2020", "approved": None})
    paid = make("paid", met={"signed": "2026"})
    FundingFactory.create(project=paid, kind="completed", reported_cny=1)
    nothing = make("nothing-came", met={"signed": "2026-01"})
    FundingFactory.create(project=nothing, reported_cny=0)
    heard = {"reported_on": date(2026, 1, 15), "reported_on_precision": "day"}
    make("heard-of", met={"signed": "2020"}, **heard)
    make("silent", met={"signed": "2020"})
    make("undated", met=["signed"])
    make("suspended", met=["signed"], standing="suspended")
    make("terminated", met=["signed"], standing="terminated")
    make("intended", met={"intended": "2020"})
    rate = rates(api)["fulfilment_rate"]
    assert numbers(rate) == [2, 8, 3, 25.0]
    assert rate["percent_at_most"] == 62.5
    assert members(api, rate, "numerator") == ["approved", "paid"]
    assert members(api, rate, "not_known") == ["silent", "suspended", "undated"]
    assert len(members(api, rate, "denominator")) == 8


def test_who_ended_has_reached_what_it_had_reached(api: APIClient) -> None:
    make("built-and-gone", met={"completed": "2015"}, standing="terminated")
    make("ran-and-closed", met={"operating": "2015"}, standing="closed")
    make("silent", met={"signed": "2015"})
    shown = rates(api)
    assert numbers(shown["completion_rate"]) == [2, 3, 1, 66.67]
    assert numbers(shown["operation_rate"]) == [1, 3, 1, 33.33]
    assert numbers(shown["survival_rate"]) == [2, 3, 0, 66.67]
    assert members(api, shown["survival_rate"], "numerator") == ["ran-and-closed", "silent"]
    assert members(api, shown["survival_rate"], "not_known") == []


def test_of_what_has_ended_it_is_known_how_far_it_came(api: APIClient) -> None:
    for standing in ("active", "suspended", "terminated", "closed", "merged"):
        make(standing, met={"signed": "2015"}, standing=standing)
    rate = rates(api)["start_rate"]
    assert members(api, rate, "not_known") == ["active", "suspended"]


def test_conversion_is_of_intents_whenever_they_were_signed(api: APIClient) -> None:
    make("both", met=["intended", "signed"])
    make("dated", met={"intended": "2019", "operating": "2022"})
    make("direct", met={"signed": "2019"})
    make("open", met={"intended": "2026-01"})
    make("silent", met={"intended": "2019"})
    make("called-off", met={"intended": "2019"}, standing="terminated")
    rate = rates(api)["conversion_rate"]
    assert numbers(rate) == [2, 5, 1, 40.0]
    assert members(api, rate, "numerator") == ["both", "dated"]
    assert members(api, rate, "not_known") == ["silent"]
    assert "direct" not in members(api, rate, "denominator")


def test_an_umbrella_counts_in_no_rate_and_its_parts_do(api: APIClient) -> None:
    umbrella = make("umbrella", met=["intended", "signed"], is_umbrella=True)
    make("part", part_of=umbrella, met=["intended", "signed"])
    whole = make("whole", met=["intended", "started"])
    make("half", part_of=whole, met=["intended", "started"])
    shown = rates(api)
    assert members(api, shown["start_rate"], "denominator") == ["part", "whole"]
    assert members(api, shown["conversion_rate"], "denominator") == ["part", "whole"]
    assert members(api, shown["start_rate"], "numerator") == ["whole"]


# --- Of money -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unreported", "coverage", "percent"), [(10 * YI, 50.0, 20.0), (10 * YI + 1, 50.0, None)]
)
def test_below_half_of_the_amounts_no_rate_of_money_is_given(
    api: APIClient, unreported: int, coverage: float, percent: float | None
) -> None:
    paid = make("paid", investment=10 * YI, **AGREED)
    FundingFactory.create(project=paid, reported_cny=4 * YI)
    make("unreported", investment=unreported, **AGREED)
    planned = make("planned", investment=YI, met=["signed"], investment__basis="planned")
    FundingFactory.create(project=planned, reported_cny=YI)
    dollars = make("dollars", met=["signed"])
    ProjectFigureFactory.create(
        project=dollars,
        indicator_id="investment",
        indicator=None,
        amount_cny=None,
        value=5 * YI,
        currency="USD",
        investment_basis="agreed",
    )
    shown = rates(api)
    rate = shown["funds_in_place_rate"]
    assert numbers(rate) == [4 * YI, 10 * YI + unreported, unreported, percent]
    assert rate["percent_at_most"] == 70.0
    assert rate["coverage_percent"] == coverage
    assert (rate["withheld"] is None) == (percent is not None)
    assert numbers(shown["reported_funds_in_place_rate"]) == [4 * YI, 10 * YI, 0, 40.0]
    assert shown["reported_funds_in_place_rate"]["withheld"] is None
    assert sum_of(api, rate, "numerator", "paid_in_cny") == 4 * YI
    assert sum_of(api, rate, "denominator", "investment_cny") == 10 * YI + unreported
    assert sum_of(api, rate, "not_known", "investment_cny") == unreported


def sum_of(api: APIClient, rate: Row, part: str, column: str) -> int:
    rows = walk(api, rate[f"{part}_list_url"].partition(f"{API}/")[2])
    return sum(row[column] for row in rows)


def test_a_report_of_nothing_covers_and_is_nothing(api: APIClient) -> None:
    FundingFactory.create(project=make("nothing", investment=YI, **AGREED), reported_cny=0)
    make("gone", investment=YI, met=["signed"], investment__basis="agreed", standing="terminated")
    assert numbers(rates(api)["funds_in_place_rate"]) == [0, 2 * YI, 0, 0.0]


# --- Together with filters ----------------------------------------------------------------------


@together(
    ("query", "expected"),
    sample(
        [
            ({"reached": "operating"}, [1, 1, 0, 100.0]),
            ({"reached": "lead, negotiating"}, [2, 4, 1, 50.0]),
            ({"fulfilled": "false"}, [0, 2, 1, 0.0]),
            ({"counts_in_totals": "false"}, [0, 0, 0, None]),
            ({"standing_not": "suspended", "totals_exclusion_not": "part"}, [2, 4, 1, 50.0]),
            ({"rate_not_known": "conversion_rate,fulfilment_rate"}, [0, 1, 1, 0.0]),
            ({"has_intent": "true"}, [0, 0, 0, None]),
            ({"park": "town"}, [2, 4, 1, 50.0]),
        ],
        2,
    ),
)
def test_lists_of_rates_keep_the_filters_that_were_asked(
    api: APIClient, query: dict[str, str], expected: list[Any]
) -> None:
    town = ParkFactory.create(code="town")
    make("runs", met={"operating": "2024"}, park=town)
    make("registered", met={"registered": "2020"}, park=town)
    make("silent", met={"signed": "2020"}, park=town)
    make("terminated", met={"signed": "2020"}, park=town, standing="terminated")
    make("umbrella", met={"signed": "2020"}, park=town, is_umbrella=True)
    make("intended", met={"intended": "2020"}, park=town)
    shown = rates(api, **query)
    assert numbers(shown["fulfilment_rate"]) == expected
    for name, rate in shown.items():
        for part in ("numerator", "denominator", "not_known"):
            if rate[f"{part}_list_url"] and rate["unit"] == "projects":
                assert members(api, rate, part) is not None, (name, part)


def test_of_two_rates_that_are_not_known_no_list_is_opened(api: APIClient) -> None:
    make("silent", met={"signed": "2020"})
    shown = rates(api, rate_not_known="start_rate")
    assert members(api, shown["start_rate"], "not_known") == ["silent"]
    assert shown["operation_rate"]["not_known_list_url"] is None


def test_rates_of_an_earlier_day_open_the_lists_of_that_day(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        clock = Clock(patched, BEGIN)
        project = make("fab", met={"intended": "2020"}, investment=YI, investment__basis="agreed")
        clock.forward(days=1)
        MilestoneFactory.create(project=project, type="signed", on="2025-03")
        FundingFactory.create(project=project, reported_cny=YI)
    then, now = rates(api, as_of="2025-03-01"), rates(api)
    assert numbers(then["conversion_rate"]) == [0, 1, 1, 0.0]
    assert numbers(now["conversion_rate"]) == [1, 1, 0, 100.0]
    assert members(api, then["conversion_rate"], "not_known") == ["fab"]
    assert members(api, then["fulfilment_rate"], "denominator") == []
    assert members(api, now["fulfilment_rate"], "numerator") == ["fab"]
    assert numbers(now["funds_in_place_rate"]) == [YI, YI, 0, 100.0]
