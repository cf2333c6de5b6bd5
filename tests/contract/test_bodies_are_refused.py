"""Every field of every body: unknown and read-only ones are refused by their place."""

import json
import re

import pytest
from rest_framework.test import APIClient

from api.problems.errors import json_pointer
from tests.answers import API, Row, problem
from tests.contract.declared import Operation, operations
from tests.openapi import follow, read_snapshot
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db

# What is checked before the body: any version will do.
HEADERS = {"If-Match": "*"}
# A claim is appended to, never overwritten; its address says which code a row has.
READ_ONLY = {"read_only_field", "append_only"}


def refused(client: APIClient, operation: Operation, address: str, body: Row) -> dict[str, Row]:
    """The errors of a refused body, by their places."""
    headers = HEADERS if operation.method != "post" else {}
    response = client.generic(
        operation.method.upper(),
        address,
        json.dumps(body),  # in ASCII: half of a surrogate pair cannot be sent otherwise
        "application/json",
        headers=headers,
    )
    return {error["pointer"]: error for error in problem(response)["errors"]}


def written() -> list[Operation]:
    """The operations that take a JSON object of fields."""
    return [each for each in operations("post", "put", "patch") if each.fields]


def some(turn: int) -> list[Operation]:
    """Those whose turn it is: one of three; in a long run all."""
    return sample(written(), 3, turn)


def test_every_resource_is_walked() -> None:
    assert len(written()) > 30
    assert sum(len(operation.fields) for operation in written()) > 300


def test_every_body_has_no_other_fields_than_those_listed() -> None:
    document = read_snapshot()
    open_bodies = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                schema = follow(document, body["schema"])
                schema = follow(document, schema.get("items", schema))
                if schema.get("type") == "object" and schema.get("additionalProperties", True):
                    open_bodies.append(f"{method} {path}")
    assert not open_bodies


def test_an_unknown_field_is_refused_with_the_nearest_spelling(
    admin_api: APIClient, addresses: dict[str, str]
) -> None:
    right = asked = 0
    for operation in some(0):
        names = {
            f"{name[:-2]}{name[-1]}{name[-2]}": name for name in operation.fields if len(name) > 3
        }
        typos = {typo: name for typo, name in names.items() if typo not in operation.fields}
        errors = refused(
            admin_api, operation, addresses[operation.route], dict.fromkeys(typos, "x")
        )
        for typo, name in typos.items():
            assert errors[f"#/{typo}"]["code"] == "unknown_field", operation
            asked += 1
            right += errors[f"#/{typo}"].get("suggestion") == name
    assert right >= 0.95 * asked


def test_a_read_only_field_is_refused(admin_api: APIClient, addresses: dict[str, str]) -> None:
    walked = 0
    for operation in some(1):
        body = dict.fromkeys(operation.read_only, "x")
        if not body:
            continue
        errors = refused(admin_api, operation, addresses[operation.route], body)
        for name in body:
            assert errors[f"#/{name}"]["code"] in READ_ONLY, (operation, name)
            walked += 1
    assert walked > 30


@together("body", ['"text"', "3", "null", "true", "[1]", "{"])
def test_a_body_that_is_no_object_is_refused_as_a_whole(admin_api: APIClient, body: str) -> None:
    asked = {"accept-language": "zh-hans"}
    answer = admin_api.generic("POST", f"{API}/sources", body, "application/json", headers=asked)
    (wrong,) = problem(answer)["errors"]
    assert wrong["pointer"] == "#"
    assert any("一" <= letter <= "龥" for letter in wrong["detail"])


def test_no_message_about_a_body_names_a_type_of_python(
    admin_api: APIClient, addresses: dict[str, str]
) -> None:
    for operation in operations("post", "put", "patch"):
        for body in ("null", "3", "[null]"):
            address, method = addresses[operation.route], operation.method.upper()
            answer = admin_api.generic(method, address, body, "application/json", headers=HEADERS)
            told = re.search(r"NoneType|\btype (int|list)\b", answer.content.decode())
            assert not told, (operation, body, answer.content)


@together(
    ("steps", "pointer"),
    [
        *[((), "#"), (("investors", 0, "share_bp"), "#/investors/0/share_bp")],
        *[(("a/b", "m~n"), "#/a~1b/m~0n"), (("名",), "#/%E5%90%8D"), (("\ud800",), "#/%3F")],
    ],
)
def test_pointers_are_written_as_rfc_6901_says(steps: tuple[str | int, ...], pointer: str) -> None:
    assert json_pointer(*steps) == pointer


UNPRINTABLE = ["a\x00b", "\x1b", "\ud800"]


@together("value", UNPRINTABLE)
def test_a_control_character_is_refused_in_every_field(
    admin_api: APIClient, addresses: dict[str, str], value: str
) -> None:
    for operation in some(UNPRINTABLE.index(value)):
        # The code of a row is in the address, and compared with that first.
        names = operation.fields - ({"code"} if operation.method != "post" else set())
        body = dict.fromkeys(names, value)
        errors = refused(admin_api, operation, addresses[operation.route], body)
        closed = {place for place, error in errors.items() if error["code"] == "append_only"}
        if closed:
            body = {name: value for name in names if f"#/{name}" not in closed}
            errors = refused(admin_api, operation, addresses[operation.route], body)
        assert {f"#/{name}" for name in body} <= set(errors), operation


@together(
    ("resource", "name", "value"),
    [
        ("sources", "note", 5),
        ("sources", "title", True),
        ("sources", "is_copy", "true"),
        ("sources", "published_on", 2023),
        ("sources", "kind", ["official"]),
        ("projects", "land_mu", "42.5"),
        ("projects", "land_mu", True),
        ("figures", "size_floor_cny", "100"),
        ("parks", "leading_sectors", {"C39": 1}),
    ],
)
def test_a_value_of_another_json_type_is_refused_and_not_converted(
    admin_api: APIClient, resource: str, name: str, value: object
) -> None:
    response = admin_api.post(f"{API}/{resource}", {name: value}, format="json")
    places = {error["pointer"] for error in problem(response, 400)["errors"]}
    assert f"#/{name}" in places
