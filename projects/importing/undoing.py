"""Undo an import: delete what it created, restore what it changed; and who may do so.

The history has the versions that an import wrote. It is undone as a whole, and only while none of
its rows has a later version. Who may read a report, or undo an import, depends on the current
rights to every row that it touched.
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Min, QuerySet
from django.db.models.deletion import ProtectedError
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException

from api.problems.errors import find_violation
from config.database import history
from parks.access import is_shared, may_replace, park_path, rights_of, sees_all_of
from parks.history.restoring import revive
from parks.models import ImportBatch, Person, Post, Source
from parks.publishing import HiddenLinkError
from parks.recording.change_rows import chunks, lock_rows
from parks.recording.recording import has_history, recorded
from parks.recording.records import Change, Revision
from projects.importing.plain import IMPORT_RESOURCES
from projects.models import Milestone, PlanMove

# Imports publish these and write nothing else of them: they stay public. Moves move back
LEFT = {Source, Person, Post, PlanMove}
COUNTED = {"id", "version", "created_at", "updated_at"}


@cache
def list_undone_models() -> list[Any]:
    """List the models whose rows are undone, each before those that its rows refer to."""
    models = [each for each in apps.get_models() if has_history(each) and each not in LEFT]

    def count_above(model: Any, below: tuple[Any, ...] = ()) -> int:
        links = [field.related_model for field in model._meta.concrete_fields if field.is_relation]
        above = {each for each in links if each in models} - {model, *below}
        return max((count_above(each, (*below, model)) + 1 for each in above), default=0)

    return sorted(models, key=count_above, reverse=True)


class CannotUndoError(APIException):
    """Why an import stays; `changed` names up to 20 rows that were changed since."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, detail: str, changed: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.members = {"changed": [*changed]}


def undo(batch: ImportBatch, actor: Any) -> ImportBatch:
    """Undo an applied import, and return it; raises CannotUndoError."""
    with transaction.atomic():
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.state != ImportBatch.State.APPLIED:
            raise CannotUndoError(_("Only an import that was applied can be undone."))
        revisions = list(Revision.objects.filter(batch=batch.code).values_list("pk", flat=True))
        _lock_unchanged(revisions)
        try:
            with recorded(reason=_("Import %(code)s undone") % {"code": batch.code}):
                for model in list_undone_models():
                    _take_back(model, revisions, actor)
        except ProtectedError as error:
            detail = _("Other rows now refer to what this import created.")
            raise CannotUndoError(detail) from error
        except DjangoValidationError as error:  # of a row that was deleted
            raise CannotUndoError(" ".join(error.messages)) from error
        except HiddenLinkError as error:  # it would hide rows that others refer to by now
            raise CannotUndoError(str(error.detail)) from error
        except IntegrityError as error:  # another row has a unique value by now
            raise CannotUndoError(str(find_violation(error).error.message)) from error
        batch.state = ImportBatch.State.UNDONE
        batch.undone_at = history.read_clock()
        batch.content = None
        batch.save()
    return batch


def _find_versions(model: Any, revisions: list[int]) -> Any:
    return model.history.filter(revision_id__in=revisions)


def _lock_unchanged(revisions: list[int]) -> None:
    """Lock the rows of an import in the usual order: owners first, then by key.

    CannotUndoError names the rows that were changed, deleted or restored since.
    """
    changed: list[str] = []
    for model in reversed(list_undone_models()):
        versions = _find_versions(model, revisions).order_by().values_list("id")
        written = dict(versions.annotate(last=Max("version")))
        gone = versions.filter(history_type="-").values_list("id", "version")
        locked = {**dict(gone), **lock_rows(model, written)}
        kind = model._meta.label_lower
        changed += [f"{kind} {key}" for key in written if locked.get(key) != written[key]]
    if changed:
        detail = _("Rows of this import have been changed since; it cannot be undone as a whole.")
        raise CannotUndoError(detail, changed[:20])


def _take_back(model: Any, revisions: list[int], actor: Any) -> None:
    by_type: dict[str, set[int]] = {"+": set(), "-": set(), "~": set()}
    for kind, key in _find_versions(model, revisions).values_list("history_type", "id"):
        by_type[kind].add(key)
    created = by_type["+"]
    gone = by_type["-"] - created
    changed = by_type["~"] - created - gone
    for chunk in chunks(created):
        for row in model._default_manager.filter(pk__in=chunk):
            row.delete()
    columns = [
        field
        for field in model._meta.concrete_fields
        if not field.generated and field.name not in COUNTED
    ]
    for chunk in chunks(changed):
        rows = model._default_manager.in_bulk(chunk)
        for old in find_versions_before(model, chunk, revisions):
            for field in columns:
                setattr(rows[old.id], field.attname, getattr(old, field.attname))
        for row in rows.values() if model is Milestone else ():
            row.record_moves(row.find_moves())
        model._default_manager.bulk_update(rows.values(), [f.name for f in columns], batch_size=100)
    for chunk in chunks(gone):
        for old in find_versions_before(model, chunk, revisions):
            revive(old, actor)


def find_versions_before(model: Any, keys: Any, revisions: list[int]) -> Any:
    """Find the version of each row before the revisions of an import; `keys` may be a query."""
    earlier = model.history.filter(id__in=keys, revision_id__lt=min(revisions))
    last = earlier.order_by().values("id").annotate(last=Max("history_id")).values("last")
    return model.history.filter(history_id__in=last)


SHOWS_STORED = {"update", "conflict"}  # actions of lines whose report shows stored values
States = Iterator[tuple[Any, Any]]


def may_read(batch: ImportBatch, actor: Any) -> bool:
    """Tell whether the person may read every row that the report may show."""
    if rights_of(actor).is_superuser:
        return True
    named = _find_named(batch)
    written = (state for states in _find_states(batch) for state in states if state is not None)
    return named is not None and all(
        sees_all_of(actor, row) or (is_shared(type(row)) and row.is_open)
        for row in (*named, *written)
    )


def may_undo(batch: ImportBatch, actor: Any) -> bool:
    """Tell whether the person may write, and so undo, every row that the import wrote."""
    is_superuser = rights_of(actor).is_superuser
    return is_superuser or all(may_replace(actor, *states) for states in _find_states(batch))


def _find_states(batch: ImportBatch) -> States:
    """Yield the written rows before and after the import; None where a row did not exist.

    For rows of parks, one row of each park, as written and as stored now.
    """
    revisions = list(Revision.objects.filter(batch=batch.code).values_list("pk", flat=True))
    for model in list_undone_models() if revisions else ():
        versions = _find_versions(model, revisions)
        if not versions.exists():  # of most models
            continue
        created = versions.filter(history_type=Change.Op.CREATE)
        yield from ((None, row) for row in _pick_rows(model, created))
        changed = versions.exclude(id__in=created.values("id"))
        if is_shared(model):
            after = {each.id: each.instance for each in changed.order_by("version")}
            for some in chunks(after):
                for each in find_versions_before(model, some, revisions):
                    yield each.instance, after[each.id]
        else:
            before = find_versions_before(model, changed.values("id"), revisions)
            for rows in (changed, before):
                yield from ((row, row) for row in _pick_rows(model, rows))


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
    return rows.model._default_manager.filter(pk__in=firsts)


def _find_named(batch: ImportBatch) -> list[Any] | None:
    """Find the stored rows that the report names, written or not: one of each park.

    Lines show nothing of rows that the person could not write. None where lines show values of
    unnamed rows, as in reports of earlier releases.
    """
    model: Any = IMPORT_RESOURCES[batch.resource].named
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
