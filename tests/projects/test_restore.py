"""POST .../history/{version}/restore: back to a version, of deleted rows, too, with theirs."""

from typing import Any
from urllib.parse import quote

import pytest
from django.conf import LazySettings, settings
from rest_framework.test import APIClient

from parks.models import RetiredCode
from parks.recording.records import Revision
from projects.models import Milestone, Project
from tests import factories
from tests.answers import (
    API,
    CarefulClient,
    Row,
    error,
    found,
    made,
    mistakes,
    problem,
    sign_in,
    walk,
)
from tests.samples import sample
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

FAB = f"{API}/projects/fab"
ROWS = ("milestones", "participations", "investors", "fundings")
KEPT_BY_THE_LEDGER = {"version", "created_at", "updated_at", "news_on"}


@pytest.fixture(autouse=True)
def nothing_kept(settings: LazySettings) -> None:
    """What a preview would write is not recorded: no answer is to be kept in between."""
    settings.CACHE_MAX_BYTES = 0


@kept_rows
def written_fab(investment_indicator: Any, session_of_superuser: str) -> None:
    """A project with one row of each kind below it, at version 6."""
    admin_api = CarefulClient()
    admin_api.cookies[settings.SESSION_COOKIE_NAME] = session_of_superuser
    park = factories.ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    factories.SigningEventFactory.create(code="fair", name_zh="签约会")
    factories.OrganisationFactory.create(code="maker", name_zh="制造公司")
    factories.ProjectFactory.create(code="fab", park=park, name_zh="晶圆厂", name_en="Fab")
    made(admin_api.post(f"{FAB}/milestones", {"type": "signed", "actual_on": "2023-05"}))
    made(admin_api.post(f"{FAB}/participations", {"event": "fair", "role": "signed"}))
    paid = {"kind": "paid_in", "month": "2023-06", "reported_cny": 5_000_000}
    made(admin_api.post(f"{FAB}/fundings", paid))
    investors = [{"organisation": "maker", "role": "lead", "share_bp": 6000}]
    found(admin_api.patch(FAB, {"investors": investors, "investment_cny": "1亿"}))
    assert found(admin_api.patch(FAB, {"note": "完整"}))["version"] == 6


@pytest.fixture
def fab(written_fab: None) -> Project:
    """That project, of which each test has a copy of its own."""
    return Project.objects.get(code="fab")


def read(client: APIClient, address: str = FAB) -> Row:
    """A row as it is read, but for what the ledger keeps of each write, and keys of claims."""
    row = {k: v for k, v in found(client.get(address)).items() if k not in KEPT_BY_THE_LEDGER}
    for figures in (row.get("figures", []),):
        standing = [
            each for each in figures if not each["superseded_by"] and not each["is_withdrawn"]
        ]
        row |= {"figures": sorted((each["indicator"], each["value"]) for each in standing)}
    return row


def restore(client: APIClient, version: int, address: str = FAB, **headers: str) -> Any:
    """Ask for a version back; of the row as it is, unless the headers say otherwise."""
    if not headers:
        headers = {"If-Match": "*"}
        if client.get(address).status_code == 404:
            headers = {"If-None-Match": "*"}
    return client.post(f"{address}/history/{version}/restore", headers=headers)


def preview(client: APIClient, version: int, address: str = FAB) -> Row:
    before = Revision.objects.count()
    told = found(client.post(f"{address}/history/{version}/restore?dry_run=true"))
    assert Revision.objects.count() == before
    return told


def fields(changes: list[Row], *, derived: bool = False) -> dict[str, tuple[Any, Any]]:
    return {
        each["field"]: (each["old"], each["new"]) for each in changes if each["derived"] == derived
    }


def rows(told: Row) -> set[tuple[str, str]]:
    return {(each["resource"], each["op"]) for each in told["rows"]}


# --- A row that is there ------------------------------------------------------------------------


@pytest.mark.slow
def test_a_project_goes_back_with_all_that_the_version_knew(
    fab: Project, admin_api: APIClient
) -> None:
    then = read(admin_api)
    milestone, funding = (then[name][0]["id"] for name in ("milestones", "fundings"))
    found(admin_api.patch(f"{FAB}/milestones/{milestone}", {"note": "anders"}))
    assert admin_api.delete(f"{FAB}/fundings/{funding}").status_code == 204
    made(admin_api.post(f"{FAB}/milestones", {"type": "started", "actual_on": "2024-01"}))
    factories.OrganisationFactory.create(code="fund", name_zh="基金")
    wrong = {
        "name_zh": "错名",
        "investment_cny": 7_000_000,
        "investors": [{"organisation": "fund"}],
    }
    found(admin_api.patch(FAB, {**wrong, "standing": "suspended", "standing_reason": "x"}))
    wrongly = read(admin_api)
    assert wrongly["stage"] == "started"

    told = preview(admin_api, 6)
    assert read(admin_api) == wrongly
    changes = fields(told["changes"])
    assert changes["name_zh"] == ("错名", "晶圆厂")
    assert changes["standing"] == ("suspended", "active")
    derived = fields(told["changes"], derived=True)
    assert derived["stage"] == ("started", "signed")
    assert derived["investment_cny"] == (7_000_000, 100_000_000)
    assert rows(told) == {
        *{("milestone", "changed"), ("milestone", "deleted"), ("funding", "created")},
        *{("investor", "created"), ("investor", "deleted")},
        *{("project_figure", "created"), ("project_figure", "changed")},
    }
    done = restore(admin_api, 6, **{"If-Match": "*", "Change-Reason": quote("改错了")})
    answer = found(done)
    assert {(each["resource"], each["op"]) for each in answer["rows"]} == rows(told)
    assert answer["changes"] == told["changes"]
    assert (answer["restored"], answer["version"]) == (6, told["version"])
    assert done.headers["ETag"] == f'"{answer["version"]}"'
    assert read(admin_api) == then

    # One revision, with its reason, and what it did is undone in the same way
    (newest, *_older) = walk(admin_api, "projects/fab/history")
    assert (newest["version"], newest["reason"]) == (
        answer["version"],
        "Restored version 6: 改错了",
    )
    assert fields(newest["changes"]) == changes
    found(restore(admin_api, newest["version"] - 1))
    assert read(admin_api) == wrongly


def test_an_edit_of_what_was_not_seen_is_refused(fab: Project, admin_api: APIClient) -> None:
    plain = APIClient()
    plain.force_login(factories.UserFactory.create(superuser=True))
    address = f"{FAB}/history/2/restore"
    assert problem(plain.post(address), 428)["type"].endswith("precondition-required")
    old = plain.post(address, headers={"If-Match": '"5"'})
    assert problem(old, 412)["current_version"] == 6
    assert old.headers["ETag"] == '"6"'
    problem(plain.post(address, headers={"If-None-Match": "*"}), 412)
    problem(plain.post(f"{address}?dry_run=true", headers={"If-Match": '"5"'}), 412)
    told = plain.post(f"{address}?dry_run=true")
    assert (told.status_code, told.headers["ETag"]) == (200, '"6"')
    assert error(plain.post(f"{address}?dry_run=yes"))["code"] == "unknown_value"
    for number in (0, 7, 999_999_999):
        assert "no such version" in problem(restore(admin_api, number), 404)["detail"]
    assert len(walk(admin_api, "projects/fab/history")) == 6


# --- A row that was deleted ---------------------------------------------------------------------


@pytest.mark.slow
def test_a_deleted_project_comes_back_with_its_rows_under_its_own_code(
    fab: Project, admin_api: APIClient, api: APIClient
) -> None:
    then, feed = read(admin_api), walk(admin_api, "projects/fab/history")
    created_at = found(admin_api.get(FAB))["created_at"]
    start = found(admin_api.get(f"{API}/changes"))["after"]
    assert admin_api.delete(FAB).status_code == 204
    (deleted, *_) = walk(admin_api, "projects/fab/history")
    assert (deleted["op"], deleted["version"]) == ("deleted", 7)

    plain = f"{FAB}/history/6/restore"
    detail = problem(admin_api.post(plain), 428)["detail"]
    assert "If-None-Match" in detail
    problem(admin_api.post(plain, headers={"If-Match": "*"}), 412)
    assert "restore the one before" in problem(restore(admin_api, 7), 404)["detail"]
    told = preview(admin_api, 6)
    assert rows(told) == {
        (name, "created")
        for name in ("milestone", "participation", "investor", "funding", "project_figure")
    }
    problem(admin_api.get(FAB), 404)
    taken = {"code": "fab", "name_zh": "新厂", "park": "town"}
    assert "restore that row" in error(admin_api.post(f"{API}/projects", taken), 409)["detail"]

    done = restore(admin_api, 6)
    answer = made(done)
    assert done.headers["Location"].endswith("/projects/fab")
    assert (answer["version"], answer["changes"]) == (8, told["changes"])
    assert read(admin_api) == then
    assert found(admin_api.get(FAB))["created_at"] == created_at
    assert not RetiredCode.objects.exists()
    (back, *older) = walk(admin_api, "projects/fab/history")
    assert (back["op"], back["reason"]) == ("created", "Restored version 6")
    assert {each["op"] for each in back["rows"]} == {"created"}
    assert older[1:] == feed
    told_by_feed = found(admin_api.get(f"{API}/changes?after={start}"))["results"]
    ops = [each["op"] for each in told_by_feed if each["resource"] == "project"]
    assert ops == ["delete", "create"]
    # The past stays as it was: neither twice nor gone
    then_too = {"as_of": feed[0]["at"], "count": "exact"}
    assert found(api.get(f"{API}/projects", then_too))["count"] == 1
    gone = found(api.get(f"{API}/projects", {"as_of": deleted["at"], "count": "exact"}))
    assert gone["count"] == 0

    # It can be deleted, and come back, again; as it was earlier, too
    assert admin_api.delete(FAB).status_code == 204
    assert made(restore(admin_api, 1))["version"] == 10
    again = found(admin_api.get(FAB))
    assert [again[name] for name in ROWS] == [[], [], [], []]
    assert found(api.get(f"{API}/projects", then_too))["count"] == 1


def test_rows_below_come_back_by_themselves(fab: Project, admin_api: APIClient) -> None:
    then = read(admin_api)
    for name in ("milestones", "participations", "fundings"):
        address = f"{FAB}/{name}/{then[name][0]['id']}"
        assert admin_api.delete(address).status_code == 204
        made(restore(admin_api, 1, address))
    code = found(admin_api.get(FAB))["figures"][0]["code"]
    newer = {"indicator": "investment", "value": 9_000_000, "investment_basis": "agreed"}
    newest = made(admin_api.post(f"{FAB}/figures", {**newer, "supersedes": code}))["code"]
    figure = f"{FAB}/figures/{newest}"
    assert admin_api.delete(figure).status_code == 204
    assert read(admin_api) == then
    made(restore(admin_api, 1, figure))
    superseded = found(admin_api.get(f"{FAB}/figures/{code}"))["superseded_by"]
    assert superseded == newest
    # A row is found below its own project alone
    other = factories.ProjectFactory.create(code="other", park=fab.park)
    address = f"{API}/projects/{other.code}/milestones/{then['milestones'][0]['id']}"
    problem(restore(admin_api, 1, address), 404)


@pytest.mark.slow
def test_parks_events_organisations_and_figures_go_back(
    admin_api: APIClient, investment_indicator: Any
) -> None:
    group = factories.SectorGroupFactory.create(code="ic", members=["C3973"])
    park = factories.ParkFactory.create(code="town", note="so")
    park.leading_sectors.add(group)
    factories.SigningEventFactory.create(code="fair", note="so")
    factories.OrganisationFactory.create(code="maker", note="so")
    area = factories.FigureFactory.create(code="town-area", park=park, note="so")
    factories.EventFigureFactory.create(code="declared", event__code="forum", note="so")
    kinds = ["parks/town", "events/fair", "figures/town-area", "organisations/maker"]
    for address in sample([*kinds, "events/forum/figures/declared"], 2):
        url = f"{API}/{address}"
        version = found(admin_api.patch(url, {"note": "then"}))["version"]
        then = read(admin_api, url)
        found(admin_api.patch(url, {"note": "wrong"}))
        assert fields(preview(admin_api, version, url)["changes"]) == {"note": ("wrong", "then")}
        found(restore(admin_api, version, url))
        assert read(admin_api, url) == then
        assert admin_api.delete(url).status_code == 204
        made(restore(admin_api, version, url))
        assert read(admin_api, url) == then
    # A park's figures are not known to its versions, but come back with it
    assert admin_api.delete(f"{API}/parks/town").status_code == 204
    problem(admin_api.get(f"{API}/figures/{area.code}"), 404)
    numbers = [each["version"] for each in walk(admin_api, "parks/town/history")]
    assert rows(made(restore(admin_api, numbers[1], f"{API}/parks/town"))) == {
        ("figure", "created")
    }
    assert found(admin_api.get(f"{API}/parks/town"))["leading_sectors"] == ["ic"]
    assert found(admin_api.get(f"{API}/figures/{area.code}"))["note"] == "then"


# --- Rules --------------------------------------------------------------------------------------


def test_what_breaks_a_rule_by_now_is_refused_at_its_field(
    fab: Project, admin_api: APIClient
) -> None:
    source = factories.SourceFactory.create(code="report", title="报道")
    (milestone,) = found(admin_api.get(FAB))["milestones"]
    one = f"{FAB}/milestones/{milestone['id']}"
    found(admin_api.patch(one, {"source": "report"}))
    found(admin_api.patch(FAB, {"source": "report", "national_code": "2304-120115-04-01-123456"}))
    number = found(admin_api.get(FAB))["version"]
    found(admin_api.patch(one, {"source": None}))
    found(admin_api.patch(FAB, {"source": None, "national_code": ""}))
    source.delete()
    refused = restore(admin_api, number)
    assert mistakes(refused) == {"#/source": "reference_gone"}
    assert "gone" in error(refused)["detail"]
    assert mistakes(restore(admin_api, 2, one)) == {"#/source": "reference_gone"}
    factories.SourceFactory.create(code="other")
    found(admin_api.patch(FAB, {"source": "other"}))
    # Of a row below, where it stands
    assert admin_api.delete(FAB).status_code == 204
    factories.ProjectFactory.create(park=fab.park, national_code="2304-120115-04-01-123456")
    told = mistakes(restore(admin_api, number - 1))
    assert told == {f"#/milestones/{milestone['id']}/source": "reference_gone"}
    assert not Project.objects.filter(code="fab").exists()
    assert not Milestone.objects.exists()
    # A word of a vocabulary that has retired meanwhile is good, as at every door
    region = factories.RegionFactory.create(code="330300", name_zh="温州市")
    factories.ParkFactory.create(code="bay", region=region)
    found(admin_api.patch(f"{API}/parks/bay", {"region": "120115"}))
    found(admin_api.patch(f"{API}/regions/330300", {"valid_to": "2020-12-31"}))
    found(restore(admin_api, 1, f"{API}/parks/bay"))


def test_doubts_and_drafts_are_asked_about_as_at_every_door(
    fab: Project, admin_api: APIClient
) -> None:
    assert admin_api.delete(FAB).status_code == 204
    twin = factories.ProjectFactory.create(
        code="twin", park=fab.park, name_zh="晶圆厂", name_en="Fab"
    )
    asked = problem(restore(admin_api, 6), 409)
    assert asked["errors"][0]["confirm"] == "duplicates"
    assert asked["errors"][0]["candidates"][0]["code"] == twin.code
    address = f"{FAB}/history/6/restore?confirm=duplicates"
    made(admin_api.post(address, headers={"If-None-Match": "*"}))

    draft = factories.SourceFactory.create(code="draft", publication="published")
    found(admin_api.patch(FAB, {"source": "draft"}))
    number = found(admin_api.get(FAB))["version"]
    found(admin_api.patch(FAB, {"source": None}))
    draft.publication, draft.park = "draft", fab.park
    draft.save()
    refused = problem(restore(admin_api, number), 409)
    assert refused["errors"][0]["code"] == "needs_publishing"
    address = f"{FAB}/history/{number}/restore?confirm=publish_needed"
    found(admin_api.post(address, headers={"If-Match": "*"}))
    draft.refresh_from_db()
    assert draft.publication == "published"


def test_what_a_version_refers_to_must_be_seen_by_who_brings_it_back(
    fab: Project, admin_api: APIClient
) -> None:
    bay = factories.ParkFactory.create(code="bay")
    hidden = factories.SigningEventFactory.create(code="hidden", park=bay, publication="draft")
    (milestone,) = found(admin_api.get(FAB))["milestones"]
    one = f"{FAB}/milestones/{milestone['id']}"
    found(admin_api.patch(one, {"event": hidden.code}))
    number = len(walk(admin_api, f"projects/fab/milestones/{milestone['id']}/history"))
    found(admin_api.patch(one, {"event": None}))
    editor = sign_in(factories.MembershipFactory.create(park=fab.park).user)
    assert mistakes(restore(editor, number, one)) == {"#/event": "reference_gone"}
