"""Parks and projects for maps: GeoJSON of those that have a point, as their sources give it."""

import json
from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, Row, read_file
from tests.factories import ParkFactory, ProjectFactory, SourceFactory
from tests.kept import check_kept
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]


@kept_rows(autouse=True)
def ledger(vocabularies: None) -> Project:
    """Two parks with points of two datums, and four projects, of which two can be seen on a map."""
    town = ParkFactory.create(
        code="town",
        name_en="",
        name_zh="科技城",
        kind="science_park",
        region_id="120115",
        latitude="39.65",
        longitude="117.25",
        point_datum="gcj02",
        point_accuracy="area",
        source=SourceFactory.create(code="paper"),
    )
    ParkFactory.create(code="bay", region_id="330300")
    ParkFactory.create(code="yard", region_id="110108", latitude="-0.5", longitude="-180")
    fab = ProjectFactory.create(
        code="fab",
        name_zh="芯片厂“一期”",
        name_en="",
        park=town,
        investment=150_000_000,
        investment__qualifier="over",
        investment__basis="agreed",
        sector_id="C3973",
        sector_basis="stated",
        address="通唐公路 8 号",
        latitude="39.654321",
        longitude="117.1",
    )
    ProjectFactory.create(code="lab", park=town, latitude="39.1", longitude="117.3")
    ProjectFactory.create(code="nowhere", park=town)
    hidden = {"publication": "draft", "latitude": "39.2", "longitude": "117.4"}
    ProjectFactory.create(code="plan", park=town, **hidden)
    return fab


def collection(api: APIClient, address: str, **asked: Any) -> Row:
    """The FeatureCollection at an address, of which the headers are right."""
    response = api.get(f"{API}/{address}.geojson", asked)
    answer: Row = json.loads(read_file(response))
    assert response.headers["Content-Type"] == "application/geo+json"
    assert response.headers["X-Row-Count"] == str(len(answer["features"]))
    assert f"{address}.geojson" in response.headers["Content-Disposition"]
    return answer


def ids(answer: Row) -> list[str]:
    return [feature["id"] for feature in answer["features"]]


def test_projects_with_a_point_are_features(api: APIClient) -> None:
    answer = collection(api, "projects", ordering="code")
    assert [*answer] == ["type", "features", "datums", "without_point"]
    assert answer["type"] == "FeatureCollection"
    assert (ids(answer), answer["datums"]) == (["fab", "lab"], {"wgs84": 2})
    assert answer["without_point"] == 1
    check_kept("project as a feature", answer["features"][0])


def test_a_point_of_another_datum_is_said_to_be_so_and_stays_as_it_is(api: APIClient) -> None:
    answer = collection(api, "parks", ordering="code")
    assert (ids(answer), answer["without_point"]) == (["town", "yard"], 1)
    assert answer["datums"] == {"gcj02": 1, "wgs84": 1}
    town, yard = answer["features"]
    assert yard["geometry"]["coordinates"] == [-180.0, -0.5]
    check_kept("park as a feature", town)
