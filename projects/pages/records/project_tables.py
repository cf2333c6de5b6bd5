"""Tables of what belongs to a project: its steps, who invests, what came in, who answers for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from projects.lifecycle.words import MILESTONE_TYPES, AgreementType, MilestoneStatus
from projects.models import Assignment, Funding, Investor, Participation
from projects.pages.addresses import find_row_page
from projects.pages.language import label_word
from projects.pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    day_cell,
    drop_empty_columns,
    name_cell,
    number_cell,
    text_cell,
)
from projects.pages.parts.numbers import choose_money_unit, write_flow
from projects.pages.parts.row_names import RowNames

LowerRow = Mapping[str, Any]


def tabulate_steps(milestones: Sequence[LowerRow], names: RowNames) -> PageTable | None:
    """Make a table of the milestones; None where there is none."""
    heads = [_("Stage"), _("Status"), _("Planned"), _("Met"), _("Agreement")]
    heads += [_("Document number"), _("Source")]
    rows = [
        [
            PageCell(
                str(dict(MILESTONE_TYPES)[row["type"]]),
                note=row["reason"] or row["note"],
            ),
            PageCell(str(MilestoneStatus(row["status"]).label)),
            day_cell(row["planned_on"]),
            day_cell(row["actual_on"]),
            PageCell(label_word(AgreementType, row["agreement_type"])),
            text_cell(row["document_no"]),
            names.link_row(row, "source"),
        ]
        for row in milestones
    ]
    columns = [PageColumn(head) for head in heads]
    return drop_empty_columns(PageTable(_("Milestones"), columns, rows)) if rows else None


def tabulate_investors(investors: Sequence[LowerRow]) -> PageTable | None:
    """Make a table of who invests, with their shares; None where nobody is known."""
    columns = [PageColumn(_("Investor")), PageColumn(_("Role")), PageColumn(_("Share"), "%")]
    rows = [
        [
            name_cell(
                row, find_row_page("organisations", row["organisation"]), "organisation_name"
            ),
            PageCell(label_word(Investor.Role, row["role"])),
            PageCell("" if row["share_bp"] is None else f"{row['share_bp'] / 100:g}"),
        ]
        for row in investors
    ]
    return PageTable(_("Investors"), columns, rows) if rows else None


def tabulate_fundings(fundings: Sequence[LowerRow], names: RowNames) -> PageTable | None:
    """Make a table of the flows of money, month by month; None where there is none."""
    unit = choose_money_unit(row["amount_cny"] for row in fundings)
    columns = [
        PageColumn(_("Month")),
        PageColumn(_("Kind")),
        PageColumn(_("Amount"), unit.name, "number"),
        PageColumn(_("Source")),
    ]
    rows = [
        [
            PageCell(row["month"]),
            PageCell(str(Funding.Kind(row["kind"]).label)),
            number_cell(
                write_flow(row) if row["currency"] else unit.write(row["amount_cny"]),
                value=row["amount_cny"],
            ),
            names.link_row(row, "source"),
        ]
        for row in fundings
    ]
    return PageTable(_("Money that came in"), columns, rows) if rows else None


def tabulate_people(people: Sequence[LowerRow]) -> PageTable | None:
    """Make a table of who answers for the project; None where nobody is known."""
    heads = [_("Name"), _("Role"), _("Unit or post"), _("Note")]
    rows = [
        [
            text_cell(row["name"]),
            PageCell(label_word(Assignment.Role, row["role"])),
            text_cell(row["office"]),
            text_cell(row["note"]),
        ]
        for row in people
    ]
    table = PageTable(_("Who answers for it"), [PageColumn(head) for head in heads], rows)
    return drop_empty_columns(table) if rows else None


def tabulate_participations(participations: Sequence[LowerRow]) -> PageTable | None:
    """Make a table of the events in which the project took part; None where there is none."""
    columns = [PageColumn(_("Event")), PageColumn(_("Day")), PageColumn(_("Role"))]
    rows = [
        [
            name_cell(row, find_row_page("events", row["event"]), "event_name"),
            day_cell(row.get("held_on")),
            PageCell(label_word(Participation.Role, row["role"])),
        ]
        for row in participations
    ]
    return PageTable(_("Events"), columns, rows) if rows else None
