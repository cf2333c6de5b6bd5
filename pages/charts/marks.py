"""The drawings in Vega-Lite: marks, their colours, and the grid of provinces."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from zlib import crc32

from django.conf import settings
from django.utils.translation import gettext as _

from config.texts import measure_width
from pages.charts import layers
from pages.charts.table import ChartCell, ChartDimension, ChartTable, ChartValue
from pages.charts.text import LINK, wrap
from pages.charts.theme import WIDE, Theme, mix_colours
from parks.models import HiTech
from projects.models import Funding, Project
from projects.models.words import STAGES, AgreementType, InvestmentBasis, Stage
from sheets.amounts import round_half_up

# What the values of a dimension are, where several dimensions have the same ones
_SAME_THINGS = {
    "origin_group": "region_group",
    "origin_economic_region": "region_group",
    "origin_named_group": "region_group",
    "origin_province": "province",
    "park_province": "province",
}
# Things that are few and known beforehand, each in the order of the colours of a theme
COLOURED: Mapping[str, Sequence[str]] = {
    "stage": STAGES,
    "investment_basis": list(InvestmentBasis),
    "agreement_type": list(reversed(AgreementType)),
    "standing": list(Project.Standing),
    "kind": list(Project.Kind),
    "function": list(Project.Function),
    "site_mode": list(Project.SiteMode),
    "hitech": list(HiTech),
    "funding_kind": list(Funding.Kind),
    "sector_section": "ABCDEFGHIJKLMNOPQRST",
}


def choose_colours(series: ChartDimension, theme: Theme) -> dict[ChartValue, str]:
    """Choose the colour of each of several series: that of the thing, in grey what is none.

    Parks, cities, events and the like are too many to be listed: theirs follows from their code,
    and of two with the same colour in one picture the second takes the next that is free.
    """
    codes = [value.code for value in series.values if value.kind == "known"]
    places = _find_places(series.name, codes, len(theme.series))
    return {
        value: theme.series[places[value.code]]
        if value.code in places
        else _choose_one(value, theme)
        for value in series.values
    }


def _choose_one(value: ChartValue, theme: Theme) -> str:
    """Choose the colour of a value of a single series: one for all that are known."""
    return {"unknown": theme.unknown, "other": theme.other}.get(value.kind, theme.accent)


def _find_places(dimension: str, codes: Sequence[str], colours: int) -> dict[str, int]:
    """Find the place of each code's colour among the colours of a theme."""
    thing = _SAME_THINGS.get(dimension, dimension)
    known = settings.PROFILE.groups if thing == "region_group" else COLOURED.get(thing, ())
    listed = [str(code) for code in known]
    places = {code: listed.index(code) for code in codes if code in listed}
    for code in sorted({*codes} - {*places}):
        place = crc32(f"{thing} {code}".encode()) % colours
        while place in places.values():
            place = (place + 1) % colours
        places[code] = place
    return places


# Where the rows stand that are no province: abroad, other, unknown.
BESIDE = [(0, 0), (1, 0), (2, 0)]


AXIS_WIDTH = 80  # pixels beside columns
NARROW = 40  # a column narrower than this has no number above it
NARROWEST = 8
FEW = 5
MOST_ACROSS = 8  # columns of a table, if it can be turned


def draw_bars(table: ChartTable, theme: Theme) -> layers.ChartSpec:
    """Draw one bar for each value, with the number at its end."""
    (dimension,) = table.dimensions
    labels = layers.label_rows(dimension, table.width)
    shorter = layers.find_shortened(table)
    rows = []
    for cell in table.cells:
        (value,) = cell.values
        row = layers.build_datum(table, cell) | {"label": labels[value]}
        row["colour"] = _choose_one(value, theme)
        row["amount"] *= shorter.get(value, 1)
        row["text"] += f"  ({row['change']})" if row.get("change") else ""
        rows.append(row)
    ends = [row["amount"] for row in rows]
    step = 42 if any(label.count("\n") > 1 for label in labels.values()) else 32
    return {
        "data": {"values": rows},
        "width": table.width,
        "height": {"step": step},
        "encoding": {
            "y": layers.build_rows_axis("label", labels),
            "x": layers.AMOUNT_AXIS
            | {
                "axis": None,
                "scale": {"nice": False, "domain": [min(0, *ends), max(*ends, 0) or 1]},
            },
        },
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.7}, "cornerRadiusEnd": 2},
                "encoding": {"color": layers.OWN_COLOUR, **LINK},
            },
            *layers.draw_cuts(table, labels, theme, "x", step),
            layers.write_texts("text", align="left", dx=7),
        ],
    }


def draw_columns(table: ChartTable, theme: Theme) -> layers.ChartSpec:
    """Draw a column for each period, of one colour or of the other dimension's values.

    They are stacked, or side by side where they do not add up.
    """
    at = next(at for at, dimension in enumerate(table.dimensions) if dimension.is_time)
    time = table.dimensions[at]
    room = table.width - AXIS_WIDTH
    step = max(NARROWEST, min(64, room // max(1, len(time.values))))
    labels = layers.label_values(time, columns=max(8, step // 7), lines=2)
    shorter = layers.find_shortened(table)
    rows = []
    for cell in table.cells:
        row = layers.build_datum(table, cell) | {"label": labels[cell.values[at]]}
        row["amount"] *= shorter.get(cell.values[at], 1)
        row["colour"] = _choose_one(cell.values[at], theme)
        rows.append(row)
    encoding = LINK | {
        "y": layers.AMOUNT_AXIS | {"axis": _build_amount_axis(table, shorter)},
        "color": layers.OWN_COLOUR,
    }
    if len(table.dimensions) > 1:
        encoding |= _encode_series(table, rows, 1 - at, theme)
        encoding["y"] |= {"stack": "zero" if table.is_additive else None}
    if "xOffset" in encoding:
        step = max(step, 14 * len(table.dimensions[1 - at].values))
    above = [_write_sums(table, at, labels)] if table.is_additive and step >= NARROW else []
    if table.is_compared and above:
        above.append(_write_changes(rows))
    return {
        "data": {"values": rows},
        "width": {"step": step, "for": "position"},
        "height": 240,
        "encoding": {"x": _build_time_axis(time, labels, step, room)},
        "layer": [
            {"mark": {"type": "bar", "width": {"band": 0.7}}, "encoding": encoding},
            *layers.draw_cuts(table, labels, theme, "y", step),
            *above,
        ],
    }


def _build_amount_axis(table: ChartTable, shorter: Mapping[ChartValue, float]) -> layers.ChartSpec:
    """Build the axis of the columns' heights; a few projects are marked off in whole ones."""
    sizes = layers.measure_bars(table).items()
    most = max((size * shorter.get(value, 1) for value, size in sizes), default=0)
    if table.measure.kind != "count" or most > FEW:
        return {"grid": True}
    return {"grid": True, "format": "d", "values": [*range(int(most) + 1)]}


def _encode_series(
    table: ChartTable, rows: list[layers.Datum], at: int, theme: Theme
) -> layers.ChartSpec:
    """Encode a second dimension in columns; the rows are given its values."""
    series = table.dimensions[at]
    names = layers.label_values(series, columns=48, lines=1)
    for row, cell in zip(rows, table.cells, strict=True):
        row["series"] = names[cell.values[at]]
        row["place"] = series.values.index(cell.values[at])
    colours = [choose_colours(series, theme)[value] for value in names]
    turn = -1 if table.is_additive else 1  # in a stack the first is at the bottom
    scale = {"domain": list(names.values())[::turn], "range": colours[::turn]}
    legend = {"color": {"field": "series", "type": "nominal", "scale": scale}}
    if not table.is_additive:
        return legend | {"xOffset": {"field": "series", "sort": list(names.values())}}
    return legend | {"order": {"field": "place", "type": "quantitative"}}


def _build_time_axis(
    time: ChartDimension, labels: Mapping[ChartValue, str], step: int, room: int
) -> layers.ChartSpec:
    """Build the axis of time, with what is not known apart from it.

    Where columns are narrow, some of the periods have their label, turned. Columns stand at the
    left of a wider `room`, in pixels.
    """
    known = [labels[value] for value in time.values if value.kind == "known"]
    others = [labels[value] for value in time.values if value.kind != "known"]
    # As wide as a label, so that the last period's does not run into it
    apart = [" " * number for number in range(1, 2 + 24 // step)] if known and others else []
    given = [*known, *apart, *others]
    shown = known[:: 1 + 24 // step] + others
    turned = {"labelAngle": -45, "labelAlign": "right", "values": shown}
    axis = layers.build_axis("label", given, **(layers.LINES if step >= NARROW else turned))
    if room > step * len(given):
        axis["scale"] |= {"align": 0, "paddingOuter": (room / step - len(given)) / 2}
    return axis


def _write_sums(table: ChartTable, at: int, labels: Mapping[ChartValue, str]) -> layers.ChartSpec:
    amounts: dict[ChartValue, list[float | None]] = {}
    for cell in table.cells:
        amounts.setdefault(cell.values[at], []).append(cell.amount)
    shorter = layers.find_shortened(table)
    rows = [
        {
            "label": labels[value],
            "amount": table.unit.convert(amount) * shorter.get(value, 1),
            "text": table.unit.write(amount),
        }
        for value, of_series in amounts.items()
        for amount in [_add_up(of_series)]
    ]
    return layers.write_texts("text", dy=-9, y=layers.AMOUNT_AXIS) | {"data": {"values": rows}}


def _write_changes(rows: Iterable[layers.Datum]) -> layers.ChartSpec:
    changed = [row for row in rows if row["change"]]
    return layers.write_texts("change", dy=-25, y=layers.AMOUNT_AXIS) | {
        "data": {"values": changed}
    }


def _add_up(amounts: Iterable[float | None]) -> float | None:
    """Add up what is known; None where nothing is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def draw_heat(table: ChartTable, theme: Theme) -> layers.ChartSpec:
    """Draw a table of two dimensions, each cell with its number, darker where there is more."""
    down, across = table.dimensions
    first, second = (1, 0) if _is_turned(down, across) else (0, 1)
    rows_of = layers.label_rows(table.dimensions[first], table.width)
    columns_of = layers.label_columns(table.dimensions[second])
    room = 8 + layers.LINE_HEIGHT * (layers.count_lines(columns_of) - 1)
    rows = [
        layers.build_datum(table, cell)
        | {"row": rows_of[cell.values[first]], "column": columns_of[cell.values[second]]}
        | shade
        for cell, shade in zip(table.cells, _choose_shades(table.cells, theme), strict=True)
    ]
    labels = "\n".join(columns_of.values()).split("\n")
    widest_label = max(measure_width(label) for label in labels)
    widest_number = max(measure_width(row["text"]) for row in rows)
    changes = layers.write_texts("change", color=layers.OWN_INK, dy=9, fontSize=11)
    return {
        "data": {"values": rows},
        "width": {"step": max(56, 8 * widest_number + 14, 7 * widest_label + 14)},
        "height": {"step": 38},
        "encoding": {
            "y": layers.build_rows_axis("row", rows_of),
            "x": layers.build_axis(
                "column", columns_of.values(), orient="top", labelPadding=room, **layers.LINES
            ),
        },
        "layer": [
            {
                "mark": {"type": "rect", "stroke": theme.background, "strokeWidth": 2},
                "encoding": {"color": layers.OWN_COLOUR, **LINK},
            },
            layers.write_texts("text", color=layers.OWN_INK, dy=-7 if table.is_compared else 0),
            *([changes] if table.is_compared else []),
        ],
    }


def _is_turned(down: ChartDimension, across: ChartDimension) -> bool:
    """Whether a table is better turned: time runs from left to right, a long list downwards."""
    if down.is_time or across.is_time:
        return down.is_time and not across.is_time
    return len(across.values) > max(MOST_ACROSS, len(down.values))


def _choose_shades(cells: Iterable[ChartCell], theme: Theme) -> Iterator[layers.Datum]:
    """Choose shades, darker with the square root of the amount: large ones leave others a shade.

    What is unknown or the rest is shaded in greys, as it is no place of its own.
    """
    drawn = [(cell.amount or 0, all(v.kind == "known" for v in cell.values)) for cell in cells]
    most = max((amount for amount, is_known in drawn if is_known), default=0)
    for amount, is_known in drawn:
        share = min(1, amount / most) ** 0.5 if most else 0
        colour, ink = mix_colours(theme.scale if is_known else theme.greys, share)
        yield {"colour": colour, "ink": ink}


def draw_funnel(table: ChartTable, theme: Theme) -> layers.ChartSpec:
    """Draw for each stage what has reached it or gone further; its link lists just that."""
    (dimension,) = table.dimensions
    dimension = replace(dimension, values=sorted(dimension.values, key=_place_of_stage))
    labels = layers.label_rows(dimension, table.width)
    reached = list(_add_up_reached(table))
    most = reached[0].amount or 0
    rows = []
    for cell in reached:
        (value,) = cell.values
        is_known = value.kind == "known"
        half = table.unit.convert(cell.amount) / 2
        part = 100 * (cell.amount or 0)
        share = f"{round_half_up(part / most, 0)}%" if is_known and most else ""
        row = {"label": labels[value], "colour": _choose_one(value, theme), "share": share}
        said = _("%(stage)s or further") % {"stage": value.label} if is_known else value.label
        rows.append(layers.build_datum(table, cell, said) | row | {"from": -half, "to": half})
    most_drawn = max(row["to"] for row in rows) or 1
    domain = {"domain": [-most_drawn, most_drawn], "nice": False}
    return {
        "data": {"values": rows},
        "width": table.width,
        "height": {"step": 40},
        "encoding": {"y": layers.build_rows_axis("label", labels)},
        "layer": [
            {
                "mark": {"type": "bar", "height": {"band": 0.82}, "cornerRadius": 2},
                "encoding": {
                    "x": {"field": "from", "type": "quantitative", "axis": None, "scale": domain},
                    "x2": {"field": "to"},
                    "color": layers.OWN_COLOUR,
                    **LINK,
                },
            },
            layers.write_texts("text", align="right", fontWeight="bold", x=_place_beside(70)),
            layers.write_texts("share", align="right", x=_place_beside(115), fill=theme.muted),
        ],
    }


def _place_beside(pixels: int) -> layers.ChartSpec:
    """Place a text so far to the right of the plot."""
    return {"value": {"expr": f"width + {pixels}"}}


def _place_of_stage(value: ChartValue) -> int:
    return STAGES.index(Stage(value.code)) if value.kind == "known" else len(STAGES)


def _add_up_reached(table: ChartTable) -> Iterator[ChartCell]:
    """Add up each stage and the later ones; then come what is at no known stage."""
    cells = sorted(table.cells, key=lambda cell: _place_of_stage(cell.values[0]))
    known = [cell for cell in cells if cell.values[0].kind == "known"]
    for number, cell in enumerate(known):
        yield replace(cell, amount=_add_up(one.amount for one in known[number:]))
    yield from (cell for cell in cells if cell.values[0].kind != "known")


def draw_tiles(table: ChartTable, theme: Theme) -> layers.ChartSpec:
    """Draw the provinces of the profile as squares; what is none of them stands beside them."""
    known = {
        cell.values[0].code: layers.build_datum(table, cell)
        | {"name": cell.values[0].label}
        | shade
        for cell, shade in zip(table.cells, _choose_shades(table.cells, theme), strict=True)
    }
    absent = {"colour": theme.absent, "ink": theme.muted, "text": "", "href": ""}
    is_wide = table.width >= WIDE
    rows = [*_draw_shades(table, theme)]
    for code, (column, row, name_zh, name_en) in settings.PROFILE.tiles.items():
        name = name_zh if table.language == "zh" else name_en
        drawn = known.pop(code, {**absent, "description": name})
        lines = name if is_wide else wrap(name, 12, 2)
        rows.append(drawn | {"column": column, "row": row, "name": lines})
    for (column, row), drawn in zip(BESIDE, known.values(), strict=False):
        rows.append(drawn | {"column": column, "row": row})
    small = {"fontSize": 12} if is_wide else {"fontSize": 8, "lineBreak": "\n", "lineHeight": 10}
    return {
        "data": {"values": rows},
        "width": 7 * 96,
        "height": 8 * (66 if is_wide else 54),
        "encoding": {
            "x": {"field": "column", "type": "ordinal", "axis": None},
            "y": {"field": "row", "type": "ordinal", "axis": None},
        },
        "layer": [
            {
                "mark": {"type": "rect", "cornerRadius": 5}
                | {"stroke": theme.background, "strokeWidth": 4},
                "encoding": {"color": layers.OWN_COLOUR, **LINK},
            },
            layers.write_texts("name", dy=-12, color=layers.OWN_INK, **small),
            layers.write_texts("text", dy=14, fontWeight="bold", color=layers.OWN_INK),
        ],
    }


def _draw_shades(table: ChartTable, theme: Theme) -> Iterator[layers.Datum]:
    """Draw the legend of the tiles: how dark few, some and the most are."""
    known = [cell.amount or 0 for cell in table.cells if cell.values[0].kind == "known"]
    highest = max(known, default=0)
    middle = round(highest / 4) if table.measure.kind == "count" else highest / 4
    for column, amount in enumerate(dict.fromkeys((0, middle, highest)) if highest else ()):
        colour, ink = mix_colours(theme.scale, (amount / highest) ** 0.5)
        text = table.unit.write(amount)
        drawn = {"colour": colour, "ink": ink, "text": text, "name": _("Legend"), "href": ""}
        yield drawn | {"description": text, "column": column + 3, "row": 0}


LONGEST_GAP = 550  # days between two points that a line joins
LETTER = 7  # pixels of a half-width one


def draw_series(points: Sequence[layers.Datum], theme: Theme, width: int) -> layers.ChartSpec:
    """Draw dated points, earlier first; what holds no more is hollow.

    A line joins those that hold, unless much time lies between. A label stands where it has room.
    """
    rows, run, last, free = list[layers.Datum](), 0, date.max, 0.0
    first, *_days, end = (date.fromisoformat(point["day"]) for point in points)
    pixels = (width - AXIS_WIDTH) / max(1, (end - first).days)
    for point in points:
        day = date.fromisoformat(point["day"])
        place = pixels * (day - first).days
        row = point | {"fill": theme.background, "run": "", "label": ""}
        if not point["is_past"]:
            run += (day - last).days > LONGEST_GAP
            row, last = row | {"fill": theme.accent, "run": f"line {run}"}, day
        if place >= free:
            row["label"], free = point["text"], place + LETTER * measure_width(point["text"])
        rows.append(row)
    year = {"format": "%Y", "tickCount": "year", "grid": False}
    x = {"field": "day", "type": "temporal", "scale": {"padding": 30}, "axis": year}
    line = {"type": "line", "color": theme.accent, "aria": False}
    mark = {"type": "point", "size": 90, "opacity": 1, "color": theme.accent}
    fill = {"fill": {"field": "fill", "scale": None}}
    return {
        "data": {"values": rows},
        "width": width,
        "height": 240,
        "encoding": {"x": x, "y": layers.AMOUNT_AXIS | {"axis": {"grid": True}}},
        "layer": [
            {
                "transform": [{"filter": "datum.run"}],
                "mark": line,
                "encoding": {"detail": {"field": "run"}},
            },
            {"mark": mark, "encoding": fill | LINK},
            layers.write_texts("label", dy=-14),
        ],
    }
