"""Writing projects: the steps of every entry point, in order, and what is written set by set.

`open_revision` opens the transaction of an entry point and names the steps. `write_projects` writes
what bodies say; imports and demo data insert and change sets of rows with the functions below it.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Model

from config.bulk_insert import reserve_keys
from parks.access import select_readable
from parks.cell_lookup import create_rows
from parks.models import Nature
from parks.recording.change_rows import chunks
from parks.recording.recording import OF_EVERY_VERSION, Unit, recorded
from projects.doubts.amounts import find_improbable_amounts
from projects.doubts.doubts import DoubtfulWriteError, DoubtKind
from projects.doubts.duplicates import find_duplicates, read_profiles
from projects.lifecycle import words
from projects.lifecycle.derivation import READ_TO_DERIVE
from projects.lifecycle.words import InvestmentBasis
from projects.models import (
    Assignment,
    DistinctPair,
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

Columns = dict[str, Any]  # values by attname
Rows = list[Columns]  # what is not given has the default of its field


@contextmanager
def open_revision(
    actor: Any, confirmed: Callable[[int], Collection[str]], stored: Iterable[int] = ()
) -> Iterator[Unit]:
    """Open the revision in which an entry point writes projects; raise DoubtfulWriteError.

    `confirmed` returns, by the key of a written project, the kinds of doubts that are settled.
    `stored` are the keys of stored projects whose name, park, amount, investors or stage may
    change: they may become like others. Only what is written inside is doubted, never what was
    stored before; no project is named that `actor` may not see.
    """
    with recorded() as unit:
        before = read_profiles(stored) if stored else {}
        yield unit  # permission, version, parsing and writing, by the entry point
        unit.derive()
        check_doubts(unit, before, actor, confirmed)
    # Follow-ups, history and feed: `Unit.record`, when the outermost revision ends


def check_doubts(
    unit: Unit,
    before: Mapping[int, Any],
    actor: Any,
    confirmed: Callable[[int], Collection[str]],
) -> None:
    """Raise DoubtfulWriteError for doubts that nobody has settled; remember the settled ones."""
    claims, keys = unit.find_created(ProjectFigure), [*before, *unit.find_created(Project)]
    if not claims and not keys:
        return
    doubts = [
        *find_improbable_amounts(claims),
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


# --- Projects as bodies state them ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SaidInvestment:
    """What is said of the investment of a project; of no amount (None) that it is unknown.

    The project has the amount of before. What it rests on is as before where nothing is said.
    """

    project: Project
    amount_cny: int | None
    qualifier: str = "exact"
    basis: str = ""

    def find_basis(self) -> str:
        return self.basis or self.project.investment_basis or InvestmentBasis.REPORTED.value

    def is_known(self) -> bool:
        """Tell whether it says nothing new."""
        project = self.project
        known = (project.investment_cny, project.investment_qualifier, project.investment_basis)
        said = (self.amount_cny, self.qualifier, self.find_basis())
        return known == said or known[0] is self.amount_cny is None


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


def write_projects(stated: Sequence[StatedProject]) -> set[int]:
    """Write projects as one revision; return the keys of those that were created or changed.

    Nothing is validated. What is as it is to be gets no new version. The drafts get their keys.
    """
    with recorded():
        new = [each for each in stated if each.stored is None]
        keys = insert_projects([_build_new(each) for each in new])
        for each, key in zip(new, keys, strict=True):
            each.row.pk = key
        return {*keys, *_change([each for each in stated if each.stored is not None])}


def _build_new(stated: StatedProject) -> "NewProject":
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
    if not claims:
        return changed
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
    return changed | {project for project, _new, _earlier in claims}


def _build_claim(figure: ProjectFigure) -> dict[str, Any]:
    return {**read_given_values(figure), "code": figure.code or ProjectFigure.new_code()}


# --- New projects --------------------------------------------------------------------------------


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


# --- Changed rows --------------------------------------------------------------------------------


def update_rows(model: Any, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """Write the columns that change, by the keys of rows; each row gets a new version."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for key, columns in changes.items():
        if columns:
            alike[tuple(sorted(columns))].append(key)
    for names, keys in alike.items():
        if len(keys) == 1:  # as it is most often: no cases are to be told apart
            model.objects.update_by_keys(keys, changes[keys[0]])
            continue
        fields = [model._meta.get_field(name).name for name in names]
        changed = [model(pk=key, **changes[key]) for key in keys]
        model.objects.bulk_update(changed, fields, batch_size=200)


def change_lists(model: Any, listed: Mapping[int, tuple[Iterable[Any], list[Any]]]) -> set[int]:
    """Give projects, by key, the rows that they are to have in place of those that they have.

    Returns the keys of those in which something changes. Rows without a key are new.
    """
    new: list[Columns] = []
    values: dict[int, Columns] = {}
    changed: set[int] = set()
    for project, (stored, rows) in listed.items():
        kept = {row.pk: row for row in rows if row.pk is not None}
        for row in stored:
            if row.pk not in kept:
                row.delete()
                changed.add(project)
            elif difference := find_changed_values(kept[row.pk], row):
                values[row.pk] = difference
                changed.add(project)
        new += [{**read_given_values(row), "project_id": project} for row in rows if not row.pk]
    update_rows(model, values)
    if new:
        create_rows(model, new)
    return changed | {row["project_id"] for row in new}


def find_changed_values(row: Model, stored: Model) -> Columns:
    """Find the columns in which a row is to be another than it is stored, with their new values."""
    return {
        name: value
        for name, _default in list_written_columns(type(row))
        if (value := getattr(row, name)) != getattr(stored, name)
    }


def read_given_values(row: Model) -> Columns:
    """Read the columns of a new row that have another value than those of any new row."""
    return {
        name: value
        for name, default in list_written_columns(type(row))
        if (value := getattr(row, name)) != default
    }


@cache
def list_written_columns(model: type[Model]) -> list[tuple[str, Any]]:
    """List the columns of a model that are written as they are said, and what new rows have."""
    return [
        (field.attname, field.get_default())
        for field in model._meta.concrete_fields
        if not (field.generated or field.primary_key or field.name in OF_EVERY_VERSION)
    ]


# --- Amounts of investment -----------------------------------------------------------------------


def record_investment(
    project: Project, amount_cny: int | None, *, qualifier: str = "exact", basis: str = ""
) -> None:
    """Write the amount that somebody typed in for a project: see `record_investments`."""
    project.refresh_from_db(fields=words.DERIVED)
    record_investments([SaidInvestment(project, amount_cny, qualifier, basis)])


def record_investments(said: Sequence[SaidInvestment]) -> set[int]:
    """Write what is said of stored projects as claims; return the keys of those that it changes.

    A new claim supersedes the standing ones of its basis; `None` withdraws the standing
    investment claims, so that the amount is unknown. What says nothing new writes nothing.
    """
    news = {each.project.pk: each for each in said if not each.is_known()}
    if not news:
        return set()
    # What is said in another currency stays as reported
    standing = [claim for claim in find_standing(news) if claim.amount_cny is not None]
    with recorded() as unit:
        new = [
            (key, build_investment(each))
            for key, each in news.items()
            if each.amount_cny is not None
        ]
        write_claims(new, standing, {*news} - {key for key, _claim in new})
        unit.postpone(Project, news)
    return {*news}


def find_standing(projects: Collection[int]) -> list[ProjectFigure]:
    """Find the claims of the whole investment of projects, by their keys, that stand."""
    standing: list[ProjectFigure] = []
    for chunk in chunks(projects):
        rows = ProjectFigure.objects.standing().of_the_whole()
        standing += rows.filter(project__in=chunk, indicator=words.HEADLINE_INDICATOR)
    return standing


def write_claims(
    new: Sequence[tuple[int, Mapping[str, Any]]],
    standing: Sequence[ProjectFigure],
    unknown: Collection[int],
) -> None:
    """Write new claims, by project; they supersede the `standing` ones of their basis.

    Of projects whose amount is `unknown` from now on, those in yuan are withdrawn.
    """
    keys = create_rows(ProjectFigure, [{**claim, "project_id": project} for project, claim in new])
    latest = {
        (project, claim["investment_basis"]): key
        for (project, claim), key in zip(new, keys, strict=True)
    }
    ProjectFigure.objects.supersede(
        {
            figure.pk: latest[said]
            for figure in standing
            if (said := (figure.project_id, figure.investment_basis)) in latest
        }
    )
    ends = [f.pk for f in standing if f.amount_cny is not None and f.project_id in unknown]
    update_rows(ProjectFigure, dict.fromkeys(ends, {"is_withdrawn": True}))


def build_investment(said: SaidInvestment) -> dict[str, Any]:
    """Build the columns of the claim of an amount, but for the key of its project."""
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
