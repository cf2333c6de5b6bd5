"""Remarks on a whole file: rows that it lacks, columns not written, totals that differ."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from config.mistakes import Mistake
from config.texts import shorten
from projects.importing.cells.cells import CellReader, is_same_text
from projects.importing.cells.columns import DERIVED_CELL, NAMES_OF, cell_kind
from projects.importing.cells.rows_below import FLOW_COLUMNS, NEEDS_MONTH
from projects.importing.cells.words import CHOICES, FLAGS, find_word, is_blank
from projects.importing.rows import Cells
from sheets.amounts import AmountError, format_cny, parse_amount
from sheets.imports import ColumnWarning, RowReport
from sheets.reading.files import ReadTable
from sheets.reading.headers import OURS, Match
from sheets.reading.rows import ReadRow
from sheets.reading.units import find_column_unit
from sheets.writing.cells import to_text
from sheets.writing.columns import Column

MOST_MISSING_CODES = 100  # codes of rows that are missing


def find_missing_projects(exported: Mapping[int, int], visible: Any) -> Iterator[str]:
    """Find the codes of visible projects in the parks of exported ones that the file lacks."""
    rows = visible.filter(park_id__in={*exported.values()}).order_by("code_key")
    return (code for pk, code in rows.values_list("pk", "code") if pk not in exported)


def describe_missing_rows(table: ReadTable, missing: Iterable[str]) -> Iterator[ColumnWarning]:
    """Describe the rows that are missing in a file; a file of failing rows has no others."""
    if any(match.text in OURS for match in table.header.matches):
        return
    codes = [*missing]
    if codes:
        shown = ", ".join(codes[:10]) + (" ..." if len(codes) > 10 else "")
        detail = _("%(count)d stored rows are not in the file. They stay as they are: %(codes)s")
        detail %= {"count": len(codes), "codes": shown}
        match = next(each for each in table.columns if each.name in ("code", "id"))
        about = (match.text, match.name, "rows_missing", detail, len(codes))
        yield ColumnWarning(*about, codes[:MOST_MISSING_CODES])


FOLLOWS = gettext_lazy("“%(name)s” follows from other columns and is not written.")
# Columns that are not written and never missed
NOT_SAID = {"version", *(name for names in NAMES_OF.values() for name in names)}


class Unwritten:
    """The cells of new rows that are not written, by column."""

    def __init__(self, matches: Mapping[str, Match]) -> None:
        self.matches = matches
        self.lines: dict[str, list[int]] = defaultdict(list)

    def note(self, cells: Cells) -> None:
        """Note which columns of a new project are understood, and not written."""
        reported = {*cells.values, *(each.place["name"] for each in cells.report.warnings)}
        derived = (name for name in cells.texts if cell_kind(name) == DERIVED_CELL)
        self.note_columns(cells, (name for name in derived if name not in reported))

    def note_columns(self, cells: Cells, derived: Iterable[str]) -> None:
        """Note which of the derived columns a new row fills in."""
        for name in derived:
            text = cells.texts.get(name, "")
            if not is_blank(text) and name in self.matches and name not in NOT_SAID:
                self.lines[name].append(cells.report.line)

    def describe(self, updated: Container[int] = ()) -> Iterator[ColumnWarning]:
        """Describe each such column, without the lines that turned out to be `updated`."""
        for name, lines in self.lines.items():
            count = sum(line not in updated for line in lines)
            text = self.matches[name].text
            if count:
                detail = str(NEEDS_MONTH if name in FLOW_COLUMNS else FOLLOWS)
                detail %= {"name": shorten(text)}
                yield ColumnWarning(text, name, "not_written", detail, count)


def warn_of_unwritten(cells: Cells, name: str, stored: str) -> None:
    """Warn of a cell that differs from what the ledger computes, which is not written."""
    cells.warn(name, Mistake("not_written", str(FOLLOWS % {"name": name}), stored))


def matches_stored(column: Column, text: str, stored: str) -> bool:
    """Tell whether a cell of a project holds what is stored, or the word for it in a language."""
    if column.kind == "flag":
        text = to_text(FLAGS.get(text.casefold(), text))
    elif column.name in CHOICES:
        text = find_word(column.name, text) or text
    return is_same_text(text, stored)


COLUMN, FIRST_PHASE = "investment_cny", "phase_one_cny"
_PART = re.compile("小计|sub-?total", re.IGNORECASE)
_MEAN = re.compile("平均|均值|average", re.IGNORECASE)


def compare_totals(
    table: ReadTable, reports: Sequence[RowReport], reader: CellReader
) -> list[dict[str, Any]]:
    """Compare each total of the investment with the sum of the rows above it.

    A 小计 sums the rows since the total before it, others all rows above, without repeated rows and
    amounts that are not in yuan. Totals above the first row sum the rows below them. The first
    phase counts where it is the only amount.
    """
    matches = {match.name: match for match in table.columns}
    match = matches.get(COLUMN)
    lines = [each.line for each in table.skipped if each.reason == "total"]
    if match is None or not lines:
        return []
    added = [matches[name] for name in (COLUMN, FIRST_PHASE) if name in matches]
    repeated = {report.line for report in reports if report.of_line}
    amounts = {
        row.line: next(filter(None, (_amount(row, each, reader) for each in added)), 0)
        for row in table.rows
        if row.line not in repeated
    }
    rows = [*map(table.sheet.rows.find, lines)]
    checks = (_check(row, match, amounts, of) for row, of in _list_spans(rows, amounts))
    return [check for check in checks if check]


def _list_spans(
    rows: Sequence[ReadRow], amounts: Mapping[int, int]
) -> Iterator[tuple[ReadRow, range]]:
    """List the totals, each with the lines that it sums."""
    lines = [row.line for row in rows]
    first, last = min(amounts, default=0), max(amounts, default=0)
    are_parts_above = False
    for row, before, after in zip(rows, [0, *lines[:-1]], [*lines[1:], last + 1], strict=True):
        text = unicodedata.normalize("NFKC", row.filled[0]).replace(" ", "")
        if _MEAN.search(text):
            continue
        is_part, is_above = bool(_PART.search(text)), row.line < first
        are_parts_above |= is_part and is_above
        if is_above or (is_part and are_parts_above):
            yield row, range(row.line + 1, after if is_part else last + 1)
        else:
            yield row, range(before + 1 if is_part else 1, row.line)


def _amount(row: ReadRow, match: Match, reader: CellReader) -> int:
    text = row.cell(match.place)
    try:
        money = reader.read(match.name, text, match.unit, row.faults.get(match.place, ""))
    except Mistake:
        return 0
    return money.cny or 0


def _check(
    row: ReadRow, match: Match, amounts: Mapping[int, int], of: range
) -> dict[str, Any] | None:
    unit = find_column_unit(match.unit)
    try:
        total = parse_amount(row.cell(match.place), default_unit=unit).cny
    except AmountError:
        return None
    found = sum(amount for line, amount in amounts.items() if line in of)
    return {
        "line": row.line,
        "column": match.text,
        "total": format_cny(total),
        "sum": format_cny(found),
        "agrees": total == found,
    }
