"""What derives of the rows of each project is what the oracle says of them."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User

from projects.models import Milestone, Project
from projects.models.words import DATED_STAGES, DERIVED, FROM_PROGRESS
from projects.writing.writing import StatedProject, write_projects
from sheets.dates import PartialDate, Precision
from tests.factories import ParkFactory
from tests.projects.oracle.oracle import Oracle
from tests.projects.oracle.terms import Row
from tests.projects.oracle.tracking import today

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PERIODS = ["stage_on", *DATED_STAGES]
WORDS = ["stage", "agreement_type", "hitech", "investment_qualifier", "investment_basis"]
SAME = ["investment_cny", "paid_in_cny", "next_planned_on", "has_intent", "has_money"]
# Filtered and grouped by in the other tests of this folder
ELSEWHERE = {"project_region", *FROM_PROGRESS}


def read_stored(row: Row) -> Row:
    """Read the derived columns of a row as the oracle writes them: None is unknown."""
    stored = {name: row[name] for name in SAME}
    stored |= {name: row[name] or None for name in (*WORDS, "capital_type")}
    for name in PERIODS:
        first, precision = row[name], row[f"{name}_precision"]
        last = first and PartialDate(first, Precision(precision)).last
        stored[name] = (first, last) if first else None
        assert bool(first) == bool(precision), name
    news_on = row["news_on"] and min(row["news_on"], today())
    return stored | {"news_on": news_on}


@pytest.mark.slow
def test_what_derives_of_rows_of_all_kinds(oracle: Oracle) -> None:
    known = {row["id"]: row for row in oracle.projects}
    told: dict[str, set[Any]] = {}
    for row in Project.objects.values("id", *DERIVED):
        for name, value in read_stored(row).items():
            expected = known[row["id"]][name]
            assert value == (expected and expected[1] if name == "news_on" else expected), name
            told.setdefault(name, set()).add(value)
    assert not [name for name, values in told.items() if len(values) < 2]  # each says several
    of_periods = {f"{name}_precision" for name in PERIODS}
    assert {*told} == {*DERIVED} - of_periods - ELSEWHERE


@pytest.mark.slow
def test_new_projects_are_one_version_of_one_revision(ledger_of_oracles: User) -> None:
    dated = {"actual_on": date(2024, 1, 1), "actual_on_precision": "year"}
    new = StatedProject(
        {"code": "one", "name_zh": "一号", "park_id": ParkFactory.create().pk},
        milestones=[{"type": "signed", **dated}],
    )
    write_projects([new])
    stored = Project.objects.get(pk=new.key)
    assert (stored.stage, str(stored.signed_on), stored.version) == ("signed", "2024-01-01", 1)
    assert stored.history.count() == Milestone.objects.get(project=stored).history.count() == 1
    assert stored.history.get().stage == "signed"
