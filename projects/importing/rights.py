"""Who may read the report of an import, or undo it: today's rights on every row that it touched.

No kind of import is named here. Which rows were written is what the history says of its revisions,
and which model the codes of a report belong to is registered with the kind.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Min, QuerySet

from parks.access import is_shared, may_replace, park_path, rights_of, sees_all_of
from parks.models import ImportBatch
from parks.models.records import Change, Revision
from parks.recording.change_rows import chunks
from projects.importing.resources import find_named_model
from projects.importing.undoing import find_versions_before, list_undone_models

SHOWS_STORED = {"update", "conflict"}  # what becomes of lines whose report shows stored values
States = Iterator[tuple[Any, Any]]


def may_read(batch: ImportBatch, actor: Any) -> bool:
    """Tell whether the person may read all that the report may show, of every row it touched."""
    if rights_of(actor).is_superuser:
        return True
    named = _find_named(batch)
    written = (state for states in _find_states(batch) for state in states if state is not None)
    return named is not None and all(_may_see(actor, row) for row in (*named, *written))


def may_undo(batch: ImportBatch, actor: Any) -> bool:
    """Tell whether the person could write again what the import wrote, and so may take it back."""
    is_superuser = rights_of(actor).is_superuser
    return is_superuser or all(may_replace(actor, *states) for states in _find_states(batch))


def _may_see(actor: Any, row: Any) -> bool:
    """Whether nothing of a row is hidden from the person; of a published shared row nothing is."""
    return sees_all_of(actor, row) or (is_shared(type(row)) and row.is_open)


def _find_states(batch: ImportBatch) -> States:
    """Find the states of what was written, before and after; None where a row did not exist.

    Of rows of parks it is one row of each park, as they were written and as they are now.
    """
    revisions = list(Revision.objects.filter(batch=batch.code).values_list("pk", flat=True))
    for model in list_undone_models() if revisions else ():
        versions = model.history.filter(revision_id__in=revisions)
        if not versions.exists():  # as of most models
            continue
        created = versions.filter(history_type=Change.Op.CREATE)
        yield from ((None, row) for row in _pick_rows(model, created))
        changed = versions.exclude(id__in=created.values("id"))
        if is_shared(model):
            yield from _pair_versions(model, changed, revisions)
        else:
            before = find_versions_before(model, changed.values("id"), revisions)
            for rows in (changed, before):
                yield from ((row, row) for row in _pick_rows(model, rows))


def _pair_versions(model: Any, changed: QuerySet, revisions: list[int]) -> States:
    """Pair what shared rows said before an import with what they said after it."""
    after = {each.id: each.instance for each in changed.order_by("version")}
    for some in chunks(after):
        for each in find_versions_before(model, some, revisions):
            yield each.instance, after[each.id]


def _pick_rows(model: Any, versions: QuerySet) -> Iterator[Any]:
    """Pick one row for each park to which the rows of these versions belonged, or belong now."""
    owner, _step, column = park_path(model).partition("__")
    if not column:
        yield from (each.instance for each in _pick_each(model, versions))
        yield from _pick_each(model, model._default_manager.filter(pk__in=versions.values("id")))
        return
    above: Any = model._meta.get_field(owner).related_model
    keys = versions.values(f"{owner}_id")
    gone = above.history.filter(id__in=keys, history_type=Change.Op.DELETE)
    rows = [*_pick_each(above, above._default_manager.filter(pk__in=keys))]
    rows += [each.instance for each in _pick_each(above, gone)]
    yield from (model(**{owner: row}) for row in rows)


def _pick_each(model: Any, rows: QuerySet) -> QuerySet:
    """Pick one of the rows, or versions, of each park; of shared ones also of each publication."""
    columns = ["id" if park_path(model) == "pk" else park_path(model)]
    columns += ["publication"] if is_shared(model) else []
    firsts = rows.order_by().values(*columns).annotate(first=Min("pk")).values("first")
    picked: QuerySet = rows.model._default_manager.filter(pk__in=firsts)
    return picked


def _find_named(batch: ImportBatch) -> list[Any] | None:
    """Find the stored rows of which the report speaks, written or not: one of each park.

    Lines say nothing of rows that the person could not write in the first place. None where lines
    do not say of which rows they show values, as reports of earlier releases do not.
    """
    model = find_named_model(batch.resource)
    codes: set[str] = set()
    for line in batch.read_rows():
        if any(error["code"] == "forbidden" for error in line.get("errors", ())):
            continue
        if code := line.get("code"):
            codes.add(code.lower())
        elif batch.is_open and line["action"] in SHOWS_STORED:
            return None
    found: list[Any] = []
    for chunk in chunks(codes):
        found += _pick_each(model, model._default_manager.filter(code_key__in=chunk))
    return found
