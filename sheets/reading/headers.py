"""Which row is the header, and which column of ours each of its cells names, in which unit."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from operator import itemgetter

from django.utils.functional import Promise

from sheets.reading.rows import Limits, Merged, ReadRow, ReadSheet
from sheets.reading.units import TitleUnits, find_title_units, is_like_unit, narrow, parse_unit

_BRACKETS = re.compile(r"\(([^()]*)\)?|\[([^\[\]]*)\]?")
# Up to when the column is, which is no part of its name: 截至2023年11月底
_UP_TO = r"截[至止]到?\d{4}(?:[年.\-/]\d{1,2}月?(?:\d{1,2}日|底|末)?|年[底末])"
_REMARKS = re.compile(rf"{_UP_TO}|\((?:必填|选填|可选|required|optional)\)|[*:：\s_\-—]+")
_LISTED = re.compile(r"\((?:格式|单选|多选|可选|如|例)[^()]*\)|[:：](?=[^:：]*[、,，]).*$")
# Behind 计划 in the upper one of two rows
_OF_STEPS = re.compile("(?:完成|建设|时间|进度)?(?:节点|时间|日期|进度|安排|情况)$")
_PART = "其中"
_UNIT_LINE = re.compile(r"[(（]?\s*(?:金额|货币|计量)?单位\s*[:：∶]")
_YEAR = re.compile(r"(?:19|20)\d\d年度?")
LONGEST_HEADER = 500  # characters of a text that may be a header
_BRACKET = re.compile("[()（）]")
_MOST_PARTS = 10  # of a header with slashes
_NUMBERING = {"序号", "no", "no.", "#", "序", "行号"}
OURS = ("_line", "_error", "_错误")  # extra columns of files of failing rows; never read


@dataclass(frozen=True)
class Heading:
    """The meaning of a header: our column, its unit, the basis of its amounts.

    `refused` is the reason why a known header is none of our columns. `kind` is `money` or `land`
    where a number needs a unit.
    """

    name: str = ""
    unit: str = ""
    basis: str = ""
    refused: str | Promise = ""
    kind: str = ""


Spellings = Mapping[str, Heading]  # by plain header


@dataclass(frozen=True)
class Match:
    """A column of the file. `name` is ours, or blank where it is not known; `unit` as in `units`.

    `unread` is a unit that the header names and that is not understood; `basis` and `refused` are
    those of its Heading. `currency` is what header or title name, as `find_currency` returns it.
    """

    place: int
    text: str
    name: str = ""
    unit: str = ""
    is_numbering: bool = False
    unread: str = ""
    basis: str = ""
    refused: str | Promise = ""
    currency: str = ""


@dataclass(frozen=True)
class HeaderRows:
    """The lines of the header, and the columns that its cells name, in order."""

    first_line: int
    last_line: int
    matches: tuple[Match, ...]
    texts: tuple[tuple[str, ...], ...] = field(default=())
    title: TitleUnits = field(default=TitleUnits())

    @property
    def known(self) -> list[Match]:
        return [match for match in self.matches if match.name]

    @property
    def understood(self) -> list[Match]:
        """The cells that are one of our columns, or a known column that is refused."""
        return [match for match in self.matches if match.name or match.refused]

    @property
    def lines(self) -> list[list[tuple[int, str]]]:
        """The texts of each line, with their places."""
        return [
            [(place, text) for place, text in enumerate(line) if text]
            for line in zip(*self.texts, strict=True)
        ]


def normalize_header(text: str) -> str:
    """Normalize a header to compare it: width, case, blanks, hyphens and colons do not count."""
    plain = narrow(text).casefold()
    return _REMARKS.sub("", plain.replace("【", "[").replace("】", "]"))


def find_header(
    sheet: ReadSheet, spellings: Spellings, limits: Limits, wanted: Iterable[str] = ()
) -> HeaderRows | None:
    """Find the one or two rows of which most cells are known, or among the `wanted` ones."""
    named = {normalize_header(text) for text in wanted}
    head = [row for row in sheet.rows if row.line <= limits.title_lines and not row.is_empty]
    best: tuple[tuple[int, int], HeaderRows] | None = None
    for first in range(len(head)):
        for rows in (head[first : first + 1], head[first : first + 2]):
            if not may_be_header(rows, sheet.merged):
                continue
            header = build_header(rows, sheet.merged, spellings)
            understood = sum(
                bool(m.name or m.refused) or normalize_header(m.text) in named
                for m in header.matches
                if any(header.texts[m.place])  # else it repeats the cell that it is merged with
            )
            if understood and (best is None or (understood, -len(rows)) > best[0]):
                best = ((understood, -len(rows)), header)
    if best is None:
        return None
    header = best[1]
    above = (row for row in head if row.line < header.first_line)
    titles = [cell for row in reversed([*above]) for cell in row.filled]
    return replace(header, title=find_title_units([*titles, sheet.name]))


def repeats(header: HeaderRows, row: ReadRow) -> bool:
    """Tell whether a row is (a line of) the header again, as after a page break."""
    return any(
        len(line) > 1 and all(row.cell(place) == text for place, text in line)
        for line in header.lines
    )


def may_be_header(rows: Sequence[ReadRow], merged: Sequence[Merged]) -> bool:
    """Tell whether the merged cells and gaps of one or two rows allow them to be one header.

    A single row must not be merged with the next one. Of two rows, cells of the upper one span
    several columns, or reach down.
    """
    upper, lower = rows[0], rows[-1]
    if len(rows) == 1:
        lines = (upper.line, upper.line + 1)
        return sum((area.first_line, area.last_line) == lines for area in merged) < 2
    if lower.line != upper.line + 1 or any(map(_UNIT_LINE.match, upper.cells)):
        return False
    return any(
        area.first_line == upper.line
        and (area.last_line == lower.line or area.last_place > area.first_place)
        and area.last_line <= lower.line
        for area in merged
    ) or any(upper.cell(place) == "" != lower.cell(place) for place in range(1, len(lower.cells)))


def build_header(
    rows: Sequence[ReadRow], merged: Sequence[Merged], spellings: Spellings
) -> HeaderRows:
    width = max(len(row.cells) for row in rows)
    columns = []
    for place in range(width):
        texts = [_text_at(rows, depth, place, merged) for depth in range(len(rows))]
        columns.append(tuple(dict.fromkeys(text for text in texts if text)))
    if {text for texts in columns for text in texts} & {*OURS}:
        # A file of failing rows has the cells of a header of two rows in one, with a slash
        columns = [
            tuple(t[0].split("/")) if len(t) == 1 and _find_heading(t, spellings) is None else t
            for t in columns
        ]
    raw = tuple(tuple(row.cell(place) for row in rows) for place in range(width))
    lower = Counter(texts[-1] for texts in raw)
    for place, own in enumerate(columns):
        if len(own) == 1 and lower[own[0]] > 1 and (group := find_group(raw, place)):
            columns[place] = (group, *own)
    matches = tuple(match_column(place, texts, spellings) for place, texts in enumerate(columns))
    return HeaderRows(rows[0].line, rows[-1].line, matches, raw)


def find_group(texts: Sequence[Sequence[str]], place: int) -> str:
    """Find what stands above the columns at the left: CSV files have blanks for merged cells."""
    if len(texts[place]) == 1 or texts[place][0]:
        return ""
    left = takewhile(itemgetter(-1), reversed(texts[:place]))
    return next((upper for upper, *_lower in left if upper), "")


def _text_at(rows: Sequence[ReadRow], depth: int, place: int, merged: Sequence[Merged]) -> str:
    """Return the text of a header cell, or that of its merged range."""
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


def match_column(place: int, texts: Sequence[str], spellings: Spellings) -> Match:
    """Match a cell of the header, given with those above it, to a column of ours."""
    shown = "/".join(texts)
    if len(shown) > LONGEST_HEADER:
        return Match(place, shown)
    if normalize_header(shown) in _NUMBERING or shown in OURS:
        return Match(place, shown, is_numbering=True)
    found = _find_heading(texts, spellings)
    if found is None and len(texts) == 1:
        found = _find_same_heading(shown, spellings)
    if found is None:  # a mapping may name its column, so its unit is read
        named = (named for text in texts if any(named := split_unit(text)[1:]))
        found = (Heading(), *next(named, ("", "")))
    heading, unit, unread = found
    return Match(
        place,
        shown,
        heading.name,
        heading.unit or unit,
        unread="" if heading.unit or unit else unread,
        basis=heading.basis,
        refused=heading.refused,
    )


_Found = tuple[Heading, str, str]  # with the unit in the header, and one that is not understood


def _find_heading(texts: Sequence[str], spellings: Spellings) -> _Found | None:
    """Find the heading of a header: of both rows together, else of the lower one."""
    tried = [("/".join(texts), "", "")]
    divided = [split_unit(text) for text in texts]
    unit = next((unit for _bare, unit, _unread in divided if unit), "")
    unread = next((unread for _bare, _unit, unread in divided if unread), "")
    bare = [bare for bare, _unit, _unread in divided]
    # 开工时间 above 计划 is 计划开工时间, and 计划节点 above 开工 is 计划开工
    joined = ["".join(bare), "".join(bare[::-1])]
    if len(bare) > 1:
        joined.append(_OF_STEPS.sub("", bare[0]) + "".join(bare[1:]))
    # 其中：固投 below 总投资 is a part of it, so that it is never read as the whole
    alone = bare[::-1]
    if alone and alone[0].startswith(_PART):
        alone = [alone[0], alone[0].removeprefix(_PART)]
    tried += [(text, unit, unread) for text in [*joined, *alone]]
    if len(texts) == 1:
        tried += split_last_unit(texts[0])
    for text, own, not_understood in tried:
        plain = normalize_header(text)
        heading = spellings.get(plain)
        if not heading:  # what is refused of any year is refused of this one
            of_years = spellings.get(_YEAR.sub("年度", plain), Heading())
            heading = of_years if of_years.refused else None
        if heading:
            return heading, own or unit, not_understood
    return None


def _find_same_heading(shown: str, spellings: Spellings) -> _Found | None:
    """Find the heading of a text with slashes or brackets whose parts all have the same one."""
    divided = shown.split("/") if "/" in shown else _BRACKET.split(shown)
    parts = [part for part in divided if part.strip()]
    if len(parts) > _MOST_PARTS:
        return None
    found: dict[str, _Found] = {}
    for part in dict.fromkeys(parts):
        heading = _find_heading([part], spellings)
        if heading is None:
            return None
        found[part] = heading
    is_same = len({each[0].name for each in found.values()}) == 1
    return found[parts[-1]] if len(parts) > 1 and is_same else None


def split_unit(text: str) -> tuple[str, str, str]:
    """Split a header into its words, the unit in brackets, and one that is not understood."""
    plain = narrow(text).replace("【", "[").replace("】", "]")
    plain = _LISTED.sub("", plain)
    unit = unread = ""
    bare = plain
    for found in _BRACKETS.finditer(plain):
        inner = (found[1] or found[2] or "").strip()
        own = parse_unit(inner)
        if own or is_like_unit(inner):
            bare = bare.replace(found[0], "")
            unit, unread = unit or own, unread or ("" if own else inner)
    return bare.strip(), unit, unread


def split_last_unit(text: str) -> list[tuple[str, str, str]]:
    """Split a unit without brackets off the end of a header: 总投资/亿元, 总投资亿元."""
    plain = narrow(text).strip()
    places = range(max(1, len(plain) - 14), len(plain))
    divided = ((plain[:at].rstrip("/:,; "), parse_unit(plain[at:])) for at in places)
    return [(bare, unit, "") for bare, unit in divided if unit and bare]
