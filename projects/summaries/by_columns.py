"""Sums worked out of columns in memory, on SQLite: it would sort all projects for each question.

A column is what an expression says of each project. It is read once, whoever asks, and after a
write anew for the projects of the parks whose marks (`parks.recording.marks`) are others than
before. Which projects a question is about is asked of the database each time it is new: filters
and what a reader may see are said there alone. So a sum by whatever nobody asked for costs
one look through an index, and what is counted of a hundred thousand projects a few milliseconds.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count, islice
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Aggregate, Case, Count, F, Max, Q, QuerySet, Sum, Value, When

from config import history
from config.snapshots import snapshot
from projects.models import Project
from projects.summaries.by_parks import Marks, is_joined, read_park_versions, reads_parks_alone
from projects.summaries.cells import (
    CellColumns,
    Integers,
    KeyColumn,
    add_by_groups,
    group_rows,
)

FEW_PROJECTS = 5_000  # up to which SQLite is as quick itself
_MOST_SELECTIONS = 16  # that are kept: a byte for each project
_BYTES = 16  # of a column, for each project: places and numbers
_MOST_CHANGED = 8  # parks whose projects are read anew; of more, all are

Mask = npt.NDArray[np.bool_]
Sql = tuple[str, tuple[Any, ...]]


class NotInMemoryError(Exception):
    """What cannot be worked out of columns: the database is to be asked."""


@dataclass(frozen=True)
class KeptColumn:
    """What an expression says of each project: the place of its value among the `values`."""

    expression: Any
    places: Mapping[Any, int]
    codes: npt.NDArray[np.int32]

    @cached_property
    def values(self) -> list[Any]:
        """The values, in the order of their places."""
        return [*self.places]

    @cached_property
    def numbers(self) -> Integers:
        """The value of each project as a number, 0 where none is known."""
        return np.array([value or 0 for value in self.values], np.int64)[self.codes]

    @cached_property
    def is_known(self) -> Mask:
        """Tell of each project whether a value is known."""
        return np.array([value is not None for value in self.values], np.bool_)[self.codes]


@dataclass(frozen=True)
class AskedSums:
    """What is added up, with the columns that tell of each project whether it is, and how much."""

    aggregates: Sequence[Aggregate]
    conditions: Mapping[Any, KeptColumn]
    amounts: Mapping[Any, KeptColumn]


@dataclass(frozen=True)
class AlikeProjects:
    """Groups of projects of which all is the same that sums ask for, but the amounts themselves.

    `sizes` are those of the groups; `codes` what each is by the columns of the conditions;
    `is_known` whether the amounts are, and `totals` what these add up to.
    """

    sums: AskedSums
    sizes: Integers
    codes: Mapping[Any, Integers]
    is_known: Mapping[Any, Integers]
    totals: Mapping[Any, Integers]

    def add_up(self, aggregate: Aggregate) -> Integers:
        """Count or add up each group, as far as the aggregate is about it."""
        source = aggregate.get_source_expressions()[0]
        if type(aggregate) is Sum:
            numbers = self.totals[source]
        elif type(aggregate) is Count:
            numbers = self.sizes * self.is_known.get(source, 1)
        else:
            raise NotInMemoryError
        if not aggregate.filter:
            return numbers
        name, (word, _column) = _choose_column(aggregate.filter), _read_equality(aggregate.filter)
        return numbers * (self.codes[name] == self.sums.conditions[name].places.get(word, -1))


class ProjectColumns:
    """The columns of all projects that were read so far, in one state of the ledger."""

    def __init__(self, database: str, versions: Mapping[int, Marks]) -> None:
        self.database = database
        self.versions = versions
        self.ids: Integers = np.zeros(0, np.int64)
        self.parks: Integers = self.ids  # of the projects
        self.columns: dict[Sql, KeptColumn] = {}
        self.selections: dict[Sql, Mask] = {}

    def add_up(
        self, projects: QuerySet, by: Sequence[Sequence[Any]], sums: Sequence[Aggregate]
    ) -> list[CellColumns]:
        """Add up the projects, each time by one or more keys."""
        keys = [key for keys in by for key in keys]
        told = {_choose_column(each.filter) for each in sums if each.filter}
        sources = {each.get_source_expressions()[0] for each in sums} - {F("pk")}
        found = iter(self.read([*keys, *told, *sources]))
        axes = [[*islice(found, len(keys))] for keys in by]
        asked = AskedSums(
            sums, {each: next(found) for each in told}, {e: next(found) for e in sources}
        )
        selected = self.select(projects)
        return [_add_up_by(keys, asked, selected) for keys in axes]

    def select(self, projects: QuerySet) -> Mask:
        """Select the projects that the database says are meant."""
        asked = projects.order_by().annotate(told=F("pk")).values_list("told")
        name: Sql = asked.query.sql_with_params()
        if name not in self.selections:
            (found,) = self._read_lists(name, ["told"])
            selected: Mask = np.isin(self.ids, np.array(found, np.int64))
            if len(found) != np.count_nonzero(selected):  # joined to what a project has more of
                raise NotInMemoryError
            _keep(self.selections, name, selected, _MOST_SELECTIONS)
        return self.selections[name]

    def read(self, expressions: Sequence[Any]) -> list[KeptColumn]:
        """Read columns by their expressions: those that are missing, in one look."""
        rows = Project.objects.using(self.database).order_by()
        names: list[Sql] = [
            rows.annotate(told=each).values_list("told").query.sql_with_params()
            for each in expressions
        ]
        columns = {name: self.columns.get(name) for name in names}
        missing = {
            name: each
            for name, each in zip(names, expressions, strict=True)
            if columns[name] is None
        }
        if missing:
            ids, parks, lists = self._read_rows(rows, [*missing.values()])
            # By each index they come in another order
            order = np.argsort(ids)
            if not self.ids.size:
                self.ids, self.parks = ids[order], parks[order]
            if not np.array_equal(self.ids, ids[order]):
                raise NotInMemoryError  # joined to what a project has more of
            for (name, expression), values in zip(missing.items(), lists, strict=True):
                columns[name] = _build_column(expression, values, {}, order)
                most = settings.COLUMNS_MAX_BYTES // (_BYTES * max(1, self.ids.size))
                _keep(self.columns, name, columns[name], most)
        return [column for name in names if (column := columns[name])]

    def renew(self, parks: Sequence[int], versions: Mapping[int, Marks]) -> "ProjectColumns":
        """Read the projects of some parks anew, in every column."""
        renewed, columns = ProjectColumns(self.database, versions), dict(self.columns)
        rows = Project.objects.using(self.database).order_by().filter(park__in=parks)
        told = [each.expression for each in columns.values()]
        ids, new_parks, lists = self._read_rows(rows, told)
        left = ~np.isin(self.parks, np.array(parks, np.int64))
        ids = np.concatenate([self.ids[left], ids])
        order = np.argsort(ids)
        renewed.ids = ids[order]
        renewed.parks = np.concatenate([self.parks[left], new_parks])[order]
        for (name, column), values in zip(columns.items(), lists, strict=True):
            added = _build_column(column.expression, values, column.places)
            codes = np.concatenate([column.codes[left], added.codes])
            renewed.columns[name] = replace(added, codes=codes[order])
        return renewed

    def _read_rows(
        self, rows: QuerySet, expressions: Sequence[Any]
    ) -> tuple[Integers, Integers, list[list[Any]]]:
        """Read the ids and the parks of some projects, and what expressions say of each."""
        told = {f"told_{n}": each for n, each in enumerate(expressions)}
        named = {"told_id": F("pk"), "told_park": F("park_id"), **told}
        asked = rows.annotate(**named).values_list(*named).query.sql_with_params()
        ids, parks, *lists = self._read_lists(asked, [*named])
        return np.array(ids, np.int64), np.array(parks, np.int64), lists

    def _read_lists(self, asked: Sql, names: Sequence[str]) -> list[list[Any]]:
        """Read columns as lists: much quicker than row by row."""
        sql, params = asked
        if not reads_parks_alone(sql):
            raise NotInMemoryError
        lists = ", ".join(f"json_group_array({name})" for name in names)
        with connections[self.database].cursor() as cursor:
            cursor.execute(f"SELECT {lists} FROM ({sql})", params)  # noqa: S608
            return [orjson.loads(each) for each in cursor.fetchone()]


_latest: dict[str, ProjectColumns] = {}  # by database


def add_up_by_columns(
    projects: QuerySet, by: Sequence[Sequence[Any]], sums: Sequence[Aggregate]
) -> list[CellColumns] | None:
    """Add up projects, each time by one or more keys; None where the database is to be asked."""
    if connections[projects.db].vendor != "sqlite" or not settings.COLUMNS_MAX_BYTES:
        return None
    if history.is_past() or is_joined(projects):
        return None
    try:
        with snapshot():
            columns = _find_latest(projects.db)
            return columns.add_up(projects, by, sums)
    except EmptyResultSet:  # no project can meet the conditions
        return [CellColumns.of({}, len(keys), len(sums)) for keys in by]
    except NotInMemoryError:
        return None


def forget_columns() -> None:
    """Forget all columns, as a restart does."""
    _latest.clear()


def _find_latest(database: str) -> ProjectColumns:
    """Find the columns of the state that the transaction sees."""
    newest = Project.objects.using(database).aggregate(newest=Max("pk"))["newest"]
    if (newest or 0) < FEW_PROJECTS:
        raise NotInMemoryError
    versions, known = read_park_versions(), _latest.get(database)
    before = known.versions if known else {}
    changed = [
        park
        for park in versions.keys() | before.keys()
        if not versions.get(park) or versions[park] != before.get(park)
    ]
    if known is None or len(changed) > _MOST_CHANGED:
        known = ProjectColumns(database, versions)
    elif changed:
        known = known.renew(changed, versions)
    _latest[database] = known
    return known


def _build_column(
    expression: Any,
    values: Sequence[Any],
    places: Mapping[Any, int],
    order: Integers | None = None,
) -> KeptColumn:
    """Build a column of values, beside the places that others of them have."""
    found: dict[Any, int] = defaultdict(count(len(places)).__next__)
    found.update(places)
    codes = np.fromiter(map(found.__getitem__, values), np.int32, len(values))
    return KeptColumn(expression, dict(found), codes if order is None else codes[order])


def _keep(kept: dict[Sql, Any], name: Sql, value: Any, most: int) -> None:
    """Keep a value in the place of the oldest ones, if there are too many."""
    for oldest in [*islice(kept, max(0, len(kept) + 1 - most))]:
        kept.pop(oldest, None)
    kept[name] = value


def _add_up_by(keys: Sequence[KeptColumn], sums: AskedSums, selected: Mask) -> CellColumns:
    """Add up the selected projects by keys."""
    some = slice(None) if selected.all() else np.flatnonzero(selected)
    rows = int(np.count_nonzero(selected))
    cells, cell_of = group_rows([each.codes[some] for each in keys], rows)
    # Those of which all that is asked is the same, together: these are few
    axes: list[npt.NDArray[Any]] = [each.codes for each in sums.conditions.values()]
    axes += [each.is_known for each in sums.amounts.values()]
    (of_cell, *alike), part_of = group_rows([cell_of, *(each[some] for each in axes)], rows)
    found = iter(alike)
    parts = AlikeProjects(
        sums,
        np.bincount(part_of),
        {each: next(found) for each in sums.conditions},
        {each: next(found) for each in sums.amounts},
        {each: add_by_groups(part_of, of.numbers[some]) for each, of in sums.amounts.items()},
    )
    numbers = [add_by_groups(of_cell, parts.add_up(each)) for each in sums.aggregates]
    named = zip(keys, cells, strict=True)
    return CellColumns([KeyColumn(of.values, codes).compact() for of, codes in named], numbers)


def _choose_column(condition: Q) -> Any:
    """Choose the column that tells who meets a condition: the one it speaks of, or an own one."""
    _word, name = _read_equality(condition)
    return F(name) if name else Case(When(condition, then=Value(1)), default=Value(0))


def _read_equality(condition: Q) -> tuple[Any, str]:
    """Read a condition that a column has a word, as that and its name; else (1, "")."""
    (first, *rest) = condition.children
    if not rest and not condition.negated and isinstance(first, tuple):
        name, word = first
        if isinstance(word, str) and "__" not in name:
            return str(word), name
    return 1, ""
