"""Reads columns beside requests, where that takes longer than a request should wait for them.

Until they are there, the database adds up as it does without them.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any

from django.db import DatabaseError, connection

from config.api.load.time_limits import file_seconds
from config.api.problems.database_errors import CONNECTION_ERRORS
from config.snapshots import snapshot

_DELAY = 2  # seconds, in which the database answers who has missed them, and others miss more
_REST = 4  # times as long as it has read: so it takes at most a fifth of one processor
_MOST_WANTED = 60  # expressions that are remembered until they are read
READING_LOCK = 0x72656164  # "read": the advisory lock of the process that reads
_logger = logging.getLogger(__name__)


class AheadReader:
    """Reads what requests have missed, in a thread that ends with it: one at a time."""

    def __init__(self, read: Callable[[Sequence[Any]], None]) -> None:
        self._read = read
        self._wanted: dict[Any, None] = {}
        self._lock = Lock()
        self._thread: Thread | None = None
        self._rests_until = 0.0

    def ask(self, expressions: Iterable[Any]) -> None:
        """Have columns read as soon as may be, with all that was asked for meanwhile."""
        with self._lock:
            self._wanted.update(dict.fromkeys(expressions))
            for oldest in [*islice(self._wanted, max(0, len(self._wanted) - _MOST_WANTED))]:
                del self._wanted[oldest]
            if self._thread is None and monotonic() >= self._rests_until:
                self._thread = Thread(target=self._run, name="columns", daemon=True)
                self._thread.start()

    def wait(self) -> None:
        """Wait until what is being read is there."""
        if thread := self._thread:
            thread.join()

    def forget(self) -> None:
        """Forget what was asked for, and that it has read before."""
        self.wait()
        self._wanted, self._rests_until = {}, 0.0

    def _run(self) -> None:
        sleep(_DELAY)
        begun = monotonic()
        with self._lock:
            wanted, self._wanted = [*self._wanted], {}
        try:
            with file_seconds(), snapshot():
                if _is_turn():
                    self._read(wanted)
        except (*CONNECTION_ERRORS, DatabaseError) as error:
            _logger.warning("Columns of projects were not read: %s", error)
        finally:
            connection.close()
            self._rests_until = monotonic() + _REST * (monotonic() - begun)
            self._thread = None


def _is_turn() -> bool:
    """Tell whether no other process reads now, as the database has others to answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [READING_LOCK])
        (is_free,) = cursor.fetchone()
    return bool(is_free)
