"""What a revision has done so far to the rows of one model, in little memory."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from parks.models.records import Change


class NotedRows(Mapping[Any, str]):
    """What happened to each row, by its key; the first that was noted of it holds.

    Of rows that were created at once, a hundred thousand maybe, only the ends are kept.
    """

    def __init__(self) -> None:
        self._ops: dict[Any, str] = {}
        self._created: list[range] = []

    def note(self, keys: Iterable[Any], op: str) -> None:
        """Note that rows were created or changed; a range is of new rows that nobody noted yet."""
        if isinstance(keys, range) and op == Change.Op.CREATE:
            if self._created and self._created[-1].stop == keys.start:
                keys = range(self._created.pop().start, keys.stop)
            self._created.append(keys)
            return
        for key in keys:
            if not self._created or self._find_range(key) is None:
                self._ops.setdefault(key, op)

    def forget(self, key: Any) -> str | None:
        """Forget a row; tells what was noted of it."""
        place = self._find_range(key)
        if place is None:
            return self._ops.pop(key, None)
        found = self._created[place]
        self._created[place : place + 1] = [range(found.start, key), range(key + 1, found.stop)]
        return Change.Op.CREATE

    def find(self, op: str) -> Sequence[Any]:
        """List the keys of the rows of which this was noted; as a range if they are one."""
        created = self._created if op == Change.Op.CREATE else []
        keys = [key for key, noted in self._ops.items() if noted == op]
        return created[0] if len(created) == 1 and not keys else [*chain(*created), *keys]

    def _find_range(self, key: Any) -> int | None:
        return next((n for n, keys in enumerate(self._created) if key in keys), None)

    def __getitem__(self, key: Any) -> str:
        return self._ops[key] if self._find_range(key) is None else Change.Op.CREATE

    def __iter__(self) -> Iterator[Any]:
        for keys in self._created:
            yield from keys
        yield from self._ops

    def __len__(self) -> int:
        return len(self._ops) + sum(map(len, self._created))
