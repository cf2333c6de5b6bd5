"""Resolve regions and sectors by code, group, or name in either language.

A text is tried whole, then split at commas. Each part is `foreign` (国外) for all countries, a
code, the name of a group, a full name, a name without its type word (浙江 for 浙江省), or a path
(北京市朝阳区). Among equal names a province wins (河北, 吉林), then the one that contains the
others; any other tie is an error that lists the candidates. A place without a code of its own
(韩国首尔, 美国加州, 雄安新区) is within a wider region.

Named groups are intervals of codes, as SQL that counts and as conditions: a count by group and the
list of a group agree. A code that is too coarse to say (Guangdong, where only nine of its cities
are in the group) is unknown, unless it is surely in another group.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache, partial, reduce
from itertools import pairwise
from operator import or_
from os.path import commonprefix
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext as _

from api.lists.filters import UNKNOWN
from api.readers import MAX_VALUES
from config.mistakes import Mistake, nearest
from config.texts import shorten
from parks.models import (
    Region,
    RegionGroup,
    RegionGroupMember,
    RegionName,
    Sector,
    SectorGroup,
    SectorGroupMember,
)
from parks.models.spellings import spell
from parks.models.vocabularies import (
    ALONE,
    FIRST_OF_COUNTRIES,
    FOREIGN,
    first_code,
    holds_code,
    is_abroad,
    lies_abroad,
    name_key,
    next_code,
)
from parks.names.choosing import BEGINS, SCATTERED, WITHIN, find_terms_state, load_choices

LONGEST_LOOKUP = 200  # characters; longer than any name or path
# Between a country and a place in it
_SIGNS = " ·/-—,，()（）"
# A place, not a list of several, and not an industrial park in China that is named after a country
_PLACE = re.compile(r"(?!.*[和及与或等、；;园])[^\W\d_][\w·'. -]+")
SEPARATOR = re.compile(r"[,，、;；]")
MOST_CANDIDATES = 20
# Words for all other countries, normalised
FOREIGN_WORDS = {FOREIGN, "abroad", "foreign countries", "国外", "外国"}


@dataclass(frozen=True)
class Part:
    """All codes that begin with one of `prefixes` and with none of `without`.

    With `has_countries` also those of all countries.
    """

    prefixes: tuple[str, ...]
    without: tuple[str, ...] = ()
    has_countries: bool = False

    def condition(self, column: str) -> Q:
        inside = in_ranges(column, self.prefixes)
        if self.has_countries:
            inside |= is_abroad(column)
        inside = inside or Q(pk__in=[])  # a group without members today selects nothing
        outside = in_ranges(column, self.without)
        return inside & ~outside if outside else inside


@dataclass(frozen=True)
class Selection:
    """The meaning of a filter value: codes to match, and whether `unknown` is included."""

    parts: tuple[Part, ...] = field(default=())
    is_unknown: bool = False

    def condition(self, column: str) -> Q:
        """Build the condition that `column` is selected; an empty selection matches nothing."""
        whole = [part for part in self.parts if not part.without]
        prefixes = tuple(prefix for part in whole for prefix in part.prefixes)
        has_countries = any(part.has_countries for part in whole)
        together = Part(prefixes, has_countries=has_countries)  # as ranges may adjoin
        parts = [part for part in self.parts if part.without] + ([together] if whole else [])
        chosen = reduce(or_, (part.condition(column) for part in parts), Q())
        if self.is_unknown:
            chosen |= Q(**{f"{column}__isnull": True})
        return chosen or Q(pk__in=[])


def find_regions(text: str) -> Selection:
    """Find the regions that a text names, with their parts.

    Raise `Mistake` for an unknown (`unknown_value`) or ambiguous (`ambiguous_name`) name.
    """
    return _select(text, _find_region, _describe_unknown_region)


def find_sectors(text: str) -> Selection:
    """Find the sectors that a text names, with their parts; raise `Mistake` as for regions."""
    return _select(text, _find_sector, _describe_unknown_sector)


def spot_regions(word: str) -> Part | None:
    """Find the region that a word of a search names, or all with that name; None if none has."""
    if len(word) > LONGEST_LOOKUP:
        return None
    try:
        return _find_region(word)
    except Mistake as mistake:
        codes = [candidate["code"] for candidate in mistake.candidates or ()]
        regions = Region.objects.filter(code__in=codes)
        return (
            Part(tuple(each for region in regions for each in region.prefixes)) if codes else None
        )


def spot_sectors(word: str) -> Part | None:
    """Find the sectors with a name that is, or contains, a word of a search; None if none has.

    A code needs its letter here: 2024 is a year.
    """
    if word.isdecimal() or len(word) > LONGEST_LOOKUP:
        return None
    try:
        called = _find_sector(word)
    except Mistake:
        called = None
    if called:
        return called
    held = load_choices(Sector).find_matching(word, (BEGINS, WITHIN, SCATTERED))
    return Part(tuple(held)) if held else None


def _select(
    text: str, find: Callable[[str], Part | None], unknown_word: Callable[[str], Mistake]
) -> Selection:
    words = list(dict.fromkeys(word.strip() for word in SEPARATOR.split(text)))
    if not all(words):
        raise Mistake("empty_value", _("A value is missing between two commas."))
    known = [word for word in words if word.casefold() != UNKNOWN]
    if len(words) > MAX_VALUES:
        raise unknown_word(text)
    if too_long := next((word for word in words if len(word) > LONGEST_LOOKUP), None):
        raise unknown_word(too_long)
    if len(words) > 1 and len(text) <= LONGEST_LOOKUP and (whole := find(text.strip())):
        return Selection((whole,))
    parts = []
    for word in known:
        part = find(word)
        if part is None:
            raise unknown_word(word)
        parts.append(part)
    return Selection(tuple(parts), is_unknown=len(known) < len(words))


def _find_region(word: str) -> Part | None:
    if name_key(word) in FOREIGN_WORDS:
        return Part((), has_countries=True)
    called = find_called_region(word)
    if isinstance(called, RegionGroup):
        return gather_region_groups([called])[called.code]
    return Part(called.prefixes) if called else None


def find_called_region(word: str) -> Region | RegionGroup | None:
    """Find the region or group with a code or name; raise `Mistake` if it is ambiguous."""
    region = Region.objects.filter(code=word.upper()).first()
    return region or _group_named(RegionGroup, word) or _region_by_name(word)


def _region_by_name(word: str, within: Region | None = None) -> Region | None:
    names = RegionName.objects.filter(key=name_key(word), region__is_statistical=False)
    if within:
        names = names.filter(in_ranges("region", within.prefixes)).exclude(region=within)
    found = list(names.select_related("region__parent").order_by("rank", "region"))
    if not found:
        return _region_by_path(word, within)
    best = [name.region for name in found if name.rank == found[0].rank]
    current = [region for region in best if region.valid_to is None]
    return _the_one(word, current or best)


def _region_by_path(word: str, within: Region | None = None) -> Region | None:
    # 北京市朝阳区, 江苏苏州 or Jiangsu/Suzhou
    plain = name_key(word).replace("/", "").replace(" ", "") if "/" not in word else ""
    heads = [plain[:length] for length in range(len(plain) - 1, 1, -1)]
    if "/" in word:
        heads = [name_key(word.partition("/")[0])]
    names = RegionName.objects.filter(
        key__in=heads, region__level__in=[Region.Level.PROVINCE, Region.Level.PREFECTURE]
    )
    if within:
        names = names.filter(in_ranges("region", within.prefixes)).exclude(region=within)
    found: dict[str, Region] = {}
    for name in names.select_related("region").order_by("region"):
        rest = word.partition("/")[2] if "/" in word else plain.removeprefix(name.key)
        region = _region_by_name(rest, within=name.region) if rest else None
        if region:
            found[region.code] = region
    return _the_one(word, list(found.values())) if found else None


def _the_one(word: str, regions: list[Region]) -> Region:
    provinces = [region for region in regions if region.level == Region.Level.PROVINCE]
    if len(provinces) == 1:  # 河北 is the province, not the district of Tianjin
        return provinces[0]
    for region in regions:
        others = [other for other in regions if other != region]
        if all(holds_code(region.prefixes, other.code) for other in others):
            return region
    candidates = [_candidate(region, region.parent) for region in regions[:MOST_CANDIDATES]]
    codes = ", ".join(f"{c['code']} ({c['name_zh']})" for c in candidates)
    params = {"word": word, "count": len(regions), "codes": codes}
    detail = _("“%(word)s” is the name of %(count)d regions; give a code: %(codes)s.") % params
    raise Mistake("ambiguous_name", detail, candidates=candidates)


def _candidate(row: Any, parent: Any) -> dict[str, str]:
    described = {"code": row.code, "name_zh": row.name_zh, "name_en": row.name_en}
    if parent:
        described |= {"within": parent.code, "within_name_zh": parent.name_zh}
    return described


def gather_region_groups(groups: Iterable[RegionGroup]) -> dict[str, Part]:
    """Load the regions that are in each group today, by the code of the group."""
    found = {group.code: group for group in groups}
    prefixes: dict[str, list[str]] = {code: [] for code in found}
    members = RegionGroupMember.objects.filter(group__in=found).in_force()
    for member in members.select_related("region"):
        prefixes[member.group_id] += member.region.prefixes
    return {
        code: Part(tuple(prefixes[code]), has_countries=group.has_countries)
        for code, group in found.items()
    }


def gather_sector_groups(groups: Iterable[SectorGroup]) -> dict[str, Part]:
    """Load the sectors in each group, and those excluded from it, by the code of the group."""
    members: dict[str, tuple[list[str], list[str]]] = {each.code: ([], []) for each in groups}
    rows = SectorGroupMember.objects.filter(group__in=members)
    for group, is_excluded, sector in rows.values_list("group_id", "excluded", "sector_id"):
        members[group][is_excluded].append(sector)
    return {code: Part(tuple(own), tuple(without)) for code, (own, without) in members.items()}


def _group_named(model: type[RegionGroup] | type[SectorGroup], word: str) -> Any:
    key = name_key(word)
    return next((group for group in model.objects.all() if key in group.keys), None)


# For `nearest_rows`
FINDERS: Mapping[Any, Callable[[str], Any]] = {
    Region: _region_by_name,
    **{model: partial(_group_named, model) for model in (RegionGroup, SectorGroup)},
}


def _find_sector(word: str) -> Part | None:
    called = find_called_sector(word)
    if isinstance(called, SectorGroup):
        return gather_sector_groups([called])[called.code]
    return Part((called.code,)) if called else None


def find_called_sector(word: str) -> Sector | SectorGroup | None:
    """Find the sector or group with a code or name; raise `Mistake` if it is ambiguous."""
    if coded := _sector_by_code(word) or _group_named(SectorGroup, word):
        return coded
    named = Q(name_zh=word) | Q(name_en__iexact=word)
    found = list(Sector.objects.filter(named).order_by("code"))
    if not found:
        return None
    first = found[0]  # a one-class group has its class's name: the broader code wins
    if all(other.code.startswith(first.code) for other in found):
        return first
    candidates = [_candidate(sector, None) for sector in found[:MOST_CANDIDATES]]
    params = {"word": word, "count": len(found), "codes": ", ".join(s.code for s in found)}
    detail = _("“%(word)s” is the name of %(count)d sectors; give a code: %(codes)s.") % params
    raise Mistake("ambiguous_name", detail, candidates=candidates)


def _sector_by_code(word: str) -> Sector | None:
    # With or without the letter of its section: C3973 or 3973
    if word.isdecimal() and word.isascii() and 2 <= len(word) <= 4:
        with_letter = [f"{letter}{word}" for letter in "ABCDEFGHIJKLMNOPQRST"]
        return Sector.objects.filter(code__in=with_letter).first()
    return Sector.objects.filter(code=word.upper()).first()


def _describe_unknown_region(word: str) -> Mistake:
    names = RegionName.objects.values_list("key", flat=True).distinct()
    codes = Region.objects.values_list("code", flat=True) if word[:1].isdigit() else ()
    allowed = [*codes, *names, *_group_words(RegionGroup), *FOREIGN_WORDS]
    message = _("No region or region group is called “%(word)s”.")
    meant = nearest(word, allowed) or _find_province_by_initials(word.lower())
    return Mistake("unknown_value", message % {"word": shorten(word)}, meant)


def _find_province_by_initials(letters: str) -> str | None:
    """Find a short name by the initials of its pinyin: 浙江 by ZJ."""
    names = RegionName.objects.filter(region__level=Region.Level.PROVINCE).order_by("-rank", "key")
    keys = [key for key in names.values_list("key", flat=True) if not key.isascii()]
    return next((key for key in keys if spell(key)[1] == letters), None)


def _describe_unknown_sector(word: str) -> Mistake:
    names = Sector.objects.exclude(name_zh="").values_list("name_zh", flat=True)
    codes = Sector.objects.values_list("code", flat=True) if word[1:].isdigit() else ()
    allowed = [*codes, *names, *_group_words(SectorGroup)]
    message = _("No sector or sector group is called “%(word)s”.")
    return Mistake("unknown_value", message % {"word": shorten(word)}, nearest(word, allowed))


def _group_words(model: type[RegionGroup] | type[SectorGroup]) -> set[str]:
    return {key for group in model.objects.all() for key in group.keys}


def in_ranges(column: str, prefixes: Iterable[str]) -> Q:
    """Select the rows whose code begins with one of the prefixes, by as few ranges as possible."""
    ranges: list[tuple[str, str]] = []
    for prefix in sorted(prefixes):
        first, end = first_code(prefix), next_code(prefix)
        if ranges and first <= ranges[-1][1]:
            first, before = ranges.pop()
            end = max(end, before)
        ranges.append((first, end))
    chosen = Q()
    for first, end in ranges:
        chosen |= Q(**{f"{column}__gte": first, f"{column}__lt": end})
    return chosen


def find_wider_region(text: str) -> Region | None:
    """Find the smallest known region that contains a place; None for regions and other texts.

    For a group of regions it is the region that contains all members.
    """
    if len(text) > LONGEST_LOOKUP:
        return None
    with suppress(ValidationError):  # of an ambiguous name
        called = find_called_region(text)
        if isinstance(called, RegionGroup):
            return _find_container(called)
        if called is None:
            return _find_head(text) or _find_tail(text)
    return None


def _find_head(text: str) -> Region | None:
    # The country or province with which the name of a place begins
    plain = text.strip()
    heads = {name_key(plain[:end]): end for end in range(2, len(plain))}
    names = RegionName.objects.filter(
        key__in=heads, region__level__in=[Region.Level.COUNTRY, Region.Level.PROVINCE]
    ).select_related("region")
    for name in sorted(names, key=lambda name: heads[name.key], reverse=True):
        rest = plain[heads[name.key] :].strip(_SIGNS)
        if name.region.level == Region.Level.COUNTRY:
            return name.region if _is_place(rest) else None
        called = find_called_region(rest) if rest else None
        wider = _find_container(called) if isinstance(called, RegionGroup) else None
        if wider and holds_code(name.region.prefixes, wider.code):
            return wider
    return None


def _find_tail(text: str) -> Region | None:
    # The country after the last comma: Seoul, South Korea
    place, comma, country = text.replace("，", ",").rpartition(",")
    names = RegionName.objects.filter(key=name_key(country), region__level=Region.Level.COUNTRY)
    found = names.select_related("region").first() if comma else None
    return found.region if found and _is_place(place) else None


def _is_place(text: str) -> bool:
    # Whether a text may be a place, without being the name of a region
    is_name = _PLACE.fullmatch(text.strip().replace(",", "")) is not None
    return is_name and all(find_called_region(part.strip()) is None for part in text.split(","))


def _find_container(group: RegionGroup) -> Region | None:
    prefix = commonprefix(gather_region_groups([group])[group.code].prefixes)
    prefixes = [prefix[:length].ljust(6, "0") for length in (4, 2) if len(prefix) >= length]
    return Region.objects.filter(code__in=prefixes).order_by("-code").first()


REST = "rest"
REGION_CODE_LENGTH = 6


@dataclass(frozen=True)
class Label:
    """The groups of a code, and whether it may be in others."""

    groups: tuple[str, ...] = ()
    is_undecided: bool = False

    @property
    def values(self) -> tuple[str | None, ...]:
        return self.groups or ((None,) if self.is_undecided else (REST,))


class CodeGroups:
    """Named groups over all codes of a vocabulary.

    `groups` are the codes of each group; `above` gives the codes that contain a prefix; `rows`
    are the groups themselves.
    """

    def __init__(
        self,
        groups: Mapping[str, Part],
        above: Callable[[str], Iterable[str]],
        rows: Iterable[RegionGroup] | Iterable[SectorGroup],
    ) -> None:
        self.groups = groups
        self.names = {row.code: (row.name_zh, row.name_en) for row in rows}
        self.codes = {key: row.code for row in rows for key in row.keys}
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

    def find(self, word: str) -> str | None:
        """Find the code of the group with a code or name."""
        return self.codes.get(name_key(word))

    def key(self, column: str) -> Case:
        """Build the SQL for the index of a code's label in `labels`, by binary search; or NULL."""
        return Case(
            When(**{f"{column}__isnull": True}, then=None),
            default=self._search(column, self.intervals),
            output_field=IntegerField(),
        )

    def values(self, key: int | None) -> tuple[str | None, ...]:
        return (None,) if key is None else self.labels[key].values

    def condition(self, column: str, words: Iterable[str]) -> Q:
        """Select the rows of these groups, which may include `rest` and `unknown`."""
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
        # The first code of each interval with its label
        starts = {"", *self.coarse, *(f"{code}{ALONE}" for code in self.coarse)}
        for part in self.groups.values():
            for prefix in (*part.prefixes, *part.without):
                starts |= {first_code(prefix), next_code(prefix)}
            if part.has_countries:
                home = settings.PROFILE.country
                starts |= {FIRST_OF_COUNTRIES, home, next_code(home)}
        labelled = [(start, self.label(start)) for start in sorted(starts)]
        changes = [after for before, after in pairwise(labelled) if before[1] != after[1]]
        return [labelled[0], *changes]

    def label(self, code: str) -> Label:
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
    """Load the region groups of a family, or all, with their members today."""
    return _load_groups(RegionGroup, family, find_terms_state())


def regions_of_level(level: str) -> CodeGroups:
    """Load the regions of a level in the home country as groups, and as one all other countries."""
    return _load_level(level, find_terms_state())


@lru_cache(maxsize=4)
def _load_level(level: str, state: Any) -> CodeGroups:
    rows = [row for row in Region.objects.filter(level=level) if not lies_abroad(row.code)]
    above = partial(_regions_above, _load_parents(state))
    if settings.PROFILE.nested_codes:
        groups = {row.code: Part(row.prefixes) for row in rows}
    else:
        parts: dict[str, list[str]] = defaultdict(list)
        for code in _load_parents(state):
            for outer in (code, *above(code)):
                parts[outer].append(f"{code}{ALONE}")
        groups = {row.code: Part(tuple(parts[row.code])) for row in rows}
    return CodeGroups(groups | {FOREIGN: Part((), has_countries=True)}, above, ())


def sector_groups() -> CodeGroups:
    """Load all sector groups. They overlap."""
    return _load_groups(SectorGroup, None, find_terms_state())


@lru_cache(maxsize=16)  # this takes half of the time of a page
def _load_groups(model: Any, family: str | None, state: Any) -> CodeGroups:
    groups = model.objects.order_by("code")
    found = list(groups if family is None else groups.filter(family=family))
    if model is RegionGroup:
        above = partial(_regions_above, _load_parents(state))
        return CodeGroups(gather_region_groups(found), above, found)
    return CodeGroups(gather_sector_groups(found), _sectors_above, found)


def _holds(part: Part, code: str) -> bool:
    is_inside = holds_code(part.prefixes, code) or (part.has_countries and lies_abroad(code))
    return is_inside and not holds_code(part.without, code)


@lru_cache(maxsize=1)
def _load_parents(state: Any) -> dict[str, str | None]:
    # Of regions whose codes do not say it
    nested = settings.PROFILE.nested_codes
    return {} if nested else dict(Region.objects.values_list("code", "parent"))


def _regions_above(parents: Mapping[str, str | None], prefix: str) -> list[str]:
    # Province and city of a region, or whatever it is part of
    if not settings.PROFILE.nested_codes:
        above: list[str] = []
        code = parents.get(first_code(prefix))
        while code and code not in above:
            above.append(code)
            code = parents.get(code)
        return above
    return [prefix[:length].ljust(REGION_CODE_LENGTH, "0") for length in range(2, len(prefix), 2)]


def _sectors_above(prefix: str) -> list[str]:
    # Section, division and group of a sector
    return [prefix[:length] for length in (1, 3, 4) if length < len(prefix)]
