"""Restore a version of a row, of the rows below it and of its claims.

Afterwards the row and the rows below it say what they said when that version ended. What came
later is deleted, and stands in the history. Only claims are never written over: see
`restore_claims`.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.fields import get_error_detail

from config.database.history import OPEN, PUBLICATION
from parks.access import sees_all_of, select_readable
from parks.history.differences import (
    KEEPING_FIELDS,
    References,
    differences,
    list_columns,
    members_of,
)
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
from parks.recording.recording import Unit, clean_reason, has_history, recorded
from parks.recording.records import Change, Revision


def build_reason(version: int, reason: str = "") -> str:
    """Build the reason of the revision that restores a version: which one, and why."""
    text = _("Restored version %(version)d") % {"version": version}
    return clean_reason(f"{text}: {reason}" if reason else text)


def list_restorable_columns(model: Any) -> list[models.Field]:
    """List the columns that are written by hand, and may be so again."""
    left_out = KEEPING_FIELDS | {*model.worked_out, model.audience.owner.split("__")[0]}
    return [
        column
        for column in model._meta.concrete_fields
        if not (column.generated or column.primary_key or column.name in left_out)
    ]


def change_back(row: Any, version: Any, actor: Any, only: Collection[str] | None = None) -> None:
    """Store what a row that is there said in a version; nothing where it says the same.

    `only` names the columns that may be written. Raises `ValidationError`, by field, for what
    breaks a rule by now.
    """
    changed = []
    for column in list_restorable_columns(type(row)):
        if only is not None and column.name not in only:
            continue
        if is_older_than_publication(version) and column.name in (PUBLICATION, "park"):
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
    set_members(row, members)


def revive(version: Any, actor: Any, **values: Any) -> Any:
    """Store a row that was deleted again, as it was in a version: by its key and its own code.

    `values` are those of columns that are to be others. Raises `ValidationError`, by field, for
    what breaks a rule by now.
    """
    row = version.instance
    model = type(row)
    for name, value in values.items():
        setattr(row, name, value)
    if is_older_than_publication(version):
        row.publication = OPEN
    last = type(version).objects.filter(id=row.pk).order_by("-version")[0]
    row.version = last.version + 1
    if code := getattr(row, "code", ""):
        RetiredCode.objects.filter(model=model._meta.label_lower, code_key=code.lower()).delete()
    check_references(row, list_restorable_columns(model), actor)
    row.full_clean()
    row.save(force_insert=True)
    # It is no new row, and came back after it had been deleted
    model._default_manager.filter(pk=row.pk).update(
        created_at=version.created_at, updated_at=max(row.updated_at, last.history_date)
    )
    set_members(row, find_members(version))
    return row


def is_older_than_publication(version: Any) -> bool:
    """Tell whether a version is older than the column that says who sees the row."""
    return getattr(version, PUBLICATION, None) == ""


def check_references(row: Any, columns: Collection[models.Field], actor: Any) -> None:
    """Raise `ValidationError` for columns that refer to what is gone, or hidden from the actor."""
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
        told = {"name": found.text, "code": found.code}
        errors[keys[model, key]] = DjangoValidationError(detail, "reference_gone", told)
    if errors:
        raise DjangoValidationError(errors)


def find_members(version: Any) -> dict[str, tuple[Any, ...]]:
    """Find the keys in the many-to-many fields of a version, by field."""
    found = members_of(type(version), [version.history_id]).get(version.history_id, {})
    return {each.name: found.get(each.name, ()) for each in type(version)._history_m2m_fields}


def set_members(row: Any, members: Mapping[str, tuple[Any, ...]]) -> None:
    """Give a stored row these keys in its many-to-many fields."""
    for name, keys in members.items():
        getattr(row, name).set(keys)


def find_rows_then(relation: Any, version: Any) -> dict[int, Any]:
    """Find the rows below a row as they stood when a version of it ended, by key."""
    versions = relation.related_model.history.model.objects
    known = versions.filter(**{relation.field.attname: version.id})
    later = type(version).objects.filter(id=version.id, version__gt=version.version)
    following = later.order_by("version").first()
    if following is not None:
        # Where a clock was ahead, revisions say the order, and a repair may follow either version
        is_earlier = Q(history_date__lte=following.history_date)
        is_earlier |= Q(revision__lt=following.revision_id)
        known = known.filter(is_earlier).exclude(revision=following.revision_id)
        known = known.exclude(history_change_reason=REPAIR)
    last = {each.id: each for each in known.order_by("version")}
    return {key: each for key, each in last.items() if each.history_type != Change.Op.DELETE}


@contextmanager
def locate_errors(*place: Any) -> Iterator[None]:
    """Say of what cannot be stored at which place below the row it stands."""
    try:
        yield
    except DjangoValidationError as error:
        details: Any = get_error_detail(error)
        for step in reversed(place):
            details = {str(step): details}
        raise ValidationError(details) from error


def find_relations(model: Any, *, was_deleted: bool) -> Iterator[tuple[str, Any]]:
    """Find the relations whose rows come back with a row: names, and the relations.

    Of a row that is there these are the rows that its versions know: every write of one makes a
    new version of it. The others have a life of their own, unless they were deleted with it.
    """
    for name in model.owns if was_deleted else model.known_rows:
        relation = getattr(model, name).rel
        if has_history(relation.related_model):
            yield name, relation


_LINK = "superseded_by"


class RestoredClaims:
    """Claims that are put back together: as they stood then, by key, and as they stand now.

    `then` are versions, `now` rows; `place` is where errors of them stand.
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
        """Bring back, mend and claim again; withdraw the later claims that still stand."""
        said_again = []
        for key, version in sorted(self.then.items()):
            with locate_errors(*self.find_place(version)):
                if key not in self.claims:
                    self.claims[key] = revive(version, self.actor, superseded_by_id=None)
                change_back(self.claims[key], version, self.actor, only=MENDABLE)
        self.link()
        for key in sorted(self.standing):
            claim, version = self.claims[key], self.then[key]
            if claim.superseded_by_id is not None or not says_the_same(claim, version):
                said_again.append(version)
        for version in said_again:
            with locate_errors(*self.find_place(version)):
                self.claim_again(version)
        for claim in [self.claims[key] for key in sorted(self.later)]:
            if claim.is_standing:
                claim.is_withdrawn = True
                claim.save()

    def find_place(self, version: Any) -> tuple[str, ...]:
        return (*self.place, version.code) if self.place else ()

    def link(self) -> None:
        """Have claims that stand alone now be superseded by those that had taken their place."""
        for key, version in self.then.items():
            claim, successor = self.claims[key], self.find(version.superseded_by_id)
            if successor is not None and claim.superseded_by_id is None:
                claim.superseded_by = successor
                claim.save()

    def find(self, key: int | None) -> Any:
        """Find a claim about the same by its key; None if there is none."""
        if key is not None and key not in self.claims:
            found = self.model.objects.filter(pk=key).first()
            if found is None:
                return None
            self.claims[key] = found
        return self.claims.get(key or 0)

    def claim_again(self, version: Any) -> None:
        """Claim what a version says in place of what stands now, unless a claim says so already."""
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
        """Find the claim at the end of those that took the place of one another."""
        return [*self.follow(claim)][-1]

    def follow(self, claim: Any) -> Iterator[Any]:
        while claim is not None:
            yield claim
            claim = self.find(claim.superseded_by_id)


def says_the_same(one: Any, other: Any) -> bool:
    """Tell whether two claims, or versions of them, are the same but for what superseded them."""
    return all(
        getattr(one, column.attname) == getattr(other, column.attname)
        for column in list_restorable_columns(type(one))
        if column.name != _LINK
    )


def link_freed(claim: Any, deletion: Any) -> None:
    """Have a claim that came back take the place again of those that its deletion set free."""
    versions = type(deletion).objects
    freed = versions.filter(revision=deletion.revision_id, superseded_by=None)
    for each in freed.exclude(history_type=deletion.history_type):
        before = versions.filter(id=each.id, version=each.version - 1).first()
        if before is not None and before.superseded_by_id == claim.pk:
            for earlier in type(claim).objects.filter(pk=each.id, superseded_by=None):
                claim.supersede(earlier)


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
