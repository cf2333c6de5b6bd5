"""Columns of projects as the database gives them: much quicker than row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import orjson
from django.db import connections
from django.db.models import F, QuerySet

from projects.summaries.cells import Integers
from projects.summaries.kept_columns import KeptColumn, NotInMemoryError, build_column

Sql = tuple[str, tuple[Any, ...]]
# The keys of projects in their order, the parks of these, and what expressions say of them
ReadColumns = tuple[Integers, Integers, list[KeptColumn]]

_LISTS = {"sqlite": "json_group_array({})", "postgresql": "json_agg({})::text"}


def read_at_once(rows: QuerySet, expressions: Sequence[Any]) -> ReadColumns:
    """Read columns of projects, all by one statement."""
    told = {f"told_{n}": each for n, each in enumerate(expressions)}
    named = {"told_id": F("pk"), "told_park": F("park_id"), **told}
    asked = rows.annotate(**named).values_list(*named).query.sql_with_params()
    lists = read_lists(rows.db, asked, [*named])
    ids, parks = (np.array(next(lists), np.int64) for _of in range(2))
    order = np.argsort(ids)  # by each index they come in another one
    columns = [
        build_column(expression, values, order)
        for expression, values in zip(expressions, lists, strict=True)
    ]
    return ids[order], parks[order], columns


def read_lists(database: str, asked: Sql, names: Sequence[str]) -> Iterator[list[Any]]:
    """Read the columns of a query by their names, one list after the other."""
    sql, params = asked
    lists = ", ".join(map(_LISTS[connections[database].vendor].format, names))
    with connections[database].cursor() as cursor:
        cursor.execute(f"SELECT {lists} FROM ({sql}) said", params)  # noqa: S608
        found = cursor.fetchone()
    return (orjson.loads(each or "[]") for each in found)


def read_keys(database: str, asked: Sql) -> Integers:
    """Read what a query calls `told`, if these are keys."""
    if connections[database].vendor == "sqlite":
        return np.array(next(read_lists(database, asked, ["told"])), np.int64)
    sql, params = asked
    with connections[database].cursor() as cursor:
        cursor.execute(f"SELECT string_agg(int8send(told), '') FROM ({sql}) said", params)  # noqa: S608
        (packed,) = cursor.fetchone()
    return _unpack_keys(packed or b"")


def read_projects(rows: QuerySet) -> tuple[Integers, Integers]:
    """Read the keys of projects in their order, and the parks of these, on PostgreSQL."""
    asked = rows.annotate(told=F("pk")).values_list("told").query.sql_with_params()
    ids = np.sort(read_keys(rows.db, asked))
    return ids, read_by_values(rows, ids, F("park_id")).read_numbers(np.arange(ids.size))


def read_by_values(rows: QuerySet, ids: Integers, expression: Any) -> KeptColumn:
    """Read the column of all projects, whose keys are `ids`, on PostgreSQL: each value once.

    With each value come the keys of those that have it: so a column of a million takes a
    hundredth of a second here, and little memory.
    """
    asked = rows.annotate(told_id=F("pk"), told=expression).values_list("told_id", "told")
    sql, params = asked.query.sql_with_params()
    with connections[rows.db].cursor() as cursor:
        cursor.execute(
            "SELECT to_json(told)::text, string_agg(int8send(told_id), '') "  # noqa: S608
            f"FROM ({sql}) said GROUP BY told",
            params,
        )
        found = cursor.fetchall()
    codes = np.full(ids.size, -1, np.int32)
    for place, (_value, packed) in enumerate(found):
        codes[find_places(ids, _unpack_keys(packed))] = place
    if sum(len(packed) for _value, packed in found) != 8 * ids.size or np.any(codes < 0):
        raise NotInMemoryError  # joined to what a project has more of
    values = [None if value is None else orjson.loads(value) for value, _packed in found]
    column = build_column(expression, values)
    return replace(column, codes=column.codes[codes])


def find_places(ids: Integers, wanted: Integers) -> Integers:
    """Find the places of keys among all of them."""
    places: Integers = np.searchsorted(ids, wanted)
    if not np.array_equal(ids.take(places, mode="clip"), wanted):
        raise NotInMemoryError  # written past the marks
    return places


def _unpack_keys(packed: bytes) -> Integers:
    return np.frombuffer(packed, ">i8").astype(np.int64)
