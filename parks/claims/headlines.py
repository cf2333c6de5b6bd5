"""Computed from many claims: the newest of each kind, headlines, sums and comparisons."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any

from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from parks.models import Figure, Nature, Park
from parks.models.claims import CLAIM_DIMENSIONS, NEWEST_CLAIM_FIRST, SUBJECTS
from sheets.amounts import Qualifier, plain_number

NATURES = {nature: place for place, nature in enumerate(Nature.values)}
SAME_WHOLE = [*SUBJECTS, "indicator", "nature"]


def keep_newest(claims: Any, count: int, same: Sequence[str] = ()) -> QuerySet:
    """Keep the `count` newest claims with equal values in the columns `same`.

    By default these are all that say what a claim is about, and of which part. Ranked in a
    subquery, so that later filters do not change the ranks.
    """
    same = same or [*claims.model.about, "indicator", "nature", *CLAIM_DIMENSIONS]
    newness = Window(RowNumber(), partition_by=[*same], order_by=NEWEST_CLAIM_FIRST)
    ranked = claims.order_by().annotate(newness=newness).filter(newness__lte=count)
    return claims.filter(pk__in=ranked.values("pk"))


def headlines(claims: Iterable[Figure]) -> list[Figure]:
    """Find the newest standing claim of the whole for each indicator and nature of a subject.

    `others` on each counts all other claims of the same indicator, which may contradict it.
    """
    by_indicator: dict[str, int] = {}
    newest: dict[tuple[str, str], Figure] = {}
    for claim in sorted(claims, key=attrgetter("newness")):
        by_indicator[claim.indicator_id] = by_indicator.get(claim.indicator_id, 0) + 1
        if claim.is_standing and not claim.is_narrowed:
            newest[claim.indicator_id, claim.nature] = claim
    for claim in newest.values():
        claim.others = by_indicator[claim.indicator_id] - 1  # type: ignore[attr-defined]
    return sort_headlines(newest.values())


def sort_headlines(headlines: Iterable[Figure]) -> list[Figure]:
    """Sort headlines: one of each indicator with a rank first, then the others by indicator."""
    ordered = sorted(headlines, key=lambda claim: (claim.indicator_id, NATURES[claim.nature]))
    leading: dict[str, Figure] = {}
    for claim in ordered:
        if claim.indicator.headline_rank is not None:
            leading.setdefault(claim.indicator_id, claim)
    first = sorted(leading.values(), key=lambda claim: claim.indicator.headline_rank or 0)
    return [*first, *(claim for claim in ordered if claim not in first)]


def total(claims: Any) -> dict[str, Any]:
    """Add up the newest standing claims of the whole, one for each subject.

    The claims must be of one indicator and nature. Claims in another currency are counted and left
    out: they are never converted.
    """
    whole = claims.standing().of_the_whole()
    newest = list(keep_newest(whole.filter(currency=""), 1, SAME_WHOLE).order_by("code"))
    known = [claim for claim in newest if claim.number is not None]
    exact = sum(claim.qualifier == Qualifier.EXACT for claim in known)
    return {
        "sum": plain_number(sum((Decimal(claim.number) for claim in known), Decimal()))
        if known
        else None,
        "count": len(newest),
        "exact": exact,
        "qualified": len(known) - exact,
        "missing": len(newest) - len(known),
        "other_currency": whole.exclude(currency="").count(),
        "claims": [claim.code for claim in newest],
    }


def comparison(parks: Sequence[Park], figures: QuerySet) -> list[dict[str, Any]]:
    """Find the headline of every park, or None, for each indicator and nature."""
    by_park: dict[int, list[Figure]] = {park.pk: [] for park in parks}
    joined = figures.select_related("indicator", "source", "said_by__person")
    for claim in joined.filter(park__in=parks):
        by_park[claim.park_id].append(claim)
    table: dict[tuple[str, str], dict[int, Figure]] = {}
    for key, claims in by_park.items():
        for claim in headlines(claims):
            table.setdefault((claim.indicator_id, claim.nature), {})[key] = claim
    return [
        {
            "indicator": claim.indicator,
            "nature": claim.nature,
            "claims": {
                park.code: table[claim.indicator_id, claim.nature].get(park.pk) for park in parks
            },
        }
        for claim in sort_headlines(next(iter(row.values())) for row in table.values())
    ]
