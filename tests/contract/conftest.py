"""What the tests of the contract start from: one row of every resource."""

from tests.seeded import kept_rows
from tests.site.test_access import make_addresses


@kept_rows
def addresses() -> dict[str, str]:
    """The address of a row that is there, for each route of the API."""
    return make_addresses()
