"""Who may do what with imports, which are one's own, and with what is no row of the ledger."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from parks.access import park_path, select_readable
from parks.models import Membership
from tests.answers import API
from tests.seeded import kept_rows
from tests.site.test_access import (
    EDITOR,
    IMPORTS,
    NEIGHBOUR,
    OF_TOWN,
    READ,
    READERS,
    STEWARD,
    SUPERUSER,
    WRITE,
    ask,
    client_of,
    make_addresses,
    person_with,
)
from tests.together import together

pytestmark = pytest.mark.django_db


@kept_rows
def addresses() -> dict[str, str]:
    """The address of a row that is there, for each route."""
    return make_addresses()


@pytest.fixture(scope="module")
def checked_import(addresses: dict[str, str], django_db_blocker: Any) -> str:
    """The code of an import that the editor of town has had checked."""
    file = SimpleUploadedFile("projects.csv", "name_zh,park\n新项目,town\n".encode())
    with django_db_blocker.unblock():
        response = client_of(person_with(EDITOR)).post(
            f"{API}/imports", {"file": file}, format="multipart"
        )
    assert response.status_code == 201, response.content.decode()
    return response.json()["code"]


@pytest.mark.slow
@together("role", [SUPERUSER, EDITOR, NEIGHBOUR, STEWARD, "anonymous", *READERS])
def test_an_import_is_seen_and_applied_by_who_made_it(checked_import: str, role: str) -> None:
    if role == EDITOR:
        client = client_of(User.objects.get(memberships__park__code="town"))
    elif role == "anonymous":
        client = APIClient()
    else:
        person = person_with(role)
        client = client_of(person)
        if role.startswith("former"):
            Membership.objects.filter(user=person).delete()
    answers = {
        route: ask(client, method, f"{API}/{route}".format(code=checked_import))
        for route, methods in IMPORTS.items()
        for method in methods
    }
    everybodys = answers.pop("imports")
    if role in OF_TOWN:
        assert everybodys == answers["imports/{code}"] == 200
        assert answers["imports/{code}/apply"] == 200
    elif role == NEIGHBOUR:
        assert everybodys == 200
        assert {*answers.values()} == {404}
    else:
        assert {everybodys, *answers.values()} == {401 if role == "anonymous" else 403}


def test_an_address_that_is_not_there_is_a_404_by_every_method(
    api: APIClient, admin_api: APIClient
) -> None:
    for client in (api, admin_api):
        for address in (f"{API}/nowhere", f"{API}/projects/a/b/c", "/api/v2"):
            for method in READ + WRITE:
                assert ask(client, method, address) == 404, (method, address)


def test_what_everybody_sees_is_found_without_a_join_to_parks() -> None:
    # A join would draw planners to begin with the parks, and to fetch all rows of each
    for model in apps.get_models():
        if park_path(model) not in ("", "pk") and not model.audience.is_of_roles:
            assert 'JOIN "parks_park"' not in str(select_readable(model, None).query)
