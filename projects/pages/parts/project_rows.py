"""Projects in tables: each with its park, origin, sector, stage, investment and contract."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from projects.lifecycle.words import InvestmentBasis, Stage
from projects.pages.addresses import join_address
from projects.pages.language import label_word
from projects.pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    fill_table,
    name_cell,
    name_column,
    number_cell,
    period_column,
    text_cell,
)
from projects.pages.parts.numbers import write_amount


def tabulate_projects(rows: Sequence[Mapping[str, Any]], *, with_park: bool = True) -> PageTable:
    """Make a table of projects as the API lists them; without a park that is that of all."""

    def link_sector(row: Mapping[str, Any]) -> PageCell:
        if not row["sector"]:
            return text_cell(row["sector_text"])
        return name_cell(row, link_projects_of_sector(row["sector"]), "sector_name")

    columns = [
        name_column(_("Project"), "projects"),
        *([name_column(_("Park"), "parks", "park", "park_name")] if with_park else []),
        name_column(_("Origin"), "regions", "origin", "origin_name"),
        PageColumn(_("Sector"), make_cell=link_sector),
        PageColumn(_("Stage"), make_cell=stage_cell),
        PageColumn(_("Investment"), "", "number", investment_cell),
        period_column(_("Signed"), "signed_on"),
    ]
    return fill_table(_("Projects, %(count)d on this page") % {"count": len(rows)}, columns, rows)


def link_projects_of_sector(code: str | None) -> str:
    """Find the page of the projects of a sector; blank for none."""
    return join_address("/projects", {"sector": code}) if code else ""


def stage_cell(row: Mapping[str, Any]) -> PageCell:
    """Make a cell of how far a project is, and since when."""
    return PageCell(label_word(Stage, row["stage"]), note=row["stage_on"] or "")


def investment_cell(row: Mapping[str, Any]) -> PageCell:
    """Make a cell of the investment of a project, with its basis."""
    return number_cell(
        write_amount(row["investment_cny"], row["investment_qualifier"]),
        note=label_word(InvestmentBasis, row["investment_basis"]),
        value=row["investment_cny"],
    )
