"""The PgBouncer that is shipped, in front of a cluster, or of the one that took its place."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contract.servers import environment, run
from tests.faults.ledgers import GIVEN
from tests.paths import ROOT
from tests.postgres import Cluster, as_user, give

ROLE = "ledger_application"


class Pooler:
    """A PgBouncer that runs, and the address at which the application's role reaches it."""

    def __init__(self, cluster: Cluster, folder: Path) -> None:
        self.folder, self.user = folder, cluster.user
        self.password = folder / "password"
        self.password.write_text("a-password-of-the-tests", encoding="ascii")
        owner = environment(folder, **GIVEN, DATABASE_URL=cluster.url)
        run(["manage.py", "protect_history", ROLE, "--password-file", str(self.password)], owner)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.url = f"postgres://{ROLE}:{self.password.read_text()}@127.0.0.1:{self.port}/ledger"
        self.write(cluster)
        with (folder / "pgbouncer.log").open("wb") as log:
            command = ["/usr/sbin/pgbouncer", folder / "park-ledger.ini"]
            self.process = subprocess.Popen(command, stderr=log, stdout=log, **as_user(self.user))

    def write(self, cluster: Cluster) -> None:
        """Write its settings: that it stands in front of this cluster."""
        script = ["sh", "deploy/pgbouncer.sh", "--write", self.folder, self.password, "127.0.0.1"]
        subprocess.run(script, cwd=ROOT, check=True)
        settings = self.folder / "park-ledger.ini"
        text = settings.read_text(encoding="utf-8").replace("port=5432", f"port={cluster.port}")
        settings.write_text(text.replace("listen_port = 6432", f"listen_port = {self.port}"))
        give(self.folder, self.user)

    def follow(self, cluster: Cluster) -> None:
        """Stand in front of another cluster from now on, as `systemctl reload pgbouncer` does."""
        self.write(cluster)
        self.process.send_signal(signal.SIGHUP)


@contextmanager
def pooling(cluster: Cluster, folder: Path) -> Iterator[Pooler]:
    """A PgBouncer in front of a cluster until the block ends."""
    pooler = Pooler(cluster, folder)
    try:
        yield pooler
    finally:
        pooler.process.terminate()
        pooler.process.wait(timeout=30)
