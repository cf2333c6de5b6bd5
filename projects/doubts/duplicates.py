"""Projects that may be there already: by name, by investor and amount, or as an intent."""

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Protocol

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from config.packing import split_up
from parks.recording.change_rows import chunks
from projects.doubts.doubts import Candidate, Doubt, DoubtKind
from projects.doubts.profiles import (
    BACKING_ROLES,
    Mark,
    Profile,
    read_profiles,
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
    """A project that has marks of others: its place among those that are compared, and these."""

    place: int
    profile: Profile
    marks: set[Mark]


@dataclass(frozen=True)
class Alike:
    """A project with the other ones that have a mark in common with it, by mark and by key."""

    key: int
    profile: Profile
    others: dict[Mark, dict[int, Profile]]


def find_alike(
    now: Profiles,
    before: Mapping[int, Profile] = MappingProxyType({}),
    visible: QuerySet | None = None,
    at_most: int = COMPARED_AT_MOST,
) -> Iterator[Alike]:
    """Compare projects with each other and with the stored ones among `visible`, if any.

    `before` has what projects were before a write: what they had in common already is left out,
    and so are pairs of which it is known how they relate. Of two in `now` the later one is the
    one that is like the other. Of a mark the first `at_most` projects are compared.
    """
    if not len(now):
        return
    asked, found = _find_marked(now, before, visible, at_most)
    stored = [
        key for key, each in asked.items() if key > 0 and any(found.get(m) for m in each.marks)
    ]
    distinct = {pair for some in chunks(stored) for pair in DistinctPair.find(some)}
    for key, each in asked.items():
        yield Alike(
            key,
            each.profile,
            {
                mark: {
                    other: theirs
                    for other, theirs in found.get(mark, {}).items()
                    if not _is_after(asked.get(other), each, mark)
                    and (mark.kind != "part_exists" or each.profile.is_whole_or_part(mark, theirs))
                    and frozenset((key, other)) not in distinct
                    and not each.profile.is_apart_from(key, theirs, other)
                }
                for mark in sorted(each.marks, key=str)
            },
        )


def _is_after(other: _Asked | None, one: _Asked, mark: Mark) -> bool:
    """Tell whether the other project is asked about this mark too, and not before this one."""
    return other is not None and mark in other.marks and other.place >= one.place


def _find_marked(
    now: Profiles, before: Mapping[int, Profile], visible: QuerySet | None, at_most: int
) -> tuple[dict[int, _Asked], _Found]:
    """Find the marks of each project that others may have, and the projects that have a mark.

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
        if visible is not None:
            _find_stored(wanted, now, visible, found)
    shared = _find_repeated(hashes)
    doubted = {}
    for place, (key, profile) in enumerate(now.items()):
        asked, answers = _find_marks(key, profile, before)
        for mark in answers:
            if hash(mark) in shared and len(found[mark]) < at_most:
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
    questions, answers = profile.find_marks()
    return questions - (before[key].find_marks()[0] if key in before else set()), answers


def _find_stored(marks: set[Mark], now: Profiles, visible: QuerySet, found: _Found) -> None:
    """Find the stored projects that have the marks: by names, and by investors known before."""
    names = {mark.value for mark in marks if mark.kind in OF_NAMES}
    names |= {f"{mark.value}{FIRST_PHASE}" for mark in marks if mark.kind == "same_name"}
    backed = {mark for mark in marks if mark.kind not in OF_NAMES and mark.get_backer() > 0}
    rows = [
        *(_select_named(some, visible) for some in chunks(names)),
        *(_select_backed(some, visible) for some in chunks(backed)),
    ]
    parks = {mark.park for mark in marks}
    keys = {key for each in rows for key, park in each if park in parks and key not in now}
    for some in chunks(keys):
        for key, profile in read_profiles(some).items():
            for mark in profile.find_marks()[1] & marks:
                if len(found[mark]) < COMPARED_AT_MOST:
                    found[mark][key] = profile


def _select_named(names: Iterable[str], visible: QuerySet) -> QuerySet:
    """Select the projects of these loosened names, with their parks."""
    keys = {key for name in names for key in build_name_keys(name)}
    rows = visible.annotate(key_zh=NameKey("name_zh"), key_en=NameKey("name_en"))
    rows = rows.filter(Q(key_zh__in=keys) | Q(key_en__in=keys)).order_by()
    return rows.values_list("pk", "park")


def _select_backed(marks: Iterable[Mark], visible: QuerySet) -> QuerySet:
    """Select the intents and the equal amounts of these investors, with their parks."""
    leads = {mark.value for mark in marks if mark.kind == "intent_exists"}
    pairs = {mark.value for mark in marks if mark.kind == "same_amount"}
    others = {amount for _backer, amount in pairs if isinstance(amount, tuple)}
    is_intent = Q(
        stage=Stage.INTENDED,
        investors__organisation__in=leads,
        investors__role=Investor.Role.LEAD,
    )
    has_amount = Q(investment_cny__in={amount for _backer, amount in pairs} - others)
    if others:
        claims = select_other_amounts().filter(
            value__in={value for value, _currency in others},
            currency__in={currency for _value, currency in others},
        )
        has_amount |= Q(pk__in=claims.values("project"))
    rows = visible.filter(
        is_intent | has_amount,
        park__in={mark.park for mark in marks},
        investors__organisation__in=leads | {backer for backer, _amount in pairs},
        investors__role__in=BACKING_ROLES,
    )
    return rows.order_by().values_list("pk", "park")


def find_duplicates(
    now: Profiles, before: Mapping[int, Profile], visible: QuerySet
) -> Iterator[Doubt]:
    """Find what may be there already of the projects that are written, among `visible` ones.

    `now` has what they are when they are written and `before` what the stored ones of them were,
    by key; what is not stored yet has a negative key. Only what changes is doubted, and of two
    that are written together the later one. A fixed number of queries for a thousand projects.
    """
    for alike in find_alike(now, before, visible):
        candidates: dict[str, dict[int, Profile]] = defaultdict(dict)
        for mark, others in alike.others.items():
            candidates[mark.kind] |= others
        for kind, others in candidates.items():
            stored = {other for other in others if other in before or other not in now}
            if others:
                yield _build_doubt(alike.key, alike.profile, kind, others, stored)


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
