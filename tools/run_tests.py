"""Runs every test on SQLite and, at the same time, on PostgreSQL; arguments go to pytest.

Exits with 0 if both passed. What the tests need of the machine is installed where that can be
done (as root on Debian), and otherwise named in one line: nothing is skipped.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    find_browser()
    programs = find_postgresql()
    pytest = [sys.executable, "-m", "pytest", *arguments]
    on_postgresql = [sys.executable, "-m", "tests.postgres", "--", *pytest]
    on_postgresql += ["-o", "cache_dir=var/cache/pytest-postgresql"]
    # No .env: whoever tries a setting there still runs the tests as everybody does.
    environment = {**os.environ, "ENV_FILE": os.devnull}
    environment |= {"DATABASE_URL": "", "PG_BINDIR": programs}

    with tempfile.TemporaryFile() as output:
        title(f"SQLite {sqlite3.sqlite_version}")
        second = subprocess.Popen(
            on_postgresql, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        first = subprocess.Popen(pytest, env=environment)
        codes = wait_for(first, second)
        output.seek(0)
        title(version_of(programs))
        shutil.copyfileobj(output, sys.stdout.buffer)
        sys.stdout.flush()
    return max(codes)


def wait_for(*processes: subprocess.Popen[bytes]) -> list[int]:
    """The exit codes of processes, which are ended if we are told to leave before."""
    try:
        return [abs(process.wait()) for process in processes]
    except KeyboardInterrupt:
        for process in processes:  # they were interrupted as well: let them clean up
            process.wait()
        raise
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def title(database: str) -> None:
    print(f"\n##### Tests on {database}\n", flush=True)


def find_browser() -> None:
    """Leave with the remedy if there is no Chromium on the PATH and none can be installed."""
    found = any(map(shutil.which, BROWSERS))
    if not found and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing chromium with apt-get ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            command = ["apt-get", "-qq", *step]
            subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        found = bool(shutil.which("chromium"))
    if not found:
        sys.exit(
            "No Chromium found, which the browser tests drive: install it (Debian: `sudo apt-get "
            "install chromium`)."
        )


def find_postgresql() -> str:
    """The folder of PostgreSQL's programs; leaves with what was said if there are none."""
    find = [sys.executable, "-m", "tests.postgres", "--find"]
    found = subprocess.run(find, stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        sys.exit(found.returncode)
    return found.stdout.strip()


def version_of(programs: str) -> str:
    """Such as "PostgreSQL 17.2"."""
    said = subprocess.check_output([f"{programs}/postgres", "--version"], text=True)
    return " ".join(said.split()[1:3]).replace("(", "").replace(")", "")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
