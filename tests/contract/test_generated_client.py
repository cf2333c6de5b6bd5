"""Clients in Python and TypeScript that others' tools make of the document do tasks with it.

The types for TypeScript are those of the whole document, the classes in Python those of the
operations that are tried; a long run generates all of them.
"""

import importlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.contract.servers import serving_fixtures
from tests.npm import install_packages, run
from tests.openapi import SNAPSHOT, read_snapshot
from tests.samples import IS_LONGEST

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.long("runs other compilers; docs/openapi.yaml shows changes"),
]

OPTIONS: dict[str, Any] = {"post_hooks": []}  # which would lay out the code
TYPESCRIPT = Path(__file__).with_name("typescript")
PACKAGE = "generated_ledger_client"
TRIED = "" if IS_LONGEST else r"/projects(/\{code\}|/summary|\.csv|\.xlsx)?$"


def keep_used(whole: Any) -> Any:
    """Keep of a document what is tried, and the schemas to which something in it leads."""
    every = whole["components"]["schemas"]
    paths = {path: each for path, each in whole["paths"].items() if re.search(TRIED, path)}
    used: set[str] = set()
    rest = {**whole, "paths": paths, "components": {**whole["components"], "schemas": {}}}
    new = find_schemas(rest)
    while new:
        used |= new
        new = set().union(*(find_schemas(every[name]) for name in new)) - used
    kept = {name: each for name, each in every.items() if name in used}
    return {**rest, "components": {**rest["components"], "schemas": kept}}


def find_schemas(part: Any) -> set[str]:
    return {*re.findall(r'"#/components/schemas/(\w+)"', json.dumps(part))}


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package; the generator has nothing to complain about."""
    folder = tmp_path_factory.mktemp("generated")
    document = json.dumps(keep_used(read_snapshot()))
    (folder / "openapi.json").write_text(document, encoding="utf-8")
    (folder / "options.json").write_text(json.dumps(OPTIONS), encoding="utf-8")
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    command += ["--path", "openapi.json", "--config", "options.json"]
    command += ["--meta", "none", "--output-path", PACKAGE]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(folder))
    yield PACKAGE
    sys.path.remove(str(folder))


@pytest.fixture(scope="module")
def served(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The address of a server over the shipped ledger, and the token of somebody who may write."""
    folder = tmp_path_factory.mktemp("served")
    with serving_fixtures(django_db_blocker, folder) as (server, token):
        yield f"http://127.0.0.1:{server.port}", token


@pytest.fixture(scope="module")
def client(generated: str, served: tuple[str, str]) -> Iterator[Any]:
    """The generated client, signed in by a token."""
    made: Any = importlib.import_module(f"{generated}.client")
    address, token = served
    with made.AuthenticatedClient(base_url=address, token=token) as client:
        yield client


@pytest.fixture(scope="module")
def made(generated: str) -> SimpleNamespace:
    """The operations on projects by their short names, and the models."""
    names = ("list", "create", "retrieve", "partial_update", "destroy", "summary", "csv", "xlsx")
    operations = {
        name: importlib.import_module(f"{generated}.api.projects.projects_{name}").sync_detailed
        for name in names
    }
    return SimpleNamespace(models=importlib.import_module(f"{generated}.models"), **operations)


def test_it_lists_every_project_page_by_page(client: Any, made: SimpleNamespace) -> None:
    exact = made.models.ProjectsListCount.EXACT
    cursor: dict[str, str] = {}
    codes: list[str] = []
    while True:
        page = made.list(client=client, limit=40, count=exact, **cursor).parsed
        codes += [project.code for project in page.results]
        if page.next_ is None:
            break
        cursor = {"cursor": page.next_.partition("cursor=")[2].partition("&")[0]}
    assert len(codes) == len(set(codes)) == page.count > 100


def test_it_reads_a_summary_by_two_dimensions(client: Any, made: SimpleNamespace) -> None:
    asked = made.models.projects_summary_group_by_item.ProjectsSummaryGroupByItem
    dimensions = [asked.PARK, asked.SIGNED_YEAR]
    summary = made.summary(client=client, group_by=dimensions).parsed
    cells = {(row.park.value, row.signed_year.value): row.count for row in summary.rows}
    assert {type(year) for park, year in cells if park == "baodi-zgc"} == {int, type(None)}
    assert sum(cells.values()) == summary.total.count


def created(client: Any, made: SimpleNamespace, **fields: Any) -> Any:
    body = made.models.ProjectDetailRequest.from_dict({"park": "baodi-zgc", **fields})
    return made.create(client=client, body=body)


def test_it_creates_a_project(client: Any, made: SimpleNamespace) -> None:
    answer = created(client, made, name_zh="博宇二期", origin="110108", investment_cny="超1.5亿元")
    assert answer.status_code == 201
    read = made.retrieve(client=client, code=answer.parsed.code).parsed
    assert read == answer.parsed
    assert (read.name_zh, read.origin) == ("博宇二期", "110108")
    assert (read.investment_cny, read.investment_qualifier) == (150_000_000, "over")
    assert read.signed_on is None


def test_it_edits_with_the_version_that_it_has_read(client: Any, made: SimpleNamespace) -> None:
    code = created(client, made, name_en="Edited").parsed.code
    tag = made.retrieve(client=client, code=code).headers["ETag"]
    change = made.models.PatchedProjectDetailRequest(note="Seen on site.")
    edited = made.partial_update(client=client, code=code, if_match=tag, body=change)
    assert edited.status_code == 200
    assert edited.parsed.note == "Seen on site."
    stale = made.partial_update(client=client, code=code, if_match=tag, body=change)
    assert stale.status_code == 412
    assert stale.parsed.type_ == "/problems/version-conflict"
    assert stale.parsed.current_version == edited.parsed.version
    assert stale.parsed.changed_fields == ["note"]


def test_a_program_with_generated_types_does_the_same(
    served: tuple[str, str], tmp_path: Path
) -> None:
    packages = install_packages(TYPESCRIPT)
    shutil.copytree(TYPESCRIPT, tmp_path, dirs_exist_ok=True)
    (tmp_path / "node_modules").symlink_to(packages)
    types = ("--output", "schema.d.ts")
    run(tmp_path, "node", packages / "openapi-typescript/bin/cli.js", SNAPSHOT, *types)
    run(tmp_path, "node", packages / "typescript/bin/tsc")
    told = json.loads(run(tmp_path, "node", "client.js", *served))
    assert (told["count"] > 5, len(told["codes"]), len(told["amounts"])) == (True, 3, 3)
    assert told["group_by"] == ["park", "stage"]
    assert sum(told["rows"]) == told["total"] > 100
    assert ["baodi-zgc", "开工"] in told["cells"]
    assert told["note"] == "Seen by a typed client."
    assert told["refused"] == [412, "/problems/version-conflict"]
    header, *rows = told["csv"].splitlines()
    assert (header, len(rows)) == ("code,stage", int(told["csv_rows"]))
    assert told["book"] == "PK"
