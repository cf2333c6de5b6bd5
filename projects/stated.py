"""Projects as bodies say that they are to be, with the rows below them: written set by set."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parks.cell_lookup import create_rows
from parks.recording.recording import recorded
from projects.changing import change_lists, find_changed_values, read_given_values, update_rows
from projects.inserting import NewProject, Rows, insert_projects
from projects.investments import SaidInvestment, build_investment, record_investments
from projects.lifecycle.derivation import READ_TO_DERIVE
from projects.models import Investor, Milestone, Project, ProjectFigure


@dataclass(slots=True)
class StatedProject:
    """A project as it is to be: a draft of it, and of the rows that it is to have.

    `stored` is what it is now, None if it is new. Lists that are None stay as they are; figures
    are added, each with the stored one that it supersedes, and so is what is said of the amount.
    """

    row: Project
    stored: Project | None = None
    milestones: list[Milestone] | None = None
    investors: list[Investor] | None = None
    figures: Sequence[tuple[ProjectFigure, ProjectFigure | None]] = ()
    investment: SaidInvestment | None = None


def write_stated(stated: Sequence[StatedProject]) -> set[int]:
    """Write projects as one revision; return the keys of those that were created or changed.

    Nothing is validated. What is as it is to be gets no new version. The drafts get their keys.
    """
    with recorded():
        new = [each for each in stated if each.stored is None]
        keys = insert_projects([_build_new(each) for each in new])
        for each, key in zip(new, keys, strict=True):
            each.row.pk = key
        return {*keys, *_change([each for each in stated if each.stored is not None])}


def _build_new(stated: StatedProject) -> NewProject:
    row = stated.row
    row.code = row.code or Project.new_code()
    reserved = {} if row.pk is None else {"id": row.pk}
    return NewProject(
        {**read_given_values(row), **reserved},
        milestones=[read_given_values(each) for each in stated.milestones or ()],
        figures=_list_claims(stated),
        investors=[read_given_values(each) for each in stated.investors or ()],
    )


def _change(stated: Sequence[StatedProject]) -> set[int]:
    """Change stored projects; return the keys of those in which something changes."""
    columns = {
        each.row.pk: find_changed_values(each.row, each.stored) for each in stated if each.stored
    }
    update_rows(Project, columns)
    changed = {key for key, values in columns.items() if values}
    derived = {key for key, values in columns.items() if not READ_TO_DERIVE.isdisjoint(values)}
    below: set[int] = set()
    for model, name in ((Milestone, "milestones"), (Investor, "investors")):
        listed = {
            each.row.pk: (getattr(each.stored, name).all(), rows)
            for each in stated
            if (rows := getattr(each, name)) is not None
        }
        below |= change_lists(model, listed)
    below |= _add_claims(stated)
    with recorded() as unit:
        unit.postpone(Project, derived | below)
        unit.note(Project, changed | below, columns=())
    return changed | below


def _list_claims(stated: StatedProject) -> Rows:
    """List the claims of a new project, that of its amount first."""
    said = stated.investment
    amount = [build_investment(said)] if said and not said.is_known() else []
    return [*amount, *(_build_claim(figure) for figure, _earlier in stated.figures)]


def _add_claims(stated: Sequence[StatedProject]) -> set[int]:
    """Add claims to stored projects; return the keys of those that have any more."""
    changed = record_investments([each.investment for each in stated if each.investment])
    claims = [(each.row.pk, *figure) for each in stated for figure in each.figures]
    made = create_rows(
        ProjectFigure, [{**_build_claim(new), "project_id": key} for key, new, _earlier in claims]
    )
    ProjectFigure.objects.supersede(
        {
            earlier.pk: key
            for (_project, _new, earlier), key in zip(claims, made, strict=True)
            if earlier
        }
    )
    return {*changed, *(project for project, _new, _earlier in claims)}


def _build_claim(figure: ProjectFigure) -> dict[str, Any]:
    return {**read_given_values(figure), "code": figure.code or ProjectFigure.new_code()}
