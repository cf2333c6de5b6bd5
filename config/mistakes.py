"""Mistakes in input, and suggestions of what may have been meant."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from types import MappingProxyType
from typing import Any, Self, cast

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext, override

from config.texts import shorten_quotes

Text = str | Promise
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Code(str):
    """A code that carries the further members: serializers rebuild errors, but keep `code`."""

    further: Mapping[str, Any]

    def __new__(cls, code: str, further: Mapping[str, Any]) -> Self:
        self = super().__new__(cls, code)
        self.further = further
        return self

    def __reduce__(self) -> Any:
        return _Code, (str(self), self.further)


class Mistake(ValidationError):  # noqa: N818 it is also listed without having been raised
    """An error at one place: a stable `code` for programs and a `message` for people.

    `suggestion` is the nearest valid value, `candidates` are the choices of an ambiguous one, and
    `further` has other members, such as `confirm`. All of them survive forms and serializers.
    """

    code: _Code
    place: Mapping[str, Any] = _NOTHING  # such as {"parameter": "limit"} or {"pointer": "#/code"}
    understood: Any = None  # the value of a cell in spite of the mistake

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
        """Copy the mistake for a place, without the traceback and its frames."""
        return _rebuild(self.code, self.message, place, self.understood)

    def accept_as(self, value: Any) -> Self:
        """Note the value that is stored with a warning; a reader without warnings reports both."""
        self.understood = value
        return self

    def as_dict(self) -> dict[str, Any]:
        """Return the mistake as responses and reports show it."""
        return {**self.place, "code": str(self.code), "detail": str(self), **self.further}


def _rebuild(code: str, message: Text, place: Mapping[str, Any], understood: Any) -> Mistake:
    mistake = Mistake(code, message)
    mistake.place, mistake.understood = place, understood
    return mistake


def _describe(message: Text, params: Mapping[str, Any], hint: Text) -> str:
    return f"{message % params} {hint}"


# Fill in a message and add a hint, in the language of the reader
describe_later = lazy(_describe, str)


MINIMUM_LIKENESS = 0.6  # 0 to 1, of suggestions
LONGEST_WORD = 200  # characters of a word that is compared
# Other names of parameters, words and URLs; of several meanings, the first that is allowed
SYNONYMS = {
    **dict.fromkeys("page offset start skip page_token".split(), "cursor"),
    **dict.fromkeys("page_size per_page size take top max_results".split(), "limit"),
    **dict.fromkeys("search name text query keyword".split(), "q"),
    **dict.fromkeys("sort sort_by order order_by".split(), "ordering"),
    **dict.fromkeys("select columns only".split(), "fields"),
    **dict.fromkeys("total include_total with_count".split(), "count"),
    **{"by": "group_by", "openapi": "schema", "swagger": "docs", "redoc": "docs"},
}


def register_synonyms(synonyms: Mapping[str, str]) -> None:
    SYNONYMS.update(synonyms)


_LOWER = {"min", "gte", "gt", "from", "after", "since"}
_UPPER = {"max", "lte", "lt", "to", "before"}
_OPPOSITES = {"max": "min", "min": "max", "from": "to", "to": "from"}


def nearest_parameter(name: str, allowed: Iterable[str]) -> str | None:
    """Find the parameter that was probably meant, but not the opposite bound."""
    allowed = set(allowed)
    plain = _plain(name)
    if plain in allowed:
        return plain
    if meant := _find_synonym(plain, allowed):
        return meant
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
    """Find the member of `allowed` that is a synonym or spelled most like `word`, or None."""
    allowed = set(allowed)
    return _find_synonym(word, allowed) or next(iter(find_nearest(word, allowed, 1)), None)


def require_word(word: str, words: Collection[str], labels: Mapping[str, Any] = _NOTHING) -> str:
    """Return the word if it is one of `words`; raise a Mistake that suggests the nearest one.

    That is the one which is spelled most like it, or whose label is, in any language.
    """
    if word in words:
        return word
    called = {name: name for name in words}
    for language, _name in settings.LANGUAGES:
        with override(language):
            called = {str(label): str(name) for name, label in labels.items()} | called
    detail = gettext("“%(word)s” is not one of: %(words)s.")
    found = nearest(word, called)
    params = {"word": word, "words": ", ".join(words)}
    raise Mistake("unknown_value", detail % params, found and called[found])


def _find_synonym(word: str, allowed: Collection[str]) -> str | None:
    return next((each for each in SYNONYMS.get(_plain(word), "").split() if each in allowed), None)


def find_nearest(word: str, allowed: Iterable[str], count: int) -> list[str]:
    """Find the members of `allowed` spelled most like `word`, the best first.

    Case, surrounding blanks and brackets (`origin[]`), hyphens and underscores do not count. Ties
    go to the spelling nearest in length, then to the first in the alphabet.
    """
    wanted = _plain(word)
    if not wanted or len(wanted) > LONGEST_WORD:
        return []
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    best: list[tuple[float, int, str]] = []
    for candidate in sorted(allowed):
        plain = _plain(candidate)
        # Cheap upper bounds of the likeness
        least = best[-1][0] if len(best) == count else MINIMUM_LIKENESS
        if 2 * min(len(plain), len(wanted)) < least * (len(plain) + len(wanted)):
            continue
        matcher.set_seq1(plain)
        if matcher.quick_ratio() < least:
            continue
        ratio = matcher.ratio()
        if ratio >= MINIMUM_LIKENESS:
            best.append((ratio, -abs(len(candidate) - len(wanted)), candidate))
            # Stable: equal ranks stay in alphabetical order
            best = sorted(best, key=lambda rank: rank[:2], reverse=True)[:count]
    return [candidate for _ratio, _length, candidate in best]


def _plain(word: str) -> str:
    return word.casefold().strip(" \t\r\n[]\"'").replace("-", "_")
