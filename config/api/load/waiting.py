"""Waiting within a request: who may, how many at once, and no longer than the client is there."""

import select
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from django.conf import settings
from django.http import HttpRequest

# A waiting request takes a thread of this process; half of the threads stay free.
_PLACES = max(1, settings.WEB_THREADS // 2)
_PLACES_OF_CLIENT = max(1, _PLACES // 2)
# What poll() reports when the client is gone. It reports POLLHUP and POLLERR unasked; where there
# is no POLLRDHUP (outside Linux), a closed connection is noticed only when it is reset.
_GONE = getattr(select, "POLLRDHUP", 0)

_waiting: Counter[str] = Counter()  # requests by client
_lock = Lock()


@contextmanager
def place_to_wait(client: str) -> Iterator[bool]:
    """Yield whether this request may wait; its place is given back at the end.

    A client takes at most half of the places, so one client never keeps all others from waiting.
    "" is this machine, which is not limited, as in `config.api.load.limits`.
    """
    with _lock:
        is_free = _waiting.total() < _PLACES
        is_free = is_free and (not client or _waiting[client] < _PLACES_OF_CLIENT)
        if is_free:
            _waiting[client] += 1
    try:
        yield is_free
    finally:
        if is_free:
            with _lock:
                _waiting[client] -= 1
                if not _waiting[client]:
                    del _waiting[client]


def sleep_while_connected(request: HttpRequest, seconds: float) -> bool:
    """Sleep so long, or until the client disconnects; return whether it is still connected.

    Servers other than gunicorn do not give the connection: there the client counts as connected.
    """
    connection = request.META.get("gunicorn.socket")
    if connection is None:
        time.sleep(seconds)
        return True
    poll = select.poll()
    poll.register(connection, _GONE)
    return not poll.poll(seconds * 1000)
