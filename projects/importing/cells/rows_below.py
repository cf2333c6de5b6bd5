"""What a sheet says of the rows below projects: people, notes, flows, amounts, increases (增资).

A cell lists all people who have a role. Their numbers are not kept: how to reach them stays with
the office. Of notes it has the newest of each project; the day stands in a column, is given for
the whole file, or in a line above the table (截至2023年11月20日). The same sheet again says nothing
new.

Flows are cumulative reports up to a month. They are written only where it is said up to which
month: with the file, in the header of the column, or in a line above the table (截至2023年11月,
截至2024年底). The day on which a sheet was reported says it of a column whose header has 累计; of
others it could be a month's or a year's sum. Further amounts are claims of their own, never the
headline; increases are claims that add to it.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.mistakes import Mistake
from config.texts import TOO_LONG_MESSAGE
from parks.models import Nature
from parks.models.claims import IS_WHOLE, ClaimQuerySet
from parks.recording.change_rows import chunks
from projects.importing.cells.amounts import Money, read_whole_amount
from projects.importing.cells.columns import INCREASE_COLUMN, PEOPLE_COLUMNS
from projects.importing.cells.investors import MOST_NAMES
from projects.importing.cells.words import REPORTED_ON, UP_TO
from projects.models import Assignment, Funding, ProgressNote, ProjectFigure
from projects.models.words import FROM_PROGRESS, HEADLINE_INDICATOR, InvestmentBasis
from projects.writing.writing import StatedProject
from sheets.amounts import YUAN, format_cny, say_money, write_money
from sheets.dates import DateError, PartialDate, Precision, parse_date_as_written
from sheets.imports import ColumnWarning
from sheets.reading.files import ReadTable
from sheets.reading.headers import Match
from sheets.reading.units import find_column_unit

_SEPARATOR = re.compile(r"[、；;，,/|\n]+")
_NUMBER = re.compile(r"[(（]?\+?\d[\d\- ]{5,}\d[)）]?")
_WITH_OFFICE = re.compile(r"([^()（）]+)[(（]([^()（）]+)[)）]")
_PADDED = re.compile(r"([\u4e00-\u9fff])\s+([\u4e00-\u9fff])")  # 张　三 is one name


@dataclass(frozen=True, slots=True)
class SaidPerson:
    """A person by name, and the unit or post where a cell says it: 张三（副区长）."""

    name: str
    office: str = ""

    def __str__(self) -> str:
        return f"{self.name}（{self.office}）" if self.office else self.name


KnownPeople = dict[str, tuple[SaidPerson, ...]]  # by column


def read_people(text: str) -> tuple[SaidPerson, ...]:
    """Read the people of a cell; Mistake, understood as them without numbers, if it has any."""
    bare = _NUMBER.sub(" ", unicodedata.normalize("NFKC", text))
    found = (_read_person(part.strip()) for part in _SEPARATOR.split(bare) if part.strip())
    people = tuple({person.name: person for person in found}.values())
    if not people:
        raise Mistake("unknown_value", _("This names nobody."))
    if len(people) > MOST_NAMES:
        raise Mistake("too_many_names", _("There are too many names in this cell."))
    if _NUMBER.search(text):
        told = "、".join(map(str, people))
        detail = _("Telephone numbers of officers are not kept: “%(people)s” is stored.")
        raise Mistake("number_not_kept", detail % {"people": told}, told).accept_as(people)
    return people


def _read_person(text: str) -> SaidPerson:
    text = _PADDED.fullmatch(text) and _PADDED.sub(r"\1\2", text) or text
    divided = _WITH_OFFICE.fullmatch(text)
    person = SaidPerson(divided[1].strip(), divided[2].strip()) if divided else SaidPerson(text)
    for name in ("name", "office"):
        column: Any = Assignment._meta.get_field(name)
        length = len(getattr(person, name))
        if length > column.max_length:
            told = {"length": length, "max": column.max_length}
            raise Mistake("too_long", str(TOO_LONG_MESSAGE) % told)
    return person


def find_people(projects: Collection[int]) -> dict[int, KnownPeople]:
    """Find who answers for projects, by key."""
    columns = {role: name for name, role in PEOPLE_COLUMNS.items()}
    known: dict[int, KnownPeople] = defaultdict(dict)
    for chunk in chunks(projects):
        rows = Assignment.objects.filter(project__in=chunk).order_by("id")
        for project, role, *said in rows.values_list("project_id", "role", "name", "office"):
            name = columns[Assignment.Role(role)]
            known[project][name] = (*known[project].get(name, ()), SaidPerson(*said))
    return known


def is_known(people: Sequence[SaidPerson], known: Sequence[SaidPerson]) -> bool:
    """Tell whether just these have a role already; an office that is not said is not compared."""
    offices = {person.name: person.office for person in known}
    said = {person.name: person.office or offices.get(person.name, "") for person in people}
    return said == offices


def find_people_of_roles(
    said: Mapping[str, Sequence[SaidPerson]], stored: Iterable[Assignment]
) -> tuple[list[Assignment], list[Assignment]]:
    """Find who has the roles that a sheet names, and who is to have them in their place."""
    roles = {PEOPLE_COLUMNS[name]: people for name, people in said.items()}
    there = [row for row in stored if row.role in roles]
    rows = []
    for role, people in roles.items():
        named = {row.name: copy(row) for row in there if row.role == role}
        for person in people:
            row = named.get(person.name) or Assignment(role=role, name=person.name)
            row.office = person.office or row.office
            rows.append(row)
    return there, rows


TEXT_COLUMN, DAY_COLUMN, STEP_COLUMN, DUE_COLUMN = FROM_PROGRESS
_DAY = r"\s*(\d{4})\s*[年.\-/]\s*(\d{1,2})\s*[月.\-/]\s*(\d{1,2})"
_UP_TO_DAY = re.compile(rf"{UP_TO}{_DAY}")
_REPORTED_ON_DAY = re.compile(rf"{REPORTED_ON}{_DAY}")


@dataclass(frozen=True, slots=True)
class SaidNote:
    """What a row says of the progress of its project."""

    text: str
    noted_on: date
    next_step: str = ""
    due_on: date | None = None


KnownNotes = set[SaidNote]  # all that stand of a project


def find_day(table: ReadTable, given: str, *, is_of_notes: bool = False) -> str:
    """Find the day of the notes of a file; Mistake if what is given is none, blank if unsaid.

    That the sheet was reported on (填报日期) counts, too, unless the day `is_of_notes` alone.
    """
    if given:
        try:
            day = parse_date_as_written(given)
        except DateError as error:
            raise Mistake("invalid_day", error.message) from error
        if day.precision != Precision.DAY:
            raise Mistake("invalid_day", _("Give a day, such as 2023-11-20."))
        return str(day)
    titles = [row for row in table.sheet.rows if row.line < table.header.first_line]
    texts = [cell for row in titles for cell in row.cells]
    for pattern in (_UP_TO_DAY,) if is_of_notes else (_UP_TO_DAY, _REPORTED_ON_DAY):
        if found := next(filter(None, map(pattern.search, texts)), None):
            return f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}"
    return ""


def find_notes(projects: Collection[int]) -> dict[int, KnownNotes]:
    """Find what is noted of projects, by key."""
    known: dict[int, KnownNotes] = defaultdict(set)
    for chunk in chunks(projects):
        rows = ProgressNote.objects.standing().filter(project__in=chunk)
        for project, *said in rows.values_list("project_id", *FROM_PROGRESS.values()):
            known[project].add(SaidNote(*said))
    return known


def build_note(note: SaidNote) -> dict[str, Any]:
    """Build the columns of a note, but for its project."""
    names = ("text", "noted_on", "next_step", "due_on")
    return {"code": ProgressNote.new_code(), **{name: getattr(note, name) for name in names}}


FLOW_COLUMNS: Mapping[str, Funding.Kind] = {
    "paid_in_cny": Funding.Kind.PAID_IN,
    "completed_cny": Funding.Kind.COMPLETED,
    "foreign_agreed": Funding.Kind.FOREIGN_AGREED,
    "foreign_used": Funding.Kind.FOREIGN,
}
NEEDS_MONTH = gettext_lazy(
    "Money that came in is not written without its month: give `month` (2023-11) for the whole "
    "file, or write 截至2023年11月 into the header or above the table."
)
_COLUMNS = {kind: name for name, kind in FLOW_COLUMNS.items()}
_MONTH = (
    r"(\d{4})\s*+(?:[年.\-/]\s*+(\d{1,2})(?!\d)|年[底末])"  # of a year's end it is the last one
)
_UP_TO = re.compile(rf"{UP_TO}\s*+{_MONTH}")
_REPORTED_ON = re.compile(rf"{REPORTED_ON}\s*+{_MONTH}")


@dataclass(frozen=True)
class FlowReport:
    """What came in up to and with a month, given by its first day; whole units of its currency."""

    column: str
    month: date
    value: int
    currency: str  # blank is yuan
    as_reported: str

    def __str__(self) -> str:
        return f"{self.write(self.value)} ({self.month:%Y-%m})"

    def write(self, value: int) -> str:
        """Write an amount in the currency of the report."""
        return write_money(value, self.currency) if self.currency else format_cny(value)


@dataclass(frozen=True)
class KnownFlows:
    """What is stored up to and with a month, and whether a report of that month is cumulative."""

    total: int = 0
    before: int = 0
    is_cumulative: bool | None = None  # None where there is no such report


KnownByCurrency = Mapping[tuple[str, str], KnownFlows]  # by column and currency
_Flow = tuple[date, int, bool]


def find_flow_months(table: ReadTable, given: str) -> dict[str, date]:
    """Find the month up to which each column of flows is; Mistake if what is given is none."""
    header = table.header
    rows = [row for row in table.sheet.rows if row.line < header.first_line]
    titles = [cell for row in rows for cell in row.cells]
    check_one_day(table, given, _UP_TO)
    months = {}
    for match in table.columns:
        if match.name not in FLOW_COLUMNS:
            continue
        found = _search(_UP_TO, [match.text, *titles])
        if not found and "累计" in match.text:
            found = _search(_REPORTED_ON, titles)
        if given or found:
            months[match.name] = _parse_month(given or found)
    if given and not months:
        _parse_month(given)
    return months


def check_one_day(table: ReadTable, given: str, pattern: re.Pattern[str]) -> None:
    """Raise Mistake where the tables of a sheet give different months or days."""
    titles = (block.titles for block in table.blocks)
    said = {found[0] for texts in titles for text in texts if (found := pattern.search(text))}
    names = {match.name for match in table.columns}
    if len(said) > 1 and not given and names & {*FLOW_COLUMNS, *FROM_PROGRESS}:
        detail = _(
            "The tables of the sheet are of different days (%(days)s): send them one by one, or "
            "give `month` and `noted_on`."
        )
        raise Mistake("several_days", detail % {"days": ", ".join(sorted(said))})


def _search(pattern: re.Pattern[str], texts: Collection[str]) -> str:
    """Search texts for a month that the pattern names: 2023-11; "" if there is none."""
    found = next((found for text in texts if (found := pattern.search(text))), None)
    return f"{found[1]}-{int(found[2] or 12):02}" if found else ""


def _parse_month(text: str) -> date:
    try:
        day = parse_date_as_written(text)
    except DateError as error:
        raise Mistake("invalid_month", error.message) from error
    if day.precision not in (Precision.MONTH, Precision.DAY):
        raise Mistake("invalid_month", _("Give a month, such as 2023-11."))
    month = day.first.replace(day=1)
    if month > timezone.localdate():
        raise Mistake("invalid_month", _("A future month has no amounts yet."))
    return month


def read_flow_total(column: str, text: str, unit: str, month: date) -> FlowReport:
    """Read a cell of what came in; 0 is a report of nothing."""
    whole = read_whole_amount(text, unit)
    if whole is None:
        detail = _("Give the amount that was paid in; leave out words such as 约 or over.")
        raise Mistake("qualified", detail)
    value, currency = whole
    if value < 0:
        raise Mistake("negative", _("A cumulative amount cannot be negative."))
    is_plain = text.isdecimal() and find_column_unit(unit) in (None, (YUAN, 1))
    return FlowReport(column, month, value, currency, "" if is_plain else text[:300])


def find_known(projects: Collection[int], months: Mapping[str, date]) -> dict[int, KnownByCurrency]:
    """Find what the ledger knows of flows of projects up to the month of each column, by key."""
    flows: dict[int, dict[tuple[str, str], list[_Flow]]] = defaultdict(lambda: defaultdict(list))
    kinds = [FLOW_COLUMNS[name] for name in months]
    for chunk in chunks(projects):
        rows = Funding.objects.filter(project__in=chunk, kind__in=kinds)
        for row in rows.order_by("month"):
            column = _COLUMNS[Funding.Kind(row.kind)]
            if row.month <= months[column]:
                flow = (row.month, row.amount or 0, row.is_cumulative)
                flows[row.project_id][column, row.currency].append(flow)
    return {
        project: {key: _add_up(rows, months[key[0]]) for key, rows in of_one.items()}
        for project, of_one in flows.items()
    }


def _add_up(rows: list[_Flow], month: date) -> KnownFlows:
    total = sum(flow for _month, flow, _is_cumulative in rows)
    last, flow, is_cumulative = rows[-1]
    return (
        KnownFlows(total, total - flow, is_cumulative)
        if last == month
        else KnownFlows(total, total)
    )


def compare_flows(report: FlowReport, known: KnownFlows) -> bool:
    """Tell whether a report says something new; Mistake where it contradicts a flow."""
    if known.is_cumulative is None:
        return True
    if not known.is_cumulative and known.total != report.value:
        detail = _("%(month)s has a report of its own; with it the total is %(total)s.")
        told = {"month": f"{report.month:%Y-%m}", "total": say_money(known.total, report.currency)}
        raise Mistake("has_flow", detail % told, report.write(known.total))
    return known.total != report.value


def state_flows(
    stated: StatedProject, reports: Iterable[FlowReport], stored: Collection[Funding]
) -> None:
    """State cumulative reports, in the place of the `stored` ones of their months."""
    for report in reports:
        kind = FLOW_COLUMNS[report.column]
        of_kind = [row for row in stored if row.kind == kind]
        of = "value" if report.currency else "cny"
        said = {f"reported_{of}": report.value, "as_reported": report.as_reported}
        key = (report.month, report.currency)
        if same := next((row for row in of_kind if (row.month, row.currency) == key), None):
            stated.changes.setdefault(Funding, {})[same.pk] = said
        else:
            of_month = {"kind": kind, "month": report.month, "currency": report.currency}
            flow = {f"amount_{of}": report.value, "is_cumulative": True}
            stated.fundings.append(of_month | said | flow)
        if of_kind:
            stated.flows.add(kind)


PHASE_ONE = "一期"


@dataclass(frozen=True)
class Measured:
    """What a column claims: an indicator, of the whole project or of a part named in words."""

    indicator: str
    scope_text: str = ""


FURTHER_AMOUNTS: Mapping[str, Measured] = {
    "phase_one_cny": Measured(HEADLINE_INDICATOR, PHASE_ONE),
    "fixed_investment_cny": Measured("fixed_investment"),
    "capital_attracted_cny": Measured("capital_attracted"),
}
_NAMES = {measured: name for name, measured in FURTHER_AMOUNTS.items()}


KnownAmounts = dict[str, Money]  # by column


def find_further(projects: Collection[int], names: Collection[str]) -> dict[int, KnownAmounts]:
    """Find the standing claims behind the columns, by project; of several the newest."""
    known: dict[int, KnownAmounts] = defaultdict(dict)
    for chunk in chunks(projects if names else ()):
        columns = ("amount_cny", "value", "currency", "qualifier")
        rows = _find_standing(chunk).newest_first()
        for project, indicator, scope, cny, value, currency, qualifier in rows.values_list(
            "project_id", "indicator_id", "scope_text", *columns
        ):
            if name := _NAMES.get(Measured(indicator, scope)):
                money = Money(cny, qualifier, f"{value or 0:f} {currency}", currency, value)
                known[project].setdefault(name, money)
    return known


def _find_standing(projects: Collection[int]) -> ClaimQuerySet:
    indicators = {each.indicator for each in FURTHER_AMOUNTS.values()}
    of_whole = IS_WHOLE & ~Q(indicator=HEADLINE_INDICATOR)
    of_phase = Q(indicator=HEADLINE_INDICATOR, scope_text=PHASE_ONE)
    rows = ProjectFigure.objects.standing().filter(of_whole | of_phase)
    return rows.filter(project__in=projects, indicator__in=indicators)


def find_further_keys(projects: Collection[int]) -> dict[int | None, dict[str, list[int]]]:
    """Find the keys of the standing claims behind the columns, by project and column."""
    found: dict[int | None, dict[str, list[int]]] = defaultdict(dict)
    for chunk in chunks(projects):
        rows = _find_standing(chunk).values_list("pk", "project_id", "indicator_id", "scope_text")
        for key, project, indicator, scope in rows:
            if name := _NAMES.get(Measured(indicator, scope)):
                found[project].setdefault(name, []).append(key)
    return found


def build_further(name: str, money: Money) -> dict[str, Any]:
    """Build the columns of the claim that a column makes, but for its project and report."""
    measured = FURTHER_AMOUNTS[name]
    basis = InvestmentBasis.REPORTED if measured.indicator == HEADLINE_INDICATOR else ""
    claim = build_claim(money, basis, Nature.PROJECTED)
    return claim | {"indicator_id": measured.indicator, "scope_text": measured.scope_text}


def build_claim(money: Money, basis: str, nature: str) -> dict[str, Any]:
    """Build the columns of a claim of the investment, but for its project and report."""
    return {
        "code": ProjectFigure.new_code(),
        "indicator_id": HEADLINE_INDICATOR,
        "amount_cny": money.cny,
        "value": money.value,
        "currency": money.currency,
        "qualifier": money.qualifier,
        "investment_basis": basis,
        "nature": nature,
        "as_reported": money.as_reported,
    }


@dataclass(frozen=True, slots=True)
class SaidIncrease:
    """An amount that adds to another; `of` is the key of whose, or the negative of its line.

    With 0 it adds to the project of its own row, takes the place of all that was added before, and
    says source and day of the newest report.
    """

    money: Money
    of: int = 0
    day: PartialDate | None = None
    source_id: int | None = None


class Added(NamedTuple):
    """An increase that counts."""

    pk: int
    amount_cny: int
    qualifier: str
    day: PartialDate | None


@dataclass(frozen=True)
class Increased:
    """The amount of a project, as it was claimed, and what was added to it."""

    pk: int
    money: Money
    basis: str
    nature: str
    day: PartialDate | None
    added: Sequence[Added] = ()

    def has(self, money: Money) -> bool:
        """Tell whether just so much was added, one time or several."""
        hedges = {each.qualifier for each in self.added}
        is_hedged_so = len(self.added) > 1 or hedges == {money.qualifier}
        return bool(self.added) and self.total == money.cny and is_hedged_so

    @property
    def total(self) -> int:
        return sum(each.amount_cny for each in self.added)

    def __str__(self) -> str:
        """What was added, as a report shows it."""
        hedge = self.added[0].qualifier if len(self.added) == 1 else "exact"
        return format_cny(self.total, hedge) if self.added else ""


def find_increased(projects: Collection[int]) -> dict[int, Increased]:
    """Find the amounts of projects, by key, with what was added to them: two queries for many."""
    found: dict[int, Increased] = {}
    for chunk in chunks(projects):
        rows = ProjectFigure.objects.filter(project__in=chunk).select_headlines()
        best: dict[int, ProjectFigure] = {}
        for row in rows:
            best.setdefault(row.project_id, row)
        added: dict[int | None, list[Added]] = {}
        increases = ProjectFigure.objects.keep_counted_increases()
        for row in increases.filter(adds_to__in=[row.pk for row in best.values()]).order_by("pk"):
            day = PartialDate.from_columns(row.as_of, row.as_of_precision)
            one = Added(row.pk, row.amount_cny or 0, row.qualifier, day)
            added.setdefault(row.adds_to_id, []).append(one)
        for project, row in best.items():
            found[project] = Increased(
                row.pk,
                Money(row.amount_cny, row.qualifier, ""),
                row.investment_basis,
                row.nature,
                PartialDate.from_columns(row.as_of, row.as_of_precision),
                added.get(row.pk, ()),
            )
    return found


def describe_adding(
    matches: Mapping[str, Match], said: Iterable[SaidIncrease | None]
) -> Iterator[ColumnWarning]:
    """Say once of a column that its amounts add to the total of the same row."""
    total, column = matches.get("investment_cny"), matches.get(INCREASE_COLUMN)
    if not (total and column):
        return
    if increases := sum(1 for each in said if each and not each.of):
        detail = _(
            "These are added to “%(total)s”. Where that has them in it already, leave out this "
            "column."
        )
        told = detail % {"total": total.text}
        yield ColumnWarning(column.text, INCREASE_COLUMN, "added", told, increases)


def state_increases(
    said: Sequence[tuple[int, SaidIncrease]], about: Mapping[int, Mapping[str, Any]]
) -> list[StatedProject]:
    """State increases, by project, of amounts that stand.

    `about` has by project the columns of a claim that say source and day of the newest report.
    """
    increased = find_increased({project for project, _said in said})
    stated = []
    for project, each in said:
        base = increased[project]
        of_row = {
            "as_of": each.day.first if each.day else None,
            "as_of_precision": each.day.precision.value if each.day else "",
            "source_id": each.source_id,
        }
        claim = {
            **build_claim(each.money, base.basis, base.nature),
            "adds_to_id": base.pk,
            **(of_row if each.of else about[project]),
        }
        ended = () if each.of else [old.pk for old in base.added]
        superseded = dict.fromkeys(ended, claim)
        stated.append(StatedProject({}, project, figures=[claim], superseded=superseded))
    return stated
