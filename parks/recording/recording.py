"""Recording: what is written together is one revision, with one version of each row it touched.

Whoever writes opens `recorded()`; a `save` outside of one opens its own. At its end, still in the
transaction, what derives from other rows is derived, every changed row gets its new version, and
history and changes are written set by set, however many rows there are.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from urllib.parse import unquote

from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponseBase

from config.api.load.planning import plan_checks_once
from config.api.requests import get_request_id
from config.history import OPEN, PUBLICATION
from config.prepared import among
from parks.access import role_of
from parks.models.records import Change, Revision
from parks.recording.change_rows import (
    announce_creations,
    appearances,
    changes_of,
    chunks,
    find_parks_of_creations,
    read_worked_out,
)
from parks.recording.marks import leave_marks
from parks.recording.moments import find_next_moment
from parks.recording.noted_rows import NotedRows
from parks.recording.seals import SETTLES, settle_after_commit, settle_some

REASON_HEADER = "Change-Reason"  # percent-encoded UTF-8, as in a URL
MAX_REASON = 300
# Columns that change with every version
OF_EVERY_VERSION = {"version", "created_at", "updated_at"}
MANY_ROWS = 100
SOME_COLUMN = "*"  # of columns: some that nobody named

Derivation = Callable[[models.QuerySet[Any]], None]
_derivations: dict[type[models.Model], Derivation] = {}
_follow_ups: "list[Callable[[Unit], None]]" = []
_unit: ContextVar["Unit | None"] = ContextVar("unit", default=None)
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def register_derivation(model: type[models.Model], derive: Derivation) -> None:
    """Register the rule that stores what rows of a model derive from others; it records them."""
    _derivations[model] = derive


def register_follow_up(follow_up: "Callable[[Unit], None]") -> None:
    """Register what follows, in rows that nobody named, from all that a unit has written."""
    _follow_ups.append(follow_up)


@dataclass
class Unit:
    """What is written in one transaction, until it is recorded."""

    reason: str = ""
    batch: str = ""
    # Whether what is published takes along the drafts it refers to; None where nobody can say so
    publishes_needed: bool | None = None
    rows: dict[type[models.Model], NotedRows] = field(default_factory=dict)
    written: dict[type[models.Model], set[str]] = field(default_factory=dict)  # columns
    derived: dict[type[models.Model], set[Any]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    saved: dict[Any, list[Any]] = field(default_factory=dict)
    moment: datetime | None = None
    _revision: Revision | None = None

    @property
    def revision(self) -> Revision:
        """Who writes, when and why: stored when the first version needs it."""
        return self._revision or self.begin()

    def find_moment(self) -> datetime:
        """Return the one moment of all that is written here, read when it is first needed."""
        self.moment = self.moment or find_next_moment()
        return self.moment

    def find_revision(self) -> Revision | None:
        """Find the revision, if anything was recorded in it by now."""
        return self._revision

    def begin(self) -> Revision:
        if self._revision is None:
            request = _request.get()
            user = getattr(request, "user", None)
            token = getattr(request, "auth", None)
            self._revision = Revision(
                at=self.find_moment(),
                user_id=user.pk if user else None,
                role=role_of(user),
                token=getattr(token, "name", "") or "",
                request_id=get_request_id(),
                batch=self.batch,
                reason=self.reason or read_reason(request),
            )
            self._revision.save(force_insert=True)
        return self._revision

    def note(
        self,
        model: type[models.Model],
        keys: Collection[Any],
        op: str = Change.Op.UPDATE,
        columns: Iterable[str] = (SOME_COLUMN,),
    ) -> None:
        """Note that these rows were created or changed, and in which columns if that is known."""
        if keys:
            self.rows.setdefault(model, NotedRows()).note(keys, op)
            self.written.setdefault(model, set()).update(columns)

    def find_created(self, model: type[models.Model]) -> Sequence[Any]:
        """List the keys of the rows of a model that were created so far."""
        return self.rows[model].find(Change.Op.CREATE) if model in self.rows else []

    def find_changed(self, model: type[models.Model], *columns: str) -> Sequence[Any]:
        """List the keys of the rows of a model that were there before and were changed so far.

        None where columns are named, and no row of the model was written in any of these.
        """
        if columns and self.written.get(model, set()).isdisjoint({SOME_COLUMN, *columns}):
            return []
        return self.rows[model].find(Change.Op.UPDATE) if model in self.rows else []

    def note_saved(self, row: Any, *, is_new: bool) -> None:
        """Note that this row was saved; what the unit's end changes of it will be told to it."""
        self.note(type(row), [row.pk], Change.Op.CREATE if is_new else Change.Op.UPDATE)
        self.tell_at_end(row)

    def tell_at_end(self, row: Any) -> None:
        """Have a row told what the unit's end works out of it, such as its version."""
        self.saved.setdefault(type(row), []).append(row)

    def note_deletion(self, row: models.Model) -> None:
        """Note that this row will be deleted. What was created in the same unit leaves no trace."""
        model = type(row)
        if model in self.rows and self.rows[model].forget(row.pk) == Change.Op.CREATE:
            return
        if has_history(model):
            write_history(model, [row.pk], Change.Op.DELETE, self.revision)
        self.changes += changes_of(model, {row.pk: Change.Op.DELETE}, self.revision)

    def postpone(self, model: type[models.Model], keys: Iterable[Any]) -> None:
        """Put off deriving these rows from what was written: once, at the end."""
        self.derived.setdefault(model, set()).update(keys)

    def derive(self) -> None:
        """Derive what was postponed; before the end only for those who must read it by then."""
        while self.derived:
            model, keys = self.derived.popitem()
            for chunk in chunks(keys):
                _derivations[model](model._default_manager.filter(pk__in=chunk))

    def record(self) -> None:
        """Derive, count versions, and write history and changes."""
        self.derive()
        for follow_up in _follow_ups:
            follow_up(self)
        for model, noted in self.rows.items():
            for op in (Change.Op.CREATE, Change.Op.UPDATE):
                for chunk in chunks(noted.find(op)):
                    self.record_chunk(model, chunk, op)
        # A row that also appears because its owner did is said to change once
        once = {(each.resource, each.row_key): each for each in reversed(self.changes)}
        Change.objects.bulk_create(reversed(once.values()), batch_size=1_000)
        if self._revision is not None:
            leave_marks(self.find_written_parks(once.values()))
            # Imports are large: the feed gets their changes bit by bit
            settle_after_commit(_request.get(), is_bounded=bool(self.batch))
        self.tell()
        if sum(map(len, self.rows.values())) > MANY_ROWS:
            plan_checks_once()

    def find_written_parks(self, changes: Iterable[Change]) -> set[int]:
        """Find the parks whose rows were written, with those out of which any was moved."""
        found = {park for each in changes for park in (each.park_id, each.was_in_park_id)}
        if any(noted.find(Change.Op.CREATE) for noted in self.rows.values()):
            found |= find_parks_of_creations(self.revision)
        return {park for park in found if park is not None}

    def tell(self) -> None:
        """Give the rows that were saved the values that were worked out at the end."""
        for model, rows in self.saved.items():
            for chunk in chunks({row.pk for row in rows if row.pk is not None}):
                values = read_worked_out(model, chunk)
                for row in rows:
                    for name, value in values.get(row.pk, {}).items():
                        setattr(row, name, value)

    def record_chunk(self, model: type[models.Model], keys: list[Any], op: str) -> None:
        revision = self.begin()
        if op == Change.Op.UPDATE and hasattr(model, "version"):
            count_versions(model, keys, revision.at)
        if has_history(model):
            write_history(model, keys, op, self.revision)
        if op == Change.Op.CREATE:
            announce_creations(model, keys, self.revision)
            return
        changes = changes_of(model, dict.fromkeys(keys, op), self.revision)
        self.changes += changes
        self.changes += [
            change
            for change in appearances(model, changes, self.revision)
            if not self.creates(change)
        ]

    def creates(self, change: Change) -> bool:
        """Tell whether the row of this change is new, and so has appeared already."""
        return any(
            noted.get(int(change.row_key)) == Change.Op.CREATE
            for model, noted in self.rows.items()
            if model._meta.label_lower == change.resource
        )


@contextmanager
def recorded(
    *, reason: str = "", batch: str = "", moment: datetime | None = None
) -> Iterator[Unit]:
    """Open a transaction whose writes are one revision; inside another one, a part of that.

    `reason` says why, `batch` names the import that they belong to; `moment` dates the revision
    where that is not left to the clock.
    """
    unit = _unit.get()
    if unit is not None:
        unit.reason, unit.batch = unit.reason or reason, unit.batch or batch
        yield unit
        return
    unit = Unit(reason, batch, moment=moment)
    with transaction.atomic():
        token = _unit.set(unit)
        try:
            yield unit
            unit.record()
        finally:
            _unit.reset(token)


def find_write_moment() -> datetime:
    """Return the moment of the unit that is open, or that one would have now."""
    unit = _unit.get()
    return find_next_moment() if unit is None else unit.find_moment()


class RecordingMiddleware:
    """Remembers the request that is answered, so that revisions can say who wrote.

    What it has written is settled once it is answered: nobody waits for that.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        token = _request.set(request)
        try:
            response = self.get_response(request)
        finally:
            _request.reset(token)
        if getattr(request, SETTLES, False):
            response._resource_closers.append(settle_some)  # type: ignore[attr-defined]
        return response


def read_reason(request: HttpRequest | None) -> str:
    """Read why, in the words of the client; at most 300 characters."""
    if request is None:
        return ""
    return clean_reason(unquote(request.headers.get(REASON_HEADER, "")))


def clean_reason(text: str) -> str:
    """Clean a reason: on one line, without control characters, at most 300 characters."""
    characters = (each if each.isprintable() else " " for each in text)
    return " ".join("".join(characters).split())[:MAX_REASON]


def has_history(model: type[models.Model]) -> bool:
    return hasattr(model._meta, "simple_history_manager_attribute")


def find_changed_columns(model: Any, one: Any, other: Any) -> list[str]:
    """Find the columns in which two versions differ; a date and its precision are one."""
    untold = OF_EVERY_VERSION | model.private
    columns = [f for f in model._meta.concrete_fields if not f.generated and f.name not in untold]
    differing = [
        f.name.removesuffix("_precision")
        for f in columns
        if _read_column(one, f) != _read_column(other, f)
    ]
    return list(dict.fromkeys(differing))


def _read_column(version: Any, column: Any) -> Any:
    """What a version says; one that is older than the column for it was open to everybody."""
    value = getattr(version, column.attname)
    return value or OPEN if column.name == PUBLICATION else value


def count_versions(model: Any, keys: list[Any], moment: datetime) -> None:
    """Count a new version of these rows where it is stored: a copy read before may be stale.

    No version is dated before the one that it follows, which another writer may have dated later.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    condition, wanted = among(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET version = version + 1, updated_at = {_date_next()} "  # noqa: S608
            f"WHERE id {condition}",
            [connection.ops.adapt_datetimefield_value(moment), *wanted],
        )


def _date_next() -> str:
    """Build the SQL of the date of a row's next version, with the moment as its parameter."""
    latest = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    return f"{latest}(updated_at, %s)"


@cache
def find_past(model: Any) -> Any:
    """Find the model of the versions of a model, whose descriptor makes a manager each time."""
    return model.history.model


def write_history(model: Any, keys: list[Any], op: str, revision: Revision) -> None:
    """Copy these rows into the history of their model, as they are stored now."""
    quote = connection.ops.quote_name
    past = find_past(model)
    columns = [f.column for f in model._meta.concrete_fields if not f.generated]
    own = ", ".join(map(quote, columns))
    taken = own
    if op == Change.Op.DELETE:  # the version that would have followed, at the time of deletion
        parts = {"version": f"{quote('version')} + 1", "updated_at": _date_next()}
        taken = ", ".join(parts.get(column, quote(column)) for column in columns)
    table, source = quote(past._meta.db_table), quote(model._meta.db_table)
    extra = "history_date, history_type, history_user_id, history_change_reason, revision_id"
    date = _date_next() if op == Change.Op.DELETE else quote("updated_at")
    condition, wanted = among(keys)
    moments = [revision.at] * (2 if op == Change.Op.DELETE else 0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({own}, {extra}) "  # noqa: S608 names of our own tables
            f"SELECT {taken}, {date}, %s, %s, %s, %s FROM {source} "
            f"WHERE id {condition} ORDER BY id",
            [
                *map(connection.ops.adapt_datetimefield_value, moments),
                op,
                revision.user_id,
                revision.reason or None,
                revision.pk,
                *wanted,
            ],
        )
        for relation in past._history_m2m_fields:
            cursor.execute(*_history_of_members(past, relation, revision, keys))


def _history_of_members(
    past: Any, relation: Any, revision: Revision, keys: list[Any]
) -> tuple[str, list[Any]]:
    """The statement that copies the rows of a many-to-many relation beside those versions."""
    quote = connection.ops.quote_name
    through = relation.remote_field.through
    members = getattr(past, relation.name).model
    columns = [f.column for f in through._meta.concrete_fields]
    own = ", ".join(map(quote, columns))
    taken = ", ".join(f"m.{quote(column)}" for column in columns)
    condition, wanted = among(keys)
    return (
        f"INSERT INTO {quote(members._meta.db_table)} ({own}, history_id) "  # noqa: S608
        f"SELECT {taken}, h.history_id FROM {quote(through._meta.db_table)} m "
        f"JOIN {quote(past._meta.db_table)} h ON h.id = m.{quote(relation.m2m_column_name())} "
        f"WHERE h.revision_id = %s AND h.id {condition} ORDER BY m.id",
        [revision.pk, *wanted],
    )
