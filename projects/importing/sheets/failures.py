"""The rows of a file that were left out, as a file that can be imported after repair."""

from collections.abc import Iterable, Iterator
from typing import IO, Any

from config.imports import BLOCKING
from config.reading.headers import Match
from config.reading.units import UNIT_WORDS
from config.spreadsheets import Column, Written, write_csv
from parks.models import ImportBatch
from projects.importing.batches import read_upload, restore_upload


def write_failures(batch: ImportBatch, file: IO[bytes]) -> tuple[Written, int]:
    """Write `errors.csv`: the failing rows as they stand in the file, with `_line` and `_error`.

    Returns also how many rows of the file it leaves out. Raises FileError when the file is not
    kept any more.
    """
    table = read_upload(restore_upload(batch))
    rows_said = (row for row in batch.read_rows() if row["action"] in BLOCKING)
    reasons = {row["line"]: join_reasons(row) for row in rows_said}
    matches = [match for match in table.header.matches if match.text]
    read = {match.place: match.unit for match in table.columns}
    headers = [write_header(match, read.get(match.place, "")) for match in matches]
    columns = [Column(header, "", path="text") for header in headers]
    columns += [Column("_line", "", "number", path="number"), Column("_error", "", path="text")]
    rows = [row for row in table.rows if row.line in reasons]
    written = write_csv(columns, _cells(matches, rows, reasons), file)
    return written, len(table.rows) - len(rows)


def write_header(match: Match, unit: str) -> str:
    """Write the header of a column, with the unit that a line above the table or a person gave."""
    return match.text if match.unit or not unit else f"{match.text}（{UNIT_WORDS.get(unit, unit)}）"


def join_reasons(row: dict[str, Any]) -> str:
    """Join what is wrong with a row into one text."""
    if row["action"] == "conflict":
        return "conflict"
    return "; ".join(
        f"{error['column'] or error['name']}: {error['detail']}" for error in row["errors"]
    )


def _cells(
    matches: list[Match], rows: Iterable[Any], reasons: dict[int, str]
) -> Iterator[list[Any]]:
    for row in rows:
        yield [*(row.cell(match.place) for match in matches), row.line, reasons[row.line]]
