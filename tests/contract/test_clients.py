"""Clients do their tasks with a running server: those that others' tools generate, and our own.

The generated ones are made of the operations that the tasks use, in a long run of all.
"""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from config import __version__
from tests.contract.servers import serving_fixtures
from tests.npm import install_packages, run
from tests.openapi import read_snapshot
from tests.paths import ROOT
from tests.samples import IS_LONGEST

pytestmark = pytest.mark.django_db

CLIENTS = Path(__file__).with_name("clients")
TRIED = "" if IS_LONGEST else r"/projects(/\{code\}|/summary|/bulk|\.csv)?$"
GO_LIBRARIES = "/usr/share/gocode"  # where Debian puts them
Generate = Callable[[Path], list[str | Path]]


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


def call(folder: Path, *command: str | Path, **variables: str) -> str:
    """What a program says, which ends without an error."""
    given = {**os.environ, **variables}
    done = subprocess.run(command, cwd=folder, env=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def generate_python(folder: Path) -> list[str | Path]:
    (folder / "options.json").write_text('{"post_hooks": []}')  # which would lay out the code
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning"]
    command += ["--path", "openapi.json", "--config", "options.json"]
    call(folder, *command, "--meta", "none", "--output-path", "made")
    return [sys.executable, "client.py"]


def generate_typescript(folder: Path, program: str, generator: str) -> list[str | Path]:
    packages = install_packages(CLIENTS / "typescript")
    (folder / "node_modules").symlink_to(packages)
    call(folder, "node", *f"node_modules/{generator}".split())
    chosen = {"extends": "./tsconfig.json", "files": [f"{program}.ts"]}
    (folder / "chosen.json").write_text(json.dumps(chosen))
    run(folder, "node", packages / "typescript/bin/tsc", "--project", "chosen.json")
    return ["node", f"built/{program}.js"]


def generate_go(folder: Path) -> list[str | Path]:
    assert Path(GO_LIBRARIES, "src/gopkg.in/validator.v2").exists(), (
        "No Go found: `apt-get install golang-go golang-gopkg-validator.v2-dev` brings it."
    )
    generator = install_generator(CLIENTS / "go/requirements.txt")
    options = ["--additional-properties", "packageName=ledger,withGoMod=false,enumClassPrefix=true"]
    parts = "apis,models,supportingFiles,apiTests=false,modelTests=false"
    options += ["--global-property", f"{parts},apiDocs=false,modelDocs=false"]
    command = [generator / "bin/openapi-generator-cli", "generate", "-g", "go", *options]
    call(folder, *command, "-i", "openapi.json", "-o", "src/ledger", PYTHONPATH=str(generator))
    shutil.rmtree(folder / "src/ledger/test", ignore_errors=True)
    variables = {"GOPATH": f"{folder}:{GO_LIBRARIES}", "GOCACHE": str(ROOT / "var/cache/go")}
    call(folder, "go", "build", "-o", "client", "client.go", GO111MODULE="off", **variables)
    return [folder / "client"]


def install_generator(wanted: Path) -> Path:
    """The folder of the packages that a file names, installed once."""
    kept = ROOT / f"var/cache/pip-{sha256(wanted.read_bytes()).hexdigest()[:12]}"
    if not kept.exists():
        new = kept.with_suffix(".new")
        options = ["--quiet", "--target", new, "--requirement", wanted]
        call(ROOT, sys.executable, "-m", "pip", "install", *options)
        new.rename(kept)
    return kept


# Their programs in the folder, and how what they import is made
TYPESCRIPT = {
    "openapi_fetch": "openapi-typescript/bin/cli.js openapi.json -o made/schema.d.ts",
    "hey_api": "@hey-api/openapi-ts/bin/run.js -i openapi.json -o made/hey --no-log-file",
    "orval": "orval/dist/bin/orval.js --config orval.config.js",
}
LONG = pytest.mark.long("installs and runs other compilers")
GENERATORS = [
    pytest.param("python", generate_python, id="openapi-python-client"),
    *(
        pytest.param(
            "typescript",
            partial(generate_typescript, program=program, generator=generator),
            id=program,
            marks=LONG,
        )
        for program, generator in TYPESCRIPT.items()
    ),
    pytest.param("go", generate_go, id="openapi-generator", marks=LONG),
]


@pytest.fixture(scope="module")
def served(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The address of a server over the shipped ledger, and the token of somebody who may write."""
    folder = tmp_path_factory.mktemp("served")
    with serving_fixtures(django_db_blocker, folder) as (server, token):
        yield f"http://127.0.0.1:{server.port}", token


@pytest.mark.slow
@pytest.mark.parametrize(("language", "generate"), GENERATORS)
def test_a_generated_client_does_every_task(
    served: tuple[str, str], tmp_path: Path, language: str, generate: Generate
) -> None:
    shutil.copytree(CLIENTS / language, tmp_path, dirs_exist_ok=True)
    (tmp_path / "openapi.json").write_text(json.dumps(keep_used(read_snapshot())))
    told = json.loads(call(tmp_path, *generate(tmp_path), *served))
    # A list
    assert told["count"] > 5
    assert (len(told["codes"]), len(told["amounts"])) == (3, 3)
    # A summary by two dimensions
    assert {type(year) for park, year, _count in told["cells"] if park == "baodi-zgc"} == {
        int,
        type(None),
    }
    assert sum(count for _park, _year, count in told["cells"]) == told["total"] > 100
    # An edit of what was read, and one of what is not so any more
    assert told["note"].startswith("Seen by ")
    assert told["refused"] == [412, "/problems/version-conflict", ["note"]]
    # The same row sent twice: created, then the same
    assert told["upserts"] == [[1, 0], [0, 1]]
    header, *rows = told["csv"].split()
    assert (header, len(rows)) == ("code,stage", told["count"] + 1)
    assert told["problem"] == ["/problems/validation-failed", "park", "unknown_value"]


class Busy(httpx.BaseTransport):
    """Answers the first requests as a busy server does, and lets the others through."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = [*statuses]
        self.real = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.statuses:
            return httpx.Response(self.statuses.pop(0), headers={"Retry-After": "7"})
        return self.real.handle_request(request)

    def close(self) -> None:
        self.real.close()


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    """Our own client, as it is in the repository."""
    sys.path.insert(0, str(ROOT / "clients/python/src"))
    yield importlib.import_module("park_ledger")
    sys.path.pop(0)


@pytest.fixture
def ledger(package: Any, served: tuple[str, str]) -> Iterator[Any]:
    with package.Ledger(*served) as ledger:
        yield ledger


@pytest.mark.slow
def test_our_client_reads_all_pages_summaries_and_files(ledger: Any) -> None:
    codes = [row["code"] for row in ledger.rows("projects", limit=40, fields=["code"])]
    assert len(codes) == len({*codes}) > 100
    cells = [*ledger.rows("projects/summary", group_by=["park", "signed_year"])]
    assert sum(cell["count"] for cell in cells) > 100
    assert ledger.download("projects.csv", columns=["code"], bom=False).split()[0] == b"code"


@pytest.mark.slow
def test_our_client_waits_as_a_busy_ledger_says(package: Any, served: tuple[str, str]) -> None:
    row = {"code": "waited", "park": "baodi-zgc", "name_zh": "雪松轴承"}
    for statuses, waited, call in (
        ((429, 503), [7, 7], lambda ledger: ledger.get("parks/baodi-zgc")["code"]),
        ((503,), [7], lambda ledger: ledger.upsert([row])["created"]),
        ((503,), [], lambda ledger: ledger.create("projects", row)),
        ((429,) * 5, [7] * 4, lambda ledger: ledger.get("parks/baodi-zgc")),
    ):
        waits: list[float] = []
        with package.Ledger(*served, transport=Busy(*statuses), sleep=waits.append) as ledger:
            if waited == [7] * len(statuses):
                assert call(ledger) in ("baodi-zgc", 1)
            else:
                with pytest.raises(package.LedgerError) as refused:
                    call(ledger)
                assert refused.value.status == statuses[-1]
        assert waits == waited


@pytest.mark.slow
def test_our_client_settles_edits_beside_those_of_others(package: Any, ledger: Any) -> None:
    made = ledger.create("projects", {"park": "baodi-zgc", "name_zh": "翠竹软件"})
    path = f"projects/{made['code']}"
    read = ledger.get(path)
    ledger.edit(path, {"name_en": "Bamboo"})
    assert ledger.edit(path, {"note": "mine"}, read=read)["name_en"] == "Bamboo"
    with pytest.raises(package.ConflictError) as met:
        ledger.edit(path, {"note": "of somebody else", "name_en": "Bamboo"}, read=read)
    assert met.value.status == 412
    assert met.value.fields == ["note"]
    assert (met.value.mine["note"], met.value.theirs["note"]) == ("of somebody else", "mine")
    with pytest.raises(package.LedgerError) as refused:
        ledger.edit(path, {"stage": "started"})
    assert refused.value.type == "/problems/validation-failed"
    assert refused.value.errors[0]["pointer"] == "#/stage"
    ledger.delete(path, ledger.get(path))


@pytest.mark.long("installs pandas")
def test_our_client_is_a_wheel_that_makes_tables(served: tuple[str, str], tmp_path: Path) -> None:
    pip = (sys.executable, "-m", "pip", "--quiet")
    call(ROOT, "make", "--no-print-directory", "client")
    (wheel,) = (ROOT / "var/client").glob(f"park_ledger-{__version__}-*.whl")
    call(ROOT, *pip, "install", "--target", tmp_path, f"{wheel}[pandas]")
    program = (
        "import sys; from park_ledger import Ledger\n"
        "ledger = Ledger(*sys.argv[1:])\n"
        "projects = ledger.frame('projects', park='baodi-zgc')\n"
        "print(projects['investment_cny'].dtype, projects['origin'].dtype)\n"
        "years = ledger.frame('projects/summary', group_by=['park', 'signed_year'])\n"
        "print(years['park.value'].dtype, years['signed_year.value'].dtype, years['count'].sum())\n"
    )
    told = call(ROOT, sys.executable, "-c", program, *served, PYTHONPATH=str(tmp_path)).split()
    assert told[:4] == ["Int64", "string", "string", "Int64"]
    assert int(told[4]) > 100
