"""Texts in pictures: without what XML cannot hold, and broken into lines of a given width."""

import re
import unicodedata

# No part of XML, or invisible: what a name may not bring into a picture.
UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)


def clean(text: str) -> str:
    """Clean a text of what XML cannot hold and of characters that turn the reading around."""
    return " ".join(UNPRINTABLE.sub(" ", text).split())


def measure_width(text: str) -> int:
    """Measure a text in half-width letters: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def wrap(text: str, columns: int, lines: int) -> str:
    """Wrap a text in at most so many lines of so many half-width letters, the last cut with ….

    The lines are about as long as each other: a last one with one letter would look lost.
    """
    done = _break_lines(text, columns)
    if 1 < len(done) <= lines:
        shorter = range(min(columns, measure_width(text) // len(done)), columns + 1)
        evenly = (_break_lines(text, narrower) for narrower in shorter)
        done = next(broken for broken in evenly if len(broken) == len(done))
    kept = done[:lines]
    if len(done) > lines:
        kept[-1] += "…"
    return "\n".join(_cut(line, columns) for line in kept)


def _break_lines(text: str, columns: int) -> list[str]:
    """Break a text into lines between words or at any Chinese letter."""
    done: list[str] = [""]
    for piece in re.findall(r"\s+|[\u2e80-\uffff]|[^\s\u2e80-\uffff]+", text):
        if done[-1].strip() and measure_width(done[-1] + piece) > columns:
            done.append("")
        done[-1] += piece
    return [line.strip() for line in done if line.strip()] or [""]


def _cut(line: str, columns: int) -> str:
    if measure_width(line) <= columns + 1:
        return line
    line = line[:columns]  # each letter is at least one wide
    while measure_width(line) > columns - 1:
        line = line[:-1]
    return line + "…"
