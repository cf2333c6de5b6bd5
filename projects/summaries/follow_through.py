"""What became of what was signed: of an event's projects, and of each year's contracts.

All rates are shares of the projects that reached a contract, whatever became of them later; each
comes with its numerator and denominator.
"""

from collections.abc import Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import Count, DateField, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce

from config import history
from config.dates import months_before
from parks.models import ClaimQuerySet
from projects.lifecycle.rates import AGREED, NOT_TERMINATED, SIGNED
from projects.lifecycle.words import Stage, list_stages_from
from projects.models import Project

STARTED = Q(stage__in=list_stages_from(Stage.STARTED))
COMPLETED = Q(stage__in=list_stages_from(Stage.COMPLETED))
OPERATING = Q(stage__in=list_stages_from(Stage.OPERATING))
# What is counted with another project, or as one
COUNTED_ELSEWHERE = [
    word for word in Project.TotalsExclusion.values if word != Project.TotalsExclusion.NO_CONTRACT
]

COUNTS = {
    "projects": Count("pk"),
    "signed": Count("pk", filter=SIGNED),
    "not_terminated": Count("pk", filter=NOT_TERMINATED),
    "started": Count("pk", filter=STARTED),
    "completed": Count("pk", filter=COMPLETED),
    "operating": Count("pk", filter=OPERATING),
    "investment_total_cny": Sum("investment_cny"),
    "investment_exact": Count(
        "pk", filter=Q(investment_cny__isnull=False, investment_qualifier="exact")
    ),
    "investment_qualified": Count(
        "pk", filter=Q(investment_cny__isnull=False) & ~Q(investment_qualifier="exact")
    ),
    "investment_missing": Count("pk", filter=Q(investment_cny__isnull=True)),
    "agreed_total_cny": Sum("investment_cny", filter=AGREED),
    "paid_in_total_cny": Sum("paid_in_cny", filter=AGREED),
}

# name: (Chinese name, numerator, denominator, what the denominator is)
_RATES = {
    "fulfilment_rate": ("履约率", "not_terminated", "signed", "projects with a contract"),
    "start_rate": ("开工率", "started", "signed", "projects with a contract"),
    "completion_rate": ("建成率", "completed", "signed", "projects with a contract"),
    "funds_in_place_rate": (
        "到位率",
        "paid_in_total_cny",
        "agreed_total_cny",
        "amounts agreed in contracts, in yuan",
    ),
}


def measure(projects: QuerySet) -> dict[str, Any]:
    """Measure the projects of a queryset: counts, sums in whole yuan, and rates in percent."""
    return _add_rates(projects.aggregate(**COUNTS))


def measure_cohorts(projects: QuerySet) -> list[dict[str, Any]]:
    """Measure projects by year of contract, the unknown year last; young cohorts are unfinished."""
    rows = projects.filter(SIGNED).order_by().values("signed_year").annotate(**COUNTS)
    ordered = sorted(rows, key=lambda row: (row["signed_year"] is None, row["signed_year"]))
    return [
        {"signed_year": row.pop("signed_year"), **_add_rates(row)}
        | {"is_unfinished": is_unfinished(year)}
        for row in ordered
        for year in [row["signed_year"]]
    ]


def is_unfinished(year: int | None) -> bool | None:
    """Tell whether a year's contracts have had too little time for their rates to be judged."""
    if year is None:
        return None
    return date(year, 12, 31) > months_before(history.today(), settings.STALE_MONTHS)


def _add_rates(counts: Mapping[str, Any]) -> dict[str, Any]:
    """Add a rate for each of _RATES to the counts."""
    return {
        **counts,
        "rates": {name: _work_out_rate(counts, *words) for name, words in _RATES.items()},
    }


def _work_out_rate(
    counts: Mapping[str, Any], name_zh: str, numerator: str, denominator: str, of: str
) -> dict[str, Any]:
    """Work out one share in percent, to two decimals, with its numerator and denominator."""
    above, below = counts[numerator], counts[denominator]
    return {
        "name_zh": name_zh,
        "numerator": above,
        "numerator_is": numerator,
        "denominator": below,
        "denominator_is": of,
        "percent": round(100 * above / below, 2) if below and above is not None else None,
    }


def find_declared(figures: ClaimQuerySet) -> dict[str, Any]:
    """Find what an event declared as a whole: its newest standing count and amount, or None."""
    found: dict[str, Any] = dict.fromkeys(_DECLARED.values())
    claims = figures.standing().of_the_whole().filter(indicator__in=_DECLARED)
    for claim in sorted(claims, key=attrgetter("newness")):
        number = claim.number
        found[_DECLARED[claim.indicator_id]] = {
            "value": None if number is None else int(number),
            "qualifier": claim.qualifier,
            "nature": claim.nature,
            "code": claim.code,
        }
    return found


_DECLARED = {"declared_projects": "projects", "declared_investment": "investment_total_cny"}


def work_out_coverage(
    declared_totals: Mapping[str, Any], itemised: Mapping[str, Any]
) -> dict[str, Any]:
    """Work out how much of what was declared is known project by project, in percent."""
    return {
        name: round(100 * (itemised[name] or 0) / total["value"], 2)
        if total and total["value"]
        else None
        for name, total in declared_totals.items()
    }


def mark_first_signings(participations: QuerySet, events: QuerySet) -> QuerySet:
    """Annotate participations with `is_first_signing`: the project signed at no earlier `events`.

    Of a month and a day in it the day comes first, and events without a date come after all
    others; of events of the same day the participation that was entered first counts.
    """
    day = Coalesce("event__held_on_end", Value(date.max), output_field=DateField())
    signings = participations.model.objects.filter(
        role="signed", project=OuterRef("project"), event__in=events
    ).annotate(day=day)
    earlier = Q(day__lt=OuterRef("day")) | Q(day=OuterRef("day"), pk__lt=OuterRef("pk"))
    return participations.annotate(day=day).annotate(
        is_first_signing=Q(role="signed") & ~Exists(signings.filter(earlier))
    )
