"""The page of a region: what is said of it, what comes from there, and what goes there."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from parks.models import Region
from projects.pages.language import find_other_name, label_word, say_name
from projects.pages.lists.list_blocks import (
    build_claim_block,
    build_project_block,
    build_row_block,
    build_summary_block,
)
from projects.pages.parts.blocks import Block, PageCell, call_api, count_cell, text_cell
from projects.pages.parts.row_names import RowNames
from projects.pages.views import PageView

_MEASURES = "count,investment_cny"


class RegionPageView(PageView):
    """The page at /regions/{code}."""

    template_name = "pages/record.html"
    section = "figures"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        code = kwargs["code"]
        region = self.ask(f"regions/{code}", self.query)
        code = region["code"]
        from_here, to_here = {"origin": code}, {"park_region": code}
        leaving, coming = self.sum_up(from_here), self.sum_up(to_here)
        return {
            "title": say_name(region),
            "other_name": text_cell(find_other_name(region)),
            "facts": [*self.list_region_facts(region), *list_ways(leaving, coming)],
            "page": Block("", call=call_api(self.request, f"regions/{code}", self.query)),
            "first": self.build_claims(code),
            "summaries": self.build_ways(from_here, leaving, to_here, coming),
            "blocks": self.build_rows(code, from_here, leaving),
        }

    def sum_up(self, filters: Mapping[str, str]) -> Mapping[str, Any]:
        """Ask how many projects there are, and for how much."""
        total: Mapping[str, Any] = self.ask("projects/summary", filters)["total"]
        return total

    def list_region_facts(self, region: Mapping[str, Any]) -> list[tuple[str, PageCell]]:
        """List what is known of a region, each with its label; what is unknown is left out."""
        names = RowNames(self.ask, [region], {"parent": "regions"})
        facts = [
            (_("Part of"), names.link_row(region, "parent")),
            (_("Level"), PageCell(label_word(Region.Level, region["level"]))),
            (_("Code"), PageCell(region["code"])),
        ]
        return [(label, cell) for label, cell in facts if cell.text]

    def build_claims(self, code: str) -> list[Block]:
        """Build the table of what is said of the region and of what lies in it, if anything."""
        block = build_claim_block(self, _("What is said of it"), {"region": code})
        return [block] if block.table and block.table.rows else []

    def build_ways(
        self,
        from_here: Mapping[str, str],
        leaving: Mapping[str, Any],
        to_here: Mapping[str, str],
        coming: Mapping[str, Any],
    ) -> list[Block]:
        """Build where projects from here go to, and from where those come that go here."""
        ways = []
        if leaving["count"]:
            ways += [
                (from_here, "park_province", _("Where its projects go"), _("Province"), "to"),
                (from_here, "stage", _("How far those from here are"), _("Stage"), "from-stages"),
            ]
        if coming["count"]:
            ways += [
                (to_here, "origin_group", _("From where projects come here"), _("Origin"), "from"),
                (to_here, "stage", _("How far those here are"), _("Stage"), "stages"),
            ]
        return [
            build_summary_block(
                self,
                self.ask(
                    "projects/summary", {**filters, "group_by": dimension, "measures": _MEASURES}
                ),
                title,
                head,
                anchor,
            )
            for filters, dimension, title, head, anchor in ways
        ]

    def build_rows(
        self, code: str, from_here: Mapping[str, str], leaving: Mapping[str, Any]
    ) -> list[Block]:
        """Build the tables of parks and events there, and of projects from there."""
        blocks = [
            build_row_block(self, "parks", _("Parks there"), {"region": code}),
            build_row_block(self, "events", _("Signing events there"), {"region": code}),
        ]
        if leaving["count"]:
            title = _("Projects from there, the largest first")
            blocks.append(build_project_block(self, title, from_here))
        return [block for block in blocks if block.table and block.table.rows]


def list_ways(leaving: Mapping[str, Any], coming: Mapping[str, Any]) -> list[tuple[str, PageCell]]:
    """List how many projects come from a region, and how many go there."""
    return [
        (_("Projects from there"), count_cell(leaving["count"], leaving["list_url"])),
        (_("Projects there"), count_cell(coming["count"], coming["list_url"])),
    ]
