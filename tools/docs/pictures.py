"""Saves the pictures that pages show: `python -m tools.docs.pictures http://127.0.0.1:8000`.

They are drawn by a running ledger with the data that it comes with. A page shows a picture as a
link to its URL.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

DOCS = Path(__file__).resolve().parents[2] / "docs"
SITE = "http://127.0.0.1:8000"
PICTURE = re.compile(r"\[!\[[^\]]+\]\(([^)]+\.svg)\)\]\(" + re.escape(SITE) + r"(/[^)]+)\)")


def list_pictures() -> Iterator[tuple[Path, str]]:
    """List the file of each picture, and the URL that draws it, without the site."""
    for page in sorted(DOCS.rglob("*.md")):
        for name, address in PICTURE.findall(page.read_text(encoding="utf-8")):
            yield page.parent / name, address


def main() -> None:
    site = sys.argv[1].rstrip("/")
    for path, address in list_pictures():
        with urlopen(site + quote(address, safe="/?&=,")) as answer:  # noqa: S310 a site of ours
            path.parent.mkdir(exist_ok=True)
            path.write_text(answer.read().decode().replace(site, SITE), encoding="utf-8")


if __name__ == "__main__":
    main()
