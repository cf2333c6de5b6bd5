"""The page of a region or a group: what is said of it, what comes from there and goes there."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from api.asking import RefusedError
from pages.language import find_other_name, label_word, say_name
from pages.lists.list_blocks import (
    build_claim_block,
    build_project_block,
    build_row_block,
    build_summary_block,
)
from pages.parts.blocks import Block, PageCell, call_api, count_cell, name_cell, text_cell
from pages.parts.rows import RowNames
from pages.views import PageView
from parks.models import Region

_MEASURES = "count,investment_cny"


class RegionPageView(PageView):
    """The page at /regions/{code}, of a region or a group of regions."""

    template_name = "pages/record.html"
    section = "figures"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        resource, region = self.find_row(kwargs["code"])
        code = region["code"]
        from_here, to_here = {"origin": code}, {"park_region": code}
        leaving, coming = self.sum_up(from_here), self.sum_up(to_here)
        is_group = resource == "region-groups"
        facts = list_group_facts(region) if is_group else self.list_region_facts(region)
        members = [member["region"] for member in region["members"]] if is_group else []
        return {
            "title": say_name(region),
            "other_name": text_cell(find_other_name(region)),
            "facts": [
                *facts,
                (_("Projects from there"), count_cell(leaving["count"], leaving["list_url"])),
                (_("Projects there"), count_cell(coming["count"], coming["list_url"])),
            ],
            "page": Block("", call=call_api(self.request, f"{resource}/{code}", self.query)),
            "first": self.build_claims({"region_group" if is_group else "region": code}),
            "summaries": self.build_ways(from_here, leaving, to_here, coming),
            "blocks": self.build_rows(code, from_here, leaving, members),
        }

    def find_row(self, code: str) -> tuple[str, Mapping[str, Any]]:
        """Find a region by its code or, where there is none, a group of regions; and its list."""
        try:
            return "regions", self.ask(f"regions/{code}", self.query)
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
        return "region-groups", self.ask(f"region-groups/{code}", self.query)

    def sum_up(self, filters: Mapping[str, str]) -> Mapping[str, Any]:
        """Ask how many projects there are, and for how much."""
        total: Mapping[str, Any] = self.ask("projects/summary", filters)["total"]
        return total

    def list_region_facts(self, region: Mapping[str, Any]) -> list[tuple[str, PageCell]]:
        """List what is known of a region, each with its label; what is unknown is left out."""
        names = RowNames(self.ask, [region], {"parent": "regions"})
        return [
            (_("Part of"), names.link_row(region, "parent")),
            (_("Level"), PageCell(label_word(Region.Level, region["level"]))),
            (_("Code"), PageCell(region["code"])),
        ]

    def build_claims(self, question: Mapping[str, str]) -> list[Block]:
        """Build the table of what is said of the region and of what lies in it, if anything."""
        block = build_claim_block(self, _("What is said of it"), question)
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
        self,
        code: str,
        from_here: Mapping[str, str],
        leaving: Mapping[str, Any],
        members: Sequence[str],
    ) -> list[Block]:
        """Build the tables of members, parks and events there, and projects from there."""
        blocks = [
            *build_member_blocks(self, members),
            build_row_block(self, "parks", _("Parks there"), {"region": code}),
            build_row_block(self, "events", _("Signing events there"), {"region": code}),
        ]
        if leaving["count"]:
            title = _("Projects from there, the largest first")
            blocks.append(build_project_block(self, title, from_here))
        return [block for block in blocks if block.table and block.table.rows]


def build_member_blocks(page: PageView, members: Sequence[str]) -> list[Block]:
    """Build the table of the regions of a group."""
    title = _("Regions in it")
    question = {"code": ",".join(dict.fromkeys(members))}
    return [build_row_block(page, "regions", title, question)] if members else []


def list_group_facts(group: Mapping[str, Any]) -> list[tuple[str, PageCell]]:
    """List what is known of a group of regions, each with its label."""
    return [
        (_("Meaning"), name_cell(group, prefix="definition")),
        (_("Also called"), text_cell(pgettext("between names", ", ").join(group["aliases"]))),
        (_("Source"), text_cell(group["source"])),
        (_("Code"), PageCell(group["code"])),
    ]
