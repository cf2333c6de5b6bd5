"""What migrations leave to PostgreSQL: locks are waited for as before, tables cleared up early."""

import pytest
from django.core.management import call_command
from django.db import connection

pytestmark = pytest.mark.only_postgresql


@pytest.mark.django_db(transaction=True)
def test_who_has_migrated_waits_for_locks_as_before() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = DEFAULT")
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
        call_command("migrate", "sessions", verbosity=0)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == before


@pytest.mark.django_db
def test_projects_are_cleared_up_before_a_tenth_of_them_was_written() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'projects_project'")
        options = dict(option.split("=") for option in cursor.fetchone()[0])
    assert {name: float(of) < 0.05 for name, of in options.items()} == {
        "autovacuum_vacuum_scale_factor": True,
        "autovacuum_vacuum_insert_scale_factor": True,
    }
