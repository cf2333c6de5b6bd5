"""What is stated of sums: percentages and their bounds, what is not known, what adds up."""

from typing import Any

from django.utils import translation

from projects.lifecycle.rates import RATES
from projects.summaries.follow_through import (
    describe_coverage,
    is_thinly_covered,
    state_rate,
    work_out_coverage,
)
from projects.summaries.measures import (
    add_tallies,
    is_of_several_kinds,
    state_funding_facts,
    state_project_facts,
)
from tests.together import together

OF_MONEY = "funds_in_place_rate"


def state(
    name: str, numerator: Any, denominator: Any, not_known: Any = None, covered: Any = 0
) -> Any:
    parts = {"numerator": numerator, "denominator": denominator, "not_known": not_known}
    sums = {f"{name}_{part}": value for part, value in (parts | {"covered": covered}).items()}
    return state_rate(name, RATES[name], sums, lambda filters: ",".join(filters))


@together(
    ("numbers", "percents"),
    [
        *[((1, 3), (33.33, 33.33)), ((2, 3, 1), (66.67, 100.0)), ((0, 7, 0), (0.0, 0.0))],
        *[((0, 0), (None, None)), ((None, None), (None, None)), ((None, 4, 1), (None, 25.0))],
        *[((5, 4), (125.0, 125.0)), ((1, 800), (0.13, 0.13)), ((3, 4, None), (75.0, 75.0))],
    ],
)
def test_a_rate_is_in_percent_and_at_most_with_what_is_not_known(
    numbers: tuple[Any, ...], percents: tuple[Any, Any]
) -> None:
    rate = state("start_rate", *numbers)
    assert (rate["percent"], rate["percent_at_most"]) == percents
    assert (rate["unit"], rate["coverage_percent"], rate["withheld"]) == ("projects", None, None)
    assert (rate["numerator"], rate["denominator"]) == numbers[:2]
    assert rate["not_known"] == (sum(filter(None, numbers[2:])))
    assert rate["not_known_list_url"] == "rate_not_known"
    assert (rate["numerator_list_url"], rate["denominator_list_url"]) == ("reached", "reached")


@together(
    ("covered", "percent", "coverage"),
    [(None, None, 0.0), (0, None, 0.0), (99, None, 49.5), (100, 12.5, 50.0), (101, 12.5, 50.5)],
)
def test_a_rate_of_money_is_given_where_half_of_it_is_reported(
    covered: int | None, percent: float | None, coverage: float
) -> None:
    rate = state(OF_MONEY, 25, 200, 50, covered)
    assert (rate["unit"], rate["percent"], rate["percent_at_most"]) == ("CNY", percent, 37.5)
    assert (rate["coverage_percent"], rate["withheld"] is None) == (coverage, percent is not None)


@together(
    ("covered", "whole", "is_thin"),
    [
        *[(None, None, False), (0, 0, False), (5, 0, False), (None, 100, True), (0, 1, True)],
        *[(49, 100, True), (50, 100, False), (51, 100, False), (1, 3, True), (1, 2, False)],
    ],
)
def test_less_than_half_is_thin(covered: int | None, whole: int | None, is_thin: bool) -> None:
    assert is_thinly_covered(covered, whole) is is_thin


def test_what_is_withheld_says_why() -> None:
    said = "Only {} % of the amounts agreed are of projects that reported what was paid in."
    with translation.override("en"):
        for percent, shown in ((49.5, "49.5"), (12.0, "12"), (None, "0")):
            assert describe_coverage(percent) == said.format(shown)


def test_what_is_itemised_is_a_share_of_what_was_declared() -> None:
    declared = {"a": {"value": 3}, "b": {"value": 8}, "c": {"value": 0}, "d": {"value": None}}
    itemised = {"a": 2, "b": None, "c": 1, "d": 1, "e": 1}
    shares = {"a": 66.67, "b": 0.0, "c": None, "d": None, "e": None}
    assert work_out_coverage({**declared, "e": None}, itemised) == shares


def test_tallies_are_added_up_by_name() -> None:
    first, second = {"count": 1, "a": 2}, {"count": 3, "b": 4}
    assert add_tallies([first]) == first
    assert add_tallies([first, second, second]) == {"count": 7, "a": 2, "b": 8}
    assert (first, second) == ({"count": 1, "a": 2}, {"count": 3, "b": 4})


def test_facts_of_projects_say_how_much_is_known() -> None:
    tally = {"count": 5, "investment_cny": 10, "investment_cny_known": 3}
    tally |= {
        "investment_cny_exact": 2,
        "agreement_contract": 1,
        "land_mu": 1250,
        "land_mu_known": 1,
    }
    facts = state_project_facts(tally, ("investment_cny", "land_mu"), lambda _more: None)
    assert (facts["count"], facts["investment_cny"], facts["land_mu"]) == (5, 10, 12.5)
    assert facts["amounts"] == {
        "investment_cny": {"exact": 2, "qualified": 1, "missing": 2},
        "land_mu": {"exact": 0, "qualified": 1, "missing": 4},
    }
    agreements = {"contract": 1, "framework": 0, "intent": 0, "unknown": 4}
    assert facts["count_by_agreement"] == agreements
    empty = state_project_facts({}, ("investment_cny",), lambda _more: None)
    assert (empty["count"], empty["investment_cny"]) == (0, None)
    assert {*empty["amounts"]["investment_cny"].values()} == {0}
    assert "investment_by_basis" not in state_project_facts(tally, ("count",), lambda _more: None)


@together(
    ("kinds", "amount"),
    [
        ({"kind_paid_in": 5}, 7),
        ({"kind_paid_in": 5, "kind_foreign": 0}, 7),
        ({"kind_paid_in": 5, "kind_foreign": 1}, None),
        ({}, 7),
    ],
)
def test_flows_of_several_kinds_are_no_amount(kinds: dict[str, int], amount: int | None) -> None:
    tally = {"count": 5, "amount_cny": 7, "amount_cny_known": 2, "amount_usd": 9, **kinds}
    tally |= {"reports_USD": 2, "reports_EUR": 0}
    measures = ("amount_cny", "amount_usd")
    facts = state_funding_facts(tally, measures, lambda more: str(more["currency"]))
    assert is_of_several_kinds(tally) is (amount is None)
    assert (facts["count"], facts["amount_cny"]) == (5, amount)
    dollars = None if amount is None else 9
    assert facts["amount_usd"] == dollars
    told = {"currency": "USD", "count": 2, "value": dollars, "list_url": "USD"}
    assert facts["other_currencies"] == [told]
    unknown = state_funding_facts({"count": 1}, measures, lambda _more: None)
    assert (unknown["amount_cny"], unknown["amount_usd"]) == (None, None)
