"""The page of a region or a group: what is said of it, what comes from there and goes there."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from api.asking import RefusedError
from pages.language import find_other_name, label_word, say_name
from pages.lists.list_blocks import (
    build_claim_block,
    build_project_block,
    build_row_block,
    build_summary_block,
)
from pages.parts.blocks import (
    Block,
    PageCell,
    call_api,
    count_cell,
    keep_filled,
    name_cell,
    text_cell,
)
from pages.parts.rows import RowNames
from pages.views import PageView
from parks.models import Region

# Summaries of the projects from a region, and of those there: dimension, title, head, anchor
_LEAVING = (
    ("park_province", gettext_lazy("Where its projects go"), gettext_lazy("Province"), "to"),
    ("stage", gettext_lazy("How far those from here are"), gettext_lazy("Stage"), "from-stages"),
)
_COMING = (
    ("origin_group", gettext_lazy("From where projects come here"), gettext_lazy("Origin"), "from"),
    ("stage", gettext_lazy("How far those here are"), gettext_lazy("Stage"), "stages"),
)


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
        subject = {"region_group" if is_group else "region": code}
        return {
            "title": say_name(region),
            "other_name": text_cell(find_other_name(region)),
            "facts": [
                *facts,
                (_("Projects from there"), count_cell(leaving["count"], leaving["list_url"])),
                (_("Projects there"), count_cell(coming["count"], coming["list_url"])),
            ],
            "page": Block("", call=call_api(self.request, f"{resource}/{code}", self.query)),
            "first": keep_filled([build_claim_block(self, _("What is said of it"), subject)]),
            "summaries": [
                *(self.build_ways(from_here, _LEAVING) if leaving["count"] else []),
                *(self.build_ways(to_here, _COMING) if coming["count"] else []),
            ],
            "blocks": keep_filled(self.build_rows(code, members, leaving["count"] > 0)),
        }

    def find_row(self, code: str) -> tuple[str, Mapping[str, Any]]:
        """Find a region, else a group of regions, by its code; returns its list, too."""
        try:
            return "regions", self.ask(f"regions/{code}", self.query)
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
        return "region-groups", self.ask(f"region-groups/{code}", self.query)

    def sum_up(self, filters: Mapping[str, str]) -> Mapping[str, Any]:
        total: Mapping[str, Any] = self.ask("projects/summary", filters)["total"]
        return total

    def list_region_facts(self, region: Mapping[str, Any]) -> list[tuple[str, PageCell]]:
        names = RowNames(self.ask, [region], {"parent": "regions"})
        return [
            (_("Part of"), names.link_row(region, "parent")),
            (_("Level"), PageCell(label_word(Region.Level, region["level"]))),
            (_("Code"), PageCell(region["code"])),
        ]

    def build_ways(self, filters: Mapping[str, str], ways: Iterable[Sequence[Any]]) -> list[Block]:
        """Build summaries of the projects from here, or of those here."""
        asked = {**filters, "measures": "count,investment_cny"}
        answers = (self.ask("projects/summary", {**asked, "group_by": way[0]}) for way in ways)
        return [
            build_summary_block(self, answer, str(title), str(head), anchor)
            for answer, (_dimension, title, head, anchor) in zip(answers, ways, strict=True)
        ]

    def build_rows(self, code: str, members: Sequence[str], has_projects: bool) -> list[Block]:
        blocks = [
            build_row_block(self, "parks", _("Parks there"), {"region": code}),
            build_row_block(self, "events", _("Signing events there"), {"region": code}),
        ]
        if members:
            question = {"code": ",".join(dict.fromkeys(members))}
            blocks.insert(0, build_row_block(self, "regions", _("Regions in it"), question))
        if has_projects:
            title = _("Projects from there, the largest first")
            blocks.append(build_project_block(self, title, {"origin": code}))
        return blocks


def list_group_facts(group: Mapping[str, Any]) -> list[tuple[str, PageCell]]:
    return [
        (_("Meaning"), name_cell(group, prefix="definition")),
        (_("Also called"), text_cell(pgettext("between names", ", ").join(group["aliases"]))),
        (_("Source"), text_cell(group["source"])),
        (_("Code"), PageCell(group["code"])),
    ]
