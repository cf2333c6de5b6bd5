"""Counts per minute that all processes of a server share, in memory and without a database."""

import fcntl
import mmap
import secrets
import struct
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, inf

WINDOW_SECONDS = 60
# A key is kept in one of the places that follow its own. Where all are taken by keys whose minute
# is not over, the one that ends first is forgotten: its owner is then counted from zero.
_PLACES = 8
_ENTRY = struct.Struct("<QdQ")  # a fingerprint of the key, when its window ends, the count


@dataclass(frozen=True)
class Count:
    """How often something happened in its current window of a minute."""

    number: int
    seconds_left: int  # until the window ends, 1 to 60


class SharedCounters:
    """Counts by key, each in windows of a minute that begin with the first time.

    To be made before the server forks its workers: they then count together. The memory has a
    fixed size (24 bytes for each entry), so no flood of addresses can use it up.
    """

    def __init__(self, entries: int = 65_536) -> None:
        self._entries = entries
        self._memory = mmap.mmap(-1, (entries + _PLACES) * _ENTRY.size)
        # Nobody can choose keys that share a place.
        self._secret = secrets.token_bytes(16)
        # A lock of the kernel between processes: it is let go of when its process is killed.
        self._lock_file = tempfile.TemporaryFile()  # noqa: SIM115 kept as long as the counters
        weakref.finalize(self, self._lock_file.close)
        self._threads = threading.Lock()

    def add(self, key: str, now: float | None = None) -> Count:
        """Count `key` once more. `now` is a monotonic time in seconds."""
        now = time.monotonic() if now is None else now
        digest = blake2b(key.encode(), digest_size=8, key=self._secret).digest()
        fingerprint = int.from_bytes(digest, "little") or 1
        with self._lock():
            offset, ends, number = self._find(fingerprint, now)
            _ENTRY.pack_into(self._memory, offset, fingerprint, ends, number + 1)
        return Count(number + 1, ceil(ends - now))  # the window is not over

    def _find(self, fingerprint: int, now: float) -> tuple[int, float, int]:
        """Find where the key is, or is to be, when its window ends, and its count in it."""
        first = fingerprint % self._entries * _ENTRY.size
        soonest, place = inf, first
        for offset in range(first, first + _PLACES * _ENTRY.size, _ENTRY.size):
            found, ends, number = _ENTRY.unpack_from(self._memory, offset)
            if found == fingerprint and ends > now:
                return offset, ends, number
            if found == fingerprint:
                return offset, now + WINDOW_SECONDS, 0
            if ends < soonest:
                soonest, place = ends, offset
        return place, now + WINDOW_SECONDS, 0

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with self._threads:
            fcntl.lockf(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._lock_file, fcntl.LOCK_UN)
