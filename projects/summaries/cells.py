"""Sums of many cells, column by column: what each cell is of, and what it adds up to.

An answer has up to ten thousand rows. What is worked out of whole columns takes a small part of
the time that it takes cell by cell; who asks for one cell gets it as a tally.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt

CellValues = tuple[Any, ...]  # one for each dimension: None is unknown, OTHER the rest
Tally = dict[str, int]
Sums = Mapping[CellValues, Tally]
Integers = npt.NDArray[np.int64]
_MOST_MARKED = 2**22  # combinations of what rows may be, of which each is marked


@dataclass(frozen=True)
class KeyColumn:
    """The values that cells have on one axis, each once, and the place of that of each cell."""

    values: Sequence[Any]
    codes: Integers

    @classmethod
    def of(cls, column: Sequence[Any]) -> "KeyColumn":
        """Build the column of these values."""
        found: dict[Any, int] = defaultdict(count().__next__)
        codes = np.fromiter(map(found.__getitem__, column), np.int64, len(column))
        return cls([*found], codes)

    def compact(self) -> "KeyColumn":
        """Build the same column without values that no cell has."""
        (found,), codes = group_rows([self.codes], len(self.codes))
        return KeyColumn([self.values[place] for place in found.tolist()], codes)

    def spread(self, told: Iterable[Any]) -> list[Any]:
        """List for each cell what is told of each value."""
        told = [*told]
        column = np.empty(len(told), object)
        column[:] = told
        spread: list[Any] = column[self.codes].tolist()
        return spread


@dataclass(frozen=True)
class CellColumns:
    """What is added up, by columns: the keys of all cells, and their numbers.

    0 where nothing is known: counts say so.
    """

    keys: Sequence[KeyColumn]
    numbers: Sequence[Integers]

    @classmethod
    def of(
        cls, cells: Mapping[tuple[Any, ...], Sequence[Any]], keys: int, sums: int
    ) -> "CellColumns":
        """Build the columns of cells that have so many keys and sums each; a sum of None is 0.

        Without keys there is one cell, even if it is of nothing.
        """
        if not (cells or keys):
            cells = {(): (0,) * sums}
        of_keys = [*zip(*cells, strict=True)] or [()] * keys
        of_sums = [*zip(*cells.values(), strict=True)] or [()] * sums
        return cls([*map(KeyColumn.of, of_keys)], [*map(build_numbers, of_sums)])

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.numbers[0])

    def list_cells(self) -> list[tuple[tuple[Any, ...], tuple[int, ...]]]:
        """List each cell, as its keys and its numbers."""
        keys = zip(*(key.spread(key.values) for key in self.keys), strict=True)
        numbers = zip(*(column.tolist() for column in self.numbers), strict=True)
        return [*zip(keys, numbers, strict=True)]


def add_cells(parts: Sequence[tuple[CellColumns, int]]) -> CellColumns:
    """Add up the cells of the same keys, each part so many times: -1 takes it away.

    Cells of which nothing is left are left out, but for one without keys.
    """
    merged = [_merge_keys(keys) for keys in zip(*(part.keys for part, _n in parts), strict=True)]
    columns = zip(*(part.numbers for part, _n in parts), strict=True)
    numbers = [
        np.concatenate([times * part for part, (_cells, times) in zip(column, parts, strict=True)])
        for column in columns
    ]
    codes, cell_of = group_rows([key.codes for key in merged], len(numbers[0]))
    sums = [add_by_groups(cell_of, column) for column in numbers]
    left = np.any(sums, axis=0) if merged else slice(None)
    keys = [KeyColumn(k.values, c[left]).compact() for k, c in zip(merged, codes, strict=True)]
    return CellColumns(keys, [column[left] for column in sums])


def _merge_keys(columns: Sequence[KeyColumn]) -> KeyColumn:
    """Put columns of keys below each other."""
    values = [*dict.fromkeys(value for column in columns for value in column.values)]
    places = {value: place for place, value in enumerate(values)}
    codes = [np.array([places[v] for v in each.values], np.int64)[each.codes] for each in columns]
    return KeyColumn(values, np.concatenate(codes))


class CellTable(Mapping[CellValues, Tally]):
    """The tallies of cells by their values, and as columns: each is made when it is asked for."""

    def __init__(self, axes: Sequence[KeyColumn], sums: Mapping[str, Integers], size: int) -> None:
        self.axes = axes
        self.sums = sums
        self.size = size

    @classmethod
    def of(cls, cells: Sums, axes: int) -> "CellTable":
        """Build the table of tallies by the values of so many axes."""
        if isinstance(cells, cls):
            return cells
        tallies = [*cells.values()]
        names = dict.fromkeys(name for tally in tallies for name in tally)
        sums = {name: build_numbers([each.get(name) for each in tallies]) for name in names}
        columns = [*zip(*cells, strict=True)] or [()] * axes
        table = cls([KeyColumn.of(column) for column in columns], sums, len(cells))
        table.tallies = {**cells}  # which may lack what others have
        return table

    @cached_property
    def tallies(self) -> dict[CellValues, Tally]:
        """The tally of each cell."""
        columns = zip(*(column.tolist() for column in self.sums.values()), strict=True)
        tallies = (dict(zip(self.sums, numbers, strict=True)) for numbers in columns)
        return dict(zip(self.keys(), tallies, strict=True))

    def __getitem__(self, values: CellValues) -> Tally:
        return self.tallies[values]

    def __iter__(self) -> Iterator[CellValues]:
        if not self.axes:
            return iter([()] * self.size)
        return zip(*(axis.spread(axis.values) for axis in self.axes), strict=True)

    def __len__(self) -> int:
        return self.size

    def rename(self, axes: Sequence[Sequence[Any]]) -> "CellTable":
        """Build the table that has other values in the place of those of each axis."""
        renamed = [
            KeyColumn(values, axis.codes) for axis, values in zip(self.axes, axes, strict=True)
        ]
        table = CellTable(renamed, self.sums, self.size)
        if "tallies" in vars(self):  # which may lack what others have
            table.tallies = dict(zip(table, self.tallies.values(), strict=True))
        return table

    def add_up(self) -> Tally:
        """Add up all cells."""
        return {name: add_exactly(column) for name, column in self.sums.items()}


def add_exactly(column: Integers) -> int:
    """Add up a column, whatever the sum is: it may be beyond 64 bits."""
    is_small = column.dtype == np.int64 and column.size * int(np.abs(column).max(initial=0)) < 2**63
    return int(column.sum()) if is_small else sum(column.tolist())


def build_numbers(column: Sequence[Any]) -> Integers:
    """Build a column of whole numbers; None is 0. Of any size: some sums are beyond 64 bits."""
    whole = [int(number) if number else 0 for number in column]
    try:
        return np.array(whole, np.int64)
    except OverflowError:
        return np.array(whole, object)


def group_rows(axes: Sequence[Any], rows: int) -> tuple[list[Integers], Integers]:
    """Group rows by what they are on each axis: that of each group, and the group of each row."""
    sizes = [int(axis.max(initial=0)) + 1 for axis in axes]
    if len(axes) > 2 and prod(sizes) > rows:  # those that there are of the others are fewer
        of_others, other_of = group_rows(axes[1:], rows)
        (first, others), group_of = group_rows([axes[0], other_of], rows)
        return [first, *(each[others] for each in of_others)], group_of
    joined: Integers = np.zeros(rows, np.int64)
    for axis, size in zip(axes, sizes, strict=True):
        joined *= size
        joined += axis
    if prod(sizes) > _MOST_MARKED:
        groups, group_of = np.unique(joined, return_inverse=True)
    else:  # to mark is much quicker than to sort
        is_met: npt.NDArray[np.bool_] = np.zeros(prod(sizes), np.bool_)
        is_met[joined] = True
        groups = np.flatnonzero(is_met)  # of integers it takes three times as long
        places: Integers = np.empty(prod(sizes), np.int64)
        places[groups] = np.arange(groups.size)
        group_of = places[joined]
    codes = []
    for size in reversed(sizes):
        groups, code = np.divmod(groups, size)
        codes.append(code)
    return codes[::-1], group_of


def add_by_groups(group_of: Integers, numbers: Integers) -> Integers:
    """Add up numbers by the groups that they are of: whole, as floats are not."""
    total: Integers = np.zeros(group_of.max(initial=-1) + 1, numbers.dtype)
    np.add.at(total, group_of, numbers)
    return total
