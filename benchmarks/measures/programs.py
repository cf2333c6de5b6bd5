"""What is measured by programs of their own, on databases of their own: imports, the floor, SQL."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

import psycopg

from benchmarks.bench import Bench
from benchmarks.clients import RefusedError
from tests.templates import BARE, SHIPPED, make_database, make_file

# Answers are not kept: what is asked again is worked out again
FRESH = {"CACHE_MAX_BYTES": "0"}
MOST_IMPORTED = 100_000


@contextmanager
def own_database(bench: Bench, kind: str = BARE) -> Iterator[str]:
    """The URL of a database of the tests' kinds beside the measured one, removed with the block."""
    name = f"bench_{token_hex(4)}"
    if bench.vendor == "sqlite":
        path = Path(os.environ["VAR_DIR"]) / f"{name}.sqlite3"
        shutil.copy(make_file(kind), path)
        try:
            yield f"sqlite:///{path}"
        finally:
            for each in path.parent.glob(f"{path.name}*"):
                each.unlink()
        return
    with psycopg.connect(bench.url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {make_database(kind, bench.url)}")
        try:
            yield f"{bench.url.rpartition('/')[0]}/{name}"
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def run_program(url: str, module: str, *arguments: str) -> str:
    """What a program of ours prints; `RefusedError` with what it says where it fails."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **FRESH, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RefusedError(f"{module} ended with {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def find_number(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise RefusedError(f"no “{pattern}” in: {text[-300:]}")
    return float(found[1].replace(",", ""))


def measure_import(bench: Bench) -> None:
    """A sheet imported into the ledger beside the same rows loaded.

    Last of all: the ledger holds more projects afterwards.
    """
    rows = min(bench.count, MOST_IMPORTED)
    told = run_program(bench.url, "benchmarks.importing", "--projects", str(rows))
    bench.results.say(told.rstrip())
    seconds = find_number(told, r"import +([\d.]+) s")
    ratio = seconds / find_number(told, r"plain +([\d.]+) s")
    title = f"import of {rows:,} rows / the same rows loaded plain"
    bench.results.keep("import:plain", ratio, title, "x")
    bench.results.keep("import.row", seconds / rows * 1e6, "import, a row", "µs")
    bench.results.keep(
        "import.memory", find_number(told, r"([\d.]+) MB at most"), "its memory", "MB"
    )


def measure_floor(bench: Bench) -> None:
    """What a request costs before it does anything: processor time beside a plain view."""
    with own_database(bench, SHIPPED) as url:
        told = run_program(url, "benchmarks.floor", "--rounds", str(max(bench.rounds, 10)))
    bench.results.say(told.rstrip())
    for title, ratio in re.findall(r"^(\S.*?) +[\d.]+ ms +([\d.]+)x", told, re.MULTILINE):
        bench.results.facts[f"floor.{title}"] = float(ratio)
