"""The bounds of `python -m tools.house --check`, each with the reason for it.

A change that makes the product smaller lowers a bound. One that must exceed a bound raises it by
what it needs, and gives the reason beside it.
"""

from typing import NamedTuple


class Bound(NamedTuple):
    """The most that a measure may be."""

    most: int
    reason: str


MEASURED = "as measured for release 1.1.0"
RULE = "a rule of the house"
AT_THE_DOOR = "what imports ask about, read and compare since (truth at the door)"

BOUNDS: dict[str, Bound] = {
    "lines": Bound(74_000, AT_THE_DOOR),
    "lines beside": Bound(6_000, MEASURED),
    "templates": Bound(1_500, MEASURED),
    "files": Bound(562, AT_THE_DOOR),
    "small modules": Bound(306, AT_THE_DOOR),
    "largest module": Bound(400, RULE),
    "longest function": Bound(40, RULE),
    "loose files config": Bound(45, MEASURED),
    "floors config": Bound(8, MEASURED),
    "upward config": Bound(1, MEASURED),
    "loose files parks": Bound(22, AT_THE_DOOR),
    "floors parks": Bound(9, MEASURED),
    "upward parks": Bound(3, MEASURED),
    "loose files projects": Bound(25, MEASURED),
    "floors projects": Bound(12, MEASURED),
    "upward projects": Bound(7, MEASURED),
    "upward rooms": Bound(0, RULE),
    "eval": Bound(1, MEASURED),
    "SQL surgery": Bound(8, MEASURED),
    ".vendor": Bound(35, MEASURED),
    "private names": Bound(16, MEASURED),
    "ancestors": Bound(22, MEASURED),
    "test lines": Bound(70_000, AT_THE_DOOR),
    "words": Bound(110_100, AT_THE_DOOR),
    "list by amount: files": Bound(50, MEASURED),
    "list by amount: functions": Bound(187, MEASURED),
    "list by amount: statements": Bound(7, MEASURED),
    "row of a sheet: files": Bound(111, AT_THE_DOOR),
    "row of a sheet: functions": Bound(468, AT_THE_DOOR),
    "row of a sheet: statements": Bound(33, MEASURED),
    "rule of a model: files": Bound(41, MEASURED),
    "rule of a model: functions": Bound(157, MEASURED),
    "rule of a model: statements": Bound(15, MEASURED),
    "edit of a note: files": Bound(67, MEASURED),
    "edit of a note: functions": Bound(254, MEASURED),
    "edit of a note: statements": Bound(21, MEASURED),
    "page of projects: files": Bound(88, MEASURED),
    "page of projects: functions": Bound(412, MEASURED),
    "page of projects: statements": Bound(31, MEASURED),
    "summary in the past: files": Bound(51, MEASURED),
    "summary in the past: functions": Bound(231, MEASURED),
    "summary in the past: statements": Bound(15, MEASURED),
}
