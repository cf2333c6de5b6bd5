"""Sums kept park by park: after a write, those of the parks it touched alone are worked out again.

What a sum says of the projects of one park depends on nothing but these projects, what belongs to
them, the park, and the question. So it is kept under the marks of the park
(`leave_marks`), which are read in the snapshot of the answer: while they are the same, so are
the projects. What reads any other table, or a moment in the past, is not kept.
"""

import pickle  # what we wrote ourselves
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from operator import add
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection, connections
from django.db.models import Q, QuerySet
from django.utils.crypto import salted_hmac

from config import history
from config.api.caching.answers import find_kept, keep_value
from config.api.caching.revalidation import digest_program
from config.snapshots import snapshot
from parks.models import Park
from parks.models.records import WriteMark
from projects.models import Funding, Milestone, Participation, Project, ProjectFigure

# Cells of a question: to keep more of them is not worth it. Below what `ask` may give at most.
MOST_KEPT = 50_000

SumKeys = tuple[Any, ...]  # the keys that projects have in common
Numbers = tuple[int, ...]  # what they add up to
ParkSums = dict[SumKeys, Numbers]
Marks = tuple[int, ...]
# The marks of the parks, what they add up to, and the sums of each, packed
KeptSums = tuple[dict[int, Marks], ParkSums, dict[int, bytes]]
Parameters = Sequence[Any]
ParkCell = tuple[int, SumKeys, Numbers]  # of a park
# Adds up projects by SQL with its parameters: by their park, and by the keys that are asked for
ReadCells = Callable[[str, Parameters], Iterable[ParkCell]]
# The same of all parks, in a quicker way; None where there is none
ReadAll = Callable[[], Iterable[ParkCell] | None]

# Stand in a query for the first and the last key of a park, so that it is compiled once. Nothing
# else of a question is such a number
_ENDS = (-(2**62) - 3, -(2**62) - 1)
_ALL = (0, 2**63 - 1)
OF_SOME_PARKS = Q(park__gte=_ENDS[0], park__lte=_ENDS[1])
_PARTS = 4  # of a question that PostgreSQL reads at once: as many as it has processes for it, or so
_ASKED_ALONE = 8  # parks; of more all are asked at once

_READ = re.compile(r'\b(?:FROM|JOIN)\s+"?(\w+)"?(?![\w".])')
_CACHE, _DAYS_KEPT = "sums", 30  # on disk: a restart costs nothing
_CTE = "cte"  # what django-cte calls the one of a query
# Each row of these is a park, belongs to one, or to a project of one
_OF_PARKS = {
    model._meta.db_table
    for model in (Park, Project, Participation, Milestone, Funding, ProjectFigure)
}
_TOO_MANY: KeptSums = ({0: ()}, {}, {})


def add_up_by_parks(
    asked: QuerySet, read: ReadCells, read_all: ReadAll = lambda: None
) -> ParkSums | None:
    """Add up projects by keys: those of a park only if something of it was written since.

    `asked` is a query of projects OF_SOME_PARKS that says all that decides the answer. None where
    nothing is kept of it.
    """
    try:
        sql, params = asked.query.sql_with_params()
    except EmptyResultSet:  # no project can meet the conditions
        return {}
    is_kept = settings.CACHE_MAX_BYTES and reads_parks_alone(sql)
    if history.is_past() or not is_kept or sum(map(params.count, _ENDS)) != len(_ENDS):
        return None
    decisive = "\0".join((sql, str(params), digest_program()))
    name = salted_hmac("projects.summaries.by_parks", decisive).hexdigest()
    kept: KeptSums = find_kept(name, _CACHE) or ({}, {}, {})
    if kept == _TOO_MANY:
        return None
    with snapshot():
        versions = read_park_versions()
        missing = {park for park, of in versions.items() if not of or kept[0].get(park) != of}
        are_few = len(missing) < min(len(versions), _ASKED_ALONE)
        rows = None if are_few else read_all()
        if rows is None:
            some = [(park, park) for park in missing] if are_few else [_ALL]
            rows = (row for ends in some for row in read(sql, _put_parks(params, ends)))
        rows = (row for row in rows if row[0] in missing)
        found: dict[int, ParkSums] = {park: {} for park in missing}
        for park, cell, numbers in islice(rows, MOST_KEPT + 1):
            found[park][cell] = numbers
    if sum(map(len, found.values())) > MOST_KEPT:
        keep_value(name, _TOO_MANY, _CACHE, _DAYS_KEPT)
        return None
    return _replace_parts(name, kept, versions, found)


def _replace_parts(
    name: str, kept: KeptSums, versions: Mapping[int, Marks], found: Mapping[int, ParkSums]
) -> ParkSums:
    """Put the sums of some parks in the place of those that are kept; return those of all."""
    _versions, total, parts = kept
    gone = [park for park in parts if park in found or park not in versions]
    for park in gone:
        _add_part(total, pickle.loads(zlib.decompress(parts.pop(park))), -1)  # noqa: S301 our own
    marked = [park for park in found if versions[park]]
    for park in marked:
        _add_part(total, found[park])
        parts[park] = zlib.compress(pickle.dumps(found[park]), 1)
    if gone or marked:
        keep_value(
            name, ({park: versions[park] for park in parts}, total, parts), _CACHE, _DAYS_KEPT
        )
    for park in found.keys() - marked:  # of which nothing can be told
        _add_part(total, found[park])
    return {cell: numbers[1:] for cell, numbers in total.items()}


def _add_part(total: ParkSums, cells: ParkSums, sign: int = 1) -> None:
    """Add the cells of a park to the total, or take them away.

    The first number of a cell says of how many parks it is.
    """
    for cell, numbers in cells.items():
        before = total.get(cell)
        change = (sign, *(sign * number for number in numbers))
        after = change if before is None else tuple(map(add, before, change))
        if after[0]:
            total[cell] = after
        else:
            del total[cell]


def _put_parks(params: Parameters, ends: tuple[int, int]) -> list[Any]:
    """Put the first and the last key of a park into the parameters of a query OF_SOME_PARKS."""
    placed = dict(zip(_ENDS, ends, strict=True))
    return [placed.get(each, each) if type(each) is int else each for each in params]


def read_park_versions() -> dict[int, Marks]:
    """Read the marks of each park, as far as the transaction sees them that asks.

    Of a park that has none nothing can be told.
    """
    marks, parks = map(connection.ops.quote_name, (WriteMark._meta.db_table, Park._meta.db_table))
    versions: dict[int, Marks] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.id, m.number FROM {parks} p "  # noqa: S608 names of our own tables
            f"LEFT JOIN {marks} m ON m.park_id = p.id ORDER BY m.id"
        )
        for park, number in cursor.fetchall():
            own = () if number is None else (number,)
            versions[park] = versions.get(park, ()) + own
    return versions


def split_by_parks(projects: QuerySet) -> list[QuerySet]:
    """Split projects into parts of about as many parks, if PostgreSQL can read them at once.

    It groups by several sets of columns, or by what it takes for nearly as many groups as there
    are rows, in one process; parts of a UNION ALL in several.
    """
    if connections[projects.db].vendor != "postgresql" or history.is_past():
        return [projects]
    parks = Park.objects.using(projects.db).order_by("pk").values_list("pk", flat=True)
    size = max(1, -(-len(parks) // _PARTS))
    firsts = [_ALL[0], *parks[size::size]]
    ends = zip(firsts, [*firsts[1:], _ALL[1]], strict=True)
    return [projects.filter(park__gte=first, park__lt=end) for first, end in ends]


def is_joined(projects: QuerySet) -> bool:
    """Tell whether projects are joined to what they may have several of, and so may be repeated."""
    return sum(uses > 0 for uses in projects.query.alias_refcount.values()) > 1


def list_tables(sql: str) -> list[str]:
    """List the tables that a query reads, each as often as it is read."""
    return [name for name in _READ.findall(sql) if name != _CTE]


def reads_parks_alone(sql: str) -> bool:
    """Tell whether a query reads each project once, beside it parks and what belongs to it."""
    tables = list_tables(sql)
    return tables.count(Project._meta.db_table) == 1 and {*tables} <= _OF_PARKS


def merge_cells(parts: Iterable[ParkSums]) -> ParkSums:
    """Add up cells of the same keys."""
    merged: ParkSums = {}
    for cells in parts:
        for cell, numbers in cells.items():
            before = merged.get(cell)
            merged[cell] = numbers if before is None else tuple(map(add, before, numbers))
    return merged
