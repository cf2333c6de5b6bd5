"""Grouped totals of projects or of flows of money, with plans, and links to lists."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from itertools import product
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.utils import timezone

from projects.dimensions.dimensions import FUNDING_DIMENSIONS, HAS_SHARE, OfCurrencies, period_of
from projects.dimensions.groupings import OTHER, Grouping, GroupingContext
from projects.lifecycle.due import sees_work
from projects.models import Assignment, Funding, Participation, YearPlan
from projects.summaries import measures, questions
from projects.summaries.measures import SHARES, NarrowedList, add_tallies, add_tally
from projects.summaries.rows import Axis, Links, RowSums, SummaryRows
from projects.summaries.sums import CellValues, Sums, Tally, query_sums, too_many_summary_rows
from sheets.amounts import LEDGER_CURRENCY, find_percent, store_currency
from sheets.dates import Precision, YearOf

PLAN_SUMS = {"planned_cny": Sum("planned_cny"), "plans": Count("pk")}
_COMPLETED = Q(kind=Funding.Kind.COMPLETED)


def build_completed_sums(measures: Collection[str], plans: QuerySet) -> dict[str, Any]:
    """Build the aggregates over flows of completed investment, all of it and the planned part."""
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
    """Adapt the grouping of flows to plans, which are of a year, of completed money, in yuan."""
    grouping: Grouping = axis.grouping
    if axis.name not in FUNDING_DIMENSIONS:
        return grouping
    if period_of(axis.dimension) == Precision.YEAR:
        return replace(grouping, key=lambda project: F("year"))
    is_currency = isinstance(axis.dimension, OfCurrencies)
    one = store_currency(LEDGER_CURRENCY) if is_currency else Funding.Kind.COMPLETED.value
    return replace(grouping, key=lambda project: Value(one))


def group_shares(axis: Axis) -> Grouping:
    """Adapt the grouping of projects to the shares of units in them."""
    if axis.name != "working_unit":
        return axis.grouping
    return replace(axis.grouping, key=lambda project: F("office"), sets=lambda rows, project: rows)


def state_plan_facts(
    tally: Mapping[str, int], measures: Collection[str], narrow: NarrowedList
) -> dict[str, Any]:
    """Build the facts about plans of a cell; None where nobody planned or reported.

    `narrow` links to the list of the plans.
    """
    facts: dict[str, Any] = {}
    planned = tally.get("planned_cny", 0) if tally.get("plans") else None
    if "planned_cny" in measures:
        facts["planned_cny"] = planned
    if not questions.OF_WHOLE_YEARS.isdisjoint(measures):
        facts["planned_list_url"] = narrow({}) if planned is not None else None
    if "completed_cny" in measures:
        is_known = tally.get("completed_cny_known")
        facts["completed_cny"] = tally.get("completed_cny", 0) if is_known else None
    if "completion_percent" in measures:
        part, percent = None, None
        if planned and tally.get("completed_of_planned"):
            part = tally.get("completed_of_planned_cny", 0)
            percent = find_percent(part, planned)
        facts |= {"completed_of_planned_cny": part, "completion_percent": percent}
    return facts


_BY_CURRENCY = FUNDING_DIMENSIONS["currency"].grouping(GroupingContext())
MOST_SUMMARY_ROWS = 10_000  # in an answer


@dataclass(frozen=True)
class SummaryContext:
    """The context of a question: links to lists, the context of dimensions, named values.

    `named` are the values that filters of overlapping dimensions name: others are not shown, since
    no list could express both.
    """

    links: Links
    grouping: GroupingContext = field(default_factory=GroupingContext)
    named: Mapping[str, Collection[Any]] = field(default_factory=dict)
    plans: QuerySet = field(default_factory=YearPlan.objects.none)  # of the same projects
    plans_url: str = ""  # of their list, with the filters of flows


class Summary:
    """The answer to one question about projects."""

    vocabulary: questions.SummaryVocabulary = questions.PROJECT_VOCABULARY
    list_name, url_name = "project-list", "project-summary"
    project = ""  # the path from the rows to their projects

    def __init__(
        self, rows: QuerySet, question: questions.SummaryQuestion, context: SummaryContext
    ) -> None:
        self.rows = rows.order_by()
        self.question = question
        self.context = context
        dimensions = [(name, self.vocabulary.dimensions[name]) for name in question.group_by]
        self.axes = [Axis(name, each, each.grouping(context.grouping)) for name, each in dimensions]
        self.groupings = [axis.grouping for axis in self.axes]
        self.is_joined = any(grouping.joined for grouping in self.groupings)
        self.periods = [n for n, (_name, each) in enumerate(dimensions) if period_of(each)]
        # `top` cuts the first dimension that is not of time.
        self.cut_place = next((n for n in range(len(self.axes)) if n not in self.periods), 0)

    def answer(self, *, with_reached: bool = False) -> dict[str, Any]:
        """Answer the question, without the filters.

        `rows` have for each dimension `value`, `name_zh` and `name_en`, then the measures and a
        `list_url`; `total` counts each project once. Amounts are whole yuan, shares percent. Raises
        QueryError for too many rows.
        """
        cells = self.query_cells(range(len(self.axes)))
        # Each row is in one cell, unless it was joined to several
        total = add_tallies((self.query_cells(()) if self.is_joined else cells).values())
        sums = self.fold_and_cut(cells, total)
        if len(sums.rows) > MOST_SUMMARY_ROWS:
            raise too_many_summary_rows(MOST_SUMMARY_ROWS)
        rows = SummaryRows(
            self.question,
            self.axes,
            sums,
            self.state_facts,
            self.ranked_by,
            self.context.links,
            with_reached=with_reached,
        )

        def narrow(more: Mapping[str, str]) -> str | None:
            return self.context.links.link(more, {})

        answer = {
            "group_by": [*self.question.group_by],
            "measures": [*self.question.measures],
            "rows": rows.build(),
            "total": self.state_facts(total, narrow) | {"list_url": narrow({})},
            "additive": self.is_additive(total),
            "as_of": None,
            "generated_on": str(timezone.localdate()),
        }
        if "size_band" in self.question.group_by:
            answer["bands"] = [*self.question.bands]
        return answer

    def is_additive(self, total: Mapping[str, int]) -> bool:
        """Return whether the rows, unknown ones included, add up to the total."""
        return all(grouping.is_additive for grouping in self.groupings)

    def build_aggregates(self) -> dict[str, Any]:
        return measures.build_project_sums(self.question.measures)

    def state_facts(self, tally: Mapping[str, Any], narrow: NarrowedList) -> dict[str, Any]:
        """Build the facts of a cell; `narrow` links to its list with more filters."""
        return measures.state_project_facts(tally, self.question.measures, narrow)

    def query_cells(
        self, places: Sequence[int], narrow: Callable[[QuerySet], QuerySet] = lambda rows: rows
    ) -> Sums:
        """Query the sums by the keys of some of the dimensions, of the rows or some of them."""
        rows = narrow(self.rows)
        groupings = [self.groupings[place] for place in places]
        cells = query_sums(rows, groupings, self.build_aggregates(), self.project)
        if "shared_count" in self.question.measures:
            self.add_shares(cells, rows, places)
        for measure in self.question.measures:
            if measure in measures.NEED_CLAIMS:
                claims = measures.find_newest_claims(rows, measure)
                sums = measures.build_claim_sums(measure)
                for keys, tally in query_sums(claims, groupings, sums, "project__").items():
                    add_tally(cells.setdefault(keys, {}), tally)
        if settings.PROFILE.other_currencies and "investment_cny" in self.question.measures:
            claims = measures.find_newest_claims(rows, measures.OTHER_CURRENCIES)
            sums = measures.build_claim_sums(measures.OTHER_CURRENCIES)
            by_currency = [*groupings, _BY_CURRENCY]
            for keys, tally in query_sums(claims, by_currency, sums, "project__").items():
                of_currency = measures.name_currency(tally, keys[-1])
                add_tally(cells.setdefault(keys[:-1], {}), of_currency)
        return cells

    def add_shares(self, cells: Any, rows: QuerySet, places: Sequence[int]) -> None:
        """Add the shares of units in projects, and the number of projects without shares."""
        reader = self.context.grouping.reader
        shares = Assignment.objects.filter(HAS_SHARE).order_by()
        has_shares = sees_work(reader) & Q(Exists(shares.filter(project=OuterRef("pk"))))
        groupings = [self.groupings[place] for place in places]
        of_units = [group_shares(self.axes[place]) for place in places]
        shared = shares.filter(project__in=rows.filter(has_shares).order_by().values("pk"))
        for some, grouped, sums, path in (
            (rows.exclude(has_shares), groupings, {"unshared": Count("pk")}, self.project),
            (shared, of_units, {"share_bp": Sum("share_bp")}, "project__"),
        ):
            for keys, tally in query_sums(some, grouped, sums, path).items():
                add_tally(cells.setdefault(keys, {}), tally)

    def add_up_wholes(self, cells: Sums, total: Tally) -> dict[CellValues, Tally]:
        """Add up the wholes of shares: all rows of the same periods, each counted once."""
        if not self.periods:
            return {(): total}
        if SHARES.keys().isdisjoint(self.question.measures):
            return {}
        places = [*range(len(self.axes))]
        if self.is_joined:
            places, cells = self.periods, self.query_cells(self.periods)
        wholes: dict[CellValues, Tally] = {}
        for keys, tally in cells.items():
            key_of = dict(zip(places, keys, strict=True))
            period = tuple(self.groupings[n].values(key_of[n])[0] for n in self.periods)
            add_tally(wholes.setdefault(period, {}), tally)
        return wholes

    def fold_and_cut(self, cells: Sums, total: Tally) -> RowSums:
        """Turn the sums by keys into sums of rows: with `top`, the largest and the rest."""
        wholes = self.add_up_wholes(cells, total)
        uncut = self.fold(cells, range(len(self.axes))) if self.axes else {}
        top = self.choose_top(uncut)
        if top is None:
            return RowSums(uncut, wholes, uncut)
        rows = self.cut(cells, top)
        has_bands = self.axes[self.cut_place].name == "size_band"
        return RowSums(rows, wholes, uncut if has_bands else rows, top)

    def fold(
        self, cells: Sums, places: Sequence[int], top: Collection[Any] | None = None
    ) -> dict[CellValues, Tally]:
        """Add up by values; a key in overlapping groups counts in each of them."""
        # Few keys on each axis: the values of each are found once
        finders = [cache(partial(self.find_values, place, top=top)) for place in places]
        sums: dict[CellValues, Tally] = {}
        for keys, tally in cells.items():
            found = (find(key) for find, key in zip(finders, keys, strict=True))
            for values in product(*found):
                if values in sums:
                    add_tally(sums[values], tally)
                else:
                    sums[values] = {**tally}
        return sums

    def find_values(self, place: int, key: Any, top: Collection[Any] | None) -> tuple[Any, ...]:
        """Find the values of a key in this answer."""
        values = self.groupings[place].values(key)
        named = self.context.named.get(self.axes[place].name)
        if named is not None:
            values = tuple(value for value in values if value in named)
        if top is None or place != self.cut_place:
            return values
        kept = tuple(value for value in values if value is None or value in top)
        return kept or (() if self.groupings[place].joined else (OTHER,))

    def choose_top(self, sums: Sums) -> list[Any] | None:
        """Choose the largest values of the dimension that `top` cuts; None if it has no more."""
        if self.question.top is None or not self.axes:
            return None
        totals: dict[Any, Tally] = {}
        for values, tally in sums.items():
            add_tally(totals.setdefault(values[self.cut_place], {}), tally)
        by = self.ranked_by
        # The rest is named `other`: a vocabulary's own word `other` becomes a part of it
        known = totals.keys() - {None, OTHER.value}
        ranked = sorted(known, key=lambda value: (-totals[value].get(by, 0), str(value)))
        return ranked[: self.question.top] if len(ranked) > self.question.top else None

    def cut(self, cells: Sums, top: Collection[Any]) -> dict[CellValues, Tally]:
        """Add up by values; values of the cut dimension beyond `top` become one."""
        places = range(len(self.axes))
        sums = self.fold(cells, places, top)
        if self.groupings[self.cut_place].joined:
            at = self.cut_place
            rest = [place for place in places if place != at]
            beyond = self.fold(self.query_cells(rest, self.keep_beyond(top)), rest)
            for values, tally in beyond.items():
                add_tally(sums.setdefault((*values[:at], OTHER, *values[at:]), {}), tally)
        return sums

    def keep_beyond(self, top: Collection[Any]) -> Callable[[QuerySet], QuerySet]:
        """Keep the rows whose projects were at events, but at none of the largest."""
        there = Participation.objects.filter(
            project=OuterRef(f"{self.project}pk"),
            event__in=self.context.grouping.events.values("pk"),
        )
        at_top = there.filter(event__code__in=top)
        return lambda rows: rows.filter(Exists(there)).exclude(Exists(at_top))

    @cached_property
    def ranked_by(self) -> str:
        """The measure that ranks values: that of the order, else the first of the question."""
        asked = [self.question.order.removeprefix("-"), *self.question.measures, "count"]
        plain = [SHARES.get(name, name) for name in asked]
        added_up = {*self.vocabulary.measures} - measures.NOT_ADDED_UP
        return next(name for name in plain if name in added_up)


class FundingSummary(Summary):
    """The answer to one question about flows of money."""

    vocabulary = questions.FUNDING_VOCABULARY
    list_name, url_name = "funding-of-all-list", "funding-summary"
    project = "project__"

    def build_aggregates(self) -> dict[str, Any]:
        completed = build_completed_sums(self.question.measures, self.context.plans)
        return measures.build_funding_sums(self.question.measures) | completed

    def query_cells(
        self, places: Sequence[int], narrow: Callable[[QuerySet], QuerySet] = lambda rows: rows
    ) -> Sums:
        cells: dict[CellValues, Tally] = {}
        by_currency = [*(self.groupings[place] for place in places), _BY_CURRENCY]
        rows = narrow(self.rows)
        found = query_sums(rows, by_currency, self.build_aggregates(), self.project)
        for keys, tally in found.items():
            cell = cells.setdefault(keys[:-1], {})
            add_tally(cell, tally | measures.name_currency(tally, keys[-1]))
        if questions.OF_WHOLE_YEARS.isdisjoint(self.question.measures):
            return cells
        groupings = [group_plans(self.axes[place]) for place in places]
        planned = narrow(self.context.plans.order_by())
        for keys, tally in query_sums(planned, groupings, PLAN_SUMS, self.project).items():
            add_tally(cells.setdefault(keys, {}), tally)
        return cells

    def state_facts(self, tally: Mapping[str, Any], narrow: NarrowedList) -> dict[str, Any]:
        facts = measures.state_funding_facts(tally, self.question.measures, narrow)

        def narrow_plans(more: Mapping[str, str]) -> str:
            _flows, mark, query = (narrow(more) or "").partition("?")
            return f"{self.context.plans_url}{mark}{query}"

        return facts | state_plan_facts(tally, self.question.measures, narrow_plans)

    def is_additive(self, total: Mapping[str, int]) -> bool:
        return super().is_additive(total) and not measures.is_of_several_kinds(total)
