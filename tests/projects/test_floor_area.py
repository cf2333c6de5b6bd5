"""Floor area and building of projects that rent, and signed projects by their kind of site."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, found
from tests.factories import ProjectFactory
from tests.projects.importing.imports import applied, checked, faults, line, table
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db
SUMMARY = f"{API}/projects/summary"


@kept_rows
def shop() -> Project:
    shop: Project = ProjectFactory.create(code="shop", name_zh="检测中心", site_mode="lease")
    return shop


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


@together(
    ("header", "cell", "area"),
    [
        ("载体面积（平方米）", "1200.5", "1200.50"),
        ("租赁面积", "1,200.5㎡", "1200.50"),
        ("厂房面积（万平方米）", "1.2", "12000.00"),
        ("载体面积", "0.8万平方米", "8000.00"),
        ("载体面积", "约800平方米", "800.00"),  # with a warning
        ("floor_area_m2", "800", "800.00"),
    ],
)
def test_a_sheet_gives_floor_area_and_building(
    admin_api: APIClient, shop: Project, header: str, cell: str, area: str
) -> None:
    sheet = table(["项目编码", header, "楼栋"], ["shop", cell, "A1栋"])
    applied(admin_api, sheet)
    stored = Project.objects.get(code="shop")
    assert (str(stored.floor_area_m2), stored.building) == (area, "A1栋")
    warned = [each["code"] for each in line(checked(admin_api, sheet), 2).get("warnings", ())]
    assert warned == (["hedge_dropped"] if "约" in cell else [])


def test_what_is_no_floor_area_is_refused(admin_api: APIClient, shop: Project) -> None:
    rows = [["shop", "5亩"], ["shop", "800.005"], ["shop", "1e3"], ["shop", "-1"]]
    found_faults = faults(checked(admin_api, table(["项目编码", "载体面积"], *rows)))
    assert {key for key, _code in found_faults.items()} == {
        (number, "floor_area_m2") for number in (2, 3, 4, 5)
    }
