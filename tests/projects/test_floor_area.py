"""Floor area and building of projects that rent, and signed projects by their kind of site."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, found
from tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db
SUMMARY = f"{API}/projects/summary"


def test_signed_projects_divide_into_those_that_buy_land_and_those_that_rent(
    api: APIClient,
) -> None:
    signed: dict[str, Any] = {"met": ["signed"]}
    town = ProjectFactory.create(site_mode="land", land_mu="40.5", **signed).park
    signed["park"] = town
    for area in ("1200.5", "800", None):
        ProjectFactory.create(site_mode="lease", floor_area_m2=area, **signed)
    ProjectFactory.create(**signed)
    question = {
        "park": town.code,
        "counts_in_totals": "true",
        "group_by": "site_mode",
        "measures": "count,land_mu,floor_area_m2",
    }
    rows = found(api.get(SUMMARY, question))["rows"]
    told = {
        row["site_mode"]["value"]: (row["count"], row["land_mu"], row["floor_area_m2"])
        for row in rows
    }
    assert told == {"land": (1, 40.5, None), "lease": (3, None, 2000.5), None: (1, None, None)}
    (lease,) = [row for row in rows if row["site_mode"]["value"] == "lease"]
    assert lease["amounts"]["floor_area_m2"] == {"exact": 2, "qualified": 0, "missing": 1}
    assert len(found(api.get(lease["list_url"]))["results"]) == 3
    svg = api.get(f"{SUMMARY}.svg", {**question, "measures": "floor_area_m2", "lang": "zh"})
    assert "平方米" in svg.content.decode()
