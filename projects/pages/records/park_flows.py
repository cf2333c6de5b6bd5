"""What came in to the projects of a park, quarter by quarter, and what they are to reach."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from config.currencies import write_money
from projects.charts.units import CHART_MEASURES, ChartUnit
from projects.models import Funding
from projects.pages.lists.list_blocks import build_sum_block
from projects.pages.parts.blocks import (
    Block,
    PageCell,
    PageColumn,
    PageTable,
    build_block,
    count_cell,
    fill_table,
    list_definitions,
    name_cell,
    number_cell,
)
from projects.pages.parts.numbers import choose_money_unit, write_count, write_sum
from projects.pages.parts.summary_tables import money_cell, read_question


def build_flow_block(request: HttpRequest, answer: Mapping[str, Any]) -> Block:
    """Build the table of money paid in and completed by quarter, each with all up to then."""
    period, kind = answer["group_by"]
    rows = answer["rows"]
    kinds = [word for word in Funding.Kind if any(row[kind]["value"] == word for row in rows)]
    quarters = {row[period]["value"]: row[period] for row in rows}
    by_place = {(row[period]["value"], row[kind]["value"]): row for row in rows}
    unit = choose_money_unit(row["cumulative"]["amount_cny"] for row in rows)
    heads = [
        PageColumn(label, unit.name, "number")
        for word in kinds
        for label in (str(word.label), _("up to then"))
    ]
    others = [PageColumn(_("In other currencies"))]
    others = others if any(row["other_currencies"] for row in rows) else []
    title = _("Paid in and completed, by quarter")
    question = {**read_question(answer), "cumulative": "true"}
    body = [
        [
            name_cell(name),
            *(
                cell
                for word in kinds
                for cell in list_flow_cells(by_place.get((value, word)), unit)
            ),
            *(others_cell(value, rows) for _column in others),
        ]
        for value, name in quarters.items()
    ]
    table = PageTable(title, [PageColumn(_("Quarter")), *heads, *others], body)
    return build_sum_block(request, "fundings/summary", question, answer, table, "flows")


def others_cell(quarter: str, rows: Iterable[Mapping[str, Any]]) -> PageCell:
    """Make a cell of what was reported in other currencies in a quarter, kind by kind."""
    said = [
        f"{Funding.Kind(row['funding_kind']['value']).label}: "
        f"{write_money(each['value'], each['currency'])}"
        for row in rows
        if row["funding_quarter"]["value"] == quarter
        for each in row["other_currencies"]
    ]
    return PageCell("; ".join(said))


def list_flow_cells(row: Mapping[str, Any] | None, unit: ChartUnit) -> list[PageCell]:
    """List the cells of one kind in one quarter: what came in, and all up to then."""
    if row is None:
        return [number_cell(""), number_cell("")]
    return [
        money_cell(unit, row["amount_cny"], row["list_url"], "amount_cny"),
        money_cell(unit, row["cumulative"]["amount_cny"], ""),
    ]


def build_capacity_block(request: HttpRequest, answer: Mapping[str, Any]) -> Block:
    """Build the table of what running projects are to reach at full capacity.

    Each sum says of how many projects it is known; it is a promise, and no result.
    """
    total = answer["total"]

    def write_reached(name: str) -> PageCell:
        write = write_sum if CHART_MEASURES[name].kind == "money" else write_count
        return number_cell(write(total[name]), value=total[name])

    def count_saying(name: str) -> PageCell:
        known = total["amounts"][name]
        return number_cell(write_count(known["exact"] + known["qualified"]))

    whole = count_cell(total["count"], total["list_url"])
    columns = [
        PageColumn(_("What"), make_cell=lambda name: PageCell(str(CHART_MEASURES[name].title))),
        PageColumn(_("At full capacity"), "", "number", write_reached),
        PageColumn(_("Projects that say so"), "", "number", count_saying),
        PageColumn(_("Of"), "", "number", lambda name: whole),
    ]
    title = _("What its projects are to reach")
    return build_block(
        request,
        "projects/summary",
        read_question(answer),
        title,
        fill_table(title, columns, answer["measures"]),
        "at-capacity",
        definitions=list_definitions(answer),
    )
