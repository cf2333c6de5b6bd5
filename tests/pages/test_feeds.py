"""The calendar of what is due at a private address, and public news as Atom."""

from datetime import date
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from icalendar import Calendar

from pages.pushing import feeds
from projects.models import Project
from tests import factories
from tests.answers import API, sign_in

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.both_databases,
    pytest.mark.usefixtures("vocabularies", "investment_indicator"),
]
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def li(settings: Any) -> Any:
    settings.SITE_URL = "http://testserver"
    person = factories.UserFactory.create()
    for code in ("town", "port"):
        park = factories.ParkFactory.create(code=code)
        project = factories.ProjectFactory.create(
            code=f"{code}-fab",
            name_zh=f"晶圆厂；{code}, “一期”" + "长" * 60,
            name_en="",
            park=park,
            met={"signed": "2024-03"},
            review_on=date(2027, 1, 31),
            review_on_precision="day",
        )
        step = {"type": "started", "status": "scheduled", "planned": "2024-06"}
        factories.MilestoneFactory.create(project=project, **step)
        factories.ObstacleFactory.create(
            project=project, problem="no power;\nno water", due_on=date(2026, 12, 24)
        )
        if code == "town":
            factories.MembershipFactory.create(user=person, park=park, role="viewer")
    return person


def test_what_is_due_is_a_calendar_at_an_address_that_can_be_renewed(li: Any) -> None:
    client = sign_in(li)
    made = client.post(f"{API}/subscriptions", {"name": "日历", "channel": "calendar"}).json()
    secret = f"{API}/subscriptions/{made['id']}/secret"
    address = client.post(secret).json()["secret"]
    answer = Client().get(address)
    assert answer.headers["Content-Type"].startswith("text/calendar")
    assert max(map(len, answer.content.split(b"\r\n"))) <= 75
    found = Calendar.from_ical(answer.content)
    assert found.errors == []
    events = {(event["DTSTART"].dt, str(event["SUMMARY"])) for event in found.events}
    name = f"晶圆厂；town, “一期”{'长' * 60}"
    assert events == {
        (date(2024, 6, 30), f"{name}: construction started"),
        (date(2026, 12, 24), f"{name}: no power;\nno water"),
        (date(2027, 1, 31), f"{name}: day of review"),
    }
    assert len({str(event["UID"]) for event in found.events}) == 3
    assert {str(event["URL"]) for event in found.events} == {"http://testserver/projects/town-fab"}
    again = Client().get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    refused = client.post(f"{API}/subscriptions/{made['id']}/test")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "no_use")
    newer = client.post(secret).json()["secret"]
    assert Client().get(address).status_code == 404
    assert Client().get(newer).status_code == 200
    li.memberships.all().delete()
    assert b"BEGIN:VEVENT" not in Client().get(newer).content
    li.is_active = False
    li.save()
    for lost in (newer, "/calendar.ics", "/calendar.ics?key="):
        assert Client().get(lost).status_code == 404


def test_a_calendar_and_news_end_after_so_many(li: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(li)
    made = client.post(f"{API}/subscriptions", {"name": "日历", "channel": "calendar"}).json()
    address = client.post(f"{API}/subscriptions/{made['id']}/secret").json()["secret"]
    fab = Project.objects.get(code="town-fab")
    step = {"type": "completed", "status": "scheduled", "planned": "2026-01-01"}
    factories.MilestoneFactory.create(project=fab, **step)
    for most, days, news in ((1, 3, 1), (2, 4, 2), (3, 4, 2)):
        monkeypatch.setattr(feeds, "MOST_DAYS", most)
        monkeypatch.setattr(feeds, "MOST_NEWS", most)
        assert Client().get(address).content.count(b"BEGIN:VEVENT") == days
        assert Client().get("/news.atom").content.count(b"<entry>") == news


def test_a_line_of_a_calendar_has_75_bytes() -> None:
    for length, folded in ((74, 0), (75, 0), (76, 1), (149, 1), (150, 2)):
        assert feeds.fold_line("x" * length).count("\r\n ") == folded
    assert feeds.fold_line("长" * 25) == "长" * 25
    assert feeds.fold_line("长" * 26) == f"{'长' * 25}\r\n 长"


def test_public_news_are_atom(li: Any, settings: Any) -> None:
    factories.ProjectFactory.create(name_zh="草稿", publication="draft", met={"signed": "2026"})
    answer = Client().get("/news.atom", headers={"Accept-Language": "en"})
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ET.fromstring(answer.content)  # noqa: S314 our own
    for place in (feed, *(entries := feed.findall(f"{ATOM}entry"))):
        for name in ("id", "title", "updated"):
            assert place.findtext(f"{ATOM}{name}"), name
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Park Ledger"
    assert len(entries) == 2
    assert "草稿" not in answer.content.decode()
    again = Client().get(
        "/news.atom", headers={"Accept-Language": "en", "If-None-Match": answer.headers["ETag"]}
    )
    assert again.status_code == 304
    assert 'type="application/atom+xml"' in Client().get("/about").content.decode()
    settings.PUBLIC_READ = False
    assert Client().get("/news.atom").status_code == 404
