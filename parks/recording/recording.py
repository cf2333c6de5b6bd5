"""Record writes: each transaction is one revision, with one new version of each row it touched.

Writers open `recorded()`; a `save` outside of one opens its own. At its end, still in the
transaction, rows that derive from others are derived, every changed row gets its new version, and
history and changes are written in bulk.
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponseBase

from api.requests import get_request_id
from config.database import history
from config.database.history import OPEN, PUBLICATION, read_stored_time
from config.database.prepared import among, prepare, write_greatest
from config.database.time_limits import plan_checks_once, renew_statistics
from parks.access import role_of
from parks.recording import change_rows
from parks.recording.records import Change, Revision, WriteMark
from parks.recording.seals import SETTLES, settle_after_commit, settle_some

REASON_HEADER = "Change-Reason"  # percent-encoded UTF-8, as in a URL
MAX_REASON = 300
# ColumnNames that change with every version
OF_EVERY_VERSION = {"version", "created_at", "updated_at"}
MANY_ROWS = 100
SOME_COLUMN = "*"  # of columns: some that nobody named
MANY_CHANGES = 500  # whoever stores the last of so many on SQLite settles them
_BITS = 62  # of a BigInteger, without its sign
_AT_ONCE = 100  # parks of which one statement leaves the marks

Derivation = Callable[[models.QuerySet[Any]], None]
_derivations: dict[type[models.Model], Derivation] = {}
ColumnNames = Mapping[type[models.Model], Collection[str]]  # names, by model
_follow_ups: "list[tuple[Callable[[RevisionWriter], None], ColumnNames]]" = []
_open_writer: ContextVar["RevisionWriter | None"] = ContextVar("writer", default=None)
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def register_derivation(model: type[models.Model], derive: Derivation) -> None:
    """Register the rule that stores what rows of a model derive from others; it records them."""
    _derivations[model] = derive


def register_follow_up(follow_up: "Callable[[RevisionWriter], None]", columns: ColumnNames) -> None:
    """Register what follows from new rows of some models, and from writes to these columns."""
    _follow_ups.append((follow_up, columns))


@dataclass
class RevisionWriter:
    """The writes of one transaction, and how they are recorded at its end."""

    reason: str = ""
    batch: str = ""
    # Whether publishing a row publishes the drafts it refers to; None where nobody can confirm it
    publishes_needed: bool | None = None
    # The operation on each row, by key; the first one noted counts
    rows: dict[type[models.Model], dict[Any, str]] = field(default_factory=dict)
    written: dict[type[models.Model], set[str]] = field(default_factory=dict)  # columns
    derived: dict[type[models.Model], set[Any]] = field(default_factory=dict)
    deletions: list[Change] = field(default_factory=list)
    saved: dict[Any, list[Any]] = field(default_factory=dict)
    moment: datetime | None = None  # that of the revision, if not left to the clock
    stored_revision: Revision | None = None  # None until something is recorded

    @property
    def revision(self) -> Revision:
        """Who writes, when and why; stored when first needed."""
        if self.stored_revision is None:
            request = _request.get()
            user = getattr(request, "user", None)
            token = getattr(request, "auth", None)
            self.stored_revision = Revision(
                user_id=user.pk if user else None,
                role=role_of(user),
                token=getattr(token, "name", "") or "",
                request_id=get_request_id(),
                batch=self.batch,
                reason=self.reason or read_reason(request),
            )
            insert_revision(self.stored_revision, self.moment)
        return self.stored_revision

    def note(
        self,
        model: type[models.Model],
        keys: Collection[Any],
        op: str = Change.Op.UPDATE,
        columns: Iterable[str] = (SOME_COLUMN,),
    ) -> None:
        """Note that these rows were created or changed, and in which columns if known."""
        if keys:
            noted = self.rows.setdefault(model, {})
            for key in keys:
                noted.setdefault(key, op)
            self.written.setdefault(model, set()).update(columns)

    def find(self, model: type[models.Model], op: str) -> list[Any]:
        """List the keys of the rows of a model with this operation."""
        return [key for key, noted in self.rows.get(model, {}).items() if noted == op]

    def find_created(self, model: type[models.Model]) -> list[Any]:
        """List the keys of the rows of a model that were created so far."""
        return self.find(model, Change.Op.CREATE)

    def find_changed(self, model: type[models.Model], *columns: str) -> list[Any]:
        """List the keys of the existing rows of a model that were changed so far.

        Empty if columns are named and none of them was written in any row of the model.
        """
        if columns and not self.has_written(model, columns):
            return []
        return self.find(model, Change.Op.UPDATE)

    def has_written(self, model: type[models.Model], columns: Collection[str]) -> bool:
        """Return whether a row of the model was created, or one of these columns was written."""
        return not self.written.get(model, set()).isdisjoint({SOME_COLUMN, *columns})

    def refresh_at_end(self, row: Any) -> None:
        """Set on this object, at the end, the computed columns of its row, such as the version."""
        self.saved.setdefault(type(row), []).append(row)

    def note_deletion(self, row: models.Model) -> None:
        """Note that this row will be deleted; one created in this transaction leaves no trace."""
        model = type(row)
        if self.rows.setdefault(model, {}).pop(row.pk, None) == Change.Op.CREATE:
            return
        if has_history(model):
            write_history(model, [row.pk], Change.Op.DELETE, self.revision)
        self.deletions += change_rows.build_deletions(model, [row.pk], self.revision)

    def postpone(self, model: type[models.Model], keys: Iterable[Any]) -> None:
        """Derive these rows once, at the end."""
        self.derived.setdefault(model, set()).update(keys)

    def derive(self) -> None:
        """Derive the postponed rows; before the end only where a caller must read the result."""
        while self.derived:
            model, keys = self.derived.popitem()
            for chunk in change_rows.chunks(keys):
                _derivations[model](model._default_manager.filter(pk__in=chunk))

    def record(self) -> None:
        """End the revision: the steps that follow every write, in order."""
        if self.is_large():
            renew_statistics()
        self.derive()
        self.follow_up()
        for model in self.rows:
            for op in (Change.Op.CREATE, Change.Op.UPDATE):
                self.write_versions(model, op)
        self.write_feed()  # once all rows are locked, so that changes follow the order of writers
        self.refresh_saved()
        if self.is_large():
            plan_checks_once()

    def is_large(self) -> bool:
        return sum(map(len, self.rows.values())) > MANY_ROWS

    def follow_up(self) -> None:
        """Run the follow-ups whose columns were written."""
        for follow_up, columns in _follow_ups:
            if any(self.has_written(model, names) for model, names in columns.items()):
                follow_up(self)

    def write_feed(self) -> None:
        """Store the changes of all rows, and mark their parks as written."""
        parks: set[int | None] = set()
        first, last = 0, 0
        for change in self.announce_all():
            parks.update((change.park, change.was_in_park))
            first, last = first or change.key, change.key
        if is_writing_terms():
            parks.add(OF_TERMS)
        if self.stored_revision is not None:
            leave_marks(park for park in parks if park is not None)
            if settles_now(first, last):
                # Imports are large: their changes reach the feed in batches
                settle_after_commit(_request.get(), is_bounded=bool(self.batch))

    def write_versions(self, model: Any, op: str) -> None:
        """Increment the versions of changed rows of a model, and write them into its history."""
        for keys in change_rows.chunks(self.find(model, op)):
            if op == Change.Op.UPDATE and hasattr(model, "version"):
                count_versions(model, keys, self.revision.at)
            if has_history(model):
                write_history(model, keys, op, self.revision)

    def announce_all(self) -> Iterator[change_rows.StoredChange]:
        """Store the changes of all rows: new ones, deleted ones, changed ones, appearing ones."""
        for model in self.rows:
            for keys in change_rows.chunks(self.find_created(model)):
                yield from change_rows.announce(model, keys, Change.Op.CREATE, self.revision)
        for each in Change.objects.bulk_create(self.deletions, batch_size=1_000):
            was = each.was_public, each.was_in_park_id
            yield change_rows.StoredChange(each.pk, each.row_key, *was, is_public=False, park=None)
        appeared: set[tuple[Any, Any]] = set()
        for model in self.rows:
            for keys in change_rows.chunks(self.find_changed(model)):
                yield from self.announce_changed(model, keys, appeared)

    def announce_changed(
        self, model: Any, keys: list[Any], appeared: set[tuple[Any, Any]]
    ) -> Iterator[change_rows.StoredChange]:
        """Store the changes of changed rows, and of the rows that appear or disappear with them.

        `appeared` collects the latter, so that each gets one change.
        """
        stored = change_rows.announce(model, keys, Change.Op.UPDATE, self.revision)
        yield from stored
        moved = [int(each.row_key) for each in stored if each.is_moved]
        for other, found in change_rows.find_below(model, moved):
            noted: Mapping[Any, str] = self.rows.get(other, {})
            below = [key for key in found if key not in noted and (other, key) not in appeared]
            appeared.update((other, key) for key in below)
            if below:
                yield from self.announce_changed(other, below, appeared)

    def refresh_saved(self) -> None:
        """Set the columns that were computed at the end on the objects that were saved."""
        for model, rows in self.saved.items():
            for chunk in change_rows.chunks({row.pk for row in rows if row.pk is not None}):
                stored = prepare(change_rows.select_by_keys, _select_computed, model).fetch_values(
                    keys=chunk
                )
                values = {
                    key: dict(zip(model.computed_columns, row, strict=True)) for key, *row in stored
                }
                for row in rows:
                    for name, value in values.get(row.pk, {}).items():
                        setattr(row, name, value)


def _select_computed(model: Any) -> models.QuerySet[Any]:
    return models.QuerySet(model).values_list("pk", *model.computed_columns)


def settles_now(first: int, last: int) -> bool:
    """Return whether changes, from the first key to the last, are settled after this commit.

    SQLite has one writer at a time: there readers settle, and writers once in MANY_CHANGES.
    """
    if connection.features.has_select_for_update:
        return bool(last)
    return last > 0 and (first - 1) // MANY_CHANGES < last // MANY_CHANGES


@contextmanager
def recorded(
    *, reason: str = "", batch: str = "", moment: datetime | None = None
) -> Iterator[RevisionWriter]:
    """Open a transaction whose writes are one revision, or join the one that is open.

    `batch` is the code of the import; `moment` dates the revision instead of the clock.
    """
    writer = _open_writer.get()
    if writer is not None:
        writer.reason, writer.batch = writer.reason or reason, writer.batch or batch
        yield writer
        return
    writer = RevisionWriter(reason, batch, moment=moment)
    with transaction.atomic():
        token = _open_writer.set(writer)
        try:
            yield writer
            writer.record()
        finally:
            _open_writer.reset(token)


def find_write_moment() -> datetime:
    """Return the moment of the open revision, or else of the clock."""
    writer = _open_writer.get()
    return history.read_clock() if writer is None else writer.revision.at


def is_writing_terms() -> bool:
    """Return whether the open revision wrote rows of vocabularies, which it may take back."""
    writer = _open_writer.get()
    return writer is not None and not all(map(has_history, writer.rows))


def find_stated_reason() -> str:
    """Return what the open revision does, such as restoring a version; blank for usual writes."""
    writer = _open_writer.get()
    return writer.reason if writer else ""


def insert_revision(revision: Any, moment: datetime | None) -> None:
    """Insert a revision dated `moment`, or else now, but never before the newest revision.

    So writers whose clocks differ a little, such as a database and its successor, keep their order.
    Raise `ClockBehindError` if the clock is further behind.
    """
    quote = connection.ops.quote_name
    table = quote(Revision._meta.db_table)
    now = revision.at = moment or history.read_clock()
    at, *others = [each for each in Revision._meta.concrete_fields if not each.primary_key]
    values = [
        each.get_db_prep_save(getattr(revision, each.attname), connection)
        for each in (at, at, *others)
    ]
    newest = f"(SELECT at FROM {table} ORDER BY id DESC LIMIT 1)"  # noqa: S608 our own name
    written = "COALESCE(%s, %s)" if moment else f"COALESCE({take_later(newest)}, %s)"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(quote(str(each.column)) for each in (at, *others))}) "  # noqa: S608
            f"VALUES ({', '.join([written, *['%s'] * len(others)])}) RETURNING id, at",
            values,
        )
        revision.pk, stored = cursor.fetchone()
    revision._state.adding = False
    revision.at = read_stored_time(stored)
    if not moment and revision.at - now > history.MOST_BEHIND:
        raise history.ClockBehindError(revision.at - now)


class RecordingMiddleware:
    """Keeps the current request, so that revisions can say who wrote.

    Its changes are settled after the response, so that the client does not wait for that.
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
            close = response.close

            def settle_and_close() -> None:
                try:
                    settle_some()
                finally:
                    close()

            response.close = settle_and_close  # type: ignore[method-assign]
        return response


def read_reason(request: HttpRequest | None) -> str:
    if request is None:
        return ""
    return clean_reason(unquote(request.headers.get(REASON_HEADER, "")))


def clean_reason(text: str) -> str:
    """Clean a reason: one line, no control characters, at most 300 characters."""
    characters = (each if each.isprintable() else " " for each in text)
    return " ".join("".join(characters).split())[:MAX_REASON]


def join_reason(text: str, reason: str) -> str:
    """Build the reason of a revision: what was done and, if given, why."""
    return clean_reason(f"{text}: {reason}" if reason else text)


def has_history(model: type[models.Model]) -> bool:
    return hasattr(model._meta, "simple_history_manager_attribute")


def find_changed_columns(model: Any, one: Any, other: Any) -> list[str]:
    """Find the columns in which two versions differ; a date and its precision are one."""

    def read(version: Any, column: Any) -> Any:
        value = getattr(version, column.attname)
        return value or OPEN if column.name == PUBLICATION else value  # blank before the column

    left_out = OF_EVERY_VERSION | model.private
    columns = [f for f in model._meta.concrete_fields if not f.generated and f.name not in left_out]
    differing = [f.name for f in columns if read(one, f) != read(other, f)]
    return list(dict.fromkeys(name.removesuffix("_precision") for name in differing))


def count_versions(model: Any, keys: list[Any], moment: datetime) -> None:
    """Increment the versions of these rows in the database: copies in memory may be stale.

    No version is dated before the previous one, which another writer may have dated later.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    condition, wanted = among(keys)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET version = version + 1, updated_at = {take_later('updated_at')} "  # noqa: S608
            f"WHERE id {condition}",
            [connection.ops.adapt_datetimefield_value(moment), *wanted],
        )


def take_later(time: str) -> str:
    """Build the SQL of the later of a time and its parameter; on SQLite null if one is."""
    return write_greatest(time, "%s")


def write_history(model: Any, keys: list[Any], op: str, revision: Revision) -> None:
    """Copy these rows, as stored, into the history of their model."""
    quote = connection.ops.quote_name
    past = model.history.model
    columns = [f.column for f in model._meta.concrete_fields if not f.generated]
    own = ", ".join(map(quote, columns))
    taken = own
    if op == Change.Op.DELETE:  # the next version, at the time of deletion
        parts = {"version": f"{quote('version')} + 1", "updated_at": take_later("updated_at")}
        taken = ", ".join(parts.get(column, quote(column)) for column in columns)
    table, source = quote(past._meta.db_table), quote(model._meta.db_table)
    extra = "history_date, history_type, history_user_id, history_change_reason, revision_id"
    date = take_later("updated_at") if op == Change.Op.DELETE else quote("updated_at")
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


OF_TERMS = 0  # the park whose marks are those of terms, which have no history


def leave_marks(parks: Iterable[int] = ()) -> None:
    """Mark the ledger, and each of these parks, as written by this transaction."""
    wanted = sorted(parks)
    for start in range(0, len(wanted) or 1, _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        _leave_some([None, *some] if start == 0 else some)


def _leave_some(parks: Sequence[int | None]) -> None:
    # Takes an unlocked row of each park, or adds one: concurrent writers do not wait
    table = connection.ops.quote_name(WriteMark._meta.db_table)
    can_skip = connection.features.has_select_for_update_skip_locked
    free = "FOR UPDATE SKIP LOCKED" if can_skip else ""
    number = secrets.randbits(_BITS)
    rows = ", ".join(
        f"(SELECT id FROM {table} WHERE park_id {'IS NULL' if park is None else '= %s'} "  # noqa: S608
        f"ORDER BY id LIMIT 1 {free})"  # names of our own table
        for park in parks
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET number = %s WHERE id IN ({rows}) RETURNING park_id",  # noqa: S608
            [number, *(park for park in parks if park is not None)],
        )
        left = {park for (park,) in cursor.fetchall()}
    fresh = [WriteMark(number=number, park_id=park) for park in parks if park not in left]
    if fresh:
        WriteMark.objects.bulk_create(fresh)


@lru_cache(maxsize=16)
def read_terms_version(ledger_version: str) -> str:
    """Read the version of regions, sectors and other terms at a version of the ledger."""
    marks = WriteMark.objects.filter(park_id=OF_TERMS).order_by("pk")
    return ".".join(map(str, marks.values_list("number", flat=True)))


def read_ledger_version() -> str:
    """Read the version of the ledger that this transaction sees."""
    table = connection.ops.quote_name(WriteMark._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT number FROM {table} WHERE park_id IS NULL ORDER BY id"  # noqa: S608
        )
        return ".".join(str(number) for (number,) in cursor.fetchall())
