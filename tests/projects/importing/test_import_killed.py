"""A process that is killed in the middle of an import leaves nothing; sent again, all comes in."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from parks.models import Organisation
from projects.models import Milestone, Project
from tests.factories import IndicatorFactory, ParkFactory
from tests.projects.importing.imports import table
from tests.samples import HERE, IS_LONG, sample
from tests.seeded import address_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("database_in_a_file"),
]

# Forks a process for each line that it reads, which runs the command, and dies when it comes to a
# step, and prints its exit code.
SCRIPT = """
import io, json, os, signal, sys
import django
django.setup()
from django.core.management import call_command
from parks.recording import recording
from projects.importing import batches, writing
from projects.management.commands import import_projects
from sheets.reading.apart import start_reading
start_reading()  # once for all of them
modules = {"batches": batches, "writing": writing, "recording": recording.RevisionWriter}
for line in sys.stdin:
    path, dies_at = json.loads(line)
    child = os.fork()
    if not child:
        module, step = dies_at.split(".") if dies_at else ("", "")
        if step:
            die = lambda *args, **named: os.kill(os.getpid(), signal.SIGKILL)
            setattr(modules[module], step, die)
        try:
            call_command("import_projects", path, verbosity=0, stdout=io.StringIO())
        except BaseException:
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
ROWS = 300 if IS_LONG else 30
STEPS = ("writing._create_organisations", "writing._add_up", "recording.record", "batches.keep")


def database_url() -> str:
    """The database of the tests, as another process names it."""
    name = connection.settings_dict["NAME"]
    return f"sqlite:///{name}" if connection.vendor == "sqlite" else address_of(name)


@pytest.fixture
def importer() -> Iterator[Callable[..., int]]:
    """Run an import, which dies when it comes to a step, and tell its exit code or -SIGKILL."""
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=settings.BASE_DIR,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SECRET_KEY": "of a test",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
    ) as forks:

        def run(path: Path, dies_at: str) -> int:
            print(json.dumps([str(path), dies_at]), file=forks.stdin)
            return int(forks.stdout.readline())

        yield run
        forks.stdin.close()


@pytest.mark.slow
@pytest.mark.both_databases
def test_killing_an_import_leaves_nothing_and_sending_it_again_brings_all(
    tmp_path: Path, importer: Callable[..., int]
) -> None:
    IndicatorFactory.create()
    ParkFactory.create(code="town")
    path = tmp_path / "projects.csv"
    rows = [[f"项目{n}", "town", "华虹", f"{n / 100 + 1:.2f}", "2024", "在建"] for n in range(ROWS)]
    header = ["项目名称", "园区", "投资方", "投资额（亿元）", "签约日期", "项目阶段"]
    path.write_bytes(table(header, *rows))
    for step in sample(STEPS, 2, HERE):
        assert importer(path, step) == -signal.SIGKILL, step
        for model in (Project, Milestone, Organisation):
            assert not model.objects.exists(), (step, model)
    assert importer(path, "") == 0
    assert (Project.objects.count(), Milestone.objects.count()) == (ROWS, 2 * ROWS)
    assert importer(path, "") == 0
    assert Project.objects.count() == ROWS
