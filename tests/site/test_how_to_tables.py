"""The pages on DuckDB and Power Query: the ledger answers as they take for granted."""

import csv
import io
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import found
from tests.paths import DOCS

DUCKDB = DOCS / "how-to" / "r-and-duckdb.md"
POWER_QUERY = [DOCS / "how-to" / "power-query.md", DOCS / "zh-Hans" / "power-query.md"]
# What a cell of a type of Power Query may be
CELLS = {
    "type text": r".*",
    "type number": r"-?\d+(\.\d+)?|",
    "Int64.Type": r"-?\d+|",
    "type logical": r"true|false",
}

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def find_blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def read(response: Any) -> str:
    assert response.status_code == 200
    return b"".join(response).decode("utf-8-sig")


def test_duckdb_adds_up_what_the_page_says(api: APIClient, tmp_path: Path) -> None:
    (commands,), (program,) = find_blocks(DUCKDB, "sh"), find_blocks(DUCKDB, "python")
    for name, address in re.findall(r"-o (\S+) 'http://127\.0\.0\.1:8000([^']+)'", commands):
        (tmp_path / name).write_text(read(api.get(address)), encoding="utf-8")
    told = "print(by_basis.fetchall(), duckdb.sql('SELECT sum(count)::BIGINT FROM summary'))"
    command = [sys.executable, "-c", f"{program}\n{told}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    query = {"group_by": "investment_basis", "reached": "signed", "counts_in_totals": "true"}
    rows = found(api.get("/api/v1/projects/summary", query))["rows"]
    for row in rows:
        missing = row["amounts"]["investment_cny"]["missing"]
        facts = f"{row['count']}, {row['investment_cny']}, {missing})"
        assert facts in done.stdout, done.stdout
    total = found(api.get("/api/v1/projects/summary"))["total"]["count"]
    assert re.search(rf"│ +{total} │\n└─+┘\n*$", done.stdout), done.stdout


def read_question(query: str) -> tuple[str, dict[str, str]]:
    """The address and the parameters that a query in M asks for."""
    (path,) = re.findall(r'RelativePath = "(.*?)"', query)
    (record,) = re.findall(r"Query = \[(.*?)\]", query, re.DOTALL)
    return f"/{path}", dict(re.findall(r'(\w+) = "(.*?)"', record))


def read_types(query: str) -> dict[str, str]:
    """The type of each column, in their order."""
    (typed,) = re.findall(
        r"Typed = Table.TransformColumnTypes\(\w+, \{(.*?)\n    \}", query, re.DOTALL
    )
    return dict(re.findall(r'\{"(.*?)", ([\w. ]+)\}', typed))


@pytest.mark.parametrize("page", POWER_QUERY, ids=lambda page: page.parent.name)
def test_power_query_finds_the_columns_that_it_names(api: APIClient, page: Path) -> None:
    of_list, of_summary, _token = find_blocks(page, "powerquery")
    types = read_types(of_list)
    rows = list(csv.DictReader(io.StringIO(read(api.get(*read_question(of_list))))))
    assert list(rows[0]) == list(types)
    for row in rows:
        for name, kind in types.items():
            assert re.fullmatch(CELLS[kind], row[name], re.DOTALL), (name, row)

    answer = found(api.get(*read_question(of_summary)))
    opened = re.findall(r'ExpandRecordColumn\(\w+, "(\w+)", \{(.*?)\}', of_summary)
    for row in answer["rows"]:
        for column, names in opened:
            shown = row if column == "row" else row[column]
            assert {*re.findall(r"\w+", names)} <= {*shown}
    (shown,) = (names for column, names in opened if column == "row")
    assert len(read_types(of_summary)) == len(re.findall(r"\w+", shown))
