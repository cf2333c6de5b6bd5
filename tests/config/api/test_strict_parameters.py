"""A question the server does not understand is refused, by name, with the nearest spelling."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.api.urls_for_contract")]

LIST_PARAMETERS = [
    "count",
    "cursor",
    "email",
    "group",
    "id_min",
    "last_name",
    "limit",
    "ordering",
    "staff",
]


def refusal(client: Client, url: str) -> list[dict[str, Any]]:
    """The errors with which `url` is refused."""
    response = client.get(url)
    assert response.status_code == 400, response.content
    return response.json()["errors"]


def test_an_unknown_parameter_is_refused_with_the_nearest_spelling(client: Client) -> None:
    response = client.get("/api/v1/users?emial=a@example.org")
    document = response.json()
    assert response.status_code == 400
    assert document["type"] == "/problems/unknown-parameter"
    assert "emial" in document["detail"]
    [error] = document["errors"]
    assert error["parameter"] == "emial"
    assert error["code"] == "unknown_parameter"
    assert error["suggestion"] == "email"


def test_nothing_is_suggested_where_nothing_is_near(client: Client) -> None:
    [error] = refusal(client, "/api/v1/users?zzz=1")
    assert "suggestion" not in error


@together("name", LIST_PARAMETERS)
@together("change", [str.upper, "{}[]".format, "{}%20".format, "{}__gte".format])
def test_a_parameter_in_another_shape_is_unknown(client: Client, name: str, change: Any) -> None:
    [error] = refusal(client, f"/api/v1/users?{change(name)}=1")
    assert error["code"] == "unknown_parameter"
    assert error["suggestion"] == name


@together(
    "url",
    [
        "/api/v1/users/ann",
        "/api/v1/secret",
        "/api/v1/groups/A",
    ],
)
def test_where_no_parameter_means_anything_all_are_refused(client: Client, url: str) -> None:
    client.force_login(User.objects.create(username="ann"))
    Group.objects.create(name="A")
    assert client.get(url).status_code == 200
    [error] = refusal(client, f"{url}?limit=1")
    assert (error["parameter"], error["code"]) == ("limit", "unknown_parameter")


def test_writing_takes_no_parameters_either(client: Client) -> None:
    response = client.post("/api/v1/users?dry_run=1", {"username": "ann"}, "application/json")
    assert response.status_code == 400
    assert not User.objects.exists()


@together("name", LIST_PARAMETERS)
@together("value", ["", "%20", "%09"])
def test_an_empty_value_is_refused(client: Client, name: str, value: str) -> None:
    [error] = refusal(client, f"/api/v1/users?{name}={value}")
    assert (error["parameter"], error["code"]) == (name, "empty_value")


@together("name", sorted({*LIST_PARAMETERS} - {"ordering"}))
def test_a_repeated_parameter_is_refused_even_with_the_same_value(
    client: Client, name: str
) -> None:
    [error] = refusal(client, f"/api/v1/users?{name}=1&{name}=1")
    assert (error["parameter"], error["code"]) == (name, "repeated_parameter")


@together("value", ["a%00b", "a%0Ab", "%7F", "x%C2%85"])
def test_control_characters_are_refused(client: Client, value: str) -> None:
    [error] = refusal(client, f"/api/v1/users?email={value}")
    assert (error["parameter"], error["code"]) == ("email", "control_character")


def test_an_address_encoded_in_gb18030_is_refused_as_such(client: Client) -> None:
    [error] = refusal(client, "/api/v1/users?email=%D5%E3%BD%AD")
    assert (error["parameter"], error["code"]) == ("email", "not_utf8")


@together(("count", "status"), [(40, 400), (41, 400), (700, 400), (2000, 414)])
def test_more_than_forty_parameters_are_refused_as_too_many(
    client: Client, count: int, status: int
) -> None:
    response = client.get("/api/v1/users?" + "&".join(f"zz{n}=1" for n in range(count)))
    errors = response.json()["errors"]
    assert response.status_code == status
    if count == 40:
        assert len(errors) == 40
    elif count == 41:
        assert [error["code"] for error in errors] == ["too_many_parameters"]


def test_every_mistake_of_a_request_is_reported_at_once(client: Client) -> None:
    url = (
        "/api/v1/users?emial=x&staff=perhaps&limit=501&ordering=nmae&count=&id_min=a&id_min=b"
        "&last_name=singed&cursor=abc"
    )
    codes = {error["parameter"]: error["code"] for error in refusal(client, url)}
    assert codes == {
        "emial": "unknown_parameter",
        "staff": "invalid",
        "limit": "out_of_range",
        "ordering": "unknown_value",
        "count": "empty_value",
        "id_min": "repeated_parameter",
        "last_name": "unknown_value",
    }
    assert client.get(url).json()["type"] == "/problems/validation-failed"


def test_405_is_decided_before_400(client: Client) -> None:
    assert client.put("/api/v1/users?zzz=1").status_code == 405
    assert client.post("/api/v1/groups?zzz=1").status_code == 405
    assert client.generic("TRACE", "/api/v1/users?zzz=1").status_code == 405


def test_401_is_decided_before_400(client: Client) -> None:
    assert client.get("/api/v1/secret?zzz=1").status_code == 401


def test_an_action_may_take_the_filters_alone(client: Client) -> None:
    User.objects.create(username="ann", email="a@example.org")
    User.objects.create(username="bob")
    assert client.get("/api/v1/users/facets?email=a@example.org").json() == {"count": 1}
    [error] = refusal(client, "/api/v1/users/facets?limit=1")
    assert error["code"] == "unknown_parameter"
    [error] = refusal(client, "/api/v1/users/facets?id_min=-1")
    assert error["code"] == "out_of_range"


@together(
    ("query", "found"),
    [
        *[("email=a@example.org", ["ann"]), ("email=c@example.org", []), ("staff=true", ["bob"])],
        *[("staff=false", ["ann"]), ("group=zhejiang", ["ann"]), ("group=zhejiang&staff=true", [])],
        ("last_name=signed", ["bob"]),
    ],
)
def test_filters_narrow_the_list(client: Client, query: str, found: list[str]) -> None:
    ann = User.objects.create(username="ann", email="a@example.org")
    ann.groups.add(Group.objects.create(name="zhejiang"))
    User.objects.create(username="bob", is_staff=True, last_name="signed")
    page = client.get(f"/api/v1/users?{query}").json()
    assert [row["username"] for row in page["results"]] == found


@together("value", ["perhaps", "unknown", "1.5"])
def test_a_value_that_a_filter_would_silently_drop_is_refused(client: Client, value: str) -> None:
    [error] = refusal(client, f"/api/v1/users?staff={value}")
    assert (error["parameter"], error["code"]) == ("staff", "invalid")


def test_a_value_that_is_no_choice_is_refused_with_the_nearest_choice(client: Client) -> None:
    [error] = refusal(client, "/api/v1/users?last_name=singed")
    assert error["code"] == "unknown_value"
    assert error["suggestion"] == "signed"


def test_an_ambiguous_value_is_refused_with_its_candidates(client: Client) -> None:
    [error] = refusal(client, "/api/v1/users?group=suzhou")
    assert error == {
        "parameter": "group",
        "code": "ambiguous_name",
        "detail": "Which Suzhou?",
        "candidates": ["320500", "341300"],
    }


def test_a_filter_may_suggest_a_value_itself(client: Client) -> None:
    [error] = refusal(client, "/api/v1/users?group=zhejaing")
    assert error == {
        "parameter": "group",
        "code": "unknown_value",
        "detail": "No “zhejaing”.",
        "suggestion": "zhejiang",
    }


@pytest.mark.parametrize(("value", "code"), [("-1", "out_of_range"), ("x", "invalid")])
def test_numbers_outside_their_range_are_told_from_words(
    client: Client, value: str, code: str
) -> None:
    [error] = refusal(client, f"/api/v1/users?id_min={value}")
    assert (error["parameter"], error["code"]) == ("id_min", code)
