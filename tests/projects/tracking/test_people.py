"""Who answers for a project: never public, found by name, imported and typed in."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Assignment, Project
from tests.admin_pages import address, row, save, saved
from tests.answers import API, CarefulClient, codes, found, made, problem, sign_in
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory, UserFactory
from tests.projects.importing.imports import applied, table
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db
PEOPLE = f"{API}/projects/fab/people"


@kept_rows
def fab() -> Project:
    return ProjectFactory.create(code="fab", park=ParkFactory.create(code="town"))


@kept_rows
def editor(fab: Project) -> APIClient:
    return sign_in(MembershipFactory.create(park=fab.park, role=Role.EDITOR).user, CarefulClient)


def test_people_are_for_the_roles_of_the_park_alone(editor: APIClient, fab: Project) -> None:
    ProjectFactory.create(code="other", park=fab.park)
    body = {"role": "sponsor", "name": "张三", "office": "副区长"}
    person = made(editor.post(PEOPLE, body))
    assert problem(editor.post(PEOPLE, body), 409)["errors"][0]["code"] == "unique"
    assert codes(editor, "projects", responsible="张三") == ["fab"]
    assert codes(editor, "projects", responsible_not="张三") == ["other"]
    assert codes(editor, "projects", responsible="unknown") == ["other"]
    neighbour = APIClient()
    neighbour.force_authenticate(MembershipFactory.create(role=Role.EDITOR).user)
    assert neighbour.get(PEOPLE).status_code == 403
    for client in (neighbour, APIClient()):
        assert codes(client, "projects", responsible="张三") == []
        assert codes(client, "projects", responsible="unknown") == ["fab", "other"]
        assert found(client.get(f"{API}/changes?resource=assignment"))["results"] == []
        assert "张三" not in client.get(f"{API}/projects/fab/history").content.decode()
    own = f"{PEOPLE}/{person['id']}"
    assert found(editor.patch(own, {"office": "区长"}))["office"] == "区长"
    found(editor.post(f"{own}/history/1/restore", headers={"If-Match": "*"}))
    assert Assignment.objects.get().office == "副区长"
    assert editor.delete(own).status_code == 204


def test_people_are_imported_and_typed_in(editor: APIClient, fab: Project) -> None:
    sheet = table(
        ["项目编码", "角色", "姓名", "单位职务"], ["fab", "person responsible", "李四", "二处"]
    )
    assert applied(editor, sheet, resource="project_people")["counts"]["create"] == 1
    assert applied(editor, sheet, resource="project_people")["counts"]["same"] == 1
    client = Client()
    client.force_login(UserFactory.create(superuser=True))
    page = address(Project, "change", fab.pk)
    saved(save(client, page, **row("assignments", 1, role="promoter", name="王五")))
    assert {*Assignment.objects.values_list("name", flat=True)} == {"李四", "王五"}
