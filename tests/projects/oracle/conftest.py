"""The ledger that all oracles read: to make it takes longer than most of what is asked of it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from tests.projects.oracle.data import make_ledger
from tests.projects.oracle.oracle import Oracle
from tests.samples import IS_LONG
from tests.seeded import kept_rows


@kept_rows(scope="session")
def ledger_of_oracles() -> User:
    """The ledger, made once for all files of this folder, and one who sees all of it."""
    make_ledger(300 if IS_LONG else 150)
    return User.objects.create(username="overseer", is_superuser=True)


@pytest.fixture(scope="module")
def oracle(ledger_of_oracles: User, django_db_blocker: Any) -> Oracle:
    """The oracle that has read it."""
    with django_db_blocker.unblock():
        return Oracle()


@pytest.fixture(scope="module")
def clients(ledger_of_oracles: User) -> dict[bool, APIClient]:
    """A client for each of those who see all, and those who do not."""
    clients = {False: APIClient(), True: APIClient()}
    clients[True].force_authenticate(ledger_of_oracles)
    return clients
