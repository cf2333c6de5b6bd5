"""What projects of a file are a part or a duplicate of: rows of the ledger, or of the same file."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from config.imports import CellFault, RowReport
from config.reading.headers import Match
from projects.importing.drafts import Drafts, RowDraft
from projects.importing.rows import Cells
from projects.importing.stored import find_projects_by_code


def check_project_links(cells: Cells, draft: RowDraft, known: Collection[str]) -> None:
    """Check that a row refers to other projects by codes that are known, in lower case."""
    for name, code in draft.references.items():
        if code and draft.code.lower() == code.lower():
            detail = _("A project cannot be a part or duplicate of itself.")
            cells.fail(name, CellFault("circle", detail))
        elif code.lower() not in known:
            cells.fail(name, describe_unknown_project(code))


def refuse_orphans(
    drafts: Drafts, reports: Mapping[int, RowReport], matches: Mapping[str, Match], visible: Any
) -> None:
    """Refuse the rows that refer to a row of the file that is not written.

    `visible` are the projects that the person may see. A row with the code of another project is
    never written, so no row of the file can be made a part of a hidden project by naming it there.
    """
    if not drafts.referred:
        return
    known = {*find_projects_by_code(drafts.referred, visible)}
    known |= {draft.code.lower() for draft in drafts if draft.code}
    while orphans := [*_find_orphans(drafts, known)]:
        for draft in orphans:
            report = reports[draft.line]
            report.action = "error"
            cells = Cells(report, dict(draft.references), matches=matches)
            for name, code in draft.references.items():
                if code.lower() not in known:
                    cells.fail(name, describe_unknown_project(code))
        drafts.drop([draft.line for draft in orphans])
        known -= {draft.code.lower() for draft in orphans if draft.version is None}


def _find_orphans(drafts: Drafts, known: Collection[str]) -> Iterator[RowDraft]:
    for draft in drafts:
        if any(code.lower() not in known for code in draft.references.values()):
            yield draft


def describe_unknown_project(code: str) -> CellFault:
    """Describe a code of no project that the person may refer to."""
    return CellFault("unknown_value", _("There is no project “%(code)s”.") % {"code": code})
