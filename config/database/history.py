"""The ledger's memory: writes recorded as revisions, and the tables as they stood at a moment.

As of a past moment, every query goes as it always goes. In front of its SQL stand common table
expressions that have the names of the tables and hold what they held then: the rows that were not
written since, and of those that were the last version before. So filters, sums, files and pages
need not know about it.
"""

import math
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException

# --- The clock ------------------------------------------------------------------------------------


MOST_BEHIND = timedelta(seconds=5)  # how far the clock may be behind the newest write


def read_clock() -> datetime:
    """Return the time of the database server; on SQLite, which has none, of this process."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            now: datetime = cursor.fetchone()[0]
            return now
    return timezone.now()


class ClockBehindError(APIException, CommandError):
    """503: the clock is behind the newest write, so a new one cannot be dated.

    A management command prints it as any other `CommandError`.
    """

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


# What somebody took back is not shown as of earlier days either: this column is that of the last
# version where that is not open to everybody.
PUBLICATION, OPEN = "publication", "published"

# How a query begins that has common table expressions of its own, as django-cte writes it
_CTES = "WITH RECURSIVE "

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_reads_now: ContextVar[bool] = ContextVar("reads_now", default=False)
_versions_of: ContextVar[str] = ContextVar("versions_of", default="")
_version: ContextVar[str] = ContextVar("version", default="")
_days: ContextVar[dict[datetime | None, date] | None] = ContextVar("days", default=None)


@dataclass(frozen=True)
class Recorder:
    """How writes are recorded: registered by the app that has the tables for it.

    `recorded` opens one transaction whose writes are one revision; `version` is a text that
    changes whenever such a write is committed, from one cheap query; `moment` dates what is
    written now.
    """

    recorded: Callable[[], AbstractContextManager[Any]]
    version: Callable[[], str]
    moment: Callable[[], datetime]


_recorders: list[Recorder] = []
_corrections: dict[tuple[type[models.Model], str], Callable[[], str]] = {}


def register(recorder: Recorder) -> None:
    """Register the one recorder of the site."""
    _recorders[:] = [recorder]


def register_correction(model: type[models.Model], column: str, build: Callable[[], str]) -> None:
    """Register what a column of past versions says by what was taken back since.

    `build` gives the SQL of its value, of a version `v` of the model.
    """
    _corrections[model, column] = build


def recorded() -> AbstractContextManager[Any]:
    """Open a transaction whose writes are one revision."""
    return _recorders[0].recorded()


def ledger_version() -> str:
    """Read what changes whenever a recorded write is committed; from one cheap query."""
    return _recorders[0].version()


def write_moment() -> datetime:
    """Return the moment by which rows that are written now are dated."""
    return _recorders[0].moment()


@contextmanager
def answering(version: str) -> Iterator[None]:
    """Answer a question of which the version of the ledger was read: it need not be read again.

    Nor is the day: all of an answer is of one.
    """
    tokens = _version.set(version), _days.set({})
    try:
        yield
    finally:
        _version.reset(tokens[0])
        _days.reset(tokens[1])


def find_ledger_version() -> str:
    """Give the version that was read when the question was asked; outside of one, read it."""
    return _version.get() or ledger_version()


def find_state() -> tuple[str, datetime | None, date]:
    """Find the state that is being read: while it is the same, so is what tables say of a day."""
    return find_ledger_version(), moment(), today()


def moment() -> datetime | None:
    """Give the past moment of which is being read, or None: now."""
    return _moment.get()


def is_past() -> bool:
    """Tell whether tables are read as they stood at a moment."""
    return _moment.get() is not None and not _reads_now.get()


@contextmanager
def reading_now() -> Iterator[None]:
    """Read tables as they are, while days are those of the moment: to correct what they say."""
    token = _reads_now.set(True)
    try:
        yield
    finally:
        _reads_now.reset(token)


@contextmanager
def reading_versions(table: str) -> Iterator[None]:
    """Read of one table only rows that were written since the moment, as they stood then."""
    token = _versions_of.set(table)
    try:
        yield
    finally:
        _versions_of.reset(token)


def were_written_since(tables: Collection[str]) -> bool:
    """Tell whether any of these tables was written since the moment of which is being read."""
    quoted = {connection.ops.quote_name(name) for name in tables}
    histories = sorted({past.history for past in past_tables() if past.name in quoted})
    found = (
        f"SELECT 1 FROM {connection.ops.quote_name(name)} WHERE history_date > %s"  # noqa: S608
        for name in histories
    )
    if not histories:
        return False
    value = connection.ops.adapt_datetimefield_value(_moment.get())
    with connection.cursor() as cursor, reading_now():
        exist = " OR ".join(f"EXISTS ({sql})" for sql in found)
        cursor.execute(f"SELECT 1 WHERE {exist}", [value] * len(histories))
        return cursor.fetchone() is not None


def today() -> date:
    """Give the day of which is being read: what is stale or overdue is judged by it."""
    days, then = _days.get(), _moment.get()
    if days is None:
        return timezone.localdate(then)
    if then not in days:
        days[then] = timezone.localdate(then)
    return days[then]


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Read all recorded tables as they stood at a moment. Nothing is written meanwhile."""
    token = _moment.set(moment)
    try:
        with connection.execute_wrapper(_execute_as_of):
            yield
    finally:
        _moment.reset(token)


def first_moment() -> datetime | None:
    """Find when the first version of any row was written; None in an empty ledger."""
    quote = connection.ops.quote_name
    histories = sorted({quote(table.history) for table in past_tables()})
    firsts = (f"(SELECT MIN(history_date) FROM {name})" for name in histories)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(firsts)}")  # noqa: S608 names of our own tables
        found = [value for value in cursor.fetchone() if value is not None]
    if not found:
        return None
    return read_stored_time(min(found))


def read_stored_time(stored: datetime | str) -> datetime:
    """Read a time as a cursor returns it: on SQLite a text or a time without zone, of UTC."""
    time = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def rewrite(sql: str, params: Any) -> tuple[str, Any]:
    """Rewrite a SELECT and its parameters as of the moment being read; as it is, if that is now."""
    then = _moment.get()
    if not is_past() or not sql.lstrip("(").startswith(("SELECT", _CTES)):
        return sql, params
    # A table of all columns would be copied whole where the database sorts or groups it
    words = set(re.findall(r"\w+", sql))
    stood = [
        (table.name, table.sql(words)) for table in past_tables() if table.name.strip('"') in words
    ]
    if not stood:
        return sql, params
    named = ", ".join(f"{name} AS NOT MATERIALIZED ({past})" for name, past in stood)
    value = connection.ops.adapt_datetimefield_value(then)
    marks = sum(past.count("%s") for _name, past in stood)
    # None of the query's own is recursive, as then ours were taken for it, too
    rest = f", {sql.removeprefix(_CTES)}" if sql.startswith(_CTES) else f" {sql}"
    return f"WITH {named}{rest}", (*[value] * marks, *(params or ()))


def _execute_as_of(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    sql, params = rewrite(sql, params)
    return execute(sql, params, many, context)


@dataclass(frozen=True)
class PastTable:
    """A table whose past is kept: its quoted name, its columns, and the table of its history."""

    name: str
    columns: tuple[str, ...]
    history: str
    corrections: tuple[tuple[str, str], ...] = ()  # columns, and the SQL of what they say

    def sql(self, words: Collection[str]) -> str:
        """Build the SELECT of what it held at a moment, of the columns among these words."""
        quote = connection.ops.quote_name
        history = quote(self.history)
        # Within its own expression the name would mean the expression itself on SQLite
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


# The publication of a version, unless the row is not open to everybody by now
_SHOWN = (
    f"CASE WHEN l.{PUBLICATION} <> '{OPEN}' THEN l.{PUBLICATION} ELSE v.{PUBLICATION} END "
    f"AS {PUBLICATION}"
)
_SAID = re.compile(r'\bv\."?(\w+)')  # columns of a version
# Of a row that came back after it had been deleted
_LATER = "SELECT 1 FROM {} n WHERE n.id = l.id AND n.version > l.version"
# The same of a version `v` that was found without `l`: what hidden rows became is read as one
# object. Joined, each row was looked up in the table, since few were expected
_LOOKED_UP = (
    f"COALESCE((SELECT jsonb_object_agg(l.id, l.{PUBLICATION}) FROM {{0}} l "  # noqa: S608
    f"WHERE l.history_date > %s AND l.{PUBLICATION} <> '{OPEN}' "
    f"AND NOT EXISTS ({_LATER.format('{0}')})) ->> v.id::text, v.{PUBLICATION}) AS {PUBLICATION}"
)


def _select_versions(history: str, columns: str, join: str = "") -> str:
    """Build the SELECT of the version `v` of each row from before it was written since, by `s`."""
    # SQLite would begin with all versions of all times, by the index of their days
    day = "+v.history_date" if connection.vendor == "sqlite" else "v.history_date"
    return (
        f"SELECT {columns} FROM {history} s "  # noqa: S608
        f"JOIN {history} v ON v.id = s.id AND v.version = s.version - 1 {join} "
        f"WHERE s.history_date > %s AND {day} <= %s AND v.history_type <> '-' "
        # Dates go back where a clock was ahead: only the newest version before the moment is taken
        f"AND ({'l.version = s.version OR ' if join else ''}NOT EXISTS (SELECT 1 FROM {history} e "
        "WHERE e.id = s.id AND e.version > s.version AND e.history_date <= %s))"
    )


def _select_quickly(history: str, columns: str) -> str:
    """Build the same for PostgreSQL alone, of all rows, so that it joins and sorts them as a set.

    It takes few rows to be published, and would begin with all versions, too, were it told before.
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
    """The rows of a many-to-many relation, which belong to the versions of another table."""

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
    """List all tables whose past is kept, with the relations that belong to their versions."""
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
