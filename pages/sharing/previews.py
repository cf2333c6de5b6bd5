"""What a link to a page shows where it is sent: a title, a few numbers, a picture (Open Graph)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from pages.language import is_chinese
from pages.parts.blocks import Block, PageCell, PageTable
from pages.sharing.sharing import find_picture, list_blocks

_MOST_SAID = 8  # numbers of a description
_LONGEST = 300  # characters
_MOST_ROWS = 4  # of the first table, where a page has no numbers at its head


@dataclass(frozen=True)
class Preview:
    """What a link shows; `discovery` is the address at which oEmbed tells how to embed it."""

    title: str
    description: str
    url: str
    locale: str
    image: str
    image_title: str
    discovery: str


def describe_page(request: HttpRequest, shown: Mapping[str, Any]) -> Preview:
    """Describe a page by what its template shows."""
    url = request.build_absolute_uri()
    chart = find_chart(shown)
    return Preview(
        str(shown.get("title", "")),
        describe_numbers(shown),
        url,
        "zh_CN" if is_chinese() else "en_US",
        find_picture(chart.call) if chart else "",
        chart.title if chart else "",
        request.build_absolute_uri(f"/oembed?{urlencode({'url': url, 'format': 'json'})}"),
    )


def find_chart(shown: Mapping[str, Any], anchor: str = "") -> Block | None:
    """Find the block at an anchor if it is a chart, else the first that is; None without any."""
    charts = [block for block in list_blocks(shown) if block.share and block.share.embed]
    named = [block for block in charts if anchor and block.anchor == anchor]
    return next(iter([*named, *charts]), None)


def describe_numbers(shown: Mapping[str, Any]) -> str:
    """Say the numbers of a page in one line: those at its head, or of its first table."""
    said = list(islice(_list_numbers(shown), _MOST_SAID))
    said = said or [
        str(shown.get("lead") or _("Science parks, and the projects signed or intended there."))
    ]
    separator = pgettext("between sentences", "; ")
    return Truncator(separator.join(part for part in said if part)).chars(_LONGEST)


def _list_numbers(shown: Mapping[str, Any]) -> Iterator[str]:
    if headline := shown.get("headline"):
        yield str(headline)
    for part in shown.get("sentence", ()):
        yield f"{part['words']} {part['value']}"
    sums: PageTable | None = shown.get("sums")
    for column, cell in sums.pairs if sums else ():
        yield _say_pair(column.label, cell, column.unit)
    for label, cell in [*shown.get("amount", ()), *shown.get("facts", ())]:
        if cell.text:
            yield _say_pair(label, cell)
    if not any(name in shown for name in ("headline", "sentence", "sums", "facts")):
        yield from _list_rows(shown)


def _list_rows(shown: Mapping[str, Any]) -> Iterator[str]:
    """List the first numbers of the first table that has some."""
    for block in list_blocks(shown):
        for row in block.table.rows[:_MOST_ROWS] if block.table else ():
            number = next((cell for cell in row[1:] if cell.kind == "number"), None)
            if number:
                yield _say_pair(row[0].text, number)


def _say_pair(label: str, cell: PageCell, unit: str = "") -> str:
    text = f"{cell.text} {unit}".strip()
    return _("%(label)s: %(value)s") % {"label": label, "value": text}
