"""The filters of projects against a plain oracle: lists, their order, facets and files."""

import csv
import io
import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.dimensions.dimensions import DIMENSIONS
from projects.filters import ProjectFilterSet
from projects.views import ProjectViewSet
from tests.answers import walk
from tests.projects.oracle.bounds import PREFIX, ask_at_bounds
from tests.projects.oracle.cases import ORDERINGS, Case, Cases
from tests.projects.oracle.data import MOMENTS
from tests.projects.oracle.dimensions import DIMENSIONS as VALUES
from tests.projects.oracle.oracle import CANNOT_BE_UNKNOWN, PARAMETERS, Oracle, in_order
from tests.projects.oracle.terms import DATED, Row
from tests.samples import HERE, IS_LONG, IS_LONGEST, sample

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

# Of the questions some 620 have one filter alone, or are made to find nothing.
CASES, SINGLE_CASES = (2500 if IS_LONGEST else 1250, 2) if IS_LONG else (720, 1)
FEW_CASES = 500 if IS_LONG else len(DIMENSIONS) // 3 + 1
SEED = 20240315
PROJECTS = "/api/v1/projects"
# These have oracles of their own, in tests/projects/tracking/
ELSEWHERE = [
    *("funnel", "times_moved", "times_moved_not", "times_moved_min", "moved_from", "moved_to"),
    *("light", "light_not"),
]
SHOWN = 10  # differences in a message


@dataclass
class Answer:
    """A question, what the oracle says, and what is different in the API's answer."""

    case: Case
    expected: list[Row] | dict[str, Any]
    difference: str


@pytest.fixture(scope="module")
def answers(oracle: Oracle, clients: dict[bool, APIClient]) -> list[Answer]:
    """Every case; of each filter one database is asked the one half, the other the other."""
    cases = [*Cases(oracle, random.Random(SEED)).all(CASES, SINGLE_CASES)]
    asked = {*sample(range(len(cases)), 2, HERE)}
    return [
        ask(oracle, clients[case.sees_all] if place in asked else None, case)
        for place, case in enumerate(cases)
    ]


def ask(oracle: Oracle, client: APIClient | None, case: Case) -> Answer:
    expected = oracle.select(case.query, case.sees_all)
    if client is None:
        return Answer(case, expected, "")
    query = {**case.query, "ordering": case.ordering, "limit": 500, "fields": "code"}
    response = client.get(PROJECTS, query)
    body = response.json()
    if isinstance(expected, dict):
        return Answer(case, expected, refusal_difference(expected, response.status_code, body))
    if response.status_code != 200:
        return Answer(case, expected, f"{response.status_code} {body.get('errors')}")
    expected = in_order(expected, case.ordering)
    return Answer(case, expected, list_difference(expected, body))


def refusal_difference(refused: dict[str, Any], status: int, body: dict[str, Any]) -> str:
    errors = {error["parameter"]: error for error in body.get("errors", [])}
    if status != 400 or set(errors) != set(refused):
        return f"expected a 400 for {refused}, not {status} for {set(errors)}"
    for name, error in refused.items():
        listed = [candidate["code"] for candidate in errors[name].get("candidates") or []]
        if error.candidates is None:  # the nearest codes may be named, but none that is hidden
            listed = [code for code in listed if "DRAFT" in code.upper()]
        if sorted(listed) != sorted(error.candidates or []):
            return f"{name}: expected the candidates {error.candidates}, not {listed}"
    return ""


def list_difference(expected: list[Row], body: dict[str, Any]) -> str:
    codes = [row["code"] for row in expected]
    found = [row["code"] for row in body["results"]]
    if found == codes:
        return "" if body["next"] is body["previous"] is None else "a page beyond the last"
    missing, excess = sorted(set(codes) - set(found)), sorted(set(found) - set(codes))
    if missing or excess:
        return f"missing {missing}, too many {excess}"
    place = next(n for n, pair in enumerate(zip(found, codes, strict=False)) if len({*pair}) > 1)
    return f"order: from row {place} {found[place : place + 5]}, not {codes[place : place + 5]}"


# --- What the oracle knows -------------------------------------------------------------------


def test_the_oracle_knows_every_filter_and_every_order() -> None:
    assert sorted([*PARAMETERS, *ELSEWHERE]) == sorted(ProjectFilterSet.base_filters)
    assert sorted(ORDERINGS) == sorted(ProjectViewSet.ordering_fields)


@pytest.mark.slow
def test_the_data_holds_the_traps(oracle: Oracle) -> None:
    rows = oracle.projects
    for name in (
        "origin_id",
        "origin_city",
        "sector_division",
        "hitech",
        "investment_cny",
        "stage",
        "signed_on",
        "agreement_type",
        "source",
        "kind",
        "stage_on",
        "land_mu",
    ):
        unknown = sum(row[name] is None for row in rows)
        assert len(rows) * 0.05 < unknown < len(rows) * 0.9, name
    assert any(row["stage"] == "signed" and row["signed_on"] is None for row in rows)
    assert any(len(row["organisations"]) > 1 for row in rows)
    assert any(len(row["events"]) > 1 for row in rows)
    assert {row["publication"] for row in rows} == {"draft", "published", "withdrawn"}
    assert 0.5 < len(oracle.visible(False)) / len(rows) < 0.9


# --- Lists -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_api_answers_every_question_as_the_oracle_does(answers: list[Answer]) -> None:
    assert len(answers) == CASES
    wrong = [answer for answer in answers if answer.difference]
    if wrong:
        lines = [f"{answer.case}\n    {answer.difference}" for answer in wrong[:SHOWN]]
        pytest.fail("\n".join([f"{len(wrong)} of {len(answers)} differ:", *lines]), pytrace=False)


@pytest.mark.slow
def test_the_api_judges_each_bound_as_the_oracle_does(
    oracle: Oracle, clients: dict[bool, APIClient]
) -> None:
    wrong = []
    codes = {row["code"] for row in oracle.projects if row["code"].startswith(PREFIX)}
    for query in ask_at_bounds(MOMENTS[1].isoformat()):
        answer = ask(oracle, clients[True], Case(query, "code", sees_all=True))
        there = {row["code"] for row in answer.expected} & codes
        assert 0 < len(there) < len(codes), query
        wrong += [f"{query}: {answer.difference}"] if answer.difference else []
    assert wrong == []
    expected = [row for row in oracle.projects if row["code"] in codes]
    for period in ("year", "quarter", "month"):
        names = ["size_band", *(f"{name}_{period}" for name in DATED)]
        query = {"code": ",".join(codes), "facets": ",".join(names)}
        facets = clients[True].get(f"{PROJECTS}/facets", query).json()["facets"]
        for name in names:
            values = Counter(v for row in expected for v in VALUES[name](oracle, row, True))
            assert {item["value"]: item["count"] for item in facets[name]} == values, name


@pytest.mark.slow
def test_at_least_half_of_the_questions_find_something(answers: list[Answer]) -> None:
    found = [answer for answer in answers if answer.expected and not is_refused(answer)]
    refused = [answer for answer in answers if is_refused(answer)]
    assert len(found) * 2 >= len(answers)
    assert 0 < len(refused) * 10 < len(answers)


def is_refused(answer: Answer) -> bool:
    return isinstance(answer.expected, dict)


@pytest.mark.slow
def test_every_filter_finds_some_finds_nothing_and_finds_the_unknown(
    oracle: Oracle, answers: list[Answer]
) -> None:
    everything = {sees_all: len(oracle.visible(sees_all)) for sees_all in (True, False)}
    hits, misses, unknowns = set(), set(), set()
    for answer in answers:
        if is_refused(answer):
            continue
        case, count = answer.case, len(answer.expected)
        misses |= set(case.query) if not count else set()
        unknowns |= {
            name for name, text in case.query.items() if "unknown" in re.split(", ?", text)
        }
        if len(case.query) == 1 and 0 < count < everything[case.sees_all]:
            hits |= set(case.query)
    every = set(PARAMETERS)
    assert every - hits == set()
    assert every - misses == set()
    assert every - CANNOT_BE_UNKNOWN - unknowns == set()


# --- Facets ----------------------------------------------------------------------------------


def accepted(oracle: Oracle, seed: int) -> Iterator[tuple[Case, list[Row]]]:
    """Questions that are not refused, with their answers; two thirds of them find something."""
    dice = random.Random(seed)
    cases = Cases(oracle, dice)
    made = 0
    while made < FEW_CASES:
        case = cases.any()
        expected = oracle.select(case.query, case.sees_all)
        if isinstance(expected, list) and (expected or dice.random() < 0.3):
            made += 1
            yield case, in_order(expected, case.ordering)


@pytest.mark.slow
def test_facets_count_what_the_oracle_counts(
    oracle: Oracle, clients: dict[bool, APIClient]
) -> None:
    dice = random.Random(SEED)
    seen = set()
    unseen = [*DIMENSIONS]
    for case, expected in accepted(oracle, SEED + 1):
        names = unseen[:3] or dice.sample([*DIMENSIONS], 3)
        unseen = unseen[3:]
        seen |= set(names)
        query = {**case.query, "facets": ",".join(names)}
        body = clients[case.sees_all].get(f"{PROJECTS}/facets", query).json()
        assert body["count"] == len(expected), case
        assert list(body["facets"]) == names
        for name, items in body["facets"].items():
            counts = {item["value"]: item["count"] for item in items}
            values = VALUES[name]
            counted = Counter(v for r in expected for v in values(oracle, r, case.sees_all))
            # Where groups overlap, those that a filter of their name does not name are not shown.
            shown = set(counts) if name in case.query else set(counted)
            assert counts == {v: n for v, n in counted.items() if v in shown}, f"{case} {name}"
            assert len(items) == len(counts)
            for item in dice.sample(items, len(items) if IS_LONG else min(len(items), 1)):
                listed = clients[case.sees_all].get(item["list_url"] + "&count=exact&limit=1")
                assert listed.json()["count"] == item["count"], f"{case} {item}"
    assert seen == set(DIMENSIONS)


# --- Files -----------------------------------------------------------------------------------


def in_file(name: str, value: Any) -> Any:
    """How a value of the JSON list stands in the file."""
    if isinstance(value, dict):  # of further columns
        value = "\n".join(f"{header}：{text}" for header, text in value.items())
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if name in ("created_at", "updated_at"):
        return datetime.fromisoformat(value).replace(microsecond=0)
    if isinstance(value, str) and value.lstrip("' \"\t\n")[:1] in (*"=+-@＝＋－＠",) and value:
        return f"'{value}"  # a spreadsheet would run it
    return str(value)


def from_file(name: str, text: str) -> Any:
    return datetime.fromisoformat(text) if name in ("created_at", "updated_at") else text


@pytest.mark.slow
def test_the_file_holds_the_rows_of_the_list_walked_page_by_page(
    oracle: Oracle, clients: dict[bool, APIClient]
) -> None:
    for case, expected in accepted(oracle, SEED + 2):
        client = clients[case.sees_all]
        query = {**case.query, "ordering": case.ordering}
        response = client.get(f"{PROJECTS}.csv", query)
        content = b"".join(response.streaming_content).decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(content, newline="")))
        rows = walk(client, "projects", **query, limit=100)
        codes = [line["code"] for line in lines]
        assert codes == [row["code"] for row in rows] == [row["code"] for row in expected], case
        for line, row in zip(lines, rows, strict=True):
            common = [name for name in line if name in row and name != "investors"]
            assert len(common) > 35
            found = {name: from_file(name, line[name]) for name in common}
            assert found == {name: in_file(name, row[name]) for name in common}, case
            investors = [
                i["organisation_name_zh"] or i["organisation_name_en"] for i in row["investors"]
            ]
            assert in_file("", "；".join(investors)) == line["investors"], case
