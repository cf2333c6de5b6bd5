"""Whole pictures, as they were drawn before, and the words of their titles."""

import json
from typing import Any

import pytest

from config.mistakes import Mistake
from pages.charts.spec import build_chart_spec
from pages.charts.table import CHART_MEASURES, ChartUnit, choose_unit
from tests.pages.charts.chart_examples import (
    EXAMPLES,
    FLOWS,
    OTHER,
    PARKS,
    TABLE,
    UNKNOWN,
    YEARS,
    Row,
    summary,
    value,
)
from tests.paths import DATA
from tests.together import together

KEPT = DATA / "charts.json"


def compared(answer: Row) -> Row:
    """The rows beside those of the year before."""
    measure = answer["measures"][0]
    changes = [None, {measure: 66.67}, {measure: -2.04}, None, {measure: 0}]
    rows = [
        {**row, "change_percent": change}
        for row, change in zip(answer["rows"], changes, strict=False)
    ]
    return answer | {"rows": rows}


def of_years(first: int, last: int) -> Row:
    return summary("signed_year", *((value(year), 1) for year in range(first, last + 1)))


AMOUNTS = summary(
    "park",
    *[(value("a", "甲", "A"), 2 * 10**9), (value("b", "乙", "B"), -(10**9)), (UNKNOWN, None)],
    measure="investment_cny",
    total={
        "count": 1_040,
        "investment_cny": 10**9,
        "amounts": {"investment_cny": {"exact": 20, "qualified": 8, "missing": 1_012}},
        "investment_by_basis": {"agreed": 10**9, "planned": 0, "intended": 0},
        "count_by_agreement": {},
    },
)
DOLLARS = summary(
    "park",
    (value("a"), 10**9),
    measure="amount_usd",
    total={"count": 12, "amount_usd": 10**9, "other_currencies": [{"currency": "EUR", "count": 2}]},
)
SO_FAR = YEARS | {
    "rows": [
        {**row, "cumulative": facts}
        for row, facts in zip(
            YEARS["rows"],
            [{"count": 3, "list_url": "/3"}, {"count": 8, "list_url": "/8"}, None],
            strict=True,
        )
    ]
}
CHINESE = {"language": "zh", "dark": True}
OF_ONE_LANGUAGE = summary("park", ({**value("b", "乙园"), "name_en": None}, 1))
ALIKE = [
    f"{'An industrial park with a name that goes on and on and on, ' * 2}{end}" for end in "ab"
]
TWINS = summary("park", (value("a", "", "Park"), 2), (value("b", "", "Park"), 1))
ABROAD = [(value("330000", "浙江省", "Zhejiang"), 12), (value("foreign", "国外", "abroad"), 7)]
BASES = {"agreed": 10**9, "planned": 0, "intended": 5 * 10**8, "reported": 0}
COUNTS_ONLY = {"counts_in_totals": {"given": "true", "understood": ["true"]}}
PARTS_ONLY = {"totals_exclusion": {"given": "part", "understood": ["part"]}}


def of_bases(*left_out: str, **members: Any) -> Row:
    """A park with amounts of several bases, without some of them."""
    bases = BASES | dict.fromkeys(left_out, 0)
    sums = {"count": 2, "investment_cny": sum(bases.values()), "investment_by_basis": bases}
    total = sums | {"count_by_agreement": {}}
    row = (value("a"), 10**9)
    return summary("park", row, measure="investment_cny", total=total, **members)


PARKS_WITH = [[(value("yes"), value(number), number) for number in range(most)] for most in (8, 9)]
PICTURES: dict[str, tuple[Row, Row]] = {
    **{kind: (answer, {}) for kind, answer in EXAMPLES.items()},
    **{f"{kind} in Chinese": (answer, CHINESE) for kind, answer in EXAMPLES.items()},
    **{f"{kind} on a phone": (answer, {"width": 340}) for kind, answer in EXAMPLES.items()},
    "years": (YEARS, {}),
    "years as bars": (compared(YEARS), {"kind": "bars"}),
    "years compared": (compared(of_years(2020, 2024)), {}),
    "years so far": (SO_FAR, {}),
    "side by side": (FLOWS | {"additive": False}, {}),
    "flows in a table": (compared(FLOWS), {}),
    "a table turned": (summary("hitech,park", *PARKS_WITH[1]), {}),
    "a table not turned": (summary("hitech,park", *PARKS_WITH[0]), {}),
    "amounts": (AMOUNTS, {}),
    "dollars": (DOLLARS, {"counted": "reports"}),
    "shares": (summary("park", (value("a"), 40.5), (OTHER, 2), measure="share"), {}),
    "shortened": (summary("signed_year", (value(2023), 8), (UNKNOWN, 1000)), {}),
    "of one word a line": (summary("park", (value("a", "", "Park " * 30), 1), (value("b"), 1)), {}),
    "wide columns": (of_years(2010, 2023), {}),
    "narrower columns": (of_years(2000, 2021), {}),
    "narrow columns": (of_years(2000, 2022), {}),
    "nothing": (summary("park"), {}),
    "names of one language": (OF_ONE_LANGUAGE, {}),
    "two parks of one name": (TWINS, {}),
    "names that are cut alike": (summary("park", *((value(n, "", n), 1) for n in ALIKE)), {}),
    "mixed amounts": (of_bases(), {}),
    "amounts of one basis": (of_bases("intended"), {}),
    "amounts that count": (of_bases(filters=COUNTS_ONLY), {}),
    "no amounts that count": (of_bases("agreed", "intended", filters=COUNTS_ONLY), {}),
    "left out by a filter": (of_bases(filters=PARTS_ONLY), {}),
    "a day in the past": (PARKS | {"as_of": "2023-12-31T15:59:59.999999+00:00"}, {}),
    "a moment in the past": (PARKS | {"as_of": "2023-12-31T01:30:00+00:00"}, {}),
    "months": (summary("signed_month", (value("2023-11"), 1), (value("2024-02"), 1)), {}),
    "quarters": (summary("signed_quarter", (value("2023-Q3"), 1), (value("2024-Q1"), 1)), {}),
    "a gap of centuries": (summary("signed_year", (value(1901), 1), (value(2099), 1)), {}),
    "a year without a known amount": (
        summary("signed_year", (value(2020), None), (value(2021), 10**9), measure="investment_cny"),
        {},
    ),
    "abroad": (summary("origin_province", *ABROAD, (OTHER, 2), (UNKNOWN, 4)), {}),
}


@pytest.mark.django_db
def test_pictures_are_drawn_as_before() -> None:
    """Look at the pictures that differ, then delete the file: it is written again."""
    specs = {
        name: build_chart_spec(answer, **options) for name, (answer, options) in PICTURES.items()
    }
    if not KEPT.exists():
        lines = (f'"{name}": {json.dumps(specs[name], ensure_ascii=False)}' for name in specs)
        KEPT.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    kept = json.loads(KEPT.read_text("utf-8"))
    assert [*specs] == [*kept]
    for name, spec in specs.items():
        assert json.loads(json.dumps(spec)) == kept[name], name


@together(("groups", "rows", "each"), [("park", 501, 1), ("park,hitech", 1002, 50)])
def test_a_picture_of_too_much_says_how_much_can_be_drawn(
    groups: str, rows: int, each: int
) -> None:
    made = [(value(n // each), value(n % each))[: 1 + groups.count(",")] for n in range(rows)]
    with pytest.raises(Mistake) as refused:
        build_chart_spec(summary(groups, *((*row, 1) for row in made)))
    assert (refused.value.place["parameter"], refused.value.code) == ("top", "too_many_rows")
    said = f"{rows} rows are more than a picture can show (500): ask for fewer by top=."
    assert str(refused.value.message) == said


@together(
    ("name", "amount", "unit"),
    [
        *[("count", 5, (1, "")), ("jobs_at_capacity", 5, (1, "")), ("share", 5, (1, "%"))],
        *[("completion_percent", 5, (1, "%")), ("land_mu", 5, (1, "mu"))],
        ("agreed_per_mu", 10**6, (10**6, "m yuan/mu")),
        *[("investment_intensity", 1, (1, "yuan/mu")), ("amount_usd", 10**9, (10**9, "bn US$"))],
        *[("amount_usd", 10**9 - 1, (10**6, "m US$")), ("amount_usd", 10**6 - 1, (1, "US$"))],
        ("investment_cny", 10**9, (10**9, "bn yuan")),
        ("investment_cny", -(10**9), (10**9, "bn yuan")),
        ("investment_cny", 10**9 - 1, (10**6, "m yuan")),
        *[("investment_cny", 10**6 - 1, (1, "yuan")), ("investment_cny", 0, (1, "yuan"))],
    ],
)
def test_a_measure_has_its_unit(name: str, amount: int, unit: tuple[int, str]) -> None:
    measure = CHART_MEASURES[name]
    assert choose_unit(measure, [None, 0, amount], "en") == ChartUnit(*unit)


@together(
    ("name", "amount", "unit"),
    [
        *[("amount_usd", 10**8, (10**8, "亿美元")), ("amount_usd", 10**8 - 1, (10**4, "万美元"))],
        *[("amount_usd", 10**4 - 1, (1, "美元")), ("investment_cny", 10**8, (10**8, "亿元"))],
        *[("investment_cny", 10**4, (10**4, "万元")), ("investment_cny", 10**4 - 1, (1, "元"))],
        ("investment_intensity", 10**4, (10**4, "万元/亩")),
        ("land_mu", 5, (1, "亩")),
    ],
)
def test_a_measure_has_its_unit_in_chinese(name: str, amount: int, unit: tuple[int, str]) -> None:
    assert choose_unit(CHART_MEASURES[name], [amount], "zh") == ChartUnit(*unit)
    assert choose_unit(CHART_MEASURES[name], [], "zh").scale == 1


def test_measures_are_of_money_dollars_land_or_a_share() -> None:
    kinds: dict[str, set[str]] = {}
    for measure in CHART_MEASURES.values():
        kinds.setdefault(measure.kind, set()).add(measure.name)
    assert kinds == {
        "count": {"count", "count_at_least", "jobs_at_capacity", "shared_count"},
        "money": {
            *("investment_cny", "paid_in_cny", "tax_at_capacity_cny", "output_at_capacity_cny"),
            *("amount_cny", "planned_cny", "completed_cny"),
            *("recognised_cny", "recognised_gap_cny", "paid_in_recognised_cny"),
        },
        "percent": {"share", "investment_share", "completion_percent"},
        "land": {"land_mu"},
        "floor": {"floor_area_m2"},
        "per_mu": {"agreed_per_mu", "investment_intensity"},
        "usd": {"amount_usd"},
    }


@together(
    ("amount", "text"),
    [
        *[(None, "–"), (0, "0"), (1, "1"), (0.5, "0.5"), (0.004, "<0.01"), (0.01, "0.01")],
        *[(99.99, "99.99"), (100, "100"), (100.04, "100"), (100.25, "100.3"), (999.9, "999.9")],
        *[(1000, "1,000"), (1000.4, "1,000"), (1234567, "1,234,567"), (-0.25, "-0.25")],
        *[(0.125, "0.13"), (1000.5, "1,001"), (-0.125, "-0.13")],
    ],
)
def test_a_number_has_about_three_digits(amount: Any, text: str) -> None:
    assert ChartUnit(1, "").write(amount) == ChartUnit(1, "").write_with_unit(amount) == text
    tens = None if amount is None else amount * 10
    assert ChartUnit(10, "").write(tens) == text
    assert ChartUnit(10, "").convert(tens) == pytest.approx(amount or 0)
    with_unit = ("–", "–") if amount is None else (f"{text}%", f"{text} mu")
    assert tuple(ChartUnit(1, name).write_with_unit(amount) for name in ("%", "mu")) == with_unit


@together(
    ("amount", "scale", "text"),
    [(295_000_000, 10**9, "0.3"), (12_500_000, 10**8, "0.13"), (100_250_000, 10**6, "100.3")],
)
def test_a_sum_is_rounded_half_up(amount: int, scale: int, text: str) -> None:
    assert ChartUnit(scale, "").write(amount) == text


def test_tables_of_nothing_and_of_one_are_no_error() -> None:
    for answer in (TABLE, PARKS):
        assert build_chart_spec(answer | {"rows": answer["rows"][:1]})
        assert "Nothing matches." in str(build_chart_spec(answer | {"rows": []}))
