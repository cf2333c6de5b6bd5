"""Taking an import back: what it created is deleted, what it changed or deleted is as it was.

The history knows which versions an import wrote. It is taken back as a whole, and only while none
of its rows has a later version.
"""

from functools import cache
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.deletion import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.problems.database_errors import find_violation
from parks.history.restored_rows import revive
from parks.models import ImportBatch, Person, Post, Source
from parks.models.records import Revision
from parks.publishing import HiddenLinkError
from parks.recording.change_rows import chunks, lock_rows
from parks.recording.recording import has_history, recorded

# Imports publish these and write nothing else of them: they stay public
LEFT = {Source, Person, Post}
COUNTED = {"id", "version", "created_at", "updated_at"}


@cache
def list_undone_models() -> list[Any]:
    """List the models whose rows are taken back, each before those that its rows refer to.

    Parks and organisations refer to one another: of two such, the first of the apps stays first.
    """
    models = [each for each in apps.get_models() if has_history(each) and each not in LEFT]

    def count_above(model: Any, below: tuple[Any, ...] = ()) -> int:
        links = [field.related_model for field in model._meta.concrete_fields if field.is_relation]
        above = {each for each in links if each in models} - {model, *below}
        return max((count_above(each, (*below, model)) + 1 for each in above), default=0)

    return sorted(models, key=count_above, reverse=True)


class CannotUndoError(Exception):
    """Why an import stays; `codes` names up to 20 rows that were changed since."""

    def __init__(self, detail: str, codes: list[str] | None = None) -> None:
        super().__init__(detail)
        self.codes = codes or []


def undo(batch: ImportBatch, actor: Any) -> ImportBatch:
    """Take back an applied import, and return it; raises CannotUndoError."""
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
        except HiddenLinkError as error:  # it would hide again what others refer to by now
            raise CannotUndoError(str(error.detail)) from error
        except IntegrityError as error:  # another row has by now what was only one row's
            raise CannotUndoError(str(find_violation(error).error.detail)) from error
        batch.state = ImportBatch.State.UNDONE
        batch.undone_at = timezone.now()
        batch.content = None
        batch.save()
    return batch


def _find_versions(model: Any, revisions: list[int]) -> Any:
    return model.history.filter(revision_id__in=revisions)


def _lock_unchanged(revisions: list[int]) -> None:
    """Lock what an import wrote, as others do: what rows belong to first, then by key.

    CannotUndoError names the rows that have a later version than the import gave them, are gone, or
    are there again.
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
    versions = _find_versions(model, revisions)
    created = set(versions.filter(history_type="+").values_list("id", flat=True))
    gone = set(versions.filter(history_type="-").values_list("id", flat=True)) - created
    changed = set(versions.filter(history_type="~").values_list("id", flat=True)) - created - gone
    for chunk in chunks(created):
        for row in model._default_manager.filter(pk__in=chunk):
            row.delete()
    columns = [
        field
        for field in model._meta.concrete_fields
        if not field.generated and field.name not in COUNTED
    ]
    for chunk in chunks(changed):
        before = find_versions_before(model, chunk, revisions)
        rows = [
            model(pk=old.id, **{field.attname: getattr(old, field.attname) for field in columns})
            for old in before
        ]
        model._default_manager.bulk_update(rows, [f.name for f in columns], batch_size=100)
    for chunk in chunks(gone):
        for old in find_versions_before(model, chunk, revisions):
            revive(old, actor)


def find_versions_before(model: Any, keys: Any, revisions: list[int]) -> Any:
    """Find the version of each of the rows before the revisions of an import.

    `keys` are those of the rows, or a query for them.
    """
    earlier = model.history.filter(id__in=keys, revision_id__lt=min(revisions))
    last = earlier.order_by().values("id").annotate(last=Max("history_id")).values("last")
    return model.history.filter(history_id__in=last)
