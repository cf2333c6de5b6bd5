"""Charts within pages: the API's own pictures, whose marks open pages and follow the theme."""

import re
from collections.abc import Mapping
from html import escape, unescape
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from config.amounts import active_language
from config.api.asking import ask_for_bytes, date_question
from projects.pages.addresses import find_page

_LINK = re.compile(r'(xlink:)?href="([^"]*)"')
_SIZE = re.compile(r'^<svg ([^>]*?)width="\d+" height="\d+"')
_NAMED = re.compile(r'(id="|url\(#)(?=[A-Za-z])')


def draw_picture(
    request: HttpRequest, resource: str, question: Mapping[str, Any], name: str
) -> SafeString:
    """Draw an answer of the API as SVG to stand within a page.

    `name` tells its parts from those of other pictures of the page. What Vega writes is escaped,
    and its links are replaced by those of the pages.
    """
    dated = date_question(resource, question, request.GET.get("as_of"))
    asked = {**dated, "lang": active_language()}
    svg = ask_for_bytes(request, f"{resource}.svg", asked, "image/svg+xml").decode()
    svg = _NAMED.sub(rf"\g<1>{name}-", svg)
    svg = _SIZE.sub(r"<svg \1", svg, count=1)
    return mark_safe(_LINK.sub(_link_page, svg))  # noqa: S308 it is our own drawing


def _link_page(found: re.Match[str]) -> str:
    href = escape(find_page(unescape(found[2])))
    return f'{found[1] or ""}href="{href}"'
