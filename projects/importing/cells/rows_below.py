"""The rows below projects in a sheet: people, notes, flows, further amounts, increases (增资).

A cell lists all people in a role; telephone numbers are not stored. A sheet has the newest note of
each project; its day is in a column, given for the whole file, or in a line above the table
(截至2023年11月20日).

Flows are cumulative reports up to a month, and are written only if the month is known: given with
the file, in the header of the column, or in a line above the table (截至2023年11月, 截至2024年底).
The day of the report counts for a column whose header has 累计; others could be sums of a month or
a year. Further amounts are claims of their own, never the headline; increases add to it.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from copy import copy
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy

from config.mistakes import Mistake
from config.texts import TOO_LONG_MESSAGE
from parks.models import Nature
from parks.models.claims import IS_WHOLE
from parks.recording.change_rows import chunks
from projects.importing.cells.amounts import Money, read_whole_amount
from projects.importing.cells.columns import INCREASE_COLUMN, PEOPLE_COLUMNS
from projects.importing.cells.investors import MOST_NAMES
from projects.importing.cells.words import REPORTED_ON, UP_TO
from projects.models import Assignment, Funding, ProgressNote, ProjectFigure
from projects.models.words import FROM_PROGRESS, HEADLINE_INDICATOR, InvestmentBasis
from projects.writing.writing import StatedProject
from sheets.amounts import LEDGER_CURRENCY, format_cny, say_money, write_money
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
class ParsedPerson:
    """A person by name, and the unit or post if given: 张三（副区长）."""

    name: str
    office: str = ""

    def __str__(self) -> str:
        return f"{self.name}（{self.office}）" if self.office else self.name


KnownPeople = dict[str, tuple[ParsedPerson, ...]]  # by column


def read_people(text: str) -> tuple[ParsedPerson, ...]:
    """Read the people of a cell; telephone numbers raise a Mistake understood as the people."""
    bare = _NUMBER.sub(" ", unicodedata.normalize("NFKC", text))
    found = (_read_person(part.strip()) for part in _SEPARATOR.split(bare) if part.strip())
    people = tuple({person.name: person for person in found}.values())
    if not people:
        raise Mistake("unknown_value", _("This names nobody."))
    if len(people) > MOST_NAMES:
        raise Mistake("too_many_names", _("There are too many names in this cell."))
    if _NUMBER.search(text):
        names = "、".join(map(str, people))
        detail = _("Telephone numbers of officers are not kept: “%(people)s” is stored.")
        raise Mistake("number_not_kept", detail % {"people": names}, names).accept_as(people)
    return people


def _read_person(text: str) -> ParsedPerson:
    text = _PADDED.fullmatch(text) and _PADDED.sub(r"\1\2", text) or text
    divided = _WITH_OFFICE.fullmatch(text)
    person = ParsedPerson(divided[1].strip(), divided[2].strip()) if divided else ParsedPerson(text)
    for name, text in asdict(person).items():
        column: Any = Assignment._meta.get_field(name)
        if len(text) > column.max_length:
            lengths = {"length": len(text), "max": column.max_length}
            raise Mistake("too_long", str(TOO_LONG_MESSAGE) % lengths)
    return person


def find_people(projects: Collection[int]) -> dict[int, KnownPeople]:
    """Find the people in the roles of projects, by key."""
    columns = {role: name for name, role in PEOPLE_COLUMNS.items()}
    known: dict[int, KnownPeople] = defaultdict(dict)
    rows = Assignment.objects.filter(project__in=projects).order_by("id")
    for project, role, *said in rows.values_list("project_id", "role", "name", "office"):
        name = columns[Assignment.Role(role)]
        known[project][name] = (*known[project].get(name, ()), ParsedPerson(*said))
    return known


def is_known(people: Sequence[ParsedPerson], known: Sequence[ParsedPerson]) -> bool:
    """Tell whether exactly these people have a role; offices that are not given are ignored."""
    offices = {person.name: person.office for person in known}
    said = {person.name: person.office or offices.get(person.name, "") for person in people}
    return said == offices


def find_people_of_roles(
    said: Mapping[str, Sequence[ParsedPerson]], stored: Iterable[Assignment]
) -> tuple[list[Assignment], list[Assignment]]:
    """Find the stored people in the roles of a sheet, and the people who replace them."""
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
class ParsedNote:
    text: str
    noted_on: date
    next_step: str = ""
    due_on: date | None = None


KnownNotes = set[ParsedNote]


def find_day(table: ReadTable, given: str, *, is_of_notes: bool = False) -> str:
    """Find the day of the notes of a file, blank if unknown; Mistake if the given text is no day.

    The day of the report (填报日期) counts, too, unless `is_of_notes`.
    """
    if given:
        detail = _("Give a day, such as 2023-11-20.")
        return str(_parse_given(given, "invalid_day", detail, Precision.DAY))
    patterns = (_UP_TO_DAY,) if is_of_notes else (_UP_TO_DAY, _REPORTED_ON_DAY)
    return next(filter(None, (_search(each, table.titles) for each in patterns)), "")


def find_last_day(table: ReadTable) -> str:
    """Find the last day on which a file reports (截至), also that of a month; blank if unsaid."""
    if day := find_day(table, "", is_of_notes=True):
        return day
    month = _search(_UP_TO, table.titles)
    with suppress(DateError):
        return str(PartialDate.parse(month).last) if month else ""
    return ""


def _search(pattern: re.Pattern[str], texts: Iterable[str]) -> str:
    """Search texts by a pattern of days or months: 2023-11-20, 2023-11; "" if there is none."""
    found = next(filter(None, map(pattern.search, texts)), None)
    year, *rest = found.groups() if found else ("",)
    return "-".join([year, *(f"{int(part or 12):02}" for part in rest)])


def _parse_given(text: str, code: str, detail: str, *allowed: Precision) -> PartialDate:
    """Parse a day or month that is given for a file; Mistake for any other text."""
    try:
        day = parse_date_as_written(text)
    except DateError as error:
        raise Mistake(code, error.message) from error
    if day.precision not in allowed:
        raise Mistake(code, detail)
    return day


def find_notes(projects: Collection[int]) -> dict[int, KnownNotes]:
    known: dict[int, KnownNotes] = defaultdict(set)
    rows = ProgressNote.objects.standing().filter(project__in=projects)
    for project, *said in rows.values_list("project_id", *FROM_PROGRESS.values()):
        known[project].add(ParsedNote(*said))
    return known


def build_note(note: ParsedNote) -> dict[str, Any]:
    """Build the columns of a note, but for its project."""
    return {"code": ProgressNote.new_code(), **asdict(note)}


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
# The end of a year means its last month
_MONTH = r"(\d{4})\s*+(?:[年.\-/]\s*+(\d{1,2})(?!\d)|年[底末])"
_UP_TO = re.compile(rf"{UP_TO}\s*+{_MONTH}")
_REPORTED_ON = re.compile(rf"{REPORTED_ON}\s*+{_MONTH}")


@dataclass(frozen=True)
class FlowReport:
    """The total up to and including a month (its first day), in whole units of its currency."""

    column: str
    month: date
    value: int
    currency: str  # blank is yuan
    as_reported: str

    def __str__(self) -> str:
        return f"{self.write(self.value)} ({self.month:%Y-%m})"

    def write(self, value: int) -> str:
        return write_money(value, self.currency) if self.currency else format_cny(value)


@dataclass(frozen=True)
class KnownFlows:
    """The stored total up to a month, and whether the report of that month is cumulative."""

    total: int = 0
    before: int = 0
    is_cumulative: bool | None = None  # None where there is no such report


KnownByCurrency = Mapping[tuple[str, str], KnownFlows]  # by column and currency
_Flow = tuple[date, int, bool]


def find_flow_months(table: ReadTable, given: str) -> dict[str, date]:
    """Find the month of each column of flows; Mistake if the given text is no month."""
    check_one_day(table, given, _UP_TO)
    months = {}
    for match in (each for each in table.columns if each.name in FLOW_COLUMNS):
        found = _search(_UP_TO, [match.text, *table.titles])
        if not found and "累计" in match.text:
            found = _search(_REPORTED_ON, table.titles)
        if given or found:
            months[match.name] = _parse_month(given or found)
    if given and not months:
        _parse_month(given)
    return months


def check_one_day(table: ReadTable, given: str, pattern: re.Pattern[str]) -> None:
    """Raise Mistake where the tables of a sheet have different months or days."""
    titles = (block.titles for block in table.blocks)
    said = {found[0] for texts in titles for text in texts if (found := pattern.search(text))}
    names = {match.name for match in table.columns}
    if len(said) > 1 and not given and names & {*FLOW_COLUMNS, *FROM_PROGRESS}:
        detail = _(
            "The tables of the sheet are of different days (%(days)s): send them one by one, or "
            "give `month` and `noted_on`."
        )
        raise Mistake("several_days", detail % {"days": ", ".join(sorted(said))})


def _parse_month(text: str) -> date:
    detail = _("Give a month, such as 2023-11.")
    day = _parse_given(text, "invalid_month", detail, Precision.MONTH, Precision.DAY)
    month = day.first.replace(day=1)
    if month > timezone.localdate():
        raise Mistake("invalid_month", _("A future month has no amounts yet."))
    return month


def read_flow_total(column: str, text: str, unit: str, month: date) -> FlowReport:
    """Read a cell of flows; 0 is a report, too."""
    whole = read_whole_amount(text, unit)
    if whole is None:
        detail = _("Give the amount that was paid in; leave out words such as 约 or over.")
        raise Mistake("qualified", detail)
    value, currency = whole
    if value < 0:
        raise Mistake("negative", _("A cumulative amount cannot be negative."))
    is_plain = text.isdecimal() and find_column_unit(unit) in (None, (LEDGER_CURRENCY, 1))
    return FlowReport(column, month, value, currency, "" if is_plain else text[:300])


def find_known(projects: Collection[int], months: Mapping[str, date]) -> dict[int, KnownByCurrency]:
    """Find the stored flows of projects up to the month of each column, by key."""
    flows: dict[int, dict[tuple[str, str], list[_Flow]]] = defaultdict(lambda: defaultdict(list))
    kinds = [FLOW_COLUMNS[name] for name in months]
    rows = Funding.objects.filter(project__in=projects, kind__in=kinds)
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
    if last < month:
        return KnownFlows(total, total)
    return KnownFlows(total, total - flow, is_cumulative)


def compare_flows(report: FlowReport, known: KnownFlows) -> bool:
    """Tell whether a report is new; Mistake where it contradicts a stored flow.

    One that repeats the total of the months before, without a report of its own, is not.
    """
    if known.is_cumulative is None:
        return known.total != report.value or not known.total
    if not known.is_cumulative and known.total != report.value:
        detail = _("%(month)s has a report of its own; with it the total is %(total)s.")
        params = {
            "month": f"{report.month:%Y-%m}",
            "total": say_money(known.total, report.currency),
        }
        raise Mistake("has_flow", detail % params, report.write(known.total))
    return known.total != report.value


def state_flows(
    stated: StatedProject, reports: Iterable[FlowReport], stored: Collection[Funding]
) -> None:
    """Add cumulative reports, replacing the `stored` ones of their months."""
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


# The indicator of each column, and the words of the part that it measures, if any
FURTHER_AMOUNTS: Mapping[str, tuple[str, str]] = {
    "phase_one_cny": (HEADLINE_INDICATOR, PHASE_ONE),
    "fixed_investment_cny": ("fixed_investment", ""),
    "capital_attracted_cny": ("capital_attracted", ""),
}
_NAMES = {measured: name for name, measured in FURTHER_AMOUNTS.items()}
KnownAmounts = dict[str, Money]  # by column


def find_further(projects: Collection[int], names: Collection[str]) -> dict[int, KnownAmounts]:
    """Find the newest standing claim of each column, by project."""
    known: dict[int, KnownAmounts] = defaultdict(dict)
    for name, row in _list_standing(projects if names else ()):
        text = f"{row.value or 0:f} {row.currency}"
        money = Money(row.amount_cny, row.qualifier, text, row.currency, row.value)
        known[row.project_id].setdefault(name, money)
    return known


def _list_standing(projects: Collection[int]) -> Iterator[tuple[str, ProjectFigure]]:
    """List the standing claims of further amounts with their columns, the newest first."""
    indicators = {indicator for indicator, _scope in FURTHER_AMOUNTS.values()}
    of_whole = IS_WHOLE & ~Q(indicator=HEADLINE_INDICATOR)
    of_phase = Q(indicator=HEADLINE_INDICATOR, scope_text=PHASE_ONE)
    rows = ProjectFigure.objects.standing().filter(of_whole | of_phase)
    for row in rows.filter(project__in=projects, indicator__in=indicators).newest_first():
        if name := _NAMES.get((row.indicator_id, row.scope_text)):
            yield name, row


def find_further_keys(projects: Collection[int]) -> dict[int | None, dict[str, list[int]]]:
    """Find the keys of the standing claims, by project and column."""
    found: dict[int | None, dict[str, list[int]]] = defaultdict(dict)
    for name, row in _list_standing(projects):
        found[row.project_id].setdefault(name, []).append(row.pk)
    return found


def build_further(name: str, money: Money) -> dict[str, Any]:
    """Build the claim of a column, without its project and report."""
    indicator, scope = FURTHER_AMOUNTS[name]
    basis = InvestmentBasis.REPORTED if indicator == HEADLINE_INDICATOR else ""
    claim = build_claim(money, basis, Nature.PROJECTED)
    return claim | {"indicator_id": indicator, "scope_text": scope}


def build_claim(money: Money, basis: str, nature: str) -> dict[str, Any]:
    """Build a claim of the investment, without its project and report."""
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
class ParsedIncrease:
    """An amount that adds to another; `of` is its project's key or negative line.

    With 0 it adds to the project of its own row, replaces earlier increases, and has the source and
    day of the newest report.
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
    """The claimed amount of a project and its increases."""

    pk: int
    money: Money
    basis: str
    nature: str
    day: PartialDate | None
    added: Sequence[Added] = ()

    def has(self, money: Money) -> bool:
        """Tell whether the increases add up to this amount."""
        hedges = {each.qualifier for each in self.added}
        is_hedged_so = len(self.added) > 1 or hedges == {money.qualifier}
        return bool(self.added) and self.total == money.cny and is_hedged_so

    @property
    def total(self) -> int:
        return sum(each.amount_cny for each in self.added)

    def __str__(self) -> str:
        """Write the sum of the increases as a report shows it."""
        hedge = self.added[0].qualifier if len(self.added) == 1 else "exact"
        return format_cny(self.total, hedge) if self.added else ""


def find_increased(projects: Collection[int]) -> dict[int, Increased]:
    """Find the amounts of projects with their increases, by key."""
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
    matches: Mapping[str, Match], said: Iterable[ParsedIncrease | None]
) -> Iterator[ColumnWarning]:
    """Warn once that the amounts of a column add to the total of the same row."""
    total, column = matches.get("investment_cny"), matches.get(INCREASE_COLUMN)
    if not (total and column):
        return
    if increases := sum(1 for each in said if each and not each.of):
        detail = _(
            "These are added to “%(total)s”. Where that has them in it already, leave out this "
            "column."
        )
        detail %= {"total": total.text}
        yield ColumnWarning(column.text, INCREASE_COLUMN, "added", detail, increases)


def state_increases(
    said: Sequence[tuple[int, ParsedIncrease]], about: Mapping[int, Mapping[str, Any]]
) -> list[StatedProject]:
    """Build increases; `about` has the day and source of the newest report by project."""
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
