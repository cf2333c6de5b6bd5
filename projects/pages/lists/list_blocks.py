"""Blocks that several pages have: a summary, a list of projects, a list of claims."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from projects.lifecycle.words import Stage, list_stages_from
from projects.pages.addresses import find_page, find_row_page, narrow_list
from projects.pages.parts.blocks import (
    Block,
    PageCell,
    PageColumn,
    PageTable,
    Tool,
    build_tools,
    call_api,
    count_cell,
    day_cell,
    drop_empty_columns,
    list_definitions,
    name_cell,
    text_cell,
)
from projects.pages.parts.claim_tables import tabulate_all_claims
from projects.pages.parts.project_rows import tabulate_projects
from projects.pages.parts.row_names import AskList
from projects.pages.parts.summary_tables import read_question, tabulate_summary
from projects.pages.views import PageView

_MOST_SHOWN = "50"  # rows of a list within a page; the list itself has all


def build_summary_block(
    page: PageView,
    answer: Mapping[str, Any],
    title: str,
    head: str,
    anchor: str,
    question: Mapping[str, Any] | None = None,
) -> Block:
    """Build the table of a summary by one dimension, with its files and pictures.

    They ask what the answer says was asked, unless a question is given.
    """
    question = question or read_question(answer)
    return Block(
        title,
        tabulate_summary(answer, title, head),
        anchor,
        definitions=list_definitions(answer),
        tools=build_tools("projects/summary", question, ("xlsx", "csv", "png", "svg")),
        call=call_api(page.request, "projects/summary", question),
    )


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
    everything = call_api(page.request, "projects", question)
    return Block(
        title,
        tabulate_projects(found["results"], with_park="park" not in question),
        anchor,
        tools=build_tools("projects", question),
        call=everything,
        more=link_all(_("All of these projects"), everything, found),
    )


def build_claim_block(
    page: PageView, title: str, question: Mapping[str, str], left_out: Iterable[str] = ()
) -> Block:
    """Build the table of the newest claims of a list, with the way to all of them."""
    asked = {**question, "ordering": "-as_of", "limit": _MOST_SHOWN}
    found = page.ask("figures", asked)
    everything = call_api(page.request, "figures", question)
    return Block(
        title,
        tabulate_all_claims(page.ask, found["results"], left_out),
        "figures",
        tools=build_tools("figures", question),
        call=everything,
        more=link_all(_("All of these claims"), everything, found),
    )


def link_all(label: str, everything: str, found: Mapping[str, Any]) -> list[Tool]:
    """List the way to all rows of a list; of one without rows there is none."""
    return [Tool(label, find_page(everything))] if found["results"] else []


def build_row_block(
    page: PageView, resource: str, title: str, question: Mapping[str, str]
) -> Block:
    """Build the table of rows of another list by their names, days and notes."""
    found = page.ask(resource, {**question, "limit": _MOST_SHOWN})
    columns = [PageColumn(title), PageColumn(_("Day")), PageColumn(_("Note"))]
    rows = [
        [
            name_cell(row, find_row_page(resource, row["code"])),
            day_cell(row.get("held_on") or row.get("happened_on")),
            text_cell(row.get("note") or ""),
        ]
        for row in found["results"]
    ]
    return Block(
        title,
        drop_empty_columns(PageTable(title, columns, rows)),
        resource,
        tools=build_tools(resource, question),
        call=call_api(page.request, resource, question),
    )


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
