"""Tables of what belongs to a project: its steps, who invests, what came in, who answers for it."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from projects.lifecycle.words import MILESTONE_TYPES, AgreementType, MilestoneStatus
from projects.models import Assignment, Funding, Investor, Participation
from projects.pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    code_column,
    fill_known_columns,
    fill_table,
    name_column,
    number_cell,
    period_column,
    text_column,
    word_column,
)
from projects.pages.parts.numbers import choose_money_unit, write_flow
from projects.pages.parts.row_names import RowNames

LowerRow = Mapping[str, Any]


def tabulate_steps(milestones: Sequence[LowerRow], names: RowNames) -> PageTable | None:
    """Make a table of the milestones; None where there is none."""

    def name_step(row: LowerRow) -> PageCell:
        label = str(dict(MILESTONE_TYPES)[row["type"]])
        return PageCell(label, note=row["reason"] or row["note"])

    columns = [
        PageColumn(_("Stage"), make_cell=name_step),
        word_column(_("Status"), "status", MilestoneStatus),
        period_column(_("Planned"), "planned_on"),
        period_column(_("Met"), "actual_on"),
        word_column(_("Agreement"), "agreement_type", AgreementType),
        text_column(_("Document number"), "document_no"),
        names.link_column(_("Source"), "source"),
    ]
    return fill_known_columns(_("Milestones"), columns, milestones) if milestones else None


def tabulate_investors(investors: Sequence[LowerRow]) -> PageTable | None:
    """Make a table of who invests, with their shares; None where nobody is known."""

    def write_share(row: LowerRow) -> PageCell:
        return PageCell("" if row["share_bp"] is None else f"{row['share_bp'] / 100:g}")

    columns = [
        name_column(_("Investor"), "organisations", "organisation", "organisation_name"),
        word_column(_("Role"), "role", Investor.Role),
        PageColumn(_("Share"), "%", make_cell=write_share),
    ]
    return fill_table(_("Investors"), columns, investors) if investors else None


def tabulate_fundings(fundings: Sequence[LowerRow], names: RowNames) -> PageTable | None:
    """Make a table of the flows of money, month by month; None where there is none."""
    unit = choose_money_unit(row["amount_cny"] for row in fundings)

    def write_funding(row: LowerRow) -> PageCell:
        text = write_flow(row) if row["currency"] else unit.write(row["amount_cny"])
        return number_cell(text, value=row["amount_cny"])

    columns = [
        code_column(_("Month"), "month"),
        word_column(_("Kind"), "kind", Funding.Kind),
        PageColumn(_("Amount"), unit.name, "number", write_funding),
        names.link_column(_("Source"), "source"),
    ]
    return fill_table(_("Money that came in"), columns, fundings) if fundings else None


def tabulate_people(people: Sequence[LowerRow]) -> PageTable | None:
    """Make a table of who answers for the project; None where nobody is known."""
    columns = [
        text_column(_("Name"), "name"),
        word_column(_("Role"), "role", Assignment.Role),
        text_column(_("Unit or post"), "office"),
        text_column(_("Note"), "note"),
    ]
    return fill_known_columns(_("Who answers for it"), columns, people) if people else None


def tabulate_participations(participations: Sequence[LowerRow]) -> PageTable | None:
    """Make a table of the events in which the project took part; None where there is none."""
    columns = [
        name_column(_("Event"), "events", "event", "event_name"),
        period_column(_("Day"), "held_on"),
        word_column(_("Role"), "role", Participation.Role),
    ]
    return fill_table(_("Events"), columns, participations) if participations else None
