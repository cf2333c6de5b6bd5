"""Restore a version of a row, with the rows below it and its claims.

The row and the rows below it get the values they had when that version ended. Later rows are
deleted and stay in the history, except for promised steps. Only claims are never overwritten: see
`RestoredClaims`.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError as DjangoValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.fields import get_error_detail

from config.database.history import OPEN, PUBLICATION
from parks.access import sees_all_of, select_readable
from parks.history.differences import KEEPING_FIELDS, References, differences, list_columns
from parks.history.verification import REPAIR
from parks.history.versions import (
    RowChange,
    describe_row_change,
    find_operation,
    keys_of_row_change,
    steps,
)
from parks.models import Claim, RetiredCode
from parks.models.claims import MENDABLE
from parks.models.ledger import Appended
from parks.recording.recording import RevisionWriter, has_history, join_reason, recorded
from parks.recording.records import Change, Revision
from parks.recording.seals import list_sealed_models, members_of


def list_user_columns(model: Any) -> list[models.Field]:
    """List the columns that users write, not the ledger."""
    left_out = KEEPING_FIELDS | {*model.computed_columns}
    return [
        column
        for column in model._meta.concrete_fields
        if not (column.generated or column.primary_key or column.name in left_out)
    ]


def list_restorable_columns(model: Any) -> list[models.Field]:
    """List the columns that users write, without the link to the owner of the row."""
    owner = model.audience.owner.split("__")[0]
    return [column for column in list_user_columns(model) if column.name != owner]


def change_back(row: Any, version: Any, actor: Any, only: Collection[str] | None = None) -> None:
    """Give an existing row the values of a version; save it only if something differs.

    `only` names the columns that may be written. Raise `ValidationError`, by field, for values
    that break a rule today.
    """
    changed = []
    is_older_than_publication = getattr(version, PUBLICATION, None) == ""
    for column in list_restorable_columns(type(row)):
        if only is not None and column.name not in only:
            continue
        if is_older_than_publication and column.name in (PUBLICATION, "park"):
            continue
        value = getattr(version, column.attname)
        if getattr(row, column.attname) != value:
            setattr(row, column.attname, value)
            changed.append(column)
    members = find_members(version)
    has_other_members = any(
        {*getattr(row, name).values_list("pk", flat=True)} != {*keys}
        for name, keys in members.items()
    )
    if not changed and not has_other_members:
        return
    check_references(row, changed, actor)
    row.full_clean()
    row.save()
    for name, keys in members.items():
        getattr(row, name).set(keys)


def revive(version: Any, actor: Any, **values: Any) -> Any:
    """Insert a deleted row again, as it was in a version, with its own key and code.

    `values` replace those of the version. Raise `ValidationError`, by field, for values that break
    a rule today.
    """
    row = version.instance
    model = type(row)
    for name, value in values.items():
        setattr(row, name, value)
    if getattr(version, PUBLICATION, None) == "":  # older than the column: everybody saw it
        row.publication = OPEN
    last = type(version).objects.filter(id=row.pk).order_by("-version")[0]
    row.version = last.version + 1
    if code := getattr(row, "code", ""):
        RetiredCode.objects.filter(model=model._meta.label_lower, code_key=code.lower()).delete()
    check_references(row, list_restorable_columns(model), actor)
    row.full_clean()
    row.save(force_insert=True)
    model._default_manager.filter(pk=row.pk).update(
        created_at=version.created_at, updated_at=max(row.updated_at, last.history_date)
    )
    for name, members in find_members(version).items():
        getattr(row, name).set(members)
    return row


def check_references(row: Any, columns: Collection[models.Field], actor: Any) -> None:
    """Raise `ValidationError` for columns that refer to deleted or hidden rows."""
    keys: dict[Any, str] = {
        (column.related_model, key): column.name
        for column in columns
        if column.is_relation and (key := getattr(row, column.attname)) is not None
    }
    missing = [
        (model, key)
        for model, key in keys
        if not select_readable(model, actor).filter(pk=key).exists()
    ]
    references = References(actor, missing)
    errors = {}
    for model, key in missing:
        found = references.find(model, key)
        detail = _("What it referred to then is gone, or you may not see it.")
        if found.code:
            detail = _("It referred to “%(name)s” (%(code)s) then, which was deleted.")
        params = {"name": found.text, "code": found.code}
        errors[keys[model, key]] = DjangoValidationError(detail, "reference_gone", params)
    if errors:
        raise DjangoValidationError(errors)


def find_members(version: Any) -> dict[str, tuple[Any, ...]]:
    """Find the keys in the many-to-many fields of a version, by field."""
    found = members_of(type(version), [version.history_id]).get(version.history_id, {})
    return {each.name: found.get(each.name, ()) for each in type(version)._history_m2m_fields}


def find_rows_then(relation: Any, version: Any) -> dict[int, Any]:
    """Find the versions of the rows below a row at the end of a version of it, by key."""
    versions = relation.related_model.history.model.objects
    known = versions.filter(**{relation.field.attname: version.id})
    later = type(version).objects.filter(id=version.id, version__gt=version.version)
    following = later.order_by("version").first()
    if following is not None:
        # If a clock was ahead, revisions give the order; a repair may follow either version
        is_earlier = Q(history_date__lte=following.history_date)
        is_earlier |= Q(revision__lt=following.revision_id)
        known = known.filter(is_earlier).exclude(revision=following.revision_id)
        known = known.exclude(history_change_reason=REPAIR)
    last = {each.id: each for each in known.order_by("version")}
    return {key: each for key, each in last.items() if each.history_type != Change.Op.DELETE}


@contextmanager
def locate_errors(*place: Any) -> Iterator[None]:
    """Raise DRF's `ValidationError` with the errors at a place below the row."""
    try:
        yield
    except DjangoValidationError as error:
        details: Any = get_error_detail(error)
        for step in reversed(place):
            details = {str(step): details}
        raise ValidationError(details) from error


class RestoredClaims:
    """Restores claims about one row: `then` are their versions, `now` the rows, by key.

    `place` is the place of their errors.
    """

    def __init__(
        self,
        model: Any,
        then: Mapping[int, Any],
        now: Mapping[int, Any],
        actor: Any,
        place: tuple[str, ...] = (),
    ) -> None:
        self.model, self.then, self.actor, self.place = model, then, actor, place
        self.claims: dict[int, Any] = {**now}
        self.later = {*now} - {*then}
        self.standing = {
            key
            for key, each in then.items()
            if each.superseded_by_id is None and not each.is_withdrawn
        }

    def restore(self) -> None:
        """Revive, mend and repeat claims; withdraw later claims that still stand."""
        repeated = []
        for key, version in sorted(self.then.items()):
            with locate_errors(*self.find_place(version)):
                if key not in self.claims:
                    self.claims[key] = revive(version, self.actor, superseded_by_id=None)
                change_back(self.claims[key], version, self.actor, only=MENDABLE)
        self.link()
        for key in sorted(self.standing):
            claim, version = self.claims[key], self.then[key]
            if claim.superseded_by_id is not None or not says_the_same(claim, version):
                repeated.append(version)
        for version in repeated:
            with locate_errors(*self.find_place(version)):
                self.claim_again(version)
        for claim in [self.claims[key] for key in sorted(self.later)]:
            if claim.is_standing:
                claim.is_withdrawn = True
                claim.save()

    def find_place(self, version: Any) -> tuple[str, ...]:
        return (*self.place, version.code) if self.place else ()

    def link(self) -> None:
        """Link claims to their successors then, where they have none now."""
        for key, version in self.then.items():
            claim, successor = self.claims[key], self.find(version.superseded_by_id)
            if successor is not None and claim.superseded_by_id is None:
                claim.superseded_by = successor
                claim.save()

    def find(self, key: int | None) -> Any:
        """Find a claim by its key; None if there is none."""
        if key is not None and key not in self.claims:
            found = self.model.objects.filter(pk=key).first()
            if found is None:
                return None
            self.claims[key] = found
        return self.claims.get(key or 0)

    def claim_again(self, version: Any) -> None:
        """Add a claim with the values of a version, unless a standing claim has them already."""
        last = self.find_last(self.claims[version.id])
        for key, claim in self.claims.items():
            if key not in self.then and claim.is_standing and says_the_same(claim, version):
                self.later.discard(key)
                return
        again = version.instance
        again.pk, again.code, again.version = None, "", 1
        check_references(again, list_restorable_columns(self.model), self.actor)
        again.full_clean()
        again.save()
        if last.pk not in self.standing or last.pk == version.id:
            again.supersede(last)
        self.claims[again.pk] = again
        self.standing.add(again.pk)

    def find_last(self, claim: Any) -> Any:
        """Find the claim at the end of the chain of successors."""
        while (successor := self.find(claim.superseded_by_id)) is not None:
            claim = successor
        return claim


def says_the_same(one: Any, other: Any) -> bool:
    """Return whether two claims, or versions of them, differ at most in their successor."""
    return all(
        getattr(one, column.attname) == getattr(other, column.attname)
        for column in list_restorable_columns(type(one))
        if column.name != "superseded_by"
    )


def link_freed(claim: Any) -> None:
    """Let a revived claim supersede the claims that its deletion released."""
    versions = type(claim).history.model.objects
    deletions = versions.filter(id=claim.pk, history_type=Change.Op.DELETE)
    deletion = deletions.exclude(history_change_reason=REPAIR).latest("version")
    freed = versions.filter(revision=deletion.revision_id, superseded_by=None)
    for each in freed.exclude(history_type=deletion.history_type):
        before = versions.filter(id=each.id, version=each.version - 1).first()
        if before is not None and before.superseded_by_id == claim.pk:
            for earlier in type(claim).objects.filter(pk=each.id, superseded_by=None):
                claim.supersede(earlier)


def find_version(model: Any, key: Any, number: int) -> Any:
    """Find a version of a row by its number; raise `NotFound` if it cannot be restored."""
    version = model.history.model.objects.filter(id=key, version=number).first()
    if version is None:
        raise NotFound(_("There is no such version."))
    if version.history_type == Change.Op.DELETE:
        detail = _("Version %(version)d says that it was deleted: restore the one before.")
        raise NotFound(detail % {"version": number})
    return version


@dataclass(frozen=True)
class Restoration:
    """What restoring does, or would do; `version` is the new version, `restored` the old one."""

    row: Any
    version: int
    restored: int
    changes: list[dict[str, Any]]
    rows: list[dict[str, Any]]

    def describe(self) -> dict[str, Any]:
        names = ("version", "restored", "changes", "rows")
        return {name: getattr(self, name) for name in names}


def restore_version(
    version: Any,
    row: Any,
    actor: Any,
    *,
    reason: str,
    is_preview: bool,
    guard: AbstractContextManager[Any],
) -> Restoration:
    """Restore a version of a row, None if it is deleted, in one revision, or preview it.

    `guard` is a context inside of the revision, which raises what forbids the write. Raise DRF's
    `ValidationError`, by field, for values that break a rule today.
    """
    number = version.version
    text = _("Restored version %(version)d") % {"version": number}
    with transaction.atomic():
        with recorded(reason=join_reason(text, reason)) as writer, guard:
            row = write_version(version, row, actor)
        row.refresh_from_db(fields=["version"])
        changes = describe_revision(writer, row, actor, is_preview=is_preview)
        restoration = Restoration(row, row.version, number, *changes)
        transaction.set_rollback(is_preview)
    return restoration


def write_version(version: Any, row: Any, actor: Any) -> Any:
    """Restore a version with the rows below it; return the row."""
    model, was_deleted = version.instance_type, row is None
    if issubclass(model, Claim):
        return write_claim(version, row, actor)
    with locate_errors():
        if row is None:
            row = revive(version, actor)
            if issubclass(model, Appended):
                link_freed(row)
        else:
            change_back(row, version, actor)
    # Every write of a row in `known_rows` makes a version of this one; other rows below are
    # independent of its versions, unless they were deleted with it
    for name in model.owns if was_deleted else model.known_rows:
        relation = getattr(model, name).rel
        if not has_history(relation.related_model):
            continue
        then = find_rows_then(relation, version)
        now = {each.pk: each for each in getattr(row, name).all()}
        below: Any = relation.related_model
        if issubclass(below, Claim):
            RestoredClaims(below, then, now, actor, (name,)).restore()
        else:
            write_rows(name, then, now, actor)
    return row


def write_rows(name: str, then: Mapping[int, Any], now: Mapping[int, Any], actor: Any) -> None:
    """Restore the rows below a row: `then` are versions, `now` the rows as they are, by key."""
    for key in now.keys() - then.keys():  # first, since some constraints allow only one row
        if not now[key].is_promised():
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


def write_claim(version: Any, row: Any, actor: Any) -> Any:
    """Restore a version of a single claim, which is never overwritten."""
    key = version.id
    now = {} if row is None else {key: row}
    claims = RestoredClaims(version.instance_type, {key: version}, now, actor)
    claims.restore()
    claim = claims.claims[key]
    if row is None:
        link_freed(claim)
    return claim


def describe_revision(
    writer: RevisionWriter, row: Any, actor: Any, *, is_preview: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Describe what was written to a row, and to others that the actor may see."""
    revision = writer.stored_revision
    changed = [] if revision is None else [*find_row_changes(revision, actor)]
    references = References(actor, {*chain.from_iterable(map(keys_of_row_change, changed))})
    own: list[dict[str, Any]] = []
    others = []
    for change in changed:
        described = describe_row_change(change, references)
        if is_preview and change.row.version == 1:
            described |= {"code": None, "id": None}  # a new row gets them when it is written
        if (change.model, change.row.id) == (type(row), row.pk):
            own = described["changes"]
        else:
            others.append(described)
    return own, others


def find_row_changes(revision: Revision, actor: Any) -> Iterator[RowChange]:
    """Find the changes of a revision to rows that the actor may see."""
    for past in list_sealed_models().values():
        model = past.instance_type
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
    row = version.instance
    try:
        is_inside = sees_all_of(actor, row)
    except ObjectDoesNotExist:  # deleted with its owner, which the actor has just deleted
        return True
    return version.history_id in steps(type(row), row.pk, is_inside=is_inside)
