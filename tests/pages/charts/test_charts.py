"""Charts of summaries: which kind fits, and what is drawn."""

import re

import pytest
from django.utils import translation

from config.mistakes import Mistake
from pages.charts.marks import COLOURED, TILES
from pages.charts.spec import CHART_KINDS, build_chart_spec, default_kind, fitting_kinds
from pages.charts.table import CHART_MEASURES
from pages.charts.theme import DARK, LIGHT
from projects.condition_words import say_conditions
from projects.summaries.measures import FUNDING_MEASURES
from projects.summaries.measures import MEASURES as PROJECT_MEASURES
from tests.conftest import read_fixture
from tests.pages.charts.chart_examples import (
    EXAMPLES,
    FLOWS,
    OTHER,
    PARKS,
    PROVINCES,
    STAGES,
    SVG,
    TABLE,
    UNKNOWN,
    YEARS,
    Row,
    data,
    drawn,
    links,
    summary,
    texts,
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


@together("kind", EXAMPLES)
@together(("language", "dark"), [("zh", True), ("en", False)])
def test_each_row_is_drawn_with_its_number_and_its_link(
    kind: str, language: str, dark: bool
) -> None:
    answer = EXAMPLES[kind]
    picture = drawn(answer, language=language, dark=dark)
    url = "reached_url" if kind == "funnel" else "list_url"
    assert sorted(links(picture)) == sorted(row[url] for row in answer["rows"])
    spoken = [mark.get("aria-label", "") for link in picture.iter(f"{SVG}a") for mark in link]
    assert all(re.search(r": [\d,]+$", words) for words in spoken)
    assert ("未知" if language == "zh" else "unknown") in texts(picture)


def test_names_are_in_the_language_asked_for_and_else_in_the_other() -> None:
    parks = summary("park", (value("a", "甲园", "Park A"), 2), (value("b", "乙园", " "), 1))
    parks["rows"][1]["park"]["name_en"] = None
    assert {"甲园", "乙园"} <= set(texts(drawn(parks, language="zh")))
    assert {"Park A", "乙园"} <= set(texts(drawn(parks, language="en")))


def test_two_parks_of_one_name_are_two_bars() -> None:
    parks = summary("park", (value("a", "", "Park"), 2), (value("b", "", "Park"), 1))
    assert {"Park", "Park (b)"} <= set(texts(drawn(parks)))


def test_names_alike_in_what_is_shown_of_them_are_two_bars() -> None:
    long = "An industrial park with a name that goes on and on and on, "
    names = [f"{long * 2}{end}" for end in "ab"]
    parks = summary("park", *((value(name, "", name), 1) for name in names))
    assert len({row["label"] for row in data(build_chart_spec(parks))}) == 2


BASES = {"agreed": 10**9, "planned": 0, "intended": 5 * 10**8, "reported": 0}
LEFT_OUT = "left out: umbrellas, duplicates, merged, parts, and what has no contract"


@together(
    ("bases", "filters", "line"),
    [
        (
            BASES,
            {},
            "adds up amounts that differ: agreed in a contract 1 bn yuan + intended 0.5 bn yuan "
            "umbrellas, duplicates, parts and what has no contract are counted, too",
        ),
        (BASES | {"intended": 0}, {}, "of one kind: agreed in a contract 1 bn yuan"),
        (BASES, {"counts_in_totals": ["true"]}, LEFT_OUT),
        (BASES | {"agreed": 0, "intended": 0}, {"counts_in_totals": ["true"]}, LEFT_OUT),
    ],
)
def test_a_total_says_what_it_mixes_and_leaves_out(bases: Row, filters: Row, line: str) -> None:
    sums = {
        "count": 2,
        "investment_cny": sum(bases.values()),
        "investment_by_basis": bases,
        "count_by_agreement": {},
    }
    given = {name: {"given": "x", "understood": words} for name, words in filters.items()}
    parks = summary(
        "park", (value("a"), 10**9), measure="investment_cny", total=sums, filters=given
    )
    said = " ".join(build_chart_spec(parks)["title"]["subtitle"])
    assert line in said


def test_a_total_that_is_asked_for_by_exclusion_says_it_by_its_filters() -> None:
    given = {"totals_exclusion": {"given": "part", "understood": ["part"]}}
    total = {"count": 2, "count_by_agreement": {}}
    spec = build_chart_spec(summary("park", (value("a"), 2), total=total, filters=given))
    assert spec["title"]["subtitle"][1:] == [
        "selected by left out of totals as: part of another project"
    ]


@together(
    ("as_of", "shown"),
    [
        ("2023-12-31", "2023-12-31"),
        ("2023-12-31T23:59:59.999999+08:00", "2023-12-31"),
        ("2023-12-31T15:59:59.999999+00:00", "2023-12-31"),
        ("2023-12-31T01:30:00+00:00", "2023-12-31 09:30"),
    ],
)
def test_a_chart_of_the_past_says_of_when_it_is(as_of: str, shown: str) -> None:
    line = build_chart_spec(PARKS | {"as_of": as_of})["title"]["subtitle"][0]
    assert f"as recorded on {shown} ·" in line


def test_every_measure_can_be_drawn() -> None:
    assert set(CHART_MEASURES) == set(PROJECT_MEASURES) | set(FUNDING_MEASURES)


# --- Time ------------------------------------------------------------------------------------


def places(spec: Row) -> list[str]:
    return spec["encoding"]["x"]["sort"]


def test_periods_without_any_project_have_their_place_and_unknown_stands_apart() -> None:
    assert places(build_chart_spec(YEARS)) == ["2021", "2022", "2023", "2024", " ", "unknown"]
    months = summary("signed_month", (value("2023-11"), 1), (value("2024-02"), 1))
    assert places(build_chart_spec(months)) == ["2023-11", "2023-12", "2024-01", "2024-02"]
    quarters = summary("signed_quarter", (value("2023-Q3"), 1), (value("2024-Q1"), 1))
    assert places(build_chart_spec(quarters)) == ["2023-Q3", "2023-Q4", "2024-Q1"]


def test_a_gap_of_centuries_is_not_drawn() -> None:
    years = summary("signed_year", (value(1901), 1), (value(2099), 1))
    assert places(build_chart_spec(years)) == ["1901", "2099"]


def test_a_period_without_any_known_amount_is_not_called_zero() -> None:
    rows = [(value(2020), None), (value(2021), 10**9)]
    spec = build_chart_spec(summary("signed_year", *rows, measure="investment_cny"))
    assert [row["text"] for row in spec["layer"][1]["data"]["values"]] == ["–", "1"]


def compared(answer: Row, *changes: float | None) -> Row:
    """A summary whose rows stand beside those of the year before."""
    for row, change in zip(answer["rows"], changes, strict=True):
        row["change_percent"] = None if change is None else {"count": change}
    return answer


# --- Funnel and tiles ------------------------------------------------------------------------


def test_there_is_one_square_for_each_province_and_no_two_are_in_one_place() -> None:
    provinces = {row["code"] for row in read_fixture("regions") if row["level"] == "province"}
    assert set(TILES) == provinces
    assert len(provinces) == 34
    assert len({(column, row) for column, row, *_names in TILES.values()}) == 34


def test_abroad_has_a_square_beside_those_of_the_provinces() -> None:
    rows = [(value("330000", "浙江省", "Zhejiang"), 12), (value("foreign", "国外", "abroad"), 7)]
    spec = build_chart_spec(summary("origin_province", *rows, (OTHER, 2), (UNKNOWN, 4)))
    squares = {row["name"]: (row["column"], row["row"], row["text"]) for row in data(spec)}
    assert len(squares) == 34 + 3
    assert squares["abroad"][2] == "7"
    assert len({place[:2] for place in squares.values()}) == len(squares)


# --- Colours ---------------------------------------------------------------------------------


def colours_of(spec: Row) -> dict[str, str]:
    """By the label of each thing the colour of its marks."""
    encoded = spec["layer"][0]["encoding"]["color"]
    if scale := encoded["scale"]:
        return dict(zip(scale["domain"], scale["range"], strict=True))
    return {row["label"].strip("\u200b\n"): row["colour"] for row in data(spec)}


@together(
    ("name", "codes", "kind"),
    [
        ("stage", ["signed", "started", "operating"], "funnel"),
        ("investment_basis", ["agreed", "reported"], "bars"),
        ("sector_section", ["C", "I", "T"], "bars"),
        ("origin_group", ["yrd", "rest"], "bars"),
        ("park", ["town", "bay"], "bars"),
    ],
)
def test_a_thing_has_one_colour_in_every_picture(name: str, codes: list[str], kind: str) -> None:
    each = [(value(code), 2) for code in codes]
    alone = colours_of(build_chart_spec(summary(name, *each), kind=kind))
    assert len({*alone.values()}) == len(codes)
    assert {*alone.values()} <= {*LIGHT.series}
    fewer = colours_of(build_chart_spec(summary(name, *reversed(each[1:])), kind=kind))
    assert fewer == {code: alone[code] for code in codes[1:]}
    cells = [(value(2023), value(code), 1) for code in reversed(codes)]
    by_year = build_chart_spec(summary(f"signed_year,{name}", *cells), kind="columns")
    assert colours_of(by_year) == alone


def test_groups_and_provinces_have_the_colour_of_what_they_are_in_all_dimensions() -> None:
    for names in (("origin_group", "origin_named_group"), ("origin_province", "park_province")):
        first, second = (
            colours_of(build_chart_spec(summary(name, (value("110000"), 2)), kind="bars"))
            for name in names
        )
        assert first == second


def test_every_listed_thing_has_a_colour_of_its_own() -> None:
    for thing, codes in COLOURED.items():
        assert len({*codes}) == len(codes) <= len(LIGHT.series) == len(DARK.series), thing


def test_more_parks_than_colours_have_one() -> None:
    many = [(value(f"park-{number}"), 1) for number in range(len(LIGHT.series) + 1)]
    assert {*colours_of(build_chart_spec(summary("park", *many))).values()} == {LIGHT.accent}


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
