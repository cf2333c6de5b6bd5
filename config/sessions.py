"""Sessions and accounts as Django has them, by names that stored sessions keep."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions

_BEFORE = "django.contrib.auth.backends.ModelBackend"  # by which sessions of 1.0 were opened


class SessionStore(DatabaseSessions):
    """Sessions as Django keeps them in the database."""

    def load(self) -> dict[str, Any]:
        """Load what the session holds; one that was opened by Django's backend goes on by ours."""
        data: dict[str, Any] = super().load()
        if data.get(BACKEND_SESSION_KEY) == _BEFORE:
            data[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        return data


class AccountBackend(ModelBackend):
    """Accounts with passwords, as Django has them; sessions name it."""
