"""Sums kept park by park: after a write, those of the parks it touched alone are worked out again.

What a sum says of the projects of one park depends on nothing but these projects, the park, and
the question. So it is kept under the marks of the park (`parks.recording.marks`), which are read
in the snapshot of the answer: while they are the same, so are the projects. What reads any other
table, or a moment in the past, is not kept.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from operator import add
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from config import history
from config.api.caching.answers import find_kept, keep_value
from config.api.caching.revalidation import digest_program
from config.snapshots import snapshot
from parks.models import Park
from parks.models.records import WriteMark
from projects.models import Project

# Cells of a question: to keep more of them is not worth it. Below what `ask` may give at most.
MOST_KEPT = 50_000

SumKeys = tuple[Any, ...]  # the keys that projects have in common
Numbers = tuple[int, ...]  # what they add up to
ParkSums = dict[SumKeys, Numbers]
# Adds up the projects of some parks: by their park, and by the keys that are asked for
AskByPark = Callable[[Q], Iterable[tuple[int, SumKeys, Numbers]]]

_READ = re.compile(r'\b(?:FROM|JOIN)\s+"?(\w+)"?(?![\w".])')
_CACHE, _DAYS_KEPT = "sums", 30  # on disk: a restart costs nothing
_CTE = "cte"  # what django-cte calls the one of a query
_TOO_MANY: Mapping[int, Any] = {0: ()}  # kept in place of parts


def add_up_by_parks(asked: QuerySet, ask: AskByPark) -> ParkSums | None:
    """Add up projects by keys: those of a park only if something of it was written since.

    `asked` is a query that says all that decides the answer. None where nothing is kept of it.
    """
    try:
        sql, params = asked.query.sql_with_params()
    except EmptyResultSet:  # no project can meet the conditions
        return {}
    if history.moment() or not settings.CACHE_MAX_BYTES or not reads_projects_alone(sql):
        return None
    decisive = "\0".join((sql, str(params), digest_program()))
    name = salted_hmac("projects.summaries.by_parks", decisive).hexdigest()
    kept = find_kept(name, _CACHE) or {}
    if kept == _TOO_MANY:
        return None
    with snapshot():
        versions = read_park_versions()
        parts = {pk: cells for pk, (version, cells) in kept.items() if versions.get(pk) == version}
        missing = [park for park in versions if park not in parts]
        if not missing:
            return merge_cells(parts.values())
        found = ask(Q(park__in=missing) if parts else Q())
        parts |= {park: {} for park in missing}
        left = MOST_KEPT - sum(map(len, parts.values()))
        for park, cell, numbers in islice(found, max(left, 0) + 1):
            parts[park][cell] = numbers
    if sum(map(len, parts.values())) > MOST_KEPT:
        keep_value(name, _TOO_MANY, _CACHE, _DAYS_KEPT)
        return None
    marked = {park: (versions[park], parts[park]) for park in parts if versions[park]}
    keep_value(name, marked, _CACHE, _DAYS_KEPT)
    return merge_cells(parts.values())


def read_park_versions() -> dict[int, tuple[int, ...]]:
    """Read the marks of each park, as far as the transaction sees them that asks.

    Of a park that has none nothing can be told.
    """
    marks, parks = map(connection.ops.quote_name, (WriteMark._meta.db_table, Park._meta.db_table))
    versions: dict[int, tuple[int, ...]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id, m.number FROM {parks} p "  # noqa: S608 names of our own tables
            f"LEFT JOIN {marks} m ON m.park_id = p.id ORDER BY m.id"
        )
        for park, number in cursor.fetchall():
            own = () if number is None else (number,)
            versions[park] = versions.get(park, ()) + own
    return versions


def reads_projects_alone(sql: str) -> bool:
    """Tell whether a query reads each project once, beside it nothing but parks."""
    tables = [name for name in _READ.findall(sql) if name != _CTE]
    project = Project._meta.db_table
    return tables.count(project) == 1 and {*tables} <= {project, Park._meta.db_table}


def merge_cells(parts: Iterable[ParkSums]) -> ParkSums:
    """Add up cells of the same keys."""
    merged: ParkSums = {}
    for cells in parts:
        for cell, numbers in cells.items():
            before = merged.get(cell)
            merged[cell] = numbers if before is None else tuple(map(add, before, numbers))
    return merged
