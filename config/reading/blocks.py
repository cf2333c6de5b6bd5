"""Several tables on one sheet: each has its own titles, header and rows."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from config.packing import PackedLines
from config.reading.column_problems import ColumnProblem
from config.reading.headers import (
    HeaderRows,
    Spellings,
    build_header,
    is_divided,
    repeats,
)
from config.reading.rows import Merged, ReadRow, ReadSheet
from config.reading.set_aside import names_rows
from config.reading.units import find_title_units, narrow, pick_currency

_CELLS_TRIED = 4  # of a row, before all of it is compared with known headers
_MOST_TITLES = 10  # rows above a header
# What the only cell of a row says that is no name: a title, or what stands beside one
_TITLE = re.compile(
    r"表|清单|台账|名单|汇总|一览|单位:|续|截[至止]|^\(?[一二三四五六七八九十]{1,3}[)、.]"
    r"|(?:在谈|洽谈|签约|开工|在建|竣工|投产|储备|前期|续建).{0,4}项目"
)
_TITLE_OF_TABLE = re.compile(r"(?:表|清单|台账|名单|一览|明细)(?:\([^()]*\))?$")
_NO_HEADER = re.compile(r":|^[\d.,%]+$")
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
            titles = [cell for each in reversed(above[:place]) for cell in each.cells if cell]
            return replace(found, title=find_title_units([*titles, sheet.name]))
    return best


def find_blocks(
    sheet: ReadSheet, first: HeaderRows, spellings: Spellings
) -> tuple[list[SheetBlock], list[ColumnProblem]]:
    """Find the tables of a sheet from the first header on, and those whose header is not known."""
    areas = _list_areas(sheet)
    places = [*_list_places(sheet, first, spellings)]
    rows = [*sheet.rows] if places else []
    titles = _list_texts(row for row in sheet.rows if row.line < first.first_line)
    blocks = [SheetBlock(titles, first, 0)]
    problems: list[ColumnProblem] = []
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
    place = 0
    for row in rows:
        while place + 1 < len(blocks) and row.line >= blocks[place + 1].first_line:
            place += 1
        divided[place].append(row)
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
        filled = [text for text in row.cells if text][:_CELLS_TRIED]
        is_title = len(filled) == 1 and _TITLE_OF_TABLE.search(narrow(filled[0][-60:]))
        if is_title or (len(filled) > 1 and any(_is_known(text, spellings) for text in filled)):
            yield place


def _is_known(text: str, spellings: Spellings) -> bool:
    bare = text.partition("（")[0].partition("(")[0].replace("\n", "").strip().casefold()
    return bare in spellings


def _find_at(
    rows: Sequence[ReadRow], place: int, areas: Areas, spellings: Spellings, first: HeaderRows
) -> HeaderRows | None:
    """Find the header that begins or ends in a row: most of its cells are known.

    Two rows are a header only if they say more than the lower one, which may be below a title.
    """
    row, above, below = rows[place], rows[max(place - 1, 0)], rows[min(place + 1, len(rows) - 1)]
    merged = [area for each in (above, row, below) for area in areas.get(each.line, ())]
    best: HeaderRows | None = None
    for some in ([row], [row, below], [above, row]):
        if len(some) == 2 and not is_divided(some[0], some[1], merged):
            continue
        header = build_header(some, merged, spellings)
        known = len(header.known)
        if len(some) == 2 and known <= len(build_header(some[1:], [], spellings).known):
            continue
        if _is_header(header, first) and (best is None or known > len(best.known)):
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
    texts = {narrow(text) for text in row.cells if text}
    if len(texts) == 1:
        (text,) = texts
        is_first = bool(row.cell(0)) and 0 not in named and not text.isdecimal()
        return is_first or bool(_TITLE.search(text[:200]))
    return all(":" in text or find_title_units([text]).money for text in texts)


def _count_filled(row: ReadRow) -> int:
    return sum(bool(text) for text in row.cells)


def _list_texts(rows: Iterable[ReadRow]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cell for row in rows for cell in row.cells if cell))


def _refuse_table(
    rows: Sequence[ReadRow], place: int, areas: Areas, spellings: Spellings, first: HeaderRows
) -> Iterator[ColumnProblem]:
    """Refuse a table by its title, where no header that is known follows."""
    row = rows[place]
    texts = [text for text in row.cells if text]
    if len(texts) != 1 or _CONTINUED.search(texts[0][:200]):
        return
    following = range(place + 1, min(place + 4, len(rows)))
    if any(_find_at(rows, each, areas, spellings, first) for each in following):
        return
    below = next((rows[each] for each in following if _count_filled(rows[each]) > 1), None)
    # Below a remark (详见附表) there are more remarks, or who signed the sheet
    if below and not any(_NO_HEADER.search(narrow(text)[:200]) for text in below.cells):
        detail = _(
            "The table “%(title)s” in line %(line)d has no header that is understood: name its "
            "columns as those of the first table, or move it to a sheet of its own."
        )
        told = {"title": texts[0][:80], "line": row.line}
        yield ColumnProblem(texts[0], "table_not_read", detail % told)
