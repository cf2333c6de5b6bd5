"""A file is whole and of one state of the ledger, or it is an error: never cut, never mixed."""

import errno
import io
import resource
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from zipfile import ZipFile

import psycopg
import pytest
from django.db import connection
from rest_framework.test import APIClient

from api import files, views
from api.files import SPOOL_BYTES, build_file
from parks.models import Source
from projects.models import Milestone, Project
from sheets.writing.columns import Written
from sheets.writing.csv_writing import READ_AT_ONCE
from tests.answers import API, problem
from tests.factories import MilestoneFactory, ProjectFactory
from tests.site.test_files import file, sheets
from tests.together import together

ROWS_FIRST = 600  # more than are written at once
LARGE = 30_000  # signs in each of the rows after them: more than fits between two programs


def break_off() -> None:
    """End what the database is doing for us: as an administrator on PostgreSQL, else by SQLite."""
    if connection.vendor == "sqlite":
        raw: Any = connection.connection
        raw.interrupt()
        return
    pid = connection.connection.info.backend_pid
    with psycopg.connect(**connection_parameters(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [pid])
        while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [pid]).fetchone():
            pass


def connection_parameters() -> dict[str, Any]:
    settings = connection.settings_dict
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
    given = {names[name]: settings[name] for name in names if settings[name]}
    return given | ({"port": settings["PORT"]} if settings["PORT"] else {})


@pytest.fixture
def many_sources(transactional_db: None) -> Iterator[None]:
    Source.objects.bulk_create(
        Source(code=f"s{number:04}", title="短", note="长" * LARGE * (number > ROWS_FIRST))
        for number in range(ROWS_FIRST + 200)
    )
    yield
    connection.close()  # a broken connection is nobody else's


class BreaksOff(SpooledTemporaryFile[bytes]):
    """A file during whose first write of rows the database breaks off."""

    written = 0

    def write(self, data: Any) -> int:
        BreaksOff.written += len(data)
        if BreaksOff.written > 10_000:
            break_off()
        return super().write(data)


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.usefixtures("many_sources")
def test_a_database_that_breaks_off_while_a_csv_file_is_built_is_a_503(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "SpooledTemporaryFile", BreaksOff)
    BreaksOff.written = 0
    answer = problem(api.get(f"{API}/sources.csv"), 503)
    assert answer["type"] == "/problems/unavailable"
    assert BreaksOff.written > 10_000  # it did break off in the middle
    monkeypatch.undo()
    connection.close()
    assert file(api, "sources.csv")[0].headers["X-Row-Count"] == str(ROWS_FIRST + 200)


@pytest.mark.usefixtures("many_sources")
def test_a_database_that_breaks_off_while_a_workbook_is_built_is_a_503(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rows(model_rows: Any, progress: Any) -> Iterator[Any]:
        for number, row in enumerate(model_rows):
            if number == READ_AT_ONCE - 1:
                break_off()
            yield row

    monkeypatch.setattr(views, "report_progress", rows)
    problem(api.get(f"{API}/sources.xlsx", {"columns": "code,title"}), 503)
    monkeypatch.undo()
    connection.close()
    response, _content = file(api, "sources.xlsx", columns="code,title")
    assert response.headers["X-Row-Count"] == str(ROWS_FIRST + 200)


@pytest.mark.both_databases
@pytest.mark.django_db
@together("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_no_room_for_the_file_is_a_503(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    class Full(SpooledTemporaryFile[bytes]):
        def write(self, data: Any) -> int:
            raise OSError(number, "no room")

    ProjectFactory.create()
    monkeypatch.setattr(files, "SpooledTemporaryFile", Full)
    for address in ("projects.csv", "projects.jsonl", "projects.xlsx"):
        answer = api.get(f"{API}/{address}")
        assert "no room" in problem(answer, 503)["detail"].lower()
        assert answer.headers["Retry-After"]


@pytest.mark.parametrize(("size", "is_on_disk"), [(SPOOL_BYTES, False), (SPOOL_BYTES + 1, True)])
def test_a_small_file_is_sent_from_memory(size: int, is_on_disk: bool) -> None:
    def write(target: IO[bytes]) -> Written:
        target.write(b"x" * size)
        return Written(rows=1, sha256=b"")

    stream: Any = build_file(write, "rows.csv", "text/csv").file_to_stream
    if is_on_disk:
        assert stream.fileno()
    else:  # a server that asks for its number would have it written to a disk that may be full
        with pytest.raises(io.UnsupportedOperation):
            stream.fileno()
    assert len(stream.read()) == size
    stream.close()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """The system lets no file become larger, as if the disk were full then."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.django_db
def test_a_disk_that_fills_up_at_any_moment_is_a_503_and_leaves_nothing(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(files, "SPOOL_BYTES", 1_000)  # what is larger goes to the disk
    texts = Random(1)
    Source.objects.bulk_create(
        Source(code=f"s{number}", title="短", note=texts.randbytes(1_500).hex())
        for number in range(300)
    )
    whole = {address: file(api, address)[1] for address in ("sources.csv", "sources.xlsx")}
    with ZipFile(io.BytesIO(whole["sources.xlsx"])) as package:
        rows = package.getinfo("xl/worksheets/sheet1.xml").file_size
    moments = {
        "sources.csv": [200_000, len(whole["sources.csv"]) - 1],
        # While rows are written, while the sheet is made of them, while it is packed
        "sources.xlsx": [200_000, rows - 50, rows - 1],
    }
    for address, sizes in moments.items():
        for size in sizes:
            with largest_file(size):
                problem(api.get(f"{API}/{address}"), 503)
            assert [*tmp_path.iterdir()] == [], (address, size)
        assert file(api, address)[1] == whole[address]


def meanwhile(write: Callable[[], Any]) -> None:
    """Write in another connection, as another request does."""

    def run() -> None:
        try:
            write()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(run).result()


@pytest.mark.both_databases
@pytest.mark.usefixtures("database_in_a_file")
def test_a_workbook_is_of_one_state_whatever_is_written_meanwhile(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = ProjectFactory.create(code="fab", met=["signed"])
    about_sheet = views.about_sheet

    def written_in_between(*arguments: Any) -> Any:
        meanwhile(lambda: MilestoneFactory.create(project=project, type="started"))
        meanwhile(lambda: ProjectFactory.create(code="later", met=["signed"]))
        return about_sheet(*arguments)

    monkeypatch.setattr(views, "about_sheet", written_in_between)
    found = sheets(api, "projects")
    assert Project.objects.count() == 2
    assert Milestone.objects.count() == 3
    assert [row[0] for row in found["projects"]] == ["code", "fab"]
    assert [row[:3:2] for row in found["milestones"]] == [["project", "type"], ["fab", "signed"]]
    monkeypatch.undo()
    assert len(sheets(api, "projects")["milestones"]) == 4


@pytest.mark.both_databases
@pytest.mark.usefixtures("database_in_a_file")
def test_writers_do_not_wait_for_a_file_and_nothing_stays_open(api: APIClient) -> None:
    ProjectFactory.create()
    for _time in range(2):
        file(api, "projects.xlsx")
        file(api, "projects.csv")
        assert not connection.in_atomic_block
        ProjectFactory.create()  # would be refused in a transaction that only reads
