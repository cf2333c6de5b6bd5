"""Runs every test on SQLite and, at the same time, on PostgreSQL; arguments go to pytest.

Without arguments the tests on PostgreSQL, which take longer, are run in two parts at once, each on
a server of its own, so that two cores are busy to the end. Exits with 0 if all passed. What the
tests need of the machine is installed where that can be done (as root on Debian), and otherwise
named in one line: nothing is skipped.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack

FONT = "fonts-wqy-microhei"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PARTS = 2  # of the tests on PostgreSQL
CACHE = "var/cache/pytest-postgresql"
OFFICES = ("soffice", "libreoffice", "localc")


def main(arguments: Sequence[str]) -> int:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    find_browser()
    find_chinese_font()
    find_libreoffice()
    programs = find_postgresql()
    pytest = [sys.executable, "-m", "pytest", *arguments]
    on_postgresql = [sys.executable, "-m", "tests.postgres", "--", *pytest]
    number = 1 if arguments else PARTS
    parts = [f"{part}/{number}" for part in range(1, number + 1)]
    # No .env: whoever tries a setting there still runs the tests as everybody does.
    environment = {**os.environ, "ENV_FILE": os.devnull}
    environment |= {"DATABASE_URL": "", "PG_BINDIR": programs}

    with ExitStack() as files:
        title(f"SQLite {sqlite3.sqlite_version}")
        outputs = [files.enter_context(tempfile.TemporaryFile()) for _part in parts]
        others = [
            subprocess.Popen(
                [*on_postgresql, "--part", part, "-o", f"cache_dir={CACHE}-{part[0]}"],
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            for part, output in zip(parts, outputs, strict=True)
        ]
        first = subprocess.Popen(pytest, env=environment)
        codes = wait_for(first, *others)
        for part, output in zip(parts, outputs, strict=True):
            title(f"{version_of(programs)}, part {part}")
            output.seek(0)
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
    if not any(map(shutil.which, BROWSERS)) and not install("chromium"):
        sys.exit(
            "No Chromium found, which the browser tests drive: install it (Debian: `sudo apt-get "
            "install chromium`)."
        )


def find_chinese_font() -> None:
    """Leave with the remedy if charts as PNG would have boxes for Chinese letters."""
    if not has_chinese_font() and not (install(FONT) and has_chinese_font()):
        sys.exit(
            "No font with Chinese letters found, which charts as PNG need: install one (Debian: "
            f"`sudo apt-get install {FONT}`)."
        )


def find_libreoffice() -> None:
    """Leave with the remedy if there is no LibreOffice Calc and none can be installed."""
    if not any(map(shutil.which, OFFICES)) and not install("libreoffice-calc"):
        sys.exit(
            "No LibreOffice Calc found, which opens our files in tests: install it (Debian: `sudo "
            "apt-get install libreoffice-calc`)."
        )


def has_chinese_font() -> bool:
    """Asks the process that draws the charts."""
    asked = subprocess.run(
        [sys.executable, "-I", "projects/charts/process.py"],
        input='{"has_chinese": "sans-serif"}\n',
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return bool(json.loads(asked.stdout)["has_chinese"])


def install(package: str) -> bool:
    """Install a package where that can be done (as root on Debian); whether it was."""
    if os.geteuid() or not shutil.which("apt-get"):
        return False
    print(f"Installing {package} with apt-get ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = False
    for step in (["update"], ["install", "-y", "--no-install-recommends", package]):
        command = ["apt-get", "-qq", *step]
        run = subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False)
        done = run.returncode == 0
    return done


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
