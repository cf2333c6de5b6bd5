"""What tells one project from another, and what two have in common that may be one."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from projects.lifecycle.words import HEADLINE_INDICATOR, Stage, list_stages_from
from projects.models import Investor, Project, ProjectFigure, list_wholes, loosen

# Those who give land or a fund do so for many projects of a park
BACKING_ROLES = (Investor.Role.LEAD, Investor.Role.CO)


class Mark(NamedTuple):
    """Something by which two projects of a park may be one.

    `kind` is `same_name` (with a name as `loosen` leaves it), `part_exists` (with the name of the
    whole), `same_amount` (with the key of an investor and an amount: in yuan, or a number and its
    currency) or `intent_exists` (with the key of a lead investor).
    """

    kind: str
    park: int
    value: Any

    def is_in_other_currency(self) -> bool:
        return self.kind == "same_amount" and isinstance(self.value[1], tuple)

    def get_backer(self) -> int:
        """Get the key of the investor; it is negative as long as the organisation is not stored."""
        return self.value[0] if self.kind == "same_amount" else self.value


@dataclass(frozen=True, slots=True)
class Profile:
    """What tells a project from others: investors are keys of organisations."""

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
    part_of_name: str = ""  # the loosened name of the whole, where only its place tells it

    def find_names(self) -> set[str]:
        """Find its names as `loosen` leaves them."""
        return {loosen(name) for name in (self.name_zh, self.name_en)} - {""}

    def find_marks(self) -> tuple[set[Mark], set[Mark]]:
        """Find the marks by which others may be this project, and by which it may be another."""
        marks = {*self._list_marks()}
        return (
            marks.union(self._find_intents(self.is_signed_without_intent)),
            marks.union(self._find_intents(self.is_only_intended)),
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

    def _find_intents(self, is_so: bool) -> Iterator[Mark]:
        if is_so:
            for lead in self.leads:
                yield Mark("intent_exists", self.park, lead)

    def is_whole_or_part(self, mark: Mark, other: "Profile") -> bool:
        """Tell whether one of two that have a mark of a whole is that whole, and the other not."""
        return (mark.value in self.find_names()) != (mark.value in other.find_names())

    def is_apart_from(self, key: int, other: "Profile", other_key: int) -> bool:
        """Tell whether it is told already how two relate: the codes differ, or one says so."""
        if self.national_code and other.national_code:
            return self.national_code != other.national_code
        own, theirs = {self.part_of, self.duplicate_of}, {other.part_of, other.duplicate_of}
        return other_key in own or key in theirs or bool(own & theirs - {None})


# The fields by which a project may become like another
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
    """Read the profiles of stored projects, by key: two queries for any number, none for none.

    A third one finds the amounts in other currencies of those that have none in yuan.
    """
    keys = list(projects)
    if not keys:
        return {}
    rows = Project.objects.filter(pk__in=keys).values(
        "pk", "stage", "has_intent", *PROFILE_COLUMNS.values()
    )
    stored = {row["pk"]: row for row in rows.order_by()}
    backers: dict[int, set[int]] = {}
    leads: dict[int, set[int]] = {}
    investors = Investor.objects.filter(project__in=keys, role__in=BACKING_ROLES).order_by()
    for project, organisation, role in investors.values_list(
        "project_id", "organisation_id", "role"
    ):
        backers.setdefault(project, set()).add(organisation)
        if role == Investor.Role.LEAD:
            leads.setdefault(project, set()).add(organisation)
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


def select_other_amounts() -> Any:
    """Select the claims that say the investment of whole projects in other currencies."""
    claims = ProjectFigure.objects.standing().of_the_whole()
    return claims.filter(indicator=HEADLINE_INDICATOR, value__isnull=False)


def _find_other_amounts(projects: list[int]) -> dict[int, set[tuple[Any, str]]]:
    found: dict[int, set[tuple[Any, str]]] = {}
    if not projects:
        return found
    claims = select_other_amounts().filter(project__in=projects).order_by()
    for project, value, currency in claims.values_list("project_id", "value", "currency"):
        found.setdefault(project, set()).add((value, currency))
    return found
