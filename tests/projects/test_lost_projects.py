"""Why a project was lost and to which region: work information of its park."""

import pytest
from rest_framework.test import APIClient

from parks.access import Role
from projects.models import Project
from tests.answers import API, CarefulClient, codes, found, mistakes
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory, RegionFactory

pytestmark = pytest.mark.django_db
GONE = {"standing": "terminated", "standing_reason": "去了外地"}
LOST = {"lost_because": "elsewhere", "lost_to": "320500"}


@pytest.fixture(autouse=True)
def ledger() -> None:
    park = ParkFactory.create(code="town")
    RegionFactory.create(code="320500", name_zh="苏州市", level="prefecture")
    for code in ("fab", "lab"):
        ProjectFactory.create(code=code, park=park, met=["negotiating"])


def test_it_is_said_by_roles_to_roles(api: APIClient, admin_api: CarefulClient) -> None:
    row = found(admin_api.patch(f"{API}/projects/fab", {**GONE, **LOST}))
    assert {name: row[name] for name in LOST} == LOST
    moments = [
        row["updated_at"],
        found(admin_api.patch(f"{API}/projects/fab", {"lost_to": None}))["updated_at"],
    ]
    told = [
        found(admin_api.get(f"{API}/projects/fab", {"as_of": moment}))["lost_to"]
        for moment in moments
    ]
    assert told == ["320500", None]
    found(admin_api.patch(f"{API}/projects/fab", LOST))
    inside = APIClient()
    inside.force_authenticate(
        MembershipFactory.create(park_id=Project.objects.first().park_id, role=Role.VIEWER).user
    )
    for client, seen in ((api, False), (inside, True)):
        row = found(client.get(f"{API}/projects/fab"))
        assert [row[name] for name in LOST] == ([*LOST.values()] if seen else [None, None])
        for name, word in LOST.items():
            assert codes(client, "projects", **{name: word}) == (["fab"] if seen else [])
            wanted = {"lab"} if seen else {"fab", "lab"}
            assert {*codes(client, "projects", **{name: "unknown"})} == wanted
            summary = found(client.get(f"{API}/projects/summary", {"group_by": name}))
            counts = {row[name]["value"]: row["count"] for row in summary["rows"]}
            assert counts == ({word: 1, None: 1} if seen else {None: 2})
        versions = str(found(client.get(f"{API}/projects/fab/history")))
        assert ("320500" in versions, "elsewhere" in versions) == (seen, seen)


def test_an_active_project_is_not_lost(admin_api: CarefulClient) -> None:
    for name, word in LOST.items():
        wrong = admin_api.patch(f"{API}/projects/fab", {name: word})
        assert mistakes(wrong) == {f"#/{name}": "contradiction"}
    found(admin_api.patch(f"{API}/projects/fab", {**GONE, **LOST}))
    row = found(admin_api.patch(f"{API}/projects/fab", {"standing": "active"}))
    assert [row[name] for name in (*LOST, "standing_reason")] == [None, None, ""]
