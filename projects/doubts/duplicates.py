"""Projects that may be there already: by name, by investor and amount, or as an intent."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from parks.recording.change_rows import chunks
from projects.doubts.doubts import Candidate, Doubt, DoubtKind
from projects.doubts.profiles import BACKING_ROLES, PROFILE_COLUMNS, Mark, Profile
from projects.lifecycle.words import Stage
from projects.models import DistinctPair, Investor, NameKey, build_name_keys, loosen

NAMED_AT_MOST = 3  # in the words of a doubt
ASKED_AT_ONCE = 5_000  # projects, of whose marks others are looked for
COMPARED_AT_MOST = 50  # with one project, of those that have the same mark
_Found = dict[Mark, dict[int, Profile]]


def find_duplicates(
    now: Mapping[int, Profile], before: Mapping[int, Profile], visible: QuerySet
) -> Iterator[Doubt]:
    """Find what may be there already of the projects that are written, among `visible` ones.

    `now` has what they are when they are written and `before` what the stored ones of them were,
    by key; what is not stored yet has a negative key. Only what changes is doubted, and of two
    that are written together the later one. At most three queries for a thousand projects.
    """
    if not now:
        return
    asked, found = _find_alike(now, before, visible)
    places = {key: place for place, key in enumerate(now)}
    pairs = DistinctPair.find(
        key for key in asked if key > 0 and any(found.get(mark) for mark in asked[key])
    )
    for key, marks in asked.items():
        profile = now[key]
        candidates: dict[str, dict[int, Profile]] = defaultdict(dict)
        for mark in sorted(marks, key=str):
            for other, theirs in found.get(mark, {}).items():
                is_asked = mark in asked.get(other, ())
                is_asked_later = is_asked and places.get(other, -1) >= places[key]
                is_known = frozenset((key, other)) in pairs
                if not (is_asked_later or is_known or profile.is_apart_from(key, theirs, other)):
                    candidates[mark.kind][other] = theirs
        for kind, others in candidates.items():
            yield _build_doubt(key, profile, kind, others, before.keys() | (others.keys() - now))


def _find_alike(
    now: Mapping[int, Profile], before: Mapping[int, Profile], visible: QuerySet
) -> tuple[dict[int, set[Mark]], _Found]:
    """Find by which marks projects are doubted, by key, and which projects have these marks.

    Nearly all marks of a long file are those of one row alone. So they are looked at twice, and
    in between only their hashes are kept.
    """
    times: Counter[int] = Counter()
    found: _Found = defaultdict(dict)
    for keys in _divide([*now]):
        marks: set[Mark] = set()
        for key in keys:
            asked = _find_questions(key, now, before)
            times.update(map(hash, now[key].find_answers() | asked))
            marks |= asked
        _find_stored(marks, now, visible, found)
    shared = {each for each, count in times.items() if count > 1}
    doubted = {}
    for key, profile in now.items():
        for mark in profile.find_answers():
            if hash(mark) in shared and len(found[mark]) < COMPARED_AT_MOST:
                found[mark][key] = profile
        asked = {
            mark
            for mark in _find_questions(key, now, before)
            if hash(mark) in shared or mark in found
        }
        if asked:
            doubted[key] = asked
    return doubted, found


def _find_questions(
    key: int, now: Mapping[int, Profile], before: Mapping[int, Profile]
) -> set[Mark]:
    """Find the marks by which a project is doubted that it did not have before."""
    known = before[key].find_questions() if key in before else set()
    return now[key].find_questions() - known


def _divide(keys: list[int]) -> Iterator[list[int]]:
    return (keys[start : start + ASKED_AT_ONCE] for start in range(0, len(keys), ASKED_AT_ONCE))


def _find_stored(marks: set[Mark], now: Collection[int], visible: QuerySet, found: _Found) -> None:
    """Find the stored projects that have the marks: by names, and by investors known before."""
    names = {mark.value for mark in marks if mark.kind == "same_name"}
    backed = {mark for mark in marks if mark.kind != "same_name" and mark.get_backer() > 0}
    rows = [
        *(_find_by_name(some, visible) for some in chunks(names)),
        *(_find_by_investor(some, visible) for some in chunks(backed)),
    ]
    for row in (row for each in rows for row in each if row["pk"] not in now):
        backer = {row["backer"]} if row.get("backer") else set()
        is_lead = row.get("role") == Investor.Role.LEAD
        profile = Profile(
            **{name: row[column] for name, column in PROFILE_COLUMNS.items()},
            backers=frozenset(backer),
            leads=frozenset(backer if is_lead else ()),
            is_only_intended=row["stage"] == Stage.INTENDED,
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
    names = {loosen(name) for each in others.values() for name in (each.name_zh, each.name_en)}
    by_name = "name_zh" if loosen(profile.name_zh) in names - {""} else "name_en"
    fields = {"same_amount": "investment_cny", "intent_exists": "investors"}
    return Doubt(
        key,
        DoubtKind.DUPLICATES,
        fields.get(kind, by_name),
        kind,
        describe_duplicates(kind, candidates),
        candidates,
    )


def describe_duplicates(kind: str, candidates: Collection[Candidate]) -> str:
    """Say what a project has in common with others, in the active language."""
    texts = {
        "same_name": _("The park has a project of this name: %(projects)s."),
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
