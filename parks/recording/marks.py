"""Marks: what tells one state of the ledger from every other, in one short read.

A transaction that is recorded leaves a number drawn at random on one of a few rows. Which numbers
stand there is the version of the ledger: another one after each commit, in whatever order they
end; the same one whenever the same is read; and never one again that was there before, not even
after a restore of an older copy. It asks nothing of what is settled, and nothing of how much.

In the same way each park of whose rows something is written has marks of its own: while they are
the same, so are all rows that belong to it, and what is worked out of these alone.
"""

import secrets
from collections.abc import Iterable

from django.db import connection

from parks.models.records import WriteMark

_BITS = 62  # of a BigInteger, without its sign


def leave_marks(parks: Iterable[int] = ()) -> None:
    """Leave the marks of this transaction: on the ledger, and on each park of which it wrote."""
    for park in (None, *sorted(parks)):
        _leave_mark(park)


def _leave_mark(park: int | None) -> None:
    """Leave a mark on another row than those that write at the same time.

    So nobody waits: of the rows a free one is taken, and where there is none, one is added.
    """
    table = connection.ops.quote_name(WriteMark._meta.db_table)
    free = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    number = secrets.randbits(_BITS)
    of_park, named = ("IS NULL", []) if park is None else ("= %s", [park])
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET number = %s WHERE id = (SELECT id FROM {table} "  # noqa: S608
            f"WHERE park_id {of_park} ORDER BY id LIMIT 1 {free})",  # names of our own table
            [number, *named],
        )
        is_left = cursor.rowcount == 1
    if not is_left:
        WriteMark.objects.create(number=number, park_id=park)


def read_ledger_version() -> str:
    """Read the version of the ledger, as far as the transaction sees it that asks."""
    table = connection.ops.quote_name(WriteMark._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT number FROM {table} WHERE park_id IS NULL ORDER BY id"  # noqa: S608
        )
        return ".".join(str(number) for (number,) in cursor.fetchall())
