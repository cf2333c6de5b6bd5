"""`fields=`: only what is asked for, in lists and details; what is not understood is refused."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls_for_contract")]


@pytest.fixture(autouse=True)
def ann(db: None) -> User:
    return User.objects.create(username="ann", first_name="Ann")


def errors(client: Client, query: str) -> list[dict[str, Any]]:
    response = client.get(f"/api/v1/users?{query}")
    assert response.status_code == 400
    return response.json()["errors"]


def test_lists_and_details_have_the_fields_that_are_asked_for(client: Client) -> None:
    page = client.get("/api/v1/users?fields=username,email").json()
    assert page["results"] == [{"username": "ann", "email": ""}]
    assert {*page} == {"results", "next", "previous", "count"}
    assert client.get("/api/v1/users/ann?fields=first_name").json() == {"first_name": "Ann"}


@together(
    ("query", "codes"),
    [
        *[("fields=", ["empty_value"]), ("fields=email,", ["unknown_value"])],
        ("fields=email,email", ["repeated_value"]),
        ("fields=email&fields=email", ["repeated_value"]),
        *[("fields=user.email", ["unknown_value"]), ("fields=Email", ["unknown_value"])],
        ("fields=a,b", ["unknown_value", "unknown_value"]),
        ("fields=" + ",".join(f"f{n}" for n in range(50)), ["unknown_value"] * 50),
    ],
)
def test_what_is_no_list_of_fields_is_refused(client: Client, query: str, codes: list[str]) -> None:
    assert [error["code"] for error in errors(client, query)] == codes


def test_a_cursor_goes_on_with_other_fields(client: Client) -> None:
    User.objects.create(username="bob")
    page = client.get("/api/v1/users?limit=1&fields=username").json()
    assert page["results"] == [{"username": "ann"}]
    assert "fields=username" in page["next"]
    other = page["next"].replace("fields=username", "fields=first_name")
    assert client.get(other).json()["results"] == [{"first_name": ""}]


def test_the_neighbours_of_a_page_stand_in_the_link_header_too(client: Client) -> None:
    for name in ("bob", "eve"):
        User.objects.create(username=name)
    first = client.get("/api/v1/users?limit=1")
    assert first.headers["Link"] == f'<{first.json()["next"]}>; rel="next"'
    second = client.get(first.json()["next"])
    links = second.json()
    assert second.headers["Link"] == (
        f'<{links["next"]}>; rel="next", <{links["previous"]}>; rel="prev"'
    )
    third = client.get(links["next"])
    assert third.headers["Link"] == f'<{third.json()["previous"]}>; rel="prev"'
    assert "Link" not in client.get("/api/v1/users").headers
