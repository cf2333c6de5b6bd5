"""SQLite's own backup: one state of the database, copied while others write."""

import gzip
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from config.backups.files import BackupError

_COMPRESSION = 5


@contextmanager
def dump_sqlite() -> Iterator[BinaryIO]:
    """Give a compressed copy of the state that this connection sees in its snapshot.

    All pages in one step: between steps others' writes would be copied, too. Readers and writers
    do not wait, as the log is kept until then. The copy lies beside the database, which is no
    more secret than that.
    """
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.VAR_DIR) as folder:
        plain = Path(folder, "copy.sqlite3")
        packed = plain.with_suffix(".gz")
        raw: Any = connection.connection
        with closing(sqlite3.connect(plain)) as copy:
            raw.backup(copy)
            check_copy(copy)
        with plain.open("rb") as source, gzip.open(packed, "wb", _COMPRESSION) as target:
            shutil.copyfileobj(source, target, 2**20)
        plain.unlink()
        with packed.open("rb") as reader:
            yield reader


def check_copy(copy: sqlite3.Connection) -> None:
    """Check a copy's pages; BackupError with the first that is damaged."""
    try:
        (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupError(_("The copy is damaged: %(found)s") % {"found": found})


def load_sqlite(path: Path) -> None:
    """Put a copy in the place of all that the database holds: at once, or not at all.

    Through SQLite, not by replacing the file: what is in its log cannot be forgotten, and who
    has it open sees the new state.
    """
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as copy:
        check_copy(copy)
        connection.ensure_connection()
        raw: Any = connection.connection
        try:
            copy.backup(raw)
        except sqlite3.Error as error:
            raise BackupError(f"{connection.settings_dict['NAME']}: {error}") from error
    connection.close()
