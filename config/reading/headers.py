"""Which row is the header, and which column of ours each of its cells names, in which unit."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from config.reading.rows import Limits, Merged, ReadRow, ReadSheet

MONEY_SPELLINGS = {
    "yuan": "元 人民币元 yuan cny rmb",
    "wan": "万元 万 万元人民币 人民币万元 wan 10kyuan 10,000yuan 10000yuan",
    "yi": "亿元 亿 亿元人民币 人民币亿元 yi 100myuan 100millionyuan",
}
LAND_SPELLINGS = {
    "mu": "亩 mu",
    "ha": "公顷 ha hectare hectares",
    "m2": "平方米 ㎡ m2 平米",
    "km2": "平方公里 km2",
}
UNIT_SPELLINGS = {
    spelling: unit
    for units in (MONEY_SPELLINGS, LAND_SPELLINGS)
    for unit, spellings in units.items()
    for spelling in spellings.split()
}
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]")
_REMARKS = re.compile(r"\((?:必填|选填|可选|required|optional)\)|[*:：\s_\-—]+")
_TITLE_UNIT = re.compile(r"单位[::]?\s*(亿元|万元|元)")
_NUMBERING = {"序号", "no", "no.", "#", "序", "行号"}
OURS = ("_line", "_error")  # what a file of failing rows has besides; never read
Spellings = Mapping[str, tuple[str, str]]  # our name and the unit, by plain header


@dataclass(frozen=True)
class Match:
    """A column of the file. `name` is ours, or blank where it is not known; `unit` as in UNITS."""

    place: int
    text: str
    name: str = ""
    unit: str = ""
    is_numbering: bool = False


@dataclass(frozen=True)
class HeaderRows:
    """Where the header stands, and what its cells are, by place."""

    first_line: int
    last_line: int
    matches: tuple[Match, ...]
    texts: tuple[tuple[str, ...], ...] = field(default=())

    @property
    def known(self) -> list[Match]:
        return [match for match in self.matches if match.name]


def normalize_header(text: str) -> str:
    """Normalize a header to compare it: width, case, blanks, hyphens and colons do not count."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    return _REMARKS.sub("", narrow.replace("【", "[").replace("】", "]"))


def find_header(
    sheet: ReadSheet, spellings: Spellings, limits: Limits, wanted: Iterable[str] = ()
) -> HeaderRows | None:
    """Find the header of a sheet: the one or two rows of which most cells are understood.

    `spellings` has what is ours by plain header. `wanted` are the texts of columns that the
    person has named: they count as understood.
    """
    named = {normalize_header(text) for text in wanted}
    head = [row for row in sheet.rows if row.line <= limits.title_lines and not row.is_empty]
    unit = _title_unit(head)
    best: tuple[tuple[int, int], HeaderRows] | None = None
    for first, row in enumerate(head):
        for rows in (head[first : first + 1], head[first : first + 2]):
            if len(rows) == 2 and not _is_divided(row, rows[1], sheet.merged):
                continue
            header = _header(rows, sheet.merged, spellings, unit)
            understood = sum(
                bool(m.name) or normalize_header(m.text) in named for m in header.matches
            )
            if understood and (best is None or (understood, -len(rows)) > best[0]):
                best = ((understood, -len(rows)), header)
    return best[1] if best else None


def repeats(header: HeaderRows, row: ReadRow) -> bool:
    """Whether a row is (a line of) the header again, as after a page break."""
    for depth in range(max((len(texts) for texts in header.texts), default=0)):
        line = [texts[depth] if depth < len(texts) else "" for texts in header.texts]
        filled = [(text, row.cell(place)) for place, text in enumerate(line) if text]
        if len(filled) > 1 and all(text == cell for text, cell in filled):
            return True
    return False


def _title_unit(head: Sequence[ReadRow]) -> str:
    """The unit of money that a line above the table gives: 单位：万元."""
    for row in head:
        for cell in row.cells:
            found = _TITLE_UNIT.search(unicodedata.normalize("NFKC", cell))
            if found:
                return UNIT_SPELLINGS[found[1]]
    return ""


def _is_divided(upper: ReadRow, lower: ReadRow, merged: Sequence[Merged]) -> bool:
    """Whether two rows are one header: cells of the upper one span several, or reach down."""
    if lower.line != upper.line + 1:
        return False
    return any(
        area.first_line == upper.line
        and (area.last_line == lower.line or area.last_place > area.first_place)
        and area.last_line <= lower.line
        for area in merged
    ) or any(upper.cell(place) == "" != lower.cell(place) for place in range(1, len(lower.cells)))


def _header(
    rows: Sequence[ReadRow], merged: Sequence[Merged], spellings: Spellings, unit: str
) -> HeaderRows:
    width = max(len(row.cells) for row in rows)
    columns = []
    for place in range(width):
        texts = [_text_at(rows, depth, place, merged) for depth in range(len(rows))]
        columns.append(tuple(dict.fromkeys(text for text in texts if text)))
    matches = tuple(
        match_column(place, texts, spellings, unit) for place, texts in enumerate(columns)
    )
    raw = tuple(tuple(row.cell(place) for row in rows) for place in range(width))
    return HeaderRows(rows[0].line, rows[-1].line, matches, raw)


def _text_at(rows: Sequence[ReadRow], depth: int, place: int, merged: Sequence[Merged]) -> str:
    """The text of a cell of the header, or of the merged range that it is a part of."""
    row = rows[depth]
    text = row.cell(place)
    if text:
        return text
    for area in merged:
        if (
            area.first_line <= row.line <= area.last_line
            and area.first_place <= place <= area.last_place
        ):
            top = next((r for r in rows if r.line == area.first_line), None)
            return top.cell(area.first_place) if top else ""
    return ""


def match_column(
    place: int, texts: Sequence[str], spellings: Spellings, title_unit: str = ""
) -> Match:
    """Match a cell of the header, given with those above it, to a column of ours."""
    shown = "/".join(texts)
    if normalize_header(shown) in _NUMBERING or shown in OURS:
        return Match(place, shown, is_numbering=True)
    if len(texts) == 1 and normalize_header(shown) not in spellings and "/" in shown:
        texts = shown.split("/")  # a header of two rows, as a file of failing rows has it
    found_unit = next((unit for text in texts if (unit := unit_in(text))), "")
    bare = [_without_unit(text) for text in texts]
    tried = [shown, "".join(bare), *reversed(bare)] if len(texts) > 1 else [shown, *bare]
    for spelled in tried:
        name, unit = spellings.get(normalize_header(spelled), ("", ""))
        if name:
            return Match(place, shown, name, unit or found_unit or title_unit)
    return Match(place, shown, "", found_unit or title_unit)


def unit_in(text: str) -> str:
    """Find the unit that a header has in brackets; blank if none."""
    narrow = unicodedata.normalize("NFKC", text)
    for first, second in _BRACKETS.findall(narrow):
        unit = UNIT_SPELLINGS.get(normalize_header(first or second).removeprefix("单位"))
        if unit:
            return unit
    return ""


def _without_unit(text: str) -> str:
    """The text without brackets that hold a unit."""

    def drop(match: re.Match[str]) -> str:
        inner = normalize_header(match[1] or match[2] or "").removeprefix("单位")
        return "" if inner in UNIT_SPELLINGS else match[0]

    return _BRACKETS.sub(drop, unicodedata.normalize("NFKC", text))
