"""The pages that hold generated tables, each with its tables as the code has them now."""

import re
from pathlib import Path

from django.utils import translation

from tools.docs import tables

FOLDER = Path(__file__).resolve().parents[2] / "docs"
MARKED = re.compile(
    r"(?P<begin><!-- table: (?P<name>[a-z-]+) -->\n)(?P<table>.*?)(?P<end><!-- end of table -->)",
    re.DOTALL,
)
PAGES = [
    "explanation/architecture.md",
    "reference/columns.md",
    "reference/parameters.md",
    "reference/summaries.md",
    "reference/vocabularies.md",
]


def read_tables() -> dict[str, str]:
    """Read the tables as the pages have them, by name."""
    texts = [(FOLDER / page).read_text(encoding="utf-8") for page in PAGES]
    return {found["name"]: found["table"] for text in texts for found in MARKED.finditer(text)}


def build_pages() -> dict[Path, str]:
    """Build the whole text of each page, with its tables as the code has them now."""
    with translation.override("en"):
        made = tables.build_tables(read_tables())
    return {
        path: MARKED.sub(
            lambda match: f"{match['begin']}\n{made[match['name']]}\n{match['end']}",
            path.read_text(encoding="utf-8"),
        )
        for path in (FOLDER / page for page in PAGES)
    }
