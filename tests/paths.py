"""Where the tests find files: of the project, of its fixtures, and of their own."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = ROOT / "tests"
DATA = TESTS / "data"
DOCS = ROOT / "docs"
FIXTURES = ROOT / "fixtures"


def read_hostile_texts() -> list[str]:
    """The texts that spreadsheets, databases and files are known to stumble over."""
    lines = (DATA / "hostile_cells.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["text"] for line in lines]
