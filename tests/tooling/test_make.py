"""The commands of the Makefile, and what they say when the machine lacks something."""

import os
import re
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT
from tools.install import follow


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's folder."""
    return subprocess.run(
        command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True
    )


def fake_python(folder: Path, name: str, version: str, has_venv: bool) -> None:
    """A program that answers as a Python of this version would."""
    old = tuple(map(int, version.split("."))) < (3, 11)
    script = folder / name
    script.write_text(
        "#!/bin/sh\n"
        'case "$2" in\n'
        f"*ensurepip*) exit {int(not has_venv)} ;;\n"
        f"*) echo {version}; exit {int(old)} ;;\n"
        "esac\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def only_these(tmp_path: Path) -> Path:
    """A folder that is the whole PATH."""
    shell = shutil.which("sh")
    assert shell
    (tmp_path / "sh").symlink_to(shell)
    return tmp_path


def find_python(folder: Path, python: str = "") -> subprocess.CompletedProcess[str]:
    return run("tools/find_python.sh", PATH=str(folder), PYTHON=python)


def test_a_python_that_will_do_is_found_behind_an_older_one(only_these: Path) -> None:
    fake_python(only_these, "python3", "3.9", has_venv=True)
    fake_python(only_these, "python3.13", "3.13", has_venv=False)
    fake_python(only_these, "python3.12", "3.12", has_venv=True)
    assert find_python(only_these).stdout.strip() == str(only_these / "python3.12")


def test_the_python_that_is_named_is_taken_and_no_other(only_these: Path) -> None:
    fake_python(only_these, "python3", "3.13", has_venv=True)
    fake_python(only_these, "mine", "3.11", has_venv=True)
    assert find_python(only_these, "mine").stdout.strip() == str(only_these / "mine")
    assert "No absent found" in find_python(only_these, "absent").stderr


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        (None, "install Python 3.11 or later"),
        ("3.9", "3.11 or later is needed, but python3 is 3.9"),
        ("3.13", "apt-get install python3.13-venv"),
    ],
)
def test_what_is_wrong_with_python_is_said_in_one_line_with_the_remedy(
    only_these: Path, version: str | None, remedy: str
) -> None:
    if version:
        fake_python(only_these, "python3", version, has_venv=False)
    done = find_python(only_these)
    assert done.returncode == 1
    assert remedy in done.stderr
    assert done.stderr.count("\n") == 1


def check_port(port: object) -> subprocess.CompletedProcess[str]:
    return run(sys.executable, "tools/check_port.py", PORT=str(port))


def test_a_port_that_is_taken_is_said_in_one_line_with_the_remedy() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = check_port(port)
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "PORT=8001 make run" in done.stderr
    assert done.stderr.count("\n") == 1
    assert check_port(port).returncode == 0


@pytest.mark.parametrize("port", ["", "http", "0", "65536", "-1", "八千"])
def test_what_is_no_port_is_refused(port: str) -> None:
    assert "is no port" in check_port(port).stderr


def test_every_requirement_is_pinned_and_says_why_it_is_there() -> None:
    for name in ("requirements.txt", "requirements-optional.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            if not line.startswith(("#", "-r ")):
                assert re.fullmatch(r"[\w.,\[\]-]+==[\d.]+ +# \S.+", line), line


def test_without_a_browser_the_tests_do_not_start(tmp_path: Path) -> None:
    done = run(sys.executable, "tools/run_tests.py", PATH=str(tmp_path))
    assert done.returncode == 1
    assert "apt-get install chromium" in done.stderr
    assert (done.stderr.count("\n"), done.stdout) == (1, "")


def test_what_is_installed_is_told_package_by_package() -> None:
    said: list[str] = []
    lines = (
        "Collecting Django==5.2 (from -r requirements.txt (line 3))\n",
        "  Downloading django-5.2-py3-none-any.whl (8.3 MB)\n",
        "Requirement already satisfied: gunicorn==27.0.1 in ./.venv\n",
        "Collecting Django==5.2\n",
        "Installing collected packages: sqlparse, Django\n",
    )
    assert list(follow(iter(lines), said)) == [
        "1 packages found, now Django",
        "2 packages found, now gunicorn",
        "installing 2 packages ...",
    ]
    assert said == list(lines)
