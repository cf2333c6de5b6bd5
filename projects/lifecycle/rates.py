"""Rates of follow-through, declared once for answers, lists, files and pages.

A reached stage stays reached. Projects without news for long are neither reached nor failed: they
are `not_known`, stay in the denominator, and are counted apart.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.database import history
from projects.models import Project
from projects.models.words import STAGES, InvestmentBasis, Stage, is_silent_since
from sheets.dates import months_before

LEAST_COVERAGE = 50  # percent of the agreed amounts: below it, no rate of funds in place is given


def is_silent() -> Q:
    """Select the projects without news for settings.STALE_MONTHS months, or without any date."""
    return is_silent_since(months_before(history.today(), settings.STALE_MONTHS))


def has_reached(stage: Stage) -> Q:
    """Select the projects at this stage or a later one."""
    return Q(stage_rank__gte=STAGES.index(stage))


SIGNED = has_reached(Stage.SIGNED)
# An intent was signed, at whatever time, whatever came of it
WITH_INTENT = Q(has_intent=True)
# More is known of what was signed: a later stage, or money of any kind that came
FOLLOWED = has_reached(Stage.REGISTERED) | (Q(stage=Stage.SIGNED) & Q(has_money=True))
NOT_TERMINATED = SIGNED & ~Q(standing=Project.Standing.TERMINATED)
ENDED = Q(
    standing__in=[Project.Standing.TERMINATED, Project.Standing.MERGED, Project.Standing.CLOSED]
)
HAS_PAID_IN = Q(paid_in_cny__isnull=False)
AGREED = SIGNED & Q(investment_basis=InvestmentBasis.AGREED)


@dataclass(frozen=True, eq=False)
class ProjectSet:
    """Projects that a rate counts, by a condition, and by the filters of their list."""

    condition: Q
    filters: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class Rate:
    """A share of projects, or of their money where `sums` names the columns that are added up.

    `sums` are those of the numerator and of the denominator. A rate that is `covered_by` some of
    its projects is not given while these have less than LEAST_COVERAGE of its denominator.
    """

    label: str | Promise
    meaning: str | Promise
    reached: ProjectSet
    of: ProjectSet
    sums: tuple[str, str] | None = None
    covered_by: ProjectSet | None = None

    def is_not_known(self) -> Q:
        """Select the projects of which nobody knows whether they have reached it."""
        open_ones = self.of.condition & ~ENDED & ~self.reached.condition
        # That something else was heard does not say whether money came
        return open_ones if self.sums else open_ones & is_silent()


def _reach(stage: Stage) -> ProjectSet:
    return ProjectSet(has_reached(stage), {"reached": stage.value})


ALL_SIGNED = _reach(Stage.SIGNED)
ALL_INTENDED = ProjectSet(WITH_INTENT, {"has_intent": "true"})
ALL_AGREED = ProjectSet(
    AGREED, {"reached": Stage.SIGNED.value, "investment_basis": InvestmentBasis.AGREED}
)
ALL_REPORTED = ProjectSet(AGREED & HAS_PAID_IN, {**ALL_AGREED.filters, "has_paid_in": "true"})

RATES = {
    "fulfilment_rate": Rate(
        _("fulfilment rate (with later progress)"),
        _(
            "Projects that reached a stage after the contract, or to which money came, of all that "
            "reached a contract."
        ),
        ProjectSet(FOLLOWED, {"fulfilled": "true"}),
        ALL_SIGNED,
    ),
    "survival_rate": Rate(
        _("survival rate (not terminated)"),
        _(
            "Projects that were not terminated, of all that reached a contract. One of which "
            "nobody has heard counts as going on."
        ),
        ProjectSet(NOT_TERMINATED, {"reached": Stage.SIGNED.value, "standing_not": "terminated"}),
        ALL_SIGNED,
    ),
    "registration_rate": Rate(
        _("registration rate"),
        _("Projects that were registered or went further, of all that reached a contract."),
        _reach(Stage.REGISTERED),
        ALL_SIGNED,
    ),
    "start_rate": Rate(
        _("start rate"),
        _("Projects that started construction or went further, of all that reached a contract."),
        _reach(Stage.STARTED),
        ALL_SIGNED,
    ),
    "completion_rate": Rate(
        _("completion rate"),
        _("Projects that were completed or went further, of all that reached a contract."),
        _reach(Stage.COMPLETED),
        ALL_SIGNED,
    ),
    "operation_rate": Rate(
        _("operation rate (of signed)"),
        _("Projects that operate or went further, of all that reached a contract."),
        _reach(Stage.OPERATING),
        ALL_SIGNED,
    ),
    "conversion_rate": Rate(
        _("conversion rate from intent to contract"),
        _(
            "Projects that reached a contract, of all for which an intent was signed. Those signed "
            "without an intent are in neither."
        ),
        ProjectSet(WITH_INTENT & SIGNED, {"has_intent": "true", "reached": Stage.SIGNED.value}),
        ALL_INTENDED,
    ),
    "funds_in_place_rate": Rate(
        _("rate of funds in place"),
        _(
            "Paid in, of all amounts agreed in contracts. Not given where less than half of these "
            "amounts are of projects that reported what was paid in."
        ),
        ALL_REPORTED,
        ALL_AGREED,
        ("paid_in_cny", "investment_cny"),
        ALL_REPORTED,
    ),
    "reported_funds_in_place_rate": Rate(
        _("rate of funds in place, reporting projects"),
        _("Paid in, of the amounts agreed in contracts of the projects that reported it."),
        ALL_REPORTED,
        ALL_REPORTED,
        ("paid_in_cny", "investment_cny"),
    ),
}
# Of contracts alone, conversion would be 100 %
RATES_OF_CONTRACTS = {name: rate for name, rate in RATES.items() if rate.of is not ALL_INTENDED}
