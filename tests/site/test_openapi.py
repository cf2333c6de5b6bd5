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

from config.api.renderers import XLSX
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


# The statuses of refusals. 405 is for methods that an address does not have, so that no operation
# answers with it; 422 is for nothing: what is not understood is a 400.
EVERYWHERE = {"400", "401", "406", "414", "429", "431", "500", "503"}
OF_WRITES = {"403", "409", "411", "413", "415"}
OF_EDITS = {"412", "428"}
OF_THEIR_OWN = {
    "imports_list": {"403"},
    "imports_retrieve": {"403"},
    "imports_errors_csv": {"403", "409"},
    "imports_sheet_xlsx": {"403", "409"},
    "changes_list": {"410"},
    "attention_retrieve": {"403"},
    **{f"{rows}_duplicates": {"403"} for rows in ("projects", "organisations")},
    **{
        f"{rows}_{kind}": {"403"}
        for rows in ("progress", "plans")
        for kind in ("list", "csv", "xlsx")
    },
    **{
        f"projects_{rows}_{kind}": {"403"}
        for rows in ("progress", "plans", "people")
        for kind in ("list", "csv", "xlsx", "retrieve", "history")
    },
}


def expect_refusals(path: str, method: str, name: str) -> set[str]:
    """The statuses with which an operation may refuse what it is asked."""
    expected = EVERYWHERE | OF_THEIR_OWN.get(name, set())
    if "{" in path:
        expected |= {"404"}
    if method != "get":
        expected |= OF_WRITES
    if method in ("put", "patch", "delete") or path.endswith(("/restore", "/merge")):
        expected |= OF_EDITS
    if path.endswith(".xlsx") and not path.endswith(
        ("template.xlsx", "summary.xlsx", "sheet.xlsx")
    ):
        expected |= {"413"}
    return expected


def test_every_operation_says_what_it_is_for() -> None:
    for path, method, operation in operations():
        for said in ("summary", "description", "operationId", "tags"):
            assert operation[said], (method, path, said)
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (method, path, parameter["name"])


def test_every_operation_says_how_it_may_refuse() -> None:
    wrong = {}
    for path, method, operation in operations():
        refusals = {status for status in operation["responses"] if status >= "400"}
        if differ := refusals ^ expect_refusals(path, method, operation["operationId"]):
            wrong[f"{method} {path}"] = differ
    assert wrong == {}


def test_numbers_in_addresses_are_integers() -> None:
    kinds = {
        parameter["name"]: parameter["schema"]["type"]
        for _path, _method, operation in operations()
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path"
    }
    assert {name for name, kind in kinds.items() if kind == "integer"} == {"id", "version"}


def test_the_document_is_as_short_as_it_was_made() -> None:
    """Bytes for each operation: what is said of many of them is said once."""
    assert len(SNAPSHOT.read_bytes()) / len(operations()) < 4_850


def test_amounts_are_shown_as_whole_numbers_or_null() -> None:
    """Of each schema of an answer; coverage of amounts is in percent."""
    seen = 0
    for name, schema in read_snapshot()["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            if field.endswith("_cny") and not name.endswith("Request") and "type" in described:
                kinds = {"number", "null"} if name == "Coverage" else {"integer", "null"}
                assert {*described["type"]} <= kinds or described["type"] == "integer", name
                seen += 1
            assert "anyOf" not in described or name.endswith("Request"), (name, field)
    assert seen > 20


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
    assert seen["multipart/form-data"] == 1
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
