"""What rates count, in plain Python: which projects are in each, and of which nobody knows it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings

from tests.projects.oracle.terms import STAGES, Row
from tests.projects.oracle.tracking import count_back

Holds = Callable[[Row], bool]


def round_percent(part: int, whole: int) -> float:
    """Percent to two decimals, half up, in whole numbers alone."""
    return (20_000 * part + whole) // (2 * whole) / 100


def money_and_intent(children: dict[str, dict[int, list[Row]]], project: int) -> Row:
    """What of a project's rows rates ask for besides its stage: None is not reported."""
    flows = children["Funding"].get(project, [])
    paid_in = [
        flow["amount_cny"] for flow in flows if flow["kind"] == "paid_in" and not flow["currency"]
    ]
    milestones = children["Milestone"].get(project, [])
    return {
        "paid_in_cny": sum(paid_in) if paid_in else None,
        "has_money": any(
            (flow["amount_cny"] or flow["amount_value"] or 0) > 0
            for flow in flows
            if flow["kind"] != "foreign_agreed"
        ),
        "has_intent": any(m["type"] == "intended" and m["status"] == "met" for m in milestones),
    }


def at(lowest: str) -> Holds:
    return lambda row: (
        row["stage"] is not None and (STAGES.index(row["stage"]) >= STAGES.index(lowest))
    )


def is_fulfilled(row: Row) -> bool:
    return at("registered")(row) or (at("signed")(row) and row["has_money"])


def is_agreed(row: Row) -> bool:
    return at("signed")(row) and row["investment_basis"] == "agreed"


def is_reported(row: Row) -> bool:
    return is_agreed(row) and row["paid_in_cny"] is not None


def has_intent(row: Row) -> bool:
    return bool(row["has_intent"])


# Name: which projects have reached it, and of which ones
RATES: dict[str, tuple[Holds, Holds]] = {
    "fulfilment_rate": (is_fulfilled, at("signed")),
    "survival_rate": (
        lambda row: at("signed")(row) and row["standing"] != "terminated",
        at("signed"),
    ),
    "registration_rate": (at("registered"), at("signed")),
    "start_rate": (at("started"), at("signed")),
    "completion_rate": (at("completed"), at("signed")),
    "operation_rate": (at("operating"), at("signed")),
    "conversion_rate": (lambda row: has_intent(row) and at("signed")(row), has_intent),
    "funds_in_place_rate": (is_reported, is_agreed),
    "reported_funds_in_place_rate": (is_reported, is_reported),
}
OF_MONEY = ("funds_in_place_rate", "reported_funds_in_place_rate")


def is_not_known(name: str, row: Row) -> bool:
    """Whether nobody knows if a project of the denominator has reached it."""
    reached, of = RATES[name]
    has_ended = row["standing"] in ("terminated", "merged", "closed")
    if not of(row) or reached(row) or has_ended:
        return False
    return (
        name in OF_MONEY
        or row["news_on"] is None
        or row["news_on"][1] < count_back(settings.STALE_MONTHS)
    )


def expect_rate(name: str, rows: list[Row]) -> dict[str, Any]:
    """What an answer says of these projects, without names and lists."""
    reached, of = RATES[name]
    parts = {
        "numerator": [row for row in rows if reached(row)],
        "denominator": [row for row in rows if of(row)],
        "not_known": [row for row in rows if is_not_known(name, row)],
    }
    if name not in OF_MONEY:
        numbers: dict[str, Any] = {part: len(those) for part, those in parts.items()}
    else:
        columns = {"numerator": "paid_in_cny"}
        numbers = {
            part: sum(row[columns.get(part, "investment_cny")] for row in those) if those else None
            for part, those in parts.items()
        }
        numbers["not_known"] = numbers["not_known"] or 0
    above, below = numbers["numerator"] or 0, numbers["denominator"]
    numbers["percent"] = round_percent(above, below) if below else None
    most = above + numbers["not_known"]
    numbers["percent_at_most"] = round_percent(most, below) if below else None
    numbers["coverage_percent"] = None
    numbers["is_withheld"] = False
    if name == "funds_in_place_rate" and below:
        covered = sum(row["investment_cny"] for row in parts["numerator"])
        numbers["coverage_percent"] = round_percent(covered, below)
        numbers["is_withheld"] = covered * 2 < below
    if numbers["is_withheld"] or numbers["numerator"] is None:
        numbers["percent"] = None
    return numbers
