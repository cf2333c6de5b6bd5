"""Sessions and accounts under names that stored sessions keep, and a rule for passwords."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_BEFORE = "django.contrib.auth.backends.ModelBackend"  # by which sessions of 1.0 were opened


class SessionStore(DatabaseSessions):
    """Sessions as Django keeps them in the database."""

    def load(self) -> dict[str, Any]:
        """Load the data of a session; sessions of Django's backend continue with ours."""
        data: dict[str, Any] = super().load()
        if data.get(BACKEND_SESSION_KEY) == _BEFORE:
            data[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        return data


class AccountBackend(ModelBackend):
    """Accounts with passwords, as Django has them; sessions name it."""


class DistinctCharactersValidator:
    """Rejects a password that repeats a few characters, such as “aaaaaaaaaaaa”."""

    def __init__(self, least: int) -> None:
        self.least = least

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where the password has too few different characters."""
        count = len({*password})
        if count < self.least:
            text = _("Different characters in this password: %(count)d; at least %(least)d needed.")
            params = {"count": count, "least": self.least}
            raise ValidationError(text, code="invalid", params=params)

    def get_help_text(self) -> str:
        text = _("Your password must contain at least %(least)d different characters.")
        return text % {"least": self.least}
