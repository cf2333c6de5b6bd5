"""What the database refuses is the client's to know, in the words of the model's own rules."""

import errno
import os
import sqlite3
from typing import Any

import psycopg
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.db import (
    DatabaseError,
    IntegrityError,
    InterfaceError,
    InternalError,
    OperationalError,
    connection,
    transaction,
)
from django.db.models import UniqueConstraint

from api.problems.errors import find_violation, is_unavailable
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def refused(**values: Any) -> IntegrityError:
    """The error with which the database refuses such a log entry."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        LogEntry.objects.create(**{"object_repr": "x", "action_flag": 1, **values})
    return caught.value


def test_a_unique_rule_with_words_of_its_own_uses_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = UniqueConstraint(
        fields=["username"],
        name="auth_user_username_key",
        violation_error_code="taken",
        violation_error_message="This name is taken.",
    )
    monkeypatch.setattr(User._meta, "constraints", [rule])
    User.objects.create(username="ann")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        User.objects.create(username="ann")
    found = find_violation(caught.value)
    assert found.is_conflict
    assert found.error.as_dict() == {
        "pointer": "#/username",
        "code": "taken",
        "detail": "This name is taken.",
    }


@together("fields", [["codename"], ["content_type", "codename", "name"], ["name", "codename"]])
def test_a_unique_rule_is_told_by_all_its_columns_and_no_others(fields: list[str]) -> None:
    """SQLite names the columns alone, and other rules have some of them."""
    permission = Permission.objects.order_by("pk").first()
    assert permission
    twin = Permission(content_type=permission.content_type, codename=permission.codename)
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        twin.save()
    other = UniqueConstraint(fields=fields, name="other", violation_error_code="other")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Permission._meta, "constraints", [other])
        assert find_violation(caught.value).error.code == "unique"


def test_a_unique_rule_without_words_is_a_conflict_all_the_same() -> None:
    User.objects.create(username="ann")
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        User.objects.create(username="ann")
    found = find_violation(caught.value)
    assert found.is_conflict
    assert found.error.code == "unique"


def test_a_broken_check_is_a_mistake_in_the_values() -> None:
    user = User.objects.create(username="ann")
    found = find_violation(refused(user=user, action_flag=-1))
    assert not found.is_conflict
    assert found.error.code == "check"


def test_a_missing_value_points_at_its_column() -> None:
    found = find_violation(refused(user_id=None))
    assert not found.is_conflict
    assert (found.error.place["pointer"], found.error.code) == ("#/user_id", "not_null")


@pytest.mark.django_db(transaction=True)
def test_a_reference_to_nothing_is_a_conflict() -> None:
    found = find_violation(refused(user_id=12_345))
    assert found.is_conflict


def test_an_integrity_error_of_an_unknown_kind_is_a_conflict() -> None:
    found = find_violation(IntegrityError("strange"))
    assert found.is_conflict
    assert found.error.code == "conflict"


@together(
    "error",
    [
        OperationalError("connection refused"),
        InterfaceError("connection already closed"),
        psycopg.OperationalError("the driver's own"),
        psycopg.InterfaceError("the driver's own"),
    ],
)
def test_a_database_that_is_away_is_unavailable(error: Exception) -> None:
    assert is_unavailable(error)


def test_a_standby_that_cannot_write_yet_is_unavailable() -> None:
    error = InternalError("cannot execute UPDATE in a read-only transaction")
    error.__cause__ = psycopg.errors.ReadOnlySqlTransaction()
    assert is_unavailable(error)


def test_a_mistake_in_our_sql_is_not_passed_off_as_an_absent_database() -> None:
    with sqlite3.connect(":memory:") as database, pytest.raises(sqlite3.OperationalError) as caught:
        database.execute("SELECT x")
    database.close()
    error = OperationalError("no such column: x")
    error.__cause__ = caught.value
    assert not is_unavailable(error)


def test_a_missing_table_is_a_database_that_is_not_ready() -> None:
    with (
        pytest.raises(DatabaseError) as caught,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM parks_nowhere")
    assert is_unavailable(caught.value)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_unavailable(number: int) -> None:
    assert is_unavailable(OSError(number, os.strerror(number)))


def test_another_error_of_the_system_is_ours() -> None:
    assert not is_unavailable(FileNotFoundError(errno.ENOENT, "no such file"))


@together("error", [None, ValueError(), InternalError("aborted"), IntegrityError()])
def test_other_errors_are_not_the_databases_absence(error: Exception | None) -> None:
    assert not is_unavailable(error)
