"""Resources are addressed by public code, and edited as they were read."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.api.urls_for_contract")]


@pytest.fixture(autouse=True)
def keep_nothing(settings: Any) -> None:
    """What is written here is not recorded, so that an answer kept would be given again."""
    settings.CACHE_MAX_BYTES = 0


def test_a_created_row_is_found_at_its_location(client: Client) -> None:
    response = client.post("/api/v1/users", {"username": "ann"}, "application/json")
    assert response.status_code == 201
    assert response.headers["Location"] == "http://testserver/api/v1/users/ann"
    assert client.get(response.headers["Location"]).json() == response.json()


@together("code", ["ann", "ANN", "Ann"])
def test_a_code_is_the_same_in_either_case(client: Client, code: str) -> None:
    User.objects.create(username="ann")
    assert client.get(f"/api/v1/users/{code}").json()["username"] == "ann"


@pytest.mark.parametrize("code", ["C39", "c39"])
def test_a_vocabulary_may_keep_its_codes_in_upper_case(client: Client, code: str) -> None:
    Group.objects.create(name="C39")
    assert client.get(f"/api/v1/groups/{code}").json() == {"name": "C39"}


def test_a_code_that_is_not_there_is_named(client: Client) -> None:
    response = client.get("/api/v1/users/nobody")
    assert response.status_code == 404
    assert response.json()["detail"] == "There is no user “nobody”."


@together("code", ["a%00b", "%E5%AE%9D", "a%20b", "a.b"])
def test_what_cannot_be_a_code_is_not_found(client: Client, code: str) -> None:
    assert client.get(f"/api/v1/users/{code}").status_code == 404


def test_a_change_leaves_the_other_fields_alone(client: Client) -> None:
    User.objects.create(username="ann", first_name="Ann")
    url = "/api/v1/users/ann"
    tag = client.get(url).headers["ETag"]
    body = {"email": "a@example.org"}
    response = client.patch(url, body, "application/json", headers={"If-Match": tag})
    assert response.status_code == 200
    assert User.objects.get().first_name == "Ann"
    assert client.get(url).json()["email"] == "a@example.org"


def test_a_deleted_row_is_gone(client: Client) -> None:
    User.objects.create(username="ann")
    response = client.delete("/api/v1/users/ann", headers={"If-Match": "*"})
    assert (response.status_code, response.content) == (204, b"")
    assert client.get("/api/v1/users/ann").status_code == 404


def test_a_row_is_not_replaced_as_a_whole(client: Client) -> None:
    User.objects.create(username="ann")
    assert client.put("/api/v1/users/ann", {}, "application/json").status_code == 405


@together("method", ["post", "put", "patch", "delete"])
def test_a_resource_that_is_only_read_cannot_be_written(client: Client, method: str) -> None:
    Group.objects.create(name="C39")
    assert getattr(client, method)("/api/v1/groups/C39").status_code == 405


def test_head_answers_like_get_without_a_body(client: Client) -> None:
    User.objects.create(username="ann")
    response = client.head("/api/v1/users/ann")
    assert (response.status_code, response.content) == (200, b"")
