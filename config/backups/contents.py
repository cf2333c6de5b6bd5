"""What a database holds, counted: by which a copy is compared with what was copied."""

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


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
