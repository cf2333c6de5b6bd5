"""A throw-away PostgreSQL: `python -m tests.postgres -- COMMAND` runs COMMAND with DATABASE_URL.

The server listens on a free loopback port, keeps its files in a temporary folder, and is gone
when COMMAND ends, whatever the way. As root it runs as an unprivileged user: PostgreSQL insists.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

import psycopg

from tests.templates import BARE, FOLDER, make_database, name_of, one_at_a_time

USAGE = "usage: python -m tests.postgres -- COMMAND [ARGUMENT...] | --find"
START_SECONDS = 60
POOL = {"DATABASE_POOL_MAX": "16"}  # each thread of a test keeps a connection
# Nothing here has to survive a crash of the machine. A vacuum would tell the planner that a table
# is empty which a test fills in its transaction: a question of it then takes half a minute.
SERVER_OPTIONS = (
    *("fsync=off", "full_page_writes=off", "synchronous_commit=off"),
    *("autovacuum=off", "jit=off"),  # nor is a plan of a few rows worth being compiled
)


def main(arguments: Sequence[str]) -> int:
    """`--find` prints the folder of PostgreSQL's programs, installing them if need be."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)  # so that the cluster is removed on the way out
    if list(arguments) == ["--find"]:
        print(find_programs())
        return 0
    if len(arguments) < 2 or arguments[0] != "--":
        raise SystemExit(USAGE)
    with cluster(find_programs()) as url:
        # A ledger on PostgreSQL makes no key for itself.
        key = {"SECRET_KEY": secrets.token_urlsafe(50)}
        return _run(arguments[1:], {**key, **os.environ, "DATABASE_URL": url, **POOL})


def _leave(number: int, _frame: object) -> NoReturn:
    raise SystemExit(128 + number)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` to its end and return its exit code."""
    # Ctrl-C interrupts the command as well: what it does then is waited for, from the first moment.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    child = subprocess.Popen(command, env=environment)
    try:
        code = child.wait()
        return code if code >= 0 else 128 - code
    finally:
        child.terminate()  # only if we are told to leave before it has ended
        child.wait()


# --- Finding the programs -------------------------------------------------------------------


def find_programs() -> Path:
    """The folder with `initdb` and `postgres`: the system's, else installed by apt."""
    if given := os.environ.get("PG_BINDIR"):
        if _has_programs(Path(given)):
            return Path(given)
        raise SystemExit(f"PG_BINDIR={given} holds no initdb and postgres; correct or unset it.")
    return _installed() or _from_debian() or _give_up()


def _has_programs(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres"))


def _installed() -> Path | None:
    on_path = shutil.which("initdb")
    folders = [Path(on_path).resolve().parent] if on_path else []
    # Debian and Red Hat keep the servers of several versions off the PATH.
    for pattern in ("lib/postgresql/*/bin", "pgsql-*/bin"):
        folders += sorted(Path("/usr").glob(pattern), key=_version, reverse=True)
    return next((folder for folder in folders if _has_programs(folder)), None)


def _version(folder: Path) -> int:
    digits = "".join(filter(str.isdigit, folder.parent.name))
    return int(digits or 0)


def _from_debian() -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    _say("Installing postgresql with apt-get ...")
    # Without this Debian would make and start a cluster of its own on port 5432.
    no_cluster = Path("/etc/postgresql-common/createcluster.d/throw-away.conf")
    no_cluster.parent.mkdir(parents=True, exist_ok=True)
    no_cluster.write_text("create_main_cluster = false\n", encoding="ascii")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        for step in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
            done = subprocess.run(
                ["apt-get", "-qq", *step], env=environment, stdout=subprocess.DEVNULL, check=False
            )
            if done.returncode:
                return None
    finally:
        no_cluster.unlink()
    return _installed()


def _give_up() -> NoReturn:
    raise SystemExit(
        "No PostgreSQL server found: install one (Debian: `sudo apt-get install postgresql`), "
        "or set PG_BINDIR to the folder that holds initdb."
    )


# --- The cluster ----------------------------------------------------------------------------


class Cluster:
    """A cluster in a folder of its own, whose server can be stopped and started again."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self.user = _unprivileged_user(folder)
        self.programs = programs
        self.server: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        kept = FOLDER / f"cluster_{name_of(BARE)}_{_version_of(self.programs)}"
        if kept.exists():
            shutil.copytree(kept, folder, dirs_exist_ok=True)
            give(folder, self.user)
        else:
            _initdb(self.programs, folder, self.user)
        password = (folder / "password").read_text(encoding="ascii")
        self.url = f"postgres://ledger:{password}@127.0.0.1:{self.port}/postgres"
        if not kept.exists():
            self._keep(kept)

    def _keep(self, kept: Path) -> None:
        """Make the template that nearly every test needs, and keep all for the next time."""
        self.start()
        make_database(BARE, self.url)
        self.stop(signal.SIGINT)
        with one_at_a_time("cluster"):
            if not kept.exists():
                for older in FOLDER.glob("cluster_*"):
                    shutil.rmtree(older)
                unfinished = FOLDER / "cluster_new"
                shutil.copytree(self.folder, unfinished, ignore=shutil.ignore_patterns("log"))
                unfinished.chmod(0o700)
                unfinished.rename(kept)

    def start(self, *options: str) -> None:
        """Start the server, with further options such as `max_connections=4`, and wait for it."""
        self.server = _start(self.programs, self.folder, self.user, self.port, options)
        _wait(self.server, self.url, self.folder / "log")

    def execute(self, *statements: str) -> Any:
        """Run statements beside whatever else runs; gives the rows of the last, if it has any."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                found = connection.execute(statement.encode())
            return found.fetchall() if found.description else None

    def stop(self, how: signal.Signals = signal.SIGQUIT) -> None:
        """Stop the server at once, as a crash would: nothing is kept that was not committed."""
        if self.server is not None:
            self.server.send_signal(how)
            self.server.wait()


class Standby(Cluster):
    """A hot standby of a running cluster, copied from it and following it by streaming."""

    def __init__(self, primary: Cluster, folder: Path, copying: Sequence[str] = ()) -> None:
        self.folder, self.user, self.programs = folder, primary.user, primary.programs
        self.server = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = primary.url.replace(f":{primary.port}/", f":{self.port}/")
        give(folder, self.user)
        options = copying or ["--write-recovery-conf", "--checkpoint=fast", "-d", primary.url]
        copied = [primary.programs / "pg_basebackup", "--no-sync", "-D", folder / "data", *options]
        subprocess.run(copied, check=True, **as_user(self.user))

    def wait_for(self, primary: Cluster) -> None:
        """Wait until it has replayed all that the primary has written by now."""
        ((position,),) = primary.execute("SELECT pg_current_wal_insert_lsn()::text")
        has_it = f"SELECT pg_last_wal_replay_lsn() >= '{position}'"
        deadline = time.monotonic() + START_SECONDS
        while not self.execute(has_it)[0][0]:
            assert time.monotonic() < deadline
            time.sleep(0.02)


@contextmanager
def stopping(prefix: str, make: Callable[[Path], Any]) -> Iterator[Any]:
    """A cluster that is made in a folder of its own; it stops and leaves no trace at the end."""
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    made = None
    try:
        made = make(folder)
        yield made
    finally:
        if made is not None:
            made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def following(primary: Cluster, copying: Sequence[str] = ()) -> Iterator[Standby]:
    """A running hot standby of a running cluster; every trace is removed at the end."""
    with stopping("ledger-standby-", partial(Standby, primary, copying=copying)) as standby:
        standby.start()
        yield standby


@contextmanager
def stoppable_cluster(programs: Path) -> Iterator[Cluster]:
    """A cluster whose server is not running yet; every trace is removed at the end."""
    with stopping("ledger-postgres-", partial(Cluster, programs)) as cluster:
        yield cluster


@contextmanager
def cluster(programs: Path) -> Iterator[str]:
    """A running cluster; yields its postgres:// address, and removes every trace at the end."""
    with stoppable_cluster(programs) as made:
        made.start()
        yield made.url


def _unprivileged_user(folder: Path) -> str | None:
    """The user to run PostgreSQL as, who then owns `folder`; None means the one we are."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    user = "postgres" if "postgres" in names else "nobody"
    shutil.chown(folder, user)
    return user


def as_user(user: str | None) -> dict[str, Any]:
    """Arguments for subprocess that drop every right of root, and what our shell has set."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    rights: dict[str, Any] = {"cwd": "/", "env": environment}
    if user is not None:
        rights |= {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    return rights


def give(folder: Path, user: str | None) -> None:
    """Let a user own a folder and all in it."""
    if user is not None:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, user)


def _version_of(programs: Path) -> str:
    """Such as "17.2"."""
    said = subprocess.check_output([programs / "postgres", "--version"], text=True)
    return said.split()[2]


def _initdb(programs: Path, folder: Path, user: str | None) -> None:
    """Make the cluster's files, and one with the password of its superuser `ledger`."""
    password = secrets.token_urlsafe(16)
    # Other users of this machine can reach the port: a password keeps them out.
    password_file = folder / "password"
    password_file.touch(mode=0o600)
    password_file.write_text(password, encoding="ascii")
    give(folder, user)
    command = [
        *(programs / "initdb", "-D", folder / "data", "-U", "ledger", "-E", "UTF8"),
        *("--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"),
    ]
    for locale in ("C.UTF-8", "C"):  # byte order, as in production; not every system has the first
        done = subprocess.run(
            [*command, f"--locale={locale}"],
            capture_output=True,
            text=True,
            check=False,
            **as_user(user),
        )
        if done.returncode == 0:
            return
    raise SystemExit(f"initdb failed: {done.stderr.strip()}")


def _start(
    programs: Path, folder: Path, user: str | None, port: int, more: Sequence[str]
) -> "subprocess.Popen[bytes]":
    # No Unix socket: the path to a temporary folder may be longer than a socket's may be.
    options = (*SERVER_OPTIONS, "listen_addresses=127.0.0.1", "unix_socket_directories=", *more)
    command = [programs / "postgres", "-D", folder / "data", "-p", str(port)]
    command += [part for option in options for part in ("-c", option)]
    with (folder / "log").open("ab") as log:
        # In a session of its own Ctrl-C does not reach it: the command still needs it to end.
        return subprocess.Popen(
            command, stdout=log, stderr=log, start_new_session=True, **as_user(user)
        )


def _wait(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    """Return as soon as the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"PostgreSQL did not start: {log.read_text(errors='replace').strip()}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
