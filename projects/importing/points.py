"""The point of a project as a row says it: whole, and of WGS 84 unless the row says another."""

from collections.abc import Callable

from config.imports import CellFault
from parks.models.located import HALF_A_POINT, OF_POINT, POINT, WITHOUT_POINT, PointDatum
from projects.importing.drafts import RowDraft
from projects.importing.rows import Cells


def settle_point(cells: Cells, draft: RowDraft, find_old: Callable[[str], str]) -> None:
    """Refuse half a point, and what is said of none; say the datum of one that comes without it.

    A datum that is given for all rows is that of the rows with a point. `find_old` gives the
    stored text of a column.
    """
    columns = draft.columns
    known = [name for name in POINT if columns.get(name, find_old(name)) not in (None, "")]
    if len(known) == 1:
        at = next((name for name in POINT if name in cells.matches), POINT[0])
        cells.fail(at, CellFault("half_a_point", HALF_A_POINT))
        return
    if known:
        if not columns.get("point_datum", find_old("point_datum")):
            columns["point_datum"] = PointDatum.WGS84.value
        return
    for name in OF_POINT:
        if columns.get(name) and name in cells.defaulted:
            del columns[name]
            cells.report.changes.pop(name, None)
        elif columns.get(name):
            cells.fail(name, CellFault("without_point", WITHOUT_POINT))
        elif find_old(name) and name not in columns:
            columns[name] = ""
            cells.report.changes[name] = [find_old(name), ""]
