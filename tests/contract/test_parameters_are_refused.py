"""Every parameter of every address, misspelt and misused: each is refused by its name."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

from tests.answers import API, Row, problem
from tests.contract.declared import Operation, operations, routes
from tests.samples import IS_LONGEST, sample
from tests.site.test_access import ABOUT, COMPARED, IMPORTS, MERGES, OF_ROLES, ROUTES
from tests.together import together

pytestmark = pytest.mark.django_db

AT_ONCE = 40  # parameters that one request may have
LETTERS = "abcdefghijklmnopqrstuvwxyz_"
# What is searched for, or asked for by its code, may be any word, so `null` as well.
ANY_WORD = {"q", "title", "code", "code_not", "responsible", "responsible_not"}
ANY_WORD |= {
    f"{name}{twin}"
    for name in ("responsible_unit", "responsible_person", "working_unit")
    for twin in ("", "_not")
}


def read_operations() -> list[Operation]:
    return operations("get")


def some_operations(turn: int) -> list[Operation]:
    """Those whose turn it is: one of ten; in a long run all."""
    return sample(read_operations(), 10, turn)


def batches(names: Sequence[str], size: int = AT_ONCE) -> Iterator[Sequence[str]]:
    for start in range(0, len(names), size):
        yield names[start : start + size]


def refused(api: APIClient, address: str, query: Sequence[tuple[str, str]]) -> list[Row]:
    response = api.get(f"{address}?{urlencode(query)}")
    return problem(response)["errors"]


def one_letter_changed(name: str, is_known: bool = False) -> list[str]:
    """The name with a letter wrong, left out, doubled, or swapped with the next: one of them.

    In a long run all, where it is first met: it is the same name at other addresses.
    """
    random, is_whole = Random(name), IS_LONGEST and not is_known
    places = range(len(name)) if is_whole else [random.randrange(len(name))]
    changed = {
        *(name[:i] + random.choice(LETTERS) + name[i + 1 :] for i in places),
        *(name[:i] + name[i + 1 :] for i in places),
        *(name[:i] + name[i] + name[i:] for i in places),
        *(name[:i] + name[i + 1 : i + 2] + name[i] + name[i + 2 :] for i in places),
    }
    typos = sorted(changed - {""})
    return typos if is_whole else random.sample(typos, 1)


def test_every_route_that_is_read_is_walked() -> None:
    assert routes() == {*ROUTES, *IMPORTS, *OF_ROLES, *MERGES, *COMPARED}
    assert sum(len(operation.parameters) for operation in read_operations()) > 200


@pytest.mark.slow
def test_one_wrong_letter_is_refused_and_nearly_always_put_right(
    api: APIClient, addresses: dict[str, str]
) -> None:
    right = asked = 0
    met: set[str] = set()
    for operation in some_operations(1):
        known = set(operation.parameters)
        typos = [
            (typo, name)
            for name in operation.parameters
            if len(name) > 1
            for typo in one_letter_changed(name, name in met)
            if typo not in known
        ]
        met |= known
        meant = dict(typos)
        for batch in batches(list(meant)):
            query = [(typo, "x") for typo in batch]
            errors = refused(api, addresses[operation.route], query)
            assert {error["parameter"] for error in errors} == set(batch)
            assert {error["code"] for error in errors} == {"unknown_parameter"}
            asked += len(batch)
            right += sum(error.get("suggestion") == meant[error["parameter"]] for error in errors)
    assert asked > 50
    assert right >= 0.95 * asked


SHAPES = ["{upper}", "{name}[]", "{name} ", " {name}", "{name}__gte"]


@pytest.mark.slow
@together("shape", SHAPES)
def test_another_shape_of_a_name_is_refused_and_put_right(
    api: APIClient, addresses: dict[str, str], shape: str
) -> None:
    for operation in some_operations(SHAPES.index(shape)):
        meant = {shape.format(name=name, upper=name.upper()): name for name in operation.parameters}
        for batch in batches(list(meant)):
            query = [(name, "x") for name in batch]
            errors = refused(api, addresses[operation.route], query)
            assert {error["parameter"]: error["code"] for error in errors} == dict.fromkeys(
                batch, "unknown_parameter"
            )
            wrong = {
                error["parameter"]: error.get("suggestion")
                for error in errors
                if error.get("suggestion") != meant[error["parameter"]]
            }
            assert not wrong or shape == "{name}__gte", (operation.route, wrong)


def test_a_word_that_is_none_of_those_listed_is_refused_and_put_right(
    api: APIClient, addresses: dict[str, str]
) -> None:
    right = asked = 0
    for operation in sample(read_operations(), 3):
        meant = {}
        for name, words in operation.words.items():
            word = max(words, key=len)
            typo = f"{word[:-2]}{word[-1]}{word[-2]}"
            if len(word) > 3 and typo not in words:
                meant[name] = typo, word
        for batch in batches([*meant]):
            query = [(name, meant[name][0]) for name in batch]
            errors = {
                each["parameter"]: each
                for each in refused(api, addresses[operation.route], query)
                if each["code"] != "required"  # of what else must be asked
            }
            assert {name: each["code"] for name, each in errors.items()} == dict.fromkeys(
                batch, "unknown_value"
            ), operation.route
            asked += len(batch)
            right += sum(errors[name].get("suggestion") == meant[name][1] for name in batch)
    assert asked > 50
    assert right >= 0.95 * asked


BOUNDS = {"_from": "_to", "_min": "_max"}


def test_bounds_that_leave_nothing_between_them_are_refused(
    api: APIClient, addresses: dict[str, str]
) -> None:
    asked = 0
    for operation in sample(read_operations(), 3, 1):
        pairs = [
            (name, name.removesuffix(low) + high)
            for name in operation.parameters
            for low, high in BOUNDS.items()
            if name.endswith(low) and name.removesuffix(low) + high in operation.parameters
        ]
        for batch in batches(pairs, AT_ONCE // 2):
            query = [each for low, high in batch for each in ((low, "2025"), (high, "2024"))]
            errors = refused(api, addresses[operation.route], query)
            told = {each["parameter"] for each in errors if each["code"] == "out_of_range"}
            assert {high for _low, high in batch} <= told, operation.route
            asked += len(batch)
    assert asked > 10


NO_VALUES: list[tuple[list[str], str]] = [
    ([""], "empty_value"),
    (["\u3000"], "empty_value"),
    (["1", "1"], "repeated_parameter"),
    (["a\x00b"], "control_character"),
    (["a\x85"], "control_character"),
]


@pytest.mark.slow
@together(("values", "code"), NO_VALUES)
def test_what_is_no_value_of_any_parameter_is_refused_everywhere(
    api: APIClient, addresses: dict[str, str], values: list[str], code: str
) -> None:
    for operation in some_operations(NO_VALUES.index((values, code))):
        repeatable = operation.lists if len(values) > 1 else ()
        names = [name for name in operation.parameters if name not in repeatable]
        for batch in batches(names, AT_ONCE // len(values)):
            query = [(name, value) for name in batch for value in values]
            errors = refused(api, addresses[operation.route], query)
            assert {error["parameter"]: error["code"] for error in errors} == dict.fromkeys(
                batch, code
            ), operation.route


def test_a_list_that_is_repeated_is_refused_as_it_is_with_commas(
    api: APIClient, addresses: dict[str, str]
) -> None:
    """What is right is compared in `tests/api/caching/test_answers.py`."""
    for operation in sample(read_operations(), 6):
        address, names = addresses[operation.route], sorted(operation.lists)
        if names:
            once = refused(api, address, [(name, "。,。") for name in names])
            query = [(name, "。") for _time in range(2) for name in names]
            assert refused(api, address, query) == once, operation.route
            assert {error["parameter"] for error in once} <= {*names}


def assert_named(response: HttpResponse, name: str) -> None:
    errors = problem(response)["errors"]
    assert name in {error["parameter"] for error in errors}, errors


def test_one_more_than_the_largest_page_is_refused(
    api: APIClient, addresses: dict[str, str]
) -> None:
    wrongs = ("501", "0", "-1", "1.5", "1e2", "٥", " 5", "+5", "9" * 30)
    for number, operation in enumerate(sample(read_operations(), 4)):
        if "limit" in operation.parameters:
            address = addresses[operation.route]
            assert api.get(address, {"limit": "500"}).status_code == 200
            for wrong in wrongs if IS_LONGEST else ("501", wrongs[number % len(wrongs)]):
                assert_named(api.get(address, {"limit": wrong}), "limit")


def test_bytes_that_are_no_utf8_are_refused_as_such(api: APIClient) -> None:
    (error,) = problem(api.get(f"{API}/projects?q=%D5%E3%BD%AD"))["errors"]
    assert (error["parameter"], error["code"]) == ("q", "not_utf8")


def test_a_stranger_is_refused_before_the_query_is_read(api: APIClient, settings: Any) -> None:
    settings.PUBLIC_READ = False
    problem(api.get(f"{API}/projects?zzz=1"), 401)


def test_writing_takes_no_parameter(admin_api: APIClient, addresses: dict[str, str]) -> None:
    for number, operation in enumerate(sample(operations("post", "put", "patch", "delete"), 6)):
        others = sorted({"dry_run", "limit", "q", "force"} - {*operation.parameters})
        for name in others if IS_LONGEST else [others[number % len(others)]]:
            address = f"{addresses[operation.route]}?{name}=1"
            response = admin_api.generic(
                operation.method.upper(), address, "{}", "application/json"
            )
            assert_named(response, name)


def test_a_method_that_is_not_allowed_is_said_before_what_is_wrong_with_the_query(
    admin_api: APIClient, addresses: dict[str, str]
) -> None:
    """That they are not allowed, all of them, is asked in `tests/site/test_access.py`."""
    methods = ("post", "put", "patch", "delete", "trace")
    for number, route in enumerate(sample([*ROUTES, *ABOUT], 6)):
        allowed = {each.method for each in operations(*methods) if each.route == route}
        others = sorted({*methods} - allowed)
        for method in others if IS_LONGEST else [others[number % len(others)]]:
            response = admin_api.generic(method.upper(), f"{addresses[route]}?{API}=%00")
            assert problem(response, 405)["type"] == "/problems/method-not-allowed"
            assert response.headers["Allow"]
