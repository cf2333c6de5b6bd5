"""Every write, each further row that it touches, and each role: the right to all of them is needed.

`test_access.py` asks who may write the row that a URL names; this asks about the other rows.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from parks.models import Organisation, Park
from projects.models import Project, Target
from tests.answers import API, sign_in
from tests.factories import (
    LightRuleFactory,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    ProjectFactory,
    SigningEventFactory,
    SourceFactory,
    TargetFactory,
    UserFactory,
)
from tests.projects.importing.imports import applied, checked, table
from tests.samples import sample
from tests.seeded import kept_rows
from tests.site.test_access import (
    BODIES,
    COMPARED,
    EDITOR,
    NEIGHBOUR,
    ROUTES,
    STEWARD,
    SUPERUSER,
    VOCABULARIES,
    client_of,
    client_with,
    contents,
    make_addresses,
    person_with,
    token_of,
)
from tests.site.write_doors import Door, list_doors
from tests.together import together

pytestmark = pytest.mark.django_db

BOTH, VIEWER, ANONYMOUS = "editor of both", "viewer of both", "anonymous"
READ_TOKEN, WRITE_TOKEN = "read token of the editor of both", "write token of the editor of both"
DISTRICT = "district of town"
ROLES = [
    ANONYMOUS,
    VIEWER,
    DISTRICT,
    EDITOR,
    NEIGHBOUR,
    STEWARD,
    READ_TOKEN,
    BOTH,
    WRITE_TOKEN,
    SUPERUSER,
]
ALWAYS_ASKED = {EDITOR, NEIGHBOUR, BOTH}  # the others by turns; in a long run all
OF_BOTH = {BOTH, WRITE_TOKEN, SUPERUSER}
OF_ONE = OF_BOTH | {EDITOR}
SHARED = {STEWARD, SUPERUSER}
CHANGED = {"note": "changed"}
GONE: Any = object()  # in place of a body: what is restored was deleted

Write = tuple[str, str, Any]  # method, address below the API, and body
# What happens before, as a superuser, and what each role tries then
Prepare = Callable[[APIClient], Write]
SCENARIOS: dict[str, tuple[Prepare, set[str], int]] = {}


def scenario(allowed: set[str], unseen: int = 403) -> Callable[[Prepare], Prepare]:
    """Add a write that touches a row of `town` and a further row.

    `allowed` are the roles that may do it, `unseen` is the answer to those who do not see a row.
    """

    def add(prepare: Prepare) -> Prepare:
        SCENARIOS[prepare.__name__] = (prepare, allowed, unseen)
        return prepare

    return add


@kept_rows
def world() -> dict[str, str]:
    """The rows of the matrix, in the park `town`, and some in the park `bay`."""
    addresses = make_addresses()
    bay = Park.objects.get(code="bay")
    ProjectFactory.create(code="mill", park=bay)
    SigningEventFactory.create(code="fair", park=bay)
    TargetFactory.create(code="aim", park=bay, year=2031)
    for code, park in (("town-maker", "town"), ("bay-maker", "bay")):
        made = {"park": Park.objects.get(code=park), "publication": "draft"}
        OrganisationFactory.create(code=code, name_en=f"Maker {code}", **made)
        SourceFactory.create(code=f"{park}-source", **made)
        PersonFactory.create(code=f"{park}-person", **made)
    return addresses


def sign_in_as(role: str) -> APIClient:
    if role == ANONYMOUS:
        return APIClient()
    if role in (SUPERUSER, STEWARD, EDITOR, NEIGHBOUR, DISTRICT):
        return client_of(person_with(role))
    person: Any = UserFactory.create(is_staff=True)
    for park in Park.objects.filter(code__in=["town", "bay"]):
        word = "viewer" if role == VIEWER else "editor"
        MembershipFactory.create(user=person, park=park, role=word)
    if role in (READ_TOKEN, WRITE_TOKEN):
        return client_with(token_of(person, scope=role.partition(" ")[0]))
    return client_of(person)


@kept_rows
def clients(world: dict[str, str]) -> dict[str, APIClient]:
    """Somebody in each role."""
    return {role: sign_in_as(role) for role in ROLES}


def send(client: APIClient, write: Write, **headers: str) -> Any:
    method, address, body = write
    is_gone = body is GONE
    sent = {"If-None-Match" if is_gone else "If-Match": "*", **headers}
    body = None if is_gone else body
    return getattr(client, method.lower())(f"{API}/{address}", body, headers=sent)


def done(client: APIClient, *write: Any) -> Any:
    """What a superuser does before."""
    response = send(client, write)  # type: ignore[arg-type]
    assert response.status_code < 300, response.content.decode()
    return response


def move(client: APIClient, address: str, park: str = "town") -> None:
    done(client, "PATCH", address, {"park": park})


# --- Rows that move from park to park ------------------------------------------------------------


@scenario(OF_BOTH)
def project_moves(client: APIClient) -> Write:
    return "PATCH", "projects/fab", {"park": "bay"}


@scenario(OF_BOTH)
def project_is_put_elsewhere(client: APIClient) -> Write:
    return "PUT", "projects/fab", {"name_en": "Fab", "park": "bay"}


@scenario(OF_BOTH)
def project_of_many_moves(client: APIClient) -> Write:
    row = {"code": "fab", "version": Project.objects.get(code="fab").version, "park": "bay"}
    return "POST", "projects/bulk", {"projects": [row]}


@scenario(OF_BOTH)
def projects_of_two_parks_change(client: APIClient) -> Write:
    rows = Project.objects.filter(code__in=["fab", "mill"])
    bodies = [{"code": row.code, "version": row.version, **CHANGED} for row in rows]
    return "POST", "projects/bulk", {"projects": bodies}


@scenario(OF_BOTH)
def project_goes_back(client: APIClient) -> Write:
    move(client, "projects/mill")
    return "POST", "projects/mill/history/1/restore", None


@scenario(OF_BOTH)
def deleted_project_comes_back_elsewhere(client: APIClient) -> Write:
    move(client, "projects/mill")
    done(client, "DELETE", "projects/mill", None)
    return "POST", "projects/mill/history/1/restore", GONE


@scenario(OF_BOTH)
def event_moves(client: APIClient) -> Write:
    return "PATCH", "events/forum", {"park": "bay"}


@scenario(OF_BOTH)
def event_is_put_elsewhere(client: APIClient) -> Write:
    return "PUT", "events/forum", {"name_en": "Forum", "park": "bay"}


@scenario(OF_BOTH)
def event_goes_back(client: APIClient) -> Write:
    move(client, "events/fair")
    return "POST", "events/fair/history/1/restore", None


@scenario({SUPERUSER})
def event_leaves_all_parks(client: APIClient) -> Write:
    return "PATCH", "events/forum", {"park": None}


@scenario(OF_BOTH)
def target_moves(client: APIClient) -> Write:
    Target.objects.filter(park__code="town").update(code="goal", year=2032)
    return "PATCH", "targets/goal", {"park": "bay"}


@scenario(OF_BOTH)
def target_moves_onto_another(client: APIClient) -> Write:
    Target.objects.filter(park__code="town").update(code="goal", year=2031)
    return "PATCH", "targets/goal", {"park": "bay", "year": 2030}


@scenario(OF_BOTH)
def target_goes_back(client: APIClient) -> Write:
    move(client, "targets/aim")
    return "POST", "targets/aim/history/1/restore", None


@scenario(OF_BOTH, unseen=404)
def rule_of_lights_moves(client: APIClient) -> Write:
    LightRuleFactory.create(code="late", park=Park.objects.get(code="town"))
    return "PATCH", "light-rules/late", {"park": "bay"}


@scenario({SUPERUSER}, unseen=404)
def rule_of_lights_leaves_all_parks(client: APIClient) -> Write:
    LightRuleFactory.create(code="late", park=Park.objects.get(code="town"))
    return "PATCH", "light-rules/late", {"park": None}


@scenario(OF_BOTH, unseen=404)
def rule_of_lights_goes_back(client: APIClient) -> Write:
    LightRuleFactory.create(code="late", park=Park.objects.get(code="bay"))
    move(client, "light-rules/late")
    return "POST", "light-rules/late/history/1/restore", None


@scenario(OF_BOTH)
def entry_moves(client: APIClient) -> Write:
    return "PATCH", "timeline/agreement", {"park": "bay"}


@scenario(OF_BOTH | {STEWARD}, unseen=404)
def draft_of_an_organisation_moves(client: APIClient) -> Write:
    return "PATCH", "organisations/town-maker", {"park": "bay"}


@scenario(OF_BOTH | {STEWARD}, unseen=404)
def draft_of_a_source_moves(client: APIClient) -> Write:
    return "PATCH", "sources/town-source", {"park": "bay"}


@scenario(OF_BOTH | {STEWARD}, unseen=404)
def draft_of_a_person_moves(client: APIClient) -> Write:
    return "PATCH", "people/town-person", {"park": "bay"}


# --- Rows that become one, and two again ---------------------------------------------------------


@scenario(OF_BOTH)
def project_is_merged_into_another_park(client: APIClient) -> Write:
    return "POST", "projects/fab/merge", {"into": "mill"}


@scenario(OF_BOTH)
def merge_into_another_park_is_undone(client: APIClient) -> Write:
    done(client, "POST", "projects/fab/merge", {"into": "mill"})
    return "POST", "projects/fab/merge/undo", None


@scenario(OF_ONE | {STEWARD}, unseen=404)
def draft_is_merged_into_what_all_share(client: APIClient) -> Write:
    return "POST", "organisations/town-maker/merge", {"into": "maker"}


@scenario(SHARED, unseen=404)
def merge_that_changed_what_all_share_is_undone(client: APIClient) -> Write:
    done(client, "POST", "organisations/town-maker/merge", {"into": "maker"})
    assert "Maker town-maker" in Organisation.objects.get(code="maker").aliases
    return "POST", "organisations/town-maker/merge/undo", None


@scenario(OF_ONE | {STEWARD}, unseen=404)
def merge_that_left_what_all_share_is_undone(client: APIClient) -> Write:
    done(sign_in_as(EDITOR), "POST", "organisations/town-maker/merge", {"into": "maker"})
    return "POST", "organisations/town-maker/merge/undo", None


@scenario(OF_BOTH | {STEWARD}, unseen=404)
def merge_of_drafts_of_two_parks_is_undone(client: APIClient) -> Write:
    done(client, "POST", "organisations/town-maker/merge", {"into": "bay-maker"})
    return "POST", "organisations/town-maker/merge/undo", None


@scenario({EDITOR, NEIGHBOUR} | OF_BOTH)
def two_projects_are_kept_apart(client: APIClient) -> Write:
    return "POST", "projects/duplicates", {"codes": ["fab", "mill"]}


@scenario(OF_ONE | {STEWARD}, unseen=400)
def two_organisations_are_kept_apart(client: APIClient) -> Write:
    return "POST", "organisations/duplicates", {"codes": ["town-maker", "maker"]}


# --- Rows that follow ----------------------------------------------------------------------------


@scenario(OF_ONE)
def event_of_another_park_is_attended(client: APIClient) -> Write:
    return "POST", "projects/fab/participations", {"event": "fair", "role": "attended"}


@scenario(OF_ONE, unseen=404)
def project_publishes_what_it_needs(client: APIClient) -> Write:
    fields = {"publication": "draft", "source": "town-source"}
    done(client, "PATCH", "projects/fab", fields)
    return "PATCH", "projects/fab?confirm=publish_needed", {"publication": "published"}


@scenario(OF_ONE)
def part_of_a_project_of_another_park(client: APIClient) -> Write:
    return "PATCH", "projects/fab", {"part_of": "mill"}


# --- Imports -------------------------------------------------------------------------------------


@scenario({SUPERUSER}, unseen=404)
def import_of_others_is_undone(client: APIClient) -> Write:
    code = applied(client, table(["code", "park", "note"], ["fab", "town", "new"]))["code"]
    return "POST", f"imports/{code}/undo", None


@scenario({SUPERUSER}, unseen=404)
def import_of_others_is_applied(client: APIClient) -> Write:
    code = checked(client, table(["code", "park", "note"], ["fab", "town", "new"]))["code"]
    return "POST", f"imports/{code}/apply", None


# --- The table -----------------------------------------------------------------------------------

# Which further rows each address writes; what bodies refer to is asked in `test_hidden_rows.py`
TABLE: dict[Door, tuple[str, ...]] = {
    ("projects/{code}", "PATCH"): (
        *("project_moves", "project_publishes_what_it_needs"),
        "part_of_a_project_of_another_park",
    ),
    ("projects/{code}", "PUT"): ("project_is_put_elsewhere",),
    ("projects/bulk", "POST"): ("project_of_many_moves", "projects_of_two_parks_change"),
    ("projects/{code}/history/{version}/restore", "POST"): (
        *("project_goes_back", "deleted_project_comes_back_elsewhere"),
    ),
    ("projects/{code}/merge", "POST"): ("project_is_merged_into_another_park",),
    ("projects/{code}/merge/undo", "POST"): ("merge_into_another_park_is_undone",),
    ("projects/duplicates", "POST"): ("two_projects_are_kept_apart",),
    ("projects/{project}/participations", "POST"): ("event_of_another_park_is_attended",),
    ("organisations/{code}", "PATCH"): ("draft_of_an_organisation_moves",),
    ("organisations/{code}/merge", "POST"): ("draft_is_merged_into_what_all_share",),
    ("organisations/{code}/merge/undo", "POST"): (
        "merge_that_changed_what_all_share_is_undone",
        "merge_that_left_what_all_share_is_undone",
        "merge_of_drafts_of_two_parks_is_undone",
    ),
    ("organisations/duplicates", "POST"): ("two_organisations_are_kept_apart",),
    ("sources/{code}", "PATCH"): ("draft_of_a_source_moves",),
    ("people/{code}", "PATCH"): ("draft_of_a_person_moves",),
    ("events/{code}", "PATCH"): ("event_moves", "event_leaves_all_parks"),
    ("events/{code}", "PUT"): ("event_is_put_elsewhere",),
    ("events/{code}/history/{version}/restore", "POST"): ("event_goes_back",),
    ("targets/{code}", "PATCH"): ("target_moves", "target_moves_onto_another"),
    ("targets/{code}/history/{version}/restore", "POST"): ("target_goes_back",),
    ("light-rules/{code}", "PATCH"): ("rule_of_lights_moves", "rule_of_lights_leaves_all_parks"),
    ("light-rules/{code}/history/{version}/restore", "POST"): ("rule_of_lights_goes_back",),
    ("timeline/{code}", "PATCH"): ("entry_moves",),
    ("imports/{code}/apply", "POST"): ("import_of_others_is_applied",),
    ("imports/{code}/undo", "POST"): ("import_of_others_is_undone",),
}
RESTORE = "/history/{version}/restore"
# Addresses that write the row they name and nothing else: rows below a project, an event or an
# organisation, which need the right to that one; rows that belong to no park, or that stay in it
ALONE: set[Door] = {
    *((each, "POST") for each in (*VOCABULARIES, "sources", "organisations", "people", "parks")),
    *((each, "POST") for each in ("projects", "events", "targets", "figures", "timeline")),
    *(("editions", "POST"), ("editions/{code}", "PATCH"), (f"editions/{{code}}{RESTORE}", "POST")),
    *((f"{each}/{{code}}", "PATCH") for each in (*VOCABULARIES, "parks", "figures")),
    *((f"{each}/{{code}}", "DELETE") for each in VOCABULARIES),
    *((f"{each}/{{code}}", "DELETE") for each in ("sources", "organisations", "people", "parks")),
    *((f"{each}/{{code}}", "DELETE") for each in ("projects", "events", "targets", "figures")),
    *((f"{each}/{{code}}", "PUT") for each in ("sources", "organisations", "parks")),
    *((f"{each}/{{code}}{RESTORE}", "POST") for each in ("organisations", "parks", "figures")),
    *(("light-rules", "POST"), ("light-rules/{code}", "DELETE")),
    *(("subscriptions", "POST"), ("subscriptions/{id}", "PATCH"), ("subscriptions/{id}", "DELETE")),
    *((f"subscriptions/{{id}}/{end}", "POST") for end in ("secret", "test", "deliveries/{event}")),
    *(("timeline/{code}", "DELETE"), ("imports", "POST"), *((each, "POST") for each in COMPARED)),
}
BELOW = {
    "projects/{project}": "milestones/{id} participations/{id} fundings/{id} plans/{id} "
    "people/{id} returns/{id} excuses/{id} obstacles/{id} tags/{id} progress/{code} figures/{code}",
    "events/{event}": "figures/{code}",
    "organisations/{organisation}": "tags/{id}",
}
for owner, rows in BELOW.items():
    for row in rows.split():
        ALONE |= {(f"{owner}/{row}", method) for method in ("PATCH", "DELETE")}
        ALONE |= {(f"{owner}/{row.partition('/')[0]}", "POST"), (f"{owner}/{row}{RESTORE}", "POST")}


def test_every_write_is_in_the_table() -> None:
    asked = {name for names in TABLE.values() for name in names}
    assert asked == {*SCENARIOS}
    assert {*list_doors()} == {*TABLE} | ALONE
    assert TABLE.keys() & ALONE == {("projects/{project}/participations", "POST")}


@pytest.mark.slow
@together("name", SCENARIOS)
def test_a_write_needs_the_right_to_every_row_that_it_changes(
    clients: dict[str, APIClient], name: str
) -> None:
    prepare, allowed, unseen = SCENARIOS[name]
    others = [role for role in ROLES if role not in ALWAYS_ASKED]
    asked = ALWAYS_ASKED | {*sample(others, 6, [*SCENARIOS].index(name))}
    write = prepare(clients[SUPERUSER])
    before = contents()
    answers = {}
    for role in asked:
        with transaction.atomic():
            answers[role] = send(clients[role], write).status_code
            transaction.set_rollback(answers[role] < 400)
    assert contents() == before
    assert {role for role, status in answers.items() if status < 300} == allowed & asked, answers
    refused = {role: status for role, status in answers.items() if role not in allowed}
    assert refused.pop(ANONYMOUS, 401) == 401
    assert {*refused.values()} <= {403, unseen}, refused


# --- The order of refusals -----------------------------------------------------------------------


# Bodies that are wrong, or contradict what is stored; without If-Match they are refused, too
WRONG: dict[Door, Any] = {
    ("targets", "POST"): {"park": "bay", "year": 2031, "measure": "signed_count", "value": 1},
    ("projects", "POST"): {"park": "bay", "name_en": "x", "code": "mill"},
    ("events", "POST"): {"park": "bay", "name_en": "x", "code": "fair"},
    ("timeline", "POST"): {"park": "bay", "kind": "opening", "name_en": "x", "code": "agreement"},
    ("figures", "POST"): {"park": "bay", "indicator": "area", "value": 1, "code": "town-area"},
    ("projects/bulk", "POST"): {"projects": [{"park": "bay", "name_en": "x", "code": "mill"}]},
    ("projects/{code}/merge", "POST"): {"into": "fab"},
}


@pytest.mark.slow
@pytest.mark.parametrize("precondition", [None, '"999"'])
def test_nobody_without_the_right_learns_of_a_conflict(
    world: dict[str, str], clients: dict[str, APIClient], precondition: str | None
) -> None:
    asking = {role: clients[role] for role in (ANONYMOUS, VIEWER, EDITOR, READ_TOKEN)}
    addresses = {**world, "projects/{code}/merge": f"{API}/projects/mill/merge"}
    turn = int(precondition is None)
    for (route, method), right in sample(asked_of_rows(), 2, turn):
        body = WRONG.get((route, method), BODIES.get((route, method), {}))
        is_new = method == "POST" and not route.endswith(("/restore", "/merge"))
        headers = {} if is_new or precondition is None else {"If-Match": precondition}
        for role, client in asking.items():
            if role in right:
                continue
            response = getattr(client, method.lower())(addresses[route], body, headers=headers)
            expected = 401 if role == ANONYMOUS else 403
            assert response.status_code == expected, (route, method, role, response.content)


def asked_of_rows() -> list[tuple[Door, set[str]]]:
    """Every write of the matrix, with the roles that may do it to a row of `town`."""
    rights = {
        (route, method): {EDITOR} & roles
        for route, methods in ROUTES.items()
        for method, roles in methods.items()
    }
    of_bay = {door: set[str]() for door in WRONG}
    return [*(rights | of_bay).items()]


# --- The admin -----------------------------------------------------------------------------------


def test_the_admin_undoes_no_merge_that_changed_a_row_of_others(world: dict[str, str]) -> None:
    row = Organisation.objects.get(code="town-maker")
    page = f"/admin/parks/organisation/{row.pk}/merge/"
    done(
        client_of(person_with(SUPERUSER)),
        *("POST", "organisations/town-maker/merge", {"into": "maker"}),
    )
    before = contents()
    client = sign_in(person_with(EDITOR), Client)
    assert client.post(page, {}).status_code == 302  # to the history, with a message
    after = contents()
    assert after == before | {"parks.Membership": after["parks.Membership"]}
    assert not Organisation.objects.filter(code="town-maker").exists()


def test_the_admin_names_no_hidden_row_that_is_in_the_way(world: dict[str, str]) -> None:
    fab = Project.objects.get(code="fab")
    ProjectFactory.create(park__code="cove", part_of=fab, name_en="Zzq", publication="draft")
    client = sign_in(person_with(EDITOR), Client)
    page = client.get(f"/admin/projects/project/{fab.pk}/delete/").content.decode()
    assert "1" in page
    assert "Zzq" not in page
