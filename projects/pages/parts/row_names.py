"""Names of what rows and questions name by codes alone: asked of the lists of the API."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from config.api.patterns import PUBLIC_CODE
from projects.pages.addresses import find_row_page
from projects.pages.language import say_name
from projects.pages.parts.blocks import PageCell, PageColumn, text_cell

NamedBy = Mapping[str, str]  # fields that hold codes, each with the list of the API that has them
AskList = Callable[[str, Mapping[str, Any]], Any]

SUBJECT_LISTS: NamedBy = {
    "park": "parks",
    "region": "regions",
    "region_group": "region-groups",
    "organisation": "organisations",
    "project": "projects",
    "event": "events",
}
PART_LISTS: NamedBy = {
    "origin": "regions",
    "origin_group": "region-groups",
    "sector": "sectors",
    "sector_group": "sector-groups",
    "place": "regions",
}
# Filters that take codes, each with the lists of the API that have them
CONDITION_LISTS: Mapping[str, tuple[str, ...]] = {
    "origin": ("region-groups", "regions"),
    "park_region": ("region-groups", "regions"),
    "region": ("region-groups", "regions"),
    "sector": ("sector-groups", "sectors"),
    "park": ("parks",),
    "event": ("events",),
    "organisation": ("organisations",),
    "project": ("projects",),
}


class RowNames:
    """The rows that others name by code, by the list and the code."""

    def __init__(self, ask: AskList, rows: Iterable[Mapping[str, Any]], lists: NamedBy) -> None:
        self.lists = lists
        codes: dict[str, set[str]] = {}
        for row in rows:
            for name, resource in lists.items():
                if row.get(name):
                    codes.setdefault(resource, set()).add(row[name])
        self.found = {
            (resource, row["code"]): row
            for resource, wanted in codes.items()
            for row in ask_by_codes(ask, resource, sorted(wanted))
        }

    def get_row(self, row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """Get what a field of a row names: its code and names; the code alone if unreadable."""
        code = row.get(name) or ""
        return self.found.get((self.lists[name], code), {"code": code})

    def link_row(self, row: Mapping[str, Any], name: str) -> PageCell:
        """Make a cell of what a field of a row names, which opens its page; blank for nothing."""
        named = self.get_row(row, name)
        page = find_row_page(self.lists[name], row.get(name))
        return text_cell(named.get("title") or say_name(named), page)

    def link_column(self, label: str, name: str) -> PageColumn:
        """Build the column of what a field of the rows names."""
        return PageColumn(label, make_cell=lambda row: self.link_row(row, name))


def ask_by_codes(ask: AskList, resource: str, codes: list[str]) -> list[Mapping[str, Any]]:
    """Ask a list for the names of the rows with these codes, at most a page of them."""
    fields = "code,title" if resource == "sources" else "code,name_zh,name_en"
    question = {"code": ",".join(codes), "fields": fields, "limit": len(codes)}
    rows: list[Mapping[str, Any]] = ask(resource, question)["results"]
    return rows


def name_conditions(ask: AskList, query: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Name the codes that the filters of a question give, as facets name their values."""
    named = {}
    for name in query:
        words = [word.strip() for word in str(query[name]).split(",")]
        codes = [word for word in words if re.fullmatch(PUBLIC_CODE, word)]
        lists = CONDITION_LISTS.get(name.removesuffix("_not"), ()) if codes else ()
        rows = [row for resource in lists for row in ask_by_codes(ask, resource, codes)]
        if rows:
            named[name] = [{"value": row["code"], **row} for row in rows]
    return named
