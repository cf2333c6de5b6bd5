"""Several tables of a sheet as one: their rows stand in the columns of the first."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from config.amounts import AmountError, parse_amount
from config.packing import PackedLines
from config.reading.column_problems import LAND, MONEY, UNIT, ColumnProblem
from config.reading.errors import FileError
from config.reading.headers import HeaderRows, Match, normalize_header
from config.reading.rows import Limits, ReadRow
from config.reading.set_aside import Skipped
from config.reading.units import UNIT_WORDS, YUAN_ALONE, find_column_unit, is_land

# The last number of a text, behind which its unit stands: 约2,800左右
_LAST_NUMBER = re.compile(r"^(.*[\d.])(\D*)$", re.DOTALL)

Units = tuple[str, str]  # of a column of a table, and of the column of the first table


@dataclass
class ReadPart:
    """A table as it was read: its columns, its rows, and the lines that are no rows."""

    name: str
    header: HeaderRows
    matches: list[Match]
    rows: PackedLines[ReadRow]
    skipped: list[Skipped]
    problems: list[ColumnProblem] = field(default_factory=list)


def unite(parts: Sequence[ReadPart], kinds: Mapping[str, str]) -> ReadPart:
    """Put the rows of all parts into the columns of the first, and further ones behind these.

    An amount is given the unit of its own table, where that differs from the unit of the first.
    """
    first = parts[0]
    columns = list(first.matches)
    places = [_find_places(part, columns) for part in parts[1:]]
    for part, found in zip(parts[1:], places, strict=True):
        for match in part.matches:
            column = columns[found[match.place]]
            if column.currency != match.currency:  # which is that of cells, or of the unit
                columns[column.place] = replace(column, currency=YUAN_ALONE)
    width = len(columns)
    if width > Limits().columns:
        detail = _("There are more than %(max)d columns.") % {"max": Limits().columns}
        raise FileError("too_many_columns", detail)
    rows: PackedLines[ReadRow] = PackedLines()
    for row in first.rows:
        missing = width - len(row.cells) if len(row.cells) >= len(first.matches) else 0
        cells = [
            *row.cells[: len(first.matches)],
            *[""] * missing,
            *row.cells[len(first.matches) :],
        ]
        rows.append(ReadRow(row.line, cells, row.faults))
    problems: list[ColumnProblem] = []
    for part, found in zip(parts[1:], places, strict=True):
        units = _find_units(part, found, columns, kinds)
        problems += _find_clashes(part, found, columns, units)
        for row in part.rows:
            rows.append(_move(row, found, units, width))
    skipped = sorted((each for part in parts for each in part.skipped), key=lambda each: each.line)
    header = replace(first.header, matches=tuple(columns))
    return ReadPart(first.name, header, columns, rows, skipped, problems)


def _find_places(part: ReadPart, columns: list[Match]) -> dict[int, int]:
    """Find the columns in which those of a part stand; what is new is added at the end."""
    places: dict[int, int] = {}
    for match in part.matches:
        taken = {*places.values()}
        key = match.name or normalize_header(match.text)
        same = next(
            (
                each.place
                for each in columns
                if (each.name or normalize_header(each.text)) == key and each.place not in taken
            ),
            None,
        )
        if same is None:
            same = len(columns)
            columns.append(replace(match, place=same))
        places[match.place] = same
    return places


def _find_units(
    part: ReadPart, places: Mapping[int, int], columns: Sequence[Match], kinds: Mapping[str, str]
) -> dict[int, Units]:
    """Find the units, by place in the part, that its amounts need, and those of the first table."""
    return {
        match.place: (match.unit, columns[places[match.place]].unit)
        for match in part.matches
        if kinds.get(match.name) in (MONEY, LAND)
        and match.unit != columns[places[match.place]].unit
    }


def _find_clashes(
    part: ReadPart, places: Mapping[int, int], columns: Sequence[Match], units: Mapping[int, Units]
) -> list[ColumnProblem]:
    """Find columns that cannot stand in those of the first table without a change of meaning."""
    wrong = [
        match
        for match in part.matches
        if match.name and match.basis != columns[places[match.place]].basis
    ]
    has_units = any(match.name == UNIT for match in part.matches)
    wrong += [m for m in part.matches if has_units and m.place in units and not m.unit]
    wrong += [
        match
        for match in part.matches
        for row in part.rows
        if (unit := units.get(match.place)) and _add_unit(row.cell(match.place), *unit) is None
    ][:1]
    detail = _(
        "“%(column)s” of the table “%(title)s” (line %(line)d) means something else than the same "
        "column of the first table: move the table to a sheet of its own."
    )
    told = {"title": part.name, "line": part.header.first_line}
    return [
        ColumnProblem(match.text, "table_not_read", detail % (told | {"column": match.text}))
        for match in dict.fromkeys(wrong)
    ]


def _move(
    row: ReadRow, places: Mapping[int, int], units: Mapping[int, Units], width: int
) -> ReadRow:
    cells = [""] * width
    for place, text in enumerate(row.cells):
        if place not in places:
            cells += [text] if text else []  # beyond its header
        elif text:
            found = units.get(place)
            cells[places[place]] = (_add_unit(text, *found) or text) if found else text
    faults = {places[place]: fault for place, fault in row.faults.items() if place in places}
    return ReadRow(row.line, cells, faults) if faults else ReadRow(row.line, cells)


def _add_unit(text: str, unit: str, other: str) -> str | None:
    """Write the unit of a column into a cell that has none; None where that cannot be done.

    A text that means the same in the other unit, such as 2.5万, stays as it is.
    """
    try:
        bare = parse_amount(text)
    except AmountError:
        return text  # an error of its cell, whatever its unit
    if bare.unit or not bare.value or not unit:
        return text
    found = _LAST_NUMBER.match(text)
    written = f"{found[1]}{UNIT_WORDS.get(unit, unit)}{found[2]}" if found else text
    if is_land(unit):
        return written
    try:
        meant, elsewhere = (
            parse_amount(text, default_unit=find_column_unit(each)) for each in (unit, other)
        )
        if (meant.value, meant.unit) == (elsewhere.value, elsewhere.unit):
            return text
        read = parse_amount(written)
    except AmountError:
        return None
    same = (read.value, read.unit, read.qualifier) == (meant.value, meant.unit, meant.qualifier)
    return written if same else None
