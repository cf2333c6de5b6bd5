"""Schemathesis against the deployed server: the document is true, and nothing is a 5xx.

All operations are asked by their examples, and with what is drawn for each, by three seeds on
SQLite; their links are followed. On SQLite the bounds of one path in nine are walked through: some
two hundred requests of each operation, which takes ten seconds.
"""

import json
import re
import subprocess
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from django.utils import timezone

from config.api.openapi.examples import SHOWN_EXAMPLES
from tests.conftest import read_fixture
from tests.contract.servers import Server, serving_fixtures
from tests.openapi import inline, read_snapshot
from tests.samples import IS_LONGEST

pytestmark = [pytest.mark.django_db, pytest.mark.long("needs many draws")]

ROWS, BODIES = SHOWN_EXAMPLES.rows, SHOWN_EXAMPLES.bodies
SEEDS = (1, 2, 3) if IS_LONGEST else (1,)
EXAMPLES = 8  # generated requests of each operation and phase
WALKED = slice(4, None, 9)  # the paths whose bounds are walked through
SPARE_ROWS = 3  # of each resource, to be deleted

# Requests of three seeds that are taken at least, by method; measured are about a fifth more or
# above. A PUT that draws a draft in place of what published rows refer to is refused: 8 to 13 of
# them are taken.
FLOORS = Counter({"GET": 200, "POST": 40, "PUT": 6, "PATCH": 40, "DELETE": 15})

# What no check can ask of this API, and why
LEFT_OUT = {
    # Which codes there are, which claims supersede which, which dates follow which: a schema
    # cannot say, so what it allows is refused now and then. The floors below stand in for it,
    # and NOT_SAID, by which alone it may be refused.
    "positive_data_acceptance",
}
# As what a request may be refused that the document allows, by its code
NOT_SAID = {
    "unknown_value": "which codes there are",
    "unknown_mapping": "which mappings are saved",
    "invalid_cursor": "which cursors were given",
    "out_of_range": "which of two bounds is the lower one",
    "before_first_record": "when the ledger began",
    "in_the_future": "what day it is",
    "repeated_value": "that a text names nothing twice",
    "contradiction": "which parameters exclude each other",
    "without_point": "which fields are those of a point",
    "without_year": "which tags are those of a yearly list",
    "without_reason": "what asks for a reason in another field",
    "needs_period": "which dimensions a growing sum needs",
    "needs_group": "which dimensions an order needs",
    "needs_size_band": "which dimensions go with bands",
    "no_chart_fits": "which charts there are",
    "other_bearer": "which tags are those of projects",
    "not_summable": "which indicators can be summed",
    "not_about_the_same": "which claims take the place of which",
    "too_many_parameters": "how many parameters a request has",
    "immutable": "what is stored",
    "unique": "what is stored",
    "code_retired": "what was stored",
    "undecodable": "what is in a file",
    "not_text": "what is in a file",
    "empty": "that a file has bytes",
    "no_header": "what is in a file",
    "wrong_extension": "what a file is called",
    "invalid_mapping": "what JSON in a text says",
    "invalid_choices": "what JSON in a text says",
    "unknown_line": "what is in a file",
    "invalid_national_code": "in how many ways it is typed",
    "invalid_uscc": "in how many ways it is typed",
    "max_digits": "how many digits a number has",
    "max_whole_digits": "how many digits a number has",
    "max_decimal_places": "how many digits a number has",
    "fraction_of_yuan": "which figures are amounts",
    "does_not_fit": "which charts draw which dimensions",
}
# The same by what is said
NOT_SAID_OF = re.compile(
    r"^#(/projects/\d+)?: "  # rules between fields
    r"|^#/projects/\d+/code: Give the code"
    r"|^[#/\w]*(investment|size_band|bands|value)\w*: "  # words of amounts
    r"|^(parks|\w*sector\w*|\w*origin\w*|\w*region\w*|within): (Name two|A value is missing)"
    r"|^#/url: "  # which addresses there are
    r"|/milestones/\d+/type: This field is required"  # of a milestone that is not there yet
    r"|^#/reported_cny: Give what was reported"  # one of two fields
    r"|U\+(\w*FFF[EF]|FD[DE]\w) "  # noncharacters
    r"|-(29|3[01])[T”]"  # the calendar
)
# Refusals of what is wrong, besides 400: with two things wrong the other may be told first
REFUSALS = [400, 401, 403, 404, 405, 406, 409, 411, 412, 413, 414, 415, 428]
# What is not taken here: two rows that are one are not among those made, and numbers are drawn from
# those of all lists, in which a project's tag, of which many are shipped, is hardly ever met.
# `tests/projects/test_merging.py` and `tests/site/test_access.py` do.
NOT_TAKEN = {
    *(f"POST /api/v1/projects/{{code}}/merge{end}" for end in ("", "/undo")),
    *(f"POST /api/v1/organisations/{{code}}/merge{end}" for end in ("", "/undo")),
    "GET /api/v1/projects/{project}/tags/{id}/history",
    "POST /api/v1/projects/{project}/tags/{id}/history/{version}/restore",
}
# Operations that may take what their schema does not allow: in a form, a text and a list of one
# text are sent alike
LENIENT = ("imports_create",)
# Codes that the schema cannot list: from the shipped ledger, in most of what is generated
REFERENCES = {
    "events": ["body.event", "query.event"],
    "indicators": ["body.indicator", "query.indicator"],
    "organisations": ["body.organisation", "body.operator", "query.organisation"],
    "parks": ["body.park", "query.park", "query.parks"],
    "regions": ["body.region", "body.origin", "body.place", "query.region", "query.origin"],
    "sectors": ["body.sector", "query.sector"],
    "sources": ["body.source", "query.source"],
}
IMPORTS = ("apply", "undo", "errors.csv", "sheet.xlsx")  # what is done with an import
# The rows below others, and those of which the ledger ships none
BELOW = {
    "projects/boyu-semi/figures": "projects_figures_create",
    "projects/boyu-semi/fundings": "projects_fundings_create",
    "projects/boyu-semi/milestones": "projects_milestones_create",
    "projects/boyu-semi/participations": "projects_participations_create",
    "projects/boyu-semi/progress": "projects_progress_create",
    "projects/boyu-semi/plans": "projects_plans_create",
    "events/baodi-zgc-promo-2025/figures": "events_figures_create",
    "projects/boyu-semi/people": "projects_people_create",
    "projects/boyu-semi/tags": "projects_tags_create",
    "organisations/zgc-group/tags": "organisations_tags_create",
    "targets": "targets_create",
}


EVENTS = [row["code"] for row in read_fixture("events")]


@dataclass
class Run:
    """What became of all requests: by operation, how many were made and how many were taken."""

    made: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)  # 5xx
    failures: list[str] = field(default_factory=list)
    misled: list[str] = field(default_factory=list)  # refused although the document allows it

    def read(self, report: Path) -> None:
        """Add a report of Schemathesis in NDJSON."""
        for line in report.read_text(encoding="utf-8").splitlines():
            recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder")
            if recorder is None:
                continue
            for case, interaction in recorder.get("interactions", {}).items():
                self.read_interaction(recorder["cases"][case]["value"], interaction)
            for case, checks in recorder.get("checks", {}).items():
                self.failures += [
                    f"{recorder['label']} {case}: {check['name']}"
                    for check in checks
                    if check["status"] != "success"
                ]

    def read_interaction(self, case: dict[str, Any], interaction: dict[str, Any]) -> None:
        operation = f"{case['method']} {case['path']}"
        response = interaction.get("response")
        self.made[operation] += 1
        if response is None:
            self.broken.append(f"{operation}: no answer")
        elif response["status_code"] >= 500:
            self.broken.append(f"{operation}: {response['status_code']}")
        elif response["status_code"] < 400:
            self.taken[operation] += 1
        elif response["status_code"] == 400 and case["meta"]["generation"]["mode"] == "positive":
            self.read_refusal(operation, json.loads(b64decode(response["content"]["$base64"])))

    def read_refusal(self, operation: str, problem: dict[str, Any]) -> None:
        for error in problem["errors"]:
            place = error.get("parameter") or error.get("pointer") or error.get("header")
            told = f"{place}: {error['detail']}"
            if error["code"] not in NOT_SAID and not NOT_SAID_OF.search(told):
                self.misled.append(f"{operation}: {error['code']}, {told}")


@pytest.fixture(scope="module")
def ledger(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, str, Path]]:
    """A server over the shipped ledger, a token, and a folder."""
    folder = tmp_path_factory.mktemp("schemathesis")
    with serving_fixtures(django_db_blocker, folder) as (server, token):
        yield server, token, folder


def document() -> Any:
    """What is asked; each operation has parameters of its own, which get rows of this test."""
    return inline(read_snapshot())


@dataclass
class Rows:
    """Codes or numbers of rows that are there: to be read and changed, or to be deleted."""

    kept: dict[str, list[str]] = field(default_factory=dict)
    spare: dict[str, list[str]] = field(default_factory=dict)


def made_rows(server: Server, token: str, whole: Any) -> Rows:
    """Rows of each resource that is asked for, by the path of their list.

    Nothing refers to those just made.
    """
    rows, asked = Rows(), find_asked(whole)
    names = {name: f"{name.replace('-', '_')}_create" for name in ROWS} | BELOW
    for path, operation in names.items():
        rows.kept[path] = [code] if (code := ROWS.get(path)) else []
        if "code" in BODIES[operation] or path not in asked:
            continue  # terms are never deleted
        made = [
            json.loads(posted(server, token, path, varied(operation, number)).text)
            for number in range(2 * SPARE_ROWS)
        ]
        addresses = [str(row.get("code", row.get("id"))) for row in made]
        rows.kept[path] += addresses[SPARE_ROWS:]
        rows.spare[path] = addresses[:SPARE_ROWS]
    # What others refer to stays, whoever tries to delete it.
    part = {
        "part_of": ROWS["projects"],
        "name_en": "A part of it",
        "park": "baodi-zgc",
    }
    posted(server, token, "projects", part)
    for fate in asked.intersection(IMPORTS):
        rows.kept[fate] = [imported(server, token, fate, number) for number in range(SPARE_ROWS)]
    return rows


def find_asked(whole: Any) -> set[str]:
    """The paths of lists of whose rows an operation is asked, and what is done with imports."""
    return {
        dictionary.partition(" ")[2]
        for path, method, _name in operations_of(whole)
        for _parameter, dictionary in places(path, method)
    }


def varied(operation: str, number: int) -> dict[str, Any]:
    """The body of an example, changed where there can be only one such row."""
    body = dict(BODIES[operation])
    if "month" in body:
        body["month"] = f"20{10 + number}-01"
    if operation in ("targets_create", "projects_plans_create"):
        body["year"] = 2030 + number
    if operation in ("projects_tags_create", "organisations_tags_create"):
        body["year"] = 2010 + number
    if operation == "projects_people_create":
        body["name"] = f"李工 {number}"
    if operation == "projects_participations_create":
        body["event"] = EVENTS[-1 - number]
    if operation == "projects_milestones_create":
        body["actual_on"] = f"2023-{1 + number:02}"
    return body


# Whose writes may be asked about: the same example is written several times
ASKED = re.compile(r"projects(/[\w-]+/(figures|milestones))?$")


def posted(server: Server, token: str, path: str, body: Any = None, **more: Any) -> Any:
    answer = requests.post(
        f"http://127.0.0.1:{server.port}/api/v1/{path}",
        json=body,
        params={"confirm": "amounts,duplicates"} if ASKED.match(path) else None,
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
        **more,
    )
    assert answer.status_code == 201, (path, answer.text)
    return answer


def imported(server: Server, token: str, fate: str, number: int) -> str:
    """The code of an import: applied, to be taken back; checked only; or of a park unknown."""
    park = "nowhere" if "." in fate else "baodi-zgc"
    # Each of a name of its own: else it may be a project that another import made
    text = f"code,name_zh,park\r\n{fate[:5]}-{number},{fate[:5]}{'甲乙丙丁戊己'[number]},{park}\r\n"
    form = {"dry_run": "false" if fate == "undo" else "true"}
    files = {"file": ("projects.csv", text.encode())}
    code: str = posted(server, token, "imports", data=form, files=files).json()["code"]
    return code


def dictionaries_of(rows: Rows) -> dict[str, list[str]]:
    """All these rows by what they are for and the path of their list."""
    lists = {f"kept {path}": codes for path, codes in rows.kept.items()}
    lists |= {f"only {path}": [ROWS[path]] for path in map("{}s".format, OWNERS)}
    lists |= {f"spare {path}": codes for path, codes in rows.spare.items()}
    return {name: codes for name, codes in lists.items() if codes} | {"versions": ["1"]}


def configuration(whole: Any, lists: Mapping[str, list[str]]) -> str:
    """Schemathesis's TOML: what is left out, and which codes there are."""
    lines = ["request-timeout = 40"]  # the feed waits as long as it is asked to
    lines += [f"[generation]\nmax-examples = {EXAMPLES}"]
    lines += [f"[phases.stateful.generation]\nmax-examples = {4 * EXAMPLES}"]
    lines += [f"[checks.{name}]\nenabled = false" for name in LEFT_OUT]
    for name in ("negative_data_rejection", "missing_required_header"):
        lines.append(f"[checks.{name}]\nexpected-statuses = {REFUSALS}")
    for operation in LENIENT:
        lines.append(f"[[operations]]\ninclude-operation-id = {operation!r}")
        lines.append("[operations.checks.negative_data_rejection]")
        lines.append(f"expected-statuses = {[201, *REFUSALS]}")
    for name, codes in lists.items():
        lines.append(f"[dictionaries.{json.dumps(name)}]\nvalues = {json.dumps(codes)}")
    for path, parameters in REFERENCES.items():
        lines += [bound(parameter, f"kept {path}") for parameter in parameters]
    for setting, names in settings_of_operations(whole).items():
        lines.append(f"[[operations]]\ninclude-operation-id = {json.dumps(names)}\n{setting}")
    return "\n".join(lines)


def settings_of_operations(whole: Any) -> dict[str, list[str]]:
    """What is set for some operations, and for which: each table is looked at for each request."""
    names: dict[str, list[str]] = {}
    for path, method, name in operations_of(whole):
        for parameter, dictionary in places(path, method):
            setting = bound(f"path.{parameter}", dictionary, "operations.parameters")
            names.setdefault(setting, []).append(name)
    return names


def operations_of(whole: Any) -> Iterator[tuple[str, str, str]]:
    """Path, method and name of each operation."""
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation["operationId"]


def bound(parameter: str, dictionary: str, table: str = "parameters") -> str:
    name, values = json.dumps(parameter), json.dumps(dictionary)
    return f"[{table}.{name}]\ndictionary = {values}\nprobability = 0.9"


OWNERS = ("project", "event", "organisation")
GOES_BACK = ("/restore", "projects")


def places(path: str, method: str) -> Iterator[tuple[str, str]]:
    """Which rows each part of an address leads to, by the name of their dictionary."""
    for name in re.findall(r"\{(\w+)\}", path):
        if name == "version":
            yield name, "versions"
            continue
        before, _slash, after = path.removeprefix("/api/v1/").partition(f"/{{{name}}}")
        after = after.removeprefix("/history/{version}")
        of_list = before.format(**{name: ROWS[f"{name}s"] for name in OWNERS})
        if of_list == "imports":
            of_list = after.removeprefix("/") or "undo"
        # To go back takes away what came later: not from the project of the examples
        is_spare = (method == "delete" and not after) or (after, of_list) == GOES_BACK
        # What is below a row is below the one of the examples.
        yield name, f"{'spare' if is_spare else 'only' if '{' in after else 'kept'} {of_list}"


def pointed(whole: Any, dictionaries: Mapping[str, list[str]]) -> Any:
    """The document whose examples lead to rows that are there; to spare ones for deletion."""
    for path, methods in whole["paths"].items():
        for method, operation in methods.items():
            of_names = dict(places(path, method))
            # One parameter may be that of several addresses
            operation["parameters"] = [dict(each) for each in operation.get("parameters", ())]
            for parameter in operation["parameters"]:
                if parameter["in"] == "path":
                    first = dictionaries[of_names[parameter["name"]]][0]
                    is_number = parameter["schema"].get("type") == "integer"
                    parameter["example"] = int(first) if is_number else first
                elif parameter["name"] == "as_of":  # the ledger of the test begins today
                    parameter["example"] = timezone.localdate().isoformat()
                elif parameter["name"] == "confirm":  # the example is written several times
                    parameter["example"] = ["amounts", "duplicates"]
    return whole


def run(ledger: tuple[Server, str, Path], config: Path, name: str, *options: str) -> Path:
    """Let Schemathesis ask; returns its report."""
    server, token, folder = ledger
    report = folder / f"{name}.ndjson"
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(config), "run"]
    command += [str(folder / "openapi.json"), "--url", f"http://127.0.0.1:{server.port}"]
    command += ["-H", f"Authorization: Bearer {token}", "--continue-on-failure", "--no-shrink"]
    command += ["--suppress-health-check", "all"]
    command += ["--report", "ndjson", "--report-ndjson-path", str(report), *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout + done.stderr  # 1: it found something
    report.with_suffix(".txt").write_text(done.stdout, encoding="utf-8")
    return report


@pytest.fixture(scope="module")
def found(ledger: tuple[Server, str, Path]) -> Run:
    """What became of the requests of all seeds."""
    server, token, folder = ledger
    whole = document()
    lists = dictionaries_of(made_rows(server, token, whole))
    whole = pointed(whole, lists)
    (folder / "openapi.json").write_text(json.dumps(whole), encoding="utf-8")
    config = folder / "schemathesis.toml"
    config.write_text(configuration(whole, lists), encoding="utf-8")
    found = Run()
    for seed in SEEDS:
        drawn = ("--seed", str(seed), "--phases", "examples,fuzzing,stateful")
        found.read(run(ledger, config, f"drawn-{seed}", *drawn))
    if IS_LONGEST:
        walked = [f"--include-path={path}" for path in [*whole["paths"]][WALKED]]
        found.read(run(ledger, config, "walked", "--phases", "coverage", *walked))
    return found


def test_nothing_is_a_failure_of_the_server(found: Run) -> None:
    assert found.broken == []


def test_every_answer_is_as_the_document_says(found: Run) -> None:
    assert found.failures == []


def test_what_the_document_allows_is_refused_only_as_it_cannot_say(found: Run) -> None:
    assert found.misled == []


def test_the_run_means_something(found: Run) -> None:
    declared = {
        f"{method.upper()} {path}"
        for path, methods in document()["paths"].items()
        for method in methods
    }
    assert declared - set(found.made) == set()
    refused = declared - set(found.taken) - NOT_TAKEN
    assert refused == set()
    writes = Counter[str]()
    for operation, times in found.taken.items():
        writes[operation.partition(" ")[0]] += times
    taken = {method: times * 3 / len(SEEDS) for method, times in writes.items()}
    assert all(taken[method] >= least for method, least in FLOORS.items()), taken
    figures = f"{found.made.total()} requests, {found.taken.total()} of them taken"
    print(f"Schemathesis: {len(declared)} operations, {figures}")
