"""The rows of a summary: in order, with their names, shares, comparisons and lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from api.lists.filters import UNKNOWN
from api.readers import MAX_VALUES
from projects.dimensions.dimensions import period_of
from projects.dimensions.groupings import OTHER, Dimension, Grouping, in_both_languages
from projects.summaries.measures import SHARES, NarrowedList, add_tally
from projects.summaries.questions import SummaryQuestion
from projects.summaries.sums import CellValues, Sums, Tally
from sheets.amounts import find_percent
from sheets.dates import Precision

LAST = 10**9  # after the places of all values


class Links(Protocol):
    """The URLs of the lists behind cells."""

    def link(self, equal: Mapping[str, str], without: Mapping[str, str]) -> str:
        """Link to the list with filters by equal values, and `_not` filters by others."""


@dataclass(frozen=True)
class Axis:
    """One dimension of a question with its grouping."""

    name: str
    dimension: Dimension
    grouping: Grouping


@dataclass(frozen=True)
class RowSums:
    """The sums of the rows, by the values of the dimensions.

    `wholes`, by the periods alone, are the wholes of shares; `bands` are `rows` with the size bands
    that `top` left out. `top` are the values that it kept, None where it cut nothing.
    """

    rows: Sums
    wholes: Sums
    bands: Sums
    top: Sequence[Any] | None = None


@dataclass
class SummaryRows:
    """The rows of one answer.

    `with_reached` adds to each row of a stage, without other dimensions, the list of all projects
    that reached it.
    """

    question: SummaryQuestion
    axes: Sequence[Axis]
    sums: RowSums
    state_facts: Callable[[Mapping[str, Any], NarrowedList], dict[str, Any]]
    ranked_by: str  # a measure
    links: Links
    with_reached: bool = False

    def __post_init__(self) -> None:
        self.periods = [n for n, axis in enumerate(self.axes) if period_of(axis.dimension)]
        # The distinct values of each dimension
        cells, places = self.sums.rows, range(len(self.axes))
        self.values = [[*dict.fromkeys(cell[n] for cell in cells)] for n in places]

    def build(self) -> list[dict[str, Any]]:
        described = [self.describe_values(place) for place in range(len(self.axes))]
        named = [(axis.name, each) for axis, each in zip(self.axes, described, strict=True)]
        asked = self.question
        wanted: list[tuple[bool, Callable[[CellValues], dict[str, Any]]]] = [
            (not SHARES.keys().isdisjoint(asked.measures), self.work_out_shares),
            ("count_at_least" in asked.measures, self.count_at_least),
            (asked.cumulative, self.accumulate),
            (bool(asked.compare), self.compare),
            (self.with_reached and asked.group_by == ("stage",), self.link_reached),
        ]
        built = []
        for values in self.sort_cells():
            row = {name: each[value] for (name, each), value in zip(named, values, strict=True)}
            row |= self.state(values)
            for is_wanted, work_out in wanted:
                if is_wanted:
                    row |= work_out(values)
            built.append(row | {"list_url": self.link_list(values)})
        return self.sort_by_measure(built)

    def describe_values(self, place: int) -> dict[Any, dict[str, Any]]:
        """Describe each value of a dimension, with its names in both languages."""
        known = sorted({*self.values[place]} - {None, OTHER}, key=str)
        own = {None: in_both_languages(_("unknown")), OTHER: in_both_languages(_("other"))}
        names = {**own, **self.axes[place].grouping.names(known)}
        described = {}
        for value in self.values[place]:
            zh, en = names.get(value, (str(value), str(value)))
            code = value.value if value is OTHER else value
            described[value] = {"value": code, "name_zh": zh, "name_en": en}
        return described

    def order_values(self, place: int) -> dict[Any, int]:
        """Number the values of a dimension, in their own order or the largest first."""
        axis = self.axes[place]
        known = sorted({*self.values[place]} - {None, OTHER}, key=axis.grouping.place)
        is_asked = self.question.order.removeprefix("-") == axis.name
        if is_asked and self.question.order.startswith("-"):
            known.reverse()
        elif not axis.dimension.is_ordered and not is_asked:
            sizes = dict.fromkeys(self.values[place], 0)
            for values, tally in self.sums.rows.items():
                sizes[values[place]] += tally.get(self.ranked_by, 0)
            known.sort(key=lambda value: -sizes[value])
        return {value: n for n, value in enumerate(known)} | {OTHER: LAST, None: LAST + 1}

    def sort_cells(self) -> list[CellValues]:
        """Sort the cells dimension by dimension, by that of `order` first; unknown comes last."""
        orders = [self.order_values(place) for place in range(len(self.axes))]
        name = self.question.order.removeprefix("-")
        first = self.question.group_by.index(name) if name in self.question.group_by else 0

        def get_places(values: CellValues) -> tuple[int, ...]:
            places = [order[value] for order, value in zip(orders, values, strict=True)]
            return (places[first], *places)

        return sorted(self.sums.rows, key=get_places) if self.axes else [*self.sums.rows]

    def sort_by_measure(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Sort rows by the measure that `order` names, if it does; unknown comes last."""
        name = self.question.order.removeprefix("-")
        if not name or name in self.question.group_by:
            return rows
        sign = -1 if self.question.order.startswith("-") else 1
        return sorted(rows, key=lambda row: (row[name] is None, sign * (row[name] or 0)))

    def work_out_shares(self, values: CellValues) -> dict[str, Any]:
        """Compute shares in percent, to two decimals, each with its whole.

        None where no amount of the row is known.
        """
        shares: dict[str, Any] = {}
        for name, of in SHARES.items():
            if name in self.question.measures:
                tally = self.sums.rows[values]
                whole = self.sums.wholes[tuple(values[n] for n in self.periods)].get(of, 0)
                is_known = whole and tally.get(f"{of}_known", tally["count"])
                shares[name] = find_percent(tally.get(of, 0), whole) if is_known else None
                shares[f"{name}_of"] = whole
        return shares

    def count_at_least(self, values: CellValues) -> dict[str, Any]:
        """Count the projects of this size or larger (以上), with their list."""
        place = self.question.group_by.index("size_band")
        if values[place] in (None, OTHER):
            return {"count_at_least": None, "at_least_url": None}
        place_of = self.axes[place].grouping.place
        larger = [
            self.sums.bands.get(replace_value(values, place, band), {}).get("count", 0)
            for band in self.bands
            if place_of(band) >= place_of(values[place])
        ]
        open_band = f"{values[place].partition('-')[0]}-"
        return {
            "count_at_least": sum(larger),
            "at_least_url": self.link_list(values, {"size_band": open_band}),
        }

    @cached_property
    def bands(self) -> set[Any]:
        place = self.question.group_by.index("size_band")
        return {values[place] for values in self.sums.bands} - {None, OTHER}

    def link_reached(self, values: CellValues) -> dict[str, str]:
        """Link to the projects at the row's stage or a later one; without a stage, to the row's."""
        stages = [stage for stage in self.values[0] if stage not in (None, OTHER)]
        if values[0] not in stages:
            return {"reached_url": self.link_list(values)}
        place_of = self.axes[0].grouping.place
        further = sorted((s for s in stages if place_of(s) >= place_of(values[0])), key=place_of)
        return {"reached_url": self.link_list(values, {"stage": ",".join(further)})}

    def accumulate(self, values: CellValues) -> dict[str, Any]:
        """Add up the row and those of earlier periods; None where the period is unknown."""
        (place,) = self.periods
        if values[place] is None:
            return {"cumulative": None}
        until = sorted(v for v in self.values[place] if v is not None and v <= values[place])
        total: Tally = {}
        for period in until:
            add_tally(total, self.sums.rows.get(replace_value(values, place, period), {}))
        # A filter takes at most MAX_VALUES values
        is_listed = len(until) <= MAX_VALUES
        periods = {self.axes[place].name: ",".join(str(period) for period in until)}

        def narrow(more: Mapping[str, str]) -> str | None:
            return self.link_list(values, {**periods, **more}) if is_listed else None

        return {"cumulative": self.state_facts(total, narrow) | {"list_url": narrow({})}}

    def compare(self, values: CellValues) -> dict[str, Any]:
        """Compare with the same row a year before, in percent; None without such a row."""
        (place,) = self.periods
        before = replace_value(values, place, self.year_before(values[place]))
        if values[place] is None or before not in self.sums.rows:
            return {"previous": None, "change_percent": None}
        row, previous = self.state(values), self.state(before)
        change = {
            name: find_percent(row[name] - previous[name], previous[name])
            if previous[name] and row[name] is not None
            else None
            for name in self.question.measures
            if name in previous
        }
        url = self.link_list(before)
        return {"previous": previous | {"list_url": url}, "change_percent": change}

    def year_before(self, period: Any) -> Any:
        (place,) = self.periods
        if period is None:
            return None
        if period_of(self.axes[place].dimension) == Precision.YEAR:
            return period - 1
        year, _dash, rest = period.partition("-")
        return f"{int(year) - 1:04}-{rest}"

    def state(self, values: CellValues) -> dict[str, Any]:
        return self.state_facts(self.sums.rows[values], partial(self.link_list, values))

    def link_list(self, values: CellValues, instead: Mapping[str, str] | None = None) -> str:
        """Link to the list of a row; `instead` has other values for some dimensions."""
        equal, without = {}, {}
        for axis, value in zip(self.axes, values, strict=True):
            if value is OTHER:
                top = [str(each) for each in self.sums.top or ()]
                has_unknown = axis.grouping.may_be_unknown
                without[axis.name] = ",".join([*top, UNKNOWN] if has_unknown else top)
            else:
                equal[axis.name] = UNKNOWN if value is None else str(value)
        return self.links.link({**equal, **(instead or {})}, without)


def replace_value(values: CellValues, place: int, value: Any) -> CellValues:
    return (*values[:place], value, *values[place + 1 :])
