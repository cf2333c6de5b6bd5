"""What is to be written for one row of a file, and how its changes are told."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from config.amounts import format_cny
from config.dates import PartialDate
from config.packing import PackedLines
from config.spreadsheets.cells import format_partial_date, to_text
from parks.cell_lookup import FoundRow
from projects.importing.cells.columns import FILE_COLUMNS
from projects.importing.cells.evidence import Evidence
from projects.importing.cells.flow_columns import FlowReport
from projects.importing.cells.investor_names import Share
from projects.importing.cells.measured_cells import Money
from projects.importing.cells.people_cells import SaidPerson
from projects.importing.cells.progress_notes import SaidNote
from projects.importing.cells.tag_cells import SaidTag
from projects.importing.increases import SaidIncrease
from projects.importing.stored import Stored
from projects.lifecycle.words import Approval, InvestmentBasis, Stage
from projects.models import Project


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
