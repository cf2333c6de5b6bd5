"""Mixed work for a while, with processes killed and the database restarted in it: F25."""

import os
import signal
import time
from pathlib import Path

from tests.contract.servers import Server
from tests.faults.conftest import Told
from tests.faults.ledgers import FILE, READS, SOURCES, asking, workers_of
from tests.postgres import Cluster

MINUTES = float(os.environ.get("SOAK_MINUTES", "2"))
GROWTH = 1.1  # of memory, after a sixth of the time


def read_memory(server: Server) -> float:
    """Read what the processes hold together, in MB: shared pages are shared out among them."""
    rollups = [Path(f"/proc/{pid}/smaps_rollup").read_text() for pid in workers_of(server)]
    lines = [line for text in rollups for line in text.splitlines() if line.startswith("Pss:")]
    return sum(int(line.split()[1]) for line in lines) / 1024


def test_f25_a_soak(cluster: Cluster, server: Server, told: Told) -> None:
    until = time.monotonic() + 60 * MINUTES
    held: list[float] = []
    with (
        asking(server, 3, *READS, FILE) as load,
        asking(server, 1, "/api/v1/projects?q=demo", "/", "/projects", pause=0.2) as pages,
    ):
        number = 0
        while time.monotonic() < until:
            for _second in range(20):
                number += 1
                body = {"code": f"soak-{number}", "title": "A"}
                server.ask(SOURCES, "POST", body)
                time.sleep(1)
            held.append(read_memory(server))
            if len(held) % 3 == 1:  # each minute
                cluster.stop(signal.SIGINT)
                cluster.start()
    bad = load.bad() + pages.bad()
    asked = len(load.answers) + len(pages.answers)
    settled = held[len(held) // 6]
    outcome = (
        f"{MINUTES:.0f} min, {asked} requests, {len(bad)} asked to come back, "
        f"memory {settled:.0f} → {held[-1]:.0f} MB"
    )
    told("F25", "mixed work, the database restarted each minute", outcome, "≤ 10 % growth, no 500")
    assert {*bad} <= {503}
    assert held[-1] <= GROWTH * settled
