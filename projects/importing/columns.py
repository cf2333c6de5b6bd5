"""The columns that an import of projects understands, and how their cells are read."""

from collections.abc import Iterable, Mapping
from typing import get_args

from django.utils.translation import gettext_lazy as _

from config.reading.headers import Spellings, normalize_header
from config.spreadsheets import Column, Layout
from config.spreadsheets.columns import HeaderKind, MoneyUnit
from projects.columns import MILESTONE_COLUMNS, NOT_IMPORTED, PROJECT_COLUMNS
from projects.lifecycle.words import Stage

MILESTONE_STAGES: Mapping[str, Stage] = {f"{stage.value}_on": stage for stage in Stage}
PLANNED_STAGES: Mapping[str, Stage] = {f"{stage.value}_planned_on": stage for stage in Stage}
FILE_COLUMNS = {column.name: column for column in [*PROJECT_COLUMNS, *MILESTONE_COLUMNS]}
# What planners have in their sheets, and files of ours never
SHEET_COLUMNS = [
    Column("name", _("name"), headers="项目名称 项目 名称 project_name project name"),
    Column("status", _("stage or standing"), "word", headers="项目状态 状态 status"),
    Column(
        "phase_one_cny",
        _("investment of the first phase"),
        "money",
        headers="其中一期 一期投资 一期投资额 其中:一期 其中一期投资",
    ),
    Column("events", _("signing events"), cell="events", headers="签约活动 签约仪式 活动 event"),
    Column("contact", _("contact"), headers="联系人 联系方式 联系电话"),
    Column("lead_planned_on", _("lead planned for")),
    Column("negotiating_planned_on", _("talks planned for")),
]
COLUMNS = FILE_COLUMNS | {column.name: column for column in SHEET_COLUMNS}
DERIVED_CELL = "derived"
CELL_KINDS: Mapping[str, str] = (
    {name: column.cell or column.kind for name, column in COLUMNS.items()}
    | dict.fromkeys(MILESTONE_STAGES, "milestone")
    | dict.fromkeys(PLANNED_STAGES, "planned")
    | dict.fromkeys(NOT_IMPORTED, DERIVED_CELL)
)
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
    known = {normalize_header(text): (c.name, "") for c in columns for text in c.headers.split()}
    for column in columns:
        for header in get_args(HeaderKind):
            for unit in get_args(MoneyUnit):
                text = normalize_header(column.header(Layout(header, unit)))
                known[text] = (column.name, unit if column.kind == "money" else "")
        known[normalize_header(column.name)] = (column.name, "")
    return known
