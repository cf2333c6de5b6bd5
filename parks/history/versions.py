"""The history of one row: its versions as a reader may see them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from parks.access import has_any_rights
from parks.accounts.erasure import is_erased
from parks.history.differences import (
    ComparedColumn,
    Difference,
    Key,
    References,
    differences,
    keys_in,
    list_columns,
    members_of,
)
from parks.history.feed import resource_of
from parks.history.visibility import Step
from parks.models.records import Change, Revision
from parks.recording.recording import has_history

IMPORT, PROGRAM = "import", "program"
ROLES = {
    "superuser": gettext_lazy("superuser"),
    "vocabulary_editor": gettext_lazy("editor of what all parks share"),
    "editor": gettext_lazy("editor"),
    "viewer": gettext_lazy("viewer"),
    IMPORT: gettext_lazy("import"),
    PROGRAM: gettext_lazy("program on the server"),
    "": gettext_lazy("account without a role"),
}
OPERATIONS = {
    "created": gettext_lazy("created"),
    "changed": gettext_lazy("changed"),
    "deleted": gettext_lazy("deleted"),
}


@dataclass
class RowChange:
    """A row that belongs to another one, before and after a version of that one."""

    model: Any
    row: Any  # the version that says which row it is
    operation: str
    found: list[Difference]


@dataclass
class Entry:
    """A version with what is new in it, and what happened to the rows that belong to the row."""

    version: Any
    operation: str
    found: list[Difference]
    rows: list[RowChange] = field(default_factory=list)


class History:
    """Some versions of one row, told to one reader. The number of queries is the same for all."""

    def __init__(
        self,
        model: Any,
        versions: Sequence[Any],
        steps: Mapping[int, Step],
        actor: Any,
        *,
        is_inside: bool = False,
        sees_work: bool = False,
    ) -> None:
        self.model, self.actor = model, actor
        self.shown = list_columns(model, is_inside=is_inside, sees_work=sees_work)
        self.steps = {version.history_id: steps[version.history_id] for version in versions}
        self.entries = self.compare(versions)
        if versions:
            self.add_rows(versions[0].id, sees_work=is_inside or sees_work)
        self.references = References(actor, set(self.keys()))
        self.names: dict[int | None, Any] = {}
        if has_any_rights(actor):
            self.names = _find_actor_names(entry.version.revision for entry in self.entries)

    def compare(self, versions: Sequence[Any]) -> list[Entry]:
        """Compare the versions with those that the reader saw before them."""
        past = self.model.history.model
        known = {version.history_id: version for version in versions}
        wanted = {step.before for step in self.steps.values() if step.before} - {*known}
        known |= past.objects.in_bulk(wanted) if wanted else {}
        members = members_of(past, known)
        entries = []
        for version in versions:
            before = known.get(self.steps[version.history_id].before or 0)
            if before is not None and before.history_type == Change.Op.DELETE:
                before = None  # what was deleted came back
            after = None if version.history_type == Change.Op.DELETE else version
            found = differences(before, after, members, self.shown)
            entries.append(Entry(version, find_operation(before, after), found))
        return entries

    def add_rows(self, key: Any, *, sees_work: bool) -> None:
        """Add what happened at the same time to the rows that are deleted with this one."""
        entries = {entry.version.history_id: entry for entry in self.entries}
        owner_of = {
            revision: version for version, step in self.steps.items() for revision in step.revisions
        }
        for name in self.model.owns:
            relation = getattr(self.model, name).rel
            below: Any = relation.related_model
            if has_history(below) and (sees_work or not below.audience.is_of_roles):
                for version, change in rows_changed(relation, key, owner_of):
                    entries[version].rows.append(change)

    def keys(self) -> Iterator[Key]:
        """List the rows that all of this refers to."""
        for entry in self.entries:
            yield from keys_in(entry.found)
            for row in entry.rows:
                yield from keys_of_row_change(row)

    def describe(self) -> list[dict[str, Any]]:
        """Describe the entries as the API writes them."""
        return [self.entry(entry) for entry in self.entries]

    def entry(self, entry: Entry) -> dict[str, Any]:
        revision: Revision = entry.version.revision
        is_staff = has_any_rights(self.actor)
        role = role_in(revision)
        return {
            "version": entry.version.version,
            "at": entry.version.history_date,
            "op": entry.operation,
            "by": str(self.names.get(revision.user_id) or ROLES.get(role, role)),
            "role": role or None,
            "token": (revision.token or None) if is_staff else None,
            "request_id": (revision.request_id or None) if is_staff else None,
            "batch": revision.batch or None,
            "reason": revision.reason,
            "changes": self.references.describe(entry.found),
            "rows": [
                describe_row_change(row, self.references)
                for row in entry.rows
                if not is_about_hidden(row, self.references)
            ],
        }


def describe_row_change(change: RowChange, references: References) -> dict[str, Any]:
    """Describe what happened to a row as the API writes it."""
    row = change.row
    names = [references.text(column, column.value(row, {})) for column in naming(change.model)]
    return {
        "resource": resource_of(change.model),
        "kind": str(change.model._meta.verbose_name),
        "code": getattr(row, "code", None),
        "id": None if hasattr(row, "code") else row.id,
        "name": " · ".join(filter(None, names)) if names else str(row.instance),
        "op": change.operation,
        "changes": references.describe(change.found),
    }


def is_about_hidden(change: RowChange, references: References) -> bool:
    """Tell whether the row is about another one that the reader may not see."""
    return any(
        references.find(column.field.related_model, getattr(change.row, column.field.attname)).text
        is None
        for column in naming(change.model)
        if column.is_link
    )


def keys_of_row_change(change: RowChange) -> Iterator[Key]:
    """List the rows that a change refers to, and those by which it is named."""
    yield from keys_in(change.found)
    for column in naming(change.model):
        if column.is_link:
            yield column.field.related_model, getattr(change.row, column.field.attname)


def find_operation(before: Any, after: Any) -> str:
    """Say what a reader sees happen between two versions, either of which may not be there."""
    return "deleted" if after is None else "created" if before is None else "changed"


def naming(model: Any) -> list[ComparedColumn]:
    """List the columns that say which of its kind a row is."""
    return [
        column for column in list_columns(model, is_inside=False) if column.name in model.told_by
    ]


def rows_changed(
    relation: Any, key: Any, owner_of: Mapping[int, int]
) -> Iterator[tuple[int, RowChange]]:
    """Find what happened to the rows below a row: with which version of that one, and what.

    `owner_of` says to which version of the upper row each revision led.
    """
    model: Any = relation.related_model
    past = model.history.model
    mine = past.objects.filter(**{relation.field.attname: key})
    touched = mine.filter(revision__in=owner_of).values("id")
    shown = list_columns(model, is_inside=False)
    for _id, versions in groupby(
        mine.filter(id__in=touched).order_by("id", "version"), key=lambda row: row.id
    ):
        before = None
        for owner, group in groupby(versions, key=lambda row: owner_of.get(row.revision_id)):
            last = [*group][-1]
            after = None if last.history_type == Change.Op.DELETE else last
            if owner is not None and (before or after):
                found = differences(before, after, {}, shown)
                yield owner, RowChange(model, last, find_operation(before, after), found)
            before = after


def role_in(revision: Revision) -> str:
    """Say as what somebody wrote: an account's role then, an import, or a program of the server."""
    if revision.batch:
        return IMPORT
    return revision.role if revision.user_id else PROGRAM


def _find_actor_names(revisions: Iterable[Revision]) -> dict[int | None, Any]:
    """The accounts that wrote revisions by name, by their numbers; also those that are gone."""
    keys = {each.user_id for each in revisions if each.user_id is not None}
    names: dict[int | None, Any] = dict.fromkeys(keys, _("deleted account"))
    for account in get_user_model()._default_manager.filter(pk__in=keys):
        names[account.pk] = _("erased account") if is_erased(account) else account.get_username()
    return names
