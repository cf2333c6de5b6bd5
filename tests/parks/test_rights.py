"""Who may do what to a row, by every rule of `parks/access.py`: one table of actors and rows.

What each role may write by which route is a test of the whole site.
"""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import IntegrityError, transaction
from rest_framework.exceptions import PermissionDenied
from rest_framework.test import APIClient

from parks.access import (
    Rights,
    Write,
    has_any_rights,
    is_shared,
    may_be_shared,
    may_replace,
    may_write,
    may_write_some,
    park_path,
    require_writes,
    rights_of,
    role_of,
    sees_all_of,
    select_readable,
    select_worked_on,
    select_writable,
    works_on,
)
from parks.models import ApiToken, Membership, Park, Post, Region, SavedList, Source
from projects.models import Milestone, Project, SigningEvent
from tests.answers import API, found, made, problem, sign_in
from tests.factories import (
    FigureFactory,
    MembershipFactory,
    MilestoneFactory,
    OrganisationTagFactory,
    ParkFactory,
    PostFactory,
    ProjectFactory,
    RegionFactory,
    SigningEventFactory,
    SourceFactory,
    UserFactory,
)
from tests.seeded import kept_rows
from tests.site.test_access import client_of, client_with, person_with, token_of
from tests.together import together

pytestmark = pytest.mark.django_db

# One letter for each actor: nobody in particular, a viewer of `town`, its editor, the editor of
# `bay`, somebody who edits shared data, a superuser
ACTORS = {
    **{"N": "nobody in particular", "V": "viewer of town", "T": "editor of town"},
    **{"B": "editor of bay", "S": "vocabulary editor", "U": "superuser"},
}
DRAFT = {"publication": "draft"}


@kept_rows
def actors() -> dict[str, Any]:
    for code in ("town", "bay"):
        ParkFactory.create(code=code)
    return {letter: person_with(role) for letter, role in ACTORS.items()}


def in_park(factory: Any, path: str = "park", code: str = "town", **fields: Any) -> Any:
    return factory.create(**{path: Park.objects.get(code=code)}, **fields)


# The row, and who adds, changes and deletes it, reads it, works on it in the admin, and sees all
# of its versions
ROWS: dict[str, tuple[Callable[[], Any], str]] = {
    "region": (RegionFactory.create, "SU SU SU NVTBSU NVTBSU SU"),
    "park": (lambda: Park.objects.get(code="town"), "U TU U NVTBSU VTU VTU"),
    "hidden park": (lambda: ParkFactory.create(publication="draft"), "U U U U U U"),
    "project": (lambda: in_park(ProjectFactory), "TU TU TU NVTBSU VTU VTU"),
    "draft of a project": (lambda: in_park(ProjectFactory, **DRAFT), "TU TU TU VTU VTU VTU"),
    "event": (lambda: in_park(SigningEventFactory), "TU TU TU NVTBSU VTU VTU"),
    "event of no park": (SigningEventFactory.create, "SU SU SU NVTBSU NVTBSU SU"),
    "draft of an event of no park": (
        lambda: SigningEventFactory.create(**DRAFT),
        "SU SU SU SU SU SU",
    ),
    "figure": (lambda: in_park(FigureFactory), "TU TU TU NVTBSU VTU VTU"),
    "figure of a region": (
        lambda: FigureFactory.create(region=RegionFactory.create(), park=None),
        "SU SU SU NVTBSU SU SU",
    ),
    "saved list": (
        lambda: in_park(SavedList.objects, user_id=0, name="list"),
        "SU SU SU VTU NVTBSU SU",
    ),
    "source": (SourceFactory.create, "TBSU SU SU NVTBSU NVTBSU SU"),
    "source made for a park": (lambda: in_park(SourceFactory), "TSU SU SU NVTBSU NVTBSU VTSU"),
    "draft of a source": (lambda: in_park(SourceFactory, **DRAFT), "TSU TSU TSU VTSU VTSU VTSU"),
    "draft of a source of no park": (lambda: SourceFactory.create(**DRAFT), "SU SU SU SU SU SU"),
    "post": (lambda: in_park(PostFactory, "person__park"), "TBSU SU SU NVTBSU NVTBSU VTSU"),
    "post of a draft": (
        lambda: in_park(PostFactory, "person__park", person__publication="draft"),
        "TSU TSU TSU VTSU VTSU VTSU",
    ),
    "tag of an organisation": (OrganisationTagFactory.create, "TBSU SU SU NVTBSU NVTBSU SU"),
}


@together("name", ROWS)
def test_each_row_is_for_whom_the_table_says(actors: dict[str, Any], name: str) -> None:
    make, expected = ROWS[name]
    row = make()

    def find(may: Callable[[Any], bool]) -> str:
        return "".join(letter for letter, actor in actors.items() if may(actor))

    def find_selected(select: Callable[..., Any]) -> str:
        return find(lambda actor: row in select(type(row), actor))

    found = [find(lambda actor, verb=verb: may_write(actor, verb, row)) for verb in Write]
    found += [find_selected(select_readable), find_selected(select_worked_on)]
    assert " ".join([*found, find(lambda actor: sees_all_of(actor, row))]) == expected
    add, change, delete = found[:3]
    assert find_selected(select_writable) == change
    assert find(lambda actor: may_replace(actor, None, row)) == add
    assert find(lambda actor: may_replace(actor, row, None)) == delete
    assert find(lambda actor: may_replace(actor, row, row)) == change
    assert may_replace(None, row, None)  # the operator of the server
    for letter, actor in actors.items():
        with nullcontext() if letter in change else pytest.raises(PermissionDenied):
            require_writes(actor, (row, row))


def test_who_added_a_shared_row_changes_it_and_does_not_delete_it(actors: dict[str, Any]) -> None:
    client_of(actors["T"]).post(f"{API}/sources", {"title": "报道"})
    row = Source.objects.get()
    may = {letter: [may_write(actors[letter], verb, row) for verb in Write] for letter in "TBV"}
    assert may == {"T": [True, True, False], "B": [True, False, False], "V": [False] * 3}
    found(patch(client_of(actors["S"]), f"sources/{row.code}", title="又一篇"))
    assert not may_write(actors["T"], Write.CHANGE, row)


@together(
    ("before", "after", "editors"),
    [
        (("town", "draft"), ("town", "draft"), "TS"),
        (("town", "draft"), ("town", "published"), "TS"),  # she could have added it so
        (("town", "draft"), ("bay", "draft"), "S"),
        (("town", "draft"), (None, "published"), "TS"),
        (("town", "published"), ("town", "draft"), "S"),
        ((None, "draft"), ("town", "draft"), "S"),
    ],
)
def test_a_row_is_replaced_by_who_has_the_right_to_both_states(
    actors: dict[str, Any],
    before: tuple[str | None, str],
    after: tuple[str | None, str],
    editors: str,
) -> None:
    parks = {None: None} | {park.code: park for park in Park.objects.all()}
    was, is_now = (
        SourceFactory.create(park=parks[code], publication=word) for code, word in (before, after)
    )
    found = [letter for letter in "VTBS" if may_replace(actors[letter], was, is_now)]
    assert "".join(found) == editors


@together(
    ("model", "adders", "changers", "workers"),
    [
        (Region, "SU", "SU", "VTBSU"),
        (ApiToken, "SU", "SU", "VTBSU"),
        (Park, "U", "TBU", "VTBU"),
        (Project, "TBU", "TBU", "VTBU"),
        (SigningEvent, "TBSU", "TBSU", "VTBSU"),
        (Source, "TBSU", "TBSU", "VTBSU"),
        (Post, "TBSU", "TBSU", "VTBSU"),
    ],
)
def test_some_rows_of_a_model_are_for_whom_the_table_says(
    actors: dict[str, Any], model: Any, adders: str, changers: str, workers: str
) -> None:
    found = {
        letter: (*(may_write_some(actor, verb, model) for verb in Write), works_on(actor, model))
        for letter, actor in actors.items()
    }
    assert found == {
        letter: (letter in adders, letter in changers, letter in adders, letter in workers)
        for letter in actors
    }


# What is answered to the superuser, the editor of `town`, her viewer; a token that may only read
# writes nothing, and who has not signed in neither
REQUESTS = [
    ("POST", "parks", {}, (400, 403, 403)),
    ("PUT", "parks/none", {"name_zh": "某园", "region": "120115"}, (201, 403, 403)),
    ("PATCH", "parks/none", {}, (404, 404, 403)),
    ("DELETE", "parks/none", None, (404, 403, 403)),
    ("PUT", "parks/town", {}, (400, 400, 403)),
    ("PUT", "parks/bay", {}, (400, 403, 403)),
    ("GET", "parks/town", None, (200, 200, 200)),
    ("POST", "changes", {}, (405, 403, 403)),
    ("POST", "projects", {}, (400, 400, 403)),
    ("PUT", "projects/none", {"name_zh": "项目", "park": "bay"}, (201, 403, 403)),
    ("DELETE", "projects/none", None, (404, 404, 403)),
    ("POST", "regions", {}, (400, 403, 403)),
    ("PATCH", "sources/none", {}, (404, 404, 403)),
    ("PUT", "sources/none", {"title": "报道"}, (201, 201, 403)),
    ("POST", "parks/none/history/1/restore", None, (404, 404, 403)),
    ("POST", "parks/town/history/1/restore", None, (200, 200, 403)),
]


@pytest.mark.slow
@together(("method", "address", "body", "expected"), REQUESTS)
def test_a_right_is_asked_for_before_a_body_is_read(
    actors: dict[str, Any], method: str, address: str, body: Any, expected: tuple[int, ...]
) -> None:
    reader = client_with(token_of(actors["U"], scope="read"))
    clients = [*(client_of(actors[letter]) for letter in "UTV"), reader, APIClient()]
    headers = {"If-Match": "*"} if "town" in address or "bay" in address else {}
    answers = []
    for number, client in enumerate(clients):
        url = f"{API}/{address}".replace("none", f"none-{number}")
        answers.append(getattr(client, method.lower())(url, body, headers=headers).status_code)
    assert answers == [*expected, *((200, 200) if method == "GET" else (403, 401))]


# --- Roles by the API ----------------------------------------------------------------------------


def patch(client: APIClient, address: str, **body: Any) -> Any:
    return client.patch(f"{API}/{address}", body, headers={"If-Match": "*"})


def test_a_row_is_not_reached_through_a_project_of_ones_own(actors: dict[str, Any]) -> None:
    theirs = MilestoneFactory.create(project__park=Park.objects.get(code="bay"))
    mine = in_park(ProjectFactory)
    address = f"projects/{mine.code}/milestones/{theirs.pk}"
    problem(patch(client_of(actors["T"]), address, note="x"), 404)


def test_an_editor_who_is_removed_is_refused_by_the_next_request(actors: dict[str, Any]) -> None:
    ProjectFactory.create(code="fab", park__code="yard", park__publication="draft")
    person = MembershipFactory.create(park=Park.objects.get(code="yard")).user
    clients = [client_of(person), client_with(token_of(person))]
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


def test_permissions_of_django_decide_nothing_else() -> None:
    person = UserFactory.create(is_staff=True)
    person.user_permissions.set(Permission.objects.exclude(codename="edit_vocabularies"))
    project = ProjectFactory.create()
    problem(patch(sign_in(person), f"projects/{project.code}", note="x"), 403)
    problem(sign_in(person).post(f"{API}/sources", {"title": "报道"}), 403)


def test_a_person_has_one_role_in_a_park_and_no_log_says_whose_it_is() -> None:
    membership: Membership = MembershipFactory.create(user__username="wang")
    assert "wang" not in str(membership)
    assert membership.park.name in str(membership)
    with pytest.raises(IntegrityError), transaction.atomic():
        MembershipFactory.create(user=membership.user, park=membership.park, role="viewer")


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
