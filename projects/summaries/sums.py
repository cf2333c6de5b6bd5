"""Sums of rows by keys: of what is kept, of columns in memory, or of the database.

It groups by columns of the project itself, of which few rows come back. As of a moment, what
projects add up to now is corrected by those that were written since: it takes as long as they are
many.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Count, F, QuerySet
from django.utils.translation import gettext as _

from config import history
from config.api.problems.errors import QueryError
from config.mistakes import Mistake
from config.snapshots import snapshot
from projects.dimensions.groupings import Grouping
from projects.models import Project
from projects.summaries.by_columns import (
    SeveralOf,
    add_up_below_projects,
    add_up_by_columns,
)
from projects.summaries.by_parks import (
    OF_SOME_PARKS,
    Parameters,
    ParkCell,
    add_up_by_parks,
    list_tables,
)
from projects.summaries.cells import CellColumns, CellTable, Sums, add_cells

MOST_CELLS = 100_000  # that the database gives
_MOST_KEYS = 2  # besides the park, of sums that are kept park by park


@dataclass(frozen=True)
class SumSource:
    """From what sums are worked out in memory, where they are not asked of the database.

    The `projects` as they are before anything is joined to them, and `several` of what; or those
    to which `rows` belong, whatever these projects are.
    """

    projects: QuerySet
    several: SeveralOf | None = None
    rows: QuerySet | None = None

    def join(
        self, grouping: Grouping, project: str, *, is_beyond: bool = False
    ) -> "SumSource | None":
        """Join what a grouping joins, or leave that out; None where memory cannot."""
        narrow = grouping.beyond if is_beyond else grouping.joined
        if self.rows is not None and narrow:
            return replace(self, rows=narrow(self.rows, project))
        if self.several or grouping.pairs is None:
            return None
        return replace(self, several=SeveralOf(grouping.key(""), grouping.pairs, is_beyond))


def query_sums(
    rows: QuerySet,
    groupings: Sequence[Grouping],
    aggregates: Mapping[str, Any],
    project: str,
    source: SumSource | None = None,
) -> Sums:
    """Query the sums of the rows by the keys of the groupings; QueryError if too many."""
    if source is None and rows.model is Project:
        source = SumSource(rows)
    for place, grouping in enumerate(groupings):
        if grouping.beyond:
            before, after = groupings[:place], groupings[place + 1 :]
            joined = [*before, replace(grouping, beyond=None), *after]
            left_out = grouping.beyond(rows, project)
            others = source and source.join(grouping, project, is_beyond=True)
            nowhere = query_sums(left_out, [*before, *after], aggregates, project, others)
            return {**query_sums(rows, joined, aggregates, project, source)} | {
                (*keys[:place], None, *keys[place:]): tally
                for keys, tally in nowhere.items()
                if any(tally.values())
            }
    for grouping in groupings:
        if grouping.joined:
            rows = grouping.joined(rows, project)
            source = source and source.join(grouping, project)
    keys = {f"key_{n}": grouping.key(project) for n, grouping in enumerate(groupings)}
    # By names of their own: columns are called as what is added up of them
    sums = {f"sum_{name}": aggregate for name, aggregate in aggregates.items()}
    cells = _add_up_then(rows, keys, sums, source) if history.is_past() else None
    cells = cells or _add_up_now(rows, keys, sums, source)
    return CellTable(cells.keys, dict(zip(aggregates, cells.numbers, strict=True)), cells.size)


def count_kept(projects: QuerySet) -> int:
    """Count projects, those of a park only if something of it was written since."""
    (counted,) = query_sums(projects.order_by(), (), {"count": Count("*")}, "").values()
    return counted["count"]


def _add_up_now(
    rows: QuerySet, keys: Mapping[str, Any], sums: Mapping[str, Any], source: SumSource | None
) -> CellColumns:
    """Add up rows by keys, in the quickest way that there is."""
    cells = None
    if rows.model is Project:
        cells = _add_up_projects(rows, keys, sums, source or SumSource(rows))
    elif source and source.rows is not None:
        asked = [*keys.values()], [*sums.values()]
        cells = add_up_below_projects(source.rows, source.projects, *asked)
    return cells or _query_cells(rows, keys, sums)


def _add_up_then(
    rows: QuerySet, keys: Mapping[str, Any], sums: Mapping[str, Any], source: SumSource | None
) -> CellColumns | None:
    """Add up projects as of a moment: all as they are, those written since as they were.

    None where anything else was written since that the sums are read from.
    """
    try:
        tables = list_tables(_ask(rows, keys, sums).query.sql_with_params()[0])
    except EmptyResultSet:  # nothing can meet the conditions
        return None
    table = Project._meta.db_table
    if rows.model is not Project or tables.count(table) != 1:
        return None
    with snapshot():
        if history.were_written_since({*tables} - {table}):
            return None
        with history.reading_now():
            now = _add_up_now(rows, keys, sums, source)
            written = rows.filter(updated_at__gt=history.moment())
            gone = _query_cells(written, keys, sums)
        with history.reading_versions(table):
            then = _query_cells(rows, keys, sums)
    return add_cells([(now, 1), (gone, -1), (then, 1)])


def _query_cells(rows: QuerySet, keys: Mapping[str, Any], sums: Mapping[str, Any]) -> CellColumns:
    """Ask the database for the cells of rows; QueryError if they are too many."""
    found = _ask(rows, keys, sums) if keys else [tuple(rows.aggregate(**sums).values())]
    cells = {row[: len(keys)]: row[len(keys) :] for row in found}
    if len(cells) > MOST_CELLS:
        raise too_many_summary_rows(MOST_CELLS)
    return CellColumns.of(cells, len(keys), len(sums))


def _add_up_projects(
    projects: QuerySet, keys: Mapping[str, Any], sums: Mapping[str, Any], source: SumSource
) -> CellColumns | None:
    """Add up projects by keys, of each park if need be; None where it cannot be done by parks.

    By many keys the cells of the parks would be nearly as many as the projects.
    """
    of_park = F("park_id")
    by_park = {"of_park": of_park, **keys}

    def add_up(by: Mapping[str, Any]) -> CellColumns | None:
        asked = [[*by.values()]], [*sums.values()]
        found = add_up_by_columns(source.projects, *asked, source.several)
        return None if found is None else found[0]

    if sum(key != of_park for key in keys.values()) > _MOST_KEYS:
        return add_up(keys)

    def read(sql: str, params: Parameters) -> Iterator[ParkCell]:
        with connections[projects.db].cursor() as cursor:
            cursor.execute(sql, params)
            for park, *found in cursor.fetchall():
                yield park, tuple(found[: len(keys)]), _read_numbers(found[len(keys) :])

    def read_all() -> Iterable[ParkCell]:
        found = add_up(by_park)
        if found is None:  # without ends, for which SQLite would leave the index of a filter
            return read(*_ask(projects, by_park, sums).query.sql_with_params())
        return [(park, tuple(cell), numbers) for (park, *cell), numbers in found.list_cells()]

    asked = _ask(projects.filter(OF_SOME_PARKS), by_park, sums)
    cells = add_up_by_parks(asked, read, read_all)
    return add_up(keys) if cells is None else CellColumns.of(cells, len(keys), len(sums))


def _ask(rows: QuerySet, keys: Mapping[str, Any], sums: Mapping[str, Any]) -> QuerySet:
    found = rows.annotate(**keys).values_list(*keys).annotate(**sums)
    return found.order_by()[: MOST_CELLS + 1]


def _read_numbers(found: Iterable[Any]) -> tuple[int, ...]:
    return tuple(int(number or 0) for number in found)


def too_many_summary_rows(most: int) -> QueryError:
    """Refuse a question whose answer would have more rows than it may."""
    message = _(
        "There would be more than %(most)d rows. Group by fewer dimensions, or use filters "
        "or “top”."
    )
    detail = message % {"most": most}
    return QueryError([Mistake("too_many_rows", detail).at(parameter="group_by")])
