"""Many write at once: F11, F12, F18, F19, F22."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.contract.servers import Server, serving
from tests.faults.conftest import Told
from tests.faults.ledgers import LIST, SOURCES, asking

PROJECT = f"{LIST}/fab"
CLIENTS, EDITS = 10, 6
CREATORS, CREATED = 12, 15
ROUNDS = 10


def at_once(count: int, job: Callable[[int], Any]) -> list[Any]:
    """Do a job so many times at once; what each gave."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(job, range(count)))


def add_one(server: Server) -> int:
    """Add one to the number in a project's note; how often others came before."""
    refused = 0
    while True:
        read = server.ask(PROJECT)
        note = str(int(json.loads(read.body)["note"] or 0) + 1)
        wrote = server.ask(PROJECT, "PATCH", {"note": note}, If_Match=read.headers["etag"])
        if wrote.status == 200:
            return refused
        assert wrote.status == 412, wrote
        refused += 1


def test_f11_no_edit_is_lost(server: Server, told: Told) -> None:
    server.ask(PROJECT, "PATCH", {"note": "0"}, If_Match="*")
    refused = sum(at_once(CLIENTS, lambda _number: sum(add_one(server) for _ in range(EDITS))))
    note = json.loads(server.ask(PROJECT).body)["note"]
    outcome = f"{note} of {CLIENTS * EDITS} there, {refused} told to read again"
    told("F11", f"{CLIENTS * EDITS} edits by {CLIENTS} clients of one project", outcome, "exact")
    assert note == str(CLIENTS * EDITS)


def test_f12_one_of_many_creates(server: Server, told: Told) -> None:
    body = {"title": "One of many"}
    codes = Counter(
        at_once(32, lambda _n: server.ask(f"{SOURCES}/once", "PUT", body, If_None_Match="*").status)
    )
    told(
        "F12",
        "32 PUT with If-None-Match: * at once",
        ", ".join(f"{count} times {status}" for status, count in sorted(codes.items())),
        "one 201, 31 times 412",
    )
    assert codes == {201: 1, 412: 31}


def create_sources(server: Server, prefix: str, writer: int) -> list[str]:
    """Create sources, one request each; the codes of those that were acknowledged."""
    made = []
    for number in range(CREATED):
        code = f"{prefix}-{writer}-{number}"
        if server.ask(SOURCES, "POST", {"code": code, "title": code}).status == 201:
            made.append(code)
        time.sleep(random.Random(number).random() / 50)  # noqa: S311 nothing secret
    return made


def follow(server: Server, after: str) -> tuple[list[str], str]:
    """Read the feed on to its end: the codes that were created, and the place."""
    seen = []
    while True:
        page = json.loads(server.ask(f"/api/v1/changes?after={after}").body)
        seen += [row["code"] for row in page["results"] if row["op"] == "create"]
        after = page["after"]
        if not page["has_more"]:
            return seen, after


def count_missed(server: Server, prefix: str) -> tuple[int, int, int]:
    """Follow the feed while many create: how many were created, missed and seen twice."""
    after = json.loads(server.ask("/api/v1/changes?after=latest").body)["after"]
    seen: list[str] = []
    with ThreadPoolExecutor(CREATORS) as pool:
        jobs = [pool.submit(create_sources, server, prefix, writer) for writer in range(CREATORS)]
        while not all(job.done() for job in jobs):
            more, after = follow(server, after)
            seen += more
    deadline = time.monotonic() + 10
    made = [code for job in jobs for code in job.result()]
    while len(seen) < len(made) and time.monotonic() < deadline:
        more, after = follow(server, after)
        seen += more
    return len(made), len({*made} - {*seen}), len(seen) - len({*seen})


def test_f18_the_feed_on_postgresql(server: Server, told: Told) -> None:
    made, missed, twice = count_missed(server, "feed")
    outcome = f"{made} created, {missed} missed, {twice} twice"
    told("F18", "the feed followed beside 12 writers", outcome, "0 missed, 0 twice")
    assert made == CREATORS * CREATED
    assert (missed, twice) == (0, 0)


def test_f18_the_feed_on_sqlite(on_sqlite: tuple[dict[str, str], str], told: Told) -> None:
    with serving(*on_sqlite) as server:
        made, missed, twice = count_missed(server, "feed")
    outcome = f"{made} created, {missed} missed, {twice} twice"
    told("F18b", "the same on SQLite", outcome, "0 missed, 0 twice")
    assert made
    assert (missed, twice) == (0, 0)


def test_f19_writers_and_readers_on_sqlite(
    on_sqlite: tuple[dict[str, str], str], told: Told
) -> None:
    def write(writer: int) -> list[tuple[int, float]]:
        answers = []
        until = time.monotonic() + 6
        while time.monotonic() < until:
            code = f"w-{writer}-{len(answers)}"
            answer = server.ask(SOURCES, "POST", {"code": code, "title": code})
            answers.append((answer.status, answer.seconds))
        return answers

    with serving(*on_sqlite) as server, asking(server, 2, LIST, SOURCES) as load:
        written = [answer for answers in at_once(6, write) for answer in answers]
    bad = [status for status, _seconds in written if status != 201] + load.bad()
    worst = max(seconds for _status, seconds in written)
    outcome = f"{len(written)} writes, {len(bad)} bad, worst {worst:.2f} s"
    told("F19", "6 writers and 2 readers on SQLite, 6 s", outcome, "none bad, worst ≤ 1 s")
    assert bad == []
    assert worst <= 1


def test_f22_the_same_rows_in_opposite_orders(server: Server, told: Told) -> None:
    listed = json.loads(server.ask(f"{LIST}?limit=40&fields=code").body)["results"]
    codes = [row["code"] for row in listed]

    def edit(number: int) -> int:
        order = codes if number % 2 else codes[::-1]
        rows = [{"code": code, "note": f"{number}"} for code in order]
        return server.ask(f"{LIST}/bulk?on_existing=update", "POST", {"projects": rows}).status

    statuses = Counter(status for _round in range(ROUNDS) for status in at_once(4, edit))
    outcome = ", ".join(f"{count} times {status}" for status, count in sorted(statuses.items()))
    told("F22", "bulk edits of the same rows in opposite orders", outcome, "no 500")
    assert statuses[200] > 0
    assert set(statuses) <= {200, 409, 412, 503}
