"""The columns that an import understands: their headers, and how their cells are read.

headings.csv has the headers that offices use: those of tables other than projects as
`fundings.month`, those of the unit of a row as `amounts.unit`. Headers that our own files of
projects could have are in `headers` of a `Column`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from projects.columns import MILESTONE_COLUMNS, NOT_IMPORTED, PROJECT_COLUMNS
from projects.models import Assignment
from projects.models.words import Approval, Stage
from sheets.amounts import LEDGER_LAND
from sheets.reading.columns import JOINED, LAND, MONEY, NAMES
from sheets.reading.csv_files import read_word_table
from sheets.reading.headers import Heading, Spellings, normalize_header
from sheets.writing.columns import MONEY_KINDS, Column, HeaderKind, Layout, MoneyUnit

_FILE = Path(__file__).with_name("headings.csv")
# Why known columns are not imported
REASONS: Mapping[str, str | Promise] = {
    "registered_capital": _("this is the capital of a company, not an amount of the project."),
    "part_of_total": _("this is a part of the total investment, never the whole."),
    "capital_attracted": _("this is the capital brought in, not the total investment."),
    "year_plan": _("this is a plan of one year, not the total investment: import it as `plans`."),
    "month_missing": _(
        "money that came in or was spent belongs to a month; import it as fundings."
    ),
    "year_of_flows": _(
        "the sum of a year or month is no total up to a month: give that (截至2023年11月累计), or "
        "import it as fundings, month by month."
    ),
    "recognised": _(
        "what an authority recognised belongs to a month; import it as fundings, beside the report."
    ),
    "output": _("output, sales and taxes are no investment."),
    "ratio": _("a ratio or a percentage is no amount."),
    "finance": _("loans, guarantees and funds are no investment in a project."),
    "place": _("it is not said whether this is a region or an address."),
    "of_organisation": _("this is said of the organisation, not of the project."),
    "founded_company": _("a company that was founded for the project is not its investor."),
    "owner": _(
        "who has it built may be the investor or an office: map it to `investors` or "
        "`responsible_unit`."
    ),
    "number": _("it may be a code or only count the rows: map it to `code` if it is one."),
    "builder": _("who plans, builds or supervises is not an investor."),
    "ambiguous_class": _("such columns mean different things in different offices."),
    "two_dates": _("there are two dates in one cell; divide it into two columns."),
    "duration": _("no date follows from a duration."),
    "counted_on": _("this is when it was counted, not when it happened."),
    "other_scheme": _("only codes of GB/T 4754 are read."),
    "other_system": _("this belongs to the system that the file comes from."),
}


@cache
def read_headings(table: str = "") -> Mapping[str, Heading]:
    """Read the headers of headings.csv for a table, blank for projects, by plain header."""
    divided = (
        (heading, *column.rpartition("."), basis, refused)
        for heading, column, basis, refused in read_word_table(_FILE)
    )
    return {
        normalize_header(heading): Heading(name, basis=basis, refused=REASONS.get(refused, ""))
        for heading, of, _dot, name, basis, refused in divided
        if of == table
    }


MET_STEPS: Mapping[str, Stage | Approval] = {
    f"{step.value}_on": step for step in (*Stage, *Approval)
}
PLANNED_DAYS = [f"{stage.value}_planned_on" for stage in Stage]
PROMISED_DAYS = [each.name for each in MILESTONE_COLUMNS if each.name.endswith("_promised_on")]
# What else a file says of steps, by the column of milestones that it is written to
OF_STEPS: Mapping[str, tuple[Stage | Approval, str]] = {
    **{f"{approval.value}_no": (approval, "document_no") for approval in Approval},
    **{name: (Stage(name.removesuffix("_planned_on")), "planned_on") for name in PLANNED_DAYS},
    **{name: (Stage(name.removesuffix("_promised_on")), "promised_on") for name in PROMISED_DAYS},
}
MOVE_REASON = "move_reason"
PEOPLE_COLUMNS: Mapping[str, Assignment.Role] = {f"people_{r.value}": r for r in Assignment.Role}
INCREASE_COLUMN = "increase_cny"
FURTHER_COLUMN = "further_columns"
_JOINED = ("note", "contact", FURTHER_COLUMN)  # for which several columns may stand
FILE_COLUMNS = {column.name: column for column in [*PROJECT_COLUMNS, *MILESTONE_COLUMNS]}
# Columns of planners' sheets that our files never have
SHEET_COLUMNS = [
    Column("name", _("name")),
    Column("name_and_park", _("name, with the park in brackets")),
    Column("status", _("stage or standing"), "word"),
    Column("phase_one_cny", _("investment of the first phase"), "money"),
    Column(INCREASE_COLUMN, _("increase of the investment"), "money"),
    Column("fixed_investment_cny", _("fixed-asset investment"), "money"),
    Column("capital_attracted_cny", _("capital attracted"), "money"),
    Column("completed_cny", _("investment completed"), "money"),
    Column("foreign_agreed", _("foreign capital agreed"), "money"),
    Column("foreign_used", _("foreign capital used"), "money"),
    Column("events", _("signing events"), cell="events"),
    Column("contact", _("contact")),
    Column(
        "light", _("light"), headers="红黄绿灯 红绿灯 亮灯情况 亮灯状态 灯号 预警 预警等级 预警情况"
    ),
    *(Column(name, role.label, cell="people") for name, role in PEOPLE_COLUMNS.items()),
    Column("lead_planned_on", _("lead planned for")),
    Column("negotiating_planned_on", _("talks planned for")),
    Column(MOVE_REASON, _("reason of the move")),
    Column("unit", _("unit of the amounts"), cell="unit"),
    Column("currency", _("currency of the amounts"), cell="currency"),
]
COLUMNS = FILE_COLUMNS | {column.name: column for column in SHEET_COLUMNS}
DERIVED_CELL = "derived"
CELL_KINDS: Mapping[str, str] = (
    {name: column.cell or column.kind for name, column in COLUMNS.items()}
    | dict.fromkeys(MET_STEPS, "milestone")
    | dict.fromkeys([*PLANNED_DAYS, *PROMISED_DAYS], "planned")
    | dict.fromkeys(
        [*NOT_IMPORTED, "completed_cny", "foreign_agreed", "foreign_used", "light"], DERIVED_CELL
    )
)
# Columns that qualify the amounts of a row and are not stored themselves
OF_AMOUNTS = ("unit", "currency")
# The columns of names that replace a column of codes
NAMES_OF = {
    "park": ("park_name_zh", "park_name_en"),
    "origin": ("origin_name_zh", "origin_name_en"),
    "sector": ("sector_name_zh", "sector_name_en"),
}


def cell_kind(name: str) -> str:
    """Return how the cells of a column are read; `derived` if the ledger computes the column."""
    return CELL_KINDS.get(name, DERIVED_CELL)


def list_spellings(columns: Iterable[Column]) -> Spellings:
    """List every plain header that is understood, with its column and unit."""
    columns = list(columns)
    kinds = {
        c.name: _KINDS_OF_CELLS.get(c.cell) or (MONEY if c.kind in MONEY_KINDS else "")
        for c in columns
    }
    known = {normalize_header(text): Heading(c.name) for c in columns for text in c.headers.split()}
    for column in columns:
        is_money = column.kind in MONEY_KINDS
        for header in get_args(HeaderKind):
            for unit in get_args(MoneyUnit):
                text = normalize_header(column.header(Layout(header, unit)))
                known[text] = Heading(column.name, unit if is_money else "")
        # Our names imply a unit: investment_cny
        unit = "m2" if column.cell == "floor" else _UNITS_OF_NAMES.get(kinds[column.name], "")
        known[normalize_header(column.name)] = Heading(column.name, unit)
    return {text: replace(each, kind=kinds[each.name]) for text, each in known.items()}


_KINDS_OF_CELLS = {"area": LAND, "floor": LAND, "investors": NAMES}
_UNITS_OF_NAMES = {MONEY: "yuan", LAND: LEDGER_LAND}


@cache  # the same in every language
def list_project_spellings() -> Spellings:
    """List every header of a sheet of projects that is understood or refused."""
    ours = list_spellings(COLUMNS.values())
    kinds = {each.name: each.kind for each in ours.values()} | dict.fromkeys(_JOINED, JOINED)
    # headings.csv does not replace our names and labels, but may add a basis
    added = {
        text: heading
        for text, heading in read_headings().items()
        if text not in ours or (ours[text].name == heading.name and not ours[text].unit)
    }
    # 状态 is the label of `standing`, but in sheets it holds stages as well
    known = {**ours, **added, normalize_header("状态"): Heading("status")}
    return {text: replace(each, kind=kinds.get(each.name, "")) for text, each in known.items()}
