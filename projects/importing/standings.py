"""Whether a project goes on, as a row says it: what ends or suspends it has a reason."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from config.imports import CellFault
from projects.importing.drafts import RowDraft
from projects.importing.rows import Cells
from projects.models import NO_REASON, Project

_REASON = "standing_reason"


def settle_standing(cells: Cells, draft: RowDraft, find_old: Callable[[str], str]) -> None:
    """Bring the reason of a row in line with the standing that the project has by it.

    A reason that is given for all rows is that of the rows which need one. A project that is
    active again loses day and reason. `find_old` gives the stored text of a column.
    """
    columns = draft.columns
    old = find_old("standing") or Project.Standing.ACTIVE
    standing = columns.get("standing", old)
    if standing != Project.Standing.ACTIVE:
        reason = columns.get(_REASON, find_old(_REASON))
        if not reason and standing != old:
            reason = cells.texts.get(_REASON, "")
            columns[_REASON] = reason
            cells.report.changes[_REASON] = ["", reason]
        if not reason and (standing != old or _REASON in columns):
            detail = _(
                "Say why the project is suspended, terminated, merged or closed: in a column "
                "“standing_reason” (原因), or for all rows by “defaults.standing_reason”."
            )
            cells.fail("standing", CellFault("without_reason", detail))
        return
    if columns.get(_REASON):
        if _REASON not in cells.defaulted:
            cells.fail(_REASON, CellFault("contradiction", NO_REASON))
        del columns[_REASON]
        cells.report.changes.pop(_REASON, None)
    if standing != old:
        gone = {"standing_on": None, "standing_on_precision": ""}
        draft.columns = {_REASON: "", **gone, **columns}
        for name in (_REASON, "standing_on"):
            if (text := find_old(name)) and name not in columns:
                cells.report.changes[name] = [text, ""]
