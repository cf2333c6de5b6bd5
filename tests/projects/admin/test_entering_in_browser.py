"""How far it is for a clerk: clicks, stops of the tab key, and what keeps somebody from a page."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from playwright.sync_api import Browser, Page, expect

from projects.models import Project
from tests import factories
from tests.admin_pages import address
from tests.browsers import PATIENCE, by_turns, find_barriers, open_admin, opened

pytestmark = pytest.mark.django_db(transaction=True)

expect.set_options(timeout=PATIENCE)

# Before the form was made for entering: 39 clicks, 206 stops, 5,700 pixels, and of axe-core's
# findings of weight 15 on the form of a project and 56 on that of a park
CLICKS, STOPS, HEIGHT = 15, 40, 1600
DESK = {"width": 1280, "height": 900}
DAYS = ("2024-01", "2024-03", "2024-06", "2025-05")


class Hand:
    """Somebody with a mouse: every field that is entered and every choice is a click."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.clicks = 0

    def click(self, place: str) -> None:
        self.page.click(place)
        self.clicks += 1

    def type(self, place: str, text: str) -> None:
        self.click(place)
        self.page.fill(place, text)

    def choose(self, field: str, typed: str, wanted: str) -> None:
        self.click(f".select2-selection:has(#select2-id_{field}-container)")
        self.page.fill(".select2-search__field", typed)
        self.page.locator(".select2-results__option", has_text=wanted).click()
        self.clicks += 1


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with opened() as chromium:
        yield chromium


@pytest.fixture
def clerk(transactional_db: None) -> Any:
    """An editor of one park, with what the projects there are described by."""
    factories.IndicatorFactory.create()
    factories.RegionFactory.create(code="330300", name_zh="温州市", name_en="Wenzhou")
    factories.SectorFactory.create(code="C38", name_zh="电气机械", name_en="Electrical machinery")
    factories.OrganisationFactory.create(name_zh="三一重能", name_en="Sany")
    factories.SourceFactory.create(title="Daily report")
    person = factories.UserFactory.create(username="clerk", is_staff=True)
    factories.MembershipFactory.create(user=person, park__name_zh="科技城", role="editor")
    return person


def count_stops(page: Page) -> int:
    """How often the tab key is pressed from the first field of a form to where it is saved."""
    page.locator("#content form input:visible").first.focus()
    for number in range(1, 300):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "_save":
            return number
    raise AssertionError("No button to save is reached by the tab key.")


@by_turns(2)
def test_a_project_with_four_milestones_is_entered_in_few_steps(
    browser: Browser, live_server: Any, clerk: Any, locale: str
) -> None:
    page = open_admin(browser, live_server, locale, "/admin/projects/project/add/", viewport=DESK)
    expect(page.locator("#id_park")).not_to_have_value("")
    assert count_stops(page) <= STOPS
    assert page.evaluate("document.documentElement.scrollHeight") <= HEIGHT
    is_chinese = locale == "zh-CN"
    hand = Hand(page)
    hand.type("#id_name_zh", "风电产业园")
    hand.type("#id_investment", "超1.5亿元")
    hand.choose("origin", "温州", "温州市" if is_chinese else "Wenzhou")
    hand.choose("sector", "电气", "电气" if is_chinese else "Electrical")
    hand.choose("investors-0-organisation", "三一", "三一重能" if is_chinese else "Sany")
    hand.choose("source", "Daily", "Daily report")
    for number, day in enumerate(DAYS):
        page.fill(f"#id_milestones-{number}-actual_on", day)
        hand.clicks += 1
    hand.click("[name=_save]")
    expect(page.locator(".messagelist .success")).to_contain_text("风电产业园")
    assert hand.clicks <= CLICKS
    project = Project.objects.get()
    assert (project.stage, project.origin_id, project.sector_id) == ("operating", "330300", "C38")
    assert project.milestones.filter(status="met").count() == len(DAYS)
    assert project.investors.get().organisation.name_zh == "三一重能"
    page.goto(f"{live_server.url}{address(Project, 'change', project.pk)}")
    assert count_stops(page) <= STOPS
    assert page.evaluate("document.documentElement.scrollHeight") <= HEIGHT


@by_turns(1)
def test_what_was_typed_outlives_the_session(
    browser: Browser, live_server: Any, clerk: Any, locale: str
) -> None:
    page = open_admin(browser, live_server, locale, "/admin/projects/project/add/", viewport=DESK)
    page.fill("#id_name_zh", "风电产业园")
    page.fill("#id_milestones-1-actual_on", "2024-06")
    Hand(page).choose("source", "Daily", "Daily report")
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
    assert (project.stage, project.source.title) == ("signed", "Daily report")


@by_turns(2)
def test_leaving_what_was_typed_is_asked_about_and_mistakes_lead_to_their_fields(
    browser: Browser, live_server: Any, clerk: Any, locale: str
) -> None:
    page = open_admin(browser, live_server, locale, "/admin/projects/project/add/", viewport=DESK)
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
    shown = plain if os.environ.get("LEDGER_LONG") else plain[:: len(plain) // 12]
    return ["/admin/", address(Project, "changelist"), address(Project, "add"), *shown]


@by_turns(1)
def test_nobody_is_kept_from_a_page_of_the_admin(
    browser: Browser, live_server: Any, locale: str
) -> None:
    factories.UserFactory.create(username="clerk", superuser=True)
    project = factories.ProjectFactory.create(met={"signed": "2024-06"})
    factories.InvestorFactory.create(project=project)
    rows = [(Project, project.pk), (type(project.park), project.park.pk)]
    page = open_admin(browser, live_server, locale, "/admin/", viewport=DESK)
    found = []
    stored = [address(model, kind, key) for model, key in rows for kind in ("change", "history")]
    for place in [*find_pages(), *stored]:
        page.goto(f"{live_server.url}{place}")
        page.evaluate("new Promise((done) => setTimeout(done, 50))")
        found += [(place, *broken) for broken in find_barriers(page)]
    assert found == []


@by_turns(1)
def test_a_clerk_brings_a_project_from_nothing_to_operating_and_reports_its_funds(
    browser: Browser, live_server: Any, clerk: Any, locale: str
) -> None:
    page = open_admin(browser, live_server, locale, "/admin/", viewport=DESK)
    page.click("a.button[href='/admin/projects/project/add/']")
    page.fill("#id_name_zh", "风电产业园")
    page.fill("#id_milestones-1-actual_on", "2024-03")
    page.click("[name=_continue]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    for day in ("2024-06", "2025-05-01"):  # the page offers the next usual step by itself
        page.click(".object-tools a[href*='/advance/']")
        page.fill("#id_day", day)
        page.click("[name=_save]")
        expect(page.locator(".head-strip")).to_contain_text(day)
    assert Project.objects.get().stage == "operating"
    page.goto(f"{live_server.url}/admin/projects/funding/months/?year=2025&unit=wan")
    page.fill("#id_pasted", "项目\t1月\t3月\n风电产业园\t1,200\t300.5")
    page.click("[name=_check]")
    page.click("[name=_store]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Project.objects.get().paid_in_cny == 15_005_000
