"""Hostile values in each parameter, path and header of the API: refused or understood, never a 500.

What is walked are the operations of the OpenAPI document, so none is forgotten.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.answers import API
from tests.contract.declared import document
from tests.hostile import VALUES, CalmClient, batched, chosen, write_query
from tests.samples import IS_LONGEST
from tests.site.test_access import QUESTIONS

pytestmark = pytest.mark.django_db

ONE_IN = 300  # of the values, at each address
ONE_IN_FILES = 10  # at a file's address in a long run: its parameters are read as those of JSON
LONG_VALUE = 200  # bytes, of which few fit into one address


Asked = tuple[str, str, list[str]]  # route, method, parameters


def asked_operations() -> list[Asked]:
    """Each operation with the parameters of its query."""
    return [
        (
            path.removeprefix(f"{API}/"),
            method,
            [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"],
        )
        for path, item in document()["paths"].items()
        for method, operation in item.items()
    ]


def find_refused(response: Any) -> set[str]:
    if response.status_code != 400:
        return set()
    return {error.get("parameter", "") for error in json.loads(response.content)["errors"]}


def send(client: CalmClient, method: str, address: str, values: Mapping[str, str]) -> Any:
    target = f"{address}?{write_query(values)}"
    sent = {"data": "{}", "content_type": "application/json"} if method != "get" else {}
    return client.generic(method.upper(), target, **sent)


@pytest.mark.slow
def test_no_parameter_of_the_api_breaks_it(
    hostile: CalmClient, every_address: dict[str, str]
) -> None:
    """All parameters have the value at once; of those that are taken, some have it by themselves.

    Where one parameter is refused, the others are read and nothing is asked with them. By itself,
    a parameter has a value at the first address that takes it, as other addresses read it alike.
    """
    met: set[tuple[str, str]] = set()
    for number, (route, method, names) in enumerate(asked_operations()):
        address, needed = every_address[route], read_needed(route)
        longest = ONE_IN_FILES if "." in route.rpartition("/")[2] else 1
        for value, raw in chosen(VALUES, number, ONE_IN, longest):
            is_long = len(raw) > LONG_VALUE
            asked = [name for name in names if not is_long or (name, value) not in met]
            for batch in batched(asked, raw):
                response = send(hostile, method, address, dict.fromkeys(batch, raw))
                taken = {*batch} - find_refused(response)
                if 0 < len(taken) < len(batch) and response.status_code in (200, 400):
                    for name in sorted(taken)[:: 1 if IS_LONGEST else 12]:
                        if (name, value) not in met:
                            send(hostile, method, address, {**needed, name: raw})
                met |= {(name, value) for name in batch}
    assert len(met) > (20_000 if IS_LONGEST else 200)


def read_needed(route: str) -> dict[str, str]:
    """The parameters that an address must be asked with."""
    pairs = QUESTIONS.get(route, "").removeprefix("?").split("&")
    return dict(pair.split("=") for pair in pairs if pair)


@pytest.mark.slow
def test_no_path_of_the_api_breaks_it(hostile: CalmClient, every_address: dict[str, str]) -> None:
    for number, (route, method, _names) in enumerate(asked_operations()):
        steps = every_address[route].split("/")
        shape = f"{API}/{route}".split("/")
        places = [place for place, step in enumerate(shape) if "{" in step]
        for _name, raw in chosen(VALUES, number, ONE_IN):
            for place in places:
                target = "/".join([*steps[:place], raw.replace("#", "%23"), *steps[place + 1 :]])
                send(hostile, method, target, {})
