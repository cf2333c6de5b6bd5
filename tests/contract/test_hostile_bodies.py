"""Hostile values in each field of each body of the API: refused or stored, never a 500."""

import json
from typing import Any

import pytest

from tests.contract.declared import Operation, written
from tests.hostile import JSON_VALUES, CalmClient, chosen
from tests.samples import IS_LONGEST
from tests.site.test_access import BODIES

pytestmark = pytest.mark.django_db

ONE_IN = 300  # of the values, at each address


def write_body(values: dict[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{raw}" for name, raw in values.items()) + "}"


def send(client: CalmClient, operation: Operation, address: str, body: str) -> Any:
    """The answer to this body; an edit is of any version, and so is a row that is put."""
    headers = {"If-Match": "*"} if operation.method != "post" else {}
    return client.generic(
        operation.method.upper(), address, body, "application/json", headers=headers
    )


def find_refused(response: Any) -> set[str]:
    """The fields that are refused, whatever they hold."""
    if response.status_code != 400:
        return set()
    errors = json.loads(response.content)["errors"]
    return {error.get("pointer", "#").removeprefix("#/").partition("/")[0] for error in errors}


@pytest.mark.slow
def test_no_field_of_a_body_breaks_the_api(
    hostile: CalmClient, every_address: dict[str, str]
) -> None:
    """All fields have the value at once; those that take it have it in a body that is right.

    A field has it alone in the first body that takes it: fields of one name are read alike.
    """
    sent, met = 0, set[tuple[str, str]]()
    for number, operation in enumerate(written()):
        address = every_address[operation.route]
        base = BODIES.get((operation.route, operation.method.upper()), {})
        right = {name: json.dumps(value) for name, value in base.items()}
        for value, raw in chosen(JSON_VALUES, number, ONE_IN):
            fields = dict.fromkeys(operation.fields, raw)
            response = send(hostile, operation, address, write_body(fields))
            taken = sorted({*fields} - find_refused(response))
            sent += len(fields)
            if len(taken) < len(fields):
                send(hostile, operation, address, write_body(right | dict.fromkeys(taken, raw)))
            for field in taken if IS_LONGEST else taken[number % 9 :: 9]:
                if (field, value) not in met:
                    send(hostile, operation, address, write_body({**right, field: raw}))
                met.add((field, value))
    assert sent > (30_000 if IS_LONGEST else 150)


WHOLE_BODIES = [*JSON_VALUES.values(), "", " ", "\x00", "\ufeff{}", "{", "[", '{"a"', "//", "nul"]


@pytest.mark.slow
def test_no_body_as_a_whole_breaks_the_api(
    hostile: CalmClient, every_address: dict[str, str]
) -> None:
    bodies = {body: body for body in WHOLE_BODIES}
    for number, operation in enumerate(written()):
        for _name, body in chosen(bodies, number, ONE_IN):
            send(hostile, operation, every_address[operation.route], body)
