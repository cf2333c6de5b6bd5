"""The admin of what belongs to projects and events, and of what is derived from it."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from parks.models import Indicator
from projects.models import Funding, ProjectFigure
from tests import factories
from tests.admin_pages import address, refused, row, save, saved, shown, told

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


def test_fundings_that_can_not_be_are_refused_in_words(desk: Client) -> None:
    wrong = [
        ({"month": "2023"}, "month", "Give a month such as 2023-11."),
        ({"month": "2023-11-30"}, "month", "Give a month such as 2023-11."),
        ({"month": "soon"}, "month", "“soon” is not a date."),
        ({"month": ""}, "month", "This field is required."),
        ({"month": "2099-01"}, "month", "2099-01 has not begun"),
        ({"reported_cny": "-5万"}, "note", "A negative amount is a reduction"),
        ({"reported_cny": "超1亿"}, "reported_cny", "A report of money is exact"),
        ({"reported_cny": ""}, "reported_cny", "This field is required."),
        (
            {"reported_cny": "-1亿", "is_cumulative": "on"},
            "__all__",
            "A cumulative amount cannot be negative.",
        ),
    ]
    rows: dict[str, Any] = {}
    for number, (values, _field, _message) in enumerate(wrong):
        rows |= funding(number, **{"reported_cny": "1亿", **values})
    project = factories.ProjectFactory.create()
    said = refused(desk, change(project), **rows, note="新的备注")
    project.refresh_from_db()
    assert (project.note, project.version) == ("", 1)
    for number, (_values, field, message) in enumerate(wrong):
        (told_there,) = said[f"fundings-{number}-{field}"]
        assert told_there.startswith(message)
    assert not Funding.objects.exists()


def test_a_month_may_have_a_report_in_each_currency(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    rows = funding(0, month="2023-11", reported_cny="1亿")
    rows |= funding(1, month="2023-11", reported_cny="300万美元")
    saved(save(desk, change(project), **rows))
    stored = project.fundings.order_by("pk")
    assert [(row.reported, row.currency) for row in stored] == [
        (100_000_000, ""),
        (3_000_000, "USD"),
    ]
    assert shown(desk, change(project))["fundings-1-reported_cny"] == "3,000,000 USD"
    saved(save(desk, change(project)))
    taken = {"__all__": ["This month already has a report of this kind."]}
    assert refused(desk, change(stored[1]), reported_cny="5000") == taken
    new = {"kind": "paid_in", "month": "2023-11", "reported_cny": "1亿", "project": project.pk}
    assert refused(desk, address(Funding, "add"), **new) == taken
    saved(save(desk, address(Funding, "add"), **{**new, "month": "2024-01"}))
    assert refused(desk, change(project), **funding(3, reported_cny="1亿"))["fundings"] == [
        "Please correct the duplicate data for kind, month and currency, which must be unique."
    ]


def test_what_is_said_after_saving_rests_on_what_was_saved(desk: Client) -> None:
    project = factories.ProjectFactory.create(met={"signed": "2024-06"})
    figure = {"indicator": "investment", "amount_cny": "3亿", "investment_basis": "agreed"}
    rows = row("figures", **figure, qualifier="exact", nature="actual")
    rows |= row("milestones", 1, type="started", status="met", actual_on="2023")
    response = save(desk, change(project), investment="2亿", amount_basis="reported", **rows)
    saved(response)
    success, outranked, doubt = told(response)[-1:] + told(response)[:-1]
    assert "was changed successfully" in success
    assert "the headline stays 300 million yuan (agreed in a contract)" in outranked
    assert doubt.startswith("construction started (2023) is dated before")


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


# --- Claims ----------------------------------------------------------------------------------


def test_a_newer_claim_of_the_investment_becomes_the_headline(desk: Client) -> None:
    project = factories.ProjectFactory.create(investment=150_000_000, investment__basis="agreed")
    earlier, version = project.figures.get(), project.version
    assert "amount_cny" not in shown(desk, change(earlier))
    assert "investment_basis" not in shown(desk, change(earlier))
    newer = {"project": project.pk, "indicator": "investment", "investment_basis": "agreed"}
    page = f"{address(ProjectFigure, 'add')}?investment_basis=agreed&supersedes={earlier.pk}"
    assert refused(desk, page, **newer, amount_cny="-1亿") == {
        "__all__": ["The investment cannot be negative."]
    }
    saved(save(desk, page, **newer, amount_cny="超2亿元"))
    project.refresh_from_db()
    earlier.refresh_from_db()
    assert (project.investment_cny, project.investment_qualifier) == (200_000_000, "over")
    assert earlier.superseded_by.amount_cny == 200_000_000
    assert project.version == version + 1


@pytest.mark.parametrize("column", ["project", "event"])
def test_the_link_to_a_newer_claim_carries_over_what_it_is_about(desk: Client, column: str) -> None:
    earlier: Any = getattr(factories, f"{column.title()}FigureFactory").create()
    page = desk.get(change(earlier)).content.decode()
    link = page.split('class="addlink" href="')[1].split('"')[0].replace("&amp;", "&")
    filled = shown(desk, link)
    assert filled[column] == str(getattr(earlier, f"{column}_id"))
    assert filled["supersedes"] == str(earlier.pk)
    saved(save(desk, link, value_text="未公布", investment_basis=""))
    earlier.refresh_from_db()
    assert earlier.superseded_by.value_text == "未公布"
