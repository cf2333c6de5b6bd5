"""The admin of projects and events, as a superuser fills it in."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from parks.models import Indicator
from projects.models import (
    EventFigure,
    Funding,
    Milestone,
    Participation,
    Project,
    ProjectFigure,
    SigningEvent,
)
from sheets.dates import Precision
from tests import factories
from tests.admin_pages import address, mistakes, refused, row, save, saved, shown, told, undrawn
from tests.samples import sample

pytestmark = pytest.mark.django_db

LISTED = {
    Project: factories.ProjectFactory,
    Milestone: factories.MilestoneFactory,
    Funding: factories.FundingFactory,
    ProjectFigure: factories.ProjectFigureFactory,
    SigningEvent: factories.SigningEventFactory,
    EventFigure: factories.EventFigureFactory,
}
ADD = "/admin/projects/project/add/"
PAGE_IN_CHINESE = {"headers": {"accept-language": "zh-CN"}}


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


# --- Lists -----------------------------------------------------------------------------------


@pytest.mark.parametrize("model", sample([*LISTED], 3), ids=lambda model: model.__name__)
def test_a_list_asks_the_database_as_often_for_10_rows_as_for_one(
    desk: Client, model: Any, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    region = factories.RegionFactory.create(code="330300")
    sector = factories.SectorFactory.create(code="C3973")
    complete = {"origin": region, "sector": sector} if model is Project else {}
    LISTED[model].create(**complete)
    # SQLite counts the values of each filter of projects by itself
    with django_assert_max_num_queries(29 if model is Project else 15) as one:
        desk.get(address(model, "changelist"))
    LISTED[model].create_batch(10, **complete)
    with django_assert_num_queries(len(one)):
        desk.get(address(model, "changelist"))


def test_a_project_is_found_by_its_name_code_and_investor(desk: Client) -> None:
    project = factories.ProjectFactory.create(code="sany-wind", name_zh="三一风电产业园")
    factories.InvestorFactory.create(project=project, organisation__name_zh="三一重能")
    factories.ProjectFactory.create()
    for word in ("风电", "sany", "重能"):
        page = desk.get(address(Project, "changelist"), {"q": word})
        assert list(page.context_data["cl"].result_list) == [project]


def test_projects_are_listed_by_stage_origin_amount_and_year(desk: Client) -> None:
    factories.RegionFactory.create(code="330000")
    origin = factories.RegionFactory.create(code="330300")
    found = factories.ProjectFactory.create(
        origin=origin, investment=150_000_000, met={"signed": "2024-06"}
    )
    unknown = factories.ProjectFactory.create()
    for query, rows in (
        ({"stage": "signed"}, [found]),
        ({"stage": "unknown"}, [unknown]),
        ({"origin": "330000"}, [found]),
        ({"origin": "unknown"}, [unknown]),
        ({"investment_basis": "reported"}, [found]),
        ({"investment_min": "1亿", "reached": "intended"}, [found]),
        ({"signed_year": "2024", "stage": ""}, [found]),
        ({"o": "-4"}, [found, unknown]),
        ({"o": "4"}, [unknown, found]),
    ):
        page = desk.get(address(Project, "changelist"), query)
        assert list(page.context_data["cl"].result_list) == rows, query


def test_the_list_shows_what_is_known_and_no_more(desk: Client) -> None:
    factories.ProjectFactory.create(
        investment=150_000_000, investment__qualifier="over", met={"signed": "2024-06"}
    )
    page = desk.get(address(Project, "changelist")).content.decode()
    for column in ("park", "origin", "sector"):  # widths are given by these names
        assert f"column-{column}" in page
    assert "over 150 million yuan" in page
    assert '<span class="nowrap">2024-06</span>' in page


# --- Amounts ---------------------------------------------------------------------------------


def test_an_amount_is_typed_as_people_write_it(desk: Client) -> None:
    form = shown(desk, ADD) | {"park": factories.ParkFactory.create().pk, "confirm": "amounts"}
    for typed, amount, qualifier in [
        ("1.5亿", 150_000_000, "exact"),
        ("超1.5亿元", 150_000_000, "over"),
        ("17600000000", 17_600_000_000, "exact"),
        ("总投资约６.５亿元", 650_000_000, "about"),
        ("nearly 2 billion yuan", 2_000_000_000, "nearly"),
        ("0", 0, "exact"),
    ]:
        saved(desk.post(ADD, form | {"name_zh": typed, "investment": typed}))
        project = Project.objects.latest("pk")
        assert headline(project) == (amount, qualifier, "reported")
        assert project.figures.get().amount_cny == amount
    # What is shown of it is the same amount when it comes back
    for project in sample(Project.objects.order_by("pk"), 6, 1):
        saved(save(desk, change(project)))
        assert project.figures.count() == 1


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


def test_the_amount_is_shown_as_it_is_written_in_chinese(desk: Client) -> None:
    project = factories.ProjectFactory.create(investment=150_000_000, investment__qualifier="over")
    page = desk.get(change(project), **PAGE_IN_CHINESE)
    assert 'value="超1.5亿元"' in page.content.decode()
    desk.post(change(project), shown(desk, change(project)) | {"investment": "超1.5亿元"})
    assert project.figures.count() == 1


def test_an_amount_that_is_made_empty_is_withdrawn(desk: Client) -> None:
    project = factories.ProjectFactory.create(investment=150_000_000)
    saved(save(desk, change(project), investment=""))
    assert headline(project) == (None, "", "")
    assert project.figures.get().is_withdrawn


def test_a_basis_needs_an_amount(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    assert refused(desk, change(project), amount_basis="agreed") == {
        "amount_basis": ["Give the amount that rests on this, too."]
    }


def test_what_is_not_an_amount_is_refused_in_words(desk: Client) -> None:
    form = shown(desk, ADD) | {"name_zh": "风电产业园", "park": factories.ParkFactory.create().pk}
    for typed, message in [
        ("-1亿", "“-1亿” is below zero."),
        ("1-2亿", "“1-2亿” is a range; give one value."),
        ("1亿美元", "“1亿美元” is not in yuan; other currencies are not converted."),
        ("500人", "“500人” is not an amount of money."),
        ("注册资本1亿元", "“注册资本1亿元” is not an investment."),
        ("很多", "“很多” contains no number."),
    ]:
        with undrawn():
            (said,) = mistakes(desk.post(ADD, form | {"investment": typed}))["investment"]
        assert said.startswith(message)
        assert "17600000000, 1.5亿元 or 17.6 billion yuan" in said
    assert not Project.objects.exists()


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


def test_a_milestone_before_an_earlier_stage_is_saved_with_a_warning(desk: Client) -> None:
    project = factories.ProjectFactory.create(met={"signed": "2024-06"})
    response = save(desk, change(project), **milestone(1, type="started", actual_on="2023"))
    saved(response)
    warning = "construction started (2023) is dated before contract signed (2024-06)."
    assert warning in told(response)
    started = project.milestones.get(type="started")
    again = save(desk, address(Milestone, "change", started.pk), note="查证中")
    assert warning in told(again)


def test_a_project_goes_back_when_its_milestones_are_deleted(desk: Client) -> None:
    project = factories.ProjectFactory.create(met=["signed", "started"])
    signed, started = project.milestones.order_by("id")
    saved(save(desk, change(project), **{"milestones-1-DELETE": "on"}))
    project.refresh_from_db()
    assert project.stage == "signed"
    action = {"action": "delete_selected", "_selected_action": [signed.pk], "post": "yes"}
    saved(desk.post(address(Milestone, "changelist"), action))
    project.refresh_from_db()
    assert project.stage == ""
    assert started.pk


# --- Investors -------------------------------------------------------------------------------


def test_shares_are_typed_in_percent(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    rows = investor(0, share_bp="66.67 %") | investor(1, share_bp="33.33") | investor(2)
    saved(save(desk, change(project), **rows))
    assert [each.share_bp for each in project.investors.all()] == [6667, 3333, None]
    again = shown(desk, change(project))
    assert (again["investors-0-share_bp"], again["investors-1-share_bp"]) == ("66.67", "33.33")


def test_shares_that_can_not_be_are_refused_each_at_its_field(desk: Client) -> None:
    messages = {
        "100.01": "A share can be at most 100 %.",
        "10001": "A share can be at most 100 %.",
        "0": "A share must be more than 0 %.",
        "33.333": "Ensure that there are no more than 2 decimal places.",
        "half": "Enter a number.",
    }
    rows: dict[str, Any] = {}
    for number, share in enumerate(messages):
        rows |= investor(number, share_bp=share)
    project = factories.ProjectFactory.create()
    assert refused(desk, change(project), **rows) == {
        f"investors-{number}-share_bp": [message]
        for number, message in enumerate(messages.values())
    }


def test_shares_above_the_whole_together_are_refused(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    rows = investor(0, share_bp="60") | investor(1, share_bp="40.01")
    assert refused(desk, change(project), **rows) == {
        "investors": ["The shares add up to 100.01 %; the whole is 100 %."]
    }
    saved(save(desk, change(project), **rows | {"investors-1-share_bp": "40"}))


def test_a_share_that_is_deleted_no_longer_counts(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    factories.InvestorFactory.create(project=project, share_bp=6_000)
    rows = investor(1, share_bp="100") | {"investors-0-DELETE": "on"}
    saved(save(desk, change(project), **rows))
    assert project.investors.get().share_bp == 10_000


def test_a_second_lead_is_refused_and_the_lead_changes_hands(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    first, second = (factories.InvestorFactory.create(project=project) for _n in range(2))
    rows = {
        **row("investors", 0, id=first.pk, organisation=first.organisation.pk, role="lead"),
        **row("investors", 1, id=second.pk, organisation=second.organisation.pk, role="lead"),
    }
    assert refused(desk, change(project), **rows) == {
        "investors": ["A project has one lead investor; any other is a co-investor."]
    }
    saved(save(desk, change(project), **rows | {"investors-0-role": "co"}))
    assert dict(project.investors.values_list("pk", "role")) == {first.pk: "co", second.pk: "lead"}
    saved(save(desk, change(project), **rows | {"investors-1-role": "co"}))
    assert project.investors.get(role="lead") == first


def test_a_role_that_is_left_blank_follows_and_flows_keep_their_rules(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    event = factories.SigningEventFactory.create(kind="start")
    saved(save(desk, change(project), **row("participations", event=event.pk, role="")))
    assert project.participations.get().role == "started"
    funding = {"kind": "paid_in", "month": "2099-01", "reported_cny": "-5万", "note": ""}
    assert refused(desk, change(project), **row("fundings", **funding)) == {
        "fundings-0-month": ["2099-01 has not begun: no money can be reported for it yet."],
        "fundings-0-note": ["A negative amount is a reduction: say in the note why."],
    }


def test_what_ends_has_a_reason_and_what_goes_on_again_has_none(desk: Client) -> None:
    project = factories.ProjectFactory.create()
    response = save(desk, change(project), standing="suspended", standing_on="2024-03")
    needed = "Say why the project is suspended, terminated, merged or closed."
    assert mistakes(response) == {"standing_reason": [needed]}
    ended = {"standing": "suspended", "standing_on": "2024-03", "standing_reason": "停工"}
    saved(save(desk, change(project), **ended))
    saved(save(desk, change(project), standing="active"))
    project.refresh_from_db()
    assert (project.standing, project.standing_on, project.standing_reason) == ("active", None, "")


# --- Figures, parts and deletion -------------------------------------------------------------


def test_projects_that_took_part_are_entered_on_the_page_of_the_event(desk: Client) -> None:
    event, project = factories.SigningEventFactory.create(), factories.ProjectFactory.create()
    page = address(SigningEvent, "change", event.pk)
    rows = row("participations", project=project.pk, role="signed", agreement_type="intent")
    saved(save(desk, page, held_on="2024年6月", **rows))
    event.refresh_from_db()
    assert (event.held_on, event.held_on_precision) == (date(2024, 6, 1), Precision.MONTH)
    assert event.participations.get().project == project
    again = save(desk, page, **rows | row("participations", 1, project=project.pk, role="signed"))
    assert Participation.objects.count() == 1
    assert again.status_code == 200


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


def test_staff_who_may_only_look_see_the_amount_but_can_not_write(client: Client) -> None:
    project = factories.ProjectFactory.create(investment=150_000_000)
    viewer = factories.MembershipFactory.create(park=project.park, role="viewer").user
    client.force_login(viewer)
    assert "150 million yuan (reported" in client.get(change(project)).content.decode()
    assert client.post(change(project), {}).status_code == 403
