"""Projects that may be there already: by name, by investor and amount, or as an intent."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from config.packing import split_up
from parks.recording.change_rows import chunks
from projects.doubts.doubts import Candidate, Doubt, DoubtKind
from projects.doubts.profiles import (
    BACKING_ROLES,
    PROFILE_COLUMNS,
    Mark,
    Profile,
    select_other_amounts,
)
from projects.lifecycle.words import Stage
from projects.models import DistinctPair, Investor, NameKey, build_name_keys, loosen

NAMED_AT_MOST = 3  # in the words of a doubt
ASKED_AT_ONCE = 5_000  # projects, of whose marks others are looked for
OF_NAMES = ("same_name", "part_exists")
FIRST_PHASE = "一期"  # by which the phases of a new whole are found
COMPARED_AT_MOST = 50  # with one project, of those that have the same mark
_Found = dict[Mark, dict[int, Profile]]


class Profiles(Protocol):
    """Profiles by key, each time they are asked for in the same order, in memory or made anew."""

    def __len__(self) -> int: ...

    def __contains__(self, key: object) -> bool: ...

    def items(self) -> Iterable[tuple[int, Profile]]: ...


@dataclass(frozen=True)
class _Asked:
    """A project that has marks of others: its place among those that are written, and these."""

    place: int
    profile: Profile
    marks: set[Mark]


def find_duplicates(
    now: Profiles, before: Mapping[int, Profile], visible: QuerySet
) -> Iterator[Doubt]:
    """Find what may be there already of the projects that are written, among `visible` ones.

    `now` has what they are when they are written and `before` what the stored ones of them were,
    by key; what is not stored yet has a negative key. Only what changes is doubted, and of two
    that are written together the later one. At most three queries for a thousand projects.
    """
    if not len(now):
        return
    asked, found = _find_alike(now, before, visible)
    pairs = DistinctPair.find(
        key for key, each in asked.items() if key > 0 and any(found.get(m) for m in each.marks)
    )
    for key, each in asked.items():
        candidates: dict[str, dict[int, Profile]] = defaultdict(dict)
        for mark in sorted(each.marks, key=str):
            for other, theirs in found.get(mark, {}).items():
                theirs_asked = asked.get(other)
                is_asked_later = (
                    theirs_asked is not None
                    and mark in theirs_asked.marks
                    and theirs_asked.place >= each.place
                )
                if mark.kind == "part_exists" and not each.profile.is_whole_or_part(mark, theirs):
                    continue
                is_known = frozenset((key, other)) in pairs
                is_apart = is_known or each.profile.is_apart_from(key, theirs, other)
                if not (is_asked_later or is_apart):
                    candidates[mark.kind][other] = theirs
        for kind, others in candidates.items():
            stored = {other for other in others if other in before or other not in now}
            yield _build_doubt(key, each.profile, kind, others, stored)


def _find_alike(
    now: Profiles, before: Mapping[int, Profile], visible: QuerySet
) -> tuple[dict[int, _Asked], _Found]:
    """Find by which marks projects are doubted, by key, and which projects have these marks.

    Nearly all marks of a long file are those of one row alone. So they are looked at twice, and
    in between only their hashes are kept.
    """
    hashes = array("q")
    found: _Found = defaultdict(dict)
    for some in split_up(now.items(), ASKED_AT_ONCE):
        wanted: set[Mark] = set()
        for key, profile in some:
            asked, answers = _find_marks(key, profile, before)
            hashes.extend(map(hash, answers | asked))
            wanted |= asked
        _find_stored(wanted, now, visible, found)
    shared = _find_repeated(hashes)
    doubted = {}
    for place, (key, profile) in enumerate(now.items()):
        asked, answers = _find_marks(key, profile, before)
        for mark in answers:
            if hash(mark) in shared and len(found[mark]) < COMPARED_AT_MOST:
                found[mark][key] = profile
        asked = {mark for mark in asked if hash(mark) in shared or mark in found}
        if asked:
            doubted[key] = _Asked(place, profile, asked)
    return doubted, found


def _find_repeated(hashes: "array[int]") -> set[int]:
    return {one for one, following in pairwise(sorted(hashes)) if one == following}


def _find_marks(
    key: int, profile: Profile, before: Mapping[int, Profile]
) -> tuple[set[Mark], set[Mark]]:
    """Find the marks by which a project is doubted that it did not have before; all that answer."""
    questions, answers = profile.find_questions_and_answers()
    return questions - (before[key].find_questions() if key in before else set()), answers


def _find_stored(marks: set[Mark], now: Profiles, visible: QuerySet, found: _Found) -> None:
    """Find the stored projects that have the marks: by names, and by investors known before."""
    names = {mark.value for mark in marks if mark.kind in OF_NAMES}
    names |= {f"{mark.value}{FIRST_PHASE}" for mark in marks if mark.kind == "same_name"}
    backed = {mark for mark in marks if mark.kind not in OF_NAMES and mark.get_backer() > 0}
    in_currencies = {mark for mark in backed if mark.is_in_other_currency()}
    rows = [
        *(_find_by_name(some, visible) for some in chunks(names)),
        *(_find_by_investor(some, visible) for some in chunks(backed - in_currencies)),
        *(_find_by_claim(some, visible) for some in chunks(in_currencies)),
    ]
    for row in (row for each in rows for row in each if row["pk"] not in now):
        backer = {row["backer"]} if row.get("backer") else set()
        is_lead = row.get("role") == Investor.Role.LEAD
        profile = Profile(
            **{name: row[column] for name, column in PROFILE_COLUMNS.items()},
            backers=frozenset(backer),
            leads=frozenset(backer if is_lead else ()),
            is_only_intended=row["stage"] == Stage.INTENDED,
            other_amounts=frozenset([(row["value"], row["currency"])] if "value" in row else ()),
        )
        for mark in profile.find_answers() & marks:
            if len(found[mark]) < COMPARED_AT_MOST:
                found[mark][row["pk"]] = profile


def _find_by_name(names: Iterable[str], visible: QuerySet) -> Iterable[dict[str, Any]]:
    keys = {key for name in names for key in build_name_keys(name)}
    rows = visible.annotate(key_zh=NameKey("name_zh"), key_en=NameKey("name_en"))
    rows = rows.filter(Q(key_zh__in=keys) | Q(key_en__in=keys)).order_by("pk")
    return rows.values("pk", "stage", *PROFILE_COLUMNS.values())


def _find_by_investor(marks: Iterable[Mark], visible: QuerySet) -> Iterable[dict[str, Any]]:
    leads = {mark.value for mark in marks if mark.kind == "intent_exists"}
    amounts = {mark.value for mark in marks if mark.kind == "same_amount"}
    of_intents = Q(
        stage=Stage.INTENDED,
        investors__organisation__in=leads,
        investors__role=Investor.Role.LEAD,
    )
    of_amounts = Q(
        investment_cny__in={amount for _backer, amount in amounts},
        investors__organisation__in={backer for backer, _amount in amounts},
        investors__role__in=BACKING_ROLES,
    )
    rows = visible.filter(
        of_intents | of_amounts,
        park__in={mark.park for mark in marks},
        investors__organisation__in=leads | {backer for backer, _amount in amounts},
    )
    rows = rows.annotate(backer=F("investors__organisation_id"), role=F("investors__role"))
    return rows.order_by("pk").values("pk", "stage", "backer", "role", *PROFILE_COLUMNS.values())


def _find_by_claim(marks: Iterable[Mark], visible: QuerySet) -> Iterable[dict[str, Any]]:
    """Find those that have the same investor and amount in another currency than the yuan."""
    marks = list(marks)
    claims = select_other_amounts().filter(
        value__in={mark.value[1][0] for mark in marks},
        currency__in={mark.value[1][1] for mark in marks},
    )
    rows = visible.filter(
        park__in={mark.park for mark in marks},
        investors__organisation__in={mark.get_backer() for mark in marks},
        investors__role__in=BACKING_ROLES,
        figures__in=claims,
    )
    rows = rows.annotate(
        backer=F("investors__organisation_id"),
        role=F("investors__role"),
        value=F("figures__value"),
        currency=F("figures__currency"),
    )
    columns = ("pk", "stage", "backer", "role", "value", "currency", *PROFILE_COLUMNS.values())
    return rows.order_by("pk").values(*columns)


def _build_doubt(
    key: int, profile: Profile, kind: str, others: Mapping[int, Profile], stored: Collection[int]
) -> Doubt:
    candidates = tuple(
        Candidate(
            other,
            each.code if other in stored else "",
            each.name_zh,
            each.name_en,
            each.amount_cny is not None,
        )
        for other, each in others.items()
    )
    names = {name for each in others.values() for name in each.find_names()}
    is_chinese = loosen(profile.name_zh) in names or (kind == "part_exists" and profile.name_zh)
    by_name = "name_zh" if is_chinese else "name_en"
    fields = {"same_amount": "investment_cny", "intent_exists": "investors"}
    return Doubt(
        key,
        DoubtKind.DUPLICATES,
        fields.get(kind, by_name),
        kind,
        describe_duplicates(kind, candidates),
        candidates,
        profile.amount_cny is not None,
    )


def describe_duplicates(kind: str, candidates: Collection[Candidate]) -> str:
    """Say what a project has in common with others, in the active language."""
    texts = {
        "same_name": _("The park has a project of this name: %(projects)s."),
        "part_exists": _(
            "By its name, one is a phase, a part or an increase of the other: %(projects)s. As "
            "separate projects, both amounts count."
        ),
        "same_amount": _(
            "The park has a project of the same investor with the same amount: %(projects)s."
        ),
        "intent_exists": _(
            "This may be the contract of an intent that the same investor has signed in the park: "
            "%(projects)s."
        ),
    }
    named = ", ".join(str(each) for each in list(candidates)[:NAMED_AT_MOST])
    if len(candidates) > NAMED_AT_MOST:
        more = {"projects": named, "count": len(candidates) - NAMED_AT_MOST}
        named = _("%(projects)s and %(count)d more") % more
    return texts[kind] % {"projects": named}
