"""The lines of an import as a clerk reads them: labels for columns, names for codes and words."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy

from config.imports import ACTIONS
from config.reading.files import SKIPPED
from parks.models import Park, Region, Sector
from projects.importing.columns import COLUMNS
from projects.importing.plain import RESOURCES
from projects.importing.words import CHOICES

NAMES = {
    "create": gettext_lazy("new"),
    "update": gettext_lazy("changed"),
    "same": gettext_lazy("the same"),
    "skip": gettext_lazy("skipped"),
    "duplicate": gettext_lazy("repeated"),
    "conflict": gettext_lazy("in conflict"),
    "error": gettext_lazy("wrong"),
}
UNIT_LABELS = {"yuan": "元", "wan": "万元", "yi": "亿元", "mu": "亩", "ha": "公顷"}
# What is named by a code
NAMED: Mapping[str, Any] = {"origin": Region, "region": Region, "sector": Sector, "park": Park}


def as_shown(resource: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The lines of the report in words of the active language."""
    known = _names(rows)
    return [_line(resource, row, known) for row in rows]


def label_of(resource: str, name: str) -> Any:
    """What files call a column of ours."""
    plain = RESOURCES.get(resource)
    column = (plain.columns if plain else COLUMNS).get(name)
    return column.label if column else name


def _line(resource: str, row: Mapping[str, Any], known: Mapping[Any, str]) -> dict[str, Any]:
    told = {
        **row,
        "fate": NAMES[row["action"]],
        "changes": [
            {
                "label": label_of(resource, name),
                "old": _said(name, old, known),
                "new": _said(name, new, known),
            }
            for name, (old, new) in row.get("changes", {}).items()
        ],
    }
    if row["action"] == "skip":
        told["why"] = SKIPPED[row["reason"]]
    elif row["action"] in ("duplicate", "conflict"):
        told["why"] = ACTIONS[row["action"]]
    return told


def _said(name: str, text: str, known: Mapping[Any, str]) -> Any:
    """A value with the name of what it is a code of, or the label of a word."""
    if (name, text) in known:
        return f"{known[name, text]} ({text})"
    return dict(CHOICES.get(name, ())).get(text, text)


def _names(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The names of the regions, sectors and parks that changes mention, by column and code."""
    codes: dict[str, set[str]] = {name: set() for name in NAMED}
    for row in rows:
        for name, values in row.get("changes", {}).items():
            if name in codes:
                codes[name].update(value for value in values if value)
    return {
        (name, row.code): row.name
        for name, model in NAMED.items()
        for row in (model.objects.filter(code__in=codes[name]) if codes[name] else ())
    }
