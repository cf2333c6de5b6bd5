"""Make backups of one state, and restore them only if their contents prove complete.

A backup notes what it holds: rows of each table, and where feed and sealed history end. Whatever
is restored is compared with that, and its history with its seals; a drill does all of it in a new
database, by the very command that restores.
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
from parks.backups.databases import (
    dump_postgresql,
    dump_sqlite,
    lift_limits,
    load_postgresql,
    load_sqlite,
    new_cluster,
)
from parks.backups.files import (
    BackupError,
    Manifest,
    digest_file,
    finish,
    name_backup,
    pack,
    read_manifest,
    remove_partial,
    unpack,
    write_manifest,
)
from parks.recording.records import Change, Identity, Seal


def make_backup(folder: Path, recipient: str) -> tuple[Path, Manifest]:
    """Copy the database into a new file in `folder` (mode 0700), while others read and write."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = datetime.now(UTC)
    remove_partial(folder, now)
    path = folder / name_backup(connection.vendor, now, is_encrypted=bool(recipient))
    if connection.vendor == "postgresql":
        lift_limits()
    with finish(path) as part, snapshot():
        tables, migrations = count_rows(), list_applied_migrations()
        ledger = read_end()
        with dump_postgresql() if connection.vendor == "postgresql" else dump_sqlite() as reader:
            digest = pack(reader, part, recipient)
        size = part.stat().st_size
    at = now.astimezone().isoformat(timespec="seconds")
    manifest = Manifest(
        at, __version__, connection.vendor, size, digest, migrations, tables, ledger
    )
    write_manifest(path, manifest)
    return path, manifest


def read_end() -> dict[str, Any]:
    """Read where feed and history end: which ledger, its last number, the digest of its chain."""
    identity = Identity.objects.first()
    seal = Seal.objects.order_by("last_number").last()
    return {
        "identity": str(identity.uuid) if identity else "",
        "number": Change.objects.aggregate(last=Max("number"))["last"] or 0,
        "digest": seal.digest if seal else "",
    }


def restore_backup(path: Path, key_file: Path | None, *, is_replacing: bool) -> Manifest:
    """Put a backup into the database, compare all that it notes, migrate, and check the history.

    BackupError where it is not whole, and before anything is written where it cannot be read,
    does not fit, or where there is something in the database that is not to be replaced.
    """
    manifest = _check_file(path)
    if not is_replacing and connection.introspection.table_names():
        raise BackupError(_("The database is not empty: --replace puts the backup in its place."))
    on_sqlite = connection.vendor == "sqlite"
    # Decrypted copies lie where the data will lie anyway, or in $TMPDIR.
    room = settings.VAR_DIR if on_sqlite else None
    with (
        tempfile.TemporaryDirectory(prefix=".restore-", dir=room) as folder,
        unpack(path, key_file, Path(folder)) as plain,
    ):
        (load_sqlite if on_sqlite else load_postgresql)(plain)
    if differences := list(_compare(manifest)):
        raise BackupError("\n".join(differences))
    call_command("migrate", verbosity=0, interactive=False)
    with Path(os.devnull).open("w") as unread:
        call_command("verify_history", all=True, expect=manifest.ledger["digest"], stdout=unread)
    return manifest


def _check_file(path: Path) -> Manifest:
    """Read the manifest, and refuse a file that is not what it says, or not for this ledger."""
    manifest = read_manifest(path)
    if digest_file(path) != manifest.sha256:
        raise BackupError(
            _("%(path)s is not what was written: its SHA-256 differs.") % {"path": path}
        )
    if manifest.vendor != connection.vendor:
        said = _("It is a backup of %(vendor)s, and DATABASE_URL is of %(ours)s.")
        raise BackupError(said % {"vendor": manifest.vendor, "ours": connection.vendor})
    if find_unknown_migrations(manifest.migrations):
        said = _("It was made by version %(made)s, newer than this one, %(ours)s.")
        raise BackupError(said % {"made": manifest.version, "ours": __version__})
    return manifest


def _compare(manifest: Manifest) -> Iterator[str]:
    found = count_rows()
    for table in sorted({*found, *manifest.tables}):
        wanted, got = manifest.tables.get(table), found.get(table)
        if wanted != got:
            said = _("%(table)s has %(got)s rows in place of %(wanted)s.")
            yield said % {"table": table, "got": got, "wanted": wanted}
    if (end := read_end()) != manifest.ledger:
        yield _("The ledger ends with %(got)s in place of %(wanted)s.") % {
            "got": end,
            "wanted": manifest.ledger,
        }


def drill(path: Path, key_file: Path | None) -> None:
    """Restore into a new database, or on PostgreSQL a new cluster, that is gone afterwards."""
    _check_file(path)
    with _new_database() as variables:
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "restore", str(path)]
        command += ["--key-file", str(key_file)] if key_file else []
        done = subprocess.run(  # noqa: S603
            command, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise BackupError(done.stderr.strip())


@contextmanager
def _new_database() -> Iterator[dict[str, str]]:
    """The variables of the environment with which the program finds a new, empty database."""
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
    """Count the rows of every table."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        ours = sorted(name for name in tables if not name.startswith("sqlite_"))
        return {name: _count(cursor, name) for name in ours}


def _count(cursor: object, table: str) -> int:
    name = connection.ops.quote_name(table)
    cursor.execute(f"SELECT COUNT(*) FROM {name}")  # type: ignore[attr-defined] # noqa: S608
    return int(cursor.fetchone()[0])  # type: ignore[attr-defined]


def list_applied_migrations() -> list[str]:
    """List the migrations that the database has: such as "auth.0001_initial"."""
    return sorted(map(".".join, MigrationRecorder(connection).applied_migrations()))


def find_unknown_migrations(applied: list[str]) -> list[str]:
    """Find those of them that this version of the program does not know."""
    known = {".".join(key) for key in MigrationLoader(None).disk_migrations}
    ours = {name.split(".")[-1] for name in settings.INSTALLED_APPS}
    return [name for name in applied if name not in known and name.split(".")[0] in ours]
