"""The words by which a sheet says intent, talks, contract, plan or fact; kept in evidence.csv.

Its patterns are tried in their order: “意向合同” is an intent, although it has “合同” in it. Those
that mean the same within a sentence are marked `in_notes`. A cell without any character of `needs`
says nothing of agreements, which saves most cells the search.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.reading.csv_files import read_csv
from config.reading.rows import Limits, ReadRow

_FILE = Path(__file__).with_name("evidence.csv")
INTENT, FRAMEWORK, TALKS = "intent", "framework", "talks"
CONTRACT, PLAN, FACT = "contract", "plan", "fact"
NOT_BINDING = (INTENT, FRAMEWORK, TALKS)
# What is said before the name of a paper that does not bind is no contract: 已签框架协议
_SIGNED = "(?:(?:已|新|正式)?签[约订署]?了?)?"
_SHORT = 16  # characters of a cell that is a word rather than a note
_LONGEST = 2_000  # characters that are searched: more would cost time, and say no more


@dataclass(frozen=True)
class Evidence:
    """What one word says; `place` is where it stood: sheet, title, header or cell.

    `around` has what stands right before and behind it.
    """

    says: str
    word: str
    place: str
    around: str = ""


@cache
def _read_rows() -> list[ReadRow]:
    _names, *rows = read_csv(_FILE.read_bytes(), Limits(), "utf-8").rows
    return rows


@cache
def _read_needs() -> re.Pattern[str]:
    needs = "".join(row.cell(3) for row in _read_rows())
    return re.compile(f"[{needs}ａ-ｚＡ-Ｚ]", re.IGNORECASE)


@cache
def _read_patterns(*, in_notes: bool) -> re.Pattern[str]:
    """Read one pattern of all; with `in_notes` only of those that are clear within a sentence."""
    parts = []
    for number, row in enumerate(_read_rows()):
        if row.cell(2) or not in_notes:
            before = _SIGNED if row.cell(1) in (INTENT, FRAMEWORK) else ""
            parts.append(f"(?P<{row.cell(1)}_{number}>{before}(?:{row.cell(0)}))")
    return re.compile("|".join(parts))


def find_evidence(texts: Iterable[tuple[str, str]], *, in_notes: bool = False) -> list[Evidence]:
    """Find what texts say, each given after its place, in their order."""
    pattern = _read_patterns(in_notes=in_notes)
    plain = ((place, _make_plain(text)) for place, text in texts)
    return [
        Evidence(
            (found.lastgroup or "").partition("_")[0],
            found[0],
            place,
            _cut_around(text, *found.span()),
        )
        for place, text in plain
        for found in pattern.finditer(text)
    ]


def _make_plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()


def _cut_around(text: str, start: int, end: int) -> str:
    return f"{text[max(start - 4, 0) : start]}|{text[end : end + 14]}"


def find_in_header(texts: Sequence[str]) -> list[Evidence]:
    """Find what a header of one or two rows says: the lowest row that says something."""
    found = (find_evidence([("header", text)]) for text in reversed(texts))
    return next(filter(None, found), [])


def find_in_cell(text: str) -> list[Evidence]:
    """Find what a cell says of agreements; of a long one only what is clear within a sentence."""
    if not _read_needs().search(text):
        return []
    return find_evidence([("cell", text)], in_notes=len(text) > _SHORT)


def pick_evidence(found: Iterable[Evidence], *kinds: str) -> Evidence | None:
    """Pick the first evidence of these kinds."""
    return next((each for each in found if each.says in kinds), None)


def strip_plan(text: str) -> str:
    """Strip the words of a plan from a header: 承诺开工时间 and 开工时间(计划) are 开工时间."""
    narrow = _make_plain(text)
    pattern = _read_patterns(in_notes=False)
    bare = pattern.sub(
        lambda found: "" if (found.lastgroup or "").startswith(PLAN) else found[0], narrow
    )
    return re.sub(r"\(\s*\)|\[\s*\]|/", "", bare).strip()
