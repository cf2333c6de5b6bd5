"""Settling: ended transactions get their place in the feed, and their history rows are sealed.

A change that is not committed cannot be seen, so whatever is visible and has no number gets the
next ones: a change that ends later has a greater number, on every database and in every restored
copy. One settles at a time. In the same step the history rows of those changes are digested, and
the digests chained to those before them, in a table of their own that is only appended to.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

import orjson
from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Max

from parks.models.records import Change, Revision, Seal

SEAL_CHANGES = 20_000  # about so many changes in one seal; a revision is never split
MANY = 500  # changes that are not settled yet
LOCK = 0x7061726B  # "park": the advisory lock of the one who settles
START = "0" * 64  # the digest before the first seal


def settle_after_commit() -> None:
    """Settle what this transaction changes soon after it has ended.

    On PostgreSQL at once, unless another one is settling just then: then it is left to the next
    that settles, as the feed does before it is read. SQLite has one writer at a time: there it is
    left to the reader, or done here when much has come together.
    """
    if connection.vendor == "postgresql":
        transaction.on_commit(settle_unless_busy, robust=True)
    elif Change.objects.filter(number__isnull=True).count() >= MANY:
        settle()


def settle_unless_busy() -> None:
    settle(wait=False)


def settle(*, wait: bool = True) -> int:
    """Number and seal all changes that have ended; returns how many there were.

    Without `wait` nothing is done while another connection settles.
    """
    if not Change.objects.filter(number__isnull=True).exists():
        return 0
    with transaction.atomic():
        if not _lock(wait):
            return 0
        last = Change.objects.aggregate(last=Max("number"))["last"] or 0
        _number(last)
        settled = Change.objects.filter(number__gt=last).order_by("number")
        resources = set(settled.order_by().values_list("resource", flat=True).distinct())
        count = 0
        numbered: Any = settled.values_list("number", "revision_id")
        for revisions, first, final in _slices(numbered):
            _seal(revisions, resources, first, final)
            count += final - first + 1
    return count


def read_ledger_version() -> str:
    """Read the number of the last settled change, and how many are not settled yet.

    Either of them grows with whatever is committed, in whatever order; neither is a row that all
    writers would wait for.
    """
    table = connection.ops.quote_name(Change._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (SELECT MAX(number) FROM {table}), "  # noqa: S608 a name of our own table
            f"(SELECT COUNT(*) FROM {table} WHERE number IS NULL)"
        )
        return "{}.{}".format(*cursor.fetchone())


def _lock(wait: bool) -> bool:
    """Be the only one to settle until the transaction ends; SQLite's writers are alone anyhow."""
    if connection.vendor != "postgresql":
        return True
    function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(%s)", [LOCK])
        return wait or bool(cursor.fetchone()[0])


def _number(last: int) -> None:
    """Give numbers after `last`: revision by revision, in the order of their first changes.

    Changes are stored when a transaction holds the locks of all its rows. So of two that wrote
    the same row, the later one's changes come later.
    """
    table = connection.ops.quote_name(Change._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""UPDATE {table} SET number = placed.place + %s FROM (
                SELECT id, ROW_NUMBER() OVER (ORDER BY first_id, id) AS place FROM (
                    SELECT id, MIN(id) OVER (PARTITION BY revision_id) AS first_id
                    FROM {table} WHERE number IS NULL
                ) AS pending
            ) AS placed WHERE {table}.id = placed.id""",  # noqa: S608 names of our own tables
            [last],
        )


def _slices(settled: Iterable[tuple[int, int]]) -> Iterator[tuple[list[int], int, int]]:
    """Runs of whole revisions, each with its first and last number."""
    revisions: list[int] = []
    first = final = 0
    for number, revision in settled:
        if final - first + 1 >= SEAL_CHANGES and revision != revisions[-1]:
            yield revisions, first, final
            revisions, first = [], number
        first, final = first or number, number
        if not revisions or revisions[-1] != revision:
            revisions.append(revision)
    if revisions:
        yield revisions, first, final


def _seal(revisions: list[int], resources: set[str], first: int, final: int) -> None:
    lines = manifest_lines(revisions, resources)
    manifest = "".join(f"{line}\n" for line in lines).encode()
    before = Seal.objects.order_by("-last_number").values_list("digest", flat=True).first()
    digest = chain_digest(before or START, manifest)
    Seal.objects.create(first_number=first, last_number=final, manifest=manifest, digest=digest)


def chain_digest(before: str, manifest: bytes) -> str:
    """Digest a manifest that stands after the one with the digest `before`."""
    return hashlib.sha256(before.encode() + b"\n" + manifest).hexdigest()


def list_sealed_models() -> dict[str, Any]:
    """List what is only ever added to, by the label of its resource: each model's history."""
    return {
        model._meta.label_lower: model.history.model  # type: ignore[attr-defined]
        for model in apps.get_models()
        if hasattr(model._meta, "simple_history_manager_attribute")
    }


def manifest_lines(revisions: list[int], resources: set[str]) -> Iterator[str]:
    """Write a line for each row of these revisions, and each of them: table, key and digest."""
    for key, digest in digests(Revision, models.Q(pk__in=revisions)):
        yield f"{Revision._meta.label_lower} {key} {digest}"
    for resource, past in list_sealed_models().items():
        if resource in resources:
            for key, digest in digests(past, models.Q(revision__in=revisions)):
                yield f"{past._meta.label_lower} {key} {digest}"


def digests(model: Any, rows: models.Q) -> Iterator[tuple[int, str]]:
    """Digest (SHA-256) all that rows of history say, by key.

    Generated columns are left out: they say nothing of their own. So are empty ones: a row says
    what it said before there was such a column.
    """
    names = [f.attname for f in model._meta.concrete_fields if not f.generated]
    members = _members(model, rows)
    for row in model.objects.filter(rows).order_by("pk").values_list("pk", *names).iterator(2_000):
        columns = zip(names, row[1:], strict=True)
        said = {name: value for name, value in columns if value not in ("", None)}
        said |= members.get(row[0], {})
        text = orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
        yield row[0], hashlib.sha256(text).hexdigest()


def _members(model: Any, rows: models.Q) -> dict[int, dict[str, list[Any]]]:
    """The rows of many-to-many relations that stand beside history rows."""
    found: dict[int, dict[str, list[Any]]] = {}
    for relation in getattr(model, "_history_m2m_fields", ()):
        past = getattr(model, relation.name).model
        column = relation.m2m_reverse_name()
        keys = past.objects.filter(history__in=model.objects.filter(rows)).order_by("pk")
        for history, member in keys.values_list("history_id", column):
            found.setdefault(history, {}).setdefault(relation.name, []).append(member)
    return found
