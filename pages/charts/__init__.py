"""Pictures of summaries: a Vega-Lite spec of a summary, drawn on the server as SVG or PNG."""

from pages.charts.drawing import CannotDraw, NoChineseFont, to_png, to_svg
from pages.charts.spec import (
    CHART_KINDS,
    CHART_LANGUAGES,
    build_chart_spec,
    default_kind,
    fitting_kinds,
)

__all__ = [
    "CHART_KINDS",
    "CHART_LANGUAGES",
    "CannotDraw",
    "NoChineseFont",
    "build_chart_spec",
    "default_kind",
    "fitting_kinds",
    "to_png",
    "to_svg",
]
