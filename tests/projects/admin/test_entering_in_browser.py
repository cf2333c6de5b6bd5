"""Entering without loss: sessions that end, leaving, mistakes; and what bars people from pages."""

from typing import Any

import pytest
from django.contrib import admin
from playwright.sync_api import Browser, expect

from parks.models import Park
from projects.models import Project
from tests import factories
from tests.admin_pages import address
from tests.browsers import MOST_BYTES, PATIENCE, SCHEMES, by_turns, choose, judge_page, open_admin
from tests.samples import IS_LONGEST

pytestmark = pytest.mark.django_db(transaction=True)

expect.set_options(timeout=PATIENCE)


@pytest.mark.slow
@by_turns(1)
def test_what_was_typed_outlives_the_session(
    browser: Browser, live_server: Any, park: Park, locale: str
) -> None:
    page = open_admin(browser, live_server, locale, "/admin/projects/project/add/")
    page.fill("#id_name_zh", "风电产业园")
    page.fill("#id_milestones-1-actual_on", "2024-06")
    choose(page, "source", "日报", "日报")
    page.context.clear_cookies(name="sessionid")
    page.keyboard.press("Control+s")
    page.fill("#id_username", "clerk")
    page.fill("#id_password", factories.PASSWORD)
    page.click("[type=submit]")
    expect(page.locator("[data-kept]")).to_be_visible()
    expect(page.locator("#id_name_zh")).to_have_value("风电产业园")
    page.keyboard.press("Control+s")
    expect(page.locator(".messagelist .success")).to_contain_text("风电产业园")
    project = Project.objects.get()
    assert (project.stage, project.source.title) == ("signed", "日报")


@pytest.mark.slow
@by_turns(2)
def test_leaving_what_was_typed_is_asked_about_and_mistakes_lead_to_their_fields(
    browser: Browser, live_server: Any, park: Park, locale: str
) -> None:
    page = open_admin(browser, live_server, locale, "/admin/projects/project/add/")
    page.fill("#id_name_zh", "风电产业园")
    page.fill("#id_milestones-3-actual_on", "soon")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.evaluate("location.href = '/admin/'")
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    page.click("[name=_save]")
    page.click(".mistakes a")
    assert page.url.endswith("#id_milestones-3-actual_on")
    expect(page.locator("#id_milestones-3-actual_on")).to_have_value("soon")


def find_pages() -> list[str]:
    """The lists and forms of the admin; in the short run a part of the plain ones."""
    models = [model for model in admin.site._registry if model is not Project]
    plain = [address(model, page) for model in models for page in ("changelist", "add")]
    shown = plain if IS_LONGEST else plain[:: len(plain) // 4]
    return ["/admin/", address(Project, "changelist"), address(Project, "add"), *shown]


@pytest.mark.long("walks through every page again")
@by_turns(1)
@pytest.mark.parametrize("scheme", SCHEMES if IS_LONGEST else SCHEMES[1:])
def test_nobody_is_kept_from_a_page_of_the_admin(
    browser: Browser, live_server: Any, locale: str, scheme: Any
) -> None:
    """And none is heavy. `-s` shows the table of all."""
    clerk = factories.UserFactory.create(username="clerk", superuser=True)
    project = factories.ProjectFactory.create(met={"signed": "2024-06"})
    factories.InvestorFactory.create(project=project)
    factories.MembershipFactory.create(user=clerk, park=project.park)
    rows = [(type(row), row.pk) for row in (project, project.park, clerk)]
    page = open_admin(browser, live_server, locale, "/admin/")
    page.emulate_media(color_scheme=scheme)
    found, wire = [], {}
    stored = [address(model, kind, key) for model, key in rows for kind in ("change", "history")]
    for place in [*find_pages(), *stored]:
        answer = page.goto(f"{live_server.url}{place}")
        page.evaluate("new Promise((done) => setTimeout(done, 50))")
        barriers, wire[place] = judge_page(page, answer, f"{locale} {scheme:5}")
        found += [(place, *broken) for broken in barriers]
    assert found == []
    assert max(wire.values()) < MOST_BYTES
