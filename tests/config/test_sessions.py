"""Who is signed in is found by the session, until it ends or the account does."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.test import Client, override_settings
from django.utils import timezone

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> User:
    return UserFactory.create(superuser=True)


def is_known(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_a_session_ends_with_its_time(client: Client, wang: User) -> None:
    client.force_login(wang)
    assert is_known(client)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert not is_known(client)


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_a_session_ends_with_its_account_or_password(
    client: Client, wang: User, change: dict[str, Any]
) -> None:
    client.force_login(wang)
    User.objects.filter(pk=wang.pk).update(**change)
    assert not is_known(client)


def test_a_session_that_nobody_has_is_nobodys(client: Client, settings: Any) -> None:
    client.cookies[settings.SESSION_COOKIE_NAME] = "0123456789abcdefghijklmnopqrstuv"
    assert not is_known(client)


def test_a_session_of_the_first_version_goes_on(client: Client, wang: User) -> None:
    """It names the backend by which it was opened, which was Django's own."""
    before = "django.contrib.auth.backends.ModelBackend"
    engine = "django.contrib.sessions.backends.db"
    with override_settings(AUTHENTICATION_BACKENDS=[before], SESSION_ENGINE=engine):
        client.force_login(wang)
    assert is_known(client)
    assert client.session["_auth_user_backend"] != before
