"""Pairs of rows that somebody has said are two: what was answered is not asked again."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import F, Q

from parks.models.organisations import Organisation


class Distinct(models.Model):
    """Two rows that look like one and are not; `one` has the smaller key.

    The database does not check the keys: a row may be deleted while it is said of it.
    """

    one: Any
    other: Any
    one_id: int
    other_id: int

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="%(class)s_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="%(class)s_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"

    @classmethod
    def keep(cls, pairs: Iterable[tuple[int, int]]) -> None:
        """Remember that the rows of each pair, by key, are two."""
        model: Any = cls
        told = [model(one_id=min(pair), other_id=max(pair)) for pair in pairs]
        model._default_manager.bulk_create(told, ignore_conflicts=True)

    @classmethod
    def find(cls, rows: Iterable[int]) -> set[frozenset[int]]:
        """Find the pairs with one of these rows, by key, that are known to be two."""
        keys = list(rows)
        manager: Any = cls._default_manager
        pairs = manager.filter(Q(one__in=keys) | Q(other__in=keys))
        return {frozenset(pair) for pair in pairs.values_list("one_id", "other_id")}


class DistinctOrganisations(Distinct):
    """Two organisations of one name."""

    one = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_constraint=False)
    other = models.ForeignKey(Organisation, models.CASCADE, related_name="+", db_constraint=False)
