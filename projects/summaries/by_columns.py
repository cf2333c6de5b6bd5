"""Sums worked out of columns in memory, which databases would read all projects for.

A column is what an expression says of each project. It is read once, whoever asks, and after a
write anew for the projects of the parks whose marks (`parks.recording.recording`) are others than
before. SQLite is asked for it within the request, as it would sort all projects for each question;
PostgreSQL, which sooner adds up a million than it gives their columns, beside requests. What
belongs to projects, flows and who was at events, is read for each question. Which projects a
question is about is asked of the database each time it is new: filters and what a reader may see
are said there alone. So a sum by whatever nobody asked for costs one look through an index, and
what is counted of a hundred thousand projects a few milliseconds.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import islice
from math import inf
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Aggregate, F, Max, QuerySet

from config import history
from config.snapshots import snapshot
from projects.models import Project
from projects.summaries.by_parks import Marks, is_joined, read_park_versions, reads_parks_alone
from projects.summaries.cells import CellColumns, Integers, KeyColumn
from projects.summaries.column_reads import (
    Sql,
    find_places,
    read_at_once,
    read_by_values,
    read_keys,
    read_lists,
    read_projects,
)
from projects.summaries.kept_columns import (
    AskedSums,
    KeptColumn,
    KnownOf,
    NotInMemoryError,
    add_up_columns,
    build_column,
    is_mere_count,
    list_columns_read,
    place_axis,
)
from projects.summaries.reading_ahead import AheadReader

FEW_PROJECTS = 5_000  # up to which databases are as quick themselves
# Values of columns that PostgreSQL is asked for within a request: some 0.1 s
MOST_READ: ContextVar[float] = ContextVar("most_read", default=250_000)
_MOST_NAMES = 256
_MOST_SELECTIONS = 16  # that are kept: a byte for each project
_MOST_AT_ONCE = 8  # columns: more take half a second, at a million projects
_LEAST_BYTES = 40  # of a project, by what may be kept: of fewer columns none is worth it
_MOST_CHANGED = 8  # parks whose projects are read anew; of more, all are

Mask = npt.NDArray[np.bool_]
ReadSums = TypeVar("ReadSums")


@dataclass(frozen=True)
class SeveralOf:
    """What projects may have several of: `pairs` of their keys and of the values of a `key`.

    A project is added up once for each; with `is_beyond` only those are that have none.
    """

    key: Any
    pairs: QuerySet
    is_beyond: bool = False


class NotReadYetError(NotInMemoryError):
    """What cannot be worked out yet, as these columns are still to be read."""

    def __init__(self, expressions: Sequence[Any]) -> None:
        super().__init__()
        self.expressions = expressions


class ProjectColumns:
    """The columns of all projects that were read so far, in one state of the ledger."""

    def __init__(self, database: str, versions: Mapping[int, Marks], most: int) -> None:
        self.database = database
        self.versions = versions
        self.most = most  # projects, or fewer
        self.ids: Integers = np.zeros(0, np.int64)
        self.parks: Integers = self.ids  # of the projects
        self.columns: dict[Sql, KeptColumn] = {}
        self.names: dict[Any, Sql] = {}  # of columns, by what these say
        self.selections: dict[Sql, Mask] = {}
        # Of which those parks are to be asked anew, and until then have none selected
        self.outdated: dict[Sql, tuple[Mask, frozenset[int]]] = {}

    def add_up(
        self,
        projects: QuerySet,
        by: Sequence[Sequence[Any]],
        sums: Sequence[Aggregate],
        several: SeveralOf | None = None,
    ) -> list[CellColumns]:
        """Add up the projects, each time by one or more keys."""
        self._check_worth(projects, by, sums)
        keys = [key for keys in by for key in keys if several is None or key != several.key]
        read = [key for key in keys if not isinstance(key, KnownOf)]
        wanted = [*dict.fromkeys([*read, *list_columns_read(sums)])]
        if not wanted and not self.ids.size:  # not even which projects there are
            wanted = [F("park_id")]
        column_of = dict(zip(wanted, self.read(wanted), strict=True))
        some = np.flatnonzero(self.select(projects))
        axis_of = {key: place_axis(key, column_of, some) for key in keys}
        if several:
            some, axis_of = self._spread(several, some, axis_of)
        asked = AskedSums.of(sums, column_of)
        return [add_up_columns([axis_of[key] for key in keys], asked, some) for keys in by]

    def add_up_below(
        self, rows: QuerySet, projects: QuerySet, keys: Sequence[Any], sums: Sequence[Aggregate]
    ) -> CellColumns:
        """Add up those rows that belong to the projects, by keys."""
        self.read([F("park_id")])
        wanted = [*keys, *list_columns_read(sums)]
        told = {f"told_{n}": each for n, each in enumerate(wanted)}
        named = {"told_project": F("project_id"), **told}
        asked = rows.order_by().annotate(**named).values_list(*named).query.sql_with_params()
        lists = read_lists(self.database, asked, [*named])
        owners = np.array(next(lists), np.int64)
        found = [build_column(of, each) for of, each in zip(wanted, lists, strict=True)]
        column_of = dict(zip(wanted, found, strict=True))
        some = np.flatnonzero(self.select(projects)[find_places(self.ids, owners)])
        axes = [place_axis(key, column_of, some) for key in keys]
        return add_up_columns(axes, AskedSums.of(sums, column_of), some)

    def _spread(
        self, several: SeveralOf, some: Integers, axis_of: Mapping[Any, KeyColumn]
    ) -> tuple[Integers, dict[Any, KeyColumn]]:
        """Give each project its place as often as it has values, and the axes of these rows."""
        names = several.pairs.query.values_select
        try:
            asked = several.pairs.query.sql_with_params()
            owners, values = read_lists(self.database, asked, names)
        except EmptyResultSet:  # of no key there can be any
            owners, values = [], []
        places = find_places(self.ids, np.array(owners, np.int64))
        if several.is_beyond:
            is_left: Mask = np.ones(self.ids.size, np.bool_)
            is_left[places] = False
            rows = np.flatnonzero(is_left[some])
            own: dict[Any, KeyColumn] = {}
        else:
            row_of = np.full(self.ids.size, -1)
            row_of[some] = np.arange(some.size)
            is_meant = row_of[places] >= 0
            rows = row_of[places][is_meant]
            of_all = KeyColumn.of(values)
            own = {several.key: KeyColumn(of_all.values, of_all.codes[is_meant])}
        spread = {key: KeyColumn(of.values, of.codes[rows]) for key, of in axis_of.items()}
        return some[rows], spread | own

    def select(self, projects: QuerySet) -> Mask:
        """Select the projects that the database says are meant."""
        asked = _ask_keys(projects)
        name: Sql = asked.query.sql_with_params()
        if name not in self.selections:
            before, parks = self.outdated.pop(name, (np.zeros(self.ids.size, np.bool_), None))
            if parks is not None:
                asked = asked.filter(park__in=sorted(parks))
            found = read_keys(self.database, _ask_of_parks(asked))
            selected = before.copy()
            selected[find_places(self.ids, found)] = True
            if found.size != np.count_nonzero(selected) - np.count_nonzero(before):
                raise NotInMemoryError  # joined to what a project has more of
            _keep(self.selections, name, selected, _MOST_SELECTIONS)
        return self.selections[name]

    def _check_worth(
        self, projects: QuerySet, by: Sequence[Sequence[Any]], sums: Sequence[Aggregate]
    ) -> None:
        """Check that it is not for a mere count: the database need not say which they are."""
        if not is_mere_count(sums):
            return
        name: Sql = _ask_keys(projects).query.sql_with_params()
        is_known = name in self.selections or name in self.outdated
        if not is_known and all(key == F("park_id") for keys in by for key in keys):
            raise NotInMemoryError

    def read(self, expressions: Sequence[Any]) -> list[KeptColumn]:
        """Read columns by their expressions: those that are missing, a few in each look.

        What was read is kept, also for who asks again since the time of a request was over.
        """
        rows = Project.objects.using(self.database).order_by()
        names = [self._name(rows, each) for each in expressions]
        columns = {name: self.columns.get(name) for name in names}
        left = [
            (name, each)
            for name, each in zip(names, expressions, strict=True)
            if columns[name] is None
        ]
        self._check_time(self.ids.size or self.most, [each for _name, each in left])
        while left:
            some, left = left[:_MOST_AT_ONCE], left[_MOST_AT_ONCE:]
            found = self._read_all(rows, [each for _name, each in some])
            for (name, _expression), each in zip(some, found, strict=True):
                columns[name] = self.columns[name] = each
            self._drop_oldest()
        return [column for name in names if (column := columns[name])]

    def _name(self, rows: QuerySet, expression: Any) -> Sql:
        """Name a column by the SQL of what it says, compiled once."""
        if expression not in self.names:
            asked = rows.annotate(told=expression).values_list("told")
            _keep(self.names, expression, _ask_of_parks(asked), _MOST_NAMES)
        return self.names[expression]

    def _read_all(self, rows: QuerySet, expressions: Sequence[Any]) -> list[KeptColumn]:
        """Read columns of all projects."""
        if connections[self.database].vendor == "postgresql":
            if not self.ids.size:
                self.ids, self.parks = read_projects(rows)
            self.check_size()
            return [read_by_values(rows, self.ids, each) for each in expressions]
        ids, parks, columns = read_at_once(rows, expressions)
        if not self.ids.size:
            self.ids, self.parks = ids, parks
        if not np.array_equal(self.ids, ids):
            raise NotInMemoryError  # joined to what a project has more of
        return columns

    def check_size(self) -> None:
        """Check that there are not so many projects that the database had better add up."""
        is_sqlite = connections[self.database].vendor == "sqlite"
        if not is_sqlite and self.ids.size * _LEAST_BYTES > settings.COLUMNS_MAX_BYTES:
            raise NotInMemoryError

    def _check_time(self, projects: int, expressions: Sequence[Any]) -> None:
        """Check that a request has the time to read them of so many projects."""
        values = projects * len(expressions)
        if connections[self.database].vendor == "sqlite" or values <= MOST_READ.get():
            return
        raise NotReadYetError(expressions)

    def _drop_oldest(self) -> None:
        """Drop the columns that were read first, if all together are too large."""
        left = sum(each.size for each in [*self.columns.values()]) - settings.COLUMNS_MAX_BYTES
        for name, column in [*self.columns.items()]:
            if left <= 0:
                return
            self.columns.pop(name, None)
            left -= column.size

    def renew(self, parks: Sequence[int], versions: Mapping[int, Marks]) -> "ProjectColumns":
        """Read the projects of some parks anew, in every column."""
        renewed = ProjectColumns(self.database, versions, self.most)
        columns = dict(self.columns)
        told = [each.expression for each in columns.values()]
        left = ~np.isin(self.parks, np.array(parks, np.int64))
        self._check_time(int(np.count_nonzero(~left)), told)
        rows = Project.objects.using(self.database).order_by().filter(park__in=parks)
        ids, new_parks, added = read_at_once(rows, told)
        ids = np.concatenate([self.ids[left], ids])
        order = np.argsort(ids, kind="stable")  # which is quick where most are in order
        renewed.ids = ids[order]
        renewed.parks = np.concatenate([self.parks[left], new_parks])[order]
        for (name, column), anew in zip(columns.items(), added, strict=True):
            renewed.columns[name] = column.replace_rows(left, anew, order)
        none: Mask = np.zeros(len(new_parks), np.bool_)
        for name, (selected, outdated) in self._list_selections().items():
            if len(told_parks := outdated.union(parks)) <= _MOST_CHANGED:
                merged: Mask = np.concatenate([selected[left], none])[order]
                renewed.outdated[name] = (merged, told_parks)
        return renewed

    def _list_selections(self) -> dict[Sql, tuple[Mask, frozenset[int]]]:
        """List which projects are selected, with the parks of which that is to be asked."""
        whole = {name: (each, frozenset[int]()) for name, each in [*self.selections.items()]}
        return {**dict([*self.outdated.items()][-_MOST_SELECTIONS:]), **whole}


def _ask_keys(projects: QuerySet) -> QuerySet:
    """Ask for the keys of projects, in no order."""
    return projects.order_by().annotate(told=F("pk")).values_list("told")


def _ask_of_parks(rows: QuerySet) -> Sql:
    """Give the SQL of a query whose answer is kept: of what the marks of parks tell."""
    asked: Sql = rows.query.sql_with_params()
    if not reads_parks_alone(asked[0]):
        raise NotInMemoryError
    return asked


_latest: dict[str, ProjectColumns] = {}  # by database


def add_up_by_columns(
    projects: QuerySet,
    by: Sequence[Sequence[Any]],
    sums: Sequence[Aggregate],
    several: SeveralOf | None = None,
) -> list[CellColumns] | None:
    """Add up projects, each time by one or more keys; None where the database is to be asked."""
    if is_joined(projects):
        return None
    nothing = [CellColumns.of({}, len(keys), len(sums)) for keys in by]
    return _read_columns(
        projects.db, lambda columns: columns.add_up(projects, by, sums, several), nothing
    )


def add_up_below_projects(
    rows: QuerySet, projects: QuerySet, keys: Sequence[Any], sums: Sequence[Aggregate]
) -> CellColumns | None:
    """Add up rows that belong to projects, by keys; None where the database is to be asked.

    PostgreSQL is: it sooner joins flows to their projects than it gives all of them.
    """
    if connections[rows.db].vendor == "postgresql":
        return None
    nothing = CellColumns.of({}, len(keys), len(sums))
    return _read_columns(
        rows.db, lambda columns: columns.add_up_below(rows, projects, keys, sums), nothing
    )


def _read_columns(
    database: str, read: Callable[[ProjectColumns], ReadSums], nothing: ReadSums
) -> ReadSums | None:
    """Read sums of the columns as they stand now; None where they cannot be had of these."""
    if history.is_past() or not settings.COLUMNS_MAX_BYTES:
        return None
    try:
        with snapshot():
            return read(_find_latest(database))
    except EmptyResultSet:  # none can meet the conditions
        return nothing
    except NotReadYetError as error:
        _ahead.ask(error.expressions)
        return None
    except NotInMemoryError:
        return None


def _read_ahead(expressions: Sequence[Any]) -> None:
    """Read columns of the database, however long it takes."""
    MOST_READ.set(inf)
    with suppress(NotInMemoryError, EmptyResultSet):
        _find_latest(DEFAULT_DB_ALIAS).read(expressions)


def forget_columns() -> None:
    """Forget all columns, as a restart does."""
    _ahead.forget()
    _latest.clear()


def wait_for_columns() -> None:
    """Wait until those columns are there that are being read beside requests."""
    _ahead.wait()


_ahead = AheadReader(_read_ahead)


def _find_latest(database: str) -> ProjectColumns:
    """Find the columns of the state that the transaction sees."""
    newest = Project.objects.using(database).aggregate(newest=Max("pk"))["newest"]
    if (newest or 0) < FEW_PROJECTS:
        raise NotInMemoryError
    if known := _latest.get(database):
        known.check_size()
    versions = read_park_versions()
    before = known.versions if known else {}
    changed = [
        park
        for park in versions.keys() | before.keys()
        if not versions.get(park) or versions[park] != before.get(park)
    ]
    if known is None or len(changed) > _MOST_CHANGED:
        known = ProjectColumns(database, versions, newest)
    elif changed:
        known = known.renew(changed, versions)
    _latest[database] = known
    return known


def _keep(kept: dict[Sql, Any], name: Sql, value: Any, most: int) -> None:
    """Keep a value in the place of the oldest ones, if there are too many."""
    for oldest in [*islice(kept, max(0, len(kept) + 1 - most))]:
        kept.pop(oldest, None)
    kept[name] = value
