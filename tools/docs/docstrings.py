"""Collects the docstrings that the OpenAPI document shows, as a module for gettext to read.

    python -m tools.docs.docstrings > docstrings.py

Of the classes of bodies and filters those are shown that docs/openapi.yaml has: bases explain code
to programmers, and need no translation.
"""

import ast
import json
from collections.abc import Iterator
from typing import Any

import yaml

from tools.docs.packages import ROOT

FOLDERS = ("config", "sheets", "api", "parks", "projects", "pages")
DOCUMENT = ROOT / "docs" / "openapi.yaml"


def main() -> None:
    """Print a call of gettext for each docstring."""
    for text in collect_docstrings():
        print(f"_({json.dumps(text, ensure_ascii=False)})")


def collect_docstrings() -> list[str]:
    """Collect what docstrings say in the document, as it stands there."""
    document = yaml.load(DOCUMENT.read_text(encoding="utf-8"), yaml.CSafeLoader)
    shown = {*find_descriptions(document)}
    return sorted({text for text in find_docstrings() if text in shown})


def find_descriptions(described: Any) -> Iterator[str]:
    """Find each description in a part of the document."""
    if isinstance(described, dict):
        if isinstance(said := described.get("description"), str):
            yield said
        for part in described.values():
            yield from find_descriptions(part)
    elif isinstance(described, list):
        for part in described:
            yield from find_descriptions(part)


def find_docstrings() -> Iterator[str]:
    """Find the docstrings of classes of bodies, whole, and the first paragraphs of filters."""
    for path in (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and (said := ast.get_docstring(node)):
                if node.name.endswith("Serializer"):
                    yield said
                elif node.name.endswith("Filter"):
                    yield " ".join(said.partition("\n\n")[0].split())


if __name__ == "__main__":
    main()
