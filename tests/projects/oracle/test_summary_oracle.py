"""Random summaries against the oracle: each row is the sum of the list that it opens into."""

import random
from datetime import date
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, found, walk
from tests.projects.oracle import land
from tests.projects.oracle.dimensions import DIMENSIONS
from tests.projects.oracle.oracle import Oracle
from tests.projects.oracle.summaries import (
    CLAIMS,
    FUNDING_DIMENSIONS,
    OVERLAPPING,
    PERIODS,
    Ledger,
    Question,
    Questions,
    Values,
)
from tests.projects.oracle.terms import Row
from tests.samples import HERE, IS_LONG, sample

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

CASES = 300 if IS_LONG else len(DIMENSIONS)
LISTED = 10**6 if IS_LONG else 1  # rows of each summary whose lists are walked
SEED = 20240601


def listed(client: APIClient, url: str) -> list[Row]:
    """All rows of a list, page by page."""
    address = url.partition(f"{API}/")[2]
    return walk(client, f"{address}{'&' if '?' in url else '?'}limit=100")


def values_of(row: Row, group_by: list[str]) -> Values:
    return tuple(row[name]["value"] for name in group_by)


def sampled(dice: random.Random, rows: list[Row], group_by: list[str]) -> list[Row]:
    """Some rows: a few of any, and of those with something unknown or left out by `top`."""
    special = [row for row in rows if {None, "other"} & {*values_of(row, group_by)}]
    return [
        *dice.sample(rows, min(len(rows), LISTED)),
        *dice.sample(special, min(len(special), LISTED)),
    ]


def check_list(client: APIClient, row: Row, about: Any) -> None:
    """The list of a row has exactly its projects, and they add up to it."""
    projects = listed(client, row["list_url"])
    assert len(projects) == row["count"], (about, row)
    for name in {"investment_cny", "paid_in_cny"} & {*row}:
        known = [project[name] for project in projects if project[name] is not None]
        assert row[name] == (sum(known) if known else None), (about, row)
    for name in {*land.PER_MU} & {*row}:
        land.check_lists(lambda url: listed(client, url), row, name)
    if row.get("cumulative"):
        check_list(client, row["cumulative"], about)
    if row.get("previous"):
        check_list(client, row["previous"], about)
    if row.get("at_least_url"):
        assert len(listed(client, row["at_least_url"])) == row["count_at_least"], (about, row)


def check_rows(rows: list[Row], expected: dict[Values, Row], question: Question) -> None:
    """The rows are those of the oracle, but for those that `top` leaves out."""
    by_values = {values_of(row, question.group_by): row for row in rows}
    assert len(by_values) == len(rows)
    is_cut = "top" in question.more
    shown = {
        values: row for values, row in by_values.items() if not is_cut or "other" not in values
    }
    assert {*shown} <= {*expected} if is_cut else {*shown} == {*expected}, question
    for values, row in shown.items():
        facts = expected[values]
        assert {name: row[name] for name in facts} == facts, (question, values)


def check_sums(answer: Row, question: Question) -> None:
    """The rows, unknown ones included, add up to the total where the answer says so."""
    overlapping = {*OVERLAPPING} & {*question.group_by}
    assert answer["additive"] == (not overlapping), question
    if answer["additive"]:
        for name in {"count", "investment_cny", "paid_in_cny", *CLAIMS} & {*answer["total"]}:
            total = sum(row[name] or 0 for row in answer["rows"])
            assert total == (answer["total"][name] or 0), (question, name)
    if "share" in question.measures and answer["additive"]:
        of_time = [name for name in question.group_by if name.endswith(PERIODS)]
        wholes = {values_of(row, of_time): row["share_of"] for row in answer["rows"]}
        for period, whole in wholes.items():
            same = [r["count"] for r in answer["rows"] if values_of(r, of_time) == period]
            assert sum(same) == whole, question


@pytest.mark.slow
def test_every_row_is_the_sum_of_the_list_that_it_opens_into(
    oracle: Oracle, clients: dict[bool, APIClient]
) -> None:
    dice = random.Random(SEED)
    book = Ledger(oracle)
    with_rows = with_unknown = with_others = 0
    asked = sample([*Questions(oracle, SEED).all(CASES)], 2, HERE)
    for question, rows in asked:
        client = clients[question.case.sees_all]
        answer = found(client.get(f"{API}/projects/summary", question.query))
        total = book.facts(rows, question.measures)
        assert {name: answer["total"][name] for name in total} == total, question
        groups = book.groups(question, rows)
        values = [values_of(row, question.group_by) for row in answer["rows"]]
        expected = {key: book.facts(of, question.measures) for key, of in groups.items()}
        check_rows(answer["rows"], expected, question)
        check_sums(answer, question)
        for row in sampled(dice, answer["rows"], question.group_by):
            check_list(client, row, question)
        with_rows += bool(values)
        with_unknown += any(None in each for each in values)
        with_others += any("other" in each for each in values)
    assert with_rows * 2 > len(asked)
    assert with_unknown * 4 > len(asked)
    assert with_others > 0


@pytest.mark.slow
def test_flows_of_money_open_into_their_lists(
    oracle: Oracle, clients: dict[bool, APIClient]
) -> None:
    dice = random.Random(SEED + 1)
    book = Ledger(oracle)
    questions = Questions(oracle, SEED + 1)
    of_projects = ["park", "origin_group", "stage", "size_band", "signed_year", "event"]
    for _place, (case, rows) in zip(range(CASES // 3), questions.accepted(), strict=False):
        name = dice.choice([*FUNDING_DIMENSIONS])
        group_by = [name, *dice.sample(of_projects, dice.choice([0, 1]))]
        query = {**case.query, "group_by": ",".join(group_by)}
        if dice.random() < 0.5:
            kinds = ["paid_in", "completed", "foreign", "foreign_agreed"]
            query["funding_kind"] = dice.choice(kinds)
        client = clients[case.sees_all]
        answer = found(client.get(f"{API}/fundings/summary", query))
        keys = {row["id"] for row in rows}
        kind = query.get("funding_kind")
        flows = [
            flow
            for flow in book.fundings
            if flow["project_id"] in keys and kind in (None, flow["kind"])
        ]
        assert answer["total"]["count"] == len(flows), query
        if "event" not in group_by:
            assert sum(row["count"] for row in answer["rows"]) == len(flows), query
        for row in sampled(dice, answer["rows"], group_by):
            behind = listed(client, row["list_url"])
            assert len(behind) == row["count"], (query, row)
            is_one = len({flow["kind"] for flow in behind}) == 1
            in_yuan = [flow["amount_cny"] for flow in behind if not flow["currency"]]
            in_dollars = [flow["amount_value"] for flow in behind if flow["currency"]]
            amount = sum(in_yuan) if is_one and in_yuan else None
            assert row["amount_cny"] == amount, (query, row)
            apart = [(each["count"], each["value"]) for each in row["other_currencies"]]
            value = sum(in_dollars) if is_one else None
            assert apart == ([(len(in_dollars), value)] if in_dollars else []), (query, row)
            assert {FUNDING_DIMENSIONS[name](as_stored(flow)) for flow in behind} == {
                row[name]["value"]
            }


def as_stored(flow: Row) -> Row:
    """A flow of the list with its month as a date."""
    year, month_ = flow["month"].split("-")
    return flow | {"month": date(int(year), int(month_), 1)}
