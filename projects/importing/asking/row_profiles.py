"""What tells the projects of a file from others, as they will be when the rows are written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from parks.cell_lookup import Organisations
from parks.models.naming import name_key
from parks.recording.change_rows import chunks
from projects.doubts.profiles import Profile, read_profiles
from projects.importing.drafts import RowDraft
from projects.importing.stored import find_projects_by_code
from projects.lifecycle.words import STAGES, Stage

Profiles = dict[int, Profile]  # by key; by the negative of the line where there is none yet
_KEPT = {"park_id": "park", "name_zh": "name_zh", "name_en": "name_en"}
_REFERENCES = ("part_of", "duplicate_of")


def build_row_profiles(
    drafts: Sequence[RowDraft], organisations: Organisations
) -> tuple[Profiles, Profiles]:
    """Build the profiles of rows, and read those of the stored projects that they change.

    Left out are stored projects of which nothing changes by which they could become like others.
    """
    changed = [draft.project_id for draft in drafts if _may_become_like(draft)]
    before: Profiles = {}
    for chunk in chunks(changed):
        before |= read_profiles(chunk)
    organisations.look_up(share.name for draft in drafts for share in draft.investors or ())
    keys: dict[str, int] = {}
    for chunk in chunks({code.lower() for each in drafts for code in each.references.values()}):
        keys |= find_projects_by_code(chunk)
    keys |= {each.code.lower(): -each.line for each in drafts if each.code and not each.version}
    unknown: dict[str, int] = {}  # keys of organisations that are not stored yet
    profiles = {}
    for draft in drafts:
        backers = [_find_key(share.name, organisations, unknown) for share in draft.investors or ()]
        referred = {
            name: keys.get(draft.references[name].lower())
            for name in _REFERENCES
            if name in draft.references
        }
        if draft.version is None:
            profiles[-draft.line] = _build_new(draft, backers, referred)
        elif draft.project_id in before:
            stored = before[draft.project_id]
            profiles[draft.project_id] = _build_changed(draft, stored, backers, referred)
    return profiles, before


def _may_become_like(draft: RowDraft) -> bool:
    is_named_anew = bool(_KEPT.keys() & draft.columns.keys())
    has_changed = is_named_anew or draft.new_amount is not None or draft.investors is not None
    return draft.version is not None and has_changed


def _build_new(draft: RowDraft, backers: list[int], referred: Mapping[str, int | None]) -> Profile:
    all_of_them = frozenset(backers)
    steps = [step for step in draft.milestones if isinstance(step, Stage)]
    stage = max(steps, key=STAGES.index, default=None)
    is_signed = stage is not None and STAGES.index(stage) >= STAGES.index(Stage.SIGNED)
    return Profile(
        park=draft.columns["park_id"],
        name_zh=draft.columns.get("name_zh", ""),
        name_en=draft.columns.get("name_en", ""),
        code=draft.code,
        national_code=draft.columns.get("national_code", ""),
        amount_cny=draft.new_amount,
        backers=all_of_them,
        leads=frozenset(backers[:1]) if backers[1:] else all_of_them,
        is_only_intended=stage == Stage.INTENDED,
        is_signed_without_intent=is_signed and Stage.INTENDED not in draft.milestones,
        part_of=referred.get("part_of"),
        duplicate_of=referred.get("duplicate_of"),
    )


def _build_changed(
    draft: RowDraft, stored: Profile, backers: list[int], referred: Mapping[str, int | None]
) -> Profile:
    changes: dict[str, Any] = dict(referred)
    changes |= {_KEPT[name]: value for name, value in draft.columns.items() if name in _KEPT}
    if "national_code" in draft.columns:
        changes["national_code"] = draft.columns["national_code"]
    if draft.new_amount is not None:
        changes["amount_cny"] = draft.new_amount
    if draft.investors is not None:
        leads = stored.leads & {*backers} or {*backers[:1]}
        changes |= {"backers": frozenset(backers), "leads": frozenset(leads)}
    return replace(stored, **changes)


def _find_key(name: str, organisations: Organisations, unknown: dict[str, int]) -> int:
    found = organisations.find(name)
    return found.pk if found else unknown.setdefault(name_key(name), -1 - len(unknown))
