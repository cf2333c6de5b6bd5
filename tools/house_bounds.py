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
    "lines": Bound(74_300, AT_THE_DOOR),
    "lines beside": Bound(7_800, NETS),
    "templates": Bound(1_500, MEASURED),
    "files": Bound(564, AT_THE_DOOR),
    "small modules": Bound(308, AT_THE_DOOR),
    "largest module": Bound(800, RULE),
    "longest function": Bound(40, RULE),
    "loose files config": Bound(44, ONE_WAY),
    "floors config": Bound(8, MEASURED),
    "upward config": Bound(1, MEASURED),
    "loose files parks": Bound(22, AT_THE_DOOR),
    "floors parks": Bound(9, MEASURED),
    "upward parks": Bound(3, MEASURED),
    "loose files projects": Bound(25, MEASURED),
    "floors projects": Bound(12, MEASURED),
    "upward projects": Bound(7, MEASURED),
    "upward rooms": Bound(0, RULE),
    "eval": Bound(0, RULE),
    "SQL surgery": Bound(2, ONE_WAY),
    ".vendor": Bound(32, ONE_WAY),
    "private names": Bound(11, ONE_WAY),
    "ancestors": Bound(22, MEASURED),
    "test lines": Bound(74_800, NETS),
    "words": Bound(97_000, ONE_WAY),
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
