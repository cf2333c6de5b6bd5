"""What the tests of the contract start from: one row of every resource."""

from django.db import connection

from tests.site.test_access import addresses

__all__ = ["addresses"]

# They start databases of their own: once is enough, in the run on the database that they are about.
_OF_ANOTHER = {"sqlite": "test_faults_of_postgresql.py", "postgresql": "test_faults_of_sqlite.py"}
collect_ignore = [_OF_ANOTHER[connection.vendor]]
