"""What the drawings share: labels, axes, texts and colours, in Vega-Lite."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from config.texts import measure_width
from pages.charts.table import ChartCell, ChartDimension, ChartTable, ChartValue
from pages.charts.text import wrap
from pages.charts.theme import LABEL_SIZE, LEGEND_WIDTH, PADDING, Theme

ChartSpec = dict[str, Any]
Datum = dict[str, Any]

LINE_HEIGHT = 16
DWARFING = 2  # times the largest known bar: what is unknown is then drawn shortened
SHORTENED = 1.25  # times the largest known bar, then
# SVG does not move down for a line without any character, and Vega drops spaces.
EMPTY_LINE = "\N{ZERO WIDTH SPACE}\n"
# Labels of ours may have several lines; the expression holds nothing of theirs.
LINES: ChartSpec = {"labelExpr": "split(datum.value, '\\n')", "labelLineHeight": LINE_HEIGHT}
# Vega hangs the lines of a label from its first one. In lines half as high, begun one line higher,
# one line is the second of them, and two lines are the first and the third.
BESIDE_ROWS = LINES | {"labelLineHeight": LINE_HEIGHT / 2, "labelOffset": -LINE_HEIGHT / 2}
AMOUNT_AXIS: ChartSpec = {"field": "amount", "type": "quantitative", "stack": None}
OWN_COLOUR: ChartSpec = {"field": "colour", "type": "nominal", "scale": None}
OWN_INK: ChartSpec = {"field": "ink", "type": "nominal", "scale": None}


def build_datum(table: ChartTable, cell: ChartCell, said: str = "") -> Datum:
    """Build the data of a cell; `said` is its name for screen readers."""
    said = said or ", ".join(value.label for value in cell.values)
    drawn: Datum = {
        "amount": table.unit.convert(cell.amount),
        "text": table.unit.write(cell.amount),
        "href": cell.url,
        "description": f"{said}: {table.unit.write_with_unit(cell.amount)}",
    }
    if table.is_compared:
        drawn["change"] = format_change(cell.change)
    if cell.change is not None:
        said = _("%(change)s on the year before") % {"change": drawn["change"]}
        drawn["description"] += f" ({said})"
    return drawn


def format_change(percent: float | None) -> str:
    """Write a change: `+12%`, `+1.5%`; nothing where none is known."""
    if percent is None:
        return ""
    decimals = 0 if abs(percent) >= 10 else 1
    return f"{percent:+,.{decimals}f}%".replace("-", "\N{MINUS SIGN}")


def measure_bars(table: ChartTable) -> dict[ChartValue, float]:
    """Measure each bar in the unit of the axis; additive series of a period are summed."""
    at = next((at for at, dimension in enumerate(table.dimensions) if dimension.is_time), 0)
    sizes: dict[ChartValue, float] = {}
    for cell in table.cells:
        size, value = table.unit.convert(cell.amount), cell.values[at]
        before = sizes.get(value, 0)
        sizes[value] = before + size if table.is_additive else max(before, size)
    return sizes


def find_shortened(table: ChartTable) -> dict[ChartValue, float]:
    """Find the factors by which bars of unknown and other values are cut, if they dwarf the rest.

    Drawn to scale they would leave nothing to be seen of what is known.
    """
    sizes = measure_bars(table)
    most = max((size for value, size in sizes.items() if value.kind == "known"), default=0)
    return {
        value: SHORTENED * most / size
        for value, size in sizes.items()
        if value.kind != "known" and size > DWARFING * most > 0
    }


def draw_cuts(
    table: ChartTable, labels: Mapping[ChartValue, str], theme: Theme, axis: str, step: int
) -> list[ChartSpec]:
    """Draw two lines through each bar that is shortened.

    `axis` is the one along which bars run, `step` the room that each has across it.
    """
    sizes = measure_bars(table)
    lines = [
        {"label": labels[value], "cut": sizes[value] * factor * part}
        for value, factor in find_shortened(table).items()
        for part in (0.488, 0.512)
    ]
    if not lines:
        return []
    orient = "vertical" if axis == "x" else "horizontal"
    mark = {"type": "tick", "orient": orient, "thickness": 3, "size": step, "aria": False}
    layer = {
        "data": {"values": lines},
        "mark": mark | {"color": theme.background},
        "encoding": {axis: {"field": "cut", "type": "quantitative"}},
    }
    return [layer]


def label_values(dimension: ChartDimension, columns: int, lines: int) -> dict[ChartValue, str]:
    """Write each value, cut and broken to fit; no two alike."""
    labels: dict[ChartValue, str] = {}
    for value in dimension.values:
        label = wrap(value.label, columns, lines)
        while label in labels.values():
            label += "\N{ZERO WIDTH SPACE}"
        labels[value] = label
    return labels


def label_rows(dimension: ChartDimension, width: int) -> dict[ChartValue, str]:
    """Write labels of one or two lines, in half lines; a third of the width at most."""
    labels = label_values(dimension, columns=count_columns(width, LABEL_SIZE * 3), lines=2)
    return {value: halve_lines(label) for value, label in labels.items()}


def count_columns(width: int, size: int) -> int:
    """Count the half-width letters of a size, in pixels, that fit into a width."""
    return 2 * (width - 2 * PADDING) // size


def measure_drawing(drawn: ChartSpec, width: int) -> tuple[int, int]:
    """Estimate how wide a table is, at least, and how high any drawing with its axes and legend.

    It is drawn to fit into just that.
    """
    x, y = (drawn["encoding"].get(axis, {}) for axis in "xy")
    across, down = (
        side["step"] * len(axis["scale"]["domain"]) if isinstance(side, dict) else 0
        for side, axis in ((drawn["width"], x), (drawn["height"], y))
    )
    if beside := (y.get("axis") or {}).get("minExtent", 0):
        across += beside + 4 * PADDING
    colour = drawn["layer"][0]["encoding"].get("color", {})
    named = len((colour.get("scale") or {}).get("domain", ()))
    lines = -(-named // max(1, width // LEGEND_WIDTH))
    labels = 48 if x.get("axis") else 0
    return int(across if beside else 0), int((down or drawn["height"]) + labels + 22 * lines)


def halve_lines(label: str) -> str:
    """Write a label of one or two lines in half lines: see BESIDE_ROWS."""
    return label.replace("\n", f"\n{EMPTY_LINE}") if "\n" in label else EMPTY_LINE + label


def label_columns(dimension: ChartDimension) -> dict[ChartValue, str]:
    """Write labels of up to three lines; all of as many, the first ones empty, on one line."""
    labels = label_values(dimension, columns=14, lines=3)
    lines = count_lines(labels)
    return {
        value: EMPTY_LINE * (lines - 1 - label.count("\n")) + label
        for value, label in labels.items()
    }


def count_lines(labels: Mapping[ChartValue, str]) -> int:
    return 1 + max(label.count("\n") for label in labels.values())


def build_axis(field: str, labels: Iterable[str], **axis: Any) -> ChartSpec:
    """Build the axis of a dimension, its labels in the order given and all of them there."""
    given = list(labels)
    axis = {"grid": False, "labelAngle": 0} | axis
    return {
        "field": field,
        "type": "ordinal",
        "sort": given,
        "scale": {"domain": given},
        "axis": axis,
    }


def build_rows_axis(field: str, labels: Mapping[Any, str]) -> ChartSpec:
    """Build the axis of a dimension whose values stand one below the other, with room for labels.

    Vega measures letters by the fonts of the server, which may have no Chinese ones.
    """
    widest = max(measure_width(line) for label in labels.values() for line in label.split("\n"))
    return build_axis(field, labels.values(), minExtent=widest * LABEL_SIZE / 2, **BESIDE_ROWS)


def write_texts(field: str, **options: Any) -> ChartSpec:
    """Build a layer of texts; `x`, `y` and `color` are encoded, all else is of the mark."""
    encoded = {name: options.pop(name) for name in ("x", "y", "color") if name in options}
    return {
        "mark": {"type": "text", "aria": False, "baseline": "middle", **options},
        "encoding": {"text": {"field": field}, **encoded},
    }
