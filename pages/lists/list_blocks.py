"""Parts of list pages: the form, the conditions in words, and shared blocks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from pages.addresses import change_query, find_page, join_address, narrow_list
from pages.language import say_name
from pages.parts.blocks import (
    Block,
    PageCell,
    PageTable,
    Tool,
    build_block,
    count_cell,
    fill_known_columns,
    keep_filled,
    list_definitions,
    name_column,
    period_column,
    text_column,
)
from pages.parts.claims import tabulate_all_claims
from pages.parts.rows import AskList, tabulate_projects
from pages.parts.summary_tables import read_question, tabulate_summary
from pages.views import PageView
from projects.condition_words import label_condition, say_word
from projects.models.words import Stage, list_stages_from

# What narrows no list: how it is ordered, cut and shown
BESIDE_CONDITIONS = ("ordering", "cursor", "limit", "view")


@dataclass(frozen=True)
class Chip:
    """A condition in words, and the page without it."""

    text: str
    href: str


def list_chips(path: str, query: QueryDict, facets: Mapping[str, Sequence[Any]]) -> list[Chip]:
    """List the conditions of a query in words, with the names that facets give their values."""
    return [
        Chip(
            _("%(condition)s: %(value)s")
            % {
                "condition": label_condition(name),
                "value": name_values(name, str(query[name]), facets.get(name, ())),
            },
            join_address(path, change_query(query, **{name: None})),
        )
        for name in query
        if name not in BESIDE_CONDITIONS
    ]


def name_values(name: str, given: str, values: Sequence[Mapping[str, Any]] = ()) -> str:
    """Name the values of a condition, as facets call them, or as they were given."""
    names = {str(value["value"]).lower(): say_name(value) for value in values if value["value"]}
    separator = pgettext("between names", ", ")
    words = [word.strip() for word in given.split(",")]
    return separator.join(str(names.get(word.lower()) or say_word(name, word)) for word in words)


@dataclass(frozen=True)
class FormField:
    """A field of a form: the parameter, its label, an example, or the words to choose from."""

    name: str
    label: str | Promise
    example: str | Promise = ""
    choices: Sequence[tuple[str, str | Promise]] = ()


def build_list_form(path: str, query: QueryDict, fields: Iterable[FormField]) -> dict[str, Any]:
    """Build the form of a list as it was sent; conditions without a field are kept hidden."""
    shown = []
    for field in fields:
        value = str(query.get(field.name, ""))
        words = {"": _("any"), **dict(field.choices)} if field.choices else {}
        if words:
            words.setdefault(value, value)
        labels = {"name": field.name, "label": field.label, "example": field.example}
        shown.append({**labels, "value": value, "choices": words})
    own = {*(field["name"] for field in shown), "cursor"}
    kept = [(name, value) for name, value in query.items() if name not in own]
    return {"action": path, "fields": shown, "kept": kept}


TABLE_FILES = ("xlsx", "csv")
SUM_FILES = (*TABLE_FILES, "png", "svg")
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
    table = tabulate_summary(answer, title, head)
    return build_sum_block(page.request, "projects/summary", question, answer, table, anchor)


def build_sum_block(
    request: HttpRequest,
    resource: str,
    question: Mapping[str, Any],
    answer: Mapping[str, Any],
    table: PageTable,
    anchor: str,
    endings: Sequence[str] = SUM_FILES,
) -> Block:
    """Build the block of the table of a summary, with what its words mean, and its pictures."""
    block = build_block(request, resource, question, table.caption, table, anchor, endings=endings)
    return replace(block, definitions=list_definitions(answer))


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
        build_summary_block(page, overview[part], str(title), str(head), part)
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
    block = build_block(page.request, "projects", question, title, table, anchor)
    return link_all(_("All of these projects"), block)


def build_claim_block(
    page: PageView, title: str, question: Mapping[str, str], left_out: Iterable[str] = ()
) -> Block:
    """Build the table of the newest claims of a list, with the way to all of them."""
    asked = {**question, "ordering": "-as_of", "limit": _MOST_SHOWN}
    found = page.ask("figures", asked)
    table = tabulate_all_claims(page.ask, found["results"], left_out)
    block = build_block(page.request, "figures", question, title, table, "figures")
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
    return build_block(page.request, resource, question, title, table, resource)


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
