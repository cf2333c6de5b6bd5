"""Resolve the names in cells of an import: regions, sectors, parks, sources, organisations.

Each text is looked up once for a file. An unknown or ambiguous text raises a `Mistake` with a
suggestion.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial, wraps
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from api.problems.nearest_rows import require_row
from config.database.bulk_insert import insert_rows
from config.database.prepared import among
from config.mistakes import Mistake, nearest
from parks.access import Publication, select_readable
from parks.models import Organisation, Park, Region, RegionName, Sector, Source, Tag
from parks.models.vocabularies import RegionGroup, first_code, name_key
from parks.names.names import (
    LONGEST_LOOKUP,
    find_called_region,
    find_regions,
    find_sectors,
    find_wider_region,
)
from parks.recording.change_rows import chunks
from parks.recording.recording import recorded
from parks.recording.records import Change
from sheets.imports import read_once
from sheets.packing import split_up

MOST_UNKNOWN = 200  # different unknown texts of one column
_MOST_CANDIDATES = 20
NAMES_AT_ONCE = 5_000
LONGEST_NAME = 200  # of an organisation
_SHORT_TYPES = (
    ("高新技术产业开发区", "高新区"),
    ("经济技术开发区", "经开区"),
    ("经济开发区", "经开区"),
    ("综合保税区", "综保区"),
    ("科技产业园", "科技园"),
)
_CODE_OF_SECTOR = re.compile(r"[A-Ua-u]?\d{1,4}|[A-U]")
EVERYBODY, NO_PARK = 0, -1  # in place of the key of the park that a draft was made for


class FoundRow(NamedTuple):
    """The key and code of a row that a cell names."""

    pk: int
    code: str


def select_seen(model: Any, actor: Any) -> Any:
    """Select the rows that the actor may read; None is the operator of the server."""
    return model._default_manager.all() if actor is None else select_readable(model, actor)


Lookup = TypeVar("Lookup")


def look_up_once(find: Callable[["Finder", str], Lookup]) -> Callable[["Finder", str], Lookup]:
    """Look up each text once for a file."""

    @wraps(find)
    def look_up(self: "Finder", text: str) -> Lookup:
        return self.once(find.__name__, text, partial(find, self, text))

    return look_up


class Finder:
    """Resolves names for one actor and one file; None is the operator of the server."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor
        self._known: dict[tuple[str, str], Any] = {}
        self._unknown: Counter[str] = Counter()

    def once(self, kind: str, text: str, find: Callable[[], Lookup]) -> Lookup:
        """Find what a text names, or return what was found before."""

        def look_up() -> Lookup:
            self._refuse_strangers(kind)  # before the slow search for suggestions
            try:
                return find()
            except Mistake as fault:
                self._unknown[kind] += fault.code == "unknown_value"
                self._refuse_strangers(kind)
                raise

        return read_once(self._known, (kind, text), look_up)

    def _refuse_strangers(self, kind: str) -> None:
        if self._unknown[kind] > MOST_UNKNOWN:
            raise Mistake(
                "too_many_unknown",
                _("Too many different values of this column are not known; is it the right one?"),
            )

    @cached_property
    def _parks(self) -> list[tuple[int, str, str, str, str]]:
        parks = select_seen(Park, self.actor)
        return list(parks.values_list("pk", "code", "name_zh", "name_en", "aliases"))

    @cached_property
    def _places(self) -> set[str]:
        groups = (group.keys for group in RegionGroup.objects.all())
        home = settings.PROFILE.country_zh
        return {*RegionName.objects.values_list("key", flat=True), home}.union(*groups)

    def is_place(self, text: str) -> bool:
        """Return whether a text is the name of a region, of several, or of a group."""
        return name_key(text) in self._places

    def find_mentioned_park(self, title: str) -> tuple[str, str]:
        """Find the code and the name of the one park in a title; blank if there is none."""
        named = {name: code for _pk, code, name, *_more in self._parks if name and name in title}
        longest = max(named, default="", key=len)
        is_one = all(name in longest for name in named)
        return (named[longest], longest) if longest and is_one else ("", "")

    def owner(self, model: Any, column: str, text: str) -> Any:
        """Find the row for a foreign key of a model, by its code or a name."""
        rows = select_seen(model._meta.get_field(column).related_model, self.actor)
        return self.once(column, text, lambda: require_row(text, rows))

    @look_up_once
    def region(self, text: str) -> str:
        """Find the code of the one region, or country, that the text names.

        A place without a code (韩国首尔, 雄安新区) raises a `Mistake` that suggests a wider region.
        """
        profile = settings.PROFILE
        is_short = len(text) <= LONGEST_LOOKUP and profile.country_pattern
        at_home = re.sub(profile.country_pattern, "", text, flags=re.I) if is_short else ""
        word = (at_home or text).strip()
        if word in profile.abbreviations:
            return str(profile.abbreviations[word])
        if wider := find_wider_region(word):
            detail = _("“%(text)s” has no code of its own: %(code)s (%(name)s) is stored.")
            params = {"text": text, "code": wider.code, "name": wider.name_zh}
            raise Mistake("wider_region", detail % params, wider.code).accept_as(wider.code)
        selection = find_regions(word)
        prefixes = [prefix for part in selection.parts for prefix in part.prefixes]
        if len(prefixes) > 1 and isinstance(called := find_called_region(word), Region):
            return str(called.code)
        if len(prefixes) != 1 or selection.is_unknown:
            detail = _("“%(text)s” is not one region; give the one where the money comes from.")
            raise Mistake("several_regions", detail % {"text": text})
        prefix = first_code(prefixes[0])
        return prefix.ljust(6, "0") if profile.nested_codes and prefix.isdigit() else prefix

    @look_up_once
    def sector(self, text: str) -> str | None:
        """Find the code of the sector; None for other words. Raise `Mistake` for a wrong code."""
        if len(text) > LONGEST_LOOKUP:
            return None
        is_code = _CODE_OF_SECTOR.fullmatch(text.strip())
        if not is_code and not Sector.objects.filter(Q(name_zh=text) | Q(name_en__iexact=text)):
            return None
        selection = find_sectors(text)
        codes = [prefix for part in selection.parts for prefix in part.prefixes]
        if len(codes) == 1 and not selection.parts[0].without and not selection.is_unknown:
            return codes[0]
        return None

    @look_up_once
    def list_names(self, code: str) -> list[str]:
        """List the names of the region or sector with this code, as they are compared."""
        kind = Sector if _CODE_OF_SECTOR.fullmatch(code) else Region
        found = kind._default_manager.filter(code=code).values_list("name_zh", "name_en")
        return [name_key(name) for names in found for name in names if name]

    @look_up_once
    def tag(self, text: str) -> str:
        """Find the code of the tag that a text names, by its code or a name."""
        named = Q(code=text.lower()) | Q(name_zh=text) | Q(name_en__iexact=text)
        if found := Tag.objects.filter(named).first():
            return str(found.pk)
        names = {name for tag in Tag.objects.values_list("code", "name_zh") for name in tag if name}
        detail = _("There is no tag “%(text)s”.") % {"text": text}
        raise Mistake("unknown_value", detail, nearest(text, names))

    @look_up_once
    def park(self, text: str) -> tuple[FoundRow, bool]:
        """Find the park, and whether the text is its full name or code."""
        wanted = _short(text)
        named = {park: _list_names(park) for park in self._parks}
        whole = [park for park in named if name_key(text) in map(name_key, park[1:2] + named[park])]
        part = [park for park in named if any(wanted in _short(name) for name in park[2:4])]
        # 武清 is the district whose park is not stated, rather than any of its parks.
        # Its placeholder is called 武清区（未指明园区）.
        district = [
            park
            for park in part
            if "（" in park[2] and park[2].partition("（")[0] in (wanted, f"{wanted}区")
        ]
        found = whole or (district if len(district) == 1 else part if len(wanted) > 1 else [])
        if len(found) == 1:
            return FoundRow(*found[0][:2]), bool(whole)
        keys = ("code", "name_zh", "name_en")
        candidates = [dict(zip(keys, row[1:4], strict=True)) for row in found[:_MOST_CANDIDATES]]
        if found:
            detail = _("“%(text)s” could be any of %(count)d parks; give a code: %(codes)s.") % {
                "text": text,
                "count": len(found),
                "codes": ", ".join(f"{each['code']} ({each['name_zh']})" for each in candidates),
            }
            raise Mistake("ambiguous_name", detail, candidates=candidates)
        names = {name for park in self._parks for name in (park[1], *_list_names(park))}
        detail = _("There is no park “%(text)s”.") % {"text": text}
        raise Mistake("unknown_value", detail, nearest(text, names))

    @look_up_once
    def source(self, text: str) -> FoundRow:
        row = require_row(text, select_seen(Source, self.actor))
        return FoundRow(row.pk, row.code)


class Organisations:
    """The organisations in a file, new ones included.

    There may be a published one and drafts of several parks with the same name.
    """

    def __init__(self, actor: Any) -> None:
        self.visible = select_seen(Organisation, actor)
        self.known: dict[str, dict[int, FoundRow]] = {}  # by name, and by the park of a draft
        self._asked: set[str] = set()

    def look_up(self, names: Iterable[str]) -> None:
        """Load the organisations with these names."""
        wanted = [
            name
            for name in dict.fromkeys(names)
            if len(name) <= LONGEST_NAME and name_key(name) not in self._asked
        ]
        self._asked.update(map(name_key, wanted))
        rows = self.visible.only("code", "name_zh", "name_en", "publication", "park_id")
        for some in split_up(wanted, NAMES_AT_ONCE):
            found = [row for keys in chunks(_find_named(some)) for row in rows.filter(pk__in=keys)]
            # The oldest one with a name counts
            for row in sorted(found, key=attrgetter("pk"), reverse=True):
                for text in (row.name_zh, row.name_en, row.code):
                    if text:
                        park = EVERYBODY if row.is_open else row.park_id or NO_PARK
                        self.note(text, park, FoundRow(row.pk, row.code))

    def note(self, name: str, park: int, row: FoundRow) -> None:
        self.known.setdefault(name_key(name), {})[park] = row

    def find(self, name: str, park: int | None = None) -> FoundRow | None:
        """Find a published organisation, or a draft: of this park, or of any if none is given."""
        found = self.known.get(name_key(name), {})
        if EVERYBODY in found:
            return found[EVERYBODY]
        return found.get(park) if park is not None else next(iter(found.values()), None)

    def knows(self, name: str) -> bool:
        self.look_up([name])
        return self.find(name) is not None

    def get_key(self, name: str, park: int) -> int:
        """Return the key of an organisation that was found or created for this park."""
        found: Any = self.find(name, park)
        return found.pk

    def create(self, wanted: Iterable[tuple[str, int, bool]]) -> None:
        """Insert the unknown ones of `wanted` at once: name, park, and whether it is published.

        An organisation that a published row refers to is published, any other a draft of its park.
        """
        missing = [each for each in wanted if not self.find(*each[:2])]
        shared = {name_key(name) for name, _park, is_seen in missing if is_seen}
        new: dict[tuple[str, int], str] = {}
        for name, park, _is_seen in missing:
            key = name_key(name)
            new.setdefault((key, EVERYBODY if key in shared else park), name)
        rows: list[dict[str, Any]] = []
        for (_key, park), name in new.items():
            column = "name_zh" if is_chinese_name(name) else "name_en"
            rows.append({"code": Organisation.new_code(), column: name})
            if park != EVERYBODY:
                rows[-1] |= {"park_id": park, "publication": Publication.DRAFT}
        for (key, park), row, made in zip(new, rows, create_rows(Organisation, rows), strict=True):
            self.known.setdefault(key, {})[park] = FoundRow(made, row["code"])


def _find_named(names: list[str]) -> set[int]:
    # A union: PostgreSQL may plan one condition of all three columns as a slow scan
    table = connection.ops.quote_name(Organisation._meta.db_table)
    parts, params = [], []
    texts = {"name_zh": names, "name_en": names, "code_key": [name.lower() for name in names]}
    for column, some in texts.items():
        condition, wanted = among(some)
        parts.append(f"SELECT id FROM {table} WHERE {column} {condition}")  # noqa: S608 our own names
        params += wanted
    with connection.cursor() as cursor:
        cursor.execute(" UNION ".join(parts), params)
        return {key for (key,) in cursor.fetchall()}


def create_rows(
    model: Any, rows: Sequence[dict[str, Any]], keys: Sequence[int] = ()
) -> Sequence[int]:
    """Insert rows of a recorded model in bulk, in the open revision."""
    with recorded() as writer:
        keys = insert_rows(model, rows, keys)
        writer.note(model, keys, Change.Op.CREATE)
    return keys


def is_chinese_name(text: str) -> bool:
    """Return whether a name belongs in the Chinese column."""
    return any("\u3007" <= character <= "\u9fff" or character >= "\U00020000" for character in text)


def _list_names(park: tuple[int, str, str, str, str]) -> tuple[str, ...]:
    _pk, _code, *names, aliases = park
    return tuple(filter(None, (*names, *aliases.splitlines())))


def _short(name: str) -> str:
    # A park's name as people shorten it: without blanks and dashes, its type in brief
    plain = re.sub(r"[\s·—\-]+", "", unicodedata.normalize("NFKC", name)).casefold()
    for long, short in _SHORT_TYPES:
        plain = plain.replace(long, short)
    return plain
