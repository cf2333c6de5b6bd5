"""Projects that may be there already: asked about over REST, settled once, never by a draft."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from parks.models import Park
from projects.models import DistinctPair, Project
from tests import factories
from tests.answers import API, Row, found, made, sign_in
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator")]

PROJECTS = f"{API}/projects"
BULK = f"{PROJECTS}/bulk"
YI = 100_000_000
# How the query that looks for equal investors can be told from the others
BY_INVESTOR = '"projects_investor"."organisation_id" IN'
SAME_NAME = {"#/name_zh": "same_name"}
SAME_AMOUNT = {"#/investment_cny": "same_amount"}


@kept_rows(autouse=True)
def town() -> Park:
    return factories.ParkFactory.create(code="town")


@kept_rows
def old(town: Park) -> Project:
    """A stored project of one investor with a known amount."""
    project = factories.ProjectFactory.create(
        code="old", name_zh="和利时（天津）项目", name_en="HollySys", park=town, investment=3 * YI
    )
    maker = factories.OrganisationFactory.create(code="maker", name_zh="和利时", name_en="")
    factories.InvestorFactory.create(project=project, organisation=maker)
    return project


def body(**more: Any) -> Row:
    return {"name_zh": "新项目", "park": "town", **more}


MAKER = {"investors": [{"organisation": "maker"}]}


def doubts(response: Any) -> dict[str, str]:
    """The codes of what a 409 asks about, by pointer."""
    assert response.status_code == 409, response.content.decode()
    assert response.json()["type"] == "/problems/confirmation-required"
    return {error["pointer"]: error["code"] for error in response.json()["errors"]}


def candidates(response: Any) -> list[list[str]]:
    return [
        [each.get("code", each.get("pointer")) for each in error["candidates"]]
        for error in response.json()["errors"]
    ]


@together("name", ["和利时（天津）项目", "和利时(天津)", "和利时 天津 建设项目"])
def test_the_same_name_in_a_park_is_asked_about(
    old: Project, admin_api: APIClient, name: str
) -> None:
    response = admin_api.post(PROJECTS, body(name_zh=name))
    assert doubts(response) == SAME_NAME
    (error,) = response.json()["errors"]
    assert error["confirm"] == "duplicates"
    assert error["candidates"] == [
        {"code": "old", "name_zh": "和利时（天津）项目", "name_en": "HollySys"}
    ]
    for remedy in ("PATCH", "part_of", "confirm=duplicates", "和利时（天津）项目 (old)"):
        assert remedy in error["detail"]
    assert Project.objects.count() == 1


@together(
    "name",
    [
        *("和利时（天津）二期项目", "和利时（天津）扩建项目", "和利时（天津）（增资）"),
        "其中：和利时（天津）一期",
    ],
)
def test_a_part_of_a_project_is_asked_about(old: Project, admin_api: APIClient, name: str) -> None:
    part = body(name_zh=name)
    response = admin_api.post(PROJECTS, part)
    assert doubts(response) == {"#/name_zh": "part_exists"}
    assert candidates(response) == [["old"]]
    made(admin_api.post(PROJECTS, part | {"part_of": "old"}))
    found(admin_api.patch(f"{PROJECTS}/old", {"name_en": "HollySys Tianjin"}))


def test_an_equal_amount_in_another_currency_is_asked_about(
    old: Project, admin_api: APIClient
) -> None:
    claim = {"indicator": "investment", "value": 30_000_000, "currency": "USD"}
    claim |= {"investment_basis": "agreed"}
    first = body(name_zh="甲", figures=[claim], **MAKER)
    made(admin_api.post(PROJECTS, first))
    second = body(name_zh="乙", code="b", **MAKER)
    assert doubts(admin_api.post(PROJECTS, second | {"figures": [claim]})) == {
        "#/figures": "same_amount"
    }
    made(admin_api.post(PROJECTS, second))
    assert doubts(admin_api.post(f"{PROJECTS}/b/figures", claim)) == {"#/value": "same_amount"}
    euros = claim | {"currency": "EUR"}
    made(admin_api.post(f"{PROJECTS}/b/figures", euros))


def test_a_contract_is_asked_about_where_the_investor_has_an_intent(
    old: Project, admin_api: APIClient
) -> None:
    factories.MilestoneFactory.create(project=old, type="intended")
    made(admin_api.post(PROJECTS, body(code="new", **MAKER)))
    milestones = f"{PROJECTS}/new/milestones"
    made(admin_api.post(milestones, {"type": "negotiating"}))
    response = admin_api.post(milestones, {"type": "signed"})
    assert doubts(response) == {"#/type": "intent_exists"}
    assert candidates(response) == [["old"]]
    made(admin_api.post(f"{milestones}?confirm=duplicates", {"type": "signed"}))
    made(admin_api.post(milestones, {"type": "started"}))


def test_the_contract_of_its_own_intent_is_not_asked_about(
    old: Project, admin_api: APIClient
) -> None:
    factories.MilestoneFactory.create(project=old, type="intended")
    made(admin_api.post(PROJECTS, body(code="new", **MAKER)))
    for kind in ("intended", "signed"):
        made(admin_api.post(f"{PROJECTS}/new/milestones", {"type": kind}))
    made(admin_api.post(f"{PROJECTS}/old/milestones", {"type": "signed"}))


@pytest.mark.parametrize("relation", ["part_of", "duplicate_of"])
def test_a_phase_of_it_is_not_asked_about(
    old: Project, admin_api: APIClient, relation: str
) -> None:
    new = body(name_zh=old.name_zh, investment_cny=3 * YI, **MAKER, **{relation: "old"})
    made(admin_api.post(PROJECTS, new))
    made(admin_api.post(PROJECTS, new))  # another phase: the two are known to be apart


def test_what_is_confirmed_is_kept_for_the_pair(old: Project, admin_api: APIClient) -> None:
    new = body(name_zh=old.name_zh, code="new")
    made(admin_api.post(f"{PROJECTS}?confirm=duplicates", new))
    (pair,) = DistinctPair.objects.all()
    assert (pair.one.code, pair.other.code) == ("old", "new")
    address = f"{PROJECTS}/new"
    found(admin_api.patch(address, {"name_zh": "别的"}))
    found(admin_api.patch(address, {"name_zh": old.name_zh}))
    found(admin_api.patch(f"{PROJECTS}/old", {"name_zh": "别的"}))
    found(admin_api.patch(f"{PROJECTS}/old", {"name_zh": old.name_zh}))
    assert admin_api.delete(address).status_code == 204
    assert not DistinctPair.objects.exists()


def test_a_change_is_asked_about_only_where_it_makes_projects_alike(
    old: Project, admin_api: APIClient
) -> None:
    twin = factories.ProjectFactory.create(
        code="twin", name_zh=old.name_zh, name_en="", park=old.park
    )
    other = factories.ProjectFactory.create(code="other", name_zh="别的", park=old.park)
    found(admin_api.patch(f"{PROJECTS}/twin", {"note": "x", "name_zh": twin.name_zh}))
    found(admin_api.patch(f"{PROJECTS}/twin", {"investment_cny": 5 * YI}))
    response = admin_api.patch(f"{PROJECTS}/other", {"name_zh": old.name_zh})
    assert doubts(response) == SAME_NAME
    assert candidates(response) == [["old", "twin"]]
    other.refresh_from_db()
    assert other.name_zh == "别的"
    response = admin_api.patch(f"{PROJECTS}/twin", {"investment_cny": 3 * YI, **MAKER})
    assert doubts(response) == SAME_AMOUNT


def test_put_on_an_existing_code_never_asks_and_on_a_new_one_does(
    old: Project, admin_api: APIClient
) -> None:
    factories.ProjectFactory.create(code="other", name_zh="别的", park=old.park)
    found(admin_api.put(f"{PROJECTS}/other", body(name_zh=old.name_zh)))
    response = admin_api.put(f"{PROJECTS}/new", body(name_zh=old.name_zh))
    assert doubts(response) == SAME_NAME
    confirmed = f"{PROJECTS}/new?confirm=duplicates"
    made(admin_api.put(confirmed, body(name_zh=old.name_zh)))
    found(admin_api.put(confirmed, body(name_zh=old.name_zh), headers={"If-Match": "*"}))
    assert Project.objects.count() == 3


def test_the_drafts_of_others_are_not_named(town: Park) -> None:
    bay = factories.ParkFactory.create(code="bay")
    draft = factories.ProjectFactory.create(
        code="draft", name_zh="秘密", park=town, publication="draft"
    )
    editor = sign_in(factories.MembershipFactory.create(park=bay).user)
    made(editor.post(PROJECTS, body(name_zh=draft.name_zh, park="bay", code="own")))
    draft.park = bay
    draft.save()
    response = editor.post(PROJECTS, body(name_zh="秘密项目", park="bay"))
    assert candidates(response) == [["draft", "own"]]


def test_bulk_asks_about_stored_projects_and_its_own_rows(
    old: Project, admin_api: APIClient
) -> None:
    factories.ProjectFactory.create(code="other", name_zh="别的", park=old.park)
    rows = [
        body(name_zh=old.name_zh),
        body(name_zh="甲", investment_cny=7),
        body(name_zh="甲项目", code="b"),
        {"code": "other", "version": 1, "name_zh": old.name_zh},
        body(name_zh="乙"),
        body(name_zh="乙", confirm=["duplicates"]),
    ]
    response = admin_api.post(BULK, {"projects": rows})
    assert doubts(response) == {
        "#/projects/1/investment_cny": "improbable_amount",
        "#/projects/3/name_zh": "same_name",
        "#/projects/0/name_zh": "same_name",
        "#/projects/2/name_zh": "same_name",
    }
    named = {
        error["pointer"]: [each.get("pointer", each.get("code")) for each in error["candidates"]]
        for error in response.json()["errors"][1:]
    }
    assert named["#/projects/2/name_zh"] == ["#/projects/1"]
    assert Project.objects.count() == 2
    confirmed = f"{BULK}?confirm=duplicates,amounts"
    assert found(admin_api.post(confirmed, {"projects": rows}))["created"] == 5


def test_a_row_may_be_part_of_one_before_it(admin_api: APIClient) -> None:
    rows = [body(name_zh="甲", code="a"), body(name_zh="甲", part_of="a")]
    assert found(admin_api.post(BULK, {"projects": rows}))["created"] == 2


@pytest.mark.parametrize("count", [3, 30])
def test_the_questions_of_a_bulk_are_a_fixed_number_of_queries(
    old: Project, admin_api: APIClient, count: int
) -> None:
    rows = [body(name_zh=f"第{n}厂", investment_cny=(n + 4) * YI, **MAKER) for n in range(count)]
    with CaptureQueriesContext(connection) as queries:
        found(admin_api.post(BULK, {"projects": rows}))
    sql = [query["sql"] for query in queries]
    assert sum("replace(" in each for each in sql) == 1
    assert sum(BY_INVESTOR in each for each in sql) == 1
    profiles = '"stage" AS "stage", "projects_project"."has_intent" AS'
    assert sum(profiles in each for each in sql) == 1


@pytest.mark.only_sqlite
@pytest.mark.parametrize("role", ["superuser", "editor"])
def test_indexes_find_what_may_be_there(
    old: Project, admin_api: APIClient, town: Park, role: str
) -> None:
    client = admin_api
    if role == "editor":
        client = sign_in(factories.MembershipFactory.create(park=town).user)
    new = body(name_zh=old.name_zh, investment_cny=3 * YI, **MAKER)
    with CaptureQueriesContext(connection) as queries:
        assert candidates(client.post(PROJECTS, new)) == [["old"], ["old"]]
    by_name, by_investor = (
        explain(next(each["sql"] for each in queries if words in each["sql"]))
        for words in ("replace(", BY_INVESTOR)
    )
    assert "project_by_name_zh" in by_name
    assert "project_by_name_en" in by_name
    assert re.search("investor_organisation_id|investor_once", by_investor)


def explain(sql: str) -> str:
    """The plan of a query."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        return str(cursor.fetchall())
