"""Bounds by which rows and machines are judged: just below, at and just above each."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from rest_framework.test import APIClient

from api.caching import CompressionMiddleware, is_worth_keeping
from config.examinations import check_clock, check_room
from parks.backups.files import check_backups
from parks.names.choosing import ChoosableTerms, TermChoice
from tests.answers import API, Row, found, problem
from tests.config.test_doctor import make_backup
from tests.factories import ParkFactory, ProjectFactory
from tests.together import together

pytestmark = pytest.mark.django_db
MIB = 2**20

# Bounds that it would take long to reach: the tests that name them in bounds.toml set them lower
REACHED_SLOWLY: dict[str, dict[str, Any]] = {
    "api.problems.nearest_rows": {"MOST_ROWS": 5_000},
    "api.views": {"MOST_WORKBOOK_ROWS": 100_000},
    "sheets.imports": {"MOST_KNOWN": 5_000},
    "sheets.reading.apart": {"WALL_SECONDS": 2},
    "sheets.reading.rows": {
        "Limits.rows": 100_100,
        "Limits.unpacked_size": 400 * MIB,
        "Limits.ratio": 100,
    },
    "sheets.reading.workbooks": {"MOST_SHARED_TEXTS": 2_000_000},
    "config.settings": {"LANGUAGE_COOKIE_AGE": 365 * 24 * 60 * 60},
    "sheets.writing.xlsx_writing": {"MAX_SHEET_ROWS": 2**20 - 1},
    "parks.admin.base": {"ROWS_SHOWN": 50, "COUNTED_AT_MOST": 10_000},
    "parks.admin.deletions": {"MOST_NAMED": 20, "DELETED_AT_ONCE": 500},
    "parks.names.cell_lookup": {"MOST_UNKNOWN": 200},
    "projects.admin.fundings": {"PROJECTS_ON_A_GRID": 50, "PASTED_AT_MOST": 500},
    "projects.admin.import_report": {"ROWS_ON_PAGE": 500},
    "projects.admin.many": {"ADVANCED_AT_ONCE": 100, "CHANGED_AT_ONCE": 500},
    "pages.charts.drawing": {"SECONDS": 20, "MOST_PIXELS": 16_000_000},
    "pages.charts.spec": {"MOST_DRAWN_ROWS": 500},
    "projects.writing.doubts": {"MOST_COMPARED": 50_000},
    "projects.importing.batches": {"ROW_SECONDS": 1},
    "projects.summaries.totals": {"MOST_SUMMARY_ROWS": 10_000},
}


@together("name", REACHED_SLOWLY)
def test_bounds_that_are_reached_slowly_are_as_documented(name: str) -> None:
    for path, bound in REACHED_SLOWLY[name].items():
        holder: Any = import_module(name)
        for part in path.split("."):
            holder = getattr(holder, part)
        assert holder == bound, path


@together(
    ("free", "reported", "answer"),
    [
        (200 * MIB - 1, ["ledger.E013"], b"degraded"),
        (200 * MIB, ["ledger.W013"], b"ready"),
        (1024 * MIB - 1, ["ledger.W013"], b"ready"),
        (1024 * MIB, [], b"ready"),
    ],
)
def test_room_on_disks(
    client: Client, tmp_path: Path, free: int, reported: list[str], answer: bytes
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=free))
        patch.setattr("django.conf.settings.BACKUP_DIR", "")
        assert sorted({each.id or "" for each in check_room()}) == reported
        assert client.get("/readyz").content.startswith(answer)


@together(("seconds", "answer"), [(59.9, b"ready"), (60.0, b"ready"), (60.1, b"degraded")])
def test_a_standby_is_a_minute_behind(client: Client, seconds: float, answer: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.health.read_lag", lambda: (0, seconds))
        assert client.get("/readyz").content.startswith(answer)


@together(("milliseconds", "reported"), [(-110, 1), (-90, 0), (0, 0), (90, 0), (110, 1)])
def test_the_clock_of_the_database_is_a_tenth_of_a_second_from_ours(
    milliseconds: int, reported: int
) -> None:
    by = timedelta(milliseconds=milliseconds)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("config.examinations.read_clock", lambda: datetime.now(UTC) + by)
        assert len([*check_clock()]) == reported


@together(("minutes", "reported"), [(36 * 60 - 1, set()), (36 * 60 + 1, {"ledger.E015"})])
def test_the_newest_backup_is_of_the_last_36_hours(
    settings: Any, tmp_path: Path, minutes: int, reported: set[str]
) -> None:
    folder = tmp_path / str(minutes)
    folder.mkdir()
    settings.BACKUP_DIR = str(folder)
    make_backup(folder, timedelta(minutes=minutes))
    assert {each.id for each in check_backups()} & {"ledger.E015"} == reported


@together(("size", "coding"), [(1399, None), (1400, "gzip"), (1401, "gzip")])
def test_what_one_packet_takes_is_not_compressed(size: int, coding: str | None) -> None:
    answer = HttpResponse(b"1" * size, content_type="application/json")
    request = RequestFactory().get(f"{API}/parks", headers={"Accept-Encoding": "gzip"})
    assert CompressionMiddleware(lambda _request: answer)(request).get("Content-Encoding") == coding


@together(("size", "is_kept"), [(0, False), (1, True), (999, True), (1000, True), (1001, False)])
def test_an_answer_takes_an_eighth_of_what_is_kept(settings: Any, size: int, is_kept: bool) -> None:
    settings.CACHE_MAX_BYTES = 8000
    assert is_worth_keeping(HttpResponse(b"x" * size)) is is_kept


@together(("count", "offered"), [(199, 199), (200, 200), (201, 200)])
def test_a_field_offers_200_choices(count: int, offered: int) -> None:
    rows = {key: TermChoice(key, ("区",), (), ()) for key in range(count)}
    assert len(ChoosableTerms(rows).find("区")) == offered


@pytest.mark.usefixtures("mid_june")
def test_after_three_months_without_a_note_ten_projects_are_shown(admin_api: APIClient) -> None:
    park = ParkFactory.create(code="town")
    for day, count in (("2026-03-15", 1), ("2026-03-14", 10)):
        for number in range(count):
            code = f"p-{day}-{number}"
            ProjectFactory.create(code=code, park=park, met={"signed": day})
    for count in (10, 11):
        silent = found(admin_api.get(f"{API}/attention"))["silent"]
        assert (silent["count"], len(silent["results"])) == (count, 10)
        ProjectFactory.create(code=f"more-than-{count}", park=park, met={"signed": "2026-03-14"})


@together(("count", "ending"), [(2, "p-1"), (3, "p-2"), (4, "1 more"), (11, "8 more")])
def test_a_doubt_names_three_projects_and_gives_ten(
    admin_api: APIClient, count: int, ending: str
) -> None:
    park = ParkFactory.create(code="town")
    for number in range(count):
        ProjectFactory.create(code=f"p-{number}", name_zh="晶圆厂", name_en="", park=park)
    body: Row = {"name_zh": "晶圆厂", "park": "town"}
    [doubt] = problem(admin_api.post(f"{API}/projects", body, format="json"), 409)["errors"]
    assert ending in doubt["detail"]
    assert len(doubt["candidates"]) == min(count, 10)
