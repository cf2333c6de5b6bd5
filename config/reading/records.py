"""Records of several rows: names and remarks that go on in the rows below."""

from collections.abc import Collection, Mapping, Sequence

from config.packing import PackedLines
from config.reading.headers import Match
from config.reading.rows import ReadRow, ReadSheet
from config.reading.set_aside import Skipped, names_rows


def join_records(
    sheet: ReadSheet,
    rows: PackedLines[ReadRow],
    matches: Sequence[Match],
    names: Collection[str],
) -> tuple[PackedLines[ReadRow], list[Skipped]]:
    """Join rows without a name of their own to the row above, where they only go on with it.

    `names` are the columns that may go on.

    They have further names of a list, or lines of a text; or what the row above says, too. A row
    with anything else, such as an amount, stays a row.
    """
    open_places = {m.place: m.name in names for m in matches}
    named = {match.place for match in matches if names_rows(match)}
    if not named or not any(open_places.values()):
        return rows, []
    joined: PackedLines[ReadRow] = PackedLines()
    continued: list[Skipped] = []
    last: ReadRow | None = None
    last_line = 0
    for row in rows:
        is_unnamed = all(
            not row.cell(place) or (row.line, place) in sheet.filled for place in named
        )
        if last and is_unnamed and row.line == last_line + 1 and _goes_on(row, last, open_places):
            last = _join(last, row, open_places)
            continued.append(Skipped(row.line, "continued"))
        else:
            if last:
                joined.append(last)
            last = row
        last_line = row.line
    if last:
        joined.append(last)
    return joined, continued


def _goes_on(row: ReadRow, above: ReadRow, open_places: Mapping[int, bool]) -> bool:
    if row.faults or not any(row.cell(place) for place, is_open in open_places.items() if is_open):
        return False
    return all(
        open_places.get(place) or text == above.cell(place)
        for place, text in enumerate(row.cells)
        if text
    )


def _join(above: ReadRow, row: ReadRow, open_places: Mapping[int, bool]) -> ReadRow:
    width = max(len(above.cells), len(row.cells))
    cells = [above.cell(place) for place in range(width)]
    for place, text in enumerate(row.cells):
        if text and open_places.get(place) and text != cells[place]:
            cells[place] = "\n".join(filter(None, [cells[place], text]))
    return ReadRow(above.line, cells, above.faults)
