"""GET /parks/{code}/overview and /events/{code}/overview: what a page needs in one answer."""

from urllib.parse import urlsplit

import pytest
from rest_framework.test import APIClient

from projects.summaries.views import EVENT_PARTS, PARK_PARTS
from tests.answers import API, Row, found
from tests.conftest import make_vocabularies
from tests.factories import (
    FundingFactory,
    ParkFactory,
    ParticipationFactory,
    ProjectFactory,
    SigningEventFactory,
)
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

YI = 10**8


@kept_rows
def ledger() -> None:
    """What the questions are about."""
    make_vocabularies()
    town, port = ParkFactory.create(code="town"), ParkFactory.create(code="port")
    forum = SigningEventFactory.create(code="forum")
    for code, park, met, rest in [
        ("chips", town, {"signed": "2023-11"}, {"origin_id": "330300", "sector_id": "C3973"}),
        ("pills", town, {"signed": "2024", "operating": None}, {"origin_id": "110000"}),
        ("umbrella", town, {"signed": "2024"}, {"is_umbrella": True}),
        ("intent", town, {"intended": "2024-01"}, {}),
        ("elsewhere", port, {"signed": "2024"}, {}),
    ]:
        project = ProjectFactory.create(code=code, park=park, met=met, investment=YI, **rest)
        FundingFactory.create(project=project)
        ParticipationFactory.create(project=project, event=forum)


def check_parts(api: APIClient, answer: Row, names: list[str]) -> None:
    """Each part is what its own address answers."""
    for name in names:
        own = found(api.get(answer[name]["url"]))
        assert {**own, "url": answer[name]["url"]} == answer[name], name
        for row in answer[name]["rows"]:
            assert found(api.get(row["list_url"] + "&count=exact"))["count"] == row["count"]


def test_a_park_is_summed_up_as_at_the_addresses_of_its_parts(api: APIClient, ledger: None) -> None:
    answer = found(api.get(f"{API}/parks/town/overview"))
    check_parts(api, answer, [*PARK_PARTS, "flows"])
    assert answer["park"] == "town"
    assert answer["stages"]["total"]["count"] == 4
    assert answer["signed"]["total"]["count"] == 2
    assert [row["origin_group"]["value"] for row in answer["origins"]["rows"]] == ["jjj", "yrd"]
    assert answer["flows"]["total"]["count"] == 4
    assert answer["follow_through"]["signed"] == 2
    assert answer["follow_through"]["operating"] == 1
    assert urlsplit(answer["flows"]["url"]).path == f"{API}/fundings/summary"


def test_an_event_is_summed_up_without_what_is_counted_elsewhere(
    api: APIClient, ledger: None
) -> None:
    answer = found(api.get(f"{API}/events/forum/overview"))
    check_parts(api, answer, [*EVENT_PARTS])
    assert answer["event"] == "forum"
    assert answer["stages"]["total"]["count"] == 4
    assert answer["follow_through"] == found(api.get(f"{API}/events/forum/follow-through"))
    assert [row["park"]["value"] for row in answer["parks"]["rows"]] == ["town", "port"]


def test_what_one_may_not_see_has_no_overview(api: APIClient, ledger: None) -> None:
    ParkFactory.create(code="secret", publication="draft")
    assert api.get(f"{API}/parks/secret/overview").status_code == 404
    assert api.get(f"{API}/parks/town/overview?group_by=stage").status_code == 400
    assert api.get(f"{API}/events/nothing/overview").status_code == 404
