"""Plans of years beside the flows that complete them, for whoever may see the plans."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value

from config.currencies import YUAN, store_currency
from config.dates import Precision, YearOf
from projects.dimensions.currencies import OfCurrencies
from projects.dimensions.dimensions import FUNDING_DIMENSIONS, period_of
from projects.dimensions.groupings import Grouping
from projects.models import Funding
from projects.summaries.measures import NarrowedList
from projects.summaries.questions import OF_WHOLE_YEARS
from projects.summaries.rows import Axis

PLAN_SUMS = {"planned_cny": Sum("planned_cny"), "plans": Count("pk")}
_COMPLETED = Q(kind=Funding.Kind.COMPLETED)


def build_completed_sums(measures: Collection[str], plans: QuerySet) -> dict[str, Any]:
    """Build the aggregates over flows of what was completed, and of that what was planned, too."""
    sums: dict[str, Any] = {}
    if "completed_cny" in measures:
        sums["completed_cny"] = Sum("amount_cny", filter=_COMPLETED)
        sums["completed_cny_known"] = Count("amount_cny", filter=_COMPLETED)
    if "completion_percent" in measures:
        of_plan = Exists(
            plans.order_by().filter(project=OuterRef("project"), year=YearOf(OuterRef("month")))
        )
        sums["completed_of_planned_cny"] = Sum("amount_cny", filter=_COMPLETED & Q(of_plan))
        sums["completed_of_planned"] = Count("amount_cny", filter=_COMPLETED & Q(of_plan))
    return sums


def group_plans(axis: Axis) -> Grouping:
    """Make a dimension of flows ready for plans: of a year, of what is completed, and in yuan."""
    grouping: Grouping = axis.grouping
    if axis.name not in FUNDING_DIMENSIONS:
        return grouping
    if period_of(axis.dimension) == Precision.YEAR:
        return replace(grouping, key=lambda project: F("year"))
    is_currency = isinstance(axis.dimension, OfCurrencies)
    one = store_currency(YUAN) if is_currency else Funding.Kind.COMPLETED.value
    return replace(grouping, key=lambda project: Value(one))


def state_plan_facts(
    tally: Mapping[str, int], measures: Collection[str], narrow: NarrowedList
) -> dict[str, Any]:
    """State what was planned and completed of a cell; None where nobody planned or reported.

    `narrow` links to the list of the plans.
    """
    facts: dict[str, Any] = {}
    planned = tally.get("planned_cny", 0) if tally.get("plans") else None
    if "planned_cny" in measures:
        facts["planned_cny"] = planned
    if not OF_WHOLE_YEARS.isdisjoint(measures):
        facts["planned_list_url"] = narrow({}) if planned is not None else None
    if "completed_cny" in measures:
        is_told = tally.get("completed_cny_known")
        facts["completed_cny"] = tally.get("completed_cny", 0) if is_told else None
    if "completion_percent" in measures:
        is_told = planned and tally.get("completed_of_planned")
        part = tally.get("completed_of_planned_cny", 0) if is_told else None
        facts["completed_of_planned_cny"] = part
        facts["completion_percent"] = (
            None if part is None or not planned else round(100 * part / planned, 2)
        )
    return facts
