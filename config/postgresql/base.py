"""PostgreSQL with commits that end in time while their synchronous standby is away.

PostgreSQL waits without end, and no timeout of its own ends that. Here the wait is cancelled after
`patience` seconds: the write is stored on the primary alone, and the client is told so. From then
on one write at a time tries whether the standby is back; others are refused before they commit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock, Timer
from time import monotonic
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_RETRY_SECONDS = 5
_HAS_WRITTEN = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL"


class StandbyAwayError(OperationalError):
    """A write is refused, as its standby was away a moment ago; `detail` is for the client."""

    detail: Promise = _("Writes wait for a standby that is away. Nothing was written.")
    wait = _RETRY_SECONDS


class UnconfirmedError(StandbyAwayError):
    """A write is stored, and no standby has confirmed it in time."""

    detail = _(
        "What you sent is stored, but no standby has confirmed it: it is lost if this server is. "
        "Look whether it is there before you send it again."
    )


@dataclass
class _Standby:
    """What this process knows about the synchronous standby."""

    retry_at: float | None = None  # monotonic time of the next try; None if it is not away
    unconfirmed: int = 0


_standby = _Standby()
_lock = Lock()


def count_unconfirmed() -> int:
    """Return how many writes of this process no standby has confirmed in time."""
    return _standby.unconfirmed


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection to PostgreSQL, with limited waits of commits in servers."""

    patience: float = 0  # seconds; 0 for no limit, as commands have it

    def commit(self) -> None:
        with self.confirming():
            super().commit()

    @contextmanager
    def confirming(self) -> Iterator[None]:
        """Limit the wait for a standby in this block, which commits."""
        raw: Any = self.connection
        if not self.patience or raw is None:
            yield
            return
        is_trial = _standby.retry_at is not None and self._has_written(raw)
        if is_trial:
            _take_turn(self.patience)
        has_given_up = False

        def give_up() -> None:
            nonlocal has_given_up
            has_given_up = True
            raw.cancel_safe(timeout=self.patience)

        timer = Timer(self.patience, give_up)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
        if has_given_up:
            timer.join()
            raw.close()  # the next statement could be cancelled in place of this one
            with _lock:
                _standby.unconfirmed += 1
                _standby.retry_at = monotonic() + _RETRY_SECONDS
            raise UnconfirmedError(str(UnconfirmedError.detail))
        if is_trial:
            _standby.retry_at = None

    def _has_written(self, raw: Any) -> bool:
        # A statement of its own commits by itself: the caller knows that it writes
        return raw.autocommit or bool(raw.execute(_HAS_WRITTEN).fetchone()[0])


def _take_turn(patience: float) -> None:
    """Raise StandbyAwayError unless it is time to try again, which only this write then does."""
    with _lock:
        now = monotonic()
        if _standby.retry_at is not None and now < _standby.retry_at:
            raise StandbyAwayError(str(StandbyAwayError.detail))
        _standby.retry_at = now + patience + _RETRY_SECONDS
