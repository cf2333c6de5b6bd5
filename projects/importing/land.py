"""The land of a project as a row says it: its area, and how exactly that is meant."""

from collections.abc import Callable
from typing import Any

from config.imports import CellFault
from projects.importing.cells.measured_cells import LandArea
from projects.importing.drafts import RowDraft
from projects.importing.hedges import choose_hedge, find_dropped_hedge
from projects.importing.rows import Cells
from projects.importing.sameness import is_same_number
from projects.models.project_rules import WITHOUT_LAND

LAND_COLUMNS = ("land_mu", "land_qualifier")


def take_land(
    cells: Cells,
    draft: RowDraft,
    find_old: Callable[[str], str],
    take: Callable[[str, Any], None],
) -> None:
    """Take area and qualifier together: a new area without a hedge has none, with a warning.

    `take` compares a column with what is stored. A qualifier without an area is refused, and so is
    another one than that of the area's cell (约30亩).
    """
    area: LandArea | None = cells.values.get("land_mu")
    given = cells.values.get("land_qualifier", "")
    if area is None:
        if given and not find_old("land_mu"):
            if "land_qualifier" in cells.defaulted:
                return
            cells.fail("land_qualifier", CellFault("without_amount", WITHOUT_LAND))
        elif given:
            take("land_qualifier", given)
        return
    old, before = find_old("land_mu"), find_old("land_qualifier")
    known = before if is_same_number(str(area.mu), old) else ""
    try:
        hedge = choose_hedge(area.qualifier, cells.find_word("land_qualifier"), known)
    except CellFault as fault:
        cells.fail("land_qualifier", fault)
        return
    if dropped := find_dropped_hedge(hedge, before, f"{old}亩"):
        cells.warn("land_mu", dropped)
    take("land_mu", area.mu)
    take("land_qualifier", hedge)
