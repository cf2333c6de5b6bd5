"""The Chromium of the system, for tests that click."""

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.npm import install_packages
from tests.passwords import PASSWORD
from tests.paths import TESTS
from tests.samples import IS_LONGEST

PATIENCE = 20_000  # milliseconds: the machine may be busy
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = [
    "--no-sandbox",  # it refuses to run as root with one
    "--no-proxy-server",
    "--no-first-run",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = ("en-US", "zh-CN")
SCHEMES = ("light", "dark")
MOST_BYTES = 100_000  # of a page on the wire
AXE = TESTS / "pages/axe"
# Of axe-core's impacts those that keep somebody from using a page
OF_WEIGHT = {"serious", "critical"}


def by_turns(turn: int) -> pytest.MarkDecorator:
    """Give a test its `locale`: one language or the other by turns, or both with LEDGER_LONG."""
    return pytest.mark.parametrize("locale", LOCALES if IS_LONGEST else [LOCALES[turn % 2]])


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser without a window."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    assert program, "No Chromium is installed: `apt-get install chromium` brings it."
    # Playwright keeps an event loop in this thread, in which Django would refuse its own queries.
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=program, args=OPTIONS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The browser of a module of tests."""
    with opened() as chromium:
        yield chromium


def open_admin(browser: Browser, server: Any, locale: str, address: str) -> Page:
    """A window in which the account `clerk` is signed in, at an address of the admin."""
    desk = {"width": 1280, "height": 900}
    page = browser.new_context(locale=locale, viewport=desk).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(PATIENCE)
    page.goto(f"{server.url}/admin/login/?next={address}")
    page.fill("#id_username", "clerk")
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    page.wait_for_url(f"**{address}")
    return page


def choose(page: Page, field: str, typed: str, wanted: str) -> None:
    """Type into a field that completes, and take what is wanted from the list."""
    page.click(f".select2-selection:has(#select2-id_{field}-container)")
    page.fill(".select2-search__field", typed)
    page.locator(".select2-results__option", has_text=wanted).click()


def judge_page(page: Page, answer: Any, about: str) -> tuple[list[tuple[str, str]], int]:
    """Find what keeps somebody from using a page, and its bytes on the wire; `-s` shows both."""
    barriers, size = find_barriers(page), answer.request.sizes()["responseBodySize"]
    print(f"{about} {size:7,} bytes {len(barriers)} of axe  {page.url}")
    return barriers, size


def find_barriers(
    page: Page, part: str = "html", *, has_sizes: bool = False
) -> list[tuple[str, str]]:
    """What keeps somebody from using a page, or the part of it that a selector names.

    With `has_sizes` also what is smaller than 24 pixels, and has no room around it.
    """
    axe = (install_packages(AXE) / "axe-core/axe.min.js").read_text(encoding="utf-8")
    page.evaluate(f"{axe};0")
    rules = f"{{'target-size': {{enabled: {str(has_sizes).lower()}}}}}"
    asked = f"axe.run({part!r}, {{resultTypes: ['violations'], rules: {rules}}})"
    return [
        (broken["id"], broken["nodes"][0]["html"])
        for broken in page.evaluate(asked)["violations"]
        if broken["impact"] in OF_WEIGHT
    ]


# Latin words of a page by whichever words of English are told from names: not in codes and paths
_LATIN = r"(?<![\w.\-/])[A-Za-z]{3,}(?![\w.\-/])"
_NO_ENGLISH = {"API", "CSV", "Excel", "ISO", "WGS", "WPS", "clerk"}
_READ_TEXTS = r"""(part) => {
  const texts = [];
  for (const node of document.querySelectorAll(`${part}, ${part} *`)) {
    if (node.matches("script, style, textarea, .code, .quiet")) continue;
    for (const name of ["title", "placeholder", "aria-label", "alt"])
      texts.push(node.getAttribute(name));
    if (node.matches("input[type=submit], input[type=button]")) texts.push(node.value);
    for (const child of node.childNodes) if (child.nodeType === 3) texts.push(child.textContent);
  }
  return texts.filter(Boolean).join("\n");
}"""


def find_english(page: Page, part: str = "#content") -> set[str]:
    """The English words in the texts of a page that is in Chinese, folded parts included."""
    return {*re.findall(_LATIN, page.evaluate(_READ_TEXTS, part))} - _NO_ENGLISH
