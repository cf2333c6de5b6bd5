"""A column of project names with the park in brackets behind them: 晶圆厂（武清经开区）."""

from contextlib import suppress
from dataclasses import replace

from django.utils.translation import gettext as _

from config.imports import CellFault
from config.reading.columns import ColumnProblem
from config.reading.files import ReadTable
from projects.importing.cells.cells import read_phase

NAME_AND_PARK = "name_and_park"
PARTS = ("name", "park")  # the columns that it stands for, in the order of `split_park`


def divide_names(table: ReadTable) -> None:
    """Replace a column of names with parks by one of names and one of parks, in the same place."""
    both = [match for match in table.columns if match.name == NAME_AND_PARK]
    if not both:
        return
    detail = _("More than one column stands for “%(name)s”; ignore all but one of them.")
    table.problems += [
        ColumnProblem(match.text, "repeated_column", detail % {"name": match.name})
        for match in table.columns
        if match.name in PARTS
    ]
    others = [match for match in table.columns if match.name not in (NAME_AND_PARK, *PARTS)]
    table.columns = [*others, *(replace(both[0], name=name) for name in PARTS)]


def split_park(text: str) -> tuple[str, str]:
    """Split a name and the park in the brackets at its end; a phase in brackets is no park."""
    if text.endswith((")", "）")):
        start = max(text.rfind("("), text.rfind("（"))
        name, park = text[: max(start, 0)].rstrip(), text[start + 1 : -1].strip()
        if name and park and not _is_phase(park):
            return name, park
    return text, ""


def _is_phase(text: str) -> bool:
    with suppress(CellFault):
        return bool(read_phase(text))
    return False
