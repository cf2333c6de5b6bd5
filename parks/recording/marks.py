"""Marks: what tells one state of the ledger from every other, in one short read.

A transaction that is recorded leaves a number drawn at random on one of a few rows. Which numbers
stand there is the version of the ledger: another one after each commit, in whatever order they
end; the same one whenever the same is read; and never one again that was there before, not even
after a restore of an older copy. It asks nothing of what is settled, and nothing of how much.
"""

import secrets

from django.db import connection

from parks.models.records import WriteMark

_BITS = 62  # of a BigInteger, without its sign


def leave_mark() -> None:
    """Leave the mark of this transaction; on another row than those that write at the same time.

    So nobody waits: of the rows a free one is taken, and where there is none, one is added.
    """
    table = connection.ops.quote_name(WriteMark._meta.db_table)
    free = "FOR UPDATE SKIP LOCKED" if connection.vendor == "postgresql" else ""
    number = secrets.randbits(_BITS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET number = %s WHERE id = "  # noqa: S608 a name of our own table
            f"(SELECT id FROM {table} ORDER BY id LIMIT 1 {free})",
            [number],
        )
        is_left = cursor.rowcount == 1
    if not is_left:
        WriteMark.objects.create(number=number)


def read_ledger_version() -> str:
    """Read the version of the ledger, as far as the transaction sees it that asks."""
    table = connection.ops.quote_name(WriteMark._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT number FROM {table} ORDER BY id")  # noqa: S608 a name of our own
        return ".".join(str(number) for (number,) in cursor.fetchall())
