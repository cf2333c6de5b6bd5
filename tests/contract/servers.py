"""The server as it is deployed, over a database of its own that a test may spoil."""

import io
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client, override_settings

from tests.paths import ROOT
from tests.seeded import address_of, loaded_fixtures, save_database

GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
# Rows to be read and changed, and the session of somebody who may write.
PREPARE = """
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
from tests.factories import ProjectFactory, SourceFactory
SourceFactory.create(code="report")
ProjectFactory.create(code="fab")
client = Client()
client.force_login(User.objects.create_superuser("ann"))
print(client.cookies["sessionid"].value)
"""
CSRF_TOKEN = "a" * 32


@dataclass(frozen=True)
class Answer:
    """What came back: headers by lower-case name, and how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def problem(self) -> Any:
        """The problem document, whose general promises are checked on the way."""
        assert self.headers["content-type"] == "application/problem+json", self
        document = json.loads(self.body)
        assert document["status"] == self.status
        assert document["request_id"] == self.headers["x-request-id"]
        return document

    @property
    def is_unavailable(self) -> bool:
        """Whether this is a 503 that says when to come back."""
        is_so = self.status == 503
        if is_so:
            assert self.problem()["type"] == "/problems/unavailable"
            assert int(self.headers["retry-after"]) >= 1
        return is_so


@dataclass
class Server:
    """A running server, and the session of a superuser at it."""

    port: int
    log: Path
    session: str = ""
    process: "subprocess.Popen[bytes] | None" = None

    def ask(self, target: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        """Send a request on a connection of its own; writes are signed in."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if method != "GET":
            sent["Cookie"] = f"sessionid={self.session}; csrftoken={CSRF_TOKEN}"
            sent = {"X-CSRFToken": CSRF_TOKEN, "Content-Type": "application/json"} | sent
        content = body if isinstance(body, bytes) else json.dumps(body) if body else None
        connection = HTTPConnection("127.0.0.1", self.port, timeout=90)
        begun = time.monotonic()
        try:
            connection.request(method, target, content, sent)
            response = connection.getresponse()
            answered = response.read()
        finally:
            connection.close()
        return Answer(
            response.status,
            {name.lower(): value for name, value in response.getheaders()},
            answered,
            time.monotonic() - begun,
        )

    def wait_until_reached(self) -> None:
        """Ask until anything is answered, which takes a moment after a start."""
        for _time in range(600):
            try:
                self.ask("/healthz")
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError(self.log.read_text())

    def wait_until_well(self, target: str) -> None:
        """Ask until it is answered with 200, without starting anything anew."""
        for _time in range(100):
            answer = self.ask(target)
            if answer.status == 200:
                return
            assert answer.is_unavailable
            time.sleep(0.1)
        raise AssertionError(self.log.read_text())


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """A server's environment, with everything that it writes in this folder.

    Like that of `make run`, it does not name the settings: the program has to do so.
    """
    basis = {
        "DATABASE_URL": "",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": secrets.token_urlsafe(50),
        "VAR_DIR": str(folder),
        "WEB_CONCURRENCY": "1",
    }
    inherited = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    return {**inherited, **basis, **variables}


def add_rows(variables: Mapping[str, str]) -> str:
    """Rows to be read and changed; returns the key of a superuser's session."""
    return run(["-c", PREPARE], variables)


def run(arguments: Sequence[str], variables: Mapping[str, str]) -> str:
    """What a program of ours prints."""
    named = {**variables, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=named, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@contextmanager
def serving_fixtures(blocker: Any, folder: Path) -> Iterator[tuple[Server, str]]:
    """A server over the shipped ledger with a superuser's session, and her token to write there.

    It is of the database that the tests run on: that database itself, or a copy where it is in
    memory. Requests are not counted. `blocker` is pytest-django's `django_db_blocker`.
    """
    given = environment(folder, RATE_LIMIT_ANONYMOUS="0", RATE_LIMIT_ACCOUNT="0")
    client = Client()
    with loaded_fixtures(blocker):
        with blocker.unblock():
            with override_settings(SECRET_KEY=given["SECRET_KEY"]):  # which signs the session
                client.force_login(User.objects.create_superuser("ann"))
            told = io.StringIO()
            call_command(
                "create_token", "ann", name="contract", scope="write", stdout=told, stderr=told
            )
            given["DATABASE_URL"] = address_of_database(folder)
        with serving(given, client.cookies[settings.SESSION_COOKIE_NAME].value) as server:
            yield server, told.getvalue().split()[0]


def address_of_database(folder: Path) -> str:
    """What DATABASE_URL says of the database of the tests; SQLite's is copied into the folder."""
    if connection.vendor == "sqlite":
        path = folder / "ledger.sqlite3"
        save_database(path)
        return f"sqlite:///{path}"
    address = address_of(connection.settings_dict["NAME"])
    connections.close_all()
    return address


@contextmanager
def serving(variables: Mapping[str, str], session: str = "") -> Iterator[Server]:
    """A running server with this environment, which ends in order with the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = Path(variables["VAR_DIR"]) / f"log-{port}"
    with log.open("wb") as file:
        process = subprocess.Popen(
            GUNICORN, cwd=ROOT, env={**variables, "PORT": str(port)}, stdout=file, stderr=file
        )
    server = Server(port, log, session, process)
    try:
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        code = process.wait(timeout=60)
    assert code == 0


def _wait(server: Server, process: "subprocess.Popen[bytes]") -> None:
    for _time in range(300):
        assert process.poll() is None, server.log.read_text()
        try:
            assert server.ask("/healthz").status == 200
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(server.log.read_text())
