"""The rules of passwords at every door where one is set."""

from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from tests.admin_pages import save
from tests.answers import sign_in
from tests.factories import PASSWORD, UserFactory
from tests.together import together

pytestmark = pytest.mark.django_db

# With how many different characters
UNIFORM = [
    *(
        "aaaaaaaaaaaa",
        "AaAaAaAaAaAa",
        "abcabcabcabc",
        "abcdeabcdeabcde",
        "园区园区园区园区园区园区",
    ),
    *("     a     b", "a1a1a1a1a1a1", "🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑🔑"),
]
VARIED = ["abcdefabcdef", "园区项目台账园区项目台账", "a1b2c3a1b2c3", "correct horse battery"]
TABLE = [*((each, False) for each in UNIFORM), *((each, True) for each in VARIED)]


def twice(password: str, name: str = "new_password") -> dict[str, str]:
    return {f"{name}1": password, f"{name}2": password}


@pytest.mark.slow
@together(("password", "is_taken"), TABLE)
def test_the_admin_takes_varied_passwords_alone(password: str, is_taken: bool) -> None:
    desk = sign_in(UserFactory.create(superuser=True), Client)
    save(desk, "/admin/auth/user/add/", username="zhang", **twice(password, "password"))
    assert User.objects.filter(username="zhang").exists() is is_taken
    person: Any = UserFactory.create()
    desk.post(f"/admin/auth/user/{person.pk}/password/", twice(password, "password"))
    person.refresh_from_db()
    assert person.check_password(password) is is_taken


@together(("password", "is_taken"), TABLE)
def test_whoever_changes_the_own_password_chooses_a_varied_one(
    password: str, is_taken: bool
) -> None:
    person = UserFactory.create()
    client = sign_in(person, Client)
    client.post("/password", {"old_password": PASSWORD, **twice(password)})
    person.refresh_from_db()
    assert person.check_password(password) is is_taken


@together(("password", "is_taken"), TABLE)
def test_whoever_comes_by_the_link_chooses_a_varied_one(
    settings: Any, password: str, is_taken: bool
) -> None:
    settings.EMAIL_URL = "smtp://mail.example.org"
    person: Any = UserFactory.create()
    key = urlsafe_base64_encode(force_bytes(person.pk))
    client = Client()
    form = client.get(f"/password/new/{key}/{default_token_generator.make_token(person)}")
    client.post(form.headers["Location"], twice(password))
    person.refresh_from_db()
    assert person.check_password(password) is is_taken


@together(("password", "is_taken"), TABLE)
def test_commands_create_no_superuser_with_a_uniform_password(
    monkeypatch: Any, password: str, is_taken: bool
) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    with suppress(CommandError):
        call_command("createsuperuser", "--no-input", username="ann", email="a@example.org")
    assert User.objects.filter(username="ann").exists() is is_taken
