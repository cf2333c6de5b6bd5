"""The Chromium of the system, for tests that click."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, sync_playwright

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
