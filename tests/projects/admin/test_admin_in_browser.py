"""The admin in a real browser: what a clerk types is what the database holds."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from parks.models import Park
from projects.models import Project
from tests import factories
from tests.browsers import PATIENCE, by_turns, choose, open_admin

pytestmark = pytest.mark.django_db(transaction=True)

expect.set_options(timeout=PATIENCE)

# What stands on the form
LANGUAGE = {"en-US": "en", "zh-CN": "zh-hans"}
SAVE = {"en-US": "Save", "zh-CN": "保存"}
PARK_NAME = {"en-US": "Science Town", "zh-CN": "科技城"}
BELOW_ZERO = {"en-US": "“-1亿” is below zero.", "zh-CN": "“-1亿”小于零。"}
TOO_LARGE_A_SHARE = {"en-US": "A share can be at most 100 %.", "zh-CN": "出资比例不能超过 100%。"}
EARLIER = {
    "en-US": "Construction started (2023) is dated before contract signed (2024-06).",
    "zh-CN": "开工（2023）早于正式签约（2024-06）。",
}


@pytest.fixture
def park(transactional_db: None) -> Park:
    """A park, two regions that are not told apart by their names' beginnings, a superuser."""
    factories.IndicatorFactory.create()
    factories.RegionFactory.create(code="330300", name_zh="温州市", name_en="Wenzhou")
    factories.RegionFactory.create(code="330302", name_zh="鹿城区", name_en="Lucheng District")
    factories.UserFactory.create(username="clerk", superuser=True)
    return factories.ParkFactory.create(name_en="Science Town", name_zh="科技城")


def open_form(browser: Browser, server: Any, locale: str) -> Page:
    """A window in which the clerk is signed in, at the form for a new project."""
    page = open_admin(browser, server, locale, "/admin/projects/project/add/")
    expect(page.locator("#project_form")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", LANGUAGE[locale])
    expect(page.locator("[name=_save]")).to_have_value(SAVE[locale])
    return page


@pytest.mark.long("other tests send the same forms")
@by_turns(2)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_saved(
    browser: Browser, live_server: Any, park: Park, locale: str
) -> None:
    factories.OrganisationFactory.create(name_en="Sany", name_zh="三一")
    page = open_form(browser, live_server, locale)
    page.fill("#id_name_zh", "风电产业园")
    choose(page, "park", "科技", PARK_NAME[locale])
    page.fill("#id_investment", "-1亿")
    choose(page, "investors-0-organisation", "sany", "Sany" if locale == "en-US" else "三一")
    page.fill("#id_investors-0-share_bp", "101")
    page.click("[name=_save]")
    expect(page.locator(".field-investment .errorlist")).to_contain_text(BELOW_ZERO[locale])
    expect(page.locator(".field-share_bp .errorlist")).to_have_text(TOO_LARGE_A_SHARE[locale])
    expect(page.locator("#id_investment")).to_have_value("-1亿")
    assert not Project.objects.exists()


@pytest.mark.long("other tests send the same forms")
@by_turns(3)
def test_a_doubtful_date_is_saved_and_warned_about(
    browser: Browser, live_server: Any, park: Park, locale: str
) -> None:
    project = factories.ProjectFactory.create(park=park, met={"signed": "2024-06"})
    page = open_form(browser, live_server, locale)
    page.goto(f"{live_server.url}/admin/projects/project/{project.pk}/change/")
    page.click("#milestones-group .add-row a")
    page.select_option("#id_milestones-1-type", "started")
    page.fill("#id_milestones-1-actual_on", "2023")
    page.click("[name=_save]")
    expect(page.locator(".messagelist .warning")).to_contain_text(EARLIER[locale])
    project.refresh_from_db()
    assert project.stage == "started"
