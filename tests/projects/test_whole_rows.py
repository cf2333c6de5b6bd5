"""Whole rows: lists with what lies below their rows, and rows by their codes."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from api import files
from parks.recording.records import Revision
from tests import factories
from tests.answers import (
    API,
    CarefulClient,
    Row,
    codes,
    error,
    found,
    mistakes,
    read_file,
    sign_in,
    walk,
)
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

BELOW = ["milestones", "participations", "figures", "fundings", "tags"]
WHOLE = {"expand": ",".join(BELOW)}
PROJECTS = f"{API}/projects"


def fill(project: Any, event: Any) -> None:
    """Give a project two rows of each kind, of which some name an event."""
    factories.MilestoneFactory.create(project=project, on="2024-03", event=event, note="签约")
    factories.MilestoneFactory.create(
        project=project, type="started", status="scheduled", planned="2031"
    )
    factories.ParticipationFactory.create(project=project, event=event)
    factories.ProjectTagFactory.create(project=project, year=2024, detail="第一批")
    for number in (1, 2):
        factories.InvestorFactory.create(project=project)
        factories.FundingFactory.create(project=project, on=f"2024-0{number}-01")
        factories.ProjectFigureFactory.create(
            project=project, amount_cny=number, on=f"2024-0{number}"
        )


@kept_rows
def before() -> datetime:
    """Projects full and bare, open and hidden; the moment before the last was changed."""
    park = factories.ParkFactory.create(code="town")
    forum = factories.SigningEventFactory.create(code="forum", park=park)
    inside = factories.SigningEventFactory.create(code="inside", park=park, publication="draft")
    factories.EventFigureFactory.create(event=forum, code="declared")
    for code, event in (("Fab", forum), ("lab", inside), ("plan", forum)):
        draft = {"publication": "draft"} if code == "plan" else {}
        fill(
            factories.ProjectFactory.create(code=code, park=park, open_issues="用地", **draft),
            event,
        )
    bare = factories.ProjectFactory.create(code="bare", park=park)
    moment = timezone.now()
    factories.MilestoneFactory.create(project=bare, on="2025-06")
    factories.MembershipFactory.create(
        user=factories.UserFactory.create(username="vera"), park=park, role="viewer"
    )
    return moment


@pytest.fixture
def viewer_api(before: datetime) -> APIClient:
    """A client of a person with a role in the park."""
    return sign_in(type(factories.UserFactory.build()).objects.get(username="vera"))


def by_code(api: APIClient, **asked: Any) -> dict[str, Row]:
    return {row["code"]: row for row in walk(api, "projects", **asked)}


# --- expand= ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_expanded_rows_are_those_of_the_detail(before: datetime, viewer_api: APIClient) -> None:
    nobody = APIClient()
    for api, seen in (
        (nobody, ["bare", "Fab", "lab"]),
        (viewer_api, ["bare", "Fab", "lab", "plan"]),
    ):
        rows = by_code(api, limit=2, **WHOLE)
        assert [*rows] == seen
        for code, row in rows.items():
            whole = found(api.get(f"{PROJECTS}/{code}"))
            del whole["warnings"]
            assert row == whole
            assert [*row][-5:] == BELOW
    assert {len(rows["Fab"][name]) for name in ("fundings", "figures", "investors")} == {2}


def test_children_are_hidden_as_everywhere(before: datetime, viewer_api: APIClient) -> None:
    for api, event, text in ((APIClient(), None, ""), (viewer_api, "inside", "用地")):
        lab = by_code(api, **WHOLE)["lab"]
        assert [row["event"] for row in lab["milestones"]] == [event, None]
        assert [row["event"] for row in lab["participations"]] == [event] * bool(event)
        assert lab["open_issues"] == text


@pytest.mark.both_databases
def test_children_are_shown_as_they_stood(before: datetime) -> None:
    now = by_code(APIClient(), **WHOLE)["bare"]
    then = by_code(APIClient(), as_of=before.isoformat(), **WHOLE)["bare"]
    assert [row["actual_on"] for row in now["milestones"]] == ["2025-06"]
    assert (then["milestones"], then["stage"]) == ([], None)


def test_what_is_expanded_is_added_to_the_fields(before: datetime, api: APIClient) -> None:
    usual = by_code(api)["Fab"]
    assert not {*BELOW} & {*usual}
    assert by_code(api, expand="investors")["Fab"] == usual
    for address in ("projects", "projects/fab"):
        for asked in (
            {"fields": "code,milestones"},
            {"fields": "code", "expand": "milestones"},
            {"fields": "code,milestones", "expand": "milestones"},
        ):
            answer = found(api.get(f"{API}/{address}", asked))
            row = answer["results"][1] if "results" in answer else answer
            assert [*row] == ["code", "milestones"]
            assert len(row["milestones"]) == 2
    commas = api.get(f"{PROJECTS}?limit=1&expand=figures,fundings")
    repeated = api.get(f"{PROJECTS}?limit=1&expand=figures&expand=fundings")
    assert commas.content == repeated.content
    page = found(commas)
    following = found(api.get(page["next"].replace("figures%2Cfundings", "milestones")))
    assert "milestones" in following["results"][0]


def test_what_cannot_be_expanded_is_refused_by_name(before: datetime, api: APIClient) -> None:
    wrong = error(api.get(f"{PROJECTS}?expand=milestone"))
    assert (wrong["parameter"], wrong["code"], wrong["suggestion"]) == (
        "expand",
        "unknown_value",
        "milestones",
    )
    assert {*wrong["candidates"]} == {*BELOW, "investors"}
    assert mistakes(api.get(f"{PROJECTS}?expand=figures,figures")) == {"expand": "repeated_value"}
    assert mistakes(api.get(f"{API}/events?expand=participations")) == {"expand": "unknown_value"}
    for address in (
        "parks",
        "figures",
        "projects/fab/milestones",
        "projects.csv",
        "projects/facets",
    ):
        assert mistakes(api.get(f"{API}/{address}?expand=figures")) == {
            "expand": "unknown_parameter"
        }


def test_the_children_of_all_rows_take_a_query_a_kind(before: datetime, settings: Any) -> None:
    settings.CACHE_MAX_BYTES = 0
    counts = []
    for asked in ({"code": "fab"}, {}, {"code": "fab", **WHOLE}, WHOLE):
        with CaptureQueriesContext(connection) as queries:
            found(APIClient().get(PROJECTS, asked))
        counts.append(len(queries))
    one, many, one_whole, many_whole = counts
    assert (many, many_whole) == (one, one_whole)
    # of each kind below; then the events of milestones, and who said the figures and where
    assert many_whole - many <= 7


def test_milestones_are_written_back_as_they_were_read(
    before: datetime, admin_api: CarefulClient
) -> None:
    row = by_code(admin_api, **WHOLE)["Fab"]
    count = Revision.objects.count()
    again = admin_api.patch(f"{PROJECTS}/fab", {"milestones": row["milestones"]})
    assert found(again)["version"] == row["version"]
    assert Revision.objects.count() == count
    row["milestones"][1]["note"] = "改"
    changed = found(admin_api.patch(f"{PROJECTS}/fab", {"milestones": row["milestones"]}))
    assert changed["milestones"] == row["milestones"]


# --- projects.jsonl --------------------------------------------------------------------------


def lines(api: APIClient, **asked: Any) -> list[Row]:
    """The rows of the file, of which the headers are right."""
    response = api.get(f"{API}/projects.jsonl", asked)
    rows = [json.loads(line) for line in read_file(response).splitlines()]
    headers = response.headers
    assert headers["Content-Type"] == "application/x-ndjson"
    assert headers["X-Row-Count"] == str(len(rows))
    assert "projects.jsonl" in headers["Content-Disposition"]
    return rows


@pytest.mark.both_databases
def test_the_file_has_every_row_whole(
    before: datetime, viewer_api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "ROWS_AT_ONCE", 3)
    for api in (APIClient(), viewer_api):
        for asked in (
            {},
            {"stage": "signed", "ordering": "-updated_at"},
            {"q": "fab"},
            {"as_of": before.isoformat()},
            {"code": "no-such"},
        ):
            assert lines(api, **asked) == walk(api, "projects", **asked, **WHOLE)


# --- code= -----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_five_hundred_codes_are_asked_for_at_once(before: datetime, api: APIClient) -> None:
    many = ",".join(["fab", *(f"p-{number}" for number in range(499))])
    assert codes(api, "projects", code=many) == ["Fab"]
    assert mistakes(api.get(PROJECTS, {"code": f"{many},x"})) == {"code": "too_many_values"}
