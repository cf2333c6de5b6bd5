"""The benchmark runs, asks raw SQL the same as the ledger, and judges by the targets."""

import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client

from benchmarks import multiply, reports, targets
from benchmarks.results import Results
from tests.factories import InvestorFactory, MilestoneFactory, ProjectFactory
from tests.paths import ROOT


@pytest.mark.long("a measurement")
def test_it_measures_a_small_ledger_beside_raw_sql() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "sqlite", "--without-peers"]
    ended = subprocess.run(
        [*command, "--projects", "200", "--rounds", "1", "--part", "lists"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    for key in ("all", "selective", "broad"):
        (line,) = [line for line in lines if line.startswith(f"list of 100, {key}: raw")]
        assert "ledger/raw" in line
    assert [line for line in lines if "otherwise" in line] == []  # the same JSON
    (row,) = [line for line in lines if line.startswith("| list of 100, broad | raw SQL")]
    assert "not measured" not in row


@pytest.mark.django_db(transaction=True)
def test_copies_have_all_that_belongs_to_a_project() -> None:
    investor = InvestorFactory(project__code="one", project__publication="published")
    MilestoneFactory(project=investor.project)
    models, indexes = multiply.list_models(), read_indexes()
    before = [model._default_manager.count() for model in models]
    multiply.multiply(2, is_whole=True)
    assert [model._default_manager.count() for model in models] == [3 * count for count in before]
    first, copy = (Client().get(f"/api/v1/projects/{code}").json() for code in ("one", "one-2"))
    assert copy["investors"] == first["investors"]
    assert {name for name in first if first[name] != copy[name]} == {
        *("code", "name_en", "name_zh"),
        "milestones",  # whose addresses have their keys
    }
    assert [each["type"] for each in copy["milestones"]] == ["signed"]
    ProjectFactory(code="next")
    assert read_indexes() == indexes


def read_indexes() -> set[tuple[str, ...]]:
    """The indexes of the catalogue, with what statistics are kept of their columns."""
    if connection.vendor == "postgresql":
        sql = (
            "SELECT indexdef, string_agg(attstattarget::text, ',' ORDER BY attnum) FROM pg_indexes"
            " JOIN pg_attribute ON attrelid = quote_ident(indexname)::regclass"
            " WHERE schemaname = 'public' GROUP BY indexdef"
        )
    else:
        sql = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return set(cursor.fetchall())


def test_ratios_are_those_of_each_round() -> None:
    results = Results("sqlite")
    times = {"ledger": [0.2, 0.6, 0.4], "raw": [0.1, 0.2, 0.4]}
    results.keep_ratios("list.broad", "list", "ledger", times)
    assert results.facts == {"list.broad:raw": 2, "list.broad:raw faster": 0.5}
    assert "2.00 (1.50 to 2.50)" in results.lines[1]


def test_what_cannot_be_measured_is_said_and_the_rest_goes_on() -> None:
    results = Results("sqlite")

    def fail() -> None:
        raise RuntimeError("away")

    times = results.compare("list.broad", "list", {"ledger": lambda: None, "raw": fail}, 3)
    assert (len(times["ledger"]), "raw" in times) == (3, False)
    assert "list: raw" in results.lines[0]
    assert "not measured: RuntimeError('away')" in results.lines[0]


def test_the_table_says_of_each_target_whether_it_is_met() -> None:
    facts = {"postgresql": {"list.broad:raw": 1.9}, "sqlite": {"list.broad:raw": 2.3}}
    (row,) = [
        line
        for line in targets.print_table(facts)
        if line.startswith("| list of 100, broad | raw SQL")
    ]
    assert row.endswith("| 1.9x | ≤ 2x | yes | 2.3x | ≤ 2.2x | **no** |")
    assert targets.print_table(facts)[-3:] == [
        *("postgresql: 1 of 1 targets met", ""),
        "sqlite: 0 of 1 targets met",
    ]


def test_growth_is_judged_against_the_smallest_size() -> None:
    measured = {
        "sqlite": reports.Measured({"list.broad": 30.0}, []),
        "sqlite 10000": reports.Measured({"list.broad": 10.0}, []),
    }
    report = reports.write_report(measured, 1_000_000, ["sqlite"])
    assert "| growth of the list from 10k |  | 3x | ≤ 2x | **no** |" in report
    assert "| sqlite, projects | 10,000 | 1,000,000 |" in report
