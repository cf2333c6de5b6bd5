"""The page of projects: which, by what they have in common, as a table, charts or tiles."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.asking import RefusedError
from pages.addresses import change_query, join_address, narrow_list
from pages.lists.list_blocks import (
    BESIDE_CONDITIONS,
    FormField,
    build_list_form,
    build_summary_block,
    list_chips,
)
from pages.parts.blocks import (
    WITH_POINTS,
    Block,
    PageCell,
    PageTable,
    build_tools,
    call_api,
    call_totals,
    count_cell,
    draw_picture,
    fill_table,
    list_neighbours,
    name_cell,
)
from pages.parts.rows import name_conditions, tabulate_projects
from pages.parts.summary_tables import choose_parts
from pages.views import PageView
from projects.dimensions.dimensions import DIMENSIONS, period_of

FACETS = (
    *("origin_group", "origin_province", "park", "sector_section", "stage", "signed_year"),
    *("size_band", "investment_basis", "standing"),
)
_WAYS = ("view", "ordering")
_CHARTS = ("stage", "signed_year", "origin_group", "sector_section", "size_band", "park")
_SHOWN = {
    "table": gettext_lazy("Table"),
    "charts": gettext_lazy("Charts"),
    "tiles": gettext_lazy("Map of tiles"),
}
_ORDERS = (
    ("", gettext_lazy("by code")),
    ("-investment_cny", gettext_lazy("largest investment first")),
    ("-signed_on", gettext_lazy("last signed first")),
    ("signed_on", gettext_lazy("first signed first")),
    ("-updated_at", gettext_lazy("last changed first")),
)
_FIELDS = (
    FormField("q", gettext_lazy("Words")),
    FormField("origin", gettext_lazy("Origin"), gettext_lazy("Zhejiang, yrd")),
    FormField("sector", gettext_lazy("Sector"), gettext_lazy("C39, ic")),
    FormField("investment_min", gettext_lazy("Investment from"), gettext_lazy("100 million")),
    FormField("investment_max", gettext_lazy("Investment up to"), gettext_lazy("1 billion")),
    FormField("signed_from", gettext_lazy("Signed from"), "2023"),
    FormField("signed_to", gettext_lazy("Signed up to"), "2024-06"),
    FormField("ordering", gettext_lazy("Order"), choices=_ORDERS),
)


class ProjectListView(PageView):
    """The page at /projects."""

    template_name = "pages/projects.html"
    section = "projects"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        view = self.query.get("view", "table")
        asked = change_query(self.query, view=None)
        narrowed = asked.copy()
        for name in BESIDE_CONDITIONS:
            narrowed.pop(name, None)
        if "cursor" in self.query:
            asked["cursor"] = str(self.query["cursor"])
        total = self.ask("projects/summary", narrowed)
        found = self.ask("projects/facets", {**narrowed.dict(), "facets": ",".join(FACETS)})
        parts = {
            "table": self.build_list,
            "charts": self.build_charts,
            "tiles": self.build_tiles,
        }
        blocks = parts.get(view, self.build_list)(narrowed if view != "table" else asked)
        names = {**found["facets"], **name_conditions(self.ask, self.query)}
        return {
            **self.build_form(),
            "chips": list_chips(self.request.path, self.query, names),
            "sums": build_sums(total),
            "totals": call_totals(self.request, narrowed),
            "facets": self.list_facets(found["facets"]),
            "views": self.list_views(view),
            "blocks": blocks,
        }

    def build_refused(self, refusal: RefusedError) -> Mapping[str, Any]:
        return {**self.build_form(), "chips": list_chips(self.request.path, self.query, {})}

    def build_form(self) -> dict[str, Any]:
        """Build the head of the page: its title and its form."""
        form = build_list_form(self.request.path, self.query, _FIELDS)
        return {"title": _("Projects"), "form": form}

    def list_views(self, shown: str) -> list[dict[str, Any]]:
        """List the ways of showing the same projects."""
        return [
            {
                "label": label,
                "href": join_address(
                    self.request.path, change_query(self.query, view=None if is_first else view)
                ),
                "is_shown": view == shown,
            }
            for view, label in _SHOWN.items()
            for is_first in [view == "table"]
        ]

    def list_facets(self, facets: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
        """List what the projects have in common, each value with its list."""
        return [
            {
                "label": DIMENSIONS[name].label,
                "is_open": name in self.query or place == 0,
                "values": [
                    (name_value(value), count_cell(value["count"], self.keep_ways(value)))
                    for value in facets[name]
                ],
            }
            for place, name in enumerate(FACETS)
            if facets.get(name)
        ]

    def keep_ways(self, value: Mapping[str, Any]) -> str:
        """Give the URL of the list of a value, shown and ordered as this one is."""
        kept = {name: str(self.query[name]) for name in _WAYS if name in self.query}
        return narrow_list(value["list_url"], **kept)

    def build_list(self, asked: Any) -> list[Block]:
        """Build the table of a page of the list."""
        page = self.ask("projects", asked)
        files = change_query(asked, cursor=None, limit=None)
        return [
            Block(
                _("List of projects"),
                tabulate_projects(page["results"]),
                tools=build_tools("projects", files, WITH_POINTS),
                call=call_api(self.request, "projects", asked),
                more=list_neighbours(page),
            )
        ]

    def build_charts(self, asked: Any) -> list[Block]:
        """Build a table with bars for each of a few dimensions."""
        return [self.build_summary(asked, name) for name in _CHARTS]

    def build_tiles(self, asked: Any) -> list[Block]:
        """Build the map of tiles of where projects come from, and its table."""
        question = {**asked.dict(), "group_by": "origin_province"}
        block = self.build_summary(asked, "origin_province")
        picture = draw_picture(
            self.request, "projects/summary", {**question, "chart": "tiles"}, "tiles"
        )
        return [replace(block, picture=picture)]

    def build_summary(self, asked: Any, dimension: str) -> Block:
        """Build the table of a summary by one dimension; a share would be that of each period."""
        is_time = period_of(DIMENSIONS[dimension]) is not None
        measures = "count,investment_cny" if is_time else "count,share,investment_cny"
        question = {**asked.dict(), "group_by": dimension, "measures": measures}
        answer = self.ask("projects/summary", question)
        label = str(DIMENSIONS[dimension].label)
        title = _("Projects by %(dimension)s") % {"dimension": label}
        return build_summary_block(self, answer, title, label, dimension, question)


def build_sums(answer: Mapping[str, Any]) -> PageTable:
    """Build what the projects of a list add up to: count, amounts by basis, missing ones."""
    return fill_table(_("What these projects add up to"), choose_parts(answer), [answer["total"]])


def name_value(value: Mapping[str, Any]) -> PageCell:
    """Make a cell of what a facet's value is called: what is unknown has no name."""
    return name_cell(value) if value["value"] is not None else PageCell(_("unknown"))
