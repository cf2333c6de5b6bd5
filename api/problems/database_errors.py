"""What the database says, in terms a client can act on: conflict, bad value, or come back later."""

import errno
import re
import sqlite3
from dataclasses import dataclass

import psycopg
from django.apps import apps
from django.db.models import BaseConstraint
from django.utils.translation import gettext as _

from api.problems.errors import json_pointer
from config.database.replicas import CONNECTION_ERRORS
from config.mistakes import Mistake

# What PostgreSQL calls an internal or a programming error, and is neither: a standby that is not
# promoted yet, a transaction that waited too long for us, a database without its migrations.
_PASSING = (
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.UndefinedTable,
)
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}

_SQLITE_FAILED = re.compile(r"^(?P<kind>[A-Z ]+?) constraint failed(?:: (?P<what>.+))?$")


@dataclass(frozen=True)
class Violation:
    """A broken database rule: whether it is a conflict with other rows, and how to put it."""

    is_conflict: bool
    error: Mistake


def is_unavailable(error: BaseException | None) -> bool:
    """Tell whether `error` says that the database is away, busy, full or too slow.

    So does a full disk on which no file can be made.
    """
    if isinstance(error, OSError):
        return error.errno in _NO_SPACE
    cause = getattr(error, "__cause__", None)
    if isinstance(cause, sqlite3.OperationalError) and _is_mistake_in_sql(cause):
        return False
    return isinstance(error, (*CONNECTION_ERRORS, *_PASSING)) or isinstance(cause, _PASSING)


def _is_mistake_in_sql(cause: sqlite3.OperationalError) -> bool:
    """Tell a bug, which SQLite calls operational, too, unless a whole table is missing.

    Then the file is a new one, because the one that was there is gone.
    """
    is_mistake = cause.sqlite_errorcode == sqlite3.SQLITE_ERROR
    return is_mistake and not str(cause).startswith("no such table")


def find_violation(error: BaseException) -> Violation:
    """Find the rule an IntegrityError is about, in the words of the model's constraint."""
    broken = _what_failed(error)
    is_conflict = broken.kind not in ("check", "not_null")
    constraint = _find_constraint(broken)
    if constraint is None:
        place = json_pointer(*broken.columns) if len(broken.columns) == 1 else json_pointer()
        return Violation(is_conflict, Mistake(broken.kind, _message(broken.kind)).at(pointer=place))
    code = constraint.violation_error_code or broken.kind
    message = str(constraint.get_violation_error_message())
    # That a code is taken is said of the code, not of the column it is compared by.
    fields = ["code" if name == "code_key" else name for name in getattr(constraint, "fields", ())]
    place = json_pointer(*fields) if len(fields) == 1 else json_pointer()
    return Violation(is_conflict, Mistake(code, message).at(pointer=place))


@dataclass(frozen=True)
class _Broken:
    """The rule that failed, as far as the database tells: SQLite often names columns only."""

    kind: str
    name: str | None = None
    table: str | None = None
    columns: tuple[str, ...] = ()


def _what_failed(error: BaseException) -> _Broken:
    cause = error.__cause__ or error
    if isinstance(cause, psycopg.Error):
        diag = cause.diag
        columns = (diag.column_name,) if diag.column_name else ()
        return _Broken(_postgresql_kind(cause), diag.constraint_name, diag.table_name, columns)
    match = _SQLITE_FAILED.match(str(cause))
    if match is None:
        return _Broken("conflict")
    kind = match["kind"].lower().replace(" ", "_")
    what = (match["what"] or "").removeprefix("index '").removesuffix("'")
    if kind in ("unique", "not_null") and "." in what:
        places = [place.split(".") for place in what.split(", ")]
        return _Broken(kind, None, places[0][0], tuple(column for _table, column in places))
    return _Broken(kind, what or None)


def _postgresql_kind(cause: psycopg.Error) -> str:
    kinds: dict[type[psycopg.Error], str] = {
        psycopg.errors.UniqueViolation: "unique",
        psycopg.errors.ForeignKeyViolation: "foreign_key",
        psycopg.errors.CheckViolation: "check",
        psycopg.errors.NotNullViolation: "not_null",
    }
    return kinds.get(type(cause), "conflict")


def _find_constraint(broken: _Broken) -> BaseConstraint | None:
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if broken.name is not None:
                if constraint.name == broken.name:
                    return constraint
            elif model._meta.db_table == broken.table and broken.kind == "unique":
                fields = [model._meta.get_field(name) for name in getattr(constraint, "fields", ())]
                if broken.columns == tuple(getattr(field, "column", None) for field in fields):
                    return constraint
    return None


def _message(kind: str) -> str:
    messages = {
        "unique": _("Another record already has this value."),
        "foreign_key": _(
            "This refers to a record that does not exist, or another record still refers to it."
        ),
        "check": _("This breaks a rule of the ledger."),
        "not_null": _("This value may not be empty."),
    }
    return messages.get(kind, _("This contradicts what is stored."))
