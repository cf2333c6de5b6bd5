"""The admin's list of projects: narrowed by the filters of the API, counted as its facets."""

from typing import Any

import pytest
from django.test import Client

from parks.models import Region
from projects.admin import project_list
from projects.models import Project
from tests.admin_pages import address
from tests.factories import (
    MembershipFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(client: Client) -> Client:
    """A client at the desk of somebody who may do everything."""
    client.force_login(UserFactory.create(superuser=True))
    return client


def listed(desk: Client, **query: str) -> Any:
    return desk.get(address(Project, "changelist"), query).context_data["cl"]


def options(changelist: Any, name: str) -> dict[str, str]:
    """What a drop-down offers: labels by value."""
    (found,) = [each for each in changelist.drop_downs if each["name"] == name]
    return {option["value"]: option["label"] for option in found["options"]}


def test_a_filter_offers_what_there_is_with_how_many_projects_have_it(desk: Client) -> None:
    RegionFactory.create(code="330000", level=Region.Level.PROVINCE, name_en="Zhejiang")
    origin = RegionFactory.create(code="330300")
    park = ParkFactory.create(name_en="Science Town")
    ProjectFactory.create(park=park, origin=origin, met={"signed": "2024-06"})
    ProjectFactory.create_batch(2, park=park)
    ProjectFactory.create(standing="suspended", standing_reason="no land")
    found = listed(desk)
    assert options(found, "park")[park.code] == "Science Town (3)"
    assert options(found, "stage") == {"signed": "contract signed (1)", "unknown": "unknown (3)"}
    assert options(found, "origin_province") == {"330000": "Zhejiang (1)", "unknown": "unknown (3)"}
    assert options(found, "signed_year") == {"2024": "2024 (1)", "unknown": "unknown (3)"}
    # What is chosen can be exchanged for another value; the other filters count what is left
    chosen = listed(desk, standing="suspended")
    assert options(chosen, "standing") == {"active": "active (3)", "suspended": "suspended (1)"}
    assert options(chosen, "stage") == {"unknown": "unknown (1)"}


def test_of_a_list_too_long_to_count_the_values_are_offered_without_counts(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(project_list, "COUNTED_AT_MOST", 1)
    ProjectFactory.create_batch(2, publication="draft")
    assert options(listed(desk), "publication") == {
        "draft": "draft",
        "published": "published",
        "withdrawn": "withdrawn",
    }


@pytest.mark.parametrize(
    ("query", "detail", "suggestion"),
    [
        ({"stages": "signed"}, "There is no filter “stages”.", "stage"),
        ({"stage": "sighed"}, "“sighed” is not one of", "signed"),
        ({"investment_min": "lots"}, "", None),
    ],
)
def test_what_the_api_does_not_understand_is_refused_and_nothing_listed(
    desk: Client, query: dict[str, str], detail: str, suggestion: str | None
) -> None:
    ProjectFactory.create()
    found = listed(desk, **query)
    (refusal,) = found.refusals
    assert (refusal.parameter, refusal.suggestion) == (*query, suggestion)
    assert detail in refusal.detail
    assert list(found.result_list) == []


def test_a_condition_without_a_drop_down_is_named_and_can_be_taken_away(desk: Client) -> None:
    ProjectFactory.create(investment_cny=200_000_000)
    found = listed(desk, investment_min="1亿", stage="unknown")
    (chip,) = found.chips
    assert chip["text"] == "investment from: 1亿"
    assert chip["href"] == "?stage=unknown"


def test_an_editor_is_offered_and_shown_the_projects_of_their_parks(client: Client) -> None:
    mine = MembershipFactory.create(park__name_en="Mine", role="editor")
    project = ProjectFactory.create(park=mine.park)
    ProjectFactory.create(park__publication="published")
    client.force_login(mine.user)
    found = listed(client)
    assert list(found.result_list) == [project]
    assert options(found, "park") == {mine.park.code: "Mine (1)"}
