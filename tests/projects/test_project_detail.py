"""GET /projects/{code}: one project with its milestones, events, figures, and what looks wrong."""

import pytest
from rest_framework.test import APIClient

from projects.lifecycle.words import FROM_PROGRESS
from tests.answers import API, BARE_CLAIM, found, problem, walk
from tests.factories import (
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    ParticipationFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SigningEventFactory,
    SourceFactory,
)

pytestmark = pytest.mark.django_db

YI = 100_000_000


def test_a_project_is_answered_whole(admin_api: APIClient, vocabularies: None) -> None:
    park = ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    source = SourceFactory.create(code="S1", title="报道")
    ProjectFactory.create(code="whole", park=park)
    OrganisationFactory.create(code="maker", name_zh="华芯", name_en="Maker")
    project = ProjectFactory.create(
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
        part_of_id=ProjectFactory.create(code="part", park=park).pk,
        reported_on="2025-07-01",
        reported_on_precision="quarter",
        source=source,
        note="备注",
        open_issues="用地",
        responsible_unit="招商局",
        further_columns="首谈单位：市商务局",
        contact="王先生",
    )
    event = SigningEventFactory.create(code="forum", name_zh="论坛", name_en="Forum")
    signing = MilestoneFactory.create(
        project=project, on="2024-03", agreement_type="contract", event=event, source=source
    )
    plan = MilestoneFactory.create(
        project=project, type="operating", status="scheduled", planned="2027-Q2", note="计划"
    )
    presence = ParticipationFactory.create(event=event, project=project, agreement_type="intent")
    ProjectFigureFactory.create(
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
    (figure,) = answer["figures"]
    assert answer == {
        "code": "Fab",
        "name_zh": "晶圆厂",
        "name_en": "Fab",
        "park": "town",
        "park_name_zh": "科技城",
        "park_name_en": "Town",
        "national_code": "2403-120115-89-05-123456",
        "kind": "new",
        "function": "manufacturing",
        "site_mode": "land",
        "land_mu": 120.5,
        "land_qualifier": None,
        "region": "330300",
        "project_region": "330300",
        "site": "2021-07",
        "address": "一号路",
        "latitude": 39.7,
        "longitude": 117.25,
        "point_accuracy": "site",
        "point_datum": "gcj02",
        "origin": "330300",
        "origin_name_zh": "温州市",
        "origin_name_en": "Wenzhou",
        "origin_scope": "same_city",
        "capital_type": None,
        "capital_type_stated": None,
        "origin_basis": "registered",
        "origin_text": "温州",
        "sector": "C3973",
        "sector_name_zh": "集成电路制造",
        "sector_name_en": "Manufacture of integrated circuits",
        "sector_basis": "mapped",
        "sector_text": "芯片",
        "stage": "signed",
        "stage_on": "2024-03",
        "intended_on": None,
        "signed_on": "2024-03",
        "started_on": None,
        "completed_on": None,
        "operating_on": None,
        "agreement_type": "contract",
        "hitech": "yes",
        "investment_cny": 150_000_000,
        "investment_qualifier": "over",
        "investment_basis": "agreed",
        "paid_in_cny": None,
        "counts_in_totals": False,
        "totals_exclusion": "umbrella",
        "news_on": "2025-09-30",
        "next_planned_on": "2027-06-30",
        "is_stale": False,
        "standing": "suspended",
        "standing_on": "2025",
        "standing_reason": "资金",
        "is_umbrella": True,
        "duplicate_of": None,
        "part_of": "part",
        "phase_no": None,
        "reported_on": "2025-Q3",
        "source": "S1",
        "publication": "published",
        "note": "备注",
        "open_issues": "用地",
        "responsible_unit": "招商局",
        "further_columns": {"首谈单位": "市商务局"},
        **dict.fromkeys(FROM_PROGRESS),
        "investors": [
            {
                "organisation": "maker",
                "organisation_name_zh": "华芯",
                "organisation_name_en": "Maker",
                "role": "lead",
                "share_bp": None,
            }
        ],
        "version": answer["version"],
        "created_at": answer["created_at"],
        "updated_at": answer["updated_at"],
        "milestones": [
            {
                "id": signing.pk,
                "type": "signed",
                "status": "met",
                "planned_on": None,
                "actual_on": "2024-03",
                "agreement_type": "contract",
                "event": "forum",
                "document_no": "",
                "source": "S1",
                "reason": "",
                "note": "",
            },
            {
                "id": plan.pk,
                "type": "operating",
                "status": "scheduled",
                "planned_on": "2027-Q2",
                "actual_on": None,
                "agreement_type": None,
                "event": None,
                "document_no": "",
                "source": None,
                "reason": "",
                "note": "计划",
            },
        ],
        "participations": [
            {
                "id": presence.pk,
                "event": "forum",
                "event_name_zh": "论坛",
                "event_name_en": "Forum",
                "role": "signed",
                "agreement_type": "intent",
                "is_first_signing": True,
            }
        ],
        "fundings": [],
        "tags": [],
        "figures": [
            BARE_CLAIM
            | {
                "code": "fab-investment",
                "indicator": "investment",
                "indicator_name_zh": "投资额",
                "indicator_name_en": "Investment in a project",
                "value": 150_000_000,
                "unit": "CNY",
                "qualifier": "over",
                "nature": "projected",
                "as_of": "2024-03",
                "as_reported": "超1.5亿元",
                "source": "S1",
                "source_title": "报道",
                "version": figure["version"],
                "created_at": figure["created_at"],
                "updated_at": figure["updated_at"],
                "investment_basis": "agreed",
                "adds_to": None,
            }
        ],
        "warnings": [],
    }
    (row,) = (each for each in walk(admin_api, "projects") if each["code"] == "Fab")
    assert row.items() <= answer.items()
    further = {"milestones", "participations", "figures", "fundings", "tags", "warnings"}
    assert {*answer} - {*row} == further


def test_what_nobody_knows_is_null(api: APIClient) -> None:
    ProjectFactory.create(code="vague", name_en="")
    answer = found(api.get(f"{API}/projects/vague"))
    words = {"name_en", "origin_text", "sector_text", "standing_reason", "note", "open_issues"}
    empty = {name for name, value in answer.items() if value == ""}
    assert empty == words | {"responsible_unit", "national_code", "address", "site"}
    assert answer["investment_cny"] is answer["stage"] is answer["origin_basis"] is None


def test_an_address_that_is_no_code_leads_nowhere(api: APIClient) -> None:
    for address in (
        "projects/晶圆",
        "projects/a.b",
        "projects/a%00b",
        "projects//",
        "projects.xml",
    ):
        assert problem(api.get(f"{API}/{address}"), 404)["type"] == "/problems/not-found"


def test_options_tell_the_methods(api: APIClient) -> None:
    ProjectFactory.create(code="fab")
    for address, methods in [
        ("projects", "GET, POST, HEAD, OPTIONS"),
        ("projects/fab", "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"),
        ("projects/facets", "GET, HEAD, OPTIONS"),
        ("projects.csv", "GET, HEAD, OPTIONS"),
    ]:
        response = api.options(f"{API}/{address}")
        assert (response.status_code, response.headers["Allow"]) == (200, methods), address
