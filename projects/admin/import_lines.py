"""The rows of an import as a clerk reads them: labels for columns, names for codes and words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from config.imports import ACTIONS
from config.reading.set_aside import SKIPPED
from parks.models import Park, Region, Sector
from projects.importing.cells.columns import COLUMNS
from projects.importing.cells.words import CHOICES
from projects.importing.resources import IMPORT_RESOURCES

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
# What is named by a code
_NAMED: Mapping[str, Any] = {"origin": Region, "region": Region, "sector": Sector, "park": Park}


def describe_rows(resource: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Describe the rows of a report in words of the active language."""
    known = _find_names(rows)
    return [_describe_row(resource, row, known) for row in rows]


def find_label(resource: str, name: str) -> Any:
    """Find what files call a column of ours."""
    plain = IMPORT_RESOURCES.get(resource)
    column = (plain.columns if plain else COLUMNS).get(name)
    return column.label if column else name


def _describe_row(
    resource: str, row: Mapping[str, Any], known: Mapping[Any, str]
) -> dict[str, Any]:
    described = {
        **row,
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
