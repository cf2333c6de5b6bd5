"""Build and store the changes of written rows for the feed, with who saw and sees each row."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Cast, Coalesce

from config.database.prepared import Given, GivenKeys, prepare
from parks.recording.records import Change, Revision

_CHUNK = 5_000  # rows in one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535

NEVER = Q(pk__in=[])  # of rows that only the roles of their park see


@dataclass(frozen=True)
class Audience:
    """Who sees the rows of a model.

    `park` is the path to the key of the park whose members see them; `public` selects the rows
    that everybody sees (None: all); `owner` is the path to the code of the row they belong to;
    `under` are the foreign keys to the rows with which they appear and disappear. If `is_shared`,
    editors of shared rows see all of them; if `is_from_above`, districts add them.
    """

    park: str = ""
    public: Q | None = None
    owner: str = ""
    under: tuple[str, ...] = ()
    is_shared: bool = False
    is_from_above: bool = False

    @property
    def is_of_roles(self) -> bool:
        """Whether only roles of their park ever see the rows."""
        return self.public == NEVER


def chunks(keys: Collection[Any]) -> Iterator[list[Any]]:
    """Split the keys, in order, into what one statement takes."""
    # In order, so that two bulk edits cannot deadlock
    ordered = keys if isinstance(keys, range) else sorted(keys)
    for start in range(0, len(ordered), _CHUNK):
        yield [*ordered[start : start + _CHUNK]]


def lock_rows(model: Any, keys: Collection[Any]) -> dict[Any, int]:
    """Lock rows, in the order of their keys, and return their versions; deleted rows are left out.

    Lock a row before comparing its version: no other edit can come between.
    """
    found: dict[Any, int] = {}
    for chunk in chunks(keys):
        rows = model._default_manager.filter(pk__in=chunk).order_by("pk")
        found |= dict(rows.select_for_update(no_key=True).values_list("pk", "version"))
    return found


def is_public(audience: Audience) -> Any:
    """Build an expression for whether everybody sees a row."""
    if audience.public is None:
        return Value(True, output_field=models.BooleanField())
    return flag(audience.public)


def flag(condition: Q) -> Case:
    """Build a boolean expression of a condition; false instead of null."""
    yes, no = Value(True), Value(False)
    return Case(When(condition, then=yes), default=no, output_field=models.BooleanField())


class StoredChange(NamedTuple):
    """A change that was stored: its key, its row, and who saw the row before and sees it now."""

    key: int
    row_key: str
    was_public: bool
    was_in_park: int | None
    is_public: bool
    park: int | None

    @property
    def is_moved(self) -> bool:
        """Whether other people see the row than before."""
        return (self.was_public, self.was_in_park) != (self.is_public, self.park)


def announce(model: Any, keys: list[Any], op: str, revision: Revision) -> list[StoredChange]:
    """Store the changes of rows that were created or changed, as they are stored now."""
    sql, params = _write_changes(model, keys, op, revision)
    table = connection.ops.quote_name(Change._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(_COLUMNS)}) {sql} "
            "RETURNING id, row_key, was_public, was_in_park_id, is_public, park_id",
            params,
        )
        return [StoredChange(*row) for row in cursor.fetchall()]


def build_deletions(model: Any, keys: list[Any], revision: Revision) -> list[Change]:
    """Build the changes of rows that are about to be deleted."""
    with connection.cursor() as cursor:
        cursor.execute(*_write_changes(model, keys, Change.Op.DELETE, revision))
        return [Change(**dict(zip(_COLUMNS, row, strict=True))) for row in cursor.fetchall()]


_COLUMNS = (
    *("revision_id", "resource", "row_key", "op", "code", "owner", "successor"),
    *("was_public", "was_in_park_id", "version", "is_public", "park_id"),
)
_WAS = (
    "CASE WHEN l.id IS NULL THEN t.row_public ELSE l.is_public END, "
    "CASE WHEN l.id IS NULL THEN t.row_park ELSE l.park_id END"
)


def _write_changes(
    model: Any, keys: list[Any], op: str, revision: Revision
) -> tuple[str, list[Any]]:
    # Who saw a row before is read from its last change
    rows, params = prepare(_select_changes, model).write(
        revision=revision.pk, op=str(op), keys=keys
    )
    was, now, join = "FALSE, NULL", "t.row_version, t.row_public, t.row_park", ""
    if op == Change.Op.DELETE:
        now = "t.row_version + 1, FALSE, NULL"
    if op != Change.Op.CREATE:
        table, was = connection.ops.quote_name(Change._meta.db_table), _WAS
        join = (
            f" LEFT JOIN {table} l ON l.id = (SELECT MAX(id) FROM {table} "  # noqa: S608 own name
            "WHERE resource = t.row_resource AND row_key = t.row_text)"
        )
    return (
        "SELECT t.row_revision, t.row_resource, t.row_text, t.row_op, t.row_code, "  # noqa: S608
        f"t.row_owner, '', {was}, {now} FROM ({rows}) t{join} ORDER BY t.row_key",
        params,
    )


def _select_changes(model: Any) -> models.QuerySet[Any]:
    audience: Audience = model.audience
    names = {f.name for f in model._meta.concrete_fields}
    text, number = models.TextField(), models.BigIntegerField()
    nothing = Cast(Value(None), number)
    columns = {
        "row_key": F("pk"),
        "row_revision": Given("revision", number),
        "row_resource": Value(model._meta.label_lower, output_field=text),
        "row_text": Cast("pk", text),
        "row_op": Given("op", text),
        "row_code": F("code") if "code" in names else Cast("pk", text),
        "row_owner": Coalesce(F(audience.owner), Value("")) if audience.owner else Value(""),
        "row_version": F("version") if "version" in names else nothing,
        "row_public": is_public(audience),
        "row_park": F(audience.park) if audience.park else nothing,
    }
    rows = models.QuerySet(model).filter(pk__among=GivenKeys()).annotate(**columns)
    return rows.order_by().values_list(*columns)


def find_below(model: Any, keys: Collection[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Find the rows that appear and disappear with these: pairs of a model and some keys."""
    for relation in model._meta.related_objects if keys else ():
        other: Any = relation.related_model
        if relation.field.name in getattr(other, "audience", Audience()).under:
            rows: Any = models.QuerySet(other).filter(**{f"{relation.field.name}__in": keys})
            yield from ((other, chunk) for chunk in chunks([*rows.values_list("pk", flat=True)]))


def read_by_keys(build: Callable[[Any], models.QuerySet[Any]], model: Any, keys: list[Any]) -> Any:
    """Read the rows of the query that `build` makes for a model, by key and in the order of keys.

    The query is compiled once: that takes longer than running it.
    """
    return prepare(select_by_keys, build, model).fetch(keys=keys)


def select_by_keys(build: Callable[[Any], models.QuerySet[Any]], model: Any) -> Any:
    """Select the rows of the query that `build` makes for a model, by the keys given later."""
    return build(model).filter(pk__among=GivenKeys()).order_by("pk")
