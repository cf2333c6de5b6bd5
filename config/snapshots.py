"""Reading several queries of one and the same state of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state inside, however others write meanwhile; nothing may be written.

    Inside a transaction of the caller's, the state is what that transaction sees; inside another
    snapshot, what that one sees.
    """
    if connection.in_atomic_block or _is_deferred():
        yield
    elif connection.features.has_select_for_update:  # a server, with levels of isolation
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with _begin_deferred():
            yield


def _is_deferred() -> bool:
    """Whether this is inside a transaction of `_begin_deferred`, of which Django knows nothing."""
    raw = connection.connection
    return bool(getattr(raw, "in_transaction", False))


@contextmanager
def _begin_deferred() -> Iterator[None]:
    """Begin a transaction without SQLite's lock: the settings ask for the lock of a writer."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
