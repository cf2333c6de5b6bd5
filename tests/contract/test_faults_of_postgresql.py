"""PostgreSQL locked or without tables: 503 with Retry-After and never 500; then all is well.

Where it is stopped, cut off, slow or full: `tests/faults`.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from api.problems.errors import is_unavailable
from tests.contract.servers import ROOT, Server, add_rows, environment, serving
from tests.postgres import Cluster, find_programs, stoppable_cluster
from tests.templates import BARE, copy_database, make_database

pytestmark = [pytest.mark.only_postgresql, pytest.mark.long("starts a server of its own")]

LIST = "/api/v1/sources"
ROW = "/api/v1/sources/report"
STATEMENT_SECONDS, LOCK_SECONDS, POOL_SECONDS = 3, 2, 1
POOL = 2
# What an answer may take beyond the limit that ended it, on a machine that is busy with tests.
GRACE = 1.5
CONNECTIONS = 8
SHOW_LIMITS = """
import {module}
import django
from django.db import connection
django.setup()
for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
    with connection.cursor() as cursor:
        cursor.execute("SHOW " + name)
        print(cursor.fetchone()[0])
"""


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with stoppable_cluster(find_programs()) as made:
        made.start(f"max_connections={CONNECTIONS}")
        template = make_database(BARE, made.url)
        with psycopg.connect(made.url, autocommit=True) as server:
            copy_database(server, template, "ledger")
        made.url = urlunsplit(urlsplit(made.url)._replace(path="/ledger"))
        yield made


@pytest.fixture(scope="module")
def server(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    variables = environment(
        tmp_path_factory.mktemp("server"),
        CACHE_MAX_BYTES="0",  # what is asked again is asked of the database
        DATABASE_URL=cluster.url,
        DATABASE_POOL_MAX=str(POOL),
        DATABASE_POOL_TIMEOUT=str(POOL_SECONDS),
        DATABASE_STATEMENT_TIMEOUT=str(STATEMENT_SECONDS),
        DATABASE_LOCK_TIMEOUT=str(LOCK_SECONDS),
    )
    session = add_rows(variables)
    with serving(variables, session) as running:
        yield running


@pytest.fixture(autouse=True)
def well_before_and_after(server: Server) -> Iterator[None]:
    server.wait_until_well(LIST)
    yield
    server.wait_until_well(LIST)
    log = server.log.read_text()
    assert " 500 " not in log, log


def test_waiting_for_somebody_elses_lock_is_ended(cluster: Cluster, server: Server) -> None:
    with psycopg.connect(cluster.url) as other:
        other.execute("SELECT * FROM parks_source FOR UPDATE")
        answer = server.ask(ROW, "PATCH", {"title": "Another"}, If_Match="*")
        assert answer.is_unavailable
        assert answer.seconds <= LOCK_SECONDS + GRACE
        assert server.ask(ROW).status == 200
    assert server.ask(ROW, "PATCH", {"title": "Another"}, If_Match="*").status == 200


def test_a_database_without_its_tables_is_not_ready(cluster: Cluster, server: Server) -> None:
    cluster.execute("ALTER TABLE parks_source RENAME TO hidden")
    try:
        assert server.ask(LIST).is_unavailable
    finally:
        cluster.execute("ALTER TABLE hidden RENAME TO parks_source")


def test_a_transaction_that_is_left_open_is_ended(cluster: Cluster) -> None:
    options = "-c idle_in_transaction_session_timeout=100"
    with psycopg.connect(cluster.url, options=options) as connection:
        connection.execute("SELECT 1")
        time.sleep(1)
        with pytest.raises(psycopg.Error) as caught:
            connection.execute("SELECT 1")
    assert is_unavailable(caught.value)


@pytest.mark.parametrize(
    ("module", "limits"), [("config.wsgi", ["3s", "2s", "10s"]), ("django", ["0", "0", "0"])]
)
def test_the_limits_are_those_of_requests_and_not_of_commands(
    cluster: Cluster, tmp_path: Path, module: str, limits: list[str]
) -> None:
    variables = environment(
        tmp_path,
        DJANGO_SETTINGS_MODULE="config.settings",
        DATABASE_URL=cluster.url,
        DATABASE_STATEMENT_TIMEOUT=str(STATEMENT_SECONDS),
        DATABASE_LOCK_TIMEOUT=str(LOCK_SECONDS),
    )
    done = subprocess.run(
        [sys.executable, "-c", SHOW_LIMITS.format(module=module)],
        cwd=ROOT,
        env=variables,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == limits, done.stderr


def test_a_file_may_take_longer_than_a_page(cluster: Cluster, server: Server) -> None:
    cluster.execute(
        "ALTER TABLE projects_project RENAME TO hidden",
        "CREATE VIEW projects_project AS "
        f"SELECT hidden.* FROM hidden, pg_sleep({STATEMENT_SECONDS + 1})",
    )
    try:
        assert server.ask("/api/v1/projects").is_unavailable
        assert server.ask("/api/v1/projects.csv").status == 200
        assert server.ask("/api/v1/projects").is_unavailable  # its limit is as before
    finally:
        cluster.execute(
            "DROP VIEW projects_project", "ALTER TABLE hidden RENAME TO projects_project"
        )
