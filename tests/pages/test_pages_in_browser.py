"""The pages in a real browser: everybody can use them, by keys alone, on paper and elsewhere.

All that opens the browser and a server over the shipped ledger is here: to begin takes longest.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.utils.translation import get_language, gettext, override
from openpyxl import load_workbook
from playwright.sync_api import Browser, Page

from pages.parts.blocks import write_amount
from projects.dimensions.dimensions import DIMENSIONS
from tests.browsers import MOST_BYTES, PATIENCE, SCHEMES, by_turns, find_barriers, judge_page
from tests.contract.servers import Server, serving_fixtures
from tests.pages.test_pages import PAGES
from tests.samples import sample

# Further pages, beside those whose numbers are compared
WITH_SENTENCES = ["/figures", "/events/jjj-chain-2023"]

pytestmark = pytest.mark.slow

PHONE = {"width": 390, "height": 844}  # pixels
DESK = {"width": 1280, "height": 900}
A4_WITHIN_MARGINS = {"width": 688, "height": 1016}  # pixels
CHART = "/embed/projects/summary?group_by=origin_group"
# What a browser says of the status of a page that it shows
OF_STATUS = "Failed to load resource: the server responded with a status of 4"
WIDER = """
    [...document.querySelectorAll(".wide, .picture, .block, main")]
        .filter((part) => part.scrollWidth > part.clientWidth + 1)
        .map((part) => `${part.className} ${part.getAttribute("aria-label")}`)
"""


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server over the shipped ledger."""
    folder = tmp_path_factory.mktemp("served")
    with serving_fixtures(django_db_blocker, folder) as (server, _token):
        yield server


@pytest.fixture(scope="module")
def site(server: Server) -> str:
    """Its address."""
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture
def complaints() -> list[str]:
    """What a window says against its pages: the console, errors, what is asked of other sites."""
    return []


def open_window(browser: Browser, complaints: list[str], **options: Any) -> Page:
    """A window that notes what the browser complains of, and each request to another site."""
    page = browser.new_context(**options).new_page()
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda message: complaints.append(f"{message.text} {message.location}"))
    page.on("pageerror", lambda wrong: complaints.append(str(wrong)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith(("http://127.0.0.1:", "data:"))
            else complaints.append(request.url)
        ),
    )
    return page


@by_turns(1)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_everybody_can_use_every_page(
    site: str, browser: Browser, locale: str, scheme: Any, complaints: list[str]
) -> None:
    """And none is heavy. axe-core takes seconds a page; `-s` shows the table of all."""
    page = open_window(browser, complaints, locale=locale, viewport=DESK, color_scheme=scheme)
    found, wire = [], {}
    pages = [*PAGES, *WITH_SENTENCES, "/sign-in"]
    for address in sample(pages, len(pages), 7 * SCHEMES.index(scheme)):
        answer = page.goto(f"{site}{address}")
        barriers, wire[address] = judge_page(page, answer, f"{locale} {scheme:5}")
        found += [(address, *broken) for broken in barriers]
    assert (found, complaints) == ([], [])
    assert max(wire.values()) < MOST_BYTES


@by_turns(2)
def test_no_page_is_wider_than_a_phone(
    site: str, browser: Browser, locale: str, complaints: list[str]
) -> None:
    page = open_window(browser, complaints, locale=locale, viewport=PHONE)
    widths = {}
    for address in sample(PAGES, 9, 2):
        page.goto(f"{site}{address}")
        widths[address] = page.evaluate("document.documentElement.scrollWidth")
    assert {at: width for at, width in widths.items() if width > PHONE["width"]} == {}
    assert complaints == []


def test_a_number_a_mark_and_a_chip_lead_on_by_keys_alone(
    site: str, browser: Browser, complaints: list[str]
) -> None:
    page = open_window(browser, complaints, locale="zh-CN", viewport=DESK)
    page.goto(f"{site}/projects?view=charts")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("#stage svg a").first.focus()
    assert ": " in page.locator("#stage .said").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/projects[?]stage="))
    page.locator("a.chosen").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/projects")
    page.locator("button[name=language]").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Projects", exact=True).wait_for()
    assert complaints == []


def test_what_is_typed_is_suggested_and_opened_by_keys(
    site: str, browser: Browser, complaints: list[str]
) -> None:
    page = open_window(browser, complaints, locale="zh-CN", viewport=DESK)
    page.goto(f"{site}/about")
    page.keyboard.press("/")
    page.keyboard.type("bdjjzgc")
    page.locator(".found a").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/parks/baodi-zgc")
    page.locator("input[type=search]").fill("浙江")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="浙江省", exact=True).first.wait_for()
    assert complaints == []


# What can be used by keys, and is not in a part that is folded, that shows no focus or takes none
UNSEEN = """
    () => [...document.querySelectorAll(
        "a[href], button, input:not([type=hidden]), select, summary, [tabindex]"
    )].filter((part) => part.checkVisibility()).flatMap((part) => {
        part.focus();
        const style = getComputedStyle(part), box = part.getBoundingClientRect();
        const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
        const isSeen = (ring || style.boxShadow !== "none") && box.width > 0 && box.height > 0;
        const isTaken = document.activeElement === part && part.tabIndex === 0;
        return isTaken && isSeen ? [] : [part.outerHTML.slice(0, 120)];
    })
"""


@pytest.mark.long("walks through every page again")
@by_turns(2)
def test_every_page_is_used_by_keys_alone(
    site: str, browser: Browser, locale: str, complaints: list[str]
) -> None:
    page = open_window(browser, complaints, locale=locale, viewport=DESK)
    unseen = {}
    for address in [*PAGES, *WITH_SENTENCES]:
        page.goto(f"{site}{address}")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip", address
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")  # past the bar, to the first thing of the page itself
        assert page.evaluate("!document.activeElement.closest('header.bar')"), address
        if wrong := page.evaluate(UNSEEN):
            unseen[address] = wrong
    assert (unseen, complaints) == ({}, [])


@by_turns(1)
def test_folds_drop_downs_and_links_to_copy_answer_to_keys(
    site: str, browser: Browser, locale: str, complaints: list[str]
) -> None:
    page = open_window(browser, complaints, locale=locale, viewport=DESK)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(site)
    page.locator("#years figcaption a").last.press("Enter")  # the other measure
    page.locator(
        "#years svg[aria-label^='Investment'], #years svg[aria-label*='投资额']"
    ).wait_for()
    page.locator("#years .menu > summary").press("Enter")
    copied = page.locator("#years a.copy")
    copied.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("navigator.clipboard.readText().then((text) => text.endsWith('#years'))")
    assert copied.inner_text() == {"en-US": "Link copied", "zh-CN": "链接已复制"}[locale]
    page.goto(f"{site}/compare")
    choice = page.locator("input[name=parks][list]").first
    choice.focus()
    page.keyboard.type("baodi")
    assert page.locator("datalist option[label*='baodi-zgc']").count() > 0
    page.keyboard.press("Enter")
    assert complaints == []


# --- On paper, on other sites, and what is wrong ---------------------------------------------


@by_turns(2)
def test_everybody_can_use_what_is_signed_in_cited_framed_or_wrong(
    server: Server, site: str, browser: Browser, locale: str, complaints: list[str]
) -> None:
    page = open_window(browser, complaints, locale=locale, viewport=DESK)
    page.context.add_cookies([{"name": "sessionid", "value": server.session, "url": site}])
    found = {}
    others = ["/attention", "/cite?of=/parks/baodi-zgc%23origins", CHART, "/nowhere"]
    for address in sample([*others, "/projects?origin=zhejang", "/parks/baodi-zgx"], 3):
        page.goto(f"{site}{address}")
        if broken := find_barriers(page):
            found[address] = broken
    assert found == {}
    assert [said for said in complaints if not said.startswith(OF_STATUS)] == []


@by_turns(1)
def test_every_page_fits_on_paper_with_its_address_and_day(
    site: str, browser: Browser, locale: str, complaints: list[str]
) -> None:
    page = open_window(browser, complaints, locale=locale, viewport=A4_WITHIN_MARGINS)
    page.emulate_media(media="print")
    cut_off = {}
    for address in sample(PAGES, 9, 3):
        page.goto(f"{site}{address}")
        if wider := page.evaluate(WIDER):
            cut_off[address] = wider
        printed = page.locator("p.printed")
        assert printed.is_visible()
        assert address.partition("?")[0] in printed.inner_text()
        assert "2" in printed.inner_text().rpartition("·")[2]  # a day
        assert page.locator("form:visible, .menu:visible, header.bar:visible").count() == 0
    assert (cut_off, complaints) == ({}, [])


# --- The six questions ------------------------------------------------------------------------


class Walk:
    """Somebody who begins at the first page, and clicks."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self.clicks = page, 0
        page.goto(site)

    def click(self, selector: str, text: str = "") -> None:
        self.page.locator(selector, has_text=text).first.click()
        self.page.wait_for_load_state()
        self.clicks += 1

    def ask(self, text: str) -> None:
        """Click a question of the first page, in the language of the page."""
        (question,) = [each for each in settings.PROFILE.questions if each["en"] == text]
        self.click("#questions a", question["zh" if get_language() == "zh-hans" else "en"])

    def read(self, selector: str, text: str = "") -> str:
        return str(self.page.locator(selector, has_text=text).first.inner_text())


@by_turns(1)
def test_six_questions_are_answered_in_five_clicks(
    site: str, browser: Browser, locale: str, complaints: list[str]
) -> None:
    page = open_window(browser, complaints, locale=locale, viewport=DESK)
    asked = []
    with override("zh-hans" if locale == "zh-CN" else "en"):
        for answer in sample(SIX, 3):
            walk = Walk(page, site)
            answer(walk)
            asked.append(walk.clicks)
    assert max(asked) <= 5
    assert complaints == []


def is_the_share_of_the_deltas_higher_than_a_year_before(walk: Walk) -> None:
    walk.ask("Is the share of the two deltas higher than a year before?")
    share = gettext("%(count)s of %(whole)s") % {"count": 1, "whole": 3}
    both = settings.PROFILE.together[get_language() != "zh-hans"]
    assert share in walk.read("#origins tr", both)
    walk.click("#origins .pager a")
    assert "signed_year=2024,2023" in walk.page.url
    assert share in walk.read("#origin_group tr", both)


def which_are_signed_from_the_yangtze_delta_by_year_as_excel(walk: Walk) -> None:
    walk.ask("Signed projects from the Yangtze River Delta over 100 million yuan, by year")
    walk.click("#signed_year .menu > summary")
    with walk.page.expect_download() as waiting:
        walk.click("#signed_year .tools a", "Excel")
    with waiting.value.path().open("rb") as file:
        sheet = load_workbook(file).worksheets[0]
        rows = [*sheet.iter_rows(values_only=True)]
    assert [row[0] for row in rows[1:]] == [2024]


def where_does_the_number_come_from_and_what_else_is_said(walk: Walk) -> None:
    walk.ask("Where does the 17.6 billion of the Science Town come from?")
    said = write_amount(17_600_000_000, "about")
    assert said in walk.read("#claims")
    walk.click("#claims a", said)
    facts = walk.read("dl.facts")
    assert gettext("Words as reported") in facts
    assert walk.page.locator("#others tbody tr").count() > 0
    walk.click("dl.facts a[href^='/sources/']")
    assert walk.page.locator("#cited").is_visible()


def what_became_of_the_152_projects(walk: Walk) -> None:
    walk.ask("What became of the 152 projects intended in November 2023?")
    assert "152" in walk.read("#declared")
    assert "152" in walk.read("main p.lead")  # a sentence that says that none is known by name
    assert walk.page.locator("#follow-through").count() == 0


def which_projects_of_the_park_are_silent(walk: Walk) -> None:
    walk.ask("Which projects have been without news for long?")
    walk.click(".facets summary", str(DIMENSIONS["park"].label))
    walk.click(".facets a[href*='park=baodi-zgc']")
    assert walk.page.locator("tbody tr").count() > 3
    assert "stale=true" in walk.page.url


def how_do_two_parks_look_side_by_side_on_paper(walk: Walk) -> None:
    walk.ask("Two parks side by side")
    assert walk.page.locator("table.compared thead th").count() == 3
    paper = walk.page.pdf(format="A4")
    assert paper.startswith(b"%PDF")
    walk.page.emulate_media(media="print")
    assert not walk.page.locator("form.filters").first.is_visible()
    walk.page.emulate_media(media="screen")


SIX = (
    is_the_share_of_the_deltas_higher_than_a_year_before,
    which_are_signed_from_the_yangtze_delta_by_year_as_excel,
    where_does_the_number_come_from_and_what_else_is_said,
    what_became_of_the_152_projects,
    which_projects_of_the_park_are_silent,
    how_do_two_parks_look_side_by_side_on_paper,
)
