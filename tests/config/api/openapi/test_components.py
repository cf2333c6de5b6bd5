"""What repeats in the OpenAPI document is said once, under a name that does not change."""

import json
from collections import Counter
from typing import Any

from config.api.openapi.schema import name_repeated
from tests.openapi import read_snapshot

TAG = {"schema": {"type": "string"}}


def build_operation(name: str, *parameters: dict[str, Any], **answers: Any) -> dict[str, Any]:
    """An operation on users with an answer by each status, such as `_200`."""
    return {
        "operationId": name,
        "tags": ["users"],
        "parameters": [*parameters],
        "responses": {status[1:]: answer for status, answer in answers.items()},
    }


def build_parameter(name: str, kind: str = "string") -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind}}


def test_nothing_is_written_twice() -> None:
    seen = Counter[str]()
    for item in read_snapshot()["paths"].values():
        for operation in item.values():
            answers = operation["responses"].values()
            headers = [each for answer in answers for each in answer.get("headers", {}).values()]
            for described in (*operation.get("parameters", ()), *answers, *headers):
                if "$ref" not in described:
                    seen[json.dumps(described, sort_keys=True)] += 1
    assert [text for text, times in seen.items() if times > 1] == []
    assert len(seen) > 20


def test_nothing_is_described_that_nobody_refers_to() -> None:
    text = json.dumps(read_snapshot())
    kinds = {
        kind: each for kind, each in read_snapshot()["components"].items() if "Schemes" not in kind
    }
    unused = [
        f"{kind}/{name}"
        for kind, named in kinds.items()
        for name in named
        if f'"#/components/{kind}/{name}"' not in text
    ]
    assert unused == []
    assert {*kinds} == {"headers", "parameters", "responses", "schemas"}


def test_each_repeated_one_is_named_once_and_others_stay() -> None:
    page = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Page"}}}}
    first = build_operation(
        "users_list", build_parameter("q"), build_parameter("limit"), _200={**page}
    )
    second = build_operation(
        "users_find", build_parameter("q"), build_parameter("near"), _200={**page}
    )
    paths = {"/a": {"get": first}, "/b": {"get": second}}
    made = name_repeated({"paths": paths})["components"]
    assert made["parameters"] == {"q": build_parameter("q")}
    assert made["responses"] == {"Page": page}
    assert [each.get("name") for each in first["parameters"]] == [None, "limit"]
    assert second["parameters"][0] == {"$ref": "#/components/parameters/q"}
    assert first["responses"] == {"200": {"$ref": "#/components/responses/Page"}}


def test_two_that_share_a_name_are_told_apart_by_where_they_are_used() -> None:
    whole = {
        "paths": {
            f"/{name}": {"get": build_operation(name, build_parameter("kind", kind))}
            for name, kind in (("a", "string"), ("b", "string"), ("c", "integer"), ("d", "integer"))
        }
    }
    named = name_repeated(whole)["components"]["parameters"]
    assert {name: each["schema"]["type"] for name, each in named.items()} == {
        "kind.users": "string",
        "kind.c": "integer",
    }


def test_headers_and_empty_answers_are_named_too() -> None:
    operations = [
        build_operation(name, _200={"headers": {"ETag": {**TAG}}}, _304={"description": "Same."})
        for name in ("a", "b")
    ]
    operations[1]["responses"]["200"]["description"] = "Another answer with the same header."
    paths = {f"/{number}": {"get": each} for number, each in enumerate(operations)}
    made = name_repeated({"paths": paths})["components"]
    assert made["headers"] == {"ETag": TAG}
    assert made["responses"] == {"NotModified": {"description": "Same."}}
    reference = {"$ref": "#/components/headers/ETag"}
    assert operations[0]["responses"]["200"]["headers"] == {"ETag": reference}
