"""`manage.py ensure_admin`, which `make run` calls each time."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


@pytest.fixture
def password_file(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "admin-password"


def ensure_admin() -> str:
    out = io.StringIO()
    call_command("ensure_admin", stdout=out)
    return out.getvalue()


def test_the_first_administrator_gets_a_random_password_kept_for_its_owner_alone(
    password_file: Path,
) -> None:
    said = ensure_admin()
    password = password_file.read_text().strip()
    admin = User.objects.get()
    assert (admin.username, admin.is_superuser, admin.is_staff) == ("admin", True, True)
    assert len(password) >= 16
    assert admin.check_password(password)
    assert str(password_file) in said
    assert password not in said  # no terminal: others may read the log of a service
    assert password_file.stat().st_mode & 0o777 == 0o600


def test_the_second_time_nothing_happens_whatever_became_of_the_account(
    password_file: Path,
) -> None:
    ensure_admin()
    admin = User.objects.get()
    admin.username = "renamed"
    admin.is_active = False
    admin.set_unusable_password()
    admin.save()
    before = User.objects.values().get()
    assert "nothing was changed" in ensure_admin()
    assert User.objects.values().get() == before


def test_another_administrator_is_enough(password_file: Path) -> None:
    User.objects.create_superuser("wang", password="a-long-one-of-her-own")
    ensure_admin()
    assert [user.username for user in User.objects.all()] == ["wang"]
    assert not password_file.exists()


def test_a_second_database_of_the_same_folder_gets_the_password_that_the_file_says(
    password_file: Path,
) -> None:
    password_file.write_text("kept-from-the-first-one\n")
    password_file.chmod(0o644)
    ensure_admin()
    assert User.objects.get().check_password("kept-from-the-first-one")
    assert password_file.stat().st_mode & 0o777 == 0o600


def test_an_ordinary_account_of_that_name_is_left_alone(password_file: Path) -> None:
    User.objects.create_user("admin", password="not-an-administrator")
    with pytest.raises(CommandError, match="createsuperuser"):
        ensure_admin()
    assert not User.objects.get().is_superuser
