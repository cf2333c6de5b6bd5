"""The program of the how-to: a mirror that is killed, refused and brought into step, as remote."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from math import ceil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rest_framework.test import APIClient

from api import load
from projects.models import Funding, Project
from tests.answers import API, CarefulClient, Row, sign_in, walk
from tests.factories import (
    EditionFactory,
    EventFigureFactory,
    FigureFactory,
    FundingFactory,
    IndicatorFactory,
    InvestorFactory,
    MilestoneFactory,
    OrganisationFactory,
    ParkFactory,
    ParticipationFactory,
    PersonFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SigningEventFactory,
    SourceFactory,
    TargetFactory,
    TimelineEntryFactory,
    UserFactory,
)
from tests.paths import DOCS
from tests.samples import IS_LONG
from tests.site.remote import RemoteProxy, open_proxy
from tests.site.test_queries import stored

PAGE = DOCS / "how-to" / "follow-changes.md"
PROJECTS, CHANGED = (5_000, 1_000) if IS_LONG else (600, 120)
# Requests for what was changed: pages of the feed, and for each the rows of five lists; codes of
# four digits, as they are after other tests, are too long for five hundred in one address
AFTER_EDITS = 12 if IS_LONG else 7
LIMIT = 120  # requests a minute, by default
WHOLE = {"expand": "milestones,participations,figures,fundings,tags,investors"}
# The lists, by the tables of the copy
LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "project": ("projects", WHOLE),
    "signing_event": ("events", {"expand": "figures"}),
    "figure": ("figures", {"subject_type_not": "project,event"}),
    "park": ("parks", {}),
    "organisation": ("organisations", {}),
    "source": ("sources", {}),
    "person": ("people", {}),
    "timeline_entry": ("timeline", {}),
    "target": ("targets", {}),
    "edition": ("editions", {}),
    "indicator": ("indicators", {}),
    "region": ("regions", {}),
    "region_group": ("region-groups", {}),
    "sector": ("sectors", {}),
    "sector_group": ("sector-groups", {}),
}
LEFT_OUT = {
    *("source_title", "said_by_name", "is_stale", "is_first_signing", "part_of", "duplicate_of"),
    *("posts", "claim_url", "reached"),
}

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def proxy(live_server: Any, settings: Any, monkeypatch: Any) -> Iterator[RemoteProxy]:
    """The ledger as somebody far away asks it, with the limits that it has by default."""
    settings.TRUSTED_PROXIES = 1
    settings.RATE_LIMIT_ANONYMOUS = LIMIT
    if not IS_LONG:
        monkeypatch.setattr(load, "WINDOW_SECONDS", 6)
    with open_proxy(live_server.url) as opened:
        yield opened


@pytest.fixture
def projects(transactional_db: None) -> list[Project]:
    """Many projects with rows of every kind below them, and a few rows of every other list."""
    parks = [ParkFactory.create(code=code) for code in ("town", "bay")]
    rows = range(PROJECTS)
    made = stored(ProjectFactory, rows, park=[parks[n % 10 == 0] for n in rows])
    events = [SigningEventFactory.create(code=code, park=parks[0]) for code in ("forum", "fair")]
    firms = [OrganisationFactory.create() for _each in range(3)]
    indicator = IndicatorFactory.create()
    stored(MilestoneFactory, rows, project=made, event=[events[n % 2] for n in rows])
    stored(FundingFactory, rows, project=made, amount_cny=[1] * PROJECTS)
    stored(InvestorFactory, rows, project=made, organisation=[firms[n % 3] for n in rows])
    stored(ParticipationFactory, rows, project=made, event=[events[n % 2] for n in rows])
    stored(ProjectFigureFactory, rows, project=made, indicator=[indicator] * PROJECTS)
    FigureFactory.create(park=parks[0])
    EventFigureFactory.create(event=events[0])
    SourceFactory.create()
    PersonFactory.create(code="boss")
    TimelineEntryFactory.create(park=parks[0])
    TargetFactory.create(park=parks[0])
    EditionFactory.create(park=parks[0])
    return made


def find_blocks(language: str) -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def start(folder: Path, proxy: RemoteProxy, program: str = "") -> Any:
    """Start the program as the page has it."""
    return subprocess.Popen(
        [sys.executable, "-c", program or find_blocks("python")[0], "--once"],
        cwd=folder,
        env={**os.environ, "LEDGER": proxy.url},
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(program: Any) -> None:
    """Let the program come to its end."""
    _output, errors = program.communicate(timeout=900)
    assert program.returncode == 0, errors


def read_copy(folder: Path) -> dict[str, dict[str, Row]]:
    """The rows of the copy, by table and code."""
    with closing(sqlite3.connect(folder / "ledger.sqlite3")) as copy:
        return {
            table: {
                code: json.loads(data)
                for code, data in copy.execute(f"SELECT code, data FROM {table}")  # noqa: S608
            }
            for table in LISTS
        }


def leave_out(value: Any) -> Any:
    """What the page says that the copy has not is not compared."""
    if isinstance(value, list):
        return [leave_out(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: leave_out(each)
        for name, each in value.items()
        if not (name in LEFT_OUT or name.endswith(("_name_zh", "_name_en")))
    }


def read_ledger() -> dict[str, dict[str, Row]]:
    """The rows of the ledger that everybody sees, by table and code."""
    told: dict[str, dict[str, Row]] = {}
    for table, (address, asked) in LISTS.items():
        rows = walk(APIClient(), address, limit=500, **asked)
        told[table] = {row["code"]: leave_out(row) for row in rows}
    for row in told["project"].values():
        for milestone in row["milestones"]:
            del milestone["event"]
    return told


def check_copy(folder: Path) -> None:
    """Compare every row of the copy with that of the ledger."""
    copy, ledger = read_copy(folder), read_ledger()
    for table, rows in ledger.items():
        assert copy[table].keys() == rows.keys(), table
        for code, row in rows.items():
            assert copy[table][code] == row, (table, code)


def change_much(projects: list[Project]) -> None:
    """Edit, delete, withdraw and add: projects, what lies below them, and other rows."""
    api = sign_in(UserFactory.create(superuser=True), CarefulClient)
    keys = [project.pk for project in projects]
    Project.objects.filter(pk__in=keys[:CHANGED]).update(note="改")
    Project.objects.filter(pk__in=keys[5:15]).update(publication="withdrawn")
    for project in projects[15:20]:
        api.delete(f"{API}/projects/{project.code}", headers={"If-Match": "*"})
    for kind in (MilestoneFactory, InvestorFactory, ProjectFigureFactory):
        kind.create(project=projects[30])
    FundingFactory.create(project=projects[-1], kind="completed")
    Funding.objects.get(project=projects[-2]).delete()
    ProjectFactory.create(code="New", park=projects[1].park, met=["signed"])
    SourceFactory.create(code="newer", title="新")
    TargetFactory.create(park=projects[1].park, year=2027)
    figure = FigureFactory.create(park=projects[1].park, on="2025")
    FigureFactory.create(park=projects[1].park, on="2026").supersede(figure)


@pytest.mark.long("starts several programs")
def test_a_mirror_takes_pages_and_misses_nothing(
    proxy: RemoteProxy, projects: list[Project], tmp_path: Path
) -> None:
    pages = ceil(PROJECTS / 500)
    program = start(tmp_path, proxy)

    def kill(path: str) -> None:
        if "cursor=" in path:  # of the second page
            program.kill()
            raise ConnectionError(path)

    proxy.before = kill
    program.communicate(timeout=900)
    assert program.returncode < 0
    assert [status for _path, status in proxy.take_asked()] == [200, 200]
    assert len(read_copy(tmp_path)["project"]) == 500

    change_much(projects)
    asked_again = iter([proxy.use_up])
    proxy.before = lambda path: next(asked_again, lambda: None)()
    finish(start(tmp_path, proxy))
    asked = proxy.take_asked()
    first, *answered = [(path, status) for path, status in asked]
    assert (first[1], first[0]) == (429, answered[0][0])  # it waited, and asked for the same
    assert "cursor=" in first[0]
    assert {status for _path, status in answered} == {200}
    assert sum("/projects?" in path and "code=" not in path for path, _status in answered) == (
        pages - 1
    )
    check_copy(tmp_path)
    rest = pages - 1 + len(LISTS) - 1
    assert not [path for path, _status in answered[:rest] if "changes" in path]
    assert len(answered) - rest <= AFTER_EDITS, answered[rest:]
    assert max(len(path) for path, _status in answered) < 6_300

    fair = projects[1].participations.get().event
    fair.publication = "withdrawn"
    fair.save()
    ParkFactory._meta.model.objects.filter(code="bay").update(publication="withdrawn")
    finish(start(tmp_path, proxy))
    check_copy(tmp_path)
    assert len(read_copy(tmp_path)["signing_event"]) == 1


@pytest.mark.slow
def test_the_same_program_writes_into_duckdb(proxy: RemoteProxy, tmp_path: Path) -> None:
    for code, met in (("fab", {"signed": "2024-03"}), ("lab", {})):
        ProjectFactory.create(code=code, met=met, investment=150_000_000)
    ProjectFactory.create(code="gone")
    program, variant, _pandas = find_blocks("python")
    line = 'copy = sqlite3.connect("ledger.sqlite3", isolation_level=None)\n'
    assert line in program
    changed = program.replace(line, variant)
    finish(start(tmp_path, proxy, changed))
    Project.objects.filter(code="gone").update(publication="withdrawn")
    MilestoneFactory.create(project=Project.objects.get(code="lab"), type="started")
    finish(start(tmp_path, proxy, changed))
    with duckdb.connect(tmp_path / "ledger.duckdb") as copy:
        rows = dict(copy.execute("SELECT code, data FROM project").fetchall())
        told = read_ledger()["project"]
        assert {code: json.loads(data) for code, data in rows.items()} == told
        assert {*told} == {"fab", "lab"}
        (statement,) = find_blocks("sql")
        assert sorted(copy.execute(statement).fetchall()) == [
            ("signed", 1, 150_000_000),
            ("started", 1, 150_000_000),
        ]
