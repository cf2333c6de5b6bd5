"""History: writes recorded as revisions, and tables as they were at a past moment.

To read the past, each query gets common table expressions with the names of the tables and their
rows at that moment: the rows not written since, and the last version before of the others. So
filters, sums, files and pages need no change.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any, TypeVar

from django.apps import apps
from django.core.management.base import CommandError
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

from config.database.prepared import snapshot

# --- The clock ------------------------------------------------------------------------------------

MOST_BEHIND = timedelta(seconds=5)  # that the clock may be behind the newest write


def read_clock() -> datetime:
    """Return the time of the database server, or of this process on SQLite."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            return cursor.fetchone()[0]
    return timezone.now()


class ClockBehindError(APIException, CommandError):
    """503: the clock is behind the newest write, so a new one cannot be dated."""

    status_code = 503
    default_code = "clock_behind"
    type = "clock-behind"
    returncode = 1

    def __init__(self, behind: timedelta) -> None:
        self.wait = math.ceil((behind - MOST_BEHIND).total_seconds())
        detail = _(
            "The clock is %(seconds)d seconds behind the newest write in the ledger, so nothing "
            "was written. Ask the administrator to correct the clock, or, if an earlier clock was "
            "ahead, to run manage.py verify_history --repair."
        )
        super().__init__(detail % {"seconds": math.ceil(behind.total_seconds())})


# --- Writes and moments ---------------------------------------------------------------------------

# A row that is no longer published is hidden in the past, too
PUBLICATION, OPEN = "publication", "published"
_CTES = "WITH RECURSIVE "  # begins queries of django-cte

T = TypeVar("T")
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_reads_now: ContextVar[bool] = ContextVar("reads_now", default=False)
_versions_of: ContextVar[str] = ContextVar("versions_of", default="")
_written: ContextVar[dict[str, bool]] = ContextVar("written")  # tables, since the moment
_version: ContextVar[str] = ContextVar("version", default="")
_days: ContextVar[dict[datetime | None, date] | None] = ContextVar("days", default=None)


@dataclass(frozen=True)
class Recorder:
    """How writes are recorded, registered by the app that has the tables for it."""

    recorded: Callable[[], AbstractContextManager[Any]]  # opens a transaction as one revision
    version: Callable[[], str]  # changes with every commit of a revision; one cheap query
    moment: Callable[[], datetime]  # by which new rows are dated


_recorders: list[Recorder] = []
_corrections: dict[tuple[type[models.Model], str], Callable[[], str]] = {}


def register(recorder: Recorder) -> None:
    _recorders[:] = [recorder]


def register_correction(model: type[models.Model], column: str, build: Callable[[], str]) -> None:
    """Register the SQL of a column of past versions `v` that later retractions change."""
    _corrections[model, column] = build


def recorded() -> AbstractContextManager[Any]:
    """Open a transaction whose writes are one revision."""
    return _recorders[0].recorded()


def ledger_version() -> str:
    """Read the text that changes whenever a revision is committed; one cheap query."""
    return _recorders[0].version()


def write_moment() -> datetime:
    """Return the moment by which new rows are dated."""
    return _recorders[0].moment()


@contextmanager
def _setting(variable: ContextVar[T], value: T) -> Iterator[None]:
    token = variable.set(value)
    try:
        yield
    finally:
        variable.reset(token)


@contextmanager
def answering(version: str) -> Iterator[None]:
    """Keep the version of the ledger, and the day, while a response is built."""
    with _setting(_version, version), _setting(_days, {}):
        yield


def find_ledger_version() -> str:
    """Return the version kept for the current response, or read it."""
    return _version.get() or ledger_version()


def moment() -> datetime | None:
    """Return the past moment being read, or None for now."""
    return _moment.get()


def is_past() -> bool:
    """Return whether tables are read as they were at a moment."""
    return _moment.get() is not None and not _reads_now.get()


def reading_now() -> AbstractContextManager[None]:
    """Read the tables of now, but the day of the moment."""
    return _setting(_reads_now, True)


def reading_versions(table: str) -> AbstractContextManager[None]:
    """Read only the rows of one table that were written since the moment, as they were then."""
    return _setting(_versions_of, table)


def were_written_since(tables: Collection[str]) -> bool:
    """Return whether any of these tables was written since the moment being read."""
    return bool(find_written({connection.ops.quote_name(name) for name in tables}))


def find_written(names: Collection[str]) -> set[str]:
    """Find the tables, by their quoted names, that were written since the moment being read."""
    known = _written.get()
    asked = [past for past in past_tables() if past.name in names and past.name not in known]
    if asked:
        found = ", ".join(
            f"EXISTS (SELECT 1 FROM {connection.ops.quote_name(past.history)} "  # noqa: S608
            "WHERE history_date > %s)"
            for past in asked
        )
        value = connection.ops.adapt_datetimefield_value(_moment.get())
        with connection.cursor() as cursor, reading_now():
            cursor.execute(f"SELECT {found}", [value] * len(asked))
            known.update(zip((past.name for past in asked), cursor.fetchone(), strict=True))
    return {name for name in names if known.get(name)}


def today() -> date:
    """Return the day being read, by which rows are stale or overdue."""
    days, then = _days.get(), _moment.get()
    if days is None:
        return timezone.localdate(then)
    if then not in days:
        days[then] = timezone.localdate(then)
    return days[then]


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Read all recorded tables as they were at a moment. Nothing may be written inside.

    In a snapshot: what a table holds that was not written since stays true to the end.
    """

    def execute_as_of(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        return execute(*rewrite(sql, params), many, context)

    rewriting = connection.execute_wrapper(execute_as_of)
    with snapshot(), _setting(_moment, moment), _setting(_written, {}), rewriting:
        yield


def first_moment() -> datetime | None:
    """Return when the first version of any row was written; None in an empty ledger."""
    quote = connection.ops.quote_name
    histories = sorted({quote(table.history) for table in past_tables()})
    firsts = (f"(SELECT MIN(history_date) FROM {name})" for name in histories)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(firsts)}")  # noqa: S608 names of our own tables
        found = [value for value in cursor.fetchone() if value is not None]
    return read_stored_time(min(found)) if found else None


def read_stored_time(stored: datetime | str) -> datetime:
    """Convert a time of a cursor: on SQLite a text or a naive time, in UTC."""
    time = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def rewrite(sql: str, params: Any) -> tuple[str, Any]:
    """Rewrite a SELECT and its parameters as of the moment being read; unchanged for now."""
    then = _moment.get()
    if not is_past() or not sql.lstrip("(").startswith(("SELECT", _CTES)):
        return sql, params
    # Only the columns that are used: databases copy all of them to sort or group
    words = set(re.findall(r"\w+", sql))
    named = [table for table in past_tables() if table.name.strip('"') in words]
    alone = connection.ops.quote_name(_versions_of.get())
    # Other tables are unchanged: without UNION ALL, planners can use their indexes
    written = find_written({table.name for table in named} - {alone}) | {alone}
    stood = [(table.name, table.sql(words)) for table in named if table.name in written]
    if not stood:
        return sql, params
    tables = ", ".join(f"{name} AS NOT MATERIALIZED ({past})" for name, past in stood)
    value = connection.ops.adapt_datetimefield_value(then)
    marks = sum(past.count("%s") for _name, past in stood)
    # The query's own expressions are not recursive, so RECURSIVE can go
    rest = f", {sql.removeprefix(_CTES)}" if sql.startswith(_CTES) else f" {sql}"
    return f"WITH {tables}{rest}", (*[value] * marks, *(params or ()))


@dataclass(frozen=True)
class PastTable:
    """A table whose past is kept: its quoted name, its columns, and the table of its history."""

    name: str
    columns: tuple[str, ...]
    history: str
    corrections: tuple[tuple[str, str], ...] = ()  # columns, and the SQL of what they say

    def sql(self, words: Collection[str]) -> str:
        """Build the SELECT of its rows at a moment, with the columns among these words."""
        quote = connection.ops.quote_name
        history = quote(self.history)
        # On SQLite, the name alone would mean the expression itself
        stored = f"main.{self.name}" if connection.vendor == "sqlite" else self.name
        columns = [quote(name) for name in self.columns if name in words or name == "id"]
        now = ", ".join(f"t.{column}" for column in columns)
        other = {quote(name): f"{sql} AS {quote(name)}" for name, sql in self.corrections}
        is_alone = quote(_versions_of.get()) == self.name
        is_quick = is_alone and connection.vendor == "postgresql"
        other[quote(PUBLICATION)] = _LOOKED_UP.format(history) if is_quick else _SHOWN
        then = ", ".join(other.get(column, f"v.{column}") for column in columns)
        if is_quick:
            return _select_quickly(history, then)
        newest = [""]
        if quote(PUBLICATION) in columns:  # of the row as it is, or as it ended
            newest = [
                f"JOIN {stored} l ON l.id = v.id",
                f"JOIN {history} l ON l.id = v.id AND l.history_type = '-' AND l.history_date > %s "
                f"AND NOT EXISTS ({_LATER.format(history)})",
            ]
        written = [_select_versions(history, then, each) for each in newest]
        unwritten = f"SELECT {now} FROM {stored} t WHERE t.updated_at <= %s"  # noqa: S608
        return " UNION ALL ".join(written if is_alone else [unwritten, *written])


# The publication of a version, unless the row is hidden now
_SHOWN = (
    f"CASE WHEN l.{PUBLICATION} <> '{OPEN}' THEN l.{PUBLICATION} ELSE v.{PUBLICATION} END "
    f"AS {PUBLICATION}"
)
_SAID = re.compile(r'\bv\."?(\w+)')  # columns of a version
# A deleted row may be restored
_LATER = "SELECT 1 FROM {} n WHERE n.id = l.id AND n.version > l.version"
# The same without `l`: hidden rows are read as one object. With a join, the planner expected few
# rows, and looked each up in the table
_LOOKED_UP = (
    f"COALESCE((SELECT jsonb_object_agg(l.id, l.{PUBLICATION}) FROM {{0}} l "  # noqa: S608
    f"WHERE l.history_date > %s AND l.{PUBLICATION} <> '{OPEN}' "
    f"AND NOT EXISTS ({_LATER.format('{0}')})) ->> v.id::text, v.{PUBLICATION}) AS {PUBLICATION}"
)


def _select_versions(history: str, columns: str, join: str = "") -> str:
    """Build the SELECT of the version `v` of each row before the first later one, `s`."""
    # The plus keeps SQLite from beginning with all versions by the index of their days
    day = "+v.history_date" if connection.vendor == "sqlite" else "v.history_date"
    return (
        f"SELECT {columns} FROM {history} s "  # noqa: S608
        f"JOIN {history} v ON v.id = s.id AND v.version = s.version - 1 {join} "
        f"WHERE s.history_date > %s AND {day} <= %s AND v.history_type <> '-' "
        # A clock that was ahead makes dates go back: only the newest version before the moment
        f"AND ({'l.version = s.version OR ' if join else ''}NOT EXISTS (SELECT 1 FROM {history} e "
        "WHERE e.id = s.id AND e.version > s.version AND e.history_date <= %s))"
    )


def _select_quickly(history: str, columns: str) -> str:
    """Build the same for PostgreSQL, of all rows, which it joins and sorts as a set.

    It expects few published rows: with that condition it would begin with all versions.
    """
    told = ", ".join(f"v.{name}" for name in sorted({"id", *_SAID.findall(columns)}))
    since = f"SELECT id, MAX(version) AS last FROM {history} WHERE history_date > %s GROUP BY id"  # noqa: S608
    newest = (
        f"SELECT DISTINCT ON (v.id) {told}, v.history_type, v.version < s.last AS is_past "  # noqa: S608
        f"FROM {history} v JOIN ({since}) s ON s.id = v.id "
        "WHERE v.history_date <= %s ORDER BY v.id, v.version DESC"
    )
    return f"SELECT {columns} FROM ({newest}) v WHERE v.history_type <> '-' AND v.is_past"  # noqa: S608


@dataclass(frozen=True)
class PastRelation(PastTable):
    """A many-to-many relation, whose rows belong to the versions of another table."""

    members: str = ""

    def sql(self, words: Collection[str]) -> str:
        quote = connection.ops.quote_name
        history = quote(self.history)
        columns = ", ".join(f"m.{quote(name)}" for name in self.columns)
        return (
            f"SELECT {columns} FROM {quote(self.members)} m "  # noqa: S608
            f"JOIN {history} v ON v.history_id = m.history_id "
            f"WHERE v.history_id = (SELECT MAX(w.history_id) FROM {history} w "
            "WHERE w.id = v.id AND w.history_date <= %s) AND v.history_type <> '-'"
        )


@cache
def past_tables() -> list[PastTable]:
    """List all tables whose past is kept, with the relations of their versions."""
    tables: list[PastTable] = []
    for model in apps.get_models():
        if hasattr(model._meta, "simple_history_manager_attribute"):
            past: Any = model.history.model  # type: ignore[attr-defined]
            history = past._meta.db_table
            corrections = tuple(
                (column, build()) for (of, column), build in _corrections.items() if of is model
            )
            tables.append(PastTable(*_name_and_columns(model), history, corrections))
            for relation in past._history_m2m_fields:
                members = getattr(past, relation.name).model._meta.db_table
                through = relation.remote_field.through
                tables.append(PastRelation(*_name_and_columns(through), history, members=members))
    return tables


def _name_and_columns(model: type[models.Model]) -> tuple[str, tuple[str, ...]]:
    columns = tuple(str(field.column) for field in model._meta.concrete_fields)
    return connection.ops.quote_name(model._meta.db_table), columns
