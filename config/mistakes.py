"""Mistakes in input, and suggestions of what may have been meant."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Any, Self, cast

from django.core.exceptions import ValidationError
from django.utils.functional import Promise

from config.texts import shorten_quotes

Text = str | Promise
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Code(str):
    """A machine code that carries what else a mistake says.

    Serializers rebuild the errors that they collect, but keep the `code` object of each.
    """

    further: Mapping[str, Any]

    def __new__(cls, code: str, further: Mapping[str, Any]) -> Self:
        self = super().__new__(cls, code)
        self.further = further
        return self

    def __reduce__(self) -> Any:
        return _Code, (str(self), self.further)


class Mistake(ValidationError):  # noqa: N818 it is also listed without having been raised
    """What is wrong at one place: a stable `code` for programs and a `message` for people.

    `suggestion` is the nearest value that would be accepted, `candidates` are the choices of an
    ambiguous value, and `further` has any other member of the answer, such as `confirm`. All of it
    survives a form or a serializer, whose errors become mistakes again by their message and code.
    """

    code: _Code
    place: Mapping[str, Any] = _NOTHING  # such as {"parameter": "limit"} or {"pointer": "#/code"}
    understood: Any = None  # the value that a cell is read as in spite of the mistake

    def __init__(
        self,
        code: str,
        message: Text,
        suggestion: str | None = None,
        candidates: Sequence[Any] | None = None,
        **further: Any,
    ) -> None:
        members = {"suggestion": suggestion, "candidates": candidates, **further}
        given = {name: value for name, value in members.items() if value is not None}
        super().__init__(
            cast(Any, message), _Code(code, {**getattr(code, "further", _NOTHING), **given})
        )

    @property
    def error_list(self) -> list[ValidationError]:
        """Return the mistake alone; stored, the list would be a cycle that only `gc` frees."""
        return [self]

    @error_list.setter
    def error_list(self, _stored: Any) -> None:
        """Store nothing; Django sets it when the error is made."""

    def __reduce__(self) -> Any:
        return _rebuild, (self.code, str(self.message), dict(self.place), self.understood)

    def __str__(self) -> str:
        return shorten_quotes(self.message)

    @property
    def further(self) -> Mapping[str, Any]:
        return self.code.further

    @property
    def suggestion(self) -> str | None:
        return self.further.get("suggestion")

    @property
    def candidates(self) -> Sequence[Any] | None:
        return self.further.get("candidates")

    def at(self, **place: Any) -> "Mistake":
        """Copy the mistake for a place, without the traceback, which would keep its frames."""
        return _rebuild(self.code, self.message, place, self.understood)

    def accept_as(self, value: Any) -> Self:
        """Note the value that is stored with a warning; a reader without warnings reports both."""
        self.understood = value
        return self

    def as_dict(self) -> dict[str, Any]:
        """Write the mistake as responses and reports show it."""
        said = {"code": str(self.code), "detail": str(self)}
        return {**self.place, **said, **self.further}


def _rebuild(code: str, message: Text, place: Mapping[str, Any], understood: Any) -> Mistake:
    mistake = Mistake(code, message)
    mistake.place, mistake.understood = place, understood
    return mistake


# Below this likeness (0 to 1) a suggestion would be a guess rather than a help.
MINIMUM_LIKENESS = 0.6
LONGEST_WORD = 200  # characters: comparing costs what the word is long


# What the same thing is called elsewhere; spelling alone would suggest something else.
SYNONYMS = {
    "page": "cursor",
    "offset": "cursor",
    "start": "cursor",
    "page_size": "limit",
    "per_page": "limit",
    "size": "limit",
    "search": "q",
    "name": "q",
    "text": "q",
    "query": "q",
    "keyword": "q",
    "sort": "ordering",
    "sort_by": "ordering",
    "order": "ordering",
    "order_by": "ordering",
    "skip": "cursor",
    "page_token": "cursor",
    "take": "limit",
    "top": "limit",
    "max_results": "limit",
    "select": "fields",
    "columns": "fields",
    "only": "fields",
    "total": "count",
    "include_total": "count",
    "with_count": "count",
    "since": "updated_from",
    "modified_since": "updated_from",
}


def register_synonyms(synonyms: Mapping[str, str]) -> None:
    """Add the words that others use for parameters of an app, each with the app's own."""
    SYNONYMS.update(synonyms)


_LOWER, _UPPER = (
    {"min", "gte", "gt", "from", "after", "since"},
    {"max", "lte", "lt", "to", "before"},
)
_OPPOSITES = {"max": "min", "min": "max", "from": "to", "to": "from"}


def nearest_parameter(name: str, allowed: Iterable[str]) -> str | None:
    """Find the parameter that was probably meant, never the opposite bound of the one named."""
    allowed = set(allowed)
    plain = _plain(name)
    if plain in allowed:
        return plain
    if SYNONYMS.get(plain) in allowed:
        return SYNONYMS[plain]
    stem, _bar, end = plain.rpartition("_")
    for words, bounds in ((_LOWER, ("from", "min")), (_UPPER, ("to", "max"))):
        for bound in bounds:
            if end in words and f"{stem.rstrip('_')}_{bound}" in allowed:
                return f"{stem.rstrip('_')}_{bound}"
    if end == "on" and f"{stem}_from" in allowed:
        return f"{stem}_from"
    found = nearest(name, allowed)
    if found is None:
        return None
    stem, _bar, end = found.rpartition("_")
    words = set(plain.split("_"))
    is_opposite = (words & _LOWER and end in ("max", "to")) or (
        words & _UPPER and end in ("min", "from")
    )
    other = f"{stem}_{_OPPOSITES.get(end)}"
    return other if is_opposite and other in allowed else found


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """Find the member of `allowed` spelled most like `word`, or None when nothing is near.

    Case, surrounding blanks and brackets (`origin[]`) and the choice of hyphen or underscore do
    not count. Ties go to the spelling nearest in length, then to the first in the alphabet.
    """
    return next(iter(find_nearest(word, allowed, 1)), None)


def find_nearest(word: str, allowed: Iterable[str], count: int) -> list[str]:
    """Find the members of `allowed` spelled most like `word`, as `nearest` does, the best first."""
    wanted = _plain(word)
    if not wanted or len(wanted) > LONGEST_WORD:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    best: list[tuple[float, int, str]] = []
    for candidate in sorted(allowed):
        plain = _plain(candidate)
        # Upper bounds of the likeness, the first of which costs next to nothing
        least = best[-1][0] if len(best) == count else MINIMUM_LIKENESS
        if 2 * min(len(plain), len(wanted)) < least * (len(plain) + len(wanted)):
            continue
        matcher.set_seq1(plain)
        if matcher.quick_ratio() < least:
            continue
        ratio = matcher.ratio()
        if ratio >= MINIMUM_LIKENESS:
            best.append((ratio, -abs(len(candidate) - len(wanted)), candidate))
            # Stable: of those that rank alike the first in the alphabet stays first
            best = sorted(best, key=lambda rank: rank[:2], reverse=True)[:count]
    return [candidate for _ratio, _length, candidate in best]


def _plain(word: str) -> str:
    return word.casefold().strip(" \t\r\n[]\"'").replace("-", "_")
