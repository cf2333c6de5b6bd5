"""The rows of an import as a clerk reads them: labels for columns, names for codes and words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from config.imports import ACTIONS, Action
from config.reading.set_aside import SKIPPED
from parks.models import ImportBatch, Park, Region, Sector
from projects.importing.cells.columns import COLUMNS
from projects.importing.cells.words import CHOICES
from projects.importing.plain import IMPORT_RESOURCES
from projects.models import Project

ACTION_NAMES = {
    "create": gettext_lazy("new"),
    "update": gettext_lazy("changed"),
    "asked": gettext_lazy("to be answered"),
    "same": gettext_lazy("the same"),
    "skip": gettext_lazy("skipped"),
    "duplicate": gettext_lazy("repeated"),
    "conflict": gettext_lazy("in conflict"),
    "error": gettext_lazy("wrong"),
}


@dataclass(frozen=True)
class Tab:
    """Lines of which the same is to be done: a word for addresses, a label, their actions."""

    word: str
    label: str | Promise
    actions: Sequence[Action]


# What weighs most stands first
TABS = (
    Tab("wrong", ACTION_NAMES["error"], ("error", "conflict")),
    Tab("asked", ACTION_NAMES["asked"], ("asked",)),
    Tab("changed", ACTION_NAMES["update"], ("update",)),
    Tab("new", ACTION_NAMES["create"], ("create",)),
    Tab("same", ACTION_NAMES["same"], ("same", "duplicate")),
    Tab("skipped", ACTION_NAMES["skip"], ("skip",)),
)
_WORDS = {action: tab.word for tab in TABS for action in tab.actions}
# What is named by a code
_NAMED: Mapping[str, Any] = {"origin": Region, "region": Region, "sector": Sector, "park": Park}
# Rows that have a page of their own
_WITH_PAGES: Mapping[str, type[Model]] = {"projects": Project, "parks": Park}


def list_tabs(batch: ImportBatch, chosen: str) -> Iterator[dict[str, Any]]:
    """List the tabs that hold lines, each with how many; first one that holds them all."""
    counts = {tab: count_reported(batch, tab.word) for tab in TABS}
    everything = {"word": "", "label": gettext_lazy("all lines"), "count": sum(counts.values())}
    yield everything | {"is_chosen": not chosen}
    for tab, count in counts.items():
        if count:
            is_chosen = tab.word == chosen
            yield {"word": tab.word, "label": tab.label, "count": count, "is_chosen": is_chosen}


def count_reported(batch: ImportBatch, chosen: str) -> int:
    """Count the lines of a tab, or of all."""
    return sum(batch.counts.get(each, 0) for tab in _list_chosen(chosen) for each in tab.actions)


def read_reported(batch: ImportBatch, chosen: str, places: range) -> list[dict[str, Any]]:
    """Read the lines at some places of a tab, or of all, and hold no others: there may be many.

    They are sorted by what weighs most, and then as the file has them.
    """
    following, first = {}, 0  # the place that the next line of each tab has
    for tab in _list_chosen(chosen):
        following[tab.word] = first
        first += count_reported(batch, tab.word)
    found = {}
    for row in batch.read_rows():
        word = _WORDS[row["action"]]
        if word in following:
            if following[word] in places:
                found[following[word]] = row
            following[word] += 1
    return [found[place] for place in sorted(found)]


def _list_chosen(chosen: str) -> Sequence[Tab]:
    return [tab for tab in TABS if tab.word == chosen] or TABS


def describe_rows(resource: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Describe the rows of a report in words of the active language, with links to their pages."""
    known = _find_names(rows)
    pages = _find_pages(resource, rows)
    return [_describe_row(resource, row, known, pages) for row in rows]


def find_label(resource: str, name: str) -> Any:
    """Find what files call a column of ours."""
    plain = IMPORT_RESOURCES.get(resource)
    column = (plain.columns if plain else COLUMNS).get(name)
    return column.label if column else name


def _describe_row(
    resource: str,
    row: Mapping[str, Any],
    known: Mapping[Any, str],
    pages: Mapping[str, str],
) -> dict[str, Any]:
    described = {
        **row,
        "url": pages.get(row.get("code", "").lower()),
        "fate": ACTION_NAMES[row["action"]],
        "changes": [
            {
                "label": find_label(resource, name),
                "old": _describe_value(name, old, known),
                "new": _describe_value(name, new, known),
            }
            for name, (old, new) in row.get("changes", {}).items()
        ],
    }
    if row["action"] == "skip":
        described["why"] = SKIPPED[row["reason"]]
    elif row["action"] in ("duplicate", "conflict"):
        described["why"] = ACTIONS[row["action"]]
    return described


def _describe_value(name: str, text: str, known: Mapping[Any, str]) -> Any:
    """Add to a code the name of what it is of; turn a word into its label."""
    if (name, text) in known:
        return f"{known[name, text]} ({text})"
    return dict(CHOICES.get(name, ())).get(text, text)


def _find_names(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """Find the names of the regions, sectors and parks in changes, by column and code."""
    codes: dict[str, set[str]] = {name: set() for name in _NAMED}
    for row in rows:
        for name, values in row.get("changes", {}).items():
            if name in codes:
                codes[name].update(value for value in values if value)
    return {
        (name, row.code): row.name
        for name, model in _NAMED.items()
        for row in (model.objects.filter(code__in=codes[name]) if codes[name] else ())
    }


def _find_pages(resource: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Find the addresses of the stored rows among these, by code in lower case."""
    model = _WITH_PAGES.get(resource)
    codes = {row["code"].lower() for row in rows if row.get("code")}
    if model is None or not codes:
        return {}
    page = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    stored = model._default_manager.filter(code_key__in=codes).values_list("code_key", "pk")
    return {code: reverse(page, args=[key]) for code, key in stored}
