"""Blocks in which other pages show lists: projects, claims, sums, and rows by their names."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pages.addresses import find_page, narrow_list
from pages.parts.blocks import (
    Block,
    PageCell,
    Tool,
    count_cell,
    fill_known_columns,
    keep_filled,
    name_column,
    period_column,
    text_column,
)
from pages.parts.claims import tabulate_all_claims
from pages.parts.rows import AskList, tabulate_projects
from pages.views import PageView
from projects.models.words import Stage, list_stages_from

_MOST_SHOWN = "50"  # rows of a list within a page; the list itself has all


# Parts of the overviews of parks and events, each with its title and the head of its first column
_OVERVIEW = {
    "stages": (gettext_lazy("How far its projects are"), gettext_lazy("Stage")),
    "origins": (gettext_lazy("Where they come from"), gettext_lazy("Origin")),
    "sectors": (gettext_lazy("In which industries"), gettext_lazy("Sector")),
    "sizes": (gettext_lazy("How large they are"), gettext_lazy("Size of the investment")),
    "signed": (gettext_lazy("Signed by year"), gettext_lazy("Year")),
}


def build_overview_blocks(page: PageView, overview: Mapping[str, Any]) -> list[Block]:
    """Build the tables of the parts of an overview that have rows."""
    return [
        page.build_summary(overview[part], str(title), str(head), part)
        for part, (title, head) in _OVERVIEW.items()
        if part in overview and overview[part]["rows"]
    ]


def build_project_block(
    page: PageView,
    title: str,
    question: Mapping[str, str],
    anchor: str = "projects",
    most: str = _MOST_SHOWN,
) -> Block:
    """Build the table of the largest projects of a list, with the way to all of them."""
    asked = {**question, "ordering": "-investment_cny", "limit": most}
    found = page.ask("projects", asked)
    table = tabulate_projects(found["results"], with_park="park" not in question)
    block = page.build_block("projects", question, table, anchor, title=title)
    return link_all(_("All of these projects"), block)


def build_claim_block(
    page: PageView, title: str, question: Mapping[str, str], left_out: Iterable[str] = ()
) -> Block:
    """Build the table of the newest claims of a list, with the way to all of them."""
    asked = {**question, "ordering": "-as_of", "limit": _MOST_SHOWN}
    found = page.ask("figures", asked)
    table = tabulate_all_claims(page.ask, found["results"], left_out)
    block = page.build_block("figures", question, table, "figures", title=title)
    return link_all(_("All of these claims"), block)


def link_all(label: str, block: Block) -> Block:
    """Add to a block the way to all rows of its list; of one without rows there is none."""
    more = [Tool(label, find_page(block.call))]
    return replace(block, more=more) if keep_filled([block]) else block


def build_row_block(
    page: PageView, resource: str, title: str, question: Mapping[str, str]
) -> Block:
    """Build the table of rows of another list by their names, days and notes."""
    found = page.ask(resource, {**question, "limit": _MOST_SHOWN})
    columns = [
        name_column(title, resource),
        period_column(_("Day"), "held_on", "happened_on"),
        text_column(_("Note"), "note"),
    ]
    table = fill_known_columns(title, columns, found["results"])
    return page.build_block(resource, question, table, resource)


def list_known_cells(
    ask: AskList, events: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[PageCell, PageCell]]:
    """Count the projects known of each event, and those of them that started, by its code.

    Cells that open their lists.
    """
    found: dict[str, list[Mapping[str, Any]]] = {event["code"]: [] for event in events}
    if found:
        question = {"group_by": "event,stage", "event": ",".join(found), "measures": "count"}
        for row in ask("projects/summary", question)["rows"]:
            found.setdefault(row["event"]["value"], []).append(row)
    return {
        code: (count_stages(rows, {}), count_stages(rows, {"reached": Stage.STARTED}))
        for code, rows in found.items()
    }


def count_stages(rows: Sequence[Mapping[str, Any]], filters: Mapping[str, str]) -> PageCell:
    """Count the projects of rows by stage, or those that reached one, in a cell."""
    kept = list_stages_from(filters["reached"]) if filters else None
    count = sum(row["count"] for row in rows if kept is None or row["stage"]["value"] in kept)
    url = narrow_list(rows[0]["list_url"], stage=None, **filters) if count else ""
    return count_cell(count, url)
