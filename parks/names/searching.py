"""How organisations are searched; and rows by how their names are spelled, where people type."""

from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q

from api.lists.pagination import Hits, TextSearch
from config.database.searching import MOST_KEYS
from parks.models import OrganisationSpelling
from parks.models.spellings import Spelling, read_letters
from parks.models.vocabularies import ORGANISATION_TEXTS


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
        # What is cheaper to tell stands first: texts are folded to be compared
        return self.find_spelled(letters, by_index) | found if letters else found

    def find_spelled(self, letters: str, by_index: bool) -> Hits:
        """Find the rows with a name that begins so, whole or by its first letters."""
        rows: Any = self.spellings.objects
        if by_index:
            # A row may be among them more than once, so that fewer rows are not all of them
            spelled = [*rows.begin_with(letters).values_list("row_id", flat=True)[: MOST_KEYS + 1]]
            if len(spelled) <= MOST_KEYS:
                return Hits(Q(pk__in=spelled), frozenset(spelled))
        # One after the other, from the row: as many begin so, there is nothing to be found first
        begun = Q(whole__startswith=letters) | Q(initials__startswith=letters)
        return Hits(Q(Exists(rows.filter(begun, row=OuterRef("pk")))))


class SpelledOrganisationSearch(SpelledSearch, OrganisationTextSearch):
    """As the API searches, and in pinyin."""

    spellings = OrganisationSpelling
