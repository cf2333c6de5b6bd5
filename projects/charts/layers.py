"""What the drawings share: labels, axes, texts and colours, in Vega-Lite."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from projects.charts.table import Cell, Dimension, Table, Value, width, wrapped
from projects.charts.theme import LABEL_SIZE, Theme

Spec = dict[str, Any]
Datum = dict[str, Any]

LINE_HEIGHT = 16
DWARFING = 2  # times the largest known bar: what is unknown is then drawn shortened
SHORTENED = 1.25  # times the largest known bar, then
# SVG does not move down for a line without any character, and Vega drops spaces.
EMPTY_LINE = "\N{ZERO WIDTH SPACE}\n"
# Labels of ours may have several lines; the expression holds nothing of theirs.
LINES: Spec = {"labelExpr": "split(datum.value, '\\n')", "labelLineHeight": LINE_HEIGHT}
# Vega hangs the lines of a label from its first one. In lines half as high, begun one line higher,
# one line is the second of them, and two lines are the first and the third.
BESIDE_ROWS = LINES | {
    "labelLineHeight": LINE_HEIGHT / 2,
    "labelOffset": -LINE_HEIGHT / 2,
}
LINK: Spec = {"href": {"field": "href"}, "description": {"field": "description"}}
AMOUNT: Spec = {"field": "amount", "type": "quantitative", "stack": None}
OWN_COLOUR: Spec = {"field": "colour", "type": "nominal", "scale": None}
OWN_INK: Spec = {"field": "ink", "type": "nominal", "scale": None}


def datum(table: Table, cell: Cell, said: str = "") -> Datum:
    """What is drawn of a cell; `said` is what screen readers hear it called."""
    said = said or ", ".join(value.label for value in cell.values)
    made: Datum = {
        "amount": table.unit.of(cell.amount),
        "text": table.unit.text(cell.amount),
        "href": cell.url,
        "description": f"{said}: {table.unit.named(cell.amount)}",
    }
    if table.is_compared:
        made["change"] = changed(cell.change)
    if cell.change is not None:
        said = _("%(change)s on the year before") % {"change": made["change"]}
        made["description"] += f" ({said})"
    return made


def changed(percent: float | None) -> str:
    """A change as it is written: `+12%`, `+1.5%`; nothing where none is known."""
    if percent is None:
        return ""
    decimals = 0 if abs(percent) >= 10 else 1
    return f"{percent:+,.{decimals}f}%".replace("-", "\N{MINUS SIGN}")


def bar_sizes(table: Table) -> dict[Value, float]:
    """How large each bar is: of a period, with all its series where they add up."""
    at = next((at for at, dimension in enumerate(table.dimensions) if dimension.is_time), 0)
    sizes: dict[Value, float] = {}
    for cell in table.cells:
        size, value = table.unit.of(cell.amount), cell.values[at]
        before = sizes.get(value, 0)
        sizes[value] = before + size if table.is_additive else max(before, size)
    return sizes


def shortening(table: Table) -> dict[Value, float]:
    """By how much bars of the unknown and of the rest are shortened, where they dwarf the others.

    Drawn to scale they would leave nothing to be seen of what is known.
    """
    sizes = bar_sizes(table)
    most = max((size for value, size in sizes.items() if value.kind == "known"), default=0)
    return {
        value: SHORTENED * most / size
        for value, size in sizes.items()
        if value.kind != "known" and size > DWARFING * most > 0
    }


def cuts(
    table: Table, labels: Mapping[Value, str], theme: Theme, axis: str, step: int
) -> list[Spec]:
    """Two lines through each bar that is shortened.

    `axis` is the one along which bars run, `step` the room that each has across it.
    """
    sizes = bar_sizes(table)
    places = [
        {"label": labels[value], "cut": sizes[value] * factor * part}
        for value, factor in shortening(table).items()
        for part in (0.488, 0.512)
    ]
    if not places:
        return []
    orient = "vertical" if axis == "x" else "horizontal"
    mark = {"type": "tick", "orient": orient, "thickness": 3, "size": step, "aria": False}
    layer = {
        "data": {"values": places},
        "mark": mark | {"color": theme.background},
        "encoding": {axis: {"field": "cut", "type": "quantitative"}},
    }
    return [layer]


def labels_of(dimension: Dimension, columns: int, lines: int) -> dict[Value, str]:
    """How each value is written, cut and broken to fit; no two alike."""
    labels: dict[Value, str] = {}
    for value in dimension.values:
        label = wrapped(value.label, columns, lines)
        while label in labels.values():
            label += "\N{ZERO WIDTH SPACE}"
        labels[value] = label
    return labels


def row_labels(dimension: Dimension) -> dict[Value, str]:
    """Labels of one or two lines, in half lines: see BESIDE_ROWS."""
    return {
        value: label.replace("\n", f"\n{EMPTY_LINE}") if "\n" in label else EMPTY_LINE + label
        for value, label in labels_of(dimension, columns=40, lines=2).items()
    }


def column_labels(dimension: Dimension) -> dict[Value, str]:
    """Labels of up to three lines; all of as many, the first ones empty, to stand on one line."""
    labels = labels_of(dimension, columns=14, lines=3)
    lines = most_lines(labels)
    return {
        value: EMPTY_LINE * (lines - 1 - label.count("\n")) + label
        for value, label in labels.items()
    }


def most_lines(labels: Mapping[Value, str]) -> int:
    """How many lines the longest of the labels has."""
    return 1 + max(label.count("\n") for label in labels.values())


def places(field: str, labels: Iterable[str], **axis: Any) -> Spec:
    """The axis of a dimension, its labels in the order given and all of them there."""
    given = list(labels)
    axis = {"grid": False, "labelAngle": 0} | axis
    return {
        "field": field,
        "type": "ordinal",
        "sort": given,
        "scale": {"domain": given},
        "axis": axis,
    }


def rows_axis(field: str, labels: Mapping[Value, str]) -> Spec:
    """The axis of a dimension whose values stand one below the other, with room for their labels.

    Vega measures letters by the fonts of the server, which may have no Chinese ones.
    """
    widest = max(width(line) for label in labels.values() for line in label.split("\n"))
    return places(field, labels.values(), minExtent=widest * LABEL_SIZE / 2, **BESIDE_ROWS)


def text_layer(field: str, **options: Any) -> Spec:
    """A layer of texts; `x`, `y` and `color` are encoded, all else is of the mark."""
    encoded = {name: options.pop(name) for name in ("x", "y", "color") if name in options}
    return {
        "mark": {"type": "text", "aria": False, "baseline": "middle", **options},
        "encoding": {"text": {"field": field}, **encoded},
    }


def colour_of(value: Value, theme: Theme) -> str:
    return {"unknown": theme.unknown, "other": theme.other}.get(value.kind, theme.accent)
