"""The admin of projects and events, as a superuser fills it in."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from parks.models import Indicator
from projects.models import Project, SigningEvent
from sheets.dates import Precision
from tests import factories
from tests.admin_pages import address, refused, row, save, saved, shown

pytestmark = pytest.mark.django_db

ADD = "/admin/projects/project/add/"


@pytest.fixture(autouse=True)
def investments(investment_indicator: Indicator) -> None:
    """Amounts can be claimed."""


def change(project: Project) -> str:
    return address(Project, "change", project.pk)


def headline(project: Project) -> tuple[int | None, str, str]:
    project.refresh_from_db()
    return project.investment_cny, project.investment_qualifier, project.investment_basis


def milestone(number: int = 0, **values: Any) -> dict[str, Any]:
    """The fields of a milestone that a project's page is sent with."""
    return row("milestones", number, **{"type": "signed", "status": "met", **values})


def investor(number: int = 0, **values: Any) -> dict[str, Any]:
    """The fields of an investor that a project's page is sent with."""
    organisation = factories.OrganisationFactory.create()
    role = "co" if number else "lead"
    return row("investors", number, organisation=organisation.pk, role=role, **values)


# --- Amounts ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_number_alone_is_in_the_unit_that_is_chosen_which_is_kept_for_the_next(
    desk: Client,
) -> None:
    project, other = factories.ProjectFactory.create(), factories.ProjectFactory.create()
    assert shown(desk, change(project))["investment_unit"] == "yuan"
    saved(save(desk, change(project), investment="2,800", investment_unit="wan"))
    assert headline(project) == (28_000_000, "exact", "reported")
    assert shown(desk, change(other))["investment_unit"] == "wan"
    saved(save(desk, change(other), investment="超1.5亿元"))
    assert headline(other) == (150_000_000, "over", "reported")
    saved(save(desk, change(project), investment_unit="yi"))
    assert project.figures.count() == 1


@pytest.mark.slow
def test_an_amount_is_a_claim_until_it_is_made_empty(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    page = change(project)
    (said,) = refused(desk, page, investment="1亿美元")["investment"]
    assert said.startswith("“1亿美元” is not in yuan; other currencies are not converted.")
    needed = {"amount_basis": ["Give the amount that rests on this, too."]}
    assert refused(desk, page, amount_basis="agreed") == needed
    saved(save(desk, page, investment="总投资约６.５亿元"))
    assert headline(project) == (650_000_000, "about", "reported")
    chinese = {"headers": {"accept-language": "zh-CN"}}
    assert 'value="约6.5亿元"' in desk.get(page, **chinese).content.decode()
    # What is shown of it is the same amount when it comes back
    saved(save(desk, page))
    desk.post(page, shown(desk, page) | {"investment": "约6.5亿元"})
    assert project.figures.get().amount_cny == 650_000_000
    saved(save(desk, page, investment=""))
    assert headline(project) == (None, "", "")
    assert project.figures.get().is_withdrawn


# --- Milestones ------------------------------------------------------------------------------


def test_milestones_entered_with_a_project_give_its_stage_and_dates(desk: Client) -> None:
    park = factories.ParkFactory.create()
    rows = milestone(0, actual_on="2024-06", agreement_type="contract")
    rows |= milestone(1, type="started", actual_on="")
    saved(save(desk, ADD, name_zh="风电产业园", park=park.pk, **rows))
    project = Project.objects.get()
    assert (project.stage, project.agreement_type) == ("started", "contract")
    assert (project.signed_on, project.signed_on_precision) == (date(2024, 6, 1), Precision.MONTH)
    page = desk.get(change(project)).content.decode()
    assert "contract signed 2024-06" in page


# --- Investors -------------------------------------------------------------------------------


@pytest.mark.slow
def test_shares_are_typed_in_percent_up_to_the_whole(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    messages = {
        "100.01": "A share can be at most 100 %.",
        "0": "A share must be more than 0 %.",
        "33.333": "Ensure that there are no more than 2 decimal places.",
        "half": "Enter a number.",
    }
    rows: dict[str, Any] = {}
    for number, share in enumerate(messages):
        rows |= investor(number, share_bp=share)
    said = refused(desk, change(project), **rows)
    assert [*said.values()] == [[message] for message in messages.values()]
    rows = investor(0, share_bp="66.67 %") | investor(1, share_bp="33.34") | investor(2)
    whole = {"investors": ["The shares add up to 100.01 %; the whole is 100 %."]}
    assert refused(desk, change(project), **rows) == whole
    saved(save(desk, change(project), **rows | {"investors-1-share_bp": "33.33"}))
    assert [each.share_bp for each in project.investors.all()] == [6667, 3333, None]
    assert shown(desk, change(project))["investors-1-share_bp"] == "33.33"
    # A share that is deleted no longer counts
    saved(save(desk, change(project), **investor(3, share_bp="60"), **{"investors-0-DELETE": "on"}))
    assert {each.share_bp for each in project.investors.all()} == {3333, None, 6000}


# --- Figures, parts and deletion -------------------------------------------------------------


def test_what_an_event_declared_is_entered_on_its_page(desk: Client) -> None:
    event = factories.SigningEventFactory.create()
    factories.IndicatorFactory.create(code="declared_investment", kind="money")
    rows = row(
        "figures",
        indicator="declared_investment",
        amount_cny="超1000亿元",
        qualifier="exact",
        nature="intended",
        said_by_text="会务组",
        attribution="reported",
    )
    saved(save(desk, address(SigningEvent, "change", event.pk), **rows))
    declared = event.figures.get()
    assert (declared.amount_cny, declared.qualifier) == (100_000_000_000, "over")
    assert (declared.said_by_text, declared.attribution) == ("会务组", "reported")
