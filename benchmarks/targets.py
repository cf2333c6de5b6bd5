"""The targets of the design, one row each: what is measured against what, and how far it may be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BOTH = ("postgresql", "sqlite")


@dataclass(frozen=True)
class Target:
    """A fact, and the most that it may be; with `is_least` the least.

    `limits` are those of PostgreSQL and of SQLite; None where there is no target.
    """

    work: str
    against: str
    fact: str
    limits: tuple[float | None, float | None]
    unit: str = "x"
    is_least: bool = False

    def limit(self, database: str) -> float | None:
        return self.limits[BOTH.index(database)]

    def is_met(self, database: str, value: float) -> bool:
        limit = self.limit(database)
        return limit is None or (value >= limit if self.is_least else value <= limit)


def same(limit: float) -> tuple[float, float]:
    return limit, limit


TARGETS: Sequence[Target] = (
    Target("CSV of everything", "COPY / sqlite3 -csv", "csv.all:database", (1.25, 1.7)),
    Target("its memory", "", "csv.memory", same(150), "MB"),
    Target("list of 100, selective", "raw SQL + orjson", "list.selective:raw", (1.6, 2.2)),
    Target("list of 100, broad", "raw SQL + orjson", "list.broad:raw", (2.0, 2.2)),
    Target("page 9,000", "page 1", "list.deep:first", same(1.2)),
    Target("count=exact of all", "", "count.all", same(150), " ms"),
    Target(
        "summary by 3 dimensions",
        "plain joins",
        "summary.live:plain faster",
        (8, 15),
        is_least=True,
    ),
    Target("the same", "DuckDB in memory", "summary.live:duckdb", same(4)),
    Target("eight facets", "one summary", "facets.eight:summary", same(4)),
    Target("q, nowhere", "", "q.rare", same(10), " ms"),
    Target("q, everywhere", "", "q.common", same(60), " ms"),
    Target("304", "the full answer", "list.304:full", same(0.1)),
    Target("summary as_of, 10 % edited", "live with plain joins", "as_of.summary:plain", same(1.5)),
    Target("import of a sheet", "the same rows, plain", "import:plain", same(3)),
    Target("memory of an import", "", "import.memory", same(300), "MB"),
    Target("a small row", "a plain view of Django", "floor.small row", same(1.5)),
    Target(
        "one project, three filters", "a plain view", "floor.one project, three filters", same(2.5)
    ),
    Target("a page of 100", "a plain view", "floor.page of 100", same(4)),
    Target("growth of the list from 10k", "", "growth.list", same(2)),
    Target("growth of CSV, a row", "", "growth.csv", same(1.2)),
    Target("growth of an import, a row", "", "growth.import", same(1.2)),
    Target("list, broad", "Directus", "list.broad:directus", (1, None)),
    Target("list, selective", "Directus", "list.selective:directus", (1, None)),
    Target("page 9,000", "Directus", "list.deep:directus", (1, None)),
    Target("summary by 3 dimensions", "Directus", "summary.live:directus", (1, None)),
    Target("count of all", "Directus", "count.all:directus", (1, None)),
    Target("search, nowhere", "Directus", "q.rare:directus", (1, None)),
    Target("CSV of 10,000 rows", "Directus", "csv.row:directus", (1, None)),
)


def print_table(
    facts: Mapping[str, Mapping[str, float]], targets: Sequence[Target] = TARGETS
) -> list[str]:
    """Lines of the table: each target with what was measured on each database."""
    heads = [f"{name} | target | met" for name in facts]
    lines = [f"| work | against | {' | '.join(heads)} |", "|---" * (2 + 3 * len(facts)) + "|"]
    met = {name: 0 for name in facts}
    asked = {name: 0 for name in facts}
    for target in targets:
        cells = []
        for name, found in facts.items():
            limit, value = target.limit(name), found.get(target.fact)
            word = ""
            if value is not None and limit is not None:
                asked[name] += 1
                met[name] += target.is_met(name, value)
                word = "yes" if target.is_met(name, value) else "**no**"
            cells += [write(value, target), write_limit(target, limit), word]
        lines.append(f"| {target.work} | {target.against} | {' | '.join(cells)} |")
    for name in facts:
        lines += ["", f"{name}: {met[name]} of {asked[name]} targets met"]
    return lines


def write(value: float | None, target: Target) -> str:
    return "not measured" if value is None else f"{write_number(value)}{target.unit}"


def write_limit(target: Target, limit: float | None) -> str:
    if limit is None:
        return "-"
    return f"{'≥' if target.is_least else '≤'} {write_number(limit)}{target.unit}"


def write_number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1_000 else f"{value:.3g}"
