"""/events/{code}/follow-through: what was declared, what is itemised, and what became of it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project, SigningEvent
from tests import factories
from tests.answers import API, Row, error, found
from tests.kept import check_kept
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000
SHOWN = ("survival_rate", "start_rate", "completion_rate", "funds_in_place_rate")


@kept_rows
def forum(vocabularies: None) -> SigningEvent:
    return factories.SigningEventFactory.create(code="forum", on="2023-11-29")


def follow(api: APIClient, code: str = "forum") -> Row:
    return found(api.get(f"{API}/events/{code}/follow-through"))


def at(event: SigningEvent, code: str, role: str = "signed", **fields: Any) -> Project:
    """A project that took part in an event, with a contract unless told otherwise."""
    project = factories.ProjectFactory.create(code=code, **{"met": ["signed"]} | fields)
    factories.ParticipationFactory.create(event=event, project=project, role=role)
    return project


def declare(event: SigningEvent, code: str, number: int, **fields: Any) -> None:
    is_money = fields.get("indicator_id") == "declared_investment"
    value = {"amount_cny": number, "value": None} if is_money else {"value": number}
    fields = {"indicator_id": "declared_projects", "indicator": None, "nature": "intended"} | fields
    factories.EventFigureFactory.create(event=event, code=code, **value | fields)


# --- Declared and itemised ----------------------------------------------------------------------


def test_what_was_declared_stands_beside_what_is_itemised(
    api: APIClient, forum: SigningEvent
) -> None:
    declare(forum, "count", 152)
    declare(forum, "amount", 1000 * YI, indicator_id="declared_investment", qualifier="over")
    at(forum, "a", investment=150 * YI, met=["intended"])
    at(forum, "b", investment=50 * YI, investment__qualifier="over")
    at(forum, "c")
    answer = follow(api)
    itemised = answer.pop("itemised")
    check_kept("rate of an event", itemised["rates"]["survival_rate"])
    assert answer == {
        "event": "forum",
        "declared": {
            "projects": {"value": 152, "qualifier": "exact", "nature": "intended", "code": "count"},
            "investment_total_cny": {
                "value": 1000 * YI,
                "qualifier": "over",
                "nature": "intended",
                "code": "amount",
            },
        },
        "first_signings": 3,
        "coverage_percent": {"projects": 1.97, "investment_total_cny": 20.0},
        "list_url": f"http://testserver{API}/projects?event=forum"
        "&totals_exclusion_not=umbrella,duplicate,merged,part",
    }
    assert (itemised["projects"], itemised["signed"]) == (3, 2)
    names = ("total_cny", "exact", "qualified", "missing")
    assert [itemised[f"investment_{name}"] for name in names] == [200 * YI, 1, 1, 1]


def test_an_event_that_declared_nothing_and_has_no_project_has_no_rates(
    api: APIClient, forum: SigningEvent
) -> None:
    answer = follow(api)
    assert answer["declared"] == {"projects": None, "investment_total_cny": None}
    assert answer["coverage_percent"] == {"projects": None, "investment_total_cny": None}
    assert (answer["itemised"]["projects"], answer["first_signings"]) == (0, 0)
    assert answer["itemised"]["investment_total_cny"] is None
    rates = answer["itemised"]["rates"]
    assert [rates[name]["percent"] for name in SHOWN] == [None] * 4


def test_the_newest_standing_total_of_the_whole_is_what_was_declared(
    api: APIClient, forum: SigningEvent
) -> None:
    declare(forum, "undated", 1)
    declare(forum, "old", 100, on="2023-11")
    declare(forum, "new", 152, on="2024-01", qualifier="about")
    declare(forum, "withdrawn", 999, on="2025", is_withdrawn=True)
    declare(forum, "part", 16, on="2025", place_id="120115")
    declare(factories.SigningEventFactory.create(), "elsewhere", 7, on="2025")
    shown = follow(api)["declared"]["projects"]
    assert (shown["code"], shown["value"], shown["qualifier"]) == ("new", 152, "about")


# --- Which projects are itemised ----------------------------------------------------------------


def test_a_project_is_itemised_once_whatever_it_did_at_the_event(
    api: APIClient, forum: SigningEvent
) -> None:
    project = at(forum, "both")
    factories.ParticipationFactory.create(event=forum, project=project, role="started")
    at(forum, "presented", role="presented", met=["lead"])
    answer = follow(api)
    assert answer["itemised"]["projects"] == 2
    assert answer["first_signings"] == 1


def test_nothing_of_it_is_added_to_a_figure_of_the_park(
    api: APIClient, forum: SigningEvent
) -> None:
    declare(forum, "amount", 1000 * YI, indicator_id="declared_investment")
    at(forum, "a", investment=50 * YI)
    asked = {"indicator": "invested", "nature": "actual"}
    assert found(api.get(f"{API}/figures/summary", asked))["sum"] is None
    asked = {"indicator": "declared_investment", "nature": "intended"}
    assert error(api.get(f"{API}/figures/summary", asked))["code"] == "not_summable"


# --- Signed again -------------------------------------------------------------------------------


DAYS = {
    **{"later": "2024-05", "earlier": "2022", "same-day": "2023-11-29", "that-year": "2023"},
    **dict.fromkeys(("undated", "undated-2")),
}


def list_first(api: APIClient) -> list[str]:
    """The events at which the one project of a test is a first signing."""
    return [code for code in ("forum", *DAYS) if follow(api, code)["first_signings"]]


@pytest.mark.slow
@together(
    ("events", "first"),
    [
        *[("forum later", "forum"), ("forum later earlier", "earlier")],
        # An event without a date counts as later than any other
        *[("undated undated-2", "undated"), ("undated undated-2 forum", "forum")],
        # Of events of one day the one entered first, of a year and a day in it the day
        *[("same-day forum", "same-day"), ("that-year forum", "forum")],
    ],
)
def test_a_project_that_is_signed_several_times_is_a_first_signing_once(
    api: APIClient, forum: SigningEvent, events: str, first: str
) -> None:
    made = {"forum": forum}
    for code, on in DAYS.items():
        made[code] = factories.SigningEventFactory.create(code=code, on=on)
    project = factories.ProjectFactory.create(met=["signed"])
    for code in events.split():
        factories.ParticipationFactory.create(event=made[code], project=project)
    assert list_first(api) == [first]


def test_being_presented_or_started_earlier_is_no_signing(
    api: APIClient, forum: SigningEvent
) -> None:
    earlier = factories.SigningEventFactory.create(code="earlier", on="2020")
    for role in ("presented", "started"):
        factories.ParticipationFactory.create(event=earlier, project=at(forum, role), role=role)
    signings = [follow(api, code)["first_signings"] for code in ("earlier", "forum")]
    assert signings == [0, 2]


# --- What is hidden -----------------------------------------------------------------------------


def test_drafts_are_hidden(api: APIClient, admin_api: APIClient, forum: SigningEvent) -> None:
    at(forum, "seen")
    at(forum, "draft", publication="draft")
    at(forum, "of-draft-park", park=factories.ParkFactory.create(publication="draft"))
    assert (follow(api)["itemised"]["projects"], follow(api)["first_signings"]) == (1, 1)
    assert follow(admin_api)["itemised"]["projects"] == 3
    draft = factories.SigningEventFactory.create(code="draft", publication="draft", on="2020")
    factories.ParticipationFactory.create(event=draft, project=Project.objects.get(code="seen"))
    assert follow(api)["first_signings"] == 1
    assert follow(admin_api)["first_signings"] == 2
    assert api.get(f"{API}/events/draft/follow-through").status_code == 404
    assert follow(admin_api, "draft")["itemised"]["projects"] == 1
