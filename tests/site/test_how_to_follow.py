"""The script of the how-to: a copy that is kept in step with the ledger."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from projects.models import Project
from tests.factories import MilestoneFactory, ProjectFactory
from tests.paths import DOCS

PAGE = DOCS / "how-to" / "follow-changes.md"


def run(folder: Path, address: str) -> dict[str, str | None]:
    """Bring the copy up to date as the page says; the stages of its projects by code."""
    block = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    done = subprocess.run(
        [sys.executable, "-c", block[1], "--once"],
        cwd=folder,
        env={**os.environ, "LEDGER": address},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    rows = sqlite3.connect(folder / "projects.sqlite3").execute("SELECT row FROM project")
    projects = [json.loads(row) for (row,) in rows]
    return {project["code"]: project["stage"] for project in projects}


@pytest.mark.django_db(transaction=True)
def test_the_copy_follows_edits_withdrawals_and_deletions(live_server: Any, tmp_path: Path) -> None:
    one, two, three = (ProjectFactory.create(code=f"p-{n}") for n in (1, 2, 3))
    assert run(tmp_path, live_server.url) == {"p-1": None, "p-2": None, "p-3": None}
    MilestoneFactory.create(project=one, type="signed")
    Project.objects.filter(pk=two.pk).update(publication="withdrawn")
    three.delete()
    ProjectFactory.create(code="p-4")
    assert run(tmp_path, live_server.url) == {"p-1": "signed", "p-4": None}
    assert run(tmp_path, live_server.url) == {"p-1": "signed", "p-4": None}
