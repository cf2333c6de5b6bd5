"""What the changes feed will say of rows that were written: to whom they appear and disappear."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Cast, Coalesce

from config.prepared import Given, GivenKeys, among, prepare
from parks.models.records import Change, Revision

_CHUNK = 5_000  # rows in one statement: SQLite takes 32,766 parameters, PostgreSQL 65,535

Keys = dict[Any, str]  # the key of a row, and what happened to it
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


def announce_creations(model: Any, keys: list[Any], revision: Revision) -> None:
    """Write the changes of new rows, as a set: of what was not there nobody knew before."""
    sql, params = prepare(_select_announcements, model).write(revision=revision.pk, keys=keys)
    table = connection.ops.quote_name(Change._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({', '.join(_list_announced(model))}) {sql}", params)


def _select_announcements(model: Any) -> models.QuerySet[Any]:
    named = {f"told_{name}": told for name, told in _list_announced(model).items()}
    rows: Any = models.QuerySet(model).filter(pk__among=GivenKeys()).order_by("pk")
    return rows.annotate(**named).values_list(*named)


def _list_announced(model: Any) -> dict[str, Any]:
    """List what is said of a new row, by the columns of changes."""
    audience: Audience = model.audience
    names = {f.name for f in model._meta.concrete_fields}
    text, truth = models.CharField(), models.BooleanField()
    told: dict[str, Any] = {
        "revision_id": Given("revision", models.BigIntegerField()),
        "resource": Value(model._meta.label_lower, output_field=text),
        "row_key": Cast("pk", text),
        "op": Value(Change.Op.CREATE.value, output_field=text),
        "code": F("code") if "code" in names else Cast("pk", text),
        "owner": Coalesce(F(audience.owner), Value("")) if audience.owner else Value(""),
        "successor": Value("", output_field=text),
        "was_public": Value(False, output_field=truth),
        "is_public": is_public(audience),
    }
    if "version" in names:
        told["version"] = F("version")
    if audience.park:
        told["park_id"] = F(audience.park)
    return told


def changes_of(model: Any, ops: Keys, revision: Revision) -> list[Change]:
    """Build what the feed will say of these rows, changed or about to be deleted, as stored now."""
    known = last_changes(model, list(ops))
    made = []
    for key, public, park, owner, code, version in read_by_keys(_telling, model, list(ops)):
        is_gone = ops[key] == Change.Op.DELETE
        was_public, was_in_park = known.get(str(key), (public, park))
        made.append(
            Change(
                revision=revision,
                resource=model._meta.label_lower,
                row_key=str(key),
                op=ops[key],
                code=str(key if code is None else code),
                owner=owner or "",
                version=None if version is None else version + is_gone,
                was_public=bool(was_public),
                is_public=bool(public) and not is_gone,
                was_in_park_id=was_in_park,
                park_id=None if is_gone else park,
            )
        )
    return made


def _telling(model: Any) -> models.QuerySet[Any]:
    """Select of rows: key, whether everybody sees it, park, owner, code and version."""
    audience: Audience = model.audience
    names = {f.name for f in model._meta.concrete_fields}
    nothing = Value(None, output_field=models.TextField())
    told = {
        "told_public": is_public(audience),
        "told_park": F(audience.park) if audience.park else nothing,
        "told_owner": F(audience.owner) if audience.owner else nothing,
        "told_code": F("code") if "code" in names else nothing,
        "told_version": F("version") if "version" in names else nothing,
    }
    return models.QuerySet(model).annotate(**told).values_list("pk", *told)


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


def last_changes(model: type[models.Model], keys: list[Any]) -> dict[str, tuple[bool, int | None]]:
    """Find what was last said of each of these rows, by key: if it is public, and its park."""
    table = connection.ops.quote_name(Change._meta.db_table)
    condition, wanted = among([*map(str, keys)])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT row_key, is_public, park_id FROM {table} WHERE id IN ("  # noqa: S608
            f"SELECT MAX(id) FROM {table} WHERE resource = %s AND row_key {condition} "
            "GROUP BY row_key)",  # names of our own table
            [model._meta.label_lower, *wanted],
        )
        return {key: (is_public, park) for key, is_public, park in cursor.fetchall()}


def find_parks_of_creations(revision: Revision) -> set[int | None]:
    """Find the parks in which a revision made rows."""
    told = Change.objects.filter(revision=revision, op=Change.Op.CREATE)
    return {*told.order_by().values_list("park_id", flat=True).distinct()}


def appearances(model: Any, changes: list[Change], revision: Revision) -> list[Change]:
    """Find the rows that appear or disappear by these changes to the rows they belong to."""
    moved = [
        int(change.row_key)
        for change in changes
        if (change.was_public, change.was_in_park_id) != (change.is_public, change.park_id)
    ]
    found: list[Change] = []
    for relation in model._meta.related_objects if moved else ():
        other: Any = relation.related_model
        if relation.field.name not in getattr(other, "audience", Audience()).under:
            continue
        keys: Any = models.QuerySet(other).filter(**{f"{relation.field.name}__in": moved})
        for chunk in chunks(list(keys.values_list("pk", flat=True))):
            below = changes_of(other, dict.fromkeys(chunk, Change.Op.UPDATE), revision)
            found += below + appearances(other, below, revision)
    return found
