"""The screenshots of the docs: each is kept, small, and shown by a page of its language."""

import os
import re
import subprocess
import sys

from tests.paths import DOCS, ROOT
from tools.docs.screenshots import IMAGES, list_images

IMAGE = re.compile(r"!\[[^\]]+\]\([^)]*?images/([^)]+)\)")
MOST_BYTES = 100_000
PAGES = [*ROOT.glob("*.md"), *DOCS.rglob("*.md")]


def test_they_are_taken_without_settings_of_django() -> None:
    """As `make screenshots` begins: the server that it starts has settings of its own."""
    without = {name: text for name, text in os.environ.items() if "DJANGO" not in name}
    subprocess.run(
        [sys.executable, "-c", "import tools.docs.screenshots"], cwd=ROOT, env=without, check=True
    )


def test_each_screenshot_is_a_small_file() -> None:
    expected = {path for path, _shot, _language in list_images()}
    assert {*IMAGES.iterdir()} == expected
    for path in expected:
        content = path.read_bytes()
        assert (content[:4], content[8:12]) == (b"RIFF", b"WEBP"), path
        assert len(content) < MOST_BYTES, path


def test_each_screenshot_stands_in_a_page_of_its_language() -> None:
    shown = {
        name: "zh" if "zh-Hans" in str(page.relative_to(ROOT)) else "en"
        for page in PAGES
        for name in IMAGE.findall(page.read_text(encoding="utf-8"))
    }
    assert shown == {path.name: language for path, _shot, language in list_images()}
