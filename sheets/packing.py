"""Long lists in little memory: packed in blocks, and unpacked as they are read."""

import pickle
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from io import BytesIO
from itertools import islice
from operator import attrgetter
from types import MappingProxyType
from typing import IO, Any, Protocol, TypeVar

PACKED_AT_ONCE = 200  # neighbours are alike, so that they compress well together

Packable = TypeVar("Packable")


class PackedList(Sequence[Packable]):
    """A list of items that no longer change, packed in blocks; reading returns copies."""

    def __init__(self, items: Iterable[Packable] = ()) -> None:
        self._packed: list[bytes] = []
        self._rest: list[Packable] = []  # that is not packed yet
        self._at_once = PACKED_AT_ONCE
        self._unpacked: tuple[int, list[Packable]] = (-1, [])
        for item in items:
            self.append(item)

    def append(self, item: Packable) -> None:
        self._rest.append(item)
        if len(self._rest) == self._at_once:
            file = BytesIO()
            dump(self._rest, file)
            self._packed.append(zlib.compress(file.getbuffer(), 1))
            self._rest = []

    def __len__(self) -> int:
        return len(self._packed) * self._at_once + len(self._rest)

    def __iter__(self) -> Iterator[Packable]:
        for packed in self._packed:
            yield from _unpack(packed)
        yield from self._rest

    def __getitem__(self, place: Any) -> Any:
        block, within = divmod(range(len(self))[place], self._at_once)
        if block == len(self._packed):
            return self._rest[within]
        if block != self._unpacked[0]:
            self._unpacked = (block, _unpack(self._packed[block]))
        return self._unpacked[1][within]


def split_up(items: Iterable[Packable], count: int) -> Iterator[list[Packable]]:
    """Split items into lists of `count`, one in memory at a time."""
    rest = iter(items)
    while some := [*islice(rest, count)]:
        yield some


class OfLine(Protocol):
    """An item that belongs to a line of a file."""

    @property
    def line(self) -> int: ...


OneOfLine = TypeVar("OneOfLine", bound=OfLine)


class PackedLines(PackedList[OneOfLine]):
    """Items found by their lines, which usually ascend."""

    def __init__(self, items: Iterable[OneOfLine] = ()) -> None:
        self._lines = array("q")
        self._is_rising = True
        super().__init__(items)

    @property
    def last_line(self) -> int:
        return self._lines[-1] if self._lines else 0

    def append(self, item: OneOfLine) -> None:
        self._is_rising = self._is_rising and item.line > self.last_line
        super().append(item)
        self._lines.append(item.line)

    def find_place(self, line: int) -> int | None:
        """Return the index of the item of a line, or None."""
        if not self._is_rising:
            return self._lines.index(line) if line in self._lines else None
        place = bisect_left(self._lines, line)
        return place if place < len(self._lines) and self._lines[place] == line else None

    def find(self, line: int) -> OneOfLine:
        """Return the item of a line; KeyError if there is none."""
        place = self.find_place(line)
        if place is None:
            raise KeyError(line)
        return self[place]


class _Packer(pickle.Pickler):
    """Pickles data classes as the values of their fields, in half the time."""

    def reducer_override(self, packed: Any) -> Any:
        kind: Any = type(packed)
        if kind is MappingProxyType:
            return dict, (dict(packed),)
        read = _find_reader(kind)
        return NotImplemented if read is None else (kind, read(packed))


@cache
def _find_reader(kind: Any) -> Callable[[Any], Any] | None:
    """Return a getter of the fields of a data class whose `init` takes them all, else None."""
    names = [each.name for each in fields(kind) if each.init] if is_dataclass(kind) else []
    return attrgetter(*names) if len(names) > 1 and len(names) == len(fields(kind)) else None


def dump(item: Any, file: IO[bytes]) -> None:
    """Pickle an item that may contain packed lists."""
    _Packer(file, pickle.HIGHEST_PROTOCOL).dump(item)


def _unpack(packed: bytes) -> Any:
    return pickle.loads(zlib.decompress(packed))  # noqa: S301 what this process has packed
