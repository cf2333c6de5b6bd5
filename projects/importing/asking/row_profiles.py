"""What tells the projects of a file from others, as they will be when the rows are written."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from config.packing import PackedList, split_up
from parks.cell_lookup import Organisations
from parks.models.naming import name_key
from projects.doubts.profiles import Profile, read_profiles
from projects.importing.drafts import Drafts, RowDraft
from projects.importing.stored import find_projects_by_code
from projects.lifecycle.words import STAGES, Stage
from projects.models import Project, loosen

_KEPT = {"park_id": "park", "name_zh": "name_zh", "name_en": "name_en"}
_REFERENCES = ("part_of", "duplicate_of")
_AT_ONCE = 5_000  # drafts


class RowProfiles:
    """What the projects of a file will be, and the stored ones of them are, in little memory.

    Left out are stored projects of which nothing changes by which they could become like others.
    By key; by the negative of the line where there is none yet.
    """

    def __init__(
        self, drafts: Drafts, organisations: Organisations, wholes: Mapping[int, str]
    ) -> None:
        """Read the drafts; `wholes` has by line the names of the projects that it is a part of."""
        self._wholes = wholes
        self.before: dict[int, Profile] = {}
        self.lines: dict[int, int] = {}  # of stored projects
        self._organisations = organisations
        self._unknown: dict[str, int] = {}  # keys of organisations that are not stored yet
        self._referred = _find_referred(drafts)
        self._packed: PackedList[tuple[int, Profile]] = PackedList()
        for some in split_up(drafts, _AT_ONCE):
            self._add(some)

    def _add(self, drafts: list[RowDraft]) -> None:
        self.before |= read_profiles(draft.project_id for draft in drafts if _may_change(draft))
        names = (share.name for draft in drafts for share in draft.investors or ())
        self._organisations.look_up(names)
        for draft in drafts:
            backers = [self._find_key(share.name) for share in draft.investors or ()]
            referred = {
                name: self._referred.get(draft.references[name].lower())
                for name in _REFERENCES
                if name in draft.references
            }
            if draft.version is None:
                profile = _build_new(draft, backers, referred, self._wholes.get(draft.line, ""))
                self._packed.append((-draft.line, profile))
            elif draft.project_id in self.before:
                stored = self.before[draft.project_id]
                self.lines[draft.project_id] = draft.line
                profile = _build_changed(draft, stored, backers, referred)
                self._packed.append((draft.project_id, profile))

    def _find_key(self, name: str) -> int:
        found = self._organisations.find(name)
        return found.pk if found else self._unknown.setdefault(name_key(name), ~len(self._unknown))

    def __len__(self) -> int:
        return len(self._packed)

    def __contains__(self, key: object) -> bool:
        return key in self.lines or (isinstance(key, int) and key < 0)

    def items(self) -> Iterable[tuple[int, Profile]]:
        return self._packed


def _find_referred(drafts: Drafts) -> dict[str, int]:
    """Find the keys of what rows say that they are a part or a copy of, by code in lower case."""
    codes = drafts.referred
    keys = find_projects_by_code(codes, Project.objects.all())
    new = (each for each in drafts if each.code and not each.version) if codes else ()
    return keys | {each.code.lower(): -each.line for each in new if each.code.lower() in codes}


def _may_change(draft: RowDraft) -> bool:
    is_named_anew = bool(_KEPT.keys() & draft.columns.keys())
    has_changed = is_named_anew or bool(draft.claims) or draft.investors is not None
    return draft.version is not None and has_changed


def _build_new(
    draft: RowDraft, backers: list[int], referred: Mapping[str, int | None], whole: str
) -> Profile:
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
        other_amounts=_list_other_amounts(draft),
        backers=all_of_them,
        leads=frozenset(backers[:1]) if backers[1:] else all_of_them,
        is_only_intended=stage == Stage.INTENDED,
        is_signed_without_intent=is_signed and Stage.INTENDED not in draft.milestones,
        part_of=referred.get("part_of"),
        duplicate_of=referred.get("duplicate_of"),
        part_of_name=loosen(whole),
    )


def _list_other_amounts(draft: RowDraft) -> frozenset[tuple[Any, str]]:
    amounts = [claim.money for claim in draft.claims]
    return frozenset((each.value, each.currency) for each in amounts if each.cny is None)


def _build_changed(
    draft: RowDraft, stored: Profile, backers: list[int], referred: Mapping[str, int | None]
) -> Profile:
    changes: dict[str, Any] = dict(referred)
    changes |= {_KEPT[name]: value for name, value in draft.columns.items() if name in _KEPT}
    if "national_code" in draft.columns:
        changes["national_code"] = draft.columns["national_code"]
    if draft.new_amount is not None:
        changes["amount_cny"] = draft.new_amount
    if others := _list_other_amounts(draft):
        changes["other_amounts"] = stored.other_amounts | others
    if draft.investors is not None:
        leads = stored.leads & {*backers} or {*backers[:1]}
        changes |= {"backers": frozenset(backers), "leads": frozenset(leads)}
    return replace(stored, **changes)
