"""Charts of summaries: which kind fits, and what is drawn."""

import re

import pytest
from django.utils import translation

from config.mistakes import Mistake
from projects.charts import CHART_KINDS, build_chart_spec, default_kind, fitting_kinds
from projects.charts.colours import COLOURED
from projects.charts.theme import DARK, LIGHT
from projects.charts.tile_grid import TILES
from projects.charts.units import CHART_MEASURES
from projects.condition_words import say_conditions
from projects.summaries.measures import FUNDING_MEASURES
from projects.summaries.measures import MEASURES as PROJECT_MEASURES
from tests.conftest import read_fixture
from tests.projects.charts.chart_examples import (
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


@pytest.mark.parametrize("group_by", ["park,stage,signed_year", ""])
def test_three_dimensions_or_none_are_no_picture(group_by: str) -> None:
    answer = summary("park") | {"group_by": group_by.split(",") if group_by else []}
    with pytest.raises(Mistake) as refused:
        build_chart_spec(answer)
    assert (refused.value.place["parameter"], refused.value.candidates) == ("group_by", None)


def test_more_rows_than_can_be_told_apart_are_refused() -> None:
    rows = [(value(f"p{number}"), number) for number in range(501)]
    assert build_chart_spec(summary("park", *rows[:500]))
    with pytest.raises(Mistake, match="top") as refused:
        build_chart_spec(summary("park", *rows))
    assert refused.value.code == "too_many_rows"


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


def test_what_is_unknown_has_a_neutral_colour_and_comes_last() -> None:
    rows = data(build_chart_spec(PARKS))
    colours = [row["colour"] for row in rows]
    assert {*colours[:2]} < {*LIGHT.series}
    assert colours[2:] == [LIGHT.other, LIGHT.unknown]
    order = build_chart_spec(PARKS)["encoding"]["y"]["sort"]
    assert [label.strip("\u200b\n") for label in order[-2:]] == ["other", "unknown"]


def test_a_row_without_any_known_amount_is_shown_as_such() -> None:
    parks = summary("park", (value("a"), 10**9), (UNKNOWN, None), measure="investment_cny")
    assert [row["text"] for row in data(build_chart_spec(parks))] == ["1", "–"]


@pytest.mark.django_db
def test_the_title_says_what_is_shown_and_the_line_below_it_unit_date_and_total() -> None:
    parks = summary(
        "park",
        (value("a"), 1_234_500_000),
        measure="investment_cny",
        total={
            "count": 40,
            "investment_cny": 1_234_500_000,
            "amounts": {"investment_cny": {"exact": 20, "qualified": 8, "missing": 12}},
        },
        filters={"origin": {"given": "长三角", "understood": {}}},
    )
    spec = build_chart_spec(parks)
    assert spec["title"]["text"] == ["Investment by park"]
    assert spec["title"]["subtitle"] == [
        "unit: bn yuan · as of 2024-06-30 · total 1.23 bn yuan · no amount for 12 of 40 projects",
        "selected by origin: 长三角",
    ]
    assert drawn(parks).findtext(f"{SVG}title") == "Investment by park"


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


@together(
    ("amounts", "language", "unit", "shown"),
    [
        ([123_456_000_000, 10**8, None], "zh", "亿元", ["1,235", "1", "–"]),
        ([150_000_000, 1], "zh", "亿元", ["1.5", "<0.01"]),
        ([99_990_000, 10_000], "zh", "万元", ["9,999", "1"]),
        ([9_999], "zh", "元", ["9,999"]),
        ([123_456_000_000, 250_000_000], "en", "bn yuan", ["123.5", "0.25"]),
        ([999_000_000, 0], "en", "m yuan", ["999", "0"]),
        ([999], "en", "yuan", ["999"]),
        ([None], "en", "yuan", ["–"]),
    ],
)
def test_the_unit_is_the_largest_in_which_the_largest_amount_is_at_least_one(
    amounts: list[int | None], language: str, unit: str, shown: list[str]
) -> None:
    rows = [(value(f"p{number}"), amount) for number, amount in enumerate(amounts)]
    spec = build_chart_spec(summary("park", *rows, measure="investment_cny"), language=language)
    assert [row["text"] for row in data(spec)] == shown
    assert unit in spec["title"]["subtitle"][0]


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


def test_columns_are_stacked_and_their_sums_written_above() -> None:
    shown = texts(drawn(FLOWS))
    assert {"3", "11", "2"} <= set(shown)
    spec = build_chart_spec(FLOWS)
    colours = spec["layer"][0]["encoding"]["color"]["scale"]
    assert dict(zip(colours["domain"], colours["range"], strict=True)) == {
        "Yangtze": LIGHT.series[1],
        "Capital": LIGHT.series[0],
        "unknown": LIGHT.unknown,
    }


@pytest.mark.parametrize("kind", ["bars", "columns"])
def test_what_is_unknown_is_shortened_where_it_would_dwarf_all_that_is_known(kind: str) -> None:
    years = summary("signed_year", (value(2023), 8), (value(2024), 10), (UNKNOWN, 1000))
    spec = build_chart_spec(years, kind=kind)
    rows = data(spec)
    assert [row["amount"] for row in rows] == [8, 10, 12.5]
    assert rows[-1]["description"] == "unknown: 1,000"
    assert "1,000" in texts(drawn(years, kind=kind))
    assert spec["title"]["subtitle"][-1] == "shortened, not to scale: unknown"
    (cut,) = (layer for layer in spec["layer"] if layer["mark"]["type"] == "tick")
    assert all(5 < place["cut"] < 7.5 for place in cut["data"]["values"])


def test_counts_are_marked_off_in_whole_numbers() -> None:
    few = summary("signed_year", (value(2023), 1), (value(2024), 1))
    assert {"0", "1"} <= {*texts(drawn(few))}
    assert not any("." in text for text in texts(drawn(few)))


def test_what_is_unknown_is_to_scale_where_it_dwarfs_nothing() -> None:
    for known in (5, 0):  # without anything known there is nothing to be dwarfed
        spec = build_chart_spec(summary("signed_year", (value(2024), known), (UNKNOWN, 10)))
        assert [row["amount"] for row in data(spec)] == [known, 10]
        assert "scale" not in str(spec["title"]["subtitle"])


def compared(answer: Row, *changes: float | None) -> Row:
    """A summary whose rows stand beside those of the year before."""
    for row, change in zip(answer["rows"], changes, strict=True):
        row["change_percent"] = None if change is None else {"count": change}
    return answer


def test_the_change_on_the_year_before_is_written_beside_each_number() -> None:
    rows = [(value(2022), 3), (value(2023), 5), (value(2024), 4), (UNKNOWN, 2)]
    answer = compared(summary("signed_year", *rows), None, 66.67, -2.04, None)
    assert {"+67%", "−2.0%"} <= {*texts(drawn(answer))}
    assert "5  (+67%)" in [row["text"] for row in data(build_chart_spec(answer, kind="bars"))]
    spec = build_chart_spec(answer)
    assert data(spec)[1]["description"] == "2023: 5 (+67% on the year before)"
    assert data(spec)[3]["description"] == "unknown: 2"
    assert "with the change on the year before" in spec["title"]["subtitle"]


def test_in_a_table_each_cell_has_its_change() -> None:
    rows = [(value("yes"), value(2023), 5), (value("yes"), value(2024), 4)]
    answer = compared(summary("hitech,signed_year", *rows), None, -20)
    assert default_kind(answer) == "heat"  # the parts of a column have no room for it
    shown = texts(drawn(answer))
    assert "−20%" in shown
    assert "undefined" not in shown


def test_groups_that_overlap_are_never_stacked() -> None:
    spec = build_chart_spec(FLOWS | {"additive": False})
    encoding = spec["layer"][0]["encoding"]
    assert encoding["y"]["stack"] is None
    assert encoding["xOffset"]["field"] == "series"
    assert len(spec["layer"]) == 1  # no sums
    assert len(links(drawn(FLOWS | {"additive": False}))) == 5


def test_what_is_cumulative_stays_while_nothing_is_added() -> None:
    answer = summary("signed_year", (value(2021), 3), (value(2024), 5), (UNKNOWN, 2))
    so_far = [{"count": 3, "list_url": "/upto2021"}, {"count": 8, "list_url": "/upto2024"}, None]
    for row, facts in zip(answer["rows"], so_far, strict=True):
        row["cumulative"] = facts
    assert build_chart_spec(answer)["description"].startswith(
        "Number of projects (cumulative) by year"
    )
    rows = {row["label"]: (row["text"], row["href"]) for row in data(build_chart_spec(answer))}
    assert rows == {
        "2021": ("3", "/upto2021"),
        "2022": ("3", "/upto2021"),
        "2023": ("3", "/upto2021"),
        "2024": ("8", "/upto2024"),
        "unknown": ("2", answer["rows"][2]["list_url"]),
    }


def test_a_table_is_turned_so_that_time_runs_across_and_a_long_list_downwards() -> None:
    def across(answer: Row) -> int:
        return len(build_chart_spec(answer, kind="heat")["encoding"]["x"]["sort"])

    years = ((value(year), value("yes"), 1) for year in range(2000, 2012))
    assert across(summary("signed_year,hitech", *years)) == 12
    parks = [(value("yes"), value(f"p{number}"), 1) for number in range(12)]
    assert across(summary("hitech,park", *parks)) == 1
    assert across(summary("hitech,park", *parks[:8])) == 8


# --- Funnel and tiles ------------------------------------------------------------------------


def test_a_funnel_counts_what_has_reached_a_stage_or_passed_it_and_links_to_just_that() -> None:
    answer = summary("stage", *((row["stage"], row["count"]) for row in STAGES["rows"]))
    for row in answer["rows"]:
        row["reached_url"] = f"http://l.example/projects?reached={row['stage']['value']}"
    rows = data(build_chart_spec(answer))
    assert [(row["label"].strip("\u200b\n"), row["text"], row["share"]) for row in rows] == [
        ("lead", "35", "100%"),
        ("contract signed", "25", "71%"),
        ("operating", "5", "14%"),
        ("unknown", "3", ""),
    ]
    reached = [row["href"].partition("reached=")[2] for row in rows]
    assert reached == ["lead", "signed", "operating", "None"]


def test_there_is_one_square_for_each_province_and_no_two_are_in_one_place() -> None:
    provinces = {row["code"] for row in read_fixture("regions") if row["level"] == "province"}
    assert set(TILES) == provinces
    assert len(provinces) == 34
    assert len({(column, row) for column, row, *_names in TILES.values()}) == 34


def test_provinces_without_any_project_are_shown_empty() -> None:
    picture = drawn(PROVINCES)
    assert {"Zhejiang", "Tibet", "Taiwan", "Macao", "other", "unknown"} <= set(texts(picture))
    assert len(links(picture)) == 4


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
            *("计入合计：是", "至少达到：正式签约", "计划开工（起）：2024"),
        ]
