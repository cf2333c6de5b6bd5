"""What a mu of land is to bring: money and land of the same projects, each with its list.

Areas are added up in hundredths of a mu, since tallies are whole numbers.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DecimalField,
    Expression,
    ExpressionWrapper,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Cast, Round

from projects.lifecycle.land import (
    HAS_AGREED_PER_MU,
    IS_LEASED,
    find_fixed_investments,
    has_investment_intensity,
)

PER_MU = ("agreed_per_mu", "investment_intensity")  # each a filter, too: `has_agreed_per_mu`
NarrowedList = Callable[[Mapping[str, str]], str | None]  # to the list of a cell, narrowed further


def build_land_sums(measures: Collection[str]) -> dict[str, Any]:
    """Build the aggregates over projects: the land for which investment was agreed, leases."""
    sums: dict[str, Any] = {}
    if "agreed_per_mu" in measures:
        sums |= {
            "agreed_per_mu_cny": Sum("investment_cny", filter=HAS_AGREED_PER_MU),
            "agreed_per_mu_land": Sum(build_hundredths("land_mu"), filter=HAS_AGREED_PER_MU),
            "agreed_per_mu_projects": Count("pk", filter=HAS_AGREED_PER_MU),
        }
    if {*PER_MU} & {*measures}:
        sums["leased"] = Count("pk", filter=IS_LEASED)
    return sums


def build_intensity_sums() -> dict[str, Any]:
    """Build the aggregates over claims of fixed-asset investment."""
    return {
        "investment_intensity_cny": Sum("amount_cny"),
        "investment_intensity_land": Sum(build_hundredths("project__land_mu")),
        "investment_intensity_projects": Count("pk"),
    }


def find_intensity_claims(projects: QuerySet) -> QuerySet:
    """Find the newest claim of the fixed-asset investment of each project on bought land."""
    newest = find_fixed_investments().filter(project=OuterRef("project")).newest_first()
    of_these = projects.filter(has_investment_intensity()).order_by()
    claims = find_fixed_investments().filter(project__in=of_these.values("pk"))
    return claims.filter(pk=Subquery(newest.values("pk")[:1]))


def build_hundredths(column: str) -> Expression:
    """Build whole hundredths of a decimal: SQLite adds those up as floats, and gets them wrong."""
    hundredths = ExpressionWrapper(F(column) * 100, DecimalField(max_digits=12, decimal_places=0))
    return Cast(Round(hundredths), BigIntegerField())


def state_land_facts(
    tally: Mapping[str, int], measures: Collection[str], narrow: NarrowedList
) -> dict[str, Any]:
    """State what a mu of bought land brings, in whole yuan, with what it is worked out from.

    None where nothing is known. Beside it, how many projects lease what they use.
    """
    facts: dict[str, Any] = {}
    for name in PER_MU:
        if name not in measures:
            continue
        projects = tally.get(f"{name}_projects", 0)
        cny, land = tally.get(f"{name}_cny", 0), tally.get(f"{name}_land", 0)
        url = narrow({f"has_{name}": "true"}) if projects else None
        leased = tally.get("leased", 0)
        facts[name] = round(cny * 100 / land) if land else None
        facts[f"{name}_of"] = {
            "numerator": cny if projects else None,
            "numerator_list_url": url,
            "denominator": land / 100 if projects else None,
            "denominator_list_url": url,
            "projects": projects,
            "leased": leased,
            "leased_list_url": narrow({"site_mode": "lease"}) if leased else None,
        }
    return facts
