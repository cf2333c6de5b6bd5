"""/events/{code}/follow-through: what was declared, what is itemised, and what became of it."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Milestone, Participation, Project, SigningEvent
from tests import factories
from tests.answers import API, Row, error, found
from tests.kept import check_kept
from tests.seeded import kept_rows

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


# --- The published example ----------------------------------------------------------------------


def sign_many(event: SigningEvent, count: int, stage: str, standing: str = "active") -> None:
    """So many projects at an event that have a contract and reached a stage, written as sets."""
    park = factories.ParkFactory.create()
    first = Project.objects.count()
    why = "" if standing == "active" else "撤资"
    projects = Project.objects.bulk_create(
        Project(
            code=f"p{first + n}",
            name_zh=f"项目{n}",
            park=park,
            standing=standing,
            standing_reason=why,
        )
        for n in range(count)
    )
    types = dict.fromkeys(["signed", stage])
    Milestone.objects.bulk_create(
        Milestone(project=project, type=type) for project in projects for type in types
    )
    Participation.objects.bulk_create(
        Participation(project=project, event=event, role="signed") for project in projects
    )
    Project.objects.filter(pk__in=[p.pk for p in projects]).derive()


def test_published_rates_are_worked_out_again(api: APIClient, forum: SigningEvent) -> None:
    sign_many(forum, 18, "completed")
    sign_many(forum, 180, "started")
    sign_many(forum, 93, "signed")
    sign_many(forum, 1, "signed", standing="terminated")
    itemised = follow(api)["itemised"]
    assert [itemised[name] for name in ("projects", "signed", "not_terminated")] == [292, 292, 291]
    assert [itemised[name] for name in ("started", "completed", "operating")] == [198, 18, 0]
    check_kept("rate of an event", itemised["rates"]["survival_rate"])
    numbers = ("numerator", "denominator", "not_known", "percent", "percent_at_most")
    assert {
        name: tuple(rate[number] for number in numbers) for name, rate in itemised["rates"].items()
    } == {
        "fulfilment_rate": (198, 292, 93, 67.81, 99.66),  # of 93 nobody has heard since
        "survival_rate": (291, 292, 0, 99.66, 99.66),
        "registration_rate": (198, 292, 93, 67.81, 99.66),
        "start_rate": (198, 292, 93, 67.81, 99.66),
        "completion_rate": (18, 292, 273, 6.16, 99.66),
        "operation_rate": (0, 292, 291, 0.0, 99.66),
        "conversion_rate": (0, 0, 0, None, None),
        "funds_in_place_rate": (None, None, 0, None, None),  # nobody knows: that is not nothing
        "reported_funds_in_place_rate": (None, None, 0, None, None),
    }


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


def test_the_list_behind_the_numbers_is_exactly_what_is_itemised(
    api: APIClient, forum: SigningEvent
) -> None:
    signed = at(forum, "signed", investment=YI)
    at(forum, "intended", met=["intended"], investment=2 * YI)
    at(forum, "stageless", met=[], role="presented")
    at(forum, "umbrella", is_umbrella=True)
    at(forum, "part", part_of=signed)
    at(forum, "secret", publication="draft")
    at(factories.SigningEventFactory.create(), "elsewhere")
    answer = follow(api)
    rows = found(api.get(answer["list_url"]))["results"]
    assert [row["code"] for row in rows] == ["intended", "signed", "stageless"]
    itemised = answer["itemised"]
    assert len(rows) == itemised["projects"]
    amounts = [row["investment_cny"] for row in rows]
    assert sum(amount or 0 for amount in amounts) == itemised["investment_total_cny"]
    assert amounts.count(None) == itemised["investment_missing"]


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


def first_signings(api: APIClient, *events: str) -> list[int]:
    return [follow(api, code)["first_signings"] for code in events]


def test_a_project_signed_again_at_a_later_fair_is_a_first_signing_once(
    api: APIClient, forum: SigningEvent
) -> None:
    later = factories.SigningEventFactory.create(code="later", on="2024-05")
    earlier = factories.SigningEventFactory.create(code="earlier", on="2022")
    project = at(forum, "a")
    factories.ParticipationFactory.create(event=later, project=project)
    at(later, "b")
    assert first_signings(api, "earlier", "forum", "later") == [0, 1, 1]
    assert follow(api, "later")["itemised"]["projects"] == 2
    factories.ParticipationFactory.create(event=earlier, project=project)
    assert first_signings(api, "earlier", "forum", "later") == [1, 0, 1]


def test_an_event_without_a_date_counts_as_later_than_any_other(
    api: APIClient, forum: SigningEvent
) -> None:
    project = at(factories.SigningEventFactory.create(code="undated"), "a")
    assert first_signings(api, "undated") == [1]
    factories.ParticipationFactory.create(
        event=factories.SigningEventFactory.create(code="undated-2"), project=project
    )
    assert first_signings(api, "undated", "undated-2") == [1, 0]
    factories.ParticipationFactory.create(event=forum, project=project)
    assert first_signings(api, "undated", "undated-2", "forum") == [0, 0, 1]


def test_of_events_of_the_same_day_the_one_entered_first_counts(
    api: APIClient, forum: SigningEvent
) -> None:
    same_day = factories.SigningEventFactory.create(code="same-day", on="2023-11-29")
    project = at(same_day, "a")
    factories.ParticipationFactory.create(event=forum, project=project)
    assert first_signings(api, "same-day", "forum") == [1, 0]


def test_of_a_year_and_a_day_in_it_the_day_counts(api: APIClient, forum: SigningEvent) -> None:
    project = at(factories.SigningEventFactory.create(code="that-year", on="2023"), "a")
    factories.ParticipationFactory.create(event=forum, project=project)
    assert first_signings(api, "that-year", "forum") == [0, 1]


def test_being_presented_or_started_earlier_is_no_signing(
    api: APIClient, forum: SigningEvent
) -> None:
    earlier = factories.SigningEventFactory.create(code="earlier", on="2020")
    for role in ("presented", "started"):
        factories.ParticipationFactory.create(event=earlier, project=at(forum, role), role=role)
    assert first_signings(api, "earlier", "forum") == [0, 2]


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
