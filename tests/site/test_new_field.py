"""The steps of `CONTRIBUTING.md` to add a field, replayed on a copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import ROOT
from tests.templates import BARE, make_file

ROOMS = ("config", "sheets", "api", "parks", "projects", "pages")
COPIED = (*ROOMS, "tools", "tests", "docs", "locale", "profiles", "manage.py")
# A stored field like that of the example: a number with filters for its bounds
LIKE_IT = "phase_no"
# What names it besides: its place in the admin (step 6), how its cell is read, synthetic projects
BESIDE = {
    "projects/admin/projects.py",
    "projects/importing/cells/cells.py",
    "projects/seeding/demo.py",
}
STEP = re.compile(r"^ *```diff\n *--- (\S+)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)


def edits() -> list[tuple[str, str, str]]:
    """The file of each step, what stands there, and what stands there after it."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    found = []
    for file, block in STEP.findall(text):
        lines = [line.removeprefix("   ") for line in block.splitlines()]  # it is in a list
        before = [line[1:] for line in lines if line[0] in " -"]
        after = [line[1:] for line in lines if line[0] in " +"]
        found.append((file, "\n".join(before) + "\n", "\n".join(after) + "\n"))
    return found


def test_a_stored_field_is_named_in_the_four_files_of_the_steps() -> None:
    named = {
        path.relative_to(ROOT).as_posix()
        for top in (*ROOMS, "tools")
        for path in (ROOT / top).rglob("*.*")
        if path.suffix in (".py", ".html", ".csv", ".css", ".js") and "migrations" not in path.parts
        if re.search(rf"\b{LIKE_IT}\b", path.read_text(encoding="utf-8"))
    }
    steps = {file for file, _before, _after in edits()}
    assert len(steps) == 4
    assert named == steps | BESIDE


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    for file, before, after in edits():
        path = tmp_path / file
        text = path.read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{file} has not just one place like this:\n{before}"
        path.write_text(text.replace(before, after), encoding="utf-8")
    return tmp_path


@pytest.mark.long("a shorter test fails for each missing step")
def test_the_example_of_a_field_is_everywhere_after_its_steps(tree: Path) -> None:
    # The tables that there are; the field's own migration comes on top of those.
    shutil.copy(make_file(BARE), tree / "ledger.sqlite3")
    done = subprocess.run(
        [sys.executable, "-m", "tests.site.replay_field"],
        cwd=tree,
        env={
            **os.environ,
            "DATABASE_URL": f"sqlite:///{tree / 'ledger.sqlite3'}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DEBUG": "true",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
