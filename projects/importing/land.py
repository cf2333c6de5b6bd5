"""The land of a project as a row says it: its area, and how exactly that is meant."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from config.amounts import Qualifier
from config.imports import CellFault
from projects.importing.cells.measured_cells import LandArea
from projects.importing.drafts import RowDraft
from projects.importing.rows import Cells
from projects.models.project_rules import WITHOUT_LAND

LAND_COLUMNS = ("land_mu", "land_qualifier")


def take_land(
    cells: Cells,
    draft: RowDraft,
    find_old: Callable[[str], str],
    take: Callable[[str, Any], None],
) -> None:
    """Take area and qualifier together: a new area without a hedge has none from then on.

    `take` compares a column with what is stored. Refused is a qualifier of no area, or another
    than that which the cell of the area has: 约30亩.
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
    # What the file says just as the ledger does is not among the values
    given = given or cells.texts.get("land_qualifier", "") and find_old("land_qualifier")
    own = "" if area.qualifier == Qualifier.EXACT else area.qualifier
    if own and given not in ("", own):
        detail = _("The amount itself says “%(own)s”.") % {"own": own}
        cells.fail("land_qualifier", CellFault("contradicting", detail, own))
        return
    take("land_mu", area.mu)
    take("land_qualifier", own or given)
