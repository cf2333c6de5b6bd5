"""What the changes feed will say of rows that were written: to whom they appear and disappear."""

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
    """Who sees the rows of a model, and below whose URL they stand.

    `park` is the path to the key of the park whose members see them; `public` says which of them
    everybody sees (all of them, if None); `owner` is the path to the code of the row that they
    belong to; `under` are the foreign keys to the rows with which they appear and disappear. If
    it `is_shared`, those who edit what all parks share see all of its rows.
    """

    park: str = ""
    public: Q | None = None
    owner: str = ""
    under: tuple[str, ...] = ()
    is_shared: bool = False

    @property
    def is_of_roles(self) -> bool:
        """Whether nobody ever sees the rows but the roles of their park."""
        return self.public == NEVER


def chunks(keys: Collection[Any]) -> Iterator[list[Any]]:
    """Split the keys in order, so many at a time as one statement takes."""
    # Locks are taken in one order: two bulk edits do not wait in a circle
    ordered = keys if isinstance(keys, range) else sorted(keys)
    for start in range(0, len(ordered), _CHUNK):
        yield [*ordered[start : start + _CHUNK]]


def lock_rows(model: Any, keys: Collection[Any]) -> dict[Any, int]:
    """Lock rows until the transaction ends, in the order of their keys; return their versions.

    Whoever compares a version before a write locks the row first: an edit that was acknowledged in
    the meantime is seen, and none can follow. Rows that were deleted are left out.
    """
    found: dict[Any, int] = {}
    for chunk in chunks(keys):
        rows = model._default_manager.filter(pk__in=chunk).order_by("pk")
        found |= dict(rows.select_for_update(no_key=True).values_list("pk", "version"))
    return found


def is_public(audience: Audience) -> Any:
    """Build an expression that says whether everybody sees a row."""
    if audience.public is None:
        return Value(True, output_field=models.BooleanField())
    return Case(
        When(audience.public, then=Value(True)),
        default=Value(False),
        output_field=models.BooleanField(),
    )


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
    """Store the changes of rows that were created or changed, as the rows are stored now."""
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
    "CASE WHEN l.id IS NULL THEN t.told_public ELSE l.is_public END, "
    "CASE WHEN l.id IS NULL THEN t.told_park ELSE l.park_id END"
)


def _write_changes(
    model: Any, keys: list[Any], op: str, revision: Revision
) -> tuple[str, list[Any]]:
    """Write the SELECT of the changes of rows: who saw a row before, its last change says."""
    rows, params = prepare(_select_told, model).write(revision=revision.pk, op=str(op), keys=keys)
    was, now, join = "FALSE, NULL", "t.told_version, t.told_public, t.told_park", ""
    if op == Change.Op.DELETE:
        now = "t.told_version + 1, FALSE, NULL"
    if op != Change.Op.CREATE:
        table, was = connection.ops.quote_name(Change._meta.db_table), _WAS
        join = (
            f" LEFT JOIN {table} l ON l.id = (SELECT MAX(id) FROM {table} "  # noqa: S608 own name
            "WHERE resource = t.told_resource AND row_key = t.told_row)"
        )
    return (
        "SELECT t.told_revision, t.told_resource, t.told_row, t.told_op, t.told_code, "  # noqa: S608
        f"t.told_owner, '', {was}, {now} FROM ({rows}) t{join} ORDER BY t.told_key",
        params,
    )


def _select_told(model: Any) -> models.QuerySet[Any]:
    """Select what the changes of rows say, by names that are no columns of the rows."""
    audience: Audience = model.audience
    names = {f.name for f in model._meta.concrete_fields}
    text, number = models.TextField(), models.BigIntegerField()
    nothing = Cast(Value(None), number)
    told = {
        "told_key": F("pk"),
        "told_revision": Given("revision", number),
        "told_resource": Value(model._meta.label_lower, output_field=text),
        "told_row": Cast("pk", text),
        "told_op": Given("op", text),
        "told_code": F("code") if "code" in names else Cast("pk", text),
        "told_owner": Coalesce(F(audience.owner), Value("")) if audience.owner else Value(""),
        "told_version": F("version") if "version" in names else nothing,
        "told_public": is_public(audience),
        "told_park": F(audience.park) if audience.park else nothing,
    }
    rows = models.QuerySet(model).filter(pk__among=GivenKeys()).annotate(**told)
    return rows.order_by().values_list(*told)


def find_below(model: Any, keys: Collection[Any]) -> Iterator[tuple[Any, list[Any]]]:
    """Find the rows that appear and disappear with these: models with keys of theirs."""
    for relation in model._meta.related_objects if keys else ():
        other: Any = relation.related_model
        if relation.field.name in getattr(other, "audience", Audience()).under:
            rows: Any = models.QuerySet(other).filter(**{f"{relation.field.name}__in": keys})
            yield from ((other, chunk) for chunk in chunks([*rows.values_list("pk", flat=True)]))


def read_by_keys(build: Callable[[Any], models.QuerySet[Any]], model: Any, keys: list[Any]) -> Any:
    """Read the rows of a model with these keys, in their order, as the database gives them.

    What is read of them, `build` says, which is compiled once: that takes longer than to run it.
    """
    return prepare(_select_by_keys, build, model).fetch(keys=keys)


def _select_by_keys(build: Callable[[Any], models.QuerySet[Any]], model: Any) -> Any:
    return build(model).filter(pk__among=GivenKeys()).order_by("pk")


def read_worked_out(model: Any, keys: list[Any]) -> dict[Any, dict[str, Any]]:
    """Read what the end of a revision works out of these rows: the values by name, by key."""
    rows = prepare(_select_by_keys, _select_worked_out, model).fetch_values(keys=keys)
    return {key: dict(zip(model.worked_out, values, strict=True)) for key, *values in rows}


def _select_worked_out(model: Any) -> models.QuerySet[Any]:
    return models.QuerySet(model).values_list("pk", *model.worked_out)
