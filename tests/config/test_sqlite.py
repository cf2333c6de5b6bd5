"""Connections to SQLite are kept from request to request, and not beyond their file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import connection

from config.sqlite.base import DatabaseWrapper

pytestmark = pytest.mark.django_db  # a connection of its own is opened


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
