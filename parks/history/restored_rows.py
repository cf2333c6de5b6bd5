"""Going back to a version of a row, of one that was deleted, too, with the rows that it knew.

Afterwards the row and the rows below it say what they said when that version ended. What came
later is deleted, and stands in the history. Only claims are never written over: see
`restored_claims`.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.fields import get_error_detail

from config.history import OPEN, PUBLICATION
from parks.access import select_readable
from parks.history.differences import KEEPING_FIELDS, References, members_of
from parks.history.times import REPAIR
from parks.models import RetiredCode
from parks.models.records import Change
from parks.recording.recording import clean_reason, has_history


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
