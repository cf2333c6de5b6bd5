"""Limit requests in number, counted by all processes in memory, and in time of the database."""

import fcntl
import ipaddress
import mmap
import secrets
import select
import struct
import tempfile
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import blake2b
from math import ceil, inf
from threading import Lock
from time import monotonic
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from psycopg.pq import TransactionStatus
from rest_framework.exceptions import Throttled

from api.problems.handlers import answer_throttled
from api.requests import client_address

WINDOW_SECONDS = 60
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


IPV6_PREFIX = 64  # addresses of a network of this size count as one client
UNCOUNTED_PATHS = frozenset({"/healthz", "/readyz"})


class RateLimitMiddleware(MiddlewareMixin):
    """Counts every request but those for static files and health, and refuses those over the limit.

    Views of the API call `count_request` themselves, once they know the user. The counts are in
    memory that the processes of the server share, and are lost when it restarts.
    """

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        self.counters = SharedCounters()

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


def count_request(request: HttpRequest, person: Any, credential: Any = None) -> None:
    """Count this request; raise Throttled above the limit of the current minute.

    `person` may be anonymous; `credential` is `request.auth`: each token has its own count.
    """
    counters: SharedCounters | None = getattr(request, "rate_counters", None)
    key, limit = identify_client(request, person, credential)
    if counters is None or not key or not limit:
        return
    count = counters.add(key)
    request.rate_headers = {  # type: ignore[attr-defined]
        "RateLimit-Limit": limit,
        "RateLimit-Remaining": max(0, limit - count.number),
        "RateLimit-Reset": count.seconds_left,
    }
    if count.number > limit:
        raise Throttled(wait=count.seconds_left)


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


# SQLite calls the progress handler after so many steps (a few milliseconds). Each call waits for
# the GIL, so more calls cost time.
_SQLITE_STEPS = 500_000
_SLACK = 0.1  # seconds by which the limit set on PostgreSQL may exceed what is left
# The end of a transaction is never refused; its begin waits for a lock, which has its own limit
_FREE = ("BEGIN", "COMMIT", "ROLLBACK", "RELEASE")
_READING = ("GET", "HEAD", "OPTIONS")
# How PostgreSQL plans prepared statements. A range of amounts needs a plan for its values: a
# generic plan expects few rows, and sorts a tenth of the ledger for a page. A row is found by its
# key the same way whatever the value, and planning takes longer than that: PostgreSQL may choose.
ANEW = "force_custom_plan"
ONCE = "auto"


class OutOfTimeError(OperationalError):
    """The database has worked for a request as long as it may."""


@dataclass
class Budget:
    """The seconds that the statements of a request may take, in total and each, and their plan."""

    total: float
    each: float
    planning: str = ANEW
    spent: float = 0
    ended: float = 0  # when the last statement returned its first row
    busy_to: float = 0  # when SQLite was last seen at work, perhaps on further rows

    def find_left(self) -> float:
        """Return the seconds that the next statement may take; OutOfTimeError if there are none."""
        self.spent += max(0, self.busy_to - self.ended)
        self.ended = self.busy_to = monotonic()
        left = min(self.total - self.spent, self.each)
        if left <= 0:
            raise OutOfTimeError("no time is left for this request")
        return left

    def spend(self, begun: float) -> None:
        """Subtract the time since a statement began."""
        self.ended = self.busy_to = monotonic()
        self.spent += self.ended - begun


_budget: ContextVar[Budget | None] = ContextVar("budget", default=None)


class TimeLimitMiddleware(MiddlewareMixin):
    """Limits the time that each request may keep the database busy.

    A write may take longer: it is one transaction, even if it updates thousands of other rows.
    """

    def __call__(self, request: HttpRequest) -> Any:
        each = settings.DATABASE_STATEMENT_TIMEOUT
        is_reading = request.method in _READING
        with database_seconds(each if is_reading else settings.DATABASE_FILE_TIMEOUT, each):
            return self.get_response(request)


def limit_connections() -> None:
    """Set timeouts on connections to PostgreSQL, and no JIT, which takes longer than it saves.

    Only servers call it (`config/wsgi.py`): commands and migrations take as long as they need.
    PgBouncer does not pass these options on: docs/how-to/deploy.md.
    """
    limits = {
        "statement_timeout": settings.DATABASE_STATEMENT_TIMEOUT,
        "lock_timeout": settings.DATABASE_LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": settings.DATABASE_IDLE_TIMEOUT,
    }
    given = " ".join(f"-c {name}={_milliseconds(value)}" for name, value in limits.items())
    given += f" -c jit=off -c plan_cache_mode={ANEW}"
    for alias in connections:
        if connections[alias].vendor == "postgresql" and not settings.PGBOUNCER:
            options = connections.settings[alias]["OPTIONS"]
            options["options"] = f"{options.get('options', '')} {given}".strip()


def reading_seconds() -> AbstractContextManager[None]:
    """Give the statements of a block the time of a request that reads."""
    return database_seconds(
        settings.DATABASE_STATEMENT_TIMEOUT, settings.DATABASE_STATEMENT_TIMEOUT
    )


def file_seconds() -> AbstractContextManager[None]:
    """Give the statements of a block the time of files and imports."""
    return database_seconds(settings.DATABASE_FILE_TIMEOUT, settings.DATABASE_FILE_TIMEOUT)


@contextmanager
def database_seconds(total: float, each: float) -> Iterator[None]:
    """Limit the seconds of the statements in this block, in total and each (0: no limit).

    Slower statements fail as an unavailable database, which is a 503. On PostgreSQL the block must
    enclose transactions, not be inside one.
    """
    is_first = _budget.get() is None
    token = _budget.set(Budget(total or inf, each or inf))
    try:
        if _is_limited(connection) and each != settings.DATABASE_STATEMENT_TIMEOUT:
            connection.ensure_connection()  # COPY does not pass `_watch`
            _limit_postgresql(connection.connection, each or inf)
        if not is_first:
            yield
            return
        with connection.execute_wrapper(_watch):
            yield
    finally:
        _budget.reset(token)
        if connection.connection is not None:
            _lift_limits(connection.connection)


def choose_planning(*, finds_by_keys: bool) -> None:
    """Let PostgreSQL reuse plans for the rest of this request if it finds rows by keys."""
    if (budget := _budget.get()) is not None:
        budget.planning = ONCE if finds_by_keys else ANEW


@contextmanager
def counting_wait() -> Iterator[None]:
    """Count the time of a block as spent: it waits for the results of a pipeline."""
    budget, begun = _budget.get(), monotonic()
    try:
        yield
    finally:
        if budget is not None:
            budget.spend(begun)


def _watch(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Run a statement within the time left; on SQLite the limit holds while rows are read, too."""
    budget = _budget.get()
    if budget is None or str(sql).startswith(_FREE):
        return execute(sql, params, many, context)
    left = budget.find_left()
    database: BaseDatabaseWrapper = context["connection"]
    if database.vendor == "sqlite":
        _limit_sqlite(database.connection, budget, left)
    elif _is_limited(database):
        _choose_plan(database.connection, budget.planning)
        _limit_postgresql(database.connection, left)
    begun = budget.ended
    try:
        return execute(sql, params, many, context)
    finally:
        budget.spend(begun)


def _limit_sqlite(raw: Any, budget: Budget, left: float) -> None:
    deadline = budget.ended + left

    def is_over() -> bool:
        budget.busy_to = monotonic()
        return budget.busy_to > deadline

    raw.set_progress_handler(is_over if left < inf else None, _SQLITE_STEPS)


def _is_limited(database: BaseDatabaseWrapper) -> bool:
    return "statement_timeout" in database.settings_dict["OPTIONS"].get("options", "")


@dataclass
class _Limits:
    """The statement timeouts of a connection: of its session, and of the open transaction."""

    session: float
    transaction: float | None = None


def _limit_postgresql(raw: Any, left: float) -> None:
    """Set the statement timeout of a connection unless it is set already.

    Within a transaction it is set for that alone: a rollback would undo a setting of the session.
    """
    status = raw.pgconn.transaction_status
    if status == TransactionStatus.INERROR:
        return  # only the end of the transaction can succeed
    limits: _Limits = getattr(
        raw, "ledger_limits", _Limits(settings.DATABASE_STATEMENT_TIMEOUT or inf)
    )
    if status == TransactionStatus.IDLE:
        limits.transaction = None
    current = limits.session if limits.transaction is None else limits.transaction
    if left <= current <= left + _SLACK:
        return
    wanted = 0 if left == inf else _milliseconds(left)
    if raw.autocommit:
        raw.execute(f"SET statement_timeout = {wanted}")
        limits.session = left
    else:
        raw.execute(f"SET LOCAL statement_timeout = {wanted}")
        limits.transaction = left
    raw.ledger_limits = limits


def _lift_limits(raw: Any) -> None:
    if connection.vendor == "sqlite":
        raw.set_progress_handler(None, 0)
    elif hasattr(raw, "ledger_limits") and raw.autocommit:
        del raw.ledger_limits
        try:
            raw.execute("RESET statement_timeout")
        except psycopg.Error:
            raw.close()  # the next user of the pool must not inherit the limit


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000)) if seconds else 0


def _choose_plan(raw: Any, wanted: str) -> None:
    # Not within a transaction, whose rollback would undo the setting
    if raw.autocommit and getattr(raw, "ledger_planning", ANEW) != wanted:
        raw.execute(f"SET plan_cache_mode = {wanted}")
        raw.ledger_planning = wanted


def plan_checks_once() -> None:
    """Let PostgreSQL reuse plans in this transaction.

    Its checks of foreign keys at commit, row by row, take five times as long with a plan each.
    """
    if connection.vendor == "postgresql":
        connection.connection.execute(f"SET LOCAL plan_cache_mode = {ONCE}")
