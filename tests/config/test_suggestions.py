"""What was probably meant by a misspelt word, and the mistakes that say so."""

import gc
import pickle
import weakref
from collections.abc import Iterator

from django.core.exceptions import ValidationError

from config.mistakes import Mistake, nearest, nearest_parameter
from tests.together import together

PARAMETERS = """
    origin origin_not sector sector_not investment_min investment_max park park_not park_region
    park_region_not stage stage_not reached standing standing_not kind kind_not function
    function_not site_mode site_mode_not hitech hitech_not event event_not organisation
    organisation_not signed_from signed_to intended_from intended_to started_from started_to
    operating_from operating_to updated_from updated_to stale has_source q as_of limit cursor
    ordering count fields
""".split()


def typos(word: str) -> Iterator[str]:
    """Every word that is one slip away: a letter left out, doubled, swapped or wrong."""
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
        yield word[:place] + word[place] + word[place:]
        for letter in "aeox_":
            yield word[:place] + letter + word[place + 1 :]
            yield word[:place] + letter + word[place:]
    for place in range(len(word) - 1):
        yield word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def test_one_slip_is_nearly_always_put_right() -> None:
    cases = [
        (typo, word)
        for word in PARAMETERS
        if len(word) > 1
        for typo in {*typos(word)} - {*PARAMETERS}
    ]
    right = sum(nearest(typo, PARAMETERS) == word for typo, word in cases)
    assert right >= 0.98 * len(cases)


@together("written", ["Origin", "ORIGIN", "origin[]", " origin ", "'origin'"])
def test_case_and_wrapping_do_not_count(written: str) -> None:
    assert nearest(written, ["reached", "origin"]) == "origin"


@together("word", ["zzzz", "", "[]", "投资"])
def test_nothing_near_gives_nothing(word: str) -> None:
    assert nearest(word, PARAMETERS) is None


@together(
    ("written", "known", "is_near"),
    [
        ("abcde", "abcxy", True),  # 3 of 5 letters: exactly 0.6
        ("abc", "abcdefg", True),  # 0.6, and no more can be had of these lengths
        ("abcdefgh", "abcdevwxy", False),  # 10 of 17
        ("abc", "abcdefgh", False),  # 6 of 11
        ("abcdxy", "abcdefg", True),  # 8 of 13
    ],
)
def test_what_is_near_is_alike_in_three_fifths(written: str, known: str, is_near: bool) -> None:
    assert nearest(written, [known]) == (known if is_near else None)


def test_chinese_names_are_compared_alike() -> None:
    assert nearest("浙红省", ["江苏省", "浙江省", "安徽省"]) == "浙江省"


@together(
    ("word", "meant"),
    [
        *[("page", "cursor"), ("offset", "cursor"), ("page_size", "limit"), ("search", "q")],
        *[("sort", "ordering"), ("min_investment", "investment_min")],
        *[("investment_gte", "investment_min"), ("max_investment", "investment_max")],
        *[("signed_after", "signed_from"), ("orgin", "origin"), ("xyzzy", None)],
    ],
)
def test_what_others_call_it_and_never_the_opposite_bound(word: str, meant: str | None) -> None:
    assert nearest_parameter(word, PARAMETERS) == meant


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
