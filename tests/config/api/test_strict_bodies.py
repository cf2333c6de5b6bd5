"""Request bodies are taken whole or refused: no field is ignored, none is set on the sly."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from config.api.problems.pointers import json_pointer
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.config.api.urls_for_contract")]


def refusal(client: Client, body: Any) -> list[dict[str, Any]]:
    """The errors with which a note is refused."""
    response = client.post("/api/v1/notes", body, "application/json")
    assert response.status_code == 400, response.content
    document = response.json()
    assert document["type"] == "/problems/validation-failed"
    return document["errors"]


def codes(errors: list[dict[str, Any]]) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in errors}


def test_a_good_body_is_taken(client: Client) -> None:
    body = {"title": "a", "text": "two\nlines", "investors": [{"name": "b", "share_bp": 1}]}
    response = client.post("/api/v1/notes", body, "application/json")
    assert response.json() == body


def test_an_unknown_field_is_refused_with_the_nearest_spelling(client: Client) -> None:
    [error] = refusal(client, {"title": "a", "txet": "b"})
    assert error["pointer"] == "#/txet"
    assert error["code"] == "unknown_field"
    assert error["suggestion"] == "text"


def test_a_read_only_field_is_refused(client: Client) -> None:
    [error] = refusal(client, {"title": "a", "version": 3})
    assert (error["pointer"], error["code"]) == ("#/version", "read_only_field")


def test_nested_objects_are_as_strict(client: Client) -> None:
    errors = refusal(
        client,
        {
            "title": "a",
            "investors": [{"name": "b"}, {"nmae": "c", "share_bp": 10_001}, {"name": "d\x00"}],
        },
    )
    assert codes(errors) == {
        "#/investors/1/nmae": "unknown_field",
        "#/investors/1/name": "required",
        "#/investors/1/share_bp": "max_value",
        "#/investors/2/name": "control_character",
    }


def test_each_item_of_a_list_of_bodies_is_as_strict(client: Client) -> None:
    errors = refusal(client, [{"title": "a"}, {"title": "b", "txet": "c"}, {}])
    assert codes(errors) == {"#/1/txet": "unknown_field", "#/2/title": "required"}


def test_every_mistake_of_a_body_is_reported_at_once(client: Client) -> None:
    errors = refusal(
        client,
        {"titel": "a", "version": 1, "text": "b\x00", "tags": ["c", "d\x07"], "title": None},
    )
    assert codes(errors) == {
        "#/titel": "unknown_field",
        "#/version": "read_only_field",
        "#/text": "control_character",
        "#/tags/1": "control_character",
        "#/title": "null",
    }


@together("text", ["\x00", "a\x1b", "a\x7f", "a\x85", "a\ud800"])
def test_control_characters_and_half_characters_are_refused(client: Client, text: str) -> None:
    assert codes(refusal(client, {"title": text}))["#/title"] == "control_character"


def test_only_texts_of_several_lines_may_break_lines(client: Client) -> None:
    assert codes(refusal(client, {"title": "two\nlines"})) == {"#/title": "control_character"}
    body = {"title": "a", "text": "two\r\n\tlines"}
    assert client.post("/api/v1/notes", body, "application/json").status_code == 200


@together("body", [b'"text"', b"3", b"null", b"true"])
def test_a_body_that_is_no_object_is_refused_as_a_whole(client: Client, body: bytes) -> None:
    assert set(codes(refusal(client, body))) == {"#"}


def test_errors_about_the_whole_point_at_the_whole(client: Client) -> None:
    assert codes(refusal(client, {"title": "forbidden"})) == {"#": "forbidden_title"}
    assert codes(refusal(client, [{"title": "a"}, {"title": "forbidden"}])) == {
        "#/1": "forbidden_title"
    }


def test_a_serializers_own_suggestion_and_candidates_reach_the_client(client: Client) -> None:
    [error] = refusal(client, {"title": "sigend"})
    assert error["suggestion"] == "signed"
    assert error["candidates"] == ["signed"]


def test_a_body_over_the_limit_is_too_large(client: Client) -> None:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = '{"title": "a", "text": "b"}'
    fitting = body + " " * (limit - len(body))
    assert client.post("/api/v1/notes", fitting, "application/json").status_code == 200
    response = client.post("/api/v1/notes", fitting + " ", "application/json")
    assert response.status_code == 413
    assert response.json()["type"] == "/problems/too-large"


def test_a_resource_refuses_what_its_serializer_does_not_name(client: Client) -> None:
    body = {"username": "ann", "is_superuser": True, "last_login": None}
    response = client.post("/api/v1/users", body, "application/json")
    assert codes(response.json()["errors"]) == {
        "#/is_superuser": "unknown_field",
        "#/last_login": "read_only_field",
    }
    assert not User.objects.exists()


@together(
    ("steps", "pointer"),
    [
        ((), "#"),
        (("investors", 0, "share_bp"), "#/investors/0/share_bp"),
        (("a/b", "m~n"), "#/a~1b/m~0n"),
        (("名",), "#/%E5%90%8D"),
        (("\ud800",), "#/%3F"),
    ],
)
def test_pointers_are_written_as_rfc_6901_says(steps: tuple[str | int, ...], pointer: str) -> None:
    assert json_pointer(*steps) == pointer
