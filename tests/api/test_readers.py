"""Readers are declared by action, read a query once and in order, and report together."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.test import Client
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from api.base import LedgerView
from api.lists.filters import FILTERS
from api.readers import Query, Reader, Reading
from config.mistakes import Mistake
from tests.together import together


class NumberReader(Reader[int]):
    """Reads a number, and remembers who was holding while it did."""

    holding: list[str] = []

    def __init__(self, name: str, *, is_required: bool = False) -> None:
        self.name = name
        self.is_required = is_required

    def names(self, view: Any) -> tuple[str]:
        return (self.name,)

    def read(self, query: Query, view: Any) -> Reading[int]:
        view.seen.append((self.name, [*self.holding]))
        text = query.get(self.name)
        if text is None and self.is_required:
            return 0, [Mistake("required", "Say how many.").at(parameter=self.name)]
        if not (text or "0").isdecimal():
            return 0, [Mistake("invalid", "No number.").at(parameter=self.name)]
        return int(text or 0), []

    @contextmanager
    def hold(self, value: int) -> Iterator[None]:
        self.holding.append(self.name)
        yield
        self.holding.remove(self.name)


FIRST, SECOND, NEEDED = NumberReader("first"), NumberReader("second"), NumberReader("needed")
NEEDED.is_required = True


class CountView(LedgerView):
    authentication_classes = []
    permission_classes = []
    readers = {"get": (FIRST, SECOND)}

    def initial(self, *args: Any, **kwargs: Any) -> None:
        self.seen: list[tuple[str, list[str]]] = []
        super().initial(*args, **kwargs)

    def get(self, request: Any) -> Response:
        held = [*NumberReader.holding]
        return Response([self.get_value(FIRST), self.get_value(SECOND), self.seen, held])


class SameCountView(CountView):
    readers = {"post": (NEEDED,)}


class NeedingView(CountView):
    readers = {"get": (NEEDED, SECOND)}


def ask(view: type[CountView], query: str) -> Any:
    return view.as_view()(APIRequestFactory().get(f"/{query}"))


def find_errors(view: type[CountView], query: str) -> dict[str, str]:
    response = ask(view, query)
    assert response.status_code == 400
    return {each["parameter"]: each["code"] for each in json.loads(response.content)["errors"]}


def test_each_reader_reads_once_in_what_those_before_it_hold() -> None:
    first, second, seen, held = ask(SameCountView, "?second=2&first=1").data
    assert (first, second) == (1, 2)
    assert seen == [("first", []), ("second", ["first"])]
    assert held == ["first", "second"]
    assert NumberReader.holding == []


def test_mistakes_of_form_and_of_all_readers_are_reported_together() -> None:
    assert find_errors(CountView, "?first=x&second=y&third=1") == {
        "first": "invalid",
        "second": "invalid",
        "third": "unknown_parameter",
    }
    assert NumberReader.holding == []


def test_what_is_refused_for_its_form_is_not_read() -> None:
    assert find_errors(CountView, "?first=&second=x") == {
        "first": "empty_value",
        "second": "invalid",
    }


def test_what_is_misspelt_is_not_missing_as_well() -> None:
    assert find_errors(NeedingView, "?second=x") == {"needed": "required", "second": "invalid"}
    assert find_errors(NeedingView, "?neded=1") == {"neded": "unknown_parameter"}


def test_an_action_has_the_readers_of_the_nearest_class_that_declares_it() -> None:
    assert [*SameCountView().get_readers()] == [FIRST, SECOND]
    assert [*NeedingView().get_readers()] == [NEEDED, SECOND]
    assert NeedingView().get_query_parameters() == {"needed", "second"}


def test_a_value_that_nobody_has_read_is_no_silent_default() -> None:
    with pytest.raises(KeyError):
        CountView().get_value(FILTERS)


@pytest.mark.django_db
@together(
    ("address", "refused"),
    [
        ("projects/facets?facets=stagee&origin=nowhere", {"facets", "origin"}),
        ("projects/cohorts?group_by=year&stage=sined", {"group_by", "stage"}),
        (
            "projects?as_of=never&limit=0&fields=no&ordering=no",
            {*"as_of limit fields ordering".split()},
        ),
        (
            "projects/summary.csv?group_by=stagee&unit=tons&columns=no",
            {"group_by", "unit", "columns"},
        ),
        ("projects/summary.svg?group_by=stagee&theme=blue", {"group_by", "theme"}),
        ("figures/summary?indicator=none&nature=actual&region=nowhere", {"indicator", "region"}),
        ("parks/compare?as_of_max=then", {"as_of_max", "parks"}),
        ("changes?limit=0&wait=99&resource=no", {"limit", "wait", "resource"}),
    ],
)
def test_no_mistake_waits_for_another(client: Client, address: str, refused: set[str]) -> None:
    response = client.get(f"/api/v1/{address}")
    assert response.status_code == 400, response.content
    assert {error["parameter"] for error in response.json()["errors"]} == refused
