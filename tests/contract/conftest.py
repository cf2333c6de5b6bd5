"""What the tests of the contract start from: one row of every resource."""

from django.db import connection

from tests.seeded import kept_rows
from tests.site.test_access import make_addresses

# They start databases of their own: once is enough, in the run on the database that they are about.
_OF_ANOTHER = {"sqlite": "test_faults_of_postgresql.py", "postgresql": "test_faults_of_sqlite.py"}
collect_ignore = [_OF_ANOTHER[connection.vendor]]


@kept_rows
def addresses() -> dict[str, str]:
    """The address of a row that is there, for each route of the API."""
    return make_addresses()
