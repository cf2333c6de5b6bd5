"""How many projects of a list have each value of its dimensions."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, QuerySet

from projects.dimensions.groupings import Asked, Dimension, Grouping

# Those that are counted when none is named
USUAL_FACETS = (
    *("park", "origin_group", "origin_province", "origin_city", "sector_section"),
    *("sector_division", "hitech", "stage", "standing", "kind", "function", "site_mode"),
    *("agreement_type", "investment_basis", "signed_year"),
)


_MOST_AT_ONCE = 30  # PostgreSQL numbers the grouping sets by the bits of an integer

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
            counted |= _count_each(grouping.joined(projects, ""), {name: grouping})
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
    """Count the rows by the keys of each grouping: on PostgreSQL all of them in one pass."""
    if connections[rows.db].vendor != "postgresql":
        return _count_each(rows, groupings)
    names = [*groupings]
    counted: dict[str, KeyCounts] = {}
    for start in range(0, len(names), _MOST_AT_ONCE):
        some = {name: groupings[name] for name in names[start : start + _MOST_AT_ONCE]}
        counted |= _count_at_once(rows, some)
    return counted


def _count_each(rows: QuerySet, groupings: Mapping[str, Grouping]) -> dict[str, KeyCounts]:
    return {
        name: dict(
            rows.annotate(facet_key=grouping.key(""))
            .values_list("facet_key")
            .annotate(count=Count("pk"))
        )
        for name, grouping in groupings.items()
    }


def _count_read(rows: QuerySet, groupings: Mapping[str, Grouping]) -> dict[str, KeyCounts]:
    keys = {f"facet_{n}": grouping.key("") for n, grouping in enumerate(groupings.values())}
    read = [*rows.annotate(**keys).values_list(*keys)] if keys else []
    columns = zip(*read, strict=True) if read else ((),) * len(keys)
    return {name: dict(Counter(column)) for name, column in zip(groupings, columns, strict=True)}


def _count_at_once(rows: QuerySet, groupings: Mapping[str, Grouping]) -> dict[str, KeyCounts]:
    counted: dict[str, KeyCounts] = {name: {} for name in groupings}
    keys = {f"facet_{n}": grouping.key("") for n, grouping in enumerate(groupings.values())}
    try:
        keyed, params = rows.annotate(**keys).values_list(*keys).query.sql_with_params()
    except EmptyResultSet:  # no row can meet the filters
        return counted
    columns, sets = ", ".join(keys), ", ".join(f"({key})" for key in keys)
    with connections[rows.db].cursor() as cursor:
        cursor.execute(
            f"SELECT GROUPING({columns}), COUNT(*), {columns} FROM ({keyed}) keyed "  # noqa: S608
            f"GROUP BY GROUPING SETS ({sets})",
            params,
        )
        # Of the bits, that of the one column which is grouped by is 0
        place_of = {(1 << len(keys)) - 1 - (1 << n): len(keys) - 1 - n for n in range(len(keys))}
        names = [*groupings]
        for bits, count, *values in cursor.fetchall():
            place = place_of[bits]
            counted[names[place]][values[place]] = count
    return counted
