"""Ledgers of some thousand projects that are hurt, and clients that keep asking meanwhile."""

import json
import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from tests.contract.servers import Answer, Server, add_rows, run
from tests.postgres import Cluster
from tests.templates import BARE, copy_database, make_database

PROJECTS = int(os.environ.get("FAULT_PROJECTS", "3000"))
LIST = "/api/v1/projects"
SOURCES = "/api/v1/sources"
SUMMARY = "/api/v1/projects/summary?group_by=signed_year&measures=count"
FILE = "/api/v1/projects.csv"
READS = (LIST, SUMMARY, SOURCES, "/api/v1/parks")
GIVEN = {
    "CACHE_MAX_BYTES": "0",  # what is asked again is asked of the database
    "RATE_LIMIT_ACCOUNT": "0",
    "RATE_LIMIT_ANONYMOUS": "0",
    "SECRET_KEY": secrets.token_urlsafe(50),  # sessions are of one key
}
BOUNDARY = "a-boundary-of-the-tests"


def fill_cluster(cluster: Cluster, variables: dict[str, str]) -> str:
    """Fill a database of a running cluster; returns the key of a superuser's session."""
    template = make_database(BARE, cluster.url)
    with psycopg.connect(cluster.url, autocommit=True) as server:
        copy_database(server, template, "ledger")
    cluster.url = urlunsplit(urlsplit(cluster.url)._replace(path="/ledger"))
    return fill(variables | {"DATABASE_URL": cluster.url})


def fill(variables: dict[str, str]) -> str:
    """Add projects to a database that has its tables; returns the key of a superuser's session."""
    run(["manage.py", "load_fixtures", "--vocabularies-only", "--verbosity", "0"], variables)
    run(["manage.py", "make_demo", "--projects", str(PROJECTS), "--verbosity", "0"], variables)
    return add_rows(variables)


def turn_clock(variables: dict[str, str], file: Path, offset: str) -> dict[str, str]:
    """Give a process a clock of its own, by a file that says how far it is from the right time."""
    file.write_text(f"{offset}\n", encoding="ascii")
    return variables | {
        "LD_PRELOAD": str(next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


def build_form(content: bytes, **options: str) -> tuple[bytes, str]:
    """Build the body of an import, and its media type."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in options.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="projects.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    )
    body = "".join(parts).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
    return body, f"multipart/form-data; boundary={BOUNDARY}"


def send_file(server: Server, content: bytes, **options: str) -> Answer:
    """Send a spreadsheet to be imported."""
    body, kind = build_form(content, **options)
    return server.ask("/api/v1/imports", "POST", body, Content_Type=kind)


def sheet(name: str, rows: int) -> bytes:
    """A sheet of so many new projects."""
    lines = [f"{name}{number},{number / 100 + 1:.2f},2024" for number in range(rows)]
    return "\r\n".join(["项目名称,投资额（亿元）,签约日期", *lines, ""]).encode()


def count_projects(server: Server) -> int:
    """Count the projects, drafts included, exactly."""
    signed_in = server.ask(f"{LIST}?count=exact&limit=1", Cookie=f"sessionid={server.session}")
    return int(json.loads(signed_in.body)["count"])


@dataclass
class Load:
    """What was asked for, when it was answered, and how; 0 where no answer came."""

    answers: list[tuple[float, int, float]] = field(default_factory=list)
    failed: Counter[tuple[int, str]] = field(default_factory=Counter)
    is_over: bool = False

    def note(self, target: str, status: int, begun: float) -> None:
        """Note how a target was answered that was asked for at a moment."""
        now = time.monotonic()
        self.answers.append((now, status, now - begun))
        if status not in (200, 201):
            self.failed[status, target] += 1

    def bad(self) -> list[int]:
        """The codes of those that were not answered well."""
        return [status for _moment, status, _seconds in self.answers if status not in (200, 201)]

    def worst(self) -> float:
        """The longest time that an answer took, in seconds."""
        return max(seconds for _moment, _status, seconds in self.answers)

    def percentile(self, share: float) -> float:
        """The time within which this share of the answers came, in seconds."""
        times = sorted(seconds for _moment, _status, seconds in self.answers)
        return times[min(int(len(times) * share), len(times) - 1)]

    def bad_after(self, moment: float) -> list[int]:
        """The codes of bad answers to what was asked after a moment."""
        return [
            status
            for at, status, seconds in self.answers
            if at - seconds > moment and status not in (200, 201)
        ]


@contextmanager
def asking(server: Server, clients: int, *targets: str, pause: float = 0.0) -> Iterator[Load]:
    """Clients that ask for these, one after the other, until the block ends."""
    load = Load()

    def ask_on(number: int) -> None:
        while not load.is_over:
            target = targets[number % len(targets)]
            number += 1
            begun = time.monotonic()
            try:
                status = server.ask(target).status
            except (OSError, HTTPException):
                status = 0
            load.note(target, status, begun)
            time.sleep(pause)

    threads = [threading.Thread(target=ask_on, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.is_over = True
        for thread in threads:
            thread.join()


def workers_of(server: Server) -> list[int]:
    """The processes that serve: children of the one that listens, without the reader of files."""
    main = server.process.pid
    children = Path(f"/proc/{main}/task/{main}/children").read_text(encoding="ascii")
    commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children.split()}
    return [pid for pid, command in commands.items() if b"run_reader" not in command]
