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

from projects.summaries.cells import (
    CellColumns,
    Integers,
    KeyColumn,
    add_by_groups,
    group_rows,
)

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
        sources = {each.get_source_expressions()[0] for each in sums} - {F("pk")}
        return cls(sums, {e: columns[e] for e in told}, {e: columns[e] for e in sources})


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
    rows = some.size
    cells, cell_of = group_rows([each.codes for each in keys], rows)
    # Those of which all that is asked is the same, together: these are few
    axes: list[Any] = [each.codes[some] for each in sums.conditions.values()]
    axes += [each.tell_known(some) for each in sums.amounts.values()]
    (of_cell, *alike), part_of = group_rows([cell_of, *axes], rows)
    found = iter(alike)
    parts = AlikeProjects(
        sums,
        np.bincount(part_of),
        {each: next(found) for each in sums.conditions},
        {each: next(found) for each in sums.amounts},
        {each: add_by_groups(part_of, of.read_numbers(some)) for each, of in sums.amounts.items()},
    )
    numbers = [add_by_groups(of_cell, parts.add_up(each)) for each in sums.aggregates]
    named = zip(keys, cells, strict=True)
    return CellColumns([KeyColumn(of.values, codes).compact() for of, codes in named], numbers)


def place_axis(key: Any, columns: Mapping[Any, KeptColumn], some: Integers) -> KeyColumn:
    """Build the axis of a key, of what stands in some places of the columns."""
    if isinstance(key, KnownOf):
        return KeyColumn([False, True], columns[key.amount].tell_known(some))
    return KeyColumn(columns[key].values, columns[key].codes[some])


def list_columns_read(sums: Sequence[Aggregate]) -> list[Any]:
    """List the columns that sums are read from."""
    told = [_choose_column(each.filter) for each in sums if each.filter]
    sources = [each.get_source_expressions()[0] for each in sums]
    return [each for each in dict.fromkeys([*told, *sources]) if each != F("pk")]


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
