"""What texts that clients send may hold: which characters, and which whole numbers."""

import pytest
from django.core.exceptions import ValidationError

from config.texts import LARGEST_KEY, REFUSED, REFUSED_IN_LINES, find_whole, read_whole
from tests.costs import costs_less
from tests.together import together


@together("text", ["1", "9", "10", "99", "100"])
def test_digits_within_the_bounds_are_read(text: str) -> None:
    assert read_whole(text, 1, 100) == int(text)


NO_CHARACTERS = "\x00\x08\x0e\x1f\x7f\x9f\ud800\udfff\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff"


def test_what_is_no_character_is_refused_and_its_neighbours_are_not() -> None:
    for pattern, others in ((REFUSED, "\t\n\x1e"), (REFUSED_IN_LINES, "\x0b\x0c")):
        assert pattern.sub("", NO_CHARACTERS + others) == ""
    assert not REFUSED.search(" ~\xa0\ud7ff\ue000\ufdcf\ufdf0\ufffd\U00010000\U0001fffd")
    assert not REFUSED_IN_LINES.search("\t\n\r")


OUTSIDE = ["-1", "0", "101", "1000", str(2**63), str(2**63 - 1), "9" * 5000]
NO_NUMBERS = ["", " ", "+1", "1 ", " 1", "01", "007", "00", "-0", "-01", "1.0", "1e2", "0x1", "1_0"]
NO_NUMBERS += ["NaN", "inf", "二", "２", "٣", "²", "1\n", "1\x00", "[]", "ten", "0" * 5000 + "7"]


@together("text", OUTSIDE)
def test_numbers_outside_the_bounds_are_told_from_words(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_whole(text, 1, 100)
    assert refused.value.code == "out_of_range"


@together("text", NO_NUMBERS)
def test_anything_but_digits_without_leading_zeros_is_refused(text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read_whole(text, 0, 100)
    assert refused.value.code == "invalid"


@together(
    ("text", "number"),
    [
        *(("1", 1), (str(LARGEST_KEY), LARGEST_KEY), (str(LARGEST_KEY + 1), 0), ("0", 0)),
        *(("-1", 0), ("9" * 5000, 0), *((text, 0) for text in NO_NUMBERS)),
    ],
)
def test_a_key_is_found_or_none(text: str, number: int) -> None:
    assert find_whole(text) == number


def test_a_million_digits_are_refused_without_reading_their_value() -> None:
    assert costs_less(0.5, lambda: find_whole("1" * 1_000_000))
    assert not find_whole("1" * 1_000_000)
