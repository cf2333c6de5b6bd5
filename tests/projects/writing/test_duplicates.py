"""Pairs that are probably one, with what they have in common: for those who may merge them."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from parks.access import Role
from parks.models import Organisation
from projects.models import DistinctPair, Project
from projects.writing import doubts as duplicates_of_projects
from tests import factories
from tests.answers import API, Row, found, mistakes, problem, sign_in
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

PAGE_OF_COMPANIES = "/admin/parks/organisation/duplicates/"


@kept_rows(autouse=True)
def ledger(vocabularies: None) -> None:
    """Companies and projects, of which some are there twice and others only look like it."""
    company = factories.OrganisationFactory.create
    company(code="hx", name_zh="华芯（天津）科技有限公司", name_en="")
    company(code="hx-again", name_zh="华芯(天津) 科技股份有限公司", name_en="")
    company(code="hx-short", name_zh="华芯津", name_en="Huaxin Tianjin Co., Ltd.")
    company(code="huaxin", name_zh="", name_en="HUAXIN (Tianjin)", aliases="华芯")
    lead = company(code="lead", name_zh="云图公司", name_en="", aliases="云图集团\n云上")
    company(code="lead-alias", name_zh="云上有限公司", name_en="")
    company(code="child", name_zh="云图有限公司", name_en="", parent=lead)
    company(code="coded", name_zh="安信公司", name_en="", uscc="91120224MA05JMHX1A")
    company(code="coded-too", name_zh="安信公司", name_en="", uscc="91110108551385082Q")
    town, bay = factories.ParkFactory.create(code="town"), factories.ParkFactory.create(code="bay")
    make = factories.ProjectFactory.create
    make(code="fab", name_zh="芯片厂（一期）建设项目", park=town)
    make(code="fab-again", name_zh="芯片厂 一期", park=town)
    make(code="elsewhere", name_zh="芯片厂一期", park=bay)
    for code, park in (("plant", town), ("works", town), ("far", bay)):
        project = make(code=code, park=park, investment=150_000_000)
        factories.InvestorFactory.create(project=project, organisation=lead, role="co")
    for code, steps in (("plan", ["intended"]), ("deal", ["signed"])):
        project = make(code=code, park=town, met=steps)
        factories.InvestorFactory.create(project=project, organisation=lead, role="lead")
    whole = make(code="whole", name_zh="产业园", park=town)
    make(code="part", name_zh="产业园项目", park=town, part_of=whole)


def pairs(answer: Row) -> dict[tuple[str, str], list[str]]:
    """What pairs have in common, by the codes of the row and of that into which it may go."""
    return {
        (each["row"]["code"], each["into"]["code"]): [why["code"] for why in each["reasons"]]
        for each in answer["results"]
    }


def test_companies_of_one_name_but_for_its_form_are_a_pair(admin_api: APIClient) -> None:
    answer = found(admin_api.get(f"{API}/organisations/duplicates"))
    assert pairs(answer) == {
        ("hx-again", "hx"): ["same_name"],
        ("huaxin", "hx-short"): ["same_name"],
        ("lead-alias", "lead"): ["same_alias"],
    }
    assert answer["count"] == 3
    (first, *_rest) = answer["results"]
    assert first["row"] == {
        "code": "hx-again",
        "name_zh": "华芯(天津) 科技股份有限公司",
        "name_en": "",
    }
    assert first["reasons"] == [{"code": "same_name", "detail": "the same name"}]
    preview = admin_api.post(f"{first['merge_url']}?dry_run=true", {"into": first["into"]["code"]})
    assert found(preview)["retired"] == "hx-again"


def test_projects_of_one_park_are_a_pair_by_name_amount_or_intent(admin_api: APIClient) -> None:
    answer = found(admin_api.get(f"{API}/projects/duplicates"))
    assert pairs(answer) == {
        ("fab-again", "fab"): ["same_name"],
        ("works", "plant"): ["same_amount"],
        ("deal", "plan"): ["intent_exists"],
    }
    narrowed = found(admin_api.get(f"{API}/projects/duplicates?stage=unknown&park=town"))
    assert ("fab-again", "fab") in pairs(narrowed)
    assert ("deal", "plan") not in pairs(narrowed)
    assert found(admin_api.get(f"{API}/projects/duplicates?park=bay"))["count"] == 0
    refused = admin_api.get(f"{API}/projects/duplicates?limit=5&stag=signed")
    assert {*mistakes(refused)} == {"limit", "stag"}


def test_what_was_merged_or_said_to_be_two_is_no_pair(admin_api: APIClient, desk: Client) -> None:
    page = desk.get("/admin/projects/project/duplicates/").content.decode()
    assert page.count("They are two") == 3
    keys = dict(Project.objects.values_list("code", "pk"))
    sent = {"pair": [keys["fab"], keys["fab-again"]]}
    told = desk.post("/admin/projects/project/duplicates/", sent, follow=True)
    assert "are kept apart from now on" in told.content.decode()
    assert DistinctPair.objects.count() == 1
    assert ("fab-again", "fab") not in pairs(found(admin_api.get(f"{API}/projects/duplicates")))
    preview = desk.post(f"/admin/projects/project/{keys['works']}/merge/", {"into": keys["plant"]})
    assert "They are one: merge them" in preview.content.decode()
    wrong = {"pair": [keys["fab"]]}
    assert desk.post("/admin/projects/project/duplicates/", wrong).status_code == 403


def test_the_page_of_companies_leads_to_the_preview(desk: Client) -> None:
    page = desk.get(PAGE_OF_COMPANIES).content.decode()
    row, into = (Organisation.objects.get(code=code).pk for code in ("hx-again", "hx"))
    assert f'action="/admin/parks/organisation/{row}/merge/"' in page
    assert f'name="into" value="{into}"' in page
    told = desk.post(PAGE_OF_COMPANIES, {"pair": [row, into]}, follow=True)
    assert "are kept apart from now on" in told.content.decode()
    assert f'name="into" value="{into}"' not in told.content.decode()
    assert told.content.decode().count("They are two") == 2
    listed = desk.get("/admin/parks/organisation/").content.decode()
    assert 'href="duplicates/"' in listed


@pytest.mark.parametrize(
    ("kind", "codes"), [("organisations", ["hx-again", "HX"]), ("projects", ["plant", "works"])]
)
def test_two_that_are_two_are_told_once(admin_api: APIClient, kind: str, codes: list[str]) -> None:
    address = f"{API}/{kind}/duplicates"
    before = found(admin_api.get(address))["count"]
    for _time in range(2):
        assert admin_api.post(address, {"codes": codes}, format="json").status_code == 204
    assert found(admin_api.get(address))["count"] == before - 1
    for wrong in (["nobody", codes[0]], [codes[0]] * 2):
        refused = admin_api.post(address, {"codes": wrong}, format="json")
        assert {*mistakes(refused)} == {"#/codes"}
    for body in ({}, {"codes": codes[:1]}, {"codes": [*codes, "x"]}, {"codes": codes, "x": 1}):
        problem(admin_api.post(address, body, format="json"), 400)


def test_pairs_are_for_those_who_may_merge_them(api: APIClient) -> None:
    town = Project.objects.get(code="fab").park
    viewer, editor = (
        sign_in(factories.MembershipFactory.create(park=town, role=role).user)
        for role in (Role.VIEWER, Role.EDITOR)
    )
    for kind in ("organisations", "projects"):
        problem(api.get(f"{API}/{kind}/duplicates"), 401)
        problem(viewer.get(f"{API}/{kind}/duplicates"), 403)
    assert found(editor.get(f"{API}/projects/duplicates"))["count"] == 3
    address = f"{API}/organisations/duplicates"
    assert found(editor.get(address))["count"] == 0
    # Of a draft of hers she may say that it is what all share, also where it is the older one
    Organisation.objects.filter(code="hx").update(publication="draft", park=town)
    assert pairs(found(editor.get(address))) == {("hx", "hx-again"): ["same_name"]}
    problem(editor.post(address, {"codes": ["huaxin", "hx-short"]}), 403)
    assert editor.post(address, {"codes": ["hx", "hx-again"]}).status_code == 204


def test_as_many_queries_are_made_for_any_number_of_rows(admin_api: APIClient) -> None:
    def count(kind: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            found(admin_api.get(f"{API}/{kind}/duplicates"))
        return len(queries)

    before = {kind: count(kind) for kind in ("organisations", "projects")}
    town: Any = Project.objects.get(code="fab").park
    factories.OrganisationFactory.create_batch(30, name_zh="同名公司", name_en="")
    factories.ProjectFactory.create_batch(30, name_zh="同名项目", park=town)
    assert {kind: count(kind) for kind in ("organisations", "projects")} == before


def test_more_projects_than_can_be_compared_in_time_are_refused_until_a_park_is_named(
    admin_api: APIClient, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(duplicates_of_projects, "MOST_COMPARED", 9)
    refused = admin_api.get(f"{API}/projects/duplicates")
    assert mistakes(refused) == {"park": "too_many_rows"}
    of_town = pairs(found(admin_api.get(f"{API}/projects/duplicates?park=town")))
    assert ("fab-again", "fab") in of_town
    page = desk.get("/admin/projects/project/duplicates/").content.decode()
    assert '<a href="?park=town">' in page
    page = desk.get("/admin/projects/project/duplicates/?park=town").content.decode()
    assert "fab-again" in page
