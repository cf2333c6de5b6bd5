"""Runs every test on SQLite and on PostgreSQL; arguments go to pytest.

Both at once. Without arguments PostgreSQL runs only tests marked `both_databases` or
`only_postgresql`; with LEDGER_LONG or arguments it runs all that are not `only_sqlite`.
Exits with 0 if all passed. What the tests need of the machine is installed where that can be done
(as root on Debian), and otherwise named in one line: nothing is skipped.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import IO

FONT = "fonts-wqy-microhei"
# Programs of which one will do, their package in Debian, and what they are for
NEEDED = (
    (
        ("chromium", "chromium-browser", "google-chrome"),
        "chromium",
        "No Chromium found, which the browser tests drive",
    ),
    (
        ("soffice", "libreoffice", "localc"),
        "libreoffice-calc",
        "No LibreOffice Calc found, which opens our files in tests",
    ),
    (("npm",), "npm", "No npm found, which the test of a client in TypeScript needs"),
)
OF_LONG_RUNS = (
    (
        ("go",),
        "golang-go golang-gopkg-validator.v2-dev",
        "No Go found, which the test of a client in Go needs",
    ),
)
ON_POSTGRESQL = "both_databases or only_postgresql"
PYTEST = (sys.executable, "-m", "pytest")
IS_LONG = bool(os.environ.get("LEDGER_LONG"))


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    find_programs()
    find_chinese_font()
    programs = find_postgresql()
    # No .env: whoever tries a setting there still runs the tests as everybody does.
    environment = {**os.environ, "ENV_FILE": os.devnull}
    environment |= {"DATABASE_URL": "", "PG_BINDIR": programs}
    # A hundred processes start in a run: each would compile all of ours and every test again.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    # PostgreSQL has less to do, unless both run everything. Each process takes seconds to begin.
    # How long long cases take cannot be told by the size of their file, so a long run has small
    # parts: when one ends, the next begins.
    half = max((cores := os.cpu_count() or 1) // 2, 1)
    parts = 4 if IS_LONG else 1
    with_server = (sys.executable, "-m", "tests.postgres", "--", *PYTEST)
    sqlite = f"SQLite {sqlite3.sqlite_version}"
    runs = [
        *list_runs(sqlite, "sqlite", PYTEST, arguments, cores * parts),
        *list_runs(version_of(programs), "postgresql", with_server, arguments, half * parts),
    ]
    with ExitStack() as outputs:
        for run in runs[1:]:  # the first is seen at once
            run.output = outputs.enter_context(tempfile.TemporaryFile())
        run_all(runs, environment, at_once=cores + half + IS_LONG)  # long cases wait for servers
    spent = os.times()
    seconds = spent.children_user + spent.children_system
    print(f"\n{seconds:.0f} seconds of processor in all", flush=True)
    return max(run.code for run in runs)


def list_runs(
    title: str, database: str, command: Sequence[str], arguments: Sequence[str], parts: int
) -> list["Run"]:
    """Share all files among so many processes; what is named goes to one, which begins sooner."""
    cache = f"cache_dir=var/cache/pytest-{database}"
    if arguments:
        return [Run(title, [*command, "-o", cache, *arguments])]
    marked = [] if IS_LONG or database == "sqlite" else ["-m", ON_POSTGRESQL]
    return [
        Run(
            title if parts == 1 else f"{title}, part {number} of {parts}",
            [*command, "-o", f"{cache}-{number}", f"--share={number}/{parts}", *marked],
        )
        for number in range(1, parts + 1)
    ]


@dataclass
class Run:
    """One run of pytest, and where its output is kept until all have ended."""

    title: str
    command: list[str]
    output: IO[bytes] | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self, environment: dict[str, str]) -> None:
        if self.output is None:
            title(self.title)
        self.process = subprocess.Popen(
            self.command, env=environment, stdout=self.output, stderr=self.output
        )

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def code(self) -> int:
        """The exit code; 1 for a run that did not begin."""
        return abs(self.process.wait()) if self.process else 1

    def end(self) -> None:
        """Let it clean up and leave, if it still runs."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait()

    def show(self) -> None:
        if self.output is not None:
            title(self.title)
            self.output.seek(0)
            shutil.copyfileobj(self.output, sys.stdout.buffer)
            sys.stdout.flush()


def run_all(runs: Sequence[Run], environment: dict[str, str], at_once: int) -> None:
    """Run so many at once to their end, and show each after those before it.

    If we are told to leave before, they are ended, and what they said so far is shown.
    """
    waiting, unseen = [*runs], [*runs]
    try:
        while unseen:
            if waiting and sum(run.is_running for run in runs) < at_once:
                waiting.pop(0).start(environment)
            elif unseen[0].is_running:
                time.sleep(0.2)
            else:
                unseen.pop(0).show()
    except KeyboardInterrupt:
        for run in runs:  # they were interrupted as well: let them clean up
            _code = run.code
        raise
    finally:
        for run in runs:
            run.end()
        for run in unseen:
            if run.process is not None:
                run.show()


def title(database: str) -> None:
    print(f"\n##### Tests on {database}\n", flush=True)


def find_programs() -> None:
    """Leave with the remedy if a program is not on the PATH and cannot be installed."""
    for programs, package, said in (*NEEDED, *OF_LONG_RUNS) if IS_LONG else NEEDED:
        if not any(map(shutil.which, programs)) and not install(package):
            sys.exit(f"{said}: install it (Debian: `sudo apt-get install {package}`).")


def find_chinese_font() -> None:
    """Leave with the remedy if charts as PNG would have boxes for Chinese letters."""
    if not has_chinese_font() and not (install(FONT) and has_chinese_font()):
        sys.exit(
            "No font with Chinese letters found, which charts as PNG need: install one (Debian: "
            f"`sudo apt-get install {FONT}`)."
        )


def has_chinese_font() -> bool:
    """Ask the process that draws the charts."""
    asked = subprocess.run(
        [sys.executable, "-I", "pages/charts/process.py"],
        input='{"has_chinese": "sans-serif"}\n',
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return bool(json.loads(asked.stdout)["has_chinese"])


def install(packages: str) -> bool:
    """Install packages where that can be done (as root on Debian); whether they were."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    print(f"Installing {packages} with apt-get ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = False
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages.split()]):
        command = ["apt-get", "-qq", *step]
        run = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        done = run.returncode == 0
    return done


def find_postgresql() -> str:
    """Find the folder of PostgreSQL's programs; leaves with what was said if there are none."""
    find = [sys.executable, "-m", "tests.postgres", "--find"]
    found = subprocess.run(find, stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        sys.exit(found.returncode)
    return found.stdout.strip()


def version_of(programs: str) -> str:
    """Name the version, such as "PostgreSQL 17.2"."""
    said = subprocess.check_output([f"{programs}/postgres", "--version"], text=True)
    return " ".join(said.split()[1:3]).replace("(", "").replace(")", "")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
