"""Colours, fonts and sizes of the charts, in a light and a dark variant."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# The first that is there is used: on the server (Debian's two packages, see the README), and in
# the browser that shows an SVG (macOS, Windows). Each has Latin letters, too.
FONTS = (
    "Noto Sans CJK SC, WenQuanYi Micro Hei, Source Han Sans SC, PingFang SC, Microsoft YaHei,"
    " WenQuanYi Zen Hei, sans-serif"
)
LABEL_SIZE = 13
USUAL_WIDTH = 640  # pixels of a picture
PADDING = 8  # pixels around it
TITLE_SIZE, SMALL_TITLE_SIZE = 18, 15
LEGEND_WIDTH = 150  # pixels of an entry
SUBTITLE_HEIGHT = 19  # pixels a line
WIDE = 480  # pixels: in less, letters are smaller and labels have more lines
MOST_SERIES = 7  # in one picture: more colours cannot be told apart


@dataclass(frozen=True)
class Theme:
    """The colours of one variant, as #rrggbb.

    `series` tell categories apart, with any kind of colour blindness. What is drawn in them, or in
    `scale` and `greys`, which each run from little to much, contrasts by 3 with the background.
    """

    background: str
    text: str
    muted: str
    grid: str
    accent: str
    unknown: str
    other: str
    absent: str
    scale: tuple[str, str]
    greys: tuple[str, str]
    series: Sequence[str]


LIGHT = Theme(
    background="#ffffff",
    text="#1c2530",
    muted="#5a6673",
    grid="#e3e7ec",
    accent="#0072b2",
    unknown="#8b949d",
    other="#5c6670",
    absent="#f3f5f7",
    scale=("#5a9acb", "#08306b"),
    greys=("#8b949d", "#3f4750"),
    series=[
        *("#0072b2", "#d97706", "#009367", "#b91415", "#7d5ae0", "#ba37b4", "#562501"),
        *("#330099", "#442255", "#9900ff", "#770033", "#bb3344", "#aa8844", "#661188"),
        *("#2233cc", "#8888ee", "#664477", "#006600", "#ff5577", "#6699bb"),
    ],
)
DARK = Theme(
    background="#171d24",
    text="#e8edf2",
    muted="#9ba8b5",
    grid="#2b343e",
    accent="#4aa3df",
    unknown="#77828d",
    other="#a9b3bd",
    absent="#1f2831",
    scale=("#3f6f96", "#9fd3ff"),
    greys=("#6b7680", "#c3ccd4"),
    series=[
        *("#4aa3df", "#e69f00", "#1fb58a", "#e5703a", "#a6dcff", "#d98cb6", "#f0e442"),
        *("#9922ff", "#11ffaa", "#aa5544", "#5566cc", "#ddff88", "#aa55aa", "#77bb66"),
        *("#dd44ff", "#eebb55", "#448800", "#cc3366", "#88eedd", "#ff2200"),
    ],
)


def build_config(theme: Theme, width: int) -> dict[str, Any]:
    """Build Vega-Lite's `config`: what all charts share.

    Axes and titles say nothing to screen readers: their sentences would be English, and each mark
    is described in words of ours.
    """
    return {
        "background": theme.background,
        "font": FONTS,
        "padding": PADDING,
        "view": {"stroke": None},
        "axis": _axis(theme),
        "axisQuantitative": {"labelColor": theme.muted, "labelFontSize": 12, "tickCount": 5},
        "legend": {
            "orient": "bottom",
            "columns": max(1, width // LEGEND_WIDTH),
            "aria": False,
            "labelColor": theme.text,
            "labelFontSize": LABEL_SIZE,
            "labelLimit": 0,
            "symbolSize": 160,
            "symbolType": "square",
            "symbolStrokeWidth": 0,
            "title": None,
        },
        "text": {"color": theme.text, "fontSize": LABEL_SIZE},
        "title": {
            "aria": False,
            "anchor": "start",
            "frame": "bounds",
            "color": theme.text,
            "fontSize": TITLE_SIZE if width >= WIDE else SMALL_TITLE_SIZE,
            "fontWeight": "bold",
            "offset": 18,
            "subtitleColor": theme.muted,
            "subtitleFontSize": LABEL_SIZE,
            "subtitleLineHeight": SUBTITLE_HEIGHT,
            "subtitlePadding": 7,
        },
    }


def _axis(theme: Theme) -> dict[str, Any]:
    return {
        "aria": False,
        "domain": False,
        "ticks": False,
        "gridColor": theme.grid,
        "labelColor": theme.text,
        "labelFontSize": LABEL_SIZE,
        "labelLimit": 0,  # they are cut by us; Vega would measure each of them again
        "labelPadding": 8,
        "title": None,
    }


def mix_colours(scale: tuple[str, str], share: float) -> tuple[str, str]:
    """Mix the colour at a share (0 to 1) of a scale, and choose one of text legible on it.

    White or black, whichever contrasts more, and so by 4.5 at least (WCAG 2's luminance).
    """
    ends = [[int(colour[start : start + 2], 16) for start in (1, 3, 5)] for colour in scale]
    mixed = [round(low + (high - low) * share) for low, high in zip(*ends, strict=True)]
    linear = [((c / 255 + 0.055) / 1.055) ** 2.4 for c in mixed]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    ink = "#ffffff" if 1.05 / (luminance + 0.05) >= 4.5 else "#000000"
    return "#" + "".join(f"{channel:02x}" for channel in mixed), ink
