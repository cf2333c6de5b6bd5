"""Asks a server what was drawn, and measures the time on the clock and of its processes."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import orjson

from benchmarks.clients import Client
from benchmarks.drawn.drawing import Request
from benchmarks.results import find_quantile
from benchmarks.servers import Served

REFUSED = 503
PROC = Path("/proc")


@dataclass
class Asked:
    """What came of one request: seconds by the clock, and of the server's processor."""

    request: Request
    seconds: float
    processor: float
    status: int
    body: bytes = b""

    @property
    def is_refused(self) -> bool:
        return self.status == REFUSED

    @property
    def is_wrong(self) -> bool:
        return not self.is_refused and self.status != self.request.status


class Asker:
    """One client of one server, which may sign in with a token."""

    def __init__(self, server: Served, token: str) -> None:
        self.server, self.client = server, Client(server.port)
        self.signed_in = {"Authorization": f"Bearer {token}"}

    def get(self, address: str, is_signed_in: bool = False) -> bytes:
        """Ask for something that is not measured."""
        return self.client.get(address, **(self.signed_in if is_signed_in else {}))

    def ask(self, request: Request) -> Asked:
        """Ask a request once; where a second page is wanted and there is one, that is measured."""
        asked = self.measure(request, request.address)
        has_next = request.is_second and asked.status == 200
        if has_next and (following := orjson.loads(asked.body).get("next")):
            return self.measure(request, re.sub(r"^https?://[^/]+", "", following))
        return asked

    def measure(self, request: Request, address: str) -> Asked:
        """Measure one answer."""
        headers = self.signed_in if request.is_signed_in else {}
        processor, start = read_processor(self.server.pid), perf_counter()
        status, _headers, body = self.client.send("GET", address, **headers)
        seconds = perf_counter() - start
        used = read_processor(self.server.pid) - processor
        return Asked(request, seconds, used, status, body)

    def ask_all(self, requests: Iterable[Request]) -> list[Asked]:
        """Ask requests one after the other; their bodies are not kept."""
        found = []
        for request in requests:
            asked = self.ask(request)
            asked.body = asked.body if asked.is_wrong else b""
            found.append(asked)
        return found

    def write(
        self, method: str, path: str, body: object, **headers: str
    ) -> tuple[int, float, bytes]:
        """Write something; the status, the seconds, and the answer. Without If-Match, by force."""
        sent = {**self.signed_in, "Content_Type": "application/json", **headers}
        start = perf_counter()
        status, _headers, told = self.client.send(method, path, orjson.dumps(body), **sent)
        return status, perf_counter() - start, told


def list_processes(pid: int) -> list[int]:
    """The process and all below it."""
    found = [pid]
    with suppress(OSError):
        for task in (PROC / str(pid) / "task").iterdir():
            for child in (task / "children").read_text().split():
                found += list_processes(int(child))
    return found


def read_processor(pid: int) -> float:
    """Seconds of the processor that a server and its workers have used so far.

    Those of each thread by /proc/PID/task/TID/schedstat, in nanoseconds. What a database does in
    processes of its own is not among them; on SQLite the server does everything itself.
    """
    used = 0
    for process in list_processes(pid):
        with suppress(OSError):
            for task in (PROC / str(process) / "task").iterdir():
                used += int((task / "schedstat").read_text().split()[0])
    return used / 1e9


def read_memory(pid: int) -> tuple[float, int]:
    """Megabytes of a server's processes, without what is mapped of files, and their number."""
    kilobytes, processes = 0, list_processes(pid)
    for process in processes:
        with suppress(OSError):
            told = (PROC / str(process) / "smaps_rollup").read_text()
            kilobytes += int(re.search(r"Pss_Anon:\s*(\d+)", told)[1])
    return kilobytes / 1024, len(processes)


def write_table(title: str, asked: Sequence[Asked]) -> list[str]:
    """Lines of a table of milliseconds: all requests, and those of each kind."""
    kinds: dict[str, list[Asked]] = {}
    for each in asked:
        kinds.setdefault(each.request.kind, []).append(each)
    lines = [f"| {title} | number | p50 | p95 | p99 | max | processor p50 | refused | wrong |"]
    lines.append("|---" + "|---:" * 8 + "|")
    for kind, some in [*kinds.items(), ("**all**", [*asked])]:
        times = [each.seconds * 1000 for each in some]
        cells = [median(times), find_quantile(times, 0.95), find_quantile(times, 0.99), max(times)]
        cells.append(median(each.processor for each in some) * 1000)
        refused, wrong = sum(e.is_refused for e in some), sum(e.is_wrong for e in some)
        numbers = " | ".join(f"{cell:,.0f}" for cell in cells)
        lines.append(f"| {kind} | {len(some)} | {numbers} | {refused} | {wrong} |")
    return lines


def list_wrong(asked: Sequence[Asked]) -> list[str]:
    """Lines about answers that were neither refused nor expected: faults of drawing or ledger."""
    return [
        f"wrong: {e.status} instead of {e.request.status}: {e.request}: {e.body[:300].decode()}"
        for e in asked
        if e.is_wrong
    ]
