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
NETS = "the drawn benchmark, the faults and bounds that tests are tried by (two nets)"
ONE_WAY = "as it is since lists, derivation, queries and columns are done in one way"

BOUNDS: dict[str, Bound] = {
    "lines": Bound(71_100, ONE_WAY),
    "lines beside": Bound(7_200, ONE_WAY),
    "templates": Bound(1_200, ONE_WAY),
    "files": Bound(448, ONE_WAY),
    "small modules": Bound(228, ONE_WAY),
    "largest module": Bound(800, RULE),
    "longest function": Bound(40, RULE),
    "loose files config": Bound(44, ONE_WAY),
    "floors config": Bound(8, MEASURED),
    "upward config": Bound(1, MEASURED),
    "loose files parks": Bound(21, ONE_WAY),
    "floors parks": Bound(9, MEASURED),
    "upward parks": Bound(3, MEASURED),
    "loose files projects": Bound(18, ONE_WAY),
    "floors projects": Bound(10, ONE_WAY),
    "upward projects": Bound(7, MEASURED),
    "upward rooms": Bound(0, RULE),
    "eval": Bound(0, RULE),
    "SQL surgery": Bound(1, ONE_WAY),
    ".vendor": Bound(12, ONE_WAY),
    "private names": Bound(5, ONE_WAY),
    "ancestors": Bound(6, ONE_WAY),
    "test lines": Bound(74_900, ONE_WAY),
    "words": Bound(76_100, ONE_WAY),
    "list by amount: files": Bound(39, ONE_WAY),
    "list by amount: functions": Bound(183, ONE_WAY),
    "list by amount: statements": Bound(7, MEASURED),
    "row of a sheet: files": Bound(75, ONE_WAY),
    "row of a sheet: functions": Bound(478, ONE_WAY),
    "row of a sheet: statements": Bound(31, ONE_WAY),
    "rule of a model: files": Bound(34, ONE_WAY),
    "rule of a model: functions": Bound(155, ONE_WAY),
    "rule of a model: statements": Bound(15, MEASURED),
    "edit of a note: files": Bound(36, ONE_WAY),
    "edit of a note: functions": Bound(235, ONE_WAY),
    "edit of a note: statements": Bound(12, ONE_WAY),
    "page of projects: files": Bound(70, ONE_WAY),
    "page of projects: functions": Bound(377, ONE_WAY),
    "page of projects: statements": Bound(29, ONE_WAY),
    "summary in the past: files": Bound(38, ONE_WAY),
    "summary in the past: functions": Bound(199, ONE_WAY),
    "summary in the past: statements": Bound(15, MEASURED),
}
