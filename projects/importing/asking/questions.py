"""Which rows of a file may be projects that are there already, or other rows of the file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from config.reading.headers import Match
from parks.cell_lookup import Organisations
from projects.doubts.doubts import Candidate, Doubt, DoubtKind
from projects.doubts.duplicates import describe_duplicates, find_duplicates
from projects.importing.asking.choices import Choice, list_answers
from projects.importing.asking.row_profiles import RowProfiles
from projects.importing.drafts import Drafts

OFFERED_AT_MOST = 10  # projects that a line may be


@dataclass(frozen=True)
class Question:
    """What is asked about one line: `doubts` say why, `candidates` which rows it may be.

    Candidates that are lines of the file have negative keys, and `#12` as their code.
    """

    line: int
    doubts: Sequence[Doubt]
    is_new: bool = True  # what is stored already can only be another one
    has_amount: bool = False

    @property
    def candidates(self) -> dict[int, Candidate]:
        return {each.pk: each for doubt in self.doubts for each in doubt.candidates}

    @property
    def allowed(self) -> dict[str, Choice]:
        """The answers that settle it, as they are written."""
        offered = [*self.candidates.values()][:OFFERED_AT_MOST] if self.is_new else []
        return list_answers(offered, has_amount=self.has_amount)

    def describe(self, matches: Mapping[str, Match]) -> list[dict[str, Any]]:
        """Describe each doubt as reports show it; all are settled by one answer."""
        described = []
        for doubt in self.doubts:
            name = doubt.field if doubt.field in matches or doubt.field[:4] != "name" else "name"
            shown = [_show(each) for each in doubt.candidates[:OFFERED_AT_MOST]]
            described.append(
                {
                    "line": self.line,
                    "column": matches[name].text if name in matches else "",
                    "name": name,
                    "code": doubt.code,
                    "detail": doubt.detail,
                    "confirm": DoubtKind.DUPLICATES.value,
                    "candidates": shown,
                    "choices": list(self.allowed),
                }
            )
        return described


def _show(candidate: Candidate) -> dict[str, Any]:
    place = {"code": candidate.code} if candidate.pk > 0 else {"line": -candidate.pk}
    return {**place, "name_zh": candidate.name_zh, "name_en": candidate.name_en}


def find_questions(
    drafts: Drafts, visible: QuerySet, organisations: Organisations, wholes: Mapping[int, str]
) -> dict[int, Question]:
    """Find what is to be asked about rows, by line, whether or not it was answered.

    Of stored projects only what changes is doubted. Only projects among `visible` are named. The
    number of queries does not depend on that of the rows but for one in five thousand.
    """
    profiles = RowProfiles(drafts, organisations, wholes)
    doubts: dict[int, list[Doubt]] = defaultdict(list)
    for doubt in find_duplicates(profiles, profiles.before, visible):
        doubts[doubt.project].append(_name_lines(doubt))
    asked = [(profiles.lines.get(key, -key), key, found) for key, found in doubts.items()]
    return {line: Question(line, found, key < 0, found[0].has_amount) for line, key, found in asked}


def _name_lines(doubt: Doubt) -> Doubt:
    """Name what has no code yet by its line: #12."""
    candidates = tuple(
        replace(each, code=f"#{-each.pk}") if each.pk < 0 else each for each in doubt.candidates
    )
    detail = describe_duplicates(doubt.code, candidates)
    return replace(doubt, candidates=candidates, detail=detail)
