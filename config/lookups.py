"""Find a row by one value, by SQL that is compiled once: that often takes longer than to run it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import get_related_populators

GIVEN = "\ufdd0given"  # stands for the value where it is compiled: no text has this sign


def find_by_code(model: Any, code: str) -> Any:
    """Find the term of a vocabulary with exactly this code, its key; None if there is none."""
    return find_row(code, _select_by_code, model)


def _select_by_code(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.filter(code=GIVEN)
    return rows


def find_row(value: Any, select: Callable[..., QuerySet[Any]], *about: Hashable) -> Any:
    """Find the one row that `select(*about)` selects, with a value where it says GIVEN, or None.

    What it selects follows from `about` alone: it is asked once.
    """
    question = _compile(select, about, connection.alias)
    params = [value if param == GIVEN else param for param in question.params]
    with connection.cursor() as cursor:
        cursor.execute(question.sql, params)
        return next((question.build(row) for row in cursor.fetchall()), None)


@dataclass(frozen=True)
class _Question:
    """A compiled SELECT of whole rows, perhaps with rows that they refer to."""

    sql: str
    params: tuple[Any, ...]
    compiler: Any

    def build(self, row: Any) -> Any:
        """Build the row of what the database gives, as a queryset does."""
        compiler = self.compiler
        selected, using = compiler.select, connection.alias
        converters = compiler.get_converters([expression for expression, *_sql in selected])
        (values,) = compiler.apply_converters([row], converters)
        places = compiler.klass_info["select_fields"]
        columns = [selected[place][0].target.attname for place in places]
        own = values[places[0] : places[-1] + 1]
        found = compiler.klass_info["model"].from_db(using, columns, own)
        for each in get_related_populators(compiler.klass_info, selected, using):  # type: ignore[call-arg]
            each.populate(values, found)
        return found


@lru_cache(maxsize=256)
def _compile(select: Callable[..., QuerySet[Any]], about: Any, using: str) -> _Question:
    compiler = select(*about).order_by().query.get_compiler(using)
    sql, params = compiler.as_sql()
    return _Question(sql, tuple(params), compiler)
