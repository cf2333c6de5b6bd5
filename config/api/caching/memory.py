"""A cache in the memory of a process, bounded in bytes: what was asked for longest ago goes first.

Django's bounds the number of entries, which says nothing where one has 300 bytes and another 3 MB,
and gives a copy of each: of 3 MB that takes as long as all else that a kept answer needs.
"""

import pickle
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache

_ENTRY_BYTES = 500  # what an entry takes beside its key and value


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    size: int
    ends: float | None  # when it expires


@dataclass(slots=True)
class _Memory:
    """What the threads of a process share: the entries, the one used longest ago first."""

    entries: "OrderedDict[str, _Entry]" = field(default_factory=OrderedDict)
    size: int = 0
    lock: Lock = field(default_factory=Lock)

    def drop(self, key: str) -> bool:
        entry = self.entries.pop(key, None)
        self.size -= entry.size if entry else 0
        return entry is not None


_memories: dict[str, _Memory] = {}  # by the name of the cache


class BoundedMemoryCache(BaseCache):
    """The cache of a process; `MAX_BYTES` among its OPTIONS is how much it holds at most.

    What is kept is given again itself: nobody changes it.
    """

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.memory = _memories.setdefault(name, _Memory())
        self.max_bytes: int = params["OPTIONS"]["MAX_BYTES"]

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        key = self.make_and_validate_key(key, version=version)
        with self.memory.lock:
            entry = self.memory.entries.get(key)
            if entry is None:
                return default
            if entry.ends is not None and entry.ends <= time.time():
                self.memory.drop(key)
                return default
            self.memory.entries.move_to_end(key)
            return entry.value

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        key = self.make_and_validate_key(key, version=version)
        size = len(key) + len(pickle.dumps(value)) + _ENTRY_BYTES
        memory = self.memory
        with memory.lock:
            memory.drop(key)
            memory.entries[key] = _Entry(value, size, self.get_backend_timeout(timeout))
            memory.size += size
            while memory.size > self.max_bytes:
                memory.drop(next(iter(memory.entries)))

    def delete(self, key: str, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version=version)
        with self.memory.lock:
            return self.memory.drop(key)

    def clear(self) -> None:
        with self.memory.lock:
            self.memory.entries.clear()
            self.memory.size = 0
