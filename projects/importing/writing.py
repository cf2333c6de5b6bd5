"""Write the drafts of the rows of a file as one revision, in batches."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from operator import attrgetter
from typing import Any

from config.database.bulk_insert import reserve_keys
from config.mistakes import Mistake
from parks.access import Publication
from parks.models import Nature, Park
from parks.names.cell_lookup import FoundRow, Organisations, select_seen
from parks.recording.change_rows import lock_rows
from parks.recording.recording import recorded
from projects.importing.cells import rows_below
from projects.importing.cells.amounts import Money
from projects.importing.cells.cells import ParsedTag
from projects.importing.cells.columns import OF_STEPS
from projects.importing.cells.investors import Share
from projects.importing.cells.words import Evidence
from projects.importing.stored import Stored, find_projects_by_code
from projects.models import (
    DistinctPair,
    Investor,
    Milestone,
    Participation,
    Project,
    ProjectFigure,
    SigningEvent,
    role_at,
    words,
)
from projects.writing.writing import Columns, Rows, StatedProject, find_standing, write_projects
from sheets.dates import PartialDate
from sheets.imports import Progress
from sheets.packing import PackedLines, PackedList, split_up


@dataclass(frozen=True, slots=True)
class AmountClaim:
    money: Money
    basis: str
    note: str = ""


@dataclass(slots=True)
class RowDraft:
    """The writes of one row.

    `milestones` has a date, or None for a step that is met without a date; `of_steps`, by the names
    in OF_STEPS, numbers of papers and planned or promised days, or None where one is cleared.
    """

    line: int
    code: str
    project_id: int = 0  # of a new project, set when it is written
    version: int | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    milestones: dict[words.Stage | words.Approval, PartialDate | None] = field(default_factory=dict)
    of_steps: dict[str, Any] = field(default_factory=dict)
    move_reason: str = ""  # of the plans and promises that it moves
    agreement_type: str | None = None
    claims: tuple[AmountClaim, ...] = ()
    further: dict[str, Money] = field(default_factory=dict)  # claims, by column
    new_amount: int | None = None  # of the headline claim, if it changes
    # That of another row's amount is all that is written
    increase: rows_below.ParsedIncrease | None = None
    withdraws: bool = False
    investors: tuple[Share, ...] | None = None
    flows: dict[str, rows_below.FlowReport] = field(default_factory=dict)  # by column
    note: rows_below.ParsedNote | None = None
    events: tuple[FoundRow, ...] = ()
    tags: tuple[ParsedTag, ...] = ()
    people: dict[str, tuple[rows_below.ParsedPerson, ...]] = field(default_factory=dict)
    apart_from: tuple[int, ...] = ()  # keys or negative lines of projects that it is not
    against: tuple[str, Evidence] | None = None  # the column and word that contradict the row
    bracket: Mistake | None = None  # the doubtful bracket of its investors

    @property
    def is_new(self) -> bool:
        """Whether it creates a project; others change one, or add to the amount of one."""
        return self.version is None and not (self.increase and self.increase.of)


class Drafts:
    """The drafts of a file, in little memory: all but the altered ones are packed.

    In the order of the file, and after them those of rows that had none when first checked.
    """

    def __init__(self) -> None:
        self.referred: set[str] = set()  # codes that rows refer to, in lower case
        self._packed: PackedLines[RowDraft] = PackedLines()
        self._held: dict[int, RowDraft | None] = {}  # the replacements by line; None: dropped

    def put(self, draft: RowDraft) -> None:
        """Add a draft, or replace that of its line."""
        self.referred.update(code.lower() for code in draft.references.values())
        if draft.line > self._packed.last_line:
            self._held.pop(draft.line, None)
            self._packed.append(draft)
        else:
            self._held[draft.line] = draft

    def drop(self, lines: Iterable[int]) -> None:
        """Remove the drafts of these lines."""
        self._held |= dict.fromkeys(lines)

    def hold(self, lines: Iterable[int]) -> dict[int, RowDraft]:
        """Return the drafts of these lines, by line, for changes in place."""
        for line in sorted(lines):
            if line not in self._held and self._packed.find_place(line) is not None:
                self._held[line] = self._packed.find(line)
        return {line: draft for line in lines if (draft := self._held.get(line))}

    def __len__(self) -> int:
        packed = sum(self._packed.find_place(line) is not None for line in self._held)
        return len(self._packed) - packed + sum(map(bool, self._held.values()))

    def __iter__(self) -> Iterator[RowDraft]:
        added = {**self._held}
        for packed in self._packed:
            if draft := added.pop(packed.line, packed):
                yield draft
        yield from filter(None, added.values())


def choose_basis(stored: Stored | None, given: str | None) -> str:
    """Choose the basis of an amount: that of the file, else the stored one, else reported."""
    before = stored.values["investment_basis"] if stored else ""
    return given or before or words.InvestmentBasis.REPORTED.value


def find_column(name: str) -> str:
    """Find the column of projects in which the values of a column of files are stored."""
    field: Any = Project._meta.get_field(name)
    return field.attname


def empty_columns(name: str) -> Iterator[tuple[str, Any]]:
    """Yield the columns that clear a value of a project."""
    yield find_column(name), None if Project._meta.get_field(name).null else ""
    if name == "land_mu":
        yield "land_qualifier", ""
    if f"{name}_precision" in {f.name for f in Project._meta.concrete_fields}:
        yield f"{name}_precision", ""


# The columns of new claims, from the day and source of the newest report
OF_REPORT = {
    "as_of": "reported_on",
    "as_of_precision": "reported_on_precision",
    "source_id": "source_id",
}


def state_drafts(
    drafts: Sequence[RowDraft],
    stored: Mapping[int, Project],
    organisations: Organisations,
    links: Mapping[str, int],
) -> Iterator[StatedProject]:
    """Build the projects of drafts, which may be `stored`.

    `links` has the keys of the projects that they refer to, by code.
    """
    changed = {draft.project_id: draft for draft in drafts if draft.version is not None}
    claimed = {key for key, each in changed.items() if each.claims or each.withdraws}
    standing = find_standing(claimed) if claimed else {}
    others = {key for key, each in changed.items() if each.further}
    further = rows_below.find_further_keys(others) if others else {}
    events = SigningEvent.objects.in_bulk({event.pk for draft in drafts for event in draft.events})
    nothing = Project()
    for draft in drafts:
        named = {f"{name}_id": links[code.lower()] for name, code in draft.references.items()}
        stated = StatedProject(draft.columns | named)
        if draft.version is None:
            stated.columns |= {"id": draft.project_id, "code": draft.code}
        else:
            stated.key = draft.project_id
        project = stored.get(stated.key or 0, nothing)
        known = (standing.get(stated.key, ()), further.get(stated.key, {}))
        _state_claims(stated, draft, project, *known)
        _state_rows(stated, draft, project, events, organisations)
        yield stated


def _state_rows(
    stated: StatedProject,
    draft: RowDraft,
    project: Project,
    events: Mapping[int, SigningEvent],
    organisations: Organisations,
) -> None:
    """Add the rows below a project that a draft adds or changes, except its amounts."""
    if draft.milestones or draft.of_steps or draft.agreement_type is not None:
        _state_steps(stated, draft, _list_below(project, "milestones"))
    if draft.investors is not None:
        park = draft.columns.get("park_id", project.park_id)
        _state_investors(stated, draft, park, _list_below(project, "investors"), organisations)
    if draft.events:
        attended = {each.event_id for each in _list_below(project, "participations")}
        stated.participations = [
            {"event_id": event, "role": find_role(draft, events[event])}
            for event in sorted({each.pk for each in draft.events} - attended)
        ]
    if draft.flows:
        rows_below.state_flows(stated, draft.flows.values(), _list_below(project, "fundings"))
    if draft.people:
        people = rows_below.find_people_of_roles(draft.people, _list_below(project, "assignments"))
        stated.assignments = stated.replace(*people)
    stated.notes = [rows_below.build_note(draft.note)] if draft.note else []
    source = draft.columns.get("source_id")
    stated.tags = [{"tag_id": t.tag, "year": t.year, "source_id": source} for t in draft.tags]


_ROWS_BELOW = ("milestones", "investors", "participations", "fundings", "assignments")


def _find_stored(drafts: Sequence[RowDraft]) -> dict[int, Project]:
    """Load the projects that drafts change, by key, with the rows that may change."""
    rows = Project.objects.only("park_id", "publication", *OF_REPORT.values())
    return rows.prefetch_related(*_ROWS_BELOW).in_bulk([draft.project_id for draft in drafts])


def _list_below(project: Project, name: str) -> Any:
    """Return prefetched rows of a project; a new project has none."""
    return getattr(project, name).all() if project.pk else ()


def _build_steps(draft: RowDraft, signing: words.Stage | None) -> dict[Any, Columns]:
    """Build the columns of each step of a draft; those of met ones have a status."""
    steps: dict[Any, Columns] = defaultdict(dict)
    for step, day in draft.milestones.items():
        steps[step] |= {"status": words.MilestoneStatus.MET, **_build_day("actual_on", day)}
    for name, value in draft.of_steps.items():
        step, column = OF_STEPS[name]
        if column == "document_no":
            steps[step] |= {"status": words.MilestoneStatus.MET, column: value or ""}
            continue
        steps[step] |= _build_day(column, value)
        if column == "promised_on":
            steps[step]["promise_source_id"] = value and draft.columns.get("source_id")
    if signing:
        of_paper = {"status": words.MilestoneStatus.MET, "agreement_type": draft.agreement_type}
        steps[signing] |= of_paper
    return steps


def _build_day(name: str, day: PartialDate | None) -> Columns:
    return {name: day.first if day else None, f"{name}_precision": day.precision if day else ""}


def _choose_signing(draft: RowDraft, stored: Collection[str]) -> words.Stage | None:
    """Choose the signing with the type of agreement: the contract before the intent."""
    if draft.agreement_type is None:
        return None
    there = [stage for stage in words.SIGNING_TYPES if stage in draft.milestones or stage in stored]
    if draft.agreement_type == words.AgreementType.INTENT:
        there = there[:1]
    return there[-1] if there else None


def build_investors(
    draft: RowDraft, park: int, organisations: Organisations, kept: Collection[int] = ()
) -> Rows:
    """Build the investors that a draft adds to the `kept` ones; the first one leads."""
    there = [*kept]
    rows = []
    for share in draft.investors or ():
        organisation = organisations.get_key(share.name, park)
        if organisation in there:
            continue
        role = Investor.Role.CO if there else Investor.Role.LEAD
        there.append(organisation)
        rows.append({"organisation_id": organisation, "role": role, "share_bp": share.share_bp})
    return rows


def find_role(draft: RowDraft, event: SigningEvent) -> str:
    """Find the role of a project at an event: it signed if its sheet has a signing on that day."""
    role = role_at(event.kind)
    held = PartialDate.from_columns(event.held_on, event.held_on_precision)
    days = [draft.milestones[stage] for stage in words.SIGNING_TYPES if stage in draft.milestones]
    is_signed = any(
        day is None or held is None or (day.first <= held.last and held.first <= day.last)
        for day in days
    )
    return Participation.Role.SIGNED if is_signed and role == Participation.Role.ATTENDED else role


DRAFTS_AT_ONCE = 2_000


class MovedError(Exception):
    """Somebody changed some of the projects after they were compared."""


def write(
    drafts: Drafts, batch: str, actor: Any, progress: Progress | None = None
) -> PackedList[tuple[int, str]]:
    """Write all drafts as one revision, and return the codes of lines.

    Raises MovedError if the ledger has changed. A new investor is a draft of the same park until
    one of its projects is published. `actor` None sees all organisations.
    """
    with recorded(batch=batch) as writer:
        writer.publishes_needed = True
        lock_compared(Project, {d.project_id: d.version for d in drafts if d.version is not None})
        organisations = Organisations(actor)
        new = sum(draft.is_new for draft in drafts)
        keys = reserve_keys(Project, new) if new else ()
        links = _find_links(drafts, keys, actor)
        codes: PackedList[tuple[int, str]] = PackedList()
        by_line: dict[int, int] = {}  # the keys of the written projects
        for part in split_up(_number(drafts, keys), DRAFTS_AT_ONCE):
            stored = _find_stored([draft for draft in part if draft.version is not None])
            _complete_new(part)
            _create_organisations(part, stored, organisations)
            write_projects([*state_drafts(part, stored, organisations, links)])
            for draft in part:
                by_line[draft.line] = draft.project_id
                if draft.is_new:
                    codes.append((draft.line, draft.code))
            if progress:
                progress("written", len(by_line), len(drafts))
        apart = ((by_line.get(each.line), other) for each in drafts for other in each.apart_from)
        pairs = ((key, by_line.get(-other, other)) for key, other in apart)
        DistinctPair.keep((key, other) for key, other in pairs if key and other > 0)
        for line, code in _add_up(drafts, by_line):
            codes.append((line, code))
    return codes


def _number(drafts: Iterable[RowDraft], keys: Sequence[int]) -> Iterator[RowDraft]:
    """Give the reserved keys to new projects; skip increases of other rows."""
    left = iter(keys)
    for draft in drafts:
        if draft.is_new:
            draft.project_id = next(left)
        if draft.project_id:
            yield draft


def _find_links(drafts: Iterable[RowDraft], keys: Sequence[int], actor: Any) -> dict[str, int]:
    """Find the keys of referred projects by code, in the ledger or the same file."""
    referred = {code.lower() for draft in drafts for code in draft.references.values()}
    found = find_projects_by_code(referred, select_seen(Project, actor))
    for draft in _number(drafts, keys) if referred - found.keys() else ():
        if draft.is_new and draft.code.lower() in referred:
            found[draft.code.lower()] = draft.project_id
    if missing := referred - found.keys():
        raise MovedError(len(missing))  # such as one hidden in the meantime
    return found


def _add_up(drafts: Iterable[RowDraft], by_line: Mapping[int, int]) -> Iterator[tuple[int, str]]:
    """Write the increases of the written amounts; yield their lines and the codes of projects."""
    # By line, with the keys of projects
    said: dict[int, tuple[int, rows_below.ParsedIncrease]] = {}
    for draft in drafts:
        if increase := draft.increase:
            of = increase.of
            project = of if of > 0 else by_line.get(-of or draft.line)
            said |= {draft.line: (project, increase)} if project else {}
    if not said:
        return
    rows = Project.objects.filter(pk__in={project for project, _increase in said.values()})
    reports = {row["pk"]: row for row in rows.values("pk", "code", *OF_REPORT.values())}
    about = {key: {n: row[of] for n, of in OF_REPORT.items()} for key, row in reports.items()}
    write_projects(rows_below.state_increases([*said.values()], about))
    for line, (project, _increase) in said.items():
        yield line, reports[project]["code"]


def lock_compared(model: Any, versions: Mapping[int, int]) -> None:
    """Lock rows; MovedError if a version differs from the compared one."""
    found = lock_rows(model, versions)
    moved = [key for key, version in versions.items() if found.get(key) != version]
    if moved:
        raise MovedError(len(moved))


def _complete_new(drafts: Iterable[RowDraft]) -> None:
    """Give new projects a code, and the default publication of their park."""
    new = [draft for draft in drafts if draft.version is None]
    parks = Park.objects.in_bulk({draft.columns["park_id"] for draft in new})
    for draft in new:
        draft.code = draft.code or Project.new_code()
        park = parks[draft.columns["park_id"]]
        draft.columns.setdefault("publication", park.publication_of_new)


def _create_organisations(
    drafts: Iterable[RowDraft], stored: Mapping[int, Project], organisations: Organisations
) -> None:
    shown = Park.objects.filter(publication=Publication.PUBLISHED)
    parks = set(shown.values_list("pk", flat=True))
    organisations.look_up(share.name for draft in drafts for share in draft.investors or ())
    wanted = []
    for draft in drafts:
        project = stored.get(draft.project_id)
        park, publication = (
            draft.columns.get(name) or getattr(project, name) for name in ("park_id", "publication")
        )
        is_seen = publication == Publication.PUBLISHED and park in parks
        wanted += [(share.name, park, is_seen) for share in draft.investors or ()]
    organisations.create(wanted)


def _state_steps(stated: StatedProject, draft: RowDraft, rows: Iterable[Milestone]) -> None:
    """Add the steps of a draft; of several stored ones of a type it changes the one in files.

    A step that was met comes before a scheduled one, then the first to end.
    """
    standing = [row for row in rows if row.status != words.MilestoneStatus.REVOKED]
    met = _pick_firsts(standing, lambda row: (row.status, row.actual_on_end or date.max))
    planned, promised = (
        _pick_firsts((row for row in standing if getattr(row, day)), attrgetter(end))
        for day, end in (("planned_on", "planned_on_end"), ("promised_on", "promised_on"))
    )
    for step, values in _build_steps(draft, _choose_signing(draft, met)).items():
        found = met.get(step)
        if "status" not in values:
            first = promised if "promised_on" in values else planned
            found = first.get(step) or planned.get(step) or promised.get(step) or found
        if found is None:
            stated.milestones.append(
                {"type": step, "status": words.MilestoneStatus.SCHEDULED, **values}
            )
            continue
        changes = stated.changes.setdefault(Milestone, {})
        changes[found.pk] = changes.get(found.pk, {}) | values
        changed = copy(found)
        for name, value in (values | {"move_reason": draft.move_reason}).items():
            setattr(changed, name, value)
        stated.add_moves(changed)


def _pick_firsts(
    rows: Iterable[Milestone], key: Callable[[Milestone], Any]
) -> dict[str, Milestone]:
    firsts: dict[str, Milestone] = {}
    for row in sorted(rows, key=key):
        firsts.setdefault(row.type, row)
    return firsts


def _state_claims(
    stated: StatedProject,
    draft: RowDraft,
    project: Project,
    standing: Sequence[ProjectFigure],
    further: Mapping[str, Sequence[int]],
) -> None:
    """Add the amounts of a draft, which supersede the standing claims."""
    columns = draft.columns
    about = {
        name: columns[of] if of in columns else getattr(project, of)
        for name, of in OF_REPORT.items()
    }
    for claim in draft.claims:
        is_intended = claim.basis == words.InvestmentBasis.INTENDED
        nature = Nature.INTENDED if is_intended else Nature.PROJECTED
        figure = rows_below.build_claim(claim.money, claim.basis, nature) | {"note": claim.note}
        stated.claim(figure | about, standing)
    if draft.withdraws:
        stated.withdraw(standing)
    for name, money in draft.further.items():
        figure = rows_below.build_further(name, money) | about
        stated.figures.append(figure)
        stated.superseded |= dict.fromkeys(further.get(name, ()), figure)


def _state_investors(
    stated: StatedProject,
    draft: RowDraft,
    park: int,
    stored: Iterable[Investor],
    organisations: Organisations,
) -> None:
    """Add the list of investors; kept ones keep role and share, unless another is given."""
    shares = {
        organisations.get_key(share.name, park): share.share_bp for share in draft.investors or ()
    }
    kept = [copy(row) for row in stored if row.organisation_id in shares]
    for row in kept:
        share_bp = shares[row.organisation_id]
        row.share_bp = row.share_bp if share_bp is None else share_bp
    known = [row.organisation_id for row in kept]
    stated.replace(stored, kept)
    stated.investors = build_investors(draft, park, organisations, known)
