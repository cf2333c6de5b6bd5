"""Pages found by a walk through the index of their order, where SQLite would sort what it finds.

SQLite takes each range of an index for as narrow as any other. So it reads half of all rows, and
sorts them, for a page that a walk in their order has filled after some hundred entries. The walk is
tried first, as far as a page is full of which one entry in twenty is meant; where it is not full,
SQLite looks for the page as it likes. All of it is one statement.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import GeneratedField, Lookup, QuerySet
from django.db.models.functions import Coalesce
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    LessThan,
    LessThanOrEqual,
)
from django.db.models.sql.where import AND

from config.api.lists.ordering import OrderingKey
from config.api.lists.statements import BoundSQL
from config.indexes import CoveringIndex

_ENTRIES_A_ROW = 20  # of the page, that a walk goes through
_FROM_ABOVE = (LessThan, LessThanOrEqual)
_FROM_BELOW = (GreaterThan, GreaterThanOrEqual)


@dataclass(frozen=True)
class PageSearch:
    """The search for the keys of a page, compiled: `order` is by `columns`, from FROM to LIMIT."""

    pk: str
    tables: str
    where: str
    params: Sequence[Any]
    columns: Sequence[str]
    order: str
    count: int

    @property
    def is_descending(self) -> bool:
        return self.order.endswith("DESC")

    def write(self) -> BoundSQL:
        """Write the SELECT of the keys, as `pk`."""
        return self._write(self.tables, self.where, str(self.count)), self.params

    def write_walk(self, index: str, bounds: str, bound_params: Sequence[Any]) -> BoundSQL:
        """Write the same, but a walk through an index first, from where the bounds let it begin."""
        walked = f"{self.tables} INDEXED BY {connection.ops.quote_name(index)}"
        columns = ", ".join(self.columns)
        also = f" WHERE {bounds}" if bounds else ""
        last = (
            f"SELECT {columns} FROM {walked}{also}{self.order} "  # noqa: S608
            f"LIMIT 1 OFFSET {_ENTRIES_A_ROW * self.count}"
        )
        sign = ">=" if self.is_descending else "<="
        near = [f"({self.where})" if self.where else "", bounds, f"({columns}) {sign} ({last})"]
        walk = self._write(walked, " AND ".join(filter(None, near)), str(self.count))
        # Of a LIMIT of 0 nothing is looked for, which cannot be said by a condition
        count = self.count
        rest = f"(SELECT CASE count(*) WHEN {count} THEN 0 ELSE {count} END FROM walk)"  # noqa: S608
        sql = (
            f"WITH walk AS ({walk}) "  # noqa: S608
            f"SELECT pk FROM walk WHERE (SELECT count(*) FROM walk) = {count} "
            f"UNION ALL SELECT pk FROM ({self._write(self.tables, self.where, rest)})"
        )
        return sql, (*self.params, *bound_params, *bound_params, *self.params)

    def _write(self, tables: str, where: str, limit: str) -> str:
        condition = f" WHERE {where}" if where else ""
        return f"SELECT {self.pk} AS pk FROM {tables}{condition}{self.order} LIMIT {limit}"  # noqa: S608


def write_page(search: PageSearch, rows: QuerySet, keys: Sequence[OrderingKey]) -> BoundSQL:
    """Write the SELECT of the keys of the first rows in order, in the quickest way there is."""
    model: Any = rows.model
    is_joined = search.tables != connection.ops.quote_name(model._meta.db_table)
    if connection.vendor != "sqlite" or is_joined:
        return search.write()
    index = find_index(model, tuple(key.path for key in keys))
    met = [*_list_met(rows.query.where)]
    if index is None or any(_begins_an_index(model, index, each) for each in met):
        return search.write()
    if not _holds_all({*_list_columns(index), *index.include}, rows.query.where):
        return search.write()
    begins = _FROM_ABOVE if search.is_descending else _FROM_BELOW
    bounds = [each for each in met if isinstance(each, begins)]
    return search.write_walk(index.name, *_compile_bounds(rows, bounds, keys[0].path))


@lru_cache(maxsize=256)
def find_index(model: Any, paths: tuple[str, ...]) -> CoveringIndex | None:
    """Find the index that begins with the columns of an order and holds what lists ask for."""
    names = [model._meta.pk.name if path == "pk" else path for path in paths]
    for index in model._meta.indexes:
        if isinstance(index, CoveringIndex) and _list_columns(index) == names:
            return index
    return None


def _list_columns(index: CoveringIndex) -> list[str]:
    """List the columns that rows are in the order of in an index, by their names."""
    ordered = [getattr(each, "expression", each) for each in index.expressions]
    return [*index.fields, *(getattr(each, "name", "") for each in ordered)]


def _list_met(where: Any) -> Iterator[Any]:
    """List the comparisons that each row must meet."""
    if where.negated or where.connector != AND:
        return
    for child in where.children:
        if hasattr(child, "children"):
            yield from _list_met(child)
        else:
            yield child


def _holds_all(names: Collection[str], where: Any) -> bool:
    """Tell whether conditions are about these columns alone: then a walk reads nothing else."""
    if hasattr(where, "children"):
        return all(_holds_all(names, each) for each in where.children)
    return isinstance(where, Lookup) and _find_target(where) in names


def _find_target(comparison: Any) -> str:
    """Find the column that is compared; "" where it is something else."""
    target = getattr(comparison.lhs, "target", None)
    return target.name if target else ""


def _begins_an_index(model: Any, index: CoveringIndex, met: Any) -> bool:
    """Tell whether a comparison names values that another index leads to: few rows, in order."""
    others = [each for each in model._meta.indexes if isinstance(each, CoveringIndex)]
    firsts = {_list_columns(each)[0] for each in others if each is not index}
    return isinstance(met, Exact | In) and _find_target(met) in firsts


def _compile_bounds(rows: QuerySet, met: Sequence[Any], path: str) -> tuple[str, list[Any]]:
    """Compile what is met by the first key of the order, or by what that stands for.

    Only where a walk begins is told: two bounds of its end SQLite would take one of.
    """
    query = rows.query.chain()
    column = rows.model._meta.get_field(path).get_col(query.get_initial_alias())
    names = {path, _find_source(rows.model, path)}
    compiler: Any = query.get_compiler(rows.db)
    compiled = [
        compiler.compile(type(each)(column, each.rhs))
        for each in met
        if _find_target(each) in names
    ]
    return " AND ".join(sql for sql, _params in compiled), [p for _s, ps in compiled for p in ps]


def _find_source(model: Any, path: str) -> str:
    """Find the column that another one is a copy of but where it is NULL; "" if there is none."""
    field = model._meta.get_field(path)
    told: Any = field.expression if isinstance(field, GeneratedField) else None  # type: ignore[attr-defined]
    source: str = told.get_source_expressions()[0].name if isinstance(told, Coalesce) else ""
    return source
