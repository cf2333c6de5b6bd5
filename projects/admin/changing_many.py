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
from parks.history.differences import References, keys_in
from parks.history.restoring import find_row_changes
from parks.models import ImportBatch
from parks.publishing import PUBLISH_NEEDED, NeedsPublishingError, name_row
from parks.recording.recording import RevisionWriter, recorded
from projects.bulk import BulkWrite, WrongRowsError
from projects.importing.batches import Upload, keep
from projects.importing.cells.rows_below import ParsedNote, build_note
from projects.models import Project, ProjectTag
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
    outcome, confirmed = ManyChanged(), list[str]()
    while projects:
        bodies = [{"code": p.code, "version": versions[p.pk], **change.fields} for p in projects]
        try:
            with transaction.atomic():
                batch = _build_batch(view.request.user, len(projects), change)
                with recorded(reason=reason, batch=batch.code) as writer:
                    BulkWrite(view, {"projects": bodies}, confirmed).write()
                    tagged = _add_rows(projects, change)
                _sort_projects(outcome, projects, writer, change, view.request.user, tagged)
                if apply and outcome.changed:
                    _keep(batch, outcome)
                else:
                    transaction.set_rollback(True)
            return outcome
        except NeedsPublishingError as error:
            outcome.needed = [f"{name_row(row)} ({row.code})" for row in error.needed]
            confirmed = [PUBLISH_NEEDED]
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
    writer: RevisionWriter,
    change: SameChange,
    actor: Any,
    tagged: Collection[int],
) -> None:
    """Compare each project with its previous version: it is changed, or stays the same."""
    revision = writer.stored_revision
    found = {
        each.row.id: [difference for difference in each.found if not difference.column.is_derived]
        for each in (find_row_changes(revision, actor) if revision else ())
        if each.model is Project
    }
    references = References(actor, [key for each in found.values() for key in keys_in(each)])
    label_of: Any = Project._meta.get_field
    # A note is described by the columns in which files show the newest one
    added = [
        (name, label_of(name).verbose_name, getattr(change.note, column, None))
        for name, column in FROM_PROGRESS.items()
    ]
    tag = f"{change.tag.tag.name} {change.tag.year or ''}".strip() if change.tag else ""
    for project in projects:
        given = ("tags", ProjectTag._meta.verbose_name_plural, tag if project.pk in tagged else "")
        changes = references.describe(found.get(project.pk, ())) + [
            {
                **{"field": name, "label": str(label), "old": None, "new": str(value)},
                **{"old_text": None, "new_text": str(value)},
            }
            for name, label, value in (*added, given)
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
