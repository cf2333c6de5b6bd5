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


def derive_from(row: models.Model) -> None:
    """Derive the rows that refer to this one, of all models that derive."""
    for relation in row._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):
            rows = relation.related_model._default_manager.filter(**{relation.field.name: row})
            if isinstance(rows, DerivingQuerySet):
                rows.derive()
