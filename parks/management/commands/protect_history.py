"""`protect_history`: let the application's role in PostgreSQL only read and append history."""

import re
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils.translation import gettext as _
from psycopg import sql

from config.checks import has_roles
from parks.recording.records import Revision, Seal
from parks.recording.seals import list_sealed_models


class Command(BaseCommand):
    help = (
        "Gives a role of PostgreSQL all that the application needs, and of the history no more "
        "than reading and adding. To be run by the owner of the tables after each migration."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("role", help="the role as which the application connects")
        parser.add_argument(
            "--password-file",
            type=Path,
            metavar="FILE",
            help="make the role if it is not there, and let it sign in with this password",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        role = options["role"]
        if not has_roles():
            raise CommandError(
                _(
                    "Only PostgreSQL has roles; on SQLite whoever has the file can change "
                    "everything."
                )
            )
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", role):
            raise CommandError(_("“%(role)s” is not the name of a role.") % {"role": role})
        quote = connection.ops.quote_name
        kept = ", ".join(quote(table) for table in history_tables())
        with transaction.atomic(), connection.cursor() as cursor:
            if options["password_file"]:
                make_role(cursor, role, options["password_file"].read_text().strip())
            cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
            found = cursor.fetchone()
            if found is None or found[0]:
                raise CommandError(
                    _("There is no role “%(role)s” that is not a superuser.") % {"role": role}
                )
            cursor.execute("SELECT current_user = %s", [role])
            if cursor.fetchone()[0]:
                raise CommandError(
                    _("The owner of the tables can change everything; name another role.")
                )
            for right in (
                "GRANT USAGE ON SCHEMA public TO",
                "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO",
                "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO",
                f"REVOKE UPDATE, DELETE, TRUNCATE, TRIGGER ON {kept} FROM",
            ):
                cursor.execute(f"{right} {quote(role)}")
        text = _("%(role)s can read %(count)d tables of history and add to them, and nothing else.")
        self.stdout.write(text % {"role": role, "count": len(history_tables())})


def make_role(cursor: Any, role: str, password: str) -> None:
    """Create the role, or set the password of an existing one."""
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    verb = "ALTER" if cursor.fetchone() else "CREATE"
    statement = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
        sql.SQL(verb), sql.Identifier(role), sql.Literal(password)
    )
    cursor.execute(statement)


def history_tables() -> list[str]:
    tables = [Revision._meta.db_table, Seal._meta.db_table]
    for past in list_sealed_models().values():
        tables.append(past._meta.db_table)
        tables += [
            getattr(past, field.name).model._meta.db_table for field in past._history_m2m_fields
        ]
    return tables
