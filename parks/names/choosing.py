"""Find regions, sectors, parks and other rows by typed letters: names, pinyin, paths, groups.

The names are those of filters and imports. Some thousands of them are cached until the next write
of theirs, since every key press asks for a list.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from config.database import history
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
from parks.models.vocabularies import name_key, pick_name, without_type
from parks.recording.recording import is_writing_terms, read_terms_version

MOST_CHOICES = 200
# How well a name matches, best first
CALLED, SPELLED, GROUPED, BEGINS, SPELT_SO_FAR, WITHIN, SCATTERED = range(7)
_LEVELS: dict[str, int] = {
    **{"province": 0, "prefecture": 1, "county": 2, "country": 1},
    **{"section": 0, "division": 1, "group": 2, "class": 3},
}
_RETIRED = 10  # added to the rank of retired terms


@dataclass(frozen=True)
class TermChoice:
    """A row that can be chosen, with its normalised names and their pinyin."""

    key: Any
    names: tuple[str, ...]
    spelled: tuple[str, ...]
    initials: tuple[str, ...]
    level: int = 0
    prefix: str = ""  # of the codes or paths of all its parts
    within: tuple[str, str] = ("", "")  # what it is part of, in Chinese and English
    is_retired: bool = False

    def rank(self, typed: str) -> int | None:
        """Return how well a name matches; None if none does."""
        if typed in self.names:
            return CALLED
        plain = typed.replace(" ", "").replace("'", "")
        if plain in self.spelled or (len(plain) > 1 and plain in self.initials):
            return SPELLED
        if any(name.startswith(typed) for name in self.names):
            return BEGINS
        if any(each.startswith(plain) for each in (*self.spelled, *self.initials)):
            return SPELT_SO_FAR
        if any(typed in name for name in self.names):
            return WITHIN
        if len(typed) > 2 and not typed.isascii():
            for name in self.names:
                rest = iter(name)
                if all(character in rest for character in typed):  # in their order
                    return SCATTERED
        return None


@dataclass(frozen=True)
class ChoosableTerms:
    """The rows of one kind, and the groups by whose names their members are found."""

    rows: Mapping[Any, TermChoice]  # by key
    groups: Sequence[tuple[frozenset[str], frozenset[Any]]] = ()

    def find(self, text: str) -> list[Any]:
        """Find the keys of the matches, best first."""
        typed = name_key(text)
        ranks = {
            key: GROUPED for names, members in self.groups if typed in names for key in members
        }
        for row in self.rows.values():
            rank = row.rank(typed)
            if rank is not None:
                ranks[row.key] = min(rank, ranks.get(row.key, rank))
        if not ranks:
            ranks = self._find_by_path(typed)
        return sorted(ranks, key=lambda key: self._place(key, ranks[key]))[:MOST_CHOICES]

    def find_matching(self, text: str, ranks: Container[int | None]) -> list[Any]:
        """Find the keys of all rows of which a name matches so well, in their order."""
        typed = name_key(text)
        return sorted(key for key, row in self.rows.items() if row.rank(typed) in ranks)

    def _place(self, key: Any, rank: int) -> tuple[int, int, str]:
        row = self.rows[key]
        return rank + _RETIRED * row.is_retired, row.level, str(key)

    def _find_by_path(self, typed: str) -> dict[Any, int]:
        # 浙江杭州 or zhejiang hangzhou: matches of the rest among the parts of the head
        found: dict[Any, int] = {}
        for head, rest in _split_path(typed):
            for outer in self.rows.values():
                if outer.prefix and (head in outer.names or head in outer.spelled):
                    for row in self.rows.values():
                        inner = row.key != outer.key and row.prefix.startswith(outer.prefix)
                        rank = row.rank(rest) if inner else None
                        if rank is not None:
                            found[row.key] = min(rank, found.get(row.key, rank))
        return found

    def name_outer(self, key: Any) -> str:
        """Return the name of what a row is part of, in the active language; or ""."""
        return pick_name(*self.rows[key].within) if key in self.rows else ""


def load_choices(model: Any) -> ChoosableTerms:
    """Load the choices of a model whose rows are some thousands at most."""
    if model in (Region, Sector):
        return _load(model, find_terms_state())
    return _load(model, (history.find_ledger_version(), history.moment(), history.today()))


def find_terms_state() -> Any:
    """Return the version of terms and the day: while they are equal, so are regions and sectors."""
    if is_writing_terms():  # and may take them back: equal to no other state
        return object()
    return read_terms_version(history.find_ledger_version()), history.today()


@lru_cache(maxsize=12)
def _load(model: Any, state: Any) -> ChoosableTerms:
    loaders = {Region: _load_regions, Sector: _load_sectors}
    return loaders[model]() if model in loaders else _load_rows(model)


def _load_regions() -> ChoosableTerms:
    names: dict[str, list[str]] = {}
    for code, key in RegionName.objects.order_by("rank").values_list("region", "key"):
        names.setdefault(code, []).append(key)
    regions = {region.code: region for region in Region.objects.all()}
    rows = {}
    for code, region in regions.items():
        outer, prefix = _find_outer(region, regions)
        within = (outer.name_zh, outer.name_en) if outer and outer is not region else ("", "")
        zh = region.name_zh
        rows[code] = _build(
            code,
            [code.lower(), *names.get(code, ())],
            [zh, without_type(zh), *region.aliases],
            _LEVELS.get(region.level, 0),
            prefix,
            within,
            region.valid_to,
        )
    members = RegionGroupMember.objects.in_force().values_list("group", "region")
    return ChoosableTerms(rows, _list_groups(RegionGroup.objects.all(), members))


def _find_outer(region: Region, regions: Mapping[str, Region]) -> tuple[Region | None, str]:
    """Find the province of a region, and the beginning of its path, which those of parts share."""
    if settings.PROFILE.nested_codes:
        return regions.get(f"{region.code[:2]}0000"), region.prefixes[0]
    path = [region]
    while (above := regions.get(path[0].parent_id or "")) and above not in path:
        path.insert(0, above)
    is_in_country = len(path) > 1 and path[0].level == Region.Level.COUNTRY
    return path[is_in_country], "".join(f"{each.code}/" for each in path)


def _load_sectors() -> ChoosableTerms:
    sectors = {sector.code: sector for sector in Sector.objects.all()}
    rows = {}
    for code, sector in sectors.items():
        outer = sectors.get(sector.parent_id or "")
        within = (outer.name_zh, outer.name_en) if outer else ("", "")
        names = [code.lower(), code[1:], name_key(sector.name_zh), name_key(sector.name_en)]
        level = _LEVELS.get(sector.level, 0)
        rows[code] = _build(code, names, [sector.name_zh], level, code, within, sector.valid_to)
    members = SectorGroupMember.objects.filter(excluded=False).values_list("group", "sector")
    return ChoosableTerms(rows, _list_groups(SectorGroup.objects.all(), members))


def _load_rows(model: Any) -> ChoosableTerms:
    # Parks, groups, events and people; those in a region are found by its name, too
    has_region, rows = hasattr(model, "region"), {}
    for row in model.objects.select_related("region" if has_region else None):
        others = getattr(row, "aliases", ())
        others = others.splitlines() if isinstance(others, str) else others
        spoken = (row.name_zh, row.name_en, *others)
        region = row.region if has_region else None
        within = (region.name_zh, region.name_en) if region else ("", "")
        names = [row.code.lower(), *map(name_key, (*spoken, getattr(row, "brand", ""), *within))]
        rows[row.pk] = _build(row.pk, names, spoken, within=within)
    return ChoosableTerms(rows)


def _build(
    key: Any,
    names: Iterable[str],
    spoken: Iterable[str],
    level: int = 0,
    prefix: str = "",
    within: tuple[str, str] = ("", ""),
    valid_to: Any = None,
) -> TermChoice:
    spellings = [spell(name) for name in spoken if name and not name.isascii()]
    return TermChoice(
        key,
        tuple(dict.fromkeys(filter(None, names))),
        tuple(dict.fromkeys(whole for whole, _initials in spellings)),
        tuple(dict.fromkeys(initials for _whole, initials in spellings)),
        level,
        prefix,
        within,
        valid_to is not None and valid_to < history.today(),
    )


def _list_groups(
    groups: Iterable[Any], members: Iterable[tuple[str, Any]]
) -> list[tuple[frozenset[str], frozenset[Any]]]:
    of_groups: dict[str, set[Any]] = {}
    for group, member in members:
        of_groups.setdefault(group, set()).add(member)
    return [(frozenset(group.keys), frozenset(of_groups.get(group.code, ()))) for group in groups]


def _split_path(typed: str) -> Iterator[tuple[str, str]]:
    # Into a head and a rest: at a blank or slash, or after each character
    for sign in ("/", " "):
        head, found, rest = typed.partition(sign)
        if found and head and rest.strip():
            yield head, rest.strip()
    if " " not in typed and "/" not in typed:
        for place in range(len(typed) - 1, 1, -1):
            yield typed[:place], typed[place:]
