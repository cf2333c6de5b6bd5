"""From the answers about lines that may be something else to what is written for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from config.imports import CellFault, RowReport
from config.packing import PackedLines
from config.reading.headers import Match
from config.reading.rows import ReadRow
from projects.importing.asking.choices import INCREASE, PHASE, SAME, Choice
from projects.importing.asking.questions import Question
from projects.importing.drafts import Drafts, RowDraft
from projects.importing.rows import Cells, RowReader
from projects.importing.sameness import is_same_text
from projects.models import Project

LISTED_AT_MOST = 5_000  # lines, in one report


@dataclass
class Settlement:
    """The lines about which something is asked, with what they become by the answers."""

    questions: Mapping[int, Question]
    chosen: Mapping[int, Choice]  # by line
    reader: RowReader

    @property
    def same(self) -> set[int]:
        """The lines that are said to be something else that is written, or to add to it."""
        return {line for line, choice in self.chosen.items() if choice.word in (SAME, INCREASE)}

    @property
    def increasing(self) -> dict[int, int]:
        """The lines that add to another amount, with the key or the negative line of whose."""
        return {
            line: self.find_target(choice.of)
            for line, choice in self.chosen.items()
            if choice.word == INCREASE
        }

    def describe_open(self, matches: Mapping[str, Match]) -> list[dict[str, Any]]:
        """Describe what was not answered, LISTED_AT_MOST lines, as reports show it."""
        is_open = (each for line, each in self.questions.items() if line not in self.chosen)
        listed = islice(is_open, LISTED_AT_MOST)
        return [described for question in listed for described in question.describe(matches)]

    def find_stored(self) -> dict[int, int]:
        """Find the lines that are said to be stored projects, with the keys of these."""
        return {
            line: choice.of
            for line, choice in self.chosen.items()
            if choice.word == SAME and choice.of > 0
        }

    def settle(self, drafts: Drafts, reports: Mapping[int, RowReport]) -> None:
        """Put the answers into reports and drafts, and leave out drafts that are not to be written.

        Those of `find_stored` have been compared with these by then.
        """
        named = {-choice.of for choice in self.chosen.values() if choice.of < 0}
        by_line = drafts.hold({*self.questions, *named})
        for line, question in self.questions.items():
            candidates, choice = question.candidates, self.chosen.get(line)
            report = reports[line]
            if question.is_new:
                report.like = [each.code for each in candidates.values()]
            report.is_asked = choice is None
            if choice is None or (choice.word == SAME and choice.of > 0):
                continue
            draft = by_line[line]
            draft.apart_from = tuple(key for key in candidates if key != choice.of)
            if choice.word == PHASE:
                whole = self._find_whole(choice, by_line)
                draft.references = {**draft.references, "part_of": whole}
                part_of = {"part_of": ["", candidates[choice.of].code]}
                report.changes, report.packed = report.unpack() | part_of, None
        drafts.drop(line for line, choice in self.chosen.items() if is_repetition(choice))

    def find_target(self, of: int) -> int:
        """Find what is written where this candidate is: by key, or a line by its negative."""
        choice = self.chosen.get(-of)
        is_elsewhere = choice is not None and choice.word in (SAME, INCREASE)
        return self.find_target(choice.of) if choice and is_elsewhere else of

    def find_codes(self) -> dict[int, str]:
        """Find the codes of all candidates, by key; those of lines are as `#12`."""
        return {
            key: each.code for q in self.questions.values() for key, each in q.candidates.items()
        }

    def _find_whole(self, choice: Choice, drafts: Mapping[int, RowDraft]) -> str:
        """Find the code of what a line is a phase of; give one to a line that has none yet."""
        target = self.find_target(choice.of)
        if target > 0:
            return self.find_codes()[target]
        whole = drafts[-target]
        whole.code = whole.code or Project.new_code()
        return whole.code

    def _find_end(self, line: int) -> int:
        """Find the line that is written in the place of one that repeats it."""
        choice = self.chosen.get(line)
        return self._find_end(-choice.of) if choice and is_repetition(choice) else line

    def repeat(self, rows: PackedLines[ReadRow], reports: Mapping[int, RowReport]) -> None:
        """Report the lines that are said to repeat others, and what of them is not taken."""
        for line, choice in self.chosen.items():
            if not is_repetition(choice):
                continue
            report, first = reports[line], self._find_end(line)
            report.action, report.of_line = "duplicate", first
            report.forget_changes()
            texts, before = (self.reader.texts(rows.find(each)) for each in (line, first))
            cells = Cells(report, texts, matches=self.reader.matches)
            warn_of_differences(cells, before, first)


def is_repetition(choice: Choice) -> bool:
    """Tell whether a line is said to be another line of the file."""
    return choice.word == SAME and choice.of < 0


def warn_of_differences(cells: Cells, before: Mapping[str, str], first: int) -> None:
    """Warn of the cells of a line that is not written, where an earlier one says other things."""
    differing = list_differing(cells.texts, before)
    if differing:
        detail = _("This differs from line %(line)d and is not taken: %(names)s.")
        told = {"line": first, "names": ", ".join(differing)}
        cells.warn(differing[0], CellFault("differs", detail % told))


def list_differing(texts: Mapping[str, str], before: Mapping[str, str]) -> list[str]:
    return [name for name, text in texts.items() if not is_same_text(text, before.get(name, ""))]
