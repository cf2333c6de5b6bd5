"""Runs every test on SQLite and, at the same time, on PostgreSQL; arguments go to pytest.

Exits with 0 if both passed. What the tests need of the machine is installed where that can be
done (as root on Debian), and otherwise named in one line: nothing is skipped.
"""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Sequence

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main(arguments: Sequence[str]) -> int:
    browser = find_browser()
    programs = find_postgresql()
    pytest = [sys.executable, "-m", "pytest", *arguments]
    on_postgresql = [sys.executable, "-m", "tests.postgres", "--", *pytest]
    on_postgresql += ["-o", "cache_dir=var/cache/pytest-postgresql"]
    # No .env: whoever tries a setting there still runs the tests as everybody does.
    environment = {**os.environ, "ENV_FILE": os.devnull, "BROWSER_PATH": browser}
    environment |= {"DATABASE_URL": "", "PG_BINDIR": programs}

    with tempfile.TemporaryFile() as output:
        second = subprocess.Popen(
            on_postgresql, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            title(f"SQLite {sqlite3.sqlite_version}")
            first_code = subprocess.run(pytest, env=environment, check=False).returncode
            second_code = second.wait()
        except KeyboardInterrupt:
            second.wait()  # it was interrupted as well, and removes its cluster
            return 130
        output.seek(0)
        title(version_of(programs))
        shutil.copyfileobj(output, sys.stdout.buffer)
        sys.stdout.flush()
    return first_code or second_code


def title(database: str) -> None:
    print(f"\n##### Tests on {database}\n", flush=True)


def find_browser() -> str:
    """The path of Chromium, which the browser tests drive."""
    given = os.environ.get("BROWSER_PATH")
    found = given or next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("Installing chromium with apt-get ...", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            subprocess.run(["apt-get", "-qq", *step], env=environment, check=False)
        found = shutil.which("chromium")
    if found is None:
        sys.exit(
            "No Chromium found, which the browser tests drive: install it (Debian: `sudo apt-get "
            "install chromium`), or set BROWSER_PATH to one."
        )
    return found


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
