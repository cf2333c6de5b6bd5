"""The list of packages on the map of the code, as their own docstrings describe them."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("config", "sheets", "api", "parks", "projects", "pages")  # from the ground up


def describe_packages() -> str:
    """List every package of the product that says what it is for, one line each, in Markdown."""
    lines = []
    for layer in LAYERS:
        for path in sorted((ROOT / layer).rglob("__init__.py")):
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            first = text.split("\n\n")[0].replace("\n", " ")
            if first:
                lines.append(f"- `{path.parent.relative_to(ROOT).as_posix()}/`: {first}")
    return "\n".join(lines)
