"""POST /projects/bulk: many projects in one request, all or none, with every error in its place."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, Row, codes, error, found, mistakes
from tests.factories import OrganisationFactory, ParkFactory, ProjectFactory
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator")]

BULK = f"{API}/projects/bulk"


@kept_rows(autouse=True)
def town() -> None:
    ParkFactory.create(code="town")


def plain(**more: Any) -> Row:
    return {"name_zh": "厂", "park": "town", **more}


def send(client: APIClient, *rows: Any) -> Any:
    """Post the rows, whatever is doubtful about them."""
    return client.post(f"{BULK}?confirm=amounts,duplicates", {"projects": list(rows)})


def test_rows_without_a_version_create_projects(admin_api: APIClient) -> None:
    answer = found(
        send(
            admin_api,
            plain(code="A", investment_cny="1.5亿"),
            plain(code="b", part_of="a"),
            plain(),
        )
    )
    assert (answer["created"], answer["changed"]) == (3, 0)
    assert [row["code"] for row in answer["projects"]][:2] == ["A", "b"]
    assert {row["version"] for row in answer["projects"]} == {1}
    assert found(admin_api.get(f"{API}/projects/a"))["investment_cny"] == 150_000_000
    assert found(admin_api.get(f"{API}/projects/b"))["part_of"] == "A"
    assert Project.objects.count() == 3


def test_a_row_with_a_version_changes_what_it_names_and_leaves_the_rest(
    admin_api: APIClient,
) -> None:
    ProjectFactory.create(code="fab", note="kept", kind="new")
    rows = [{"code": "FAB", "version": 1, "kind": "expansion"}, plain(code="other")]
    answer = found(send(admin_api, *rows))
    assert (answer["created"], answer["changed"]) == (1, 1)
    assert answer["projects"][0] == {"code": "fab", "version": 2, "result": "changed"}
    fab = found(admin_api.get(f"{API}/projects/fab"))
    assert (fab["kind"], fab["note"]) == ("expansion", "kept")


@pytest.mark.both_databases
def test_every_error_of_every_row_is_reported_and_nothing_is_written(admin_api: APIClient) -> None:
    ProjectFactory.create(code="fab")
    response = send(
        admin_api,
        plain(code="good"),
        plain(park="tonw", kidn="new"),
        {"name_zh": "厂"},
        {"code": "fab", "version": 7, "note": "x"},
        {"code": "nowhere", "version": 1},
        {"version": 1, "note": "x"},
        plain(code="fab"),
        plain(code="two words"),
        plain(investors=[{"organisation": "nobody"}]),
        {"code": "good", "version": 1},
    )
    assert mistakes(response) == {
        "#/projects/0/code": "repeated_value",
        "#/projects/1/park": "unknown_value",
        "#/projects/1/kidn": "unknown_field",
        "#/projects/2/park": "required",
        "#/projects/3/code": "repeated_value",
        "#/projects/4/code": "unknown_value",
        "#/projects/5/code": "required",
        "#/projects/6/code": "repeated_value",
        "#/projects/7/code": "invalid",
        "#/projects/8/investors/0/organisation": "unknown_value",
        "#/projects/9/code": "repeated_value",
    }
    assert codes(admin_api, "projects") == ["fab"]


def test_a_row_that_moved_since_is_a_conflict(admin_api: APIClient) -> None:
    ProjectFactory.create(code="fab")
    found(admin_api.patch(f"{API}/projects/fab", {"note": "x"}))
    response = send(admin_api, {"code": "fab", "version": 1, "note": "y"})
    assert mistakes(response, 409) == {"#/projects/0/version": "version_conflict"}
    assert found(admin_api.get(f"{API}/projects/fab"))["note"] == "x"


@together("version", [None, "1", 1.5, True, []])
def test_a_version_is_a_whole_number(admin_api: APIClient, version: Any) -> None:
    ProjectFactory.create(code="fab")
    response = send(admin_api, {"code": "fab", "version": version})
    assert mistakes(response) == {"#/projects/0/version": "invalid"}


@together(
    ("body", "place", "code"),
    sample(
        [
            ([], "#", "invalid"),
            ({}, "#/projects", "required"),
            ({"projects": []}, "#/projects", "required"),
            ({"projects": {}}, "#/projects", "required"),
            ({"projects": [[]]}, "#/projects/0", "invalid"),
            ({"projects": ["fab"]}, "#/projects/0", "invalid"),
            ({"project": [{}]}, "#/project", "unknown_field"),
        ],
        2,
    ),
)
def test_the_body_is_a_list_of_projects(
    admin_api: APIClient, body: Any, place: str, code: str
) -> None:
    assert mistakes(admin_api.post(BULK, body)) == {place: code}


WHOLE: Row = {
    "name_zh": "晶圆厂",
    "park": "town",
    "investment_cny": "超1.5亿元",
    "investment_basis": "agreed",
    "reported_on": "2024-03",
    "milestones": [
        {"type": "signed", "actual_on": "2023-11", "agreement_type": "contract"},
        {"type": "started", "status": "scheduled", "planned_on": "2026"},
    ],
    "investors": [{"organisation": "maker", "share_bp": 6000}],
}
NATIONAL = "2403-120115-89-05-123456"


def test_what_rows_refer_to_is_looked_up_once_a_kind(admin_api: APIClient) -> None:
    for number in range(12):
        OrganisationFactory.create(code=f"maker-{number}")

    def count(numbers: range) -> int:
        investors = [[{"organisation": f"Maker-{number}"}] for number in numbers]
        with CaptureQueriesContext(connection) as captured:
            found(send(admin_api, *(plain(investors=each) for each in investors)))
        return len(captured)

    count(range(2))  # what is compiled once
    assert count(range(2, 4)) == count(range(4, 12))
    wrong = send(admin_api, plain(investors=[{"organisation": "maker\x00"}]))
    assert [*mistakes(wrong)] == ["#/projects/0/investors/0/organisation"]


def update(client: APIClient, *rows: Any) -> Any:
    query = "on_existing=update&confirm=amounts,duplicates"
    return client.post(f"{BULK}?{query}", {"projects": list(rows)})


@pytest.mark.both_databases
def test_stored_projects_are_updated_and_a_retry_changes_nothing(
    admin_api: APIClient, settings: Any
) -> None:
    settings.CACHE_MAX_BYTES = 0
    OrganisationFactory.create(code="maker")
    rows = [
        {**WHOLE, "code": "fab"},
        {**WHOLE, "national_code": NATIONAL, "name_zh": "乙"},
        plain(code="part", part_of="FAB"),
    ]
    first = found(update(admin_api, *rows))
    again = found(update(admin_api, *rows))
    assert (first["created"], again["same"]) == (3, 3)
    said = [(row["code"], row["version"]) for row in first["projects"]]
    assert [(row["code"], row["version"]) for row in again["projects"]] == said
    mixed = [{**rows[0], "note": "x"}, {"national_code": NATIONAL, "kind": "new"}, plain(code="c")]
    answer = found(update(admin_api, *mixed))
    assert [row["result"] for row in answer["projects"]] == ["changed", "changed", "created"]
    assert mistakes(send(admin_api, rows[0]), 409) == {"#/projects/0/code": "unique"}
    wrong = update(admin_api, {"code": "fab", "milestones": []}, plain(origin_basis="stated"))
    assert mistakes(wrong) == {"#/projects/0/milestones": "met_left_out"}
    broken = update(admin_api, plain(code="d"), plain(origin_basis="stated"))
    assert mistakes(broken) == {"#/projects/1": "basis_of_nothing"}
    assert error(admin_api.post(f"{BULK}?on_existing=x", {}))["parameter"] == "on_existing"
