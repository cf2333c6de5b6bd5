"""The role of a district: it reads the parks of its region, and returns projects."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from parks.access import Role
from parks.models import Park
from projects.models import Project, Return
from tests.admin_pages import address, save, saved
from tests.answers import API, CarefulClient, codes, found, made, mistakes, sign_in
from tests.factories import (
    MembershipFactory,
    ParkFactory,
    ProgressNoteFactory,
    ProjectFactory,
    RegionFactory,
    ReturnFactory,
)
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db
RETURNS = f"{API}/projects/fab/returns"
REASON = {"reason": "投资额与合同不符"}


@kept_rows
def fab() -> Project:
    return ProjectFactory.create(
        code="fab", park__code="town", publication="draft", open_issues="水电未通"
    )


def oversee(region: str, kind: Any = CarefulClient) -> Any:
    """Somebody with the role of the district in a region."""
    where = {"park": None, "region": RegionFactory(code=region), "role": Role.DISTRICT}
    return sign_in(MembershipFactory.create(**where).user, kind)


@kept_rows
def district(fab: Project) -> APIClient:
    return oversee("120115")


@together(("region", "is_inside"), [("120115", True), ("120000", True), ("330000", False)])
def test_a_district_reads_what_its_parks_keep_to_themselves(
    fab: Project, region: str, is_inside: bool
) -> None:
    ProgressNoteFactory.create(project=fab)
    client = oversee(region)
    assert codes(client, "projects") == (["fab"] if is_inside else [])
    status = 200 if is_inside else 404
    for end in ("", "/progress", "/plans", "/people", "/returns", "/history"):
        assert client.get(f"{API}/projects/fab{end}").status_code == status, end
    if is_inside:
        assert found(client.get(f"{API}/projects/fab"))["open_issues"] == "水电未通"
        assert found(client.get(f"{API}/attention"))["drafts"]["count"] == 1


def test_a_new_park_and_one_that_moves_are_covered_at_once(
    district: APIClient, fab: Project
) -> None:
    assert found(district.get(f"{API}/attention"))["parks"] == ["town"]
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    ProjectFactory.create(
        code="mill", park__code="yard", park__publication="draft", publication="draft"
    )
    assert found(district.get(f"{API}/attention"))["parks"] == ["town", "yard"]
    assert {*codes(district, "projects")} == {"fab", "mill"}
    elsewhere = RegionFactory.create(code="330300")
    Park.objects.filter(code="town").update(region=elsewhere)
    assert codes(district, "projects") == ["mill"]
    assert codes(district, "projects", as_of=moment) == []  # the rights are those of today


def test_an_editor_of_one_park_keeps_that_role_in_their_district(fab: Project) -> None:
    ParkFactory.create(code="yard")
    person = MembershipFactory.create(park=fab.park).user
    MembershipFactory.create(user=person, park=None, region_id="120115", role=Role.DISTRICT)
    client = sign_in(person, CarefulClient)
    assert found(client.patch(f"{API}/projects/fab", {"note": "改"}))["note"] == "改"
    new = {"name_zh": "新项目", "park": "yard"}
    assert client.post(f"{API}/projects", new).status_code == 403


@pytest.mark.slow
def test_a_returned_project_waits_for_the_answer_of_its_office(
    district: APIClient, office: APIClient, api: APIClient, fab: Project
) -> None:
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    given = made(district.post(RETURNS, REASON))
    assert given["answer"] == ""
    for client in (district, office):
        assert codes(client, "projects", returned="true") == ["fab"]
        returned = found(client.get(f"{API}/attention"))["returned"]
        (row,) = returned["results"]
        assert (row["code"], row["return_reason"]) == ("fab", REASON["reason"])
    version = found(district.get(f"{API}/projects/fab/history"))["results"][0]
    assert version["role"] == Role.DISTRICT
    own = f"{RETURNS}/{given['id']}"
    for write in (district.patch(own, {"answer": "已改"}), district.delete(own)):
        assert write.status_code == 403
    for write in (office.post(RETURNS, REASON), office.delete(own)):
        assert write.status_code == 403
    assert list(mistakes(office.patch(own, {"reason": "无"})).values()) == ["immutable"]
    assert found(office.patch(own, {"answer": "已改"}))["reason"] == REASON["reason"]
    assert codes(office, "projects", returned="true") == []
    assert found(office.get(f"{API}/attention"))["returned"]["count"] == 0
    assert codes(office, "projects", returned="false") == ["fab"]
    assert codes(office, "projects", returned="true", as_of=moment) == []
    assert len(found(office.get(f"{own}/history"))["results"]) == 2


def test_the_past_shows_what_was_returned_then(district: APIClient, office: APIClient) -> None:
    given = made(district.post(RETURNS, REASON))
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    found(office.patch(f"{RETURNS}/{given['id']}", {"answer": "已改"}))
    assert codes(office, "projects", returned="true", as_of=moment) == ["fab"]
    (row,) = found(office.get(RETURNS, {"as_of": moment}))["results"]
    assert row["answer"] == ""


@together("role", [Role.VIEWER, "neighbour", "nobody"])
def test_nobody_else_returns_or_sees_a_return(fab: Project, api: APIClient, role: str) -> None:
    fab.publication = "published"
    fab.save()
    ReturnFactory.create(project=fab)
    client = api
    if role == Role.VIEWER:
        client = sign_in(MembershipFactory.create(park=fab.park, role=role).user, CarefulClient)
    elif role == "neighbour":
        client = oversee("330000")
    statuses = {"nobody": (401, 401), "neighbour": (403, 403), Role.VIEWER: (403, 200)}
    told = (client.post(RETURNS, REASON).status_code, client.get(RETURNS).status_code)
    assert told == statuses[role]  # type: ignore[index]
    shown = [] if role != Role.VIEWER else ["fab"]
    assert codes(client, "projects", returned="true") == shown
    assert ("return" in client.get(f"{API}/changes").content.decode()) == (role == Role.VIEWER)


def test_a_district_returns_and_its_office_answers_in_the_admin(fab: Project) -> None:
    elsewhere = ProjectFactory.create(park__code="cove", park__region=RegionFactory(code="330300"))
    page = address(Return, "add")
    desk = oversee("120115", Client)
    assert save(desk, page, project=elsewhere.pk, **REASON).status_code == 200  # not offered
    saved(save(desk, page, project=fab.pk, **REASON))
    given = Return.objects.get()
    assert (given.project, given.reason, given.answer) == (fab, REASON["reason"], "")
    assert "退回" in desk.get(page, headers={"Accept-Language": "zh-Hans"}).content.decode()
    for model, key in ((Return, given.pk), (Project, fab.pk)):
        assert desk.post(address(model, "change", key), {"answer": "改"}).status_code == 403
    assert desk.get(address(Project, "add")).status_code == 403
    office = sign_in(MembershipFactory.create(park=fab.park).user, Client)
    row = {"returns-0-answer": "已改"}
    saved(save(office, address(Project, "change", fab.pk), **row))
    given.refresh_from_db()
    assert (given.answer, given.reason) == ("已改", REASON["reason"])


def test_returns_go_and_come_back_with_their_project(office: APIClient, fab: Project) -> None:
    ReturnFactory.create(project=fab)
    version = found(office.get(f"{API}/projects/fab"))["version"]
    assert office.delete(f"{API}/projects/fab").status_code == 204
    address = f"{API}/projects/fab/history/{version}/restore"
    made(office.post(address, headers={"If-None-Match": "*"}))
    assert Return.objects.get().reason == REASON["reason"]


def test_a_merged_project_takes_its_returns_along(office: APIClient, fab: Project) -> None:
    ReturnFactory.create(project=fab)
    ProjectFactory.create(code="mill", park=fab.park)
    found(office.post(f"{API}/projects/fab/merge", {"into": "mill"}, headers={"If-Match": "*"}))
    assert Return.objects.get().project.code == "mill"
