"""Measures of summaries: counts, amounts with their basis, land, and values at full capacity.

A `Tally` holds the sums of one cell by name. Sums add up from cells to rows and from rows to the
total; shares are computed from them at the end. Areas are summed in hundredths of a mu, since
tallies are whole numbers.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import (
    BigIntegerField,
    Count,
    DecimalField,
    Expression,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
)
from django.db.models.functions import Cast, Round
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from parks.models import Nature
from projects.dimensions.filters import RecognisedFilter
from projects.lifecycle.derivation import (
    HAS_AGREED_PER_MU,
    IS_LEASED,
    find_fixed_investments,
    has_investment_intensity,
)
from projects.models import Funding, ProjectFigure
from projects.models.words import AgreementType, InvestmentBasis
from projects.summaries.sums import Tally
from sheets.amounts import LEDGER_CURRENCY, LEDGER_LAND, Qualifier

PER_MU = ("agreed_per_mu", "investment_intensity")  # with filters such as `has_agreed_per_mu`
NarrowedList = Callable[[Mapping[str, str]], str | None]  # the URL of a cell's list with filters


def build_land_sums(measures: Collection[str]) -> dict[str, Any]:
    """Build the aggregates over projects: land with agreed investment, and leases."""
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


def build_hundredths(column: str) -> Expression:
    """Build whole hundredths of a decimal, which SQLite would add up as floats."""
    hundredths = ExpressionWrapper(F(column) * 100, DecimalField(max_digits=12, decimal_places=0))
    return Cast(Round(hundredths), BigIntegerField())


def state_land_facts(
    tally: Mapping[str, int], measures: Collection[str], narrow: NarrowedList
) -> dict[str, Any]:
    """Compute the whole yuan per mu of bought land, with numerator and denominator.

    None where nothing is known. Projects that lease their site are counted apart.
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


STATED = [word for word in AgreementType if word != AgreementType.UNKNOWN]
# Words in the order of rows, with the names of their sums
_AGREEMENT_SUMS = {str(word): f"agreement_{word}" for word in reversed(STATED)}
_BASIS_SUMS = {str(word): f"basis_{word}" for word in InvestmentBasis}


@dataclass(frozen=True)
class Measure:
    """A measure: its label, its unit, and its meaning in answers.

    A measure with an `indicator` sums claims; one with `exact` sums the column of `Project` of the
    same name, whose amounts are exact where the condition holds.
    """

    label: str | Promise
    unit: str
    meaning: str | Promise
    indicator: str = ""
    exact: Q | None = None
    hundredths: bool = False  # whether hundredths are summed


PAID_IN_RECOGNISED = "paid_in_recognised_cny"
_UNHEDGED = Q(land_qualifier__in=("", Qualifier.EXACT.value))
MEASURES = {
    "count": Measure(_("projects"), "projects", _("Distinct projects, each counted once.")),
    "investment_cny": Measure(
        _("investment"),
        LEDGER_CURRENCY,
        _(
            "Sum of the headline amounts that are known, in whole yuan; null where none is. It "
            "adds up amounts of different bases, which stand apart, too (investment_by_basis)."
        ),
        exact=Q(investment_qualifier="exact"),
    ),
    "paid_in_cny": Measure(
        _("paid in"),
        LEDGER_CURRENCY,
        _("Sum of the capital reported as paid in, in whole yuan; null where none is."),
        exact=Q(),
    ),
    PAID_IN_RECOGNISED: Measure(
        _("paid in, recognised"),
        LEDGER_CURRENCY,
        _(
            "Sum of what an authority recognised (认定) of the capital paid in, in whole yuan; "
            "null where none is. amounts has how many projects have any."
        ),
    ),
    "share": Measure(
        _("share of projects (%)"),
        "percent",
        _(
            "Projects in percent of a whole (share_of): all projects of the same period where a "
            "dimension is one of time, else all projects."
        ),
    ),
    "investment_share": Measure(
        _("share of the investment (%)"),
        "percent",
        _("The same for the investment, in percent of its whole (investment_share_of)."),
    ),
    "shared_count": Measure(
        _("projects by share"),
        "projects",
        _(
            "Projects by the shares of the units that worked on them (working_unit); one without "
            "shares counts wholly, for its responsible unit. Shares that nobody has count nowhere."
        ),
    ),
    "count_at_least": Measure(
        _("projects of this size or larger"),
        "projects",
        _("Projects of the band and of all larger ones; unknown amounts are in none."),
    ),
    "tax_at_capacity_cny": Measure(
        _("tax a year at full capacity"),
        LEDGER_CURRENCY,
        _("Newest standing claim of each project about its yearly tax at full capacity."),
        "tax_per_year",
    ),
    "output_at_capacity_cny": Measure(
        _("output a year at full capacity"),
        LEDGER_CURRENCY,
        _("Newest standing claim of each project about its yearly output at full capacity."),
        "output_per_year",
    ),
    "jobs_at_capacity": Measure(
        _("jobs at full capacity"),
        "jobs",
        _("Newest standing claim of each project about its jobs at full capacity."),
        "jobs",
    ),
    "land_mu": Measure(
        _("land (mu)"),
        LEDGER_LAND,
        _("Sum of the areas of land that are known; null where none is."),
        exact=_UNHEDGED,
        hundredths=True,
    ),
    "floor_area_m2": Measure(
        _("floor area (m²)"),
        "m2",
        _("Sum of the floor areas that are known; null where none is."),
        exact=Q(),
        hundredths=True,
    ),
    "agreed_per_mu": Measure(
        _("agreed investment per mu"),
        f"{LEDGER_CURRENCY} per {LEDGER_LAND}",
        _(
            "Investment agreed (numerator, whole yuan) for each mu (denominator) of bought land: "
            "of the projects of which both are known. What leases has no land; it is counted "
            "beside."
        ),
    ),
    "investment_intensity": Measure(
        _("intensity of investment (per mu)"),
        f"{LEDGER_CURRENCY} per {LEDGER_LAND}",
        _(
            "Fixed-asset investment (投资强度; numerator, whole yuan) for each mu (denominator) of "
            "bought land: from the newest standing claim about it of each project whose land is "
            "known, and from no other amount."
        ),
    ),
}
FUNDING_MEASURES = {
    "count": Measure(_("reports"), "reports", _("Monthly reports of one kind of one project.")),
    "amount_cny": Measure(
        _("amount"),
        LEDGER_CURRENCY,
        _(
            "Sum of the flows of the months, in whole yuan. Paid-in and completed money, foreign "
            "capital agreed and used are four views of the same projects: null where more than "
            "one kind is asked for. What was reported in another currency is not in it; "
            "other_currencies has it, each by itself."
        ),
    ),
    "amount_usd": Measure(
        _("amount"),
        "USD",
        _(
            "Sum of the flows that were reported in US dollars, in whole dollars, and of no other: "
            "nothing is converted. null where there is none, or of more than one kind."
        ),
    ),
    "recognised_cny": Measure(
        _("recognised"),
        LEDGER_CURRENCY,
        _(
            "Sum of what an authority recognised (认定) of the flows, in whole yuan; null where it "
            "recognised none, or of more than one kind. recognised_counts has how many flows it "
            "recognised, with their lists."
        ),
    ),
    "recognised_gap_cny": Measure(
        _("reported less recognised"),
        LEDGER_CURRENCY,
        _(
            "Of the flows of which an authority recognised an amount: what was reported less what "
            "was recognised. All others are left out."
        ),
    ),
    "planned_cny": Measure(
        _("planned investment"),
        LEDGER_CURRENCY,
        _(
            "Sum of the plans of years (年度计划投资) of the parks in which the reader has a role; "
            "null where there is none. A plan is of a whole year, of no part of it."
        ),
    ),
    "completed_cny": Measure(
        _("investment completed"),
        LEDGER_CURRENCY,
        _("Sum of the flows of completed investment, planned or not; null where nobody reported."),
    ),
    "completion_percent": Measure(
        _("completion of plans (%)"),
        "percent",
        _(
            "Investment completed in the years and projects that have a plan "
            "(completed_of_planned_cny), in percent of planned_cny."
        ),
    ),
}
OTHER_CURRENCIES = "other_currencies"
_OTHER = "amount_value"
_REPORTS = "reports_"  # followed by a currency, in a tally
# Computed from other measures
SHARES = {"share": "count", "investment_share": "investment_cny"}
OF_CLAIMS = {*(name for name, it in MEASURES.items() if it.indicator), PAID_IN_RECOGNISED}
NEED_CLAIMS = {*OF_CLAIMS, "investment_intensity"}
RECOGNISED = ("recognised_cny", "recognised_gap_cny")
# Not sums over cells: they rank no cell, and charts do not stack them
NOT_ADDED_UP = {*SHARES, *PER_MU, "count_at_least", "completion_percent", "shared_count"}


def build_project_sums(measures: Collection[str]) -> dict[str, Any]:
    """Build the aggregates over projects, by the names of their sums."""
    sums: dict[str, Any] = {"count": Count("pk")}
    sums |= {f"agreement_{word}": Count("pk", filter=Q(agreement_type=word)) for word in STATED}
    added_up = {*measures} | {SHARES[name] for name in measures if name in SHARES}
    for name in find_column_measures(added_up):
        measure = MEASURES[name]
        sums |= {
            name: Sum(build_hundredths(name) if measure.hundredths else name),
            f"{name}_known": Count(name),
            f"{name}_exact": Count(name, filter=measure.exact or None),
        }
    if "investment_cny" in added_up:
        sums |= {
            name: Sum("investment_cny", filter=Q(investment_basis=word))
            for word, name in _BASIS_SUMS.items()
        }
    return sums | build_land_sums(measures)


def build_funding_sums(measures: Collection[str]) -> dict[str, Any]:
    """Build the aggregates over flows of money."""
    of_kinds = {f"kind_{kind}": Count("pk", filter=Q(kind=kind)) for kind in Funding.Kind}
    amounts = {"amount_cny": Sum("amount_cny"), "amount_cny_known": Count("amount_cny")}
    sums = {"count": Count("pk"), **amounts, _OTHER: Sum("amount_value"), **of_kinds}
    if not {*RECOGNISED}.isdisjoint(measures):
        gap = Sum(F("amount_cny") - F("recognised_cny"))
        sums |= {"recognised_cny": Sum("recognised_cny"), "recognised_gap_cny": gap}
        for word, condition in RecognisedFilter.ways.items():
            sums[f"recognised_{word}"] = Count("pk", filter=condition)
    return sums


def name_currency(tally: Tally, currency: str) -> Tally:
    """Name the sums of another currency than the ledger's, so that currencies stay apart."""
    if not currency:
        return {}
    return {f"amount_{currency.lower()}": tally[_OTHER], f"{_REPORTS}{currency}": tally["count"]}


def add_tally(tally: Tally, other: Mapping[str, int]) -> None:
    for name, value in other.items():
        tally[name] = tally.get(name, 0) + value


def add_tallies(tallies: Iterable[Mapping[str, int]]) -> Tally:
    """Add up the sums of several tallies."""
    total: Tally = {}
    for tally in tallies:
        add_tally(total, tally)
    return total


def is_of_several_kinds(tally: Mapping[str, int]) -> bool:
    """Return whether a cell has flows of several kinds, whose amounts do not add up."""
    return sum(tally.get(f"kind_{kind}", 0) > 0 for kind in Funding.Kind) > 1


def build_claim_sums(measure: str) -> dict[str, Any]:
    """Build the aggregates over the claims, or flows, of a measure."""
    if measure == OTHER_CURRENCIES:
        return {_OTHER: Sum(Cast("value", BigIntegerField())), "count": Count("pk")}
    if measure == PAID_IN_RECOGNISED:
        known = Count("project", distinct=True)
        sums = {measure: Sum("recognised_cny"), f"{measure}_known": known}
        return sums | {f"{measure}_exact": known}
    if measure == "investment_intensity":
        return {
            "investment_intensity_cny": Sum("amount_cny"),
            "investment_intensity_land": Sum(build_hundredths("project__land_mu")),
            "investment_intensity_projects": Count("pk"),
        }
    is_money = MEASURES[measure].unit == LEDGER_CURRENCY
    number = F("amount_cny") if is_money else Cast("value", BigIntegerField())
    return {
        measure: Sum(number),
        f"{measure}_known": Count("pk"),
        f"{measure}_exact": Count("pk", filter=Q(qualifier="exact")),
    }


def find_newest_claims(projects: QuerySet, measure: str) -> QuerySet:
    """Find the newest standing claim of each project for a measure in NEED_CLAIMS, or its flows.

    For OTHER_CURRENCIES that is the amount of a project without one in the ledger's currency.
    """
    if measure == PAID_IN_RECOGNISED:
        flows = Funding.objects.filter(kind=Funding.Kind.PAID_IN, recognised_cny__isnull=False)
        return flows.filter(project__in=projects.order_by().values("pk")).order_by()
    claims: QuerySet
    if measure == OTHER_CURRENCIES:
        claims = ProjectFigure.objects.of_other_currencies()
        projects = projects.filter(investment_cny=None)
    elif measure == "investment_intensity":
        claims = find_fixed_investments()
        projects = projects.filter(has_investment_intensity())
    else:
        number = "amount_cny" if MEASURES[measure].unit == LEDGER_CURRENCY else "value"
        claims = ProjectFigure.objects.standing().of_the_whole()
        claims = claims.filter(
            indicator=MEASURES[measure].indicator,
            nature=Nature.AT_CAPACITY,
            **{f"{number}__isnull": False},
        )
    newest = claims.filter(project=OuterRef("project")).newest_first()
    of_these = claims.filter(project__in=projects.order_by().values("pk"))
    return of_these.filter(pk=Subquery(newest.values("pk")[:1])).order_by()


def state_project_facts(
    tally: Mapping[str, Any], measures: tuple[str, ...], narrow: NarrowedList
) -> dict[str, Any]:
    """Build the facts of one cell of projects; amounts in yuan, None where unknown."""
    count = tally.get("count", 0)
    agreements = {word: tally.get(name, 0) for word, name in _AGREEMENT_SUMS.items()}
    facts: dict[str, Any] = {"count": count}
    if "shared_count" in measures:
        facts["shared_count"] = tally.get("unshared", 0) + tally.get("share_bp", 0) / 10_000
    amounts: dict[str, dict[str, Any]] = {}
    for name in find_split_measures(measures):
        known, exact = tally.get(f"{name}_known", 0), tally.get(f"{name}_exact", 0)
        amount = tally.get(name, 0) / 100 if MEASURES[name].hundredths else tally.get(name, 0)
        facts[name] = amount if known else None
        amounts[name] = {"exact": exact, "qualified": known - exact, "missing": count - known}
    facts["count_by_agreement"] = agreements | {"unknown": count - sum(agreements.values())}
    if "investment_cny" in measures:
        facts["investment_by_basis"] = {
            word: tally.get(name, 0) for word, name in _BASIS_SUMS.items()
        }
        if settings.PROFILE.other_currencies:
            facts[OTHER_CURRENCIES] = list_sums(tally, narrow, "investment_currency")
    return facts | {"amounts": amounts} | state_land_facts(tally, measures, narrow)


def state_funding_facts(
    tally: Mapping[str, int], measures: Collection[str], narrow: NarrowedList
) -> dict[str, Any]:
    """Build the facts of one cell of flows; no amount where they are of several kinds.

    Amounts in other currencies than the yuan are listed by currency, and are in no sum of yuan.
    """
    facts: dict[str, Any] = {"count": tally.get("count", 0)}
    is_one = not is_of_several_kinds(tally)
    if "amount_cny" in measures:
        is_known = is_one and tally.get("amount_cny_known")
        facts["amount_cny"] = tally.get("amount_cny", 0) if is_known else None
    if "amount_usd" in measures:
        facts["amount_usd"] = tally.get("amount_usd") if is_one else None
    words = {word: tally.get(f"recognised_{word}", 0) for word in RecognisedFilter.ways}
    for name in (name for name in RECOGNISED if name in measures):
        is_known = is_one and words["same"] + words["differs"]
        facts[name] = tally.get(name, 0) if is_known else None
        facts["recognised_counts"] = {
            word: {"count": count, "list_url": narrow({"recognised": word})}
            for word, count in words.items()
        }
    sums = list_sums(tally, narrow, "currency")
    facts[OTHER_CURRENCIES] = [each | {"value": each["value"] if is_one else None} for each in sums]
    return facts


def list_sums(tally: Mapping[str, int], narrow: NarrowedList, by: str) -> list[dict[str, Any]]:
    """List the sums of a cell in other currencies, with the lists of their rows."""
    return [
        {
            "currency": currency,
            "count": count,
            "value": tally[f"amount_{currency.lower()}"],
            "list_url": narrow({by: currency}),
        }
        for name, count in sorted(tally.items())
        if count and (currency := name.removeprefix(_REPORTS)) != name
    ]


def find_column_measures(measures: Collection[str]) -> list[str]:
    """Find the measures that sum a column of projects, in the order of MEASURES."""
    return [name for name, it in MEASURES.items() if it.exact is not None and name in measures]


@cache
def find_split_measures(measures: tuple[str, ...]) -> list[str]:
    """Find the measures that are split into exact, qualified and missing amounts."""
    of_claims = [name for name in measures if name in OF_CLAIMS]
    return [*find_column_measures(measures), *of_claims]
