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
from django.core.exceptions import EmptyResultSet, FullResultSet
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
    """A query for all rows of a model, compiled, in the parts that a page stands between."""

    model: type[Model]
    columns: str
    table: str
    joins: str
    params: tuple[Any, ...]
    compiler: Any
    converters: dict[int, Any]
    populators: list[Any]
    own_columns: list[str]

    def read(self, sql: str, params: Any) -> list[Any]:
        """Read what a statement gives, not built yet."""
        with connections[self.compiler.using].cursor() as cursor:
            cursor.execute(sql, (*self.params, *params))
            return list(cursor.fetchall())

    def build(self, rows: Sequence[Any]) -> Iterator[Any]:
        """Build the model's rows from what was read."""
        compiler, end = self.compiler, len(self.own_columns)
        for row in compiler.apply_converters(rows, self.converters):
            built = self.model.from_db(compiler.using, self.own_columns, row[:end])
            for populator in self.populators:
                populator.populate(row, built)
            for name, place in compiler.annotation_col_map.items():
                setattr(built, name, row[place])
            yield built


def fetch_joined(
    page: QuerySet, count: int, join: Join, keys: Mapping[str, OrderingKey], backward: bool
) -> list[Any]:
    """Fetch the first rows of a queryset in the order of `keys`, as `join` shows them.

    The last of `count` rows tells only that the page does not end the list: it is None. The keys
    are columns of the model; the rows have their values by the names of the mapping. What `join`
    adds must be the same for everybody on one day. Of the queryset only its conditions count, and
    they alone are compiled.
    """
    model: Any = page.model
    shown = _compile(join, model, page.db, history.today(), settings.STALE_MONTHS)
    try:
        found, params = _compile_conditions(page)
    except EmptyResultSet:
        return []
    quote = connections[page.db].ops.quote_name
    fields = {name: _own_field(model, key.path) for name, key in keys.items()}
    order = ", ".join(
        f"{shown.table}.{quote(fields[name].column)} {_direction(key, backward)}"
        for name, key in keys.items()
    )
    pk = f"{shown.table}.{quote(model._meta.pk.column)}"
    first = f"SELECT {pk} AS pk FROM {found} ORDER BY {order} LIMIT {count}"  # noqa: S608
    sql = (
        f"{shown.columns} FROM ({first}) page "
        f"INNER JOIN {shown.table} ON {pk} = page.pk{shown.joins} ORDER BY {order}"
    )
    read = shown.read(sql, params)
    rows = list(shown.build(read[: count - 1]))
    for row in rows:
        for name, field in fields.items():
            setattr(row, name, getattr(row, field.attname))
    return [*rows, None] if len(read) == count else rows


def _compile_conditions(rows: QuerySet) -> tuple[str, list[Any]]:
    """Compile what follows FROM, with its parameters; EmptyResultSet if no row can match."""
    query = rows.query.chain()
    query.get_initial_alias()
    compiler = query.get_compiler(rows.db)
    try:
        where, where_params = compiler.compile(query.where)
    except FullResultSet:
        where, where_params = "", ()
    tables, params = compiler.get_from_clause()
    return f"{' '.join(tables)}{where and ' WHERE '}{where}", [*params, *where_params]


def _own_field(model: Any, path: str) -> Any:
    return model._meta.pk if path == "pk" else model._meta.get_field(path)


def attach_children(owners: Sequence[Any], relation: str, join: Join) -> None:
    """Read the rows that belong to these ones, in the order of their keys, as prefetching does."""
    if not owners:
        return
    foreign_key = type(owners[0])._meta.get_field(relation).field
    model, using = foreign_key.model, owners[0]._state.db
    shown = _compile(join, model, using, history.today(), settings.STALE_MONTHS)
    quote = connections[using].ops.quote_name
    marks = ", ".join(["%s"] * len(owners))
    sql = (
        f"{shown.columns} FROM {shown.table}{shown.joins} "
        f"WHERE {shown.table}.{quote(foreign_key.column)} IN ({marks}) "
        f"ORDER BY {shown.table}.{quote(model._meta.pk.column)}"
    )
    children: dict[Any, list[Any]] = {owner.pk: [] for owner in owners}
    for child in shown.build(shown.read(sql, [*children])):
        children[getattr(child, foreign_key.attname)].append(child)
    for owner in owners:
        rows = model._default_manager.all()
        rows._result_cache = children[owner.pk]
        rows._prefetch_done = True
        owner._prefetched_objects_cache = {relation: rows}


def _direction(key: OrderingKey, backward: bool) -> str:
    """How SQL says the order by a key, as `OrderingKey.order_by` does."""
    direction = "DESC" if key.is_descending != backward else "ASC"
    nulls = " NULLS FIRST" if backward else " NULLS LAST"
    return f"{direction}{nulls if key.is_nullable else ''}"


@lru_cache(maxsize=64)  # a few kinds of rows, of today and of the day before
def _compile(join: Join, model: Any, using: str, day: date, stale_months: int) -> JoinedRows:
    """Compile what `join` shows on a day: the arguments are all that it may depend on."""
    compiler = join(model._default_manager.all()).order_by().query.get_compiler(using)
    sql, params = compiler.as_sql()
    table = connections[using].ops.quote_name(model._meta.db_table)
    columns, joins = sql.split(f" FROM {table}")
    expressions = [expression for expression, _sql, _alias in compiler.select]
    return JoinedRows(
        model,
        columns,
        table,
        joins,
        tuple(params),
        compiler,
        compiler.get_converters(expressions),
        _find_populators(compiler.klass_info, compiler.select, using),
        [expressions[place].target.attname for place in compiler.klass_info["select_fields"]],
    )
