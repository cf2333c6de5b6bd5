"""Projects that are alike: cells of those of which all conditions of rates and counts say the same.

Of a million projects there are some ten thousand such cells, for each of which the forty
conditions are looked at once.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db import connections
from django.db.models import Case, Count, F, Min, Q, QuerySet, Sum, Value, When
from django.db.models.sql import Query
from django_cte import CTE
from django_cte.raw import raw_cte_sql

from config import history
from projects.lifecycle.rates import HAS_PAID_IN, is_silent
from projects.lifecycle.words import STAGES
from projects.models import Project
from projects.summaries.by_columns import add_up_by_columns
from projects.summaries.by_parks import split_by_parks
from projects.summaries.kept_columns import KnownOf

FEW_IN_COHORTS = 10_000  # that a database groups sooner than columns of all projects are read
_READ = ("signed_year", "stage", "standing", "investment_basis", "investment_qualifier")
_ALIKE = (*_READ, "stage_rank", "has_intent", "has_money")
_SUMS = {name: Sum(name) for name in ("investment_cny", "paid_in_cny")}


class GivenQuery(Query):
    """A query whose rows are given: its SQL reads them out of one parameter."""

    given: tuple[str, Sequence[Any]]

    def get_compiler(
        self, using: str | None = None, connection: Any = None, elide_empty: bool = True
    ) -> Any:
        """Get what gives the SQL that reads the rows."""
        return raw_cte_sql(*self.given, {}).query.get_compiler(connection)


def gather_cells(projects: QuerySet) -> CTE:
    """Gather the projects of which all conditions of rates and counts say the same.

    `number` has how many projects a cell has; a sum is unknown where each of its amounts is, and
    the news are older than a day where those of each are.
    """
    first, *rest = (_find_alike(part) for part in split_by_parks(projects.order_by()))
    return CTE(first.union(*rest, all=True) if rest else first)


def gather_many_cells(projects: QuerySet) -> CTE:
    """Gather the cells of projects that may be all there are, from columns in memory if they are.

    SQLite takes several seconds to sort a million.
    """
    projects = projects.order_by()
    if projects.values("pk")[FEW_IN_COHORTS : FEW_IN_COHORTS + 1]:
        cells = _gather_in_memory(projects)
        if cells:
            return _give_cells(projects, cells)
    return gather_cells(projects)


def _find_alike(projects: QuerySet) -> QuerySet:
    alike = projects.values(
        *_ALIKE,
        is_known=tell_condition(Q(investment_cny__isnull=False)),
        is_reported=tell_condition(HAS_PAID_IN),
        is_silent=tell_condition(is_silent()),
    )
    return alike.annotate(number=Count("pk"), news_on=Min("news_on"), **_SUMS)


def tell_condition(condition: Q) -> Case:
    """Build what tells whether a condition is met."""
    return Case(When(condition, then=Value(True)), default=Value(False))


def _gather_in_memory(projects: QuerySet) -> list[dict[str, Any]] | None:
    """Gather the cells from columns in memory; None where the database is to gather them.

    Of the news it is told alone on which side of the limit they are.
    """
    # As few columns as can be: to read one of a million projects takes 0.1 s
    flags = [Q(has_intent=True), Q(has_money=True), is_silent()]
    packed = sum(
        (Case(When(told, then=Value(1 << n)), default=Value(0)) for n, told in enumerate(flags)),
        start=Value(0),
    )
    keys = [*map(F, _READ), packed, *(KnownOf(F(name)) for name in _SUMS)]
    found = add_up_by_columns(projects, [keys], [Count("pk"), *_SUMS.values()])
    if found is None:
        return None
    today, cells = str(history.today()), []
    for (*read, bits, is_known, is_reported), (number, *sums) in found[0].list_cells():
        cell = dict(zip(_READ, read, strict=True))
        known = zip(_SUMS, sums, (is_known, is_reported), strict=True)
        cells.append(
            {
                **cell,
                "stage_rank": STAGES.index(cell["stage"]) if cell["stage"] else -1,
                "has_intent": bool(bits & 1),
                "has_money": bool(bits & 2),
                "number": number,
                "news_on": None if bits & 4 else today,
                **{name: amount if is_one else None for name, amount, is_one in known},
            }
        )
    return cells


def _give_cells(projects: QuerySet, cells: Sequence[dict[str, Any]]) -> CTE:
    """Give the cells back to the database, which knows what the conditions mean."""
    alike = CTE(_find_alike(projects), materialized=True)
    alike.query = alike.query.chain(GivenQuery)
    alike.query.given = _read_given(projects.db, cells[0]), [orjson.dumps(cells).decode()]
    return alike


def _read_given(database: str, cell: Iterable[str]) -> str:
    """Write the SQL that reads cells out of a parameter, each as objects of JSON."""
    if connections[database].vendor == "sqlite":
        columns = ", ".join(f"value ->> '{name}' AS \"{name}\"" for name in cell)
        return f"SELECT {columns} FROM json_each(%s)"  # noqa: S608
    types = ", ".join(f"{name} {_find_type(database, name)}" for name in cell)
    return f"SELECT * FROM json_to_recordset(%s) AS given ({types})"  # noqa: S608


def _find_type(database: str, name: str) -> str:
    """Find the type of what cells call by this name: a column, or how many projects it is."""
    if name == "number":
        return "bigint"
    if name in _SUMS:
        return "numeric"
    return str(Project._meta.get_field(name).db_type(connections[database]))
