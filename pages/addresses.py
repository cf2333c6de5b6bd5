"""From the API's addresses to those of the pages that show the same."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode

from api.asking import API_ROOT

# Lists of the API with a page of their own, and those of them whose rows have one, too
LIST_PAGES = {
    *("projects", "parks", "figures", "events", "compare", "attention", "fundings"),
    *("sources", "organisations", "regions", "sectors", "people", "timeline"),
    *("lights", "obstacles", "plan-moves", "progress", "plans", "results", "targets", "editions"),
}
ROW_PAGES = {*("projects", "parks", "events", "sources", "organisations", "regions"), "editions"}
# Rows that are shown where others are, or by what belongs to them: how the addresses begin.
# Groups have codes that no region or sector has.
_SHOWN_AT = {
    "region-groups": "/regions/",
    **dict.fromkeys(("sectors", "sector-groups"), "/projects?sector="),
    "people": "/figures?said_by=",
}
_ELSEWHERE = {"/parks/compare": "/compare", "/projects/funnel": "/funnel"}
_LIST = re.compile(r"/([a-z-]+)")
_ROW = re.compile(r"/([a-z-]+)/([A-Za-z0-9_-]+)(?:/overview)?")
# What a page asks for itself
_OF_THE_API = ("limit", "fields", "expand", "count")


@lru_cache(maxsize=10_000)  # a page has hundreds of numbers
def find_page(url: str) -> str:
    """Find the address (from / on) of the page that shows what the API answers at a URL.

    The URL itself where there is no page of it.
    """
    parts = urlsplit(url)
    script, api, below = parts.path.partition(API_ROOT)
    page = _find_path(below) if api else ""
    if not page:
        return url
    query = QueryDict(parts.query, mutable=True)
    for name in _OF_THE_API:
        query.pop(name, None)
    return join_address(f"{script}{page}", query)


def find_row_page(resource: str, code: str | None) -> str:
    """Return the address of the page of a row; blank without a row or a page."""
    beginning = _SHOWN_AT.get(resource, f"/{resource}/" if resource in ROW_PAGES else "")
    return f"{beginning}{code}" if beginning and code else ""


def find_page_of_row(url: str) -> str:
    """Return the address of the page for the row that a URL of the API addresses."""
    _site, _api, below = urlsplit(url).path.partition(f"{API_ROOT}/")
    resource, code = below.split("/")[:2]
    return find_row_page(resource, code)


def _find_path(below: str) -> str:
    """Return the path of the page for a path of the API; blank if there is none."""
    if below in _ELSEWHERE:
        return _ELSEWHERE[below]
    if found := _LIST.fullmatch(below):
        return below if found[1] in LIST_PAGES else ""
    found = _ROW.fullmatch(below)
    return find_row_page(found[1], found[2]) if found else ""


def read_query(request: HttpRequest) -> QueryDict:
    """Read the query of a page without the empty fields of its form."""
    query = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if given := [value for value in values if value.strip()]:
            query.setlist(name, given)
    return query


def change_query(query: QueryDict, **changes: str | None) -> QueryDict:
    """Copy a query with some parameters changed or removed, and without the cursor."""
    changed = query.copy()
    changed.pop("cursor", None)
    for name, value in changes.items():
        if value is None:
            changed.pop(name, None)
        else:
            changed[name] = value
    return changed


@lru_cache(maxsize=10_000)
def narrow_list(url: str, **filters: str | None) -> str:
    """Add filters to the URL of an API list; None removes a filter."""
    address, _mark, query = url.partition("?")
    return join_address(address, change_query(QueryDict(query), **filters))


def date_address(url: str, moment: str | None) -> str:
    """Add `as_of` to an address, if a moment is given."""
    if not moment:
        return url
    address, mark, anchor = url.partition("#")
    path, _mark, query = address.partition("?")
    changed = QueryDict(query, mutable=True)
    changed["as_of"] = moment
    return f"{join_address(path, changed)}{mark}{anchor}"


def join_address(path: str, query: Mapping[str, Any]) -> str:
    """Join a path and a query, with commas and colons unescaped."""
    text = urlencode(query, doseq=True).replace("%2C", ",").replace("%3A", ":")
    return f"{path}?{text}" if text else path
