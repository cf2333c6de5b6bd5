"""Read a file as a table: find its sheet and header, name its columns, set aside what is no data.

Several tables of a sheet, each with its own titles, header and rows, are united. A record may have
several rows: its names and remarks continue in the rows below.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import PurePath

from django.utils.translation import gettext as _

from config.mistakes import Mistake, nearest
from sheets.amounts import AmountError, parse_amount
from sheets.packing import PackedLines
from sheets.reading.columns import (
    LAND,
    MONEY,
    UNIT,
    Wishes,
    find_joined,
    find_open,
    find_problems,
    find_unit_problems,
    give_title_units,
)
from sheets.reading.csv_files import read_csv
from sheets.reading.headers import (
    OURS,
    HeaderRows,
    Match,
    Spellings,
    build_header,
    find_header,
    may_be_header,
    normalize_header,
    repeats,
)
from sheets.reading.rows import (
    READABLE,
    Limits,
    Merged,
    ReadRow,
    ReadSheet,
    SheetPart,
    describe_macros,
)
from sheets.reading.set_aside import Skipped, divide, names_rows
from sheets.reading.units import (
    UNIT_WORDS,
    YUAN_ALONE,
    find_column_unit,
    find_currency,
    find_title_units,
    is_land,
    narrow,
    pick_currency,
)
from sheets.reading.workbooks import MAGIC, open_sheets


def join_records(
    sheet: ReadSheet, rows: PackedLines[ReadRow], matches: Sequence[Match], names: Collection[str]
) -> tuple[PackedLines[ReadRow], list[Skipped]]:
    """Join rows without a name to the row above, where they only continue it.

    They have further names of a list or lines of a text in the columns `names`, or repeat the row
    above. A row with anything else, such as an amount, stays a row.
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
    cells = [*above.cells, *[""] * (width - len(above.cells))]
    for place, text in enumerate(row.cells):
        if text and open_places.get(place) and text != cells[place]:
            cells[place] = "\n".join(filter(None, [cells[place], text]))
    return ReadRow(above.line, cells, above.faults)


# The last number of a text, behind which its unit stands: 约2,800左右
_LAST_NUMBER = re.compile(r"^(.*[\d.])(\D*)$", re.DOTALL)

Units = tuple[str, str]  # of a column of a table, and of the column of the first table


@dataclass
class ReadPart:
    """One table of a sheet: its columns, its rows, and the lines that are not data."""

    name: str
    header: HeaderRows
    matches: list[Match]
    rows: PackedLines[ReadRow]
    skipped: list[Skipped]
    problems: list[Mistake] = field(default_factory=list)


def unite(parts: Sequence[ReadPart], kinds: Mapping[str, str]) -> ReadPart:
    """Put the rows of all parts into the columns of the first, with units where these differ."""
    first = parts[0]
    columns = list(first.matches)
    placed = [(part, _find_places(part, columns)) for part in parts]
    for part, found in placed:
        for match in part.matches:
            column = columns[found[match.place]]
            if column.currency != match.currency:  # which is that of cells, or of the unit
                columns[column.place] = replace(column, currency=YUAN_ALONE)
    width = len(columns)
    if width > Limits().columns:
        detail = _("There are more than %(max)d columns.") % {"max": Limits().columns}
        raise Mistake("too_many_columns", detail)
    rows: PackedLines[ReadRow] = PackedLines()
    problems: list[Mistake] = []
    for part, found in placed:
        units = {
            match.place: (match.unit, unit)
            for match in part.matches
            if kinds.get(match.name) in (MONEY, LAND)
            and match.unit != (unit := columns[found[match.place]].unit)
        }
        problems += _find_clashes(part, found, columns, units)
        for row in part.rows:
            rows.append(_move(row, found, units, width))
    skipped = sorted((each for part in parts for each in part.skipped), key=lambda each: each.line)
    header = replace(first.header, matches=tuple(columns))
    return ReadPart(first.name, header, columns, rows, skipped, problems)


def _find_places(part: ReadPart, columns: list[Match]) -> dict[int, int]:
    """Map the columns of a part to `columns`; new ones are appended."""
    places: dict[int, int] = {}
    for match in part.matches:
        key = match.name or normalize_header(match.text)
        taken = {*places.values()}
        free = (each for each in columns if each.place not in taken)
        alike = (e.place for e in free if (e.name or normalize_header(e.text)) == key)
        places[match.place] = next(alike, len(columns))
        if places[match.place] == len(columns):
            columns.append(replace(match, place=len(columns)))
    return places


def _find_clashes(
    part: ReadPart, places: Mapping[int, int], columns: Sequence[Match], units: Mapping[int, Units]
) -> list[Mistake]:
    """Find columns whose meaning differs from the same column of the first table."""
    wrong = [m for m in part.matches if m.name and m.basis != columns[places[m.place]].basis]
    has_units = any(match.name == UNIT for match in part.matches)
    wrong += [m for m in part.matches if has_units and m.place in units and not m.unit]
    wrong += [
        match
        for match in part.matches
        for row in part.rows
        if (unit := units.get(match.place)) and _add_unit(row.cell(match.place), *unit) is None
    ][:1]
    detail = _(
        "“%(column)s” of the table “%(title)s” (line %(line)d) means something else than "
        "“%(first)s” of the first table: move the table to a sheet of its own."
    )
    params = {"title": part.name, "line": part.header.first_line}
    return [
        Mistake(
            "table_not_read",
            detail % {**params, "column": match.text, "first": columns[places[match.place]].text},
        ).at(column=match.text)
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
    """Write the unit of a column into a cell without one; None where that changes its meaning."""
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


_CELLS_TRIED = 4  # of a row, before all of it is compared with known headers
_MOST_TITLES = 10  # rows above a header
# The only cell of a row is no name but a title, or a line beside one
_TITLE = re.compile(
    r"(?<![仪电水手])表|清单|台账|名单|汇总|一览|单位:|^\(?续|\(续|截[至止]|^\(?[一二三四五六七八九十]{1,3}[)、.]"
    r"|(?:在谈|洽谈|签约|开工|在建|竣工|投产|储备|前期|续建).{0,4}项目"
)
_TITLE_OF_TABLE = re.compile(r"(?:表|清单|台账|名单|一览|明细)(?:\([^()]*\))?$")
_NO_HEADER = re.compile(r":|^[\d.,%]+$")
_OF_A_DATE = re.compile(r"[\d.,%]+|[年月日第共页期号至]")
_CONTINUED = re.compile(r"续|接上页|第\d+页")

Areas = Mapping[int, Sequence[Merged]]  # merged cells by their first line


@dataclass(frozen=True)
class SheetBlock:
    """A table on a sheet: the texts above it, its header, and the line where its titles begin."""

    titles: tuple[str, ...]
    header: HeaderRows
    first_line: int

    @property
    def name(self) -> str:
        return self.titles[0] if self.titles else ""


def find_first(sheet: ReadSheet, best: HeaderRows, spellings: Spellings) -> HeaderRows:
    """Find the first header of a sheet: the best one, or one above it."""
    areas = _list_areas(sheet)
    above = [row for row in sheet.rows if row.line <= best.first_line]
    for place in range(len(above) - 1):
        found = _find_at(above, place, areas, spellings, best)
        if found and found.last_line < best.first_line:
            titles = [cell for each in reversed(above[:place]) for cell in each.filled]
            return replace(found, title=find_title_units([*titles, sheet.name]))
    return best


def find_blocks(
    sheet: ReadSheet, first: HeaderRows, spellings: Spellings
) -> tuple[list[SheetBlock], list[Mistake]]:
    """Find the tables of a sheet from the first header on, and those with unknown headers."""
    areas = _list_areas(sheet)
    places = [*_list_places(sheet, first, spellings)]
    rows = [*sheet.rows] if places else []
    titles = _list_texts(row for row in sheet.rows if row.line < first.first_line)
    blocks = [SheetBlock(titles, first, 0)]
    problems = [*_refuse_above(sheet, first, spellings)]
    for place in places:
        header = _find_at(rows, place, areas, spellings, first)
        before = blocks[-1].header
        if header and header.first_line <= before.last_line:
            continue
        if header is None:
            problems += _refuse_table(rows, place, areas, spellings, first)
            continue
        above = [*_list_titles(rows, place, header, before)]
        own = [text for text in _list_texts(reversed(above)) if not _CONTINUED.search(text)]
        is_continued = repeats(before, rows[place]) and not own
        if is_continued and not above:
            continue
        unit = find_title_units(_list_texts(above))
        if not (unit.money or unit.unread):  # the nearest unit above holds on
            currency = pick_currency(unit.currency, before.title.currency)
            land = unit.land or before.title.land
            unit = replace(before.title, land=land, currency=currency)
        start = above[-1].line if above else header.first_line
        header = replace(header, title=unit)
        titles = blocks[-1].titles if is_continued else tuple(own)
        blocks.append(SheetBlock(titles, header, start))
    return blocks, problems


def divide_rows(
    rows: PackedLines[ReadRow], blocks: Sequence[SheetBlock]
) -> list[PackedLines[ReadRow]]:
    """Divide the rows of a sheet into those of each table."""
    if len(blocks) == 1:
        return [rows]
    divided: list[PackedLines[ReadRow]] = [PackedLines() for _block in blocks]
    starts = [block.first_line for block in blocks[1:]]
    for row in rows:
        divided[bisect_right(starts, row.line)].append(row)
    return divided


def _list_areas(sheet: ReadSheet) -> Areas:
    areas: dict[int, list[Merged]] = defaultdict(list)
    for area in sheet.merged:
        areas[area.first_line].append(area)
    return areas


def _list_places(sheet: ReadSheet, first: HeaderRows, spellings: Spellings) -> Iterator[int]:
    """List rows below the first header that may be another one, or the title of a table."""
    for place, row in enumerate(sheet.rows):
        if row.line <= first.last_line:
            continue
        filled = row.filled[:_CELLS_TRIED]
        if len(filled) == 1:
            is_title = bool(_TITLE_OF_TABLE.search(narrow(filled[0][-60:])))
            may_begin = is_title or _names_unit(filled[0])
        else:
            may_begin = any(_is_known(text, spellings) for text in filled)
        if may_begin:
            yield place


def _names_unit(text: str) -> bool:
    return "单位" in text[:200] and bool(find_title_units([text[:200]]).money)


def _is_known(text: str, spellings: Spellings) -> bool:
    bare = text.partition("（")[0].partition("(")[0].replace("\n", "").strip().casefold()
    return bare in spellings


def _find_at(
    rows: Sequence[ReadRow], place: int, areas: Areas, spellings: Spellings, first: HeaderRows
) -> HeaderRows | None:
    """Find the header that begins or ends in a row: most of its cells are known.

    Two rows are a header only if more is understood than of the lower one alone, which may stand
    below a title.
    """
    row, above, below = rows[place], rows[max(place - 1, 0)], rows[min(place + 1, len(rows) - 1)]
    merged = [area for each in (above, row, below) for area in areas.get(each.line, ())]
    best: HeaderRows | None = None
    for some in ([row], [row, below], [above, row]):
        if not may_be_header(some, merged):
            continue
        header = build_header(some, merged, spellings)
        count = len(header.understood)
        if len(some) == 2 and count <= len(build_header(some[1:], merged, spellings).understood):
            continue
        if _is_header(header, first) and (best is None or count > len(best.understood)):
            best = header
    return best


def _is_header(header: HeaderRows, first: HeaderRows) -> bool:
    """Tell whether half of the cells are known, one that names rows among them, and no number."""
    texts = [match for match in header.matches if match.text]
    understood = [match for match in texts if match.name or match.refused or match.is_numbering]
    has_number = any(match.text.replace(".", "").isdecimal() for match in texts)
    if has_number or len(texts) < 2 or 2 * len(understood) < len(texts):
        return False
    names = any(map(names_rows, header.known))
    return names or (len(header.known) > 1 and not any(map(names_rows, first.known)))


def _list_titles(
    rows: Sequence[ReadRow], place: int, header: HeaderRows, before: HeaderRows
) -> Iterator[ReadRow]:
    """List the rows right above a header that are titles, the nearest first; never one of data."""
    named = {match.place for match in before.matches if names_rows(match)}
    for row in reversed(rows[max(place - _MOST_TITLES, 0) : place]):
        if before.last_line < row.line < header.first_line and not row.is_empty:
            if not _is_title(row, named):
                return
            yield row


def _is_title(row: ReadRow, named: Collection[int]) -> bool:
    texts = {*map(narrow, row.filled)}
    if len(texts) == 1:
        (text,) = texts
        is_first = bool(row.cell(0)) and 0 not in named and not text.isdecimal()
        return is_first or bool(_TITLE.search(text[:200]))
    return all(":" in text or find_title_units([text]).money for text in texts)


def _list_texts(rows: Iterable[ReadRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell for row in rows for cell in row.filled))


def _refuse_table(
    rows: Sequence[ReadRow], place: int, areas: Areas, spellings: Spellings, first: HeaderRows
) -> Iterator[Mistake]:
    """Refuse a table by its title, where no header that is known follows."""
    row = rows[place]
    texts = row.filled
    if len(texts) != 1 or _CONTINUED.search(texts[0][:200]):
        return
    following = range(place + 1, min(place + 4, len(rows)))
    if any(_find_at(rows, each, areas, spellings, first) for each in following):
        return
    below = next((rows[each] for each in following if len(rows[each].filled) > 1), None)
    if below is None:
        return
    # Below a remark (详见附表) there are more remarks, or who signed the sheet
    is_header = not any(_NO_HEADER.search(narrow(each)[:200]) for each in below.filled)
    if is_header or (_names_unit(texts[0]) and ":" not in narrow("".join(below.cells))):
        yield _describe_unread(texts[0], row.line)


def _refuse_above(sheet: ReadSheet, first: HeaderRows, spellings: Spellings) -> Iterator[Mistake]:
    """Refuse the first row of data above the first header, and the table that it is in."""
    above = [row for row in sheet.rows if row.line < first.first_line and not row.is_empty]
    lone: ReadRow | None = None  # the nearest row with a single text, which is a title
    for before, row in zip([None, *above], above, strict=False):
        lone = row if len(row.filled) == 1 else lone
        if not _is_data_above(row, before, first, spellings):
            continue
        if before and len(before.filled) > 1:
            yield _describe_unread((lone or before).filled[0], before.line)
        else:
            detail = _(
                "Line %(line)d (“%(text)s”) is above the header, so its columns are not known: "
                "move it below the header, or delete it."
            )
            params = {"line": row.line, "text": ", ".join(row.filled)[:80]}
            yield Mistake("table_not_read", detail % params).at(column=row.filled[0])
        return


def _is_data_above(
    row: ReadRow, before: ReadRow | None, first: HeaderRows, spellings: Spellings
) -> bool:
    """Tell whether a row above a header is one of data: no title, unit or part of the header.

    It has a number beside a text, a text in each column of the header, or its texts in the places
    of those in the row before.
    """
    filled = [narrow(text)[:200] for text in row.filled]
    numbers = [bool(_NO_HEADER.search(text)) for text in filled]
    is_title = any(":" in text or find_title_units([text]).money for text in filled)
    says_nothing = all(map(_OF_A_DATE.fullmatch, filled))  # 2024 年, 第 1 页, or sums
    known = sum(_is_known(text, spellings) for text in row.filled)
    if len(filled) < 2 or is_title or says_nothing or 2 * known >= len(filled):
        return False
    if any(numbers) and (len(filled) > 2 or not numbers[0]):
        return True
    places = [place for place, text in enumerate(row.cells) if text]
    if before and places == [place for place, text in enumerate(before.cells) if text]:
        return True
    amounts = {heading.name for heading in spellings.values() if heading.kind in (MONEY, LAND)}
    return all(row.cell(m.place) and m.name not in amounts for m in first.known)


def _describe_unread(title: str, line: int) -> Mistake:
    detail = _(
        "The table “%(title)s” in line %(line)d has no header that is understood: name its "
        "columns as those of the first table, or move it to a sheet of its own."
    )
    params = {"title": title[:80], "line": line}
    return Mistake("table_not_read", detail % params).at(column=title)


_WORKBOOKS = {".xlsx", ".xls", ".et", ".ods"}  # by name alike: the content says which one
_TEXTS = {".csv", ".txt", ".tsv"}
_OTHERS = {".xlsb", ".numbers", ".json", ".jsonl", ".ndjson", ".geojson", ".html", ".zip"}
_OTHERS |= {".parquet", ".pdf", ".doc", ".docx", ".wps", ".odt", ".png", ".jpg"}


@dataclass(frozen=True)
class ReadOptions:
    """How a file is to be read; blank means: find out."""

    encoding: str = ""
    sheet: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    limits: Limits = field(default_factory=Limits)


@dataclass
class ReadTable:
    """The rows and columns of a file, before their cells are interpreted.

    `columns` are those that are read, one for each name except JOINED; `problems` concern those
    that are neither read nor ignored; `ignored` has the columns left out with the reason. `blocks`
    are the tables of the sheet: several are united in the columns of the first.
    """

    sheet: ReadSheet
    header: HeaderRows
    columns: list[Match]
    rows: PackedLines[ReadRow]
    skipped: list[Skipped]
    problems: list[Mistake]
    ignored: dict[str, str]
    blocks: list[SheetBlock] = field(default_factory=list)

    @property
    def titles(self) -> list[str]:
        """The cells above the header."""
        above = takewhile(lambda row: row.line < self.header.first_line, self.sheet.rows)
        return [cell for row in above for cell in row.cells]


def read_table(
    data: bytes,
    filename: str,
    spellings: Spellings,
    options: ReadOptions = ReadOptions(),  # noqa: B008
) -> ReadTable:
    """Read a CSV file or a workbook by the known headers; Mistake where no table can be read."""
    limits = options.limits
    if len(data) > limits.file_size:
        detail = _("The file has %(size)d MB; at most %(max)d MB are read.")
        sizes = {"size": len(data) // 2**20, "max": limits.file_size // 2**20}
        raise Mistake("file_too_large", detail % sizes)
    if detect_format(data, filename) == "csv":
        sheet = read_csv(data, limits, options.encoding)
        header = find_header(sheet, spellings, limits, options.wishes.named)
    else:
        sheet, header = _best_sheet(open_sheets(data, limits), spellings, options)
    if header is None:
        raise _no_header(sheet)
    return _table(sheet, header, spellings, options.wishes)


def detect_format(data: bytes, filename: str) -> str:
    """Detect `csv` or `workbook`; Mistake unless name and content agree."""
    extension = PurePath(filename).suffix.lower()
    found = "workbook" if data.startswith(MAGIC) else "csv"
    if not data.strip():
        raise Mistake("empty_file", _("The file is empty."))
    head = data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<!doctype", b"<html", b"<?xml")):
        raise Mistake("not_a_table", _("This is a web page or XML; save it as .xlsx or .csv."))
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
        params = {"extension": extension, "allowed": READABLE}
        raise Mistake("wrong_extension", detail % params)
    return found


def _best_sheet(
    sheets: list[SheetPart], spellings: Spellings, options: ReadOptions
) -> tuple[ReadSheet, HeaderRows | None]:
    """Choose the sheet that was named, else the one whose header is understood best."""
    named = [sheet for sheet in sheets if sheet.name == options.sheet]
    if options.sheet and not named:
        names = [sheet.name for sheet in sheets]
        detail = _("There is no sheet “%(name)s”; the sheets are: %(names)s.")
        params = {"name": options.sheet, "names": ", ".join(names)}
        raise Mistake("unknown_sheet", detail % params, nearest(options.sheet, names))
    tried = named or [sheet for sheet in sheets if not sheet.is_hidden]
    if not tried:
        raise Mistake("no_sheet", _("The workbook has no visible sheet."))
    limits, wanted = options.limits, options.wishes.named

    def count_known(part: SheetPart) -> int:
        header = find_header(part.read(limits.title_lines), spellings, limits, wanted)
        return len(header.known) if header else 0

    best = max(tried, key=count_known)
    sheet = best.read(0)
    sheet.others = [part.name for part in sheets if part is not best]
    return sheet, find_header(sheet, spellings, limits, wanted)


def _no_header(sheet: ReadSheet) -> Mistake:
    seen = next((row for row in sheet.rows if not row.is_empty), None)
    texts = ", ".join(seen.filled if seen else [])[:200]
    detail = _(
        "None of the first rows is a header that is understood. The first row contains: %(texts)s"
    )
    return Mistake("no_header", detail % {"texts": texts}, sheet=sheet.name or None)


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
    wanted = [
        m
        for m in matches
        if m.text not in ignored and (m.text or any(row.cell(m.place) for row in rows))
    ]
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
    problems = [*{(each.place["column"], each.code): each for each in problems}.values()]
    header = whole.header
    return ReadTable(sheet, header, read, rows, whole.skipped, problems, ignored, blocks)


def _blank_ours(sheet: ReadSheet, header: HeaderRows) -> None:
    """Blank the columns that our files of failing rows add."""
    ours = {match.place for match in header.matches if match.text in OURS}
    rows = [*sheet.rows] if ours else []
    for row in rows:
        if row.line > header.last_line:
            row.cells = ["" if at in ours else text for at, text in enumerate(row.cells)]
    sheet.rows = PackedLines(rows) if ours else sheet.rows


def _read_part(
    sheet: ReadSheet,
    block: SheetBlock,
    lines: PackedLines[ReadRow],
    spellings: Spellings,
    wishes: Wishes,
) -> ReadPart:
    """Read one table of a sheet by its own header."""
    header = block.header
    rows, skipped = divide(lines, header, sheet.merged)
    kinds = {heading.name: heading.kind for heading in spellings.values()}
    matches = [_as_wished(match, wishes) for match in header.matches]
    matches = give_title_units(matches, header, kinds)
    rows, continued = join_records(sheet, rows, matches, find_open(spellings))
    return ReadPart(block.name, header, matches, rows, [*skipped, *continued])


def _find_units(
    part: ReadPart, ignored: Mapping[str, str], kinds: Mapping[str, str], wishes: Wishes
) -> Iterator[Mistake]:
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
