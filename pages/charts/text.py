"""Texts and links in pictures: which are allowed, and how lines break."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from config.texts import measure_width
from projects.summaries.measures import PER_MU

# No part of XML, or invisible: what a name may not bring into a picture.
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)

_PIECE = re.compile(r"\s+|[\u2e80-\uffff]|[^\s\u2e80-\uffff]+")  # which no line divides


def clean(text: str) -> str:
    """Remove from a text what XML cannot hold, and bidirectional controls."""
    return " ".join(UNPRINTABLE.sub(" ", text).split())


def wrap(text: str, columns: int, lines: int) -> str:
    """Wrap a text in at most so many lines of so many half-width letters, the last cut with ….

    The lines are about as long as each other: a last one with one letter would look lost.
    """
    pieces = [(piece, measure_width(piece)) for piece in _PIECE.findall(text)]
    done = _break_lines(pieces, columns)
    if 1 < len(done) <= lines:
        shorter = range(min(columns, measure_width(text) // len(done)), columns + 1)
        evenly = (_break_lines(pieces, narrower) for narrower in shorter)
        done = next(broken for broken in evenly if len(broken) == len(done))
    kept = done[:lines]
    if len(done) > lines:
        kept[-1] += "…"
    return "\n".join(_cut(line, columns) for line in kept)


def _break_lines(pieces: Sequence[tuple[str, int]], columns: int) -> list[str]:
    """Break pieces of a text, each with its width, into lines."""
    done: list[str] = [""]
    used = 0  # of the last line
    for piece, width in pieces:
        if done[-1].strip() and used + width > columns:
            done, used = [*done, ""], 0
        done[-1] += piece
        used += width
    return [line.strip() for line in done if line.strip()] or [""]


def _cut(line: str, columns: int) -> str:
    if measure_width(line) <= columns + 1:
        return line
    line = line[:columns]  # each letter is at least one wide
    while measure_width(line) > columns - 1:
        line = line[:-1]
    return line + "…"


LINK: dict[str, Any] = {"href": {"field": "href"}, "description": {"field": "description"}}
_WEB_URL = re.compile(r"https?://[^/\s]|/(?![/\\])|\?", re.ASCII | re.IGNORECASE)
# What Vega puts before URLs without a host
_VEGA_BASE = 'xlink:href="https://vega.github.io/vega-datasets/'


def choose_list(row: Mapping[str, Any], measure: str, kind: str) -> str:
    """Choose the URL of the list behind a row's mark; "" where there is none to be linked.

    `measure` is what the mark shows, `kind` the kind of chart: a funnel's marks are of all that
    has reached a stage.
    """
    if kind == "funnel":
        url = row.get("reached_url")
    elif measure == "count_at_least":
        url = row.get("at_least_url")
    elif measure == "planned_cny":
        url = (row.get("cumulative") or row).get("planned_list_url")
    elif measure in PER_MU:
        url = row[f"{measure}_of"]["numerator_list_url"]
    else:
        cumulative = row.get("cumulative") or {}
        url = (cumulative if measure in cumulative else row).get("list_url")
    return url if url and is_safe(url) else ""


def is_safe(url: str) -> bool:
    """Tell whether a URL may become a link: http(s) or relative, nothing invisible in it."""
    return bool(_WEB_URL.match(url)) and not UNPRINTABLE.search(url)


def let_links_work(svg: str) -> str:
    """Restore the URLs of links in Vega's SVG, and let clicks pass through texts."""
    svg = svg.replace(_VEGA_BASE, 'xlink:href="')
    return svg.replace(
        'class="mark-text role-mark', 'pointer-events="none" class="mark-text role-mark'
    )
