"""All that a ledger does, through all that stands before it, while parts fail: F28, F29, F32."""

import os
import re
import signal
import threading
import time
from pathlib import Path

from tests.contract.servers import Server, environment, serving
from tests.faults.conftest import Told
from tests.faults.ledgers import (
    FILE,
    GIVEN,
    LIST,
    READS,
    SOURCES,
    Load,
    asking,
    send_file,
    sheet,
    workers_of,
)
from tests.faults.poolers import pooling
from tests.faults.test_processes import nginx
from tests.paths import DOCS
from tests.postgres import Cluster

MINUTES = float(os.environ.get("LOAD_MINUTES", "2"))
ROWS = 2000  # of the import


def write_on(server: Server, load: Load) -> None:
    """Write rows one after the other, and note how each was answered."""
    number = 0
    while not load.is_over:
        number += 1
        begun = time.monotonic()
        try:
            body = {"code": f"load-{server.port}-{number}", "title": "A"}
            status = server.ask(SOURCES, "POST", body).status
        except OSError:
            status = 0
        load.note(SOURCES, status, begun)
        time.sleep(0.2)


def hurt(front: Server, server: Server, cluster: Cluster) -> int:
    """Import, kill a process and restart the database, each after a quarter of the time.

    Returns how the import was answered.
    """
    time.sleep(15 * MINUTES)
    imported = send_file(front, sheet("负载", ROWS), dry_run="false", park="demo-park-001").status
    time.sleep(15 * MINUTES)
    os.kill(workers_of(server)[0], signal.SIGKILL)
    time.sleep(15 * MINUTES)
    cluster.stop(signal.SIGINT)
    cluster.start()
    time.sleep(15 * MINUTES)
    return imported


def test_f28_mixed_work_through_nginx_and_pgbouncer(
    cluster: Cluster, session: str, folder: Path, told: Told
) -> None:
    writes = Load()
    with pooling(cluster, folder / "pooler") as pooler:
        given = GIVEN | {"DATABASE_URL": pooler.url, "PGBOUNCER": "true", "TRUSTED_PROXIES": "1"}
        del given["CACHE_MAX_BYTES"]  # as it is deployed
        variables = environment(folder / "var", **given, WEB_CONCURRENCY="2")
        with serving(variables, session) as server, nginx(server, folder / "nginx") as port:
            front = Server(port, server.log, session)
            writer = threading.Thread(target=write_on, args=(front, writes))
            with (
                asking(front, 3, *READS, f"{LIST}?q=demo", pause=0.05) as load,
                asking(front, 1, FILE, "/", "/projects", pause=0.5) as heavy,
            ):
                writer.start()
                imported = hurt(front, server, cluster)
                writes.is_over = True
                writer.join()
    everything = Load([*load.answers, *heavy.answers, *writes.answers])
    bad = everything.bad()
    counted = {status: bad.count(status) for status in sorted({*bad})}
    outcome = (
        f"{MINUTES:.0f} min, {len(everything.answers)} requests, bad: {counted or 'none'}; "
        f"p99 of reads {load.percentile(0.99):.2f} s, of writes {writes.percentile(0.99):.2f} s"
    )
    what = "reads, writes, files, an import; a process killed, the database restarted"
    told("F28", what, outcome, "no 5xx but 503, and one 502 for the write that was cut off")
    assert imported in (200, 201)
    assert {*bad} <= {502, 503}, [load.failed, heavy.failed, writes.failed]
    assert 502 not in {*load.bad(), *heavy.bad()}  # reads are asked again
    assert bad.count(502) <= 1


def test_f29_a_process_that_has_grown_is_replaced(
    on_postgresql: dict[str, str], session: str, told: Told
) -> None:
    # Whatever they hold is more than that: each answer is the last of its process
    with serving(on_postgresql | {"WORKER_MAX_BYTES": "1"}, session) as server:
        before = {*workers_of(server)}
        with asking(server, 2, LIST, SOURCES) as load:
            time.sleep(10)
        after = {*workers_of(server)}
    outcome = f"{len(load.bad())} of {len(load.answers)} bad"
    told("F29", "processes replaced after each answer, 2 clients", outcome, "none bad")
    assert before & after == set()
    assert load.bad() == []


def test_f32_one_of_two_machines_is_away(
    cluster: Cluster, session: str, folder: Path, told: Told
) -> None:
    page = (DOCS / "how-to" / "more-machines.md").read_text(encoding="utf-8")
    printed = re.findall(r"^    (server 10\.0\.0\.\d:8000;)$", page, re.MULTILINE)
    (folder / "one").mkdir()
    (folder / "two").mkdir()
    writes = Load()

    def machine(name: str) -> dict[str, str]:
        given = GIVEN | {"DATABASE_URL": cluster.url, "TRUSTED_PROXIES": "1"}
        return environment(folder / name, **given)

    with serving(machine("one"), session) as one, serving(machine("two"), session) as two:
        other = printed[1].replace("10.0.0.4:8000", f"127.0.0.1:{two.port}")
        with nginx(one, folder, other) as port:
            front = Server(port, one.log, session)
            writer = threading.Thread(target=write_on, args=(front, writes))
            with asking(front, 3, *READS, "/projects", pause=0.05) as load:
                writer.start()
                time.sleep(4)
                assert two.process
                two.process.terminate()
                two.process.wait()
                time.sleep(15)
                writes.is_over = True
                writer.join()
        served = {
            name: len(re.findall(r'" 20[01] ', each.log.read_text()))
            for name, each in (("one", one), ("two", two))
        }
    lost = writes.bad()
    outcome = f"{len(load.bad())} of {len(load.answers)} reads bad, writes bad: {lost or 'none'}"
    told("F32", "one of two machines stopped under readers and a writer", outcome, "no read bad")
    assert min(served.values()) > 20, served
    assert load.bad() == []
    assert lost in ([], [502], [502, 502])
