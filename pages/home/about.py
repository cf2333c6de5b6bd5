"""The page of what the ledger holds: what its words mean, which sources it has, whose they are."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pages.discovery import describe_ledger
from pages.parts.blocks import (
    Block,
    PageColumn,
    Tool,
    fill_known_columns,
    list_definitions,
    name_cell,
    name_column,
    text_column,
)
from pages.views import PageView
from projects.lifecycle.rates import RATES

_ALL = {"limit": "500"}
# What a summary is asked for, so that it says what all of its words mean
_EVERYTHING = {
    "counts_in_totals": "true",
    "group_by": "size_band",
    "measures": "count,count_at_least,investment_cny,paid_in_cny",
}
# Lists that are in no bar
_LISTS = (
    (gettext_lazy("Sources"), "/sources"),
    (gettext_lazy("Organisations"), "/organisations"),
    (gettext_lazy("People"), "/people"),
    (gettext_lazy("Timeline"), "/timeline"),
    (gettext_lazy("Regions"), "/regions"),
    (gettext_lazy("Sectors"), "/sectors"),
    (gettext_lazy("Funds received"), "/fundings"),
    (gettext_lazy("Funnel"), "/funnel"),
    (gettext_lazy("Targets"), "/targets"),
    (gettext_lazy("Promised and actual results"), "/results"),
    (gettext_lazy("Editions"), "/editions"),
)


class AboutView(PageView):
    """The page at /about."""

    template_name = "pages/about.html"
    section = "about"
    takes_as_of = False

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        return {
            "title": _("About the data"),
            "dataset": describe_ledger(self.request),
            "meanings": list_definitions(self.ask("projects/summary", _EVERYTHING)),
            "rates": [(rate.label, rate.meaning) for rate in RATES.values()],
            "lists": [Tool(str(label), href) for label, href in _LISTS],
            "blocks": [
                self.build_terms("indicators", _("Indicators of figures"), _("Indicator")),
                self.build_terms("region-groups", _("Groups of regions"), _("Group")),
                self.build_terms("tags", _("Tags of projects and organisations"), _("Tag")),
            ],
        }

    def build_terms(self, resource: str, title: str, head: str) -> Block:
        columns = [
            name_column(head, resource),
            PageColumn(_("Meaning"), make_cell=lambda row: name_cell(row, prefix="definition")),
            text_column(_("Source"), "source", "publisher"),
        ]
        table = fill_known_columns(title, columns, self.ask(resource, _ALL)["results"])
        return self.build_block(resource, {}, table, resource)
