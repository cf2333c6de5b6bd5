"""Restoring a version, by whatever door: the one way of the API and of the admin.

It is written in one revision, which is then told as the history tells it. A preview is the same,
taken back: so it says exactly what would happen.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError

from parks.access import sees_all_of, select_readable
from parks.history.differences import References, differences, list_columns, members_of
from parks.history.restored_claims import RestoredClaims, link_freed
from parks.history.restored_rows import (
    build_reason,
    change_back,
    find_relations,
    find_rows_then,
    locate_errors,
    revive,
)
from parks.history.times import REPAIR
from parks.history.versions import (
    RowChange,
    describe_row_change,
    find_operation,
    keys_of_row_change,
)
from parks.history.visibility import steps
from parks.models import Claim
from parks.models.appended import Appended
from parks.models.records import Change, Revision
from parks.recording.recording import Unit, has_history, recorded


@dataclass(frozen=True)
class Past:
    """A version that is to be restored, and the row as it is: None if it was deleted."""

    version: Any
    row: Any

    @property
    def model(self) -> Any:
        return self.version.instance_type


def find_version(model: Any, key: Any, number: int, row: Any) -> Past:
    """Find a version of a row by its number; NotFound where there is none to go back to."""
    version = model.history.model.objects.filter(id=key, version=number).first()
    if version is None:
        raise NotFound(_("There is no such version."))
    if version.history_type == Change.Op.DELETE:
        detail = _("Version %(version)d says that it was deleted: restore the one before.")
        raise NotFound(detail % {"version": number})
    return Past(version, row)


@dataclass(frozen=True)
class Restoration:
    """What restoring a version does, or would do: to the row, and to others.

    `version` is the one that the row has then, `restored` the one that it went back to.
    """

    row: Any
    version: int
    restored: int
    changes: list[dict[str, Any]]
    rows: list[dict[str, Any]]

    def describe(self) -> dict[str, Any]:
        """Describe it as the API writes it."""
        names = ("version", "restored", "changes", "rows")
        return {name: getattr(self, name) for name in names}


def restore_version(
    past: Past, actor: Any, *, reason: str, is_preview: bool, guard: AbstractContextManager[Any]
) -> Restoration:
    """Write a version again in one revision, or find out what that would do.

    `guard` is entered inside of the revision with what was written; it raises what forbids it.
    Raises DRF's `ValidationError` for what breaks a rule by now, by field.
    """
    number = past.version.version
    with transaction.atomic():
        with recorded(reason=build_reason(number, reason)) as unit, guard:
            row = write_version(past, actor)
        row.refresh_from_db(fields=["version"])
        told = describe_revision(unit, row, actor, is_preview=is_preview)
        restoration = Restoration(row, row.version, number, *told)
        transaction.set_rollback(is_preview)
    return restoration


def write_version(past: Past, actor: Any) -> Any:
    """Write a version again, with the rows that it knew; returns the row, which is there then."""
    version, row, model = past.version, past.row, past.model
    if issubclass(model, Claim):
        return write_claim(past, actor)
    with locate_errors():
        if row is None:
            row = revive(version, actor)
            if issubclass(model, Appended):
                link_freed(row, find_deletion(version))
        else:
            change_back(row, version, actor)
    for name, relation in find_relations(model, was_deleted=past.row is None):
        then = find_rows_then(relation, version)
        now = {each.pk: each for each in getattr(row, name).all()}
        below: Any = relation.related_model
        if issubclass(below, Claim):
            RestoredClaims(below, then, now, actor, (name,)).restore()
        else:
            write_rows(name, then, now, actor)
    return row


def write_rows(name: str, then: Mapping[int, Any], now: Mapping[int, Any], actor: Any) -> None:
    """Have the rows below a row as they stood then: versions by key, and the rows as they are."""
    for key in now.keys() - then.keys():  # first: only one of them may be the lead, or of a month
        now[key].delete()
    waiting = sorted(then.items())
    while waiting:
        refused = []
        for key, version in waiting:
            try:
                with locate_errors(name, key):
                    if key in now:
                        change_back(now[key], version, actor)
                    else:
                        revive(version, actor)
            except ValidationError as error:  # maybe only until another one is as it was
                refused.append((key, version, error))
                if key in now:
                    now[key].refresh_from_db()
        if len(refused) == len(waiting):
            raise refused[0][2]
        waiting = [(key, version) for key, version, _error in refused]


def write_claim(past: Past, actor: Any) -> Any:
    """Write a version of a single claim again; what was claimed is never written over."""
    key = past.version.id
    now = {} if past.row is None else {key: past.row}
    claims = RestoredClaims(past.model, {key: past.version}, now, actor)
    claims.restore()
    claim = claims.claims[key]
    if past.row is None:
        link_freed(claim, find_deletion(past.version))
    return claim


def find_deletion(version: Any) -> Any:
    """Find the last version of the same row that says that it was deleted."""
    versions = type(version).objects.filter(id=version.id, history_type=Change.Op.DELETE)
    return versions.exclude(history_change_reason=REPAIR).latest("version")


def describe_revision(
    unit: Unit, row: Any, actor: Any, *, is_preview: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Describe what a unit wrote: what changed in a row, and in others that the actor may see."""
    revision = unit.find_revision()
    changed = [] if revision is None else [*find_row_changes(revision, actor)]
    references = References(actor, {*chain.from_iterable(map(keys_of_row_change, changed))})
    own: list[dict[str, Any]] = []
    others = []
    for change in changed:
        told = describe_row_change(change, references)
        if is_preview and change.row.version == 1:
            told |= {"code": None, "id": None}  # a new row gets them when it is written
        if (change.model, change.row.id) == (type(row), row.pk):
            own = told["changes"]
        else:
            others.append(told)
    return own, others


def find_row_changes(revision: Revision, actor: Any) -> Iterator[RowChange]:
    """Find what a revision did to rows that a person may see."""
    for model in filter(has_history, apps.get_models()):
        past: Any = model.history.model  # type: ignore[attr-defined]
        versions = [*past.objects.filter(revision=revision).order_by("history_id")]
        if not versions:
            continue
        keys = [version.id for version in versions]
        seen = {*select_readable(model, actor).filter(pk__in=keys).values_list("pk", flat=True)}
        numbers = {version.version - 1 for version in versions}
        before = {
            (each.id, each.version): each
            for each in past.objects.filter(id__in=keys, version__in=numbers)
        }
        members = members_of(past, [each.history_id for each in (*versions, *before.values())])
        shown = list_columns(model, is_inside=False, sees_work=True)
        for version in versions:
            is_gone = version.history_type == Change.Op.DELETE
            if not (may_see_deletion(version, actor) if is_gone else version.id in seen):
                continue
            old = before.get((version.id, version.version - 1))
            if old is not None and old.history_type == Change.Op.DELETE:
                old = None
            new = None if is_gone else version
            found = differences(old, new, members, shown)
            yield RowChange(model, version, find_operation(old, new), found)


def may_see_deletion(version: Any, actor: Any) -> bool:
    """Tell whether a person may see a version that says that a row was deleted.

    A row that went with the row it belonged to may be seen: the person has just deleted that one.
    """
    row = version.instance
    try:
        is_inside = sees_all_of(actor, row)
    except ObjectDoesNotExist:
        return True
    return version.history_id in steps(type(row), row.pk, is_inside=is_inside)
