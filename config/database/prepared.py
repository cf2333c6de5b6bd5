"""Queries that are compiled once, with `Given` and `GivenKeys` as parameters, and snapshots."""

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction
from django.db.models import CharField, Expression, Field, ForeignObject, Lookup, QuerySet

Build = Callable[..., Any]  # a queryset, or a query such as an update


class Given(Expression):
    """A named parameter of a prepared query."""

    def __init__(self, name: str = "value", output_field: Any = None) -> None:
        super().__init__(output_field=output_field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [self]


class GivenKeys:
    """Keys of rows as a parameter of a prepared query: `filter(pk__among=GivenKeys())`.

    Other queries take the keys themselves: `filter(pk__among=[1, 2])`.
    """

    name = "keys"


@Field.register_lookup
@ForeignObject.register_lookup
class Among(Lookup):
    """The condition that a column has one of the given keys."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, params = self.process_lhs(compiler, connection)
        key = getattr(self.lhs.output_field, "target_field", self.lhs.output_field)
        kind = str if isinstance(key, CharField) else int
        if isinstance(self.rhs, GivenKeys):
            condition = _is_among(kind, is_of_one=getattr(compiler, "is_of_one_key", False))
            return f"{column} {condition}", [*params, self.rhs]
        condition = _is_among(kind, is_of_one=False)
        if connection.vendor == "postgresql":
            # Not a join: PostgreSQL would order it last among many joins
            condition = f"= ANY(%s::{'text' if kind is str else 'bigint'}[])"
        return f"{column} {condition}", [*params, _pack_list(self.rhs)]


def among(keys: Sequence[Any]) -> tuple[str, list[Any]]:
    """Build the condition that a column has one of these keys, and its parameters."""
    kind = type(keys[0]) if keys else int
    return _is_among(kind, is_of_one=len(keys) == 1), [_pack_keys(keys)]


def _is_among(kind: type, *, is_of_one: bool) -> str:
    # A join on one parameter, as databases might compare each row with each key. With one key,
    # PostgreSQL plans the statement only once.
    if is_of_one:
        return "= %s"
    if connection.vendor == "postgresql":
        return f"IN (SELECT unnest(%s::{'text' if kind is str else 'bigint'}[]))"
    return "IN (SELECT value FROM json_each(%s))"


def write_greatest(*values: str) -> str:
    """Return the SQL of the greatest of some values."""
    name = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    return f"{name}({', '.join(values)})"


def _pack_keys(keys: Sequence[Any]) -> Any:
    return keys[0] if len(keys) == 1 else _pack_list(keys)


def _pack_list(keys: Sequence[Any]) -> Any:
    return keys if connection.vendor == "postgresql" else orjson.dumps(keys).decode()


@dataclass(frozen=True)
class PreparedQuery:
    """The query that `build(*about)` builds, which depends only on `about`."""

    build: Build
    about: tuple[Hashable, ...]

    def write(self, keys: Sequence[Any] = (), **given: Any) -> tuple[str, list[Any]]:
        """Return the SQL, and its parameters with the given values."""
        compiled = self._compile(keys)
        values = {**given, "keys": _pack_keys(keys) if keys else None}
        params = compiled.params
        return compiled.sql, [
            values[each.name] if isinstance(each, Given | GivenKeys) else each for each in params
        ]

    def execute(self, **given: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(*self.write(**given))

    def fetch(self, **given: Any) -> list[tuple[Any, ...]]:
        """Fetch the rows as the database returns them."""
        with connection.cursor() as cursor:
            cursor.execute(*self.write(**given))
            return cursor.fetchall()

    def fetch_values(self, **given: Any) -> Iterator[Sequence[Any]]:
        """Fetch the rows as a queryset returns them."""
        compiler = self._compile(given.get("keys", ())).compiler
        return compiler.results_iter([self.fetch(**given)])

    def _compile(self, keys: Sequence[Any]) -> "_Compiled":
        return _compile(self.build, self.about, connection.alias, len(keys) == 1)


class _Compiled(NamedTuple):
    sql: str
    params: tuple[Any, ...]
    compiler: Any


@lru_cache(maxsize=1024)
def _compile(build: Build, about: Any, using: str, is_of_one_key: bool) -> _Compiled:
    built = build(*about)
    compiler = (built.query if isinstance(built, QuerySet) else built).get_compiler(using)
    compiler.is_of_one_key = is_of_one_key
    sql, params = compiler.as_sql()
    return _Compiled(sql, tuple(params), compiler)


def prepare(build: Build, *about: Hashable) -> PreparedQuery:
    """Prepare the query that `build(*about)` builds."""
    return PreparedQuery(build, about)


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state of the database inside, without writing.

    Inside a transaction or another snapshot, it is the state which that one sees.
    """
    # Django does not know the transactions of `_begin_deferred`
    is_deferred = getattr(connection.connection, "in_transaction", False)
    if connection.in_atomic_block or is_deferred:
        yield
    elif connection.features.has_select_for_update:  # a server, with levels of isolation
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield
    else:
        with _begin_deferred():
            yield


@contextmanager
def _begin_deferred() -> Iterator[None]:
    # Without the lock of a writer, which the settings request
    with connection.cursor() as cursor:
        cursor.execute("BEGIN DEFERRED")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
