"""The worker killed while it sends messages to several receivers: F33."""

import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.servers import ROOT, run
from tests.faults.conftest import Told
from tests.postgres import Cluster
from tests.receivers import Receiver, receiving

RECEIVERS, EVENTS, KILLS = 3, 8, 3
# Messages of a webhook for each address that is given, and the identities of what waits to be sent
QUEUE = """
import sys
import django
django.setup()
from django.contrib.auth.models import User
from config.database import history
from parks.models import Delivery, Subscription
payload = {"title": "t", "page": "/", "parks": [], "sections": []}
for address in sys.argv[2:]:
    row = Subscription(user=User.objects.get(username="ann"), name="n", channel="webhook")
    row.address = address
    row.save()
    for _number in range(int(sys.argv[1])):
        print(Delivery.add(row, "due", payload, history.read_clock()).event)
"""
# What a killed process had is due once its lease has ended: as if two minutes had passed
PASS = """
import django
django.setup()
from django.db.models import F
from parks.models import Delivery
Delivery.objects.exclude(due_at=None).update(due_at=F("due_at") - Delivery.LEASE)
"""
WAITING = """
import django
django.setup()
from parks.models import Delivery
print(Delivery.objects.filter(sent_at=None).count())
"""


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_f33_the_worker_killed_while_it_sends(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path, told: Told, database: str
) -> None:
    given = request.getfixturevalue(f"on_{database}")
    variables = given if database == "postgresql" else given[0]
    tasks = "clearsessions", "prune_changes", "verify_history", "write_messages"
    with ExitStack() as stack:
        receivers = [stack.enter_context(receiving()) for _number in range(RECEIVERS)]
        variables |= {
            "PUSH_ALLOWED_HOSTS": ",".join(receiver.host for receiver in receivers),
            "SITE_URL": "http://localhost",
            "WORK_SCHEDULE": ",".join(f"{task}=off" for task in tasks),
        }
        addresses = [receiver.url for receiver in receivers]
        queued = run(["-c", QUEUE, str(EVENTS), *addresses], variables).split()
        for receiver in receivers:
            receiver.pause = 0.2  # of each answer, in which the process is killed
        for number in range(1, KILLS + 1):
            came = number * RECEIVERS * EVENTS // (KILLS + 1)
            kill_worker(variables, tmp_path, receivers, came)
            run(["-c", PASS], variables)
        run(["manage.py", "work", "--once"], variables)
    found = [[headers["webhook-id"] for _path, headers, _body in r.came] for r in receivers]
    lost = {*queued} - {event for events in found for event in events}
    again = sum(len(events) - len({*events}) for events in found)
    waiting = int(run(["-c", WAITING], variables))
    outcome = f"{len(lost)} of {len(queued)} lost, {again} came twice as the same event"
    fault = "F33" if database == "postgresql" else "F33b"
    mark = "0 lost, none waits, each again at most as often as the process was killed"
    told(fault, f"the worker killed {KILLS} times while it sends ({database})", outcome, mark)
    assert (lost, waiting) == (set(), 0)
    assert [len({*events}) for events in found] == [EVENTS] * RECEIVERS
    assert again <= KILLS


def kill_worker(
    variables: dict[str, str], folder: Path, receivers: list[Receiver], came: int
) -> None:
    """Start the worker, and kill it once so many messages came."""
    with (folder / "work.log").open("ab") as log:
        worker = subprocess.Popen(
            [sys.executable, "manage.py", "work"], cwd=ROOT, env=variables, stdout=log, stderr=log
        )
    until = time.monotonic() + 120
    while sum(len(each.came) for each in receivers) < came and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
