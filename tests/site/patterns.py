"""Collects the regular expressions of the product, and builds texts that a slow one is slow on."""

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from re import (
    _constants as codes,  # type: ignore[attr-defined]
    _parser as parser,  # type: ignore[attr-defined]
)
from typing import Any

ROOT = Path(__file__).parents[2]
PRODUCT = ("config", "sheets", "api", "parks", "projects", "pages")
LONG = 10_000  # characters of an attack
_CALLS = {"compile", "search", "match", "fullmatch", "split", "findall", "finditer", "sub", "subn"}
_SAMPLES = (
    *string.printable,
    *"年月万亿元项单位一（）：，、；【】％　·—\x00\x85\u0301\uffff\U00020000",
)


@dataclass
class Found:
    """A regular expression of the product: where it is, and how it is applied."""

    place: str
    pattern: Any
    methods: set[str] = field(default_factory=set)


@cache
def read_sources() -> dict[str, ast.Module]:
    """Parse the modules of the product that use regular expressions, by their names."""
    texts = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf-8")
        for package in PRODUCT
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.name != "__init__.py"
    }
    return {module: ast.parse(text) for module, text in texts.items() if "\nimport re\n" in text}


def find_patterns() -> tuple[list[Found], list[str]]:
    """Find all patterns, and those that only exist while a function runs, as source."""
    found: dict[tuple[str, int], Found] = {}
    unknown = []
    for module, tree in read_sources().items():
        calls = [node for node in ast.walk(tree) if _is_call_of_re(node)]
        names = vars(import_module(module))
        for name, value in names.items():
            for pattern in _list_patterns(value):
                uses = _list_uses(module).get(name, set()) if name[0] == "_" else set()
                key = pattern.pattern, pattern.flags
                first = found.setdefault(key, Found(f"{module}.{name}", pattern))
                first.methods |= uses or {"search"}
        for call in calls:
            source = ast.unparse(call.args[0])
            try:
                given = eval(source, dict(names))  # noqa: S307 our own source
            except NameError:
                unknown.append(f"{module}: {source}")
                continue
            pattern = re.compile(given, _read_flags(call, names))
            uses = {"search"} if call.func.attr == "compile" else {call.func.attr}
            found.setdefault(
                (pattern.pattern, pattern.flags), Found(f"{module}: {source}", pattern, uses)
            )
    return [*found.values()], unknown


def _list_patterns(value: Any) -> Iterator[re.Pattern[str]]:
    """List the patterns in a value of a module, within lists and the like as well."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict | list | tuple):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _list_patterns(each)


def _is_call_of_re(node: Any) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "re"
        and node.func.attr in _CALLS
    )


def _read_flags(call: ast.Call, names: dict[str, Any]) -> int:
    given = [*call.args[1:], *(each.value for each in call.keywords if each.arg == "flags")]
    flags = [each for each in given if "re." in ast.unparse(each)]
    return eval(ast.unparse(flags[0]), dict(names)) if flags else 0  # noqa: S307 our own source


@cache
def _list_uses(module: str) -> dict[str, set[str]]:
    """List the methods called on each name; what is passed on may be used to search."""
    nodes = [*ast.walk(read_sources()[module])]
    applied = {id(node.value): node.attr for node in nodes if isinstance(node, ast.Attribute)}
    uses: dict[str, set[str]] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            uses.setdefault(node.id, set()).add(applied.get(id(node), "search"))
    return {name: methods - {"pattern"} for name, methods in uses.items()}


def build_attacks(pattern: Any) -> Iterator[str]:
    """Build long texts that repeat what each unbounded repeat of the pattern takes."""
    tree = parser.parse(pattern.pattern, pattern.flags)
    sets = [each for each in _walk(tree) if each[0] in _OF_ONE_SIGN]
    literals = {chr(value) for code, value in sets if code == codes.LITERAL}
    # One sign for all that the pattern does not tell apart
    signs = {tuple(_matches(*each, sign) for each in sets): sign for sign in (*_SAMPLES, *literals)}
    attacks = set()
    for before, body in _find_repeats([*tree], ""):
        one = _write_example(body)
        taken = [each for each in _walk(body) if each[0] in _OF_ONE_SIGN]
        repeated = [s for s in signs.values() if any(_matches(*each, s) for each in taken)]
        for unit in (one, f"{before}{one}", before, *repeated):
            if unit:
                attacks |= {before + unit * (LONG // len(unit)) + end for end in _ENDS}
    yield from sorted(attacks)


def _matches(code: Any, value: Any, sign: str) -> bool:
    if code == codes.ANY:
        return sign != "\n"
    if code == codes.LITERAL:
        return ord(sign) == value
    if code == codes.NOT_LITERAL:
        return ord(sign) != value
    if code == codes.RANGE:
        return bool(value[0] <= ord(sign) <= value[1])
    if code == codes.CATEGORY:
        return _is_of_category(value, sign)
    is_negated = value[0][0] == codes.NEGATE
    return any(_matches(*each, sign) for each in value[is_negated:]) != is_negated


@cache  # the same few signs are compared with hundreds of patterns
def _is_of_category(category: Any, sign: str) -> bool:
    return re.fullmatch(_CATEGORIES[category], sign) is not None


_CATEGORIES = {
    codes.CATEGORY_DIGIT: r"\d",
    codes.CATEGORY_NOT_DIGIT: r"\D",
    codes.CATEGORY_SPACE: r"\s",
    codes.CATEGORY_NOT_SPACE: r"\S",
    codes.CATEGORY_WORD: r"\w",
    codes.CATEGORY_NOT_WORD: r"\W",
}
_OF_ONE_SIGN = (codes.LITERAL, codes.NOT_LITERAL, codes.IN, codes.ANY)
_ENDS = ("", "\x00", "!", "\n!")
_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def _children(code: Any, value: Any) -> list[Any]:
    """The sequences within a node."""
    if code in _REPEATS:
        return [value[2]]
    if code == codes.SUBPATTERN:
        return [value[3]]
    if code == codes.BRANCH:
        return [*value[1]]
    if code in (codes.ASSERT, codes.ASSERT_NOT):
        return [value[1]]
    return [value] if code == codes.ATOMIC_GROUP else []


def _walk(sequence: Any) -> Iterator[Any]:
    for code, value in sequence:
        yield code, value
        for child in _children(code, value):
            yield from _walk(child)


def _find_repeats(sequence: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Find the repeats without an upper bound, each with a text that leads to it."""
    for place, (code, value) in enumerate(sequence):
        lead = before + _write_example(sequence[:place])
        if code in _REPEATS and value[1] > 100:
            yield lead, value[2]
        for child in _children(code, value):
            yield from _find_repeats([*child], lead)


def _write_example(sequence: Any) -> str:
    """Write the shortest text that a sequence takes, more or less."""
    text = ""
    for code, value in sequence:
        if code in _REPEATS:
            text += _write_example(value[2]) * value[0]
        elif code == codes.BRANCH:
            text += _write_example(value[1][0])
        elif code == codes.ASSERT:
            text += _write_example(value[1]) if value[0] < 0 else ""
        elif code in _OF_ONE_SIGN:
            literal = chr(value) if code == codes.LITERAL else ""
            text += literal or next((s for s in _SAMPLES if _matches(code, value, s)), "")
        elif code in (codes.SUBPATTERN, codes.ATOMIC_GROUP):
            text += "".join(map(_write_example, _children(code, value)))
    return text
