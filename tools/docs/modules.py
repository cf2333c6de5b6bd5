"""The list of modules on the map of the code, as their own docstrings describe them."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAYERS = ("config", "parks", "projects")  # from the ground up


def describe_modules() -> str:
    """List every module of the product below its package, one line each, in Markdown."""
    parts = []
    for folder in _packages():
        lines = [f"- `{_name(path)}`: {_first_line(path)}" for path in _modules(folder)]
        about = _first_line(folder / "__init__.py")
        parts.append(
            "\n".join([f"### `{_name(folder)}/`", "", f"{about}\n" if about else "", *lines])
        )
    return "\n\n".join(part.replace("\n\n\n", "\n\n") for part in parts)


def _packages() -> Iterator[Path]:
    """Yield the folders that hold modules, each layer before what lies in it."""
    for layer in LAYERS:
        folders = {path.parent for path in (ROOT / layer).rglob("*.py")}
        yield from (folder for folder in sorted(folders) if _modules(folder))


def _modules(folder: Path) -> list[Path]:
    if "migrations" in folder.parts:
        return []
    return sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")


def _first_line(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) if path.exists() else ""
    return (text or "").split("\n\n")[0].replace("\n", " ")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
