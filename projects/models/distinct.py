"""Pairs of projects that somebody has said are two: what was answered is not asked again."""

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q

from projects.models.projects import Project


class DistinctPair(models.Model):
    """Two projects that look like one and are not; `one` has the smaller key.

    The database does not check the keys: a project may be deleted while it is said of it.
    """

    one = models.ForeignKey(Project, models.CASCADE, related_name="+", db_constraint=False)
    other = models.ForeignKey(Project, models.CASCADE, related_name="+", db_constraint=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="distinct_pair_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="distinct_pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} ≠ {self.other_id}"


def keep_distinct(pairs: Iterable[tuple[int, int]]) -> None:
    """Remember that the projects of each pair, by key, are two."""
    DistinctPair.objects.bulk_create(
        [DistinctPair(one_id=min(pair), other_id=max(pair)) for pair in pairs],
        ignore_conflicts=True,
    )


def find_distinct(projects: Iterable[int]) -> set[frozenset[int]]:
    """Find the pairs with one of these projects, by key, that are known to be two."""
    keys = list(projects)
    pairs = DistinctPair.objects.filter(Q(one__in=keys) | Q(other__in=keys))
    return {frozenset(pair) for pair in pairs.values_list("one_id", "other_id")}
