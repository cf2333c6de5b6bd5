"""/events: signing events with what they declared and the projects that were there."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, codes, found, made, mistakes, problem
from tests.factories import (
    EventFigureFactory,
    ParkFactory,
    ParticipationFactory,
    ProjectFactory,
    RegionFactory,
    SigningEventFactory,
    SourceFactory,
)
from tests.kept import check_kept
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

FORUM = {
    "code": "Forum-24",
    "name_zh": "推介会",
    "name_en": "Promotion",
    "kind": "promotion",
    "held_on": "2024-Q2",
    "place": "北京",
    "region": "110000",
    "host": "宝坻区",
    "park": "town",
    "source": "S1",
    "publication": "draft",
    "note": "第一行\n第二行",
}


@kept_rows
def surroundings() -> None:
    """What `FORUM` refers to."""
    RegionFactory.create(code="110000", name_zh="北京市", name_en="Beijing")
    ParkFactory.create(code="town")
    SourceFactory.create(code="S1", title="报道")


def test_an_event_is_written_with_every_field_and_read_back(
    admin_api: APIClient, surroundings: None
) -> None:
    response = admin_api.post(f"{API}/events", FORUM)
    row = made(response)
    assert {name: row[name] for name in FORUM} == FORUM
    assert response.headers["Location"] == f"http://testserver{API}/events/Forum-24"
    assert found(admin_api.get(f"{API}/events/forum-24")) == row
    (listed,) = found(admin_api.get(f"{API}/events"))["results"]
    assert listed.items() <= row.items()
    assert {*row} - {*listed} == {"figures", "participations"}


def test_an_event_is_answered_whole(api: APIClient, surroundings: None) -> None:
    event = SigningEventFactory.create(code="forum", name_zh="论坛", name_en="", on="2024-03-05")
    EventFigureFactory.create(
        event=event, code="forum-projects", qualifier="over", as_reported="152个意向项目"
    )
    for code, publication in [("b", "published"), ("a", "published"), ("c", "draft")]:
        project = ProjectFactory.create(code=code, name_zh=f"项目{code}", publication=publication)
        ParticipationFactory.create(event=event, project=project)
    answer = found(api.get(f"{API}/events/forum"))
    check_kept("event", answer)
    del answer["figures"], answer["participations"]
    (listed,) = found(api.get(f"{API}/events"))["results"]
    assert answer == listed


def test_the_list_can_be_narrowed_and_ordered(api: APIClient, surroundings: None) -> None:
    town = {"park": ParkFactory.create(code="harbour"), "region_id": "110000"}
    SigningEventFactory.create(code="year", on="2024", kind="", name_zh="年会")
    SigningEventFactory.create(code="quarter", on="2024-Q2", kind="promotion", **town)
    SigningEventFactory.create(code="day", on="2024-06-30", name_en="Grand Day")
    SigningEventFactory.create(code="never", kind="opening", source=SourceFactory.create(code="S9"))
    SigningEventFactory.create(code="draft", on="2024", publication="draft", **town)
    hidden = ParkFactory.create(publication="draft")
    SigningEventFactory.create(code="inside", on="2024", park=hidden)
    for parameters, expected in [
        ({}, ["day", "never", "quarter", "year"]),
        ({"kind": "signing"}, ["day"]),
        ({"kind": "promotion,unknown"}, ["quarter", "year"]),
        ({"kind_not": "signing"}, ["never", "quarter", "year"]),
        ({"park": "HARBOUR"}, ["quarter"]),
        ({"park": "unknown"}, ["day", "never", "year"]),
        ({"park_not": "harbour"}, ["day", "never", "year"]),
        ({"region": "北京"}, ["quarter"]),
        ({"region": "unknown"}, ["day", "never", "year"]),
        ({"held_from": "2024-04"}, ["day", "quarter"]),
        ({"held_to": "2024-06"}, ["day", "quarter"]),
        ({"held_from": "2024", "held_to": "2024"}, ["day", "quarter", "year"]),
        ({"held_from": "2024-06-30"}, ["day"]),
        ({"source": "s9"}, ["never"]),
        ({"source_not": "S9"}, ["day", "quarter", "year"]),
        ({"source": "unknown"}, ["day", "quarter", "year"]),
        ({"q": "grand"}, ["day"]),
        ({"q": "年会"}, ["year"]),
        ({"ordering": "-held_on", "limit": "1"}, ["day", "quarter", "year", "never"]),
        ({"ordering": "held_on"}, ["year", "quarter", "day", "never"]),
    ]:
        assert codes(api, "events", **parameters) == expected, parameters


def test_an_event_at_which_projects_were_cannot_be_deleted(admin_api: APIClient) -> None:
    event = SigningEventFactory.create(code="forum")
    figure = EventFigureFactory.create(event=event)
    row = ParticipationFactory.create(event=event)
    document = problem(admin_api.delete(f"{API}/events/forum"), 409)
    assert document["dependents"] == 1
    (kept,) = found(admin_api.get(f"{API}/events/forum"))["figures"]
    assert kept["code"] == figure.code
    project = f"{API}/projects/{row.project.code}"
    assert admin_api.delete(f"{project}/participations/{row.pk}").status_code == 204
    assert admin_api.delete(f"{API}/events/forum").status_code == 204
    again = admin_api.post(f"{API}/events", {"name_zh": "会", "code": "FORUM"})
    assert mistakes(again, 409) == {"#/code": "code_retired"}
