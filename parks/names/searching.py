"""Search of organisations, and of rows by the pinyin of their names."""

from typing import Any, ClassVar

from django.db.models import Exists, OuterRef, Q

from api.lists.pagination import Hits, TextSearch
from config.database import history
from config.database.searching import MOST_KEYS
from parks.models import OrganisationSpelling
from parks.models.spellings import Spelling, read_letters
from parks.models.vocabularies import ORGANISATION_TEXTS


class SpelledSearch(TextSearch):
    """Search also by the pinyin with which names begin; of the past, it is not known."""

    spellings: ClassVar[type[Spelling]]

    def elsewhere(self, word: str, by_index: bool) -> Hits:
        found = super().elsewhere(word, by_index)
        letters = "" if history.is_past() else read_letters(word)
        # The cheaper condition first
        return self.find_spelled(letters, by_index) | found if letters else found

    def find_spelled(self, letters: str, by_index: bool) -> Hits:
        """Find the rows with a name that begins with these letters or initials."""
        rows: Any = self.spellings.objects
        if by_index:
            # A row may occur more than once
            spelled = [*rows.begin_with(letters).values_list("row_id", flat=True)[: MOST_KEYS + 1]]
            if len(spelled) <= MOST_KEYS:
                return Hits(Q(pk__in=spelled), frozenset(spelled))
        # Too many for a list of keys: check each row
        begun = Q(whole__startswith=letters) | Q(initials__startswith=letters)
        return Hits(Q(Exists(rows.filter(begun, row=OuterRef("pk")))))


class OrganisationTextSearch(SpelledSearch):
    """Search in the code, all names, their pinyin and the credit code."""

    index = ORGANISATION_TEXTS
    names = ORGANISATION_TEXTS.parts["names"]
    spellings = OrganisationSpelling
