"""Facets: the number of projects for each value of a list's dimensions."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, F, QuerySet

from config.database import history
from projects.dimensions.groupings import Dimension, Grouping, GroupingContext
from projects.summaries import sums

USUAL_FACETS = (
    *("park", "origin_group", "origin_province", "origin_city", "sector_section"),
    *("sector_division", "hitech", "stage", "standing", "kind", "function", "site_mode"),
    *("agreement_type", "investment_basis", "signed_year"),
)


_MOST_AT_ONCE = 30  # PostgreSQL numbers the grouping sets by the bits of an integer
_CHUNK = 5_000  # rows that are counted at once

KeyCounts = dict[Any, int]  # the number of rows by the key of a grouping


@dataclass(frozen=True)
class Facets:
    """The number of projects, and the number for each value of each dimension.

    Each item has `value` (null for unknown), `name_zh`, `name_en` and `count`: the most frequent
    first, unknown last. The counts of a dimension add up to `count`, unless its groups overlap.
    """

    count: int
    of_dimensions: dict[str, list[dict[str, Any]]]


def count_facets(
    projects: QuerySet,
    dimensions: Mapping[str, Dimension],
    context: GroupingContext,
    named: Mapping[str, Collection[Any]],
    *,
    are_few: bool = False,
) -> Facets:
    """Count projects by the values of dimensions.

    `named` are the values that filters of overlapping dimensions name: others are not shown, as in
    a summary. With `are_few`, the rows are read on every database.
    """
    projects = projects.order_by()
    groupings = {name: each.grouping(context) for name, each in dimensions.items()}
    plain = {name: each for name, each in groupings.items() if not each.joined}
    counted = _count_keys(projects, plain, are_few=are_few) if plain else {}
    whole = sum(next(iter(counted.values())).values()) if counted else sums.count_matching(projects)
    for name, grouping in groupings.items():
        if grouping.joined:
            cells = sums.query_sums(projects, [grouping], {"count": Count("pk")}, "")
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


def _count_keys(
    rows: QuerySet, groupings: Mapping[str, Grouping], *, are_few: bool
) -> dict[str, KeyCounts]:
    """Count the rows by the keys of every grouping in one pass.

    By GROUPING SETS on PostgreSQL; by reading the rows on SQLite, which has none, and of few rows.
    """
    keys = {f"facet_{n}": each.key("") for n, each in enumerate(groupings.values())}
    reads_rows = are_few or connections[rows.db].vendor == "sqlite"

    def name_keys(some: QuerySet) -> QuerySet:
        for each in groupings.values():
            some = each.sets(some, "")
        return some.annotate(of_park=F("park_id"), **keys).values_list("of_park", *keys)

    def read(keyed: QuerySet) -> Iterable[sums.ParkCell]:
        return _count_read(keyed) if reads_rows else _count_sets(keyed, [*keys])

    cells = None if are_few or history.is_past() else sums.add_up_by_parks(rows, name_keys, read)
    if cells is None:
        found = read(name_keys(rows))
        cells = sums.merge_cells({cell: numbers} for _park, cell, numbers in found)
    counted: dict[str, KeyCounts] = {name: {} for name in groupings}
    names = [*groupings]
    for (place, key), (number,) in cells.items():
        counted[names[place]][key] = number
    return counted


def _count_read(keyed: QuerySet) -> Iterator[sums.ParkCell]:
    counts: dict[tuple[int, int], Counter[Any]] = defaultdict(Counter)
    get_park = itemgetter(0)
    rows = keyed.iterator(_CHUNK)
    while chunk := sorted(islice(rows, _CHUNK), key=get_park):
        for park, of_park in groupby(chunk, get_park):
            _parks, *columns = zip(*of_park, strict=True)
            for place, column in enumerate(columns):
                counts[park, place].update(column)
    for (park, place), counted in counts.items():
        for key, number in counted.items():
            yield park, (place, key), (number,)


def _count_sets(keyed: QuerySet, names: Sequence[str]) -> Iterator[sums.ParkCell]:
    try:
        sql, params = keyed.query.sql_with_params()
    except EmptyResultSet:  # no project can meet the conditions
        return
    for start in range(0, len(names), _MOST_AT_ONCE):
        some = names[start : start + _MOST_AT_ONCE]
        columns, sets = ", ".join(some), ", ".join(f"(of_park, {name})" for name in some)
        # GROUPING() has a bit for each column, 0 for the one that is grouped by
        places = {(1 << len(some)) - 1 - (1 << n): len(some) - 1 - n for n in range(len(some))}
        with connections[keyed.db].cursor() as cursor:
            cursor.execute(
                f"SELECT GROUPING({columns}), of_park, COUNT(*), {columns} "  # noqa: S608
                f"FROM ({sql}) keyed GROUP BY GROUPING SETS ({sets})",
                params,
            )
            for bits, park, number, *values in cursor.fetchall():
                place = places[bits]
                yield park, (start + place, values[place]), (number,)
