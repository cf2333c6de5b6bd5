"""Starts what is measured, each as a server of its own on a free port, with the same settings."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

START_SECONDS = 90


class Served(NamedTuple):
    """A server that answers: where, and which process is its first."""

    port: int
    pid: int


LEDGER = ("--config", "config/gunicorn.py", "config.wsgi")
RAW = ("--config", "benchmarks/gunicorn.py", "benchmarks.raw:application")
RAW_STATEMENTS = ("--config", "benchmarks/gunicorn.py", "benchmarks.drawn.raw_app:application")
DUCK = ("--config", "benchmarks/gunicorn.py", "--workers", "1", "benchmarks.duck:application")


def find_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    arguments: Sequence[str], python: str = sys.executable, **environment: str
) -> Iterator[Served]:
    """A server of gunicorn, from when it answers."""
    port = find_free_port()
    command = [python, "-m", "gunicorn", *arguments]
    with running(command, {**environment, "PORT": str(port)}) as server:
        wait_for(port, server)
        yield Served(port, server.pid)


@contextmanager
def running(
    command: Sequence[str], environment: Mapping[str, str], folder: Path | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is ended with the block."""
    log = Path(os.environ.get("VAR_DIR", ".")) / "bench-servers.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as out:
        server = subprocess.Popen(
            command, env={**os.environ, **environment}, stdout=out, stderr=out, cwd=folder
        )
    try:
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def wait_for(port: int, server: "subprocess.Popen[bytes]", path: str = "/healthz") -> None:
    """Return as soon as a server answers anything."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", path)
            connection.getresponse().read()
            return
        time.sleep(0.2)
    raise RuntimeError(f"It did not start: {server.args}")
