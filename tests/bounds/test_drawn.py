"""Bounds by which it is chosen what a picture shows: just below, at and just above each."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from rest_framework.test import APIClient

from config.mistakes import Mistake
from pages.charts.spec import build_chart_spec, fitting_kinds
from pages.charts.targets import build_targets_spec
from pages.charts.views import Style
from tests.answers import API, Row, found
from tests.factories import ParkFactory, TargetFactory
from tests.pages.charts.chart_examples import UNKNOWN, data, summary, value
from tests.together import together


def of_parks(count: int) -> Row:
    rows = ((value(f"p{number}"), value(2020), 1) for number in range(count))
    return summary("park,signed_year", *rows)


def of_years(years: range, count: int = 1) -> Row:
    return summary("signed_year", *((value(year), count) for year in years))


def count_across(count: int) -> int:
    parks = [(value("yes"), value(f"p{number}"), 1) for number in range(count)]
    answer = summary("hitech,park", *parks)
    return len(build_chart_spec(answer, kind="heat")["encoding"]["x"]["sort"])


def count_periods(last: int) -> int:
    answer = summary("signed_year", (value(1900), 1), (value(last), 1))
    return len(build_chart_spec(answer)["encoding"]["x"]["sort"])


def draw_unknown(count: int) -> int:
    answer = summary("signed_year", (value(2024), 100), (UNKNOWN, count))
    return round(data(build_chart_spec(answer))[-1]["amount"])


# What is asked of a picture, and its answer for each number
DRAWN: list[tuple[Callable[[int], Any], Mapping[int, Any]]] = [
    (lambda count: [*fitting_kinds(of_parks(count))][0], {6: "columns", 7: "columns", 8: "heat"}),
    (count_across, {7: 7, 8: 8, 9: 1}),
    (count_periods, {2019: 120, 2020: 121, 2021: 2}),
    (draw_unknown, {199: 199, 200: 200, 201: 125}),
    (
        lambda most: (
            "values" in str(build_chart_spec(of_years(range(2020, 2022), most))["layer"][0])
        ),
        {4: True, 5: True, 6: False},
    ),
    (
        lambda count: len(build_chart_spec(of_years(range(1950, 1950 + count)))["layer"]),
        {13: 2, 14: 2, 15: 1},
    ),
]


@together(("ask", "answers"), DRAWN)
def test_pictures_are_drawn_by_how_much_there_is(
    ask: Callable[[int], Any], answers: Mapping[int, Any]
) -> None:
    assert {number: ask(number) for number in answers} == answers


@pytest.mark.django_db
def test_a_picture_shows_sixty_targets(api: APIClient) -> None:
    TargetFactory.create(park=ParkFactory.create(code="town"))
    targets = found(api.get(f"{API}/targets"))["results"]
    for count in (59, 60):
        shown = build_targets_spec(targets * count, {}, day="2026-06-15", style=Style())
        assert len(data(shown)) == count
    with pytest.raises(Mistake):
        build_targets_spec(targets * 61, {}, day="2026-06-15", style=Style())
