"""The ledgers that are hurt, made once, and the table of what came of it."""

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.servers import Server, address_of_database, environment, serving
from tests.faults.ledgers import GIVEN, fill, fill_cluster
from tests.paths import ROOT
from tests.postgres import Cluster, find_programs, stoppable_cluster

PAGE = ROOT / "benchmarks" / "RESULTS.md"
OUTCOMES: dict[str, tuple[str, str, str]] = {}
Told = Callable[[str, str, str, str], None]


@pytest.fixture(scope="session", autouse=True)
def all_that_is_needed() -> None:
    """Say what is missing before anything begins."""
    missing = [name for name in ("nginx", "faketime") if not shutil.which(name)]
    if missing or os.geteuid():
        pytest.exit(f"Run this as root, and install what is missing: {missing}", returncode=2)


@pytest.fixture(scope="session")
def told() -> Told:
    """Take down a fault, what came of it, and the mark to meet."""

    def take_down(fault: str, what: str, outcome: str, mark: str) -> None:
        OUTCOMES[fault] = (what, outcome, mark)

    return take_down


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what was taken down; with WRITE_DOCS=1 the page gets those lines."""
    for fault, (what, outcome, mark) in OUTCOMES.items():
        terminalreporter.write_line(f"{fault:5} {what}: {outcome} (mark: {mark})")
    if OUTCOMES and os.environ.get("WRITE_DOCS"):
        write_page()


def write_page() -> None:
    """Put what was measured into the table of the page, line by line."""
    text = PAGE.read_text(encoding="utf-8")
    for fault, (_what, outcome, _mark) in OUTCOMES.items():
        line = f"| {fault} | {outcome} |"
        text = re.sub(rf"(?m)^\| {re.escape(fault)} \|.*$", lambda _found, new=line: new, text)
    PAGE.write_text(text, encoding="utf-8")


@pytest.fixture(scope="session")
def filled_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, str]]:
    """A PostgreSQL of its own with some thousand projects, and a superuser's session there."""
    with stoppable_cluster(find_programs()) as made:
        made.start()
        folder = tmp_path_factory.mktemp("filling")
        yield made, fill_cluster(made, environment(folder, **GIVEN))


@pytest.fixture
def cluster(filled_cluster: tuple[Cluster, str]) -> Cluster:
    """The cluster."""
    return filled_cluster[0]


@pytest.fixture
def session(filled_cluster: tuple[Cluster, str]) -> str:
    """The session."""
    return filled_cluster[1]


@pytest.fixture
def on_postgresql(cluster: Cluster, tmp_path: Path) -> dict[str, str]:
    """The environment of a server on it, as it is deployed: two processes."""
    given = GIVEN | {"DATABASE_URL": cluster.url, "WEB_CONCURRENCY": "2"}
    return environment(tmp_path, **given)


@pytest.fixture
def server(on_postgresql: dict[str, str], session: str) -> Iterator[Server]:
    """A server on PostgreSQL, which must be well at the end and never have answered 500."""
    with serving(on_postgresql, session) as running:
        yield running
        running.wait_until_well("/api/v1/sources")
    failed = re.findall(r'.*" 500 \d+ bytes.*', running.log.read_text(errors="replace"))
    assert failed == []


@pytest.fixture(scope="session")
def filled_folder(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, str]:
    """A folder with a ledger on SQLite, and a session there."""
    folder = tmp_path_factory.mktemp("sqlite")
    with django_db_blocker.unblock():
        address_of_database(folder)
    variables = environment(folder, **GIVEN)
    return folder, fill(variables)


@pytest.fixture
def on_sqlite(filled_folder: tuple[Path, str], tmp_path: Path) -> tuple[dict[str, str], str]:
    """The environment of a server on a copy of it, and a session."""
    folder = shutil.copytree(filled_folder[0], tmp_path / "var")
    return environment(folder, **GIVEN, WEB_CONCURRENCY="2"), filled_folder[1]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that nginx and PgBouncer reach, too, which are other users."""
    made = Path(tempfile.mkdtemp(prefix="ledger-load-"))
    made.chmod(0o755)
    for name in ("pooler", "nginx", "var"):
        (made / name).mkdir()
    yield made
    shutil.rmtree(made)
