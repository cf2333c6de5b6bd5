"""New projects with all that belongs to them, written set by set."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from config.bulk_insert import reserve_keys
from parks.cell_lookup import create_rows
from parks.recording.recording import recorded
from projects.models import (
    Assignment,
    Funding,
    Investor,
    Milestone,
    Participation,
    ProgressNote,
    Project,
    ProjectFigure,
    ProjectTag,
    YearPlan,
)

Rows = list[dict[str, Any]]  # columns by attname; what is not given has the default of its field


@dataclass(slots=True)
class NewProject:
    """A project that is to be inserted, with the rows that belong to it: all as columns.

    `successors` has by the place of a figure that of the one which supersedes it.
    """

    columns: dict[str, Any]
    milestones: Rows = field(default_factory=list)
    figures: Rows = field(default_factory=list)
    successors: dict[int, int] = field(default_factory=dict)
    investors: Rows = field(default_factory=list)
    participations: Rows = field(default_factory=list)
    fundings: Rows = field(default_factory=list)
    notes: Rows = field(default_factory=list)  # of progress
    tags: Rows = field(default_factory=list)
    assignments: Rows = field(default_factory=list)
    plans: Rows = field(default_factory=list)  # of years


def insert_projects(new: Sequence[NewProject]) -> Sequence[int]:
    """Insert projects as one revision, or a part of that which is open; return their keys.

    Nothing is validated; the constraints of the database hold. Rows with an `id` have reserved it:
    all of a model, or none. Of flows there is one at most for each project and kind, as a second
    one would follow from the first.
    """
    if not new:
        return []
    with recorded() as unit:
        _supersede(new)
        keys = _insert(Project, [each.columns for each in new])
        unit.postpone(Project, keys)
        for model, rows in (
            (Milestone, [each.milestones for each in new]),
            (ProjectFigure, [each.figures for each in new]),
            (Investor, [each.investors for each in new]),
            (Participation, [each.participations for each in new]),
            (Funding, [each.fundings for each in new]),
            (ProgressNote, [each.notes for each in new]),
            (ProjectTag, [each.tags for each in new]),
            (Assignment, [each.assignments for each in new]),
            (YearPlan, [each.plans for each in new]),
        ):
            _insert_below(model, rows, keys)
    return keys


def _insert_below(model: Any, rows: Sequence[Rows], projects: Sequence[int]) -> None:
    """Insert the rows that belong to projects."""
    given = []
    for project, some in zip(projects, rows, strict=True):
        for row in some:
            row["project_id"] = project
            given.append(row)
    _insert(model, given)


def _insert(model: Any, rows: Rows) -> Sequence[int]:
    """Insert rows by the keys that were reserved for them, or else by new ones."""
    return create_rows(model, rows, [key for row in rows if (key := row.get("id"))])


def _supersede(new: Sequence[NewProject]) -> None:
    """Reserve the keys of figures where some of them name others."""
    if not any(each.successors for each in new):
        return
    keys = iter(reserve_keys(ProjectFigure, sum(len(each.figures) for each in new)))
    for each in new:
        for row in each.figures:
            row["id"] = next(keys)
        for earlier, later in each.successors.items():
            each.figures[earlier]["superseded_by_id"] = each.figures[later]["id"]
