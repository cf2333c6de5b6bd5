"""A WSGI application that adds up what DuckDB holds in memory: as fast as an analyst's own copy."""

import os
import sqlite3
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import orjson
import psycopg

from benchmarks.raw_sql import VISIBLE

COLUMNS = "origin_province, sector_section, signed_year, investment_cny, publication"
SUMMARY = """
    SELECT origin_province, sector_section, signed_year, COUNT(*), SUM(investment_cny)
    FROM projects WHERE publication = 'published' GROUP BY 1, 2, 3
"""


@cache
def load(url: str, columns: str = COLUMNS) -> duckdb.DuckDBPyConnection:
    """Load the columns that are counted by into memory, through a CSV file, once in a process.

    Not before the server forks: its threads would not be there any more.
    """
    database = duckdb.connect()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "projects.csv"
        write_rows(url, path, columns)
        database.execute(
            f"CREATE TABLE projects AS SELECT * FROM read_csv('{path}', header = false, "
            f"names = {columns.split(', ')}, types = {{'investment_cny': 'BIGINT'}}, "
            "sample_size = -1)"
        )
    return database


def write_rows(url: str, path: Path, columns: str) -> None:
    select = f"SELECT {columns} FROM projects_project p WHERE {VISIBLE}"
    with path.open("wb") as file:
        if url.startswith("sqlite"):
            stored = sqlite3.connect(url.removeprefix("sqlite:///"))
            for row in stored.execute(select):
                file.write(",".join("" if v is None else str(v) for v in row).encode() + b"\n")
            return
        copy = f"COPY ({select}) TO STDOUT (FORMAT csv)"
        with psycopg.connect(url) as stored, stored.cursor().copy(copy) as rows:
            for block in rows:
                file.write(block)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    if environ["PATH_INFO"] != "/summary":
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"null"]
    rows = load(os.environ["DATABASE_URL"]).cursor().execute(SUMMARY).fetchall()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [orjson.dumps(rows, default=int)]
