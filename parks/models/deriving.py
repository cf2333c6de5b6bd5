"""Rows that derive something from a vocabulary, which does not know them by name."""

from typing import Any

from django.db import models


class DerivingQuerySet(models.QuerySet[Any]):
    """Rows that take something from a term of a vocabulary, and do so again when it changes."""

    def derive(self) -> int:
        """Work out anew what is derived; returns the number of rows."""
        raise TypeError(f"{type(self).__name__} does not say how its rows derive")
