"""A summary made ready to draw: dimensions in order, labels, and units of its measures."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pages.charts.text import choose_list, clean
from projects.dimensions.dimensions import DIMENSIONS, FUNDING_DIMENSIONS, period_of
from projects.models.words import STAGES, Stage
from projects.summaries.measures import NOT_ADDED_UP, SHARES
from sheets.amounts import WRITTEN_CURRENCY, round_half_up
from sheets.dates import DateError, PartialDate

# Chinese counts in steps of ten thousand
_CHINESE_SCALES = [(10**8, "亿"), (10**4, "万"), (1, "")]
_ENGLISH_SCALES = [(10**9, "bn"), (10**6, "m"), (1, "")]
_MONEY_UNITS = {
    "zh": [(scale, f"{word}{WRITTEN_CURRENCY['zh']}") for scale, word in _CHINESE_SCALES],
    "en": [(scale, f"{word}{WRITTEN_CURRENCY['en']}".strip()) for scale, word in _ENGLISH_SCALES],
}
_DOLLAR_UNITS = {
    "zh": [(10**8, "亿美元"), (10**4, "万美元"), (1, "美元")],
    "en": [(10**9, "bn US$"), (10**6, "m US$"), (1, "US$")],
}
_MU = {"zh": settings.PROFILE.land_zh, "en": settings.PROFILE.land_en}
_M2 = {"zh": "平方米", "en": "m²"}
NO_AMOUNT = "–"


@dataclass(frozen=True)
class ChartMeasure:
    """A number that a summary gives for each row: what titles call it, and its kind of unit."""

    name: str
    title: str | Promise
    kind: str  # money, usd, count, percent, land, floor or per_mu


CHART_MEASURES = {
    measure.name: measure
    for measure in (
        ChartMeasure("count", _("Number of %(things)s"), "count"),
        ChartMeasure("count_at_least", _("Number of %(things)s of this size or larger"), "count"),
        ChartMeasure("shared_count", _("Number of %(things)s by share"), "count"),
        ChartMeasure("investment_cny", _("Investment"), "money"),
        ChartMeasure("paid_in_cny", _("Investment paid in"), "money"),
        ChartMeasure("paid_in_recognised_cny", _("Investment paid in, recognised"), "money"),
        ChartMeasure("share", _("Share of projects"), "percent"),
        ChartMeasure("investment_share", _("Share of the investment"), "percent"),
        ChartMeasure("tax_at_capacity_cny", _("Tax a year at full capacity"), "money"),
        ChartMeasure("output_at_capacity_cny", _("Output a year at full capacity"), "money"),
        ChartMeasure("jobs_at_capacity", _("Jobs at full capacity"), "count"),
        ChartMeasure("land_mu", _("Land"), "land"),
        ChartMeasure("floor_area_m2", _("Floor area"), "floor"),
        ChartMeasure("agreed_per_mu", _("Agreed investment per mu"), "per_mu"),
        ChartMeasure("investment_intensity", _("Intensity of investment"), "per_mu"),
        ChartMeasure("amount_cny", _("Amount"), "money"),
        ChartMeasure("amount_usd", _("Amount in US dollars"), "usd"),
        ChartMeasure("recognised_cny", _("Amount recognised"), "money"),
        ChartMeasure("recognised_gap_cny", _("Amount reported less recognised"), "money"),
        ChartMeasure("planned_cny", _("Planned investment"), "money"),
        ChartMeasure("completed_cny", _("Investment completed"), "money"),
        ChartMeasure("completion_percent", _("Completion of plans"), "percent"),
    )
}


@dataclass(frozen=True)
class ChartUnit:
    """What one step of the axis is worth, and its name (empty for bare numbers)."""

    scale: int
    name: str

    def convert(self, amount: float | None) -> float:
        """Convert an amount to this unit; an unknown one is drawn as nothing."""
        return 0 if amount is None else amount / self.scale

    def write(self, amount: float | None) -> str:
        """Write a number with thousands separators, about three digits: `1,234`, `12.5`, `0.25`."""
        if amount is None:
            return NO_AMOUNT
        value = Decimal(str(amount)) / self.scale
        decimals = 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2
        text = f"{round_half_up(value, decimals):,f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
        return "<0.01" if text == "0" and amount else text

    def write_with_unit(self, amount: float | None) -> str:
        if amount is None:
            return NO_AMOUNT
        gap = "" if self.name == "%" or not self.name else " "
        return f"{self.write(amount)}{gap}{self.name}"


def choose_unit(measure: ChartMeasure, amounts: Iterable[float | None], language: str) -> ChartUnit:
    """Choose the largest unit in which the largest of the amounts is at least one."""
    if measure.kind == "percent":
        return ChartUnit(1, "%")
    if measure.kind == "count":
        return ChartUnit(1, "")
    if measure.kind in ("land", "floor"):
        return ChartUnit(1, (_MU if measure.kind == "land" else _M2)[language])
    most = max((abs(amount) for amount in amounts if amount is not None), default=0)
    of = f"/{_MU[language]}" if measure.kind == "per_mu" else ""
    money = (_DOLLAR_UNITS if measure.kind == "usd" else _MONEY_UNITS)[language]
    units = [ChartUnit(scale, f"{name}{of}") for scale, name in money]
    return next((unit for unit in units if most >= unit.scale), units[-1])


_Row = Mapping[str, Any]
SummaryAnswer = Mapping[str, Any]

OTHER_CODE = "other"
ALL_DIMENSIONS = {**DIMENSIONS, **FUNDING_DIMENSIONS}
MOST_PERIODS = 120  # a gap of so many periods is left out rather than drawn


@dataclass(frozen=True)
class ChartValue:
    """One value of a dimension; `kind` is known, other (the rest beyond `top`) or unknown."""

    code: str
    label: str
    kind: str = "known"


@dataclass(frozen=True)
class ChartDimension:
    """What a summary is grouped by, its values in the order in which they are drawn.

    A single dimension keeps the order of the rows; of two, each has its own or the largest first.
    Periods run on without a gap. The rest and what is unknown come last.
    """

    name: str
    title: str
    values: Sequence[ChartValue]

    @property
    def is_time(self) -> bool:
        return is_time(self.name)


@dataclass(frozen=True)
class ChartCell:
    """A row of the summary: its values, its number (None: no amount is known), and its list.

    `change` is that on the year before in percent, where it was asked for and is known.
    """

    values: Sequence[ChartValue]
    amount: float | None
    url: str
    change: float | None = None


@dataclass(frozen=True)
class ChartTable:
    """What a chart draws, `width` pixels wide."""

    measure: ChartMeasure
    unit: ChartUnit
    dimensions: Sequence[ChartDimension]
    cells: Sequence[ChartCell]
    is_additive: bool
    is_cumulative: bool
    is_compared: bool
    language: str
    width: int


def is_time(dimension: str) -> bool:
    return period_of(ALL_DIMENSIONS[dimension]) is not None


def read_chart_table(answer: SummaryAnswer, kind: str, language: str, width: int) -> ChartTable:
    """Read the rows of an answer, with labels in one language (zh or en; else the other).

    Where the rows are cumulative, so is what is drawn.
    """
    measure = CHART_MEASURES[answer["measures"][0]]
    rows = answer["rows"]
    dimensions = [_read_dimension(name, answer, measure, language) for name in answer["group_by"]]
    by_code = {
        dimension.name: {value.code: value for value in dimension.values}
        for dimension in dimensions
    }

    def find_values(row: _Row) -> list[ChartValue]:
        return [values[read_value_code(row[name])] for name, values in by_code.items()]

    cells = [_read_cell(row, measure, kind, find_values(row)) for row in rows]
    is_cumulative = any(measure.name in (row.get("cumulative") or ()) for row in rows)
    if is_cumulative:
        cells = list(_carry_on(cells, dimensions))
    unit = choose_unit(measure, (cell.amount for cell in cells), language)
    is_additive = answer["additive"] and measure.name not in NOT_ADDED_UP - SHARES.keys()
    return ChartTable(
        measure,
        unit,
        dimensions,
        cells,
        is_additive=is_additive,
        is_cumulative=is_cumulative,
        is_compared=is_compared(answer),
        language=language,
        width=width,
    )


def is_compared(summary: SummaryAnswer) -> bool:
    """Check whether rows have the change on the year before."""
    return any("change_percent" in row for row in summary["rows"])


def _read_cell(
    row: _Row, measure: ChartMeasure, kind: str, values: Sequence[ChartValue]
) -> ChartCell:
    cumulative = row.get("cumulative") or {}
    amount = (cumulative if measure.name in cumulative else row).get(measure.name)
    change = (row.get("change_percent") or {}).get(measure.name)
    return ChartCell(values, amount, choose_list(row, measure.name, kind), change)


def _carry_on(
    cells: Iterable[ChartCell], dimensions: Sequence[ChartDimension]
) -> Iterator[ChartCell]:
    """Carry running sums through periods without additions."""
    at = next(at for at, dimension in enumerate(dimensions) if dimension.is_time)
    series: dict[tuple[ChartValue, ...], dict[ChartValue, ChartCell]] = {}
    for cell in cells:
        others = (*cell.values[:at], *cell.values[at + 1 :])
        series.setdefault(others, {})[cell.values[at]] = cell
    for others, by_period in series.items():
        last: ChartCell | None = None
        for period in dimensions[at].values:
            if period in by_period:
                last = by_period[period]
            elif last and period.kind == "known":
                last = replace(last, values=(*others[:at], period, *others[at:]))
            else:
                continue
            yield last


# Dimensions whose values have an order of their own
_ORDERS: Mapping[str, Callable[[str], float]] = {
    "stage": lambda stage: STAGES.index(Stage(stage)),
    "size_band": lambda band: int(band.partition("-")[0]),
}


def _read_dimension(
    name: str, summary: SummaryAnswer, measure: ChartMeasure, language: str
) -> ChartDimension:
    totals: dict[str, float] = {}
    given: dict[str, _Row] = {}
    for row in summary["rows"]:
        code = read_value_code(row[name])
        given.setdefault(code, row[name])
        totals[code] = totals.get(code, 0) + (row.get(measure.name) or 0)
    known = [code for code, value in given.items() if read_value_kind(value) == "known"]
    if is_time(name):
        known = list(_fill_gaps(known))
    elif len(summary["group_by"]) > 1:
        known.sort(key=_ORDERS.get(name, lambda code: -totals[code]))
    rest = [code for code in (OTHER_CODE, "") if code in given and code not in known]
    keys = ("name_zh", "name_en")[:: 1 if language == "zh" else -1]
    values = []
    for code in [*known, *rest]:
        value = given.get(code, {"value": code})
        label = next(filter(None, map(value.get, keys)), str(value["value"]))
        values.append(ChartValue(code, clean(label), read_value_kind(value)))
    return ChartDimension(name, str(ALL_DIMENSIONS[name].label), list(_make_distinct(values)))


def read_value_code(value: _Row) -> str:
    """Read the code of a value: "" where it is not known."""
    return "" if value["value"] is None else str(value["value"])


def read_value_kind(value: _Row) -> str:
    """Read which kind a value is of: known, other or unknown."""
    if value["value"] is None:
        return "unknown"
    return "other" if value["value"] == OTHER_CODE else "known"


def _make_distinct(values: Iterable[ChartValue]) -> Iterator[ChartValue]:
    """Make labels distinct, as values are drawn by label."""
    taken: set[str] = set()
    for value in values:
        label = value.label or value.code
        while label in taken:
            label = f"{label} ({value.code or value.kind})"
        taken.add(label)
        yield ChartValue(value.code, label, value.kind)


def _fill_gaps(periods: Iterable[str]) -> Iterator[str]:
    """Sort periods, and insert the empty ones between them."""
    try:
        known = sorted(PartialDate.parse(period) for period in periods)
    except DateError:
        yield from sorted(periods)
        return
    for earlier, later in pairwise([*known[:1], *known]):
        between: list[str] = []
        last = earlier
        while len(between) < MOST_PERIODS and last < later:
            last = PartialDate.containing(last.last + timedelta(days=1), earlier.precision)
            between.append(str(last))
        yield from between[:-1] if last >= later else ()
        yield str(later)
