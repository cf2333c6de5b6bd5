"""Changing many projects alike: tried first, then written as one revision that can be undone.

They are written as the rows of a bulk are, with the same checks, and kept as an import is: so they
are looked at, and undone, as one.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.db import transaction
from django.utils.translation import ngettext

from api.views import LedgerViewSet
from parks.history.differences import Difference, References, differences, keys_in, list_columns
from parks.models import ImportBatch, Person, Post
from parks.models.ledger import OPEN
from parks.publishing import PUBLISH_NEEDED, list_references, name_row
from parks.recording.recording import recorded
from parks.recording.records import Revision
from projects.bulk import BulkWrite, WrongRowsError
from projects.importing.batches import Upload, keep
from projects.importing.cells.rows_below import ParsedNote, build_note
from projects.importing.undoing import find_versions_before
from projects.models import Project, ProjectFigure, ProjectTag
from projects.models.rows import ProjectRow
from projects.models.words import FROM_PROGRESS
from projects.writing.writing import StatedProject, write_projects
from sheets.imports import Report, RowReport


@dataclass(frozen=True)
class SameChange:
    """The values to set in many projects: fields as in bodies; a note and a tag to add.

    `tag` has no project yet.
    """

    fields: Mapping[str, Any]
    note: ParsedNote | None = None
    tag: ProjectTag | None = None

    def digest(self) -> str:
        """Return the SHA-256 of the change, in hexadecimal."""
        values = {**self.fields, "note": str(self.note), "tag": str(self.tag)}
        return hashlib.sha256(orjson.dumps(values, option=orjson.OPT_SORT_KEYS)).hexdigest()


@dataclass(frozen=True)
class ChangedProject:
    """A project with its changes, described as in histories."""

    project: Project
    changes: list[dict[str, Any]]


@dataclass
class ManyChanged:
    """The projects that change, those that have the values already, and those refused, with errors.

    `needed` names the drafts that are published with them.
    """

    changed: list[ChangedProject] = field(default_factory=list)
    same: list[Project] = field(default_factory=list)
    refused: list[tuple[Project, Any]] = field(default_factory=list)
    needed: list[str] = field(default_factory=list)
    batch: ImportBatch | None = None


def change_alike(
    view: LedgerViewSet,
    versions: Mapping[int, int],
    change: SameChange,
    *,
    apply: bool,
    reason: str = "",
) -> ManyChanged:
    """Change the projects with these keys if they still have these versions, or only try to.

    Refused projects are left out; the others are written as one revision. Raises what a bulk write
    raises about all its rows together, such as HiddenLinkError.
    """
    rows = Project.objects.filter(pk__in=versions).select_related("park")
    projects = list(rows.order_by("park__code_key", "code_key"))
    outcome = ManyChanged(needed=find_needed(projects, change))
    while projects:
        bodies = [{"code": p.code, "version": versions[p.pk], **change.fields} for p in projects]
        try:
            with transaction.atomic():
                batch = _build_batch(view.request.user, len(projects), change)
                with recorded(reason=reason, batch=batch.code):
                    BulkWrite(view, {"projects": bodies}, (PUBLISH_NEEDED,)).write()
                    tagged = _add_rows(projects, change)
                _sort_projects(outcome, projects, batch, change, view.request.user, tagged)
                if apply and outcome.changed:
                    _keep(batch, outcome)
                else:
                    transaction.set_rollback(True)
            return outcome
        except WrongRowsError as error:
            wrong: Any = error.detail["projects"]  # type: ignore[call-overload]
            # Rows after the last of `wrong` were not read
            read = [*zip(projects, wrong, strict=False)]
            outcome.refused += [(project, errors) for project, errors in read if errors]
            projects = [p for p, errors in read if not errors] + projects[len(wrong) :]
    return outcome


def _add_rows(projects: Collection[Project], change: SameChange) -> Collection[int]:
    """Add the note to all projects and the tag to those without it; return their keys."""
    tag, tagged = change.tag, set[int]()
    if tag:
        have = ProjectTag.objects.filter(tag=tag.tag, year=tag.year, valid_from=None)
        have = have.filter(project__in=projects)
        tagged = {each.pk for each in projects} - {*have.values_list("project", flat=True)}
    stated = [StatedProject({}, each.pk) for each in projects]
    for each in stated:
        if change.note:
            each.notes = [build_note(change.note)]
        if tag and each.key in tagged:
            each.tags = [{"tag_id": tag.tag_id, "year": tag.year}]
    write_projects(stated)
    return tagged


def _build_batch(actor: Any, count: int, change: SameChange) -> ImportBatch:
    named = ngettext("Change of %(count)d project", "Change of %(count)d projects", count)
    return ImportBatch(
        code=ImportBatch.new_code(),
        resource="projects",
        file_name=named % {"count": count},
        sha256=change.digest(),
        user_id=actor.pk,
        options=Upload(b"", "").build_options(),
    )


def _sort_projects(
    outcome: ManyChanged,
    projects: Collection[Project],
    batch: ImportBatch,
    change: SameChange,
    actor: Any,
    tagged: Collection[int],
) -> None:
    """Compare each project with its previous version: it is changed, or stays the same."""
    revisions = list(Revision.objects.filter(batch=batch.code).values_list("pk", flat=True))
    past: Any = Project.history.model
    after = {each.id: each for each in past.objects.filter(revision_id__in=revisions)}
    before = {
        each.id: each for each in (find_versions_before(Project, after, revisions) if after else ())
    }
    shown = [each for each in list_columns(Project, is_inside=True) if not each.is_derived]
    found: dict[int, list[Difference]] = {
        key: differences(before[key], after[key], {}, shown) for key in after
    }
    references = References(actor, [key for each in found.values() for key in keys_in(each)])
    label_of: Any = Project._meta.get_field
    # A note is described by the columns in which files show the newest one
    note = {name: getattr(change.note, column, None) for name, column in FROM_PROGRESS.items()}
    for project in projects:
        added = [(name, label_of(name).verbose_name, value) for name, value in note.items()]
        if change.tag and project.pk in tagged:
            tag = f"{change.tag.tag.name} {change.tag.year or ''}".strip()
            added.append(("tags", ProjectTag._meta.verbose_name_plural, tag))
        changes = references.describe(found.get(project.pk, ())) + [
            {
                **{"field": name, "label": str(label), "old": None, "new": str(value)},
                **{"old_text": None, "new_text": str(value)},
            }
            for name, label, value in added
            if value
        ]
        if changes:
            outcome.changed.append(ChangedProject(project, changes))
        else:
            outcome.same.append(project)


def _keep(batch: ImportBatch, outcome: ManyChanged) -> None:
    """Store the changes as an applied import without a file."""
    rows = []
    for line, each in enumerate(outcome.changed, start=1):
        changes = {c["field"]: [str(c["old"] or ""), str(c["new"] or "")] for c in each.changes}
        rows.append(RowReport(line, "update", each.project.code, each.project.name, changes))
    keep(batch, Upload(b"", batch.file_name), Report(rows), is_applied=True)
    outcome.batch = batch


def find_needed(projects: Collection[Project], change: SameChange) -> list[str]:
    """Name the drafts of sources, organisations and people that are published with projects."""
    if change.fields.get("publication") != "published":
        return []
    keys = [project.pk for project in projects]
    found: dict[Any, set[int]] = {}
    for model, column, target in list_references():
        path = "pk" if model is Project else "project"
        if model is Project or issubclass(model, ProjectRow | ProjectFigure):
            rows = model._default_manager.filter(**{f"{path}__in": keys})
            found.setdefault(target, set()).update(rows.values_list(column.attname, flat=True))
    found.setdefault(Person, set()).update(
        Post.objects.filter(pk__in=found.pop(Post) - {None}).values_list("person", flat=True)
    )
    return [
        f"{name_row(row)} ({row.code})"
        for model, wanted in found.items()
        for row in model.objects.filter(pk__in=wanted - {None}).exclude(OPEN)
    ]
