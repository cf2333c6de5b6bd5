"""Rows that are read otherwise than they stand: as somebody answers, or has answered before."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from config.imports import CellFault, RowReport
from config.packing import PackedLines
from config.reading.rows import ReadRow
from config.texts import shorten
from projects.doubts.doubts import DoubtKind
from projects.importing.asking import agreements
from projects.importing.asking.choices import LineAnswers
from projects.importing.asking.doubting import find_corrections, find_doubts
from projects.importing.drafts import Drafts
from projects.importing.meanings import SheetMeaning
from projects.importing.rows import Cells, RowReader

_Reports = dict[int, RowReport]
_Meant = dict[int, dict[str, str]]  # texts by line and column


@dataclass(frozen=True)
class Correction:
    """Reads rows of a file again; `check` checks them in the place of the first time."""

    meaning: SheetMeaning
    drafts: Drafts
    rows: PackedLines[ReadRow]
    reader: RowReader
    check: Callable[[list[ReadRow], _Reports], None]

    def take(self, answers: LineAnswers, reports: _Reports) -> None:
        """Take what was suggested or is meant, on the lines of which that was answered."""
        found = self._find_meant(answers)
        before = {line: self.reader.texts(self.rows.find(line)) for line in sorted(found)}
        self._read(found, reports)
        for line, texts in before.items():
            cells = Cells(reports[line], found[line], matches=self.reader.matches)
            agreements.warn_of_answer(cells, texts)

    def recall(
        self, answered: Collection[int], confirmed: Collection[str], reports: _Reports
    ) -> None:
        """Read rows of stored projects as what is stored, if that is another meaning of theirs.

        So a file that comes again is not asked about again. Lines that are `answered` now are left.
        """
        lines, is_asked = set(), bool(self.meaning.asked)
        for draft in self.drafts:
            if draft.version is not None and draft.line not in answered:
                lines.add(draft.line)
                is_asked |= draft.against is not None
        stored = frozenset(lines)
        meanings = {DoubtKind.AMOUNTS: [LineAnswers(suggested=stored)]}
        if is_asked:
            tried = [LineAnswers(intents=stored), LineAnswers(planned=stored)]
            meanings[DoubtKind.AGREEMENTS] = tried
        for kind, tried in meanings.items():
            for answers in tried if stored and kind not in confirmed else ():
                found = self._find_meant(answers)
                before = {line: self.reader.corrections.get(line, {}) for line in found}
                self._read({line: before[line] | found[line] for line in found}, reports)
                other = {line for line in found if _is_other(reports[line], found[line])}
                self._read({line: before[line] for line in other}, reports)
                for line in found.keys() - other:
                    cells = Cells(reports[line], found[line], matches=self.reader.matches)
                    _warn_of_stored(cells)

    def _find_meant(self, answers: LineAnswers) -> _Meant:
        doubts = find_doubts(self.drafts, self.reader.matches) if answers.suggested else []
        found = find_corrections(doubts, answers.suggested)
        meant = agreements.find_meant(self.meaning, self.drafts, self.rows, self.reader, answers)
        found = {line: found.get(line, {}) | meant.get(line, {}) for line in {*found, *meant}}
        return {line: texts for line, texts in found.items() if texts}

    def _read(self, found: _Meant, reports: _Reports) -> None:
        self.reader.correct(found)
        self.check([self.rows.find(line) for line in sorted(found)], reports)


def _is_other(report: RowReport, meant: Mapping[str, str]) -> bool:
    """Tell whether nothing that may be meant is stored, or other things are."""
    is_said = any(meant.values())
    return not is_said or bool(report.errors) or not report.unpack().keys().isdisjoint(meant)


def _warn_of_stored(cells: Cells) -> None:
    shown = [cells.matches[name].text for name in cells.texts if name in cells.matches]
    detail = _("This line is read as what the ledger has, as before: %(columns)s.")
    told = {"columns": ", ".join(map(shorten, shown))}
    cells.warn(next(iter(cells.texts)), CellFault("recalled", detail % told))
