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
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from psycopg.pq import TransactionStatus
from rest_framework.exceptions import Throttled

from api.problems.handlers import answer_throttled
from api.requests import client_address

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


# A network of this size is one client's: nobody is counted by the addresses he may make up in it.
IPV6_PREFIX = 64
UNCOUNTED_PATHS = frozenset({"/healthz", "/readyz"})


@dataclass(frozen=True)
class Allowance:
    """What a client may still ask for in the current minute."""

    limit: int
    remaining: int
    reset: int  # seconds until the limit begins again

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }


class RateLimitMiddleware:
    """Counts every request but those for static files and health, and refuses those over the limit.

    Views of the API call `count_request` themselves, as soon as they know who asks. The counts are
    in the memory of the server, shared by its processes and lost when it is restarted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.counters = SharedCounters()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.rate_counters = self.counters  # type: ignore[attr-defined]
        response = self.get_response(request)
        allowance: Allowance | None = getattr(request, "rate_allowance", None)
        if allowance is not None:
            for name, value in allowance.headers.items():
                response.headers.setdefault(name, value)
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
    """Count this request; Throttled if there were too many in the current minute.

    `person` is whoever asks (may be anonymous), `credential` what DRF calls `request.auth`: each
    token is counted by itself.
    """
    counters: SharedCounters | None = getattr(request, "rate_counters", None)
    key, limit = identify_client(request, person, credential)
    if counters is None or not key or not limit:
        return
    count = counters.add(key)
    request.rate_allowance = Allowance(  # type: ignore[attr-defined]
        limit, max(0, limit - count.number), count.seconds_left
    )
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
    """Shorten an address as it is counted: "" for this machine itself."""
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


# A waiting request takes a thread of this process; half of the threads stay free.
_WAITING = max(1, settings.WEB_THREADS // 2)
_WAITING_OF_CLIENT = max(1, _WAITING // 2)
# What poll() reports when the client is gone. It reports POLLHUP and POLLERR unasked; where there
# is no POLLRDHUP (outside Linux), a closed connection is noticed only when it is reset.
_GONE = getattr(select, "POLLRDHUP", 0)

_waiting: Counter[str] = Counter()  # requests by client
_lock = Lock()


@contextmanager
def place_to_wait(client: str) -> Iterator[bool]:
    """Yield whether this request may wait; its place is given back at the end.

    A client takes at most half of the places, so one client never keeps all others from waiting.
    "" is this machine, which is not limited, as in `api.load`.
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


# SQLite asks after so many steps whether to go on (a few milliseconds): more often would cost
# time, as each answer waits for its turn among the threads.
_SQLITE_STEPS = 500_000
# PostgreSQL is told a new limit when what is left is so many seconds less than it was told
_SLACK = 0.1
# What ends a transaction is never refused; what begins one waits for a lock, which has its limit
_FREE = ("BEGIN", "COMMIT", "ROLLBACK", "RELEASE")
_READING = ("GET", "HEAD", "OPTIONS")
# How PostgreSQL plans what it keeps prepared. What lies between two amounts is planned for these:
# for no value in particular it expects few rows, and sorts a tenth of the ledger for a page. What
# is found by a key is found in the same way whatever its value, and takes longer to plan than to
# do: there PostgreSQL may choose.
ANEW = "force_custom_plan"
ONCE = "auto"  # once a plan for all values promises no less than those that were made before


class OutOfTimeError(OperationalError):
    """The database has worked for a request as long as it may."""


@dataclass
class Budget:
    """How long the statements of a request may take: all together, and each; in seconds.

    And how PostgreSQL plans them.
    """

    total: float
    each: float
    planning: str = ANEW
    spent: float = 0
    ended: float = 0  # when the last statement had given its first row
    busy_to: float = 0  # when SQLite was last seen at work, perhaps on further rows

    def find_left(self) -> float:
        """Find how long the next statement may take; OutOfTimeError if no time is left."""
        self.spent += max(0, self.busy_to - self.ended)
        self.ended = self.busy_to = monotonic()
        left = min(self.total - self.spent, self.each)
        if left <= 0:
            raise OutOfTimeError("no time is left for this request")
        return left

    def spend(self, begun: float) -> None:
        """Take from it what a statement took that has begun at a time."""
        self.ended = self.busy_to = monotonic()
        self.spent += self.ended - begun


_budget: ContextVar[Budget | None] = ContextVar("budget", default=None)


class TimeLimitMiddleware:
    """Gives each request its time: to those that read little, and more to those that write.

    A write is one transaction, also where thousands of rows follow from the one that is changed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        each = settings.DATABASE_STATEMENT_TIMEOUT
        is_reading = request.method in _READING
        with database_seconds(each if is_reading else settings.DATABASE_FILE_TIMEOUT, each):
            return self.get_response(request)


def limit_connections() -> None:
    """Let connections to PostgreSQL give up slow statements, locks and idle transactions.

    Nor do they compile statements: for most it takes longer than to answer them. How they plan
    what is prepared, `planning` says.

    For servers: `config/wsgi.py` calls it, so commands and migrations take as long as they need.
    Behind PgBouncer the options of a connection are not passed on: docs/how-to/deploy.md.
    """
    for alias in connections:
        if connections[alias].vendor == "postgresql" and not settings.PGBOUNCER:
            options = connections.settings[alias]["OPTIONS"]
            options["options"] = f"{options.get('options', '')} {_postgresql_options()}".strip()


def _postgresql_options() -> str:
    limits = {
        "statement_timeout": settings.DATABASE_STATEMENT_TIMEOUT,
        "lock_timeout": settings.DATABASE_LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": settings.DATABASE_IDLE_TIMEOUT,
    }
    given = " ".join(f"-c {name}={_milliseconds(value)}" for name, value in limits.items())
    return f"{given} -c jit=off -c plan_cache_mode={ANEW}"


def reading_seconds() -> AbstractContextManager[None]:
    """Give the statements within a block as long as those of a request that reads may take."""
    return database_seconds(
        settings.DATABASE_STATEMENT_TIMEOUT, settings.DATABASE_STATEMENT_TIMEOUT
    )


def file_seconds() -> AbstractContextManager[None]:
    """Give the statements within a block as long as files and imports may take."""
    return database_seconds(settings.DATABASE_FILE_TIMEOUT, settings.DATABASE_FILE_TIMEOUT)


@contextmanager
def database_seconds(total: float, each: float) -> Iterator[None]:
    """Give all statements within this block so many seconds, and each of them so many (0: any).

    What takes longer fails as a database that is too slow, which is a 503. On PostgreSQL the
    block stands around transactions, not inside one.
    """
    is_first = _budget.get() is None
    token = _budget.set(Budget(total or inf, each or inf))
    try:
        if connection.vendor == "postgresql" and each != settings.DATABASE_STATEMENT_TIMEOUT:
            _prepare_postgresql(each or inf)  # COPY does not come by `_watch`
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
    """Have what is asked for a request from now on planned once, if it finds rows by keys."""
    if (budget := _budget.get()) is not None:
        budget.planning = ONCE if finds_by_keys else ANEW


@contextmanager
def counting_wait() -> Iterator[None]:
    """Take from the request's time what a block waits for: answers of a pipeline come by then."""
    budget, begun = _budget.get(), monotonic()
    try:
        yield
    finally:
        if budget is not None:
            budget.spend(begun)


def _watch(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Run a statement within what is left of the budget; on SQLite also while rows are read."""
    budget = _budget.get()
    if budget is None or str(sql).startswith(_FREE):
        return execute(sql, params, many, context)
    left = budget.find_left()
    database: BaseDatabaseWrapper = context["connection"]
    if database.vendor == "sqlite":
        _limit_sqlite(database.connection, budget, left)
    elif _is_limited(database):
        tell_planning(database.connection, budget.planning)
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
class _Told:
    """What a connection to PostgreSQL was told: for its session, and for the open transaction."""

    session: float
    transaction: float | None = None


def _prepare_postgresql(seconds: float) -> None:
    if _is_limited(connection):
        connection.ensure_connection()
        _limit_postgresql(connection.connection, seconds)


def _limit_postgresql(raw: Any, left: float) -> None:
    """Tell the connection how long a statement may take, if it believes something else.

    It is kept with the connection, which goes from request to request. Within a transaction it is
    told for that alone: a limit of the session would be forgotten if that is rolled back.
    """
    status = raw.pgconn.transaction_status
    if status == TransactionStatus.INERROR:
        return  # all but the end of the transaction fails
    usual = _Told(settings.DATABASE_STATEMENT_TIMEOUT or inf)
    told: _Told = getattr(raw, "told_limits", usual)
    if status == TransactionStatus.IDLE:
        told.transaction = None
    believed = told.session if told.transaction is None else told.transaction
    if left <= believed <= left + _SLACK:
        return
    wanted = 0 if left == inf else _milliseconds(left)
    if raw.autocommit:
        raw.execute(f"SET statement_timeout = {wanted}")
        told.session = left
    else:
        raw.execute(f"SET LOCAL statement_timeout = {wanted}")
        told.transaction = left
    raw.told_limits = told


def _lift_limits(raw: Any) -> None:
    """Leave the connection as it was, to whoever uses it next without a budget."""
    if connection.vendor == "sqlite":
        raw.set_progress_handler(None, 0)
    elif hasattr(raw, "told_limits") and raw.autocommit:
        del raw.told_limits
        try:
            raw.execute("RESET statement_timeout")
        except psycopg.Error:
            raw.close()  # others must not inherit the limit from the pool


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000)) if seconds else 0


def tell_planning(raw: Any, wanted: str) -> None:
    """Tell a connection to PostgreSQL how to plan, if it was told something else.

    It is kept with the connection, which goes from request to request. Within a transaction it
    stays as it is: if that is rolled back, so is what was told.
    """
    if raw.autocommit and getattr(raw, "told_planning", ANEW) != wanted:
        raw.execute(f"SET plan_cache_mode = {wanted}")
        raw.told_planning = wanted


def plan_checks_once() -> None:
    """Have PostgreSQL plan once, in this transaction, how it finds what new rows refer to.

    It looks for that at the end, row by row: planned anew each time that takes five times as long.
    """
    if connection.vendor == "postgresql":
        connection.connection.execute(f"SET LOCAL plan_cache_mode = {ONCE}")
