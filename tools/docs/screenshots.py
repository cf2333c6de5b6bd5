"""Takes the screenshots of docs/images again: `make screenshots`.

They are of the ledger that comes with the program, served as it is deployed over a database of
its own, and taken by the Chromium of the system as WebP. A test holds the list complete.
"""

import base64
import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import Browser

from tests.browsers import opened

ROOT = Path(__file__).resolve().parents[2]
IMAGES = ROOT / "docs/images"
_LOCALES = {"zh": "zh-CN", "en": "en-US"}
_DESK, _PHONE = (1280, 860), (390, 780)  # pixels
_QUALITY = 65  # of WebP: letters stay sharp


@dataclass(frozen=True)
class Screenshot:
    """A picture of a page: its name without language and ending, and the part that is seen."""

    name: str
    address: str  # with #anchor where the page is scrolled to
    size: tuple[int, int] = _DESK
    scheme: str = "light"
    is_of_admin: bool = False  # seen by the person that the first start makes


SCREENSHOTS = (
    Screenshot("home", "/"),
    Screenshot("home-phone", "/", _PHONE),
    Screenshot("projects", "/projects?origin=yrd,jjj&counts_in_totals=true&view=charts"),
    Screenshot("park", "/parks/baodi-zgc"),
    Screenshot("park-phone-dark", "/parks/baodi-zgc", _PHONE, "dark"),
    Screenshot("compare", "/compare?parks=baodi-zgc,tj-binhai-zgc,xiongan-zgc"),
    Screenshot("figures", "/figures?park=baodi-zgc&indicator=invested"),
    Screenshot("admin-start", "/admin/", is_of_admin=True),
    Screenshot("admin-list", "/admin/projects/project/?origin=jjj&stage=signed", is_of_admin=True),
    Screenshot("admin-import", "/admin/parks/importbatch/add/", is_of_admin=True),
    Screenshot("admin-project", "/admin/projects/project/add/", is_of_admin=True),
    Screenshot(
        "admin-months",
        "/admin/projects/funding/months/?park=baodi-zgc&year=2026&unit=wan",
        is_of_admin=True,
    ),
)


def list_images() -> Iterator[tuple[Path, Screenshot, str]]:
    """List the file of each screenshot, with what it shows and in which language."""
    for shot in SCREENSHOTS:
        for language in _LOCALES:
            yield IMAGES / f"{shot.name}.{language}.webp", shot, language


@contextmanager
def serve_shipped() -> Iterator[tuple[str, str]]:
    """Serve the shipped ledger over a database of its own; gives its address and password."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as folder:
        given = {"VAR_DIR": folder, "PORT": port, "DATABASE_URL": "", "LOG_LEVEL": "WARNING"}
        server = subprocess.Popen(
            [ROOT / "tools/serve.sh"],
            cwd=ROOT,
            env={**os.environ, **given},
            stdout=subprocess.DEVNULL,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}", server)
            password = Path(folder, "admin-password").read_text(encoding="utf-8").strip()
            yield f"http://127.0.0.1:{port}", password
        finally:
            server.terminate()
            server.wait()


def wait_for(site: str, server: subprocess.Popen[bytes]) -> None:
    """Wait until a site answers; RuntimeError where its server has ended."""
    while server.poll() is None:
        with suppress(URLError), urlopen(f"{site}/healthz"):  # noqa: S310 a site of ours
            return
        time.sleep(0.5)
    raise RuntimeError("the server did not start")


def take_screenshot(
    browser: Browser, served: tuple[str, str], shot: Screenshot, language: str
) -> bytes:
    """Take a picture of a page, as WebP."""
    site, password = served
    width, height = shot.size
    context = browser.new_context(
        locale=_LOCALES[language],
        viewport={"width": width, "height": height},
        color_scheme="dark" if shot.scheme == "dark" else "light",
    )
    page = context.new_page()
    if shot.is_of_admin:
        page.goto(f"{site}/admin/login/")
        page.fill("#id_username", "admin")
        page.fill("#id_password", password)
        page.click("[type=submit]")
    page.goto(f"{site}{shot.address}")
    session = context.new_cdp_session(page)
    asked = {"format": "webp", "quality": _QUALITY}
    taken = session.send("Page.captureScreenshot", asked)
    context.close()
    return base64.b64decode(taken["data"])


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    for old in IMAGES.glob("*.webp"):
        old.unlink()
    with serve_shipped() as served, opened() as browser:
        for path, shot, language in list_images():
            path.write_bytes(take_screenshot(browser, served, shot, language))


if __name__ == "__main__":
    main()
