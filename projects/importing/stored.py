"""The stored projects of a file: found by code, or by park, name and lead investor."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, NamedTuple

from parks.models import RetiredCode
from parks.models.vocabularies import name_key
from parks.names.cell_lookup import FoundRow
from parks.recording.change_rows import chunks
from projects.columns import NOT_IMPORTED, PROJECT_COLUMNS
from projects.importing.cells import rows_below
from projects.importing.cells.amounts import Money
from projects.importing.cells.columns import FILE_COLUMNS, INCREASE_COLUMN, PEOPLE_COLUMNS
from projects.importing.cells.investors import Share
from projects.models import Investor, Participation, Project, ProjectFigure, loosen
from projects.models.words import HEADLINE_INDICATOR
from projects.writing.doubts import select_named
from sheets.dates import print_partial_date
from sheets.writing.cells import plain_values, to_text
from sheets.writing.columns import Column, Layout

# Needed of a project whatever columns the file has
BASE = [
    *("pk", "version", "park_id", "contact", "duplicate_of__code", "part_of__code"),
    *Project.work,
    *(
        path
        for column in PROJECT_COLUMNS
        if column.name not in NOT_IMPORTED and isinstance(column.path, str)
        for path in column.paths
    ),
]


# Where a stored project keeps what a column of the file names
PATHS = {name: f"{name}_id" for name in ("region", "origin", "sector")} | {
    name: f"{name}__code" for name in ("park", "source", "duplicate_of", "part_of")
}


class Invested(NamedTuple):
    """An investor of a project, with its share in basis points if known."""

    code: str
    name_zh: str
    name_en: str
    share_bp: int | None

    @property
    def share(self) -> Share:
        return Share(self.name_zh or self.name_en or self.code, self.share_bp)


@dataclass
class Stored:
    """A stored project: its values by lookup path, and its texts as our files show them."""

    values: dict[str, Any]
    investors: list[Invested] = field(default_factory=list)
    events: set[int] = field(default_factory=set)  # keys
    flows: rows_below.KnownByCurrency = field(default_factory=dict)  # up to the months of the file
    further: rows_below.KnownAmounts = field(default_factory=dict)  # amounts beside the investment
    increased: rows_below.Increased | None = None
    notes: rows_below.KnownNotes = field(default_factory=set)
    people: rows_below.KnownPeople = field(default_factory=dict)
    # Qualifiers of claims that are not in yuan, by value and currency
    in_currencies: dict[tuple[Any, str], str] = field(default_factory=dict)

    @property
    def pk(self) -> int:
        return self.values["pk"]

    @property
    def code(self) -> str:
        return self.values["code"]

    @property
    def name(self) -> str:
        return self.values["name_zh"] or self.values["name_en"]

    @property
    def money(self) -> Money | None:
        cny, qualifier = self.values["investment_cny"], self.values["investment_qualifier"]
        return None if cny is None else Money(cny, qualifier or "exact", "")

    @property
    def amounts(self) -> list[Money]:
        """The headline amount, or those in other currencies if there is none in yuan."""
        if self.money:
            return [self.money]
        return [
            Money(None, qualifier, f"{value.normalize():,f} {currency}", currency, value)
            for (value, currency), qualifier in self.in_currencies.items()
        ]

    def before_increases(self) -> "Stored":
        """Return the project with its amount before the increases."""
        if self.increased is None:
            return self
        money = self.increased.money
        amount = {"investment_cny": money.cny, "investment_qualifier": money.qualifier}
        return replace(self, values={**self.values, **amount})

    def find_hedge(self, money: Money) -> str:
        """Find the stored qualifier of an amount; blank if this amount is not stored."""
        if money.cny is None:
            return self.in_currencies.get((money.value, money.currency), "")
        is_stored = money.cny == self.values["investment_cny"]
        return self.values["investment_qualifier"] if is_stored else ""

    def has_investment(self, money: Money, basis: str) -> bool:
        """Tell whether exactly this investment is stored already."""
        if money.cny is None:
            return self.find_hedge(money) == money.qualifier
        headline = ("investment_cny", "investment_qualifier", "investment_basis")
        return (money.cny, money.qualifier, basis) == tuple(self.values[name] for name in headline)

    def has_investors(self, given: Sequence[Share]) -> bool:
        """Tell whether exactly these invest already; missing shares are not compared."""
        left = [({name_key(name) for name in each[:3] if name}, each) for each in self.investors]
        for share in given:
            same = next((found for found in left if name_key(share.name) in found[0]), None)
            if same is None or share.share_bp not in (None, same[1].share_bp):
                return False
            left.remove(same)
        return not left

    def shares_with(self, given: Sequence[Share]) -> int:
        """Add up the shares in basis points if these are the investors."""
        stored = {
            name_key(name): each.share_bp or 0
            for each in self.investors
            for name in each[:3]
            if name
        }
        return sum(each.share_bp or stored.get(name_key(each.name), 0) for each in given)

    def show(self, name: str) -> str:
        """Write the value of a column as reports show it."""
        values = self.values
        if name == "investment_cny":
            return str(self.money or "")
        if name == "investors":
            return "；".join(each.share.name for each in self.investors)
        if f"{name}_precision" in values:
            return print_partial_date(values[name], values[f"{name}_precision"]) or ""
        path = PATHS.get(name, name)
        column = FILE_COLUMNS.get(name)
        if path not in values and column and column.source in values:
            return self.text(column, "")
        return format_value(values.get(path))

    def text(self, column: Column, unit: str) -> str:
        """Write the value as our files do in this column, without the guard."""
        layout = Layout(unit=unit) if unit in ("wan", "yi") else Layout()  # type: ignore[arg-type]
        row = [self.values[path] for path in column.paths]
        (value,) = plain_values([column], row, layout)
        return to_text(value)


def format_value(value: Any) -> str:
    """Format a value of a cell as reports show it."""
    if isinstance(value, FoundRow):
        return value.code
    if isinstance(value, tuple):
        return "；".join(format_value(each) for each in value)
    return to_text(value)


def load(
    keys: Iterable[int], names: Set[str], actor: Any, months: Mapping[str, date]
) -> dict[int, Stored]:
    """Load projects with the columns of these names, by primary key.

    `months` is by column of flows.
    """
    columns = [column for name, column in FILE_COLUMNS.items() if name in names]
    rows = Project.objects.with_staleness().filter(pk__in=list(keys))
    made = {c.source: c.path(actor) for c in columns if not isinstance(c.path, str)}
    paths = dict.fromkeys([*BASE, *(path for column in columns for path in column.paths)])
    rows = rows.annotate(**made).order_by().values(*paths)
    found = {values["pk"]: Stored(values) for values in rows}
    _load_rows(found)
    related: dict[str, Mapping[int, Any]] = {
        "flows": rows_below.find_known(found, months) if months else {},
        "further": rows_below.find_further(found, rows_below.FURTHER_AMOUNTS.keys() & names),
        "people": rows_below.find_people(found) if PEOPLE_COLUMNS.keys() & names else {},
        "increased": rows_below.find_increased(found) if INCREASE_COLUMN in names else {},
        "notes": rows_below.find_notes(found) if rows_below.TEXT_COLUMN in names else {},
    }
    for name, by_project in related.items():
        for project, known in by_project.items():
            setattr(found[project], name, known)
    claims = ProjectFigure.objects.standing().filter(
        project__in=[key for key, stored in found.items() if stored.money is None],
        indicator=HEADLINE_INDICATOR,
        value__isnull=False,
    )
    read = claims.values_list("project_id", "value", "currency", "qualifier")
    for project, value, currency, qualifier in read:
        found[project].in_currencies[value, currency] = qualifier
    return found


def _load_rows(found: dict[int, Stored]) -> None:
    there = Participation.objects.filter(project__in=found)
    for project, event in there.values_list("project_id", "event_id"):
        found[project].events.add(event)
    rows = Investor.objects.filter(project__in=found).order_by("id")
    names = ("organisation__code", "organisation__name_zh", "organisation__name_en")
    for project, *investor in rows.values_list("project_id", *names, "share_bp"):
        found[project].investors.append(Invested(*investor))


def find_projects_by_code(codes: Iterable[str], projects: Any) -> dict[str, int]:
    """Find the primary keys of those of `projects` that have these codes, in lower case."""
    found: dict[str, int] = {}
    for chunk in chunks({code.lower() for code in codes}):
        found |= dict(projects.filter(code_key__in=chunk).values_list("code_key", "pk"))
    return found


def find_by_national_code(codes: Iterable[str], projects: Any) -> dict[str, int]:
    """Find the primary keys of those of `projects` that have these national codes."""
    rows = projects.filter(national_code__in=[code for code in codes if code])
    return dict(rows.values_list("national_code", "pk"))


def find_retired(codes: Iterable[str]) -> set[str]:
    """Find those of the codes, in lower case, that belonged to deleted projects."""
    wanted = [code.lower() for code in codes]
    label = Project._meta.label_lower
    rows = RetiredCode.objects.filter(model=label, code_key__in=wanted)
    return set(rows.values_list("code_key", flat=True))


@dataclass(frozen=True)
class Namesake:
    """A stored project with a name of the file; `leads` are the names of its lead investors."""

    pk: int
    code: str
    park_id: int
    national_code: str
    leads: set[str]

    def may_be(self, park_id: int, national: str, investors: set[str]) -> bool:
        """Tell whether park, national code and lead investor agree where both have one."""
        return (
            self.park_id == park_id
            and (not national or self.national_code in ("", national))
            and not (investors and self.leads and investors.isdisjoint(self.leads))
        )


def find_namesakes(
    names: Iterable[str], visible: Any, fold: Callable[[str], str] = name_key
) -> dict[str, list[Namesake]]:
    """Find the `visible` projects with these names, by each name as `fold` returns it."""
    wanted = {*names} - {""}
    stored = select_named(wanted | {loosen(name) for name in wanted}, visible).order_by("pk")
    columns = ("pk", "code", "park_id", "national_code", "name_zh", "name_en")
    rows = [*stored.values_list(*columns)] if wanted else []
    leads = _find_lead_investors([pk for pk, *_rest in rows])
    found: dict[str, list[Namesake]] = defaultdict(list)
    for pk, code, park_id, national, *both in rows:
        for key in {fold(name) for name in both} - {""}:
            found[key].append(Namesake(pk, code, park_id, national, leads[pk]))
    return found


def _find_lead_investors(keys: list[int]) -> dict[int, set[str]]:
    leads: dict[int, set[str]] = defaultdict(set)
    columns = ("project_id", "organisation__name_zh", "organisation__name_en")
    for chunk in chunks(keys):
        rows = Investor.objects.filter(project__in=chunk, role=Investor.Role.LEAD)
        for project, *names in rows.values_list(*columns):
            leads[project].update(name_key(name) for name in names if name)
    return leads
