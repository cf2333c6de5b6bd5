"""Questions that several lines raise alike: asked once, and answered for all of these lines."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from config.reading.rows import FileError
from config.texts import shorten

_LINES = re.compile(r"[1-9]\d{0,6}(?:-[1-9]\d{0,6})?(?:, ?[1-9]\d{0,6}(?:-[1-9]\d{0,6})?)*")
MOST_SPREAD = 200_000  # lines that answers for several name, over all


def unite_alike(doubts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Unite doubts that ask the same with the same answers, over lines and columns.

    `lines` names the lines as an answer may (2-81, 90), `rows` counts them, and `suggestions` has
    what is probably meant on each.
    """
    alike: dict[Any, list[dict[str, Any]]] = {}
    for number, doubt in enumerate(doubts):
        question: Any = number
        if "answers" in doubt:
            detail = "" if doubt["code"] == "improbable_amount" else doubt["detail"]
            question = (doubt["code"], detail, *doubt["answers"])
        alike.setdefault(question, []).append(doubt)
    return [_unite(same) if len(same) > 1 else same[0] for same in alike.values()]


def _unite(same: list[dict[str, Any]]) -> dict[str, Any]:
    lines = sorted({each["line"] for each in same})
    united = {**same[0], "column": "、".join(dict.fromkeys(each["column"] for each in same))}
    if len(lines) > 1:
        united |= {"lines": write_ranges(lines), "rows": len(lines)}
        found = {str(each["line"]): each["suggestion"] for each in same if "suggestion" in each}
        united |= {"suggestions": found} if found else {}
    return united


def write_ranges(lines: Iterable[int]) -> str:
    """Write numbers in ascending order, those that follow each other as a range: 2-81, 90."""
    ranges: list[list[int]] = []
    for line in lines:
        if ranges and line == ranges[-1][-1] + 1:
            ranges[-1] = [ranges[-1][0], line]
        else:
            ranges.append([line])
    return ", ".join("-".join(map(str, each)) for each in ranges)


def spread_answers(given: Mapping[str, str]) -> dict[str, str]:
    """Give each line its answer, where one is given for several; its own comes first.

    FileError if they name too many lines.
    """
    several = {text for text in given if not text.isdecimal() and _LINES.fullmatch(text)}
    spread: dict[str, str] = {}
    left = MOST_SPREAD
    for text in several:
        for part in text.split(","):
            first, _hyphen, last = part.strip().partition("-")
            lines = range(int(first), int(last or first) + 1)
            left -= len(lines)
            if left < 0 or not lines:
                detail = _("“%(text)s” names no lines, or too many: write 2-81, 90.")
                raise FileError("invalid_choices", detail % {"text": shorten(text)})
            spread |= dict.fromkeys(map(str, lines), given[text])
    return spread | {text: answer for text, answer in given.items() if text not in several}
