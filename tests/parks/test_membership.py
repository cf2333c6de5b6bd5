"""Roles by API: what an editor of one park may move, make and link, and what others may."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction
from rest_framework.test import APIClient

from parks.access import (
    Rights,
    has_any_rights,
    is_shared,
    may_be_shared,
    park_path,
    rights_of,
    role_of,
)
from parks.models import ApiToken, Membership, Park, Post, Region, Source
from projects.models import Milestone, Project, SigningEvent
from tests.answers import API, error, found, made, problem, sign_in
from tests.factories import (
    FigureFactory,
    MembershipFactory,
    MilestoneFactory,
    ParkFactory,
    ProjectFactory,
    ProjectFigureFactory,
    RegionFactory,
    UserFactory,
)
from tests.projects.importing.imports import send
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db


@kept_rows
def parks() -> dict[str, Park]:
    """Two parks that everybody sees, and one that its members see."""
    return {
        "town": ParkFactory.create(code="town"),
        "bay": ParkFactory.create(code="bay"),
        "yard": ParkFactory.create(code="yard", publication="draft"),
    }


def member(**roles: str) -> APIClient:
    """A client of somebody with these roles: `member(town="editor")`."""
    person = UserFactory.create()
    for park, role in roles.items():
        MembershipFactory.create(user=person, park=Park.objects.get(code=park), role=role)
    return sign_in(person)


def steward() -> APIClient:
    """A client of somebody who edits what all parks share."""
    person = UserFactory.create()
    person.user_permissions.add(Permission.objects.get(codename="edit_vocabularies"))
    return sign_in(person)


def patch(client: APIClient, address: str, **body: Any) -> Any:
    return client.patch(f"{API}/{address}", body, headers={"If-Match": "*"})


# --- Moving --------------------------------------------------------------------------------------


def test_a_park_that_one_does_not_see_is_not_there_to_move_to(parks: dict[str, Park]) -> None:
    ProjectFactory.create(code="fab", park=parks["town"])
    wrong = error(patch(member(town="editor"), "projects/fab", park="yard"))
    assert (wrong["code"], wrong.get("suggestion")) == ("unknown_value", None)


def test_an_editor_hides_and_shows_the_park_and_its_rows(parks: dict[str, Park]) -> None:
    ProjectFactory.create(code="fab", park=parks["town"])
    editor = member(town="editor")
    found(patch(editor, "projects/fab", publication="draft"))
    problem(APIClient().get(f"{API}/projects/fab"), 404)
    found(patch(editor, "parks/town", publication="draft"))
    found(patch(editor, "parks/town", publication="published"))


# --- Making --------------------------------------------------------------------------------------


def test_what_belongs_to_no_park_is_made_by_vocabulary_editors(parks: dict[str, Park]) -> None:
    region = RegionFactory.create(code="120115")
    FigureFactory.create(park=parks["bay"])
    for address, body in [
        ("events", {"name_zh": "投洽会"}),
        ("figures", {"indicator": "area", "value": 5, "region": region.code}),
        ("timeline", {"name_zh": "规划", "kind": "policy", "region": region.code}),
    ]:
        problem(member(town="editor").post(f"{API}/{address}", body), 403)
        made(steward().post(f"{API}/{address}", body))
        problem(steward().post(f"{API}/{address}", body | {"park": "town", "region": None}), 403)


def test_an_editor_changes_what_she_added_until_somebody_else_did(
    parks: dict[str, Park],
) -> None:
    editor = member(town="editor")
    source = made(editor.post(f"{API}/sources", {"title": "报道"}))
    maker = made(editor.post(f"{API}/organisations", {"name_zh": "某公司"}))
    investors = [{"organisation": maker["code"]}]
    body = {"name_zh": "项目", "park": "town", "source": source["code"], "investors": investors}
    made(editor.post(f"{API}/projects", body))
    found(patch(editor, f"sources/{source['code']}", title="另一篇"))
    problem(patch(member(town="editor"), f"organisations/{maker['code']}", name_zh="另一家"), 403)
    found(patch(steward(), f"sources/{source['code']}", title="又一篇"))
    problem(patch(editor, f"sources/{source['code']}", title="报道"), 403)
    problem(member(town="viewer").post(f"{API}/sources", {"title": "报道"}), 403)


def test_an_import_writes_nothing_into_a_park_of_others(parks: dict[str, Park]) -> None:
    ProjectFactory.create(code="theirs", park=parks["bay"])
    ProjectFactory.create(code="mine", park=parks["town"])
    before = [*Project.objects.order_by("pk").values()]
    for line in ("new,项目,bay", "theirs,项目,town", "mine,项目,bay"):
        data = f"code,name_zh,park\r\n{line}\r\n".encode()
        response = send(member(town="editor"), data, dry_run="false")
        assert "forbidden" in {wrong["code"] for wrong in problem(response)["errors"]}, line
    assert [*Project.objects.order_by("pk").values()] == before


def test_an_import_tells_nothing_of_a_draft_of_others(parks: dict[str, Park]) -> None:
    secret = {"code": "hidden", "name_zh": "秘密项目", "note": "机密"}
    ProjectFactory.create(park=parks["yard"], **secret)
    data = "code,name_zh,park,note\r\nhidden,项目,town,x\r\n".encode()
    told = send(member(town="editor"), data).content.decode()
    assert "秘密" not in told
    assert "机密" not in told


# --- Rows below ----------------------------------------------------------------------------------


def test_rows_of_a_draft_of_others_are_not_there(parks: dict[str, Park]) -> None:
    project = ProjectFactory.create(code="fab", park=parks["yard"])
    milestone = MilestoneFactory.create(project=project)
    neighbour = member(bay="editor")
    for address in ("milestones", f"milestones/{milestone.pk}"):
        problem(neighbour.get(f"{API}/projects/fab/{address}"), 404)
        problem(patch(neighbour, f"projects/fab/{address}", note="x"), 404)
    problem(neighbour.post(f"{API}/projects/fab/milestones", {"type": "started"}), 404)


def test_a_row_is_not_reached_through_a_project_of_ones_own(parks: dict[str, Park]) -> None:
    theirs = MilestoneFactory.create(project=ProjectFactory.create(park=parks["bay"]))
    ProjectFactory.create(code="mine", park=parks["town"])
    problem(patch(member(town="editor"), f"projects/mine/milestones/{theirs.pk}", note="x"), 404)


def test_a_claim_does_not_supersede_one_about_a_project_of_others(
    parks: dict[str, Park],
) -> None:
    theirs = ProjectFigureFactory.create(project=ProjectFactory.create(park=parks["bay"]))
    ProjectFactory.create(code="mine", park=parks["town"])
    body = {"indicator": theirs.indicator_id, "value": 5, "investment_basis": "reported"}
    more = {"supersedes": theirs.code}
    response = member(town="editor").post(f"{API}/projects/mine/figures", body | more)
    assert error(response)["code"] == "not_about_the_same"
    theirs.refresh_from_db()
    assert theirs.superseded_by is None


# --- Roles themselves ----------------------------------------------------------------------------


def test_an_editor_who_is_removed_is_refused_by_the_next_request(parks: dict[str, Park]) -> None:
    ProjectFactory.create(code="fab", park=parks["yard"])
    person = MembershipFactory.create(park=parks["yard"]).user
    _token, secret = ApiToken.issue(person, "x", scope="write", days=1)
    clients = [sign_in(person), APIClient(headers={"Authorization": f"Bearer {secret}"})]
    for client in clients:
        found(patch(client, "projects/fab", note="x"))
    person.memberships.update(role="viewer")
    for client in clients:
        problem(patch(client, "projects/fab", note="y"), 403)
    person.memberships.all().delete()
    for client in clients:
        problem(client.get(f"{API}/projects/fab"), 404)


def test_the_right_to_edit_vocabularies_comes_through_a_group_too(db: None) -> None:
    person = UserFactory.create()
    group = Group.objects.create(name="vocabularies")
    group.permissions.add(Permission.objects.get(codename="edit_vocabularies"))
    problem(sign_in(person).post(f"{API}/sources", {"title": "报道"}), 403)
    person.groups.add(group)
    made(sign_in(person).post(f"{API}/sources", {"title": "报道"}))


def test_permissions_of_django_decide_nothing_else(parks: dict[str, Park]) -> None:
    person = UserFactory.create(is_staff=True)
    others = Permission.objects.exclude(codename="edit_vocabularies")
    person.user_permissions.set(others)
    ProjectFactory.create(code="fab", park=parks["town"])
    problem(patch(sign_in(person), "projects/fab", note="x"), 403)
    problem(sign_in(person).post(f"{API}/sources", {"title": "报道"}), 403)


def test_a_person_has_one_role_in_a_park(parks: dict[str, Park]) -> None:
    membership = MembershipFactory.create(park=parks["town"])
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory.create(user=membership.user, park=parks["town"], role="viewer")


def test_a_role_says_who_has_it_in_no_log(parks: dict[str, Park]) -> None:
    membership: Membership = MembershipFactory.create(park=parks["town"], user__username="wang")
    assert "wang" not in str(membership)
    assert parks["town"].name in str(membership)


# Rights: superuser, edits what all share, roles by park; the word for the role, and who sees alike
RIGHTS: list[tuple[Rights, str, str]] = [
    (Rights(), "", "published:"),
    (Rights(roles={1: "viewer"}), "viewer", "published:1"),
    (Rights(roles={1: "editor"}), "editor", "published:1"),
    (Rights(roles={23: "viewer", 1: "editor"}), "editor", "published:1,23"),
    (Rights(roles={12: "viewer", 3: "viewer"}), "viewer", "published:3,12"),
    (Rights(edits_shared=True), "vocabulary_editor", "shared:"),
    (Rights(edits_shared=True, roles={1: "editor"}), "vocabulary_editor", "shared:1"),
]


@together(("rights", "role", "visibility"), RIGHTS)
def test_rights_have_a_word_for_others_and_one_for_what_is_seen(
    rights: Rights, role: str, visibility: str
) -> None:
    person = UserFactory.create()
    person._ledger_rights = rights
    assert (role_of(person), rights.visibility) == (role, visibility)
    assert has_any_rights(person) is (rights != Rights())
    person.is_active = False
    assert (role_of(person), rights_of(person)) == ("", Rights())


def test_a_superuser_has_all_rights_and_nobody_none() -> None:
    rights = rights_of(UserFactory.create(superuser=True))
    assert rights == Rights(is_superuser=True, edits_shared=True)
    assert rights.visibility == "all"
    assert role_of(UserFactory.create(superuser=True)) == "superuser"
    assert rights_of(None) == Rights()


@together(
    ("model", "path", "shared", "may_be"),
    [
        *[(Park, "pk", False, False), (Project, "park_id", False, False)],
        *[(SigningEvent, "park_id", False, True), (Milestone, "project__park_id", False, False)],
        *[(Source, "park_id", True, True), (Post, "person__park_id", True, True)],
        *[(Region, "", False, True), (ApiToken, "", False, True)],
    ],
)
def test_rows_belong_to_a_park_or_to_none(
    model: Any, path: str, shared: bool, may_be: bool
) -> None:
    assert (park_path(model), is_shared(model), may_be_shared(model)) == (path, shared, may_be)
