"""Databases as Django is told of them: what SQLite and PostgreSQL need beside their address."""

from typing import Any

SQLITE = "django.db.backends.sqlite3"


def complete_sqlite(given: dict[str, Any]) -> dict[str, Any]:
    """Complete what is said of an SQLite file: readers and a writer that never wait long."""
    options = {
        # Take the write lock at BEGIN: a transaction that reads and then writes cannot be
        # refused half-way by another writer.
        "transaction_mode": "IMMEDIATE",
        # That a connection keeps prepared: a request may take thirty, and to prepare one takes
        # half as long as to run it.
        "cached_statements": 500,
        "timeout": 2,  # seconds to wait for the lock; then 503 with Retry-After
        "init_command": (
            "PRAGMA journal_mode=WAL;"  # readers and a writer do not wait for each other
            "PRAGMA synchronous=NORMAL;"  # with WAL safe against a crash of the process
            "PRAGMA mmap_size=268435456;"
            "PRAGMA cache_size=-16384"  # 16 MiB for each connection
        ),
    }
    return {
        **given,
        "ENGINE": "config.sqlite",
        "CONN_MAX_AGE": None,  # each thread keeps its connection
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, **given.get("OPTIONS", {})},
    }


def complete_postgresql(
    given: dict[str, Any], pool: dict[str, Any], *, is_pooled: bool
) -> dict[str, Any]:
    """Complete what is said of a PostgreSQL server; `is_pooled` tells that PgBouncer is between."""
    options = {
        "connect_timeout": 3,
        # Attempts to connect wait longer each time: given up so soon, the next request makes a new
        # one, and a database that comes back is found at once.
        # A pool gives its connections in turn. So one that nobody needs is closed soon: those that
        # are left have prepared what is asked.
        "pool": {**pool, "reconnect_timeout": 1, "max_idle": 30},
        # Statements prepared on the server, from the third time on, spare it reading the same ones
        # again and again, and planning those that find rows by their keys.
        "server_side_binding": True,
        "prepare_threshold": None if is_pooled else 2,
    }
    return {
        **given,
        # A pooler in transaction mode keeps neither prepared statements nor cursors between them.
        "DISABLE_SERVER_SIDE_CURSORS": is_pooled,
        # A database that was restarted or replaced costs no failed request.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {**options, **given.get("OPTIONS", {})},
    }
