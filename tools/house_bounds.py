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
TIME_LIMITS = "limits of the database's time are no longer a part of counting requests"
SNAPSHOT = "requests of the past read one snapshot; imports find names by the index"
ROOMS = "as measured since the six rooms stand in one line"
PUBLIC_VIEW = "each reading request asks whether its user chose to read as everybody does"
FIRST_LOOK = "search, drafts that are told, menus and columns that sort"
AT_ONCE = "the checks of a row are one query"
OPERATING = "recurring work, several machines, offices without internet"
SIGNED_IN = "each request ends idle sessions, keeps exports and names its client"
PROGRAMS = "the same, and typed clients that others generate"
HANDED_IN = "documents that offices hand in, messages about what is due, typed clients"
PLACES = "what names one place is data: profiles of a ledger; documents by schedule, calendars"
AS_FILES = "reports show stored values as files write them"
KEPT_TERMS = "names of regions and sectors are kept only once they are written for good"
SPEED = "ranks of the funnel, flows by kind, indexes of steps; NOT EXISTS, kept pages (speed)"
AT_DOORS = "sheets, reports and pages, as clerks and planners met them"
PLANNERS = "pages and reports say bases, other currencies and what changed"
TRACKING = "as before, and what tracking promises, plans and facts may add"

BOUNDS: dict[str, Bound] = {
    "lines": Bound(75_440, SPEED),
    "lines beside": Bound(6_998, SPEED),
    "templates": Bound(1_241, PLACES),
    "files": Bound(362, AT_DOORS),
    "small modules": Bound(122, AT_DOORS),
    "largest module": Bound(800, RULE),
    "longest function": Bound(40, RULE),
    "loose files config": Bound(15, PLACES),
    "floors config": Bound(5, ROOMS),
    "upward config": Bound(0, RULE),
    "loose files parks": Bound(9, ROOMS),
    "floors parks": Bound(8, ROOMS),
    "upward parks": Bound(0, RULE),
    "loose files projects": Bound(10, ROOMS),
    "floors projects": Bound(8, ROOMS),
    "upward projects": Bound(0, RULE),
    "loose files sheets": Bound(7, ROOMS),
    "floors sheets": Bound(4, ROOMS),
    "upward sheets": Bound(0, RULE),
    "loose files api": Bound(15, ROOMS),
    "floors api": Bound(7, ROOMS),
    "upward api": Bound(0, RULE),
    "loose files pages": Bound(11, HANDED_IN),
    "floors pages": Bound(7, ROOMS),
    "upward pages": Bound(0, RULE),
    "upward rooms": Bound(0, RULE),
    "eval": Bound(0, RULE),
    "SQL surgery": Bound(1, ONE_WAY),
    ".vendor": Bound(12, ONE_WAY),
    "private names": Bound(5, ONE_WAY),
    "ancestors": Bound(6, ROOMS),
    "test lines": Bound(68_481, PLANNERS),
    "words": Bound(73_256, SPEED),
    "list by amount: files": Bound(32, SIGNED_IN),
    "list by amount: functions": Bound(189, PLANNERS),
    "list by amount: statements": Bound(7, MEASURED),
    "row of a sheet: files": Bound(65, AT_DOORS),
    "row of a sheet: functions": Bound(442, PLANNERS),
    "row of a sheet: statements": Bound(32, SNAPSHOT),
    "rule of a model: files": Bound(29, SIGNED_IN),
    "rule of a model: functions": Bound(162, PLANNERS),
    "rule of a model: statements": Bound(7, AT_ONCE),
    "edit of a note: files": Bound(30, SIGNED_IN),
    "edit of a note: functions": Bound(239, PLANNERS),
    "edit of a note: statements": Bound(12, ONE_WAY),
    "page of projects: files": Bound(58, PLANNERS),
    "page of projects: functions": Bound(403, PLANNERS),
    "page of projects: statements": Bound(29, PLANNERS),
    "summary in the past: files": Bound(33, SIGNED_IN),
    "summary in the past: functions": Bound(205, PLANNERS),
    "summary in the past: statements": Bound(16, SNAPSHOT),
}
