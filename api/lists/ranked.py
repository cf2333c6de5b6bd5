"""Searching by an index, best first: what is called so, then what is named so, then the rest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any, ClassVar

from django.db.models import Case, Q, When
from django.utils.translation import gettext as _

from api.lists.filters import SearchFilter
from api.lists.pagination import (
    PAGE,
    RELEVANCE,
    KeysetPagination,
    OrderingKey,
    PageFinder,
    find_tiers,
)
from config.database.searching import TextIndex, equal_text, match_text
from config.texts import fold

_MOST_LOOKED_UP = 3  # words of a search; the longest ones are the rarest


@dataclass(frozen=True)
class Hits:
    """Rows by a condition on their texts; the keys that an index has for them, where it can tell.

    The keys may be more than the rows, never fewer.
    """

    condition: Q
    keys: frozenset[int] | None = None

    def __or__(self, other: "Hits") -> "Hits":
        known = self.keys is not None and other.keys is not None
        keys = frozenset([*self.keys, *other.keys]) if known else None  # type: ignore[misc]
        return Hits(self.condition | other.condition, keys)

    def __and__(self, other: "Hits") -> "Hits":
        known = [found.keys for found in (self, other) if found.keys is not None]
        return Hits(self.condition & other.condition, reduce(and_, known) if known else None)

    def narrow(self) -> Q:
        """Give the condition, begun from the keys; of many rows, to be met with in any order.

        A planner takes what it knows of texts for few rows, and would sort all of the table.
        """
        if self.keys is not None:
            return Q(pk__in=self.keys) & self.condition
        if not self.condition:  # without a word all are found
            return self.condition
        return Q(Case(When(self.condition, then=True), default=False))


NO_HITS = Hits(Q(pk__in=[]), frozenset())


class TextSearch:
    """One search of the rows of a model by one person: in their names, and elsewhere."""

    index: ClassVar[TextIndex]  # with a part `names`
    names: ClassVar[Sequence[str]]  # the columns of that part

    def __init__(self, actor: Any, text: str) -> None:
        self.actor = actor
        self.text = " ".join(fold(text).split())
        self.words = [*dict.fromkeys(self.text.split())]
        self.looked_up: dict[tuple[str, ...], frozenset[int] | None] = {}

    @cached_property
    def found(self) -> Hits:
        """Find the rows with every one of the words, at any place."""
        found = Hits(Q())
        for place, word in enumerate(sorted(self.words, key=len, reverse=True)):
            by_index = found.keys is None and place < _MOST_LOOKED_UP
            found &= self.in_names([word], by_index) | self.elsewhere(word, by_index)
        return found

    def rank(self) -> list[Q]:
        """Divide the rows that are found: the best ones first, each in one part; none for none."""
        if self.found.keys is not None and not self.found.keys:
            return []
        # Few are begun from already: a second list of keys would lead the planner away
        by_index = self.found.keys is None
        called, named = self.by_name(by_index), self.in_names(self.words, by_index)
        return [
            called.narrow(),
            named.narrow() & ~called.condition,
            ~named.condition & ~called.condition,
        ]

    def in_names(self, words: Sequence[str], by_index: bool) -> Hits:
        """Find the rows with every one of the folded words in a name."""
        condition = reduce(and_, (match_any(self.names, word) for word in words))
        return Hits(condition, self.look_up("names", words) if by_index else None)

    def by_name(self, by_index: bool) -> Hits:
        """Find the rows with a name that is the text."""
        condition = reduce(or_, (equal_text(column, self.text) for column in self.names))
        line = f"\n{self.text}\n"
        return Hits(condition, self.look_up("names", [line]) if by_index else None)

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        """Find the rows with a folded word in what else the person may read of them."""
        return NO_HITS

    def look_up(self, part: str, words: Sequence[str]) -> frozenset[int] | None:
        """Ask the index, once."""
        if (part, *words) not in self.looked_up:
            self.looked_up[part, *words] = self.index.find(part, words)
        return self.looked_up[part, *words]


def match_any(columns: Sequence[str], word: str) -> Q:
    """Select the rows with a folded word in any of the columns."""
    return reduce(or_, (match_text(column, word) for column in columns))


class RankedSearchFilter(SearchFilter):
    """Rows in whose texts every one of the words is found, in any case and width, best first."""

    def __init__(self, *args: Any, search: type[TextSearch], **kwargs: Any) -> None:
        self.search = search
        super().__init__(*args, condition=lambda word: Q(), **kwargs)

    def condition(self, value: str) -> Q:
        self.begun = self.search(self.get_actor(), value)
        return self.begun.found.narrow()


@dataclass(frozen=True)
class RankedFinder(PageFinder):
    """Finds rows in parts: each with the number of its part, with which its position begins."""

    finder: PageFinder
    tiers: Sequence[Q]

    def read_position(self, row: Any, keys: Sequence[OrderingKey]) -> list[Any]:
        place, found = row
        return [place, *self.finder.read_position(found, keys)]


class RankedPagination(KeysetPagination):
    """Pages whose first key may be the relevance: a position begins with the number of its part."""

    def find_page(self, rows: Any, finder: PageFinder, view: Any) -> list[Any]:
        if view.get_value(PAGE).ordering != RELEVANCE:
            return super().find_page(rows, finder, view)
        ranked = RankedFinder(finder, find_tiers(view))
        return [row for _place, row in super().find_page(rows, ranked, view)]

    def _find_rows(self, rows: Any, keys: Sequence[OrderingKey], finder: Any) -> list[Any]:
        if not isinstance(finder, RankedFinder):
            return super()._find_rows(rows, keys, finder)
        asked = self.asked
        backward, position = asked.cursor.backward, asked.cursor.position
        parts = list(enumerate(finder.tiers))
        found: list[Any] = []
        for place, part in reversed(parts) if backward else parts:
            if position is not None and (place > position[0] if backward else place < position[0]):
                continue
            within = position[1:] if position is not None and place == position[0] else None
            cursor = replace(asked.cursor, position=within)
            self.asked = replace(asked, limit=asked.limit - len(found), cursor=cursor)
            some = super()._find_rows(rows.filter(part), keys, finder.finder)
            found += [(place, row) for row in some]
            if len(found) > asked.limit:
                break
        self.asked = asked
        return found

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == "ordering":
                parameter["description"] += " " + _("Without it, what `q` finds is best first.")
        return parameters
