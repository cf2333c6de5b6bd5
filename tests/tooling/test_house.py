"""`python -m tools.house`: what it counts, on sources small enough to count by hand."""

import pytest

from tools import house
from tools.house import Measure
from tools.house_bounds import BOUNDS, Bound
from tools.structure import arrange_floors


@pytest.mark.parametrize(
    ("arrows", "height", "upward"),
    [
        (set(), 1, 0),
        ({("a", "b")}, 2, 0),
        ({("a", "b"), ("b", "c"), ("a", "c")}, 3, 0),
        ({("a", "b"), ("b", "a")}, 2, 1),
        ({("a", "b"), ("b", "c"), ("c", "a"), ("a", "d")}, 3, 1),
    ],
)
def test_parts_stand_above_what_they_import(
    arrows: set[tuple[str, str]], height: int, upward: int
) -> None:
    assert arrange_floors("abcd", arrows) == (height, upward)


def test_what_exceeds_its_bound_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BOUNDS, "lines", Bound(10, "it was 10"))
    measures = [Measure("lines", 10, ""), Measure("unbounded", 99, "")]
    assert house.find_excesses(measures) == []
    measures = [Measure("lines", 11, "")]
    assert house.find_excesses(measures) == ["lines is 11; at most 10: it was 10"]
