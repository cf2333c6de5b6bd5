"""The drawn benchmark asks the whole grammar of the API, and the same of each seed."""

import pytest

from benchmarks.drawn import writing
from benchmarks.drawn.drawing import ALL, SHARES, Drawing, Request
from benchmarks.drawn.grammar import Values, list_pages, read_operations

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


@pytest.mark.slow
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


def test_each_field_that_may_be_edited_is_written() -> None:
    """By a schema of the document alone: a field that is new is written without being named."""
    schema = {*writing.read_fields()}
    assert {"investment_cny", "sector", "investors", "milestones", "note", "standing"} <= schema
    assert not schema & {"code", "stage", "version"}
