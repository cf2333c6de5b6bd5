"""A ledger in the currency of another country, by its profile, which is read at start."""

import os
import subprocess
import sys

import pytest

from tests.paths import ROOT


@pytest.mark.slow
def test_a_ledger_in_ringgit_counts_in_ringgit() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "tests/projects/in_ringgit.py"],
        cwd=ROOT,
        env=os.environ | {"PROFILE": "international"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
