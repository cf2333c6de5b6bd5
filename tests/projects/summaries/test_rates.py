"""Rates by name: each number is the count or the sum of the list that it opens."""

from datetime import date
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Project
from tests import factories
from tests.answers import API, Row, found, walk
from tests.clocks import Clock
from tests.projects.test_as_of import BEGIN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000


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
    return factories.ProjectFactory.create(code=code, **fields)


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
        factories.MilestoneFactory.create(project=project, type="signed", on="2025-03")
        factories.FundingFactory.create(project=project, reported_cny=YI)
    then, now = rates(api, as_of="2025-03-01"), rates(api)
    assert numbers(then["conversion_rate"]) == [0, 1, 1, 0.0]
    assert numbers(now["conversion_rate"]) == [1, 1, 0, 100.0]
    assert members(api, then["conversion_rate"], "not_known") == ["fab"]
    assert members(api, then["fulfilment_rate"], "denominator") == []
    assert members(api, now["fulfilment_rate"], "numerator") == ["fab"]
    assert numbers(now["funds_in_place_rate"]) == [YI, YI, 0, 100.0]
