"""GET /projects/{code}: one project with its milestones, events, figures, and what looks wrong."""

import pytest
from rest_framework.test import APIClient

from tests import factories
from tests.answers import API, found, problem, walk
from tests.kept import check_kept

pytestmark = pytest.mark.django_db

YI = 100_000_000


def test_a_project_is_answered_whole(admin_api: APIClient, vocabularies: None) -> None:
    park = factories.ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    source = factories.SourceFactory.create(code="S1", title="报道")
    factories.ProjectFactory.create(code="whole", park=park)
    factories.OrganisationFactory.create(code="maker", name_zh="华芯", name_en="Maker")
    project = factories.ProjectFactory.create(
        code="Fab",
        name_zh="晶圆厂",
        name_en="Fab",
        park=park,
        kind="new",
        function="manufacturing",
        site_mode="land",
        national_code="2403-120115-89-05-123456",
        land_mu="120.50",
        region_id="330300",
        site="2021-07",
        address="一号路",
        latitude="39.7",
        longitude="117.25",
        point_accuracy="site",
        point_datum="gcj02",
        origin_id="330300",
        origin_basis="registered",
        origin_text="温州",
        sector_id="C3973",
        sector_basis="mapped",
        sector_text="芯片",
        standing="suspended",
        standing_on="2025-01-01",
        standing_on_precision="year",
        standing_reason="资金",
        is_umbrella=True,
        part_of_id=factories.ProjectFactory.create(code="part", park=park).pk,
        reported_on="2025-07-01",
        reported_on_precision="quarter",
        source=source,
        note="备注",
        open_issues="用地",
        responsible_unit="招商局",
        further_columns="首谈单位：市商务局",
        contact="王先生",
    )
    event = factories.SigningEventFactory.create(code="forum", name_zh="论坛", name_en="Forum")
    factories.MilestoneFactory.create(
        project=project, on="2024-03", agreement_type="contract", event=event, source=source
    )
    factories.MilestoneFactory.create(
        project=project, type="operating", status="scheduled", planned="2027-Q2", note="计划"
    )
    factories.ParticipationFactory.create(event=event, project=project, agreement_type="intent")
    factories.ProjectFigureFactory.create(
        project=project,
        code="fab-investment",
        amount_cny=150_000_000,
        qualifier="over",
        investment_basis="agreed",
        nature="projected",
        on="2024-03",
        as_reported="超1.5亿元",
        source=source,
    )
    admin_api.patch(f"{API}/projects/fab", {"investors": [{"organisation": "maker"}]})
    answer = found(admin_api.get(f"{API}/projects/FAB"))
    check_kept("project", answer)
    (row,) = (each for each in walk(admin_api, "projects") if each["code"] == "Fab")
    assert row.items() <= answer.items()
    further = {"milestones", "participations", "figures", "fundings", "tags", "warnings"}
    assert {*answer} - {*row} == further


def test_what_nobody_knows_is_null(api: APIClient) -> None:
    factories.ProjectFactory.create(code="vague", name_en="")
    answer = found(api.get(f"{API}/projects/vague"))
    words = {"name_en", "origin_text", "sector_text", "standing_reason", "note", "open_issues"}
    empty = {name for name, value in answer.items() if value == ""}
    assert empty == words | {"responsible_unit", "national_code", "address", "site", "building"}
    assert answer["investment_cny"] is answer["stage"] is answer["origin_basis"] is None


def test_an_address_that_is_no_code_leads_nowhere(api: APIClient) -> None:
    for address in ("projects/晶圆", "projects/a.b", "projects/a%00b", "projects.xml"):
        assert problem(api.get(f"{API}/{address}"), 404)["type"] == "/problems/not-found"


def test_options_tell_the_methods(api: APIClient) -> None:
    factories.ProjectFactory.create(code="fab")
    for address, methods in [
        ("projects", "GET, POST, HEAD, OPTIONS"),
        ("projects/fab", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("projects/facets", "GET, HEAD, OPTIONS"),
        ("projects.csv", "GET, HEAD, OPTIONS"),
    ]:
        response = api.options(f"{API}/{address}")
        assert (response.status_code, response.headers["Allow"]) == (200, methods), address
