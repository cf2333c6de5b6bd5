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
MOST_SERIES = 7  # in one picture: more colours cannot be told apart


@dataclass(frozen=True)
class Theme:
    """The colours of one variant, as #rrggbb.

    `series` tell categories apart: the first are Okabe and Ito's; readers with any kind of colour
    blindness can tell each two of them apart. `scale` and `greys` each run from little to much.
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


# After the first seven, for both variants: each as far as can be from all others
_FURTHER = [
    *("#9900ff", "#774422", "#00ee99", "#4433bb", "#9966ff", "#991188", "#ee3355"),
    *("#88cc66", "#994400", "#dd11bb", "#8899ff", "#447744", "#005588"),
]
LIGHT = Theme(
    background="#ffffff",
    text="#1c2530",
    muted="#5a6673",
    grid="#e3e7ec",
    accent="#0072b2",
    unknown="#aeb6bf",
    other="#d3d9df",
    absent="#f3f5f7",
    scale=("#dcebf7", "#08519c"),
    greys=("#e4e7eb", "#8b95a0"),
    series=[
        *("#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#f0e442"),
        *_FURTHER,
    ],
)
DARK = Theme(
    background="#14191f",
    text="#e8edf2",
    muted="#9ba8b5",
    grid="#2b343e",
    accent="#4aa3df",
    unknown="#77828d",
    other="#4d5761",
    absent="#1c232b",
    scale=("#1d3850", "#9fd3ff"),
    greys=("#2b333b", "#98a3ae"),
    series=[
        *("#4aa3df", "#e69f00", "#1fb58a", "#e5703a", "#a6dcff", "#d98cb6", "#f0e442"),
        *_FURTHER,
    ],
)


def build_config(theme: Theme) -> dict[str, Any]:
    """Build Vega-Lite's `config`: what all charts share.

    Axes and titles say nothing to screen readers: their sentences would be English, and each mark
    is described in words of ours.
    """
    return {
        "background": theme.background,
        "font": FONTS,
        "padding": 20,
        "view": {"stroke": None},
        "axis": _axis(theme),
        "axisQuantitative": {"labelColor": theme.muted, "labelFontSize": 12, "tickCount": 5},
        "legend": {
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
            "fontSize": 18,
            "fontWeight": "bold",
            "offset": 18,
            "subtitleColor": theme.muted,
            "subtitleFontSize": LABEL_SIZE,
            "subtitleLineHeight": 19,
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

    White where it contrasts by 3.6 at least, else nearly black (WCAG 2's luminance).
    """
    ends = [[int(colour[start : start + 2], 16) for start in (1, 3, 5)] for colour in scale]
    mixed = [round(low + (high - low) * share) for low, high in zip(*ends, strict=True)]
    linear = [((c / 255 + 0.055) / 1.055) ** 2.4 for c in mixed]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    ink = "#ffffff" if 1.05 / (luminance + 0.05) >= 3.6 else "#10151a"
    return "#" + "".join(f"{channel:02x}" for channel in mixed), ink
