"""The rows of a summary: in order, with their names, shares, comparisons and lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from config.api.lists.filter_fields import UNKNOWN
from config.api.readers import MAX_VALUES
from config.dates import Precision
from projects.dimensions.dimensions import period_of
from projects.dimensions.groupings import OTHER, Dimension, Grouping, in_both_languages
from projects.summaries.land import NarrowedList
from projects.summaries.measures import SHARES, Tally, add_tally
from projects.summaries.questions import SummaryQuestion

LAST = 10**9  # after every place of a value
CellValues = tuple[Any, ...]  # one for each dimension: None is unknown, OTHER the rest
Sums = Mapping[CellValues, Tally]
# From the values that filters shall have, and those that their `_not` twins shall have, too
Link = Callable[[Mapping[str, str], Mapping[str, str]], str | None]


@dataclass(frozen=True)
class Axis:
    """One dimension of a question, made ready to be grouped by."""

    name: str
    dimension: Dimension
    grouping: Grouping


@dataclass(frozen=True)
class RowSums:
    """The sums that rows are made of, by the values of the dimensions.

    `rows` are those of the rows themselves; `wholes`, by the periods alone, what shares are shares
    of; `bands` are `rows` with the size bands that `top` left out. `top` are the values that it
    kept, None where it cut nothing.
    """

    rows: Sums
    wholes: Sums
    bands: Sums
    top: Sequence[Any] | None = None


class SummaryRows:
    """The rows of one answer.

    `facts` gives what an answer says of a tally, `rank` what values are ranked by, and `link` the
    URL of a list. `with_reached` adds to each row of a stage, grouped by nothing else, the list
    of all that reached it.
    """

    def __init__(
        self,
        question: SummaryQuestion,
        axes: Sequence[Axis],
        sums: RowSums,
        *,
        facts: Callable[[Tally, NarrowedList], dict[str, Any]],
        rank: Callable[[Tally], int],
        link: Link,
        with_reached: bool = False,
    ) -> None:
        self.question = question
        self.axes = axes
        self.sums = sums
        self.facts = facts
        self.rank = rank
        self.link = link
        self.with_reached = with_reached and question.group_by == ("stage",)
        self.periods = [n for n, axis in enumerate(axes) if period_of(axis.dimension)]
        self.values = [{values[n] for values in sums.rows} for n in range(len(axes))]
        self.described = [self.describe_values(n) for n in range(len(axes))]
        self.places = [self.order_values(n) for n in range(len(axes))]

    def build(self) -> list[dict[str, Any]]:
        """Build all rows, as the answer has them."""
        rows = {values: self.build_row(values) for values in self.sums.rows}
        return [rows[values] for values in self.sort(rows)]

    def build_row(self, values: CellValues) -> dict[str, Any]:
        row: dict[str, Any] = {
            axis.name: described[value]
            for axis, value, described in zip(self.axes, values, self.described, strict=True)
        }
        row |= self.facts(self.sums.rows[values], partial(self.link_list, values))
        row |= self.work_out_shares(values)
        if "count_at_least" in self.question.measures:
            row |= self.count_at_least(values)
        if self.question.cumulative:
            row["cumulative"] = self.accumulate(values)
        if self.question.compare:
            row |= self.compare(values, row)
        if self.with_reached:
            row["reached_url"] = self.link_reached(values)
        return row | {"list_url": self.link_list(values)}

    # --- Names and order ---------------------------------------------------------------------

    def describe_values(self, place: int) -> dict[Any, dict[str, Any]]:
        """Describe each value of a dimension once, with its names in both languages."""
        known = sorted(self.values[place] - {None, OTHER}, key=str)
        own = {None: in_both_languages(_("unknown")), OTHER: in_both_languages(_("other"))}
        names = {**self.axes[place].grouping.names(known), **own}
        return {value: describe_value(value, names) for value in self.values[place]}

    def order_values(self, place: int) -> dict[Any, int]:
        """Number the values of a dimension: in their own order, or the largest first."""
        axis = self.axes[place]
        known = sorted(self.values[place] - {None, OTHER}, key=axis.grouping.place)
        is_asked = self.question.order.removeprefix("-") == axis.name
        if is_asked and self.question.order.startswith("-"):
            known.reverse()
        elif not axis.dimension.is_ordered and not is_asked:
            sizes: dict[Any, int] = {}
            for values, tally in self.sums.rows.items():
                sizes[values[place]] = sizes.get(values[place], 0) + self.rank(tally)
            known.sort(key=lambda value: -sizes[value])
        return {value: n for n, value in enumerate(known)} | {OTHER: LAST, None: LAST + 1}

    def sort(self, rows: Mapping[CellValues, Mapping[str, Any]]) -> list[CellValues]:
        """Sort the rows as `order` says, else dimension by dimension; unknown comes last."""
        ordered = sorted(rows, key=self.place_of)
        name = self.question.order.removeprefix("-")
        if name in self.question.group_by:
            place = self.question.group_by.index(name)
            return sorted(ordered, key=lambda values: self.places[place][values[place]])
        if not name:
            return ordered
        sign = -1 if self.question.order.startswith("-") else 1

        def by_measure(values: CellValues) -> tuple[bool, float]:
            number = rows[values][name]
            return number is None, sign * (number or 0)

        return sorted(ordered, key=by_measure)

    def place_of(self, values: CellValues) -> tuple[int, ...]:
        return tuple(places[value] for places, value in zip(self.places, values, strict=True))

    # --- What is worked out from other rows --------------------------------------------------

    def work_out_shares(self, values: CellValues) -> dict[str, Any]:
        """Work out shares in percent, to two decimals, each with what it is a share of.

        None where no amount of the row is known.
        """
        shares: dict[str, Any] = {}
        for name, of in SHARES.items():
            if name in self.question.measures:
                tally = self.sums.rows[values]
                whole = self.sums.wholes[tuple(values[n] for n in self.periods)].get(of, 0)
                is_known = whole and tally.get(f"{of}_known", tally["count"])
                shares[name] = round(100 * tally.get(of, 0) / whole, 2) if is_known else None
                shares[f"{name}_of"] = whole
        return shares

    def count_at_least(self, values: CellValues) -> dict[str, Any]:
        """Count what is of this size or larger (以上), with its list."""
        place = self.question.group_by.index("size_band")
        if values[place] in (None, OTHER):
            return {"count_at_least": None, "at_least_url": None}
        place_of = self.axes[place].grouping.place
        larger = [
            self.sums.bands.get(replace_value(values, place, band), {}).get("count", 0)
            for band in {every[place] for every in self.sums.bands} - {None, OTHER}
            if place_of(band) >= place_of(values[place])
        ]
        open_band = f"{values[place].partition('-')[0]}-"
        return {
            "count_at_least": sum(larger),
            "at_least_url": self.link_list(values, {"size_band": open_band}),
        }

    def link_reached(self, values: CellValues) -> str | None:
        """Link to what is at the row's stage or at a later one; without a stage, to the row's."""
        stages = [stage for stage in self.values[0] if stage not in (None, OTHER)]
        if values[0] not in stages:
            return self.link_list(values)
        place_of = self.axes[0].grouping.place
        further = sorted((s for s in stages if place_of(s) >= place_of(values[0])), key=place_of)
        return self.link_list(values, {"stage": ",".join(further)})

    def accumulate(self, values: CellValues) -> dict[str, Any] | None:
        """Add up the row and those of earlier periods; None where the period is unknown."""
        (place,) = self.periods
        if values[place] is None:
            return None
        until = sorted(v for v in self.values[place] if v is not None and v <= values[place])
        total: Tally = {}
        for period in until:
            add_tally(total, self.sums.rows.get(replace_value(values, place, period), {}))
        # A list takes only so many values; the sum stands without one where there are more.
        is_listed = len(until) <= MAX_VALUES
        periods = {self.axes[place].name: ",".join(str(period) for period in until)}

        def narrow(more: Mapping[str, str]) -> str | None:
            return self.link_list(values, {**periods, **more}) if is_listed else None

        return self.facts(total, narrow) | {"list_url": narrow({})}

    def compare(self, values: CellValues, row: Mapping[str, Any]) -> dict[str, Any]:
        """Compare with the same row a year before, in percent; None where there is no such row."""
        (place,) = self.periods
        before = replace_value(values, place, self.year_before(values[place]))
        if values[place] is None or before not in self.sums.rows:
            return {"previous": None, "change_percent": None}
        previous = self.facts(self.sums.rows[before], partial(self.link_list, before))
        change = {
            name: round(100 * (row[name] - previous[name]) / previous[name], 2)
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

    # --- Lists -------------------------------------------------------------------------------

    def link_list(self, values: CellValues, instead: Mapping[str, str] | None = None) -> str | None:
        """Link to the list of a row; `instead` has other values for some dimensions."""
        equal, without = {}, {}
        for axis, value in zip(self.axes, values, strict=True):
            if value is OTHER:
                top = [str(each) for each in self.sums.top or ()]
                has_unknown = axis.grouping.may_be_unknown
                without[axis.name] = ",".join([*top, UNKNOWN] if has_unknown else top)
            else:
                equal[axis.name] = UNKNOWN if value is None else str(value)
        return self.link({**equal, **(instead or {})}, without)


def describe_value(value: Any, names: Mapping[Any, tuple[str, str]]) -> dict[str, Any]:
    """Describe a value with its names in both languages."""
    name_zh, name_en = names.get(value, (str(value), str(value)))
    code = value.value if value is OTHER else value
    return {"value": code, "name_zh": name_zh, "name_en": name_en}


def replace_value(values: CellValues, place: int, value: Any) -> CellValues:
    """Replace one of the values: those of another row."""
    return (*values[:place], value, *values[place + 1 :])
