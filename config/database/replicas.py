"""Reading from hot standbys of PostgreSQL: a whole answer, from one that has all that is committed.

Which server answers is decided once for each answer. While it is read, the standby stands in the
place of the database of this thread: whatever is asked meanwhile, by whichever module, asks that
server, in one snapshot where several queries must agree. Writes, and what is read to decide who
asks, stay with the primary.
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

# Both the exceptions that Django has wrapped and those of the driver and its pool.
CONNECTION_ERRORS = (
    OperationalError,
    InterfaceError,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)
LEFT_OUT_SECONDS = 5.0  # until a standby that was away is asked again
_left_out: dict[str, float] = {}  # until when, by alias
_turns = count()
_logger = logging.getLogger(__name__)


def list_replicas() -> list[str]:
    """List the aliases of the standbys that are set, DATABASE_REPLICA_URLS."""
    return [alias for alias in connections if alias != DEFAULT_DB_ALIAS]


@contextmanager
def reading_elsewhere() -> Iterator[str | None]:
    """Read what is read within from a standby, if one has all that the primary has; gives which.

    Nothing may be written within. So nobody misses what was written before they asked, by
    themselves or by others: a standby that lags is not asked. Inside a transaction, and within
    another such block, it changes nothing.
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
    """Find a standby on which the ledger stands at this version; each is asked first in turn."""
    begin = next(_turns) % len(replicas)
    for alias in replicas[begin:] + replicas[:begin]:
        if (until := _left_out.get(alias)) and until > monotonic():
            continue
        if until:  # one request tries whether it is back, no other waits for that
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
    """Let a connection stand in the place of the database in this thread, with its watchers."""
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
    """Ask a standby for nothing for a few seconds."""
    _left_out[alias] = monotonic() + LEFT_OUT_SECONDS
    _logger.warning("%s is not asked for %.0f s: %s", alias, LEFT_OUT_SECONDS, why)


def read_lag() -> tuple[int, float]:
    """Read how far the slowest standby that answers is behind the primary, in bytes and seconds.

    Seconds since it last replayed a transaction; 0 where nothing is left to replay.
    """
    if not list_replicas():
        return 0, 0.0
    # Null where the database that is set as the primary is none at the moment
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
        if left and left > 0:  # null on a server that is no standby any more
            lags.append((left, seconds or 0.0))
    return max(lags)


def count_away() -> int:
    """Count the standbys that do not answer."""
    return sum(not _answers(alias) for alias in list_replicas())


def _answers(alias: str) -> bool:
    try:
        _ask(alias, "SELECT 1")
    except (*CONNECTION_ERRORS, DatabaseError):
        return False
    return True


def _ask(alias: str, sql: str, params: Any = None) -> tuple[Any, ...]:
    asked = connections[alias]
    try:
        with asked.cursor() as cursor:
            cursor.execute(sql, params)
            row: tuple[Any, ...] = cursor.fetchone()
            return row
    finally:
        if alias != DEFAULT_DB_ALIAS:
            asked.close()
