"""Exceptions that refuse a request, nested errors as a list, and errors of the database.

Errors of the database are a conflict, a bad value, or a reason to try again later.
"""

import errno
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg
from django.apps import apps
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError as DjangoValidationError
from django.db.models import BaseConstraint
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.fields import get_error_detail
from rest_framework.settings import api_settings

from config.database.replicas import CONNECTION_ERRORS
from config.mistakes import Mistake

MAX_ERRORS = 100  # in one response
_SAFE = "~!$&'()*+,;=:@-._"  # need no encoding in a pointer


class ListedError(APIException):
    """An exception that carries all the mistakes that it reports."""

    def __init__(self, errors: Iterable[Mistake]) -> None:
        self.errors = list(errors)
        super().__init__()


class QueryError(ListedError):
    """400: invalid parameters or headers."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_detail = _("The query is not understood.")
    default_code = "invalid"

    @property
    def type(self) -> str:
        unknown_only = all(error.code == "unknown_parameter" for error in self.errors)
        return "unknown-parameter" if unknown_only else "validation-failed"


class ConfirmationError(ListedError):
    """409: a write raises doubts; it carries each with the word that confirms it."""

    status_code = status.HTTP_409_CONFLICT
    default_detail = _("This is doubtful; nothing was written.")
    default_code = "confirmation_required"


def json_pointer(*steps: str | int) -> str:
    """Build an RFC 6901 pointer, as URI: `json_pointer("members", 0)` is `#/members/0`."""
    texts = (str(step).replace("~", "~0").replace("/", "~1") for step in steps)
    return "#" + "".join(f"/{quote(text, safe=_SAFE, errors='replace')}" for text in texts)


def find_body_errors(detail: Any, *steps: str | int) -> Iterator[Mistake]:
    """Find each message in a DRF `ValidationError.detail`, with the JSON pointer of its place."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            is_whole = name in (NON_FIELD_ERRORS, api_settings.NON_FIELD_ERRORS_KEY)
            yield from find_body_errors(inner, *(steps if is_whole else (*steps, name)))
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            # A list holds either messages about this place or one mapping for each item.
            place = (*steps, index) if isinstance(inner, Mapping | list) else steps
            yield from find_body_errors(inner, *place)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield Mistake(code, str(detail)).at(pointer=json_pointer(*steps))


def find_model_errors(error: DjangoValidationError) -> list[Mistake]:
    """Find each message of Django's own ValidationError, as `full_clean()` raises it."""
    return list(find_body_errors(get_error_detail(error)))


# --- Errors of the database -----------------------------------------------------------------------

# PostgreSQL reports these as internal or programming errors: a standby not promoted yet, an idle
# transaction that timed out, a database without its migrations.
_PASSING = (
    psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.IdleInTransactionSessionTimeout,
    psycopg.errors.UndefinedTable,
)
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}

_SQLITE_FAILED = re.compile(r"^(?P<kind>[A-Z ]+?) constraint failed(?:: (?P<what>.+))?$")
_POSTGRESQL_KINDS: dict[type[psycopg.Error], str] = {
    psycopg.errors.UniqueViolation: "unique",
    psycopg.errors.ForeignKeyViolation: "foreign_key",
    psycopg.errors.CheckViolation: "check",
    psycopg.errors.NotNullViolation: "not_null",
}
_MESSAGES = {
    "unique": _("Another record already has this value."),
    "foreign_key": _(
        "This refers to a record that does not exist, or another record still refers to it."
    ),
    "check": _("This breaks a rule of the ledger."),
    "not_null": _("This value may not be empty."),
    "conflict": _("This contradicts what is stored."),
}


@dataclass(frozen=True)
class Violation:
    """A broken rule of the database: whether it is a conflict with other rows, and the error."""

    is_conflict: bool
    error: Mistake


def is_unavailable(error: BaseException | None) -> bool:
    """Return whether the database is away, busy, full or too slow, or a disk is full."""
    if isinstance(error, OSError):
        return error.errno in _NO_SPACE
    cause = getattr(error, "__cause__", None)
    # A bug, unless a whole table is missing: then the file is gone and a new one took its place
    is_sql_error = getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    if is_sql_error and not str(cause).startswith("no such table"):
        return False
    return isinstance(error, (*CONNECTION_ERRORS, *_PASSING)) or isinstance(cause, _PASSING)


def find_violation(error: BaseException) -> Violation:
    """Find the rule that an IntegrityError is about, with the message of the model's constraint."""
    broken = _what_failed(error)
    fields: Sequence[str] = broken.columns
    code, message = broken.kind, str(_MESSAGES.get(broken.kind, _MESSAGES["conflict"]))
    if constraint := _find_constraint(broken):
        code = constraint.violation_error_code or broken.kind
        message = str(constraint.get_violation_error_message())
        # Clients know the code, not the column by which it is compared
        names = getattr(constraint, "fields", ())
        fields = ["code" if name == "code_key" else name for name in names]
    place = json_pointer(*fields) if len(fields) == 1 else json_pointer()
    is_conflict = broken.kind not in ("check", "not_null")
    return Violation(is_conflict, Mistake(code, message).at(pointer=place))


@dataclass(frozen=True)
class _Broken:
    """The rule that failed; SQLite often names only the columns."""

    kind: str
    name: str | None = None
    table: str | None = None
    columns: tuple[str, ...] = ()


def _what_failed(error: BaseException) -> _Broken:
    cause = error.__cause__ or error
    if isinstance(cause, psycopg.Error):
        diag = cause.diag
        columns = (diag.column_name,) if diag.column_name else ()
        kind = _POSTGRESQL_KINDS.get(type(cause), "conflict")
        return _Broken(kind, diag.constraint_name, diag.table_name, columns)
    match = _SQLITE_FAILED.match(str(cause))
    if match is None:
        return _Broken("conflict")
    kind = match["kind"].lower().replace(" ", "_")
    what = (match["what"] or "").removeprefix("index '").removesuffix("'")
    if kind in ("unique", "not_null") and "." in what:
        places = [place.split(".") for place in what.split(", ")]
        return _Broken(kind, None, places[0][0], tuple(column for _table, column in places))
    return _Broken(kind, what or None)


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
