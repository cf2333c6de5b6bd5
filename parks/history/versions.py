"""The versions of one row, and when each was visible to everybody.

A row is public while its own publication and that of the rows above it are: a project only while
its park is. So a version was public if all of these were published at some moment before the next.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _, gettext_lazy

from parks.access import Publication, has_any_rights
from parks.accounts.erasure import is_erased
from parks.history.differences import (
    ComparedColumn,
    Difference,
    Key,
    References,
    differences,
    keys_in,
    list_columns,
)
from parks.history.feed import resource_of
from parks.recording.recording import has_history
from parks.recording.records import Change, Revision
from parks.recording.seals import members_of

NEVER_ENDED = 2**63


@dataclass(frozen=True)
class Step:
    """What a version is compared with: the previous one the reader sees, and those in between."""

    before: int | None
    revisions: frozenset[int]


class PublicPast:
    """When rows of a model were public, by revision."""

    def __init__(self, model: Any, keys: Collection[Any]) -> None:
        # The rows above it are those with which it appears and disappears
        links = model.audience.under
        self.is_of_roles = model.audience.is_of_roles
        self.has_publication = "publication" in {f.name for f in model._meta.concrete_fields}
        columns = ["id", "history_id", "revision_id", "history_type"]
        columns += ["publication"] if self.has_publication else []
        columns += [f"{name}_id" for name in links]
        self.versions: dict[Any, list[dict[str, Any]]] = {}
        rows = model.history.model.objects.filter(id__in=keys).order_by("id", "version")
        for row in rows.values(*columns):
            self.versions.setdefault(row["id"], []).append(row)
        self.links = {}
        for name in links:
            linked = {row[f"{name}_id"] for rows in self.versions.values() for row in rows} - {None}
            self.links[name] = PublicPast(model._meta.get_field(name).related_model, linked)

    def is_public(self, key: Any, revision: int) -> bool:
        """Return whether everybody saw a row after a revision."""
        if self.is_of_roles:
            return False
        versions = self.versions.get(key, [])
        place = bisect_right(versions, revision, key=lambda row: row["revision_id"])
        version = versions[place - 1] if place else None
        if version is None or version["history_type"] == Change.Op.DELETE:
            return False
        if self.has_publication and version["publication"] not in ("", Publication.PUBLISHED):
            return False
        return self.are_links_public(version, revision)

    def are_links_public(self, version: dict[str, Any], revision: int) -> bool:
        return all(
            version[f"{name}_id"] is None or past.is_public(version[f"{name}_id"], revision)
            for name, past in self.links.items()
        )

    def turns(self) -> set[int]:
        """Find the revisions at which rows may have become public or hidden."""
        own = {row["revision_id"] for rows in self.versions.values() for row in rows}
        return own.union(*(past.turns() for past in self.links.values()))

    def public_versions(self, key: Any) -> Iterator[int]:
        """Find the keys of the versions that were ever public."""
        versions, turns = self.versions.get(key, []), self.turns()
        ends = [row["revision_id"] for row in versions[1:]] + [NEVER_ENDED]
        for version, end in zip(versions, ends, strict=True):
            start = version["revision_id"]
            if version["history_type"] == Change.Op.DELETE:
                is_public = self.is_public(key, start - 1) and self.are_links_public(
                    version, NEVER_ENDED
                )
            else:
                moments = {start, *(turn for turn in turns if start < turn < end)}
                is_public = any(self.is_public(key, moment) for moment in moments)
            if is_public:
                yield version["history_id"]


def steps(model: Any, key: Any, *, is_inside: bool) -> dict[int, Step]:
    """Find the versions of a row that a reader may see, oldest first, by their keys.

    Readers inside the park see all versions, others the public ones.
    """
    past = PublicPast(model, [key]) if not is_inside else None
    public = None if past is None else {*past.public_versions(key)}
    rows = model.history.model.objects.filter(id=key).order_by("version")
    seen: dict[int, Step] = {}
    before, revisions = None, set()
    for version, revision in rows.values_list("history_id", "revision_id"):
        revisions.add(revision)
        if public is None or version in public:
            seen[version] = Step(before, frozenset(revisions))
            before, revisions = version, set()
    return seen


IMPORT, PROGRAM = "import", "program"
ROLES = {
    "superuser": gettext_lazy("superuser"),
    "vocabulary_editor": gettext_lazy("editor of what all parks share"),
    "editor": gettext_lazy("editor"),
    "district": gettext_lazy("district"),
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
    """A version with its differences, and the changes of the rows that belong to the row."""

    version: Any
    operation: str
    found: list[Difference]
    rows: list[RowChange] = field(default_factory=list)


class History:
    """Some versions of one row for one reader; the number of queries is fixed."""

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
        """Compare each version with the previous one that the reader sees."""
        past = self.model.history.model
        known = {version.history_id: version for version in versions}
        wanted = {step.before for step in self.steps.values() if step.before} - {*known}
        known |= past.objects.in_bulk(wanted) if wanted else {}
        members = members_of(past, known)
        entries = []
        for version in versions:
            before = known.get(self.steps[version.history_id].before or 0)
            if before is not None and before.history_type == Change.Op.DELETE:
                before = None  # the row was restored
            after = None if version.history_type == Change.Op.DELETE else version
            found = differences(before, after, members, self.shown)
            entries.append(Entry(version, find_operation(before, after), found))
        return entries

    def add_rows(self, key: Any, *, sees_work: bool) -> None:
        """Add the changes, in the same revisions, of the rows that this row owns."""
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
        """List the rows that the entries refer to."""
        for entry in self.entries:
            yield from keys_in(entry.found)
            for row in entry.rows:
                yield from keys_of_row_change(row)

    def describe(self) -> list[dict[str, Any]]:
        return [self.entry(entry) for entry in self.entries]

    def entry(self, entry: Entry) -> dict[str, Any]:
        revision: Revision = entry.version.revision
        is_staff = has_any_rights(self.actor)
        role = revision.role if revision.user_id else PROGRAM
        if revision.batch:
            role = IMPORT
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
    """Return whether the row is about another one that the reader may not see."""
    return any(
        references.find(column.field.related_model, getattr(change.row, column.field.attname)).text
        is None
        for column in naming(change.model)
        if column.is_link
    )


def keys_of_row_change(change: RowChange) -> Iterator[Key]:
    """List the rows that a change and the name of its row refer to."""
    yield from keys_in(change.found)
    for column in naming(change.model):
        if column.is_link:
            yield column.field.related_model, getattr(change.row, column.field.attname)


def find_operation(before: Any, after: Any) -> str:
    """Return the operation between two versions; None stands for no row."""
    return "deleted" if after is None else "created" if before is None else "changed"


def naming(model: Any) -> list[ComparedColumn]:
    """List the columns that identify a row below its owner."""
    return [
        column
        for column in list_columns(model, is_inside=False)
        if column.name in model.identified_by
    ]


def rows_changed(
    relation: Any, key: Any, owner_of: Mapping[int, int]
) -> Iterator[tuple[int, RowChange]]:
    """Find the changes of the rows below a row, each with the version of the row it belongs to.

    `owner_of` maps revisions to versions of the row.
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


def _find_actor_names(revisions: Iterable[Revision]) -> dict[int | None, Any]:
    keys = {each.user_id for each in revisions if each.user_id is not None}
    names: dict[int | None, Any] = dict.fromkeys(keys, _("deleted account"))
    for account in get_user_model()._default_manager.filter(pk__in=keys):
        names[account.pk] = _("erased account") if is_erased(account) else account.get_username()
    return names
