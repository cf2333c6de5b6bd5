"""The changes feed: what was created, changed and deleted, as one reader may know it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Max, OuterRef, Q

from parks.access import Rights, is_shared, judge_parks
from parks.recording.recording import find_changed_columns, has_history
from parks.recording.records import Change, Identity


def resource_of(model: type[models.Model]) -> str:
    """Name a model's rows in the feed: `project`, `signing_event`, `project_figure`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", model.__name__).lower()


def resources() -> dict[str, type[models.Model]]:
    return {resource_of(m): m for m in apps.get_models() if hasattr(m, "audience")}


@dataclass(frozen=True)
class Cursor:
    """A place in the feed of one ledger, for readers who see the same rows.

    Its text is like `3f2a9c1b-1042-a81f03c2`: the ledger, the number of the last change read, and
    a digest of what the reader sees. It is no secret: rights are checked with every request.
    """

    ledger: str
    number: int
    view: str

    def __str__(self) -> str:
        return f"{self.ledger}-{self.number}-{self.view}"


def begin(rights: Rights, number: int | None = None) -> Cursor:
    """Make the cursor after a number; by default the one before the oldest kept change."""
    ledger = Identity.of_ledger()
    return Cursor(
        ledger.uuid.hex[:8],
        ledger.forgotten_to if number is None else number,
        sha256(rights.visibility.encode()).hexdigest()[:8],
    )


def last_number() -> int:
    return Change.objects.aggregate(last=Max("number"))["last"] or 0


def read_cursor(text: str, rights: Rights) -> tuple[Cursor, str]:
    """Parse a cursor; return it, or the one at the beginning, and why it cannot be used."""
    oldest = begin(rights)
    match = re.fullmatch("([0-9a-f]{8})-(0|[1-9][0-9]{0,17})-([0-9a-f]{8})", text)
    if match is None:
        return oldest, "invalid"
    cursor = Cursor(match[1], int(match[2]), match[3])
    faults = {
        "other_ledger": cursor.ledger != oldest.ledger,
        "other_rights": cursor.view != oldest.view,
        "cursor_expired": cursor.number < oldest.number,
        "cursor_ahead": cursor.number > last_number(),
    }
    return cursor, next((fault for fault, is_found in faults.items() if is_found), "")


def visible(rights: Rights) -> Q:
    """Select the changes of rows that a reader sees, or saw before."""
    if rights.is_superuser:
        return Q()
    of_none = Q(was_in_park_id=None, park_id=None) | Q(resource__in=find_shared_labels())
    return (
        Q(was_public=True)
        | Q(is_public=True)
        | Q(was_in_park_id__in=rights.parks)
        | Q(park_id__in=rights.parks)
        | (of_none if rights.edits_shared else Q(pk__in=[]))
    )


def page(
    rights: Rights,
    after: Cursor,
    limit: int,
    names: Iterable[str] = (),
    parks: Sequence[int] | None = None,
) -> tuple[list[Change], Cursor, bool]:
    """Find up to `limit` changes after a cursor, the next cursor, and whether more follow.

    `names` are resources, `parks` keys of parks; the cursor moves past changes they leave out.
    """
    known = resources()
    reach = last_number()
    if reach <= after.number:
        return [], after, False
    rows = Change.objects.filter(visible(rights), number__gt=after.number, number__lte=reach)
    if names:
        rows = rows.filter(resource__in=[known[name]._meta.label_lower for name in names])
    if parks is not None:
        rows = rows.filter(Q(park_id__in=parks) | Q(was_in_park_id__in=parks))
    found = list(rows.select_related("revision").order_by("number")[: limit + 1])
    has_more = len(found) > limit
    found = found[:limit]
    number = found[-1].number if has_more else reach
    return found, Cursor(after.ledger, number or 0, after.view), has_more


def describe_operation(change: Change, rights: Rights) -> str:
    """Name the operation as this reader sees it: a row that is hidden now is deleted."""
    sees_all = judge_parks(rights, models_by_label()[change.resource])
    saw = change.was_public or sees_all(change.was_in_park_id)
    sees = change.is_public or sees_all(change.park_id)
    if change.op == Change.Op.DELETE or not sees:
        return "delete"
    return "update" if saw and change.op == Change.Op.UPDATE else "create"


@cache
def models_by_label() -> dict[str, type[models.Model]]:
    return {m._meta.label_lower: m for m in resources().values()}


@cache
def find_shared_labels() -> frozenset[str]:
    return frozenset(label for label, model in models_by_label().items() if is_shared(model))


def build_rows(changes: Sequence[Change], rights: Rights) -> list[dict[str, Any]]:
    fields = find_changed_fields(changes)
    names = actors(changes) if rights != Rights() else {}
    rows = []
    for change in changes:
        model: Any = models_by_label()[change.resource]
        op = describe_operation(change, rights)
        changed = fields.get((change.resource, change.row_key, change.version), [])
        if not judge_parks(rights, model)(change.park_id):
            changed = [name for name in changed if name not in model.work]
        rows.append(
            {
                "number": change.number,
                "resource": resource_of(model),
                "code": change.code,
                "owner": change.owner or None,
                "op": op,
                "successor": change.successor or None,
                "version": change.version,
                "changed_fields": changed if op == "update" else [],
                "at": change.revision.at,
                "by": names.get(change.revision.user_id or 0) or change.revision.role,
                "reason": change.revision.reason,
            }
        )
    return rows


def actors(changes: Sequence[Change]) -> dict[int, str]:
    """Load the names of the accounts that wrote, by key."""
    keys = {change.revision.user_id for change in changes if change.revision.user_id is not None}
    accounts = get_user_model()._default_manager.filter(pk__in=keys)
    return {account.pk: account.get_username() for account in accounts}


def find_changed_fields(changes: Sequence[Change]) -> dict[tuple[str, str, int | None], list[str]]:
    """Find the columns in which a version differs from the previous, by label, key and version."""
    found: dict[tuple[str, str, int | None], list[str]] = {}
    updates: list[Any] = [change for change in changes if change.op == Change.Op.UPDATE]
    for label in {change.resource for change in updates}:
        model: Any = models_by_label()[label]
        if not has_history(model):
            continue
        of_model = [change for change in updates if change.resource == label]
        rows = model.history.model.objects.filter(
            id__in={change.row_key for change in of_model},
            version__in={change.version - n for change in of_model for n in (0, 1)},
        )
        versions = {(str(row.id), row.version): row for row in rows}
        for change in of_model:
            before, after = (versions.get((change.row_key, change.version - n)) for n in (1, 0))
            # A row that appears with another one has no new version
            if before and after and after.revision_id == change.revision_id:
                names = find_changed_columns(model, before, after)
                found[label, change.row_key, change.version] = names
    return found


def forget(before: Any) -> int:
    """Delete the changes before a moment, except the newest of each row; return how many.

    Readers who have not read them have to start again. The history keeps the versions.
    """
    old = Change.objects.filter(number__isnull=False, revision__at__lt=before)
    reach = old.aggregate(last=Max("number"))["last"]
    if reach is None:
        return 0
    newer = Change.objects.filter(
        resource=OuterRef("resource"), row_key=OuterRef("row_key"), number__gt=OuterRef("number")
    )
    gone = old.filter(models.Exists(newer), number__lte=reach)
    count = gone.delete()[0]
    Identity.objects.update(forgotten_to=reach)
    return count
