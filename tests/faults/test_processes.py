"""Processes killed, reloaded, read slowly, unable to log: F1, F7, F16, F17, F21, F23, F24."""

import json
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

from tests.contract.servers import CSRF_TOKEN, GUNICORN, ROOT, Server, serving
from tests.faults.conftest import Told
from tests.faults.ledgers import (
    FILE,
    LIST,
    READS,
    SOURCES,
    asking,
    build_form,
    count_projects,
    send_file,
    sheet,
    turn_clock,
    workers_of,
)
from tests.postgres import Cluster

ROWS = 4000
OPTIONS = {"dry_run": "false", "park": "demo-park-001"}
SLOW_READERS = 50


def test_f1_processes_killed_in_an_import(cluster: Cluster, server: Server, told: Told) -> None:
    before = count_projects(server)
    sender = threading.Thread(target=send_quietly, args=(server, sheet("killed", ROWS)))
    sender.start()
    time.sleep(2)
    for pid in workers_of(server):
        os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    sender.join()
    server.wait_until_reached()
    back = time.monotonic() - killed
    after = count_projects(server)
    locks = cluster.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")[0][0]
    outcome = f"{after - before} rows of {ROWS} stored, {locks} locks, well after {back:.1f} s"
    told("F1", "all processes killed in an import", outcome, "0 rows, no lock, well ≤ 3 s")
    assert after == before
    assert locks == 0
    assert back <= 3


def send_quietly(server: Server, content: bytes) -> None:
    """Send an import whose answer may never come."""
    with suppress(OSError):
        send_file(server, content, **OPTIONS)


def test_f17_a_client_that_gives_up(server: Server, told: Told) -> None:
    content = sheet("given-up", ROWS)
    before = count_projects(server)
    body, kind = build_form(content, **OPTIONS)
    connection = HTTPConnection("127.0.0.1", server.port, timeout=1)
    head = {"Cookie": f"sessionid={server.session}; csrftoken={CSRF_TOKEN}"}
    connection.request(
        "POST", "/api/v1/imports", body, {**head, "X-CSRFToken": CSRF_TOKEN, "Content-Type": kind}
    )
    try:
        connection.getresponse()
    except TimeoutError:
        connection.close()
    until = time.monotonic() + 60
    while count_projects(server) == before and time.monotonic() < until:
        time.sleep(0.5)
    again = json.loads(send_file(server, content, **OPTIONS).body)
    same = again["counts"]["same"]
    stored = count_projects(server) - before
    outcome = f"{stored} of {ROWS} stored; sent again {same} are `same`"
    told("F17", "a client leaves an import after 1 s", outcome, "all stored; again all `same`")
    assert same == ROWS
    assert stored == ROWS


@contextmanager
def slow_readers(port: int, count: int, target: str) -> Iterator[None]:
    """Clients that ask for a file and take a few bytes of it now and then."""
    is_over = threading.Event()

    def read() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            while not is_over.wait(0.5):
                connection.recv(200)

    threads = [threading.Thread(target=read) for _number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        for thread in threads:
            thread.join()


@contextmanager
def nginx(server: Server, folder: Path, others: str = "") -> Iterator[int]:
    """The nginx that is shipped, in front of a server and others; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    text = (ROOT / "deploy/nginx/nginx.conf").read_text(encoding="utf-8")
    text = text.replace("server web:8000;", f"server 127.0.0.1:{server.port};{others}")
    text = text.replace("listen 8080;", f"listen 127.0.0.1:{port};").replace("/tmp/", f"{folder}/")
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = ["nginx", "-c", folder / "nginx.conf", "-g", "daemon off;"]
    with (folder / "nginx.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        time.sleep(1)
        assert process.poll() is None, (folder / "nginx.log").read_text()
        yield port
    finally:
        process.terminate()
        process.wait(timeout=30)


def measure_slow(server: Server, port: int) -> tuple[float, float, int]:
    """The 99th percentile of others without and with slow readers, and how many were bad."""
    front = Server(port, server.log)
    with asking(front, 2, LIST, SOURCES) as before:
        time.sleep(8)
    with slow_readers(port, SLOW_READERS, FILE):
        time.sleep(12)  # until all have their files before them
        with asking(front, 2, LIST, SOURCES) as beside:
            time.sleep(8)
    return before.percentile(0.99), beside.percentile(0.99), len(beside.bad())


def test_f7_slow_readers_direct(server: Server, told: Told) -> None:
    before, beside, bad = measure_slow(server, server.port)
    outcome = f"p99 {before:.2f} → {beside:.2f} s, {bad} bad"
    told("F7", f"{SLOW_READERS} slow readers of files, no proxy", outcome, "p99 ≤ 2x, none bad")
    assert bad == 0
    assert beside <= 2 * before


def test_f7_slow_readers_through_nginx(server: Server, tmp_path: Path, told: Told) -> None:
    with nginx(server, tmp_path) as port:
        before, beside, bad = measure_slow(server, port)
    outcome = f"p99 {before:.2f} → {beside:.2f} s, {bad} bad"
    told("F7b", "the same through the nginx that is shipped", outcome, "p99 ≤ 2x, none bad")
    assert bad == 0
    assert beside <= 2 * before


def test_f16_told_to_reload_and_to_leave(
    cluster: Cluster, on_postgresql: dict[str, str], session: str, told: Told
) -> None:
    with serving(on_postgresql, session) as server:
        with asking(server, 4, *READS) as load:
            for _time in range(3):
                time.sleep(1.5)
                server.process.send_signal(signal.SIGHUP)
            time.sleep(3)
        files: list[int] = []
        asked = threading.Thread(target=lambda: files.append(server.ask(FILE).status))
        asked.start()
        time.sleep(0.2)
        server.process.terminate()
        asked.join()
    outcome = f"{len(load.bad())} of {len(load.answers)} bad; the file: {files[0]}"
    told("F16", "3 HUP under 4 clients, TERM during a file", outcome, "none bad, 200")
    assert load.bad() == []
    assert files == [200]


def test_f23_a_log_that_cannot_be_written(
    cluster: Cluster, on_postgresql: dict[str, str], session: str, told: Told
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen(
            GUNICORN, cwd=ROOT, env=on_postgresql | {"PORT": str(port)}, stdout=full, stderr=full
        )
    server = Server(port, Path(os.devnull), session)
    try:
        server.wait_until_reached()
        answers = [server.ask(target).status for target in READS for _time in range(10)]
        answers.append(server.ask(SOURCES, "POST", {"code": "nolog", "title": "A"}).status)
        answers.append(server.ask(f"{LIST}?nonsense=1").status)
    finally:
        process.terminate()
        process.wait(timeout=60)
    outcome = f"{answers.count(200)} times 200, then {answers[-2]} and {answers[-1]}"
    told("F23", "a log on a full disk", outcome, "as ever: 200, 201, 400")
    assert answers == [200] * 40 + [201, 400]


def test_f24_a_shared_cache_that_is_gone(
    cluster: Cluster, on_postgresql: dict[str, str], session: str, told: Told
) -> None:
    gone = on_postgresql | {"CACHE_URL": "rediscache://127.0.0.1:1/0"}
    with serving(gone, session) as server:
        answers = [server.ask(target) for target in READS for _time in range(3)]
    outcome = f"{sum(answer.status == 200 for answer in answers)} of {len(answers)} answered"
    told("F24", "the shared cache of answers is away", outcome, "all answered, slower")
    assert all(answer.status == 200 for answer in answers)


def test_f21_a_clock_that_jumps(
    cluster: Cluster, on_postgresql: dict[str, str], tmp_path: Path, session: str, told: Told
) -> None:
    clock = tmp_path / "clock"
    jumping = turn_clock(on_postgresql, clock, "+0")
    codes = []
    with serving(jumping, session) as server:
        after = json.loads(server.ask("/api/v1/changes?after=latest").body)["after"]
        for number, offset in enumerate(("+0", "+1h", "-1h", "+0")):
            clock.write_text(f"{offset}\n", encoding="ascii")
            tag = server.ask(f"{LIST}/fab").headers["etag"]
            body = {"note": f"clock {number}"}
            codes.append(server.ask(f"{LIST}/fab", "PATCH", body, If_Match=tag).status)
        rows, is_left = [], True
        while is_left:
            page = json.loads(server.ask(f"/api/v1/changes?after={after}").body)
            rows += page["results"]
            after, is_left = page["after"], page["has_more"]
    seen = [row["version"] for row in rows if row["code"] == "fab"]
    outcome = f"edits {codes}, seen in the feed as versions {seen}"
    told("F21", "the clock jumps an hour on and two back", outcome, "no edit lost, feed in order")
    assert codes == [200] * 4
    assert len(seen) == 4
    assert seen == sorted(seen)
