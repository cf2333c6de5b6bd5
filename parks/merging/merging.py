"""Merge a row into another so that references and codes follow; undo a merge.

A merge is one revision: the history keeps both rows, and `as_of` an earlier day shows both. A
preview is the same, rolled back.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound

from api.problems.nearest_rows import find_no_row
from config.mistakes import Mistake
from parks.access import Write, is_shared, may_write, require_writes, sees_all_of
from parks.history.restoring import describe_revision, list_user_columns, locate_errors, revive
from parks.history.versions import steps
from parks.models.ledger import Appended, DerivingQuerySet, Recorded
from parks.recording.change_rows import is_public, lock_rows
from parks.recording.recording import RevisionWriter, join_reason, recorded
from parks.recording.records import Change, RetiredCode
from parks.recording.seals import list_sealed_models
from sheets.fields import PrecisionField

_BLANK = (None, "")
# The code redirects, differing names become aliases, and the park of a draft is no fact about it
NEVER_FILLED_IN = {"code", "aliases", "park"}


class CannotMergeError(APIException):
    """409: why two rows cannot be merged; `errors` name the field."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, code: str, detail: Any, pointer: str = "#/into") -> None:
        super().__init__(detail)
        self.errors = [Mistake(code, detail).at(pointer=pointer)]


def merge(
    row: Any, into: Any, actor: Any, *, reason: str = "", is_preview: bool = False
) -> dict[str, Any]:
    """Merge a row into another, or preview it; both are locked by `lock_both`.

    Return the codes of both, the `changes` of the remaining row, and the other `rows`. Raise
    `CannotMergeError` if they cannot be merged.
    """
    check_mergeable(row, into)
    model, retired = type(row), row.code
    text = _("“%(code)s” merged into “%(into)s”") % {"code": retired, "into": into.code}
    with transaction.atomic():
        with recorded(reason=join_reason(text, reason)) as writer:
            for relation in model._meta.get_fields(include_hidden=True):
                below: Any = relation.related_model
                if relation.auto_created and relation.one_to_many and issubclass(below, Recorded):
                    name = relation.field.name
                    for each in below._default_manager.filter(**{name: row}).order_by("pk"):
                        move(each, name, into)
            names = fill_in(row, into) if may_write(actor, Write.CHANGE, into) else []
            retire(writer, row, into)
            if names:
                try:
                    into.full_clean()
                except DjangoValidationError as error:  # such as parents in a circle
                    raise CannotMergeError("contradiction", " ".join(error.messages)) from error
                into.save()
            derive_again(model, [into.pk])
        changes, rows = describe_revision(writer, into, actor, is_preview=is_preview)
        transaction.set_rollback(is_preview)
    return {"into": into.code, "retired": retired, "changes": changes, "rows": rows}


def lock_both(row: Any, into: Any) -> tuple[Any, Any]:
    """Lock two rows in the order of their keys and read them again.

    Raise `NotFound` if one of them was deleted in the meantime.
    """
    model = type(row)
    rows = model._default_manager.select_for_update(no_key=True, of=("self",))
    locked = {each.pk: each for each in rows.filter(pk__in=[row.pk, into.pk]).order_by("pk")}
    for each in (row, into):
        if each.pk not in locked:
            raise find_no_row("code", each.code, model._default_manager.none())
    return locked[row.pk], locked[into.pk]


def require_merge(actor: Any, row: Any, into: Any) -> None:
    """Raise `PermissionDenied` unless the actor may delete `row` and change `into`.

    If the rows are shared, the right to delete `row`, such as one's own draft, is enough.
    """
    kept = () if is_shared(type(row)) else ((into, into),)
    require_writes(actor, (row, None), *kept)


def check_mergeable(row: Any, into: Any) -> None:
    """Raise `CannotMergeError` for a row and itself, and for rows that contradict each other."""
    if row.pk == into.pk:
        raise CannotMergeError("circle", _("This is the row itself."))
    for name in row.tells_apart:
        one, other = getattr(row, name), getattr(into, name)
        if one and other and one != other:
            label = row._meta.get_field(name).verbose_name
            detail = _("They are two: each has a %(name)s of its own.") % {"name": label}
            raise CannotMergeError("contradiction", detail)
    rows = type(row)._default_manager.filter(pk__in=[row.pk, into.pk])
    seen = dict(rows.annotate(is_seen=is_public(row.audience)).values_list("pk", "is_seen"))
    if seen[row.pk] and not seen[into.pk]:
        detail = _("Everybody sees the one, and not the other: publish that first.")
        raise CannotMergeError("refers_to_draft", detail)


def fill_in(row: Any, into: Any) -> list[str]:
    """Copy to the remaining row the values that only the other row has; return the changed fields.

    A field that describes another one (a basis, a hedge, a precision) is not copied if the rows
    differ in that one. The model declares a field before those that describe it.
    """
    filled = []
    for field in row._meta.concrete_fields:
        name = field.name
        if not (field.editable and field.blank) or field.primary_key or name in NEVER_FILLED_IN:
            continue
        value, known = getattr(row, name), getattr(into, name)
        described = row.describes.get(name)
        if isinstance(field, PrecisionField):
            described = name.removesuffix("_precision")
        if unite := getattr(field, "unite", None):
            value = unite(known, value)
            is_new = value != known
        else:
            is_new = known in _BLANK and value not in (*_BLANK, into)
            if described and getattr(row, described) not in (*_BLANK, getattr(into, described)):
                is_new = False
        if is_new:
            setattr(into, name, value)
            filled.append(name)
    if hasattr(into, "aliases"):
        known = into.aliases.splitlines()
        names = [row.name_zh, row.name_en, *row.aliases.splitlines()]
        more = {
            name: None for name in names if name not in {into.name_zh, into.name_en, "", *known}
        }
        if more:
            into.aliases = "\n".join([*known, *more])
            filled.append("aliases")
    return filled


def move(row: Any, name: str, into: Any) -> None:
    """Let a row refer to `into` by this column, or delete it if it would be there twice."""
    if type(row) is type(into) and row.pk == into.pk:  # such as a parent merged into its child
        type(row)._default_manager.filter(pk=row.pk).update(**{name: None})
        setattr(into, name, None)
        return
    setattr(row, name, into)
    try:
        row.yield_to_others()
        row.validate_constraints()
    except DjangoValidationError:
        row.refresh_from_db()
        row.delete()
        return
    if isinstance(row, Appended):  # written once: only its subject changes, without a check
        type(row)._default_manager.filter(pk=row.pk).update(**{name: into})
    else:
        row.save()


def retire(writer: RevisionWriter, row: Any, into: Any) -> None:
    """Delete a row and redirect its code to another; the feed names that successor."""
    label, key, code = row._meta.label_lower, str(row.pk), row.code
    row = type(row)._default_manager.get(pk=row.pk)  # without the rows that were moved
    row.delete()
    RetiredCode.objects.filter(model=label, code_key=code.lower()).update(
        successor=into.code, revision=writer.revision
    )
    for change in writer.deletions:
        if (change.resource, change.row_key) == (label, key):
            change.successor = into.code


MOST_FOLLOWERS_NAMED = 10


class ChangedSinceError(APIException):
    """409: rows of a merge were changed since, so it cannot be undone."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, names: list[str]) -> None:
        detail = _("The merge cannot be undone, since this has been changed: %(names)s.")
        detail %= {"names": ", ".join(names[:MOST_FOLLOWERS_NAMED])}
        super().__init__(detail)
        self.errors = [Mistake("changed_since", detail).at(pointer="#")]


@dataclass(frozen=True)
class MergeStep:
    """A row that a merge wrote: its version, the one before, and the earlier values."""

    version: Any
    before: Any
    changed: dict[str, Any]

    @property
    def is_deletion(self) -> bool:
        return bool(self.version.history_type == Change.Op.DELETE)


@dataclass(frozen=True)
class Merge:
    """A past merge: the row that it deleted, as it was before, and its retired code."""

    retired: RetiredCode
    gone: Any

    @property
    def model(self) -> Any:
        return type(self.gone)


def find_merge(model: Any, code: str, actor: Any) -> Merge:
    """Find the merge that retired a code; raise `NotFound` if there is none the actor may see."""
    codes = RetiredCode.objects.filter(model=model._meta.label_lower, code_key=code.lower())
    retired = codes.exclude(successor="").first()
    if retired is not None:
        end = model.history.get(revision=retired.revision_id, history_type=Change.Op.DELETE)
        before = find_before(end)
        gone = before.instance
        seen = steps(model, gone.pk, is_inside=sees_all_of(actor, gone))
        if before.history_id in seen:
            return Merge(retired, gone)
    raise NotFound(_("No merge retired this code."))


def undo_merge(merge: Merge, actor: Any, *, reason: str = "") -> Any:
    """Undo a merge in one revision; return the restored row.

    Raise `PermissionDenied` unless the actor may write both rows, and `ChangedSinceError` if one of
    the rows of the merge was changed since.
    """
    model, revision, successor = merge.model, merge.retired.revision_id, merge.retired.successor
    text = _("Merge of “%(code)s” into “%(into)s” undone")
    text %= {"code": merge.gone.code, "into": successor}
    with transaction.atomic(), recorded(reason=join_reason(text, reason)), locate_errors():
        if not RetiredCode.objects.select_for_update().filter(pk=merge.retired.pk):
            raise NotFound(_("No merge retired this code."))
        found = [
            step for past in list_sealed_models().values() for step in find_steps(past, revision)
        ]
        require_undo(actor, merge, found)
        lock_steps(found)
        check_nothing_followed(found)
        # Restore the remaining row first: it releases unique values, which the other row needs
        changed = [step for step in found if not step.is_deletion]
        others = [step for step in changed if isinstance(step.before.instance, model)]
        links = [step for step in changed if step not in others]
        change_back_rows(others)
        (own,) = (step for step in found if step.before.instance == merge.gone)
        row = revive(own.before, actor)
        change_back_rows(links)
        for step in found:
            if step.is_deletion and step is not own:
                revive(step.before, actor)
        rows = model._default_manager.filter(code_key=successor.lower())
        derive_again(model, [row.pk, *rows.values_list("pk", flat=True)])
    return row


def require_undo(actor: Any, merge: Merge, found: list[MergeStep]) -> None:
    """Raise `PermissionDenied` unless the actor may write both rows as the merge did.

    The remaining row is checked as it is now and, if it is shared, only if it was changed.
    """
    into = merge.model._default_manager.filter(code_key=merge.retired.successor.lower()).first()
    if into is None:  # merged on, or deleted
        require_writes(actor, (merge.gone, None))
        return
    require_merge(actor, merge.gone, into)
    for step in found:
        if isinstance(step.before.instance, merge.model) and step.version.id == into.pk:
            require_writes(actor, (into, step.before.instance))


def lock_steps(found: Iterable[MergeStep]) -> None:
    """Lock the rows of a merge, of each model in the order of their keys."""
    keys: dict[Any, list[int]] = {}
    for step in found:
        keys.setdefault(type(step.before.instance), []).append(step.version.id)
    for model, some in keys.items():
        lock_rows(model, some)


def find_before(version: Any) -> Any:
    return type(version).objects.get(id=version.id, version=version.version - 1)


def find_steps(past: Any, revision: int | None) -> list[MergeStep]:
    """Find what a revision changed, without rows that only derived from these."""
    steps = []
    for version in past.objects.filter(revision=revision).order_by("history_id"):
        before = find_before(version)
        changed = {
            column.attname: getattr(before, column.attname)
            for column in list_user_columns(past.instance_type)
            if getattr(version, column.attname) != getattr(before, column.attname)
        }
        step = MergeStep(version, before, changed)
        if step.is_deletion or step.changed:
            steps.append(step)
    return steps


def check_nothing_followed(steps: Iterable[MergeStep]) -> None:
    """Raise `ChangedSinceError`, with the names of rows, if one has a later version."""
    followed = [
        f"{step.version.instance._meta.verbose_name} {step.version.instance}"
        for step in steps
        if type(step.version)
        .objects.filter(id=step.version.id, version__gt=step.version.version)
        .exists()
    ]
    if followed:
        raise ChangedSinceError(followed)


def change_back_rows(steps: Iterable[MergeStep]) -> None:
    """Restore the earlier values of the changed columns."""
    for step in steps:
        model = type(step.before.instance)
        model._default_manager.filter(pk=step.before.id).update(**step.changed)


def derive_again(model: Any, keys: list[int]) -> None:
    """Derive these rows again, if rows of the model derive from others."""
    rows = model._default_manager.filter(pk__in=keys)
    if isinstance(rows, DerivingQuerySet):
        rows.derive()
