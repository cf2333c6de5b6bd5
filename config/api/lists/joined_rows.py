"""The rows of a page with all that is joined to them, by SQL of which most is compiled once.

A page is found by the columns that it is filtered and ordered by, and only then joined to what is
shown of its rows. To compile a query of some eighty columns takes longer than to answer it, and
that part is the same for every page: what changes is the page that is found.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from config import history
from config.api.lists.ordering import OrderingKey

Join = Callable[[Any], QuerySet]
# The stubs are of a later version of Django, where it takes one argument more.
_find_populators: Any = get_related_populators


@dataclass(frozen=True)
class JoinedRows:
    """A query for all rows of a model, compiled, in the two parts that a page stands between."""

    model: type[Model]
    columns: str
    tables: str
    params: tuple[Any, ...]
    compiler: Any
    converters: dict[int, Any]
    populators: list[Any]

    def build(self, rows: Any, names: Sequence[str], more: dict[int, Any]) -> Iterator[Model]:
        """The model's rows from those of a cursor, with the columns after their own by name."""
        compiler, using = self.compiler, self.compiler.using
        width = len(compiler.select)
        annotated = {**compiler.annotation_col_map}
        annotated |= {name: width + place for place, name in enumerate(names)}
        own = compiler.klass_info["select_fields"]
        start, end = own[0], own[-1] + 1
        columns = [compiler.select[place][0].target.attname for place in range(start, end)]
        converters = {**self.converters, **{width + place: more[place] for place in more}}
        for row in compiler.apply_converters(rows, converters):
            built = self.model.from_db(using, columns, row[start:end])
            for populator in self.populators:
                populator.populate(row, built)
            for name, place in annotated.items():
                setattr(built, name, row[place])
            yield built


def fetch_joined(
    page: QuerySet, count: int, join: Join, keys: Mapping[str, OrderingKey], backward: bool
) -> list[Model]:
    """The first rows of an ordered queryset as `join` shows them, each with its keys.

    `keys` are the annotations of the queryset that it is ordered by. What `join` adds must be the
    same for everybody on one day.
    """
    using = page.db
    model: Any = page.model
    shown = _compile(join, model, using, history.today(), settings.STALE_MONTHS)
    compiler = page.values("pk", *keys)[:count].query.get_compiler(using)
    try:
        found, params = compiler.as_sql()
    except EmptyResultSet:
        return []
    quote = connections[using].ops.quote_name
    columns = "".join(f", page.{quote(name)}" for name in keys)
    order = ", ".join(
        f"page.{quote(name)} {_direction(key, backward)}" for name, key in keys.items()
    )
    sql = f"{shown.columns}{columns} FROM ({found}) page INNER JOIN {shown.tables} ORDER BY {order}"
    with connections[using].cursor() as cursor:
        cursor.execute(sql, (*shown.params, *params))
        rows = cursor.fetchall()
    _pk, *selected = (column for column, _sql, _alias in compiler.select)
    return list(shown.build(rows, [*keys], compiler.get_converters(selected)))


def _direction(key: OrderingKey, backward: bool) -> str:
    """How SQL says the order by a key, as `OrderingKey.order_by` does."""
    direction = "DESC" if key.is_descending != backward else "ASC"
    nulls = " NULLS FIRST" if backward else " NULLS LAST"
    return f"{direction}{nulls if key.is_nullable else ''}"


@lru_cache(maxsize=64)  # a few kinds of rows, of today and of the day before
def _compile(join: Join, model: Any, using: str, day: date, stale_months: int) -> JoinedRows:
    """What `join` shows on a day: the arguments are all that it may depend on."""
    compiler = join(model._default_manager.all()).order_by().query.get_compiler(using)
    sql, params = compiler.as_sql()
    quote = connections[using].ops.quote_name
    table = quote(model._meta.db_table)
    columns, joined = sql.split(f" FROM {table}")
    return JoinedRows(
        model,
        columns,
        f"{table} ON {table}.{quote(model._meta.pk.column)} = page.{quote('pk')}{joined}",
        tuple(params),
        compiler,
        compiler.get_converters([column for column, _sql, _alias in compiler.select]),
        _find_populators(compiler.klass_info, compiler.select, using),
    )
