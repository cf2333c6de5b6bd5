"""List the bounds of the product, and check that a test tries each of them.

    python -m tools.bounds [--only parks/models,sheets/dates.py]

A bound is a number, timedelta or date assigned to a name of a module or class, the default of a
setting, or a number that limits a field, filter, constraint or validator. `tests/bounds.toml` names
the test that tries it below, at and above, or says why it is none. Prints what is missing there,
and exits with 1 if there is anything.
"""

import argparse
import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tools.faulty_runs import ROOT

TABLE = ROOT / "tests" / "bounds.toml"
MAKERS = {"timedelta", "date", "datetime", "Decimal", "ContextVar", "min", "max"}
SETTINGS = {"env.int", "env.float"}
KEYWORDS = {
    *("max_length", "min_length", "max_value", "min_value", "max_digits", "decimal_places"),
    *("least", "most", "limit", "whole_digits", "decimals"),
    *("minItems", "maxItems", "minimum", "maximum"),
}
VALIDATORS = {"MinValueValidator", "MaxValueValidator"}
FIRST_VALUES = {"0", "1", "-1"}  # where attributes of objects begin to count
CONDITION = re.compile(r"\w+__(?:gte?|lte?)")


class Bound(NamedTuple):
    """A name of a module, and the numbers that its statement sets."""

    path: Path
    name: str
    numbers: list["Number"]

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT).as_posix()} {self.name}"


class Number(NamedTuple):
    """A number and its place below another node."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.expr


def find_all() -> Iterator[Bound]:
    for root in ("config", "sheets", "api", "parks", "projects", "pages"):
        for path in sorted((ROOT / root).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from find_bounds(path, ast.parse(path.read_text(encoding="utf-8")).body)


def find_bounds(path: Path, body: Sequence[ast.stmt], prefix: str = "") -> Iterator[Bound]:
    """Find the bounds that statements of a module or class set."""
    for statement in body:
        match statement:
            case ast.ClassDef(name=name, body=inner):
                yield from find_bounds(path, inner, f"{prefix}{name}.")
            case ast.Assign(targets=[target, *_]) | ast.AnnAssign(target=target):
                for name, numbers in _find_numbers(statement, target):
                    is_whole = numbers[0].parent is statement
                    if name.isupper() or not (
                        is_whole and ast.unparse(numbers[0].node) in FIRST_VALUES
                    ):
                        yield Bound(path, f"{prefix}{name}", numbers)


def _find_numbers(
    statement: ast.Assign | ast.AnnAssign, target: ast.expr
) -> Iterator[tuple[str, list[Number]]]:
    value = statement.value
    match target, value:
        case ast.Tuple(elts=names), ast.Tuple(elts=values):
            for index, (name, each) in enumerate(zip(names, values, strict=True)):
                if _is_number(each):
                    yield ast.unparse(name), [Number(value, "elts", index, each)]
        case _, ast.Tuple(elts=[_, *_] as values) if all(map(_is_number, values)):
            numbers = [Number(value, "elts", index, each) for index, each in enumerate(values)]
            yield ast.unparse(target), numbers
        case _, ast.expr():
            whole = Number(statement, "value", None, value)
            numbers = [whole] if _is_number(value) else [*_find_limits(value)]
            if numbers:
                yield ast.unparse(target), numbers


def _is_number(node: ast.AST) -> bool:
    match node:
        case ast.Constant(value=value):
            return type(value) in (int, float)
        case ast.UnaryOp(operand=operand):
            return _is_number(operand)
        case ast.BinOp(left=left, right=right):
            sides = (left, right)
            is_text = any(isinstance(getattr(side, "value", None), str) for side in sides)
            return not is_text and any(map(_is_number, sides))
    return False


def _find_limits(value: ast.AST) -> Iterator[Number]:
    """Find numbers that make a date or timedelta, or that limit a field, filter or setting."""
    for node in ast.walk(value):
        if isinstance(node, ast.Dict):
            for index, key in enumerate(node.keys):
                if isinstance(key, ast.Constant) and key.value in KEYWORDS:
                    yield from _take(node, "values", index, node.values[index])
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        names = {keyword.arg for keyword in node.keywords}
        if called in MAKERS or called.split(".")[-1] in VALIDATORS:
            for index, argument in enumerate(node.args):
                yield from _take(node, "args", index, argument)
        for keyword in node.keywords:
            name = keyword.arg or ""
            is_default = name == "default" and called in SETTINGS | {"ContextVar"}
            is_limit = name in KEYWORDS and "choices" not in names
            if called in MAKERS or is_default or is_limit or CONDITION.fullmatch(name):
                yield from _take(keyword, "value", None, keyword.value)


def _take(parent: ast.AST, field: str, index: int | None, node: ast.expr) -> Iterator[Number]:
    if _is_number(node):
        yield Number(parent, field, index, node)
    elif isinstance(node, ast.IfExp):
        yield from _take(node, "body", None, node.body)


def read_table() -> dict[str, list[str]]:
    """Read which tests try a bound; a bound that is none has no tests."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    rows: dict[str, list[str]] = {}
    for kind, lines in table.items():
        for key, text in lines.items():
            path = ""
            for word in text.split():
                if word.endswith(".py"):
                    path = word
                    continue
                tests = rows.setdefault(f"{path} {word}", [])
                tests += [f"tests/{key}"] if kind == "tests" else []
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="beginnings of paths, with commas")
    options = parser.parse_args()
    rows = read_table()
    bounds = [each for each in find_all() if str(each).startswith(tuple(options.only.split(",")))]
    wrong = [f"no row     {bound}" for bound in bounds if str(bound) not in rows]
    print("\n".join(wrong))
    print(f"{len(bounds)} bounds, {sum(bool(rows.get(str(each))) for each in bounds)} with tests")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
