"""A file to a table: its sheet and header found, its columns named, what is no data set aside."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from django.utils.translation import gettext as _

from config.packing import PackedLines
from config.reading.blocks import SheetBlock, divide_rows, find_blocks, find_first
from config.reading.column_problems import (
    ColumnProblem,
    find_joined,
    find_open,
    find_problems,
    find_unit_problems,
    give_title_units,
)
from config.reading.csv_files import read_csv
from config.reading.errors import READABLE, FileError, describe_macros
from config.reading.headers import OURS, HeaderRows, Match, Spellings, find_header
from config.reading.mapping import Wishes
from config.reading.records import join_records
from config.reading.rows import Limits, ReadRow, ReadSheet, SheetPart
from config.reading.set_aside import Skipped, divide
from config.reading.uniting import ReadPart, unite
from config.reading.units import UNIT_WORDS, find_currency
from config.reading.workbooks import MAGIC, open_sheets
from config.suggestions import nearest

_WORKBOOKS = {".xlsx", ".xls", ".et", ".ods"}  # by name alike: the content says which one
_TEXTS = {".csv", ".txt", ".tsv"}
_OTHERS = {".xlsb", ".numbers", ".json", ".jsonl", ".ndjson", ".geojson", ".html", ".zip"}
_OTHERS |= {".pdf", ".doc", ".docx", ".wps", ".odt", ".png", ".jpg"}


@dataclass(frozen=True)
class ReadOptions:
    """How a file is to be read; blank means: find out."""

    encoding: str = ""
    sheet: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    limits: Limits = field(default_factory=Limits)


@dataclass
class ReadTable:
    """What a file says, before any of it is understood.

    `columns` are those that are read, one for each name but of JOINED; `problems` those that are
    neither read nor ignored; `ignored` names the columns left out, by why. `blocks` are the tables
    of the sheet: where there are several, the columns of all stand in those of the first.
    """

    sheet: ReadSheet
    header: HeaderRows
    columns: list[Match]
    rows: PackedLines[ReadRow]
    skipped: list[Skipped]
    problems: list[ColumnProblem]
    ignored: dict[str, str]
    blocks: list[SheetBlock] = field(default_factory=list)


def read_table(
    data: bytes,
    filename: str,
    spellings: Spellings,
    options: ReadOptions = ReadOptions(),  # noqa: B008
) -> ReadTable:
    """Read a CSV file or a workbook; raises FileError where nothing can be said of its rows.

    `spellings` has the names of the columns that are known, by plain header.
    """
    limits = options.limits
    if len(data) > limits.file_size:
        detail = _("The file has %(size)d MB; at most %(max)d MB are read.")
        sizes = {"size": len(data) // 2**20, "max": limits.file_size // 2**20}
        raise FileError("file_too_large", detail % sizes)
    if detect_format(data, filename) == "csv":
        sheet = read_csv(data, limits, options.encoding)
        header = find_header(sheet, spellings, limits, options.wishes.named)
    else:
        sheet, header = _best_sheet(open_sheets(data, limits), spellings, options)
    if header is None:
        raise _no_header(sheet)
    return _table(sheet, header, spellings, options.wishes)


def detect_format(data: bytes, filename: str) -> str:
    """Detect `csv` or `workbook`; FileError unless name and content agree."""
    extension = PurePath(filename).suffix.lower()
    found = "workbook" if data.startswith(MAGIC) else "csv"
    if not data.strip():
        raise FileError("empty_file", _("The file is empty."))
    if (
        data[:512]
        .lstrip(b"\xef\xbb\xbf \r\n\t")
        .lower()
        .startswith((b"<!doctype", b"<html", b"<?xml"))
    ):
        raise FileError("not_a_table", _("This is a web page or XML; save it as .xlsx or .csv."))
    if extension == ".xlsm":
        raise describe_macros()
    if extension in (_WORKBOOKS if found == "csv" else _TEXTS) | _OTHERS:
        detail = _("A %(extension)s file cannot be read. These can be read: %(allowed)s.")
        if extension in _TEXTS:
            detail = _("The name ends in %(extension)s, but this is a workbook; name it .xlsx.")
        elif extension in _WORKBOOKS:
            detail = _(
                "The name ends in %(extension)s, but this is no workbook; "
                "if it is CSV, name it .csv."
            )
        told = {"extension": extension, "allowed": READABLE}
        raise FileError("wrong_extension", detail % told)
    return found


def _best_sheet(
    sheets: list[SheetPart], spellings: Spellings, options: ReadOptions
) -> tuple[ReadSheet, HeaderRows | None]:
    """The sheet that was named, else the one whose header is understood best."""
    named = [sheet for sheet in sheets if sheet.name == options.sheet]
    if options.sheet and not named:
        names = [sheet.name for sheet in sheets]
        detail = _("There is no sheet “%(name)s”; the sheets are: %(names)s.")
        told = {"name": options.sheet, "names": ", ".join(names)}
        raise FileError("unknown_sheet", detail % told, nearest(options.sheet, names))
    best = None
    count = 0
    for part in named or [sheet for sheet in sheets if not sheet.is_hidden]:
        head = part.read(options.limits.title_lines)
        header = find_header(head, spellings, options.limits, options.wishes.named)
        understood = len(header.known) if header else 0
        if best is None or understood > count:
            best, count = part, understood
    if best is None:
        raise FileError("no_sheet", _("The workbook has no visible sheet."))
    sheet = best.read(0)
    sheet.others = [part.name for part in sheets if part is not best]
    return sheet, find_header(sheet, spellings, options.limits, options.wishes.named)


def _no_header(sheet: ReadSheet) -> FileError:
    seen = next((row for row in sheet.rows if not row.is_empty), None)
    texts = ", ".join(text for text in (seen.cells if seen else []) if text)[:200]
    detail = _(
        "None of the first rows is a header that is understood. The first row contains: %(texts)s"
    )
    return FileError("no_header", detail % {"texts": texts}, sheet=sheet.name)


def _table(sheet: ReadSheet, best: HeaderRows, spellings: Spellings, wishes: Wishes) -> ReadTable:
    kinds = {heading.name: heading.kind for heading in spellings.values()}
    first = find_first(sheet, best, spellings)
    _blank_ours(sheet, first)
    blocks, unread = find_blocks(sheet, first, spellings)
    sheet.fill_down()
    divided = zip(blocks, divide_rows(sheet.rows, blocks), strict=True)
    parts = [_read_part(sheet, *each, spellings, wishes) for each in divided]
    whole = unite(parts, kinds) if len(parts) > 1 else parts[0]
    matches, rows = whole.matches, whole.rows
    ignored = {match.text: "numbering" for match in matches if match.is_numbering}
    ignored |= {match.text: "asked" for match in matches if wishes.ignores(match.text)}
    wanted = [m for m in matches if m.text not in ignored and (m.text or _is_used(m.place, rows))]
    names = Counter(match.name for match in wanted if match.name)
    joined = find_joined(spellings)
    read = [m for m in wanted if m.name and (names[m.name] == 1 or m.name in joined)]
    problems = [
        *unread,
        *find_problems(matches, wanted, spellings, wishes),
        *whole.problems,
        *(each for part in parts for each in _find_units(part, ignored, kinds, wishes)),
    ]
    for ours in OURS:
        ignored.pop(ours, None)
    problems = [*{(each.text, each.code): each for each in problems}.values()]
    header = whole.header
    return ReadTable(sheet, header, read, rows, whole.skipped, problems, ignored, blocks)


def _blank_ours(sheet: ReadSheet, header: HeaderRows) -> None:
    """Blank what files of ours say of failing rows, which is no part of a later table either."""
    ours = [match.place for match in header.matches if match.text in OURS]
    if ours:
        sheet.rows = PackedLines(_blank(row, ours, header) for row in sheet.rows)


def _blank(row: ReadRow, places: Iterable[int], header: HeaderRows) -> ReadRow:
    if row.line > header.last_line:
        for place in places:
            row.cells[place : place + 1] = [""] * (place < len(row.cells))
    return row


def _read_part(
    sheet: ReadSheet,
    block: SheetBlock,
    lines: PackedLines[ReadRow],
    spellings: Spellings,
    wishes: Wishes,
) -> ReadPart:
    """Read one table of a sheet by its own header."""
    header = block.header
    rows, skipped = divide(lines, header)
    kinds = {heading.name: heading.kind for heading in spellings.values()}
    matches = [_as_wished(match, wishes) for match in header.matches]
    matches = give_title_units(matches, header, kinds)
    rows, continued = join_records(sheet, rows, matches, find_open(spellings))
    return ReadPart(block.name, header, matches, rows, [*skipped, *continued])


def _find_units(
    part: ReadPart, ignored: Mapping[str, str], kinds: Mapping[str, str], wishes: Wishes
) -> Iterator[ColumnProblem]:
    names = Counter(match.name for match in part.matches)
    read = [m for m in part.matches if m.name and m.text not in ignored and names[m.name] == 1]
    return find_unit_problems(read, part.rows, part.header, kinds, wishes)


def _as_wished(match: Match, wishes: Wishes) -> Match:
    name, unit = wishes.column_of(match.text), wishes.unit_of(match.text)
    return replace(
        match,
        name=match.name if name is None else name,
        unit=unit or match.unit,
        unread="" if unit else match.unread,
        currency=find_currency(UNIT_WORDS.get(unit, unit)) if unit else "",
        is_numbering=match.is_numbering and name is None,
    )


def _is_used(place: int, rows: Iterable[ReadRow]) -> bool:
    return any(row.cell(place) for row in rows)
