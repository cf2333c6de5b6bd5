"""A sheet imported and many projects changed by keys alone: no click, and it shows where one is."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from parks.models import Park
from projects.models import Project
from tests import factories
from tests.admin_pages import address
from tests.browsers import PATIENCE, by_turns, open_admin
from tests.projects.importing.imports import workbook

pytestmark = pytest.mark.django_db(transaction=True)

expect.set_options(timeout=PATIENCE)

SHEET = [
    ["项目名称", "投资方", "总投资（亿元）", "线上线下"],
    ["一号厂房项目", "甲公司", "6", "李"],
    ["药厂", "乙公司", "138000", "王"],
]
# Whether somebody sees where they are: by a frame or a shadow that it does not have without
IS_SEEN = """() => {
  const here = document.activeElement, look = (style) =>
    [style.outlineStyle === "none" ? "" : style.outline, style.boxShadow, style.borderColor,
     style.backgroundColor, style.textDecoration].join("|");
  const now = look(getComputedStyle(here));
  here.blur();
  const before = look(getComputedStyle(here));
  here.focus();
  return now !== before;
}"""


def reach(page: Page, place: str, most: int = 80, key: str = "Tab") -> None:
    """Go to a place by the tab key; where that leads is to be seen."""
    for _time in range(most):
        page.keyboard.press(key)
        if page.evaluate("place => document.activeElement.matches(place)", place):
            assert page.evaluate(IS_SEEN), f"{place}: it is not seen that one is there"
            return
    raise AssertionError(f"{place} is not reached by {most} times {key}")


def press(page: Page, place: str) -> None:
    """Go to a button or link and open by it the next page."""
    reach(page, place)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def pick(page: Page, place: str, value: str) -> None:
    """Go to a list and take a value by the arrow keys."""
    reach(page, place)
    for _time in range(60):
        if page.evaluate("document.activeElement.value") == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError(f"{place} has no {value}")


def skip_to_content(page: Page) -> None:
    """Take the first link of the page, which leads past the head to what it is about.

    A form that was reached by it comes back with its mark, and the keys go on from there.
    """
    if page.url.endswith("#content-start"):
        return
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip-to-content-link')")
    page.keyboard.press("Enter")


@pytest.mark.long("other tests send the same forms")
@by_turns(1)
def test_a_sheet_is_imported_by_keys_alone(
    browser: Browser, live_server: Any, park: Park, locale: str, tmp_path: Path
) -> None:
    factories.ProjectFactory.create(name_zh="一号厂房", name_en="", park=park)
    sheet = tmp_path / "月报.xlsx"
    sheet.write_bytes(workbook(*SHEET))
    page = open_admin(browser, live_server, locale, "/admin/")
    skip_to_content(page)
    press(page, "a.button[href='/admin/parks/importbatch/add/']")
    skip_to_content(page)
    reach(page, "#id_file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(sheet)
    press(page, "#content form [type=submit]")
    skip_to_content(page)
    pick(page, "[name=column-0]", "-")
    press(page, "[name=_read_again]")
    skip_to_content(page)
    press(page, ".import-tabs a[href='?show=asked']")
    skip_to_content(page)
    pick(page, "[name=choice-2]", "new")
    pick(page, "[name=amount-3]", "suggested")
    press(page, "[name=_apply]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    names = {"一号厂房项目", "药厂"}
    assert Project.objects.filter(name_zh__in=names).count() == len(names)


@pytest.mark.long("other tests send the same forms")
@by_turns(0)
def test_many_projects_are_changed_and_that_undone_by_keys_alone(
    browser: Browser, live_server: Any, park: Park, locale: str
) -> None:
    for name in ("一号厂房", "二号厂房", "三号厂房"):
        factories.ProjectFactory.create(name_zh=name, name_en="", park=park)
    place = address(Project, "changelist")
    page = open_admin(browser, live_server, locale, place)
    skip_to_content(page)
    reach(page, "#searchbar")
    page.keyboard.type("号厂房")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    skip_to_content(page)
    pick(page, "select[name=action]", "change_many")
    reach(page, "#action-toggle")
    page.keyboard.press("Space")
    reach(page, "button[name=index]", 5, "Shift+Tab")  # back to the actions, above the rows
    with page.expect_navigation():
        page.keyboard.press("Enter")
    skip_to_content(page)
    pick(page, "#id_standing", "suspended")
    reach(page, "#id_standing_reason")
    page.keyboard.type("资金未到位")
    press(page, "[name=_preview]")
    skip_to_content(page)
    press(page, "[name=_apply]")
    suspended = Project.objects.filter(standing="suspended", standing_reason="资金未到位")
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert suspended.count() == 3
    press(page, ".messagelist .success a")
    skip_to_content(page)
    press(page, "[name=_ask_undo]")
    skip_to_content(page)
    press(page, "[name=_undo]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert not suspended.exists()
