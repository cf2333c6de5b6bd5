"""`python -m tools.house`: what it counts, on sources small enough to count by hand."""

import ast

import pytest

from tests.paths import ROOT
from tools import house
from tools.house import Measure, Module
from tools.house_bounds import BOUNDS, Bound
from tools.structure import arrange_floors
from tools.walks import Passed


def module(text: str, name: str = "parks/places.py") -> Module:
    return Module(ROOT / name, text, ast.parse(text))


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


def test_a_room_is_arranged_by_the_imports_between_its_parts() -> None:
    modules = [
        module("from parks.models import places\n", "parks/views.py"),
        module("from parks import views\n", "parks/models/places.py"),
        module("import config.urls\n", "parks/names/names.py"),
    ]
    assert house.arrange_room("parks", modules) == (2, 1)
    assert house.count_upward_rooms(modules) == 0
    assert house.count_upward_rooms([module("from parks import names\n", "config/texts.py")]) == 1
    assert house.count_upward_rooms([module("from parks import names\n", "config/urls.py")]) == 0


def test_what_exceeds_its_bound_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BOUNDS, "lines", Bound(10, "it was 10"))
    measures = [Measure("lines", 10, ""), Measure("unbounded", 99, "")]
    assert house.find_excesses(measures) == []
    measures = [Measure("lines", 11, "")]
    assert house.find_excesses(measures) == ["lines is 11; at most 10: it was 10"]


@pytest.mark.long("`make check` measures the same")
def test_every_bound_has_a_measure_and_the_tree_keeps_those_that_need_no_requests() -> None:
    measures = [*house.measure_tree()]
    walks = {f"{walk.name}: {kind}" for walk in house.WALKS for kind in Passed._fields}
    assert set(BOUNDS) <= {measure.name for measure in measures} | walks
    assert house.find_excesses(measures) == []
