"""PUT at the address of a row: created there, or replaced as a whole; a retry is harmless."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests import factories
from tests.answers import API, Row, found, made, problem, sign_in
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator")]

CREATE_ONLY = {"If-None-Match": "*"}
FAB = f"{API}/projects/fab"
PLAIN = {"name_zh": "晶圆厂", "park": "town"}


@kept_rows(autouse=True)
def town() -> None:
    factories.ParkFactory.create(code="town")


@pytest.fixture
def desk(superuser: Any) -> APIClient:
    """A superuser's client that adds nothing to a request by itself."""
    return sign_in(superuser)


def put(client: APIClient, body: Row, address: str = FAB, **headers: str) -> Any:
    return client.put(address, body, headers={k.replace("_", "-"): v for k, v in headers.items()})


# --- Creating ------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, CREATE_ONLY], ids=["bare", "create only"])
def test_a_free_address_is_filled(desk: APIClient, headers: Row) -> None:
    response = desk.put(FAB, {**PLAIN, "note": "x"}, headers=headers)
    assert made(response).items() >= {"code": "fab", "name_zh": "晶圆厂", "note": "x"}.items()
    assert response.headers["Location"] == f"http://testserver{FAB}"
    assert found(desk.get(FAB)) == response.json()
    assert response.headers["ETag"] == '"1"'


def test_a_retry_of_a_creation_creates_nothing(desk: APIClient) -> None:
    made(desk.put(FAB, PLAIN, headers=CREATE_ONLY))
    again = desk.put(FAB, PLAIN, headers=CREATE_ONLY)
    assert problem(again, 412)["type"] == "/problems/version-conflict"
    assert again.headers["ETag"] == '"1"'
    assert problem(desk.put(FAB, PLAIN), 428)
    assert Project.objects.count() == 1
    assert found(desk.get(FAB))["version"] == 1


@together("tag", ['"1"', "1", ""])
def test_if_none_match_of_a_put_takes_the_asterisk_alone(desk: APIClient, tag: str) -> None:
    refused = problem(desk.put(FAB, PLAIN, headers={"If-None-Match": tag}))
    assert "If-None-Match: *" in refused["detail"]


# --- Replacing -----------------------------------------------------------------------------------


def test_fields_that_are_left_out_are_emptied(desk: APIClient) -> None:
    factories.RegionFactory.create(code="330300")
    full = {
        "origin": "330300",
        "kind": "new",
        "land_mu": 12.5,
        "standing": "suspended",
        "standing_on": "2024-03",
        "standing_reason": "停工",
        "reported_on": "2024",
        "is_umbrella": True,
        "source": factories.SourceFactory.create(code="report").code,
        "part_of": factories.ProjectFactory.create(code="whole").code,
        "note": "x",
        "publication": "published",
        "investors": [{"organisation": factories.OrganisationFactory.create(code="maker").code}],
    }
    tag = desk.put(FAB, {**PLAIN, **full}).headers["ETag"]
    bare = found(desk.put(FAB, PLAIN, headers={"If-Match": tag}))
    fresh = made(desk.put(f"{API}/projects/other?confirm=duplicates", PLAIN))
    own = {"code", "version", "created_at", "updated_at"}
    assert {k: v for k, v in bare.items() if k not in own} == {
        k: v for k, v in fresh.items() if k not in own
    }
    assert bare["version"] == 2


def test_a_replacement_is_of_the_version_that_was_read(desk: APIClient) -> None:
    tag = desk.put(FAB, PLAIN).headers["ETag"]
    changed = {**PLAIN, "note": "x"}
    assert problem(desk.put(FAB, changed), 428)
    assert found(desk.put(FAB, changed, headers={"If-Match": tag}))["note"] == "x"
    # The retry of a replacement that was made is refused, and nothing is made twice
    assert problem(desk.put(FAB, changed, headers={"If-Match": tag}), 412)["current_version"] == 2
    assert found(desk.get(FAB))["version"] == 2


@together(
    ("address", "body", "field", "value"),
    [
        ("parks/new", {"name_zh": "园", "region": "330300", "kind": "hitech_zone"}, "brand", ""),
        ("events/new", {"name_zh": "会", "held_on": "2023-11"}, "host", ""),
        ("organisations/new", {"name_zh": "公司"}, "note", ""),
        ("sources/new", {"title": "报道", "kind": "news"}, "url", ""),
    ],
)
def test_other_resources_are_put_likewise(
    desk: APIClient, address: str, body: Row, field: str, value: Any
) -> None:
    factories.RegionFactory.create(code="330300")
    url = f"{API}/{address}"
    known = {name: word for name, word in body.items() if name != "kind"}
    row = made(desk.put(url, {**known, field: "https://example.org/x"}, headers=CREATE_ONLY))
    assert row[field] == "https://example.org/x"
    again = desk.put(url, known, headers={"If-Match": desk.get(url).headers["ETag"]})
    assert found(again)[field] == value
    assert found(again)["version"] == 2
