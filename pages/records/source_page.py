"""The page of a source: who published it, and all that the ledger has from it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from pages.addresses import LIST_PAGES
from pages.language import label_word
from pages.lists.list_blocks import build_claim_block, build_project_block, build_row_block
from pages.parts.blocks import (
    Block,
    PageCell,
    PageColumn,
    PageTable,
    call_api,
    count_cell,
    day_cell,
    number_cell,
    text_cell,
    write_count,
)
from pages.views import PageView
from parks.models import Source

ShownSource = Mapping[str, Any]
_SHOWN_APART = ("figures", "projects")


class SourcePageView(PageView):
    """The page at /sources/{code}."""

    template_name = "pages/record.html"
    section = "about"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        code = kwargs["code"]
        source = self.ask(f"sources/{code}", self.query)
        cited = source["cited_by"]
        call_cited = call_api(self.request, f"sources/{code}", {"fields": "cited_by"})
        return {
            "title": source["title"] or source["code"],
            "facts": list_source_facts(source),
            "page": Block("", call=call_api(self.request, f"sources/{code}", self.query)),
            "first": [replace(tabulate_cited(cited), call=call_cited)],
            "blocks": self.build_cited({"source": source["code"]}, cited),
        }

    def build_cited(self, question: Mapping[str, str], cited: Mapping[str, Any]) -> list[Block]:
        """Build the tables of all that rests on the source; empty ones are left out."""
        is_cited = {name for name, rows in cited.items() if rows["count"]}
        blocks = []
        if "figures" in is_cited:
            title = _("What it says in numbers")
            blocks.append(build_claim_block(self, title, question, {"source"}))
        if "projects" in is_cited:
            title = _("Projects that rest on it")
            blocks.append(build_project_block(self, title, question))
        others = {name: label for name, label in list_kinds().items() if name not in _SHOWN_APART}
        return blocks + [
            build_row_block(self, name, label, question)
            for name, label in others.items()
            if name in is_cited
        ]


def list_kinds() -> dict[str, str]:
    """List the kinds of rows that rest on a source, each with what it is called."""
    return {
        "figures": _("Figures"),
        "projects": _("Projects"),
        "events": _("Signing events"),
        "parks": _("Parks"),
        "timeline": _("Timeline"),
        "people": _("People"),
        "organisations": _("Organisations"),
    }


def tabulate_cited(cited: Mapping[str, Any]) -> Block:
    """Build the block of how much of the ledger rests on a source, each with its list."""
    title = _("What rests on this source")
    columns = [PageColumn(_("List")), PageColumn(_("Entries"), kind="number")]
    rows = [
        [PageCell(label), count_cited(name, cited[name])]
        for name, label in list_kinds().items()
        if cited[name]["count"]
    ]
    return Block(title, PageTable(title, columns, rows), "cited")


def count_cited(name: str, cited: Mapping[str, Any]) -> PageCell:
    """Make a cell of how many rows rest on a source; lists without a page are on this one."""
    if name in LIST_PAGES:
        return count_cell(cited["count"], cited["list_url"])
    return number_cell(write_count(cited["count"]), f"#{name}")


def list_source_facts(source: ShownSource) -> list[tuple[str, PageCell]]:
    """List what is known of a source, each with its label; what is unknown is left out."""
    return [
        (_("Publisher"), text_cell(source["publisher"])),
        (_("Author"), text_cell(source["author"])),
        (_("Published on"), day_cell(source["published_on"])),
        (_("Kind"), PageCell(label_word(Source.Kind, source["kind"]))),
        (_("Address"), PageCell(source["url"], source["url"])),
        (_("What was read"), PageCell(_("a copy") if source["is_copy"] else "")),
        (_("Note"), text_cell(source["note"])),
        (_("Code"), PageCell(source["code"])),
    ]
