"""How organisations are searched; and rows by how their names are spelled, where people type."""

from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q

from config.api.lists.ranked import Hits, TextSearch
from config.searching import MOST_KEYS
from parks.models import OrganisationSpelling
from parks.models.naming import ORGANISATION_TEXTS
from parks.models.spellings import Spelling, read_letters


class OrganisationTextSearch(TextSearch):
    """In the code, the names, the other names and the credit code."""

    index = ORGANISATION_TEXTS
    names = ORGANISATION_TEXTS.parts["names"]


class SpelledSearch(TextSearch):
    """Also by names that begin so in pinyin. Programs mean letters as they stand."""

    spellings: ClassVar[type[Spelling]]

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        found = super().elsewhere(word, by_index)
        letters = read_letters(word)
        return found | self.find_spelled(letters, by_index) if letters else found

    def find_spelled(self, letters: str, by_index: bool) -> Hits:
        """Find the rows with a name that begins so, whole or by its first letters."""
        rows: Any = self.spellings.objects
        if by_index:
            begun = rows.begin_with(letters).values_list("row_id", flat=True)
            keys = frozenset(begun[: MOST_KEYS + 1])
            if len(keys) <= MOST_KEYS:
                return Hits(Q(pk__in=keys), keys)
        own = rows.filter(row=OuterRef("pk"))
        return Hits(
            Q(Exists(own.filter(whole__startswith=letters)))
            | Q(Exists(own.filter(initials__startswith=letters)))
        )


class SpelledOrganisationSearch(SpelledSearch, OrganisationTextSearch):
    """As the API searches, and in pinyin."""

    spellings = OrganisationSpelling
