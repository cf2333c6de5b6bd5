"""A summary made ready to draw: its dimensions in order, with labels, and one cell per row."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from config.dates import DateError, PartialDate
from projects.charts.units import MEASURES, Measure, Unit, unit_for
from projects.dimensions.dimensions import DIMENSIONS, FUNDING_DIMENSIONS, period_of
from projects.lifecycle.words import STAGES, Stage

Row = Mapping[str, Any]
Summary = Mapping[str, Any]

OTHER = "other"
ALL_DIMENSIONS = {**DIMENSIONS, **FUNDING_DIMENSIONS}
MOST_PERIODS = 120  # a gap longer than this is left out rather than drawn
# No part of XML, or invisible: what a name may not bring into a picture.
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
WEB_ADDRESS = re.compile(r"https?://[^/\s]|/(?![/\\])|\?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Value:
    """One value of a dimension; `kind` is known, other (the rest beyond `top`) or unknown."""

    code: str
    label: str
    kind: str = "known"


@dataclass(frozen=True)
class Dimension:
    """What a summary is grouped by, its values in the order in which they are drawn.

    A single dimension keeps the order of the rows; of two, each has its own or the largest first.
    Periods run on without a gap. The rest and what is unknown come last.
    """

    name: str
    title: str
    values: Sequence[Value]

    @property
    def is_time(self) -> bool:
        return is_time(self.name)


@dataclass(frozen=True)
class Cell:
    """A row of the summary: its values, its number (None: no amount is known), and its list.

    `change` is that on the year before in percent, where it was asked for and is known.
    """

    values: Sequence[Value]
    amount: float | None
    url: str
    change: float | None = None


@dataclass(frozen=True)
class Table:
    """What a chart draws."""

    measure: Measure
    unit: Unit
    dimensions: Sequence[Dimension]
    cells: Sequence[Cell]
    is_additive: bool
    is_cumulative: bool
    is_compared: bool
    language: str


def is_time(dimension: str) -> bool:
    return period_of(ALL_DIMENSIONS[dimension]) is not None


def read(summary: Summary, language: str) -> Table:
    """A summary's rows, with labels in one language (zh or en; the other where it has no name).

    Where the rows are cumulative, so is what is drawn.
    """
    measure = MEASURES[summary["measures"][0]]
    rows = summary["rows"]
    dimensions = [_dimension(name, summary, measure, language) for name in summary["group_by"]]
    by_code = {
        dimension.name: {value.code: value for value in dimension.values}
        for dimension in dimensions
    }
    cells = [
        _cell(row, measure, [values[_code(row[name])] for name, values in by_code.items()])
        for row in rows
    ]
    is_cumulative = any(measure.name in (row.get("cumulative") or ()) for row in rows)
    if is_cumulative:
        cells = list(_carried_on(cells, dimensions))
    unit = unit_for(measure, (cell.amount for cell in cells), language)
    is_additive = summary["additive"] and measure.name != "count_at_least"
    return Table(
        measure,
        unit,
        dimensions,
        cells,
        is_additive=is_additive,
        is_cumulative=is_cumulative,
        is_compared=is_compared(summary),
        language=language,
    )


def is_compared(summary: Summary) -> bool:
    """Whether each row stands beside the same row of the year before."""
    return any("change_percent" in row for row in summary["rows"])


def _cell(row: Row, measure: Measure, values: Sequence[Value]) -> Cell:
    facts = row.get("cumulative") or {}
    if measure.name not in facts:
        facts = row
    which = "at_least_url" if measure.name == "count_at_least" else "list_url"
    change = (row.get("change_percent") or {}).get(measure.name)
    return Cell(values, facts.get(measure.name), safe_address(facts.get(which)), change)


def _carried_on(cells: Iterable[Cell], dimensions: Sequence[Dimension]) -> Iterator[Cell]:
    """Sums that have grown stay as they are through the periods in which nothing is added."""
    at = next(at for at, dimension in enumerate(dimensions) if dimension.is_time)
    series: dict[tuple[Value, ...], dict[Value, Cell]] = {}
    for cell in cells:
        others = (*cell.values[:at], *cell.values[at + 1 :])
        series.setdefault(others, {})[cell.values[at]] = cell
    for others, by_period in series.items():
        last: Cell | None = None
        for period in dimensions[at].values:
            if period in by_period:
                last = by_period[period]
            elif last and period.kind == "known":
                last = replace(last, values=(*others[:at], period, *others[at:]))
            else:
                continue
            yield last


def safe_address(address: str | None) -> str:
    """An address that may become a link: http(s) or relative to the site, else none at all."""
    address = address or ""
    return address if WEB_ADDRESS.match(address) and not UNPRINTABLE.search(address) else ""


def _dimension(name: str, summary: Summary, measure: Measure, language: str) -> Dimension:
    totals: dict[str, float] = {}
    given: dict[str, Row] = {}
    for row in summary["rows"]:
        code = _code(row[name])
        given.setdefault(code, row[name])
        totals[code] = totals.get(code, 0) + (row.get(measure.name) or 0)
    known = [code for code, value in given.items() if _kind(value) == "known"]
    if is_time(name):
        known = list(_without_gaps(known))
    elif len(summary["group_by"]) > 1:
        known.sort(key=_place(name) or (lambda code: -totals[code]))
    rest = [code for code in (OTHER, "") if code in given and code not in known]
    values = [
        Value(code, *_label_and_kind(given.get(code, {"value": code}), language))
        for code in [*known, *rest]
    ]
    return Dimension(name, str(ALL_DIMENSIONS[name].label), list(_distinct(values)))


def _place(name: str) -> Callable[[str], float] | None:
    """What the values of a dimension are sorted by, where they have an order of their own."""
    if name == "stage":
        return lambda stage: STAGES.index(Stage(stage))
    if name == "size_band":
        return lambda band: int(band.partition("-")[0])
    return None


def _code(value: Row) -> str:
    """The key of a value: "" where it is not known."""
    return "" if value["value"] is None else str(value["value"])


def _kind(value: Row) -> str:
    if value["value"] is None:
        return "unknown"
    return "other" if value["value"] == OTHER else "known"


def _label_and_kind(value: Row, language: str) -> tuple[str, str]:
    names = [value.get("name_zh"), value.get("name_en")]
    first, second = names if language == "zh" else reversed(names)
    return clean(first or second or str(value["value"])), _kind(value)


def clean(text: str) -> str:
    """A text without what XML cannot hold and without characters that turn the reading around."""
    return " ".join(UNPRINTABLE.sub(" ", text).split())


def _distinct(values: Iterable[Value]) -> Iterator[Value]:
    """Two values may have the same name; what is drawn by label needs labels that differ."""
    taken: set[str] = set()
    for value in values:
        label = value.label or value.code
        while label in taken:
            label = f"{label} ({value.code or value.kind})"
        taken.add(label)
        yield Value(value.code, label, value.kind)


def _without_gaps(periods: Iterable[str]) -> Iterator[str]:
    """Periods in order, and those between them in which nothing happened."""
    try:
        known = sorted(PartialDate.parse(period) for period in periods)
    except DateError:
        yield from sorted(periods)
        return
    for number, period in enumerate(known):
        if number:
            between = list(_between(known[number - 1], period))
            yield from map(str, between if len(between) < MOST_PERIODS else ())
        yield str(period)


def _between(earlier: PartialDate, later: PartialDate) -> Iterator[PartialDate]:
    following = PartialDate.containing(earlier.last + timedelta(days=1), earlier.precision)
    for _number in range(MOST_PERIODS):
        if following >= later:
            return
        yield following
        following = PartialDate.containing(following.last + timedelta(days=1), earlier.precision)


def width(text: str) -> int:
    """How wide a text is, in half-width letters: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(text: str, columns: int, lines: int) -> str:
    """A text in at most so many lines of so many half-width letters, the last one cut with ….

    The lines are about as long as each other: a last one with one letter would look lost.
    """
    done = _broken(text, columns)
    if 1 < len(done) <= lines:
        shorter = range(min(columns, width(text) // len(done)), columns + 1)
        evenly = (_broken(text, narrower) for narrower in shorter)
        done = next(broken for broken in evenly if len(broken) == len(done))
    kept = done[:lines]
    if len(done) > lines:
        kept[-1] += "…"
    return "\n".join(_cut(line, columns) for line in kept)


def _broken(text: str, columns: int) -> list[str]:
    """The lines of a text, broken between words or at any Chinese letter."""
    done: list[str] = [""]
    for piece in re.findall(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+|\s", text):
        if done[-1].strip() and width(done[-1] + piece) > columns:
            done.append("")
        done[-1] += piece
    return [line.strip() for line in done if line.strip()] or [""]


def _cut(line: str, columns: int) -> str:
    if width(line) <= columns + 1:
        return line
    while width(line) > columns - 1:
        line = line[:-1]
    return line + "…"
