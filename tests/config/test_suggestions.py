"""What was probably meant by a misspelt word, and the mistakes that say so."""

import gc
import pickle
import weakref

from django.core.exceptions import ValidationError

from config.mistakes import Mistake, nearest
from tests.together import together


@together("written", ["Origin", "ORIGIN", "origin[]", " origin ", "'origin'"])
def test_case_and_wrapping_do_not_count(written: str) -> None:
    assert nearest(written, ["reached", "origin"]) == "origin"


@together("word", ["zzzz", "", "[]", "投资"])
def test_nothing_near_gives_nothing(word: str) -> None:
    assert nearest(word, ["park", "origin", "stage", "q"]) is None


def test_mistakes_are_freed_without_the_garbage_collector() -> None:
    """Long imports hold thousands of them, and servers collect cycles seldom."""
    gc.disable()
    try:
        mistakes = [Mistake("a", "b"), Mistake("a", "b").at(line=1)]
        mistakes.append(pickle.loads(pickle.dumps(mistakes[1])))
        assert ValidationError(mistakes).messages == ["b"] * 3
        kept = [*map(weakref.ref, mistakes)]
        del mistakes
        assert [each() for each in kept] == [None] * 3
    finally:
        gc.enable()
