"""Sums of rows by keys: the one way in which the ledger counts and adds up.

The database groups by columns of the project itself, so that few rows come back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import neg
from typing import Any

from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _

from config import history
from config.api.problems.errors import QueryError
from config.mistakes import Mistake
from config.snapshots import snapshot
from projects.dimensions.groupings import Grouping
from projects.models import Project
from projects.summaries.by_parks import (
    ParkCell,
    SumCells,
    add_up_by_parks,
    list_tables,
    merge_cells,
)

MOST_CELLS = 100_000  # that the database gives
_MOST_KEYS = 2  # besides the park: by more, the cells of parks are nearly as many as the projects
CellValues = tuple[Any, ...]  # one for each dimension: None is unknown, OTHER the rest
Tally = dict[str, int]  # the sums of a cell by name, 0 where nothing is known
Sums = Mapping[CellValues, Tally]
Aggregates = Mapping[str, Any]


def query_sums(
    rows: QuerySet, groupings: Sequence[Grouping], aggregates: Aggregates, project: str
) -> dict[CellValues, Tally]:
    """Query the sums of rows by the keys of the groupings; QueryError if there are too many.

    `project` is the path from the rows to their projects.
    """
    for place, grouping in enumerate(groupings):
        if grouping.beyond:
            before, after = groupings[:place], groupings[place + 1 :]
            joined = [*before, replace(grouping, beyond=None), *after]
            left_out = grouping.beyond(rows, project)
            nowhere = query_sums(left_out, [*before, *after], aggregates, project)
            return query_sums(rows, joined, aggregates, project) | {
                (*keys[:place], None, *keys[place:]): tally
                for keys, tally in nowhere.items()
                if any(tally.values())
            }
    for grouping in groupings:
        if grouping.joined:
            rows = grouping.joined(rows, project)
    keys = {f"key_{n}": grouping.key(project) for n, grouping in enumerate(groupings)}
    # By names of their own: columns are called as what is added up of them
    sums = {f"sum_{name}": aggregate for name, aggregate in aggregates.items()}
    found = _add_up_then(rows, keys, sums) if history.is_past() else _add_up(rows, keys, sums)
    return {cell: dict(zip(aggregates, numbers, strict=True)) for cell, numbers in found.items()}


def count_matching(rows: QuerySet) -> int:
    """Count rows, as of the moment that is asked for."""
    (counted,) = query_sums(rows.order_by(), (), {"count": Count("*")}, "").values()
    return counted["count"]


def _add_up(rows: QuerySet, keys: Aggregates, sums: Aggregates) -> SumCells:
    """Add up rows by keys, of projects those of a park only if it was written since."""

    def group(projects: QuerySet) -> QuerySet:
        return _group(projects, {"of_park": F("park_id"), **keys}, sums)

    def read(found: QuerySet) -> Iterator[ParkCell]:
        for park, *cell in found[: MOST_CELLS + 1]:
            yield park, tuple(cell[: len(keys)]), _read_numbers(cell[len(keys) :])

    cells = None
    if rows.model is Project and sum(key != F("park_id") for key in keys.values()) <= _MOST_KEYS:
        cells = add_up_by_parks(rows, group, read)
    if cells is None:
        cells = _query_cells(rows, keys, sums)
    return cells if cells or keys else {(): (0,) * len(sums)}


def _query_cells(rows: QuerySet, keys: Aggregates, sums: Aggregates) -> SumCells:
    """Ask the database for the cells of rows; QueryError if there are too many."""
    if not keys:
        return {(): _read_numbers(rows.aggregate(**sums).values())}
    found = [*_group(rows, keys, sums)[: MOST_CELLS + 1]]
    if len(found) > MOST_CELLS:
        raise too_many_summary_rows(MOST_CELLS)
    return {row[: len(keys)]: _read_numbers(row[len(keys) :]) for row in found}


def _group(rows: QuerySet, keys: Aggregates, sums: Aggregates) -> QuerySet:
    return rows.annotate(**keys).values_list(*keys).annotate(**sums).order_by()


def _read_numbers(found: Iterable[Any]) -> tuple[int, ...]:
    return tuple(int(number or 0) for number in found)


def _add_up_then(rows: QuerySet, keys: Aggregates, sums: Aggregates) -> SumCells:
    """Add up rows as of a moment.

    Of projects these are the sums of now, corrected by the projects that were written since: that
    takes as long as they are many. Where anything else that the sums are read from was written
    since, the tables are read as they stood.
    """
    table = Project._meta.db_table
    tables = list_tables(_group(rows, keys, sums).query)
    if rows.model is not Project or tables.count(table) != 1:
        return _query_cells(rows, keys, sums)
    with snapshot():
        if history.were_written_since({*tables} - {table}):
            return _query_cells(rows, keys, sums)
        with history.reading_now():
            now = _add_up(rows, keys, sums)
            gone = _query_cells(rows.filter(updated_at__gt=history.moment()), keys, sums)
        with history.reading_versions(table):
            then = _query_cells(rows, keys, sums)
    taken_away = {cell: tuple(map(neg, numbers)) for cell, numbers in gone.items()}
    found = merge_cells([now, taken_away, then])
    return {cell: numbers for cell, numbers in found.items() if any(numbers) or not keys}


def too_many_summary_rows(most: int) -> QueryError:
    """Refuse a question whose answer would have more rows than it may."""
    message = _(
        "There would be more than %(most)d rows. Group by fewer dimensions, or use filters "
        "or “top”."
    )
    detail = message % {"most": most}
    return QueryError([Mistake("too_many_rows", detail).at(parameter="group_by")])
