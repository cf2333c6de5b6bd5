"""The rows of a summary: in order, with their names, shares, comparisons and lists.

They are written as JSON column by column: what is said of a value is written once, numbers as one
list, and each row by putting its texts into the form that all rows share.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Protocol

import numpy as np
from django.utils.translation import gettext_lazy as _

from config.api.lists.filter_fields import UNKNOWN
from config.api.readers import MAX_VALUES
from config.api.renderers import WrittenList, dump_json
from config.dates import Precision
from projects.dimensions.dimensions import period_of
from projects.dimensions.groupings import OTHER, Dimension, Grouping, in_both_languages
from projects.summaries.cells import (
    CellTable,
    CellValues,
    Integers,
    Sums,
    Tally,
    add_by_groups,
)
from projects.summaries.land import NarrowedList
from projects.summaries.measures import SHARES, add_tally
from projects.summaries.questions import SummaryQuestion

LAST = 10**9  # after every place of a value
_SLOT = b"%b"


class Links(Protocol):
    """The URLs of the lists behind cells."""

    def link(self, equal: Mapping[str, str], without: Mapping[str, str]) -> str:
        """Link to the list that has these values, and for their `_not` twins those."""

    def split(self, names: Sequence[str]) -> tuple[list[str], list[str]]:
        """Split the links of cells: what stands around the values, and the order of these."""

    def write_value(self, name: str, value: str) -> str:
        """Write the parameter that a link has for a value."""


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

    rows: CellTable
    wholes: Sums
    bands: Sums
    top: Sequence[Any] | None = None


@dataclass(frozen=True)
class FactWriter:
    """How a summary states what a tally says: of one cell, whose list is narrowed further.

    `takes_columns` if it states that of columns, too. `rank` is what values are ranked by.
    """

    state: Callable[[Mapping[str, Any], NarrowedList], dict[str, Any]]
    rank: str
    takes_columns: bool = False


class SummaryRows:
    """The rows of one answer.

    `links` has the URLs of their lists. `with_reached` adds to each row of a stage, grouped by
    nothing else, the list of all that reached it.
    """

    def __init__(
        self,
        question: SummaryQuestion,
        axes: Sequence[Axis],
        sums: RowSums,
        facts: FactWriter,
        links: Links,
        *,
        with_reached: bool = False,
    ) -> None:
        self.question = question
        self.axes = axes
        self.sums = sums
        self.facts = facts
        self.links = links
        self.with_reached = with_reached and question.group_by == ("stage",)
        self.periods = [n for n, axis in enumerate(axes) if period_of(axis.dimension)]
        self.values = [axis.values for axis in sums.rows.axes]  # of each dimension, once

    def build(self) -> WrittenList:
        """Build all rows, as the answer has them."""
        if not self.sums.rows:
            return WrittenList(b"[]")
        form = b"{%b}" % b",".join(part for part, _columns in self.parts)
        columns = [column for _part, some in self.parts for column in some]
        rows = [*map(form.__mod__, zip(*columns, strict=True))]
        ordered = [*map(rows.__getitem__, self.sort())]
        ordered[0] = b"[" + ordered[0]  # of a text of megabytes each copy counts
        ordered[-1] += b"]"
        return WrittenList(b",".join(ordered))

    @cached_property
    def parts(self) -> list[tuple[bytes, list[list[bytes]]]]:
        """The parts of all rows: the form of each, and the texts that are put into it."""
        described = [
            (write_name(axis.name) + _SLOT, [of.spread(map(dump_json, self.describe_values(n)))])
            for n, (axis, of) in enumerate(zip(self.axes, self.sums.rows.axes, strict=True))
        ]
        parts = [*described, self.write_facts()]
        if self.more:
            parts.append((_SLOT, [[dump_json(each)[1:-1] for each in self.more]]))
        return [*parts, self.write_links()]

    @cached_property
    def stated(self) -> dict[str, Any] | None:
        """What is stated of all rows, by columns; None where it is stated row by row."""
        if not self.facts.takes_columns:
            return None
        return self.facts.state(self.sums.rows.sums, lambda more: None)

    @cached_property
    def stated_of_each(self) -> list[dict[str, Any]]:
        """What is stated of each row, one by one."""
        return [self.state(values) for values in self.sums.rows]

    def write_facts(self) -> tuple[bytes, list[list[bytes]]]:
        if self.stated is None:
            return _SLOT, [[dump_json(each)[1:-1] for each in self.stated_of_each]]
        columns: list[Any] = []
        form = lay_out(self.stated, columns)
        return form[1:-1], [write_column(column) for column in columns]

    @cached_property
    def more(self) -> list[dict[str, Any]]:
        """What each row says that is worked out from others; empty where nothing is asked for."""
        asked = self.question
        ways = [
            (not SHARES.keys().isdisjoint(asked.measures), self.work_out_shares),
            ("count_at_least" in asked.measures, self.count_at_least),
            (asked.cumulative, self.accumulate),
            (bool(asked.compare), self.compare),
            (self.with_reached, self.link_reached),
        ]
        wanted = [way for is_wanted, way in ways if is_wanted]
        return [
            {name: each for way in wanted for name, each in way(values).items()}
            for values in (self.sums.rows if wanted else ())
        ]

    # --- Names and order ---------------------------------------------------------------------

    def describe_values(self, place: int) -> list[dict[str, Any]]:
        """Describe each value of a dimension once, with its names in both languages."""
        known = sorted({*self.values[place]} - {None, OTHER}, key=str)
        own = {None: in_both_languages(_("unknown")), OTHER: in_both_languages(_("other"))}
        names = {**self.axes[place].grouping.names(known), **own}
        return [describe_value(value, names) for value in self.values[place]]

    def order_values(self, place: int) -> Integers:
        """Number the values of a dimension: in their own order, or the largest first."""
        axis = self.axes[place]
        known = sorted({*self.values[place]} - {None, OTHER}, key=axis.grouping.place)
        is_asked = self.question.order.removeprefix("-") == axis.name
        if is_asked and self.question.order.startswith("-"):
            known.reverse()
        elif not axis.dimension.is_ordered and not is_asked:
            ranks = self.sums.rows.sums.get(self.facts.rank)
            if ranks is not None:
                found = add_by_groups(self.sums.rows.axes[place].codes, ranks).tolist()
                sizes = dict(zip(self.values[place], found, strict=True))
                known.sort(key=lambda value: -sizes[value])
        places = {value: n for n, value in enumerate(known)} | {OTHER: LAST, None: LAST + 1}
        return np.array([places[value] for value in self.values[place]], np.int64)

    def sort(self) -> list[int]:
        """Sort the rows as `order` says, else dimension by dimension; unknown comes last."""
        by = [self.order_values(n)[of.codes] for n, of in enumerate(self.sums.rows.axes)]
        name = self.question.order.removeprefix("-")
        if name in self.question.group_by:
            by.insert(0, by[self.question.group_by.index(name)])
        ordered: list[int] = np.lexsort(by[::-1]).tolist()
        if not name or name in self.question.group_by:
            return ordered
        numbers = self.list_numbers(name)
        sign = -1 if self.question.order.startswith("-") else 1

        def by_measure(row: int) -> tuple[bool, float]:
            return numbers[row] is None, sign * (numbers[row] or 0)

        return sorted(ordered, key=by_measure)

    def list_numbers(self, name: str) -> list[Any]:
        """List what a measure is in each row."""
        if self.stated is not None and name in self.stated:
            numbers: list[Any] = np.broadcast_to(self.stated[name], len(self.sums.rows)).tolist()
            return numbers
        rows = self.stated_of_each if self.stated is None else self.more
        return [row[name] for row in (rows if name in rows[0] else self.more)]

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

    def link_reached(self, values: CellValues) -> dict[str, str]:
        """Link to what is at the row's stage or at a later one; without a stage, to the row's."""
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
        # A list takes only so many values; the sum stands without one where there are more.
        is_listed = len(until) <= MAX_VALUES
        periods = {self.axes[place].name: ",".join(str(period) for period in until)}

        def narrow(more: Mapping[str, str]) -> str | None:
            return self.link_list(values, {**periods, **more}) if is_listed else None

        return {"cumulative": self.facts.state(total, narrow) | {"list_url": narrow({})}}

    def compare(self, values: CellValues) -> dict[str, Any]:
        """Compare with the same row a year before, in percent; None where there is no such row."""
        (place,) = self.periods
        before = replace_value(values, place, self.year_before(values[place]))
        if values[place] is None or before not in self.sums.rows:
            return {"previous": None, "change_percent": None}
        row, previous = self.state(values), self.state(before)
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

    def state(self, values: CellValues) -> dict[str, Any]:
        return self.facts.state(self.sums.rows[values], partial(self.link_list, values))

    # --- Lists -------------------------------------------------------------------------------

    def write_links(self) -> tuple[bytes, list[list[bytes]]]:
        """Write the links of all rows, from the parameters of each value."""
        name, rows = write_name("list_url"), self.sums.rows
        if self.sums.top is not None:  # what is beyond them has parameters of another form
            return name + _SLOT, [[dump_json(self.link_list(values)) for values in rows]]
        between, order = self.links.split([axis.name for axis in self.axes])
        columns = {
            axis.name: of.spread(
                self.links.write_value(axis.name, write_word(value)).encode() for value in of.values
            )
            for axis, of in zip(self.axes, rows.axes, strict=True)
        }
        form = _SLOT.join(escape_form(dump_json(text)[1:-1]) for text in between)
        return name + b'"' + form + b'"', [columns[name] for name in order]

    def link_list(self, values: CellValues, instead: Mapping[str, str] | None = None) -> str:
        """Link to the list of a row; `instead` has other values for some dimensions."""
        equal, without = {}, {}
        for axis, value in zip(self.axes, values, strict=True):
            if value is OTHER:
                top = [str(each) for each in self.sums.top or ()]
                has_unknown = axis.grouping.may_be_unknown
                without[axis.name] = ",".join([*top, UNKNOWN] if has_unknown else top)
            else:
                equal[axis.name] = write_word(value)
        return self.links.link({**equal, **(instead or {})}, without)


def describe_value(value: Any, names: Mapping[Any, tuple[str, str]]) -> dict[str, Any]:
    """Describe a value with its names in both languages."""
    name_zh, name_en = names.get(value, (str(value), str(value)))
    code = value.value if value is OTHER else value
    return {"value": code, "name_zh": name_zh, "name_en": name_en}


def replace_value(values: CellValues, place: int, value: Any) -> CellValues:
    """Replace one of the values: those of another row."""
    return (*values[:place], value, *values[place + 1 :])


def write_word(value: Any) -> str:
    """Write a value as the filter of its dimension takes it."""
    return UNKNOWN if value is None else str(value)


def lay_out(stated: Any, columns: list[Any]) -> bytes:
    """Lay out what is stated of rows as one form, and add to the columns what is put into it."""
    if isinstance(stated, np.ndarray):
        columns.append(stated)
        return _SLOT
    if not isinstance(stated, dict):  # the same in all rows
        return escape_form(dump_json(stated))
    return b"{%b}" % b",".join(
        write_name(name) + lay_out(each, columns) for name, each in stated.items()
    )


def write_column(numbers: Any) -> list[bytes]:
    """Write a column of numbers, or None, as JSON has each of them."""
    is_whole = numbers.dtype == np.int64  # there are columns of which some are not known
    written = dump_json(np.ascontiguousarray(numbers) if is_whole else numbers.tolist())
    return written[1:-1].replace(b" ", b"").split(b",")


def write_name(name: str) -> bytes:
    """Write the name of a member, in a form."""
    return escape_form(dump_json(name)) + b":"


def escape_form(text: bytes) -> bytes:
    """Escape a text that is to stand in a form as it is."""
    return text.replace(b"%", b"%%")
