"""SQLite whose connections notice when their file is replaced or gone.

Named by `ENGINE` in the settings. To open a new connection for each request (its pragmas, the
schema read, every statement prepared) takes several times as long as to answer a small one.
"""

import os
from typing import Any

from django.db.backends.sqlite3 import base

from config.searching import fold
from config.sqlite.schema import DatabaseSchemaEditor


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection to SQLite, with a health check that means something."""

    SchemaEditorClass = DatabaseSchemaEditor
    file: tuple[int, int] | None = None  # the device and the inode that were opened

    def get_new_connection(self, conn_params: Any) -> Any:
        # Looked at beforehand: if it is replaced meanwhile, the next check will tell.
        self.file = self.find_file()
        made = super().get_new_connection(conn_params)
        made.create_function("fold_text", 1, _fold_text, deterministic=True)
        return made

    def is_usable(self) -> bool:
        """Tell whether to go on with the connection that was kept: asked once for each request."""
        is_left_open = self.connection.in_transaction and not self.in_atomic_block
        return not is_left_open and self.find_file() == self.file

    def find_file(self) -> tuple[int, int] | None:
        """Find the device and inode of the database; None in memory, or where there is no file."""
        try:
            found = os.stat(self.settings_dict["NAME"])
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _fold_text(text: str | None) -> str | None:
    return None if text is None else fold(text)
