"""Settle committed changes: number them for the feed, and seal their history rows.

Only committed changes are visible, so visible ones without a number get the next ones: a change
that commits later has a greater number, on every database and in every restored copy. In the same
step the history rows of those changes are digested, and the digests are chained in an append-only
table.

One process settles at a time, a batch in each transaction: after a large load, each request
settles a part of the rest while others read.
"""

import hashlib
import logging
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import orjson
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from config.database.prepared import GivenKeys, among, prepare
from parks.recording.records import Change, Revision, Seal

BATCH_CHANGES = 2_000  # changes that are settled in one transaction, and sealed by one seal
LOCK = 0x7061726B  # "park": the advisory lock of settling
SETTLES = "settles"  # an attribute of requests: whether it wrote changes
SHORTLY = 0.5  # seconds that a request waits for others that settle or write
START = "0" * 64  # the digest before the first seal

# The history row of a change: revision, label of the model, key
RowVersion = tuple[int, str, str]

_logger = logging.getLogger(__name__)


def settle_after_commit(request: Any, *, is_bounded: bool) -> None:
    """Settle the changes of this transaction after it commits; at most a batch if `is_bounded`.

    A request settles after its response. The feed settles the rest when it is read.
    """
    if request is not None:
        transaction.on_commit(partial(setattr, request, SETTLES, True))
    else:
        transaction.on_commit(settle_some if is_bounded else settle, robust=True)


def settle_some() -> bool:
    """Settle a batch if it is possible without a long wait; return whether more is left.

    Requests use it: they go on if another process writes for longer, or on a read-only server.
    """
    try:
        return settle_batch(SHORTLY) == BATCH_CHANGES
    except DatabaseError as error:
        _logger.warning("not settled: %s", error)
        return False


def has_unsettled() -> bool:
    return Change.objects.filter(number__isnull=True).exists()


def settle() -> int:
    """Number and seal all committed changes, batch by batch; return how many."""
    count = settled = settle_batch()
    while settled == BATCH_CHANGES:
        count += (settled := settle_batch())
    return count


def settle_batch(seconds: float | None = None) -> int:
    """Number and seal the oldest committed changes, at most a batch; return how many.

    Waits at most `seconds`, if given, for others that settle, and then fails.
    """
    if not has_unsettled() or _is_for_reading():
        return 0
    with _alone(seconds):
        rows, last = _number()
        if rows:
            manifest = "".join(f"{line}\n" for line in manifest_lines(rows)).encode()
            before = Seal.objects.order_by("-last_number").values_list("digest", flat=True).first()
            digest = chain_digest(before or START, manifest)
            Seal(None, last + 1, last + len(rows), manifest, digest).save(force_insert=True)
    return len(rows)


def count_unsettled() -> int:
    """Count the changes without a number, up to 10,000."""
    return Change.objects.filter(number__isnull=True)[:10_000].count()


def _is_for_reading() -> bool:
    if not connection.features.has_select_for_update:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        return bool(cursor.fetchone()[0] == "on")


@contextmanager
def _alone(seconds: float | None) -> Iterator[None]:
    # SQLite has one writer at a time anyway
    with connection.cursor() as cursor:
        if not connection.features.has_select_for_update:
            with _busy_seconds(cursor, seconds), transaction.atomic():
                yield
            return
        with transaction.atomic():
            limit = "" if seconds is None else f"set_config('lock_timeout', '{seconds}s', true), "
            cursor.execute(f"SELECT {limit}pg_advisory_xact_lock(%s)", [LOCK])
            yield


@contextmanager
def _busy_seconds(cursor: Any, seconds: float | None) -> Iterator[None]:
    if seconds is None:
        yield
        return
    cursor.execute("PRAGMA busy_timeout")
    (usual,) = cursor.fetchone()
    cursor.execute(f"PRAGMA busy_timeout = {round(seconds * 1_000)}")
    try:
        yield
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {usual}")


def _number() -> tuple[list[RowVersion], int]:
    """Number a batch of changes; return their history rows and the last number before them.

    Oldest first, and those of one revision together if they fit into the batch. A transaction
    stores its changes while it holds the locks of all its rows, so the numbers of two writers of
    one row follow the order of their writes.
    """
    table = connection.ops.quote_name(Change._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} SET number = placed.before + placed.place FROM (
                SELECT id, ROW_NUMBER() OVER (ORDER BY first_id, id) AS place,
                (SELECT COALESCE(MAX(number), 0) FROM {table}) AS before FROM (
                    SELECT id, MIN(id) OVER (PARTITION BY revision_id) AS first_id FROM (
                        SELECT id, revision_id FROM {table} WHERE number IS NULL
                        ORDER BY id LIMIT %s
                    ) AS oldest
                ) AS pending
            ) AS placed WHERE {table}.id = placed.id
            RETURNING revision_id, resource, row_key, number""",  # noqa: S608 our own names
            [BATCH_CHANGES],
        )
        numbered = cursor.fetchall()
    rows = [(revision, resource, key) for revision, resource, key, _number in numbered]
    return rows, min((number for *_row, number in numbered), default=1) - 1


def chain_digest(before: str, manifest: bytes) -> str:
    """Digest a manifest that follows the one with the digest `before`."""
    return hashlib.sha256(before.encode() + b"\n" + manifest).hexdigest()


@cache  # `model.history` makes a manager each time
def list_sealed_models() -> dict[str, Any]:
    """List the history models, which are append-only, by the label of their model."""
    return {
        model._meta.label_lower: model.history.model  # type: ignore[attr-defined]
        for model in apps.get_models()
        if hasattr(model._meta, "simple_history_manager_attribute")
    }


def manifest_lines(rows: list[RowVersion]) -> Iterator[str]:
    """Write a line for each revision and history row of these changes: table, key, digest.

    A revision that is split over several batches is in the manifest of each.
    """
    revisions = {revision for revision, _resource, _key in rows}
    for key, digest in digests(Revision, revisions):
        yield f"{Revision._meta.label_lower} {key} {digest}"
    models_of_history = list_sealed_models()
    for resource in sorted({resource for _revision, resource, _key in rows} & {*models_of_history}):
        past = models_of_history[resource]
        wanted = {(revision, int(key)) for revision, of, key in rows if of == resource}
        for key, digest in digests(past, find_versions(past, wanted)):
            yield f"{past._meta.label_lower} {key} {digest}"


def find_versions(past: Any, wanted: Collection[tuple[int, int]]) -> list[int]:
    """Find the keys of the versions with these pairs of revision and row.

    Searched by row: a revision may have a million versions, a row has few.
    """
    table = connection.ops.quote_name(past._meta.db_table)
    condition, keys = among([*{key for _revision, key in wanted}])
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT history_id, revision_id, id FROM {table} WHERE id {condition}",  # noqa: S608
            keys,
        )
        found = cursor.fetchall()
    return [version for version, revision, key in found if (revision, key) in wanted]


def digests(model: Any, keys: Collection[int]) -> Iterator[tuple[int, str]]:
    """Digest (SHA-256) rows of history, by key.

    Generated columns are left out, and so are empty ones: a new column changes no digest.
    """
    if not keys:  # rows that appeared with their owner have no new version
        return
    names = _list_columns(model)
    rows = prepare(_select_rows, model).fetch_values(keys=[*keys])
    members = members_of(model, keys)
    for row in rows:
        columns = zip(names, row[1:], strict=True)
        filled = {name: value for name, value in columns if value not in ("", None)}
        filled |= members.get(row[0], {})
        text = orjson.dumps(filled, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
        yield row[0], hashlib.sha256(text).hexdigest()


def _list_columns(model: Any) -> list[str]:
    return [f.attname for f in model._meta.concrete_fields if not f.generated]


def _select_rows(model: Any) -> Any:
    rows = model.objects.filter(pk__among=GivenKeys()).order_by("pk")
    return rows.values_list("pk", *_list_columns(model))


def members_of(past: Any, versions: Collection[Any]) -> dict[int, dict[str, tuple[Any, ...]]]:
    """Load the keys in the many-to-many fields of versions, by version and field."""
    found: dict[int, dict[str, tuple[Any, ...]]] = {}
    for field in getattr(past, "_history_m2m_fields", ()) if versions else ():
        rows = getattr(past, field.name).model.objects.filter(history__in=versions)
        column = field.m2m_reverse_name()
        for version, key in rows.order_by("pk").values_list("history_id", column):
            of_version = found.setdefault(version, {})
            of_version[field.name] = (*of_version.get(field.name, ()), key)
    return found
