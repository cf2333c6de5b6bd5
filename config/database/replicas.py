"""Read whole responses from hot standbys of PostgreSQL that have everything committed.

While a response is built, the connection of the standby replaces that of the primary in this
thread, for all modules. Writes and authentication use the primary.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from time import monotonic
from typing import Any

import psycopg
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)
from django.db.backends.base.base import BaseDatabaseWrapper

from config.database import history

# Of Django, and of the driver and its pool
CONNECTION_ERRORS = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
LEFT_OUT_SECONDS = 5.0  # until a standby that was away is tried again
_left_out: dict[str, float] = {}  # monotonic time until when, by alias
_turns = count()
_logger = logging.getLogger(__name__)


def list_replicas() -> list[str]:
    """List the aliases of the standbys of DATABASE_REPLICA_URLS."""
    return [alias for alias in connections if alias != DEFAULT_DB_ALIAS]


@contextmanager
def reading_elsewhere() -> Iterator[str | None]:
    """Read from a standby inside, if one is equal to the primary; yield its alias or None.

    Nothing may be written inside. A standby that lags is not used, so clients see all earlier
    writes. Inside a transaction or another such block, it does nothing.
    """
    replicas = list_replicas()
    if not replicas or connection.in_atomic_block or connection.alias != DEFAULT_DB_ALIAS:
        yield None
        return
    alias = _find_equal(replicas, history.ledger_version())
    if alias is None:
        yield None
        return
    with _in_place(connections[alias]):
        yield alias


def _find_equal(replicas: list[str], version: str) -> str | None:
    """Return a standby with this version of the ledger, beginning with each in turn, or None."""
    begin = next(_turns) % len(replicas)
    for alias in replicas[begin:] + replicas[:begin]:
        if (until := _left_out.get(alias)) and until > monotonic():
            continue
        if until:  # only this request tries whether it is back
            _left_out[alias] = monotonic() + LEFT_OUT_SECONDS
        try:
            with _in_place(connections[alias]):
                is_equal = history.ledger_version() == version
        except (*CONNECTION_ERRORS, DatabaseError) as error:
            leave_out(alias, error)
            continue
        _left_out.pop(alias, None)
        if is_equal:
            return alias
    return None


@contextmanager
def _in_place(replica: BaseDatabaseWrapper) -> Iterator[None]:
    """Replace the connection of the primary in this thread, with its execute wrappers."""
    primary: Any = connections[DEFAULT_DB_ALIAS]
    replica.execute_wrappers = primary.execute_wrappers
    connections[DEFAULT_DB_ALIAS] = replica
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS] = primary
        replica.execute_wrappers = []
        if not replica.in_atomic_block:
            replica.close()  # back to its pool


def leave_out(alias: str, why: object) -> None:
    """Do not use a standby for a few seconds."""
    _left_out[alias] = monotonic() + LEFT_OUT_SECONDS
    _logger.warning("%s is not asked for %.0f s: %s", alias, LEFT_OUT_SECONDS, why)


def read_lag() -> tuple[int, float]:
    """Return how far the slowest standby is behind the primary, in bytes and seconds.

    Seconds since it last replayed a transaction; 0 if nothing is left to replay.
    """
    if not list_replicas():
        return 0, 0.0
    # Null if the primary is in recovery itself
    position = _ask(
        DEFAULT_DB_ALIAS,
        "SELECT CASE WHEN NOT pg_is_in_recovery() THEN pg_current_wal_flush_lsn() END",
    )[0]
    behind = (
        "SELECT pg_wal_lsn_diff(%s, pg_last_wal_replay_lsn())::bigint, "
        "EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8"
    )
    lags = [(0, 0.0)]
    for alias in list_replicas():
        try:
            left, seconds = _ask(alias, behind, [position])
        except (*CONNECTION_ERRORS, DatabaseError):
            continue
        if left and left > 0:  # null if it is no longer a standby
            lags.append((left, seconds or 0.0))
    return max(lags)


def count_away() -> int:
    """Count the standbys that do not answer."""
    away = 0
    for alias in list_replicas():
        try:
            _ask(alias, "SELECT 1")
        except (*CONNECTION_ERRORS, DatabaseError):
            away += 1
    return away


def _ask(alias: str, sql: str, params: Any = None) -> tuple[Any, ...]:
    asked = connections[alias]
    try:
        with asked.cursor() as cursor:
            cursor.execute(sql, params)
            return cursor.fetchone()
    finally:
        if alias != DEFAULT_DB_ALIAS:
            asked.close()
