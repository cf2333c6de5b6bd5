"""Follow-through of an event's projects, and of each year's contracts.

Each rate of `projects.lifecycle.rates` comes with its numerator, its denominator, the unknown part,
and links to their lists.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, F, Min, Q, QuerySet, Sum, Value, When
from django.utils.translation import gettext as _
from django_cte import CTE, with_cte

from config.database import history
from parks.models import ClaimQuerySet
from projects.dimensions.groupings import put_in_both
from projects.lifecycle import rates
from projects.models import Project
from projects.models.words import Stage
from sheets.amounts import LEDGER_CURRENCY, find_percent
from sheets.dates import months_before

# Returns the URL of the list with these filters, too; None where no list can express them
Narrow = Callable[[Mapping[str, str]], str | None]

# Projects that are counted with another one, or as another one
COUNTED_ELSEWHERE = [
    word for word in Project.TotalsExclusion.values if word != Project.TotalsExclusion.NO_CONTRACT
]
NOT_ELSEWHERE = {"totals_exclusion_not": ",".join(COUNTED_ELSEWHERE)}
IS_EXACT = Q(investment_qualifier="exact")
# Columns that the conditions of counts and rates read
_READ = (
    *("signed_year", "stage", "standing", "investment_basis", "investment_qualifier"),
    *("stage_rank", "has_intent", "has_money"),
)


def measure(projects: QuerySet, narrow: Narrow, *, within: Q = rates.SIGNED) -> dict[str, Any]:
    """Measure projects: counts, sums in whole yuan, and rates in percent.

    Counts and sums are of the projects `within`; each rate has its own denominator.
    """
    cells = gather_cells(projects)
    sums = {**build_counts(within), **build_rate_sums(rates.RATES)}
    return state_measures(
        with_cte(cells, select=cells.queryset()).aggregate(**sums), rates.RATES, narrow
    )


def measure_cohorts(
    projects: QuerySet, narrow: Callable[[int | None], Narrow], narrow_all: Narrow
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Measure projects by year of contract, the unknown year last, and all of them together.

    `narrow` returns, for a year, the links to the lists of its contracts; `narrow_all` links to the
    lists of all projects.
    """
    cells = gather_cells(projects)
    sums = {**build_counts(rates.SIGNED), **build_rate_sums(rates.RATES)}
    # Unsigned projects, too: some of them signed an intent, which rates of the total count
    by_year = cells.queryset().values(is_signed=build_flag(rates.SIGNED), year=F("signed_year"))
    parts = list(with_cte(cells, select=by_year.annotate(**sums)))
    total = {
        name: _add_known([part[name] for part in parts], each.default and each.default.value)
        for name, each in sums.items()
    }
    ordered = sorted(
        (part for part in parts if part["is_signed"]),
        key=lambda part: (part["year"] is None, part["year"]),
    )
    rows = [
        {"signed_year": year, **state_measures(part, rates.RATES_OF_CONTRACTS, narrow(year))}
        | {"is_unfinished": is_unfinished(year)}
        for part in ordered
        for year in [part["year"]]
    ]
    return rows, state_measures(total, rates.RATES, narrow_all)


def gather_cells(projects: QuerySet) -> CTE:
    """Group the projects for which all conditions of rates and counts are equal.

    A million projects have about ten thousand such cells, so that the database evaluates the forty
    conditions less often. `number` is the number of projects of a cell; a sum is unknown where all
    its amounts are.
    """
    alike = projects.order_by().values(
        *_READ,
        is_known=build_flag(Q(investment_cny__isnull=False)),
        is_reported=build_flag(rates.HAS_PAID_IN),
        is_silent=build_flag(rates.is_silent()),
    )
    sums = {name: Sum(name) for name in ("investment_cny", "paid_in_cny")}
    return CTE(alike.annotate(number=Count("pk"), news_on=Min("news_on"), **sums))


def build_flag(condition: Q) -> Case:
    """Build the SQL of whether a condition is met."""
    return Case(When(condition, then=Value(True)), default=Value(False))


def _add_known(values: Iterable[int | None], nothing: int | None) -> int | None:
    """Add up as SQL does, skipping None; `nothing` is the sum of no value."""
    known = [value for value in values if value is not None]
    return sum(known) if known else nothing


def is_unfinished(year: int | None) -> bool | None:
    """Return whether a year's contracts are too young for their rates to be judged."""
    if year is None:
        return None
    return date(year, 12, 31) > months_before(history.today(), settings.STALE_MONTHS)


def _count(condition: Q) -> Sum:
    return Sum("number", filter=condition, default=0)


def build_counts(within: Q) -> dict[str, Any]:
    """Build the aggregates over cells of the projects within a condition."""
    is_known = within & Q(investment_cny__isnull=False)
    return {
        "projects": _count(within),
        "signed": _count(within & rates.SIGNED),
        "not_terminated": _count(within & rates.NOT_TERMINATED),
        "started": _count(within & rates.has_reached(Stage.STARTED)),
        "completed": _count(within & rates.has_reached(Stage.COMPLETED)),
        "operating": _count(within & rates.has_reached(Stage.OPERATING)),
        "investment_total_cny": Sum("investment_cny", filter=within),
        "investment_exact": _count(is_known & IS_EXACT),
        "investment_qualified": _count(is_known & ~IS_EXACT),
        "investment_missing": _count(within & Q(investment_cny__isnull=True)),
        "agreed_total_cny": Sum("investment_cny", filter=within & rates.AGREED),
        "paid_in_total_cny": Sum("paid_in_cny", filter=within & rates.AGREED),
        "paid_in_all_cny": Sum("paid_in_cny", filter=within),
    }


def build_rate_sums(rates: Mapping[str, rates.Rate]) -> dict[str, Any]:
    """Build the aggregates over cells for rates: up to four for each."""
    sums: dict[str, Any] = {}
    for name, rate in rates.items():
        above, below = rate.sums or (None, None)
        sums[f"{name}_numerator"] = _add_up(rate.reached.condition, above)
        sums[f"{name}_denominator"] = _add_up(rate.of.condition, below)
        sums[f"{name}_not_known"] = _add_up(rate.is_not_known(), below)
        if rate.covered_by:
            sums[f"{name}_covered"] = _add_up(rate.covered_by.condition, below)
    return sums


def _add_up(condition: Q, column: str | None) -> Any:
    return Sum(column, filter=condition) if column else _count(condition)


def state_measures(
    sums: Mapping[str, Any], chosen: Mapping[str, rates.Rate], narrow: Narrow
) -> dict[str, Any]:
    """Return the counts, and the rates under `rates`."""
    counts = {name: sums[name] for name in build_counts(rates.SIGNED)}
    stated = {name: state_rate(name, rate, sums, narrow) for name, rate in chosen.items()}
    return {**counts, "rates": stated}


def state_rate(
    name: str, rate: rates.Rate, sums: Mapping[str, Any], narrow: Narrow
) -> dict[str, Any]:
    """Return one rate in percent, to two decimals, with its parts and their lists."""
    above, below = sums[f"{name}_numerator"], sums[f"{name}_denominator"]
    not_known = sums[f"{name}_not_known"] or 0
    coverage = _work_out_percent(sums[f"{name}_covered"] or 0, below) if rate.covered_by else None
    is_withheld = rate.covered_by and is_thinly_covered(sums[f"{name}_covered"], below)
    return {
        **put_in_both(rate.label),
        "meaning": str(rate.meaning),
        "unit": LEDGER_CURRENCY if rate.sums else "projects",
        "numerator": above,
        "numerator_list_url": narrow(rate.reached.filters),
        "denominator": below,
        "denominator_list_url": narrow(rate.of.filters),
        "not_known": not_known,
        "not_known_list_url": narrow({"rate_not_known": name}),
        "percent": None if is_withheld else _work_out_percent(above, below),
        "percent_at_most": _work_out_percent((above or 0) + not_known, below),
        "coverage_percent": coverage,
        "withheld": describe_coverage(coverage) if is_withheld else None,
    }


def _work_out_percent(above: int | None, below: int | None) -> float | None:
    return find_percent(above, below) if below and above is not None else None


def is_thinly_covered(covered: int | None, whole: int | None) -> bool:
    """Return whether reports cover less than LEAST_COVERAGE percent of an amount."""
    return bool(whole) and 100 * (covered or 0) < rates.LEAST_COVERAGE * (whole or 0)


def describe_coverage(percent: float | None) -> str:
    """Explain why a rate of money is withheld."""
    return _(
        "Only %(percent)s %% of the amounts agreed are of projects that reported what was paid in."
    ) % {"percent": f"{percent or 0:g}"}


def find_declared(figures: ClaimQuerySet) -> dict[str, Any]:
    """Find the newest standing count and amount that an event declared as a whole, or None."""
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
    """Compute the percentage of the declared totals that is known project by project."""
    return {
        name: _work_out_percent(itemised[name] or 0, total["value"] if total else None)
        for name, total in declared_totals.items()
    }
