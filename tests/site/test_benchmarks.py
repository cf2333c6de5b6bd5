"""The benchmark runs, asks raw SQL the same as the ledger, and judges by the targets."""

import subprocess
import sys

import pytest
from django.db import connection
from django.test import Client

from benchmarks import multiply
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
