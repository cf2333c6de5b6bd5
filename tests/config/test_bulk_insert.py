"""Many rows at once: each comes in with its own values, and few statements bring them all."""

import pytest
from django.db import connection

from config.database.bulk_insert import reserve_keys
from parks.models import Organisation
from parks.names.cell_lookup import create_rows

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ROWS = 230  # some statements that are full, and the beginning of one
INSERTS = 'INSERT INTO "parks_organisation" ('


def insert(first: int) -> None:
    """Insert rows, and see that each one has the key that was told of it."""
    names = [f"第{number}号公司" for number in range(first, first + ROWS)]
    rows = [{"code": f"org-{first + at}", "name_zh": name} for at, name in enumerate(names)]
    keys = create_rows(Organisation, rows)
    stored = dict(Organisation.objects.filter(pk__in=keys).values_list("pk", "name_zh"))
    assert [stored[key] for key in keys] == names


def test_each_row_has_its_own_values_however_many_share_a_statement() -> None:
    insert(0)
    insert(ROWS)
    assert Organisation.objects.count() == 2 * ROWS


@pytest.mark.only_postgresql
def test_keys_between_which_others_took_some_are_told_one_by_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE parks_organisation_id_seq INCREMENT BY 2")
    first, *rest = reserve_keys(Organisation, 4)
    assert rest == [first + 2, first + 4, first + 6]
    insert(0)


@pytest.mark.only_sqlite
def test_many_rows_share_a_statement_of_sqlite() -> None:
    seen: set[str] = set()  # with their values: what a trigger does is told under the same text
    connection.connection.set_trace_callback(seen.add)
    try:
        insert(0)
    finally:
        connection.connection.set_trace_callback(None)
    assert 0 < sum(sql.startswith(INSERTS) for sql in seen) < ROWS / 5
