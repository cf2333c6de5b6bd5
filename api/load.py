"""Limit how often clients ask, and how many may wait.

All processes of a machine count in memory; all machines count in CACHE_URL where it is Redis or
Memcached.
"""

import fcntl
import ipaddress
import logging
import mmap
import secrets
import select
import struct
import tempfile
import threading
import time
import weakref
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, inf
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import Throttled

from api.problems.handlers import answer_throttled
from api.requests import client_address

WINDOW_SECONDS = 60
_logger = logging.getLogger(__name__)
# A key is kept in one of the places after its own. If all hold keys whose minute is not over, the
# one that ends first is dropped, and its owner counts from zero.
_PLACES = 8
_ENTRY = struct.Struct("<QdQ")  # a fingerprint of the key, when its window ends, the count


@dataclass(frozen=True)
class Count:
    """The count of a key in its current window of a minute."""

    number: int
    seconds_left: int  # until the window ends, 1 to 60


class SharedCounters:
    """Counts by key, in windows of a minute that begin with the first request of the key.

    Build it before the server forks its workers, which then count together. The memory has a fixed
    size (24 bytes for each entry), so a flood of addresses cannot exhaust it.
    """

    def __init__(self, entries: int = 65_536) -> None:
        self._entries = entries
        self._memory = mmap.mmap(-1, (entries + _PLACES) * _ENTRY.size)
        # With a secret, nobody can choose keys that share a place
        self._secret = secrets.token_bytes(16)
        # The kernel releases a lock between processes when its process is killed
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
        """Find the place of the key, the end of its window, and its count in it."""
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


_SHARED_CACHES = ("RedisCache", "PyMemcacheCache")
_LEFT_OUT_SECONDS = 5.0  # until a cache that was away is tried again


class CacheCounters:
    """Counts by key in CACHE_URL, for all machines, in the minutes of the clock.

    While it does not answer, each machine counts for itself.
    """

    def __init__(self) -> None:
        self._own = SharedCounters()
        self._away_until = 0.0

    def add(self, key: str) -> Count:
        """Count `key` once more."""
        minute, seconds = divmod(timezone.now().timestamp(), WINDOW_SECONDS)
        if time.monotonic() < self._away_until:
            return self._own.add(key)
        digest = blake2b(key.encode(), digest_size=16, key=settings.SECRET_KEY.encode()[:64])
        try:
            number = self._add_there(f"requests:{digest.hexdigest()}:{minute:.0f}")
        except Exception as error:  # noqa: BLE001 whatever a shared cache raises
            _logger.warning("Requests are not counted together: %s", error)
            self._away_until = time.monotonic() + _LEFT_OUT_SECONDS
            return self._own.add(key)
        return Count(number, ceil(WINDOW_SECONDS - seconds))

    def _add_there(self, name: str) -> int:
        try:
            return int(cache.incr(name))
        except ValueError:  # the first of this minute
            if cache.add(name, 1, 2 * WINDOW_SECONDS):
                return 1
            return int(cache.incr(name))


def make_counters() -> SharedCounters | CacheCounters:
    """Build the counters of the server."""
    backend = settings.CACHES["default"]["BACKEND"]
    return CacheCounters() if backend.endswith(_SHARED_CACHES) else SharedCounters()


IPV6_PREFIX = 64  # addresses of a network of this size count as one client
UNCOUNTED_PATHS = frozenset({"/healthz", "/readyz"})


class RateLimitMiddleware(MiddlewareMixin):
    """Counts every request but those for static files and health, and refuses those over the limit.

    Views of the API call `count_request` themselves, once they know the user.
    """

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self.counters = make_counters()

    def __call__(self, request: HttpRequest) -> Any:
        request.rate_counters = self.counters  # type: ignore[attr-defined]
        response: Any = self.get_response(request)
        for name, value in getattr(request, "rate_headers", {}).items():
            response.headers.setdefault(name, str(value))
        return response

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        counts_itself = getattr(getattr(view, "cls", None), "counts_requests", False)
        if counts_itself or request.path_info in UNCOUNTED_PATHS:
            return None
        try:
            count_request(request, request.user)
        except Throttled as error:
            return answer_throttled(request, error)
        return None


class TooManyRequestsError(Throttled):
    """429: the limit of the current minute is reached."""

    default_detail = gettext_lazy("Too many requests in this minute.")
    extra_detail_singular = extra_detail_plural = gettext_lazy("Go on in {wait} seconds.")  # type: ignore[assignment]


def count_request(request: HttpRequest, person: Any, credential: Any = None) -> None:
    """Count this request; raise Throttled above the limit of the current minute.

    `person` may be anonymous; `credential` is `request.auth`: each token has its own count.
    """
    counters: SharedCounters | CacheCounters | None = getattr(request, "rate_counters", None)
    key, limit = identify_client(request, person, credential)
    if counters is None or not key or not limit:
        return
    count = counters.add(key)
    remaining = max(0, limit - count.number)
    request.rate_headers = {  # type: ignore[attr-defined]
        "RateLimit": f'"minute";r={remaining};t={count.seconds_left}',
        "RateLimit-Policy": f'"minute";q={limit};w=60',
        # Deprecated: of older drafts of the same standard
        "RateLimit-Limit": limit,
        "RateLimit-Remaining": remaining,
        "RateLimit-Reset": count.seconds_left,
    }
    if count.number > limit:
        raise TooManyRequestsError(wait=count.seconds_left)


def identify_client(request: HttpRequest, person: Any, credential: Any) -> tuple[str, int]:
    """Return the key to count by ("" for this machine, which is not counted), and the limit."""
    address = _network(client_address(request))
    if not address:
        return "", 0
    if not getattr(person, "is_authenticated", False):
        return f"address {address}", settings.RATE_LIMIT_ANONYMOUS
    token = getattr(credential, "pk", None)
    key = f"person {person.pk}" if token is None else f"token {token}"
    return key, settings.RATE_LIMIT_ACCOUNT


def _network(address: str) -> str:
    """Return the address or network that is counted; "" for this machine."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address  # a socket file has none
    if ip.version == 6:
        ip = ip.ipv4_mapped or ip
    if ip.is_loopback:
        return ""
    if ip.version == 6:
        return str(ipaddress.ip_network((ip, IPV6_PREFIX), strict=False))
    return str(ip)


# A waiting request occupies a thread of this process; half of the threads stay free.
_WAITING = max(1, settings.WEB_THREADS // 2)
_WAITING_OF_CLIENT = max(1, _WAITING // 2)
# What poll() reports when the client is gone. It reports POLLHUP and POLLERR unasked; where there
# is no POLLRDHUP (outside Linux), a closed connection is noticed only when it is reset.
_GONE = getattr(select, "POLLRDHUP", 0)

_waiting: Counter[str] = Counter()  # requests by client
_lock = Lock()


@contextmanager
def place_to_wait(client: str) -> Iterator[bool]:
    """Yield whether this request may wait; its place is free again at the end.

    A client takes at most half of the places. "" is this machine, which is not limited.
    """
    with _lock:
        is_free = _waiting.total() < _WAITING
        is_free = is_free and (not client or _waiting[client] < _WAITING_OF_CLIENT)
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
    """Sleep, or until the client disconnects; return whether it is still connected.

    Only gunicorn passes the connection on; elsewhere the client counts as connected.
    """
    connection = request.META.get("gunicorn.socket")
    if connection is None:
        time.sleep(seconds)
        return True
    poll = select.poll()
    poll.register(connection, _GONE)
    return not poll.poll(seconds * 1000)
