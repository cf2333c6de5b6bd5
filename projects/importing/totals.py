"""Totals in a sheet against the sum of its rows: a slip of the pen shows in them first."""

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from config.amounts import AmountError, format_cny, parse_amount
from config.imports import CellFault, RowReport
from config.reading.files import ReadTable
from config.reading.headers import Match
from config.reading.rows import ReadRow
from config.reading.units import find_column_unit
from projects.importing.cells.cells import CellReader

COLUMN, FIRST_PHASE = "investment_cny", "phase_one_cny"
PART = "小计"


def compare_totals(
    table: ReadTable, reports: Sequence[RowReport], reader: CellReader
) -> list[dict[str, Any]]:
    """Compare what each total of the investment says with what the rows above it add up to.

    A 小计 is of the rows since the total before it, any other one of all above it. Rows that
    repeat others, and amounts that are not understood or not in yuan, are not added; the amount
    of the first phase counts where it is the only one.
    """
    matches = {match.name: match for match in table.columns}
    match = matches.get(COLUMN)
    lines = [each.line for each in table.skipped if each.reason == "total"]
    if match is None or not lines:
        return []
    told = [match, *([matches[FIRST_PHASE]] if FIRST_PHASE in matches else [])]
    repeated = {report.line for report in reports if report.of_line}
    amounts = {
        row.line: next(filter(None, (_amount(row, each, reader) for each in told)), 0)
        for row in table.rows
        if row.line not in repeated
    }
    checks = []
    before = 0
    for line in lines:
        check = _check(table.sheet.rows.find(line), match, amounts, before)
        checks += [check] if check else []
        before = line
    return checks


def _amount(row: ReadRow, match: Match, reader: CellReader) -> int:
    text = row.cell(match.place)
    try:
        money = reader.read(match.name, text, match.unit, row.faults.get(match.place, ""))
    except CellFault:
        return 0
    return money.cny or 0


def _check(
    row: ReadRow, match: Match, amounts: Mapping[int, int], before: int
) -> dict[str, Any] | None:
    """One total; nothing where its cell holds no amount."""
    unit = find_column_unit(match.unit)
    try:
        total = parse_amount(row.cell(match.place), default_unit=unit).cny
    except AmountError:
        return None
    first = unicodedata.normalize("NFKC", next(text for text in row.cells if text))
    start = before if PART in first.replace(" ", "") else 0
    found = sum(amount for line, amount in amounts.items() if start < line < row.line)
    return {
        "line": row.line,
        "column": match.text,
        "total": format_cny(total),
        "sum": format_cny(found),
        "agrees": total == found,
    }
