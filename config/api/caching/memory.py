"""Django's cache in local memory with a bound in bytes: what was asked for longest ago goes first.

Django bounds the number of entries, which says nothing where one has 300 bytes and another 3 MB.
"""

import sys
from collections import Counter, OrderedDict
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.locmem import LocMemCache

_ENTRY_BYTES = 500  # what an entry takes beside its key and value

# Bytes that a cache holds, by its name: like the entries, the same for all threads
_held: Counter[str] = Counter()


class BoundedMemoryCache(LocMemCache):
    """The cache of a process; `MAX_BYTES` among its OPTIONS is how much it holds at most."""

    _cache: "OrderedDict[str, bytes]"

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(name, params)
        self._name = name
        self._max_bytes: int = params["OPTIONS"]["MAX_BYTES"]
        self._max_entries = sys.maxsize

    def _set(self, key: str, value: bytes, timeout: Any = DEFAULT_TIMEOUT) -> None:
        self._delete(key)
        super()._set(key, value, timeout)  # type: ignore[misc]
        _held[self._name] += _measure(key, value)
        while _held[self._name] > self._max_bytes:
            self._delete(next(reversed(self._cache)))  # entries begin with the one used last

    def _delete(self, key: str) -> bool:
        if (value := self._cache.get(key)) is not None:
            _held[self._name] -= _measure(key, value)
        return bool(super()._delete(key))  # type: ignore[misc]

    def clear(self) -> None:
        super().clear()
        _held[self._name] = 0


def _measure(key: str, value: bytes) -> int:
    return len(key) + len(value) + _ENTRY_BYTES
