"""What a password must be beyond Django's own rules."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


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
        """Return the rule as forms show it."""
        text = _("Your password must contain at least %(least)d different characters.")
        return text % {"least": self.least}
