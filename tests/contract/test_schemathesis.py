"""Schemathesis against a running server: the document is true, and no request is a 5xx."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.openapi.examples import SHOWN_EXAMPLES
from tests.contract.servers import Server, serving_fixtures
from tests.openapi import SNAPSHOT, read_snapshot

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.only_sqlite,
    pytest.mark.long("sends several requests of each operation"),
]

# How Schemathesis is configured, besides which rows each operation is about
GENERAL = """
request-timeout = 40
[generation]
max-examples = 4
[phases.stateful.generation]
max-examples = 16
# No schema can say which codes there are, nor which fields exclude each other
[checks.positive_data_acceptance]
enabled = false
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 411, 412, 413, 414, 415, 428]
[checks.missing_required_header]
expected-statuses = [400, 401, 403, 404, 405, 406, 409, 411, 412, 413, 414, 415, 428]
# A form sends a text and a list of one text alike
[[operations]]
include-operation-id = "imports_create"
[operations.checks.negative_data_rejection]
expected-statuses = [201, 400, 401, 403, 404, 405, 406, 409, 411, 412, 413, 414, 415, 428]
"""
# Successful requests expected at least, by method, so that the run means something
FLOORS = {"GET": 200, "POST": 20, "PATCH": 20, "DELETE": 3}


def list_rows(server: Server, path: str) -> list[Any]:
    """List codes or numbers of rows of a list of the API."""
    answer = server.ask(f"/api/v1/{path}?limit=20", Cookie=f"sessionid={server.session}")
    rows = json.loads(answer.body)["results"] if answer.status == 200 else []
    return [row.get("code", row.get("id")) for row in rows]


def find_rows(server: Server) -> Iterator[tuple[str, str, list[Any]]]:
    """Find which rows each operation may be about: its id, its parameter, and their codes."""
    examples, found = SHOWN_EXAMPLES.rows, dict[str, list[Any]]()
    owners = {f"{{{name[:-1]}}}": code for name, code in examples.items()}
    for path, methods in read_snapshot()["paths"].items():
        for name in re.findall(r"\{(\w+)\}", path):
            before, _slash, after = path.removeprefix("/api/v1/").partition(f"/{{{name}}}")
            for owner, code in owners.items():
                before = before.replace(owner, code)
            if before not in found:
                found[before] = ["1"] if name == "version" else list_rows(server, before)
            for method, operation in methods.items():
                # Other operations need the row of the examples as it is
                spared = method == "delete" or after.endswith(("/restore", "/merge"))
                codes = [
                    code for code in found[before] if not spared or code not in owners.values()
                ]
                if f"{{{name}}}" in owners and after:
                    codes = [owners[f"{{{name}}}"]]
                if codes:
                    yield operation["operationId"], name, codes


def write_configuration(server: Server) -> str:
    lines = [GENERAL]
    for operation, name, codes in find_rows(server):
        lines += [f"[dictionaries.{operation}-{name}]", f"values = {json.dumps(codes)}"]
        lines += ["[[operations]]", f"include-operation-id = {json.dumps(operation)}"]
        lines += [f'[operations.parameters."path.{name}"]', "probability = 0.9"]
        lines += [f'dictionary = "{operation}-{name}"']
    return "\n".join(lines)


@pytest.fixture(scope="module")
def ledger(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str, Path]]:
    """Start a server over the shipped ledger; yields it, a token, and its folder."""
    folder = tmp_path_factory.mktemp("schemathesis")
    with serving_fixtures(django_db_blocker, folder) as (server, token):
        yield server, token, folder


def test_the_document_is_true_and_nothing_is_a_failure_of_the_server(
    ledger: tuple[Server, str, Path],
) -> None:
    server, token, folder = ledger
    config, report = folder / "schemathesis.toml", folder / "report.ndjson"
    config.write_text(write_configuration(server), encoding="utf-8")
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    command += [str(SNAPSHOT), "--url", f"http://127.0.0.1:{server.port}", "--seed", "1"]
    command += ["-H", f"Authorization: Bearer {token}", "--phases", "examples,fuzzing,stateful"]
    command += ["--continue-on-failure", "--no-shrink", "--suppress-health-check", "all"]
    command += ["--report", "ndjson", "--report-ndjson-path", str(report)]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    taken = Counter[str]()
    for line in report.read_text(encoding="utf-8").splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder") or {}
        for case, interaction in recorder.get("interactions", {}).items():
            response = interaction.get("response")
            taken[recorder["cases"][case]["value"]["method"]] += response["status_code"] < 300
    assert all(taken[method] >= least for method, least in FLOORS.items()), taken
