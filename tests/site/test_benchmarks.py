"""The benchmark runs, and what it measures is what it says."""

import re
import shutil
import subprocess
import sys

from tests.paths import ROOT


def test_it_prints_a_ratio_for_every_list_and_file() -> None:
    command = [sys.executable, "-m", "benchmarks", "--only", "sqlite"]
    ended = subprocess.run(
        [*command, "--projects", "300", "--rounds", "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    ratios = [line for line in ended.stdout.splitlines() if line.endswith("x")]
    files = ["CSV, fetched", *(["CSV, sqlite3 -csv"] if shutil.which("sqlite3") else [])]
    assert [line.split(":")[0] for line in ratios] == ["list of 100"] * 3 + files * 2
    (memory,) = [line for line in ended.stdout.splitlines() if line.startswith("memory")]
    before, peak = map(int, re.findall(r"(\d+) MB", memory))
    assert 20 < before <= peak
