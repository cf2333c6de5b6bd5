"""The page of what those who work on parks should look at today; nobody else may see it."""

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
    call_api,
    count_cell,
    day_cell,
    fill_known_columns,
    name_column,
    number_cell,
    period_column,
    text_cell,
    text_column,
    word_column,
    write_count,
)
from pages.parts.rows import RowNames
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
        return {
            "title": _("What needs attention"),
            "facts": [(_("As of"), day_cell(answer["day"])), *list_parks(parks, names)],
            "page": Block("", call=call_api(self.request, "attention", self.query)),
            "first": [tabulate_concerns(answer)],
            "blocks": [
                build_concern(name, answer[name], names)
                for name in CONCERNS
                if answer[name]["count"]
            ],
        }


def list_parks(parks: list[dict[str, str]], names: RowNames) -> list[tuple[str, PageCell]]:
    """List the parks that this is about: by name if there is one, else how many."""
    if len(parks) == 1:
        return [(_("Park"), names.link_row(parks[0], "park"))]
    return [(_("Parks"), number_cell(write_count(len(parks)), "/parks"))]


def tabulate_concerns(answer: Mapping[str, Any]) -> Block:
    """Build the table of how many projects there are of each kind, each with its list."""
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
    """Build the table of the first projects of one kind, with the way to all of them."""

    def show_next_step(row: Mapping[str, Any]) -> PageCell:
        return text_cell(row["next_step"] or "", note=row["next_step_due_on"] or "")

    columns = [
        name_column(_("Project"), "projects"),
        names.link_column(_("Park"), "park"),
        word_column(_("Stage"), "stage", Stage),
        period_column(_("Next step planned"), "next_planned_on"),
        period_column(_("Last news"), "news_on"),
        text_column(_("Office in charge"), "responsible_unit"),
        PageColumn(_("Noted as next"), make_cell=show_next_step),
    ]
    return Block(
        concern["title"],
        fill_known_columns(concern["title"], columns, concern["results"]),
        name,
        tools=build_tools("projects", QueryDict(urlsplit(concern["list_url"]).query)),
        call=concern["list_url"],
        more=[Tool(_("All of these projects"), find_page(concern["list_url"]))],
    )
