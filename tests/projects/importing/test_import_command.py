"""manage.py import_projects: the same path as over HTTP, on the terminal."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from parks.models import ImportBatch
from projects.models import Project
from tests.projects.importing.imports import table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]

GOOD = table(["项目名称", "投资额（亿元）"], ["晶圆厂", "约1.5"])


def run(path: Path, data: bytes, *args: str, **options: Any) -> tuple[str, str]:
    file = path / "ledger.csv"
    file.write_bytes(data)
    out, err = io.StringIO(), io.StringIO()
    call_command("import_projects", str(file), *args, stdout=out, stderr=err, **options)
    return out.getvalue(), err.getvalue()


def test_a_file_is_imported_into_the_park_that_is_named(tmp_path: Path) -> None:
    out, err = run(tmp_path, GOOD, "--park", "town")
    assert Project.objects.get().investment_cny == 150_000_000
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.user_id) == ("applied", None)
    assert batch.code in out
    assert err == ""


def test_a_dry_run_writes_nothing_and_can_tell_all_as_json(tmp_path: Path) -> None:
    out, _err = run(tmp_path, GOOD, "--park", "town", "--dry-run", "--json")
    told = json.loads(out)
    assert (told["state"], told["counts"]["create"]) == ("checked", 1)
    assert [row["action"] for row in told["rows"]] == ["skip", "create"]
    assert not Project.objects.exists()


def test_a_file_that_is_not_there_or_not_readable_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("import_projects", str(tmp_path / "nowhere.csv"))
    with pytest.raises(CommandError, match="line 1"):
        run(tmp_path, b"a\xff\n")


def test_a_terminal_is_shown_how_many_rows_are_checked_and_how_many_are_written(
    tmp_path: Path, capsys: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    run(tmp_path, GOOD, "--park", "town")
    first, second = capsys.readouterr().err.replace("\r", "").splitlines()
    assert first.endswith("1/1 checked")
    assert second.endswith("1/1 written")
