"""Find a row by one value, by SQL that is compiled once: that often takes longer than to run it."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import get_related_populators

# What stands for the value where it is compiled: no text has this sign, no row this key
GIVEN = "\ufdd0given"
GIVEN_KEY = -(2**31)


def find_by_code(model: Any, code: str) -> Any:
    """Find the term of a vocabulary with exactly this code, its key; None if there is none."""
    return find_row(code, _select_by_code, model)


def _select_by_code(model: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.filter(code=GIVEN)
    return rows


def find_row(value: Any, select: Callable[..., QuerySet[Any]], *about: Hashable) -> Any:
    """Find the one row that `select(*about)` selects, or None.

    The value stands where that says GIVEN, or GIVEN_KEY of a number. What it selects follows from
    `about` alone: it is asked once.
    """
    question = _compile(select, about, connection.alias)
    params = [value if param in (GIVEN, GIVEN_KEY) else param for param in question.params]
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
        (values,) = self.compiler.apply_converters([row], self.converters)
        own = values[self.places[0] : self.places[-1] + 1]
        found = self.compiler.klass_info["model"].from_db(connection.alias, self.columns, own)
        for each in self.populators:
            each.populate(values, found)
        return found

    @cached_property
    def places(self) -> list[int]:
        """Where the columns of the row itself stand."""
        places: list[int] = self.compiler.klass_info["select_fields"]
        return places

    @cached_property
    def columns(self) -> list[str]:
        return [self.compiler.select[place][0].target.attname for place in self.places]

    @cached_property
    def converters(self) -> Any:
        return self.compiler.get_converters([each for each, *_sql in self.compiler.select])

    @cached_property
    def populators(self) -> list[Any]:
        """What builds the rows that it refers to."""
        of = self.compiler
        return get_related_populators(of.klass_info, of.select, of.using)  # type: ignore[call-arg]


@lru_cache(maxsize=256)
def _compile(select: Callable[..., QuerySet[Any]], about: Any, using: str) -> _Question:
    compiler = select(*about).order_by().query.get_compiler(using)
    sql, params = compiler.as_sql()
    return _Question(sql, tuple(params), compiler)
