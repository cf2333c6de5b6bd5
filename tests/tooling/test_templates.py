"""The databases that tests copy: as migrating makes them, and never older than the code."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from tests.paths import ROOT
from tests.seeded import address_of
from tests.templates import copy_database, drop_database, environment

SCHEMA_OF_SQLITE = "SELECT type, name, sql FROM sqlite_master ORDER BY type, name"
SCHEMA_OF_POSTGRESQL = """
    SELECT table_name || '.' || column_name, data_type, is_nullable, column_default,
           character_maximum_length::text, generation_expression, collation_name
      FROM information_schema.columns WHERE table_schema = 'public'
     UNION ALL
    SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid), '', '', '', ''
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
     UNION ALL
    SELECT indexname, indexdef, '', '', '', '', '' FROM pg_indexes WHERE schemaname = 'public'
     UNION ALL
    SELECT tgname, pg_get_triggerdef(oid), '', '', '', '', '' FROM pg_trigger
     WHERE NOT tgisinternal
     ORDER BY 1, 2, 3
"""
ROWS = """
    SELECT 'migration', app, name FROM django_migrations
     UNION ALL
    SELECT 'content type', app_label, model FROM django_content_type
     UNION ALL
    SELECT 'permission', codename, name FROM auth_permission
     ORDER BY 1, 2, 3
"""


# Django's own command, which our `migrate` is quicker than
MIGRATE = """
import django
django.setup()
from django.core.management import call_command
from django.core.management.commands.migrate import Command
call_command(Command(), verbosity=0)
"""


def migrate_by_django(address: str) -> None:
    variables = {**environment(address), "DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "-c", MIGRATE], cwd=ROOT, env=variables, check=True)


@pytest.fixture
def newly_migrated(tmp_path: Path, db: None) -> Iterator[Any]:
    """A database that Django migrated from nothing just now."""
    if connection.vendor == "sqlite":
        migrate_by_django(f"sqlite:///{tmp_path}/new.sqlite3")
        with closing(sqlite3.connect(tmp_path / "new.sqlite3")) as file:
            yield file
        return
    name = f"{connection.settings_dict['NAME']}_new"
    with psycopg.connect(address_of("postgres"), autocommit=True) as server:
        copy_database(server, "template0", name)
        try:
            migrate_by_django(address_of(name))
            with psycopg.connect(address_of(name)) as new:
                yield new
        finally:
            drop_database(server, name)


@pytest.mark.long("runs all migrations")
def test_migrating_from_nothing_gives_what_the_tests_run_on(newly_migrated: Any) -> None:
    of_vendor = SCHEMA_OF_SQLITE if connection.vendor == "sqlite" else SCHEMA_OF_POSTGRESQL
    for statement in (of_vendor, ROWS):
        expected = newly_migrated.execute(statement).fetchall()
        with connection.cursor() as cursor:
            cursor.execute(statement)
            assert cursor.fetchall() == expected
        assert len(expected) > 50
