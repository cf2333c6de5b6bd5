"""The links of an industry chain: which have projects in a park or region, and which have none."""

from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, CarefulClient, found, made, problem
from tests.conftest import make_vocabularies
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db
LINKS = f"{API}/sector-groups/chips/links"
MEMBERS = [
    {"sector": "C397", "position": "midstream"},
    {"sector": "C3973", "excluded": True},
    {"sector": "I6520", "position": "upstream"},
    {"sector": "C341"},
    {"sector": "I65", "position": "downstream"},  # with all that is upstream in it
]
SECTORS = {
    **{"fab": "C3972", "board": "C397", "out": "C3973", "design": "I6520", "code": "I651"},
    **{"coarse": "C39", "other": "C2710"},
}


@kept_rows(autouse=True)
def ledger() -> None:
    """Two parks, in one of which no link but the middle one has a project."""
    make_vocabularies()
    town = ParkFactory.create(code="town", region_id="120115")
    port = ParkFactory.create(code="port", region_id="310115")
    for code, sector in SECTORS.items():
        park = port if code in ("design", "code", "fab") else town
        ProjectFactory.create(code=code, park=park, sector_id=sector, investment=10**8)
    ProjectFactory.create(code="hidden", park=town, sector_id="I6520", publication="draft")
    ProjectFactory.create(code="blank", park=town, sector_id=None)


@pytest.fixture(autouse=True)
def group(admin_api: CarefulClient) -> None:
    chain = {"code": "chips", "name_zh": "芯片产业链", "members": MEMBERS}
    made(admin_api.post(f"{API}/sector-groups", chain))


def explain(api: APIClient, **filters: str) -> dict[str, Any]:
    """Count by plain Python what each link should have."""
    projects = [
        (each.sector_id or "", each.investment_cny)
        for each in Project.objects.filter(publication="published").select_related("park")
        if filters.get("park", each.park.code) == each.park.code
        if each.park.region_id.startswith(filters.get("park_region", "")[:2])
    ]
    taken_out = [member["sector"] for member in MEMBERS if member.get("excluded")]
    return {
        str(member["sector"]): (
            len(
                inside := [
                    cny
                    for sector, cny in projects
                    if sector.startswith(str(member["sector"])) and sector not in taken_out
                ]
            ),
            sum(filter(None, inside)) or None,
        )
        for member in MEMBERS
        if not member.get("excluded")
    }


@pytest.mark.both_databases
def test_each_link_opens_into_its_projects_also_where_there_are_none(api: APIClient) -> None:
    for filters in ({}, {"park": "town"}, {"park": "port"}, {"park_region": "120000"}):
        answer = found(api.get(LINKS, filters))
        rows = {row["sector"]: row for row in answer["rows"]}
        assert [*rows] == ["I6520", "C397", "I65", "C341"]  # upstream first, without a place last
        shown = {sector: (row["count"], row["investment_cny"]) for sector, row in rows.items()}
        assert shown == explain(api, **filters)
        for row in [*answer["rows"], answer["total"]]:
            listed = found(api.get(row["list_url"]))["results"]
            assert len(listed) == row["count"], row
        assert all(row["list_url"].count("sector=") == 1 for row in answer["rows"])
    assert found(api.get(LINKS))["total"]["count"] == 4  # what is in two links counts once


def test_links_are_a_file_and_know_the_past(admin_api: CarefulClient, api: APIClient) -> None:
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    found(admin_api.patch(f"{API}/projects/other", {"sector": "C341"}))
    counts = {
        as_of: {row["sector"]: row["count"] for row in found(api.get(LINKS, asked))["rows"]}
        for as_of, asked in ((False, {}), (True, {"as_of": moment}))
    }
    assert (counts[True]["C341"], counts[False]["C341"]) == (0, 1)
    assert found(api.get(LINKS, {"as_of": moment}))["as_of"] is not None
    file = api.get(f"{LINKS}.csv", {"park": "town", "header": "zh", "bom": "false"}).getvalue()
    head, *lines = file.decode().splitlines()
    assert head.startswith("产业链环节,行业")
    assert [line.split(",")[0] for line in lines] == ["upstream", "midstream", "downstream", ""]
    assert api.get(f"{LINKS}.xlsx").status_code == 200


def test_a_position_is_written_and_filed(admin_api: CarefulClient, api: APIClient) -> None:
    group = found(api.get(f"{API}/sector-groups/chips"))
    positions = {row["sector"]: row["position"] for row in group["members"]}
    assert positions["I6520"] == "upstream"
    assert positions["C341"] is None
    members = [{"sector": "C341", "position": "above"}]
    problem(admin_api.patch(f"{API}/sector-groups/chips", {"members": members}))
    file = api.get(f"{API}/sector-groups.csv", {"code": "chips"}).getvalue().decode("utf-8-sig")
    assert "I6520,C397,I65" in file
    page = admin_api.get("/admin/parks/sectorgroup/chips/change/").content.decode()
    assert "upstream" in page


def test_what_is_no_chain_and_no_filter_is_refused(api: APIClient) -> None:
    refused = problem(api.get(f"{API}/sector-groups/nowhere/links"), 404)
    assert refused["detail"] == "There is no sector group “nowhere”."
    problem(api.get(LINKS, {"sector": "C39"}))
    assert found(api.get(f"{API}/sector-groups/CHIPS/links"))["total"]["count"] == 4
