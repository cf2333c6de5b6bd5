"""The audit of what runs: it finds what is affected, and never says more than it compared."""

import json
import zipfile
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tests.together import together
from tools.audit import is_affected, main

RANGE = {"type": "ECOSYSTEM", "events": [{"introduced": "1.0"}, {"fixed": "1.5"}]}
AGAIN = {
    "type": "ECOSYSTEM",
    "events": [{"introduced": "0"}, {"fixed": "1.2"}, {"introduced": "2.0"}, {"fixed": "2.3"}],
}


@together(
    ("version", "affected", "is_so"),
    [
        *(("1.4.9", {"ranges": [RANGE]}, True), ("1.5", {"ranges": [RANGE]}, False)),
        *(("0.9", {"ranges": [RANGE]}, False), ("1.10", {"ranges": [RANGE]}, False)),
        *(("1.1", {"ranges": [AGAIN]}, True), ("1.3", {"ranges": [AGAIN]}, False)),
        *(("2.2", {"ranges": [AGAIN]}, True), ("2.3", {"ranges": [AGAIN]}, False)),
        *(("3.0", {"versions": ["3.0"]}, True), ("3.1", {"versions": ["3.0"]}, False)),
    ],
)
def test_a_version_is_affected_where_a_range_or_a_name_says_so(
    version: str, affected: dict[str, Any], is_so: bool
) -> None:
    assert is_affected(version, affected) is is_so


def write(path: Path, days: int, **members: Any) -> str:
    """A file of one advisory, changed so many days ago."""
    changed = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    advisory = {"id": "PYSEC-1", "modified": changed, "summary": "Bad.", "affected": [members]}
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("PYSEC-1.json", json.dumps(advisory))
    return str(path)


def of(name: str, last: str = "9999") -> dict[str, Any]:
    events = [{"introduced": "0"}, {"last_affected": last}]
    ranges = [{"type": "ECOSYSTEM", "events": events}]
    return {"package": {"ecosystem": "PyPI", "name": name}, "ranges": ranges}


def test_findings_old_files_and_what_cannot_be_read_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "all.zip"
    assert main([write(path, 2, **of("Django"))]) == 1
    assert f"django {metadata.version('django')}: PYSEC-1 Bad." in capsys.readouterr().out
    assert main([write(path, 2, **of("Django", last="1.0"))]) == 0
    assert "0 concern what is installed" in capsys.readouterr().out
    assert main([write(path, 31, **of("Django", last="1.0"))]) == 2
    assert "Not audited: the file is too old." in capsys.readouterr().out
    assert main([write(path, 2, **of("Django", last="one"))]) == 2
    assert "Not audited: could not read PYSEC-1." in capsys.readouterr().out
    assert main([str(tmp_path / "none.zip")]) == 2
