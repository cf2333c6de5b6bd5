"""The pinyin of names, stored with an index.

`tools/write_pinyin.py` writes pinyin.csv from the data of pypinyin (MIT): characters, and pairs in
which one has another reading.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self

from django.db import models

from config.database.bulk_insert import insert_rows
from parks.models.organisations import Organisation
from parks.models.vocabularies import RegionName
from parks.recording.change_rows import chunks, read_by_keys
from parks.recording.recording import RevisionWriter
from sheets.fields import CodeField


@cache
def load_syllables() -> dict[str, list[str]]:
    lines = (Path(__file__).parent / "pinyin.csv").read_text("utf-8").splitlines()
    return {text: sounds.split() for text, sounds in (line.split(",") for line in lines)}


def spell(name: str) -> tuple[str, str]:
    """Spell a name in pinyin, and by its initials: ("hangzhou", "hz"); letters and digits stay."""
    known = load_syllables()
    syllables: list[str] = []
    place = 0
    while place < len(name):
        if sounds := known.get(name[place : place + 2]):
            syllables += sounds
            place += 2
        else:
            sign = name[place]
            syllables += known.get(sign) or ([sign.lower()] if sign.isalnum() else [])
            place += 1
    return "".join(syllables), "".join([syllable[0] for syllable in syllables])


WHOLE_AT_MOST, INITIALS_AT_MOST = 40, 20  # letters that are stored of a longer name
SHORTEST_SPELLED = 3  # letters; too many names begin with fewer
_PLACES_AT_MOST, _PLACE_AT_MOST = 3, 8  # before a name, and characters of one: 天津市宝坻区
_SHORTEST_NAME = 2
_MOST_ASKED_FOR = 1_000  # texts in one query; for more it is faster to read all names of places
_LAST_CHARACTER = "\U0010ffff"


class SpellingQuerySet(models.QuerySet[Any]):
    def begin_with(self, letters: str) -> Self:
        """Select spellings or initials that begin so, each by its own index."""
        end = letters + _LAST_CHARACTER
        whole = self.filter(whole__gte=letters, whole__lt=end)
        return whole.union(self.filter(initials__gte=letters, initials__lt=end), all=True)


class Spelling(models.Model):
    """The pinyin of one name of a row; the database does not check the foreign key.

    A name that begins with a place is also stored without it, since users leave it out.
    """

    names: ClassVar[Sequence[str]]  # the columns of the row that are spelled, line by line
    row: Any

    whole = CodeField(max_length=WHOLE_AT_MOST)
    initials = CodeField(max_length=INITIALS_AT_MOST)

    objects = SpellingQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.whole

    @classmethod
    def keep(cls, writer: RevisionWriter) -> None:
        """Update the spellings of the rows that were written."""
        model: Any = cls._meta.get_field("row").related_model
        for chunk in chunks([*writer.find_created(model), *writer.find_changed(model, *cls.names)]):
            cls.objects.filter(row__in=chunk).delete()
            cls._insert(cls._read_names(model, chunk))

    @classmethod
    def _read_names(cls, model: Any, keys: list[int]) -> dict[int, list[str]]:
        return {
            key: [line for text in texts for line in text.splitlines() if not line.isascii()]
            for key, *texts in read_by_keys(cls._select_names, model, keys)
        }

    @classmethod
    def _select_names(cls, model: Any) -> models.QuerySet[Any]:
        return model._default_manager.values_list("pk", *cls.names)

    @classmethod
    def _insert(cls, names: dict[int, list[str]]) -> None:
        short = _strip_places({name for some in names.values() for name in some})
        spelled = {
            (key, whole[:WHOLE_AT_MOST], initials[:INITIALS_AT_MOST])
            for key, some in names.items()
            for name in some
            for whole, initials in map(spell, {name, short.get(name, name)})
        }
        rows = [{"row_id": key, "whole": w, "initials": i} for key, w, i in sorted(spelled) if w]
        insert_rows(cls, rows)


def _strip_places(names: Iterable[str]) -> dict[str, str]:
    # Names without the places at their beginnings; those that have none are left out
    rest = {name: name for name in names}
    for _time in range(_PLACES_AT_MOST):
        places = _find_places({head for text in rest.values() for head in _list_heads(text)})
        found = {
            name: text[len(head) :]
            for name, text in rest.items()
            if (head := next((each for each in _list_heads(text) if each in places), ""))
        }
        if not found:
            break
        rest |= found
    return {name: text for name, text in rest.items() if text != name}


def _find_places(texts: set[str]) -> set[str]:
    named = RegionName.objects.all()
    if len(texts) <= _MOST_ASKED_FOR:
        named = named.filter(key__in=texts)
    return {*named.order_by().values_list("key", flat=True)}


def _list_heads(text: str) -> Iterator[str]:
    # What may be a place at the beginning of a name, the longest first
    most = min(_PLACE_AT_MOST, len(text) - _SHORTEST_NAME)
    return (text[:length] for length in range(most, _SHORTEST_NAME - 1, -1))


def read_letters(typed: str) -> str:
    """Normalise typed pinyin; "" if it is none or too short."""
    letters = typed.replace("'", "").replace(" ", "").lower()
    is_spelled = letters.isascii() and letters.isalnum() and len(letters) >= SHORTEST_SPELLED
    return letters if is_spelled else ""


class OrganisationSpelling(Spelling):
    """The pinyin of the names and other names of an organisation."""

    names = ("name_zh", "aliases")
    row = models.ForeignKey(
        Organisation, models.CASCADE, related_name="spellings", db_constraint=False
    )

    class Meta:
        indexes = [
            models.Index(fields=["whole", "row"], name="organisation_spelled_whole"),
            models.Index(fields=["initials", "row"], name="organisation_spelled_initials"),
        ]
