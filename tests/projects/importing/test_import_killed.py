"""A process that is killed in the middle of an import leaves nothing; sent again, all comes in."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from time import perf_counter

import pytest
from django.conf import settings
from django.db import connection

from parks.models import ImportBatch, Organisation
from projects.models import Milestone, Project
from tests.factories import IndicatorFactory, ParkFactory
from tests.projects.importing.imports import table
from tests.seeded import address_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("database_in_a_file"),
]

# Runs the command in a process of its own, which dies when it comes to a step.
SCRIPT = """
import os, signal, sys
import django
django.setup()
from django.core.management import call_command
from parks.recording import recording
from projects.importing import batches, writing
modules = {"batches": batches, "writing": writing, "recording": recording.Unit}
module, step = sys.argv[2].split(".") if sys.argv[2] else ("", "")
if step:
    setattr(modules[module], step, lambda *args, **named: os.kill(os.getpid(), signal.SIGKILL))
call_command("import_projects", sys.argv[1], verbosity=0)
"""
ROWS = 300
RANDOM_KILLS = 20 if os.environ.get("LEDGER_LONG") else 1


def database_url() -> str:
    """The database of the tests, as another process names it."""
    name = connection.settings_dict["NAME"]
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else address_of(name)


def run(path: Path, dies_at: str, dies_after: float = 120) -> int:
    """The exit code of an import; negative for the signal that ended it.

    It dies when it comes to a step, or after so many seconds at the latest.
    """
    done = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(path), dies_at],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "of a test",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return done.wait(dies_after)
    except subprocess.TimeoutExpired:
        done.kill()
        return done.wait()


def test_killing_an_import_leaves_nothing_and_sending_it_again_brings_all(tmp_path: Path) -> None:
    IndicatorFactory.create()
    ParkFactory.create(code="town")
    path = tmp_path / "projects.csv"
    rows = [[f"项目{n}", "town", "华虹", f"{n / 100 + 1:.2f}", "2024", "在建"] for n in range(ROWS)]
    header = ["项目名称", "园区", "投资方", "投资额（亿元）", "签约日期", "项目阶段"]
    path.write_bytes(table(header, *rows))
    for step in ("writing._write_milestones", "writing._write_participations", "recording.record"):
        assert run(path, step) == -signal.SIGKILL, step
        for model in (Project, Milestone, Organisation, ImportBatch):
            assert not model.objects.exists(), (step, model)
    assert run(path, "batches.keep") == -signal.SIGKILL
    assert not Project.objects.exists()
    assert run(path, "") == 0
    assert (Project.objects.count(), Milestone.objects.count()) == (ROWS, 2 * ROWS)
    assert run(path, "") == 0
    assert Project.objects.count() == ROWS


def test_killing_an_import_at_any_moment_leaves_all_or_nothing(tmp_path: Path) -> None:
    IndicatorFactory.create()
    ParkFactory.create(code="town")
    path = tmp_path / "projects.csv"
    rows = [[f"项目{n}", "town", "2024"] for n in range(2_000)]
    path.write_bytes(table(["项目名称", "园区", "签约日期"], *rows))
    started = perf_counter()
    assert run(path, "recording.record") == -signal.SIGKILL
    whole = perf_counter() - started  # so that most die while they write
    draw = Random(7)  # noqa: S311 nothing secret
    for _kill in range(RANDOM_KILLS):
        code = run(path, "", whole * draw.uniform(0.3, 1.1))
        counts = {model.objects.count() for model in (Project, Milestone)}
        assert counts in ({0}, {2_000}), code
        assert counts == {2_000} or not ImportBatch.objects.exists()
    assert run(path, "") == 0
    assert (Project.objects.count(), Milestone.objects.count()) == (2_000, 2_000)
