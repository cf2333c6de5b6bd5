"""The page of what park staff should look at today; only they may see it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pages.addresses import find_page
from pages.parts.blocks import (
    Block,
    PageCell,
    PageColumn,
    PageTable,
    Tool,
    build_tools,
    count_cell,
    day_cell,
    fill_known_columns,
    name_column,
    number_cell,
    period_column,
    text_column,
    word_column,
    write_count,
)
from pages.parts.rows import RowNames, news_cell
from pages.views import PageView
from projects.models.words import Stage
from projects.tracking.views import CONCERNS


class AttentionPageView(PageView):
    """The page at /attention."""

    template_name = "pages/record.html"
    section = "attention"
    takes_as_of = False
    is_cited = False
    is_for_roles = True

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        answer = self.ask("attention", self.query)
        shown = [row for name in CONCERNS for row in answer[name]["results"]]
        parks = [{"park": code} for code in answer["parks"]]
        names = RowNames(self.ask, [*shown, *parks], {"park": "parks"})
        about = (_("Parks"), number_cell(write_count(len(parks)), "/parks"))
        if len(parks) == 1:
            about = (_("Park"), names.link_row(parks[0], "park"))
        return {
            "title": _("What needs attention"),
            "facts": [(_("As of"), day_cell(answer["day"])), about],
            "page": Block("", call=self.call_api("attention", self.query)),
            "first": [tabulate_concerns(answer)],
            "blocks": [
                build_concern(name, answer[name], names)
                for name in CONCERNS
                if answer[name]["count"]
            ],
        }


def tabulate_concerns(answer: Mapping[str, Any]) -> Block:
    title = _("What to look at")
    columns = [PageColumn(_("Projects that are")), PageColumn(_("Projects"), kind="number")]
    rows = [
        [
            PageCell(capfirst(answer[name]["title"]), f"#{name}" if answer[name]["count"] else ""),
            count_cell(answer[name]["count"], answer[name]["list_url"]),
        ]
        for name in CONCERNS
    ]
    waiting = answer["imports"]
    imports = number_cell(write_count(waiting["count"]), "/admin/parks/importbatch/")
    rows.append([PageCell(capfirst(waiting["title"])), imports])
    return Block(title, PageTable(title, columns, rows), "concerns")


def build_concern(name: str, concern: Mapping[str, Any], names: RowNames) -> Block:
    columns = [
        name_column(_("Project"), "projects"),
        names.link_column(_("Park"), "park"),
        word_column(_("Stage"), "stage", Stage),
        period_column(_("Next step planned"), "next_planned_on"),
        PageColumn(_("Last news"), make_cell=news_cell),
        text_column(_("Office in charge"), "responsible_unit", note="responsible_person"),
        text_column(_("Noted as next"), "next_step", note="next_step_due_on"),
        text_column(_("Returned because"), "return_reason"),
        text_column(_("Obstacle"), "obstacle", note="obstacle_since"),
    ]
    return Block(
        concern["title"],
        fill_known_columns(concern["title"], columns, concern["results"]),
        name,
        tools=build_tools("projects", QueryDict(urlsplit(concern["list_url"]).query)),
        call=concern["list_url"],
        more=[Tool(_("All of these projects"), find_page(concern["list_url"]))],
    )
