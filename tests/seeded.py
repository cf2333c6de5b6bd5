"""The database of the tests: a copy of a template, and what stands in it for a module of tests."""

import inspect
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.utils import translation

from tests.emptying import is_emptied
from tests.templates import BARE, SHIPPED, copy_database, drop_database, make_database, make_file

IN_MEMORY = "file:memorydb_default?mode=memory&cache=shared"
NAME_ON_POSTGRESQL = f"test_{os.getpid()}"
# The fixtures whose rows stand just now, each made upon those before it
_standing: list[Any] = []


@contextmanager
def own_database() -> Iterator[None]:
    """Give Django a database of its own, with all tables; it is gone afterwards."""
    before = connection.settings_dict["NAME"]
    close_connection()
    if connection.vendor == "sqlite":
        name_database(IN_MEMORY)
    else:
        name_database(NAME_ON_POSTGRESQL)
    try:
        copy_template(BARE, is_there=False)
        yield
    finally:
        close_connection()
        if connection.vendor == "postgresql":
            with psycopg.connect(address_of("postgres"), autocommit=True) as server:
                drop_database(server, connection.settings_dict["NAME"])
        name_database(before)


def copy_template(kind: str, is_there: bool = True) -> None:
    """Put a copy of a template in the place of the database of the tests, if that is there."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(f"file:{make_file(kind)}?mode=ro", uri=True)) as file:
            connection.ensure_connection()
            in_memory: Any = connection.connection
            file.backup(in_memory)
    else:
        close_connection()
        server, name = address_of("postgres"), connection.settings_dict["NAME"]
        if kind == BARE and is_there and is_emptied(address_of(name), server):
            return
        template = make_database(kind, server)
        with psycopg.connect(server, autocommit=True) as connected:
            copy_database(connected, template, name)


def forget_statistics() -> None:
    """Let PostgreSQL plan as if its tables had never been counted.

    What ANALYZE counts within a test stays when the test is undone: later tests would be planned
    for tables without rows.
    """
    name = connection.settings_dict["NAME"]
    if connection.vendor == "postgresql" and name == NAME_ON_POSTGRESQL:
        with psycopg.connect(address_of(name), autocommit=True) as server:
            server.execute(
                "UPDATE pg_class SET reltuples = -1, relpages = 0 WHERE reltuples = 0"
                " AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
            )


def close_connection() -> None:
    """Leave the database, with all connections of this thread and of the pool."""
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()


def name_database(name: str) -> None:
    """Let Django connect to another database of the same server."""
    for database in (connection.settings_dict, connections.databases[DEFAULT_DB_ALIAS]):
        database["NAME"] = name


def address_of(name: str) -> str:
    """What DATABASE_URL says of a database of the server of PostgreSQL."""
    known = connection.settings_dict
    user, password = quote(known["USER"]), quote(known["PASSWORD"] or "")
    return f"postgres://{user}:{password}@{quote(known['HOST'], safe='')}:{known['PORT']}/{name}"


def save_database(path: Path) -> None:
    """Write SQLite's database, which is in memory, to a file."""
    connection.ensure_connection()
    in_memory: Any = connection.connection
    with closing(sqlite3.connect(path)) as file:
        in_memory.backup(file)


@contextmanager
def loaded_fixtures(blocker: Any) -> Iterator[None]:
    """Have `fixtures/` loaded; the tests inside see it and undo what they do, each for itself.

    `blocker` is pytest-django's `django_db_blocker`.
    """
    with blocker.unblock():
        copy_template(SHIPPED)
    try:
        yield
    finally:
        with blocker.unblock():
            copy_template(BARE)


def kept_rows(
    make: Callable[..., Any] | None = None, *, autouse: bool = False, scope: str = "module"
) -> Any:
    """Turn what makes rows into a fixture: they stand as long as the next test asks for them, too.

    What a test does to them is undone, so that the next finds them as they were made. Not for tests
    that need transactions of their own. What it asks for is kept as well, or needs no rows.
    With the scope of a session they stand from file to file, and have a name of their own.
    """
    if make is None:
        return partial(kept_rows, autouse=autouse, scope=scope)

    def stand(request: Any, django_db_setup: None, django_db_blocker: Any, **given: Any) -> Any:
        assert not has_transactions(request._pyfuncitem), "make the rows in the test itself"
        translation.activate(settings.LANGUAGE_CODE)  # not that of the test before
        with django_db_blocker.unblock(), transaction.atomic():
            _standing.append(request)
            try:
                yield make(**given)
            finally:
                _standing.remove(request)
                transaction.set_rollback(True)

    asked = inspect.signature(stand).parameters, inspect.signature(make).parameters
    named = [each for names in asked for each in names.values() if each.kind != each.VAR_KEYWORD]
    stand.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    stand.__doc__ = make.__doc__
    stand.is_kept = True  # type: ignore[attr-defined]
    return pytest.fixture(scope=scope, autouse=autouse)(stand)


def has_transactions(item: Any) -> bool:
    """Whether a test commits what it writes, so that nothing can be rolled back around it."""
    marker = item.get_closest_marker("django_db")
    is_marked = marker is not None and marker.kwargs.get("transaction", False)
    return is_marked or not {"transactional_db", "live_server"}.isdisjoint(item.fixturenames)


def put_together(items: list[pytest.Item]) -> list[pytest.Item]:
    """Have tests of a file that stand upon the same kept rows follow each other.

    Those rows are then made once, wherever in the file the tests are written. Tests keep their
    order else, and those that commit stay behind all others, where pytest-django puts them.
    """
    files = groupby(items, lambda item: (item.path, has_transactions(item)))
    return [item for _file, of_file in files for item in sorted(of_file, key=list_kept)]


def list_kept(item: Any) -> list[str]:
    """The kept rows that a test stands upon, the lowest first."""
    made = item._fixtureinfo.name2fixturedefs
    names = [name for name in item.fixturenames if name in made]
    return [name for name in reversed(names) if hasattr(made[name][-1].func, "is_kept")]


def undo_unasked(following: pytest.Item | None) -> None:
    """Take back the rows for which the next test does not ask, and all that stand upon them."""
    asked = {*getattr(following, "fixturenames", ())}
    unasked = [each for each in _standing if each.fixturename not in asked]
    if unasked:
        for request in reversed(_standing[_standing.index(unasked[0]) :]):
            request._fixturedef.finish(request)
