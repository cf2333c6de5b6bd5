"""Entering without loss: sessions that end, leaving, mistakes; and what bars people from pages."""

from typing import Any

import pytest
from django.contrib import admin
from playwright.sync_api import Browser, expect

from projects.models import Project
from tests import factories
from tests.admin_pages import address
from tests.browsers import PATIENCE, by_turns, choose, find_barriers, open_admin
from tests.samples import IS_LONG

pytestmark = pytest.mark.django_db(transaction=True)

expect.set_options(timeout=PATIENCE)

DESK = {"width": 1280, "height": 900}


@pytest.fixture
def clerk(transactional_db: None) -> Any:
    """An editor of one park, with what the projects there are described by."""
    factories.IndicatorFactory.create()
    factories.SourceFactory.create(title="Daily report")
    person = factories.UserFactory.create(username="clerk", is_staff=True)
    factories.MembershipFactory.create(user=person, park__name_zh="科技城", role="editor")
    return person


@by_turns(1)
def test_what_was_typed_outlives_the_session(
    browser: Browser, live_server: Any, clerk: Any, locale: str
) -> None:
    page = open_admin(browser, live_server, locale, "/admin/projects/project/add/", viewport=DESK)
    page.fill("#id_name_zh", "风电产业园")
    page.fill("#id_milestones-1-actual_on", "2024-06")
    choose(page, "source", "Daily", "Daily report")
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


@pytest.mark.long("other tests send the same forms")
@by_turns(2)
def test_errors_are_beside_their_fields_and_a_doubtful_date_is_saved_with_a_warning(
    browser: Browser, live_server: Any, clerk: Any, locale: str
) -> None:
    factories.OrganisationFactory.create(name_en="Sany", name_zh="三一")
    page = open_admin(browser, live_server, locale, "/admin/projects/project/add/", viewport=DESK)
    zh = locale == "zh-CN"
    page.fill("#id_name_zh", "风电产业园")
    page.fill("#id_investment", "-1亿")
    choose(page, "investors-0-organisation", "sany", "三一" if zh else "Sany")
    page.fill("#id_investors-0-share_bp", "101")
    page.fill("#id_milestones-1-actual_on", "2024-06")
    page.fill("#id_milestones-2-actual_on", "2023")
    page.click("[name=_save]")
    below, above, early = (
        ("“-1亿”小于零。", "出资比例不能超过 100%。", "开工（2023）早于正式签约（2024-06）。")
        if zh
        else (
            "“-1亿” is below zero.",
            "A share can be at most 100 %.",
            "Construction started (2023) is dated before contract signed (2024-06).",
        )
    )
    expect(page.locator(".field-investment .errorlist")).to_contain_text(below)
    expect(page.locator(".field-share_bp .errorlist")).to_have_text(above)
    expect(page.locator("#id_investment")).to_have_value("-1亿")
    assert not Project.objects.exists()
    page.fill("#id_investment", "1亿")
    page.fill("#id_investors-0-share_bp", "100")
    page.click("[name=_save]")
    expect(page.locator(".messagelist .warning")).to_contain_text(early)
    assert Project.objects.get().stage == "started"


def find_pages() -> list[str]:
    """The lists and forms of the admin; in the short run a part of the plain ones."""
    models = [model for model in admin.site._registry if model is not Project]
    plain = [address(model, page) for model in models for page in ("changelist", "add")]
    shown = plain if IS_LONG else plain[:: len(plain) // 4]
    return ["/admin/", address(Project, "changelist"), address(Project, "add"), *shown]


@pytest.mark.long("walks through every page again")
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
