"""Doubtful writes: improbable amounts, and projects that are probably one."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from api.problems.errors import QueryError
from config.mistakes import Mistake
from parks.merging.duplicates import PAIRED_AT_MOST, Pair
from parks.recording.change_rows import chunks
from projects.models import (
    DistinctPair,
    Funding,
    Investor,
    NameKey,
    Project,
    ProjectFigure,
    build_name_keys,
    list_wholes,
    loosen,
)
from projects.models.words import HEADLINE_INDICATOR, Stage, list_stages_from
from sheets.forms import TypedAmount
from sheets.packing import split_up


class DoubtKind(models.TextChoices):
    """The kind of a doubt: the word that confirms it."""

    AMOUNTS = "amounts", gettext_lazy("The amounts are right.")
    DUPLICATES = "duplicates", gettext_lazy("These are different projects.")
    AGREEMENTS = (
        "agreements",
        gettext_lazy("The contracts and starts are right, as they were read."),
    )
    LIGHTS = "lights", gettext_lazy("The lights of the ledger stand, not those of the sheet.")
    INVESTORS = "investors", gettext_lazy("The investors are right without what is in brackets.")


@dataclass(frozen=True)
class Candidate:
    """A project that the written one may duplicate; `code` is blank until it is stored."""

    pk: int
    code: str
    name_zh: str
    name_en: str
    has_amount: bool = False  # in yuan, which a claim can increase

    def __str__(self) -> str:
        name = self.name_zh or self.name_en
        return f"{name} ({self.code})" if self.code else name


@dataclass(frozen=True)
class Doubt:
    """One doubt about a written project.

    `project` is its key, `field` the doubtful field, `code` for programs, and `detail` for people
    in the active language. With `has_amount` in yuan it may increase another amount.
    """

    project: int
    kind: DoubtKind
    field: str
    code: str
    detail: str
    candidates: tuple[Candidate, ...] = ()
    has_amount: bool = False


class DoubtfulWriteError(Exception):
    """A write has doubts that are not confirmed."""

    def __init__(self, doubts: Iterable[Doubt]) -> None:
        self.doubts = list(doubts)
        super().__init__(*(doubt.detail for doubt in self.doubts))


def is_improbable(amount_cny: int) -> bool:
    """Return whether this total investment in yuan is improbable."""
    low, high = settings.INVESTMENT_PROBABLE_FROM, settings.INVESTMENT_PROBABLE_TO
    return amount_cny == 0 or not low <= amount_cny <= high


def describe_improbable(amount_cny: int) -> str:
    """Describe an improbable total investment in the active language."""
    text = _(
        "A total investment of %(amount)s is improbable: it usually lies between %(low)s and "
        "%(high)s. Check the unit."
    )
    return text % {
        "amount": TypedAmount(amount_cny),
        "low": TypedAmount(settings.INVESTMENT_PROBABLE_FROM),
        "high": TypedAmount(settings.INVESTMENT_PROBABLE_TO),
    }


def find_improbable_amounts(claims: Collection[int]) -> Iterator[Doubt]:
    """Find the new claims, by key, of an improbable total that the project never had.

    One query for any number of claims.
    """
    if not claims:
        return
    totals = ProjectFigure.objects.of_the_whole().filter(
        indicator=HEADLINE_INDICATOR, amount_cny__isnull=False
    )
    same = totals.filter(project=OuterRef("project"), amount_cny=OuterRef("amount_cny"))
    improbable = (
        Q(amount_cny__lt=settings.INVESTMENT_PROBABLE_FROM)
        | Q(amount_cny__gt=settings.INVESTMENT_PROBABLE_TO)
        | Q(amount_cny=0)
    )
    asked = totals.filter(improbable, ~Exists(same.filter(pk__lt=OuterRef("pk"))), pk__in=claims)
    for project, amount in asked.order_by("pk").values_list("project_id", "amount_cny"):
        detail = describe_improbable(amount)
        yield Doubt(project, DoubtKind.AMOUNTS, "investment_cny", "improbable_amount", detail)


def find_improbable_recognitions(fundings: Collection[int]) -> Iterator[Doubt]:
    """Find the flows, by key, of which far more is newly recognised than was reported."""
    known = Funding.history.model.objects.filter(
        id=OuterRef("pk"), recognised_cny=OuterRef("recognised_cny")
    )
    written = Funding.objects.filter(~Exists(known), pk__in=fundings, recognised_cny__gt=0)
    for row in written.order_by("pk"):
        if row.has_improbable_recognition():
            detail = describe_recognition(row)
            about = (DoubtKind.AMOUNTS, "recognised_cny", "improbable_amount")
            yield Doubt(row.project_id, *about, detail)


def describe_recognition(flow: Funding) -> str:
    """Describe an improbable recognised amount in the active language."""
    text = _("%(recognised)s is recognised of %(reported)s that was reported. Check the unit.")
    amounts = {"recognised": flow.recognised_cny or 0, "reported": flow.reported}
    return text % {name: TypedAmount(cny) for name, cny in amounts.items()}


# Funds and owners of land take part in many projects of a park
BACKING_ROLES = (Investor.Role.LEAD, Investor.Role.CO)


class Mark(NamedTuple):
    """A property that projects of a park share if they may be duplicates.

    `kind` is `same_name` (with a name as `loosen` leaves it), `part_exists` (with the name of the
    whole), `same_amount` (with the key of an investor and an amount: in yuan, or a number and its
    currency) or `intent_exists` (with the key of a lead investor).
    """

    kind: str
    park: int
    value: Any

    def get_backer(self) -> int:
        """Return the key of the investor; negative if the organisation is not stored yet."""
        return self.value[0] if self.kind == "same_amount" else self.value


@dataclass(frozen=True, slots=True)
class Profile:
    """The identifying values of a project; investors are keys of organisations."""

    park: int
    name_zh: str = ""
    name_en: str = ""
    code: str = ""
    national_code: str = ""
    amount_cny: int | None = None
    other_amounts: frozenset[tuple[Any, str]] = frozenset()  # in other currencies
    backers: frozenset[int] = frozenset()
    leads: frozenset[int] = frozenset()
    is_only_intended: bool = False
    is_signed_without_intent: bool = False
    part_of: int | None = None
    duplicate_of: int | None = None
    part_of_name: str = ""  # the loosened name of the whole, if only the place in a file tells it

    def find_names(self) -> set[str]:
        """Return the names, normalised by `loosen`."""
        return {loosen(name) for name in (self.name_zh, self.name_en)} - {""}

    def find_marks(self) -> tuple[set[Mark], set[Mark]]:
        """Return the marks by which it may be another project, and by which others may be it."""
        marks = {*self._list_marks()}
        with_intents = marks | {Mark("intent_exists", self.park, lead) for lead in self.leads}
        return (
            with_intents if self.is_signed_without_intent else marks,
            with_intents if self.is_only_intended else marks,
        )

    def _list_marks(self) -> Iterator[Mark]:
        names = self.find_names()
        for name in names:
            yield Mark("same_name", self.park, name)
        wholes = (whole for name in names for whole in list_wholes(name))
        for name in {*names, self.part_of_name, *wholes} - {""}:
            yield Mark("part_exists", self.park, name)
        for amount in (self.amount_cny, *self.other_amounts):
            for backer in self.backers if amount else ():
                yield Mark("same_amount", self.park, (backer, amount))

    def is_whole_or_part(self, mark: Mark, other: "Profile") -> bool:
        """Return whether one of the two projects is the whole of the mark, and the other not."""
        return (mark.value in self.find_names()) != (mark.value in other.find_names())

    def is_apart_from(self, key: int, other: "Profile", other_key: int) -> bool:
        """Return whether the relation of two projects is known already."""
        if self.national_code and other.national_code:
            return self.national_code != other.national_code
        own, theirs = {self.part_of, self.duplicate_of}, {other.part_of, other.duplicate_of}
        return other_key in own or key in theirs or bool(own & theirs - {None})


# The fields whose change may make a project a duplicate
IDENTITY = {
    *("name_zh", "name_en", "park"),
    *("investment_cny", "investors", "milestones", "figures"),
}
PROFILE_COLUMNS = {
    "park": "park_id",
    "name_zh": "name_zh",
    "name_en": "name_en",
    "code": "code",
    "national_code": "national_code",
    "amount_cny": "investment_cny",
    "part_of": "part_of_id",
    "duplicate_of": "duplicate_of_id",
}


def read_profiles(projects: Iterable[int]) -> dict[int, Profile]:
    """Read the profiles of stored projects, by key, with two queries for any number.

    A third query reads the amounts in other currencies of projects without one in yuan.
    """
    keys = list(projects)
    if not keys:
        return {}
    rows = Project.objects.filter(pk__in=keys).values(
        "pk", "stage", "has_intent", *PROFILE_COLUMNS.values()
    )
    stored = {row["pk"]: row for row in rows.order_by()}
    backers: dict[int, set[int]] = defaultdict(set)
    leads: dict[int, set[int]] = defaultdict(set)
    investors = Investor.objects.filter(project__in=keys, role__in=BACKING_ROLES).order_by()
    for project, organisation, role in investors.values_list(
        "project_id", "organisation_id", "role"
    ):
        backers[project].add(organisation)
        if role == Investor.Role.LEAD:
            leads[project].add(organisation)
    others = _find_other_amounts(
        [key for key in backers if key in stored and stored[key]["investment_cny"] is None]
    )
    return {
        key: Profile(
            **{name: stored[key][column] for name, column in PROFILE_COLUMNS.items()},
            other_amounts=frozenset(others.get(key, ())),
            backers=frozenset(backers.get(key, ())),
            leads=frozenset(leads.get(key, ())),
            is_only_intended=stored[key]["stage"] == Stage.INTENDED,
            is_signed_without_intent=not stored[key]["has_intent"]
            and stored[key]["stage"] in list_stages_from(Stage.SIGNED),
        )
        for key in keys
        if key in stored
    }


def _find_other_amounts(projects: list[int]) -> dict[int, set[tuple[Any, str]]]:
    found: dict[int, set[tuple[Any, str]]] = {}
    if not projects:
        return found
    claims = ProjectFigure.objects.of_other_currencies().filter(project__in=projects).order_by()
    for project, value, currency in claims.values_list("project_id", "value", "currency"):
        found.setdefault(project, set()).add((value, currency))
    return found


NAMED_AT_MOST = 3  # in the text of a doubt
ASKED_AT_ONCE = 5_000  # projects whose marks are looked up together
OF_NAMES = ("same_name", "part_exists")
FIRST_PHASE = "一期"  # finds the phases of a new whole
COMPARED_AT_MOST = 50  # projects with the same mark
_Found = dict[Mark, dict[int, Profile]]


class Profiles(Protocol):
    """Profiles by key, in a stable order, in memory or built on each iteration."""

    def __len__(self) -> int: ...

    def __contains__(self, key: object) -> bool: ...

    def items(self) -> Iterable[tuple[int, Profile]]: ...


@dataclass(frozen=True)
class _Asked:
    """A compared project: its place, its profile, and the marks it shares with others."""

    place: int
    profile: Profile
    marks: set[Mark]


@dataclass(frozen=True)
class Alike:
    """A project with the projects that share a mark with it, by mark and key."""

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

    `before` has the profiles before a write: marks shared already are left out, and so are pairs
    whose relation is known. Of two projects in `now` the later one, or the part of a whole, is
    reported as like the other. Only the first `at_most` projects with a mark are compared.
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
    """Return whether the pair is reported for the other project: the part, or the later one."""
    if other is None or mark not in other.marks:
        return False
    if mark.kind == "part_exists":
        return mark.value in one.profile.find_names()
    return other.place >= one.place


def _find_marked(
    now: Profiles, before: Mapping[int, Profile], visible: QuerySet | None, at_most: int
) -> tuple[dict[int, _Asked], _Found]:
    """Find the marks of each project that others may share, and the projects of each mark.

    Nearly all marks of a long file belong to one row. To save memory, a first pass keeps only their
    hashes.
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
    shared = {one for one, following in pairwise(sorted(hashes)) if one == following}
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


def _find_marks(
    key: int, profile: Profile, before: Mapping[int, Profile]
) -> tuple[set[Mark], set[Mark]]:
    """Return the new marks by which a project is doubted, and the marks by which it answers."""
    questions, answers = profile.find_marks()
    return questions - (before[key].find_marks()[0] if key in before else set()), answers


def _find_stored(marks: set[Mark], now: Profiles, visible: QuerySet, found: _Found) -> None:
    names = {mark.value for mark in marks if mark.kind in OF_NAMES}
    names |= {f"{mark.value}{FIRST_PHASE}" for mark in marks if mark.kind == "same_name"}
    backed = {mark for mark in marks if mark.kind not in OF_NAMES and mark.get_backer() > 0}
    rows = [
        *(select_named(s, visible).order_by().values_list("pk", "park") for s in chunks(names)),
        *(_select_backed(some, visible) for some in split_up(backed, ASKED_AT_ONCE)),
    ]
    parks = {mark.park for mark in marks}
    keys = {key for each in rows for key, park in each if park in parks and key not in now}
    for some in chunks(keys):
        for key, profile in read_profiles(some).items():
            for mark in profile.find_marks()[1] & marks:
                if len(found[mark]) < COMPARED_AT_MOST:
                    found[mark][key] = profile


def select_named(names: Iterable[str], visible: QuerySet) -> QuerySet:
    """Select the projects with one of these names, or one that `loosen` may find equal."""
    keys = {key for name in names for key in build_name_keys(name)}
    rows = visible.annotate(key_zh=NameKey("name_zh"), key_en=NameKey("name_en"))
    return rows.filter(Q(key_zh__in=keys) | Q(key_en__in=keys))


def _select_backed(marks: Iterable[Mark], visible: QuerySet) -> QuerySet:
    leads = {mark.value for mark in marks if mark.kind == "intent_exists"}
    pairs = {mark.value for mark in marks if mark.kind == "same_amount"}
    others = {amount for _backer, amount in pairs if isinstance(amount, tuple)}
    is_intent = Q(
        stage=Stage.INTENDED, investors__organisation__in=leads, investors__role=Investor.Role.LEAD
    )
    has_amount = Q(investment_cny__in={amount for _backer, amount in pairs} - others)
    if others:
        claims = ProjectFigure.objects.of_other_currencies().filter(
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
    """Find the `visible` projects that the written ones may duplicate.

    `now` has their profiles as written, `before` those of the stored ones, by key; new projects
    have negative keys. Only changes are doubted, and of two projects written together the later
    one. A fixed number of queries for a thousand projects.
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
    """Describe what a project has in common with others, in the active language."""
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


MOST_COMPARED = 50_000  # projects within the time of a request


class ProjectLikeness(models.TextChoices):
    """What two projects of a park have in common: the kinds of marks."""

    SAME_NAME = "same_name", gettext_lazy("the same name")
    SAME_AMOUNT = "same_amount", gettext_lazy("the same investor and amount")
    INTENT_EXISTS = "intent_exists", gettext_lazy("one may be the contract of the other's intent")


def find_project_pairs(rows: QuerySet) -> Iterator[Pair]:
    """Find the projects of one park that share a mark.

    Without pairs that somebody kept apart, or whose relation is known. QueryError for too many.
    """
    keys = [*rows.order_by("pk").values_list("pk", flat=True)[: MOST_COMPARED + 1]]
    if len(keys) > MOST_COMPARED:
        text = _(
            "More than %(most)d projects would be compared: name a park. Pairs are of one park."
        )
        mistake = Mistake("too_many_rows", text % {"most": MOST_COMPARED})
        raise QueryError([mistake.at(parameter="park")])
    profiles = {
        key: profile for some in chunks(keys) for key, profile in read_profiles(some).items()
    }
    counted: Counter[Mark] = Counter()
    kinds: dict[tuple[int, int], set[str]] = defaultdict(set)
    for alike in find_alike(profiles, at_most=PAIRED_AT_MOST):
        counted.update(alike.others.keys())
        for mark, others in alike.others.items():
            # Nobody merges a phase into its whole
            if mark.kind in ProjectLikeness.values and counted[mark] <= PAIRED_AT_MOST:
                for other in others:
                    kinds[max(alike.key, other), min(alike.key, other)].add(mark.kind)
    for (row, into), found in sorted(kinds.items()):
        yield Pair(row, into, tuple(each for each in ProjectLikeness if each in found))
