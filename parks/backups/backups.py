"""Make backups of one state of the database, restore and verify them.

A backup has a manifest: rows of each table, and the ends of the feed and of the sealed history. A
restored database is compared with it, and its history with its seals. A drill runs the same command
in a new database.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.utils.translation import gettext as _

from config import __version__
from config.database.prepared import snapshot
from parks.backups import files
from parks.backups.databases import (
    dump_postgresql,
    dump_sqlite,
    lift_limits,
    load_postgresql,
    load_sqlite,
    new_cluster,
)
from parks.recording.records import Change, Identity, Seal


def make_backup(folder: Path, recipient: str) -> tuple[Path, files.Manifest]:
    """Copy the database into a new file in `folder`, while others read and write."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC)
    files.remove_partial(folder, now)
    path = folder / files.name_backup(connection.vendor, now, is_encrypted=bool(recipient))
    if connection.vendor == "postgresql":
        lift_limits()
    with files.finish(path) as part, snapshot():
        tables, ledger = count_rows(), read_end()
        migrations = sorted(map(".".join, MigrationRecorder(connection).applied_migrations()))
        with dump_postgresql() if connection.vendor == "postgresql" else dump_sqlite() as reader:
            files.pack(reader, part, recipient)
        size, digest = part.stat().st_size, files.digest_file(part)
    at = now.astimezone().isoformat(timespec="seconds")
    manifest = files.Manifest(
        at, __version__, connection.vendor, size, digest, migrations, tables, ledger
    )
    files.write_manifest(path, manifest)
    return path, manifest


def read_end() -> dict[str, Any]:
    """Read the identity of the ledger and the ends of its feed and history."""
    identity = Identity.objects.first()
    seal = Seal.objects.order_by("last_number").last()
    return {
        "identity": str(identity.uuid) if identity else "",
        "number": Change.objects.aggregate(last=Max("number"))["last"] or 0,
        "digest": seal.digest if seal else "",
    }


def restore_backup(path: Path, key_file: Path | None, *, is_replacing: bool) -> files.Manifest:
    """Load a backup into the database, compare it with its manifest, migrate, verify the history.

    Raise `BackupError` if it is not complete; before any write if it cannot be read, does not fit,
    or if the database is not empty and `is_replacing` is off.
    """
    manifest = _check_file(path)
    if not is_replacing and connection.introspection.table_names():
        raise files.BackupError(
            _("The database is not empty: --replace puts the backup in its place.")
        )
    on_sqlite = connection.vendor == "sqlite"
    room = settings.VAR_DIR if on_sqlite else None  # decrypted copies are kept beside the data
    with (
        tempfile.TemporaryDirectory(prefix=".restore-", dir=room) as folder,
        files.unpack(path, key_file, Path(folder)) as plain,
    ):
        (load_sqlite if on_sqlite else load_postgresql)(plain)
    if differences := list(_compare(manifest)):
        raise files.BackupError("\n".join(differences))
    call_command("migrate", verbosity=0, interactive=False)
    with Path(os.devnull).open("w") as unread:
        call_command("verify_history", all=True, expect=manifest.ledger["digest"], stdout=unread)
    return manifest


def _check_file(path: Path) -> files.Manifest:
    manifest = files.read_manifest(path)
    if files.digest_file(path) != manifest.sha256:
        raise files.BackupError(
            _("%(path)s is not what was written: its SHA-256 differs.") % {"path": path}
        )
    if manifest.vendor != connection.vendor:
        text = _("It is a backup of %(vendor)s, and DATABASE_URL is of %(ours)s.")
        raise files.BackupError(text % {"vendor": manifest.vendor, "ours": connection.vendor})
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    ours = {name.split(".")[-1] for name in settings.INSTALLED_APPS}
    unknown = {name for name in manifest.migrations if name.split(".")[0] in ours} - known
    if unknown:
        text = _("It was made by version %(made)s, newer than this one, %(ours)s.")
        raise files.BackupError(text % {"made": manifest.version, "ours": __version__})
    return manifest


def _compare(manifest: files.Manifest) -> Iterator[str]:
    found = count_rows()
    for table in sorted({*found, *manifest.tables}):
        wanted, got = manifest.tables.get(table), found.get(table)
        if wanted != got:
            text = _("%(table)s has %(got)s rows in place of %(wanted)s.")
            yield text % {"table": table, "got": got, "wanted": wanted}
    if (end := read_end()) != manifest.ledger:
        yield _("The ledger ends with %(got)s in place of %(wanted)s.") % {
            "got": end,
            "wanted": manifest.ledger,
        }


def drill(path: Path, key_file: Path | None) -> None:
    """Restore into a temporary database, or on PostgreSQL a temporary cluster."""
    _check_file(path)
    with _new_database() as variables:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(path)]
        command += ["--key-file", str(key_file)] if key_file else []
        done = subprocess.run(  # noqa: S603
            command, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise files.BackupError(done.stderr.strip())


@contextmanager
def _new_database() -> Iterator[dict[str, str]]:
    # Yields the environment variables of a new, empty database
    on_sqlite = connection.vendor == "sqlite"
    room = settings.VAR_DIR if on_sqlite else None
    with tempfile.TemporaryDirectory(prefix=".drill-", dir=room) as folder:
        variables = {
            **dict.fromkeys(("DATABASE_PASSWORD", "DATABASE_PASSWORD_FILE", "SECRET_KEY_FILE"), ""),
            **{"PGBOUNCER": "false", "SECRET_KEY": settings.SECRET_KEY, "VAR_DIR": folder},
        }
        if on_sqlite:
            yield {**variables, "DATABASE_URL": f"sqlite:///{folder}/ledger.sqlite3"}
        else:
            with new_cluster() as url:
                yield {**variables, "DATABASE_URL": url}


def count_rows() -> dict[str, int]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        ours = sorted(name for name in tables if not name.startswith("sqlite_"))
        found = {}
        for name in ours:
            cursor.execute(f"SELECT COUNT(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
            (found[name],) = cursor.fetchone()
        return found
