"""Copy and restore a database by PostgreSQL's tools or SQLite's backup API."""

import gzip
import os
import pwd
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import psycopg
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from parks.backups.files import BackupError

_START_SECONDS = 60
# Roles belong to the cluster, not to the ledger; `protect_history` grants the rights again
_WITHOUT_ROLES = ("--no-owner", "--no-privileges")
_EMPTY = "SET lock_timeout = '10s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public"


def lift_limits() -> None:
    """Remove the time limits of requests from this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET idle_in_transaction_session_timeout = 0")


@contextmanager
def dump_postgresql() -> Iterator[BinaryIO]:
    """Open a dump, in pg_dump's custom format, of the snapshot of this connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (seen,) = cursor.fetchone()
    arguments = ("--format=custom", *_WITHOUT_ROLES, f"--snapshot={seen}")
    command, environment = _address("pg_dump", *arguments)
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(  # noqa: S603
            command, env=environment, stdout=subprocess.PIPE, stderr=errors
        ) as dumping:
            yield cast(BinaryIO, dumping.stdout)
        errors.seek(0)
        _check("pg_dump", dumping.returncode, errors.read())


def load_postgresql(path: Path) -> None:
    """Replace the contents of the database by a dump, in one transaction.

    The role must own the database, and then owns its tables and functions.
    """
    reading = [find_program("pg_restore"), *_WITHOUT_ROLES, "--file=-", str(path)]
    command, environment = _address(
        *("psql", "--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1"),
        # A dump has no statistics; without them queries take minutes instead of a second
        *("--single-transaction", f"--command={_EMPTY}", "--file=-", "--command=ANALYZE"),
    )
    with tempfile.TemporaryFile() as of_reader, tempfile.TemporaryFile() as of_writer:
        with (
            subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=of_reader) as reader,  # noqa: S603
            subprocess.Popen(  # noqa: S603
                command, env=environment, stdin=subprocess.PIPE, stderr=of_writer
            ) as writer,
        ):
            _pass_on(reader, writer)
        of_reader.seek(0)
        of_writer.seek(0)
        if writer.returncode > 0:  # negative if it was killed because the reader failed
            _check("psql", writer.returncode, of_writer.read())
        _check("pg_restore", reader.returncode, of_reader.read())


def _pass_on(reader: "subprocess.Popen[bytes]", writer: "subprocess.Popen[bytes]") -> None:
    # Copies the output of one program to another, which must not commit an incomplete one
    source, target = cast(BinaryIO, reader.stdout), cast(BinaryIO, writer.stdin)
    try:
        shutil.copyfileobj(source, target, 2**16)
        target.flush()
    except BrokenPipeError:
        writer.wait()
        reader.kill()
    if reader.wait() != 0:
        writer.kill()
    with suppress(BrokenPipeError):
        target.close()


def _address(program: str, *arguments: str) -> tuple[list[str], dict[str, str]]:
    # The password is passed in the environment only
    known, more = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    environment = {**os.environ, **(more or {})}
    return [find_program(program), *known[1:-1], *arguments, known[-1]], environment


def _check(program: str, code: int, output: bytes) -> None:
    if code:
        raise BackupError(f"{program}: {output.decode(errors='replace').strip() or code}")


def find_program(name: str) -> str:
    """Find a program of PostgreSQL: on the PATH, or the newest in Debian's folders."""

    def read_version(folder: Path) -> int:
        return int("".join(filter(str.isdigit, folder.parent.name)) or 0)

    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=read_version, reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), *map(str, folders)])
    found = shutil.which(name, path=path)
    if found is None:
        package = "postgresql" if name in ("initdb", "postgres") else "postgresql-client"
        text = _("%(name)s is not installed (Debian: apt-get install %(package)s).")
        raise BackupError(text % {"name": name, "package": package})
    return found


@contextmanager
def new_cluster() -> Iterator[str]:
    """Run a temporary, empty cluster on 127.0.0.1 with a password; yield its URL.

    Root runs it as `postgres`, since PostgreSQL refuses to run as root.
    """
    folder = Path(tempfile.mkdtemp(prefix="ledger-drill-"))
    user = _choose_user()
    password = secrets.token_urlsafe(24)
    server = None
    try:
        (folder / "password").write_text(password, encoding="ascii")
        for path in (folder, folder / "password"):
            if user:
                shutil.chown(path, user)
        _make_cluster(folder, user)
        server, port = _start(folder, user)
        url = f"postgres://ledger:{password}@127.0.0.1:{port}/postgres"
        _wait(server, url, folder / "log")
        yield url
    finally:
        if server is not None:
            server.send_signal(signal.SIGINT)  # ends sessions, and all with it
            server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _choose_user() -> str | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise BackupError(_("Root cannot run PostgreSQL: do it as another user.")) from None


def _run_as(user: str | None) -> dict[str, Any]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    rights: dict[str, Any] = {"cwd": "/", "env": mine}
    if user is not None:
        rights |= {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}
    return rights


def _make_cluster(folder: Path, user: str | None) -> None:
    command: Sequence[str] = (
        *(find_program("initdb"), "--pgdata", str(folder / "data"), "--username=ledger"),
        *("--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", "--no-sync"),
        f"--pwfile={folder / 'password'}",
    )
    done = subprocess.run(command, capture_output=True, check=False, **_run_as(user))  # noqa: S603
    _check("initdb", done.returncode, done.stderr)


def _start(folder: Path, user: str | None) -> "tuple[subprocess.Popen[bytes], int]":
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off")
    command = [find_program("postgres"), "-D", str(folder / "data"), "-p", str(port)]
    command += [part for each in settings for part in ("-c", each)]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, **_run_as(user))  # noqa: S603
    return server, port


def _wait(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise BackupError(f"postgres: {log.read_text(errors='replace').strip()}")


_COMPRESSION = 5


@contextmanager
def dump_sqlite() -> Iterator[BinaryIO]:
    """Open a compressed copy of the snapshot of this connection.

    All pages are copied in one step, since between steps others' writes would be copied, too.
    Readers and writers do not wait. The copy is kept beside the database.
    """
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=settings.VAR_DIR) as folder:
        plain = Path(folder, "copy.sqlite3")
        packed = plain.with_suffix(".gz")
        raw: Any = connection.connection
        with closing(sqlite3.connect(plain)) as copy:
            raw.backup(copy)
            check_copy(copy)
        with plain.open("rb") as source, gzip.open(packed, "wb", _COMPRESSION) as target:
            shutil.copyfileobj(source, target, 2**20)
        plain.unlink()
        with packed.open("rb") as reader:
            yield reader


def check_copy(copy: sqlite3.Connection) -> None:
    """Check the pages of a copy; raise `BackupError` if one is damaged."""
    try:
        (found,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        found = str(error)
    if found != "ok":
        raise BackupError(_("The copy is damaged: %(found)s") % {"found": found})


def load_sqlite(path: Path) -> None:
    """Replace the contents of the database by a copy, atomically.

    SQLite does it, so that its log is respected and open connections see the new state.
    """
    with closing(sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as copy:
        check_copy(copy)
        connection.ensure_connection()
        raw: Any = connection.connection
        try:
            copy.backup(raw)
        except sqlite3.Error as error:
            raise BackupError(f"{connection.settings_dict['NAME']}: {error}") from error
    connection.close()
