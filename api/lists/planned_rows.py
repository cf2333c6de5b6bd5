"""Rows of lists: from a serializer to a plan, from the plan to SQL, and from rows to responses.

Rows are read without instances of models and serializers: one query for a page, and one for each
kind of child rows. A subquery finds the keys of the page by the filters and the order; the other
columns are joined to it. Compiling a query of eighty columns takes longer than running it, so all
but that subquery is compiled once for all clients who see the same.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

import orjson
from django.conf import settings
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist, FullResultSet
from django.db import connection
from django.db.models import BooleanField, DateField, DateTimeField, Model, QuerySet
from rest_framework import serializers

from api.lists.pagination import OrderingKey, PageFinder
from api.requests import Client, select_visible
from api.serializers import (
    MadeField,
    MomentField,
    RowField,
    SeenRowField,
    WordField,
    WorkedOutField,
    list_shared_fields,
    print_moment,
)
from config.database import history
from config.database.prepared import GivenKeys, prepare
from config.database.time_limits import counting_wait

# --- Plans ----------------------------------------------------------------------------------------

ReadColumn = tuple[str, bool]  # a path, and whether its value is raw
# Representations that leave a value as the database has it
_AS_STORED = {
    kind.to_representation
    for kind in (serializers.CharField, serializers.IntegerField, serializers.BooleanField)
}


@dataclass(frozen=True)
class Cell:
    """A field of columns: `paths` are lookups or annotations of the ORM.

    `convert` gets the first value unless it is null, `make` all of them. If it `is_raw`, dates and
    times are as the driver returns them. If it `is_word`, blank becomes null.
    """

    name: str
    paths: tuple[str, ...]
    convert: Callable[[Any], Any] | None = None
    make: Callable[..., Any] | None = None
    is_raw: bool = False
    is_word: bool = False


@dataclass(frozen=True)
class SeenReference:
    """A field with the code of another row, if the client may see that row."""

    name: str
    path: str  # to its key
    model: type[Model]


@dataclass(frozen=True)
class Children:
    """A field that lists child rows, whose column `owner` has the key of this one, in an order.

    Without a serializer in their plan, they are listed as the value of its only column.
    """

    name: str
    plan: "RowPlan"
    owner: str
    order: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RowPlan:
    """How the rows of a model are read as a serializer, or some of its fields, shows them.

    `names` are all fields to read, in the order of the response; `unshown`, the last of them, are
    only needed to compute others.
    """

    model: type[Model]
    serializer: Any  # a class, or None for the bare values of a column
    names: tuple[str, ...]
    parts: tuple[Any, ...]
    unshown: tuple[str, ...] = ()

    def list_parts(self, kind: Any) -> list[Any]:
        return [part for part in self.parts if isinstance(part, kind)]

    @cached_property
    def columns(self) -> list[ReadColumn]:
        """The columns to read: those of all fields, and those needed of each row."""
        restricting = [self.serializer.reserved_for] if self.reserved else []
        needed = [(path, False) for path in ("pk", "version", "code", *restricting)]
        of_fields = [column for part in self.parts for column in _list_columns(part)]
        return [*dict.fromkeys([*of_fields, *needed])]

    @cached_property
    def places(self) -> dict[ReadColumn, int]:
        return {column: place for place, column in enumerate(self.columns)}

    def list_places(self) -> list[list[int]]:
        """List the places in a row of the columns of each field."""
        return [[self.places[column] for column in _list_columns(part)] for part in self.parts]

    def read(self, row: Sequence[Any], path: str) -> Any:
        """Return the value of a row in a column needed of each row."""
        return row[self.places[path, False]]

    @cached_property
    def methods(self) -> list[tuple[str, str]]:
        """The fields computed by methods of the serializer, and these methods."""
        fields = self.list_parts(serializers.SerializerMethodField)
        return [(field.field_name, field.method_name) for field in fields]

    @cached_property
    def reserved(self) -> dict[str, Any]:
        """What the restricted fields show to other clients."""
        reserved = self.serializer.reserved if self.serializer else {}
        return {name: shown for name, shown in reserved.items() if name in self.names}


def _list_columns(part: Any) -> list[ReadColumn]:
    """List the columns of a field; a field without any reads the key."""
    if isinstance(part, Cell):
        return [(path, part.is_raw) for path in part.paths]
    return [(part.path if isinstance(part, SeenReference) else "pk", False)]


def derive_plan(
    serializer: Any, chosen: Collection[str] | None = None, model: type[Model] | None = None
) -> RowPlan:
    """Derive the plan of a serializer: of all its fields, or of those chosen.

    `model` may be another model that it shows: fields that its rows lack are null.
    """
    return _derive(serializer, None if chosen is None else frozenset(chosen), model)


@lru_cache(maxsize=512)  # a few for each list, and the choices of clients
def _derive(serializer: Any, chosen: frozenset[str] | None, model: Any) -> RowPlan:
    fields: dict[Any, Any] = {each.field_name: each for each in list_shared_fields(serializer)}
    shown = [name for name in fields if chosen is None or name in chosen]
    needed = [
        name
        for field in map(fields.get, shown)
        for name in (field.of if isinstance(field, WorkedOutField) else ())
    ]
    unshown = tuple(name for name in dict.fromkeys(needed) if name not in shown)
    names = (*shown, *unshown)
    model = model or serializer.Meta.model
    parts = tuple(_plan_field(fields[name], model) for name in names)
    return RowPlan(model, serializer, names, parts, unshown)


def _plan_field(shown: Any, model: Any) -> Any:
    name = shown.field_name
    if isinstance(shown, WorkedOutField | serializers.SerializerMethodField):
        return shown
    if isinstance(shown, MadeField):
        return Cell(name, tuple(shown.paths), make=shown.make, is_raw=shown.is_dated)
    if isinstance(shown, serializers.ListSerializer):
        return _plan_children(shown, model)
    if isinstance(shown, serializers.ManyRelatedField):
        return _plan_members(shown, model)
    if isinstance(shown, SeenRowField):
        column = model._meta.get_field(shown.source)
        return SeenReference(name, column.attname, column.related_model)
    if isinstance(shown, RowField):
        return Cell(name, (f"{shown.source}__code",))
    return _plan_column(shown, name, "__".join(shown.source_attrs))


def _plan_column(shown: Any, name: str, path: str) -> Cell:
    show = type(shown).to_representation
    if isinstance(shown, serializers.PrimaryKeyRelatedField) or show in _AS_STORED:
        return Cell(name, (path,))
    if isinstance(shown, WordField) and shown.shown_if_blank is None:
        return Cell(name, (path,), is_word=True)
    if show is serializers.DateField.to_representation:
        return Cell(name, (path,), is_raw=True)
    if show is MomentField.to_representation:
        return Cell(name, (path,), print_moment, is_raw=True)
    return Cell(name, (path,), shown.to_representation)


def _plan_children(shown: Any, model: Any) -> Children:
    plan = derive_plan(type(shown.child))
    foreign_key = model._meta.get_field(shown.source).field
    ordering: Any = plan.model._meta.ordering
    order = tuple(name for name in ordering if name != foreign_key.attname)
    return Children(shown.field_name, plan, foreign_key.attname, order)


def _plan_members(shown: Any, model: Any) -> Children:
    # The keys on the other side of a many-to-many relation, in their order
    relation = model._meta.get_field(shown.source)
    key = f"{relation.m2m_reverse_field_name()}_id"
    plan = RowPlan(relation.remote_field.through, None, (key,), (Cell(key, (key,)),))
    return Children(shown.field_name, plan, f"{relation.m2m_field_name()}_id", (key,))


def has_column(model: Any, path: str) -> bool:
    """Return whether a path begins with a field of a model."""
    try:
        model._meta.get_field(path.partition("__")[0])
    except FieldDoesNotExist:
        return path == "pk"
    return True


# --- Statements -----------------------------------------------------------------------------------

Row = Sequence[Any]
BoundSQL = tuple[str, Collection[Any]]  # SQL with its parameters
_FLAGS = {0: False, 1: True}


@dataclass(frozen=True)
class Statement:
    """The compiled SELECT of a plan, in parts.

    `where` selects the rows that the client may see. `fields` are names with the place of the value
    in a row, and a function of the row if the field is not that value.
    """

    columns: str
    column_params: tuple[Any, ...]
    table: str
    joins: str
    join_params: tuple[Any, ...]
    where: str
    where_params: tuple[Any, ...]
    fields: list[tuple[str, int, Callable[[Row], Any] | None]]

    def build(self, row: Row) -> dict[str, Any]:
        """Build the response of a row that was found."""
        return {
            name: row[place] if make is None else make(row) for name, place, make in self.fields
        }


@lru_cache(maxsize=1024)  # a few kinds of rows by visibility, today and yesterday
def compile_plan(
    plan: RowPlan, client: Client, using: str, day: date, stale_months: int
) -> Statement:
    """Compile a plan; it depends only on the arguments."""
    model: Any = plan.model
    rows = model._default_manager.all()
    if plan.serializer is not None:
        rows = plan.serializer.select_rows(rows, client.person)
    paths = dict.fromkeys(path for path, _is_raw in plan.columns if _is_known(rows, path))
    compiler = rows.order_by().values_list(*paths).query.get_compiler(using)
    compiler.pre_sql_setup()
    compiled = {
        path: (expression, *sql)
        for path, (expression, sql, _alias) in zip(paths, compiler.select, strict=True)
    }
    none: tuple[Any, ...] = (None, "NULL", ())
    columns = [(*compiled.get(path, none), is_raw) for path, is_raw in plan.columns]
    (table, *joins), join_params = compiler.get_from_clause()
    try:
        where, where_params = _compile_where(compiler, compiler.where)
    except EmptyResultSet:
        where, where_params = "1 = 0", ()
    conversions = {
        place: convert
        for place, (each, _sql, _params, is_raw) in enumerate(columns)
        if (convert := _build_conversion(each, is_raw))
    }
    return Statement(
        ", ".join(_write_column(each, sql, is_raw) for each, sql, _params, is_raw in columns),
        tuple(param for _each, _sql, params, _is_raw in columns for param in params),
        table,
        "".join(f" {join}" for join in joins),
        tuple(join_params),
        where,
        tuple(where_params),
        [
            (name, places[0], _build_maker(part, [(at, conversions.get(at)) for at in places]))
            for name, part, places in zip(plan.names, plan.parts, plan.list_places(), strict=True)
        ],
    )


def _build_maker(part: Any, columns: Sequence[tuple[int, Any]]) -> Callable[[Row], Any] | None:
    """Build the function that makes a field of a row; None if it is the value of its only column.

    `columns` has the places and conversions of its columns.
    """
    (first, convert), *others = columns
    show = (part.make or part.convert) if isinstance(part, Cell) else None
    takes_null = isinstance(part, Cell) and part.make is not None and not part.is_raw
    if isinstance(part, Cell) and part.is_word:
        return lambda row: row[first] or None
    if show is None:
        return convert and (lambda row: None if row[first] is None else convert(row[first]))

    def make(row: Row) -> Any:
        value = row[first]
        if value is None and not takes_null:
            return None
        if convert and value is not None:
            value = convert(value)
        return show(
            value,
            *[
                row[place] if each is None or row[place] is None else each(row[place])
                for place, each in others
            ],
        )

    return make


def _write_select(columns: Sequence[str]) -> str:
    """Write the columns of a SELECT; on SQLite as the bytes of one JSON array.

    SQLite's driver converts single values, which is slower than writing and parsing JSON.
    """
    written = ", ".join(columns)
    return f"CAST(json_array({written}) AS BLOB)" if connection.vendor == "sqlite" else written


def _read_selected(found: list[Row]) -> list[Row]:
    return [orjson.loads(text) for (text,) in found] if connection.vendor == "sqlite" else found


def _write_column(expression: Any, sql: str, is_raw: bool) -> str:
    # A raw date or time is a text, as SQLite stores it, in UTC
    if connection.vendor == "sqlite" or not (is_raw and _is_date(expression)):
        return sql
    if isinstance(expression.output_field, DateTimeField):
        return f"to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"({sql})::text"


def _is_date(expression: Any) -> bool:
    return expression is not None and isinstance(expression.output_field, DateField)


def _is_known(rows: QuerySet, path: str) -> bool:
    return path in rows.query.annotations or has_column(rows.model, path)


def _compile_where(compiler: Any, where: Any) -> tuple[str, Sequence[Any]]:
    try:
        return compiler.compile(where)
    except FullResultSet:
        return "", ()


def _build_conversion(expression: Any, is_raw: bool = False) -> Callable[[Any], Any] | None:
    """Build the conversion of the driver's values of an expression; None if they stay the same."""
    if expression is None or (is_raw and _is_date(expression)):
        return None
    converters = [
        *connection.ops.get_db_converters(expression),
        *expression.get_db_converters(connection),
    ]
    if len(converters) == 1:
        if isinstance(expression.output_field, BooleanField):
            return _FLAGS.get  # SQLite stores numbers
        (only,) = converters
        return lambda value: only(value, expression, connection)

    def convert(value: Any) -> Any:
        for each in converters:
            value = each(value, expression, connection)
        return value

    return convert if converters else None


def _compile_conditions(rows: QuerySet) -> tuple[str, str, list[Any]]:
    """Compile FROM and WHERE, with their parameters; EmptyResultSet if no row can match."""
    query = rows.query.chain()
    query.get_initial_alias()
    compiler: Any = query.get_compiler(rows.db)
    where, where_params = _compile_where(compiler, query.where)
    tables, params = compiler.get_from_clause()
    return " ".join(tables), where, [*params, *where_params]


def _select_codes(model: Any, client: Client) -> QuerySet:
    rows = select_visible(model, client.person).filter(pk__among=GivenKeys())
    return rows.order_by().values_list("pk", "code")


def _execute(sql: str, params: Collection[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(params))
        return list(cursor.fetchall())


def execute_all(questions: Sequence[BoundSQL]) -> list[list[Row]]:
    """Execute several SELECTs of `_write_select` as one statement, or in one pipeline."""
    if connection.vendor != "postgresql":
        return _execute_together(questions) if questions else []
    connection.ensure_connection()
    with connection.connection.pipeline(), ExitStack() as held:
        cursors = [held.enter_context(connection.cursor()) for _question in questions]
        for cursor, (sql, params) in zip(cursors, questions, strict=True):
            cursor.execute(sql, tuple(params))
        with counting_wait():
            return [list(cursor.fetchall()) for cursor in cursors]


def _execute_together(questions: Sequence[BoundSQL]) -> list[list[Row]]:
    # Rows begin with the number of their SELECT. SQLite keeps the order of a part with a limit.
    together = " UNION ALL ".join(
        f"SELECT {place}, * FROM ({sql} LIMIT -1)"  # noqa: S608 made here
        for place, (sql, _params) in enumerate(questions)
    )
    answers: list[list[Row]] = [[] for _question in questions]
    for place, *row in _execute(together, [each for _sql, params in questions for each in params]):
        answers[place].append(row)
    return answers


def _mark_values(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"


# --- Rows -----------------------------------------------------------------------------------------


class PlannedRows(PageFinder):
    """Finds the rows of a plan and builds them as a client sees them.

    `context` is for serializers, whose methods compute some fields.
    """

    def __init__(self, plan: RowPlan, client: Client, context: Mapping[str, Any]) -> None:
        self.plan, self.client, self.context = plan, client, context
        self.statement = compile_plan(
            plan, client, connection.alias, history.today(), settings.STALE_MONTHS
        )

    # --- Finding --------------------------------------------------------------------------------

    def find(
        self,
        rows: QuerySet,
        count: int,
        keys: Sequence[OrderingKey] = (),
        *,
        backward: bool = False,
    ) -> list[Row]:
        """Find the first rows in the order of `keys`, columns whose values end each row.

        Only the conditions of the queryset are used.
        """
        columns = [self._name(key.path) for key in keys]
        terms = [
            f"{column} {_direction(key, backward)}"
            for column, key in zip(columns, keys, strict=True)
        ]
        order = f" ORDER BY {', '.join(terms)}" if terms else ""
        pk = self._name("pk")
        try:
            tables, where, params = _compile_conditions(rows)
        except EmptyResultSet:
            return []
        selected = where and f" WHERE {where}"
        page = f"SELECT {pk} AS pk FROM {tables}{selected}{order} LIMIT {count}"  # noqa: S608
        if history.moment() is not None:
            # Past tables have no indexes: joined, the database would sort all whole rows
            page_keys = [key for (key,) in _execute(page, params)]
            condition = f"{pk} IN ({_mark_values(page_keys)})"
            return self._select(order, columns, (condition, page_keys))
        source = f"({page}) page INNER JOIN {self.statement.table} ON {pk} = page.pk"
        return self._select(order, columns, source=(source, params))

    def find_by_keys(self, keys: Collection[Any]) -> list[Row]:
        """Find the rows with these keys that the client may see, in the order of the keys."""
        found = self._select("", (), (f"{self._name('pk')} IN ({_mark_values(keys)})", keys))
        by_key = {self.plan.read(row, "pk"): row for row in found}
        return [by_key[key] for key in keys if key in by_key]

    def ask_below(self, children: Children, owners: Collection[Any]) -> BoundSQL:
        """Write the SELECT of the child rows of owners, in order, with the owner's key last."""
        owner = self._name(children.owner)
        terms = [
            self._name(term.removeprefix("-")) + (" DESC" if term.startswith("-") else "")
            for term in children.order
        ]
        condition = f"{owner} IN ({_mark_values(owners)})"
        return self._write(f" ORDER BY {', '.join(terms)}", [owner], (condition, owners))

    def read_position(self, row: Row, keys: Sequence[OrderingKey]) -> list[Any]:
        """Return the values of the keys of a row that was found."""
        values = row[len(row) - len(keys) :]
        position = []
        for value, key in zip(values, keys, strict=True):
            convert = _build_conversion(_own_field(self.plan.model, key.path).cached_col)
            position.append(convert(value) if convert else value)
        return position

    def read_version(self, row: Row) -> int | None:
        """Return the version of a row that was found, or None."""
        return self.plan.read(row, "version")

    def _name(self, path: str) -> str:
        column = _own_field(self.plan.model, path).column
        return f"{self.statement.table}.{connection.ops.quote_name(column)}"

    def _select(self, *parts: Any, **source: Any) -> list[Row]:
        return _read_selected(_execute(*self._write(*parts, **source)))

    def _write(
        self,
        order: str,
        further: Collection[str],
        condition: BoundSQL = ("", ()),
        source: BoundSQL = ("", ()),
    ) -> BoundSQL:
        base = self.statement
        where = " AND ".join(filter(None, (base.where, condition[0])))
        columns = _write_select([base.columns, *further])
        sql = f"SELECT {columns} FROM {source[0] or base.table}{base.joins}"  # noqa: S608
        params = (*base.column_params, *source[1], *base.join_params, *base.where_params)
        return f"{sql}{where and ' WHERE '}{where}{order}", (*params, *condition[1])

    # --- Building -------------------------------------------------------------------------------

    def build(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """Build the responses of rows that were found: values by name."""
        found = list(rows)
        built = [self.statement.build(row) for row in found]
        if found:
            self._add_references(found, built)
            self._add_children(found, built)
            self._finish(found, built)
        return built

    def _add_references(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        for reference in self.plan.list_parts(SeenReference):
            name = reference.name
            keys = {shown[name] for shown in built} - {None}
            query = prepare(_select_codes, reference.model, self.client)
            codes = dict(query.fetch(keys=[*keys])) if keys else {}
            for shown in built:
                shown[name] = codes.get(shown[name])

    def _add_children(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        owners = [self.plan.read(row, "pk") for row in found]
        readers = [
            (children, PlannedRows(children.plan, self.client, self.context))
            for children in self.plan.list_parts(Children)
        ]
        answers = execute_all([read.ask_below(children, owners) for children, read in readers])
        for (children, read), rows in zip(readers, answers, strict=True):
            below: dict[Any, list[Any]] = {owner: [] for owner in owners}
            found_below = _read_selected(rows)
            for row, shown in zip(found_below, read.build(found_below), strict=True):
                below[row[-1]].append(shown if children.plan.serializer else row[0])
            for owner, shown in zip(owners, built, strict=True):
                shown[children.name] = below[owner]

    def _finish(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        plan = self.plan
        for worked_out in plan.list_parts(WorkedOutField):
            for shown in built:
                shown[worked_out.field_name] = worked_out.work_out(
                    self.context, *[shown[name] for name in worked_out.of]
                )
        if plan.methods:
            self._call_methods(found, built)
        for shown in built if plan.unshown else ():
            for name in plan.unshown:
                del shown[name]
        if plan.reserved:
            sees_all = plan.serializer.judge_readers(self.client.person)
            for row, shown in zip(found, built, strict=True):
                if not sees_all(plan.read(row, plan.serializer.reserved_for)):
                    shown |= plan.reserved

    def _call_methods(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        # The methods get an instance with key and code only
        plan = self.plan
        serializer = plan.serializer(context=self.context)
        names = [str(plan.model._meta.pk.attname), "code"]
        for row, shown in zip(found, built, strict=True):
            values = [plan.read(row, path) for path in ("pk", "code")]
            instance = plan.model.from_db(connection.alias, names, values)
            for name, method in plan.methods:
                shown[name] = getattr(serializer, method)(instance)


def _own_field(model: Any, path: str) -> Any:
    return model._meta.pk if path == "pk" else model._meta.get_field(path)


def _direction(key: OrderingKey, backward: bool) -> str:
    # As `OrderingKey.order_by`
    direction = "DESC" if key.is_descending != backward else "ASC"
    nulls = " NULLS FIRST" if backward else " NULLS LAST"
    return f"{direction}{nulls if key.is_nullable else ''}"
