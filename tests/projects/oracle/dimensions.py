"""What projects are grouped by, in plain Python: each dimension's values of one project.

A project has one value of most dimensions, several of events and overlapping groups; None is
unknown. Dates and codes that are too coarse for a dimension are unknown in it.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.projects.oracle import tags, tracking
from tests.projects.oracle.terms import DATED, Row, Vocabulary

Values = Callable[[Any, Row, bool], list[Any]]
PLAIN = (
    "park origin_country origin_province origin_city sector_section sector_division hitech stage "
    "capital_type origin_scope standing kind function site_mode agreement_type investment_basis"
).split()
EDGES = [10**8, 5 * 10**8, 10**9, 5 * 10**9, 10**10]


def groups_of(terms: Vocabulary, code: str | None, family: str | None = None) -> list[Any]:
    """The groups that a code is in; `rest` if surely in none, unknown if it is too coarse."""
    if code is None:
        return [None]
    line = set(terms.lineage(code))
    found, may_be_in = [], False
    for group, inside, outside in terms.groups.values():
        if family is not None and group["family"] != family:
            continue
        if line & inside and not line & outside:
            found.append(group["code"])
        elif any(code in [*terms.lineage(member)][1:] for member in inside):
            may_be_in = True
    return found or ([None] if may_be_in else ["rest"])


def quarter(day: date) -> str:
    return f"{day.year}-Q{(day.month + 2) // 3}"


def month(day: date) -> str:
    return f"{day.year}-{day.month:02}"


def period_of(column: str, name: Callable[[date], Any]) -> Values:
    """The period in which the whole of a date lies, if it lies in one."""

    def values(oracle: Any, row: Row, sees_all: bool) -> list[Any]:
        ends = row[column] or (None, None)
        names = {end and name(end) for end in ends}
        return [*names] if len(names) == 1 else [None]

    return values


def band_of(amount: int | None, edges: list[int]) -> str | None:
    """The band of an amount, as the filter takes it."""
    if amount is None:
        return None
    low = max((edge for edge in edges if edge <= amount), default=0)
    high = min((edge for edge in edges if edge > amount), default="")
    return f"{low}-{high}"


def events_of(oracle: Any, row: Row, sees_all: bool) -> list[Any]:
    there = [key for key in row["events"] if oracle.event_visible(oracle.events[key], sees_all)]
    return [oracle.events[key]["code"] for key in there] or [None]


def plain(column: str) -> Values:
    return lambda oracle, row, sees_all: [row[column]]


DIMENSIONS: dict[str, Values] = {
    **{name: plain(name) for name in PLAIN},
    "project_region": plain("project_region"),
    "park_province": lambda o, row, all_: [o.regions.province(row["park_region"])],
    "origin_group": lambda o, row, all_: groups_of(o.regions, row["origin_id"], "clusters"),
    "origin_economic_region": lambda o, row, all_: groups_of(
        o.regions, row["origin_id"], "economic-regions"
    ),
    "origin_named_group": lambda o, row, all_: groups_of(o.regions, row["origin_id"]),
    "sector_group": lambda o, row, all_: groups_of(o.sectors, row["sector_id"]),
    "responsible_unit": lambda o, row, all_: [(all_ and row["responsible_unit"]) or None],
    # Without rules; see test_lights_oracle.py
    "light": lambda o, row, all_: ["none" if all_ else None],
    "lost_because": lambda o, row, all_: [(all_ and row["lost_because"]) or None],
    "lost_to": lambda o, row, all_: [(all_ and row["lost_to_id"]) or None],
    "completeness": lambda o, row, all_: [tracking.completeness(row)],
    "times_moved": lambda o, row, all_: ["0" if all_ else None],  # see test_plan_moves.py
    "lateness": lambda o, row, all_: [tracking.lateness(row)],
    "event": events_of,
    **tags.DIMENSIONS,
    "size_band": lambda o, row, all_: [band_of(row["investment_cny"], EDGES)],
    **{f"{name}_year": period_of(f"{name}_on", lambda day: day.year) for name in DATED},
    **{f"{name}_quarter": period_of(f"{name}_on", quarter) for name in DATED},
    **{f"{name}_month": period_of(f"{name}_on", month) for name in DATED},
}
# Those that are filters of their own here: the others are columns that the oracle filters already
FILTERED = [
    *(
        "project_region",
        "park_province",
        "origin_group",
        "origin_economic_region",
        "origin_named_group",
    ),
    *("responsible_person", "working_unit"),
    *("sector_group", "responsible_unit", "lost_because", "lost_to", "completeness"),
    "lateness",
    *(f"{name}_{unit}" for name in DATED for unit in ("year", "quarter", "month")),
]
