"""Rows selected by conditions on columns of their own, whose names are resolved once.

Django asks for each condition of each question what its names mean, which takes as long as to
answer a small one. So it does for the SQL of what is compared with the rows of another table.
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.sql import Query
from django.db.models.sql.where import AND, OR, WhereNode

_LOOKUPS = frozenset({"exact", "in", "gt", "gte", "lt", "lte", "isnull"})
_VALUES = (str, int, float, Decimal, date)


def select_by(rows: QuerySet, condition: Q) -> QuerySet:
    """Select rows by a condition as `filter` does; what is not plain is left to that."""
    query = rows.query
    if query.annotations or query.combinator or query.is_sliced:
        return rows.filter(condition)
    selected = rows.all()
    where = _resolve(condition, rows.model, selected.query.get_initial_alias())
    if where is None:
        return rows.filter(condition)
    if where:
        selected.query.where.add(where, AND)
    return selected


def _resolve(condition: Q, model: Any, table: str) -> WhereNode | None:
    """Resolve a condition on columns of a table; None if it says anything else, or negates."""
    connector = condition.connector
    if condition.negated or connector not in (AND, OR):
        return None
    where = WhereNode(connector=connector)
    for child in condition.children:
        part = (
            _resolve(child, model, table)
            if isinstance(child, Q)
            else _resolve_one(child, model, table)
        )
        if part is None:
            return None
        if part:
            where.add(part, connector)
    return where


def _resolve_one(child: Any, model: Any, table: str) -> WhereNode | None:
    if not (isinstance(child, tuple) and _is_plain(child[1])):
        return None
    name, value = child
    found = _find_lookup(model, name, table)
    if found is None:
        return None
    column, lookup = found
    return WhereNode([lookup(column, value)], connector=AND)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple | set):
        return all(isinstance(each, _VALUES) for each in value)
    return isinstance(value, _VALUES)


@lru_cache(maxsize=1024)
def _find_lookup(model: Any, name: str, table: str) -> tuple[Any, Any] | None:
    """Find the column of a model's own that a name means, and how it is compared."""
    path, _sign, word = name.partition("__")
    try:
        field = model._meta.pk if path == "pk" else model._meta.get_field(path)
    except FieldDoesNotExist:
        return None
    if (word or "exact") not in _LOOKUPS or not field.concrete or field.many_to_many:
        return None
    column = field.get_col(table, field)
    return column, column.get_lookup(word or "exact")


class KeptIn(RelatedIn):
    """That a reference is among the rows of a subquery, compiled once for each database."""

    kept: dict[str, tuple[str, tuple[Any, ...]]]  # by the alias of the database

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        if connection.alias not in self.kept:
            sql, params = super().as_sql(compiler, connection)
            self.kept[connection.alias] = sql, tuple(params)
        return self.kept[connection.alias]

    def copy(self) -> "KeptIn":
        """Copy it, to be said of a table by another name."""
        copied: KeptIn = super().copy()
        copied.kept = {}
        return copied


def keep_subqueries(where: Any) -> None:
    """Keep the SQL of the subqueries of conditions that many questions share."""
    for place, child in enumerate(where.children):
        if hasattr(child, "children"):
            keep_subqueries(child)
        elif type(child) is RelatedIn and isinstance(child.rhs, Query):
            kept = where.children[place] = KeptIn.__new__(KeptIn)
            kept.__dict__ = {**child.__dict__, "kept": {}}
