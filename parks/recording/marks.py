"""Marks: what tells one state of the ledger from every other, in one short read.

A transaction that is recorded leaves a number drawn at random on one of a few rows. Which numbers
stand there is the version of the ledger: another one after each commit, in whatever order they
end; the same one whenever the same is read; and never one again that was there before, not even
after a restore of an older copy. It asks nothing of what is settled, and nothing of how much.

In the same way each park of whose rows something is written has marks of its own: while they are
the same, so are all rows that belong to it, and what is worked out of these alone.
"""

import secrets
from collections.abc import Iterable, Sequence

from django.db import connection

from parks.models.records import WriteMark

_BITS = 62  # of a BigInteger, without its sign
_AT_ONCE = 100  # parks of which one statement leaves the marks


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
    free = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
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
