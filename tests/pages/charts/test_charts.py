"""Charts of summaries: which kind fits, and what is drawn."""

import pytest
from django.conf import settings
from django.utils import translation

from config.mistakes import Mistake
from pages.charts.marks import COLOURED
from pages.charts.spec import CHART_KINDS, build_chart_spec, default_kind, fitting_kinds
from pages.charts.table import CHART_MEASURES
from pages.charts.theme import DARK, LIGHT
from projects.condition_words import say_conditions
from projects.summaries.measures import FUNDING_MEASURES, MEASURES as PROJECT_MEASURES
from tests.conftest import read_fixture
from tests.pages.charts.chart_examples import (
    EXAMPLES,
    FLOWS,
    OTHER,
    PARKS,
    PROVINCES,
    STAGES,
    TABLE,
    UNKNOWN,
    YEARS,
    Row,
    data,
    summary,
    value,
)
from tests.together import together

# --- Which kind ------------------------------------------------------------------------------


def test_there_is_an_example_of_each_kind() -> None:
    assert set(EXAMPLES) == set(CHART_KINDS)


@together("kind", EXAMPLES)
def test_the_kind_that_fits_best_is_drawn(kind: str) -> None:
    assert default_kind(EXAMPLES[kind]) == kind
    assert build_chart_spec(EXAMPLES[kind]) == build_chart_spec(EXAMPLES[kind], kind=kind)


@together(
    ("answer", "kinds"),
    [
        (PARKS, ["bars"]),
        (YEARS, ["columns", "bars"]),
        (FLOWS, ["columns", "heat"]),
        (TABLE, ["heat"]),
        (STAGES, ["funnel", "bars"]),
        (PROVINCES, ["tiles", "bars"]),
        # Without the stages beyond the largest nothing can be said of what was reached.
        (summary("stage", (value("signed"), 20), (OTHER, 5)), ["bars"]),
        # A value that is no province has no square.
        (summary("origin_province", (value("DE"), 20)), ["bars"]),
        (summary("origin_city,signed_year"), ["columns", "heat"]),
        (summary("signed_year,started_year", (value(2020), value(2021), 4)), ["heat"]),
        # More colours than can be told apart
        (
            summary("park,signed_year", *((value(f"p{n}"), value(2020), n) for n in range(8))),
            ["heat"],
        ),
    ],
)
def test_the_kinds_that_fit_depend_on_the_dimensions(answer: Row, kinds: list[str]) -> None:
    assert list(fitting_kinds(answer)) == kinds
    for kind in set(CHART_KINDS) - set(kinds):
        with pytest.raises(Mistake) as refused:
            build_chart_spec(answer, kind=kind)
        assert refused.value.place["parameter"] == "chart"
        assert list(refused.value.candidates) == kinds
        assert all(name in refused.value.message for name in kinds)


# --- What is drawn ---------------------------------------------------------------------------


def test_every_measure_can_be_drawn() -> None:
    assert set(CHART_MEASURES) == set(PROJECT_MEASURES) | set(FUNDING_MEASURES)


def test_there_is_one_square_for_each_province_and_no_two_are_in_one_place() -> None:
    provinces = {row["code"] for row in read_fixture("regions") if row["level"] == "province"}
    assert set(settings.PROFILE.tiles) == provinces
    assert len(provinces) == 34
    assert len({(column, row) for column, row, *_names in settings.PROFILE.tiles.values()}) == 34


# --- Colours ---------------------------------------------------------------------------------


def colours_of(spec: Row) -> dict[str, str]:
    """By the label of each thing the colour of its marks."""
    encoded = spec["layer"][0]["encoding"]["color"]
    if scale := encoded["scale"]:
        return dict(zip(scale["domain"], scale["range"], strict=True))
    return {row["label"].strip("\u200b\n"): row["colour"] for row in data(spec)}


@together(
    ("name", "codes"),
    [
        ("stage", ["signed", "started", "operating"]),
        ("investment_basis", ["agreed", "reported"]),
        ("sector_section", ["C", "I", "T"]),
        ("origin_group", ["yrd", "rest"]),
        ("park", ["town", "bay"]),
    ],
)
def test_a_thing_has_one_colour_in_every_picture(name: str, codes: list[str]) -> None:
    def of_series(codes: list[str]) -> dict[str, str]:
        cells = [(value(2023), value(code), 1) for code in codes]
        return colours_of(build_chart_spec(summary(f"signed_year,{name}", *cells)))

    every = of_series(codes)
    assert len({*every.values()}) == len(codes)
    assert {*every.values()} <= {*LIGHT.series}
    assert of_series(codes[:0:-1]) == {code: every[code] for code in codes[1:]}


def test_groups_and_provinces_have_the_colour_of_what_they_are_in_all_dimensions() -> None:
    for names in (("origin_group", "origin_named_group"), ("origin_province", "park_province")):
        first, second = (
            colours_of(build_chart_spec(summary(f"signed_year,{name}", cell)))
            for name, cell in ((name, (value(2023), value("110000"), 2)) for name in names)
        )
        assert first == second


@pytest.mark.parametrize(
    ("most", "shown"), [(1, "0 1"), (2, "0 2"), (3, "0 1 3"), (4, "0 1 4"), (40, "0 10 40")]
)
def test_the_legend_of_tiles_counts_whole_projects(most: int, shown: str) -> None:
    drawn = data(build_chart_spec(summary("origin_province", (value("110000"), most))))
    assert [tile["text"] for tile in drawn if tile["name"] == "Legend"] == shown.split()


@together("kind", ["bars", "funnel"])
def test_a_single_series_has_one_colour_and_greys(kind: str) -> None:
    rows = [(value("signed"), 3), (value("started"), 2), (UNKNOWN, 1)]
    assert colours_of(build_chart_spec(summary("stage", *rows), kind=kind)) == {
        **dict.fromkeys(("signed", "started"), LIGHT.accent),
        "unknown": LIGHT.unknown,
    }


def test_shares_of_a_funnel_are_rounded_half_up() -> None:
    drawn = data(build_chart_spec(summary("stage", (value("signed"), 14), (value("operating"), 2))))
    assert {row["share"] for row in drawn if row.get("share")} == {"100%", "13%"}


def test_every_listed_thing_has_a_colour_of_its_own() -> None:
    for thing, codes in COLOURED.items():
        assert len({*codes}) == len(codes) <= len(LIGHT.series) == len(DARK.series), thing


def test_conditions_are_said_in_the_words_of_the_reader() -> None:
    filters = {
        "counts_in_totals": {"given": "true"},
        "reached": {"given": "signed"},
        "started_planned_from": {"given": "2024"},
    }
    with translation.override("zh-hans"):
        assert [*say_conditions(filters)] == [
            *("计入合计：是", "至少达到：正式签约", "计划开工（起）：2024")
        ]
