"""How long a request may keep the database busy: the server's limits, not those of commands."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# SQLite asks after so many steps whether to go on (a few milliseconds): more often would cost
# time, as each answer waits for its turn among the threads.
_SQLITE_STEPS = 500_000

_seconds: ContextVar[float] = ContextVar("statement_seconds", default=0)


def limit_connections() -> None:
    """Let connections to PostgreSQL give up slow statements, locks and idle transactions.

    Nor do they compile statements: for most it takes longer than to answer them.

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
    return f"{given} -c jit=off"


@contextmanager
def statement_seconds(seconds: float) -> Iterator[None]:
    """Give a statement so many seconds within this block (0: as long as it takes).

    A statement that takes longer fails as a database that is too slow, which is a 503. On
    PostgreSQL the block stands around transactions, not inside one.
    """
    if connection.vendor == "sqlite":
        with _sqlite_limit(seconds):
            yield
    elif _is_limited(connection) and seconds != settings.DATABASE_STATEMENT_TIMEOUT:
        with _postgresql_limit(seconds):
            yield
    else:
        yield


def _is_limited(database: BaseDatabaseWrapper) -> bool:
    return "statement_timeout" in database.settings_dict["OPTIONS"].get("options", "")


@contextmanager
def _postgresql_limit(seconds: float) -> Iterator[None]:
    connection.ensure_connection()
    raw: psycopg.Connection[Any] = connection.connection
    raw.execute(f"SET statement_timeout = {_milliseconds(seconds)}")
    try:
        yield
    finally:
        try:
            raw.execute("RESET statement_timeout")
        except psycopg.Error:
            raw.close()  # others must not inherit the limit from the pool


@contextmanager
def _sqlite_limit(seconds: float) -> Iterator[None]:
    token = _seconds.set(seconds)
    try:
        with connection.execute_wrapper(_watch):
            yield
    finally:
        _seconds.reset(token)
        if connection.connection is not None:
            connection.connection.set_progress_handler(None, 0)


def _watch(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Run a statement with a deadline, which also holds while its rows are read."""
    raw = context["connection"].connection
    seconds = _seconds.get()
    deadline = time.monotonic() + seconds
    stop = (lambda: time.monotonic() > deadline) if seconds else None
    raw.set_progress_handler(stop, _SQLITE_STEPS)
    return execute(sql, params, many, context)


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
