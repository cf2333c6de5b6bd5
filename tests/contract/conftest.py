"""What the tests of the contract start from: one row of every resource."""

import pytest
from django.db import connection

from tests.site.test_access import make_addresses

# They start databases of their own: once is enough, in the run on the database that they are about.
_OF_ANOTHER = {"sqlite": "test_faults_of_postgresql.py", "postgresql": "test_faults_of_sqlite.py"}
collect_ignore = [_OF_ANOTHER[connection.vendor]]


@pytest.fixture
def addresses(db: None) -> dict[str, str]:
    """The address of a row that is there, for each route of the API."""
    return make_addresses()
