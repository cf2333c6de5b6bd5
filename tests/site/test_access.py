"""Who may do what: every address of the API by every method and role, in one table."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from rest_framework.test import APIClient

from api.files import TABLE_ACTIONS
from parks.models import ApiToken, Membership, Park
from tests.answers import API, SUBSCRIBED, Row, codes, problem
from tests.factories import (
    EditionFactory,
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    MembershipFactory,
    MilestoneFactory,
    OrganisationFactory,
    OrganisationTagFactory,
    ParkFactory,
    ParticipationFactory,
    PersonFactory,
    ProjectFactory,
    ProjectFigureFactory,
    ProjectTagFactory,
    RegionGroupFactory,
    SectorGroupFactory,
    SigningEventFactory,
    SourceFactory,
    TagFactory,
    TargetFactory,
    TimelineEntryFactory,
    UserFactory,
)
from tests.samples import IS_LONGEST, sample
from tests.seeded import kept_rows
from tests.site.write_doors import find_api, walk_routes

pytestmark = pytest.mark.django_db

READ, WRITE = ["GET", "HEAD", "OPTIONS"], ["POST", "PUT", "PATCH", "DELETE"]

# The roles that somebody can write in. All rows of the table are of the park `town`, or shared.
SUPERUSER, STEWARD = "superuser", "vocabulary editor"
EDITOR, NEIGHBOUR = "editor of town", "editor of bay"
NOBODY_ELSE = {SUPERUSER}
OF_TOWN = {SUPERUSER, EDITOR}
SHARED = {SUPERUSER, STEWARD}
ADDED_BY_ALL = {SUPERUSER, STEWARD, EDITOR, NEIGHBOUR}
# And those in which nobody writes anything
READERS = [
    *("viewer of town", "former editor of town", "nobody in particular"),
    "district of town",  # which returns projects: `tests/projects/tracking/test_returns.py`
]

BRIEFED = "projects parks events organisations editions".split()
VOCABULARIES = "regions region-groups sectors sector-groups indicators tags".split()
# Every address, and who writes there by which method. All of them are read by everybody.
ROUTES: dict[str, dict[str, set[str]]] = {
    **{each: {"POST": SHARED} for each in VOCABULARIES},
    **{f"{each}/{{code}}": {"PATCH": SHARED, "DELETE": SHARED} for each in VOCABULARIES},
    "sources": {"POST": ADDED_BY_ALL},
    "sources/{code}": {"PUT": SHARED, "PATCH": SHARED, "DELETE": SHARED},
    "organisations": {"POST": ADDED_BY_ALL},
    "organisations/{code}": {"PUT": SHARED, "PATCH": SHARED, "DELETE": SHARED},
    "organisations/{organisation}/tags": {"POST": ADDED_BY_ALL},
    "organisations/{organisation}/tags/{id}": {"PATCH": SHARED, "DELETE": SHARED},
    "parks": {"POST": NOBODY_ELSE},
    "changes": {},
    **{each: {} for each in ("imports/template.xlsx", "targets.svg", "targets.png")},
    **{f"bulletin.{ending}": {} for ending in ("docx", "pdf")},
    **{f"parks/compare{ending}": {} for ending in ("", ".csv", ".xlsx")},
    "parks/{code}/overview": {},
    "parks/{code}": {"PUT": OF_TOWN, "PATCH": OF_TOWN, "DELETE": NOBODY_ELSE},
    "figures": {"POST": OF_TOWN},
    "figures/summary": {},
    "figures/{code}": {"PATCH": OF_TOWN, "DELETE": OF_TOWN},
    "timeline": {"POST": OF_TOWN},
    "timeline/{code}": {"PATCH": OF_TOWN, "DELETE": OF_TOWN},
    "people": {"POST": ADDED_BY_ALL},
    "people/{code}": {"PATCH": SHARED, "DELETE": SHARED},
    "projects": {"POST": OF_TOWN},
    **{each: {} for each in ("projects.jsonl", "projects.geojson", "parks.geojson")},
    **{f"projects/facets{ending}": {} for ending in ("", ".csv", ".xlsx")},
    **{f"projects/summary{end}": {} for end in ("", ".csv", ".xlsx", ".svg", ".png")},
    **{f"fundings{ending}": {} for ending in ("", ".csv", ".xlsx")},
    **{f"{each}.parquet": {} for each in ("fundings", "results", "events/{event}/participations")},
    **{f"fundings/summary{end}": {} for end in ("", ".csv", ".xlsx", ".svg", ".png")},
    **{f"projects/cohorts{ending}": {} for ending in ("", ".csv", ".xlsx")},
    "projects/dispatch.xlsx": {},
    **{f"sector-groups/{{code}}/links{ending}": {} for ending in ("", ".csv", ".xlsx")},
    **{f"projects/funnel{ending}": {} for ending in ("", ".csv", ".xlsx")},
    **{f"results{ending}": {} for ending in ("", ".csv", ".xlsx")},
    **{f"results/summary{ending}": {} for ending in ("", ".csv", ".xlsx")},
    "projects/bulk": {"POST": OF_TOWN},
    "projects/{code}": {"PUT": OF_TOWN, "PATCH": OF_TOWN, "DELETE": OF_TOWN},
    "targets": {"POST": OF_TOWN},
    "targets/{code}": {"PATCH": OF_TOWN, "DELETE": OF_TOWN},
    "editions": {"POST": OF_TOWN},
    "editions/{code}": {"PATCH": OF_TOWN},
    **{f"editions/{{code}}/{rows}": {} for rows in ("rows", "codebook")},
    **{
        f"editions/{{code}}/{rows}.{ending}": {}
        for rows in ("figures", "rows", "codebook")
        for ending in ("csv", "xlsx")
    },
    "projects/{project}/milestones": {"POST": OF_TOWN},
    "projects/{project}/milestones/{id}": {"PATCH": OF_TOWN, "DELETE": OF_TOWN},
    "projects/{project}/participations": {"POST": OF_TOWN},
    "projects/{project}/participations/{id}": {"PATCH": OF_TOWN, "DELETE": OF_TOWN},
    "projects/{project}/fundings": {"POST": OF_TOWN},
    "projects/{project}/fundings/{id}": {"PATCH": OF_TOWN, "DELETE": OF_TOWN},
    "projects/{project}/tags": {"POST": OF_TOWN},
    "projects/{project}/tags/{id}": {"PATCH": OF_TOWN, "DELETE": OF_TOWN},
    "projects/{project}/figures": {"POST": OF_TOWN},
    "projects/{project}/figures/{code}": {"PATCH": OF_TOWN, "DELETE": OF_TOWN},
    "events": {"POST": OF_TOWN},
    "events/{code}": {"PUT": OF_TOWN, "PATCH": OF_TOWN, "DELETE": OF_TOWN},
    **{f"events/{{code}}/follow-through{ending}": {} for ending in ("", ".csv", ".xlsx")},
    "events/{code}/overview": {},
    **{f"{each}/{{code}}.{end}": {} for each in BRIEFED for end in ("docx", "pdf")},
    "events/{event}/figures": {"POST": OF_TOWN},
    "events/{event}/figures/{code}": {"PATCH": OF_TOWN, "DELETE": OF_TOWN},
    **{f"events/{{event}}/participations{ending}": {} for ending in ("", ".csv", ".xlsx")},
}
# Every list is a file, too
LISTS = [
    route
    for route, methods in ROUTES.items()
    if "POST" in methods and not route.endswith(("}", "/bulk", "/restore"))
]
ROUTES |= {f"{route}.{ending}": {} for route in LISTS for ending in TABLE_ACTIONS}
WITH_HISTORY = [
    *("organisations/{code}", "parks/{code}", "figures/{code}", "projects/{code}"),
    *("projects/{project}/milestones/{id}", "projects/{project}/participations/{id}"),
    *("projects/{project}/fundings/{id}", "projects/{project}/figures/{code}"),
    *("events/{code}", "events/{event}/figures/{code}", "targets/{code}"),
    "editions/{code}",
    *("organisations/{organisation}/tags/{id}", "projects/{project}/tags/{id}"),
]
ROUTES |= {f"{route}/history": {} for route in WITH_HISTORY}
# Who changes a row brings it back to a version that it had
RESTORED = {f"{route}/history/{{version}}/restore": route for route in WITH_HISTORY}
ROUTES |= {each: {"POST": ROUTES[route]["PATCH"]} for each, route in RESTORED.items()}
NOTHING_TO_READ = {
    (route, method) for route in ("projects/bulk", *RESTORED) for method in ("GET", "HEAD")
}
# Imports are everybody's own, of those who may write some project: see below.
IMPORTS: dict[str, list[str]] = {
    **dict.fromkeys(("imports", "imports/{code}"), ["GET"]),
    **dict.fromkeys(("imports/{code}/errors.csv", "imports/{code}/sheet.xlsx"), ["GET"]),
    **dict.fromkeys(("imports/{code}/apply", "imports/{code}/undo"), ["POST"]),
}
# For roles of parks alone, each its own: asked about in `tests/projects/tracking/`
ENDS = "| .csv .xlsx .parquet /{code} /{code}/history /{code}/history/{version}/restore".split(" ")
OF_ROLES = {"attention"} | {
    f"{a}{e.strip('|')}"
    for a in ("progress", "plans", "plan-moves", "lights", "obstacles")
    for e in ENDS[:4]
}
OF_ROLES |= {f"light-rules{ending.strip('|')}" for ending in ENDS}
OF_ROLES |= {f"{rows}/duplicates" for rows in ("projects", "organisations")}
OF_ROLES |= {f"projects/{{project}}/progress{ending.strip('|')}" for ending in ENDS}
OF_ROLES |= {f"subscriptions{end}" for end in ("", "/{id}", *SUBSCRIBED)}
BY_ID = [end.strip("|").replace("code", "id") for end in ENDS]
OF_ROLES |= {
    f"projects/{{project}}/{rows}{e}"
    for rows in ("plans", "people", "returns", "excuses", "obstacles")
    for e in BY_ID
}
# Asked about in `tests/projects/test_merging.py`
MERGES = {f"{a}/{{code}}/merge{e}" for a in ("projects", "organisations") for e in ("", "/undo")}
# Which write nothing: asked about in `tests/projects/importing/test_reconciling.py`
COMPARED = {f"reconciliations{ending}" for ending in ("", ".csv", ".xlsx")}
# With which the writes above would be taken: each changes a row, or makes one
NOTE = {"note": "changed"}
NAME = {"name_en": "Changed"}
AREA = {"indicator": "area", "value": 15}
BODIES: dict[tuple[str, str], Row] = {
    **{
        (f"{each}/{{code}}", "PATCH"): NAME for each in ("regions", "sectors", "indicators", "tags")
    },
    **dict.fromkeys([("organisations", "POST"), ("people", "POST")], NAME),
    ("organisations/{code}", "PUT"): NAME,
    ("regions", "POST"): {**NAME, "code": "330400", "level": "prefecture", "parent": "330000"},
    ("region-groups", "POST"): {**NAME, "code": "coast", "members": [{"region": "330300"}]},
    ("region-groups/{code}", "PATCH"): {"members": []},
    ("sectors", "POST"): {**NAME, "code": "C3974", "level": "class"},
    ("sector-groups", "POST"): {**NAME, "code": "chips", "members": [{"sector": "C3973"}]},
    ("sector-groups/{code}", "PATCH"): {"members": []},
    ("tags", "POST"): {**NAME, "code": "gazelle", "bearer": "organisation"},
    ("organisations/{organisation}/tags", "POST"): {"tag": "listed"},
    ("projects/{project}/tags", "POST"): {"tag": "key", "year": 2027},
    ("sources", "POST"): {"title": "报道"},
    ("sources/{code}", "PUT"): {"title": "另一篇"},
    **dict.fromkeys(
        [
            (route, "PATCH")
            for route in (
                *("sources/{code}", "organisations/{code}", "parks/{code}", "figures/{code}"),
                *("timeline/{code}", "people/{code}", "targets/{code}", "projects/{code}"),
                *("projects/{project}/milestones/{id}", "projects/{project}/fundings/{id}"),
                *("projects/{project}/figures/{code}", "events/{code}"),
                *("events/{event}/figures/{code}", "editions/{code}", *WITH_HISTORY[-2:]),
            )
        ],
        NOTE,
    ),
    ("parks", "POST"): {**NAME, "region": "120115"},
    ("parks/{code}", "PUT"): {**NAME, "region": "120115"},
    ("figures", "POST"): {**AREA, "park": "town"},
    ("timeline", "POST"): {**NAME, "kind": "opening", "park": "town"},
    ("indicators", "POST"): {**NAME, "code": "jobs", "kind": "count", "unit": "people"},
    ("targets", "POST"): {"park": "town", "year": 2027, "measure": "paid_in_cny", "value": 1},
    ("editions", "POST"): {"park": "town", "month": "2026-04", "name": "四月期报"},
    ("projects", "POST"): {**NAME, "park": "town"},
    ("projects/bulk", "POST"): {"projects": [{**NAME, "park": "town"}]},
    ("projects/{code}", "PUT"): {**NAME, "park": "town"},
    ("projects/{project}/milestones", "POST"): {"type": "started", "actual_on": "2024-05"},
    ("projects/{project}/participations", "POST"): {"event": "forum", "role": "presented"},
    ("projects/{project}/participations/{id}", "PATCH"): {"role": "started"},
    ("projects/{project}/fundings", "POST"): {
        **{"kind": "paid_in", "month": "2024-04", "reported_cny": 5}
    },
    ("projects/{project}/figures", "POST"): AREA,
    ("events", "POST"): {**NAME, "park": "town"},
    ("events/{code}", "PUT"): {**NAME, "park": "town"},
    ("events/{event}/figures", "POST"): AREA,
}
# What must be asked with them
QUESTIONS = {
    **{f"parks/compare{end}": "?parks=town,bay" for end in ("", ".csv", ".xlsx")},
    "figures/summary": "?indicator=area&nature=actual",
    "projects/summary.svg": "?group_by=park",
    "projects/summary.png": "?group_by=park",
    "fundings/summary.svg": "?group_by=park",
    "fundings/summary.png": "?group_by=park",
}
# About the API itself: they hold nothing of the ledger, so they are open, and nobody writes them.
ABOUT = {"schema", "docs"}
DONE = {200, 201, 204, 409}  # let in; 409: others still depend on what was to be deleted
CSRF_TOKEN = "a" * 32
WRITING = [SUPERUSER, EDITOR, NEIGHBOUR, STEWARD, *READERS]
READING = [SUPERUSER, NEIGHBOUR, READERS[0]]
FAULTS = ["wrong", "expired", "revoked", "of somebody who left"]  # of a token


@kept_rows
def addresses() -> dict[str, str]:
    """The address of a row that is there, for each route; what tests change is undone."""
    return make_addresses()


def make_addresses() -> dict[str, str]:
    """Make a row for each route; returns its address by the route."""
    town = ParkFactory.create(code="town")
    ParkFactory.create(code="bay")
    project = ProjectFactory.create(code="fab", park=town)
    forum = SigningEventFactory.create(code="forum", park=town)
    RegionGroupFactory.create(code="yrd", members=["330000", "330300"])
    SectorGroupFactory.create(code="ic", members=["C3973"])
    SourceFactory.create(code="report")
    maker, listed = OrganisationFactory.create(code="maker"), TagFactory.create(code="listed")
    key, unicorn = TagFactory.create(code="key", bearer="project"), TagFactory.create()
    FigureFactory.create(code="town-area", park=town)
    TimelineEntryFactory.create(code="agreement", park=town)
    PersonFactory.create(code="mayor")
    ProjectFigureFactory.create(code="fab-investment", project=project)
    EventFigureFactory.create(code="forum-projects", event=forum)
    rows: dict[str, Any] = {
        "regions/{code}": "330300",
        "region-groups/{code}": "yrd",
        "sectors/{code}": "C3973",
        "sector-groups/{code}": "ic",
        "sources/{code}": "report",
        "tags/{code}": listed.code,
        "organisations/{code}": "maker",
        "organisations/{organisation}/tags/{id}": OrganisationTagFactory.create(
            organisation=maker, tag=unicorn
        ).pk,
        "projects/{project}/tags/{id}": ProjectTagFactory.create(project=project, tag=key).pk,
        "parks/{code}": "town",
        "targets/{code}": TargetFactory.create(park=town).code,
        "editions/{code}": EditionFactory.create(park=town).code,
        "projects/{code}": "fab",
        "events/{code}": "forum",
        "events/{event}/figures/{code}": "forum-projects",
        "figures/{code}": "town-area",
        "timeline/{code}": "agreement",
        "indicators/{code}": "area",
        "people/{code}": "mayor",
        "projects/{project}/fundings/{id}": FundingFactory.create(project=project).pk,
        "projects/{project}/figures/{code}": "fab-investment",
        "projects/{project}/milestones/{id}": MilestoneFactory.create(project=project).pk,
        "projects/{project}/participations/{id}": ParticipationFactory.create(
            project=project, event=forum
        ).pk,
    }
    made = {}
    for route in [*ROUTES, *ABOUT]:
        before = RESTORED.get(route, route)
        of_one = before[: before.rindex("}") + 1] if "}" in before else before
        key = rows.get(of_one)
        keys = {"code": key, "id": key, "project": "fab", "event": "forum", "version": 1}
        made[route] = f"{API}/{route}".format(**keys, organisation="maker")
    return made


def person_with(role: str) -> User:
    """Somebody in this role; `town` and `bay` are parks."""
    if role == SUPERUSER:
        return UserFactory.create(superuser=True)
    person = UserFactory.create(is_staff=True)
    if role == STEWARD:
        person.user_permissions.add(Permission.objects.get(codename="edit_vocabularies"))
    elif role.partition(" of ")[2]:
        word, _of, park = role.removeprefix("former ").partition(" of ")
        of: dict[str, Any] = {"park": Park.objects.get(code=park)}
        if word == "district":
            of = {"park": None, "region": of["park"].region}
        MembershipFactory.create(user=person, role=word, **of)
    return person


def client_of(person: User) -> APIClient:
    """A client with the session of this person, and the CSRF token that a write needs with it."""
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(person)
    client.cookies["csrftoken"] = CSRF_TOKEN
    client.credentials(HTTP_X_CSRFTOKEN=CSRF_TOKEN)
    return client


def client_with(secret: str) -> APIClient:
    """A client that sends this token, which needs no CSRF token."""
    return APIClient(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {secret}"})


def token_of(person: User, scope: str = "write") -> str:
    _token, secret = ApiToken.issue(person, "a test's", scope=scope, days=30)
    return secret


def contents() -> Row:
    """All rows of our tables: what a refused write must leave as it is."""
    found = {}
    with connection.cursor() as cursor:
        for app in ("parks", "projects"):
            for model in apps.get_app_config(app).get_models():
                if model is not ApiToken:  # whose use is noted
                    cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY 1')
                    found[model._meta.label] = cursor.fetchall()
    return found


def ask(client: APIClient, method: str, address: str, body: Row | None = None) -> int:
    """The status of an answer; what was not refused is undone."""
    with transaction.atomic():
        if method in READ:
            response = client.generic(method, address)
        else:
            is_new = method == "POST" and not address.endswith("/restore")
            if_match = {} if is_new else {"If-Match": "*"}
            response = getattr(client, method.lower())(address, body or {}, headers=if_match)
        response.getvalue() if response.streaming else response.content
        transaction.set_rollback(response.status_code < 400)
    if response.status_code in (401, 403, 405):
        assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code


def statuses(
    client: APIClient, addresses: dict[str, str], methods: list[str], routes: Any = ROUTES
) -> Row:
    """What is answered at every address, or at those of some routes."""
    return {
        (route, method): ask(
            client,
            method,
            addresses[route] + (QUESTIONS.get(route, "") if method in ("GET", "HEAD") else ""),
            BODIES.get((route, method)),
        )
        for route in routes
        for method in methods
    }


def everywhere(status: int, methods: list[str], routes: Any = ROUTES) -> Row:
    """One answer to all; but what is only written to has nothing to show."""
    answers = {(route, method): status for route in routes for method in methods}
    if status == 200:
        answers |= {asked: 405 for asked in answers if asked in NOTHING_TO_READ}
    return answers


WRITES = [(route, method) for route, methods in ROUTES.items() for method in methods]


def writes(
    client: APIClient, addresses: dict[str, str], asked: list[tuple[str, str]] = WRITES
) -> Row:
    """What is answered to all that somebody may write, or to some of it."""
    return {
        (route, method): ask(client, method, addresses[route], BODIES.get((route, method)))
        for route, method in asked
    }


def share_of(one: str, all_of_them: list[str]) -> list[str]:
    """Some of the routes for one of several, others for the next; in a long run each asks all."""
    return sample([*ROUTES], 4 * len(all_of_them), all_of_them.index(one))


def writes_of(role: str) -> list[tuple[str, str]]:
    """What a role tries: each write is tried by one who may and by one who may not.

    In a long run each tries everything.
    """
    tried = []
    for number, (route, method) in enumerate(WRITES):
        may = role in ROUTES[route][method]
        alike = [each for each in WRITING if (each in ROUTES[route][method]) == may]
        if IS_LONGEST or alike.index(role) == number % len(alike):
            tried.append((route, method))
    return tried


@pytest.fixture
def person_api(db: None) -> APIClient:
    """A client with the session of somebody who may sign in and nothing else."""
    return client_of(person_with("nobody in particular"))


# --- The table ----------------------------------------------------------------------------------


def test_every_route_is_in_the_table() -> None:
    known = [
        route
        for route, pattern in walk_routes(find_api())
        if "(?:" not in str(pattern.pattern)  # which is always refused
    ]
    assert len(known) == len(set(known))
    assert known[-1] == ""  # whatever else is asked for: a problem, never a page
    assert set(known[:-1]) == {*ROUTES, *IMPORTS, *OF_ROLES, *MERGES, *COMPARED, *ABOUT}


def check_as_the_table_says(
    client: APIClient, addresses: dict[str, str], role: str, one_in: int = 1
) -> None:
    """Writes where the table has the role, and leaves the rest as it was."""
    before = contents()
    answers = writes(client, addresses, sample(writes_of(role), one_in))
    assert answers
    assert contents() == before
    for (route, method), status in answers.items():
        expected = DONE if role in ROUTES[route][method] else {403}
        assert status in expected, (role, method, route, status)


@pytest.mark.slow
def test_what_the_table_does_not_have_is_written_by_nobody(
    admin_api: APIClient, addresses: dict[str, str]
) -> None:
    for turn, method in enumerate(WRITE):
        others = [route for route, methods in ROUTES.items() if method not in methods]
        others = sample(others, 6, turn)
        answers = statuses(admin_api, addresses, [method], others)
        assert answers == everywhere(405, [method], others)


@pytest.mark.slow
@pytest.mark.parametrize("role", WRITING)
def test_each_role_writes_as_the_table_says(addresses: dict[str, str], role: str) -> None:
    person = person_with(role)
    if role.startswith("former"):
        client = client_of(person)
        assert ask(client, "PATCH", addresses["projects/{code}"], NOTE) == 200
        Membership.objects.filter(user=person).delete()
        check_as_the_table_says(client, addresses, role)  # with the session from before
    else:
        check_as_the_table_says(client_of(person), addresses, role)


def test_a_write_token_has_the_rights_of_its_person(addresses: dict[str, str]) -> None:
    client = client_with(token_of(person_with(EDITOR)))
    check_as_the_table_says(client, addresses, EDITOR, one_in=4)


@pytest.mark.parametrize("role", [SUPERUSER, EDITOR, STEWARD])
def test_a_read_token_writes_nowhere(addresses: dict[str, str], role: str) -> None:
    client = client_with(token_of(person_with(role), scope="read"))
    before = contents()
    assert ask(client, "GET", addresses["projects"]) == 200
    asked = sample(WRITES, 3, WRITING.index(role))
    assert writes(client, addresses, asked) == dict.fromkeys(asked, 403)
    assert contents() == before


@pytest.mark.slow
@pytest.mark.parametrize("role", READING)
def test_each_role_reads_everywhere(addresses: dict[str, str], role: str) -> None:
    client, routes = client_of(person_with(role)), share_of(role, READING)
    assert statuses(client, addresses, ["GET"], routes) == everywhere(200, ["GET"], routes)


@pytest.mark.slow
def test_everybody_reads_and_an_anonymous_write_is_a_401_everywhere(
    api: APIClient, addresses: dict[str, str]
) -> None:
    before = contents()
    assert statuses(api, addresses, ["GET"]) == everywhere(200, ["GET"])
    for turn, method in enumerate(READ[1:]):
        routes = sample([*ROUTES], 8, turn)
        assert statuses(api, addresses, [method], routes) == everywhere(200, [method], routes)
    assert writes(api, addresses) == dict.fromkeys(WRITES, 401)
    routes = sample([*ROUTES], 8)
    assert statuses(api, addresses, WRITE, routes) == everywhere(401, WRITE, routes)
    assert contents() == before


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_token_that_is_not_valid_opens_nothing(addresses: dict[str, str], fault: str) -> None:
    secret = token_of(person_with(SUPERUSER))
    client = client_with(secret.swapcase() if fault == "wrong" else secret)
    if fault == "expired":
        now = timezone.now()
        ApiToken.objects.update(created_at=now - timedelta(days=1), expires_at=now)
    elif fault == "revoked":
        ApiToken.objects.revoke()
    elif fault == "of somebody who left":
        User.objects.update(is_active=False)
    before, routes = contents(), share_of(fault, FAULTS)
    methods = ["GET", *WRITE]
    assert statuses(client, addresses, methods, routes) == everywhere(401, methods, routes)
    assert contents() == before


def test_a_superuser_who_left_is_nobody(addresses: dict[str, str], superuser: User) -> None:
    client = client_of(superuser)
    User.objects.update(is_active=False)
    asked = sample(WRITES, 4)
    assert writes(client, addresses, asked) == dict.fromkeys(asked, 401)


def test_a_write_with_a_session_needs_the_csrf_token(
    addresses: dict[str, str], superuser: User
) -> None:
    client = client_of(superuser)
    assert ask(client, "PATCH", addresses["projects/{code}"], NOTE) == 200
    client.credentials()
    asked = sample(WRITES, 4, 1)
    assert writes(client, addresses, asked) == dict.fromkeys(asked, 403)
    assert ask(client, "GET", addresses["projects"]) == 200


def test_a_refusal_names_the_way_to_sign_in(api: APIClient, addresses: dict[str, str]) -> None:
    response = api.post(f"{API}/projects", {"name_zh": "项目"})
    assert problem(response, 401)["type"] == "/problems/not-authenticated"
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Park Ledger"'
    assert codes(api, "projects") == ["fab"]


@pytest.mark.slow
def test_without_public_reading_everything_asks_for_a_login(
    api: APIClient, person_api: APIClient, addresses: dict[str, str]
) -> None:
    reader = client_with(token_of(person_with("viewer of town"), scope="read"))
    asked, routes = sample(WRITES, 8), sample([*ROUTES], 8, 1)
    with override_settings(PUBLIC_READ=False):
        assert statuses(api, addresses, ["GET"]) == everywhere(401, ["GET"])
        assert statuses(api, addresses, READ[1:], routes) == everywhere(401, READ[1:], routes)
        assert writes(api, addresses, asked) == dict.fromkeys(asked, 401)
        assert statuses(person_api, addresses, ["GET"], routes) == everywhere(200, ["GET"], routes)
        for client in (person_api, reader):
            assert ask(client, "GET", addresses["projects"]) == 200
            assert writes(client, addresses, asked) == dict.fromkeys(asked, 403)
