"""Follow six named requests through the product: which files, functions and statements they pass.

Each is sent twice to a small ledger in a temporary SQLite database, and the second time counts:
what is built once in a process is not what a request passes. No two are equal, so no kept response
answers one.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

import django
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.test import Client

JSON = "application/json"
SHEET = "项目名称,园区,总投资（万元）\n第{n}厂,walked,{n}800\n"


class Passed(NamedTuple):
    """How much of the product a request passes: files, functions, and statements of SQL."""

    files: int
    functions: int
    statements: int


class Walk(NamedTuple):
    """A request; `send` sends it for the nth time and returns its response."""

    name: str
    meaning: str
    status: int
    send: Callable[[Client, int], Any]


def send_list(client: Client, n: int) -> Any:
    return client.get(f"/api/v1/projects?investment_min={n}亿")


def send_row(client: Client, n: int) -> Any:
    file = SimpleUploadedFile("sheet.csv", SHEET.format(n=n).encode(), "text/csv")
    fields = {"file": file, "dry_run": "false"}
    return client.post("/api/v1/imports", fields)


def send_unexplained(client: Client, n: int) -> Any:
    body = {"name_zh": f"甲{n}厂", "park": "walked", "standing": "suspended"}
    return client.post("/api/v1/projects", body, content_type=JSON)


def send_note(client: Client, n: int) -> Any:
    path, body = "/api/v1/projects/walked-project", {"note": f"第{n}次"}
    return client.patch(path, body, content_type=JSON, headers={"If-Match": "*"})


def send_page(client: Client, n: int) -> Any:
    return client.get(f"/projects?origin={('yrd', 'jjj')[n % 2]}")


def send_past(client: Client, n: int) -> Any:
    written = client.get("/api/v1/parks/walked").json()["updated_at"]
    moment = datetime.fromisoformat(written) + timedelta(milliseconds=n)
    question = {"group_by": "origin_province", "as_of": moment.isoformat()}
    return client.get("/api/v1/projects/summary", question)


WALKS = (
    Walk("list by amount", "GET projects?investment_min=, to JSON", 200, send_list),
    Walk("row of a sheet", "POST imports with one row, to a stored claim", 201, send_row),
    Walk("rule of a model", "POST projects that breaks a rule, to a 400", 400, send_unexplained),
    Walk("edit of a note", "PATCH projects/{code} of a note", 200, send_note),
    Walk("page of projects", "GET /projects?origin=", 200, send_page),
    Walk("summary in the past", "GET projects/summary?as_of=", 200, send_past),
)


@contextmanager
def prepare_site() -> Iterator[None]:
    """Set Django up with an empty temporary database."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "ENV_FILE": os.devnull,
            "DATABASE_URL": f"sqlite:///{folder}/walks.sqlite3",
            "VAR_DIR": folder,
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        django.setup()
        import_module("config.urls")
        yield


def measure_walks(root: Path, rooms: tuple[str, ...]) -> list[Passed]:
    """Send each request to a new ledger, and return what it passed; the site is prepared."""
    client = make_ledger()
    prefixes = tuple(f"{root / room}{os.sep}" for room in rooms)
    return [measure_walk(walk, client, prefixes) for walk in WALKS]


def make_ledger() -> Client:
    """Make a ledger with the vocabularies, a park and a project; return a superuser's client."""
    call_command("migrate", verbosity=0)
    call_command("load_fixtures", verbosity=0)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(get_user_model().objects.create_superuser("walker"))
    park = {"code": "walked", "name_zh": "走园", "region": "120115", "publication": "published"}
    project = {"code": "walked-project", "name_zh": "走厂", "park": "walked"}
    for path, body in (("parks", park), ("projects", project)):
        response = client.post(f"/api/v1/{path}", body, content_type=JSON)
        if response.status_code != 201:
            raise RuntimeError(f"POST {path}: {response.status_code} {response.content!r}")
    return client


def measure_walk(walk: Walk, client: Client, prefixes: tuple[str, ...]) -> Passed:
    for n in (3, 4):  # the first time warms up
        seen: set[CodeType] = set()
        with count_statements() as statements, watch_calls(seen):
            response = walk.send(client, n)
        if response.status_code != walk.status:
            raise RuntimeError(f"{walk.name}: {response.status_code} {response.content!r}")
    ours = {code for code in seen if code.co_filename.startswith(prefixes)}
    functions = {code for code in ours if not code.co_name.startswith("<")}
    return Passed(len({code.co_filename for code in ours}), len(functions), len(statements))


@contextmanager
def watch_calls(seen: set[CodeType]) -> Iterator[None]:
    """Note the code of every function called in this thread."""

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            seen.add(frame.f_code)

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


@contextmanager
def count_statements() -> Iterator[list[str]]:
    """Note each statement sent to a database, but for savepoints."""
    statements: list[str] = []

    def note(execute: Any, sql: str, *arguments: Any) -> Any:
        if "SAVEPOINT" not in sql:
            statements.append(sql)
        return execute(sql, *arguments)

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(note))
        yield statements
