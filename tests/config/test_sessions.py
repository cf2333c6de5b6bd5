"""Who is signed in is found by the session, until it ends or the account does."""

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang() -> User:
    return UserFactory.create(superuser=True)


def is_known(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_a_session_of_the_first_version_goes_on(client: Client, wang: User) -> None:
    """It names the backend by which it was opened, which was Django's own."""
    before = "django.contrib.auth.backends.ModelBackend"
    engine = "django.contrib.sessions.backends.db"
    with override_settings(AUTHENTICATION_BACKENDS=[before], SESSION_ENGINE=engine):
        client.force_login(wang)
    assert is_known(client)
    assert client.session["_auth_user_backend"] != before
