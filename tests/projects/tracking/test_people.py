"""Who answers for a project: never public, found by name, imported and typed in."""

import pytest
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Assignment, Project
from tests.answers import API, CarefulClient, codes, found, made, problem, sign_in
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory
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
