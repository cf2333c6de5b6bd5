"""What follows a migration in the same process waits for locks as long as it needs."""

import pytest
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db(transaction=True)
def test_who_has_migrated_waits_for_locks_as_before() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = DEFAULT")
        cursor.execute("SHOW lock_timeout")
        before = cursor.fetchone()
        call_command("migrate", "sessions", verbosity=0)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == before
