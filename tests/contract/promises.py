"""What an OpenAPI document promises to clients: `python -m tests.contract.promises` at a release.

It writes `tests/data/promises.txt`, from which the next release may only add.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.openapi import inline, read_snapshot, spell_out
from tests.paths import ROOT
from tools.release import is_stable

RELEASED = ROOT / "tests" / "data" / "promises.txt"
METHODS = {"get", "post", "put", "patch", "delete"}
NEEDS = " needs"  # of these lists nothing may be added; of all others nothing may be taken away

Promises = dict[str, set[str]]


def promises(document: dict[str, Any]) -> Promises:
    """By what it is about: the words that a client may rely on."""
    made: Promises = {}
    for key, word in [*_of_operations(inline(document)), *_of_schemas(document)]:
        made.setdefault(key, set())
        if word:
            made[key].add(word)
    return made


def broken(before: Promises, now: Promises) -> list[str]:
    """What was promised and is so no longer, one line each."""
    lost = []
    for key, words in before.items():
        if key not in now:
            lost.append(f"{key}: gone")
        elif key.endswith(NEEDS):
            lost += [f"{key}: {word}, which it did not" for word in sorted(now[key] - words)]
        else:
            lost += [f"{key}: no longer {word}" for word in sorted(words - now[key])]
    return lost


def _of_operations(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield from _of_operation(f"{method.upper()} {path}", operation)


def _of_operation(name: str, operation: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield f"{name}{NEEDS}", ""
    for parameter in operation.get("parameters", ()):
        yield f"{name} takes", parameter["name"]
        if parameter.get("required"):
            yield f"{name}{NEEDS}", parameter["name"]
        for word in parameter["schema"].get("enum", ()):
            yield f"{name} takes", f"{parameter['name']}={word}"
    for form, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"{name} takes a body", f"{form}|{_kind(content.get('schema', {}))}"
    for status, answer in operation["responses"].items():
        for form, content in answer.get("content", {}).items():
            if status.startswith("2"):
                kind = _kind(content.get("schema", {}))
                yield f"{name} answers {status}", f"{form.partition(';')[0]}|{kind}"


def _of_schemas(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, schema in document["components"]["schemas"].items():
        for word in schema.get("enum", ()):
            yield f"{name} may be", str(word)
        for field, content in schema.get("properties", {}).items():
            content = spell_out(document, content)
            kinds = {_kind(content)}
            if name.endswith("Request"):  # may take rows of another kind besides
                kinds |= {f"[{_kind(each)}]" for each in content.get("items", {}).get("anyOf", ())}
            yield from ((f"{name} has", f"{field}|{kind}") for kind in kinds)
            for word in content.get("enum", ()):
                yield f"{name}.{field} may be", str(word)
        # Of what comes back, a field that is always there is a promise; of what is sent, a duty.
        about = NEEDS if name.endswith("Request") else " always has"
        yield f"{name}{about}", ""
        for field in schema.get("required", ()):
            yield f"{name}{about}", field


def _kind(schema: dict[str, Any]) -> str:
    """The type of a value in one word without blanks."""
    if "$ref" in schema:
        return schema["$ref"].rpartition("/")[2]
    for joined in ("oneOf", "anyOf", "allOf"):
        if joined in schema:
            return "|".join(sorted({_kind(each) for each in schema[joined]}))
    kind = schema.get("type", "any")
    if isinstance(kind, list):
        return "|".join(sorted(kind))
    if kind == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return str(kind)


def read(path: Path = RELEASED) -> Promises:
    """The promises of the last release."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return {key: {*words.split()} for key, _colon, words in (line.partition(":") for line in lines)}


def write(made: Promises, path: Path = RELEASED) -> None:
    lines = [f"{key}: {' '.join(sorted(words))}".rstrip(" ") for key, words in sorted(made.items())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Write what is promised now; from 1.0.0 on only if nothing is taken away."""
    made = promises(read_snapshot())
    lost = broken(read(), made) if RELEASED.exists() else []
    for line in lost:
        print(line, file=sys.stderr)
    if lost and is_stable():
        print("Not written: docs/reference/versioning.md says how to change it.", file=sys.stderr)
        return 1
    write(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
