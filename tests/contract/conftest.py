"""What the tests of the contract start from: one row of every resource."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from tests.contract.hostile_rows import make_all_addresses
from tests.hostile import CalmClient
from tests.seeded import kept_rows
from tests.site.test_access import make_addresses


@kept_rows
def addresses() -> dict[str, str]:
    """The address of a row that is there, for each route of the API."""
    return make_addresses()


@kept_rows
def every_address(superuser: Any) -> dict[str, str]:
    """The same for every route, also for those that roles alone see."""
    return make_all_addresses(superuser)


@pytest.fixture
def hostile(db: None, session_of_superuser: str) -> Iterator[CalmClient]:
    """A client with the session of a superuser, who sees and may do all."""
    client = CalmClient(headers={"If-Match": "*"})
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of_superuser
    yield client
    client.check()
