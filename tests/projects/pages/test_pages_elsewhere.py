"""Pages in a real browser, on paper and on other sites; errors, and who is signed in."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browsers import by_turns, find_barriers
from tests.contract.servers import environment, run, serving_fixtures
from tests.projects.pages.test_pages import PAGES
from tests.projects.pages.test_pages_in_browser import DESK, open_window
from tests.samples import sample

KEY = "a key of fifty letters that the browser test shares"
A4_WITHIN_MARGINS = {"width": 688, "height": 1016}  # pixels
CHART = "/embed/projects/summary?group_by=origin_group"
# What a browser says of the status of a page that it shows
OF_STATUS = "Failed to load resource: the server responded with a status of 4"
WIDER = """
    [...document.querySelectorAll(".wide, .picture, .block, main")]
        .filter((part) => part.scrollWidth > part.clientWidth + 1)
        .map((part) => `${part.className} ${part.getAttribute("aria-label")}`)
"""
SIGN_IN = """
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.get(username="ann"))
print(client.cookies["sessionid"].value)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("served")


@pytest.fixture(scope="module")
def site(django_db_setup: None, django_db_blocker: Any, folder: Path) -> Iterator[str]:
    """The address of a server over the shipped ledger."""
    with serving_fixtures(django_db_blocker, folder, SECRET_KEY=KEY) as (server, _token):
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="module")
def session(site: str, folder: Path) -> str:
    """The session of a superuser there."""
    address = f"sqlite:///{folder / 'ledger.sqlite3'}"
    return run(["-c", SIGN_IN], environment(folder, DATABASE_URL=address, SECRET_KEY=KEY))


@by_turns(2)
def test_everybody_can_use_what_is_signed_in_cited_framed_or_wrong(
    site: str, browser: Browser, session: str, locale: str
) -> None:
    complaints: list[str] = []
    page = open_window(browser, complaints, locale=locale, viewport=DESK)
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": site}])
    found = {}
    others = ["/attention", "/cite?of=/parks/baodi-zgc%23origins", CHART, "/nowhere"]
    for address in [*others, "/projects?origin=zhejang", "/parks/baodi-zgx"]:
        page.goto(f"{site}{address}")
        if broken := find_barriers(page):
            found[address] = broken
    assert found == {}
    assert [said for said in complaints if not said.startswith(OF_STATUS)] == []


@by_turns(1)
def test_every_page_fits_on_paper_with_its_address_and_day(
    site: str, browser: Browser, locale: str
) -> None:
    complaints: list[str] = []
    page = open_window(browser, complaints, locale=locale, viewport=A4_WITHIN_MARGINS)
    page.emulate_media(media="print")
    cut_off = {}
    for address in sample(PAGES, 4, 3):
        page.goto(f"{site}{address}")
        if wider := page.evaluate(WIDER):
            cut_off[address] = wider
        printed = page.locator("p.printed")
        assert printed.is_visible()
        assert address.partition("?")[0] in printed.inner_text()
        assert "2" in printed.inner_text().rpartition("·")[2]  # a day
        assert page.locator("form:visible, .tools:visible, header.bar:visible").count() == 0
    assert (cut_off, complaints) == ({}, [])


@contextmanager
def serving_text(folder: Path, text: str) -> Iterator[str]:
    """Another site, with one page; gives its address."""
    (folder / "index.html").write_text(text)
    (folder / "favicon.ico").touch()
    answering = partial(SimpleHTTPRequestHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), answering) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@by_turns(2)
def test_another_site_shows_a_chart_and_nothing_else_of_ours(
    site: str, browser: Browser, locale: str, tmp_path: Path
) -> None:
    complaints: list[str] = []
    page = open_window(browser, complaints, locale=locale, viewport=DESK)
    frames = (
        f'<iframe id="chart" src="{site}{CHART}&lang=zh" width="720" height="460"></iframe>'
        f'<iframe id="page" src="{site}/parks/baodi-zgc"></iframe>'
    )
    with serving_text(tmp_path, frames) as elsewhere:
        page.goto(elsewhere)
        frame = page.frame_locator("#chart")
        frame.locator("svg.marks").wait_for()
        assert frame.get_by_role("heading").inner_text() == "按来源区域统计的项目数量"
        frame.locator("summary").click()
        assert frame.get_by_role("rowheader", name="京津冀").is_visible()
        assert page.frame_locator("#page").locator("main").count() == 0
        with page.context.expect_page() as opening:
            frame.locator("p.note a").first.click()
        assert opening.value.url == f"{site}/projects?view=charts"
    # The frame that is refused, and nothing else
    assert [said for said in complaints if "frame-ancestors" not in said] == []
    assert complaints != []


@by_turns(1)
def test_a_link_is_copied_and_is_a_link_without_a_script(
    site: str, browser: Browser, locale: str
) -> None:
    complaints: list[str] = []
    page = open_window(browser, complaints, locale=locale, viewport=DESK)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{site}/parks/baodi-zgc")
    copied = page.locator("#origins a.copy")
    copied.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(
        "navigator.clipboard.readText().then((text) => text.endsWith('origins'))"
    )
    assert copied.inner_text() == {"en-US": "Link copied", "zh-CN": "链接已复制"}[locale]
    plain = open_window(browser, complaints, locale=locale, java_script_enabled=False)
    plain.goto(f"{site}/parks/baodi-zgc")
    plain.locator("#origins a.copy").click()
    assert plain.url == f"{site}/parks/baodi-zgc#origins"
    assert complaints == []


@by_turns(2)
def test_what_is_misspelt_is_one_click_from_what_was_meant(
    site: str, browser: Browser, locale: str
) -> None:
    complaints: list[str] = []
    page = open_window(browser, complaints, locale=locale, viewport=DESK)
    page.goto(f"{site}/projects?origin=zhejang&investment_min=1亿")
    assert page.get_by_role("alert").is_visible()
    assert page.get_by_role("main").locator("input[name=origin]:visible").input_value() == "zhejang"
    page.get_by_role("alert").get_by_role("link").click()
    page.wait_for_url("**/projects?origin=zhejiang&**")
    assert [said for said in complaints if not said.startswith(OF_STATUS)] == []
