"""The page of projects: which, by what they have in common, as a table or charts."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy

from pages.addresses import change_query, join_address, narrow_list
from pages.lists.record_lists import (
    BESIDE_CONDITIONS,
    PARK_FIELD,
    FormField,
    ListedRow,
    RecordListView,
    TableListView,
)
from pages.parts import blocks
from pages.parts.claims import complete_amounts
from pages.parts.rows import RowNames, tabulate_projects
from pages.parts.summary_tables import draw_flows, label_flows, tabulate_total
from projects.dimensions.dimensions import DIMENSIONS, period_of
from sheets.writing.columns import Column

FACETS = (
    *("origin_group", "origin_province", "park", "sector_section", "stage", "signed_year"),
    *("size_band", "investment_basis", "standing"),
)
_WAYS = ("view", "ordering")
_CHARTS = (
    *("stage", "signed_year", "origin_group", "origin_province", "sector_section", "size_band"),
    "park",
)
_SHOWN = {"table": gettext_lazy("Table"), "charts": gettext_lazy("Charts")}
_FIELDS = (
    FormField("q", gettext_lazy("Keywords")),
    FormField("origin", gettext_lazy("Origin"), gettext_lazy("Zhejiang, yrd")),
    FormField("sector", gettext_lazy("Sector"), gettext_lazy("C39, ic")),
    FormField("investment_min", gettext_lazy("Investment from"), gettext_lazy("100 million")),
    FormField("investment_max", gettext_lazy("Investment up to"), gettext_lazy("1 billion")),
    FormField("signed_from", gettext_lazy("Signed from"), "2023"),
    FormField("signed_to", gettext_lazy("Signed up to"), "2024-06"),
)


class ProjectListView(RecordListView):
    template_name = "pages/projects.html"
    section = "projects"
    resource = "projects"
    ordering = "-investment_cny"
    heading = gettext_lazy("Projects")
    lead = ""
    fields = _FIELDS

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
        charts = _CHARTS if view == "charts" else ()
        path, usual = self.request.path, {"table": None}
        return {
            **self.build_form(),
            "sums": tabulate_total(total, _("What these projects add up to")),
            "totals": self.build_block("projects/summary", narrowed, None, "totals"),
            "facets": self.list_facets(found["facets"]),
            "views": [
                (
                    label,
                    join_address(path, change_query(self.query, view=usual.get(name, name))),
                    name == view,
                )
                for name, label in _SHOWN.items()
            ]
            + [
                (_("Funnel"), join_address("/funnel", change_query(narrowed, funnel=None)), False),
                (_("Dispatch sheet"), join_address("/dispatch", narrowed), False),
            ],
            "blocks": [self.build_dimension(narrowed, name) for name in charts]
            or [self.build_list(asked)],
        }

    def list_facets(self, facets: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
        """List the facets, each value with its list in the same view and order."""
        kept = {name: str(self.query[name]) for name in _WAYS if name in self.query}
        return [
            {
                "label": DIMENSIONS[name].label,
                "is_open": name in self.query or place == 0,
                "values": [
                    (
                        blocks.PageCell(_("unknown"))
                        if value["value"] is None and not value["name_en"]
                        else blocks.name_cell(value),
                        blocks.count_cell(value["count"], narrow_list(value["list_url"], **kept)),
                    )
                    for value in facets[name]
                ],
            }
            for place, name in enumerate(FACETS)
            if facets.get(name)
        ]

    def build_list(self, asked: Any) -> blocks.Block:
        asked.setdefault("ordering", self.ordering)
        page = self.ask("projects", asked)
        rows = complete_amounts(self.ask, page["results"])
        title, table = _("List of projects"), self.link_orders(tabulate_projects(rows))
        more = blocks.list_neighbours(page)
        return self.build_block(
            "projects", asked, table, endings=blocks.WITH_POINTS, title=title, more=more
        )

    def build_dimension(self, asked: Any, dimension: str) -> blocks.Block:
        """Build the table of a summary by one dimension; by time it has no share."""
        is_time = period_of(DIMENSIONS[dimension]) is not None
        measures = "count,investment_cny" if is_time else "count,share,investment_cny"
        question = {**asked.dict(), "group_by": dimension, "measures": measures}
        answer = self.ask("projects/summary", question)
        label = str(DIMENSIONS[dimension].label)
        title = _("Projects by %(dimension)s") % {"dimension": label}
        return self.build_summary(answer, title, label, dimension, question)


class FunnelPageView(TableListView):
    """The page at /funnel: stocks and flows of each step between two days."""

    section = "projects"
    resource = "projects/funnel"
    heading = gettext_lazy("Funnel")
    lead = gettext_lazy(
        "How many projects stood at each step, came, went on and were lost between two days."
    )
    shown = "step opening entered undated onward lost unplaced closing revoked median_days"
    fields = (
        PARK_FIELD,
        *_FIELDS[1:3],
        FormField("from", gettext_lazy("From"), "2026"),
        FormField("to", gettext_lazy("Up to"), "2026-06"),
    )

    def ask_page(self, question: QueryDict) -> Mapping[str, Any]:
        answer = self.ask(self.resource, question)
        return {"results": answer["rows"], "previous": None, "next": None}

    def plan_drawing(self, page: Mapping[str, Any], names: RowNames) -> blocks.Picture | None:
        """Plan the picture of what stands at each step, with a choice of the flow."""
        specs = draw_flows(self, self.query, blocks.PICTURE_WIDTHS)
        question = blocks.flatten_query(self.query)
        return blocks.frame_picture(
            self.picture_root, self.resource, question, specs, label_flows()
        )

    def build_column(self, column: Column, names: RowNames) -> blocks.PageColumn:
        if column.name == "step":
            return blocks.PageColumn(capfirst(str(column.label)), make_cell=blocks.name_cell)
        return super().build_column(column, names)

    def make_number(self, name: str, value: Any, row: ListedRow) -> blocks.PageCell:
        """Link what a step counts to its list; days are of those that are known to the day."""
        if name != "median_days":
            return blocks.count_cell(value, row[name]["list_url"])
        known = _("of %(count)s") % {"count": row["days_known"]}
        return blocks.number_cell(blocks.write_measure(name, value), note=known, value=value)
