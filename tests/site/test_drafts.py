"""Who sees drafts: in lists, single rows, counts, files, links and suggestions."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from parks.models import Park
from projects.models import Project
from tests import admin_pages
from tests.answers import API, codes, found, made, problem, walk
from tests.factories import (
    FigureFactory,
    MembershipFactory,
    MilestoneFactory,
    ParkFactory,
    ParticipationFactory,
    ProjectFactory,
    SigningEventFactory,
    TimelineEntryFactory,
)
from tests.projects.importing.imports import applied
from tests.samples import sample
from tests.seeded import kept_rows
from tests.site.test_access import client_of, person_with

pytestmark = pytest.mark.django_db


@kept_rows
def drafts() -> None:
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


@pytest.mark.slow
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


# --- What each role sees of them ----------------------------------------------------------------

IN_TOWN = {"secret-draft", "secret-past"}
IN_YARD = {
    *("secret-park", "secret-inside", "secret-event-inside"),
    *("secret-figure", "secret-entry"),
}
OF_NO_PARK = {"secret-event", "secret-past-event"}
# The hidden rows that each of them sees
SIGHTS: dict[str, set[str]] = {
    "nobody in particular": set(),
    "viewer of town": IN_TOWN,
    "editor of town": IN_TOWN,
    "viewer of secret-park": IN_YARD,
    "editor of secret-park": IN_YARD,
    "vocabulary editor": OF_NO_PARK,
}


@pytest.mark.slow
@pytest.mark.usefixtures("drafts")
@pytest.mark.parametrize("role", sample([*SIGHTS], 2, 1))
def test_what_each_role_counts_sums_and_takes_along_is_what_it_lists(role: str) -> None:
    client = client_of(person_with(role))
    listed = codes(client, "projects")
    page = found(client.get(f"{API}/projects", {"count": "exact", "limit": 1}))
    facets = found(client.get(f"{API}/projects/facets"))
    file = client.get(f"{API}/projects.csv").getvalue().decode("utf-8-sig")
    assert page["count"] == facets["count"] == len(listed)
    assert sorted(line.partition(",")[0] for line in file.split("\r\n")[1:-1]) == sorted(listed)
    town = found(client.get(f"{API}/parks/town"))["projects"]
    in_town = [row for row in walk(client, "projects") if row["park"] == "town"]
    assert town["count"] == len(in_town)


# --- What a new row is --------------------------------------------------------------------------

TOWN_FILE = "项目名称,园区,是否公开\n晶圆厂,quiet,\n封测厂,open,\n展厅,quiet,公开\n"


def test_a_new_project_takes_what_its_park_says_by_every_door(admin_api: APIClient) -> None:
    ParkFactory.create(code="quiet", default_publication="")
    ParkFactory.create(code="open")
    for park, expected in (("quiet", "draft"), ("open", "published")):
        body = {"name_zh": f"{park}项目", "park": park}
        posted = made(admin_api.post(f"{API}/projects", {**body, "code": f"{park}-post"}))
        put = made(admin_api.put(f"{API}/projects/{park}-put?confirm=duplicates", body))
        bulk = {"projects": [{**body, "code": f"{park}-bulk", "confirm": ["duplicates"]}]}
        found(admin_api.post(f"{API}/projects/bulk", bulk))
        in_bulk = found(admin_api.get(f"{API}/projects/{park}-bulk"))
        assert {row["publication"] for row in (posted, put, in_bulk)} == {expected}
        said = {**body, "publication": "withdrawn"}
        whole = found(admin_api.put(f"{API}/projects/{park}-put", said, headers={"If-Match": "*"}))
        assert whole["publication"] == "withdrawn"
        kept = found(admin_api.put(f"{API}/projects/{park}-put", body, headers={"If-Match": "*"}))
        assert kept["publication"] == "withdrawn"  # nobody publishes by leaving a field out


def test_an_imported_project_takes_what_its_park_says(admin_api: APIClient) -> None:
    ParkFactory.create(code="quiet", default_publication="draft")
    ParkFactory.create(code="open")
    applied(admin_api, TOWN_FILE.encode())
    rows = {row["name_zh"]: row["publication"] for row in walk(admin_api, "projects")}
    assert rows == {"晶圆厂": "draft", "封测厂": "published", "展厅": "published"}


def test_a_project_that_is_typed_in_takes_what_its_park_says(desk: Client) -> None:
    park = ParkFactory.create(code="quiet", default_publication="draft")
    typed = {"park": park.pk, "name_zh": "晶圆厂", "code": "typed", "standing": "active"}
    admin_pages.saved(admin_pages.save(desk, admin_pages.address(Project, "add"), **typed))
    assert Project.objects.get(code="typed").publication == "draft"


def test_many_drafts_are_published_in_the_admin_after_a_look_at_them(client: Client) -> None:
    editor = MembershipFactory.create(park__code="town").user
    town, yard = Park.objects.get(code="town"), ParkFactory.create(publication="draft")
    MembershipFactory.create(user=editor, park=yard)
    drafts = [ProjectFactory.create(park=park, publication="draft") for park in (town, yard)]
    foreign = ProjectFactory.create(publication="draft")
    client.force_login(editor)
    chosen = {"action": "publish", "_selected_action": [each.pk for each in (*drafts, foreign)]}
    url = admin_pages.address(Project, "changelist")
    page: Any = client.post(url, chosen)
    seen = page.context_data
    assert {each.project for each in seen["outcome"].changed} == {*drafts}
    assert seen["waiting"] == [drafts[1]]
    assert foreign.code not in page.content.decode()
    assert not Project.objects.filter(publication="published").exists()  # nothing is done yet
    confirmed = {"publication": "published", "_apply": seen["digest"], "change_reason": "已核对"}
    done = client.post(url, {**chosen, **confirmed}, follow=True)
    assert done.status_code == 200
    published = Project.objects.filter(publication="published").order_by("pk")
    assert [*published] == drafts
    versions = Project.history.filter(version=2)
    assert {(row.revision.user_id, row.revision.reason) for row in versions} == {
        (editor.pk, "已核对")
    }
    assert codes(APIClient(), "projects") == [drafts[0].code]
