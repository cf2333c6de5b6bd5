"""What looks wrong in the rows of a project without being refused: dates, and totals that fall."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from projects.lifecycle.derivation import doubts, find_warnings
from tests.factories import FundingFactory, MilestoneFactory, ProjectFactory
from tests.together import together


def met(type_: str, on: str | None, status: str = "met") -> dict[str, Any]:
    return {"type": type_, "status": status, "actual_on": on}


BEFORE = "construction started ({}) is dated before contract signed ({})."


@together(
    ("signed", "started", "is_told"),
    [
        *[("2024-03", "2024-02", True), ("2024-03", "2024-02-29", True), ("2024-03", "2023", True)],
        *[("2024-03", "2024-03-01", False), ("2024-03-31", "2024-03", False)],
        *[("2024-03", "2024", False), ("2024-Q2", "2024-03", True), ("2024-Q2", "2024-04", False)],
        *[("2024-03-05", "2024-03-04", True), ("2024-03-05", "2024-03-05", False)],
        *[("2024", "2024-01-01", False), ("2024", "2023-12-31", True), ("2023", "2024", False)],
    ],
)
def test_a_step_that_lies_wholly_before_an_earlier_one_is_told(
    signed: str, started: str, is_told: bool
) -> None:
    steps = [met("signed", signed), met("started", started)]
    said = [BEFORE.format(started, signed)] if is_told else []
    with translation.override("en"):
        assert find_warnings(steps, []) == find_warnings(steps[::-1], []) == said


@together(
    "step",
    [
        met("started", "2023", "scheduled"),
        met("started", "2023", "revoked"),
        met("started", None),
        met("land_approval", "2023"),
        met("signed", "2023"),
        met("intended", "2023"),
    ],
)
def test_other_steps_contradict_nothing(step: dict[str, Any]) -> None:
    assert find_warnings([met("signed", "2024"), step], []) == []


@together(
    ("promised", "is_told"),
    [("1999", True), ("2025-12-31", True), ("2026-01", False), (None, False)],
)
def test_a_promise_before_the_project_began_is_told(promised: str | None, is_told: bool) -> None:
    steps = [met("lead", "2026-01"), met("signed", "2026-03")]
    steps.append(met("started", None, "scheduled") | {"promised_on": promised})
    said = f"construction started is promised for {promised}, before the project began (2026-01)."
    with translation.override("en"):
        assert find_warnings(steps, []) == ([said] if is_told else [])


def flow(amount: int, currency: str = "", **more: Any) -> dict[str, Any]:
    amounts = {"amount_cny": None, "amount_value": amount} if currency else {"amount_cny": amount}
    own = {"kind": "paid_in", "month": "2024-05", "is_cumulative": True, "amount_value": None}
    return own | {"currency": currency} | amounts | more


LESS = "{}: the total up to 2024-05 is {} less than before; the difference counts as a reduction."
APART = "What was paid in is summed in yuan; not in it: {}."


@together(
    ("flows", "said"),
    [
        ([flow(5)], []),
        ([flow(0)], []),
        ([flow(-1)], [LESS.format("paid in", "1 yuan")]),
        ([flow(-20_000)], [LESS.format("paid in", "20,000 yuan")]),
        ([flow(-5, is_cumulative=False)], []),
        ([flow(-5, kind="completed")], [LESS.format("investment completed", "5 yuan")]),
        ([flow(5, "USD")], [APART.format("USD")]),
        ([flow(5, "USD"), flow(5, "EUR"), flow(5, "USD")], [APART.format("EUR, USD")]),
        ([flow(5, "USD", kind="foreign")], []),
        ([flow(-7_000, "USD")], [LESS.format("paid in", "7,000 USD"), APART.format("USD")]),
    ],
)
def test_a_total_that_falls_and_other_currencies_are_told(
    flows: list[dict[str, Any]], said: list[str]
) -> None:
    with translation.override("en"):
        assert find_warnings([], flows) == said


@pytest.mark.django_db
def test_the_rows_of_a_project_are_looked_at() -> None:
    project = ProjectFactory.create()
    for type_, on in (("signed", "2024"), ("started", "2023")):
        MilestoneFactory.create(project=project, type=type_, on=on)
    for month, total in ((4, 10), (5, 4)):
        more = {"month": date(2024, month, 1), "reported_cny": total, "is_cumulative": True}
        FundingFactory.create(project=project, **more)
    with translation.override("en"):
        said = [BEFORE.format("2023", "2024"), LESS.format("paid in", "6 yuan")]
        assert doubts(project) == said


def test_amounts_are_written_in_the_language_of_the_sentence() -> None:
    with translation.override("zh-hans"):
        (said,) = find_warnings([], [flow(-20_000)])
    assert "2万元" in said
