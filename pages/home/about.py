"""The page of what the ledger holds: what its words mean, which sources it has, whose they are."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from api.asking import API_ROOT
from pages.addresses import find_page
from pages.discovery import describe_ledger
from pages.lists.project_list import FunnelPageView
from pages.lists.record_lists import RECORD_PAGES, RecordListView
from pages.lists.work_pages import TABLE_PAGES
from pages.parts import blocks
from pages.views import PageView
from projects.lifecycle.rates import RATES

_ALL = {"limit": "500"}
# What a summary is asked for, so that it says what all of its words mean
_EVERYTHING = {
    "counts_in_totals": "true",
    "group_by": "size_band",
    "measures": "count,count_at_least,investment_cny,paid_in_cny",
}
# In no bar
_LISTS: Sequence[type[RecordListView]] = (*RECORD_PAGES, FunnelPageView, *TABLE_PAGES)


class AboutView(PageView):
    template_name = "pages/about.html"
    section = "about"
    takes_as_of = False

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        return {
            "title": _("About the data"),
            "dataset": describe_ledger(self.request),
            "meanings": blocks.list_definitions(self.ask("projects/summary", _EVERYTHING)),
            "rates": [(rate.label, rate.meaning) for rate in RATES.values()],
            "lists": [
                blocks.Tool(str(page.heading), find_page(f"{API_ROOT}/{page.resource}"))
                for page in _LISTS
                if not page.is_for_roles
            ],
            "blocks": [
                self.build_terms("indicators", _("Indicators of figures"), _("Indicator")),
                self.build_terms("region-groups", _("Groups of regions"), _("Group")),
                self.build_terms("tags", _("Tags of projects and organisations"), _("Tag")),
            ],
        }

    def build_terms(self, resource: str, title: str, head: str) -> blocks.Block:
        columns = [
            blocks.name_column(head, resource),
            blocks.PageColumn(
                _("Meaning"), make_cell=lambda row: blocks.name_cell(row, prefix="definition")
            ),
            blocks.text_column(_("Source"), "source", "publisher"),
        ]
        table = blocks.fill_known_columns(title, columns, self.ask(resource, _ALL)["results"])
        return self.build_block(resource, {}, table, resource)
