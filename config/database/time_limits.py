"""Limit the time that requests keep the database busy."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Any

import psycopg
from django.conf import settings
from django.db import OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin
from psycopg.pq import TransactionStatus

from config.postgresql.base import DatabaseWrapper

# SQLite calls the progress handler after so many steps (a few milliseconds). Each call waits for
# the GIL, so more calls cost time.
_SQLITE_STEPS = 500_000
_SLACK = 0.1  # seconds by which the limit set on PostgreSQL may exceed what is left
# The end of a transaction is never refused; its begin waits for a lock, which has its own limit
_FREE = ("BEGIN", "COMMIT", "ROLLBACK", "RELEASE")
_WRITING = ("INSERT", "UPDATE", "DELETE")
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
    left_at: float = 0  # when SQLite last returned rows
    deadline: float = inf  # when SQLite has to stop; later by the time in which it is idle

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
        self.ended = self.busy_to = self.left_at = monotonic()
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
        if connections[alias].vendor != "postgresql":
            continue
        DatabaseWrapper.patience = settings.DATABASE_COMMIT_TIMEOUT
        if not settings.PGBOUNCER:
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


@contextmanager
def fetching() -> Iterator[None]:
    """Count the time in which SQLite finds further rows, and none between two such blocks."""
    if (budget := _budget.get()) is None:
        yield
        return
    idle = monotonic() - budget.left_at
    budget.ended += idle
    budget.deadline += idle
    try:
        yield
    finally:
        budget.left_at = monotonic()


def _watch(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Run a statement within the time left; on SQLite the limit holds while rows are read, too."""
    budget = _budget.get()
    if budget is None or str(sql).startswith(_FREE):
        return execute(sql, params, many, context)
    left = budget.find_left()
    database: Any = context["connection"]
    if database.vendor == "sqlite":
        _limit_sqlite(database.connection, budget, left)
    elif _is_limited(database):
        _choose_plan(database.connection, budget.planning)
        _limit_postgresql(database.connection, left)
    begun = budget.ended
    is_writing = str(sql).startswith(_WRITING)
    commits = is_writing and database.vendor != "sqlite" and not database.in_atomic_block
    try:
        with database.confirming() if commits else nullcontext():
            return execute(sql, params, many, context)
    finally:
        budget.spend(begun)


def _limit_sqlite(raw: Any, budget: Budget, left: float) -> None:
    budget.deadline = budget.ended + left

    def is_over() -> bool:
        budget.busy_to = monotonic()
        return budget.busy_to > budget.deadline

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


def renew_statistics() -> None:
    """Let SQLite count the rows of tables that grew tenfold: it plans by the numbers counted last.

    PostgreSQL counts by itself.
    """
    if connection.vendor == "sqlite":
        connection.connection.execute("PRAGMA optimize = 0x10002")  # of all tables
