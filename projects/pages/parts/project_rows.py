"""Projects in tables: each with its park, origin, sector, stage, investment and contract."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from projects.lifecycle.words import InvestmentBasis, Stage
from projects.pages.addresses import find_row_page, join_address
from projects.pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    day_cell,
    name_cell,
    number_cell,
    text_cell,
)
from projects.pages.parts.numbers import write_amount


def tabulate_projects(rows: Sequence[Mapping[str, Any]], *, with_park: bool = True) -> PageTable:
    """Make a table of projects as the API lists them; without a park that is that of all."""
    columns = [
        PageColumn(_("Project")),
        PageColumn(_("Park")),
        PageColumn(_("Origin")),
        PageColumn(_("Sector")),
        PageColumn(_("Stage")),
        PageColumn(_("Investment"), "", "number"),
        PageColumn(_("Signed")),
    ]
    caption = _("Projects, %(count)d on this page") % {"count": len(rows)}
    lines: list[Sequence[Any]] = [columns, *(list_project_cells(row) for row in rows)]
    if not with_park:
        lines = [[cell for place, cell in enumerate(line) if place != 1] for line in lines]
    return PageTable(caption, lines[0], lines[1:])


def list_project_cells(row: Mapping[str, Any]) -> list[PageCell]:
    """List the cells of a project, each name opening its page."""
    basis = row["investment_basis"]
    return [
        name_cell(row, find_row_page("projects", row["code"])),
        name_cell(row, find_row_page("parks", row["park"]), "park_name"),
        name_cell(row, find_row_page("regions", row["origin"]), "origin_name"),
        name_cell(row, link_projects_of_sector(row["sector"]), "sector_name")
        if row["sector"]
        else text_cell(row["sector_text"]),
        stage_cell(row),
        number_cell(
            write_amount(row["investment_cny"], row["investment_qualifier"]),
            note=str(InvestmentBasis(basis).label) if basis else "",
            value=row["investment_cny"],
        ),
        day_cell(row["signed_on"]),
    ]


def link_projects_of_sector(code: str | None) -> str:
    """Find the page of the projects of a sector; blank for none."""
    return join_address("/projects", {"sector": code}) if code else ""


def stage_cell(row: Mapping[str, Any]) -> PageCell:
    """Make a cell of how far a project is, and since when."""
    label = str(Stage(row["stage"]).label) if row["stage"] else ""
    return PageCell(label, note=row["stage_on"] or "")
