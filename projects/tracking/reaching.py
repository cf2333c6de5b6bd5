"""How far a target is reached: counted and added up by the filters of the lists behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.http import QueryDict
from rest_framework.request import Request
from rest_framework.reverse import reverse

from config import history
from config.currencies import YUAN, store_currency
from config.dates import EARLIEST_YEAR, PartialDate, Precision
from parks.access import select_readable
from parks.models import Park, Region
from projects.dimensions.groupings import Grouping, name_as_written
from projects.dimensions.places import park_key
from projects.filters import ProjectFilterSet
from projects.funding_filters import FundingFilterSet
from projects.models import Funding, Project, Target, TargetMeasure
from projects.summaries.answers import BESIDE_FILTERS, ListLinks
from projects.summaries.follow_through import NOT_ELSEWHERE
from projects.summaries.measures import add_tallies
from projects.summaries.sums import Tally, query_sums

_MONTHS = 12
_BY_PARK = Grouping(park_key, name_as_written)
Narrowing = tuple[tuple[str, str], ...]  # filters of the target itself: its size and origin


@dataclass(frozen=True)
class Reach:
    """Which rows reach towards a measure: those of these filters whose `dated` lies in the year."""

    dated: str
    filters: Mapping[str, str]
    adds: str = ""  # the column that is added up; blank counts the rows
    currency: str = ""  # of flows: in another one they are in no sum, since none is converted
    of_flows: bool = False


_SIGNED = {"counts_in_totals": "true"}
REACHES: Mapping[str, Reach] = {
    TargetMeasure.SIGNED_COUNT: Reach("signed", _SIGNED),
    TargetMeasure.AGREED_CNY: Reach(
        "signed", {**_SIGNED, "investment_basis": "agreed"}, "investment_cny"
    ),
    TargetMeasure.STARTED_COUNT: Reach("started", NOT_ELSEWHERE),
    TargetMeasure.OPERATING_COUNT: Reach("operating", NOT_ELSEWHERE),
    **{
        measure: Reach(
            "funding",
            {"funding_kind": kind},
            "amount_cny" if measure.currency == YUAN else "amount_value",
            measure.currency,
            of_flows=True,
        )
        for measure, kind in (
            (TargetMeasure.PAID_IN_CNY, Funding.Kind.PAID_IN),
            (TargetMeasure.COMPLETED_CNY, Funding.Kind.COMPLETED),
            (TargetMeasure.FOREIGN_AGREED_CNY, Funding.Kind.FOREIGN_AGREED),
            (TargetMeasure.FOREIGN_CNY, Funding.Kind.FOREIGN),
            (TargetMeasure.FOREIGN_AGREED_USD, Funding.Kind.FOREIGN_AGREED),
            (TargetMeasure.FOREIGN_USD, Funding.Kind.FOREIGN),
        )
    },
}


def narrow_target(size_floor_cny: int, origin_scope: str) -> Narrowing:
    """Say by which filters a target narrows what reaches towards it."""
    size = str(size_floor_cny) if size_floor_cny else ""
    asked = (("investment_min", size), ("origin_scope", origin_scope))
    return tuple((name, value) for name, value in asked if value)


def count_months(year: int) -> int:
    """Count the months of a year that have ended: by them one should be so far (序时进度)."""
    today = history.today()
    if year != today.year:
        return 0 if year > today.year else _MONTHS
    month = PartialDate(today.replace(day=1), Precision.MONTH)
    return today.month - (today < month.last)


def find_percent(part: float, whole: float) -> float:
    """Work out a percentage to two decimals."""
    return round(100 * part / whole, 2)


@dataclass
class Reached:
    """What is reached of targets, for one request: a measure and a year are one query."""

    request: Request
    sums: dict[Any, dict[int, Tally]] = field(default_factory=dict)  # by park
    parks: dict[int, tuple[str, str]] | None = None
    prefixes: dict[str, str] = field(default_factory=dict)

    def describe(
        self, year: int, measure: str, of: Narrowing, subject: Mapping[str, str], value: int
    ) -> dict[str, Any]:
        """Describe how far a target is reached, and the list behind it.

        `value` and `percent` are of all of the year; `same_period` ends today, `previous` on the
        same day of the year before, so that they can be compared (同比).
        """
        found = self.add_up(measure, of, self.find_parks(subject), year)
        names = ("whole", "same_period", "previous", "left_out")
        whole, same, previous, left_out = (found.get(name, 0) for name in names)
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
        """Find where the period ends that is compared: today, or the same day of that year."""
        today = history.today()
        if of != today.year:
            return str(year)
        if REACHES[measure].of_flows:
            return f"{year}-{today.month:02}"
        is_leap_day = (today.month, today.day) == (2, 29)
        return str(date(year, today.month, 28 if is_leap_day else today.day))

    def add_up(self, measure: str, of: Narrowing, parks: Iterable[int], year: int) -> Tally:
        """Add up what parks have reached in a year, and count what is in other currencies."""
        key = (measure, of, year)
        if key not in self.sums:
            rows = self.select(measure, of, str(max(year - 1, EARLIEST_YEAR)), str(year))
            path = "project__" if REACHES[measure].of_flows else ""
            sums = self.build_sums(measure, year, rows.filters)
            found = query_sums(rows.qs.order_by(), [_BY_PARK], sums, path)
            self.sums[key] = {park: tally for (park,), tally in found.items()}
        return add_tallies(self.sums[key].get(park, {}) for park in parks)

    def build_sums(self, measure: str, year: int, filters: Mapping[str, Any]) -> dict[str, Any]:
        """Build the aggregates over the rows of a year and of the year before."""
        reach = REACHES[measure]
        ends = {
            "whole": (year, str(year)),
            "same_period": (year, self.end_in(year, year, measure)),
        }
        if year > EARLIEST_YEAR:
            ends["previous"] = (year - 1, self.end_in(year - 1, year, measure))
        within = {
            name: filters[f"{reach.dated}_from"].condition(PartialDate.parse(str(first)))
            & filters[f"{reach.dated}_to"].condition(PartialDate.parse(last))
            for name, (first, last) in ends.items()
        }
        if not reach.adds:
            return {name: Count("pk", filter=each) for name, each in within.items()}
        if not reach.currency:
            return {name: Sum(reach.adds, filter=each) for name, each in within.items()}
        is_counted = Q(currency=store_currency(reach.currency))
        sums = {name: Sum(reach.adds, filter=each & is_counted) for name, each in within.items()}
        return {**sums, "left_out": Count("pk", filter=within["whole"] & ~is_counted)}

    def select(self, measure: str, of: Narrowing, first: str, last: str, **subject: str) -> Any:
        """Select the rows that reach towards a measure in a period, as their list does."""
        reach = REACHES[measure]
        query = QueryDict(mutable=True)
        query.update({**subject, **reach.filters})
        query.update({f"{reach.dated}_from": first, f"{reach.dated}_to": last})
        query.update(dict(of))
        asked = self.request.query_params
        query.update({name: asked[name] for name in BESIDE_FILTERS if name in asked})
        rows: QuerySet = Funding.objects.all()
        if reach.of_flows:
            return FundingFilterSet(query, queryset=rows, request=self.request)
        rows = select_readable(Project, self.request.user)
        return ProjectFilterSet(query, queryset=rows, request=self.request)

    def link(
        self,
        measure: str,
        of: Narrowing,
        subject: Mapping[str, str],
        year: int,
        more: Mapping[str, str] | None = None,
    ) -> str:
        """Link to the list of what was counted or added up; of flows those of one currency."""
        if more is None and REACHES[measure].currency:
            more = {"currency": REACHES[measure].currency}
        rows = self.select(measure, of, str(year), str(year), **subject, **(more or {}))
        name = "funding-of-all-list" if REACHES[measure].of_flows else "project-list"
        links = ListLinks(rows, reverse(name, request=self.request))
        return links.write(links.asked)

    def find_parks(self, subject: Mapping[str, str]) -> list[int]:
        """Find the keys of the parks of a subject: `park`, or `park_region` with all in it."""
        if self.parks is None:
            rows = select_readable(Park, self.request.user).values_list("pk", "code", "region_id")
            self.parks = {pk: (code, region or "") for pk, code, region in rows}
            regions = Region.objects.filter(pk__in=Target.objects.order_by().values("region"))
            self.prefixes = {region.code: region.prefix for region in regions}
        if "park" in subject:
            return [pk for pk, (code, _region) in self.parks.items() if code == subject["park"]]
        prefix = self.prefixes[subject["park_region"]]
        return [pk for pk, (_code, region) in self.parks.items() if region.startswith(prefix)]
