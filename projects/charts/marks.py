"""The drawings: what each kind of chart makes of a table, in Vega-Lite.

Everything that comes from the ledger stands in data and domains, never in an expression, so that
no name can be run. Links and descriptions are on the marks; texts beside them are decoration.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.utils.translation import gettext as _

from projects.charts.layers import (
    AMOUNT,
    LINE_HEIGHT,
    LINES,
    LINK,
    OWN_COLOUR,
    OWN_INK,
    Datum,
    Spec,
    bar_sizes,
    colour_of,
    column_labels,
    cuts,
    datum,
    labels_of,
    most_lines,
    places,
    row_labels,
    rows_axis,
    shortening,
    text_layer,
)
from projects.charts.table import Cell, Dimension, Table, Value, width
from projects.charts.theme import Theme, between
from projects.charts.tile_grid import BESIDE, TILES
from projects.lifecycle.words import STAGES, Stage

PLOT_WIDTH = 520  # pixels
NARROW = 40  # a column narrower than this has no number above it
NARROWEST = 8
FEW = 5
MOST_ACROSS = 8  # columns of a table, if it can be turned


def bars(table: Table, theme: Theme) -> Spec:
    """One bar for each value, with the number at its end."""
    (dimension,) = table.dimensions
    labels = row_labels(dimension)
    shorter = shortening(table)
    rows = []
    for cell in table.cells:
        (value,) = cell.values
        row = datum(table, cell) | {"label": labels[value], "colour": colour_of(value, theme)}
        row["amount"] *= shorter.get(value, 1)
        row["text"] += f"  ({row['change']})" if row.get("change") else ""
        rows.append(row)
    ends = [row["amount"] for row in rows]
    step = 42 if any(label.count("\n") > 1 for label in labels.values()) else 32
    return {
        "data": {"values": rows},
        "width": PLOT_WIDTH,
        "height": {"step": step},
        "encoding": {
            "y": rows_axis("label", labels),
            "x": AMOUNT
            | {
                "axis": None,
                "scale": {"nice": False, "domain": [min(0, *ends), max(*ends, 0) or 1]},
            },
        },
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.7}, "cornerRadiusEnd": 2},
                "encoding": {"color": OWN_COLOUR, **LINK},
            },
            *cuts(table, labels, theme, "x", step),
            text_layer("text", align="left", dx=7),
        ],
    }


# --- Columns by time -------------------------------------------------------------------------


def columns(table: Table, theme: Theme) -> Spec:
    """A column for each period, of one colour or of the other dimension's values.

    They are stacked, or side by side where they do not add up.
    """
    at = next(at for at, dimension in enumerate(table.dimensions) if dimension.is_time)
    time = table.dimensions[at]
    step = max(NARROWEST, min(64, 900 // max(1, len(time.values))))
    labels = labels_of(time, columns=max(8, step // 7), lines=2)
    shorter = shortening(table)
    rows = []
    for cell in table.cells:
        row = datum(table, cell) | {"label": labels[cell.values[at]]}
        row["amount"] *= shorter.get(cell.values[at], 1)
        row["colour"] = colour_of(cell.values[at], theme)
        rows.append(row)
    encoding = LINK | {"y": AMOUNT | {"axis": _amounts(table, shorter)}, "color": OWN_COLOUR}
    if len(table.dimensions) > 1:
        encoding |= _series(table, rows, 1 - at, theme)
        encoding["y"] |= {"stack": "zero" if table.is_additive else None}
    if "xOffset" in encoding:
        step = max(step, 14 * len(table.dimensions[1 - at].values))
    above = [_sums(table, at, labels)] if table.is_additive and step >= NARROW else []
    if table.is_compared and above:
        above.append(_changes(rows))
    return {
        "data": {"values": rows},
        "width": {"step": step, "for": "position"},
        "height": 340,
        "encoding": {"x": _periods(time, labels, step)},
        "layer": [
            {"mark": {"type": "bar", "width": {"band": 0.7}}, "encoding": encoding},
            *cuts(table, labels, theme, "y", step),
            *above,
        ],
    }


def _amounts(table: Table, shorter: Mapping[Value, float]) -> Spec:
    """The axis of the columns' heights; a few projects are marked off in whole ones."""
    sizes = bar_sizes(table).items()
    most = max((size * shorter.get(value, 1) for value, size in sizes), default=0)
    if table.measure.kind != "count" or most > FEW:
        return {"grid": True}
    return {"grid": True, "format": "d", "values": [*range(int(most) + 1)]}


def _series(table: Table, rows: list[Datum], at: int, theme: Theme) -> Spec:
    """How columns show a second dimension, whose values the rows are given."""
    series = table.dimensions[at]
    names = labels_of(series, columns=48, lines=1)
    for row, cell in zip(rows, table.cells, strict=True):
        row["series"] = names[cell.values[at]]
        row["place"] = series.values.index(cell.values[at])
    colours = {"color": _legend(names, theme, reverse=table.is_additive)}
    if not table.is_additive:
        return colours | {"xOffset": {"field": "series", "sort": list(names.values())}}
    return colours | {"order": {"field": "place", "type": "quantitative"}}


def _periods(time: Dimension, labels: Mapping[Value, str], step: int) -> Spec:
    """The axis of time, with what is not known apart from it.

    Where columns are narrow, some of the periods have their label, turned.
    """
    known = [labels[value] for value in time.values if value.kind == "known"]
    others = [labels[value] for value in time.values if value.kind != "known"]
    # As wide as a label, so that the last period's does not run into it
    apart = [" " * number for number in range(1, 2 + 24 // step)] if known and others else []
    given = [*known, *apart, *others]
    if step >= NARROW:
        return places("label", given, **LINES)
    shown = known[:: 1 + 24 // step] + others
    return places("label", given, labelAngle=-45, labelAlign="right", values=shown)


def _sums(table: Table, at: int, labels: Mapping[Value, str]) -> Spec:
    """The sum of each column, above it."""
    amounts: dict[Value, list[float | None]] = {}
    for cell in table.cells:
        amounts.setdefault(cell.values[at], []).append(cell.amount)
    shorter = shortening(table)
    rows = [
        {
            "label": labels[value],
            "amount": table.unit.of(amount) * shorter.get(value, 1),
            "text": table.unit.text(amount),
        }
        for value, of_series in amounts.items()
        for amount in [_sum(of_series)]
    ]
    return text_layer("text", dy=-9, y=AMOUNT) | {"data": {"values": rows}}


def _changes(rows: Iterable[Datum]) -> Spec:
    """The change on the year before, above the number of each column."""
    changed = [row for row in rows if row["change"]]
    return text_layer("change", dy=-25, y=AMOUNT) | {"data": {"values": changed}}


def _sum(amounts: Iterable[float | None]) -> float | None:
    """The sum of what is known, None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _legend(names: Mapping[Value, str], theme: Theme, *, reverse: bool) -> Spec:
    """The colours of a dimension's values; in a stack the first is at the bottom."""
    known = iter(theme.series)
    colours = [next(known) if value.kind == "known" else colour_of(value, theme) for value in names]
    turn = -1 if reverse else 1
    scale = {"domain": list(names.values())[::turn], "range": colours[::turn]}
    return {"field": "series", "type": "nominal", "scale": scale}


# --- Heat table ------------------------------------------------------------------------------


def heat(table: Table, theme: Theme) -> Spec:
    """A table of two dimensions, each cell with its number, darker where there is more."""
    down, across = table.dimensions
    first, second = (1, 0) if _is_turned(down, across) else (0, 1)
    rows_of = row_labels(table.dimensions[first])
    columns_of = column_labels(table.dimensions[second])
    room = 8 + LINE_HEIGHT * (most_lines(columns_of) - 1)
    most = _most(table.cells)
    rows = [
        datum(table, cell)
        | {"row": rows_of[cell.values[first]], "column": columns_of[cell.values[second]]}
        | _shade(cell, most, theme)
        for cell in table.cells
    ]
    widest_label = max(width(line) for label in columns_of.values() for line in label.split("\n"))
    widest_number = max(width(row["text"]) for row in rows)
    return {
        "data": {"values": rows},
        "width": {"step": max(56, 8 * widest_number + 14, 7 * widest_label + 14)},
        "height": {"step": 38},
        "encoding": {
            "y": rows_axis("row", rows_of),
            "x": places("column", columns_of.values(), orient="top", labelPadding=room, **LINES),
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": theme.background, "strokeWidth": 2},
                "encoding": {"color": OWN_COLOUR, **LINK},
            },
            text_layer("text", color=OWN_INK, dy=-7 if table.is_compared else 0),
            *(
                [text_layer("change", color=OWN_INK, dy=9, fontSize=11)]
                if table.is_compared
                else []
            ),
        ],
    }


def _is_turned(down: Dimension, across: Dimension) -> bool:
    """Whether a table is better turned: time runs from left to right, a long list downwards."""
    if down.is_time or across.is_time:
        return down.is_time and not across.is_time
    return len(across.values) > max(MOST_ACROSS, len(down.values))


def _most(cells: Iterable[Cell]) -> float:
    """The largest amount of the cells that stand for something known; 0 without any."""
    return max((cell.amount or 0 for cell in cells if _is_known(cell)), default=0)


def _is_known(cell: Cell) -> bool:
    return all(value.kind == "known" for value in cell.values)


def _shade(cell: Cell, most: float, theme: Theme) -> Datum:
    """Darker with the square root of the amount: a few large ones leave the others a shade.

    What is unknown or the rest is shaded in greys, as it is no place of its own.
    """
    share = min(1, (cell.amount or 0) / most) ** 0.5 if most else 0
    colour, ink = between(theme.scale if _is_known(cell) else theme.greys, share)
    return {"colour": colour, "ink": ink}


# --- Funnel ----------------------------------------------------------------------------------


def funnel(table: Table, theme: Theme) -> Spec:
    """For each stage what has reached it or gone further; its link lists just that."""
    (dimension,) = table.dimensions
    dimension = replace(dimension, values=sorted(dimension.values, key=_place_of_stage))
    labels = row_labels(dimension)
    reached = list(_reached(table))
    most = reached[0].amount or 0
    rows = []
    for cell in reached:
        (value,) = cell.values
        is_known = value.kind == "known"
        half = table.unit.of(cell.amount) / 2
        share = f"{(cell.amount or 0) / most:.0%}" if is_known and most else ""
        row = {"label": labels[value], "colour": colour_of(value, theme), "share": share}
        said = _("%(stage)s or further") % {"stage": value.label} if is_known else value.label
        rows.append(datum(table, cell, said) | row | {"from": -half, "to": half})
    most_drawn = max(row["to"] for row in rows) or 1
    domain = {"domain": [-most_drawn, most_drawn], "nice": False}
    return {
        "data": {"values": rows},
        "width": PLOT_WIDTH - 120,
        "height": {"step": 40},
        "encoding": {"y": rows_axis("label", labels)},
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.82}, "cornerRadius": 2},
                "encoding": {
                    "x": {"field": "from", "type": "quantitative", "axis": None, "scale": domain},
                    "x2": {"field": "to"},
                    "color": OWN_COLOUR,
                    **LINK,
                },
            },
            text_layer("text", align="right", fontWeight="bold", x={"value": PLOT_WIDTH - 40}),
            text_layer("share", align="right", x={"value": PLOT_WIDTH + 16}, fill=theme.muted),
        ],
    }


def _place_of_stage(value: Value) -> int:
    return STAGES.index(Stage(value.code)) if value.kind == "known" else len(STAGES)


def _reached(table: Table) -> Iterator[Cell]:
    """For each stage the sum of it and the later ones, then what is at no known stage."""
    cells = sorted(table.cells, key=lambda cell: _place_of_stage(cell.values[0]))
    known = [cell for cell in cells if cell.values[0].kind == "known"]
    for number, cell in enumerate(known):
        further = known[number:]
        stages = ",".join(one.values[0].code for one in further)
        amount = _sum(one.amount for one in further)
        yield Cell(cell.values, amount, _list_of(cell.url, stages))
    yield from (cell for cell in cells if cell.values[0].kind != "known")


def _list_of(address: str, stages: str) -> str:
    """The address of the list of one stage, made to list several."""
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "stage"]
    return parts._replace(query=urlencode([*query, ("stage", stages)])).geturl() if address else ""


# --- Province tiles --------------------------------------------------------------------------


def tiles(table: Table, theme: Theme) -> Spec:
    """China's 34 provinces as squares; what is no province stands beside them."""
    cells = {cell.values[0].code: cell for cell in table.cells}
    most = _most(table.cells)
    rows = []
    for code, (column, row, name_zh, name_en) in TILES.items():
        name = name_zh if table.language == "zh" else name_en
        drawn: Datum = {"column": column, "row": row, "name": name}
        if code in cells:
            rows.append(datum(table, cells[code]) | drawn | _shade(cells[code], most, theme))
        else:
            colours = {"colour": theme.absent, "ink": theme.muted}
            rows.append(drawn | colours | {"text": "", "href": "", "description": name})
    beside = [cell for code, cell in cells.items() if code not in TILES]
    for (column, row), cell in zip(BESIDE, beside, strict=False):
        drawn = {"column": column, "row": row, "name": cell.values[0].label}
        rows.append(datum(table, cell) | drawn | _shade(cell, most, theme))
    return {
        "data": {"values": rows},
        "width": {"step": 96},
        "height": {"step": 66},
        "encoding": {
            "x": {"field": "column", "type": "ordinal", "axis": None},
            "y": {"field": "row", "type": "ordinal", "axis": None},
        },
        "layer": [
            {
                "mark": {"type": "rect", "cornerRadius": 5}
                | {"stroke": theme.background, "strokeWidth": 4},
                "encoding": {"color": OWN_COLOUR, **LINK},
            },
            text_layer("name", dy=-12, fontSize=12, color=OWN_INK),
            text_layer("text", dy=14, fontWeight="bold", color=OWN_INK),
        ],
    }
