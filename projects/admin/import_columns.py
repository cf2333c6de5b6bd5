"""Columns of an import that are not understood: on its page each is mapped, or left out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from config.reading.columns import LAND, MAY_BE_KEPT, Wishes
from config.reading.units import UNIT_WORDS
from parks.models import ImportBatch
from projects.admin.import_lines import find_label
from projects.doubts.doubts import DoubtKind
from projects.importing.batches import list_known_columns
from projects.importing.cells.amounts import MU
from projects.importing.cells.columns import CELL_KINDS, FURTHER_COLUMN

_COLUMN, _UNIT = "column-", "unit-"  # with the number of the problem behind it
_ASKED_UNIT, _ASKED_COLUMN = "asked-unit-", "asked-column-"  # with the number of the doubt
_LEFT_OUT = "-"
READ_AGAIN, AND_KEEP = "_read_again", "keep"  # a button, and its value if it keeps the others
# What can be settled by naming the column of ours, and what by naming a unit
_OF_COLUMNS = (*MAY_BE_KEPT, "repeated_column", "unknown_name")
_OF_UNITS = ("unit_missing", "unit_not_understood")


def describe_problems(batch: ImportBatch) -> list[dict[str, Any]]:
    """Describe each column that is not understood, with the answers that it can be given."""
    described = []
    for number, problem in enumerate(batch.summary["problems"]):
        shown = {**problem}
        if batch.is_open and problem["code"] in (*_OF_COLUMNS, *_OF_UNITS):
            shown["column_field"] = f"{_COLUMN}{number}"
            names = list_known_columns(batch.resource)
            nearest = [name for name in problem.get("suggestions", []) if name in names]
            if problem["code"] in _OF_UNITS:
                shown["unit_field"] = f"{_UNIT}{number}"
                shown["units"] = [*_list_units(batch, problem["column"])]
            else:
                shown["nearest"] = _name_columns(batch.resource, nearest)
                others = [name for name in names if name not in nearest]
                shown["others"] = _name_columns(batch.resource, others)
        described.append(shown)
    return described


def list_kept(batch: ImportBatch) -> list[str]:
    """List the columns that one click keeps as further ones, unless something else is chosen."""
    problems = batch.summary["problems"] if batch.resource == "projects" else ()
    return [problem["column"] for problem in problems if problem["code"] in MAY_BE_KEPT]


def describe_asked_columns(batch: ImportBatch) -> list[dict[str, Any]]:
    """Describe what is asked about whole columns: the units or the columns that may be meant."""
    return [
        {**doubt, "details": [doubt["detail"]], **_describe_meant(batch, doubt, number)}
        for number, doubt in enumerate(batch.open_doubts)
        if "line" not in doubt
    ]


def _describe_meant(batch: ImportBatch, doubt: Mapping[str, Any], number: int) -> dict[str, Any]:
    if doubt["confirm"] == DoubtKind.AMOUNTS:
        units = [*_list_units(batch, doubt["column"])]
        return {"unit_field": f"{_ASKED_UNIT}{number}", "units": units}
    columns = _name_columns(batch.resource, doubt["suggestions"])
    return {"field": f"{_ASKED_COLUMN}{number}", "asked": _("It is really"), "answers": columns}


def read_columns(form: QueryDict, batch: ImportBatch) -> Wishes:
    """Read what was chosen for the columns that are not understood, or asked about."""
    units, ignored = {}, []
    is_kept = form.get(READ_AGAIN) == AND_KEEP
    columns = dict.fromkeys(list_kept(batch) if is_kept else (), FURTHER_COLUMN)
    for number, problem in enumerate(batch.summary["problems"]):
        text = problem["column"]
        name, unit = form.get(f"{_COLUMN}{number}", ""), form.get(f"{_UNIT}{number}", "")
        if name == _LEFT_OUT:
            columns.pop(text, None)
            ignored.append(text)
        elif name:
            columns[text] = name
        if unit:
            units[text] = unit
    for number, doubt in enumerate(batch.open_doubts):
        if unit := form.get(f"{_ASKED_UNIT}{number}", ""):
            units[doubt["column"]] = unit
        if name := form.get(f"{_ASKED_COLUMN}{number}", ""):
            columns[doubt["column"]] = name
    return Wishes(columns=columns, units=units, ignore=tuple(ignored))


def _name_columns(resource: str, names: Sequence[str]) -> list[Mapping[str, Any]]:
    return [{"value": name, "label": find_label(resource, name)} for name in names]


def _list_units(batch: ImportBatch, text: str) -> Iterator[Mapping[str, str]]:
    name = next((c["name"] for c in batch.summary["columns"] if c["column"] == text), "")
    is_land = CELL_KINDS.get(name) in ("area", LAND)
    for unit, word in UNIT_WORDS.items():
        if (unit in MU) == is_land:
            yield {"value": word, "label": word}
