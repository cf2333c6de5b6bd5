"""The benchmark runs, and what it measures is what it says."""

import re
import shutil
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.db.models import Count, Max, Min

from benchmarks.generate import copy_projects
from projects.lifecycle.words import DERIVED
from projects.models import Investor, Milestone, Participation, Project, ProjectFigure
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


@pytest.mark.django_db
def test_copied_projects_are_whole_projects(vocabularies: None) -> None:
    call_command("make_demo", projects=30, verbosity=0)
    models = (Project, Milestone, ProjectFigure, Investor, Participation)
    before = [model._default_manager.count() for model in models]
    copy_projects(2)
    assert [model._default_manager.count() for model in models] == [3 * each for each in before]
    derived = [name for name in DERIVED if not name.startswith("investment_cny")]
    for code in ("demo-000001", "demo-000030"):
        family = Project.objects.filter(code__startswith=code)
        assert family.values(*derived).distinct().count() == 1
        sizes = family.annotate(steps=Count("milestones")).aggregate(Min("steps"), Max("steps"))
        assert sizes["steps__min"] == sizes["steps__max"]
