"""Sums of rows by keys, kept park by park between writes.

The database groups by columns of the project itself, so that few rows come back.
"""

import pickle  # what we wrote ourselves
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from operator import add, neg
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, QuerySet
from django.db.models.sql import Query
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from api.caching import digest_program, find_kept, keep_value
from api.problems.errors import QueryError
from config.database import history
from config.database.prepared import snapshot
from config.mistakes import Mistake
from parks.models import Park
from parks.recording.records import WriteMark
from projects.dimensions.groupings import Grouping
from projects.models import Funding, Milestone, Participation, Project, ProjectFigure

MOST_KEPT = 50_000  # cells of a question, of all parks together: more take long to load

SumCells = dict[tuple[Any, ...], tuple[int, ...]]  # sums by keys
ParkCell = tuple[int, tuple[Any, ...], tuple[int, ...]]  # the park, the keys, the numbers
Marks = tuple[int, ...]
KeptSums = dict[int, tuple[Marks, bytes]]  # by park: the marks under which its cells hold, packed

_ASKED_ALONE = 8  # parks selected by their keys; if more have changed, all are added up
_CACHE, _DAYS_KEPT = "sums", 30  # on disk, to survive a restart
_TOO_MANY: KeptSums = {0: ((), b"")}  # kept for a question with more than MOST_KEPT cells
# Tables whose rows belong to a park
_OF_PARKS = {
    model._meta.db_table
    for model in (Park, Project, Participation, Milestone, Funding, ProjectFigure)
}


def add_up_by_parks(
    projects: QuerySet,
    group: Callable[[QuerySet], QuerySet],
    read: Callable[[QuerySet], Iterable[ParkCell]],
) -> SumCells | None:
    """Add up projects by keys; None where nothing of such a question is kept.

    `group` builds the query that groups projects by their park and the keys, `read` runs it.
    """
    name = _name_question(group(projects).query)
    kept: KeptSums = (name and find_kept(name, _CACHE)) or {}
    if not name or kept == _TOO_MANY:
        return None
    with snapshot():
        marks = read_park_marks()
        changed = {park for park, own in marks.items() if not own or kept.get(park, [()])[0] != own}
        sums = {park: pickle.loads(kept[park][1]) for park in marks.keys() - changed}  # noqa: S301
        found: dict[int, SumCells] = {park: {} for park in changed}
        if changed:
            are_few = len(changed) < min(len(marks), _ASKED_ALONE)
            some = projects.filter(park__in=sorted(changed)) if are_few else projects
            for park, keys, numbers in islice(read(group(some)), MOST_KEPT + 1):
                if park in changed:
                    found[park][keys] = numbers
    sums |= found
    if sum(map(len, sums.values())) > MOST_KEPT:
        keep_value(name, _TOO_MANY, _CACHE, _DAYS_KEPT)
        return None
    if changed:
        packed = {park: (marks[park], pickle.dumps(cells)) for park, cells in found.items()}
        left = {park: kept[park] for park in marks.keys() - changed}
        keep_value(name, left | packed, _CACHE, _DAYS_KEPT)
    return merge_cells(sums.values())


def _name_question(query: Query) -> str:
    """Build the cache key of a question, without the marks; "" if it is not kept.

    It is kept if it reads each project once, and otherwise only tables of parks.
    """
    if history.is_past() or not settings.CACHE_MAX_BYTES:
        return ""
    tables = list_tables(query)
    if tables.count(Project._meta.db_table) != 1 or not {*tables} <= _OF_PARKS:
        return ""
    try:
        decisive = "\0".join((*map(str, query.sql_with_params()), digest_program()))
    except EmptyResultSet:  # no project can meet the conditions
        return ""
    return salted_hmac("projects.summaries.sums", decisive).hexdigest()


def read_park_marks() -> dict[int, Marks]:
    """Read the marks of each park that the current transaction sees."""
    table, parks = map(connection.ops.quote_name, (WriteMark._meta.db_table, Park._meta.db_table))
    marks: dict[int, Marks] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id, m.number FROM {parks} p "  # noqa: S608 names of our own tables
            f"LEFT JOIN {table} m ON m.park_id = p.id ORDER BY m.id"
        )
        for park, number in cursor.fetchall():
            own = () if number is None else (number,)
            marks[park] = marks.get(park, ()) + own
    return marks


def list_tables(query: Query) -> list[str]:
    """List the tables that a query, its subqueries and its CTEs read, each as often."""
    if query.combinator:  # such as UNION: the first part is among the combined ones, too
        return [table for part in query.combined_queries for table in list_tables(part)]
    named: Sequence[Any] = getattr(query, "_with_ctes", ())
    aliases = query.alias_map.items()
    tables = [table for each in named for table in list_tables(each.query)]
    joined = [each.table_name for name, each in aliases if query.alias_refcount[name]]
    tables += [name for name in joined if name not in {each.name for each in named}]
    parts = [query.where, *query.annotations.values()]
    while parts:
        part = parts.pop()
        if isinstance(part, Query):
            tables += list_tables(part)
        elif hasattr(part, "get_source_expressions"):
            parts += part.get_source_expressions()
    return tables


def merge_cells(parts: Iterable[SumCells]) -> SumCells:
    """Add up cells of the same keys."""
    merged: SumCells = {}
    for cells in parts:
        for keys, numbers in cells.items():
            before = merged.get(keys)
            merged[keys] = numbers if before is None else tuple(map(add, before, numbers))
    return merged


MOST_CELLS = 100_000  # from the database
_MOST_KEYS = 2  # besides the park: more keys make nearly as many cells as projects
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
        rows = grouping.sets(rows, project)
        if grouping.joined:
            rows = grouping.joined(rows, project)
    keys = {f"key_{n}": grouping.key(project) for n, grouping in enumerate(groupings)}
    # Prefixed, since columns have the names of their sums
    sums = {f"sum_{name}": aggregate for name, aggregate in aggregates.items()}
    found = _add_up_then(rows, keys, sums) if history.is_past() else _add_up(rows, keys, sums)
    return {cell: dict(zip(aggregates, numbers, strict=True)) for cell, numbers in found.items()}


def count_matching(rows: QuerySet) -> int:
    """Count rows, as of the moment that is asked for."""
    (counted,) = query_sums(rows.order_by(), (), {"count": Count("*")}, "").values()
    return counted["count"]


def _add_up(rows: QuerySet, keys: Aggregates, sums: Aggregates) -> SumCells:
    """Add up rows by keys; of projects only those of parks that were written since."""

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
    """Query the cells of rows; QueryError if there are too many."""
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
    """Add up rows as of a past moment.

    The current sums of projects are corrected by the projects written since. If another table of
    the query was written since, the past versions are added up instead.
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
    message = _(
        "There would be more than %(most)d rows. Group by fewer dimensions, or use filters "
        "or “top”."
    )
    detail = message % {"most": most}
    return QueryError([Mistake("too_many_rows", detail).at(parameter="group_by")])
