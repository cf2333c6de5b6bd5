"""Pairs of rows that are probably one: found by what they have in common, never row by row."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from parks.access import select_writable
from parks.models import DistinctOrganisations, Organisation
from parks.models.naming import loosen_organisation
from parks.recording.change_rows import chunks

COMPARED_AT_ONCE = 2_000  # rows
PAIRED_AT_MOST = 10  # of the rows that have one thing in common: what is left is paired later
PAIRS_SHOWN = 100


class Pair(NamedTuple):
    """Two rows that are probably one, by key, and why: words that have a label."""

    row: int
    into: int
    reasons: tuple[Any, ...]


PairFinder = Callable[[QuerySet], Iterable[Pair]]


@dataclass(frozen=True)
class Duplicates:
    """The pairs that a person may merge: how many, and the first of them with their rows."""

    count: int
    pairs: list[tuple[Any, Any, tuple[Any, ...]]]


class OrganisationLikeness(models.TextChoices):
    """What two organisations have in common."""

    SAME_NAME = "same_name", _("the same name")
    SAME_ALIAS = "same_alias", _("another name of one is a name of the other")


def list_duplicates(actor: Any, rows: QuerySet, find_pairs: PairFinder) -> Duplicates:
    """List pairs of these rows of which the person may merge one into the other.

    Those with the most reasons come first; of two rows the older one stays where she may end the
    newer one.
    """
    pairs = list(find_pairs(rows))
    model: Any = rows.model
    named = {key for pair in pairs for key in pair[:2]}
    mine = {key for some in chunks(named) for key in _select_mine(actor, model, some)}
    found = [
        pair if pair.row in mine else Pair(pair.into, pair.row, pair.reasons) for pair in pairs
    ]
    found = [pair for pair in found if pair.row in mine]
    found.sort(key=lambda pair: (-len(pair.reasons), pair.into, pair.row))
    shown = found[:PAIRS_SHOWN]
    by_key = model._default_manager.in_bulk({key for pair in shown for key in pair[:2]})
    return Duplicates(
        len(found), [(by_key[pair.row], by_key[pair.into], pair.reasons) for pair in shown]
    )


def _select_mine(actor: Any, model: Any, keys: Collection[int]) -> QuerySet:
    return select_writable(model._default_manager.filter(pk__in=keys), actor).values_list(
        "pk", flat=True
    )


def group_by_marks(marked: Iterable[tuple[int, Iterable[Any]]]) -> list[Collection[int]]:
    """Group rows, by key, by the marks that several of them have: of each the oldest ones."""
    first: dict[Any, int] = {}
    groups: dict[Any, set[int]] = defaultdict(set)
    for key, marks in marked:
        for mark in marks:
            if (known := first.setdefault(mark, key)) != key:
                groups[mark] |= {known, key}
    return [sorted(keys)[:PAIRED_AT_MOST] for keys in groups.values()]


def find_organisation_pairs(rows: QuerySet) -> Iterator[Pair]:
    """Find the organisations that have a name in common, but for signs and the legal form.

    Those that have a credit code of their own, of which one owns the other, or of which somebody
    said so, are two.
    """
    named = rows.order_by().values_list("pk", "name_zh", "name_en", "aliases")
    pairs = {
        (other, one)
        for keys in group_by_marks(
            (pk, _loosen([name_zh, name_en, *aliases.splitlines()]))
            for pk, name_zh, name_en, aliases in named.iterator(COMPARED_AT_ONCE)
        )
        for one, other in combinations(sorted(keys), 2)
    }
    keys = {key for pair in pairs for key in pair}
    stored = {
        row.pk: row for some in chunks(keys) for row in Organisation.objects.filter(pk__in=some)
    }
    distinct = {pair for some in chunks(keys) for pair in DistinctOrganisations.find(some)}
    for row, into in sorted(pairs):
        if frozenset((row, into)) in distinct:
            continue
        one, other = stored[row], stored[into]
        codes = {one.uscc, other.uscc} - {""}
        if len(codes) < 2 and row != other.parent_id and into != one.parent_id:
            share = _loosen([one.name_zh, one.name_en]) & _loosen([other.name_zh, other.name_en])
            likeness = OrganisationLikeness.SAME_NAME if share else OrganisationLikeness.SAME_ALIAS
            yield Pair(row, into, (likeness,))


def _loosen(names: Iterable[str]) -> set[str]:
    return {loosen_organisation(name) for name in names} - {""}
