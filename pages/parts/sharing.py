"""What every block and page is given to be shared: address, calls, citation, preview of a link."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.utils.translation import gettext as _, pgettext

from api.asking import API_ROOT, has_past
from pages.addresses import date_address, join_address
from pages.language import is_chinese
from pages.parts.blocks import Block, BlockShare, PageCell, PageTable, Picture, Tool

EMBED_ROOT = "/embed"
# What of the API is a chart, and so can be shown on other sites
CHARTED = ("projects/summary", "fundings/summary")
DRAWN = (*CHARTED, "projects/funnel", "targets", "figures")  # for pages
FRAME_SIZE = 720, 460  # pixels
_DATED = ("table", "more", "picture")  # parts of a block that open pages
_OF_API = re.compile(rf"{API_ROOT}/([^?]*)")


def complete_blocks(
    request: HttpRequest, shown: Mapping[str, Any], moment: str | None, is_cited: bool
) -> dict[str, Any]:
    """Copy what a template shows, with the share of each block.

    `moment` is that of which the page is; files, calls and pages that it opens are of the same.
    """
    title = str(shown.get("title", ""))

    def complete(value: Any) -> Any:
        if not isinstance(value, Block):
            return value
        tools = [Tool(tool.text, _date_call(tool.href, moment)) for tool in value.tools]
        call, heading = _date_call(value.call, moment), _date_title(value, moment)
        dated = replace(value, title=heading, tools=tools, call=call)
        return share_block(request, dated, title, is_cited)

    return {
        name: [complete(each) for each in value]
        if isinstance(value, Sequence) and not isinstance(value, str)
        else complete(value)
        for name, value in (date_links(shown, moment) if moment else shown).items()
    }


def date_links(value: Any, moment: str) -> Any:
    """Copy what a template shows with the pages that it opens as they were at a moment.

    The conditions of the page itself stay: without one of them it may be of now.
    """
    if isinstance(value, PageCell | Tool):
        return replace(value, href=date_page(value.href, moment))
    if isinstance(value, PageTable):
        rows = date_links(value.rows, moment)
        return replace(value, rows=rows, total=date_links(value.total, moment))
    if isinstance(value, Block):
        parts = {name: date_links(getattr(value, name), moment) for name in _DATED}
        return replace(value, **parts)
    if isinstance(value, Picture):
        return replace(value, query={**value.query, "as_of": moment})
    if isinstance(value, Mapping):
        dated = {name: date_links(each, moment) for name, each in value.items()}
        if isinstance(value.get("href"), str):
            dated["href"] = date_page(value["href"], moment)
        return dated
    if isinstance(value, list | tuple):
        return type(value)(date_links(each, moment) for each in value)
    return value


def date_page(href: str, moment: str) -> str:
    """Add the moment to the address of a page that can show the past."""
    path = href.partition("?")[0].partition("#")[0]
    if not path.startswith("/") or path.startswith(API_ROOT) or "as_of=" in href:
        return href
    try:
        view = getattr(resolve(path).func, "view_class", None)
    except Resolver404:
        return href
    return date_address(href, moment) if getattr(view, "takes_as_of", False) else href


def list_blocks(shown: Mapping[str, Any]) -> list[Block]:
    """List the blocks of what a template shows, in its order."""
    values = [
        each
        for value in shown.values()
        for each in (value if isinstance(value, list | tuple) else [value])
    ]
    return [value for value in values if isinstance(value, Block)]


def share_block(request: HttpRequest, block: Block, title: str, is_cited: bool) -> Block:
    """Give a block its share links and the HTML that embeds it; `title` is that of its page."""
    anchor = f"#{block.anchor}" if block.anchor else ""
    address = f"{request.get_full_path()}{anchor}"
    cite = join_address("/cite", {"of": address}) if is_cited else ""
    share = BlockShare(address, write_program(request, block), cite)
    if (picture := block.picture) and picture.resource in CHARTED:
        embed = join_address(f"{EMBED_ROOT}/{picture.resource}", picture.query)
        label = f"{block.title} – {title}" if block.title else title
        frame = write_frame(request.build_absolute_uri(embed), label)
        share = replace(share, embed=embed, frame=frame)
    return replace(block, share=share)


def write_program(request: HttpRequest, block: Block) -> str:
    """Write the line of Python that reads a block; blank if the API has no such resource."""
    for tool in block.tools:
        path, _mark, query = tool.href.partition("?")
        if path.endswith(".csv"):
            asked = QueryDict(query, mutable=True)
            asked.pop("header", None)  # a program wants the names of the API
            return f'pandas.read_csv("{request.build_absolute_uri(join_address(path, asked))}")'
    return f'pandas.read_json("{block.call}", typ="series")' if block.call else ""


def write_frame(url: str, label: str, size: tuple[int, int] = FRAME_SIZE) -> str:
    """Write the HTML of a frame of so many pixels; it is never wider than its page."""
    return format_html(
        '<iframe src="{}" title="{}" width="{}" height="{}" loading="lazy"></iframe>',
        *(url, label, *size),
    )


def _date_call(url: str, moment: str | None) -> str:
    """Add the moment to a URL of the API that can show the past."""
    found = _OF_API.search(url)
    return date_address(url, moment) if moment and found and has_past(found[1]) else url


def _date_title(block: Block, moment: str | None) -> str:
    """Add today to the title of a list without a past, on a page of a moment."""
    found = _OF_API.search(block.call)
    if not (moment and block.title and found) or has_past(found[1]):
        return block.title
    if found[1].startswith("editions"):  # kept as they were closed
        return block.title
    told = {"title": block.title, "day": timezone.localdate()}
    return _("%(title)s, as of %(day)s") % told


_MOST_SAID = 8  # numbers of a description
_LONGEST = 300  # characters


def describe_page(request: HttpRequest, shown: Mapping[str, Any]) -> dict[str, str]:
    """Describe a page by what its template shows; `discovery` is its address at our oEmbed."""
    url = request.build_absolute_uri()
    usual = _("Science parks, and the projects signed or intended there.")
    numbers = [
        _("%(label)s: %(value)s") % {"label": card["label"].text, "value": card["value"]}
        for card in list(shown.get("cards", ()))[:_MOST_SAID]
    ]
    said = pgettext("between sentences", "; ").join(numbers)
    description = str(shown.get("headline") or said or shown.get("lead") or usual)
    chart = find_chart(shown)
    picture = chart.picture if chart else None
    oembed = f"/oembed?{urlencode({'url': url, 'format': 'json'})}"
    return {
        "title": str(shown.get("title", "")),
        "description": Truncator(description).chars(_LONGEST),
        "url": url,
        "locale": "zh_CN" if is_chinese() else "en_US",
        "image": request.build_absolute_uri(picture.png) if picture else "",
        "image_title": picture.title if picture else "",
        "discovery": request.build_absolute_uri(oembed),
    }


def find_chart(shown: Mapping[str, Any], anchor: str = "") -> Block | None:
    """Find the block at an anchor if it is a chart, else the first that is; None without any."""
    charts = [block for block in list_blocks(shown) if block.share and block.share.embed]
    named = [block for block in charts if anchor and block.anchor == anchor]
    return next(iter([*named, *charts]), None)
