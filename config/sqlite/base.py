"""SQLite whose connections notice when their file is replaced or gone.

Named by `ENGINE` in the settings. To open a new connection for each request (its pragmas, the
schema read, every statement prepared) takes several times as long as to answer a small one.
"""

import os
import random
import sqlite3
import time
from contextlib import suppress
from functools import lru_cache
from typing import Any

from django.db import OperationalError
from django.db.backends.sqlite3 import base

from config.sqlite.schema import DatabaseSchemaEditor
from config.texts import fold

_PAUSE = 0.006  # seconds at most, of one who has just begun to wait
_STATEMENTS = 500  # that are remembered
# Signs of rows written in bulk, which seldom come again; what derives columns of a row has 26,000
_LONG = 32_000


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection to SQLite, with a health check that means something."""

    SchemaEditorClass = DatabaseSchemaEditor
    file: tuple[int, int] | None = None  # the device and the inode that were opened

    def get_new_connection(self, conn_params: Any) -> Any:
        _make_private(str(self.settings_dict["NAME"]))
        # Looked at beforehand: if it is replaced meanwhile, the next check will tell.
        self.file = self.find_file()
        made = super().get_new_connection(conn_params)
        made.create_function("fold_text", 1, _fold_text, deterministic=True)
        return made

    def create_cursor(self, name: Any = None) -> Any:
        return self.connection.cursor(factory=_Cursor)

    def is_usable(self) -> bool:
        """Tell whether to go on with the connection that was kept: asked once for each request."""
        is_left_open = self.connection.in_transaction and not self.in_atomic_block
        return not is_left_open and self.find_file() == self.file

    def _start_transaction_under_autocommit(self) -> None:
        """Begin, and ask for the lock of the writer the more often the longer it takes.

        SQLite itself asks less and less often: who comes late is served, who waits is refused.
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
        """Find the device and inode of the database; None in memory, or where there is no file."""
        try:
            found = os.stat(self.settings_dict["NAME"])
        except OSError:
            return None
        return found.st_dev, found.st_ino


class _Cursor(base.SQLiteCursorWrapper):
    """A cursor that remembers how statements are written for SQLite."""

    def convert_query(self, query: str, *, param_names: Any = None) -> str:
        if param_names is None and len(query) < _LONG:
            return _mark_places(query)
        return str(super().convert_query(query, param_names=param_names))


@lru_cache(maxsize=_STATEMENTS)
def _mark_places(query: str) -> str:
    """Write the places of parameters as SQLite does; to look for them takes a tenth as long as to
    run the statement, and most statements come again."""
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


def _make_private(name: str) -> None:
    """Make the file of a new database for its owner alone; SQLite gives its logs the same mode."""
    if name != ":memory:" and not name.startswith("file:"):
        with suppress(OSError):  # it is there, or SQLite will say what is wrong
            os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def _fold_text(text: str | None) -> str | None:
    return None if text is None else fold(text)


def _is_busy(error: OperationalError) -> bool:
    """Whether another connection has the lock that was asked for."""
    code = getattr(error.__cause__, "sqlite_errorcode", None)
    return code is not None and code & 0xFF == sqlite3.SQLITE_BUSY
