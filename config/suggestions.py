"""The nearest spelling: what somebody probably meant by a word that is not known."""

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher

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
