"""After a test that commits PostgreSQL's database is as it was, by whichever way."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection

from parks.models import Park
from tests.emptying import is_emptied
from tests.factories import ParkFactory
from tests.seeded import address_of, close_connection, copy_template
from tests.templates import BARE

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_postgresql]


def find_out() -> bool:
    """Whether the database of the tests was emptied."""
    close_connection()
    return is_emptied(address_of(connection.settings_dict["NAME"]), address_of("postgres"))


def test_rows_are_emptied_and_keys_begin_anew() -> None:
    find_out()  # keys that tests before have taken
    first = ParkFactory.create().pk
    assert find_out()
    assert not Park.objects.exists()
    assert ParkFactory.create().pk == first


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM auth_permission WHERE codename = 'view_park'",
        "CREATE INDEX another ON parks_park (note)",
        "ALTER TABLE parks_park ALTER note DROP NOT NULL",
        "ANALYZE parks_park",
    ],
)
def test_what_cannot_be_emptied_is_copied(statement: str) -> None:
    ParkFactory.create()
    connection.cursor().execute(statement)
    assert not find_out()
    copy_template(BARE)
    assert find_out()
    assert Permission.objects.filter(codename="view_park").exists()
