"""A mark's link: which list it opens, what may be a link, and how specs and SVGs carry it."""

import re
from collections.abc import Mapping
from typing import Any

from projects.charts.text import UNPRINTABLE
from projects.summaries.measures import PER_MU

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
    """Give the links of Vega's SVG their own URLs, and the clicks on what lies above them."""
    svg = svg.replace(_VEGA_BASE, 'xlink:href="')
    return svg.replace(
        'class="mark-text role-mark', 'pointer-events="none" class="mark-text role-mark'
    )
