"""Files: all projects as CSV beside what the database writes, a row of it beside a platform's."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from tempfile import TemporaryFile
from typing import Any

import psycopg

from benchmarks import raw_sql
from benchmarks.bench import Bench
from benchmarks.clients import RefusedError, take_time
from benchmarks.directus import PROJECTS
from benchmarks.questions import LISTS

SHELL = "sqlite3"
THEIR_ROWS = 10_000


def measure_files(bench: Bench) -> None:
    """All projects as CSV: whole requests, one after the other with the database's own."""
    ledger, case = bench.client("ledger"), LISTS["all"]
    contestants: dict[str, Callable[[], Any]] = {"ledger": ledger.asks(case.csv_address)}
    if writer := find_writer(bench):
        contestants["database"] = writer
    rounds = max(bench.few // 2, 2)
    times = bench.results.compare("csv.all", f"CSV of {bench.count:,} rows", contestants, rounds)
    if "ledger" in times:
        measure_rows(bench, min(times["ledger"]) / bench.count)
    command = [sys.executable, "-m", "benchmarks.memory", case.csv_address]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    before, peak = map(int, done.stdout.split()[-2:])
    bench.results.say(f"{before} MB of a server's process before it writes the file")
    bench.results.keep("csv.memory", peak, "the most memory while it is written", "MB")


def find_writer(bench: Bench) -> Callable[[], Any] | None:
    """What writes the same rows as fast as the database itself can; None without its shell."""
    sql = raw_sql.whole_table(LISTS["all"], bench.vendor)
    if bench.vendor == "postgresql":
        return lambda: copy_file(bench.url, sql)
    if not shutil.which(SHELL):
        return None
    path = bench.url.removeprefix("sqlite:///")
    return lambda: write_by_shell(path, sql)


def copy_file(url: str, sql: str) -> None:
    """PostgreSQL's COPY, fetched by a client and written to disk."""
    copy = f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)"
    with (
        TemporaryFile() as file,
        psycopg.connect(url) as database,
        database.cursor().copy(copy) as blocks,
    ):
        for block in blocks:
            file.write(block)


def write_by_shell(path: str, sql: str) -> None:
    """SQLite's own shell."""
    with TemporaryFile() as file:
        subprocess.run([SHELL, "-readonly", "-csv", "-header", path, sql], stdout=file, check=True)


def measure_rows(bench: Bench, seconds: float) -> None:
    """A row of the file beside one of a platform's export."""
    bench.results.keep("csv.row", seconds * 1e6, "CSV, a row", "µs")
    if not bench.has("directus"):
        return
    address = f"{PROJECTS.replace('limit=100', f'limit={THEIR_ROWS}')}&export=csv"
    try:
        theirs = take_time(bench.client("directus").asks(address)) / min(bench.count, THEIR_ROWS)
    except RefusedError as error:
        bench.results.fail("CSV, a row: directus", error)
        return
    title = "CSV, a row: ledger / directus"
    bench.results.keep("csv.row:directus", seconds / theirs, title, "x")
