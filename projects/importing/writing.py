"""What is to be written for the rows of a file, and writing it, set by set, as one revision."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction

from config.database.bulk_insert import reserve_keys
from config.mistakes import Mistake
from parks.access import Publication
from parks.models import Nature, Park
from parks.names.cell_lookup import FoundRow, Organisations, select_seen
from parks.recording.change_rows import lock_rows
from parks.recording.recording import recorded
from projects.importing.cells.amounts import Money
from projects.importing.cells.cells import SaidTag
from projects.importing.cells.columns import FILE_COLUMNS
from projects.importing.cells.investors import Share
from projects.importing.cells.rows_below import (
    FlowReport,
    SaidIncrease,
    SaidNote,
    SaidPerson,
    build_claim,
    build_further,
    build_note,
    find_further_keys,
    find_people_of_roles,
    state_flows,
    state_increases,
)
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
)
from projects.models.words import (
    SIGNING_TYPES,
    AgreementType,
    Approval,
    InvestmentBasis,
    MilestoneStatus,
    Stage,
)
from projects.writing.writing import (
    Columns,
    Rows,
    StatedProject,
    find_standing,
    write_projects,
)
from sheets.amounts import format_cny
from sheets.dates import PartialDate, print_partial_date
from sheets.imports import Progress, RowReport
from sheets.packing import PackedLines, PackedList, split_up
from sheets.writing.cells import to_text


@dataclass(frozen=True, slots=True)
class AmountClaim:
    """An amount of investment to be claimed."""

    money: Money
    basis: str
    note: str = ""


_NOTHING: Mapping[Any, Any] = MappingProxyType({})  # one for all drafts that have none


@dataclass(slots=True)
class RowDraft:
    """The writes of one row.

    `milestones` has a date, or None where a step is met but not dated; `documents` the numbers of
    the papers by which things were approved; `planned` the days for
    which steps are planned, or None where they are so no more.
    """

    line: int
    code: str
    project_id: int = 0  # known of a new one when it is created
    version: int | None = None
    columns: dict[str, Any] = field(default_factory=dict)
    references: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    milestones: dict[Stage | Approval, PartialDate | None] = field(default_factory=dict)
    documents: Mapping[Approval, str] = field(default_factory=lambda: _NOTHING)
    planned: Mapping[Stage, PartialDate | None] = field(default_factory=lambda: _NOTHING)
    agreement_type: str | None = None
    claims: tuple[AmountClaim, ...] = ()
    further: Mapping[str, Money] = field(default_factory=lambda: _NOTHING)  # claims, by column
    new_amount: int | None = None  # of the headline claim, where the project had another or none
    increase: SaidIncrease | None = None  # of another row's amount nothing else is written
    withdraws: bool = False
    investors: tuple[Share, ...] | None = None
    flows: Mapping[str, FlowReport] = field(default_factory=lambda: _NOTHING)  # by column
    note: SaidNote | None = None
    events: tuple[FoundRow, ...] = ()
    tags: tuple[SaidTag, ...] = ()
    people: Mapping[str, tuple[SaidPerson, ...]] = field(default_factory=lambda: _NOTHING)
    apart_from: tuple[int, ...] = ()  # keys of projects that it is not; negative: lines of the file
    against: tuple[str, Evidence] | None = None  # the column and word that contradict the row
    bracket: Mistake | None = None  # of its investors, which is asked about


class Drafts:
    """The drafts of a file, in little memory: all but those that were altered are packed.

    In the order of the file, but for those of rows that were checked again, which follow.
    """

    def __init__(self) -> None:
        self.referred: set[str] = set()  # codes that rows refer to, in lower case
        self._packed: PackedLines[RowDraft] = PackedLines()
        self._held: dict[int, RowDraft | None] = {}  # what stands in its place, by line
        self._late: dict[int, RowDraft] = {}

    def append(self, draft: RowDraft) -> None:
        """Add a draft; that of an earlier line takes the place of what there was of it."""
        self.referred.update(code.lower() for code in draft.references.values())
        if draft.line > self._packed.last_line:
            self._packed.append(draft)
        else:
            self.drop([draft.line])
            self._late[draft.line] = draft

    def put(self, draft: RowDraft) -> None:
        """Put a draft in the place of that of its line."""
        held = self._late if draft.line in self._late else self._held
        held[draft.line] = draft

    def drop(self, lines: Iterable[int]) -> None:
        """Leave out what there is of these lines."""
        for line in lines:
            self._late.pop(line, None)
            if self._packed.find_place(line) is not None:
                self._held[line] = None

    def hold(self, lines: Iterable[int]) -> dict[int, RowDraft]:
        """Hold the drafts of these lines, by line: what is altered of them counts."""
        for line in sorted(lines):
            if line not in self._held and self._packed.find_place(line) is not None:
                self._held[line] = self._packed.find(line)
        held = {line: self._late.get(line) or self._held.get(line) for line in lines}
        return {line: draft for line, draft in held.items() if draft is not None}

    def __len__(self) -> int:
        dropped = sum(draft is None for draft in self._held.values())
        return len(self._packed) - dropped + len(self._late)

    def __iter__(self) -> Iterator[RowDraft]:
        for packed in self._packed:
            draft = self._held.get(packed.line, packed)
            if draft is not None:
                yield draft
        yield from self._late.values()


# Where a stored project keeps what a column of the file names
PATHS = {
    "park": "park__code",
    "region": "region_id",
    "origin": "origin_id",
    "sector": "sector_id",
    "source": "source__code",
    "duplicate_of": "duplicate_of__code",
    "part_of": "part_of__code",
}


def format_stored(stored: Stored, name: str) -> str:
    """Format what a project has now as the report shows it."""
    values = stored.values
    if name == "investment_cny":
        cny = values["investment_cny"]
        return "" if cny is None else format_cny(cny, values["investment_qualifier"] or "exact")
    if name == "investors":
        return "；".join(each.share.name for each in stored.investors)
    if f"{name}_precision" in values:
        return print_partial_date(values[name], values[f"{name}_precision"]) or ""
    path = PATHS.get(name, name)
    column = FILE_COLUMNS.get(name)
    if path not in values and column and column.source in values:
        return stored.text(column, "")
    return format_value(values.get(path))


def format_value(value: Any) -> str:
    """Format a value of a cell as the report shows it."""
    if isinstance(value, str):
        return value
    if isinstance(value, PartialDate | Money | FlowReport | SaidTag | SaidPerson):
        return str(value)
    if isinstance(value, FoundRow):
        return value.code
    if isinstance(value, tuple):
        return "；".join(format_value(each) for each in value)
    if isinstance(value, Share):
        share = f" [{Decimal(value.share_bp) / 100:g}%]" if value.share_bp else ""
        return f"{value.name}{share}"
    return to_text(value)


def choose_basis(stored: Stored | None, given: str | None) -> str:
    """Choose what an amount rests on: as the file says, else as before, else only reported."""
    before = stored.values["investment_basis"] if stored else ""
    return given or before or InvestmentBasis.REPORTED.value


COLUMN_OF = {name: f"{name}_id" for name in ("park", "region", "origin", "sector", "source")}


def empty_columns(name: str) -> Iterator[tuple[str, Any]]:
    """Give the columns of a project without this value."""
    if name in ("duplicate_of", "part_of"):
        yield f"{name}_id", None
        return
    column = COLUMN_OF.get(name, name)
    field = Project._meta.get_field(name)
    yield column, None if field.null else ""
    if name == "land_mu":
        yield "land_qualifier", ""
    if f"{name}_precision" in {f.name for f in Project._meta.concrete_fields}:
        yield f"{name}_precision", ""


# What new claims of a project say of its newest report: the day of it, and who made it
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
    """State the projects of drafts, which may be `stored`.

    `links` has the keys of those that they refer to, by code.
    """
    changed = {draft.project_id: draft for draft in drafts if draft.version is not None}
    claimed = {key for key, each in changed.items() if each.claims or each.withdraws}
    standing = find_standing(claimed) if claimed else {}
    others = {key for key, each in changed.items() if each.further}
    further = find_further_keys(others) if others else {}
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
    """State the rows that a draft adds to its project or changes in it, but for its amounts."""
    if _says_steps(draft):
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
        state_flows(stated, draft.flows.values(), _list_below(project, "fundings"))
    if draft.people:
        people = find_people_of_roles(draft.people, _list_below(project, "assignments"))
        stated.assignments = stated.replace(*people)
    stated.notes = [build_note(draft.note)] if draft.note else []
    stated.tags = build_tags(draft)


def _says_steps(draft: RowDraft) -> bool:
    said = (draft.milestones, draft.documents, draft.planned)
    return any(said) or draft.agreement_type is not None


# The rows below stored projects, each with what tells whether a draft may change them
_READ: Mapping[str, Callable[[RowDraft], Any]] = {
    "milestones": _says_steps,
    "investors": lambda draft: draft.investors is not None,
    "participations": lambda draft: draft.events,
    "fundings": lambda draft: draft.flows,
    "assignments": lambda draft: draft.people,
}


def _find_stored(drafts: Sequence[RowDraft]) -> dict[int, Project]:
    """Find the projects that drafts change, by key, with the rows that these may change."""
    read = [name for name, may_change in _READ.items() if any(map(may_change, drafts))]
    rows = Project.objects.only("park_id", "publication", *OF_REPORT.values())
    return rows.prefetch_related(*read).in_bulk([draft.project_id for draft in drafts])


def _list_below(project: Project, name: str) -> Any:
    """List rows of a project that were read with it; a new one has none."""
    return getattr(project, name).all() if project.pk else ()


def build_tags(draft: RowDraft) -> Rows:
    """Build the tags that a draft gives, with the source of the row where it has one."""
    source = draft.columns.get("source_id")
    return [{"tag_id": t.tag, "year": t.year, "source_id": source} for t in draft.tags]


def build_steps(draft: RowDraft, stored: Collection[str]) -> dict[Stage | Approval, Columns]:
    """Build the columns that a draft gives each step; `stored` are the types that are there."""
    signing = _choose_signing(draft, stored)
    met = dict.fromkeys([*draft.milestones, *draft.documents, *([signing] if signing else [])])
    return {
        stage: _build_step(draft, stage, is_met=stage in met, is_signing=stage == signing)
        for stage in dict.fromkeys([*met, *draft.planned])
    }


def _build_step(draft: RowDraft, stage: Any, *, is_met: bool, is_signing: bool) -> Columns:
    values: Columns = {"status": MilestoneStatus.MET if is_met else MilestoneStatus.SCHEDULED}
    if stage in draft.milestones:
        values |= _build_day("actual_on", draft.milestones[stage])
    if stage in draft.documents:
        values["document_no"] = draft.documents[stage]
    if stage in draft.planned:
        values |= _build_day("planned_on", draft.planned[stage])
    if is_signing:
        values["agreement_type"] = draft.agreement_type or ""
    return values


def _build_day(name: str, day: PartialDate | None) -> Columns:
    return {name: day.first if day else None, f"{name}_precision": day.precision if day else ""}


def _choose_signing(draft: RowDraft, stored: Collection[str]) -> Stage | None:
    """The signing that the type of agreement is said of: that of the contract before the intent."""
    if draft.agreement_type is None:
        return None
    there = [stage for stage in SIGNING_TYPES if stage in draft.milestones or stage in stored]
    if draft.agreement_type == AgreementType.INTENT:
        there = there[:1]
    return there[-1] if there else None


def build_headline(claim: AmountClaim) -> Columns:
    """Build the columns of a claim of the investment, but for its project and report."""
    is_intended = claim.basis == InvestmentBasis.INTENDED
    nature = Nature.INTENDED if is_intended else Nature.PROJECTED
    return build_claim(claim.money, claim.basis, nature) | {"note": claim.note}


def build_investors(
    draft: RowDraft,
    park: int,
    organisations: Organisations,
    kept: Collection[int] = (),
) -> Rows:
    """Build the investors that a draft adds to those that are `kept`; the first one leads."""
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
    """Find what a project did at an event: it signed if its sheet has a signing on such a day."""
    role = role_at(event.kind)
    held = PartialDate.from_columns(event.held_on, event.held_on_precision)
    days = [draft.milestones[stage] for stage in SIGNING_TYPES if stage in draft.milestones]
    is_signed = any(
        day is None or held is None or (day.first <= held.last and held.first <= day.last)
        for day in days
    )
    return Participation.Role.SIGNED if is_signed and role == Participation.Role.ATTENDED else role


DRAFTS_AT_ONCE = 2_000  # of whose rows there are copies in memory
MOST_SEARCHED = 10_000  # among which the one is looked for that the database refuses


class MovedError(Exception):
    """Somebody changed some of the projects after they were compared."""


@dataclass
class Writing:
    """What is remembered of the drafts that are written, of which a part is in memory at a time."""

    codes: PackedList[tuple[int, str]]  # of new projects and of those that are added to, by line
    new: int = 0  # projects
    versions: dict[int, int] = field(default_factory=dict)  # of the projects that change
    investors: dict[str, None] = field(default_factory=dict)  # looked up before any is written
    referred: set[str] = field(default_factory=set)  # codes of others, in lower case
    adding: list[RowDraft] = field(default_factory=list)
    named: set[int] = field(default_factory=set)  # lines that others name
    placed: dict[int, RowDraft] = field(default_factory=dict)  # what stands on these
    apart: list[tuple[int, int]] = field(default_factory=list)

    def look_through(self, drafts: Iterable[RowDraft]) -> None:
        """Note which projects change, and which drafts are written for the sake of others."""
        for draft in drafts:
            others = [-other for other in draft.apart_from if other < 0]
            if draft.version is not None:
                self.versions[draft.project_id] = draft.version
            elif draft.increase is None or not draft.increase.of:
                self.new += 1
            self.investors.update((share.name, None) for share in draft.investors or ())
            self.referred.update(code.lower() for code in draft.references.values())
            if draft.increase:
                self.adding.append(draft)
                others.append(-draft.increase.of or draft.line)
            self.named.update(others)

    def note_written(self, drafts: Iterable[RowDraft]) -> None:
        """Note of drafts that are written what is left to be said of them."""
        for draft in drafts:
            if draft.line in self.named:
                self.placed[draft.line] = draft
            if draft.version is None:
                self.codes.append((draft.line, draft.code))
            self.apart += [(draft.project_id, other) for other in draft.apart_from]

    def keep_apart(self) -> None:
        """Remember of which others new projects were said to be no part and no copy."""
        keys = {-line: draft.project_id for line, draft in self.placed.items()}
        pairs = ((project, keys.get(other, other)) for project, other in self.apart)
        DistinctPair.keep((project, key) for project, key in pairs if key > 0)


def write(
    drafts: Drafts | list[RowDraft],
    batch: str,
    actor: Any,
    codes: PackedList[tuple[int, str]],
    progress: Progress | None = None,
) -> None:
    """Write all drafts as one revision; raises MovedError when the ledger is not as it was.

    A new investor follows the project: it is a draft of the same park until one of its projects
    is published. `actor` None sees all organisations. `codes` is told those of lines.
    """
    with recorded(batch=batch) as unit:
        unit.publishes_needed = True
        writing = Writing(codes)
        writing.look_through(drafts)
        lock_compared(Project, writing.versions)
        organisations = Organisations(actor)
        organisations.look_up(writing.investors)
        keys = reserve_keys(Project, writing.new) if writing.new else ()
        referred = writing.referred
        links = _find_links(referred, drafts, keys, actor) if referred else {}
        count = 0
        for part in split_up(_number(drafts, keys), DRAFTS_AT_ONCE):
            changed = [draft for draft in part if draft.version is not None]
            stored = _find_stored(changed) if changed else {}
            _complete_new(part)
            _create_organisations(part, stored, organisations)
            write_projects([*state_drafts(part, stored, organisations, links)])
            writing.note_written(part)
            count += len(part)
            if progress:
                progress("written", count, len(drafts))
        writing.keep_apart()
        _add_up(writing)


def _number(drafts: Iterable[RowDraft], keys: Sequence[int]) -> Iterator[RowDraft]:
    """Number the new projects among drafts by the keys that are reserved; leave out increases."""
    left = iter(keys)
    for draft in drafts:
        if draft.increase is None or not draft.increase.of:
            if draft.version is None:
                draft.project_id = next(left)
            yield draft


def _find_links(
    referred: set[str], drafts: Iterable[RowDraft], keys: Sequence[int], actor: Any
) -> dict[str, int]:
    """Find the keys of what drafts refer to, by code: it is stored, or of the same file."""
    found = find_projects_by_code(referred, select_seen(Project, actor))
    for draft in _number(drafts, keys) if referred - found.keys() else ():
        if draft.version is None and draft.code.lower() in referred:
            found[draft.code.lower()] = draft.project_id
    if missing := referred - found.keys():
        raise MovedError(len(missing))  # such as one that was hidden in the meantime
    return found


def _add_up(writing: Writing) -> None:
    """Write the increases, now that all amounts are there.

    Those of lines that are not written, as one of a search for a fault may be, are left.
    """
    said: list[tuple[int, SaidIncrease]] = []
    for draft in writing.adding:
        increase: Any = draft.increase
        row = writing.placed.get(-increase.of or draft.line)
        project = increase.of if increase.of > 0 else row and row.project_id
        if project:
            said.append((project, increase))
            writing.codes.append((draft.line, row.code if row else draft.code))
    if said:
        rows = Project.objects.filter(pk__in={project for project, _increase in said})
        reports = {row["pk"]: row for row in rows.values("pk", *OF_REPORT.values())}
        about = {key: {n: row[of] for n, of in OF_REPORT.items()} for key, row in reports.items()}
        write_projects(state_increases(said, about))


def find_line(drafts: Drafts | list[RowDraft], actor: Any = None) -> int | None:
    """Find the line of the first draft that the database refuses, by halves; None if it takes all.

    Whatever is tried is taken back. Of very many drafts it is not looked for.
    """
    if len(drafts) > MOST_SEARCHED:
        return None
    drafts = [*drafts]
    if not _is_refused(drafts, actor):
        return None
    good, bad = 0, len(drafts)
    while bad - good > 1:
        middle = (good + bad) // 2
        if _is_refused(drafts[:middle], actor):
            bad = middle
        else:
            good = middle
    return drafts[bad - 1].line


def _is_refused(drafts: list[RowDraft], actor: Any) -> bool:
    # What the drafts that are not tried would be referred to by is not there.
    alone = [replace(draft, references={}) for draft in drafts]
    try:
        with transaction.atomic():
            write(alone, "", actor, PackedList())
            transaction.set_rollback(True)
    except IntegrityError:
        return True
    return False


def lock_compared(model: Any, versions: Mapping[int, int]) -> None:
    """Lock rows at the versions at which they were compared; MovedError if one has another."""
    found = lock_rows(model, versions)
    moved = [key for key, version in versions.items() if found.get(key) != version]
    if moved:
        raise MovedError(len(moved))


def _complete_new(drafts: Iterable[RowDraft]) -> None:
    """Give new projects a code, and the publication that is usual in their park."""
    new = [draft for draft in drafts if draft.version is None]
    parks = Park.objects.in_bulk({draft.columns["park_id"] for draft in new})
    for draft in new:
        draft.code = draft.code or Project.new_code()
        park = parks[draft.columns["park_id"]]
        draft.columns.setdefault("publication", park.publication_of_new)


def _create_organisations(
    drafts: Iterable[RowDraft], stored: Mapping[int, Project], organisations: Organisations
) -> None:
    """Write the organisations that are not known yet, for the parks of their projects."""
    shown = Park.objects.filter(publication=Publication.PUBLISHED)
    parks = set(shown.values_list("pk", flat=True))
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
    """State the steps of a draft; of several stored ones of a type those that files show.

    That is the one that was met before what is scheduled, and of these the first to end.
    """
    standing = [row for row in rows if row.status != MilestoneStatus.REVOKED]
    met: dict[str, Milestone] = {}
    for row in sorted(standing, key=_rank_met):
        met.setdefault(row.type, row)
    planned: dict[str, Milestone] = {}
    for row in sorted(standing, key=lambda row: (row.planned_on_end or date.max, row.pk)):
        if row.planned_on:
            planned.setdefault(row.type, row)
    for stage, values in build_steps(draft, met).items():
        is_met = values["status"] == MilestoneStatus.MET
        found = (None if is_met else planned.get(stage)) or met.get(stage)
        if found is None:
            stated.milestones.append({"type": stage, **values})
        else:
            changes = stated.changes.setdefault(Milestone, {})
            changes[found.pk] = changes.get(found.pk, {}) | values


def _rank_met(row: Milestone) -> tuple[Any, ...]:
    return (row.status, row.actual_on_end or date.max, row.pk)


def _state_claims(
    stated: StatedProject,
    draft: RowDraft,
    project: Project,
    standing: Sequence[ProjectFigure],
    further: Mapping[str, Sequence[int]],
) -> None:
    """State the amounts of a draft: they supersede the standing claims of the same."""
    columns = draft.columns
    about = {
        name: columns[of] if of in columns else getattr(project, of)
        for name, of in OF_REPORT.items()
    }
    for claim in draft.claims:
        stated.claim(build_headline(claim) | about, standing)
    if draft.withdraws:
        stated.withdraw(standing)
    for name, money in draft.further.items():
        figure = build_further(name, money) | about
        stated.figures.append(figure)
        stated.superseded |= dict.fromkeys(further.get(name, ()), figure)


def _state_investors(
    stated: StatedProject,
    draft: RowDraft,
    park: int,
    stored: Iterable[Investor],
    organisations: Organisations,
) -> None:
    """State the list of investors; who stays keeps role and share, unless another is given."""
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


def name_new(codes: Iterable[tuple[int, str]], reports: Mapping[int, RowReport]) -> None:
    """Put into the reports the codes that the projects of their lines were given."""
    for line, code in codes:
        reports[line].key = code
