"""The statements of requests: asked in this process and taken down, then run without our layers."""

import pickle
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, connections

from benchmarks.drawn.drawing import Request
from benchmarks.site import Site

READS = ("SELECT", "WITH")
MOST_PRINTED = 5  # statements of a request, the slowest
LENGTH = 600  # of a statement that is printed


@dataclass
class Taken:
    """The statements of one request, each with its parameters, and what each took in ms."""

    statements: list[tuple[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)


class InProcess:
    """The site in this process, which says what statements a request runs."""

    def __init__(self, token: str) -> None:
        settings.CACHE_MAX_BYTES = 0  # all comes from statements
        self.site = Site()
        self.signed_in = {"HTTP_AUTHORIZATION": f"Bearer {token}"}

    def ask(self, request: Request) -> Taken:
        """Ask a request, whatever is answered. Of a second page these are those of the first."""
        headers = self.signed_in if request.is_signed_in else {}
        with taking_down() as taken:
            response = self.site.answer(request.address, any_status=True, **headers)
            for _block in response:
                pass
            response.close()
        return taken


@contextmanager
def taking_down() -> Iterator[Taken]:
    """Take down the statements that Django runs within a block."""
    taken = Taken()

    def run(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if sql.lstrip(" (").upper().startswith(READS):
                taken.statements.append((sql, params))
                taken.times.append((perf_counter() - start) * 1000)

    with ExitStack() as stack:
        for each in connections.all():
            stack.enter_context(each.execute_wrapper(run))
        yield taken


def write_statements(path: Path, taken: Sequence[Taken]) -> None:
    """Keep statements for the server of raw SQL."""
    path.write_bytes(pickle.dumps([each.statements for each in taken]))


def run_raw(statements: Sequence[tuple[str, Any]]) -> tuple[bytes, list[float]]:
    """Run statements by psycopg or sqlite3, and write their rows by orjson; what each took in ms.

    On the connection that Django has made: so SQLite has our functions, and PostgreSQL binds
    parameters as it does for the ledger. Django has no part in what is run on it.
    """
    connection.ensure_connection()
    made: Any = connection.connection
    bodies, times = [], []
    for sql, params in statements:
        if connection.vendor == "sqlite" and params is not None:
            sql = sql % tuple("?" * len(params))
        arguments = [] if params is None else [params]
        start = perf_counter()
        rows = made.execute(sql, *arguments).fetchall()
        bodies.append(orjson.dumps([tuple(row) for row in rows], default=str))
        times.append((perf_counter() - start) * 1000)
    return b"\n".join(bodies), times


def list_slowest(requests: Sequence[tuple[float, Request]], inside: InProcess) -> list[str]:
    """Lines about requests and their seconds, each with its statements in this process."""
    lines = []
    for seconds, request in requests:
        lines.append(f"{seconds * 1000:>8,.0f} ms  {request.kind}: {request}")
        taken = inside.ask(request)
        run = sorted(zip(taken.times, taken.statements, strict=True), key=lambda each: -each[0])
        lines += [f"{time:>12,.1f}  {shorten(sql)}" for time, (sql, _params) in run[:MOST_PRINTED]]
        lines.append(f"{sum(taken.times):>12,.1f}  in all {len(run)} statements")
    return lines


def shorten(sql: str) -> str:
    """A statement without the names of its columns and its many values."""
    told = re.sub(r"^SELECT .*? FROM ", "SELECT … FROM ", " ".join(sql.split()))
    return re.sub(r"%s(, %s)+", "%s …", told).replace('"', "")[:LENGTH]
