"""Recording: what is written together is one revision, with one version of each row it touched.

Whoever writes opens `recorded()`; a `save` outside of one opens its own. At its end, still in the
transaction, what derives from other rows is derived, every changed row gets its new version, and
history and changes are written set by set, however many rows there are.
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any
from urllib.parse import unquote

from django.db import connection, models, transaction
from django.http import HttpRequest, HttpResponseBase

from api.load import plan_checks_once
from api.requests import get_request_id
from config.database import history
from config.database.history import OPEN, PUBLICATION, read_stored_time
from config.database.prepared import among, write_greatest
from parks.access import role_of
from parks.recording.change_rows import (
    StoredChange,
    announce,
    build_deletions,
    chunks,
    find_below,
    read_worked_out,
)
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
_follow_ups: "list[tuple[Callable[[Unit], None], ColumnNames]]" = []
_unit: ContextVar["Unit | None"] = ContextVar("unit", default=None)
_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)


def register_derivation(model: type[models.Model], derive: Derivation) -> None:
    """Register the rule that stores what rows of a model derive from others; it records them."""
    _derivations[model] = derive


def register_follow_up(follow_up: "Callable[[Unit], None]", columns: ColumnNames) -> None:
    """Register what follows from new rows of some models, and from writes to these columns."""
    _follow_ups.append((follow_up, columns))


class NotedRows(Mapping[Any, str]):
    """What happened to each row, by its key; the first that was noted of it holds.

    Of rows that were created at once, a hundred thousand maybe, only the ends are kept.
    """

    def __init__(self) -> None:
        self._ops: dict[Any, str] = {}
        self._created: list[range] = []

    def note(self, keys: Iterable[Any], op: str) -> None:
        """Note that rows were created or changed; a range is of new rows that nobody noted yet."""
        if isinstance(keys, range) and op == Change.Op.CREATE:
            if self._created and self._created[-1].stop == keys.start:
                keys = range(self._created.pop().start, keys.stop)
            self._created.append(keys)
            return
        for key in keys:
            if not self._created or self._find_range(key) is None:
                self._ops.setdefault(key, op)

    def forget(self, key: Any) -> str | None:
        """Forget a row; tells what was noted of it."""
        place = self._find_range(key)
        if place is None:
            return self._ops.pop(key, None)
        found = self._created[place]
        self._created[place : place + 1] = [range(found.start, key), range(key + 1, found.stop)]
        return Change.Op.CREATE

    def find(self, op: str) -> Sequence[Any]:
        """List the keys of the rows of which this was noted; as a range if they are one."""
        created = self._created if op == Change.Op.CREATE else []
        keys = [key for key, noted in self._ops.items() if noted == op]
        return created[0] if len(created) == 1 and not keys else [*chain(*created), *keys]

    def _find_range(self, key: Any) -> int | None:
        return next((n for n, keys in enumerate(self._created) if key in keys), None)

    def __getitem__(self, key: Any) -> str:
        return self._ops[key] if self._find_range(key) is None else Change.Op.CREATE

    def __iter__(self) -> Iterator[Any]:
        for keys in self._created:
            yield from keys
        yield from self._ops

    def __len__(self) -> int:
        return len(self._ops) + sum(map(len, self._created))


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
    deletions: list[Change] = field(default_factory=list)
    saved: dict[Any, list[Any]] = field(default_factory=dict)
    moment: datetime | None = None  # that of the revision, if not left to the clock
    _revision: Revision | None = None

    @property
    def revision(self) -> Revision:
        """Who writes, when and why: stored when it is first needed."""
        if self._revision is None:
            request = _request.get()
            user = getattr(request, "user", None)
            token = getattr(request, "auth", None)
            self._revision = Revision(
                user_id=user.pk if user else None,
                role=role_of(user),
                token=getattr(token, "name", "") or "",
                request_id=get_request_id(),
                batch=self.batch,
                reason=self.reason or read_reason(request),
            )
            insert_revision(self._revision, self.moment)
        return self._revision

    def find_revision(self) -> Revision | None:
        """Find the revision, if anything was recorded in it by now."""
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
        if columns and not self.has_written(model, columns):
            return []
        return self.rows[model].find(Change.Op.UPDATE) if model in self.rows else []

    def has_written(self, model: type[models.Model], columns: Collection[str]) -> bool:
        """Tell whether a row of the model was created, or any of these columns was written."""
        return not self.written.get(model, set()).isdisjoint({SOME_COLUMN, *columns})

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
        self.deletions += build_deletions(model, [row.pk], self.revision)

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
        """End the revision: the steps that follow every write, in order."""
        self.derive()
        self.follow_up()
        for model in self.rows:
            self.write_versions(model)
        self.write_feed()  # when all rows are locked: of two writers the later one's changes follow
        self.tell()
        if sum(map(len, self.rows.values())) > MANY_ROWS:
            plan_checks_once()

    def follow_up(self) -> None:
        """Write what follows in other rows, where the columns it depends on were written."""
        for follow_up, columns in _follow_ups:
            if any(self.has_written(model, names) for model, names in columns.items()):
                follow_up(self)

    def write_feed(self) -> None:
        """Store the changes of all rows, and leave the marks of the parks that they are of."""
        parks: set[int | None] = set()
        first, last = 0, 0
        for change in self.announce_all():
            parks.update((change.park, change.was_in_park))
            first, last = first or change.key, change.key
        if self._revision is not None:
            leave_marks(park for park in parks if park is not None)
            if settles_now(first, last):
                # Imports are large: the feed gets their changes bit by bit
                settle_after_commit(_request.get(), is_bounded=bool(self.batch))

    def write_versions(self, model: Any) -> None:
        """Count the versions of the rows of a model, and write them into its history."""
        for op in (Change.Op.CREATE, Change.Op.UPDATE):
            for keys in chunks(self.rows[model].find(op)):
                if op == Change.Op.UPDATE and hasattr(model, "version"):
                    count_versions(model, keys, self.revision.at)
                if has_history(model):
                    write_history(model, keys, op, self.revision)

    def announce_all(self) -> Iterator[StoredChange]:
        """Store the changes of all rows: new ones, deleted ones, changed ones, appearing ones."""
        for model in self.rows:
            for keys in chunks(self.find_created(model)):
                yield from announce(model, keys, Change.Op.CREATE, self.revision)
        for each in Change.objects.bulk_create(self.deletions, batch_size=1_000):
            was = each.was_public, each.was_in_park_id
            yield StoredChange(each.pk, each.row_key, *was, is_public=False, park=None)
        appeared: set[tuple[Any, Any]] = set()
        for model in self.rows:
            for keys in chunks(self.find_changed(model)):
                yield from self.announce_changed(model, keys, appeared)

    def announce_changed(
        self, model: Any, keys: list[Any], appeared: set[tuple[Any, Any]]
    ) -> Iterator[StoredChange]:
        """Store the changes of changed rows, and of the rows that appear or disappear with them.

        A row that also appears because its owner did changes once.
        """
        told = announce(model, keys, Change.Op.UPDATE, self.revision)
        yield from told
        for other, found in find_below(
            model, [int(each.row_key) for each in told if each.is_moved]
        ):
            noted: Mapping[Any, str] = self.rows.get(other, {})
            below = [key for key in found if key not in noted and (other, key) not in appeared]
            appeared.update((other, key) for key in below)
            if below:
                yield from self.announce_changed(other, below, appeared)

    def tell(self) -> None:
        """Give the rows that were saved the values that were worked out at the end."""
        for model, rows in self.saved.items():
            for chunk in chunks({row.pk for row in rows if row.pk is not None}):
                values = read_worked_out(model, chunk)
                for row in rows:
                    for name, value in values.get(row.pk, {}).items():
                        setattr(row, name, value)


def settles_now(first: int, last: int) -> bool:
    """Tell whether changes, from the first key to the last, are settled once they are stored.

    SQLite has one writer at a time: there it is left to the reader, or done once in MANY_CHANGES.
    """
    if connection.features.has_select_for_update:
        return bool(last)
    return last > 0 and (first - 1) // MANY_CHANGES < last // MANY_CHANGES


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
    """Return the moment of the unit that is open; outside of one, what the clock says."""
    unit = _unit.get()
    return history.read_clock() if unit is None else unit.revision.at


def insert_revision(revision: Any, moment: datetime | None) -> None:
    """Insert a revision of a moment, or else of now, but never before the newest revision.

    Writers that are a little apart, such as a database and its successor, keep their order.
    Raise `ClockBehindError` where the clock is further behind the newest revision.
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
            close = response.close

            def settle_and_close() -> None:
                try:
                    settle_some()
                finally:
                    close()

            response.close = settle_and_close  # type: ignore[method-assign]
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
            f"UPDATE {table} SET version = version + 1, updated_at = {take_later('updated_at')} "  # noqa: S608
            f"WHERE id {condition}",
            [connection.ops.adapt_datetimefield_value(moment), *wanted],
        )


def take_later(time: str) -> str:
    """Build the SQL of the later one of a time and the one that is given as its parameter.

    It is null where that time is null on SQLite.
    """
    return write_greatest(time, "%s")


def write_history(model: Any, keys: list[Any], op: str, revision: Revision) -> None:
    """Copy these rows into the history of their model, as they are stored now."""
    quote = connection.ops.quote_name
    past = model.history.model
    columns = [f.column for f in model._meta.concrete_fields if not f.generated]
    own = ", ".join(map(quote, columns))
    taken = own
    if op == Change.Op.DELETE:  # the version that would have followed, at the time of deletion
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


# --- Marks ---------------------------------------------------------------------------------------


def leave_marks(parks: Iterable[int] = ()) -> None:
    """Leave the marks of this transaction: on the ledger, and on each park of which it wrote."""
    wanted = sorted(parks)
    for start in range(0, len(wanted) or 1, _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        _leave_some([None, *some] if start == 0 else some)


def _leave_some(parks: Sequence[int | None]) -> None:
    """Leave marks on other rows than those that write at the same time.

    So nobody waits: of the rows of each park a free one is taken; where there is none, one is
    added.
    """
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


def read_ledger_version() -> str:
    """Read the version of the ledger, as far as the transaction sees it that asks."""
    table = connection.ops.quote_name(WriteMark._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT number FROM {table} WHERE park_id IS NULL ORDER BY id"  # noqa: S608
        )
        return ".".join(str(number) for (number,) in cursor.fetchall())
