"""Merge a row into another so that references and codes follow; undo a merge.

One revision: the history keeps both rows, and as of an earlier day both stand as they stood. A
preview is the same, taken back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound

from api.problems.nearest_rows import find_no_row
from config.mistakes import Mistake
from parks.access import Write, is_shared, may_write, require_writes, sees_all_of
from parks.history.differences import KEEPING_FIELDS
from parks.history.restoring import describe_revision, locate_errors, revive
from parks.history.versions import steps
from parks.models.ledger import Appended, DerivingQuerySet, Recorded
from parks.recording.change_rows import is_public, lock_rows
from parks.recording.recording import Unit, clean_reason, has_history, recorded
from parks.recording.records import Change, RetiredCode
from sheets.fields import PrecisionField

UNSAID = (None, "")
# The code leads on, names that differ become aliases, and for which park a draft was made is no
# fact about it
NEVER_FILLED_IN = {"code", "aliases", "park"}


class CannotMergeError(APIException):
    """409: why two rows are not one, or cannot be put together; `errors` name the field."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, code: str, detail: Any, pointer: str = "#/into") -> None:
        super().__init__(detail)
        self.errors = [Mistake(code, detail).at(pointer=pointer)]


@dataclass(frozen=True)
class Merger:
    """What a merge does, or would do: `changes` in what stays, and the other `rows`."""

    row: Any
    retired: str
    changes: list[dict[str, Any]]
    rows: list[dict[str, Any]]

    def describe(self) -> dict[str, Any]:
        """Describe it as the API writes it."""
        return {
            "into": self.row.code,
            "retired": self.retired,
            "changes": self.changes,
            "rows": self.rows,
        }


def merge(row: Any, into: Any, actor: Any, *, reason: str = "", is_preview: bool = False) -> Merger:
    """Merge a row into another of its kind, or find out what that would do.

    Both are rows that `lock_both` returned. CannotMergeError where the two cannot be one.
    """
    check_mergeable(row, into)
    model, retired = type(row), row.code
    text = _("“%(code)s” merged into “%(into)s”") % {"code": retired, "into": into.code}
    with transaction.atomic():
        with recorded(reason=clean_reason(f"{text}: {reason}" if reason else text)) as unit:
            move_references(row, into)
            names = fill_in(row, into) if may_write(actor, Write.CHANGE, into) else []
            retire(unit, row, into)
            if names:
                check_filled_in(into)
                into.save()
            rows = model._default_manager.filter(pk=into.pk)
            if isinstance(rows, DerivingQuerySet):
                rows.derive()
        own, others = describe_revision(unit, into, actor, is_preview=is_preview)
        transaction.set_rollback(is_preview)
    return Merger(into, retired, own, others)


def lock_both(row: Any, into: Any) -> tuple[Any, Any]:
    """Lock two rows in the order of their keys and read them again, so that no edit is lost.

    NotFound where one of them was deleted in the meantime.
    """
    model = type(row)
    rows = model._default_manager.select_for_update(no_key=True, of=("self",))
    locked = {each.pk: each for each in rows.filter(pk__in=[row.pk, into.pk]).order_by("pk")}
    for each in (row, into):
        if each.pk not in locked:
            raise find_no_row("code", each.code, model._default_manager.none())
    return locked[row.pk], locked[into.pk]


def require_merge(actor: Any, row: Any, into: Any) -> None:
    """Raise PermissionDenied unless the person may end the one row and change the other.

    What all parks share is not changed by somebody who may only end a draft of their own.
    """
    kept = () if is_shared(type(row)) else ((into, into),)
    require_writes(actor, (row, None), *kept)


def check_mergeable(row: Any, into: Any) -> None:
    """Raise CannotMergeError for a row and itself, and for rows that say they are two."""
    if row.pk == into.pk:
        raise CannotMergeError("circle", _("This is the row itself."))
    for name in row.tells_apart:
        one, other = getattr(row, name), getattr(into, name)
        if one and other and one != other:
            label = row._meta.get_field(name).verbose_name
            detail = _("They are two: each has a %(name)s of its own.") % {"name": label}
            raise CannotMergeError("contradiction", detail)
    if is_seen(row) and not is_seen(into):
        detail = _("Everybody sees the one, and not the other: publish that first.")
        raise CannotMergeError("refers_to_draft", detail)


def is_seen(row: Any) -> bool:
    """Tell whether everybody sees a stored row."""
    rows: Any = type(row)._default_manager.filter(pk=row.pk)
    return bool(rows.annotate(is_seen=is_public(row.audience)).values_list("is_seen", flat=True)[0])


def list_filled_in(model: Any) -> list[str]:
    """List the fields that a merge may fill in: what people may enter, and may leave blank."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if field.editable
        and field.blank
        and not field.primary_key
        and field.name not in NEVER_FILLED_IN
    ]


def find_described(row: Any, name: str) -> str:
    """Find the field that another one describes, such as a date by its precision; or ""."""
    if isinstance(row._meta.get_field(name), PrecisionField):
        return name.removesuffix("_precision")
    return str(row.describes.get(name, ""))


def fill_in(row: Any, into: Any) -> list[str]:
    """Copy to the row that stays what only the other row says; return the changed fields.

    What describes another field (a basis, a hedge, a precision) is not copied if the rows differ
    in that field. The model declares a field before those that describe it.
    """
    filled = []
    for name in list_filled_in(type(row)):
        said = getattr(row, name)
        described = find_described(row, name)
        if unite := getattr(row._meta.get_field(name), "unite", None):
            said = unite(getattr(into, name), said)
            if said != getattr(into, name):
                setattr(into, name, said)
                filled.append(name)
            continue
        if getattr(into, name) not in UNSAID or said in (*UNSAID, into):
            continue
        if described and getattr(row, described) not in (*UNSAID, getattr(into, described)):
            continue
        setattr(into, name, said)
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


def check_filled_in(into: Any) -> None:
    """Raise CannotMergeError where what was copied breaks a rule, such as parts in a circle."""
    try:
        into.full_clean()
    except DjangoValidationError as error:
        raise CannotMergeError("contradiction", " ".join(error.messages)) from error


def find_links_to(model: Any) -> Iterator[Any]:
    """Find the relations by which recorded rows refer to rows of a model."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and relation.one_to_many:
            other: Any = relation.related_model
            if issubclass(other, Recorded):
                yield relation


def move_references(row: Any, into: Any) -> None:
    """Have all that refers to a row refer to the other; what that has already is deleted."""
    for relation in find_links_to(type(row)):
        below: Any = relation.related_model
        name = relation.field.name
        for each in below._default_manager.filter(**{name: row}).order_by("pk"):
            move(each, name, into)


def move(row: Any, name: str, into: Any) -> None:
    """Have a row refer to `into` by this column, or end it where the same is said there."""
    if type(row) is type(into) and row.pk == into.pk:  # a part of what it is one with
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
    if isinstance(row, Appended):  # what was said is not checked again: only of whom it is said
        type(row)._default_manager.filter(pk=row.pk).update(**{name: into})
    else:
        row.save()


def retire(unit: Unit, row: Any, into: Any) -> None:
    """Delete a row whose code leads to another from now on; the feed tells to which."""
    label, key, code = row._meta.label_lower, str(row.pk), row.code
    row = type(row)._default_manager.get(pk=row.pk)  # without the rows that were moved
    row.delete()
    RetiredCode.objects.filter(model=label, code_key=code.lower()).update(
        successor=into.code, revision=unit.revision
    )
    for change in unit.deletions:
        if (change.resource, change.row_key) == (label, key):
            change.successor = into.code


MOST_FOLLOWERS_NAMED = 10


class ChangedSinceError(APIException):
    """409: rows of a merge were changed since; it cannot be taken back as a whole."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, names: list[str]) -> None:
        told = {"names": ", ".join(names[:MOST_FOLLOWERS_NAMED])}
        detail = _("The merge cannot be undone, since this has been changed: %(names)s.") % told
        super().__init__(detail)
        self.errors = [Mistake("changed_since", detail).at(pointer="#")]


@dataclass(frozen=True)
class MergeStep:
    """What a merge did to one row: its version, the one before, and what it said there."""

    version: Any
    before: Any
    changed: dict[str, Any]

    @property
    def is_deletion(self) -> bool:
        return bool(self.version.history_type == Change.Op.DELETE)


@dataclass(frozen=True)
class Merge:
    """A merge that was done: the row that it ended, as it was before, and where its code leads."""

    retired: RetiredCode
    gone: Any

    @property
    def model(self) -> Any:
        return type(self.gone)


def find_merge(model: Any, code: str, actor: Any) -> Merge:
    """Find the merge that retired a code; NotFound where none did that the actor may know of."""
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
    """Take a merge back in one revision; return the row that stands again.

    PermissionDenied unless the actor may write all that the merge changed, but for the rows that
    followed it. ChangedSinceError where one of its rows was changed since.
    """
    model, revision, successor = merge.model, merge.retired.revision_id, merge.retired.successor
    told = {"code": merge.gone.code, "into": successor}
    text = _("Merge of “%(code)s” into “%(into)s” undone") % told
    reason = f"{text}: {reason}" if reason else text
    with transaction.atomic(), recorded(reason=clean_reason(reason)), locate_errors():
        if not RetiredCode.objects.select_for_update().filter(pk=merge.retired.pk):
            raise NotFound(_("No merge retired this code."))
        models = [*filter(has_history, apps.get_models())]
        found = [step for each in models for step in find_steps(each, revision)]
        require_undo(actor, merge, found)
        lock_steps(found)
        check_nothing_followed(found)
        # The row comes back when the other one has given back what only one may have
        links, others = divide_steps(found, model)
        change_back_rows(others)
        (own,) = (step for step in found if step.before.instance == merge.gone)
        row = revive(own.before, actor)
        change_back_rows(links)
        for step in found:
            if step.is_deletion and step is not own:
                revive(step.before, actor)
        derive_again(model, [row.pk, *find_keys(model, successor)])
    return row


def require_undo(actor: Any, merge: Merge, found: list[MergeStep]) -> None:
    """Raise PermissionDenied unless the actor may write both rows as the merge did.

    The row that stayed is checked as it is now, and where it is shared, only if it was changed.
    """
    into = merge.model._default_manager.filter(code_key=merge.retired.successor.lower()).first()
    if into is None:  # it was merged on, or deleted: another right could not be told
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


def divide_steps(steps: list[MergeStep], model: Any) -> tuple[list[MergeStep], list[MergeStep]]:
    """Divide what was changed: rows of other models that link here, and rows of this one."""
    changed = [step for step in steps if not step.is_deletion]
    own = [step for step in changed if isinstance(step.before.instance, model)]
    return [step for step in changed if step not in own], own


def find_before(version: Any) -> Any:
    """Find the version before one."""
    return type(version).objects.get(id=version.id, version=version.version - 1)


def find_steps(model: Any, revision: int | None) -> list[MergeStep]:
    """Find what a revision wrote by hand.

    What only followed, such as the version of a project whose investor changed, is left out.
    """
    steps = []
    for version in model.history.filter(revision=revision).order_by("history_id"):
        before = find_before(version)
        step = MergeStep(version, before, find_changed(model, version, before))
        if step.is_deletion or step.changed:
            steps.append(step)
    return steps


def find_changed(model: Any, version: Any, before: Any) -> dict[str, Any]:
    """Find the columns in which two versions differ, with the values of the earlier one."""
    left_out = KEEPING_FIELDS | {*model.worked_out}
    return {
        column.attname: getattr(before, column.attname)
        for column in model._meta.concrete_fields
        if not (column.generated or column.primary_key or column.name in left_out)
        and getattr(version, column.attname) != getattr(before, column.attname)
    }


def check_nothing_followed(steps: Iterable[MergeStep]) -> None:
    """Raise ChangedSinceError, with the names of rows, where one has a later version."""
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
    """Write again what stood in the columns that changed."""
    for step in steps:
        model = type(step.before.instance)
        model._default_manager.filter(pk=step.before.id).update(**step.changed)


def find_keys(model: Any, code: str) -> list[int]:
    """Find the key of the row that a code names; none where it is gone."""
    return list(model._default_manager.filter(code_key=code.lower()).values_list("pk", flat=True))


def derive_again(model: Any, keys: list[int]) -> None:
    """Derive rows from what stands below them now, if they derive at all."""
    rows = model._default_manager.filter(pk__in=keys)
    if isinstance(rows, DerivingQuerySet):
        rows.derive()
