"""The admin of what belongs to projects and events, and of what is derived from it."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from parks.models import Indicator
from tests import factories
from tests.admin_pages import address, row, save, saved, shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def investments(investment_indicator: Indicator) -> None:
    """Amounts can be claimed."""


def change(stored: Any) -> str:
    return address(type(stored), "change", stored.pk)


def funding(number: int = 0, **values: Any) -> dict[str, Any]:
    """The fields of a funding that a project's page is sent with."""
    return row("fundings", number, **{"kind": "paid_in", "month": "2023-11", **values})


# --- Funding ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_flows_are_typed_by_month_and_cumulative_reports_are_differenced(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    rows = funding(0, month="2023-11", reported_cny="1.5亿", is_cumulative="on")
    rows |= funding(1, month="2023年12月", reported_cny="2亿", is_cumulative="on")
    saved(save(desk, change(project), **rows))
    november, december = project.fundings.all()
    assert (november.month, december.month) == (date(2023, 11, 1), date(2023, 12, 1))
    assert (december.reported_cny, december.amount_cny) == (200_000_000, 50_000_000)
    project.refresh_from_db()
    assert project.paid_in_cny == 200_000_000
    again = shown(desk, change(project))
    assert (again["fundings-1-month"], again["fundings-1-reported_cny"]) == (
        "2023-12",
        "200 million yuan",
    )
    assert "fundings-1-amount_cny" not in again
    assert "50 million yuan" in desk.get(change(project)).content.decode()
    version = project.version
    saved(save(desk, change(project)))
    project.refresh_from_db()
    assert (project.fundings.count(), project.version) == (2, version)


# --- Derived ---------------------------------------------------------------------------------


def test_what_is_derived_is_shown_in_words(desk: Client) -> None:
    project = factories.ProjectFactory.create(met={"signed": "2020-06"})
    factories.MilestoneFactory.create(
        project=project, type="started", status="scheduled", planned="2021"
    )
    factories.FundingFactory.create(
        project=project, reported_cny=150_000_000, month=date(2020, 3, 1)
    )
    page = desk.get(change(project)).content.decode()
    for words in ("150 million yuan", "2020-06-30", "2021-12-31", "Yes: long without news"):
        assert words in page
    intended = factories.ProjectFactory.create(met=["intended"])
    page = desk.get(change(intended)).content.decode()
    assert "No: no contract yet" in page
    assert "Yes: long" not in page
