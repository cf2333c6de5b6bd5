"""Where parks and projects stand: region, address, plot, and a point as its source gives it."""

from typing import Any

import pytest

from parks.models import Park
from tests.answers import API, CarefulClient, codes, found, made
from tests.factories import ParkFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

PLACE = {
    "region": "330300",
    "site": "2021-07 号",
    "address": "通唐公路 8 号",
    "latitude": 39.65,
    "longitude": 117.25,
    "point_accuracy": "address",
    "point_datum": "gcj02",
}


@pytest.fixture
def api(admin_api: CarefulClient) -> CarefulClient:
    """A superuser, who reads before they write."""
    return admin_api


@pytest.fixture
def town(vocabularies: None) -> Park:
    return ParkFactory.create(code="town", region_id="120115", default_publication="published")


def create(api: CarefulClient, **fields: Any) -> dict[str, Any]:
    return made(api.post(f"{API}/projects", {"park": "town", "name_zh": "项目", **fields}))


def test_a_project_stands_where_its_park_lies_unless_it_says_another_region(
    api: CarefulClient, town: Park
) -> None:
    here = create(api, code="here")
    there = create(api, code="there", region="110108")
    assert (here["region"], here["project_region"]) == (None, "120115")
    assert (there["region"], there["project_region"]) == ("110108", "110108")
    assert codes(api, "projects", project_region="天津市") == ["here"]
    assert codes(api, "projects", project_region_not="120115") == ["there"]
    moved = api.patch(f"{API}/parks/town", {"region": "120000"})
    assert found(moved)["region"] == "120000"
    assert found(api.get(f"{API}/projects/here"))["project_region"] == "120000"
    assert found(api.get(f"{API}/projects/there"))["project_region"] == "110108"
    back = api.patch(f"{API}/projects/there", {"region": None})
    assert found(back)["project_region"] == "120000"


def test_a_point_is_of_wgs84_unless_another_datum_is_said(api: CarefulClient, town: Park) -> None:
    point = {"latitude": 39.654321, "longitude": 117.25, "point_accuracy": "site"}
    row = create(api, code="fab", address="宝坻区通唐公路 8 号", site="宝坻-2021-07 号", **point)
    assert {name: row[name] for name in point} == point
    assert row["point_datum"] == "wgs84"
    other = api.patch(f"{API}/projects/fab", {"point_datum": "gcj02"})
    assert found(other)["point_datum"] == "gcj02"
    assert found(other)["latitude"] == 39.654321
    gone = found(api.patch(f"{API}/projects/fab", {"latitude": None, "longitude": None}))
    assert [gone[name] for name in ("latitude", "point_accuracy", "point_datum")] == [None] * 3
    park = found(api.patch(f"{API}/parks/town", {"latitude": 39.7, "longitude": 117.3}))
    assert (park["latitude"], park["point_datum"]) == (39.7, "wgs84")
