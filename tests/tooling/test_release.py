"""A release is written from its number; what it promises is held from 1.0.0 on."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract import promises
from tests.paths import ROOT
from tools import release


def test_a_number_that_is_not_the_next_is_refused_before_anything_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for version in ("", "1.0", "v1.0.0", "1.0.0rc1", "0.1.0", "0.0.9", "01.0.0"):
        with pytest.raises(ValueError, match="follow|no number"):
            release.check_next(version, "0.1.0")
    assert release.check_next("0.10.0", "0.9.1") == "0.10.0"
    assert release.check_next("0.10.0", "0.10.0.dev0") == "0.10.0"
    with pytest.raises(ValueError, match="does not follow"):
        release.check_next("0.9.9", "0.10.0.dev0")
    assert release.main([]) == 2
    assert "usage" in capsys.readouterr().err


def test_the_command_of_the_page_starts_without_settings() -> None:
    given = {name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}
    command = [sys.executable, "-m", "tools.release", "no-number"]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True)
    assert (done.returncode, "usage" in done.stderr) == (2, True), done.stderr


def test_what_is_replaced_must_be_there_once(tmp_path: Path) -> None:
    path = tmp_path / "CHANGELOG.md"
    path.write_text("# Changelog\n\n## Unreleased\n\n- New.\n")
    release.replace_once(path, "\n## Unreleased\n", "\n## 1.0.0, 2026-11-28\n")
    assert path.read_text() == "# Changelog\n\n## 1.0.0, 2026-11-28\n\n- New.\n"
    with pytest.raises(ValueError, match="not just one place"):
        release.replace_once(path, "\n## Unreleased\n", "")


def test_promises_hold_from_one_on() -> None:
    stable = {version: release.is_stable(version) for version in ("0.1.0", "0.99.0", "1.0.0")}
    assert stable == {"0.1.0": False, "0.99.0": False, "1.0.0": True}


def test_a_promise_is_not_taken_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "promises.txt"
    path.write_text("GET /api/v1/gone takes: code\n", encoding="utf-8")
    monkeypatch.setattr(promises, "RELEASED", path)
    monkeypatch.setattr(promises, "read", lambda: {"GET /api/v1/gone takes": {"code"}})
    monkeypatch.setattr(promises, "is_stable", lambda: True)
    monkeypatch.setattr(promises, "write", lambda _made: path.write_text("written"))
    assert promises.main() == 1
    assert "gone" in path.read_text(encoding="utf-8")
    monkeypatch.setattr(promises, "is_stable", lambda: False)
    assert promises.main() == 0
    assert path.read_text(encoding="utf-8") == "written"
