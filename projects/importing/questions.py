"""Which new rows of a file may be projects that are there already, or other rows of the file."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from config.reading.headers import Match
from parks.cell_lookup import Organisations
from parks.models.naming import name_key
from projects.doubts.doubts import Candidate, Doubt, DoubtKind
from projects.doubts.duplicates import describe_duplicates, find_duplicates
from projects.doubts.profiles import Profile
from projects.importing.choices import Choice, list_answers
from projects.importing.drafts import RowDraft
from projects.importing.stored import find_projects_by_code
from projects.lifecycle.words import STAGES, Stage

OFFERED_AT_MOST = 10  # projects that a line may be


@dataclass(frozen=True)
class Question:
    """What is asked about one line: `doubts` say why, `candidates` which rows it may be.

    Candidates that are lines of the file have negative keys, and `#12` as their code.
    """

    line: int
    doubts: Sequence[Doubt]

    @property
    def candidates(self) -> dict[int, Candidate]:
        return {each.pk: each for doubt in self.doubts for each in doubt.candidates}

    @property
    def allowed(self) -> dict[str, Choice]:
        """The answers that settle it, as they are written."""
        return list_answers([*self.candidates.values()][:OFFERED_AT_MOST])

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
    drafts: Iterable[RowDraft], visible: QuerySet, organisations: Organisations
) -> dict[int, Question]:
    """Find what is to be asked about the new rows, by line, whether or not it was answered.

    Only projects among `visible` are named. The number of queries does not depend on that of the
    rows but for one in five thousand.
    """
    new = [draft for draft in drafts if draft.version is None]
    profiles = _build_profiles(new, organisations)
    doubts: dict[int, list[Doubt]] = defaultdict(list)
    for doubt in find_duplicates(profiles, {}, visible):
        doubts[-doubt.project].append(_name_lines(doubt))
    return {line: Question(line, found) for line, found in doubts.items()}


def _name_lines(doubt: Doubt) -> Doubt:
    """Name what has no code yet by its line: #12."""
    candidates = tuple(
        replace(each, code=f"#{-each.pk}") if each.pk < 0 else each for each in doubt.candidates
    )
    detail = describe_duplicates(doubt.code, candidates)
    return replace(doubt, candidates=candidates, detail=detail)


def _build_profiles(drafts: Sequence[RowDraft], organisations: Organisations) -> dict[int, Profile]:
    """Build what tells new projects from others, by the negative of their lines."""
    referred = {code.lower() for draft in drafts for code in draft.references.values()}
    keys = find_projects_by_code(referred) if referred else {}
    keys |= {draft.code.lower(): -draft.line for draft in drafts if draft.code}
    organisations.look_up(share.name for draft in drafts for share in draft.investors or ())
    unknown: dict[str, int] = {}  # keys of organisations that are not stored yet
    profiles = {}
    for draft in drafts:
        shares = draft.investors or ()
        backers = [_find_key(share.name, organisations, unknown) for share in shares]
        stage = max(draft.milestones, key=STAGES.index, default=None)
        is_signed = stage is not None and STAGES.index(stage) >= STAGES.index(Stage.SIGNED)
        profiles[-draft.line] = Profile(
            park=draft.columns["park_id"],
            name_zh=draft.columns.get("name_zh", ""),
            name_en=draft.columns.get("name_en", ""),
            code=draft.code,
            national_code=draft.columns.get("national_code", ""),
            amount_cny=draft.new_amount,
            backers=frozenset(backers),
            leads=frozenset(backers[:1]),
            is_only_intended=stage == Stage.INTENDED,
            is_signed_without_intent=is_signed and Stage.INTENDED not in draft.milestones,
            **{
                name: keys.get(draft.references.get(name, "").lower())
                for name in ("part_of", "duplicate_of")
            },
        )
    return profiles


def _find_key(name: str, organisations: Organisations, unknown: dict[str, int]) -> int:
    found = organisations.find(name)
    return found.pk if found else unknown.setdefault(name_key(name), -1 - len(unknown))
