"""Settling: ended transactions get their place in the feed, and their history rows are sealed.

A change that is not committed cannot be seen, so whatever is visible and has no number gets the
next ones: a change that ends later has a greater number, on every database and in every restored
copy. In the same step the history rows of those changes are digested, and the digests chained to
those before them, in a table of their own that is only appended to.

One settles at a time, and never more than a batch in a transaction: what a loader left behind, be
it a million changes, is worked off bit by bit by whoever comes, while others read.
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
LOCK = 0x7061726B  # "park": the advisory lock of the one who settles
SETTLES = "settles"  # an attribute of requests: whether it has written what is to be settled
SHORTLY = 0.5  # seconds that a request waits for whoever else settles or writes
START = "0" * 64  # the digest before the first seal

# What a change tells of its history row: revision, label of the model, key
Told = tuple[int, str, str]

_logger = logging.getLogger(__name__)


def settle_after_commit(request: Any, *, is_bounded: bool) -> None:
    """Settle what this transaction changes soon after it has ended.

    All of it, or no more than a batch if it `is_bounded`: the rest is left to the next that
    settles, as the feed does before it is read. A request does it once it is answered, if that
    commits.
    """
    if request is not None:
        transaction.on_commit(partial(setattr, request, SETTLES, True))
    else:
        transaction.on_commit(settle_some if is_bounded else settle, robust=True)


def settle_some() -> bool:
    """Settle a batch, if that can be done soon; tells whether there is more to settle.

    For requests, which go on with what is settled where somebody else writes for longer, or
    where nothing can be written: on a server for reading.
    """
    try:
        return settle_batch(SHORTLY) == BATCH_CHANGES
    except DatabaseError as error:
        _logger.warning("not settled: %s", error)
        return False


def has_unsettled() -> bool:
    """Tell whether changes have ended that have no number yet."""
    table = connection.ops.quote_name(Change._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {table} WHERE number IS NULL LIMIT 1"  # noqa: S608 our own name
        )
        return cursor.fetchone() is not None


def settle() -> int:
    """Number and seal all changes that have ended, batch by batch; returns how many there were."""
    count = settled = settle_batch()
    while settled == BATCH_CHANGES:
        count += (settled := settle_batch())
    return count


def settle_batch(seconds: float | None = None) -> int:
    """Number and seal the oldest changes that have ended, a batch at most; returns how many.

    It waits so many seconds for whoever else settles, and then fails; as long as it takes, if
    none are given.
    """
    if not has_unsettled() or _is_for_reading():
        return 0
    with _alone(seconds):
        told, last = _number()
        if told:
            _seal(told, last)
    return len(told)


def count_unsettled() -> int:
    """Count the changes that wait for their place in the feed, up to 10,000."""
    return Change.objects.filter(number__isnull=True)[:10_000].count()


def _is_for_reading() -> bool:
    """Whether nothing can be written: a standby of PostgreSQL, or one that is told so."""
    if not connection.features.has_select_for_update:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SHOW transaction_read_only")
        return bool(cursor.fetchone()[0] == "on")


@contextmanager
def _alone(seconds: float | None) -> Iterator[None]:
    """Open a transaction of the only one who settles; SQLite's writers are alone anyhow."""
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
    """Let SQLite wait so many seconds for the lock of a writer."""
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


def _number() -> tuple[list[Told], int]:
    """Give a batch the next numbers; tell which changes have got them, and the last one before.

    Oldest first, and together what is of one revision, unless a batch does not hold it. Changes
    are stored when a transaction holds the locks of all its rows. So of two that wrote the same
    row, the later one's changes come later.
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
    told = [(revision, resource, key) for revision, resource, key, _number in numbered]
    return told, min((number for *_told, number in numbered), default=1) - 1


def _seal(told: list[Told], last: int) -> None:
    manifest = "".join(f"{line}\n" for line in manifest_lines(told)).encode()
    before = Seal.objects.order_by("-last_number").values_list("digest", flat=True).first()
    digest = chain_digest(before or START, manifest)
    Seal(None, last + 1, last + len(told), manifest, digest).save(force_insert=True)


def chain_digest(before: str, manifest: bytes) -> str:
    """Digest a manifest that stands after the one with the digest `before`."""
    return hashlib.sha256(before.encode() + b"\n" + manifest).hexdigest()


@cache  # a model's history makes a manager each time that it is asked for
def list_sealed_models() -> dict[str, Any]:
    """List what is only ever added to, by the label of its resource: each model's history."""
    return {
        model._meta.label_lower: model.history.model  # type: ignore[attr-defined]
        for model in apps.get_models()
        if hasattr(model._meta, "simple_history_manager_attribute")
    }


def manifest_lines(told: list[Told]) -> Iterator[str]:
    """Write a line for each history row of these changes and each revision: table, key, digest.

    A revision that more than one batch belongs to is named by each of them.
    """
    revisions = {revision for revision, _resource, _key in told}
    for key, digest in digests(Revision, revisions):
        yield f"{Revision._meta.label_lower} {key} {digest}"
    models_of_history = list_sealed_models()
    for resource in sorted({resource for _revision, resource, _key in told} & {*models_of_history}):
        past = models_of_history[resource]
        wanted = {(revision, int(key)) for revision, of, key in told if of == resource}
        for key, digest in digests(past, find_versions(past, wanted)):
            yield f"{past._meta.label_lower} {key} {digest}"


def find_versions(past: Any, wanted: Collection[tuple[int, int]]) -> list[int]:
    """Find the keys of the versions that these revisions made of these rows.

    By the rows, as a revision may have a million of them; the versions of a row are few.
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
    """Digest (SHA-256) all that rows of history say, by key.

    Generated columns are left out: they say nothing of their own. So are empty ones: a row says
    what it said before there was such a column.
    """
    if not keys:  # what appeared because its owner did has no version of its own
        return
    names = _list_columns(model)
    rows = prepare(_select_rows, model).fetch_values(keys=[*keys])
    members = _members(model, keys)
    for row in rows:
        columns = zip(names, row[1:], strict=True)
        said = {name: value for name, value in columns if value not in ("", None)}
        said |= members.get(row[0], {})
        text = orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
        yield row[0], hashlib.sha256(text).hexdigest()


def _list_columns(model: Any) -> list[str]:
    return [f.attname for f in model._meta.concrete_fields if not f.generated]


def _select_rows(model: Any) -> Any:
    rows = model.objects.filter(pk__among=GivenKeys()).order_by("pk")
    return rows.values_list("pk", *_list_columns(model))


def _members(model: Any, keys: Collection[int]) -> dict[int, dict[str, list[Any]]]:
    """The rows of many-to-many relations that stand beside history rows."""
    found: dict[int, dict[str, list[Any]]] = {}
    for relation in getattr(model, "_history_m2m_fields", ()):
        past = getattr(model, relation.name).model
        column = relation.m2m_reverse_name()
        rows = past.objects.filter(history__in=keys).order_by("pk")
        for history, member in rows.values_list("history_id", column):
            found.setdefault(history, {}).setdefault(relation.name, []).append(member)
    return found
