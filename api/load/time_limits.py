"""How long a request may keep the database busy: the server's limits, not those of commands."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponseBase
from psycopg.pq import TransactionStatus

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
