"""The OpenAPI document tells the contract: problems, pages, names."""

from collections.abc import Iterator
from typing import Any

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.settings import spectacular_settings
from drf_spectacular.validation import validate_schema

from config.api.openapi.schema import PROMISES
from tests.config.api import urls_for_contract
from tests.openapi import inline
from tests.together import together


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    """The document of the throw-away resources; making it leaves no warnings."""
    GENERATOR_STATS.reset()
    generator = SchemaGenerator(patterns=urls_for_contract.listed_patterns)
    document = generator.get_schema(request=None, public=True)
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache
    return inline(document)


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_it_is_valid_openapi_3_1(schema: dict[str, Any]) -> None:
    assert spectacular_settings.OAS_VERSION.startswith("3.1")
    validate_schema(schema)


def test_every_operation_has_a_stable_name_a_summary_and_a_tag(schema: dict[str, Any]) -> None:
    named = {
        operation["operationId"]: (operation["summary"], operation["tags"])
        for _path, _method, operation in operations(schema)
    }
    assert named == {
        "users_list": ("List users", ["users"]),
        "users_create": ("Create one user", ["users"]),
        "users_retrieve": ("Read one user", ["users"]),
        "users_partial_update": ("Change one user", ["users"]),
        "users_destroy": ("Delete one user", ["users"]),
        "users_facets": ("How many users there are", ["users"]),
        "groups_list": ("List groups", ["groups"]),
        "groups_retrieve": ("Read one group", ["groups"]),
        "entries_list": ("List log entries", ["entries"]),
        "entries_retrieve": ("Read one log entry", ["entries"]),
        "notes_create": ("Checks a note and gives it back", ["notes"]),
        "secret_retrieve": ("Something that not everybody may see", ["secret"]),
    }


def test_descriptions_are_written_for_clients(schema: dict[str, Any]) -> None:
    paths = schema["paths"]
    described = paths["/api/v1/users"]["get"]["description"].split("\n\n")
    assert described == ["People who may sign in.", str(PROMISES["list"])]
    assert paths["/api/v1/users/facets"]["get"]["description"] == "Takes the filters of the list."


def test_errors_are_problems_and_nothing_else(schema: dict[str, Any]) -> None:
    responses = schema["components"]["responses"]
    for _path, _method, operation in operations(schema):
        for status, response in operation["responses"].items():
            if status >= "400":
                (media_type, media), *others = response["content"].items()
                assert (media_type, others) == ("application/problem+json", [])
                assert media["schema"] == {"$ref": "#/components/schemas/Problem"}
                assert media["example"]["status"] == int(status)
    assert "Retry-After" in responses["Problem503"]["headers"]
    assert "WWW-Authenticate" in responses["Problem401"]["headers"]


@together(
    ("path", "method", "statuses"),
    [
        ("/api/v1/users", "get", "200 304 400 401 406 414 429 431 500 503"),
        ("/api/v1/users", "post", "201 400 401 403 406 409 411 413 414 415 429 431 500 503"),
        ("/api/v1/users/{username}", "get", "200 304 400 401 404 406 414 429 431 500 503"),
        (
            "/api/v1/users/{username}",
            "patch",
            "200 400 401 403 404 406 409 411 412 413 414 415 428 429 431 500 503",
        ),
        (
            "/api/v1/users/{username}",
            "delete",
            "204 400 401 403 404 406 409 411 412 413 414 415 428 429 431 500 503",
        ),
    ],
)
def test_each_operation_lists_the_statuses_it_may_answer_with(
    schema: dict[str, Any], path: str, method: str, statuses: str
) -> None:
    assert " ".join(sorted(schema["paths"][path][method]["responses"])) == statuses


def test_put_is_not_offered(schema: dict[str, Any]) -> None:
    assert all(method != "put" for _path, method, _operation in operations(schema))


def test_a_created_row_has_a_location(schema: dict[str, Any]) -> None:
    created = schema["paths"]["/api/v1/users"]["post"]["responses"]["201"]
    assert "Location" in created["headers"]


def in_query(parameters: list[dict[str, Any]]) -> set[str]:
    return {parameter["name"] for parameter in parameters if parameter["in"] == "query"}


def test_a_list_takes_its_filters_and_its_paging(schema: dict[str, Any]) -> None:
    parameters = schema["paths"]["/api/v1/users"]["get"]["parameters"]
    assert in_query(parameters) == {
        *("email", "staff", "group", "last_name", "id_min"),
        *("limit", "cursor", "ordering", "count", "fields"),
    }
    by_name = {parameter["name"]: parameter for parameter in parameters}
    limit = by_name["limit"]["schema"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 500, 50)
    assert "`last_login`" in by_name["ordering"]["description"]
    assert by_name["count"]["schema"]["enum"] == ["exact"]
    assert by_name["last_name"]["schema"] == {"type": "string", "enum": ["signed", "leading"]}
    assert by_name["staff"]["schema"] == {"type": "boolean"}
    assert by_name["email"]["description"] == "The whole address."
    assert by_name["group"]["description"] == "Users in the group of this name."


def test_an_action_documents_the_parameters_that_it_takes_and_no_others(
    schema: dict[str, Any],
) -> None:
    facets = schema["paths"]["/api/v1/users/facets"]["get"]
    names = {"email", "staff", "group", "last_name", "id_min"}
    assert in_query(facets["parameters"]) == names
    detail = schema["paths"]["/api/v1/users/{username}"]["get"]
    assert in_query(detail["parameters"]) == {"fields"}


def test_a_list_is_answered_in_the_envelope(schema: dict[str, Any]) -> None:
    page = schema["components"]["schemas"]["PaginatedUserList"]
    assert page["required"] == ["results", "next", "previous", "count"]
    assert page["properties"]["next"]["type"] == ["string", "null"]


def test_strict_bodies_have_no_other_fields(schema: dict[str, Any]) -> None:
    schemas = schema["components"]["schemas"]
    assert schemas["User"]["additionalProperties"] is False
    assert schemas["UserRequest"]["additionalProperties"] is False
    assert schemas["PatchedUserRequest"]["additionalProperties"] is False


def test_reading_needs_no_sign_in(schema: dict[str, Any]) -> None:
    ways = schema["paths"]["/api/v1/secret"]["get"]["security"]
    assert ways == [{"tokenAuth": []}, {"cookieAuth": []}, {}]
