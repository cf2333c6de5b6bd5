"""Connections to SQLite are kept from request to request, and wait in turn for the lock."""

import sqlite3
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.backends.sqlite3.base import SQLiteCursorWrapper

from config.sqlite.base import DatabaseWrapper
from projects.models import Project
from tests.factories import ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.only_sqlite]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


@pytest.fixture
def database(path: Path) -> Iterator[DatabaseWrapper]:
    """A connection as a thread of the server has it."""
    path.touch()
    kept: dict[str, Any] = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
    wrapper = DatabaseWrapper(
        {**connection.settings_dict, "NAME": str(path), "OPTIONS": {}, **kept}, "of the test"
    )
    yield wrapper
    wrapper.close()


def raw_connection(database: DatabaseWrapper) -> Any:
    """What the next request reads through, beginning as Django begins it."""
    database.close_if_unusable_or_obsolete()
    with database.cursor() as cursor:
        cursor.execute("SELECT 1")
    return database.connection


def test_the_next_request_has_the_same_connection(database: DatabaseWrapper) -> None:
    assert raw_connection(database) is raw_connection(database)


def test_a_file_that_is_put_in_its_place_is_opened(
    database: DatabaseWrapper, path: Path, tmp_path: Path
) -> None:
    before = raw_connection(database)
    other = tmp_path / "restored.sqlite3"
    other.touch()
    other.replace(path)
    assert raw_connection(database) is not before


def test_a_file_that_is_gone_is_not_read_on(database: DatabaseWrapper, path: Path) -> None:
    before = raw_connection(database)
    path.unlink()
    assert raw_connection(database) is not before


def hold_lock(path: Path, seconds: float, is_held: Barrier) -> None:
    """Write for so long, as another process does."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    is_held.wait(10)
    time.sleep(seconds)
    other.execute("COMMIT")
    other.close()


def begin(database: DatabaseWrapper) -> None:
    """Begin a transaction as Django does."""
    database.transaction_mode = "IMMEDIATE"
    database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def test_who_begins_while_another_writes_waits_for_it(
    database: DatabaseWrapper, path: Path
) -> None:
    raw = raw_connection(database)
    is_held = Barrier(2)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(hold_lock, path, 0.1, is_held)
        is_held.wait(10)
        begin(database)
        assert raw.in_transaction
        other.result()
    database.rollback()


def test_who_waits_in_vain_is_told_so_and_waits_as_long_the_next_time(
    database: DatabaseWrapper, path: Path
) -> None:
    raw = raw_connection(database)
    is_held = Barrier(2)
    for seconds in (0, 0.05):
        raw.execute(f"PRAGMA busy_timeout = {round(seconds * 1_000)}")
        with ThreadPoolExecutor(1) as pool:
            pool.submit(hold_lock, path, seconds + 0.2, is_held)
            is_held.wait(10)
            with pytest.raises(OperationalError, match="locked"):
                begin(database)
        assert raw.execute("PRAGMA busy_timeout").fetchone() == (round(seconds * 1_000),)


def test_a_transaction_that_was_left_open_ends_with_its_connection(
    database: DatabaseWrapper,
) -> None:
    before = raw_connection(database)
    before.execute("BEGIN DEFERRED")
    assert raw_connection(database) is not before


def test_a_table_that_a_migration_makes_anew_keeps_its_triggers(database: DatabaseWrapper) -> None:
    kept = "CREATE TRIGGER kept AFTER DELETE ON django_session BEGIN SELECT fold_text('Ａ'); END"
    database.alias = "default"  # of which the editor reads more
    with database.schema_editor() as editor:
        editor.create_model(Session)
        editor.execute(kept)
        editor._remake_table(Session)
    with database.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'")
        assert cursor.fetchall() == [(kept,)]


def test_places_of_parameters_are_found_in_long_statements_as_in_short_ones() -> None:
    for length in (1, 40_000, 1):  # a long one is not remembered
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT %s || '%%' || '{'x' * length}'", ["a"])
            assert cursor.fetchone() == (f"a%{'x' * length}",)
            cursor.execute(f"SELECT %(a)s || '{'x' * length}'", {"a": "b"})
            assert cursor.fetchone() == (f"b{'x' * length}",)


def test_the_statement_that_derives_a_project_is_not_looked_through_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ProjectFactory.create()

    def look_through(cursor: Any, query: str, **kwargs: Any) -> str:
        raise AssertionError(query[:80])

    monkeypatch.setattr(SQLiteCursorWrapper, "convert_query", look_through)
    assert Project.objects.all().derive() == 1
