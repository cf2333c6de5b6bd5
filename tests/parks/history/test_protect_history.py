"""The application's role on PostgreSQL: it reads and adds to the history, and changes nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from rest_framework.test import APIClient

from parks.management.commands.protect_history import history_tables
from parks.models import Park
from parks.recording.seals import settle
from tests.answers import API, CarefulClient, found, made
from tests.factories import ProjectFactory, RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ROLE = "ledger_application"
ON_POSTGRESQL = connection.vendor == "postgresql"


@contextmanager
def as_application() -> Iterator[None]:
    """Connected as the role of the application, which owns nothing."""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE}")
        call_command("protect_history", ROLE)
        cursor.execute(f"SET ROLE {ROLE}")
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


def refuse(statement: str) -> None:
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_role_writes_rows_and_cannot_touch_their_history(
    api: APIClient, admin_api: CarefulClient
) -> None:
    if not ON_POSTGRESQL:
        with pytest.raises(CommandError, match="Only PostgreSQL has roles"):
            call_command("protect_history", ROLE)
        return
    ProjectFactory.create(code="p-1", met=["signed"])
    region = RegionFactory.create(code="110000")
    with as_application():
        body = {"code": "baodi", "name_en": "Baodi", "region": region.pk}
        made(admin_api.post(f"{API}/parks", body))
        found(admin_api.patch(f"{API}/parks/baodi", {"brand": "Zhongguancun"}))
        assert admin_api.delete(f"{API}/projects/p-1").status_code == 204
        assert found(api.get(f"{API}/changes", {"resource": "park"}))["results"]
        assert settle() == 0
        for table in history_tables():
            refuse(f"DELETE FROM {table}")
            refuse(f"TRUNCATE {table}")
        refuse("UPDATE parks_historicalpark SET name_en = 'forged'")
        refuse("UPDATE parks_revision SET user_id = 1")
        refuse("UPDATE parks_seal SET digest = ''")
    assert Park.history.filter(code="baodi").count() == 2


def test_the_role_is_made_with_its_password_and_gets_another_one(tmp_path: Path) -> None:
    if not ON_POSTGRESQL:
        return
    password = tmp_path / "password"
    for word in ("first", "it's another"):
        password.write_text(word + "\n")
        call_command("protect_history", ROLE, password_file=password)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcanlogin, rolsuper FROM pg_roles WHERE rolname = %s", [ROLE])
        assert cursor.fetchone() == (True, False)


def test_a_role_that_is_none_or_could_do_all_is_refused() -> None:
    roles = ["nobody_of_this_name", 'ledger"; DROP TABLE parks_park; --']
    if ON_POSTGRESQL:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            roles.append(cursor.fetchone()[0])
    for role in roles:
        with pytest.raises(CommandError):
            call_command("protect_history", role)
