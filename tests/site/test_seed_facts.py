"""Every fact of the seed article is answered over HTTP as the product's own copy of it says."""

from functools import cache

import pytest
from rest_framework.test import APIClient

from fixtures.files import TABLES, read_table
from tests.answers import API, Row, found
from tests.conftest import read_fixture
from tests.together import together

FACTS = read_table(TABLES / "seed_facts.csv")
# What only fixtures have, or have in another form
OF_FILES = {"figures", "posts", "members", "value"}
HEDGED = {
    **dict.fromkeys(("F009", "F029", "F032", "F049", "F091"), "over"),
    **dict.fromkeys(("F010", "F014", "F033"), "nearly"),
    **{"F012": "about", "F036": "under", "F037": "about", "F089": "about"},
}


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


@cache
def read_rows(name: str) -> dict[str, Row]:
    """Return the rows of a fixture file by code."""
    return {row["code"]: row for row in read_fixture(name)}


def find_row(fact: dict[str, str]) -> tuple[Row, Row | None]:
    """Return the fixture row that holds a fact, and its figure or post if `member` names one."""
    row = read_rows(fact["lives_in"])[fact["code"]]
    within = [*row.get("figures", []), *row.get("posts", [])]
    part = next((each for each in within if each["code"] == fact["member"]), None)
    assert part or not fact["member"] or fact["member"] in row
    return row, part


def ask(api: APIClient, fact: dict[str, str], part: Row | None) -> Row:
    """What the API answers of the row that holds a fact."""
    resource = fact["lives_in"].replace("_", "-")
    address = f"{API}/{resource}/{fact['code']}"
    if part is None:
        return found(api.get(address))
    if resource == "events":
        return found(api.get(f"{address}/figures/{part['code']}"))
    (post,) = (one for one in found(api.get(address))["posts"] if one["code"] == part["code"])
    return Row(post)


def is_claim(fact: dict[str, str], part: Row | None) -> bool:
    """Whether a fact is a claim or an entry of a timeline."""
    return fact["lives_in"] in ("figures", "timeline") or (
        fact["lives_in"] == "events" and part is not None
    )


def test_the_facts_are_numbered_without_a_gap() -> None:
    assert [fact["id"] for fact in FACTS] == [f"F{number:03}" for number in range(1, 92)]


@together("fact", FACTS)
def test_a_fact_is_answered_as_the_copy_says(api: APIClient, fact: dict[str, str]) -> None:
    row, part = find_row(fact)
    told = part or row
    answer = ask(api, fact, part)
    for name in told.keys() - OF_FILES:
        assert answer[name] == told[name], name
    if "value" in told:
        assert answer["value"] == told["value"]
        assert answer["qualifier"] == HEDGED.get(fact["id"], "exact")
    assert fact["member"] != "note", "a fact is no prose"
    if is_claim(fact, part):
        assert answer["source"] == "SEED"
        assert answer["nature"]
        assert answer["attribution"], "in whose words"
        dated = answer["as_of"] if "as_of" in answer else answer["happened_on"]
        basis = answer["as_of_basis"] if "as_of" in answer else answer["happened_on_basis"]
        assert bool(dated) == bool(basis)


def test_the_timeline_is_asked_by_who_said_it_and_how(api: APIClient) -> None:
    def ask_codes(**query: str) -> set[str]:
        rows = found(api.get(f"{API}/timeline", {"limit": "100", **query}))["results"]
        return {row["code"] for row in rows}

    of_wang = ask_codes(said_by="wang-hao")
    assert of_wang == ask_codes(said_by="wang-hao-deputy-mayor")
    assert "baodi-zgc-purpose" in of_wang
    assert ask_codes(said_by="shi-xiaodong") == {"jjj-plan-view"}
    assert of_wang & ask_codes(said_by="unknown") == set()
    captions = {"baodi-zgc-photograph-2018", "baodi-zgc-photograph-2024"}
    assert ask_codes(attribution="caption") == captions
    assert ask_codes(attribution="unknown") & ask_codes(source="SEED") == set()


def test_figures_of_events_are_asked_by_how_they_are_said(api: APIClient) -> None:
    query = {"event": "jjj-chain-2023", "attribution": "narration", "source": "SEED"}
    rows = found(api.get(f"{API}/figures", query))["results"]
    assert {row["code"] for row in rows} == {"jjj-chain-2023-projects", "jjj-chain-2023-investment"}
    file = api.get(f"{API}/events/jjj-chain-2023/figures.csv?columns=code,attribution").getvalue()
    assert b"jjj-chain-2023-projects,narration" in file
