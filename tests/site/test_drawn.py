"""The drawn benchmark asks the whole grammar of the API, the same of each seed, and is answered."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest
from django.core.management import call_command
from jsonschema_rs import Validator, validator_for
from rest_framework.test import APIClient

from benchmarks.clients import RefusedError
from benchmarks.drawn import writing
from benchmarks.drawn.drawing import ALL, SHARES, Drawing, Request
from benchmarks.drawn.grammar import Values, list_pages, read_operations, read_values
from config.database import history
from tests.answers import API
from tests.openapi import inline, read_snapshot
from tests.samples import IS_LONG
from tests.seeded import kept_rows

OPERATIONS = read_operations()
SOME = ["demo-1", "demo-2", "demo-3"]
# Enough to draw of, where nothing is asked
FEW = Values(
    seen={
        "/projects/": SOME,
        "origin_province_name": ["北京市"],
        "sector_section_name": ["制造业"],
    },
    texts=["晶圆制造项目", "Wafer fab"],
    candidates={
        (each.path, name): ["code", "count"]
        for each in OPERATIONS
        for name in ("fields", "columns")
        if name in each.parameters
    },
    moments=("2026-11-30T09:00:00+08:00", "2026-11-30T10:00:00+08:00"),
)
# What draws nothing: a cursor is followed, and nobody waits for changes
FOLLOWED = {"cursor", "wait"}
SEEDS = 200  # in some of which each parameter of the document is drawn


def draw(seed: int, count: int = ALL, values: Values = FEW) -> list[Request]:
    return Drawing(OPERATIONS, list_pages(OPERATIONS), values, seed).draw(count)


def test_a_seed_draws_the_same_requests_and_another_seed_others() -> None:
    assert draw(1) == draw(1)
    assert len({*draw(1)} & {*draw(2)}) < ALL / 4


def test_every_parameter_and_word_of_the_document_is_drawn_by_some_seed() -> None:
    """Each parameter once at least, and each word of orders, dimensions, measures and facets.

    Later seeds draw only the kinds of requests that could still draw something new.
    """
    left = {kind: list_drawn(kind) - {"as_of"} for kind in {each.kind for each in OPERATIONS}}
    left["past"] = {"as_of"}
    for seed in range(SEEDS):
        drawing = Drawing(OPERATIONS, list_pages(OPERATIONS), FEW, seed)
        for kind in [kind for kind, wanted in left.items() if wanted]:
            for request in [drawing.draw_one(kind) for _time in range(SHARES[kind])]:
                query = request.address.partition("?")[2]
                asked = [each.partition("=") for each in query.split("&")]
                drawn = {name for name, _sign, _value in asked}
                drawn |= {
                    f"{name}={word}" for name, _sign, found in asked for word in found.split(",")
                }
                left = {of: wanted - drawn for of, wanted in left.items()}
    assert {word for wanted in left.values() for word in wanted} == set()


def list_drawn(kind: str) -> set[str]:
    """List what requests of a kind can draw: parameters, and words of those that take a list."""
    of_kind = [each.parameters for each in OPERATIONS if each.kind == kind]
    return {name for parameters in of_kind for name in parameters} - FOLLOWED | {
        f"{name}={word}"
        for parameters in of_kind
        for name in ("group_by", "measures", "facets", "expand")
        for word in parameters.get(name, {}).get("items", {}).get("enum", ())
    }


@kept_rows
def demo(vocabularies: None) -> None:
    """A small ledger of synthetic projects, with all that belongs to them."""
    call_command("make_demo", projects=60 if IS_LONG else 20, verbosity=0)


@pytest.mark.django_db
def test_what_is_drawn_is_answered_as_the_document_says(
    demo: None, superuser: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.charts.drawing.SECONDS", 300.0)  # beside whatever else runs
    settings.RATE_LIMIT_ANONYMOUS = settings.RATE_LIMIT_ACCOUNT = 0
    get = ask_in_process(superuser)

    def read(address: str, is_signed_in: bool = False) -> bytes:
        # A page has all of so few rows: in another order they are the same
        return b"{}" if "&ordering=" in address else get(address, is_signed_in, 200)

    values = read_values(read, OPERATIONS)
    now = datetime.now(UTC)
    first = history.first_moment() or now
    values.moments = (first.isoformat(), max(first + timedelta(seconds=1), now).isoformat())
    for request in draw(7, ALL if IS_LONG else 40, values):
        get(request.address, request.is_signed_in, request.status)


@cache
def find_answers() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    """What the document says each GET is answered with: its path, and the answers by status."""
    paths = inline(read_snapshot())["paths"]
    return [
        (re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path))), item["get"]["responses"])
        # What is named before what stands for a code
        for path, item in sorted(paths.items(), key=lambda each: each[0].count("{"))
        if "get" in item
    ]


@cache
def find_validator(path: str, status: str) -> Validator | None:
    answers = next(each for pattern, each in find_answers() if pattern.fullmatch(path))
    for media_type, media in answers.get(status, {}).get("content", {}).items():
        if media_type in ("application/json", "application/problem+json"):
            return build_validator(json.dumps(media["schema"]))
    return None


@cache
def build_validator(schema: str) -> Validator:
    whole = {**json.loads(schema), "components": read_snapshot()["components"]}
    return validator_for(whole, validate_formats=True)


def check_against_document(address: str, status: str, body: bytes) -> None:
    validator = find_validator(address.partition("?")[0], status)
    if validator and "fields=" not in address:  # which leaves out what is required
        assert [str(error) for error in validator.iter_errors(json.loads(body))] == [], address


def ask_in_process(superuser: Any) -> Callable[[str, bool, int], bytes]:
    """What asks as a superuser or as nobody; raises unless the status is the expected one."""
    clients = [APIClient(), APIClient()]
    clients[True].force_authenticate(superuser)

    def get(address: str, is_signed_in: bool, status: int) -> bytes:
        answer: Any = clients[is_signed_in].get(address)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if answer.status_code != status:
            raise RefusedError(f"{answer.status_code} {address}", body)
        if address.startswith(API) and "json" in answer.headers["Content-Type"]:
            check_against_document(address, str(status), body)
        return bytes(body)

    return get


def test_each_field_that_may_be_edited_is_written() -> None:
    """By a schema of the document alone: a field that is new is written without being named."""
    schema = {*writing.read_fields()}
    assert {"investment_cny", "sector", "investors", "milestones", "note", "standing"} <= schema
    assert not schema & {"code", "stage", "version"}
