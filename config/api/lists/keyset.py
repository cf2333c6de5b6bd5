"""Conditions for "the rows beyond this one", in forms that an index can start from."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.db.models import Q

from config.api.lists.ordering import OrderingKey

Position = Sequence[Any]


class Segment(NamedTuple):
    """Rows by a condition, and the keys that they are in the order of."""

    condition: Q
    keys: Sequence[OrderingKey]


def build_segments(
    keys: Sequence[OrderingKey], position: Position | None, backward: bool
) -> list[Segment]:
    """Build the segments whose rows, one after the other, are all those beyond `position` in order.

    `position` holds one value for each key, or is None for the very beginning (the very end when
    going backward). With a nullable first key the known and the unknown values are two segments,
    as one condition over both could not start from an index.
    """
    first, *rest = keys
    if not first.is_nullable:
        return [Segment(Q() if position is None else _beyond(keys, position, backward), keys)]
    # The order of either need not say where NULLs go: PostgreSQL can walk an index backwards only
    # if it does not.
    sorted_keys = [replace(first, is_nullable=False), *rest]
    unknown = Segment(Q(**{f"{first.path}__isnull": True}), sorted_keys)
    known = Segment(Q(**{f"{first.path}__isnull": False}), sorted_keys)
    if first.rank:
        by_rank = [replace(sorted_keys[0], path=first.rank), *rest]
        known = Segment(Q(**{f"{first.rank}__gte": 0}), by_rank)
    parts = [unknown, known] if backward else [known, unknown]
    if position is None:
        return parts
    reached = parts.index(unknown if position[0] is None else known)
    condition, within_keys = parts[reached]
    within = _beyond(within_keys, position, backward)
    if backward and within_keys[0].path == first.rank:
        within &= condition  # unknown values have a rank, too: the lowest
    return [Segment(within, within_keys), *parts[reached + 1 :]]


def _beyond(keys: Sequence[OrderingKey], position: Position, backward: bool) -> Q:
    """Build `k >= v AND (k > v OR next keys beyond)`: an index range, unlike a chain of ORs."""
    key, *rest = keys
    value, *others = position
    if value is None:
        # Unknown values come last: forward only the next keys can lead on, backward all known
        # values are beyond too.
        condition = Q(**{f"{key.path}__isnull": True}) & _beyond(rest, others, backward)
        if backward and key.is_nullable:
            condition |= Q(**{f"{key.path}__isnull": False})
        return condition
    strictly = "lt" if key.is_descending != backward else "gt"
    condition = Q(**{f"{key.path}__{strictly}": value})
    if rest:
        condition |= _beyond(rest, others, backward)
        condition &= Q(**{f"{key.path}__{strictly}e": value})
    if key.is_nullable and not backward:
        condition |= Q(**{f"{key.path}__isnull": True})
    return condition
