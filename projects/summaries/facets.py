"""How many projects of a list have each value of its dimensions."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Count, F, QuerySet

from projects.dimensions.groupings import Asked, Dimension, Grouping
from projects.summaries.by_columns import add_up_by_columns
from projects.summaries.by_parks import (
    OF_SOME_PARKS,
    Parameters,
    ParkCell,
    ParkSums,
    add_up_by_parks,
    merge_cells,
    split_by_parks,
)
from projects.summaries.sums import query_sums

# Those that are counted when none is named
USUAL_FACETS = (
    *("park", "origin_group", "origin_province", "origin_city", "sector_section"),
    *("sector_division", "hitech", "stage", "standing", "kind", "function", "site_mode"),
    *("agreement_type", "investment_basis", "signed_year"),
)


_MOST_AT_ONCE = 30  # PostgreSQL numbers the grouping sets by the bits of an integer
_CHUNK = 5_000  # rows that are counted at once

KeyCounts = dict[Any, int]  # how many rows have each key of a grouping


@dataclass(frozen=True)
class Facets:
    """How many projects there are, and how many have each value of each dimension.

    Each item has `value` (null for unknown), `name_zh`, `name_en` and `count`: the most frequent
    first, unknown last. The counts of a dimension add up to `count`, unless its groups overlap.
    """

    count: int
    of_dimensions: dict[str, list[dict[str, Any]]]


def count_facets(
    projects: QuerySet,
    dimensions: Mapping[str, Dimension],
    asked: Asked,
    named: Mapping[str, Collection[Any]],
    *,
    are_few: bool = False,
) -> Facets:
    """Count the values of the dimensions, of projects that may be filtered in any way.

    `named` are the values that filters name of dimensions whose groups overlap: others are not
    shown, as in a summary. Where `are_few`, each of the rows is read once, whatever the database.
    """
    projects = projects.order_by()
    groupings = {name: each.grouping(asked) for name, each in dimensions.items()}
    plain = {name: each for name, each in groupings.items() if not each.joined}
    counted = _count_read(projects, plain) if are_few else _count_keys(projects, plain)
    whole = sum(next(iter(counted.values())).values()) if counted else projects.count()
    for name, grouping in groupings.items():
        if grouping.joined:
            cells = query_sums(projects, [grouping], {"count": Count("pk")}, "")
            counted[name] = {key: tally["count"] for (key,), tally in cells.items()}
    items = {
        name: _describe_values(groupings[name], counted[name], named.get(name))
        for name in dimensions
    }
    return Facets(whole, items)


def _describe_values(
    grouping: Grouping, keys: KeyCounts, named: Collection[Any] | None
) -> list[dict[str, Any]]:
    counts: dict[Any, int] = {}
    for key, count in keys.items():
        for value in grouping.values(key):
            if named is None or value in named:
                counts[value] = counts.get(value, 0) + count
    names = grouping.names([value for value in counts if value is not None])
    ordered = sorted(counts.items(), key=lambda item: (item[0] is None, -item[1], str(item[0])))
    return [
        {"value": value, "name_zh": zh, "name_en": en, "count": count}
        for value, count in ordered
        for zh, en in [names.get(value, (None, None))]
    ]


def _count_keys(rows: QuerySet, groupings: Mapping[str, Grouping]) -> dict[str, KeyCounts]:
    """Count the rows by the keys of each grouping, of all of them in one pass."""
    counted: dict[str, KeyCounts] = {name: {} for name in groupings}
    names = [*groupings]
    for start in range(0, len(names), _MOST_AT_ONCE):
        some = names[start : start + _MOST_AT_ONCE]
        keys = {f"facet_{n}": groupings[name].key("") for n, name in enumerate(some)}
        cells = _count_cells(rows, keys)
        for (place, key), (number,) in cells.items():
            counted[some[place]][key] = number
    return counted


def _count_cells(rows: QuerySet, keys: Mapping[str, Any]) -> ParkSums:
    """Count the rows by the place and the value of each key."""
    is_grouped = connections[rows.db].vendor == "postgresql"

    def name_keys(rows: QuerySet) -> QuerySet:
        return rows.annotate(of_park=F("park_id"), **keys).values_list("of_park", *keys)

    def read(sql: str, params: Parameters) -> Iterator[ParkCell]:
        with connections[rows.db].cursor() as cursor:
            if is_grouped:
                yield from _count_sets(cursor, [(sql, params)], [*keys])
            else:
                yield from _count_rows(cursor, sql, params, [*keys])

    def read_all() -> Iterable[ParkCell] | None:
        by = [[F("park_id"), key] for key in keys.values()]
        if found := add_up_by_columns(rows, by, [Count("pk")]):
            return [
                (park, (place, key), number)
                for place, counts in enumerate(found)
                for (park, key), number in counts.list_cells()
            ]
        if not is_grouped:
            return None
        parts = [name_keys(part).query.sql_with_params() for part in split_by_parks(rows)]
        with connections[rows.db].cursor() as cursor:
            return [*_count_sets(cursor, parts, [*keys])]

    keyed = name_keys(rows)
    cells = add_up_by_parks(keyed.filter(OF_SOME_PARKS), read, read_all)
    if cells is None:
        all_of_them = read_all() or read(*keyed.query.sql_with_params())
        cells = merge_cells({cell: numbers} for _park, cell, numbers in all_of_them)
    return cells


def _count_read(rows: QuerySet, groupings: Mapping[str, Grouping]) -> dict[str, KeyCounts]:
    keys = {f"facet_{n}": grouping.key("") for n, grouping in enumerate(groupings.values())}
    read = [*rows.annotate(**keys).values_list(*keys)] if keys else []
    columns = zip(*read, strict=True) if read else ((),) * len(keys)
    return {name: dict(Counter(column)) for name, column in zip(groupings, columns, strict=True)}


def _count_rows(
    cursor: Any, sql: str, params: Parameters, keys: Sequence[str]
) -> Iterator[ParkCell]:
    """Count rows by their first column and each other one, from one scan.

    SQLite would sort all of them for each column.
    """
    counts: list[Counter[tuple[int, Any]]] = [Counter() for _key in keys]
    cursor.execute(sql, params)
    while rows := cursor.fetchmany(_CHUNK):
        parks, *columns = zip(*rows, strict=True)
        for counted, column in zip(counts, columns, strict=True):
            counted.update(zip(parks, column, strict=True))
    for place, counted in enumerate(counts):
        for (park, key), number in counted.items():
            yield park, (place, key), (number,)


def _count_sets(
    cursor: Any, parts: Sequence[tuple[str, Parameters]], keys: Sequence[str]
) -> Iterator[ParkCell]:
    """Count the rows of some queries by their park and each other column, by grouping sets."""
    columns, sets = ", ".join(keys), ", ".join(f"(of_park, {key})" for key in keys)
    counted = [
        f"(SELECT GROUPING({columns}), COUNT(*), of_park, {columns} "  # noqa: S608
        f"FROM ({sql}) keyed GROUP BY GROUPING SETS ({sets}))"
        for sql, _params in parts
    ]
    cursor.execute(" UNION ALL ".join(counted), [each for _sql, params in parts for each in params])
    # Of the bits, that of the one column which is grouped by is 0
    place_of = {(1 << len(keys)) - 1 - (1 << n): len(keys) - 1 - n for n in range(len(keys))}
    for bits, number, park, *values in cursor.fetchall():
        place = place_of[bits]
        yield park, (place, values[place]), (number,)
