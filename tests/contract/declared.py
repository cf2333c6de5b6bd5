"""What the API declares: every operation of its OpenAPI document, with the parameters it takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.answers import API
from tests.openapi import follow, inline, read_snapshot
from tests.site.test_access import ROUTES


@dataclass(frozen=True)
class Operation:
    """One method of one route, named as in the table of `tests/site/test_access.py`."""

    route: str
    method: str
    parameters: tuple[str, ...]  # of the query
    lists: frozenset[str]  # those of them that may be repeated
    words: Mapping[str, tuple[str, ...]]  # those of them that take one of these
    fields: frozenset[str]  # of a JSON body
    read_only: frozenset[str]


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document of the whole API."""
    return inline(read_snapshot())


def operations(*methods: str) -> list[Operation]:
    """The operations by these methods, in lower case, of the routes in that table."""
    return [each for each in _operations() if each.method in methods and each.route in ROUTES]


def written() -> list[Operation]:
    """All operations that take a JSON object of fields."""
    return [each for each in _operations() if each.fields]


def routes() -> set[str]:
    """Every route that the document has."""
    return {operation.route for operation in _operations()}


@cache
def _operations() -> tuple[Operation, ...]:
    return tuple(_read_operations())


def _read_operations() -> Iterator[Operation]:
    for path, item in document()["paths"].items():
        for method, operation in item.items():
            given, shown = _body_fields(operation), _shown_fields(operation)
            asked = {
                each["name"]: each["schema"]
                for each in operation.get("parameters", ())
                if each["in"] == "query"
            }
            yield Operation(
                route=path.removeprefix(f"{API}/"),
                method=method,
                parameters=tuple(asked),
                lists=frozenset(name for name in asked if asked[name].get("type") == "array"),
                words={
                    name: tuple(each for each in listed["enum"] if each)
                    for name, schema in asked.items()
                    if "enum" in (listed := schema.get("items", schema))
                },
                fields=frozenset(given),
                # Where what is sent and what is shown are the same kind of row
                read_only=frozenset(shown - given) if len(given) > 1 else frozenset(),
            )


def _body_fields(operation: dict[str, Any]) -> set[str]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = _resolved(content.get("application/json", {}).get("schema", {}))
    return {
        name for name, field in schema.get("properties", {}).items() if not field.get("readOnly")
    }


def _shown_fields(operation: dict[str, Any]) -> set[str]:
    for status in ("200", "201"):
        content = _resolved(operation["responses"].get(status, {})).get("content", {})
        schema = _resolved(content.get("application/json", {}).get("schema", {}))
        if properties := schema.get("properties", {}):
            return set(properties)
    return set()


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    return follow(document(), schema)
