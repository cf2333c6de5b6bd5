"""The bounds of `python -m tools.house --check`, each with the reason for it."""

from typing import NamedTuple


class Bound(NamedTuple):
    """The most that a measure may be."""

    most: int
    reason: str


BOUNDS: dict[str, Bound] = {}
