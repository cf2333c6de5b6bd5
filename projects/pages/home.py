"""The first page: what was signed, what became of it, and from where it comes."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from projects.pages.blocks import (
    Block,
    build_tools,
    call_api,
    list_definitions,
)
from projects.pages.summary_tables import tabulate_summary
from projects.pages.views import PageView

_SIGNED = {"counts_in_totals": "true"}


class HomeView(PageView):
    """The page at /."""

    template_name = "pages/home.html"
    section = "home"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        return {"title": _("Park Ledger"), "blocks": [self.build_origins()]}

    def build_origins(self) -> Block:
        """Build the block of where signed projects come from."""
        question = {
            **_SIGNED,
            "group_by": "origin_group",
            "measures": "count,share,investment_cny",
        }
        answer = self.ask("projects/summary", question)
        title = _("Where the signed projects come from")
        return Block(
            title,
            tabulate_summary(answer, title, _("Origin")),
            "origins",
            definitions=list_definitions(answer),
            tools=build_tools("projects/summary", question, ("xlsx", "csv", "png", "svg")),
            call=call_api(self.request, "projects/summary", question),
        )
