"""Disks that are full, backups made while others write, and restored: F6, F14, F20."""

import shutil
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.contract.servers import Answer, Server, environment, run, serving
from tests.faults.conftest import Told
from tests.faults.ledgers import GIVEN, LIST, SOURCES, count_projects, send_file, sheet
from tests.postgres import Cluster, give

OPTIONS = {"dry_run": "false", "park": "demo-park-001"}
BACKUPS = 20


@contextmanager
def small_volume(folder: Path, megabytes: int) -> Iterator[Path]:
    """A volume of its own with so much room, which needs the rights of root."""
    folder.mkdir(exist_ok=True)
    size = ["-o", f"size={megabytes}m"]
    subprocess.run(["mount", "-t", "tmpfs", *size, "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)
        folder.rmdir()


def grow(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=900m", folder], check=True)


def fill_up(server: Server) -> tuple[list[Answer], int, int]:
    """Import until it is refused; the answers, and the projects before and after the refusal."""
    answers: list[Answer] = []
    for number in range(20):
        before = count_projects(server)
        answers.append(send_file(server, sheet(f"full{number}x", 4000), **OPTIONS))
        if answers[-1].status not in (200, 201):
            break
    return answers, before, count_projects(server)


def check_full(fault: str, what: str, server: Server, folder: Path, told: Told) -> None:
    """Fill a volume by imports, and see that nothing is half there and reading goes on."""
    answers, before, after = fill_up(server)
    refused = answers[-1]
    reads = [server.ask(target).status for target in (LIST, SOURCES, f"{LIST}/fab")]
    ready = server.ask("/readyz")
    grow(folder)
    wrote = server.ask(SOURCES, "POST", {"code": "after-all", "title": "A"})
    told(
        fault,
        what,
        f"import {len(answers)} refused with {refused.status}, {after - before} rows of it stored, "
        f"reads {reads}, ready {ready.status}; with room: write {wrote.status}",
        "503 and nothing stored, reads go on, writes with room again",
    )
    assert refused.is_unavailable
    assert after == before
    assert reads == [200] * 3
    assert wrote.status == 201


def test_f6_a_full_volume_of_postgresql(
    cluster: Cluster, on_postgresql: dict[str, str], tmp_path: Path, session: str, told: Told
) -> None:
    with small_volume(Path("/tmp/ledger-small-volume"), 10) as volume:  # noqa: S108 PostgreSQL's user
        give(volume, cluster.user)
        try:
            cluster.execute(
                f"CREATE TABLESPACE small LOCATION '{volume}'",
                "ALTER TABLE projects_project SET TABLESPACE small",
            )
            with serving(on_postgresql, session) as server:
                check_full("F6", "PostgreSQL's volume full in an import", server, volume, told)
        finally:
            grow(volume)
            cluster.execute(
                "ALTER TABLE projects_project SET TABLESPACE pg_default", "DROP TABLESPACE small"
            )


def test_f6_a_full_volume_of_sqlite(
    filled_folder: tuple[Path, str], tmp_path: Path, told: Told
) -> None:
    size = (filled_folder[0] / "ledger.sqlite3").stat().st_size // 2**20
    with small_volume(tmp_path / "small", size + 25) as volume:
        shutil.copytree(filled_folder[0], volume / "var")
        given = environment(volume / "var", **GIVEN, WEB_CONCURRENCY="2")
        with serving(given | {"TMPDIR": str(tmp_path)}, filled_folder[1]) as server:
            check_full("F6b", "the same on SQLite", server, volume, told)


@contextmanager
def writing(server: Server) -> Iterator[list[str]]:
    """Somebody who adds one source after the other; the codes in their order."""
    made: list[str] = []
    is_over = threading.Event()

    def write() -> None:
        while not is_over.wait(0.02):
            code = f"s-{len(made):05}"
            with suppress(OSError):
                if server.ask(SOURCES, "POST", {"code": code, "title": code}).status == 201:
                    made.append(code)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield made
    finally:
        is_over.set()
        writer.join()


@pytest.mark.parametrize("database", ["postgresql", "sqlite"])
def test_f14_backup_and_restore(
    request: pytest.FixtureRequest, cluster: Cluster, tmp_path: Path, told: Told, database: str
) -> None:
    if database == "postgresql":
        variables = request.getfixturevalue("on_postgresql")
        session = request.getfixturevalue("session")
    else:
        variables, session = request.getfixturevalue("on_sqlite")
    folder = tmp_path / "backups"
    with serving(variables, session) as server, writing(server) as made:
        time.sleep(1)
        begun = time.monotonic()
        run(["manage.py", "backup", str(folder)], variables)
        backed_up = time.monotonic()
    file = max(path for path in folder.iterdir() if path.suffix != ".json")
    run(["manage.py", "restore", str(file), "--verify"], variables)
    restored = time.monotonic()
    outcome = (
        f"{len(made)} writes beside it; backup {backed_up - begun:.0f} s, "
        f"restored and compared in {restored - backed_up:.0f} s"
    )
    fault = "F14" if database == "postgresql" else "F14b"
    told(
        fault, f"backup under writes, restored ({database})", outcome, "all tables and seals equal"
    )
    assert made


def test_f20_backups_of_sqlite_while_writing(
    on_sqlite: tuple[dict[str, str], str], tmp_path: Path, told: Told
) -> None:
    variables, session = on_sqlite
    whole = 0
    with serving(variables, session) as server, writing(server) as made:
        for number in range(BACKUPS):
            folder = tmp_path / f"b{number}"
            run(["manage.py", "backup", str(folder)], variables)
            sure = len(made)
            file = next(path for path in folder.iterdir() if path.suffix != ".json")
            to = tmp_path / f"r{number}.sqlite3"
            run(
                ["manage.py", "restore", str(file)], variables | {"DATABASE_URL": f"sqlite:///{to}"}
            )
            whole += is_prefix(to, made[:sure])
    told("F20", "backups of SQLite while others write", f"{whole} of {BACKUPS} good", "20 of 20")
    assert whole == BACKUPS


def is_prefix(database: Path, made: list[str]) -> bool:
    """Whether a database is in order, and has the first of what was written, without a gap."""
    with sqlite3.connect(database) as file:
        said = file.execute("PRAGMA integrity_check").fetchone()[0]
        rows = file.execute("SELECT code FROM parks_source WHERE code LIKE 's-%' ORDER BY code")
        codes = [code for (code,) in rows]
    return said == "ok" and codes == [f"s-{number:05}" for number in range(len(codes))]
