"""What clients of other APIs expect and this one does not offer is refused with what it offers."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, error, found, problem
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

PROJECTS = f"{API}/projects"


@kept_rows(autouse=True)
def surroundings() -> None:
    ProjectFactory.create(code="fab", park=ParkFactory.create(code="town"))


@together(
    ("header", "value", "remedy"),
    [
        ("Idempotency-Key", "5f0c", "PUT creates at a code"),
        ("If-Match", '"5"', "of many rows each says its own “version”"),
        ("If-None-Match", "*", "PUT with “If-None-Match: *”"),
        ("Content-Range", "items 0-9/10", "PATCH changes the fields that it names"),
        ("X-HTTP-Method-Override", "PATCH", "Send the method itself"),
        ("X-API-Key", "secret", "Authorization: Bearer"),
        ("Prefer", "return=minimal, resolution=merge-duplicates", "PUT creates a row or replaces"),
    ],
)
def test_a_header_that_would_be_ignored_is_refused_with_the_way(
    admin_api: APIClient, header: str, value: str, remedy: str
) -> None:
    body = {"name_zh": "厂", "park": "town"}
    refused = error(admin_api.post(PROJECTS, body, headers={header: value}))
    assert (refused["header"].lower(), refused["code"]) == (header.lower(), "unsupported_header")
    assert remedy in refused["detail"]
    assert found(admin_api.get(PROJECTS, {"count": "exact"}))["count"] == 1


def test_headers_that_change_nothing_are_let_pass(admin_api: APIClient) -> None:
    found(admin_api.get(PROJECTS, headers={"Idempotency-Key": "5f0c", "Prefer": "wait=5"}))
    refused = error(admin_api.get(PROJECTS, headers={"Prefer": "count=exact"}))
    assert "count=exact" in refused["detail"]


@together(
    ("method", "address", "remedy"),
    [
        ("put", PROJECTS, "possible are: GET, POST, HEAD, OPTIONS. POST /projects/bulk"),
        ("delete", PROJECTS, "DELETE at the URL of one row"),
        ("post", f"{PROJECTS}/fab", "POST to the list creates a row"),
        ("put", f"{PROJECTS}/fab/milestones/1", "PATCH at the URL of one row"),
    ],
)
def test_a_method_that_a_url_does_not_take_is_refused_with_those_that_do_it(
    admin_api: APIClient, method: str, address: str, remedy: str
) -> None:
    headers = {"If-Match": "*"}
    refused = problem(getattr(admin_api, method)(address, {}, headers=headers), 405)
    assert remedy in refused["detail"]


BODIES: list[tuple[Row, str]] = [
    ({"stage": "signed"}, "POST one to /projects/{code}/milestones"),
    ({"counts_in_totals": True}, "“is_umbrella”"),
    ({"news_on": "2024-01-01"}, "“reported_on”"),
    ({"paid_in_cny": 1}, "/projects/{code}/fundings"),
    ({"participations": []}, "below the project"),
    ({"version": 3}, "If-Match"),
    ({"park_name_zh": "城"}, "“park”"),
    ({"status": "signed"}, "“standing”"),
]


def test_a_field_that_cannot_be_set_is_refused_with_what_sets_it(admin_api: APIClient) -> None:
    for body, remedy in BODIES:
        assert remedy in error(admin_api.patch(f"{PROJECTS}/fab", body))["detail"], body
    for name, meant in [("id", "code"), ("name", "name_zh"), ("amount", "investment_cny")]:
        refused = error(admin_api.post(PROJECTS, {"name_zh": "厂", "park": "town", name: "x"}))
        assert (refused["code"], refused["suggestion"]) == ("unknown_field", meant)
    many = error(admin_api.post(PROJECTS, [{"name_zh": "厂", "park": "town"}]))
    assert "POST /projects/bulk" in many["detail"]
