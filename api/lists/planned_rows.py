"""Rows of lists: from a serializer to a plan, from the plan to SQL, and from rows to answers.

What is read needs no instance of a model and no serializer: one query for the rows of a page, and
one for each kind of rows below them, however many rows there are. A page is found by the columns
that it is filtered and ordered by, and only then joined to what is shown of its rows. To compile a
query of some eighty columns takes longer than to answer it, so most of the SQL is compiled once for
all who see the same: what changes is the page that is found.
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
from api.load import counting_wait
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

# --- Plans ----------------------------------------------------------------------------------------


KEY = ("pk", False)
# Ways to show a value that leave it as it is in the database
_AS_STORED = {
    kind.to_representation
    for kind in (serializers.CharField, serializers.IntegerField, serializers.BooleanField)
}


@dataclass(frozen=True)
class Cell:
    """A field that is made of columns: `paths` are lookups of the ORM, or what it annotates.

    `convert` is called with the first value where that is known, `make` with all of them. Where it
    `is_raw`, dates and times are taken as the database's driver gives them. What is blank is null
    of one that `is_word`.
    """

    name: str
    paths: tuple[str, ...]
    convert: Callable[[Any], Any] | None = None
    make: Callable[..., Any] | None = None
    is_raw: bool = False
    is_word: bool = False


@dataclass(frozen=True)
class SeenReference:
    """A field that names a row by its code, if the client may see that row."""

    name: str
    path: str  # to its key
    model: type[Model]


@dataclass(frozen=True)
class Children:
    """A field that lists the rows below this one: those whose `owner` is its key, in an order.

    Where they have no names, they are listed as the one value that their plan reads of each.
    """

    name: str
    plan: "RowPlan"
    owner: str
    order: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RowPlan:
    """How the rows of a model are read as a serializer shows them, or some of its fields.

    `names` are all fields that are read, in the order of the answer; `unshown`, the last of them,
    are only needed to work out others.
    """

    model: type[Model]
    serializer: Any  # a class, or None for the bare values of a column
    names: tuple[str, ...]
    parts: tuple[Any, ...]
    unshown: tuple[str, ...] = ()

    def list_parts(self, kind: Any) -> list[Any]:
        return [part for part in self.parts if isinstance(part, kind)]

    @cached_property
    def columns(self) -> list[tuple[str, bool]]:
        """The paths that are read, and whether as the driver gives them: first one for each name.

        Where that is no cell, the key holds its place.
        """
        first = [_list_paths(part)[0] for part in self.parts]
        others = [path for part in self.parts for path in _list_paths(part)[1:]]
        return [*first, *others, *((path, False) for path in self.beside)]

    @cached_property
    def beside(self) -> list[str]:
        """The columns that are read beside those shown: key, version, code, and for whom it is."""
        code = ["code"] if self.methods else []
        return ["pk", "version", *code, *([self.serializer.reserved_for] if self.reserved else [])]

    @cached_property
    def places(self) -> dict[str, int]:
        """Where in a row the columns `beside` stand."""
        end = len(self.columns)
        return {path: place for place, path in enumerate(self.beside, end - len(self.beside))}

    def list_places(self) -> list[list[int]]:
        """List of each field the places in a row of the columns that it is made of."""
        places, end = [], len(self.parts)
        for place, part in enumerate(self.parts):
            places.append([place, *range(end, end := end + len(_list_paths(part)) - 1)])
        return places

    @cached_property
    def methods(self) -> list[tuple[str, str]]:
        """What a method of the serializer gives of the row: the field, and the method."""
        fields = self.list_parts(serializers.SerializerMethodField)
        return [(field.field_name, field.method_name) for field in fields]

    @cached_property
    def reserved(self) -> dict[str, Any]:
        """What others than those who see all of a row are shown in some fields."""
        reserved = self.serializer.reserved if self.serializer else {}
        return {name: shown for name, shown in reserved.items() if name in self.names}


def _list_paths(part: Any) -> list[tuple[str, bool]]:
    if isinstance(part, Cell):
        return [(path, part.is_raw) for path in part.paths]
    return [(part.path, False) if isinstance(part, SeenReference) else KEY]


def derive_plan(
    serializer: Any, chosen: Collection[str] | None = None, model: type[Model] | None = None
) -> RowPlan:
    """Derive the plan of a serializer: of all its fields, or of those chosen.

    `model` is another one than its own, whose rows it shows as well: what they have not is null.
    """
    return _derive(serializer, None if chosen is None else frozenset(chosen), model)


@lru_cache(maxsize=512)  # a few for each list, and what clients choose of their fields
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
    """Plan one field, which belongs to a serializer and so knows its name and source."""
    name = shown.field_name
    if isinstance(shown, WorkedOutField | serializers.SerializerMethodField):
        return shown
    if isinstance(shown, MadeField):
        return Cell(name, tuple(shown.paths), make=shown.make, is_raw=shown.is_dated)
    if isinstance(shown, serializers.ListSerializer):
        return _plan_children(shown, model)
    if isinstance(shown, serializers.ManyRelatedField):
        return _plan_members(shown, model)
    if isinstance(shown, RowField):
        return _plan_reference(shown, model)
    return _plan_column(shown, name, "__".join(shown.source_attrs))


def _plan_column(shown: Any, name: str, path: str) -> Cell:
    show = type(shown).to_representation
    if isinstance(shown, serializers.PrimaryKeyRelatedField):
        return Cell(name, (path,))
    if show in _AS_STORED:
        return Cell(name, (path,))
    if isinstance(shown, WordField) and shown.shown_if_blank is None:
        return Cell(name, (path,), is_word=True)
    if show is serializers.DateField.to_representation:
        return Cell(name, (path,), is_raw=True)
    if show is MomentField.to_representation:
        return Cell(name, (path,), print_moment, is_raw=True)
    return Cell(name, (path,), shown.to_representation)


def _plan_reference(shown: RowField, model: Any) -> Cell | SeenReference:
    (source,) = shown.source_attrs
    if isinstance(shown, SeenRowField):
        column = model._meta.get_field(source)
        return SeenReference(str(shown.field_name), column.attname, column.related_model)
    return Cell(str(shown.field_name), (f"{source}__code",))


def _plan_children(shown: Any, model: Any) -> Children:
    plan = derive_plan(type(shown.child))
    foreign_key = model._meta.get_field(shown.source).field
    ordering: Any = plan.model._meta.ordering
    order = tuple(name for name in ordering if name != foreign_key.attname)
    return Children(shown.field_name, plan, foreign_key.attname, order)


def _plan_members(shown: Any, model: Any) -> Children:
    """The keys of the rows on the other side of a relation, in their order."""
    relation = model._meta.get_field(shown.source)
    key = f"{relation.m2m_reverse_field_name()}_id"
    plan = RowPlan(relation.remote_field.through, None, (key,), (Cell(key, (key,)),))
    return Children(shown.field_name, plan, f"{relation.m2m_field_name()}_id", (key,))


def has_column(model: Any, path: str) -> bool:
    """Tell whether a path begins with a field of a model."""
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
    """A SELECT of all that a plan shows, compiled, in the parts between which its rows are found.

    `where` is what selects the rows that may be shown at all; `fields` are what is shown of one: by
    its name, the place of its value, and what makes it of the row where it is not that value.
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
        """Build what is shown of a row that was found, in the order of the answer."""
        return {
            name: row[place] if make is None else make(row) for name, place, make in self.fields
        }


@lru_cache(maxsize=1024)  # of a few kinds of rows, by who sees what, of today and the day before
def compile_plan(
    plan: RowPlan, client: Client, using: str, day: date, stale_months: int
) -> Statement:
    """Compile a plan for those who see the same, on a day: the arguments are all it depends on."""
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
    where, where_params = _compile_where(compiler)
    conversions = {
        place: convert
        for place, (each, _sql, _params, is_raw) in enumerate(columns)
        if (convert := find_conversion(each, is_raw))
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
            (name, places[0], _find_maker(part, [(each, conversions.get(each)) for each in places]))
            for name, part, places in zip(plan.names, plan.parts, plan.list_places(), strict=True)
        ],
    )


def _find_maker(part: Any, columns: Sequence[tuple[int, Any]]) -> Callable[[Row], Any] | None:
    """Find what makes a field of a row, of whose columns the places and conversions are given.

    None where it is the value of its only column. Where a field is no cell, that is a key.
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


def write_select(columns: Sequence[str]) -> str:
    """Write what a SELECT gives of each row; on SQLite the bytes of one text, a JSON array.

    Its driver takes a value at a time, which takes longer than to write and read JSON, and would
    decode a text only for it to be encoded again.
    """
    written = ", ".join(columns)
    return f"CAST(json_array({written}) AS BLOB)" if connection.vendor == "sqlite" else written


def read_selected(answer: list[Row]) -> list[Row]:
    """Read what a SELECT of `write_select` gave."""
    return [orjson.loads(text) for (text,) in answer] if connection.vendor == "sqlite" else answer


def _write_column(expression: Any, sql: str, is_raw: bool) -> str:
    """Write a column; of a raw date, or a moment in UTC, its text, as SQLite keeps it."""
    if connection.vendor == "sqlite" or not (is_raw and _is_date(expression)):
        return sql
    if isinstance(expression.output_field, DateTimeField):
        return f"to_char({sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    return f"({sql})::text"


def _is_date(expression: Any) -> bool:
    return expression is not None and isinstance(expression.output_field, DateField)


def _is_known(rows: QuerySet, path: str) -> bool:
    return path in rows.query.annotations or has_column(rows.model, path)


def _compile_where(compiler: Any) -> tuple[str, Sequence[Any]]:
    try:
        return compiler.compile(compiler.where)
    except FullResultSet:
        return "", ()
    except EmptyResultSet:
        return "1 = 0", ()


def find_conversion(expression: Any, is_raw: bool = False) -> Callable[[Any], Any] | None:
    """Find how the driver's values of an expression are converted; None if they stay the same."""
    if expression is None or (is_raw and _is_date(expression)):
        return None
    converters = [
        *connection.ops.get_db_converters(expression),
        *expression.get_db_converters(connection),
    ]
    if len(converters) == 1:
        if isinstance(expression.output_field, BooleanField):
            return _FLAGS.get  # SQLite has numbers for them
        (only,) = converters
        return lambda value: only(value, expression, connection)

    def convert(value: Any) -> Any:
        for each in converters:
            value = each(value, expression, connection)
        return value

    return convert if converters else None


def compile_conditions(rows: QuerySet) -> tuple[str, str, list[Any]]:
    """Compile FROM and WHERE, with their parameters; EmptyResultSet if no row can match."""
    query = rows.query.chain()
    query.get_initial_alias()
    compiler: Any = query.get_compiler(rows.db)
    try:
        where, where_params = compiler.compile(query.where)
    except FullResultSet:
        where, where_params = "", ()
    tables, params = compiler.get_from_clause()
    return " ".join(tables), where, [*params, *where_params]


def read_codes(model: type[Model], client: Client, keys: Collection[Any]) -> dict[Any, str]:
    """Read the codes of those rows that a client may see, by their keys."""
    return dict(prepare(_select_visible, model, client).fetch(keys=[*keys]))


def _select_visible(model: Any, client: Client) -> QuerySet:
    rows = select_visible(model, client.person).filter(pk__among=GivenKeys())
    return rows.order_by().values_list("pk", "code")


def execute(sql: str, params: Collection[Any]) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(sql, tuple(params))
        return list(cursor.fetchall())


def execute_all(questions: Sequence[BoundSQL]) -> list[list[Row]]:
    """Execute several SELECTs of `write_select` together: by one statement, or in one pipeline."""
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
    """Execute several SELECTs of `write_select` as one: each row begins with its question's place.

    With a limit SQLite keeps the order of each part.
    """
    together = " UNION ALL ".join(
        f"SELECT {place}, * FROM ({sql} LIMIT -1)"  # noqa: S608 made here
        for place, (sql, _params) in enumerate(questions)
    )
    answers: list[list[Row]] = [[] for _question in questions]
    for place, *row in execute(together, [each for _sql, params in questions for each in params]):
        answers[place].append(row)
    return answers


def mark_values(values: Collection[Any]) -> str:
    return ", ".join(["%s"] * len(values)) or "NULL"


# --- Rows -----------------------------------------------------------------------------------------


class PlannedRows(PageFinder):
    """The rows of a plan as a client sees them: found, then built as they are shown.

    `context` is that of serializers, whose methods some fields are shown by.
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
        """Find the first rows of a queryset in the order of `keys`, with their values at the end.

        The keys are columns of the model. Of the queryset only its conditions count, and they alone
        are compiled.
        """
        columns = [self._name(key.path) for key in keys]
        terms = [
            f"{column} {_direction(key, backward)}"
            for column, key in zip(columns, keys, strict=True)
        ]
        order = f" ORDER BY {', '.join(terms)}" if terms else ""
        pk = self._name("pk")
        try:
            tables, where, params = compile_conditions(rows)
        except EmptyResultSet:
            return []
        selected = where and f" WHERE {where}"
        page = f"SELECT {pk} AS pk FROM {tables}{selected}{order} LIMIT {count}"  # noqa: S608
        if history.moment() is not None:
            # Tables of the past have no index in order: whole rows would be sorted to the last one
            page_keys = [key for (key,) in execute(page, params)]
            return self._select(order, columns, (f"{pk} IN ({mark_values(page_keys)})", page_keys))
        source = f"({page}) page INNER JOIN {self.statement.table} ON {pk} = page.pk"
        return self._select(order, columns, source=(source, params))

    def find_by_keys(self, keys: Collection[Any]) -> list[Row]:
        """Find the rows with these keys, in their order; what may not be shown is left out."""
        found = self._select("", (), (f"{self._name('pk')} IN ({mark_values(keys)})", keys))
        place = self.plan.places["pk"]
        by_key = {row[place]: row for row in found}
        return [by_key[key] for key in keys if key in by_key]

    def ask_below(self, children: Children, owners: Collection[Any]) -> BoundSQL:
        """Ask for the rows that belong to these owners, in order, with the owner's key last."""
        owner = self._name(children.owner)
        terms = [
            self._name(term.removeprefix("-")) + (" DESC" if term.startswith("-") else "")
            for term in children.order
        ]
        condition = f"{owner} IN ({mark_values(owners)})"
        return self._ask(f" ORDER BY {', '.join(terms)}", [owner], (condition, owners))

    def read_position(self, row: Row, keys: Sequence[OrderingKey]) -> list[Any]:
        """Read the values of the keys by which a row was found."""
        values = row[len(row) - len(keys) :]
        position = []
        for value, key in zip(values, keys, strict=True):
            convert = find_conversion(_own_field(self.plan.model, key.path).cached_col)
            position.append(convert(value) if convert else value)
        return position

    def read_version(self, row: Row) -> int | None:
        """Read the version of a row that was found; None where rows have none."""
        version: int | None = row[self.plan.places["version"]]
        return version

    def _name(self, path: str) -> str:
        column = _own_field(self.plan.model, path).column
        return f"{self.statement.table}.{connection.ops.quote_name(column)}"

    def _select(self, *asked: Any, **source: Any) -> list[Row]:
        return read_selected(execute(*self._ask(*asked, **source)))

    def _ask(
        self,
        order: str,
        further: Collection[str],
        condition: BoundSQL = ("", ()),
        source: BoundSQL = ("", ()),
    ) -> BoundSQL:
        of = self.statement
        where = " AND ".join(filter(None, (of.where, condition[0])))
        sql = (
            f"SELECT {write_select([of.columns, *further])} FROM {source[0] or of.table}"  # noqa: S608
            f"{of.joins}{where and ' WHERE '}{where}{order}"
        )
        params = (*of.column_params, *source[1], *of.join_params, *of.where_params, *condition[1])
        return sql, params

    # --- Building -------------------------------------------------------------------------------

    def build(self, rows: Iterable[Row]) -> list[dict[str, Any]]:
        """Build what is shown of rows that were found: by name, in the order of the answer."""
        found = list(rows)
        built = [self.statement.build(row) for row in found]
        if found:
            self._add_references(found, built)
            self._add_children(found, built)
            self._finish(found, built)
        return built

    def _add_references(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        """Name the rows that are referred to: of what the client may not see, not even the code."""
        for reference in self.plan.list_parts(SeenReference):
            name = reference.name
            keys = {shown[name] for shown in built} - {None}
            codes = read_codes(reference.model, self.client, keys) if keys else {}
            for shown in built:
                shown[name] = codes.get(shown[name])

    def _add_children(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        place = self.plan.places["pk"]
        owners = [row[place] for row in found]
        readers = [
            (children, PlannedRows(children.plan, self.client, self.context))
            for children in self.plan.list_parts(Children)
        ]
        answers = execute_all([read.ask_below(children, owners) for children, read in readers])
        for (children, read), rows in zip(readers, answers, strict=True):
            below: dict[Any, list[Any]] = {owner: [] for owner in owners}
            found_below = read_selected(rows)
            for row, shown in zip(found_below, read.build(found_below), strict=True):
                below[row[-1]].append(shown if children.plan.serializer else row[0])
            for owner, shown in zip(owners, built, strict=True):
                shown[children.name] = below[owner]

    def _finish(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        """Add what is worked out of all the others, and take away what is not shown."""
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
            place = plan.places[plan.serializer.reserved_for]
            for row, shown in zip(found, built, strict=True):
                if not sees_all(row[place]):
                    shown |= plan.reserved

    def _call_methods(self, found: Sequence[Row], built: Sequence[dict[str, Any]]) -> None:
        """Show what methods of the serializer read for a row of which they know key and code."""
        plan = self.plan
        serializer = plan.serializer(context=self.context)
        names = [str(plan.model._meta.pk.attname), "code"]
        key, code = plan.places["pk"], plan.places["code"]
        for row, shown in zip(found, built, strict=True):
            instance = plan.model.from_db(connection.alias, names, [row[key], row[code]])
            for name, method in plan.methods:
                shown[name] = getattr(serializer, method)(instance)


def _own_field(model: Any, path: str) -> Any:
    return model._meta.pk if path == "pk" else model._meta.get_field(path)


def _direction(key: OrderingKey, backward: bool) -> str:
    """How SQL says the order by a key, as `OrderingKey.order_by` does."""
    direction = "DESC" if key.is_descending != backward else "ASC"
    nulls = " NULLS FIRST" if backward else " NULLS LAST"
    return f"{direction}{nulls if key.is_nullable else ''}"
