"""The targets of the design's table of speed, one row each, and whether a run meets them."""

from collections.abc import Mapping, Sequence

from benchmarks.targets import Target, same

DRAWN = "drawn."
SLOWEST_ARE = " slowest, with their statements in ms:"


def row(work: str, fact: str, limit: float, unit: str = " ms", against: str = "") -> Target:
    return Target(work, against, DRAWN + fact, same(limit), unit)


SPEED: Sequence[Target] = (
    row("drawn reads, warm: p50", "reads.p50", 40),
    row("drawn reads, warm: p95", "reads.p95", 250),
    row("drawn reads, warm: max", "reads.max", 1500),
    row("drawn reads: refused", "refused", 0, ""),
    row("right after a write by another process: p95", "after.p95", 400),
    row("stale answers right after a write", "stale", 0, ""),
    row("drawn reads of a past moment, a tenth edited: p95", "past.p95", 600),
    row("drawn reads of a past moment: max", "past.max", 2000),
    row("a process's first answer of each kind: max", "first.max", 1500),
    row("asked again: p95", "again", 1, "x", "5 ms or a tenth"),
    row("PATCH of any field, POST with children: p95", "write.p95", 60),
    Target("8 writers, writes a second", "", "drawn.writers", same(60), "", is_least=True),
    row("8 writers: refused", "writers.refused", 0, ""),
    Target("CSV of everything", "COPY / sqlite3 -csv", "csv.all:database", (1.25, 1.5)),
    row("JSONL of everything", "jsonl:csv", 2, "x", "CSV"),
    row("XLSX of 100,000 rows", "xlsx:alone", 1.5, "x", "XlsxWriter alone"),
    row("a file whose reader has gone, processor a second", "files.left", 0.2, " s"),
    row("lists while a file is written: p95", "files.beside", 2, "x", "before"),
    Target("import of a sheet", "the same rows, plain", "import:plain", same(3)),
    Target("memory of an import", "", "import.memory", same(300), " MB"),
    row("drawn lists: p50 of ratios", "floor", 2, "x", "their own statements"),
    row("each statement of a page: p95", "statement", 60),
    Target("the worst row of the second table beside", "Directus", "drawn.directus", (1, None)),
    row("sums never asked: p50 of ratios", "sums:duckdb", 3, "x", "DuckDB in memory"),
    row("8 clients and a writer: p99", "clients.p99", 2000),
    row("8 clients and a writer: refused", "clients.refused", 0, ""),
    Target("8 clients and a writer", "raw SQL", "drawn.clients:raw", same(0.5), is_least=True),
    row("memory after all of it, a server process", "memory", 150, " MB"),
    row("growth of drawn lists from 10k: p50", "growth.lists", 2, "x"),
    Target("growth of an import from 10k, a row", "", "growth.import", same(1.3)),
)


def find_missed(facts: Mapping[str, Mapping[str, float]]) -> list[str]:
    """The targets that were measured and missed, with their database."""
    return [
        f"{database}: {target.work} ({target.fact})"
        for database, found in facts.items()
        for target in SPEED
        if target.fact in found and not target.is_met(database, found[target.fact])
    ]
