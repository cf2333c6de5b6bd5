"""docs/openapi.yaml is what the API says of itself, and `make openapi` writes it."""

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils.translation import get_language
from drf_spectacular import validation
from jsonschema import Draft202012Validator
from rest_framework.test import APIClient

from api.renderers import DOCX, PARQUET, XLSX
from tests.openapi import SNAPSHOT, follow, inline, read_snapshot
from tests.together import together


def written_now() -> str:
    out = StringIO()
    call_command("spectacular", fail_on_warn=True, stdout=out)
    return out.getvalue()


@pytest.mark.long("the served document is compared daily")
def test_the_snapshot_is_up_to_date() -> None:
    assert SNAPSHOT.read_text(encoding="utf-8").strip() == written_now().strip(), (
        "The API has changed: run `make openapi`, and read what the change does to clients."
    )


def test_the_snapshot_is_openapi() -> None:
    """As `make openapi` says; by Rust, which is a hundred times faster."""
    rules = Path(validation.__file__).with_name("openapi_3_1_schema.json")
    jsonschema_rs.validate(json.loads(rules.read_text(encoding="utf-8")), read_snapshot())


@pytest.mark.parametrize("language", ["zh-hans", None])
def test_a_test_begins_in_the_language_of_the_site(api: APIClient, language: str | None) -> None:
    """The first leaves its language to the second."""
    assert get_language() == settings.LANGUAGE_CODE
    if language:
        api.get("/healthz", HTTP_ACCEPT_LANGUAGE=language)
        assert get_language() == language


@cache
def operations() -> list[tuple[str, str, Any]]:
    """Every operation with its address and method."""
    return [
        (path, method, operation)
        for path, methods in inline(read_snapshot())["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_says_what_it_is_for() -> None:
    for path, method, operation in operations():
        for said in ("summary", "description", "operationId", "tags"):
            assert operation[said], (method, path, said)
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (method, path, parameter["name"])


def test_the_document_is_as_short_as_it_was_made() -> None:
    """Bytes for each operation: what is said of many of them is said once."""
    assert len(SNAPSHOT.read_bytes()) / len(operations()) < 6_500


def test_operation_ids_are_given_once() -> None:
    names = [operation["operationId"] for _path, _method, operation in operations()]
    assert len(names) == len(set(names))


def wrong(schema: Any, example: Any) -> list[str]:
    """What is wrong with an example."""
    whole = {**schema, "components": read_snapshot()["components"]}
    return [error.message for error in Draft202012Validator(whole).iter_errors(example)]


def find_example(media: Any) -> Any:
    """The example of a body: its own, or that of its schema; of a page one with such a row."""
    if "example" in media:
        return media["example"]
    schema = follow(read_snapshot(), media["schema"])
    if "examples" in schema:
        return schema["examples"][0]
    row = find_example({"schema": schema["properties"]["results"]["items"]})
    return {"results": [row], "next": None, "previous": None, "count": 1}


WITHOUT_EXAMPLE = {
    "image/png",
    XLSX,
    PARQUET,
    DOCX,
    "application/pdf",
    "application/octet-stream",
}  # pixels and workbooks cannot be shown in a text


def bodies() -> Iterator[tuple[str, str, Any]]:
    """Every body that is sent or answered where all goes well: its place, media type, media."""
    for path, method, operation in operations():
        sent = {"request": operation.get("requestBody", {})}
        answered = {k: v for k, v in operation["responses"].items() if k < "400"}
        for status, body in {**sent, **answered}.items():
            for media_type, media in body.get("content", {}).items():
                yield f"{method} {path} {status}", media_type, media


def test_every_body_has_an_example_that_is_valid() -> None:
    seen = Counter[str]()
    for place, media_type, media in bodies():
        seen[media_type] += 1
        if media_type not in WITHOUT_EXAMPLE:
            assert wrong(media["schema"], find_example(media)) == [], place
    assert seen["application/json"] > 150
    assert seen["multipart/form-data"] == 4
    assert seen["text/csv"] > 20


def test_what_must_be_asked_has_an_example_that_is_valid() -> None:
    seen = 0
    for path, method, operation in operations():
        for parameter in operation.get("parameters", ()):
            if not parameter.get("required"):
                continue
            shown = parameter.get("examples", {"": {"value": parameter.get("example")}})
            for example in shown.values():
                found = wrong(parameter["schema"], example["value"])
                assert found == [], (method, path, parameter["name"])
                seen += 1
    assert seen > 150


def test_every_problem_has_an_example_that_is_valid() -> None:
    for name, response in read_snapshot()["components"]["responses"].items():
        media = response.get("content", {}).get("application/problem+json")
        assert media is None or wrong(media["schema"], media["example"]) == [], name


@pytest.mark.django_db
@together(
    "path",
    ["imports/template.xlsx", "imports/none/errors.csv", "projects.csv", "projects/summary.svg"],
)
def test_what_the_address_of_a_file_says_of_itself_is_json(admin_api: APIClient, path: str) -> None:
    response = admin_api.options(f"/api/v1/{path}")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.django_db
def test_an_import_without_a_body_is_refused(admin_api: APIClient) -> None:
    response = admin_api.post("/api/v1/imports")
    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["#/file"]
