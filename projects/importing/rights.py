"""Who may read the report of an import, or undo it: today's rights on all that it touched."""

from typing import Any

from parks.access import rights_of
from parks.models import Figure, ImportBatch, Park
from parks.models.records import Revision
from parks.recording.change_rows import chunks
from projects.models import Funding, Project

_MODELS: dict[str, Any] = {"projects": Project, "parks": Park, "figures": Figure}


def may_read(batch: ImportBatch, actor: Any) -> bool:
    """Tell whether the person has a role in the park of every row that an import touched."""
    rights = rights_of(actor)
    return rights.is_superuser or _is_within(batch, {*rights.parks}, is_shared=rights.edits_shared)


def may_undo(batch: ImportBatch, actor: Any) -> bool:
    """Tell whether the person may write every row that an import touched."""
    rights = rights_of(actor)
    parks = {*rights.edited_parks}
    return rights.is_superuser or _is_within(batch, parks, is_shared=rights.edits_shared)


def _is_within(batch: ImportBatch, parks: set[int], *, is_shared: bool) -> bool:
    touched = _find_parks_written(batch) | _find_parks_named(batch)
    return touched <= parks | ({None} if is_shared else set())


def _find_parks_written(batch: ImportBatch) -> set[int | None]:
    """Find the parks of what was written: as it was then, and as it is now."""
    revisions = list(Revision.objects.filter(batch=batch.code).values_list("pk", flat=True))
    if not revisions:
        return set()
    parks: set[int | None] = {*_find_versions(Park, revisions).values_list("id", flat=True)}
    for model in (Project, Figure):
        parks |= {*_find_versions(model, revisions).values_list("park_id", flat=True)}
    projects = {
        *_find_versions(Project, revisions).values_list("id", flat=True),
        *_find_versions(Funding, revisions).values_list("project_id", flat=True),
    }
    for chunk in chunks(projects):
        parks |= {*Project.objects.filter(pk__in=chunk).values_list("park_id", flat=True)}
    return parks


def _find_versions(model: Any, revisions: list[int]) -> Any:
    return model.history.filter(revision_id__in=revisions).order_by().distinct()


def _find_parks_named(batch: ImportBatch) -> set[int | None]:
    """Find the parks of the stored rows of which the report speaks, written or not.

    Of those that were not the person's in the first place it says no more than that.
    """
    model = _MODELS.get(batch.resource)
    if model is None:
        return set()
    codes = {
        row["code"].lower()
        for row in batch.read_rows()
        if row.get("code") and all(error["code"] != "forbidden" for error in row.get("errors", ()))
    }
    column = "pk" if model is Park else "park_id"
    parks: set[int | None] = set()
    for chunk in chunks(codes):
        rows = model._default_manager.filter(code_key__in=chunk)
        parks |= {*rows.values_list(column, flat=True)}
    return parks
