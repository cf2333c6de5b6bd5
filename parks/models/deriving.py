"""Rows with columns that derive from other rows."""

from typing import Any

from django.db import models

from parks.recording.recording import recorded


class DerivingQuerySet(models.QuerySet[Any]):
    """Rows that derive by the rule that is registered for their model (`register_derivation`)."""

    def derive(self) -> int:
        """Derive these rows, as new versions, when the revision ends; returns their number."""
        with recorded() as unit:
            keys = list(self.order_by().values_list("pk", flat=True))
            unit.postpone(self.model, keys)
        return len(keys)

    derive.alters_data = True  # type: ignore[attr-defined]
