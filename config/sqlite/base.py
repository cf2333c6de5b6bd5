"""SQLite with persistent connections, which notice when their file is replaced or gone.

A new connection (pragmas, the schema, prepared statements) takes several times as long as a small
request.
"""

import os
import random
import sqlite3
import time
from contextlib import suppress
from functools import lru_cache
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base, schema
from django.db.models import Model

from config.database.time_limits import fetching
from config.texts import fold

_PAUSE = 0.006  # seconds of the longest pause, at the beginning of a wait
_STATEMENTS = 500  # in the cache
_LONG = 32_000  # characters of statements for bulk inserts, which rarely repeat


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Recreates the triggers of a table that Django remakes."""

    def _remake_table(self, model: type[Model], *args: Any, **kwargs: Any) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(
                "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s",
                [model._meta.db_table],
            )
            triggers = [sql for (sql,) in cursor.fetchall()]
        super()._remake_table(model, *args, **kwargs)  # type: ignore[misc]
        for sql in triggers:
            self.execute(sql, None)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection to SQLite, with a health check of its file."""

    SchemaEditorClass = DatabaseSchemaEditor
    file: tuple[int, int] | None = None  # the device and the inode that were opened

    def get_new_connection(self, conn_params: Any) -> Any:
        _make_private(str(self.settings_dict["NAME"]))
        # Before opening: the next check notices if it is replaced meanwhile
        self.file = self.find_file()
        made = super().get_new_connection(conn_params)
        made.create_function("fold_text", 1, _fold_text, deterministic=True)
        return made

    def create_cursor(self, name: Any = None) -> Any:
        return self.connection.cursor(factory=_Cursor)

    def is_usable(self) -> bool:
        """Return whether to keep the connection: called once for each request."""
        is_left_open = self.connection.in_transaction and not self.in_atomic_block
        return not is_left_open and self.find_file() == self.file

    def _start_transaction_under_autocommit(self) -> None:
        """Begin a transaction; try the lock more often the longer it takes.

        SQLite itself tries less and less often, which favours those who come last.
        """
        raw = self.connection
        (limit,) = raw.execute("PRAGMA busy_timeout").fetchone()  # milliseconds
        raw.execute("PRAGMA busy_timeout = 0")
        begun = time.monotonic()
        try:
            while True:
                try:
                    super()._start_transaction_under_autocommit()  # type: ignore[misc]
                    return
                except OperationalError as error:
                    left = 1 - (time.monotonic() - begun) * 1_000 / limit if limit else 0
                    if left <= 0 or not _is_busy(error):
                        raise
                time.sleep(random.uniform(0.1, 1) * _PAUSE * left**2)  # noqa: S311 no secret
        finally:
            raw.execute(f"PRAGMA busy_timeout = {limit}")

    def find_file(self) -> tuple[int, int] | None:
        """Return the device and inode of the database; None in memory or without a file."""
        try:
            found = os.stat(self.settings_dict["NAME"])
        except OSError:
            return None
        return found.st_dev, found.st_ino


class _Cursor(base.SQLiteCursorWrapper):
    """A cursor that caches the conversion of placeholders, and counts the time of its rows."""

    def fetchmany(self, size: int | None = 1) -> list[Any]:
        with fetching():
            return super().fetchmany(size)

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        if param_names is None and len(query) < _LONG:
            return _mark_places(query)
        return str(super().convert_query(query, param_names=param_names))


@lru_cache(maxsize=_STATEMENTS)
def _mark_places(query: str) -> str:
    # Takes a tenth of the time of a statement, and most statements repeat
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


def _make_private(name: str) -> None:
    # SQLite copies the mode to its logs
    if name != ":memory:" and not name.startswith("file:"):
        with suppress(OSError):  # it exists, or SQLite will report the error
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _fold_text(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _is_busy(error: OperationalError) -> bool:
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY
