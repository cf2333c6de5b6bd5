"""A day of a clerk in a browser, from a sheet in the morning to a list that is taken along.

On its way it is counted what one project costs: clicks, stops of the tab key, the height of the
form; what keeps somebody from a page; and English words on Chinese pages.
"""

from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from parks.models import Park
from projects.models import Project
from tests import factories
from tests.admin_pages import address
from tests.browsers import PATIENCE, by_turns, choose, find_barriers, find_english, open_admin
from tests.projects.importing.imports import workbook

pytestmark = pytest.mark.django_db(transaction=True)

expect.set_options(timeout=PATIENCE)

# Before the form was made for entering: 39 clicks, 206 stops, 5,700 pixels
CLICKS, STOPS, HEIGHT = 15, 40, 1600
LIST = address(Project, "changelist")
# What stands on the pages
SAVED_SINCE = {"en-US": "since you opened it", "zh-CN": "打开之后"}
AMOUNT = {"en-US": "over 150 million yuan", "zh-CN": "超1.5亿元"}
HEADERS = {"en-US": ("code", "Chinese name"), "zh-CN": ("编码", "中文名称")}
SHEET = [
    ["项目名称", "总投（亿元）", "签约日期", "线上线下"],
    ["晶圆厂", "1.5", "2024-06", "李"],
    ["电池厂", "138000", "2024-07", "李"],
    ["药厂", "3", "2024-13", "王"],
    ["一号厂房项目", "6", "2024-05", "王"],
]
WORKSHOPS = [f"{number}号厂房" for number in "一二三四五六七八九十"]


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
        """Type into a field that completes, and take what is wanted from the list."""
        choose(self.page, field, typed, wanted)
        self.clicks += 2


def count_stops(page: Page) -> int:
    """How often the tab key is pressed from the first field of a form to where it is saved."""
    page.locator("#content form input:visible").first.focus()
    for number in range(1, 300):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "_save":
            return number
    raise AssertionError("No button to save is reached by the tab key.")


def judge(page: Page, locale: str) -> None:
    """Nobody is kept from the page, and a Chinese one is in Chinese."""
    page.wait_for_load_state()
    assert find_barriers(page, has_sizes=True) == []
    if locale == "zh-CN":
        assert find_english(page) == set()


def told(page: Page) -> Locator:
    return page.locator(".messagelist .success")


@pytest.mark.long("walks through every page again")
@by_turns(1)
def test_a_day_of_a_clerk(
    browser: Browser, live_server: Any, park: Park, locale: str, tmp_path: Path
) -> None:
    factories.RegionFactory.create(code="330300", name_zh="温州市", name_en="Wenzhou")
    factories.SectorFactory.create(code="C38", name_zh="电气机械", name_en="Electrical machinery")
    factories.OrganisationFactory.create(name_zh="三一重能", name_en="")
    for name in WORKSHOPS:
        factories.ProjectFactory.create(name_zh=name, name_en="", park=park)
    page = open_admin(browser, live_server, locale, "/admin/")
    judge(page, locale)
    import_a_sheet(page, locale, tmp_path / "月报.xlsx")
    page.goto(f"{live_server.url}/admin/")
    enter_a_project(page, locale)
    advance_it(page)
    page.goto(f"{live_server.url}/admin/")
    paste_funds(page, locale)
    page.goto(f"{live_server.url}{LIST}")
    suspend_ten(page, locale)
    solve_a_conflict(page, live_server, locale)
    page.goto(f"{live_server.url}{LIST}")
    take_a_list_along(page, locale, tmp_path / "list.xlsx")


def import_a_sheet(page: Page, locale: str, sheet: Path) -> None:
    """Read a sheet, say what its columns are, mend a cell, answer what is asked, and apply it."""
    sheet.write_bytes(workbook(*SHEET))
    page.click("a.button[href='/admin/parks/importbatch/add/']")
    judge(page, locale)
    page.set_input_files("#id_file", sheet)  # the park is chosen already
    page.click("#content form [type=submit]")
    # Two columns are not understood: one is the amount, the other is left out
    amount, person = (page.locator(f"[name=column-{number}]") for number in range(2))
    amount.select_option("investment_cny")
    person.select_option("-")
    judge(page, locale)
    page.click("[name=_read_again]")
    wrong = page.locator(".import-tabs [href='?show=wrong']")
    expect(wrong).to_contain_text("1")
    expect(page.locator(".import-report tbody tr").first).to_contain_text("2024-13")
    # She mends the wrong cell in her sheet, and chooses it again: all else is as she said
    sheet.write_bytes(workbook(*[[cell.replace("-13", "-12") for cell in row] for row in SHEET]))
    page.click("a[href*='again=']")
    page.set_input_files("#id_file", sheet)
    page.click("#content form [type=submit]")
    page.locator("[name=amount-3]").select_option("suggested")
    page.locator("[name=choice-5]").select_option("new")
    judge(page, locale)
    page.click("[name=_apply]")
    expect(told(page)).to_be_visible()
    amounts = dict(Project.objects.values_list("name_zh", "investment_cny"))
    assert (amounts["晶圆厂"], amounts["电池厂"]) == (150_000_000, 1_380_000_000)
    page.get_by_role("link", name="电池厂").click()
    expect(page.locator("#id_name_zh")).to_have_value("电池厂")


def enter_a_project(page: Page, locale: str) -> None:
    """Enter a project of which two steps are known, and count what that costs."""
    page.click("a.button[href='/admin/projects/project/add/']")
    expect(page.locator("#id_park")).not_to_have_value("")
    judge(page, locale)
    assert count_stops(page) <= STOPS
    assert page.evaluate("document.documentElement.scrollHeight") <= HEIGHT
    hand = Hand(page)
    hand.type("#id_name_zh", "风电产业园")
    hand.type("#id_investment", "超1.5亿元")
    hand.choose("origin", "温州", "330300")
    hand.choose("sector", "电气", "C38")
    hand.choose("investors-0-organisation", "三一", "三一重能")
    hand.choose("source", "日报", "日报")
    hand.type("#id_milestones-0-actual_on", "2024-01")
    hand.type("#id_milestones-1-actual_on", "2024-03")
    hand.click("[name=_continue]")
    expect(told(page)).to_contain_text("风电产业园")
    # Two more steps would be a click each
    assert hand.clicks + 2 <= CLICKS
    expect(page.locator("#id_investment")).to_have_value(AMOUNT[locale])
    judge(page, locale)
    assert count_stops(page) <= STOPS
    assert page.evaluate("document.documentElement.scrollHeight") <= HEIGHT


def advance_it(page: Page) -> None:
    """Have it start and operate: the page offers the next usual step by itself."""
    for day in ("2024-06", "2025-05-01"):
        page.click(".object-tools a[href*='/advance/']")
        page.fill("#id_day", day)
        page.click("[name=_save]")
        expect(page.locator(".head-strip")).to_contain_text(day)
    project = Project.objects.get(name_zh="风电产业园")
    assert project.stage == "operating"
    assert (project.origin_id, project.sector_id) == ("330300", "C38")
    assert (project.investment_cny, project.investment_qualifier) == (150_000_000, "over")
    assert project.investors.get().organisation.name_zh == "三一重能"
    assert project.milestones.filter(status="met").count() == 4


def paste_funds(page: Page, locale: str) -> None:
    """Paste the months of a project from a sheet; they are shown before they are stored."""
    page.click("a.button[href='/admin/projects/funding/months/']")
    page.wait_for_url("**/months/")
    page.goto(f"{page.url}?year=2025&unit=wan")
    judge(page, locale)
    page.fill("#id_pasted", "项目\t1月\t3月\n风电产业园\t1,200\t300.5")
    page.click("[name=_check]")
    judge(page, locale)
    expect(page.get_by_label("风电产业园, 2025-03")).to_have_value("300.5")
    page.click("[name=_store]")
    expect(told(page)).to_be_visible()
    assert Project.objects.get(name_zh="风电产业园").paid_in_cny == 15_005_000


def suspend_ten(page: Page, locale: str) -> None:
    """Find ten projects, suspend them for a reason, and take that back."""
    page.fill("#searchbar", "号厂房")
    page.select_option("[name=standing]", "active")
    page.click("#changelist-search [type=submit]")
    imported = page.locator("tr", has_text="一号厂房项目")  # it was no workshop
    judge(page, locale)
    page.check("#action-toggle")
    imported.locator("input.action-select").uncheck()
    page.select_option("select[name=action]", "change_many")
    page.click("button[name=index]")
    page.select_option("#id_standing", "suspended")
    page.fill("#id_standing_reason", "资金未到位")
    page.click("[name=_preview]")
    expect(page.locator(".changes tbody tr")).to_have_count(10)
    judge(page, locale)
    page.click("[name=_apply]")
    expect(told(page)).to_contain_text("10")
    suspended = Project.objects.filter(standing="suspended", standing_reason="资金未到位")
    assert suspended.count() == 10
    told(page).locator("a").click()
    judge(page, locale)
    page.click("[name=_ask_undo]")
    judge(page, locale)
    page.click("[name=_undo]")
    expect(told(page)).to_be_visible()
    assert not suspended.exists()


def solve_a_conflict(page: Page, server: Any, locale: str) -> None:
    """Save what somebody else has saved in between: both are shown, and she decides."""
    project = Project.objects.get(name_zh="电池厂")
    page.goto(f"{server.url}{address(Project, 'change', project.pk)}")
    theirs = Project.objects.get(pk=project.pk)
    theirs.note = "一期已开工"
    theirs.save()
    # The fields may be folded: what is typed is what counts
    page.locator("#id_note").evaluate("field => { field.value = '二期待定' }")
    page.locator("[name=_save]").first.click()
    expect(page.locator("#content")).to_contain_text(SAVED_SINCE[locale])
    expect(page.locator("#content")).to_contain_text("一期已开工")
    judge(page, locale)
    assert page.locator("#id_note").input_value() == "二期待定"
    assert Project.objects.get(pk=project.pk).note == "一期已开工"
    page.locator("#id_note").evaluate("field => { field.value = '一期已开工；二期待定' }")
    page.locator("[name=_save]").first.click()
    expect(told(page)).to_be_visible()
    assert Project.objects.get(pk=project.pk).note == "一期已开工；二期待定"


def take_a_list_along(page: Page, locale: str, file: Path) -> None:
    """Narrow the list, keep that under a name, open it by the name, and export it."""
    page.select_option("[name=stage]", "signed")
    page.click("#changelist-search [type=submit]")
    page.click("details:has(#saved-name) > summary")
    page.fill("#saved-name", "已签约")
    page.click("form:has(#saved-name) [type=submit]")
    expect(page.locator(".views a")).to_have_text("已签约")
    page.click(".views a")
    assert page.url.endswith("?stage=signed")
    judge(page, locale)
    page.click("details:has(#file-header) > summary")
    with page.expect_download() as download:
        page.click("form:has(#file-header) button >> nth=0")
    download.value.save_as(file)
    head, *rows = openpyxl.load_workbook(file).worksheets[0].values
    assert head[:2] == HEADERS[locale]
    assert {row[1] for row in rows} == {"晶圆厂", "电池厂", "药厂", "一号厂房项目"}
