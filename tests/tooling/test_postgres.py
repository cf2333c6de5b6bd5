"""The throw-away PostgreSQL of `make test`."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests import postgres
from tests.paths import ROOT

TELL = "import os; print(os.environ['DATABASE_URL'])"


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the clusters put their files. pytest's own folders are closed to other users."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        monkeypatch.setenv("TMPDIR", name)
        monkeypatch.setattr(tempfile, "tempdir", None)  # read TMPDIR again
        yield Path(name)


def heed_interrupts() -> None:
    """A run in the background of a shell ignores Ctrl-C, and so would what it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*command: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.postgres", "--", *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=heed_interrupts,
    )


def assert_gone(url: str, folder: Path) -> None:
    assert list(folder.iterdir()) == []
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_the_command_gets_the_address_and_gives_the_exit_code(folder: Path) -> None:
    process = start(sys.executable, "-c", f"{TELL}; raise SystemExit(7)")
    url, _ = process.communicate()
    assert process.returncode == 7
    assert url.startswith("postgres://ledger:")
    assert_gone(url.strip(), folder)


@pytest.mark.long("starts a server of its own")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_nothing_is_left_when_it_is_stopped(
    folder: Path, number: signal.Signals, code: int
) -> None:
    wait = f"{TELL}; import sys, time; sys.stdout.flush(); time.sleep(60)"
    process = start(sys.executable, "-c", wait)
    assert process.stdout
    url = process.stdout.readline().strip()
    os.killpg(process.pid, number)
    process.communicate()
    assert process.returncode == code
    assert_gone(url, folder)


def test_a_wrong_folder_of_programs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", "/nowhere")
    with pytest.raises(SystemExit, match="PG_BINDIR=/nowhere holds no initdb"):
        postgres.find_programs()
