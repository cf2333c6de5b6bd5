"""What is to be written for one row of a file, and how its changes are told."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from config.amounts import format_cny
from config.dates import PartialDate
from config.packing import PackedLines
from config.spreadsheets.cells import format_partial_date, to_text
from parks.cell_lookup import FoundRow, Organisations
from parks.models import Nature
from projects.importing.cells.amounts import Money
from projects.importing.cells.cells import SaidTag
from projects.importing.cells.columns import FILE_COLUMNS
from projects.importing.cells.investors import Share
from projects.importing.cells.other_amounts import (
    FlowReport,
    SaidIncrease,
    build_fundings,
    build_further,
)
from projects.importing.cells.people_and_notes import SaidNote, SaidPerson, build_note, build_people
from projects.importing.cells.words import Evidence
from projects.importing.stored import Stored
from projects.inserting import NewProject, Rows
from projects.lifecycle.words import (
    HEADLINE_INDICATOR,
    SIGNING_TYPES,
    AgreementType,
    Approval,
    InvestmentBasis,
    MilestoneStatus,
    Stage,
)
from projects.models import Investor, Participation, Project, ProjectFigure, SigningEvent, role_at


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
        return to_text(format_partial_date(values[name], values[f"{name}_precision"]))
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


_Columns = dict[str, Any]
# What new claims of a project say of its newest report: the day of it, and who made it
OF_REPORT = {
    "as_of": "reported_on",
    "as_of_precision": "reported_on_precision",
    "source_id": "source_id",
}
_NO_STEPS: frozenset[str] = frozenset()


def build_new_project(
    draft: RowDraft, organisations: Organisations, events: Mapping[int, SigningEvent]
) -> NewProject:
    """Build the project of a draft of which nothing is stored; its investors are stored."""
    columns = {"code": draft.code, **draft.columns}
    about = {name: columns[of] for name, of in OF_REPORT.items() if of in columns}
    figures = [build_claim(claim) | about for claim in draft.claims]
    figures += [build_further(name, money) | about for name, money in draft.further.items()]
    return NewProject(
        columns,
        milestones=[
            {"type": stage, **values} for stage, values in build_steps(draft, _NO_STEPS).items()
        ],
        figures=figures,
        investors=build_investors(draft, draft.columns["park_id"], organisations),
        participations=[
            {"event_id": event, "role": find_role(draft, events[event])}
            for event in sorted({each.pk for each in draft.events})
        ],
        fundings=build_fundings(draft.flows),
        notes=[build_note(draft.note)] if draft.note else [],
        tags=build_tags(draft),
        assignments=build_people(draft.people),
    )


def build_tags(draft: RowDraft) -> Rows:
    """Build the tags that a draft gives, with the source of the row where it has one."""
    source = draft.columns.get("source_id")
    return [{"tag_id": t.tag, "year": t.year, "source_id": source} for t in draft.tags]


def build_steps(draft: RowDraft, stored: Collection[str]) -> dict[Stage | Approval, _Columns]:
    """Build the columns that a draft gives each step; `stored` are the types that are there."""
    signing = _choose_signing(draft, stored)
    met = dict.fromkeys([*draft.milestones, *draft.documents, *([signing] if signing else [])])
    return {
        stage: _build_step(draft, stage, is_met=stage in met, is_signing=stage == signing)
        for stage in dict.fromkeys([*met, *draft.planned])
    }


def _build_step(draft: RowDraft, stage: Any, *, is_met: bool, is_signing: bool) -> _Columns:
    values: _Columns = {"status": MilestoneStatus.MET if is_met else MilestoneStatus.SCHEDULED}
    if stage in draft.milestones:
        values |= _build_day("actual_on", draft.milestones[stage])
    if stage in draft.documents:
        values["document_no"] = draft.documents[stage]
    if stage in draft.planned:
        values |= _build_day("planned_on", draft.planned[stage])
    if is_signing:
        values["agreement_type"] = draft.agreement_type or ""
    return values


def _build_day(name: str, day: PartialDate | None) -> _Columns:
    return {name: day.first if day else None, f"{name}_precision": day.precision if day else ""}


def _choose_signing(draft: RowDraft, stored: Collection[str]) -> Stage | None:
    """The signing that the type of agreement is said of: that of the contract before the intent."""
    if draft.agreement_type is None:
        return None
    there = [stage for stage in SIGNING_TYPES if stage in draft.milestones or stage in stored]
    if draft.agreement_type == AgreementType.INTENT:
        there = there[:1]
    return there[-1] if there else None


def build_claim(claim: AmountClaim) -> _Columns:
    """Build the columns of a claim of the investment, but for its project and report."""
    is_intended = claim.basis == InvestmentBasis.INTENDED
    money = claim.money
    return {
        "code": ProjectFigure.new_code(),
        "indicator_id": HEADLINE_INDICATOR,
        "amount_cny": money.cny,
        "value": money.value,
        "currency": money.currency,
        "qualifier": money.qualifier,
        "investment_basis": claim.basis,
        "nature": Nature.INTENDED if is_intended else Nature.PROJECTED,
        "as_reported": money.as_reported,
        "note": claim.note,
    }


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
