"""The nearest spelling: what somebody probably meant by a word that is not known."""

from collections.abc import Iterable
from difflib import SequenceMatcher

# Below this likeness (0 to 1) a suggestion would be a guess rather than a help.
MINIMUM_LIKENESS = 0.6


def nearest(word: str, allowed: Iterable[str]) -> str | None:
    """The member of `allowed` spelled most like `word`, or None when nothing is near.

    Case, surrounding blanks and brackets (`origin[]`) and the choice of hyphen or underscore do
    not count. Ties go to the spelling nearest in length, then to the first in the alphabet.
    """
    wanted = _plain(word)
    if not wanted:
        return None
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(wanted)
    best: tuple[float, int, str] | None = None
    for candidate in sorted(allowed):
        matcher.set_seq1(_plain(candidate))
        if matcher.real_quick_ratio() < MINIMUM_LIKENESS:
            continue
        rank = (matcher.ratio(), -abs(len(candidate) - len(wanted)), candidate)
        if rank[0] >= MINIMUM_LIKENESS and (best is None or rank[:2] > best[:2]):
            best = rank
    return best[2] if best else None


def _plain(word: str) -> str:
    return word.casefold().strip(" \t\r\n[]\"'").replace("-", "_")
