"""The colours of bars within pages: a thing has that of the API's pictures."""

from collections.abc import Mapping, Sequence
from typing import Any

from projects.charts.colours import choose_colours
from projects.charts.table import ChartDimension, ChartValue, read_value_code, read_value_kind
from projects.charts.theme import LIGHT


def name_colours(dimension: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the class of the stylesheet that colours the bar of each row, as charts would.

    `series-1` and so on are the colours of a theme by their place; `grey` is what is no thing.
    """
    read = [row[dimension] for row in rows]
    values = [ChartValue(read_value_code(each), "", read_value_kind(each)) for each in read]
    colours = choose_colours(ChartDimension(dimension, "", values), LIGHT)
    classes = {colour: f"series-{place}" for place, colour in enumerate(LIGHT.series)}
    return [classes.get(colours[value], "grey") for value in values]
