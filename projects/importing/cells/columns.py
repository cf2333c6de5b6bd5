"""The columns that an import understands: their headers, and how their cells are read.

The words by which offices head their columns stand in headings.csv beside this module. Those that
a file of ours could have stand with its columns (`headers` of a `Column`), not there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.reading.columns import JOINED, LAND, MONEY, NAMES
from config.reading.csv_files import read_csv
from config.reading.headers import Heading, Spellings, normalize_header
from config.reading.rows import Limits
from config.spreadsheets import Column, Layout
from config.spreadsheets.columns import MONEY_KINDS, HeaderKind, MoneyUnit
from projects.columns import NOT_IMPORTED, PROJECT_COLUMNS
from projects.lifecycle.words import Approval, Stage
from projects.models import Assignment
from projects.step_columns import MILESTONE_COLUMNS

_FILE = Path(__file__).with_name("headings.csv")
# Why columns that are well known are no columns of the ledger
REASONS: Mapping[str, str | Promise] = {
    "registered_capital": _("this is the capital of a company, not an amount of the project."),
    "part_of_total": _("this is a part of the total investment, never the whole."),
    "capital_attracted": _("this is the capital brought in, not the total investment."),
    "year_plan": _("this is a plan of one year, not the total investment."),
    "month_missing": _(
        "money that came in or was spent belongs to a month; import it as fundings."
    ),
    "year_of_flows": _(
        "the sum of a year or month is no total up to a month: give that (截至2023年11月累计), or "
        "import it as fundings, month by month."
    ),
    "output": _("output, sales and taxes are no investment."),
    "ratio": _("a ratio or a percentage is no amount."),
    "finance": _("loans, guarantees and funds are no investment in a project."),
    "place": _("it is not said whether this is a region or an address."),
    "of_organisation": _("this is said of the organisation, not of the project."),
    "founded_company": _("a company that was founded for the project is not its investor."),
    "builder": _("who plans, builds or supervises is not an investor."),
    "ambiguous_class": _("such columns mean different things in different offices."),
    "two_dates": _("there are two dates in one cell; divide it into two columns."),
    "duration": _("no date follows from a duration."),
    "counted_on": _("this is when it was counted, not when it happened."),
    "other_scheme": _("only codes of GB/T 4754 are read."),
    "other_system": _("this belongs to the system that the file comes from."),
}


@cache
def read_headings() -> Mapping[str, Heading]:
    """Read every header of headings.csv: what it stands for, by plain header."""
    _names, *rows = read_csv(_FILE.read_bytes(), Limits(), "utf-8").rows
    return {
        normalize_header(heading): Heading(column, basis=basis, refused=REASONS.get(refused, ""))
        for heading, column, basis, refused in (row.cells for row in rows)
    }


MET_STEPS: Mapping[str, Stage | Approval] = {
    f"{step.value}_on": step for step in (*Stage, *Approval)
}
DOCUMENTS: Mapping[str, Approval] = {f"{approval.value}_no": approval for approval in Approval}
PLANNED_STAGES: Mapping[str, Stage] = {f"{stage.value}_planned_on": stage for stage in Stage}
PEOPLE_COLUMNS: Mapping[str, Assignment.Role] = {f"people_{r.value}": r for r in Assignment.Role}
INCREASE_COLUMN = "increase_cny"
FURTHER_COLUMN = "further_columns"
_JOINED = ("note", "contact", FURTHER_COLUMN)  # for which several columns may stand
FILE_COLUMNS = {column.name: column for column in [*PROJECT_COLUMNS, *MILESTONE_COLUMNS]}
# What planners have in their sheets, and files of ours never
SHEET_COLUMNS = [
    Column("name", _("name"), headers="项目名称 项目 名称 project_name project name"),
    Column(
        "name_and_park",
        _("name, with the park in brackets"),
        headers="项目名称(园区) 项目名称(所在园区) 项目名称(所属园区) 项目名称(落户园区)",
    ),
    Column("status", _("stage or standing"), "word", headers="项目状态 状态 status"),
    Column(
        "phase_one_cny",
        _("investment of the first phase"),
        "money",
        headers="其中一期 一期投资 一期投资额 其中:一期 其中一期投资",
    ),
    Column(
        INCREASE_COLUMN,
        _("increase of the investment"),
        "money",
        headers="增资 增资额 增资金额 追加投资 追加投资额 增加投资额",
    ),
    Column("fixed_investment_cny", _("fixed-asset investment"), "money"),
    Column("capital_attracted_cny", _("capital attracted"), "money"),
    Column(
        "foreign_agreed",
        _("foreign capital agreed"),
        "money",
        headers="合同外资 合同外资金额 合同外资额 合同利用外资 协议外资 协议利用外资",
    ),
    Column(
        "foreign_used",
        _("foreign capital used"),
        "money",
        headers="实际使用外资 实际使用外资金额 实际利用外资 实际利用外资额 实到外资 到位外资"
        " 累计实际使用外资 累计实际利用外资 累计到位外资",
    ),
    Column("events", _("signing events"), cell="events", headers="签约活动 签约仪式 活动 event"),
    Column("contact", _("contact"), headers="联系人 联系方式 联系电话"),
    Column(
        "people_sponsor",
        Assignment.Role.SPONSOR.label,
        cell="people",
        headers="包保领导 包联领导 包靠领导 挂点领导 项目挂点领导 挂钩领导 联系领导 责任领导",
    ),
    Column(
        "people_responsible",
        Assignment.Role.RESPONSIBLE.label,
        cell="people",
        headers="责任人 项目责任人 具体责任人 第一责任人 工作责任人",
    ),
    Column(
        "people_promoter",
        Assignment.Role.PROMOTER.label,
        cell="people",
        headers="招商人员 招商专员 招商负责人 招商责任人 招商经理 跟踪人 跟进人",
    ),
    Column(
        "people_service",
        Assignment.Role.SERVICE.label,
        cell="people",
        headers="服务专员 服务管家 项目管家 项目秘书 服务责任人",
    ),
    Column("lead_planned_on", _("lead planned for")),
    Column("negotiating_planned_on", _("talks planned for")),
    Column("unit", _("unit of the amounts"), cell="unit", headers="单位 金额单位"),
    Column("currency", _("currency of the amounts"), cell="currency", headers="币种 货币"),
]
COLUMNS = FILE_COLUMNS | {column.name: column for column in SHEET_COLUMNS}
DERIVED_CELL = "derived"
CELL_KINDS: Mapping[str, str] = (
    {name: column.cell or column.kind for name, column in COLUMNS.items()}
    | dict.fromkeys(MET_STEPS, "milestone")
    | dict.fromkeys(PLANNED_STAGES, "planned")
    | dict.fromkeys([*NOT_IMPORTED, "foreign_agreed", "foreign_used"], DERIVED_CELL)
)
# What says how the amounts of a row are meant, and is no value of its own
OF_AMOUNTS = ("unit", "currency")
# Where a file has names alone, these find what the column of codes would have named.
NAMES_OF = {
    "park": ("park_name_zh", "park_name_en"),
    "origin": ("origin_name_zh", "origin_name_en"),
    "sector": ("sector_name_zh", "sector_name_en"),
}


def cell_kind(name: str) -> str:
    """Say how cells of a column are read; `derived` for what the ledger works out by itself."""
    return CELL_KINDS.get(name, DERIVED_CELL)


def list_spellings(columns: Iterable[Column]) -> Spellings:
    """List every header that is understood, plain, with the column and the unit it names."""
    columns = list(columns)
    kinds = {column.name: _find_kind(column) for column in columns}
    known = {normalize_header(text): Heading(c.name) for c in columns for text in c.headers.split()}
    for column in columns:
        is_money = column.kind in MONEY_KINDS
        for header in get_args(HeaderKind):
            for unit in get_args(MoneyUnit):
                text = normalize_header(column.header(Layout(header, unit)))
                known[text] = Heading(column.name, unit if is_money else "")
        # A name of ours says its unit: investment_cny
        unit = _UNITS_OF_NAMES.get(kinds[column.name], "")
        known[normalize_header(column.name)] = Heading(column.name, unit)
    return {text: replace(each, kind=kinds[each.name]) for text, each in known.items()}


_UNITS_OF_NAMES = {MONEY: "yuan", LAND: "mu"}


def _find_kind(column: Column) -> str:
    """What of needs a unit to be understood: money, land, or nothing."""
    if column.cell == "area":
        return LAND
    if column.cell == "investors":
        return NAMES
    return MONEY if column.kind in MONEY_KINDS else ""


@cache  # in whatever language it is asked for: headers are understood in all of them
def list_project_spellings() -> Spellings:
    """List every header of a sheet of projects that is understood, or known to be no column."""
    ours = list_spellings(COLUMNS.values())
    kinds = {heading.name: heading.kind for heading in ours.values()}
    gathered = {
        text: replace(heading, kind=kinds.get(heading.name, ""))
        for text, heading in read_headings().items()
    }
    ours = {t: replace(h, kind=JOINED) if h.name in _JOINED else h for t, h in ours.items()}
    # Our own names and labels stay what they are; what is gathered may add a basis
    added = {t: h for t, h in gathered.items() if t not in ours or ours[t].name == h.name}
    added = {text: heading for text, heading in added.items() if not ours.get(text, heading).unit}
    # 状态 is the label of `standing`, but in sheets it holds stages as well
    return {**ours, **added, normalize_header("状态"): Heading("status")}
