"""The tables of `tests/where.py` name files and tests that exist, and share them out evenly."""

import subprocess
import sys

from django.db import connection

from tests.paths import ROOT, TESTS
from tests.shares import read_weights, share_out, weigh
from tests.where import ALONE, BOTH, LONG, files, list_elsewhere


def test_what_is_about_another_database_is_left_out_and_why_is_said() -> None:
    elsewhere = list_elsewhere(connection.vendor)
    assert {*elsewhere}.isdisjoint(files(BOTH, ALONE[connection.vendor]))
    file, reason = next(iter(elsewhere.items()))
    assert [name for name in elsewhere if "::" in name]
    command = [sys.executable, "-m", "pytest", "--collect-only", f"tests/{file}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert f"not on {connection.display_name}: tests/{file} ({reason})" in done.stdout
    assert "<Function" not in done.stdout


def test_what_is_named_is_there() -> None:
    for names in (files(BOTH, *ALONE.values()), files(LONG)):
        assert sorted({*names}) == sorted(names), "some are named twice"
    for name in files(BOTH, LONG, *ALONE.values()):
        file, _colons, test = name.partition("::")
        defined = f"def {test}(" if test else ""
        assert defined in (TESTS / file).read_text(encoding="utf-8"), name


def test_each_file_is_in_one_share_and_all_shares_take_about_as_long() -> None:
    assert [name for name in read_weights() if not (TESTS / name).is_file()] == []
    known = {*TESTS.rglob("test_*.py")} - {*(TESTS / "faults").rglob("*")}
    for parts in (1, 2, 8):
        shares = share_out(known, parts)
        assert sorted(file for share in shares for file in share) == sorted(known)
        seconds = [sum(map(weigh, share)) for share in shares]
        assert max(seconds) < 1.05 * min(seconds)
