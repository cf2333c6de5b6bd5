"""The OpenAPI document as its readers see it: what is referred to stands where it is used."""

from functools import cache
from typing import Any

import yaml

from tests.paths import DOCS

SNAPSHOT = DOCS / "openapi.yaml"


@cache
def read_snapshot() -> dict[str, Any]:
    """The document of the whole API as it is written; a test holds it to be what the API says.

    To read it takes most of a second, to make it anew several. Nobody changes what it gives.
    """
    return parse_document(SNAPSHOT.read_text(encoding="utf-8"))


def parse_document(text: str) -> Any:
    """A document in YAML; read by C, which is ten times faster."""
    return yaml.load(text, Loader=yaml.CSafeLoader)  # noqa: S506 it is as safe as the other


def inline(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of a document whose operations hold their parameters, answers and headers."""
    paths = {
        path: {method: _inline_operation(document, each) for method, each in item.items()}
        for path, item in document["paths"].items()
    }
    return {**document, "paths": paths}


def _inline_operation(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    made = {"security": document.get("security"), **operation, "responses": {}}
    if "parameters" in operation:
        made["parameters"] = [{**follow(document, each)} for each in operation["parameters"]]
    for status, answer in operation["responses"].items():
        found = {**follow(document, answer)}
        if "headers" in found:
            headers = found["headers"].items()
            found["headers"] = {name: follow(document, header) for name, header in headers}
        made["responses"][status] = found
    return made


def follow(document: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """What a reference refers to; anything else as it is."""
    if "$ref" not in described:
        return described
    found: Any = document
    for step in described["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return follow(document, found)


def spell_out(document: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    """A field with its words in place of a reference to them; any other as it is."""
    if "items" in described:
        return {**described, "items": spell_out(document, described["items"])}
    first, *others = described.get("oneOf", [described])
    name = first.get("$ref", "").rpartition("/")[2]
    words = document["components"]["schemas"].get(name, {})
    if "enum" not in words:
        return described
    return words if not others else {"type": ["string", "null"], "enum": [*words["enum"], None]}
