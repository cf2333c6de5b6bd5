"""Sums kept park by park: after a write the database adds up the parks it touched, not the others.

What a sum says of the projects of one park depends on nothing but these projects, what belongs to
them, the park, and the question. So it is kept under the marks of the park
(`leave_marks`), which are read in the snapshot of the answer: while they are the same,
so are the projects. A sum that reads any other table, or a moment in the past, is not kept.
"""

import pickle  # what we wrote ourselves
from collections.abc import Callable, Iterable
from itertools import islice
from operator import add
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.sql import Query
from django.utils.crypto import salted_hmac

from config import history
from config.api.caching.answers import find_kept, keep_value
from config.api.caching.revalidation import digest_program
from config.snapshots import snapshot
from parks.models import Park
from parks.models.records import WriteMark
from projects.models import Funding, Milestone, Participation, Project, ProjectFigure

MOST_KEPT = 50_000  # cells of a question, of all parks together: more take long to load

SumCells = dict[tuple[Any, ...], tuple[int, ...]]  # what projects add up to, by their keys
ParkCell = tuple[int, tuple[Any, ...], tuple[int, ...]]  # the park, the keys, the numbers
Marks = tuple[int, ...]
KeptSums = dict[int, tuple[Marks, bytes]]  # by park: the marks under which its cells hold, packed

_ASKED_ALONE = 8  # parks that are selected by their keys; if more have changed, all are added up
_CACHE, _DAYS_KEPT = "sums", 30  # on disk: a restart costs nothing
_TOO_MANY: KeptSums = {0: ((), b"")}  # is kept of a question that has more than MOST_KEPT cells
# Each row of these is a park, belongs to one, or to a project of one
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
    """Name a question by all that decides its answer but the marks; "" if it is not kept."""
    if history.is_past() or not settings.CACHE_MAX_BYTES or not reads_parks_alone(query):
        return ""
    try:
        decisive = "\0".join((*map(str, query.sql_with_params()), digest_program()))
    except EmptyResultSet:  # no project can meet the conditions
        return ""
    return salted_hmac("projects.summaries.by_parks", decisive).hexdigest()


def read_park_marks() -> dict[int, Marks]:
    """Read the marks of each park, as far as the transaction sees them that asks."""
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
    """List the tables that a query and its subqueries read, each as often as it is read."""
    if query.combinator:  # such as UNION: the first part is among the combined ones, too
        return [table for part in query.combined_queries for table in list_tables(part)]
    aliases = query.alias_map.items()
    tables = [each.table_name for name, each in aliases if query.alias_refcount[name]]
    parts = [query.where, *query.annotations.values()]
    while parts:
        part = parts.pop()
        if isinstance(part, Query):
            tables += list_tables(part)
        elif hasattr(part, "get_source_expressions"):
            parts += part.get_source_expressions()
    return tables


def reads_parks_alone(query: Query) -> bool:
    """Tell whether a query reads each project once, beside it parks and what belongs to it."""
    tables = list_tables(query)
    return tables.count(Project._meta.db_table) == 1 and {*tables} <= _OF_PARKS


def merge_cells(parts: Iterable[SumCells]) -> SumCells:
    """Add up cells of the same keys."""
    merged: SumCells = {}
    for cells in parts:
        for keys, numbers in cells.items():
            before = merged.get(keys)
            merged[keys] = numbers if before is None else tuple(map(add, before, numbers))
    return merged
