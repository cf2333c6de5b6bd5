"""Sums: summaries and facets, live, asked again, and as they stood before many edits."""

import subprocess
import sys
from datetime import UTC, datetime
from time import sleep
from urllib.parse import quote

import orjson

from benchmarks.bench import Bench
from benchmarks.directus import DIRECTUS_SUMMARY
from benchmarks.questions import FACETS, GROUP_BY, SUMMARY

_READ_SECONDS = 20  # in which columns of a million projects are read, and their reader has rested
_READ_AT_ONCE = 20_000  # projects whose columns are read within a request
_PROCESSES = 8  # connections, of which each process takes some


def let_columns_be_read(bench: Bench) -> None:
    """Ask until each process has the columns, which it reads beside requests on PostgreSQL."""
    clients = [bench.client("ledger") for _process in range(_PROCESSES)]
    for address in (SUMMARY, FACETS):
        for _turn in range(2):
            for client in clients:
                client.get(address)
            if bench.vendor == "postgresql" and bench.count > _READ_AT_ONCE:
                sleep(_READ_SECONDS)


def measure_summaries(bench: Bench) -> None:
    """A summary by three dimensions beside the same by joins, by columns, and in memory."""
    let_columns_be_read(bench)
    ledger, raw = bench.client("ledger"), bench.client("raw")
    contestants = {
        "ledger": ledger.asks(SUMMARY),
        "plain": raw.asks("/summary?plain"),
        "raw": raw.asks("/summary?raw"),
    }
    if bench.has("duckdb"):
        contestants["duckdb"] = bench.client("duckdb").asks("/summary")
    if bench.has("directus"):
        contestants["directus"] = bench.client("directus").asks(DIRECTUS_SUMMARY)
    say_sums(bench)
    bench.results.compare("summary.live", f"summary by {GROUP_BY}", contestants, bench.few)
    facets = {"ledger": ledger.asks(FACETS), "summary": ledger.asks(SUMMARY)}
    bench.results.compare("facets.eight", "eight facets", facets, bench.few)


def say_sums(bench: Bench) -> None:
    """Say where the ledger and raw SQL do not count the same groups and projects."""
    rows = orjson.loads(bench.client("ledger").get(SUMMARY))["rows"]
    for kind in ("plain", "raw"):
        others = orjson.loads(bench.client("raw").get(f"/summary?{kind}"))
        mine = len(rows), sum(row["count"] for row in rows)
        theirs = len(others), sum(row[-2] for row in others)
        if mine != theirs:
            bench.results.say(f"{kind} SQL sums up otherwise: {theirs}, the ledger {mine}")


def measure_past(bench: Bench) -> None:
    """The summary as of a moment since when a tenth of the projects was edited once."""
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    command = [sys.executable, "-m", "benchmarks.editing", str(bench.count // 10)]
    subprocess.run(command, check=True)
    let_columns_be_read(bench)
    ledger, raw = bench.client("ledger"), bench.client("raw")
    contestants = {
        "ledger": ledger.asks(f"{SUMMARY}&as_of={quote(moment)}"),
        "plain": raw.asks("/summary?plain"),
        "live": ledger.asks(SUMMARY),
    }
    bench.results.compare("as_of.summary", "summary as_of", contestants, bench.few)
