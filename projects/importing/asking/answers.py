"""Answers of a person about the lines of a file, one line or several at once."""

import json
import re
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from config.mistakes import Mistake, nearest
from config.texts import find_whole, shorten
from projects.writing.doubts import DoubtKind
from sheets.reading.headers import Match

_LINES = re.compile(r"[1-9]\d{0,6}(?:-[1-9]\d{0,6})?(?:, ?[1-9]\d{0,6}(?:-[1-9]\d{0,6})?)*")
MOST_SPREAD = 200_000  # lines that answers for several name, over all


def unite_alike(doubts: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Unite doubts with the same question and answers, over lines and columns.

    `lines` names the lines as an answer may (2-81, 90), `rows` counts them, and `suggestions` has
    the suggestion of each line.
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
    """Expand answers for several lines; a line's own answer wins. Mistake if too many lines."""
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
                raise Mistake("invalid_choices", detail % {"text": shorten(text)})
            spread |= dict.fromkeys(map(str, lines), given[text])
    own = {text: answer for text, answer in given.items() if text not in several}
    both = {text: _complete(own[text], spread[text]) for text in own.keys() & spread.keys()}
    return spread | own | both


def _complete(own: str, of_several: str) -> str:
    """Add to the answers of a line the answers for several lines to other questions."""
    words = divide_answer(own)
    answered = {*map(_find_question, words)}
    others = (word for word in divide_answer(of_several) if _find_question(word) not in answered)
    return ",".join([*words, *others])


def _find_question(word: str) -> tuple[str, ...]:
    """Return all answers to the question that a word answers; () for one about a project."""
    return next((words for words in _QUESTIONS if word in words), ())


def describe_asked(
    matches: Mapping[str, Match], name: str, kind: DoubtKind, code: str, detail: str, **more: Any
) -> dict[str, Any]:
    """Describe a question about a column, or a line of it, as reports show it."""
    column = matches[name].text if name in matches else ""
    asked = {"column": column, "name": name, "code": code, "detail": detail}
    return {**asked, **more, "confirm": kind.value}


NEW, SAME, PHASE, INCREASE = "new", "same", "phase", "increase"
RIGHT, SUGGESTED = "right", "suggested"  # of amounts that are doubtful
MET, INTENT, PLANNED = "met", "intent", "planned"  # of contracts and later steps
NAMED, LEFT_OUT = "named", "left_out"  # of brackets that may be a part of an investor's name
_QUESTIONS = ((RIGHT, SUGGESTED), (MET, INTENT, PLANNED), (NAMED, LEFT_OUT))
_OF_A_LINE = tuple(chain.from_iterable(_QUESTIONS))
LINES_NAMED_AT_MOST = 20


@dataclass(frozen=True)
class Choice:
    """An answer: `new`, or the candidate (by key) that a line is the `same` as, a `phase` of ..."""

    word: str
    of: int = 0


def read_choices(text: str) -> dict[str, str]:
    """Read the answers of a form: JSON, an object of lines; Mistake for anything else."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        detail = _("Give an object of lines and answers: %(example)s.")
        example = '{"12": "same:BD-0007", "15": "new"}'
        raise Mistake("invalid_choices", detail % {"example": example})
    return given


@dataclass(frozen=True)
class LineAnswers:
    """The lines for each answer about amounts, steps and investors."""

    right: frozenset[int] = frozenset()
    suggested: frozenset[int] = frozenset()
    met: frozenset[int] = frozenset()
    intents: frozenset[int] = frozenset()
    planned: frozenset[int] = frozenset()
    named: frozenset[int] = frozenset()
    left_out: frozenset[int] = frozenset()

    @property
    def agreements(self) -> frozenset[int]:
        return self.met | self.intents | self.planned

    @property
    def corrected(self) -> frozenset[int]:
        """The lines whose answer differs from what was read."""
        return self.suggested | self.agreements


def read_line_answers(given: Mapping[str, str]) -> LineAnswers:
    """Read the answers about the content of lines, without those about their projects."""
    spread = spread_answers(given)
    words = {find_whole(text): divide_answer(answer) for text, answer in spread.items()}
    lines = {
        word: frozenset(line for line, answered in words.items() if line and word in answered)
        for word in _OF_A_LINE
    }
    return LineAnswers(*(lines[word] for word in _OF_A_LINE))


def divide_answer(answer: str) -> list[str]:
    """Divide the answers of one line: suggested, new."""
    return [word.strip().lower() for word in answer.split(",")]


def choose(
    given: Mapping[str, str],
    allowed: Mapping[int, Mapping[str, Choice]],
    lines: Container[int],
    *,
    is_confirmed: bool,
) -> dict[int, Choice]:
    """Choose the answer of each line that is asked about; open ones are left out.

    `given` are the answers, `allowed` those that settle each line, `lines` all lines of data. With
    `is_confirmed` all others are new. An answer for a line without a question is ignored, as the
    file may be sent again; Mistake for an unknown line or an answer that settles nothing.
    """
    chosen = {line: Choice(NEW) for line in allowed} if is_confirmed else {}
    for text, answer in spread_answers(given).items():
        line = find_whole(text)
        if line not in lines:
            raise _refuse_line(text, allowed)
        words = [word for word in divide_answer(answer) if word not in _OF_A_LINE]
        if line in allowed and words:
            chosen[line] = _find_choice(line, ",".join(words), allowed[line])
    _check_circles(chosen)
    return chosen


def _find_choice(line: int, answer: str, allowed: Mapping[str, Choice]) -> Choice:
    choice = {text.lower(): each for text, each in allowed.items()}.get(answer.strip().lower())
    if choice is None:
        detail = _("Line %(line)d cannot be answered with “%(answer)s”, but with: %(allowed)s.")
        params = {"line": line, "answer": answer[:100], "allowed": ", ".join(allowed)}
        raise Mistake("unknown_choice", detail % params, nearest(answer[:100], allowed), line=line)
    return choice


def _refuse_line(text: str, asked: Iterable[int]) -> Mistake:
    lines = ", ".join(str(line) for line in sorted(asked)[:LINES_NAMED_AT_MOST])
    detail = _("“%(text)s” is not a line of data, and no line is to be answered.")
    if lines:
        detail = _("“%(text)s” is not a line of data. Lines to be answered: %(lines)s.")
    return Mistake("unknown_line", detail % {"text": text[:20], "lines": lines})


def _check_circles(chosen: Mapping[int, Choice]) -> None:
    """Raise Mistake where lines repeat each other, so that none would be stored."""
    for line in chosen:
        seen, at = {line}, line
        while (choice := chosen.get(at)) and choice.of < 0:
            at = -choice.of
            if at in seen:
                detail = _("The answers lead from line %(line)d back to it: change one of them.")
                raise Mistake("circle", detail % {"line": line}, line=line)
            seen.add(at)
