"""The page of a source: who published it, and all that the ledger has from it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pages.language import label_word, say_name
from pages.lists.list_blocks import build_claim_block, build_project_block, build_row_block
from pages.parts.blocks import (
    Block,
    PageCell,
    PageColumn,
    PageTable,
    call_api,
    count_cell,
    day_cell,
    text_cell,
)
from pages.views import PageView
from parks.models import Source

_KINDS = {
    "figures": gettext_lazy("Figures"),
    "projects": gettext_lazy("Projects"),
    "events": gettext_lazy("Signing events"),
    "parks": gettext_lazy("Parks"),
    "timeline": gettext_lazy("Timeline"),
    "people": gettext_lazy("People"),
    "organisations": gettext_lazy("Organisations"),
}


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
            "title": say_name(source),
            "facts": [
                (_("Publisher"), text_cell(source["publisher"])),
                (_("Author"), text_cell(source["author"])),
                (_("Published on"), day_cell(source["published_on"])),
                (_("Kind"), PageCell(label_word(Source.Kind, source["kind"]))),
                (_("Address"), PageCell(source["url"], source["url"])),
                (_("What was read"), PageCell(_("a copy") if source["is_copy"] else "")),
                (_("Note"), text_cell(source["note"])),
                (_("Code"), PageCell(source["code"])),
            ],
            "page": Block("", call=call_api(self.request, f"sources/{code}", self.query)),
            "first": [tabulate_cited(cited, call_cited)],
            "blocks": self.build_cited({"source": source["code"]}, cited),
        }

    def build_cited(self, question: Mapping[str, str], cited: Mapping[str, Any]) -> list[Block]:
        """Build the tables of the records from this source; empty ones are left out."""
        blocks = []
        for name, label in _KINDS.items():
            if not cited[name]["count"]:
                continue
            if name == "figures":
                title = _("What it says in numbers")
                blocks.append(build_claim_block(self, title, question, {"source"}))
            elif name == "projects":
                blocks.append(build_project_block(self, _("Projects that rest on it"), question))
            else:
                blocks.append(build_row_block(self, name, str(label), question))
        return blocks


def tabulate_cited(cited: Mapping[str, Any], call: str) -> Block:
    """Build the block that counts the records from a source, each kind with its list."""
    title = _("What rests on this source")
    columns = [PageColumn(_("List")), PageColumn(_("Entries"), kind="number")]
    rows = [
        [PageCell(str(label)), count_cell(cited[name]["count"], cited[name]["list_url"])]
        for name, label in _KINDS.items()
        if cited[name]["count"]
    ]
    return Block(title, PageTable(title, columns, rows), "cited", call=call)
