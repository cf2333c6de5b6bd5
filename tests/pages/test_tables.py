"""Tables of pages, made of the answer of a summary."""

from typing import Any

import pytest
from django.utils import translation
from django.utils.safestring import SafeString

from pages.charts.table import ChartUnit
from pages.lists.list_blocks import ask_years
from pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    find_local_day,
    write_amount,
    write_count,
    write_flow,
    write_percent,
    write_sum,
)
from pages.parts.claims import say_scope, say_time
from pages.parts.summary_tables import (
    add_up_rows,
    add_up_values,
    choose_parts,
    list_tiles,
    money_cell,
    read_question,
    tabulate_beside,
    tabulate_cross,
    tabulate_summary,
    write_share,
)
from pages.records.park_pages import write_at_most, write_rate
from projects.models.words import InvestmentBasis
from tests.together import together

LIST = "/api/v1/projects"
BOTH = "origin_group,signed_year"
BASES = dict.fromkeys(InvestmentBasis.values, 0)


def shown(table: PageTable) -> tuple[list[Any], list[list[str]]]:
    """The heads of a table with their units, and what stands in its cells."""
    heads = [f"{column.label} {column.unit}".strip() for column in table.columns]
    rows = [[cell.text for cell in row] for row in [*table.rows, table.total]]
    return heads, rows


def opened(cells: Any) -> list[str]:
    return [cell.href for cell in cells]


def named(code: Any, name: str = "") -> dict[str, Any]:
    return {"value": code, "name_en": name or str(code), "name_zh": ""}


def amounts(agreed: int, planned: int, missing: int) -> dict[str, Any]:
    return {
        "investment_cny": agreed + planned or None,
        "investment_by_basis": {**BASES, "agreed": agreed, "planned": planned},
        "amounts": {"investment_cny": {"missing": missing}},
    }


def answer(
    *rows: Any, measures: str = "count", group_by: str = "origin_group", **total: Any
) -> Any:
    return {
        "group_by": group_by.split(","),
        "measures": measures.split(","),
        "filters": {},
        "rows": rows,
        "total": {"count": sum(row["count"] for row in rows), "list_url": f"{LIST}?o=1", **total},
    }


def row_of(code: Any, count: int, **more: Any) -> dict[str, Any]:
    url = f"{LIST}?origin_group={code or 'unknown'}"
    return {"origin_group": named(code), "count": count, "list_url": url, **more}


@pytest.fixture(autouse=True)
def in_english() -> Any:
    with translation.override("en"):
        yield


def test_a_summary_has_a_count_and_a_share_in_each_row() -> None:
    rows = [row_of("yrd", 1500, share=75.04), row_of("other", 450, share=22.5)]
    table = tabulate_summary(answer(*rows, row_of(None, 50), measures="count,share"), "C", "Origin")
    assert table.caption == "C"
    assert [column.kind for column in table.columns] == ["", "number", "number"]
    assert shown(table) == (
        ["Origin", "Projects", "Share"],
        [
            ["yrd", "1,500", "75.0 %"],
            ["other", "450", "22.5 %"],
            ["None", "50", "–"],
            ["Total", "2,000", "–"],
        ],
    )
    page = "/projects?origin_group=yrd"
    assert opened(table.rows[0]) == ["", page, page]
    assert opened(table.rows[2])[2] == opened(table.total)[2] == ""
    assert (table.rows[0][1].value, table.rows[0][1].measure) == (1500, "count")


def test_amounts_are_split_by_their_basis_where_there_are_several() -> None:
    rows = [row_of("yrd", 2, **amounts(2 * 10**9, 10**9, 0)), row_of("jjj", 1, **amounts(0, 0, 1))]
    total = amounts(2 * 10**9, 10**9, 1)
    table = tabulate_summary(answer(*rows, measures="count,investment_cny", **total), "C", "Origin")
    assert shown(table) == (
        [
            *("Origin", "Projects", "agreed in a contract bn yuan", "planned bn yuan"),
            *("Total, all bases bn yuan", "Without an amount in yuan"),
        ],
        [
            ["yrd", "2", "2", "1", "3", "0"],
            ["jjj", "1", "–", "–", "–", "1"],
            ["Total", "3", "2", "1", "3", "1"],
        ],
    )
    assert {column.kind for column in table.columns[1:]} == {"number"}
    list_ = "/projects?origin_group=yrd"
    agreed = "/projects?origin_group=yrd&investment_basis=agreed"
    planned = "/projects?origin_group=yrd&investment_basis=planned"
    assert opened(table.rows[0])[1:] == [list_, agreed, planned, list_, ""]
    missing = "/projects?origin_group=jjj&missing=amount"
    assert opened(table.rows[1])[1:] == ["/projects?origin_group=jjj", "", "", "", missing]
    assert (table.rows[0][2].value, table.rows[0][2].measure) == (2 * 10**9, "investment_cny")


def of_stage(stage: str, count: int, agreed: int, missing: int) -> dict[str, Any]:
    row = row_of("yrd", count, **amounts(agreed, 0, missing))
    return row | {"stage": named(stage)}


def test_tiles_say_amounts_by_basis_what_is_unknown_and_what_is_not_public() -> None:
    reached = [("signed", 3, 2 * 10**8, 1), ("started", 4, 3 * 10**8, 0), ("operating", 5, 0, 5)]
    rows = [of_stage(*each) for each in [("intended", 2, 0, 2), *reached]]
    total = amounts(5 * 10**8, 0, 6) | {"paid_in_cny": 10**8}
    total["amounts"]["paid_in_cny"] = {"missing": 7}
    signed = answer(*rows[1:], group_by="stage", **total)
    signed["drafts"] = {"count": 1, "list_url": f"{LIST}?publication=draft"}
    tiles = list_tiles(signed, answer(*rows, group_by="stage"))
    of_signed, url = ("of 12 signed", ""), "/projects?o=1"
    assert [
        (tile["label"], tile["cell"].text, tile["cell"].href)
        + tuple((note.text, note.href) for note in tile["notes"])
        for tile in tiles
    ] == [
        (
            *("signed projects", "12", url),
            ("agreed in a contract 500 m yuan", f"{url}&investment_basis=agreed"),
            ("6 without an amount in yuan", f"{url}&missing=amount"),
            ("with 1 unpublished project", "/projects?publication=draft"),
        ),
        (
            *("of them under construction or further", "9", f"{url}&reached=started"),
            ("agreed in a contract 300 m yuan", f"{url}&reached=started&investment_basis=agreed"),
            ("5 without an amount in yuan", f"{url}&reached=started&missing=amount"),
            of_signed,
        ),
        (
            *("of them operating", "5", f"{url}&reached=operating"),
            ("5 without an amount in yuan", f"{url}&reached=operating&missing=amount"),
            of_signed,
        ),
        (
            "paid in",
            "100 m yuan",
            f"{url}&has_paid_in=true",
            ("reported in yuan by 5 of 12 signed", ""),
        ),
        (
            *("only intended, not signed", "2", f"{url}&stage=intended"),
            ("2 without an amount in yuan", f"{url}&stage=intended&missing=amount"),
        ),
    ]
    assert (tiles[0]["notes"][1].value, tiles[0]["notes"][1].measure) == (6, "count")


def test_amounts_in_other_currencies_are_listed() -> None:
    dollars = {"currency": "USD", "count": 2, "value": 7 * 10**6}
    euros = {"currency": "EUR", "count": 1, "value": 9}
    rows = [
        of_stage(stage, 4, 0, 4) | {"other_currencies": others}
        for stage, others in (("started", [dollars, euros]), ("operating", [dollars]))
    ]
    total = amounts(0, 0, 8) | {"paid_in_cny": None, "other_currencies": []}
    total["amounts"]["paid_in_cny"] = {"missing": 8}
    signed = answer(*rows, group_by="stage", **total)
    started, operating = list_tiles(signed, signed)[1:3]
    url = "/projects?o=1&reached=started&investment_currency"
    assert [(note.text, note.href) for note in started["notes"]][:3] == [
        ("9 EUR", f"{url}=EUR"),
        ("14 million USD", f"{url}=USD"),
        ("8 without an amount in yuan", "/projects?o=1&reached=started&missing=amount"),
    ]
    assert operating["notes"][1].text == "4 without an amount in yuan"


def test_amounts_of_one_basis_stand_in_one_column() -> None:
    row = row_of("yrd", 2, **amounts(2 * 10**6, 0, 0))
    table = tabulate_summary(
        answer(row, measures="count,investment_cny", **amounts(2 * 10**6, 0, 0)), "C", "Origin"
    )
    assert shown(table)[0] == ["Origin", "Projects", "agreed in a contract m yuan"]


def land(area: int | None, per_mu: int | None, missing: int) -> dict[str, Any]:
    of = {"numerator_list_url": f"{LIST}?agreed=1"}
    return {
        **{"land_mu": area, "agreed_per_mu": per_mu, "agreed_per_mu_of": of},
        "amounts": {"land_mu": {"missing": missing}},
    }


def test_land_has_its_area_and_what_a_mu_brings() -> None:
    rows = [row_of("yrd", 2, **land(1200, 2 * 10**6, 0)), row_of("jjj", 1, **land(None, None, 1))]
    asked = answer(*rows, measures="count,land_mu,agreed_per_mu", **land(1200, 2 * 10**6, 1))
    table = tabulate_summary(asked, "C", "Origin")
    assert shown(table) == (
        [
            *("Origin", "Projects", "Land mu", "of these unknown"),
            "Agreed investment per mu m yuan/mu",
        ],
        [
            ["yrd", "2", "1,200", "0", "2"],
            ["jjj", "1", "–", "1", "–"],
            ["Total", "3", "1,200", "1", "2"],
        ],
    )
    assert opened(table.rows[0])[2:] == ["/projects?origin_group=yrd", "", "/projects?agreed=1"]
    assert (table.rows[0][2].value, table.rows[0][2].measure) == (1200, "land_mu")
    unsaid = answer(measures="count,land_mu,agreed_per_mu", **land(1200, None, 1))
    assert len(choose_parts(unsaid)) == 3
    assert [column.kind for column in choose_parts(asked)] == ["number"] * 4


def test_a_summary_says_what_was_asked() -> None:
    asked = answer(measures="count,count_at_least,share", group_by="park,stage")
    asked["filters"] = {"origin": {"given": "jjj", "understood": {}}}
    assert read_question(asked) == {
        "origin": "jjj",
        "group_by": "park,stage",
        "measures": "count,share",
    }
    assert read_question(answer(measures="count_at_least", group_by="park")) == {"group_by": "park"}


def cell_of(group: Any, year: Any, count: int, **more: Any) -> dict[str, Any]:
    url = f"{LIST}?origin_group={group}&signed_year={year}"
    return row_of(group, count, **more) | {"signed_year": named(year), "list_url": url}


@together(
    ("first", "second", "sum_"),
    [
        *[(None, None, None), (None, 0, 0), (None, 2, 2), (1, None, 1), (1, 2, 3), (0, None, 0)],
        *[({"a": 1}, {"a": 2, "b": None}, {"a": 3, "b": None}), (None, {"a": 2}, {"a": 2})],
    ],
)
def test_what_is_not_known_adds_nothing(first: Any, second: Any, sum_: Any) -> None:
    assert add_up_values(first, second) == sum_


def test_rows_are_added_up_with_one_list() -> None:
    yrd, prd, none = row_of("yrd", 3), row_of("prd", 2), row_of(None, 1)
    assert add_up_rows([yrd, None, prd, none], "origin_group") == {
        "count": 6,
        "list_url": f"{LIST}?origin_group=yrd,prd,unknown",
    }
    assert add_up_rows([None, prd], "origin_group") is prd
    assert add_up_rows([None], "origin_group") is None


@together(
    ("count", "unknown", "whole", "text"),
    [
        *[(1, 0, 3, "1 of 3"), (0, 2, 19, "0 of 19"), (0, 0, 0, "")],
        *[(5, 0, 20, "25.0 %"), (5, 10, 20, "25.0 %"), (5, 11, 20, "25.0 – 80.0 %")],
    ],
)
def test_a_share_is_a_count_of_few_and_has_bounds_where_most_are_unknown(
    count: int, unknown: int, whole: int, text: str
) -> None:
    assert write_share(count, unknown, whole) == text


def test_a_table_of_two_has_the_second_across_and_may_be_turned() -> None:
    rows = [
        cell_of("yrd", 2024, 1500, share=60.0, share_of=2500),
        cell_of("yrd", None, 1),
        cell_of("jjj", 2023, 6, share=54.55, share_of=11),
    ]
    asked = answer(*rows, group_by=BOTH)
    table = tabulate_cross(asked, "C", "Origin", first=[named("2022"), named(2023)])
    assert (table.caption, table.total) == ("C", ())
    assert table.columns[0] == PageColumn("Origin")
    heads = [(column.label, column.kind) for column in table.columns[1:]]
    assert heads == [(year, "number") for year in ("2022", "2023", "2024", "None")]
    assert [[(cell.text, cell.note) for cell in row] for row in table.rows] == [
        [("yrd", ""), ("", ""), ("", ""), ("1,500", "60.0 %"), ("1", "")],
        [("jjj", ""), ("", ""), ("6", "54.5 %"), ("", ""), ("", "")],
    ]
    assert opened(table.rows[1])[2] == "/projects?origin_group=jjj&signed_year=2023"


@together(
    ("numerator", "denominator", "not_known", "percent", "texts"),
    [
        (6, 11, 0, 54.55, ["54.5", "54.5"]),
        (1, 8, 1, 12.5, ["12.5", "25.0"]),
        (6, 11, 1, None, ["–", "63.6"]),
        (None, 4, 1, None, ["–", "25.0"]),
    ],
)
def test_a_rate_is_rounded_once(
    numerator: int | None, denominator: int, not_known: int, percent: float | None, texts: list[str]
) -> None:
    rate = {"numerator": numerator, "denominator": denominator, "not_known": not_known}
    assert [write_rate({**rate, "percent": percent}), write_at_most(rate)] == texts


def test_shares_of_two_answers_are_compared_where_enough_is_known() -> None:
    now, before = answer(row_of("yrd", 10), row_of("prd", 10)), answer(row_of("yrd", 20))
    table = tabulate_beside([("2026", now), ("2025", before)], "C")
    assert shown(table) == (
        ["", "2026", "2025", "Share difference points"],
        [
            *[["yrd", "10", "20", "-50.0"], ["prd", "10", "0", "+50.0"]],
            *[["The two deltas", "20", "20", "+0.0"], ["Total", "20", "20", ""]],
        ],
    )
    for few in (answer(row_of("yrd", 19)), answer(row_of("yrd", 10), row_of(None, 11))):
        assert len(tabulate_beside([("2026", now), ("2025", few)], "C").columns) == 3


def test_shares_beside_have_bounds_but_for_what_is_unknown_itself() -> None:
    table = tabulate_beside([("2026", answer(row_of("yrd", 9), row_of(None, 11)))], "C")
    notes = [row[1].note for row in table.rows]
    assert notes == ["45.0 – 100.0 %", "55.0 %", "45.0 – 100.0 %"]


@together(
    ("today", "labels"),
    [
        *[("2026-06-15", ["2026-01 – 2026-06", "2025-01 – 2025-06"])],
        *[("2026-12-01", ["2026", "2025"]), ("2027-01-01", ["2026", "2025"])],
    ],
)
def test_a_year_to_date_is_compared_with_the_same_months(today: str, labels: list[str]) -> None:
    assert [label for label, _question in ask_years(["2026", "2025"], today)] == labels


def test_shares_that_differ_by_less_than_is_shown_do_not_differ() -> None:
    many = answer(row_of("yrd", 3333), row_of("prd", 6667))
    more = answer(row_of("yrd", 3334), row_of("prd", 6666))
    table = tabulate_beside([("2026", many), ("2025", more)], "C")
    assert [row[-1].text for row in table.rows[:2]] == ["+0.0", "+0.0"]


PERIODS = [  # period_from, period_to, as_of, period_text, in English, in Chinese
    (None, None, "2025-03", "", "2025-03", "2025-03"),
    (None, None, None, "", "", ""),
    ("2025", "2025", None, "", "2025", "2025"),
    ("2025", "2025", "2026-02-11", "", "2025", "2025"),
    ("2025-01", "2025-06", "2025-06", "", "2025-01 – 2025-06", "2025-01 – 2025-06"),
    ("2013", None, None, "", "2013 –", "2013 –"),
    (None, "2025", None, "", "– 2025", "– 2025"),
    (None, "2025", "2025", "", "2025", "2025"),
    (None, None, None, "over the last decade", "over the last decade", "over the last decade"),
    (None, None, "2025", "over the last decade", "over the last decade · 2025", "2025"),
    (None, None, "2025", "近十年", "近十年 · 2025", "近十年 · 2025"),
]


@pytest.mark.parametrize(("first", "last", "day", "words", "english", "chinese"), PERIODS)
def test_a_claim_says_its_period_or_its_day(
    first: Any, last: Any, day: Any, words: str, english: str, chinese: str
) -> None:
    claim = {"period_from": first, "period_to": last, "as_of": day, "period_text": words}
    assert say_time(claim) == english
    with translation.override("zh-hans"):
        assert say_time(claim) == chinese


@pytest.mark.parametrize(
    ("text", "is_whole", "english", "chinese"),
    [
        ("", None, "", ""),
        ("core area only", None, "core area only", "部分范围"),
        ("core area only", False, "core area only", "部分范围"),
        ("rural land transformed", True, "rural land transformed", ""),
        ("仅核心区", False, "仅核心区", "仅核心区"),
        ("全部用地", True, "全部用地", "全部用地"),
    ],
)
def test_only_a_part_is_called_a_part(text: str, is_whole: Any, english: str, chinese: str) -> None:
    claim = {"scope_text": text, "scope_is_whole": is_whole}
    assert say_scope(claim) == english
    with translation.override("zh-hans"):
        assert say_scope(claim) == chinese


def test_what_a_cell_says_is_escaped_once() -> None:
    for text in ("<b>", SafeString("&lt;b&gt;")):
        assert PageCell(text, note="a & b").html == "&lt;b&gt; <small>a &amp; b</small>"


def test_an_amount_that_is_not_known_opens_nothing() -> None:
    unit = ChartUnit(10, "x")
    assert money_cell(unit, None, LIST) == PageCell("–", kind="number", measure="investment_cny")
    known = PageCell("0", "/projects", kind="number", value=0, measure="land_mu")
    assert money_cell(unit, 0, LIST, "land_mu") == known


def test_numbers_are_written_in_the_language_of_the_page() -> None:
    flows = [
        {"currency": "USD", "amount_value": 3_000_000, "amount_cny": None},
        {"currency": "", "amount_value": None, "amount_cny": 150_000_000},
    ]
    assert [write_count(n) for n in (None, 0, 1234)] == ["–", "0", "1,234"]
    for number, text in (
        *((None, "–"), (0, "0.0"), (12.34, "12.3"), (31.25, "31.3"), (31.24, "31.2")),
        *((0.05, "0.1"), (0.04, "0.0"), (-0.04, "0.0"), (-31.25, "-31.3"), (100.0, "100.0")),
        *((1234.5, "1234.5"), (18.75, "18.8")),
    ):
        assert write_percent(number) == text
    for language, sums, told in (
        ("en", ["–", "0 yuan", "417.7 bn yuan"], ["–", "over 150 million yuan", "0 yuan"]),
        ("zh-hans", ["–", "0 元", "4,177 亿元"], ["–", "超1.5亿元", "0元"]),
    ):
        with translation.override(language):
            assert [write_sum(n) for n in (None, 0, 417_700_000_000)] == sums
            amounts = [(None, None), (150_000_000, "over"), (0, None)]
            assert [write_amount(*each) for each in amounts] == told
            assert write_flow(flows[0]) == {"en": "3 million USD"}.get(language, "300万美元")
            assert write_flow(flows[1]) == write_amount(150_000_000)


def test_days_are_those_of_the_place_of_the_ledger() -> None:
    assert find_local_day("2026-11-27T15:59:59.9Z") == "2026-11-27"
    assert find_local_day("2026-11-27T16:00:00Z") == "2026-11-28"
