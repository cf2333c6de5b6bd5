"""The rows of a summary: in order, with their names, shares, comparisons and lists."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from config.api.strict import MAX_VALUES
from config.dates import Precision
from projects.dimensions.dimensions import OTHER, Grouping, in_both_languages, period_of
from projects.summaries.measures import SHARES, Tally
from projects.summaries.questions import Question, Vocabulary

UNKNOWN = "unknown"
LAST = 10**9  # after every place of a value
Values = tuple[Any, ...]  # of a row, one for each dimension: None is unknown, OTHER the rest
Link = Callable[[Mapping[str, str], Mapping[str, str]], str | None]


class Asking(Protocol):
    """What rows need of their summary."""

    question: Question
    groupings: list[Grouping]
    periods: list[int]
    top: list[Any] | None
    cut_place: int
    uncut: dict[Values, Tally]
    vocabulary: Vocabulary
    around: Any

    def facts(self, tally: Mapping[str, int]) -> dict[str, Any]:
        """What the answer says of a cell."""

    def size(self, tally: Mapping[str, int]) -> int:
        """What a value is ranked by."""


class Rows:
    """The rows of one answer; `folded` has their sums, `wholes` what shares are shares of."""

    def __init__(
        self, summary: Asking, folded: Mapping[Values, Tally], wholes: Mapping[Values, Tally]
    ) -> None:
        self.summary = summary
        self.question = summary.question
        self.group_by = summary.question.group_by
        self.folded = folded
        self.wholes = wholes
        places = range(len(self.group_by))
        self.values = [{values[place] for values in folded} for place in places]
        self.names = [self.named(place) for place in places]
        self.places = [self.placed(place) for place in places]

    def made(self) -> list[dict[str, Any]]:
        """All rows, as the answer has them."""
        rows = {values: self.row(values) for values in self.folded}
        return [rows[values] for values in self.in_order(rows)]

    def row(self, values: Values) -> dict[str, Any]:
        row: dict[str, Any] = {
            name: described(value, names)
            for name, value, names in zip(self.group_by, values, self.names, strict=True)
        }
        row |= self.summary.facts(self.folded[values])
        row |= self.shares(values)
        if "count_at_least" in self.question.measures:
            row |= self.at_least(values)
        if self.question.cumulative:
            row["cumulative"] = self.cumulative(values)
        if self.question.compare:
            row |= self.compared(values, row)
        return row | {"list_url": self.link(values)}

    # --- Names and order ---------------------------------------------------------------------

    def named(self, place: int) -> dict[Any, tuple[str, str]]:
        """The names of the values of a dimension."""
        known = sorted(self.values[place] - {None, OTHER}, key=str)
        own = {None: in_both_languages(_("unknown")), OTHER: in_both_languages(_("other"))}
        return {**self.summary.groupings[place].names(known), **own}

    def placed(self, place: int) -> dict[Any, int]:
        """Where the values of a dimension stand: in their own order, or the largest first."""
        grouping = self.summary.groupings[place]
        known = sorted(self.values[place] - {None, OTHER}, key=grouping.place)
        dimension = self.summary.vocabulary.dimensions[self.group_by[place]]
        is_asked = self.question.order.removeprefix("-") == self.group_by[place]
        if is_asked and self.question.order.startswith("-"):
            known.reverse()
        elif not dimension.is_ordered and not is_asked:
            sizes: dict[Any, int] = {}
            for values, tally in self.folded.items():
                sizes[values[place]] = sizes.get(values[place], 0) + self.summary.size(tally)
            known.sort(key=lambda value: -sizes[value])
        return {value: n for n, value in enumerate(known)} | {OTHER: LAST, None: LAST + 1}

    def in_order(self, rows: Mapping[Values, Mapping[str, Any]]) -> list[Values]:
        """The rows as `order` says, else dimension by dimension; unknown comes last."""
        ordered = sorted(rows, key=self.place_of)
        name = self.question.order.removeprefix("-")
        if name in self.group_by:
            place = self.group_by.index(name)
            return sorted(ordered, key=lambda values: self.places[place][values[place]])
        if not name:
            return ordered
        sign = -1 if self.question.order.startswith("-") else 1

        def by_measure(values: Values) -> tuple[bool, float]:
            measured = rows[values][name]
            return measured is None, sign * (measured or 0)

        return sorted(ordered, key=by_measure)

    def place_of(self, values: Values) -> tuple[int, ...]:
        return tuple(places[value] for places, value in zip(self.places, values, strict=True))

    # --- What is worked out from other rows --------------------------------------------------

    def shares(self, values: Values) -> dict[str, Any]:
        """Shares in percent to two decimals, each with what it is a share of.

        Nothing where no amount of the row is known.
        """
        shares: dict[str, Any] = {}
        for name, of in SHARES.items():
            if name in self.question.measures:
                periods = tuple(values[place] for place in self.summary.periods)
                tally = self.folded[values]
                whole = self.wholes[periods].get(of, 0)
                is_known = whole and tally.get(f"{of}_known", tally["count"])
                shares[name] = round(100 * tally.get(of, 0) / whole, 2) if is_known else None
                shares[f"{name}_of"] = whole
        return shares

    def at_least(self, values: Values) -> dict[str, Any]:
        """How many are of this size or larger (以上), and their list."""
        place = self.group_by.index("size_band")
        if values[place] in (None, OTHER):
            return {"count_at_least": None, "at_least_url": None}
        # Larger bands count, too, where `top` leaves them out.
        cells = self.summary.uncut if place == self.summary.cut_place else self.folded
        place_of = self.summary.groupings[place].place
        larger = [
            cells.get(with_value(values, place, band), {}).get("count", 0)
            for band in {every[place] for every in cells} - {None, OTHER}
            if place_of(band) >= place_of(values[place])
        ]
        open_band = f"{values[place].partition('-')[0]}-"
        return {
            "count_at_least": sum(larger),
            "at_least_url": self.link(values, {"size_band": open_band}),
        }

    def cumulative(self, values: Values) -> dict[str, Any] | None:
        """The same up to the end of the row's period; nothing where that is unknown."""
        (place,) = self.summary.periods
        if values[place] is None:
            return None
        until = sorted(v for v in self.values[place] if v is not None and v <= values[place])
        total: Tally = {}
        for period in until:
            for name, value in self.folded.get(with_value(values, place, period), {}).items():
                total[name] = total.get(name, 0) + value
        # A list takes only so many values; the sum stands without one where there are more.
        is_listed = len(until) <= MAX_VALUES
        periods = {self.group_by[place]: ",".join(str(period) for period in until)}
        url = self.link(values, periods) if is_listed else None
        return self.summary.facts(total) | {"list_url": url}

    def compared(self, values: Values, row: Mapping[str, Any]) -> dict[str, Any]:
        """The same row a year before, and the change in percent; nothing where there is none."""
        (place,) = self.summary.periods
        before = with_value(values, place, self.year_before(values[place]))
        if values[place] is None or before not in self.folded:
            return {"previous": None, "change_percent": None}
        previous = self.summary.facts(self.folded[before])
        change = {
            name: round(100 * (row[name] - previous[name]) / previous[name], 2)
            if previous[name] and row[name] is not None
            else None
            for name in self.question.measures
            if name in previous
        }
        return {"previous": previous | {"list_url": self.link(before)}, "change_percent": change}

    def year_before(self, period: Any) -> Any:
        (place,) = self.summary.periods
        if period is None:
            return None
        unit = period_of(self.summary.vocabulary.dimensions[self.group_by[place]])
        if unit == Precision.YEAR:
            return period - 1
        year, _dash, rest = period.partition("-")
        return f"{int(year) - 1:04}-{rest}"

    # --- Lists -------------------------------------------------------------------------------

    def link(self, values: Values, instead: Mapping[str, str] | None = None) -> str | None:
        """The list of the projects of a row; `instead` has other values for some dimensions."""
        equal, without = {}, {}
        groupings = self.summary.groupings
        for name, value, grouping in zip(self.group_by, values, groupings, strict=True):
            if value is OTHER:
                top = [str(each) for each in self.summary.top or ()]
                without[name] = ",".join([*top, UNKNOWN] if grouping.may_be_unknown else top)
            else:
                equal[name] = UNKNOWN if value is None else str(value)
        return self.summary.around.link({**equal, **(instead or {})}, without)


def described(value: Any, names: Mapping[Any, tuple[str, str]]) -> dict[str, Any]:
    """A value with its names in both languages."""
    name_zh, name_en = names.get(value, (str(value), str(value)))
    shown = value.value if value is OTHER else value
    return {"value": shown, "name_zh": name_zh, "name_en": name_en}


def with_value(values: Values, place: int, value: Any) -> Values:
    """The values of another row, which differs in one dimension."""
    return (*values[:place], value, *values[place + 1 :])
