"""Measures the rows of the table of speed: reads, reads after writes, writes, floors, memory."""

import os
import random
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from statistics import median
from zipfile import ZipFile

import orjson

from benchmarks import servers
from benchmarks.bench import Bench
from benchmarks.clients import Client
from benchmarks.drawn import asking
from benchmarks.drawn.asking import Asked, Asker
from benchmarks.drawn.drawing import SHARES, Drawing, Request
from benchmarks.drawn.grammar import Values
from benchmarks.drawn.statements import InProcess, Taken, list_slowest, write_statements
from benchmarks.drawn.verdict import SLOWEST_ARE
from benchmarks.drawn.writing import Writer, Written
from benchmarks.results import find_quantile
from benchmarks.servers import Served

UNLIMITED = {"RATE_LIMIT_ANONYMOUS": "0", "RATE_LIMIT_ACCOUNT": "0"}
ONE = {**UNLIMITED, "WEB_CONCURRENCY": "1"}
AFTER_WRITES, AGAIN, PATCHES, POSTS, FLOORS = 100, 100, 3, 10, 100
SLOWEST = 10
LATEST = 5.0  # ms, or a tenth: what is asked again
UNSEEN = 1_000_003  # apart so are the seeds of what is asked beside the 600


@dataclass
class Trial:
    """One database being measured by drawn requests: by two servers of one process each.

    `shipped` is a server as it is shipped, for what many ask at once.
    """

    bench: Bench
    drawing: Drawing
    values: Values
    one: Asker
    other: Asker
    shipped: Asker
    asked: list[Asked] = field(default_factory=list)

    @cached_property
    def inside(self) -> InProcess:
        return InProcess(self.bench.token)

    def keep(self, fact: str, value: float, title: str, unit: str = "ms") -> None:
        self.bench.results.keep(f"drawn.{fact}", value, title, unit)

    def say(self, lines: Sequence[str]) -> None:
        for line in lines:
            self.bench.results.say(line)

    def keep_times(self, fact: str, title: str, times: Sequence[float]) -> None:
        """Keep the quantiles of seconds, in milliseconds; of nothing, none."""
        found = [second * 1000 for second in times]
        if not found:
            return
        self.keep(f"{fact}.p50", median(found), f"{title}: p50")
        for share in (0.95, 0.99):
            name = f"p{share * 100:.0f}"
            self.keep(f"{fact}.{name}", find_quantile(found, share), f"{title}: {name}")
        self.keep(f"{fact}.max", max(found), f"{title}: max")

    def draw(self, count: int, seed: int, kinds: Sequence[str] = ()) -> list[Request]:
        """Draw requests beside the 600, of any kind or of these in turn."""
        drawing = self.drawing.again(seed)
        if not kinds:
            return drawing.draw(count)
        return [drawing.draw_one(kinds[place % len(kinds)]) for place in range(count)]


def measure_first_answers(trial: Trial) -> None:
    """Ask a process that has just started one request of each kind; twice, others each time."""
    found = []
    for turn in range(2):
        with serving_one() as server:
            asker = Asker(server, trial.bench.token)
            kinds = [*SHARES]
            random.Random(turn).shuffle(kinds)  # noqa: S311 nothing secret
            found += asker.ask_all(trial.draw(len(kinds), turn + 11, kinds))
    trial.say(asking.write_table("a process's first answer of each kind", found))
    trial.keep_times("first", "first answer of each kind", [each.seconds for each in found])


def measure_reads(trial: Trial) -> None:
    """Ask the 600 once each, of a process that has answered others before."""
    trial.one.ask_all(trial.draw(120, UNSEEN))
    trial.other.ask_all(trial.draw(60, UNSEEN))
    trial.asked = trial.one.ask_all(trial.drawing.draw())
    trial.say(asking.write_table("drawn reads, warm", trial.asked))
    trial.say(asking.list_wrong(trial.asked))
    past = [each for each in trial.asked if each.request.kind == "past"]
    present = [each for each in trial.asked if each.request.kind != "past"]
    trial.keep_times("reads", "drawn reads, warm", [each.seconds for each in present])
    trial.keep_times("past", "drawn reads of a past moment", [each.seconds for each in past])
    lists = [each.seconds for each in trial.asked if each.request.kind == "lists"]
    trial.keep_times("lists", "drawn lists", lists)
    refused = sum(each.is_refused for each in trial.asked)
    trial.keep("refused", refused, f"refused of {len(trial.asked)}", "")
    trial.keep("wrong", sum(each.is_wrong for each in trial.asked), "neither 200 nor refused", "")


def measure_slowest(trial: Trial) -> None:
    """Print the slowest of them with their statements.

    They are asked again in this process, which keeps neither answers nor columns.
    """
    slowest = sorted(trial.asked, key=lambda each: -each.seconds)[:SLOWEST]
    trial.say(["", f"the {SLOWEST}{SLOWEST_ARE}"])
    trial.say(list_slowest([(each.seconds, each.request) for each in slowest], trial.inside))


def measure_again(trial: Trial) -> None:
    """Ask some of them twice more: the second time at once after the first."""
    shares = []
    for before in trial.asked[:: max(len(trial.asked) // AGAIN, 1)]:
        if before.status == 200 and not before.request.is_second:
            trial.one.ask(before.request)
            again = trial.one.ask(before.request).seconds
            shares.append(again * 1000 / max(LATEST, before.seconds * 100))
    trial.keep("again", find_quantile(shares, 0.95), "asked again / 5 ms or a tenth: p95", "x")


def measure_floors(trial: Trial) -> None:
    """Compare drawn lists with their own statements, run by psycopg or sqlite3 with orjson.

    Over a connection to a server, as the lists themselves are asked.
    """
    some = [each for each in trial.asked if each.request.kind == "lists" and each.status == 200]
    some = [each for each in some if not each.request.is_second][:FLOORS]
    taken = [trial.inside.ask(each.request) for each in some]
    ratios, times = [], list[float]()
    with serving_raw(taken) as client:
        client.get("/statements?0")
        for place, each in enumerate(some):
            start = time.perf_counter()
            _status, headers, _body = client.send("GET", f"/statements?{place}")
            ratios.append(each.seconds / (time.perf_counter() - start))
            times += orjson.loads(headers["X-Times"])
    trial.keep("floor", median(ratios), "drawn lists / their own statements alone: p50", "x")
    trial.keep("statement", find_quantile(times, 0.95), "each statement of a page alone: p95")


def measure_after_writes(trial: Trial) -> None:
    """Ask before and right after a write by the other process; compare the answers of both."""
    writer = Writer(trial.other, trial.values, trial.drawing.seed)
    first, asked, stale, changed = [], list[Asked](), 0, 0
    for place, request in enumerate(trial.draw(AFTER_WRITES, UNSEEN + 1)):
        before = trial.one.ask(request)
        first.append(before.seconds)
        code = find_code(before)
        written = writer.patch_any(writer.fields[place % len(writer.fields)], code)
        if not written.is_taken:
            trial.say([f"not taken: {written.status} {written.what}: {written.told[:200]}"])
        after, theirs = trial.one.ask(request), trial.other.ask(request)
        asked.append(after)
        if {after.status, theirs.status} == {request.status}:
            own = name_alike(after.body, trial.one)
            changed += own != name_alike(before.body, trial.one)
            if own != name_alike(theirs.body, trial.other):
                stale += 1
                trial.say([f"stale after {written.what} of {code}: {request}"])
    trial.say(asking.write_table("right after a write by another process", asked))
    trial.keep_times("before", "the same before the write", first)
    trial.keep_times("after", "right after a write", [each.seconds for each in asked])
    refused = sum(each.is_refused for each in asked)
    trial.keep("after.refused", refused, "refused right after a write", "")
    trial.keep("stale", stale, f"stale of {len(asked)}, of which writes changed {changed}", "")


def find_code(asked: Asked) -> str | None:
    """The code of a project that an answer shows; a write to it changes the answer."""
    if asked.status == 200 and re.match(r"/api/v1/projects(\?|$)", asked.request.address):
        rows = orjson.loads(asked.body)["results"]
        return next((row["code"] for row in rows if "code" in row), None)
    return None


def name_alike(body: bytes, asker: Asker) -> bytes:
    """Return an answer without what a server or a request alone has: ports, keys, id, moment."""
    if body.startswith(b"PK"):
        with ZipFile(BytesIO(body)) as book:
            body = b"".join(map(book.read, book.namelist()))
    body = re.sub(rf"(:|%3A){asker.server.port}".encode(), b"", body)
    body = re.sub(rb"as of [\d-]+ [\d:]+|as_of=[\d-]+T[\d:]+Z", b"", body)  # of documents
    own = rb'(name="csrfmiddlewaretoken" value|nonce)="[^"]*"|"request_id":"[^"]*"'
    return re.sub(own, b"", body)


def measure_edits(trial: Trial) -> None:
    """Write each editable field some times, projects with children, and each row below them."""
    writer = Writer(trial.one, trial.values, trial.drawing.seed + 1)
    written: list[Written] = []
    for field_name in writer.fields * PATCHES:
        written.append(writer.patch_any(field_name))
    for _each in range(POSTS):
        made, code = writer.post_project()
        written += [made, *(writer.post_below(code) if code else ())]
    taken = [each for each in written if each.is_taken or each.status == asking.REFUSED]
    for each in written:
        if not each.is_taken:
            trial.say([f"not taken: {each.status} {each.what}: {each.told[:200]}"])
    by_name: dict[str, list[float]] = {}
    for each in taken:
        by_name.setdefault(each.what, []).append(each.seconds * 1000)
    slowest = sorted(by_name.items(), key=lambda item: -max(item[1]))[:SLOWEST]
    trial.say(["", "| the slowest writes | p50 | max |", "|---|---:|---:|"])
    trial.say([f"| {name} | {median(ms):,.0f} | {max(ms):,.0f} |" for name, ms in slowest])
    trial.keep_times("write", f"{len(taken)} writes", [each.seconds for each in taken])
    refused = sum(not each.is_taken for each in written)
    trial.keep("write.refused", refused, "writes that were not taken", "")


@contextmanager
def serving_one() -> Iterator[Served]:
    """The ledger in one process, otherwise as it is shipped."""
    with servers.serving(servers.LEDGER, **ONE) as server:
        yield server


@contextmanager
def serving_raw(taken: Sequence[Taken]) -> Iterator[Client]:
    """A client of a server that runs the statements of requests, without our layers."""
    path = Path(os.environ["VAR_DIR"]) / "statements.pickle"
    write_statements(path, taken)
    with servers.serving(servers.RAW_STATEMENTS, DRAWN_STATEMENTS=str(path)) as server:
        yield Client(server.port)
