"""A standby that lags, is killed and comes back; a primary killed in writes: F10, F26, F27, F31."""

import json
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.contract.servers import Answer, Server, environment, serving
from tests.faults.conftest import Told
from tests.faults.ledgers import FILE, GIVEN, LIST, READS, SOURCES, asking, count_projects
from tests.faults.poolers import pooling
from tests.paths import DOCS, ROOT
from tests.postgres import Cluster, Standby, following

ROUNDS = 60
# Acknowledged is what the standby has, too, wherever the machine is lost
SYNCHRONOUS = ("synchronous_commit=on", "synchronous_standby_names=*")
IN_USE = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = 'ledger' "
    "AND query LIKE '%projects_%' AND pid <> pg_backend_pid() AND query_start > '{}'"
)


@pytest.fixture
def standby(cluster: Cluster) -> Iterator[Standby]:
    with following(cluster) as made:
        made.wait_for(cluster)
        yield made


@pytest.fixture
def reading_server(
    on_postgresql: dict[str, str], standby: Standby, session: str
) -> Iterator[Server]:
    """A server that reads from the standby, and must never have answered 500."""
    given = {"DATABASE_REPLICA_URLS": standby.url}
    with serving(on_postgresql | given, session) as running:
        yield running
    failed = re.findall(r'.*" 500 \d+ bytes.*', running.log.read_text(errors="replace"))
    assert failed == []


def is_read(standby: Standby, server: Server) -> bool:
    """Whether the standby answers questions of the server."""
    ((now,),) = standby.execute("SELECT clock_timestamp()::text")
    for number in range(6):
        assert server.ask(f"{LIST}?limit={number + 1}").status == 200
    return standby.execute(IN_USE.format(now))[0][0] > 0


def write_and_read(server: Server, name: str, rounds: int) -> int:
    """Write a row and read it, its list and a file at once, again and again; counts the missed."""
    missed = 0
    for number in range(rounds):
        code = f"{name}-{number}"
        assert server.ask(SOURCES, "POST", {"code": code, "title": "A"}).status == 201
        listed = json.loads(server.ask(f"{SOURCES}?code={code}").body)["results"]
        missed += server.ask(f"{SOURCES}/{code}").status != 200 or len(listed) != 1
    return missed


def test_f26_a_standby_that_lags_is_not_read(
    cluster: Cluster, standby: Standby, reading_server: Server, told: Told
) -> None:
    server = reading_server
    assert is_read(standby, server)
    missed = write_and_read(server, "close", ROUNDS)
    standby.execute("SELECT pg_wal_replay_pause()")
    missed += write_and_read(server, "paused", ROUNDS)
    assert not is_read(standby, server)
    assert server.ask("/readyz").body == b"ready\n"  # behind, but not for long
    standby.execute("SELECT pg_wal_replay_resume()")
    standby.wait_for(cluster)
    is_back = is_read(standby, server)
    told(
        "F26",
        "rows written and read at once, the standby's replay paused in half of it",
        f"{missed} of {2 * ROUNDS} missed; read again once it had caught up: {is_back}",
        "0 missed",
    )
    assert missed == 0
    assert is_back


def test_f27_a_standby_is_killed_under_readers(
    cluster: Cluster, standby: Standby, reading_server: Server, told: Told
) -> None:
    server = reading_server
    with asking(server, 4, *READS, "/projects", FILE) as load:
        time.sleep(4)
        standby.stop(signal.SIGKILL)
        time.sleep(6)
        assert server.ask("/readyz").body.startswith(b"degraded: ")
        standby.start()
        time.sleep(7)
    standby.wait_for(cluster)
    is_back = is_read(standby, server)
    outcome = f"{len(load.bad())} of {len(load.answers)} bad, worst {load.worst():.1f} s"
    told("F27", "a standby killed under 4 readers, started again", outcome, "none bad")
    assert load.bad() == []
    assert is_back


def write_on(
    server: Server, number: int, acknowledged: list[str], is_over: threading.Event
) -> None:
    """Write rows one after the other, and keep the codes of those that are acknowledged."""
    written = 0
    while not is_over.is_set():
        written += 1
        code = f"failover-{number}-{written}"
        try:
            answer: Answer | None = server.ask(SOURCES, "POST", {"code": code, "title": "A"})
        except (OSError, HTTPException):
            answer = None
        if answer is not None and answer.status == 201:
            acknowledged.append(code)
        else:
            time.sleep(0.05)


@contextmanager
def followed_at_once(cluster: Cluster) -> Iterator[Standby]:
    """A synchronous standby of the cluster, which runs on alone afterwards."""
    cluster.stop(signal.SIGINT)
    cluster.start()
    with ExitStack() as stack:
        stack.callback(cluster.start)  # for those that come after
        standby = stack.enter_context(following(cluster))
        cluster.stop(signal.SIGINT)
        cluster.start(*SYNCHRONOUS)
        yield standby


def fail_over(
    server: Server, cluster: Cluster, standby: Standby, then: Callable[[], None] = lambda: None
) -> str:
    """Kill the primary under four that write, promote, and do what is needed besides.

    Returns what was acknowledged and lost, and after how long something was written again.
    """
    is_over = threading.Event()
    acknowledged: list[list[str]] = [[] for _writer in range(4)]
    writers = [
        threading.Thread(target=write_on, args=(server, number, codes, is_over))
        for number, codes in enumerate(acknowledged)
    ]
    for writer in writers:
        writer.start()
    try:
        time.sleep(5)
        cluster.stop(signal.SIGKILL)
        before = sum(map(len, acknowledged))
        assert before > 0
        standby.execute("SELECT pg_promote()")
        promoted = time.monotonic()
        then()
        while sum(map(len, acknowledged)) <= before:
            assert time.monotonic() - promoted < 30
            time.sleep(0.01)
        back = time.monotonic() - promoted
        time.sleep(4)
    finally:
        is_over.set()
        for writer in writers:
            writer.join()
    kept = {code for (code,) in standby.execute("SELECT code FROM parks_source")}
    assert count_projects(server) > 0
    told_codes = [code for codes in acknowledged for code in codes]
    lost = [code for code in told_codes if code not in kept]
    assert lost == []
    assert back <= 5
    return (
        f"{len(lost)} of {len(told_codes)} acknowledged writes lost, written again after "
        f"{back:.1f} s, no restart"
    )


def test_f10_a_primary_is_killed_and_a_standby_promoted(
    cluster: Cluster, session: str, tmp_path: Path, told: Told
) -> None:
    with followed_at_once(cluster) as standby:
        hosts = f"127.0.0.1:{cluster.port},127.0.0.1:{standby.port}"
        found = cluster.url.replace(f"127.0.0.1:{cluster.port}", hosts)
        url = f"{found}?target_session_attrs=read-write"
        variables = environment(tmp_path, **GIVEN, DATABASE_URL=url, WEB_CONCURRENCY="2")
        with serving(variables, session) as server:
            outcome = fail_over(server, cluster, standby)
    what = "the primary killed in writes, its synchronous standby promoted"
    told("F10", what, outcome, "0 lost, ≤ 5 s after the promotion")


def test_f10b_the_same_through_a_pooler_that_is_told_where_the_primary_is(
    cluster: Cluster, session: str, folder: Path, told: Told
) -> None:
    with followed_at_once(cluster) as standby, pooling(cluster, folder / "pooler") as pooler:
        given = GIVEN | {"DATABASE_URL": pooler.url, "PGBOUNCER": "true"}
        variables = environment(folder / "var", **given, WEB_CONCURRENCY="2")
        with serving(variables, session) as server:
            outcome = fail_over(server, cluster, standby, lambda: pooler.follow(standby))
    what = "the same through PgBouncer, which is told where the new primary is"
    told("F10b", what, outcome, "0 lost, ≤ 5 s after the promotion")


@contextmanager
def copied_as_printed(cluster: Cluster) -> Iterator[Standby]:
    """A synchronous standby, made and waited for as more-machines.md prints it."""
    page = (DOCS / "how-to" / "more-machines.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^pg_basebackup (.*) -D \S+$", page, re.MULTILINE)
    (role,) = re.findall(r"`(CREATE ROLE replicator .*)\.\.\.'`", page)
    server = f"127.0.0.1 port={cluster.port} password=secret"
    given = re.findall(r"^(\w+) = '?([^'\n]*?)'?(?: +#.*)?$", page, re.MULTILINE)
    options = [f"{name}={value}" for name, value in given]
    assert len(options) == 3, options
    cluster.execute("DROP ROLE IF EXISTS replicator", f"{role}secret'")
    with ExitStack() as stack:
        stack.callback(cluster.start)  # for those that come after
        stack.callback(cluster.stop, signal.SIGINT)
        stack.callback(cluster.execute, "SELECT pg_drop_replication_slot('one')")
        copying = shlex.split(command.replace("10.0.0.1", server))
        with following(cluster, copying) as standby:
            cluster.stop(signal.SIGINT)
            cluster.start(*options)
            # A standby that lost its primary asks for it every five seconds
            deadline = time.monotonic() + 30
            while not cluster.execute(
                "SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'"
            ):
                assert time.monotonic() < deadline
                time.sleep(0.2)
            yield standby


def test_f31_the_synchronous_standby_is_away(
    cluster: Cluster, session: str, tmp_path: Path, told: Told
) -> None:
    variables = environment(tmp_path, **GIVEN, DATABASE_URL=cluster.url, WEB_CONCURRENCY="2")
    with copied_as_printed(cluster) as standby, serving(variables, session) as server:
        answers: list[Answer] = []
        health: list[float] = []
        is_over = threading.Event()

        def write(number: int) -> None:
            while not is_over.is_set():
                body = {"code": f"away-{number}-{time.monotonic_ns()}", "title": "A"}
                answers.append(server.ask(SOURCES, "POST", body))
                time.sleep(0.05)

        def look() -> None:
            while not is_over.is_set():
                health.append(server.ask("/healthz").seconds)
                time.sleep(0.2)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        threads.append(threading.Thread(target=look))
        for thread in threads:
            thread.start()
        time.sleep(3)
        assert {answer.status for answer in answers} == {201}
        standby.stop(signal.SIGINT)
        with asking(server, 4, *READS) as load:
            time.sleep(20)
            later = time.monotonic() - 12
            doctor = subprocess.run(
                [sys.executable, "manage.py", "doctor"],
                cwd=ROOT,
                env=variables,
                capture_output=True,
                text=True,
            )
            assert "ledger.E036: No standby follows" in doctor.stdout
        slow = [seconds for at, _status, seconds in load.answers if at > later and seconds > 2]
        away = len(answers)
        standby.start()
        time.sleep(12)
        is_over.set()
        for thread in threads:
            thread.join()
    refused = [answer for answer in answers[:away] if answer.status != 201]
    details = {answer.problem()["detail"].split(".")[0] for answer in refused}
    outcome = (
        f"{len(refused)} writes 503, worst {max(each.seconds for each in refused):.1f} s; "
        f"{len(load.answers)} reads, worst {load.worst():.1f} s; /healthz {max(health):.1f} s; "
        f"last write {answers[-1].status}"
    )
    told("F31", "the synchronous standby stopped under writers and readers", outcome, "in time")
    assert all(answer.is_unavailable and answer.seconds <= 7 for answer in refused)
    assert len(details) == 2, details
    assert (load.bad(), slow) == ([], [])
    assert max(load.worst(), max(health)) <= 6
    assert answers[-1].status == 201
