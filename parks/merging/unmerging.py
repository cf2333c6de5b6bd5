"""Taking a merge back: both rows stand again as they stood, while nothing followed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.exceptions import APIException, NotFound

from config.mistakes import Mistake
from parks.access import require_writes, sees_all_of
from parks.history.differences import KEEPING_FIELDS
from parks.history.restored_rows import locate_errors, revive
from parks.history.visibility import steps
from parks.merging.merging import require_merge
from parks.models.deriving import DerivingQuerySet
from parks.models.records import Change, RetiredCode
from parks.recording.change_rows import lock_rows
from parks.recording.recording import clean_reason, has_history, recorded

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
