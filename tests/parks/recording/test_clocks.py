"""One past, whatever the clocks said: how writes are dated, refused, read of a moment, repaired.

`as_before` writes as release 1.0.0 did: each version has the time of the process, be it earlier
than that of the version before.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from rest_framework.test import APIClient

from parks.history.verification import REPAIR, examine_times, find_times
from parks.recording import recording
from parks.recording.recording import recorded
from parks.recording.records import Change, Revision
from parks.recording.seals import list_sealed_models, settle
from projects.models import Project
from tests.admin_pages import address, save
from tests.answers import API, CarefulClient, Row, found, made, problem, sign_in
from tests.clocks import Clock
from tests.factories import ParkFactory, ProjectFactory
from tests.projects.importing.imports import applied, send, table
from tests.samples import HERE, sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator")]

BEGIN = datetime(2090, 3, 1, 1, 30, tzinfo=UTC)  # after all that the fixtures of tests wrote
AHEAD = {"4 s": timedelta(seconds=4), "8 h": timedelta(hours=8), "400 d": timedelta(days=400)}
ANYHOW = {"If-Match": "*"}
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Any) -> None:
    """What is kept beside the database is that of one test."""
    settings.VAR_DIR = tmp_path


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch, BEGIN)


@pytest.fixture
def editor(clock: Clock, superuser: Any, settings: Any) -> CarefulClient:
    """A superuser's client, whose session lasts whatever the clock says."""
    settings.SESSION_COOKIE_AGE = int(timedelta(days=1_000).total_seconds())
    return sign_in(superuser, CarefulClient)


@contextmanager
def as_before() -> Iterator[None]:
    """Date what is written as 1.0.0 did."""
    with patch.object(recording, "take_later", lambda time: "%s"):
        yield


def edit(code: str, note: str) -> None:
    Project.objects.filter(code=code).update(note=note, responsible_unit=note)


def break_times(clock: Clock, ahead: timedelta) -> list[datetime]:
    """Write with a clock that is ahead, and then right again; returns moments all around."""
    start = clock.now
    names = ("edited", "left", "deleted", "quiet", "twice", "last")
    with as_before():
        park = ParkFactory.create(code="town")
        for code in names:
            ProjectFactory.create(code=code, park=park, met=["signed"], investment=100_000_000)
        clock.forward(seconds=10)
        clock.now += ahead
        with recorded():
            park.save()
            for code in ("edited", "left", "twice"):
                edit(code, "ahead")
            Project.objects.get(code="deleted").delete()
            ProjectFactory.create(code="new", park=park, met=["signed"], investment=100_000_000)
        clock.now -= ahead
        clock.forward(seconds=1)
        for note in ("right", "right again"):
            with recorded():
                edit("edited", note)
                edit("twice", note)
            clock.forward(seconds=1)
        Project.objects.get(code="twice").delete()
        clock.forward(seconds=1)
        edit("last", "right")
        clock.forward(seconds=1)
    spans = [0, 1, 10, 10.5, 11, 11.5, 12, 12.5, 13, 13.5, 14, 15]
    return [start + timedelta(seconds=span) for span in spans]


def expect(moment: datetime) -> dict[str, Any]:
    """The newest version of each project at or before a moment, by code."""
    newest: dict[int, Any] = {}
    for version in Project.history.filter(history_date__lte=moment).order_by("version"):
        newest[version.id] = version
    return {each.code: each for each in newest.values() if each.history_type != "-"}


def check_past(api: APIClient, moment: datetime, turn: int = 0) -> None:
    """Lists, counts, sums, some details and files say the same of a moment, each row once."""
    asked = {"as_of": moment.isoformat()}
    expected = expect(moment)
    listed = found(api.get(f"{API}/projects", {**asked, "count": "exact"}))
    shown: dict[str, Row] = {row["code"]: row for row in listed["results"]}
    assert sorted(row["code"] for row in listed["results"]) == sorted(expected)
    assert listed["count"] == len(expected)
    question = {"group_by": "park", "measures": "count,investment_cny"}
    summary = found(api.get(f"{API}/projects/summary", {**asked, **question}))
    total = summary["total"]
    assert sum(row["count"] for row in summary["rows"]) == total["count"]
    assert total["count"] == len(expected)
    assert total["investment_cny"] == 100_000_000 * len(expected)
    lines = b"".join(api.get(f"{API}/projects.csv", asked).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert sorted(row["code"] for row in csv.DictReader(io.StringIO(lines))) == sorted(expected)
    for number, (code, version) in enumerate(expected.items(), turn):
        assert shown[code]["version"] == version.version
        assert shown[code]["responsible_unit"] == version.responsible_unit
        if number % 3 == 0:
            row = found(api.get(f"{API}/projects/{code}", asked))
            assert row["version"] == version.version
            assert row["responsible_unit"] == version.responsible_unit
    assert found(api.get(f"{API}/parks/town", asked))["code"] == "town"


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("ahead", sample([*AHEAD], 3, 1 + HERE))
def test_every_row_is_read_once_as_of_any_moment(
    editor: CarefulClient, clock: Clock, ahead: str
) -> None:
    moments = break_times(clock, AHEAD[ahead])
    for turn, moment in enumerate(moments):
        check_past(editor, moment, turn)
    then = moments[-1] + AHEAD[ahead]
    clock.now = then + timedelta(hours=1)
    for moment in (then - timedelta(seconds=6), then, clock.now):
        check_past(editor, moment)


BEHIND = [
    (timedelta(0), True),
    (timedelta(seconds=5) - MICROSECOND, True),
    (timedelta(seconds=5), True),
    (timedelta(seconds=5) + MICROSECOND, False),
    (timedelta(seconds=6), False),
    (timedelta(hours=8), False),
    (timedelta(days=400), False),
]


@pytest.mark.both_databases
@pytest.mark.parametrize(("behind", "is_written"), BEHIND)
def test_a_clock_may_be_five_seconds_behind_the_newest_write(
    editor: CarefulClient, clock: Clock, behind: timedelta, is_written: bool
) -> None:
    ProjectFactory.create(code="fab", park__code="town")
    clock.now -= behind
    answer = editor.patch(f"{API}/projects/fab", {"note": "x"}, headers=ANYHOW)
    if is_written:
        assert found(answer)["version"] == 2
    else:
        assert problem(answer, 503)["type"] == "/problems/clock-behind"
        seconds = max((behind - timedelta(seconds=5)).total_seconds(), 1)
        assert int(answer["Retry-After"]) == int(seconds)
    versions = Project.history.filter(code="fab").order_by("version")
    dates = [*versions.values_list("history_date", flat=True)]
    assert dates == [BEGIN] * (1 + is_written)
    clock.now = BEGIN + MICROSECOND  # it has caught up
    found(editor.patch(f"{API}/projects/fab", {"note": "y"}, headers=ANYHOW))


def test_a_clock_that_is_behind_writes_by_no_door(
    editor: CarefulClient, clock: Clock, tmp_path: Any
) -> None:
    desk = Client()
    desk.cookies = editor.cookies
    project = ProjectFactory.create(code="fab", park__code="town")
    sheet = table(["项目名称", "园区"], ["新厂", "town"])
    file = tmp_path / "projects.csv"
    file.write_bytes(sheet)
    clock.forward(hours=-8)
    before = Revision.objects.count()
    new = {"name_zh": "厂", "park": "town"}
    url = f"{API}/projects"
    for answer in (
        editor.post(url, new),
        editor.put(f"{url}/other", new, headers={"If-None-Match": "*"}),
        editor.put(f"{url}/fab", new, headers=ANYHOW),
        editor.delete(f"{url}/fab", headers=ANYHOW),
        editor.post(f"{url}/fab/milestones", {"type": "signed", "status": "met"}),
        editor.post(f"{url}/bulk", {"projects": [new]}),
        send(editor, sheet, dry_run="false"),
    ):
        assert problem(answer, 503)["type"] == "/problems/clock-behind"
        assert answer["Retry-After"] == str(8 * 3600 - 5)
    page = save(desk, address(Project, "change", project.pk), note="x")
    assert page.status_code == 503
    assert page["Retry-After"] == str(8 * 3600 - 5)
    assert "verify_history --repair" in page.content.decode()
    with pytest.raises(CommandError, match="28800"):
        call_command("import_projects", str(file))
    with override("zh-hans"):
        text = problem(editor.post(url, new, headers={"Accept-Language": "zh-hans"}), 503)
    assert "28800" in text["detail"]
    assert Revision.objects.count() == before
    assert [*Project.objects.values_list("code", "version")] == [("fab", 1)]


@pytest.mark.slow
@pytest.mark.parametrize("ahead", AHEAD)
def test_a_clock_that_was_ahead_is_followed_or_refused_and_then_repaired(
    editor: CarefulClient, clock: Clock, ahead: str
) -> None:
    ProjectFactory.create(code="fab", park__code="town")
    clock.now += AHEAD[ahead]
    found(editor.patch(f"{API}/projects/fab", {"note": "ahead"}, headers=ANYHOW))
    clock.now -= AHEAD[ahead]
    answer = editor.patch(f"{API}/projects/fab", {"note": "right"}, headers=ANYHOW)
    if AHEAD[ahead] <= timedelta(seconds=5):
        assert found(answer)["version"] == 3
    else:
        problem(answer, 503)
        call_command("verify_history", repair=True)
        clock.forward(seconds=1)
        found(editor.patch(f"{API}/projects/fab", {"note": "right"}, headers=ANYHOW))
    clock.forward(seconds=1)
    call_command("verify_history", all=True)
    for moment in (BEGIN, BEGIN + timedelta(seconds=0.5), clock.now):
        asked = {"as_of": moment.isoformat(), "count": "exact"}
        assert found(editor.get(f"{API}/projects", asked))["count"] == 1


@pytest.mark.both_databases
def test_a_process_whose_clock_is_wrong_writes_by_that_of_the_database(
    admin_api: CarefulClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite there is no other clock than that of the process."""
    real = timezone.now
    ahead = timedelta(hours=8)
    monkeypatch.setattr(timezone, "now", lambda: real() + ahead)
    ProjectFactory.create(code="fab", park__code="town")
    row = found(admin_api.patch(f"{API}/projects/fab", {"note": "x"}, headers=ANYHOW))
    is_ahead = connection.vendor == "sqlite"
    written = [datetime.fromisoformat(row[name]) for name in ("created_at", "updated_at")]
    written += Project.history.filter(code="fab").values_list("history_date", flat=True)
    written += Revision.objects.order_by("-pk").values_list("at", flat=True)[:2]
    batch = applied(admin_api, table(["项目名称", "园区"], ["新厂", row["park"]]))
    undone = found(admin_api.post(f"{API}/imports/{batch['code']}/undo"))
    written += [datetime.fromisoformat(undone[name]) for name in ("applied_at", "undone_at")]
    limit = real() + ahead / 2
    assert [moment > limit for moment in written] == [is_ahead] * 8


# --- What 1.0.0 has written is found and repaired -------------------------------------------------


def list_history() -> list[Any]:
    """All rows of the history, as they are stored."""
    tables: list[Any] = [Revision, *list_sealed_models().values()]
    return [(t.__name__, row) for t in tables for row in t.objects.order_by("pk").values()]


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("ahead", sample(["8 h", "400 d"], 2, HERE))
def test_times_that_go_back_are_reported_and_repaired_by_new_versions_alone(
    editor: CarefulClient, clock: Clock, ahead: str, capsys: Any
) -> None:
    break_times(clock, AHEAD[ahead])
    clock.forward(minutes=1)
    with pytest.raises(CommandError, match="--repair"):
        call_command("verify_history")
    told = capsys.readouterr().out
    assert "ahead: parks.revision" in told
    assert "back: projects.historicalproject" in told
    assert (
        f"(code left, version 2, {BEGIN + timedelta(seconds=10) + AHEAD[ahead]:%F %T} UTC)" in told
    )
    assert "ahead = dated in the future\nback = dated before the previous version" in told
    assert [each.id for each in examine_times()] == ["ledger.W030"]
    before = list_history()
    call_command("verify_history", repair=True)
    assert [each for each in list_history() if each in before] == before
    call_command("verify_history", all=True)
    assert [*examine_times()] == []
    (repair,) = Revision.objects.filter(reason=REPAIR)
    assert repair.at == clock.now
    check_past(editor, clock.now)
    assert {*expect(clock.now)} == {*Project.objects.values_list("code", flat=True)}
    for project in Project.objects.all():
        assert project.updated_at <= clock.now
    shown = found(editor.get(f"{API}/projects/left/history"))["results"]
    assert (shown[0]["reason"], shown[0]["changes"]) == (REPAIR, [])
    assert "at" in shown[0]
    count = Revision.objects.count()
    call_command("verify_history", repair=True)  # there is nothing left to repair
    assert Revision.objects.count() == count


@pytest.mark.slow
def test_times_that_only_go_back_are_explained_and_reported_once(
    editor: CarefulClient, clock: Clock, capsys: Any
) -> None:
    break_times(clock, AHEAD["8 h"])
    clock.forward(hours=9)  # now nothing is in the future any more
    with pytest.raises(CommandError, match="--repair"):
        call_command("verify_history")
    told = capsys.readouterr().out
    assert "back = " in told
    assert "ahead" not in told
    call_command("verify_history", repair=True)
    assert "Rows dated in the future that have a new version: 0." in capsys.readouterr().out
    assert [*examine_times()] == []
    check_past(editor, clock.now)
    call_command("verify_history", all=True, repair=True)
    assert "Wrong times" not in capsys.readouterr().out


def test_a_write_without_versions_by_a_clock_that_was_ahead_is_repaired(
    editor: CarefulClient, clock: Clock
) -> None:
    made(editor.post(f"{API}/sources", {"code": "report", "title": "Report", "kind": "official"}))
    clock.now += AHEAD["8 h"]
    found(editor.patch(f"{API}/sources/report", {"title": "Ahead"}, headers=ANYHOW))
    clock.now -= AHEAD["8 h"]
    problem(editor.patch(f"{API}/sources/report", {"title": "Right"}, headers=ANYHOW), 503)
    call_command("verify_history", repair=True)
    clock.forward(seconds=1)
    found(editor.patch(f"{API}/sources/report", {"title": "Right"}, headers=ANYHOW))
    call_command("verify_history", all=True)


@pytest.mark.slow
def test_what_was_deleted_by_a_clock_that_was_ahead_stays_deleted_and_can_come_back(
    editor: CarefulClient, clock: Clock
) -> None:
    break_times(clock, AHEAD["400 d"])
    clock.forward(minutes=1)
    call_command("verify_history", repair=True)
    clock.forward(minutes=1)
    url = f"{API}/projects/deleted/history"
    rows = found(editor.get(url))["results"]
    assert [row["op"] for row in rows][:3] == ["deleted", "deleted", "created"]
    version = rows[2]["version"]
    made(editor.post(f"{url}/{version}/restore", headers={"If-None-Match": "*"}))
    assert found(editor.get(f"{API}/projects/deleted"))["investment_cny"] == 100_000_000
    check_past(editor, clock.now)
    call_command("verify_history", all=True)


def test_a_ledger_whose_times_are_right_is_left_alone(clock: Clock) -> None:
    ProjectFactory.create(code="fab")
    edit("fab", "x")
    settle()
    before = Revision.objects.count(), Change.objects.count()
    call_command("verify_history", repair=True)
    assert (Revision.objects.count(), Change.objects.count()) == before


@pytest.mark.both_databases
def test_a_history_that_was_altered_is_not_repaired(clock: Clock) -> None:
    break_times(clock, AHEAD["8 h"])
    settle()
    Project.history.model.objects.filter(code="left").update(note="forged")
    with pytest.raises(CommandError, match="altered"):
        call_command("verify_history", repair=True)
    assert not Revision.objects.filter(reason=REPAIR).exists()


def test_nobody_repairs_by_a_reason(editor: CarefulClient, clock: Clock) -> None:
    break_times(clock, AHEAD["8 h"])
    before = [*find_times()]
    headers = {**ANYHOW, "Change-Reason": REPAIR}
    found(editor.patch(f"{API}/projects/last", {"note": "x"}, headers=headers))
    assert [*find_times()] == before
