"""PostgreSQL restarted, stopped, slow, locked and full of others: F2 to F5, F8, F9, F13, F15."""

import hashlib
import signal
import subprocess
import sys
import threading
import time
from base64 import b64decode
from contextlib import ExitStack, suppress

import psycopg

from tests.contract.servers import ROOT, Answer, Server, serving
from tests.faults.conftest import Told
from tests.faults.ledgers import FILE, LIST, READS, SOURCES, asking
from tests.postgres import Cluster

STATEMENT_SECONDS, POOL_SECONDS = 2, 2  # the defaults of settings
EXPORTS = 20
AWAY_SECONDS = 15  # long enough for those who wait longer each time to wait long


def test_f2_a_restart_under_load(cluster: Cluster, server: Server, told: Told) -> None:
    with asking(server, 4, *READS) as load:
        late = []
        for how in (signal.SIGINT, signal.SIGQUIT):  # fast, and as after a loss of power
            time.sleep(6)
            cluster.stop(how)
            cluster.start()
            up = time.monotonic()
            time.sleep(6)
            late += load.bad_after(up + 2)
    bad = load.bad()
    share = len(bad) / len(load.answers)
    outcome = f"{len(bad)} of {len(load.answers)} bad ({share:.1%}), worst {load.worst():.1f} s"
    told("F2", "PostgreSQL restarted twice under 4 clients", outcome, "≤ 0.5 % bad, none 500")
    assert {*bad} <= {503}
    assert share <= 0.005
    assert late == []


def test_f3_a_stopped_database(cluster: Cluster, server: Server, told: Told) -> None:
    asked: list[Answer] = []
    cluster.stop(signal.SIGINT)
    try:
        for target in (*READS, FILE):
            asked.append(server.ask(target))
        asked.append(server.ask(SOURCES, "POST", {"code": "lost", "title": "Lost"}))
        assert server.ask("/healthz").status == 200
        assert server.ask("/readyz").status == 503
        time.sleep(AWAY_SECONDS)
    finally:
        cluster.start()
    begun = time.monotonic()
    server.wait_until_well(LIST)
    back = time.monotonic() - begun
    worst = max(answer.seconds for answer in asked)
    told(
        "F3",
        "PostgreSQL stopped",
        f"503 after {worst:.1f} s at most, well again after {back:.1f} s",
        "503 ≤ 2.5 s with Retry-After, well ≤ 2 s",
    )
    assert all(answer.is_unavailable for answer in asked)
    assert worst <= 2.5
    assert back <= 2


def test_f4_a_pool_in_use(
    cluster: Cluster, on_postgresql: dict[str, str], session: str, told: Told
) -> None:
    small = on_postgresql | {
        "DATABASE_POOL_MAX": "2",
        "DATABASE_LOCK_TIMEOUT": "20",
        "DATABASE_STATEMENT_TIMEOUT": "20",
        "WEB_CONCURRENCY": "1",
    }
    with serving(small, session) as server, ExitStack() as stack:
        other = stack.enter_context(psycopg.connect(cluster.url))
        other.execute("LOCK TABLE parks_source IN ACCESS EXCLUSIVE MODE")
        stack.callback(other.rollback)
        waiting = [threading.Thread(target=server.ask, args=(SOURCES,)) for _number in range(2)]
        for thread in waiting:
            thread.start()
        time.sleep(1)
        third = server.ask("/api/v1/regions")
        lives = server.ask("/healthz").status
        other.rollback()
        for thread in waiting:
            thread.join()
    told(
        "F4",
        "all connections of the pool in use",
        f"{third.status} after {third.seconds:.2f} s, /healthz {lives}",
        "503 after the pool's 2 s, /healthz 200",
    )
    assert third.is_unavailable
    assert third.seconds <= POOL_SECONDS + 0.5
    assert lives == 200


def test_f5_a_slow_statement(cluster: Cluster, server: Server, told: Told) -> None:
    cluster.execute(
        "ALTER TABLE parks_source RENAME TO hidden",
        "CREATE VIEW parks_source AS SELECT hidden.* FROM hidden, pg_sleep(20)",
    )
    try:
        answer = server.ask(SOURCES)
    finally:
        cluster.execute("DROP VIEW parks_source", "ALTER TABLE hidden RENAME TO parks_source")
    outcome = f"{answer.status} after {answer.seconds:.2f} s"
    told("F5", "a statement of 20 s, limit 2 s", outcome, "503 ≤ limit + 0.3 s")
    assert answer.is_unavailable
    assert answer.seconds <= STATEMENT_SECONDS + 0.3


def test_f8_connections_cut_in_the_middle_of_files(
    cluster: Cluster, server: Server, told: Told
) -> None:
    is_over = threading.Event()

    def cut() -> None:
        while not is_over.wait(1.5):
            cluster.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )

    cutter = threading.Thread(target=cut)
    cutter.start()
    try:
        files = [server.ask(FILE) for _number in range(EXPORTS)]
    finally:
        is_over.set()
        cutter.join()
    whole = [answer for answer in files if answer.status == 200]
    short = [answer for answer in whole if not is_whole(answer)]
    outcome = f"{len(whole)} whole, {len(files) - len(whole)} refused, {len(short)} short"
    told("F8", f"backends killed during {EXPORTS} exports", outcome, "no file that is short")
    assert short == []
    assert all(answer.is_unavailable for answer in files if answer.status != 200)
    assert len(whole) < len(files)


def is_whole(answer: Answer) -> bool:
    """Whether a file has the digest that its head says."""
    said = answer.headers["repr-digest"].removeprefix("sha-256=:").rstrip(":")
    return hashlib.sha256(answer.body).digest() == b64decode(said)


def test_f9_no_transaction_stays_open_during_files(
    cluster: Cluster, server: Server, told: Told
) -> None:
    longest = 0.0
    with asking(server, 2, FILE, "/api/v1/projects.xlsx"):
        until = time.monotonic() + 8
        while time.monotonic() < until:
            rows = cluster.execute(
                "SELECT extract(epoch FROM clock_timestamp() - state_change)::float8 "
                "FROM pg_stat_activity WHERE state = 'idle in transaction'"
            )
            longest = max([longest, *(seconds for (seconds,) in rows)])
            time.sleep(0.05)
    outcome = f"idle in a transaction for {longest:.2f} s at most"
    told("F9", "files asked for by 2 clients", outcome, "no more than 1 s")
    assert longest <= 1


def test_f13_a_migration_behind_a_long_reader(
    cluster: Cluster, server: Server, on_postgresql: dict[str, str], told: Told
) -> None:
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "projects"]
    with psycopg.connect(cluster.url) as other:
        other.execute("SELECT count(*) FROM projects_project")
        back = subprocess.Popen([*command, "0005"], cwd=ROOT, env=on_postgresql)
        with asking(server, 2, LIST, pause=0.05) as load:
            time.sleep(8)
        assert back.poll() is None
    assert back.wait(timeout=120) == 0
    subprocess.run(command, cwd=ROOT, env=on_postgresql, check=True)
    outcome = f"{len(load.bad())} of {len(load.answers)} bad, worst {load.worst():.2f} s"
    told("F13", "a migration waits behind a reader", outcome, "readers wait ≤ 1.3 s, none refused")
    assert load.bad() == []
    assert load.worst() <= 1.3


def test_f15_more_connections_than_there_are(
    cluster: Cluster, on_postgresql: dict[str, str], session: str, told: Told
) -> None:
    with ExitStack() as others:
        with suppress(psycopg.OperationalError):
            while True:
                others.enter_context(psycopg.connect(cluster.url, autocommit=True))
        with serving(on_postgresql, session) as server:
            answer = server.ask(LIST)
            others.close()
            begun = time.monotonic()
            server.wait_until_well(LIST)
            back = time.monotonic() - begun
    outcome = f"{answer.status} after {answer.seconds:.2f} s, well {back:.1f} s after they left"
    told("F15", "max_connections used up by others", outcome, "503 ≤ 2.5 s, then 200")
    assert answer.is_unavailable
    assert answer.seconds <= 2.5
