"""Measures the API on the current database beside plain SQL, in turn; prints times and ratios."""

import argparse
import csv
import gc
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import orjson
from django.db import connection

from benchmarks.site import Site  # isort: skip (sets Django up for those below)

from benchmarks import plain_sql  # isort: skip
from benchmarks.generate import fill  # isort: skip

LIMIT = 100
YRD = " OR ".join(
    f"(p.origin_id >= '{code}' AND p.origin_id < '{code + 1}')" for code in (31, 32, 33, 34)
)
AMOUNTS = "p.investment_cny >= 10000000 AND p.investment_cny <= 1000000000"
BY_AMOUNT = "p.investment_rank DESC, p.id DESC"
BY_CODE = "p.code_key"


@dataclass(frozen=True)
class Case:
    """One question, as a query of the API and as a condition in SQL."""

    title: str
    query: str
    where: str
    order: str


AMOUNTS_ASKED = "investment_min=1000万&investment_max=10亿&ordering=-investment_cny"
ALL = Case("all, by code", "", "1 = 1", BY_CODE)
SELECTIVE = Case(
    "yrd, C39, 10m to 1bn, by amount",
    f"origin=yrd&sector=C39&{AMOUNTS_ASKED}",
    f"({YRD}) AND p.sector_id >= 'C39' AND p.sector_id < 'C4' AND {AMOUNTS}",
    BY_AMOUNT,
)
BROAD = Case(
    "C, 10m to 1bn, by amount",
    f"sector=C&{AMOUNTS_ASKED}",
    f"p.sector_id >= 'C' AND p.sector_id < 'D' AND {AMOUNTS}",
    BY_AMOUNT,
)
LISTS = [ALL, SELECTIVE, BROAD]
FILES = [ALL, BROAD]


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("--projects", type=int, default=100_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=15, metavar="R", help="of lists; files: R/5")
    options = parser.parse_args(arguments)
    start = perf_counter()
    count = fill(options.projects)
    print(f"\n{_database()}, Python {platform.python_version()}, {count:,} projects", end=" ")
    print(f"(made in {perf_counter() - start:.0f} s)\n", flush=True)
    measure(options.rounds)


def measure(rounds: int) -> None:
    """Compare every case with plain SQL, first its answer and then its time."""
    site = Site()
    gc.collect()
    gc.freeze()  # as the server does once it is loaded
    print(f"{'':60}{'API':>10}{'plain SQL':>12}{'ratio':>8}")
    for case in LISTS:
        address = f"/api/v1/projects?limit={LIMIT}&{case.query}"
        _compare(
            f"list of {LIMIT}: {case.title}",
            lambda address=address: site.get(address),
            lambda case=case: plain_sql.list_page(case.where, case.order, LIMIT),
            _codes_of_page,
            rounds,
        )
    for case in FILES:
        address = f"/api/v1/projects.csv?{case.query}"
        for name, plain in _makers_of_files():
            _compare(
                f"CSV, {name}: {case.title}",
                lambda address=address: site.get(address),
                lambda case=case, plain=plain: plain(case.where, case.order),
                _codes_of_file,
                max(rounds // 5, 1),
            )
    _measure_memory(f"/api/v1/projects.csv?{ALL.query}")


def _measure_memory(address: str) -> None:
    """Ask for a file in a process of its own, and print the most memory that it had."""
    command = [sys.executable, "-m", "benchmarks.memory", address]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    before, peak = map(int, done.stdout.split()[-2:])
    print(f"memory without mapped files: {before} MB at first, {peak} MB while making {address}")


def _makers_of_files() -> list[tuple[str, Callable[[str, str], bytes]]]:
    makers = [("fetched", plain_sql.csv_file)]
    if connection.vendor == "postgresql":
        makers.append(("COPY", plain_sql.copied_file))
    elif shutil.which(plain_sql.SHELL):
        makers.append(("sqlite3 -csv", plain_sql.shell_file))
    return makers


def _compare(
    title: str,
    api: Callable[[], bytes],
    plain: Callable[[], bytes],
    codes: Callable[[bytes], list[str]],
    rounds: int,
) -> None:
    """Time both in turn, `rounds` times; the ratio is the median of each round's own."""
    answers = [codes(ask()) for ask in (api, plain)]
    if answers[0] != answers[1] or not answers[0]:
        raise RuntimeError(f"{title}: the API and plain SQL differ, or found nothing")
    times = [(_seconds(api), _seconds(plain)) for _round in range(rounds)]
    ratio = median(one / other for one, other in times)
    one, other = (median(column) * 1000 for column in zip(*times, strict=True))
    title = f"{title} ({len(answers[0]):,} rows)"
    print(f"{title:60}{one:>7.1f} ms{other:>9.1f} ms{ratio:>7.2f}x", flush=True)


def _seconds(ask: Callable[[], bytes]) -> float:
    connection.ensure_connection()  # a request leaves none open; plain SQL is not to pay for it
    start = perf_counter()
    ask()
    return perf_counter() - start


def _codes_of_page(body: bytes) -> list[str]:
    found = orjson.loads(body)
    if isinstance(found, dict):
        return [row["code"] for row in found["results"]]
    return [row["p_code"] for row in found]


def _codes_of_file(body: bytes) -> list[str]:
    lines = body.decode("utf-8-sig").splitlines(keepends=True)
    return [row[0] for row in csv.reader(lines)][1:]


def _database() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"
        cursor.execute("SELECT sqlite_version()")
        return f"SQLite {cursor.fetchone()[0]}"


if __name__ == "__main__":
    main(sys.argv[1:])
