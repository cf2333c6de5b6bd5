"""What tags mean, in plain Python: which hold on a day, of a project and of who invests in it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from parks.models import OrganisationTag, Tag
from projects.models import Assignment, ProjectTag
from tests.projects.oracle.reading import read_period
from tests.projects.oracle.terms import RefusedError, Row
from tests.projects.oracle.tracking import today

BEARERS = {"tag": "project", "investor_tag": "organisation"}


class Tags:
    """All tags and taggings: of each project and organisation by its key."""

    def __init__(self) -> None:
        self.known = {row["code"]: row for row in Tag.objects.values()}
        self.of: dict[str, dict[int, list[Row]]] = {"project": {}, "organisation": {}}
        for name, model in (("project", ProjectTag), ("organisation", OrganisationTag)):
            for row in model.objects.values():
                self.of[name].setdefault(row[f"{name}_id"], []).append(row)
        self.people: dict[int, set[str]] = {}
        self.responsible: dict[int, set[str]] = {}
        self.shares: dict[int, dict[str, int]] = {}
        rows = Assignment.objects.values_list("project_id", "name", "role", "office", "share_bp")
        for project, name, role, unit, share in rows:
            self.people.setdefault(project, set()).add(name)
            if role == "responsible":
                self.responsible.setdefault(project, set()).add(name)
            if share is not None:
                self.shares.setdefault(project, {})[unit] = share


def holds(tagging: Row, day: date) -> bool:
    first, last = tagging["valid_from"], tagging["valid_to"]
    if first is None and last is None:
        return tagging["year"] in (None, day.year)
    return (first is None or first <= day) and (last is None or day <= last)


def tags_of(oracle: Any, row: Row, name: str, on: date | None) -> set[str]:
    """The tags of a project, or those of its investors and what counts for their groups."""
    of = oracle.tags.of
    if name == "tag":
        own = of["project"].get(row["id"], [])
        return {each["tag_id"] for each in own if on is None or holds(each, on)}
    signed = row["signed_on"] and row["signed_on"][0]
    day = on or signed or today()
    found = set()
    for investor in investors_of(oracle, row):
        above, steps = investor["organisation_id"], 0
        while above is not None and steps < 3:
            for tagging in of["organisation"].get(above, []):
                counts = steps == 0 or oracle.tags.known[tagging["tag_id"]]["is_of_group"]
                if counts and holds(tagging, day):
                    found.add(tagging["tag_id"])
            above, steps = oracle.organisations[above]["parent_id"], steps + 1
    return found


def investors_of(oracle: Any, row: Row) -> list[Row]:
    """Who invests: the project company does not."""
    there = oracle.children["Investor"].get(row["id"], [])
    return [investor for investor in there if investor["role"] != "vehicle"]


def owners_of(oracle: Any, row: Row) -> set[str]:
    """How those are owned who invest in a project, as far as it is known."""
    investors = investors_of(oracle, row)
    said = {oracle.organisations[i["organisation_id"]]["ownership"] for i in investors}
    return said - {""}


def day_asked(oracle: Any, name: str) -> date | None:
    """The day that the question names beside the tags, or None."""
    text = oracle.asked.get(f"{name}_on")
    return read_period(text)[0] if text else None


def in_set(text: str, known: set[str], there: Callable[[Row], set[str]]) -> Callable[[Row], bool]:
    wanted = {word.strip().lower() for word in text.split(",")}
    if strange := wanted - known - {"unknown"}:
        raise RefusedError(f"no such tag: {strange}")
    return lambda row: bool(there(row) & wanted) or ("unknown" in wanted and not there(row))


def tagged(name: str) -> Callable[[Any, str, bool], Callable[[Row], bool]]:
    def build(oracle: Any, text: str, sees_all: bool) -> Callable[[Row], bool]:
        known = {c for c, tag in oracle.tags.known.items() if tag["bearer"] == BEARERS[name]}
        day = day_asked(oracle, name)
        return in_set(text, known, lambda row: tags_of(oracle, row, name, day))

    return build


def tagged_on(name: str) -> Callable[[Any, str, bool], Callable[[Row], bool]]:
    return lambda oracle, text, sees_all: (
        lambda row: bool(tags_of(oracle, row, name, read_period(text)[0]))
    )


def owned(oracle: Any, text: str, sees_all: bool) -> Callable[[Row], bool]:
    words = {row["ownership"] for row in oracle.organisations.values()} | {"foreign", "hmt"}
    return in_set(text, words, lambda row: owners_of(oracle, row))


def answered(oracle: Any, text: str, sees_all: bool) -> Callable[[Row], bool]:
    """Of one of these people, whom the roles of parks alone see."""
    wanted = {word.strip() for word in text.split(",")}

    def holds(row: Row) -> bool:
        there = oracle.tags.people.get(row["id"], set()) if sees_all else set()
        return bool(there & wanted) or ("unknown" in wanted and not there)

    return holds


FILTERS = {
    "responsible": answered,
    "investor_ownership": owned,
    **{name: tagged(name) for name in BEARERS},
    **{f"{name}_on": tagged_on(name) for name in BEARERS},
}


def of_tags(name: str) -> Callable[[Any, Row, bool], list[Any]]:
    """The tags of a project as a dimension has them: each, or None."""
    return lambda oracle, row, sees_all: (
        sorted(tags_of(oracle, row, name, day_asked(oracle, name))) or [None]
    )


DIMENSIONS = {
    "responsible_person": lambda oracle, row, sees_all: (
        (sorted(oracle.tags.responsible.get(row["id"], ())) if sees_all else []) or [None]
    ),
    "working_unit": lambda oracle, row, sees_all: (
        (sorted(oracle.tags.shares.get(row["id"], ())) or [row["responsible_unit"] or None])
        if sees_all
        else [None]
    ),
    "investor_ownership": lambda oracle, row, sees_all: sorted(owners_of(oracle, row)) or [None],
    **{name: of_tags(name) for name in BEARERS},
}
