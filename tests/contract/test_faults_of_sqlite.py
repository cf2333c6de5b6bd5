"""SQLite locked, full, slow or gone: 503 with Retry-After and never 500; then all is well again."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.contract.servers import (
    Answer,
    Server,
    add_rows,
    address_of_database,
    environment,
    serving,
)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.only_sqlite,
    pytest.mark.long("starts a server of its own"),
]

FILE = "ledger.sqlite3"
LIST = "/api/v1/sources"
ROW = "/api/v1/sources/report"
STATEMENT_SECONDS, LOCK_SECONDS = 1, 2
GRACE = 1.5  # what an answer may take beyond that, on a machine that is busy with tests
SLOW = (
    "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 1e12) "
    "SELECT count(*) AS numbers FROM number"
)


Prepared = tuple[Path, dict[str, str], str]


@pytest.fixture(scope="module")
def prepared(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    """A folder with a database, the environment of a server on it, and a superuser's session."""
    folder = tmp_path_factory.mktemp("prepared")
    variables = environment(
        folder,
        CACHE_MAX_BYTES="0",  # what is asked again is asked of the database
        DATABASE_STATEMENT_TIMEOUT=str(STATEMENT_SECONDS),
    )
    with django_db_blocker.unblock():
        assert address_of_database(folder).endswith(f"/{FILE}")
    return folder, variables, add_rows(variables)


def copied(prepared: Prepared, folder: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(prepared[0], folder / "var"))


@contextmanager
def serving_on(prepared: Prepared, folder: Path) -> Iterator[Server]:
    """A server on a copy, which must never answer with 500."""
    with serving(prepared[1] | {"VAR_DIR": str(folder)}, prepared[2]) as running:
        assert running.ask(LIST).status == 200
        yield running
    log = running.log.read_text()
    assert " 500 " not in log, log


@pytest.fixture(scope="module")
def folder(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(prepared, tmp_path_factory.mktemp("shared"))


@pytest.fixture(scope="module")
def server(prepared: Prepared, folder: Path) -> Iterator[Server]:
    """One for all tests that put right again what they spoil."""
    with serving_on(prepared, folder) as running:
        yield running


def new_source(server: Server, number: int = 0) -> Answer:
    return server.ask(LIST, "POST", {"code": f"new-{number}", "title": "A", "note": "x" * 2000})


def change(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / FILE, isolation_level=None)) as file:
        for statement in statements:
            file.execute(statement)


def test_a_locked_database_makes_writers_come_back_and_readers_go_on(
    server: Server, folder: Path
) -> None:
    other = sqlite3.connect(folder / FILE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    answer = new_source(server)
    assert answer.is_unavailable
    assert answer.seconds <= LOCK_SECONDS + GRACE
    assert server.ask(LIST).status == 200
    other.execute("ROLLBACK")
    other.close()
    assert new_source(server).status == 201


def test_a_full_disk_stops_writing_and_not_reading(prepared: Prepared, tmp_path: Path) -> None:
    folder = copied(prepared, tmp_path)
    path = folder / FILE
    reader = sqlite3.connect(path)
    (pages,) = reader.execute("PRAGMA page_count").fetchone()
    reader.close()
    command = quote(f"PRAGMA journal_mode=WAL; PRAGMA max_page_count={pages + 8}", safe="")
    variables = prepared[1] | {
        "DATABASE_URL": f"sqlite:///{path}?init_command={command}",
        "VAR_DIR": str(folder),
    }
    with serving(variables, prepared[2]) as server:
        answers = [new_source(server, number) for number in range(40)]
        full = [answer for answer in answers if answer.status != 201]
        assert full
        assert all(answer.is_unavailable for answer in full)
        assert server.ask(LIST).status == 200
    with serving(variables | {"DATABASE_URL": ""}, prepared[2]) as server:
        assert new_source(server, 40).status == 201


def test_a_slow_statement_is_ended(server: Server, folder: Path) -> None:
    change(
        folder,
        "PRAGMA legacy_alter_table=ON",
        "ALTER TABLE parks_source RENAME TO hidden",
        f"CREATE VIEW parks_source AS SELECT hidden.* FROM hidden, ({SLOW})",
    )
    answer = server.ask(LIST)
    assert answer.is_unavailable
    assert answer.seconds <= STATEMENT_SECONDS + GRACE
    change(
        folder,
        "PRAGMA legacy_alter_table=ON",
        "DROP VIEW parks_source",
        "ALTER TABLE hidden RENAME TO parks_source",
    )
    assert server.ask(LIST).status == 200


def test_a_folder_or_a_database_file_that_is_gone_is_no_500_and_no_empty_ledger(
    server: Server, folder: Path
) -> None:
    """The last of those that share a server, which has nothing to serve afterwards."""
    aside = folder.rename(folder.with_name("aside"))
    try:
        assert server.ask(LIST).is_unavailable
        assert server.ask("/readyz").status == 503
    finally:
        aside.rename(folder)
    assert server.ask(LIST).status == 200
    for path in folder.glob(f"{FILE}*"):
        path.unlink()
    assert server.ask(LIST).is_unavailable
    assert server.ask(ROW).is_unavailable
    assert server.ask("/readyz").status == 503
    assert server.ask("/healthz").status == 200
