"""Who answers for a project: never public, found by name, imported and typed in."""

import pytest
from rest_framework.test import APIClient

from projects.models import Assignment, Project
from tests.answers import API, codes, found, made, problem, sign_in
from tests.factories import MembershipFactory, ProjectFactory

pytestmark = pytest.mark.django_db
PEOPLE = f"{API}/projects/fab/people"


def test_people_are_for_the_roles_of_the_park_alone(office: APIClient, fab: Project) -> None:
    ProjectFactory.create(code="other", park=fab.park)
    body = {"role": "sponsor", "name": "张三", "office": "副区长"}
    person = made(office.post(PEOPLE, body))
    assert problem(office.post(PEOPLE, body), 409)["errors"][0]["code"] == "unique"
    assert codes(office, "projects", responsible="张三") == ["fab"]
    assert codes(office, "projects", responsible_not="张三") == ["other"]
    assert codes(office, "projects", responsible="unknown") == ["other"]
    neighbour = sign_in(MembershipFactory.create().user)
    assert neighbour.get(PEOPLE).status_code == 403
    for client in (neighbour, APIClient()):
        assert codes(client, "projects", responsible="张三") == []
        assert codes(client, "projects", responsible="unknown") == ["fab", "other"]
        assert found(client.get(f"{API}/changes?resource=assignment"))["results"] == []
        assert "张三" not in client.get(f"{API}/projects/fab/history").content.decode()
    own = f"{PEOPLE}/{person['id']}"
    assert found(office.patch(own, {"office": "区长"}))["office"] == "区长"
    found(office.post(f"{own}/history/1/restore", headers={"If-Match": "*"}))
    assert Assignment.objects.get().office == "副区长"
    assert office.delete(own).status_code == 204
