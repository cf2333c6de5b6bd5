"""Measure the structure of the product, and compare it with bounds: `python -m tools.house`.

Without options, print each measure with its definition. With `--check`, exit with 1 if a measure
exceeds its bound in `BOUNDS`. `--static` leaves out the walks, which need a temporary database.
"""

import argparse
import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from tools.house_bounds import BOUNDS
from tools.structure import Floors, arrange_floors
from tools.walks import WALKS, measure_walks, prepare_site

ROOT = Path(__file__).resolve().parent.parent
ROOMS = tuple(
    room
    for room in ("config", "sheets", "api", "parks", "projects", "pages")
    if (ROOT / room).is_dir()
)
# To import these sets a server up, or needs settings of OpenID Connect
NOT_IMPORTED = {"config.gunicorn", "config.wsgi", "parks.accounts.openid"}
SMALL_MODULE = 120  # lines
SQL_NAME = re.compile(r"(?:^|_)(?:sql|statement|query_text)s?$", re.IGNORECASE)
CUTS = {
    *("replace", "removesuffix", "removeprefix", "partition", "rpartition", "split", "rsplit"),
    *("index", "rindex", "find", "rfind", "translate"),
}
OF_SQL = re.compile(r"%s|\b(?:SELECT|FROM|WHERE|IN)\b")
LIBRARIES = ("django", "rest_framework")
PRIVATE = re.compile(r"(?<![\w.])(?:def |self\.|cls\.)(_[a-z]\w*)")
PUBLIC_BY_CUSTOM = {"_meta", "_state", "_default_manager"}
DOCUMENTS = ("README*.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "docs/**/*.md")


@dataclass(frozen=True)
class Module:
    """A Python file of the product, parsed."""

    path: Path
    text: str = field(repr=False)
    tree: ast.Module = field(repr=False)

    @property
    def name(self) -> str:
        """Return its dotted name; a package is named by its folder."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def lines(self) -> int:
        return self.text.count("\n")


class Measure(NamedTuple):
    """A named figure with its definition."""

    name: str
    value: int
    meaning: str


# --- Reading the tree ----------------------------------------------------------------------------


def read_modules(*folders: str) -> list[Module]:
    """Parse the Python files of some folders, without migrations, which are generated."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts and "__pycache__" not in path.parts:
                text = path.read_text(encoding="utf-8")
                found.append(Module(path, text, ast.parse(text)))
    return found


def count_lines(folder: str, pattern: str = "*.py") -> int:
    paths = (path for path in (ROOT / folder).rglob(pattern) if "migrations" not in path.parts)
    return sum(path.read_bytes().count(b"\n") for path in paths)


def count_code_lines(module: Module) -> int:
    """Count lines that hold code: no blank lines, comments or docstrings."""
    ignored = {
        *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT),
        tokenize.ENDMARKER,
    }
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(module.text).readline):
        if token.type not in ignored:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                lines.difference_update(range(first.lineno, (first.end_lineno or 0) + 1))
    return len(lines)


def count_import_lines(module: Module) -> int:
    nodes = (
        node for node in ast.walk(module.tree) if isinstance(node, ast.Import | ast.ImportFrom)
    )
    return sum((node.end_lineno or node.lineno) - node.lineno + 1 for node in nodes)


def find_functions(modules: Iterable[Module]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def find_imports(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # A name may be a module of the package that it is imported from
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


# --- Structure -----------------------------------------------------------------------------------


def arrange_room(room: str, modules: list[Module]) -> Floors:
    """Arrange what lies directly in a room, folders and files, by its imports within the room."""
    parts = {module.name: name_part(module.name, room) for module in modules}
    arrows: set[tuple[str, str]] = set()
    for module in modules:
        for target in find_imports(module):
            to = parts.get(target) or parts.get(target.rpartition(".")[0])
            if (of := parts[module.name]) and to and of != to:
                arrows.add((of, to))
    return arrange_floors({part for part in parts.values() if part}, arrows)


def name_part(module: str, room: str) -> str:
    """Return the folder or file of a room in which a module lies; blank for the room's own."""
    names = module.split(".")
    return names[1] if names[0] == room and len(names) > 1 else ""


def count_upward_rooms(modules: list[Module]) -> int:
    """Count modules that import a room above their own, without the two that see the whole."""
    order = {room: place for place, room in enumerate(ROOMS)}
    return sum(
        any(order.get(name.split(".")[0], -1) > order[module.name.split(".")[0]] for name in names)
        for module in modules
        if module.name not in ("config.urls", "config.wsgi")
        for names in [[*find_imports(module)]]
    )


# --- Means that newcomers cannot follow ----------------------------------------------------------


def count_evals(modules: list[Module]) -> int:
    return sum(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("eval", "exec", "compile")
        for module in modules
        for node in ast.walk(module.tree)
    )


def cuts_sql(node: ast.AST) -> bool:
    """Tell whether an expression takes finished SQL apart: a slice, a replacement, a pattern."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Slice) and is_sql(node.value)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if node.func.attr in CUTS:
        texts = (getattr(each, "value", None) for each in node.args)
        has_sql = any(isinstance(text, str) and OF_SQL.search(text) for text in texts)
        return has_sql or is_sql(node.func.value)
    of_patterns = node.func.attr in ("sub", "split", "match", "search", "fullmatch", "finditer")
    return of_patterns and any(is_sql(argument) for argument in node.args)


def is_sql(node: ast.AST) -> bool:
    return bool(SQL_NAME.search(name_of(node)))


def name_of(node: ast.AST) -> str:
    """Return the last name of a dotted expression; blank for any other."""
    return getattr(node, "id", "") or getattr(node, "attr", "")


@cache
def read_private_names() -> frozenset[str]:
    """Return the names with one underscore that Django and DRF define."""
    names: set[str] = set()
    for package in LIBRARIES:
        spec = find_spec(package)
        folder = Path(spec.origin).parent if spec and spec.origin else Path()
        for path in folder.rglob("*.py"):
            names.update(PRIVATE.findall(path.read_text(encoding="utf-8")))
    return frozenset(names - PUBLIC_BY_CUSTOM)


def find_private_reads(modules: list[Module]) -> set[str]:
    """Find names private to Django or DRF that are read of an object which is not our own."""
    read: set[str] = set()
    own: set[str] = set()
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                own.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                own.add(node.attr)
            elif isinstance(node, ast.Attribute):
                of = getattr(node.value, "id", "")
                read.add(f"self.{node.attr}" if of in ("self", "cls") else node.attr)
    inherited = {name.removeprefix("self.") for name in read if name.startswith("self.")} - own
    return (read | inherited) & read_private_names()


def find_private_overrides(modules: list[Module]) -> set[str]:
    """Find names private to Django or DRF that classes of ours define again."""
    classes = {
        value
        for name in {module.name for module in modules} - NOT_IMPORTED
        for value in vars(import_module(name)).values()
        if isinstance(value, type) and value.__module__ == name
    }
    return {
        name
        for each in classes
        for name in vars(each)
        # `_name_` is a hook of Python's enumerations
        if name.startswith("_") and not name.endswith("_") and name in read_private_names()
        for base in each.__mro__[1:]
        if base.__module__.partition(".")[0] in LIBRARIES and name in vars(base)
    }


def count_ancestors(modules: list[Module]) -> dict[str, int]:
    """Count by class of how many classes of ours it inherits, directly or not."""
    bases: dict[str, list[str]] = {}
    for module in modules:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef):
                named = [
                    getattr(base, "id", "") or getattr(base, "attr", "") for base in node.bases
                ]
                bases.setdefault(node.name, []).extend(named)

    def collect(name: str, seen: frozenset[str]) -> set[str]:
        direct = {base for base in bases.get(name, ()) if base in bases and base not in seen}
        return direct.union(*(collect(base, seen | {base}) for base in direct))

    return {name: len(collect(name, frozenset({name}))) for name in bases}


# --- Measures ------------------------------------------------------------------------------------


def measure_size(modules: list[Module]) -> Iterator[Measure]:
    sizes = [module.lines for module in modules]
    small = sum(size < SMALL_MODULE for size in sizes)
    yield Measure("lines", sum(sizes), "lines of Python in the rooms, without migrations")
    yield Measure("code", sum(map(count_code_lines, modules)), "of these, lines that hold code")
    yield Measure("imports", sum(map(count_import_lines, modules)), "of these, import statements")
    beside = sum(map(count_lines, ("tools", "benchmarks")))
    yield Measure("lines beside", beside, "lines of Python in tools/ and benchmarks/")
    templates = sum(count_lines(room, "*.html") for room in ROOMS)
    yield Measure("templates", templates, "lines of HTML templates in the rooms")
    yield Measure("files", len(modules), "Python files in the rooms")
    yield Measure("small modules", small, f"files with fewer than {SMALL_MODULE} lines")
    yield Measure("median module", int(median(sizes)), "lines of the median file")
    yield Measure("largest module", max(sizes), "lines of the largest file")
    functions = sorted((node.end_lineno or 0) - node.lineno + 1 for node in find_functions(modules))
    yield Measure("functions", len(functions), "functions and methods")
    yield Measure("median function", int(median(functions)), "lines of the median function")
    yield Measure("p95 function", int(quantiles(functions, n=20)[-1]), "lines, 95th percentile")
    yield Measure("longest function", functions[-1], "lines of the longest function")


def measure_structure(modules: list[Module]) -> Iterator[Measure]:
    for room in ROOMS:
        own = [module for module in modules if module.name.split(".")[0] == room]
        loose = sum(module.path.parent == ROOT / room for module in own)
        floors = arrange_room(room, own)
        yield Measure(f"loose files {room}", loose, f"files directly in {room}/")
        yield Measure(f"floors {room}", floors.height, "longest chain of imports in the room")
        yield Measure(f"upward {room}", floors.upward, "imports that close a circle in the room")
    yield Measure("upward rooms", count_upward_rooms(modules), "modules that import a higher room")


def measure_means(modules: list[Module]) -> Iterator[Measure]:
    everything = [(module, node) for module in modules for node in ast.walk(module.tree)]
    yield Measure("eval", count_evals(modules), "calls of eval, exec or compile")
    cuts = sum(cuts_sql(node) for _module, node in everything)
    yield Measure("SQL surgery", cuts, "expressions that take finished SQL apart")
    vendors = {m.name for m, n in everything if isinstance(n, ast.Attribute) and n.attr == "vendor"}
    yield Measure(".vendor", len(vendors), "modules that ask which database it is")
    private = find_private_reads(modules) | find_private_overrides(modules)
    meaning = f"private names of Django and DRF: {', '.join(sorted(private))}"
    yield Measure("private names", len(private), meaning)
    ancestors = count_ancestors(modules)
    yield Measure("ancestors", max(ancestors.values()), "most classes of ours that one inherits")


def measure_words() -> Iterator[Measure]:
    yield Measure("test lines", count_lines("tests"), "lines of Python in tests/")
    paths = {path for pattern in DOCUMENTS for path in ROOT.glob(pattern)}
    words = sum(len(path.read_text(encoding="utf-8").split()) for path in paths)
    yield Measure("words", words, "words of all Markdown documents, tables and Chinese included")


def measure_all(*, with_walks: bool = True) -> list[Measure]:
    """Measure the tree, and with `with_walks` the requests of `tools/walks.py`, too."""
    with prepare_site():
        return [*measure_tree(), *(measure_requests() if with_walks else ())]


def measure_tree() -> Iterator[Measure]:
    modules = read_modules(*ROOMS)
    yield from measure_size(modules)
    yield from measure_structure(modules)
    yield from measure_means(modules)
    yield from measure_words()


def measure_requests() -> Iterator[Measure]:
    for walk, passed in zip(WALKS, measure_walks(ROOT, ROOMS), strict=True):
        for kind, value in passed._asdict().items():
            yield Measure(f"{walk.name}: {kind}", value, walk.meaning)


def find_excesses(measures: Iterable[Measure]) -> list[str]:
    """Return a sentence for each measure beyond its bound."""
    return [
        f"{measure.name} is {measure.value}; at most {bound.most}: {bound.reason}"
        for measure in measures
        if (bound := BOUNDS.get(measure.name)) and measure.value > bound.most
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="exit with 1 beyond a bound")
    parser.add_argument("--static", action="store_true", help="leave out the walks")
    options = parser.parse_args()
    measures = measure_all(with_walks=not options.static)
    for measure in measures:
        bound = BOUNDS.get(measure.name)
        most = f"<= {bound.most}" if bound else ""
        print(f"{measure.name:32} {measure.value:8}  {most:10}  {measure.meaning}")
    excesses = find_excesses(measures)
    for sentence in excesses:
        print(sentence, file=sys.stderr)
    return 1 if options.check and excesses else 0


if __name__ == "__main__":
    sys.exit(main())
