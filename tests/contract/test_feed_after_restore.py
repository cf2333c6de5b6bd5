"""A dump in a new cluster, whose transaction ids begin anew: readers of the feed go on."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from tests.contract.servers import Server, address_of_database, environment, serving
from tests.factories import UserFactory
from tests.postgres import Cluster, find_programs, stoppable_cluster

pytestmark = [pytest.mark.only_postgresql, pytest.mark.long("starts a server of its own")]

CHANGES = "/api/v1/changes"
SOURCES = "/api/v1/sources"


@pytest.fixture
def new_cluster() -> Iterator[Cluster]:
    with stoppable_cluster(find_programs()) as new:
        new.start()
        yield new


def add(server: Server, code: str) -> None:
    body = {"code": code, "title": f"Report {code}", "kind": "media"}
    assert server.ask(SOURCES, "POST", body).status == 201


def read(server: Server, after: str) -> tuple[list[tuple[int, str]], str]:
    answer: Any = json.loads(server.ask(f"{CHANGES}?after={after}").body)
    return [(row["number"], row["code"]) for row in answer["results"]], answer["after"]


def copy(old: str, new: str, file: Path) -> None:
    """Dump a database, and restore it into another one."""
    programs = find_programs()
    with file.open("wb") as dump:
        subprocess.run([programs / "pg_dump", "--no-owner", old], stdout=dump, check=True)
    with file.open("rb") as dump:
        restore = [programs / "psql", "--quiet", "--set=ON_ERROR_STOP=1", new]
        subprocess.run(restore, stdin=dump, stdout=subprocess.DEVNULL, check=True)


def check_cursor(session: str, old: dict[str, str], new: dict[str, str], file: Path) -> None:
    with serving(old, session) as server:
        _seen, after = read(server, "latest")
        add(server, "before-the-dump")
        seen, after = read(server, after)
        assert [code for _number, code in seen] == ["before-the-dump"]
        add(server, "not-read-yet")
    copy(old["DATABASE_URL"], new["DATABASE_URL"], file)
    with serving(new, session) as server:
        add(server, "after-the-restore")
        rest, after = read(server, after)
        assert [code for _number, code in rest] == ["not-read-yet", "after-the-restore"]
        assert rest[0][0] == seen[-1][0] + 1
        assert read(server, after) == ([], after)


@pytest.mark.django_db(transaction=True)
def test_a_cursor_is_good_in_a_restored_cluster_and_misses_nothing(
    new_cluster: Cluster, tmp_path: Path
) -> None:
    variables = environment(tmp_path, DATABASE_URL=address_of_database(tmp_path))
    with override_settings(SECRET_KEY=variables["SECRET_KEY"]):
        client = Client()
        client.force_login(UserFactory.create(superuser=True))
    session = client.cookies["sessionid"].value
    check_cursor(
        session, variables, {**variables, "DATABASE_URL": new_cluster.url}, tmp_path / "dump.sql"
    )
