"""Which named groups the code of a region or sector is in: as SQL that counts, as conditions.

Both are made of one list of intervals of codes, so a count by group and the list of a group agree.
A code that is too coarse to say (Guangdong, where only nine of its cities are in the group) is in
the group as little as outside it: unknown, unless it is surely in another one.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from django.db.models import Case, IntegerField, Q, Value, When

from api.lists.filters import UNKNOWN
from config.database import history
from parks.models import RegionGroup, SectorGroup
from parks.models.vocabularies import FIRST_OF_COUNTRIES, next_code
from parks.names.names import Part, gather_region_groups, gather_sector_groups

REST = "rest"
REGION_CODE_LENGTH = 6


@dataclass(frozen=True)
class Label:
    """What is known of a code: the groups it is in, and whether it may be in others."""

    groups: tuple[str, ...] = ()
    is_undecided: bool = False

    @property
    def values(self) -> tuple[str | None, ...]:
        """The values of a dimension of groups: groups, or the rest of them, or None for unknown."""
        return self.groups or ((None,) if self.is_undecided else (REST,))


class CodeGroups:
    """Named groups over all codes of a vocabulary.

    `groups` are the codes of each group; `above` gives the codes that contain a prefix; `names`
    are the two names of each group.
    """

    def __init__(
        self,
        groups: Mapping[str, Part],
        above: Callable[[str], Iterable[str]],
        names: Mapping[str, tuple[str, str]],
    ) -> None:
        self.groups = groups
        self.names = names
        self.coarse: dict[str, set[str]] = {}
        for group, part in groups.items():
            for prefix in part.prefixes:
                for code in above(prefix):
                    self.coarse.setdefault(code, set()).add(group)
        self.intervals = self._intervals()
        self.labels = sorted(
            {label for _start, label in self.intervals},
            key=lambda label: (label.groups, label.is_undecided),
        )
        counts = [len(label.groups) for label in self.labels]
        self.overlaps = max(counts, default=0) > 1

    def key(self, column: str) -> Case:
        """Build the SQL for the place of a code's label in `labels`; NULL where no code is known.

        A search by halves: a handful of comparisons for each row, however many intervals there are.
        """
        return Case(
            When(**{f"{column}__isnull": True}, then=None),
            default=self._search(column, self.intervals),
            output_field=IntegerField(),
        )

    def values(self, key: int | None) -> tuple[str | None, ...]:
        """Find the groups that a key of `key` stands for."""
        return (None,) if key is None else self.labels[key].values

    def condition(self, column: str, words: Iterable[str]) -> Q:
        """Select the rows of these groups, `rest` and `unknown` among them."""
        wanted = {None if word == UNKNOWN else word for word in words}
        chosen = Q(**{f"{column}__isnull": True}) if None in wanted else Q(pk__in=[])
        ends = [start for start, _label in self.intervals[1:]] + [""]
        for (start, label), end in zip(self.intervals, ends, strict=True):
            if wanted.intersection(label.values):
                known = Q(**{f"{column}__isnull": False})
                since = Q(**{f"{column}__gte": start}) if start else known
                chosen |= since & Q(**{f"{column}__lt": end}) if end else since
        return chosen

    def _intervals(self) -> list[tuple[str, Label]]:
        """Where the label changes: the first code of each interval with its label."""
        starts = {"", *self.coarse, *(f"{code}0" for code in self.coarse)}
        for part in self.groups.values():
            for prefix in (*part.prefixes, *part.without):
                starts |= {prefix, next_code(prefix)}
            if part.has_countries:
                starts.add(FIRST_OF_COUNTRIES)
        labelled = [(start, self._label(start)) for start in sorted(starts)]
        changes = [after for before, after in pairwise(labelled) if before[1] != after[1]]
        return [labelled[0], *changes]

    def _label(self, code: str) -> Label:
        inside = tuple(group for group, part in self.groups.items() if _holds(part, code))
        return Label(inside, bool(self.coarse.get(code, set()) - {*inside}))

    def _search(self, column: str, intervals: list[tuple[str, Label]]) -> Any:
        if len(intervals) == 1:
            return Value(self.labels.index(intervals[0][1]))
        middle = len(intervals) // 2
        return Case(
            When(
                **{f"{column}__lt": intervals[middle][0]},
                then=self._search(column, intervals[:middle]),
            ),
            default=self._search(column, intervals[middle:]),
            output_field=IntegerField(),
        )


def region_groups(family: str | None = None) -> CodeGroups:
    """Load the region groups of a family, or all, with those members that are in them today."""
    return _load_groups(RegionGroup, family, history.find_state())


def sector_groups() -> CodeGroups:
    """Load all sector groups. They overlap."""
    return _load_groups(SectorGroup, None, history.find_state())


@lru_cache(maxsize=16)  # to read them, and to find where they begin and end, takes half of a page
def _load_groups(model: Any, family: str | None, state: Any) -> CodeGroups:
    groups = model.objects.order_by("code")
    found = list(groups if family is None else groups.filter(family=family))
    names = {group.code: (group.name_zh, group.name_en) for group in found}
    if model is RegionGroup:
        return CodeGroups(gather_region_groups(found), _regions_above, names)
    return CodeGroups(gather_sector_groups(found), _sectors_above, names)


def _holds(part: Part, code: str) -> bool:
    def is_under(prefixes: Iterable[str]) -> bool:
        return any(prefix <= code < next_code(prefix) for prefix in prefixes)

    is_inside = is_under(part.prefixes) or (part.has_countries and code >= FIRST_OF_COUNTRIES)
    return is_inside and not is_under(part.without)


def _regions_above(prefix: str) -> list[str]:
    """The codes of the province and the city of a region, itself not included."""
    return [prefix[:length].ljust(REGION_CODE_LENGTH, "0") for length in range(2, len(prefix), 2)]


def _sectors_above(prefix: str) -> list[str]:
    """The codes of the section, division and group of a sector, itself not included."""
    return [prefix[:length] for length in (1, 3, 4) if length < len(prefix)]
