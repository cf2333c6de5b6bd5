"""The OpenAPI document as its readers see it: what is referred to stands where it is used."""

from typing import Any


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
