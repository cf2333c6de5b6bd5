"""The changes feed: what it tells to whom, and where one has to begin anew."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from rest_framework.test import APIClient

from parks.history import feed_views
from parks.models import Organisation, Park
from parks.recording.recording import recorded
from parks.recording.records import Change, Identity, Revision
from projects.models import Project
from tests.answers import API, CarefulClient, Row, found, problem, sign_in
from tests.factories import (
    MembershipFactory,
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    ProjectFactory,
)

pytestmark = pytest.mark.django_db


def changes(api: APIClient, **parameters: Any) -> list[Row]:
    return found(api.get(f"{API}/changes", parameters))["results"]


def told(api: APIClient, **parameters: Any) -> list[tuple[str, str, str]]:
    return [(row["op"], row["resource"], row["code"]) for row in changes(api, **parameters)]


def cursor(api: APIClient) -> str:
    return found(api.get(f"{API}/changes", {"after": "latest"}))["after"]


def signed_in(park: Park, role: str) -> APIClient:
    return sign_in(MembershipFactory.create(park=park, role=role).user)


@pytest.mark.both_databases
def test_a_change_says_what_when_and_in_which_fields(
    api: APIClient, admin_api: CarefulClient
) -> None:
    ParkFactory.create(code="baodi", name_en="Baodi")
    start = cursor(api)
    answer = admin_api.patch(
        f"{API}/parks/baodi",
        {"name_en": "Baodi Science Town", "brand": "Zhongguancun"},
        headers={"Change-Reason": "%E6%9B%B4%E5%90%8D"},
    )
    (row,) = changes(api, after=start)
    assert row.pop("at") == found(answer)["updated_at"]
    assert row.pop("number") == Change.objects.get(op="~").number
    assert row == {
        "resource": "park",
        "code": "baodi",
        "owner": None,
        "op": "update",
        "version": 2,
        "changed_fields": ["name_en", "brand"],
        "by": "superuser",
        "reason": "更名",
        "successor": None,
    }


def test_only_those_with_rights_learn_who_it_was(
    api: APIClient, admin_api: CarefulClient, superuser: Any
) -> None:
    ParkFactory.create(code="baodi")
    admin_api.patch(f"{API}/parks/baodi", {"brand": "Zhongguancun"})
    assert [row["by"] for row in changes(api, resource="park")] == ["", "superuser"]
    assert [row["by"] for row in changes(admin_api)][-1] == superuser.username


def test_rows_of_a_project_are_told_below_its_code_and_the_project_changes_with_them(
    api: APIClient, admin_api: CarefulClient
) -> None:
    project = ProjectFactory.create(code="p-1")
    start = cursor(api)
    milestone = MilestoneFactory.create(project=project, type="signed")
    rows = changes(api, after=start)
    assert [(r["resource"], r["code"], r["owner"], r["op"]) for r in rows] == [
        ("milestone", str(milestone.pk), "p-1", "create"),
        ("project", "p-1", None, "update"),
    ]
    assert "stage" in rows[1]["changed_fields"]
    start = cursor(api)
    admin_api.patch(f"{API}/projects/p-1", {"note": "它自己的变化"})
    assert told(api, after=start) == [("update", "project", "p-1")]


def test_what_is_deleted_is_told_and_its_rows_before_it(api: APIClient) -> None:
    project = ProjectFactory.create(code="p-1", met=["signed"])
    milestone = project.milestones.get()
    start = cursor(api)
    project.delete()
    assert told(api, after=start) == [
        ("delete", "milestone", str(milestone.pk)),
        ("delete", "project", "p-1"),
    ]


def test_what_is_created_and_deleted_in_one_revision_leaves_no_trace(api: APIClient) -> None:
    start = cursor(api)
    with recorded():
        Organisation.objects.create(code="o-1", name_en="Passing").delete()
    assert changes(api, after=start) == []
    assert Organisation.history.count() == 0


def test_a_change_brings_its_row_as_the_reader_may_see_it(api: APIClient) -> None:
    project = ProjectFactory.create(code="p-1", met=["signed"], responsible_unit="招商局")
    member, start = signed_in(project.park, "viewer"), cursor(api)
    theirs = cursor(member)
    MilestoneFactory.create(project=project, type="started")
    ParkFactory.create(code="gone").delete()
    for client, after, unit in ((api, start, ""), (member, theirs, "招商局")):
        rows = changes(client, after=after, expand="row")
        shown = {(row["resource"], row["op"]): row["row"] for row in rows}
        whole = shown["project", "update"]
        assert shown["milestone", "create"] == whole
        assert shown["park", "delete"] is None
        assert [each["type"] for each in whole["milestones"]] == ["signed", "started"]
        assert whole["responsible_unit"] == unit
    assert "row" not in changes(api, after=start)[0]
    problem(api.get(f"{API}/changes?expand=rows"), 400)


@pytest.mark.slow
def test_a_follower_of_steady_edits_asks_seldom_and_sees_each_soon(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two and a half edits a second: 600 in four minutes cost at most 60 requests."""
    project, clock, edited, seen = ProjectFactory.create(code="p-1"), [0.0], [], []

    def sleep(_request: Any, seconds: float) -> bool:
        clock[0] += seconds
        if clock[0] >= 0.4 * (len(edited) + 1):
            project.note = f"{len(edited)}"
            project.save()
            edited.append(clock[0])
        return True

    monkeypatch.setattr(feed_views, "sleep_while_connected", sleep)
    monkeypatch.setattr(feed_views.time, "monotonic", lambda: clock[0])
    after, requests = cursor(api), 0
    while len(seen) < 60:
        asked = {"after": after, "wait": 30, "settle": 5, "expand": "row"}
        answer = found(api.get(f"{API}/changes", asked))
        after, requests = answer["after"], requests + 1
        seen += [clock[0]] * len(answer["results"])
    assert requests <= 6
    assert max(at - day for day, at in zip(edited, seen, strict=False)) <= 10
    assert answer["results"][-1]["row"]["note"] == f"{len(seen) - 1}"


def test_a_draft_is_told_to_its_park_alone(api: APIClient, admin_api: APIClient) -> None:
    project = ProjectFactory.create(code="secret", publication="draft")
    member, stranger = signed_in(project.park, "viewer"), signed_in(ParkFactory.create(), "editor")
    assert ("create", "project", "secret") in told(member)
    assert ("create", "project", "secret") in told(admin_api)
    assert "secret" not in {code for _op, _resource, code in told(api)}
    assert "secret" not in {code for _op, _resource, code in told(stranger)}


@pytest.mark.both_databases
def test_to_whom_a_row_is_hidden_it_is_deleted_and_created_when_it_is_back(api: APIClient) -> None:
    project = ProjectFactory.create(code="p-1", met=["signed"])
    milestone = str(project.milestones.get().pk)
    member = signed_in(project.park, "viewer")
    for_all, for_members = cursor(api), cursor(member)
    project.publication = "withdrawn"
    project.save()
    assert told(api, after=for_all) == [
        ("delete", "project", "p-1"),
        ("delete", "milestone", milestone),
    ]
    assert ("update", "project", "p-1") in told(member, after=for_members)
    for_all = cursor(api)
    project.note = "Nobody else is to know."
    project.save()
    assert told(api, after=for_all) == []
    project.publication = "published"
    project.save()
    assert told(api, after=for_all) == [
        ("create", "project", "p-1"),
        ("create", "milestone", milestone),
    ]


def test_with_a_park_all_that_stands_in_it_disappears(api: APIClient) -> None:
    project = ProjectFactory.create(code="p-1", met=["signed"])
    start = cursor(api)
    Park.objects.filter(pk=project.park_id).update(publication="withdrawn")
    assert told(api, after=start) == [
        ("delete", "park", project.park.code),
        ("delete", "project", "p-1"),
        ("delete", "milestone", str(project.milestones.get().pk)),
    ]


def test_a_project_that_moves_is_deleted_for_one_park_and_created_for_the_other(
    api: APIClient,
) -> None:
    project = ProjectFactory.create(code="p-1", publication="draft")
    old, new = project.park, ParkFactory.create()
    of_old, of_new = signed_in(old, "viewer"), signed_in(new, "viewer")
    starts = cursor(of_old), cursor(of_new)
    project.park = new
    project.save()
    assert told(of_old, after=starts[0]) == [("delete", "project", "p-1")]
    assert told(of_new, after=starts[1]) == [("create", "project", "p-1")]


def test_it_is_narrowed_by_resource_and_park(api: APIClient) -> None:
    ours, theirs = ProjectFactory.create(code="p-1"), ProjectFactory.create(code="p-2")
    assert told(api, resource="project", park=ours.park.code) == [("create", "project", "p-1")]
    assert told(api, resource="park", park=f"{theirs.park.code},{ours.park.code}") == [
        ("create", "park", ours.park.code),
        ("create", "park", theirs.park.code),
    ]


@pytest.mark.both_databases
def test_pages_join_without_a_gap_also_where_a_filter_leaves_out_most(api: APIClient) -> None:
    for number in range(7):
        ParkFactory.create(code=f"park-{number}")
        OrganisationFactory.create()
    for parameters in ({}, {"resource": "park"}):
        after, seen, more = "", [], True
        while more:
            asked = {**parameters, "limit": 2, **({"after": after} if after else {})}
            page = found(api.get(f"{API}/changes", asked))
            seen += [row["number"] for row in page["results"]]
            after, more = page["after"], page["has_more"]
        assert seen == [row["number"] for row in changes(api, **parameters)]
        assert changes(api, after=after, **parameters) == []


def test_a_bulk_write_is_one_revision_with_one_change_each(api: APIClient) -> None:
    parks = ParkFactory.create_batch(3)
    start, revisions = cursor(api), Revision.objects.count()
    Park.objects.filter(pk__in=[park.pk for park in parks]).update(brand="Zhongguancun")
    rows = changes(api, after=start)
    assert [(r["op"], r["version"], r["changed_fields"]) for r in rows] == [
        ("update", 2, ["brand"])
    ] * 3
    assert Revision.objects.count() == revisions + 1


def refused_cursor(api: APIClient, after: str) -> tuple[int, str]:
    answer = api.get(f"{API}/changes", {"after": after})
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_a_cursor_of_another_ledger_or_of_other_rights_is_gone(
    api: APIClient, admin_api: APIClient
) -> None:
    ParkFactory.create()
    mine = cursor(api)
    assert refused_cursor(admin_api, mine) == (410, "other_rights")
    ledger, number, view = mine.split("-")
    assert refused_cursor(api, f"{ledger}-{int(number) + 1}-{view}") == (410, "cursor_ahead")
    assert refused_cursor(api, f"{'0' * 8}-{number}-{view}") == (410, "other_ledger")


@pytest.mark.both_databases
def test_a_database_that_was_emptied_is_another_ledger(api: APIClient) -> None:
    ParkFactory.create()
    before = cursor(api)
    Identity.objects.all().delete()
    assert refused_cursor(api, before) == (410, "other_ledger")
    assert changes(api, after=cursor(api)) == []
    assert Identity.objects.count() == 1


@pytest.mark.both_databases
def test_changes_that_were_pruned_are_said_to_be_gone_and_the_history_stays(api: APIClient) -> None:
    park = ParkFactory.create(code="baodi")
    for brand in ("one", "two"):
        park.brand = brand
        park.save()
    old = cursor(api)
    early = "-".join([old.split("-")[0], "1", old.split("-")[2]])
    ParkFactory.create(code="later")
    assert changes(api, after=early)
    last = Change.objects.get(number=int(old.split("-")[1])).revision_id
    Revision.objects.filter(pk__lte=last).update(at=timezone.now() - timedelta(days=500))
    call_command("prune_changes", days=400)
    assert refused_cursor(api, early) == (410, "cursor_expired")
    assert told(api, after=old) == [("create", "park", "later")]
    assert told(api) == [("create", "park", "later")]
    assert Change.objects.filter(code="baodi").count() == 1  # who saw it last is still known
    assert Park.history.filter(code="baodi").count() == 3
    assert Identity.objects.get().forgotten_to == int(old.split("-")[1])


@pytest.mark.both_databases
def test_waiting_ends_with_the_first_change_or_with_the_time(
    api: APIClient, monkeypatch: Any
) -> None:
    ParkFactory.create(code="baodi")
    start = cursor(api)
    looks = []

    def asleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            Project.objects.create(code="p-1", name_en="Came meanwhile", park=Park.objects.get())

    monkeypatch.setattr("api.load.time.sleep", asleep)
    assert told(api, after=start, wait=30) == [("create", "project", "p-1")]
    assert len(looks) == 3


@pytest.mark.slow
def test_of_those_who_wait_beyond_half_of_the_threads_each_is_answered_at_once(
    api: APIClient, monkeypatch: Any, settings: Any
) -> None:
    ParkFactory.create()
    start = cursor(api)
    nested: list[Any] = []

    def asleep(_seconds: float) -> None:
        if len(nested) < settings.WEB_THREADS // 2:
            nested.append(api.get(f"{API}/changes", {"after": start, "wait": 1}))

    monkeypatch.setattr("api.load.time.sleep", asleep)
    first = api.get(f"{API}/changes", {"after": start, "wait": 1})
    assert "Retry-After" not in first.headers
    assert nested[0].headers["Retry-After"] == "1"  # the innermost finds no place to wait
    assert found(nested[0])["after"] == start
