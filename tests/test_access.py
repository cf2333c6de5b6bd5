"""Who may do what: every address of the API by every method, in one table; and what drafts hide."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import override_settings
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, error, found, problem, walk
from tests.factories import (
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    ParticipationFactory,
    PersonFactory,
    ProjectFactory,
    ProjectFigureFactory,
    RegionGroupFactory,
    SectorGroupFactory,
    SigningEventFactory,
    SourceFactory,
    TimelineEntryFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

READ = ["GET", "HEAD", "OPTIONS"]
WRITE = ["POST", "PUT", "PATCH", "DELETE"]
# Every address, and how superusers write there. All are read by everybody, and nobody else writes.
ROUTES: dict[str, set[str]] = {
    "regions": {"POST"},
    "regions/{code}": {"PATCH"},
    "region-groups": {"POST"},
    "region-groups/{code}": {"PATCH"},
    "sectors": {"POST"},
    "sectors/{code}": {"PATCH"},
    "sector-groups": {"POST"},
    "sector-groups/{code}": {"PATCH"},
    "sources": {"POST"},
    "sources/{code}": {"PATCH", "DELETE"},
    "organisations": {"POST"},
    "organisations/{code}": {"PATCH", "DELETE"},
    "parks": {"POST"},
    "parks/compare": set(),
    "parks/{code}": {"PATCH", "DELETE"},
    "figures": {"POST"},
    "figures/summary": set(),
    "figures/{code}": {"PATCH", "DELETE"},
    "timeline": {"POST"},
    "timeline/{code}": {"PATCH", "DELETE"},
    "indicators": {"POST"},
    "indicators/{code}": {"PATCH"},
    "people": {"POST"},
    "people/{code}": {"PATCH", "DELETE"},
    "projects": {"POST"},
    "projects.csv": set(),
    "projects/facets": set(),
    "projects/cohorts": set(),
    "projects/{code}": {"PATCH", "DELETE"},
    "projects/{project}/milestones": {"POST"},
    "projects/{project}/milestones/{id}": {"PATCH", "DELETE"},
    "projects/{project}/participations": {"POST"},
    "projects/{project}/participations/{id}": {"PATCH", "DELETE"},
    "projects/{project}/fundings": {"POST"},
    "projects/{project}/fundings/{id}": {"PATCH", "DELETE"},
    "projects/{project}/figures": {"POST"},
    "projects/{project}/figures/{code}": {"PATCH", "DELETE"},
    "events": {"POST"},
    "events/{code}": {"PATCH", "DELETE"},
    "events/{code}/follow-through": set(),
    "events/{event}/figures": {"POST"},
    "events/{event}/figures/{code}": {"PATCH", "DELETE"},
}
# What must be asked with them
QUESTIONS = {
    "parks/compare": "?parks=town,bay",
    "figures/summary": "?indicator=area&nature=actual",
}
# About the API itself: they hold nothing of the ledger, so they are open, and nobody writes them.
ABOUT = {"schema", "docs"}
DONE = {200, 201, 204, 400, 409}  # let in; whether the ledger took it is another question


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Every route below a resolver: groups of regular expressions as `{name}`."""
    for pattern in resolver.url_patterns:
        text = before + re.sub(r"^\^|\$$", "", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, text)
        elif isinstance(pattern, URLPattern):
            yield re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", text)


@pytest.fixture
def addresses(db: None) -> dict[str, str]:
    """The address of a row that is there, for each route."""
    project = ProjectFactory.create(code="fab")
    milestone = MilestoneFactory.create(project=project)
    participation = ParticipationFactory.create(project=project, event__code="forum")
    RegionGroupFactory.create(code="yrd", members=["330300"])
    SectorGroupFactory.create(code="ic", members=["C3973"])
    SourceFactory.create(code="report")
    OrganisationFactory.create(code="maker")
    town = ParkFactory.create(code="town")
    ParkFactory.create(code="bay")
    FigureFactory.create(code="town-area", park=town)
    TimelineEntryFactory.create(code="agreement", park=town)
    PersonFactory.create(code="mayor")
    ProjectFigureFactory.create(code="fab-investment", project=project)
    EventFigureFactory.create(code="forum-projects", event=participation.event)
    rows = {
        "regions/{code}": "330300",
        "region-groups/{code}": "yrd",
        "sectors/{code}": "C3973",
        "sector-groups/{code}": "ic",
        "sources/{code}": "report",
        "organisations/{code}": "maker",
        "parks/{code}": "town",
        "projects/{code}": "fab",
        "events/{code}": "forum",
        "events/{code}/follow-through": "forum",
        "events/{event}/figures/{code}": "forum-projects",
        "figures/{code}": "town-area",
        "timeline/{code}": "agreement",
        "indicators/{code}": "area",
        "people/{code}": "mayor",
        "projects/{project}/fundings/{id}": FundingFactory.create(project=project).pk,
        "projects/{project}/figures/{code}": "fab-investment",
        "projects/{project}/milestones/{id}": milestone.pk,
        "projects/{project}/participations/{id}": participation.pk,
    }
    return {
        route: f"{API}/{route}".format(
            code=rows.get(route), id=rows.get(route), project="fab", event="forum"
        )
        for route in [*ROUTES, *ABOUT]
    }


def ask(client: APIClient, method: str, address: str) -> int:
    """The status of an answer; whatever was done is undone."""
    with transaction.atomic():
        response = client.generic(method, address, "{}", "application/json")
        response.getvalue() if response.streaming else response.content
        transaction.set_rollback(True)
    if response.status_code in (401, 403, 405):
        assert response.headers["Content-Type"] == "application/problem+json"
    return response.status_code


def statuses(client: APIClient, addresses: dict[str, str], methods: list[str]) -> Row:
    return {
        (route, method): ask(
            client,
            method,
            addresses[route] + (QUESTIONS.get(route, "") if method in ("GET", "HEAD") else ""),
        )
        for route in ROUTES
        for method in methods
    }


def everywhere(status: int, methods: list[str]) -> Row:
    return {(route, method): status for route in ROUTES for method in methods}


@pytest.fixture
def person_api(db: None) -> APIClient:
    """A client with the session of somebody who may sign in and nothing else."""
    client = APIClient()
    client.force_login(UserFactory.create(is_staff=True))
    return client


# --- The table ----------------------------------------------------------------------------------


def test_every_route_is_in_the_table() -> None:
    (api,) = (
        pattern
        for pattern in get_resolver().url_patterns
        if isinstance(pattern, URLResolver) and str(pattern.pattern) == "api/v1/"
    )
    known = [*routes(api)]
    assert len(known) == len(set(known))
    assert known[-1] == ""  # whatever else is asked for: a problem, never a page
    assert set(known[:-1]) == {*ROUTES, *ABOUT}


def test_everybody_reads_and_an_anonymous_write_is_a_401_everywhere(
    api: APIClient, addresses: dict[str, str]
) -> None:
    assert statuses(api, addresses, READ) == everywhere(200, READ)
    assert statuses(api, addresses, WRITE) == everywhere(401, WRITE)


def test_a_person_without_rights_reads_and_writes_nowhere(
    person_api: APIClient, addresses: dict[str, str]
) -> None:
    assert statuses(person_api, addresses, READ) == everywhere(200, READ)
    assert statuses(person_api, addresses, WRITE) == everywhere(403, WRITE)


def test_a_superuser_writes_as_the_table_says(
    admin_api: APIClient, addresses: dict[str, str]
) -> None:
    assert statuses(admin_api, addresses, READ) == everywhere(200, READ)
    answers = statuses(admin_api, addresses, WRITE)
    assert {asked for asked, status in answers.items() if status != 405} == {
        (route, method) for route, methods in ROUTES.items() for method in methods
    }
    assert {status for status in answers.values() if status != 405} <= DONE


def test_a_superuser_who_left_is_nobody(addresses: dict[str, str], superuser: User) -> None:
    client = APIClient()
    client.force_login(superuser)
    User.objects.update(is_active=False)
    assert statuses(client, addresses, WRITE) == everywhere(401, WRITE)


def test_a_write_with_a_session_needs_the_csrf_token(
    addresses: dict[str, str], superuser: User
) -> None:
    client = APIClient(enforce_csrf_checks=True)
    client.force_login(superuser)
    assert statuses(client, addresses, WRITE) == everywhere(403, WRITE)
    assert statuses(client, addresses, READ) == everywhere(200, READ)
    token = "a" * 32
    client.cookies["csrftoken"] = token
    client.credentials(HTTP_X_CSRFTOKEN=token)
    answers = statuses(client, addresses, WRITE)
    assert {status for status in answers.values()} <= {405, *DONE}
    assert answers["projects/{code}", "PATCH"] == 200


def test_a_refusal_names_the_way_to_sign_in(api: APIClient, addresses: dict[str, str]) -> None:
    response = api.post(f"{API}/projects", {"name_zh": "项目"})
    assert problem(response, 401)["type"] == "/problems/not-authenticated"
    assert response.headers["WWW-Authenticate"] == 'Session realm="Park Ledger"'
    assert codes(api, "projects") == ["fab"]


def test_without_public_reading_everything_asks_for_a_login(
    api: APIClient, person_api: APIClient, addresses: dict[str, str]
) -> None:
    with override_settings(PUBLIC_READ=False):
        assert statuses(api, addresses, READ + WRITE) == everywhere(401, READ + WRITE)
        assert statuses(person_api, addresses, READ) == everywhere(200, READ)
        assert statuses(person_api, addresses, WRITE) == everywhere(403, WRITE)


def test_what_the_api_says_of_itself_is_open_and_never_written(
    api: APIClient, admin_api: APIClient, addresses: dict[str, str]
) -> None:
    for client in (api, admin_api):
        for route in ABOUT:
            for is_public in (True, False):
                with override_settings(PUBLIC_READ=is_public):
                    assert ask(client, "GET", addresses[route]) == 200
            assert {ask(client, method, addresses[route]) for method in WRITE} == {405}


def test_an_address_that_is_not_there_is_a_404_by_every_method(
    api: APIClient, admin_api: APIClient
) -> None:
    for client in (api, admin_api):
        for address in (f"{API}/nowhere", f"{API}/projects/a/b/c", f"{API}/", "/api/", "/api/v2"):
            for method in READ + WRITE:
                assert ask(client, method, address) == 404, (method, address)


# --- Drafts -------------------------------------------------------------------------------------


@pytest.fixture
def drafts(db: None) -> None:
    """Visible rows around which rows called `secret` are hidden in every way there is."""
    town = ParkFactory.create(code="town")
    yard = ParkFactory.create(code="secret-park", publication="draft")
    FigureFactory.create(code="secret-figure", park=yard)
    TimelineEntryFactory.create(code="secret-entry", park=yard)
    forum = SigningEventFactory.create(code="forum", park=town)
    hidden_events = [
        SigningEventFactory.create(code="secret-event", publication="draft"),
        SigningEventFactory.create(code="secret-past-event", publication="withdrawn"),
        SigningEventFactory.create(code="secret-event-inside", park=yard),
    ]
    hidden = [
        ProjectFactory.create(code="secret-draft", park=town, publication="draft", investment=9),
        ProjectFactory.create(code="secret-past", park=town, publication="withdrawn"),
        ProjectFactory.create(code="secret-inside", park=yard, investment=9),
    ]
    for number, project in enumerate(hidden):
        open_one = ProjectFactory.create(
            code=f"open-{number}", park=town, part_of=project, duplicate_of=hidden[0], investment=1
        )
        ParticipationFactory.create(event=forum, project=project)
        ParticipationFactory.create(event=hidden_events[number], project=open_one)
        MilestoneFactory.create(project=open_one, event=hidden_events[number])
    ProjectFactory.create(code="open-3", park=town, part_of_id=open_one.pk)


OPEN = ["open-0", "open-1", "open-2", "open-3"]
SEEN: list[tuple[str, dict[str, Any]]] = [
    ("projects", {}),
    ("projects", {"ordering": "-investment_cny", "limit": 500}),
    ("projects/open-0", {}),
    ("projects/open-2", {}),
    ("projects/open-0/milestones", {}),
    ("projects/open-0/participations", {}),
    ("projects.csv", {}),
    ("projects/facets", {}),
    ("parks", {}),
    ("parks/town", {}),
    ("events", {}),
    ("events/forum", {}),
    ("figures", {}),
    ("figures/summary", {"indicator": "area", "nature": "actual"}),
    ("timeline", {}),
]
# Words that are near the hidden codes, where the nearest visible one would be suggested.
NEAR: list[tuple[str, dict[str, str]]] = [
    ("projects", {"park": "sekret-park"}),
    ("projects", {"park_not": "sekret-park"}),
    ("projects", {"event": "sekret-event"}),
    ("projects/facets", {"event_not": "sekret-event"}),
    ("projects.csv", {"park": "sekret-park"}),
    ("events", {"park": "sekret-park"}),
    ("projects/cohorts", {"park": "sekret-park"}),
    ("parks/compare", {"parks": "town,sekret-park"}),
    ("figures", {"park": "sekret-park"}),
    ("timeline", {"park": "sekret-park"}),
]


def content(client: APIClient, address: str, parameters: dict[str, Any]) -> bytes:
    return client.get(f"{API}/{address}", parameters).getvalue()


@pytest.mark.usefixtures("drafts")
def test_nothing_of_a_draft_is_in_any_answer(
    api: APIClient, person_api: APIClient, admin_api: APIClient
) -> None:
    for address, parameters in SEEN:
        for client in (api, person_api):
            assert b"secret" not in content(client, address, parameters), (address, parameters)
        assert b"secret" in content(admin_api, address, parameters), (address, parameters)


@pytest.mark.usefixtures("drafts")
def test_no_draft_is_a_candidate_or_a_suggestion(api: APIClient, admin_api: APIClient) -> None:
    for address, parameters in NEAR:
        wrong = error(api.get(f"{API}/{address}", parameters))
        assert wrong["code"] == "unknown_value"
        assert "secret" not in str(wrong), parameters
        known = error(admin_api.get(f"{API}/{address}", parameters))
        assert known["suggestion"].startswith("secret"), parameters


@pytest.mark.usefixtures("drafts")
def test_a_draft_cannot_be_asked_for_by_its_code(api: APIClient, admin_api: APIClient) -> None:
    for address, parameters in [
        ("projects", {"park": "secret-park"}),
        ("projects", {"event": "secret-event"}),
        ("projects", {"event": "secret-event-inside"}),
        ("projects", {"event_not": "secret-past-event"}),
        ("events", {"park": "secret-park"}),
    ]:
        assert error(api.get(f"{API}/{address}", parameters))["code"] == "unknown_value"
        assert found(admin_api.get(f"{API}/{address}", parameters))["results"], parameters
    for address in (
        *("projects/secret-draft", "projects/secret-past", "projects/secret-inside"),
        *("projects/secret-draft/milestones", "projects/secret-inside/participations"),
        *("parks/secret-park", "events/secret-event", "events/secret-past-event"),
        "events/secret-event-inside",
    ):
        problem(api.get(f"{API}/{address}"), 404)
        found(admin_api.get(f"{API}/{address}"))


@pytest.mark.usefixtures("drafts")
def test_drafts_are_not_counted_either(api: APIClient, admin_api: APIClient) -> None:
    for client, projects, events in ((api, 4, 1), (admin_api, 7, 4)):
        for address, count in (("projects", projects), ("events", events)):
            page = found(client.get(f"{API}/{address}", {"count": "exact", "limit": 1}))
            assert page["count"] == count
        assert found(client.get(f"{API}/projects/facets"))["count"] == projects
        rows = client.get(f"{API}/projects.csv")
        assert rows.getvalue().count(b"\r\n") == projects + 1
        assert rows.headers["X-Row-Count"] == str(projects)
    assert found(api.get(f"{API}/parks/town"))["projects"]["count"] == 4
    assert found(admin_api.get(f"{API}/parks/town"))["projects"]["count"] == 6


@pytest.mark.usefixtures("drafts")
def test_a_link_to_a_draft_is_null_and_one_to_a_visible_project_stays(api: APIClient) -> None:
    rows = {row["code"]: row for row in walk(api, "projects")}
    assert [*rows] == OPEN
    assert {row["duplicate_of"] for row in rows.values()} == {None}
    assert [row["part_of"] for row in rows.values()] == [None, None, None, "open-2"]
    assert found(api.get(f"{API}/projects/open-3"))["part_of"] == "open-2"


@pytest.mark.usefixtures("drafts")
def test_publishing_shows_and_withdrawing_hides_a_project(
    api: APIClient, admin_api: APIClient
) -> None:
    address = f"{API}/projects/secret-draft"
    found(admin_api.patch(address, {"publication": "published"}))
    assert found(api.get(address))["code"] == "secret-draft"
    assert len(codes(api, "projects")) == 5
    found(admin_api.patch(address, {"publication": "withdrawn"}))
    problem(api.get(address), 404)
    found(admin_api.patch(f"{API}/parks/town", {"publication": "draft"}))
    assert codes(api, "projects") == codes(api, "events") == codes(api, "parks") == []
