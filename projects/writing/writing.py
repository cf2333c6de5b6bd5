"""Writing projects: the steps of every entry point, and bulk writes of stated projects.

`open_revision` opens the transaction of an entry point and lists the steps. `write_projects` writes
the projects stated by a body, a form, the rows of a sheet, or demo data.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from typing import Any

from django.db.models import Model

from config.database.bulk_insert import reserve_keys
from parks.access import select_readable
from parks.models import Nature
from parks.names.cell_lookup import create_rows
from parks.recording.change_rows import chunks
from parks.recording.recording import OF_EVERY_VERSION, RevisionWriter, recorded
from projects.lifecycle.derivation import READ_TO_DERIVE
from projects.models import (
    Assignment,
    DistinctPair,
    Funding,
    Investor,
    Milestone,
    Participation,
    PlanMove,
    ProgressNote,
    Project,
    ProjectFigure,
    ProjectTag,
    YearPlan,
    words,
)
from projects.models.words import InvestmentBasis
from projects.writing.doubts import (
    DoubtfulWriteError,
    DoubtKind,
    find_duplicates,
    find_improbable_amounts,
    find_improbable_recognitions,
    read_profiles,
)

Columns = dict[str, Any]  # values by attname
Rows = list[Columns]  # what is not given has the default of its field


@contextmanager
def open_revision(
    actor: Any, confirmed: Callable[[int], Collection[str]], stored: Iterable[int] = ()
) -> Iterator[RevisionWriter]:
    """Open the revision in which an entry point writes projects; raise DoubtfulWriteError.

    `confirmed` returns, by the key of a written project, the confirmed kinds of doubts. `stored`
    are the keys of stored projects whose name, park, amount, investors or stage may change, so that
    they may become duplicates. Only changes are doubted; doubts name no project that `actor` may
    not see.
    """
    with recorded() as writer:
        before = read_profiles(stored) if stored else {}
        yield writer  # permission, version, parsing and writing, by the entry point
        writer.derive()
        check_doubts(writer, before, actor, confirmed)
    # Follow-ups, history and feed: `RevisionWriter.record`, when the outermost revision ends


def check_doubts(
    writer: RevisionWriter,
    before: Mapping[int, Any],
    actor: Any,
    confirmed: Callable[[int], Collection[str]],
) -> None:
    """Raise DoubtfulWriteError for unconfirmed doubts; remember the confirmed ones."""
    claims, keys = writer.find_created(ProjectFigure), [*before, *writer.find_created(Project)]
    flows = [*writer.find_created(Funding), *writer.find_changed(Funding)]
    if not (claims or keys or flows):
        return
    doubts = [
        *find_improbable_amounts(claims),
        *find_improbable_recognitions(flows),
        *find_duplicates(read_profiles(keys), before, select_readable(Project, actor)),
    ]
    open_doubts = [doubt for doubt in doubts if doubt.kind not in confirmed(doubt.project)]
    if open_doubts:
        raise DoubtfulWriteError(open_doubts)
    DistinctPair.keep(
        (doubt.project, candidate.pk)
        for doubt in doubts
        if doubt.kind == DoubtKind.DUPLICATES
        for candidate in doubt.candidates
    )


@dataclass(frozen=True, slots=True)
class SaidInvestment:
    """A stated investment of a project; None is unknown.

    `project` has the previous amount; without a basis, the previous one stays.
    """

    project: Project
    amount_cny: int | None
    qualifier: str = "exact"
    basis: str = ""

    def find_basis(self) -> str:
        return self.basis or self.project.investment_basis or InvestmentBasis.REPORTED.value

    def is_known(self) -> bool:
        """Return whether it equals the stored amount."""
        project = self.project
        known = (project.investment_cny, project.investment_qualifier, project.investment_basis)
        said = (self.amount_cny, self.qualifier, self.find_basis())
        return known == said or known[0] is self.amount_cny is None


@dataclass(slots=True)
class StatedProject:
    """A project to write, with its rows, all as columns.

    A new project has no `key` until it is written, nor has `row`, a draft of it. `columns` has the
    values of a new project, or the changes of a stored one. The lists have rows to add; `changes`
    rows to change, by model and key; `gone` rows to delete. `successors` maps the place of a new
    figure to that of the new figure that supersedes it, `superseded` the key of a stored figure to
    the new one.
    """

    columns: Columns
    key: int | None = None
    row: Project | None = None
    milestones: Rows = field(default_factory=list)
    figures: Rows = field(default_factory=list)
    investors: Rows = field(default_factory=list)
    participations: Rows = field(default_factory=list)
    fundings: Rows = field(default_factory=list)
    notes: Rows = field(default_factory=list)  # of progress
    tags: Rows = field(default_factory=list)
    assignments: Rows = field(default_factory=list)
    plans: Rows = field(default_factory=list)  # of years
    moves: Rows = field(default_factory=list)  # of plans and promises, as milestones change
    changes: dict[Any, dict[int, Columns]] = field(default_factory=dict)
    gone: list[Model] = field(default_factory=list)
    flows: set[str] = field(default_factory=set)  # kinds to derive again
    successors: dict[int, int] = field(default_factory=dict)
    superseded: dict[int, Columns] = field(default_factory=dict)
    investment: SaidInvestment | None = None

    def replace(self, stored: Iterable[Any], rows: Iterable[Any]) -> Rows:
        """Replace the stored rows; return the rows to add, which have no key."""
        rows = [*rows]
        kept = {row.pk: row for row in rows if row.pk is not None}
        for row in stored:
            if row.pk not in kept:
                self.gone.append(row)
            elif difference := find_changed_values(kept[row.pk], row):
                self.changes.setdefault(type(row), {})[row.pk] = difference
                self.add_moves(kept[row.pk])
        return [read_given_values(row) for row in rows if row.pk is None]

    def add_moves(self, changed: Any) -> None:
        """Add the moves of the plan and the promise, if the changed row is a milestone."""
        if isinstance(changed, Milestone):
            self.moves += changed.find_moves()

    def claim(self, claim: Columns, standing: Iterable[ProjectFigure]) -> None:
        """Add a claim of the investment; it supersedes the `standing` ones of its basis."""
        self.figures.append(claim)
        basis = claim["investment_basis"]
        self.superseded |= {row.pk: claim for row in standing if row.investment_basis == basis}

    def withdraw(self, standing: Iterable[ProjectFigure]) -> None:
        """Withdraw the `standing` claims of the investment that are in yuan."""
        ended = {row.pk: {"is_withdrawn": True} for row in standing if row.amount_cny is not None}
        if ended:
            self.changes.setdefault(ProjectFigure, {}).update(ended)

    def has_other_rows(self) -> bool:
        """Return whether its rows are added, changed or deleted."""
        return bool(self.changes or self.gone or any(getattr(self, name) for name in _LISTS))


_LISTS: dict[str, Any] = {
    "milestones": Milestone,
    "figures": ProjectFigure,
    "investors": Investor,
    "participations": Participation,
    "fundings": Funding,
    "notes": ProgressNote,
    "tags": ProjectTag,
    "assignments": Assignment,
    "plans": YearPlan,
    "moves": PlanMove,
}


def state_project(
    row: Project,
    stored: Project | None,
    *,
    milestones: Iterable[Milestone] | None = None,
    investors: Iterable[Investor] | None = None,
    figures: Iterable[tuple[ProjectFigure, ProjectFigure | None]] = (),
    investment: SaidInvestment | None = None,
) -> StatedProject:
    """State a project by drafts of it and of its rows; `stored` is the current one.

    Lists that are None stay as they are; figures are added, each with the stored one that it
    supersedes.
    """
    if stored is None:
        row.code = row.code or Project.new_code()
        stated = StatedProject(read_given_values(row), row=row, investment=investment)
    else:
        columns = find_changed_values(row, stored)
        stated = StatedProject(columns, row.pk, row, investment=investment)
    if milestones is not None:
        there: Any = stored.milestones.all() if stored else ()
        stated.milestones = stated.replace(there, milestones)
    if investors is not None:
        stated.investors = stated.replace(stored.investors.all() if stored else (), investors)
    for figure, earlier in figures:
        claim = {**read_given_values(figure), "code": figure.code or ProjectFigure.new_code()}
        stated.figures.append(claim)
        if earlier:
            stated.superseded[earlier.pk] = claim
    return stated


def write_projects(stated: Sequence[StatedProject]) -> set[int]:
    """Write projects as one revision, or as part of the open one.

    Returns the keys of the created and changed projects; unchanged ones get no new version. Only
    the constraints of the database are checked. Either all new projects have a reserved `id` in
    their columns, or none.
    """
    with recorded() as writer:
        if any(each.investment for each in stated):
            _state_investments(stated)
        new = [each for each in stated if each.key is None]
        changed = {each.key: each.columns for each in stated if each.key is not None}
        below = {each.key for each in stated if each.key and each.has_other_rows()}
        touched = below | {key for key, values in changed.items() if values}
        derived = {key for key, values in changed.items() if not READ_TO_DERIVE.isdisjoint(values)}
        created = _insert_projects(new) if new else ()
        update_rows(Project, changed)
        _write_rows(stated)
        writer.postpone(Project, [*created, *derived, *below])
        writer.note(Project, touched, columns=())
        return {*created, *touched}


def _insert_projects(new: Sequence[StatedProject]) -> Sequence[int]:
    """Insert the new projects; reserve keys for their figures if some supersede others."""
    keys = _insert(Project, [each.columns for each in new])
    for each, key in zip(new, keys, strict=True):
        each.key = key
        if each.row:
            each.row.pk = key
    if any(each.successors for each in new):
        reserved = iter(reserve_keys(ProjectFigure, sum(len(each.figures) for each in new)))
        for each in new:
            for row in each.figures:
                row["id"] = next(reserved)
            for earlier, later in each.successors.items():
                each.figures[earlier]["superseded_by_id"] = each.figures[later]["id"]
    return keys


def _write_rows(stated: Sequence[StatedProject]) -> None:
    """Write the rows of projects: delete first, then update, then insert."""
    changes: dict[Any, dict[int, Columns]] = defaultdict(dict)
    for each in stated:
        for columns in chain.from_iterable(getattr(each, name) for name in _LISTS):
            columns["project_id"] = each.key
        for row in each.gone:
            row.delete()
        for model, values in each.changes.items():
            changes[model] |= values
    for model, values in changes.items():
        update_rows(model, values)
    for name, model in _LISTS.items():
        if rows := [row for each in stated for row in getattr(each, name)]:
            _insert(model, rows)
    superseded = {key: claim["id"] for each in stated for key, claim in each.superseded.items()}
    if superseded:
        ProjectFigure.objects.supersede(superseded)
    for project, kind in sorted((each.key or 0, kind) for each in stated for kind in each.flows):
        Funding.objects.work_out_flows(project, kind)


def _insert(model: Any, rows: Rows) -> Sequence[int]:
    """Insert rows with reserved or new keys, and set their `id`."""
    keys = create_rows(model, rows, [key for row in rows if (key := row.get("id"))])
    for row, key in zip(rows, keys, strict=True):
        row["id"] = key
    return keys


def update_rows(model: Any, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Write changed columns, by the keys of rows; each row gets a new version."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for key, columns in changes.items():
        if columns:
            alike[tuple(sorted(columns))].append(key)
    for names, keys in alike.items():
        if len(keys) == 1:  # the usual case, without CASE in the SQL
            model.objects.update_by_keys(keys, changes[keys[0]])
            continue
        fields = [model._meta.get_field(name).name for name in names]
        changed = [model(pk=key, **changes[key]) for key in keys]
        model.objects.bulk_update(changed, fields, batch_size=200)


def find_changed_values(row: Model, stored: Model) -> Columns:
    """Find the columns of a row that differ from the stored one, with their new values."""
    return {
        name: value
        for name, _default in list_written_columns(type(row))
        if (value := getattr(row, name)) != getattr(stored, name)
    }


def read_given_values(row: Model) -> Columns:
    """Read the columns of a new row that differ from the defaults."""
    return {
        name: value
        for name, default in list_written_columns(type(row))
        if (value := getattr(row, name)) != default
    }


@cache
def list_written_columns(model: type[Model]) -> list[tuple[str, Any]]:
    """List the writable columns of a model, with their defaults."""
    return [
        (field.attname, field.get_default())
        for field in model._meta.concrete_fields
        if not (field.generated or field.primary_key or field.name in OF_EVERY_VERSION)
    ]


def record_investment(
    project: Project, amount_cny: int | None, *, qualifier: str = "exact", basis: str = ""
) -> None:
    """Write the amount of a project as a claim: see `_state_investments`."""
    project.refresh_from_db(fields=words.DERIVED)
    said = SaidInvestment(project, amount_cny, qualifier, basis)
    write_projects([StatedProject({}, project.pk, investment=said)])


def _state_investments(stated: Iterable[StatedProject]) -> None:
    """State the claims for the stated investments.

    A new claim supersedes the standing ones of its basis; `None` withdraws the standing claims, so
    that the amount is unknown. An unchanged amount adds no claim.
    """
    said = [(each, new) for each in stated if (new := each.investment) and not new.is_known()]
    keys = {each.key for each, _new in said if each.key}
    standing = find_standing(keys) if keys else {}
    for each, new in said:
        # Claims in other currencies stay
        in_yuan = [row for row in standing.get(each.key, ()) if row.amount_cny is not None]
        if new.amount_cny is None:
            each.withdraw(in_yuan)
        else:
            others, each.figures = each.figures, []
            each.claim(build_investment(new), in_yuan)
            each.figures += others


def find_standing(projects: Collection[int]) -> dict[int | None, list[ProjectFigure]]:
    """Find the standing claims of the whole investment of projects, by project."""
    standing: dict[int | None, list[ProjectFigure]] = defaultdict(list)
    for chunk in chunks(projects):
        rows = ProjectFigure.objects.standing().of_the_whole()
        for row in rows.filter(project__in=chunk, indicator=words.HEADLINE_INDICATOR):
            standing[row.project_id].append(row)
    return standing


def build_investment(said: SaidInvestment) -> dict[str, Any]:
    """Build the columns of the claim of an amount, without its project."""
    project, basis = said.project, said.find_basis()
    is_intended = basis == InvestmentBasis.INTENDED
    return {
        "code": ProjectFigure.new_code(),
        "indicator_id": words.HEADLINE_INDICATOR,
        "amount_cny": said.amount_cny,
        "qualifier": said.qualifier,
        "investment_basis": basis,
        "nature": Nature.INTENDED if is_intended else Nature.PROJECTED,
        "as_of": project.reported_on,
        "as_of_precision": project.reported_on_precision,
        "source_id": project.source_id,
    }
