"""Columns of values in memory, each value once, and sums by what they say."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
import numpy.typing as npt
from django.db.models import Aggregate, Case, Count, F, Q, Sum, Value, When
from django.db.models.expressions import Star

from projects.summaries.cells import (
    CellColumns,
    Integers,
    KeyColumn,
    group_rows,
)

_ROWS = {F("pk"), Star()}  # what each project has: to count it no column is read
_VALUE_BYTES = 150  # of each value of a column, or so; each row has but its place among them


class NotInMemoryError(Exception):
    """What cannot be worked out of columns: the database is to be asked."""


@dataclass(frozen=True)
class KeptColumn:
    """What an expression says of each project: the place of its value among the `values`."""

    expression: Any
    places: Mapping[Any, int]
    codes: npt.NDArray[Any]  # of whichever type is wide enough

    @cached_property
    def values(self) -> list[Any]:
        """The values, in the order of their places."""
        return [*self.places]

    @property
    def size(self) -> int:
        """How many bytes it takes, or so."""
        return self.codes.nbytes + _VALUE_BYTES * len(self.places)

    def replace_rows(
        self, left: npt.NDArray[np.bool_], added: "KeptColumn", order: Integers
    ) -> "KeptColumn":
        """Build the column of what is left of its rows and of those that are added."""
        places = dict(self.places)
        codes = np.array([places.setdefault(each, len(places)) for each in added.values], np.int32)
        codes = codes.astype(np.min_scalar_type(len(places)))[added.codes]
        # Of the wider type
        return KeptColumn(self.expression, places, np.concatenate([self.codes[left], codes])[order])

    def read_numbers(self, some: Integers) -> Integers:
        """Read the values of some projects as numbers, 0 where none is known."""
        return np.array([value or 0 for value in self.values], np.int64)[self.codes[some]]

    def tell_known(self, some: Integers) -> Integers:
        """Tell of some projects whether a value is known, as 1 or 0."""
        return np.array([value is not None for value in self.values], np.int64)[self.codes[some]]


@dataclass(frozen=True)
class AskedSums:
    """What is added up, with the columns that tell of each project whether it is, and how much."""

    aggregates: Sequence[Aggregate]
    conditions: Mapping[Any, KeptColumn]
    amounts: Mapping[Any, KeptColumn]

    @classmethod
    def of(cls, sums: Sequence[Aggregate], columns: Mapping[Any, KeptColumn]) -> "AskedSums":
        """Choose the columns of sums."""
        told = {_choose_column(each.filter) for each in sums if each.filter}
        sources = {each.get_source_expressions()[0] for each in sums} - _ROWS
        return cls(sums, {e: columns[e] for e in told}, {e: columns[e] for e in sources})


class CellSums:
    """What projects add up to by the cells that they are of: `cell_of` is about `some` of them.

    What is asked of each word of a column is counted for all its words at once.
    """

    def __init__(self, sums: AskedSums, cell_of: Integers, cells: int, some: Integers) -> None:
        self.sums = sums
        self.cell_of = cell_of
        self.cells = cells
        self.some = some
        self.tables: dict[Any, Integers] = {}  # that were counted

    def add_up(self, aggregate: Aggregate) -> Integers:
        """Count or add up the projects of each cell, as far as the aggregate is about them."""
        source = aggregate.get_source_expressions()[0]
        if not aggregate.filter:
            return self.tabulate(type(aggregate), source, None)[:, 0]
        name, (word, _column) = _choose_column(aggregate.filter), _read_equality(aggregate.filter)
        place = self.sums.conditions[name].places.get(word)
        if place is None:
            return np.zeros(self.cells, np.int64)
        return self.tabulate(type(aggregate), source, name)[:, place]

    def tabulate(self, kind: type[Aggregate], source: Any, name: Any) -> Integers:
        """Count or add up by cell, and by the words of a column if one is named."""
        asked = kind, source, name
        if asked not in self.tables:
            words, place_of = 1, self.cell_of
            if name is not None:
                words = len(self.sums.conditions[name].places)
                place_of = self.cell_of * words + self.sums.conditions[name].codes[self.some]
            found = self._add_up_places(kind, source, place_of, self.cells * words)
            self.tables[asked] = found.reshape(self.cells, words)
        return self.tables[asked]

    def _add_up_places(
        self, kind: type[Aggregate], source: Any, place_of: Integers, places: int
    ) -> Integers:
        amounts = self.sums.amounts.get(source)  # none of the projects themselves
        if kind is Count:
            if amounts:
                place_of = place_of[amounts.tell_known(self.some) > 0]
            return np.bincount(place_of, minlength=places)
        if kind is not Sum or not amounts:
            raise NotInMemoryError
        total: Integers = np.zeros(places, np.int64)
        np.add.at(total, place_of, amounts.read_numbers(self.some))  # whole, as floats are not
        return total


@dataclass(frozen=True)
class KnownOf:
    """A key that tells whether an amount is known that is added up: nothing more is read for it."""

    amount: Any


def build_column(
    expression: Any, values: Sequence[Any], order: Integers | None = None
) -> KeptColumn:
    """Build a column of what an expression says of each row, put into an order."""
    found: dict[Any, int] = defaultdict(count().__next__)
    codes: Any = np.fromiter(map(found.__getitem__, values), np.int32, len(values))
    codes = codes.astype(np.min_scalar_type(len(found)))
    return KeptColumn(expression, dict(found), codes if order is None else codes[order])


def add_up_columns(keys: Sequence[KeyColumn], sums: AskedSums, some: Integers) -> CellColumns:
    """Add up by keys what stands in some places of the columns."""
    cells, cell_of = group_rows([each.codes for each in keys], some.size)
    size = len(cells[0]) if cells else min(some.size, 1)
    found = CellSums(sums, cell_of, size, some)
    named = zip(keys, cells, strict=True)
    return CellColumns(
        [KeyColumn(of.values, codes).compact() for of, codes in named],
        [found.add_up(each) for each in sums.aggregates],
    )


def place_axis(key: Any, columns: Mapping[Any, KeptColumn], some: Integers) -> KeyColumn:
    """Build the axis of a key, of what stands in some places of the columns."""
    if isinstance(key, KnownOf):
        return KeyColumn([False, True], columns[key.amount].tell_known(some))
    return KeyColumn(columns[key].values, columns[key].codes[some])


def is_mere_count(sums: Sequence[Aggregate]) -> bool:
    """Tell whether projects are counted, whatever they are, and no more."""
    return all(
        type(each) is Count and not each.filter and each.get_source_expressions()[0] in _ROWS
        for each in sums
    )


def list_columns_read(sums: Sequence[Aggregate]) -> list[Any]:
    """List the columns that sums are read from."""
    told = [_choose_column(each.filter) for each in sums if each.filter]
    sources = [each.get_source_expressions()[0] for each in sums]
    return [each for each in dict.fromkeys([*told, *sources]) if each not in _ROWS]


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
