"""Blocks in which other pages show lists, and the page of a search, which has some of each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from api.asking import title_list
from pages.addresses import find_page, narrow_list
from pages.lists.record_lists import TableListView, TimelineView
from pages.parts import blocks
from pages.parts.claims import complete_amounts, tabulate_all_claims
from pages.parts.rows import AskList, RowNames, tabulate_projects
from pages.parts.summary_tables import tabulate_beside
from pages.views import PageView
from projects.models.words import Stage, list_stages_from

IN_TOTALS = {"counts_in_totals": "true"}
_MOST_SHOWN = "50"  # rows of a list within a page; the list itself has all


# Parts of the overviews of parks and events, each with its title and the head of its first column
_OVERVIEW = {
    "stages": (gettext_lazy("All projects by stage"), gettext_lazy("Stage")),
    "origins": (gettext_lazy("Where they come from"), gettext_lazy("Origin")),
    "sectors": (gettext_lazy("In which industries"), gettext_lazy("Sector")),
    "sizes": (gettext_lazy("How large they are"), gettext_lazy("Size of the investment")),
    "signed": (gettext_lazy("Signed by year"), gettext_lazy("Year")),
}


def build_overview_blocks(page: PageView, overview: Mapping[str, Any]) -> list[blocks.Block]:
    """Build the tables of the parts of an overview that have rows."""
    return [
        page.build_summary(
            overview[part], str(title), str(head), part, lead=_say_which(overview[part])
        )
        for part, (title, head) in _OVERVIEW.items()
        if part in overview and overview[part]["rows"]
    ]


def _say_which(answer: Mapping[str, Any]) -> str:
    """Say that a summary is of signed projects alone; blank for others."""
    is_signed = {*IN_TOTALS} <= {*answer["filters"]}
    return _("Signed projects, as they count in totals.") if is_signed else ""


def ask_years(years: Sequence[str], today: str) -> list[tuple[str, dict[str, str]]]:
    """Build the question of each year of signing, with its label.

    If one of them is not over, all of them end with the month of today.
    """
    month = today[4:7] if today[:4] in years else "-12"
    if month == "-12":
        return [(year, {"signed_year": year}) for year in years]
    periods = [(f"{year}-01", f"{year}{month}") for year in years]
    return [
        (f"{first} – {last}", {"signed_year": last[:4], "signed_to": last})
        for first, last in periods
    ]


def build_beside(
    page: PageView, questions: Sequence[tuple[str, Mapping[str, str]]], dimension: str, title: str
) -> blocks.Block:
    """Build a table of one summary for several questions, with the change of the share."""
    measures = {"group_by": dimension, "measures": "count,share"}
    asked = [(label, {**IN_TOTALS, **question, **measures}) for label, question in questions]
    answers = [(label, page.ask("projects/summary", question)) for label, question in asked]
    table = tabulate_beside(answers, title)
    return page.build_sums(answers[0][1], table, dimension, asked[0][1], endings=blocks.TABLE_FILES)


def build_project_block(
    page: PageView,
    title: str,
    question: Mapping[str, str],
    anchor: str = "projects",
    most: str = _MOST_SHOWN,
    *,
    with_park: bool | None = None,
) -> blocks.Block:
    """Build the table of the largest projects of a list, or of what words find first.

    It names the parks of projects, by default unless the question is of one park.
    """
    with_park = "park" not in question if with_park is None else with_park
    ordering = {} if "q" in question else {"ordering": "-investment_cny"}
    asked = {**question, **ordering, "limit": most}
    found = page.ask("projects", asked)
    rows = complete_amounts(page.ask, found["results"])
    table = tabulate_projects(rows, with_park=with_park)
    cut = bool(found["next"])
    block = page.build_block("projects", question, table, anchor, title=title, is_cut=cut)
    return link_all(_("All of these projects"), block)


def build_claim_block(
    page: PageView,
    title: str,
    question: Mapping[str, str],
    left_out: Iterable[str] = (),
    most: str = _MOST_SHOWN,
) -> blocks.Block:
    """Build the table of the newest claims of a list, with the way to all of them."""
    asked = {**question, "ordering": "-as_of", "limit": most}
    found = page.ask("figures", asked)
    table = tabulate_all_claims(page.ask, found["results"], left_out)
    cut = bool(found["next"])
    block = page.build_block("figures", question, table, "figures", title=title, is_cut=cut)
    return link_all(_("All of these claims"), block)


def link_all(label: str, block: blocks.Block) -> blocks.Block:
    """Add to a block the way to all rows of its list; of one without rows there is none."""
    more = [blocks.Tool(label, find_page(block.call))]
    return replace(block, more=more) if blocks.keep_filled([block]) else block


def build_row_block(
    page: PageView, resource: str, title: str, question: Mapping[str, str], most: str = _MOST_SHOWN
) -> blocks.Block:
    """Build the table of rows of another list by their names, days and notes.

    A blank title is that of the list.
    """
    title = title or title_list(resource)
    found = page.ask(resource, {**question, "limit": most})
    names = RowNames(page.ask, found["results"], {"parent": resource})
    columns = [
        blocks.name_column(title, resource),
        names.link_column(_("Part of"), "parent"),
        blocks.period_column(_("Day"), "held_on", "happened_on"),
        blocks.note_column(),
    ]
    table = blocks.fill_known_columns(title, columns, found["results"])
    block = page.build_block(resource, question, table, resource, is_cut=bool(found["next"]))
    return link_all(_("All of these"), block) if found["next"] else block


def build_listed_block(
    page: PageView,
    listed: type[TableListView],
    question: Mapping[str, str],
    anchor: str,
    title: str = "",
) -> blocks.Block:
    """Build the table of the first rows of a list with a page, in the columns of that page."""
    answer = page.ask(listed.resource, {**question, "limit": _MOST_SHOWN})
    found, cut = answer["results"], bool(answer["next"])
    columns = listed().list_columns(found, RowNames(page.ask, found, listed.named))
    table = blocks.fill_known_columns(title or str(listed.heading), columns, found)
    block = page.build_block(listed.resource, question, table, anchor, is_cut=cut)
    return link_all(_("All of these"), block)


def build_timeline_block(page: PageView, question: Mapping[str, str]) -> blocks.Block:
    """Build the table of what happened, in its order, with the way to all entries."""
    asked = {**question, "ordering": "happened_on", "limit": _MOST_SHOWN}
    found = page.ask("timeline", asked)
    names = RowNames(page.ask, found["results"], TimelineView.named)
    columns = TimelineView().list_columns(found["results"], names)
    table = blocks.fill_known_columns(_("Timeline"), columns, found["results"])
    block = page.build_block("timeline", question, table, "timeline", endings=())  # without a past
    return link_all(_("All of these"), block)


def list_known_cells(
    ask: AskList, events: Sequence[Mapping[str, Any]]
) -> dict[str, tuple[blocks.PageCell, blocks.PageCell]]:
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


def count_stages(rows: Sequence[Mapping[str, Any]], filters: Mapping[str, str]) -> blocks.PageCell:
    """Count the projects of rows by stage, or those that reached one, in a cell."""
    kept = list_stages_from(filters["reached"]) if filters else None
    count = sum(row["count"] for row in rows if kept is None or row["stage"]["value"] in kept)
    url = narrow_list(rows[0]["list_url"], stage=None, **filters) if count else ""
    return blocks.count_cell(count, url)


_MOST_FOUND = "6"  # rows of each list that a search shows
FOUND = (
    *("parks", "region-groups", "regions", "sector-groups", "sectors"),
    *("events", "organisations", "people", "sources"),
)


class SearchPageView(PageView):
    """The page at /search: the first rows of each list that the words find."""

    template_name = "pages/list.html"
    takes_as_of = False

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        asked: dict[str, Any] = self.query.dict()
        words = asked.get("q", "")
        # Projects are found themselves; a million of them have too many claims to search
        claims = {**asked, "subject_type_not": "project"}
        searched = [
            build_project_block(self, _("Projects"), asked, most=_MOST_FOUND),
            *(build_row_block(self, resource, "", asked, _MOST_FOUND) for resource in FOUND),
            build_claim_block(self, _("Figures"), claims, most=_MOST_FOUND),
        ]

        title = _("Found for “%(words)s”") % {"words": words} if words else _("Search the ledger")
        found = sorted(
            blocks.keep_filled(searched), key=lambda block: not _begins_with(block, words)
        )
        return {"title": title, "words": words, "blocks": found}


def _begins_with(block: Any, words: str) -> bool:
    """Check whether the name or the value of a row begins with what was searched for."""
    return any(
        cell.text.casefold().startswith(words.casefold())
        for row in block.table.rows
        for cell in row
        if cell is row[0] or cell.measure
    )
