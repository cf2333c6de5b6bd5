"""Taking an import back: what it created is deleted, what it changed is as it was before.

The history knows which versions an import wrote. It is taken back as a whole, and only while none
of its rows has a later version.
"""

from collections.abc import Collection, Iterator
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.db.models.deletion import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.problems.database_errors import find_violation
from parks.models import Figure, ImportBatch, Organisation, OrganisationTag, Park
from parks.models.records import Revision
from parks.publishing import HiddenLinkError
from parks.recording.change_rows import chunks
from parks.recording.recording import recorded
from projects.models import (
    Assignment,
    Funding,
    Investor,
    Milestone,
    Participation,
    ProgressNote,
    Project,
    ProjectFigure,
    ProjectTag,
    Target,
    YearPlan,
)

# What imports write, in the order in which it is taken back
WRITTEN: list[Any] = [
    *(Participation, Investor, Milestone, ProjectFigure, Funding, YearPlan, ProgressNote, Figure),
    *(Assignment, ProjectTag, OrganisationTag, Target, Project, Park, Organisation),
]
COUNTED = {"id", "version", "created_at", "updated_at"}


class CannotUndoError(Exception):
    """Why an import stays; `codes` names up to 20 rows that were changed since."""

    def __init__(self, detail: str, codes: list[str] | None = None) -> None:
        super().__init__(detail)
        self.codes = codes or []


def undo(batch: ImportBatch) -> None:
    """Take back an applied import; raises CannotUndoError."""
    if batch.state != ImportBatch.State.APPLIED:
        raise CannotUndoError(_("Only an import that was applied can be undone."))
    with transaction.atomic():
        revisions = list(Revision.objects.filter(batch=batch.code).values_list("pk", flat=True))
        touched = [code for model in WRITTEN for code in _find_changed(model, revisions)]
        if touched:
            detail = _(
                "Rows of this import have been changed since; it cannot be undone as a whole."
            )
            raise CannotUndoError(detail, touched[:20])
        try:
            with recorded(reason=_("Import %(code)s undone") % {"code": batch.code}):
                for model in WRITTEN:
                    _take_back(model, revisions)
        except ProtectedError as error:
            detail = _("Other rows now refer to what this import created.")
            raise CannotUndoError(detail) from error
        except HiddenLinkError as error:  # it would hide again what others refer to by now
            raise CannotUndoError(str(error.detail)) from error
        except IntegrityError as error:  # another row has by now what was only one row's
            raise CannotUndoError(str(find_violation(error).error.detail)) from error
        batch.state = ImportBatch.State.UNDONE
        batch.undone_at = timezone.now()
        batch.content = None
        batch.save()


def _find_versions(model: Any, revisions: list[int]) -> Any:
    return model.history.filter(revision_id__in=revisions)


def _find_changed(model: Any, revisions: list[int]) -> Iterator[str]:
    """The rows that have a later version than the import gave them, or are gone."""
    written = dict(
        _find_versions(model, revisions).order_by().values_list("id").annotate(last=Max("version"))
    )
    for chunk in chunks(written):
        rows = model._default_manager.filter(pk__in=chunk)
        now = {pk: (version, str(pk)) for pk, version in rows.values_list("pk", "version")}
        for key in chunk:
            version, name = now.get(key, (None, str(key)))
            if version != written[key]:
                yield f"{model._meta.label_lower} {name}"


def _take_back(model: Any, revisions: list[int]) -> None:
    versions = _find_versions(model, revisions)
    created = set(versions.filter(history_type="+").values_list("id", flat=True))
    changed = set(versions.filter(history_type="~").values_list("id", flat=True)) - created
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


def find_versions_before(model: Any, keys: Collection[int], revisions: list[int]) -> list[Any]:
    """Find the version of each of the rows before the revisions of an import."""
    earlier = model.history.filter(id__in=keys, revision_id__lt=min(revisions))
    last = earlier.order_by().values("id").annotate(last=Max("history_id")).values("last")
    return list(model.history.filter(history_id__in=last))
