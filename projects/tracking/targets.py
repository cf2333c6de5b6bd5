"""`/targets`: the targets of parks and regions for a year, and how far they are reached."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from api.lists.filters import CodedFilterSet, RowsFilter, WordsFilter, YearsFilter
from api.lists.pagination import Ordering
from api.serializers import CODE, RECORD_FIELDS, LedgerSerializer, WorkedOutField
from config.database import history
from parks.access import Publication, select_readable
from parks.filters import RegionFilter
from parks.history.views import HistoryViewSet
from parks.models import Park, Region, Source
from parks.models.vocabularies import holds_code
from projects.dimensions.dimensions import park_key
from projects.dimensions.groupings import Grouping, name_as_written
from projects.models import Funding, Target, TargetMeasure
from projects.models.words import STEPS
from projects.serializers import ExactYuanField
from projects.summaries.answers import ListLinks
from projects.summaries.follow_through import NOT_ELSEWHERE
from projects.summaries.measures import add_tallies
from projects.summaries.sums import Tally, query_sums
from projects.summaries.totals import FundingSummary, Summary
from projects.summaries.views import link_rows
from sheets.amounts import Qualifier, find_percent, store_currency
from sheets.dates import EARLIEST_YEAR, PartialDate, Precision
from sheets.writing.columns import Column, Table, derive_columns

_MONTHS = 12
_BY_PARK = Grouping(park_key, name_as_written)
_BY_FLOW = [
    _BY_PARK,
    Grouping(lambda _project: F("kind"), name_as_written),
    Grouping(lambda _project: F("currency"), name_as_written),
]
Narrowing = tuple[tuple[str, str], ...]  # filters of the target itself: its size and origin


@dataclass(frozen=True)
class Reach:
    """The rows that count towards a measure: with these filters, and `dated` within the year."""

    dated: str
    filters: Mapping[str, str]
    adds: str = ""  # the summed column; blank counts the rows
    currency: str = ""  # of the flows that are summed
    of_flows: bool = False


_SIGNED = {"counts_in_totals": "true"}
REACHES: Mapping[str, Reach] = {
    TargetMeasure.SIGNED_COUNT: Reach("signed", _SIGNED),
    TargetMeasure.AGREED_CNY: Reach(
        "signed", {**_SIGNED, "investment_basis": "agreed"}, "investment_cny"
    ),
    **{
        measure: Reach(step, NOT_ELSEWHERE)
        for measure in TargetMeasure
        if (step := measure.removesuffix("_count")) in STEPS and step != "signed"
    },
    **{
        measure: Reach("funding", {"funding_kind": kind}, column, measure.currency, of_flows=True)
        for measure, kind, column in (
            (TargetMeasure.PAID_IN_CNY, Funding.Kind.PAID_IN, "amount_cny"),
            (TargetMeasure.COMPLETED_CNY, Funding.Kind.COMPLETED, "amount_cny"),
            (TargetMeasure.PAID_IN_RECOGNISED_CNY, Funding.Kind.PAID_IN, "recognised_cny"),
            (TargetMeasure.COMPLETED_RECOGNISED_CNY, Funding.Kind.COMPLETED, "recognised_cny"),
            (TargetMeasure.FOREIGN_AGREED_CNY, Funding.Kind.FOREIGN_AGREED, "amount_cny"),
            (TargetMeasure.FOREIGN_CNY, Funding.Kind.FOREIGN, "amount_cny"),
            (TargetMeasure.FOREIGN_AGREED_USD, Funding.Kind.FOREIGN_AGREED, "amount_value"),
            (TargetMeasure.FOREIGN_USD, Funding.Kind.FOREIGN, "amount_value"),
        )
    },
}


OF_FLOWS = tuple(measure for measure, reach in REACHES.items() if reach.of_flows)
_NAMES = ("whole", "same_period", "previous", "left_out")


def narrow_target(size_floor_cny: int, origin_scope: str) -> Narrowing:
    size = str(size_floor_cny) if size_floor_cny else ""
    asked = (("investment_min", size), ("origin_scope", origin_scope))
    return tuple((name, value) for name, value in asked if value)


def count_months(year: int) -> int:
    """Count the months of a year that have ended (序时进度)."""
    today = history.today()
    if year != today.year:
        return 0 if year > today.year else _MONTHS
    month = PartialDate(today.replace(day=1), Precision.MONTH)
    return today.month - (today < month.last)


def pick_sums(measure: str, flow: Sequence[str], tally: Tally) -> Tally:
    """Pick a measure's sums from a cell; flows in another currency are left out."""
    reach = REACHES[measure]
    kind, currency = reach.filters.get("funding_kind"), store_currency(reach.currency)
    if flow not in ([], [kind, currency]):
        return {f"{measure}_left_out": tally["reports"]} if flow[0] == kind else {}
    return {f"{measure}_{name}": tally.get(f"{reach.adds}_{name}", 0) for name in _NAMES}


@dataclass
class Reached:
    """The results of targets for one request, with one query for each measure and year."""

    request: Request
    sums: dict[Any, dict[Any, Tally]] = field(default_factory=dict)  # by park
    parks: dict[int, tuple[str, str]] | None = None
    prefixes: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def describe(
        self, year: int, measure: str, of: Narrowing, subject: Mapping[str, str], value: int
    ) -> dict[str, Any]:
        """Describe how far a target is reached, with links to lists.

        `value` and `percent` are of the whole year; `same_period` ends today, `previous` on the
        same day of the year before (同比).
        """
        found = self.add_up(measure, of, self.find_parks(subject), year)
        whole, same, previous, left_out = (found[name] for name in _NAMES)
        listed_apart = {"currency_not": REACHES[measure].currency}
        percent = find_percent(whole, value)
        gone = find_percent(count_months(year), _MONTHS)
        return {
            "value": whole,
            "percent": percent,
            "months_percent": gone,
            "gap_points": round(percent - gone, 2),
            "same_period": same,
            "previous": previous,
            "change_percent": find_percent(same - previous, previous) if previous > 0 else None,
            "list_url": self.link(measure, of, subject, year),
            "left_out": left_out,
            "left_out_list_url": self.link(measure, of, subject, year, listed_apart)
            if left_out
            else None,
        }

    def end_in(self, year: int, of: int, measure: str) -> str:
        """Return the end of the compared period: today, or the same day of that year."""
        today = history.today()
        if of != today.year:
            return str(year)
        if REACHES[measure].of_flows:
            return f"{year}-{today.month:02}"
        is_leap_day = (today.month, today.day) == (2, 29)
        return str(date(year, today.month, 28 if is_leap_day else today.day))

    def add_up(self, measure: str, of: Narrowing, parks: Iterable[int], year: int) -> Tally:
        """Add up the results of parks in a year, and count flows in other currencies."""
        together = OF_FLOWS if measure in OF_FLOWS else (measure,)
        key = (together, of, year)
        if key not in self.sums:
            self.sums[key] = self.query_sums(together, of, year)
        found = add_tallies(self.sums[key].get(park, {}) for park in parks)
        return {name: found.get(f"{measure}_{name}", 0) for name in _NAMES}

    def query_sums(self, measures: Sequence[str], of: Narrowing, year: int) -> dict[Any, Tally]:
        """Query the sums of measures of the same rows by park, in one pass."""
        one = REACHES[measures[0]]
        first = str(max(year - 1, EARLIEST_YEAR))
        filters = {
            name: ",".join(dict.fromkeys(REACHES[each].filters[name] for each in measures))
            for name in one.filters
        }
        rows = self.select(measures[0], of, first, str(year), filters).filterset
        within = self.find_days(measures[0], year, rows.filters)
        sums: dict[str, Any] = {
            f"{column}_{name}": Sum(column, filter=days) if column else Count("pk", filter=days)
            for column in dict.fromkeys(REACHES[each].adds for each in measures)
            for name, days in within.items()
        }
        if one.of_flows:
            sums["reports"] = Count("pk", filter=within["whole"])
        groupings, path = (_BY_FLOW, "project__") if one.of_flows else ([_BY_PARK], "")
        found: dict[Any, Counter[str]] = defaultdict(Counter)
        for (park, *flow), tally in query_sums(rows.qs.order_by(), groupings, sums, path).items():
            for measure in measures:
                found[park].update(pick_sums(measure, flow, tally))
        return dict(found)

    def find_days(self, measure: str, year: int, filters: Mapping[str, Any]) -> dict[str, Q]:
        """Build the conditions that select the rows of a year and of the year before."""
        dated = REACHES[measure].dated
        ends = {"whole": (year, str(year)), "same_period": (year, self.end_in(year, year, measure))}
        if year > EARLIEST_YEAR:
            ends["previous"] = (year - 1, self.end_in(year - 1, year, measure))
        return {
            name: filters[f"{dated}_from"].condition(PartialDate.parse(str(first)))
            & filters[f"{dated}_to"].condition(PartialDate.parse(last))
            for name, (first, last) in ends.items()
        }

    def select(
        self,
        measure: str,
        of: Narrowing,
        first: str,
        last: str,
        filters: Mapping[str, str],
        **subject: str,
    ) -> ListLinks:
        """Select the rows that count towards a measure in a period, as their list does."""
        reach = REACHES[measure]
        dates = {f"{reach.dated}_from": first, f"{reach.dated}_to": last}
        query = {**subject, **filters, **dates, **dict(of)}
        return link_rows(self.request, query, FundingSummary if reach.of_flows else Summary)

    def link(
        self,
        measure: str,
        of: Narrowing,
        subject: Mapping[str, str],
        year: int,
        more: Mapping[str, str] | None = None,
    ) -> str:
        """Link to the list of the counted or summed rows; of flows those of one currency."""
        if more is None and REACHES[measure].currency:
            more = {"currency": REACHES[measure].currency}
            if REACHES[measure].adds == "recognised_cny":
                more["recognised_not"] = "none"
        filters = REACHES[measure].filters
        links = self.select(measure, of, str(year), str(year), filters, **subject, **(more or {}))
        return links.write(links.asked)

    def find_parks(self, subject: Mapping[str, str]) -> list[int]:
        """Find the keys of the parks of a subject: `park`, or all in `park_region`."""
        if self.parks is None:
            rows = select_readable(Park, self.request.user).values_list("pk", "code", "region_id")
            self.parks = {pk: (code, region or "") for pk, code, region in rows}
            regions = Region.objects.filter(pk__in=Target.objects.order_by().values("region"))
            self.prefixes = {region.code: region.prefixes for region in regions}
        if "park" in subject:
            return [pk for pk, (code, _region) in self.parks.items() if code == subject["park"]]
        prefixes = self.prefixes[subject["park_region"]]
        return [pk for pk, (_code, region) in self.parks.items() if holds_code(prefixes, region)]


TARGETS = Table(
    "targets",
    _("targets"),
    [
        Column("code", _("code")),
        Column("park", _("park")),
        Column("region", _("region"), "word"),
        Column("year", _("year"), "number"),
        Column("measure", _("measure"), "word"),
        Column("size_floor_cny", _("size from"), "money"),
        Column("origin_scope", _("distance of the origin")),
        Column("value", _("target (yuan, US dollars or projects)"), "number"),
        Column("qualifier", _("qualifier"), "word"),
        Column("reached", _("reached"), "number", path="reached.value"),
        Column("percent", _("reached (%)"), "number", path="reached.percent", places=2),
        Column(
            "months_percent",
            _("months gone (%)"),
            "number",
            path="reached.months_percent",
            places=2,
        ),
        Column("gap_points", _("gap (points)"), "number", path="reached.gap_points", places=2),
        Column("same_period", _("to this day"), "number", path="reached.same_period"),
        Column("previous", _("to this day a year before"), "number", path="reached.previous"),
        Column(
            "change_percent", _("change (%)"), "number", path="reached.change_percent", places=2
        ),
        Column("left_out", _("in other currencies"), "number", path="reached.left_out"),
        Column("source", _("source")),
        Column("publication", _("publication"), "word"),
        Column("note", _("note")),
        *derive_columns(Target, "version created_at updated_at"),
    ],
)


class ReachedSerializer(serializers.Serializer):
    """How far a target is reached, and the list of what was counted or added up."""

    value = serializers.IntegerField(help_text=_("What is reached in the year so far."))
    percent = serializers.FloatField()
    months_percent = serializers.FloatField(help_text=_("Months that have ended, of twelve."))
    gap_points = serializers.FloatField(help_text=_("Percent less that of the months."))
    same_period = serializers.IntegerField(help_text=_("What is dated up to today."))
    previous = serializers.IntegerField(help_text=_("The same of the year before."))
    change_percent = serializers.FloatField(allow_null=True)
    list_url = serializers.URLField()
    left_out = serializers.IntegerField(
        help_text=_("Reports of the year in another currency: none is converted or in the sums.")
    )
    left_out_list_url = serializers.URLField(allow_null=True)


@extend_schema_field(ReachedSerializer)
class ReachedField(WorkedOutField):
    """How far a target is reached, for the reader."""

    of = ("year", "measure", "size_floor_cny", "origin_scope", "park", "region", "value")

    def work_out(self, context: Mapping[str, Any], *shown: Any) -> dict[str, Any]:
        year, measure, floor, scope, park, region, value = shown
        subject = {"park": park} if park else {"park_region": region}
        reached: Reached = context["reached"]
        return reached.describe(year, measure, narrow_target(floor, scope), subject, value)


class TargetSerializer(LedgerSerializer):
    """What a park or a region is to reach in a year.

    Money is in whole yuan, that of `foreign_usd` and `foreign_agreed_usd` in whole US dollars.
    """

    value = ExactYuanField(validators=Target._meta.get_field("value").validators)
    reached = ReachedField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.instance and attrs.get("value", self.instance.value) != self.instance.value:
            attrs.setdefault("qualifier", Qualifier.AT_LEAST)  # drop that of the old value
        return super().validate(attrs)

    class Meta:
        model = Target
        fields = [
            *(*CODE, "park", "region", "year", "measure", "size_floor_cny", "origin_scope"),
            *("value", "qualifier", "reached", "source", "publication", "note", *RECORD_FIELDS),
        ]


class TargetFilterSet(CodedFilterSet):
    year = YearsFilter()
    park = RowsFilter(rows=Park)
    region = RegionFilter()
    measure = WordsFilter(choices=TargetMeasure, may_be_unknown=False)
    publication = WordsFilter(choices=Publication, may_be_unknown=False)
    source = RowsFilter(rows=Source)


class TargetViewSet(HistoryViewSet):
    """Targets of a year, each with what is reached, percent, gap to the months, and its list."""

    about = _("Each with what is reached so far, and the list behind it.")
    table = TARGETS
    rows_are = Target
    serializer_class = TargetSerializer
    filterset_class = TargetFilterSet
    ordering_fields: Mapping[str, Ordering | str] | Sequence[str] = ["code", "year", "updated_at"]
    ordering_default = "-year"

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "reached": Reached(self.request)}
