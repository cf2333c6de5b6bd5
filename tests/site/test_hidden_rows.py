"""A hidden row is as one that does not exist: whoever names it is told the same of both."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from rest_framework.test import APIClient

from parks.models import Park, Subscription
from projects.importing.plain import IMPORT_RESOURCES
from projects.models import Project
from tests.answers import API
from tests.factories import (
    AssignmentFactory,
    EventFigureFactory,
    FigureFactory,
    LightExcuseFactory,
    LightRuleFactory,
    ObstacleFactory,
    OrganisationFactory,
    ParkFactory,
    PersonFactory,
    PostFactory,
    ProgressNoteFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SigningEventFactory,
    SourceFactory,
    TargetFactory,
    YearPlanFactory,
)
from tests.projects.importing.imports import actions, checked, send, table
from tests.samples import sample
from tests.seeded import kept_rows
from tests.site.test_access import BODIES, EDITOR, client_of, make_addresses, person_with
from tests.site.write_doors import Door, find_references, list_doors
from tests.together import together

pytestmark = pytest.mark.django_db

HIDDEN, ABSENT = "zzqhidden", "zzqabsent"  # no code of a row that everybody sees is near
# Below which field of a project, event or person a reference stands, and what else it needs there
AROUND: dict[str, dict[str, Any]] = {
    "milestones": {"type": "started", "actual_on": "2024-05"},
    "figures": {"indicator": "area", "value": 15},
    "investors": {},
}
FURTHER_BODIES: dict[Door, dict[str, Any]] = {
    ("projects/{project}/plans", "POST"): {"year": 2030, "planned_cny": 5},
    ("projects/{project}/obstacles", "POST"): {"problem": "未供地"},
    ("projects/{project}/progress", "POST"): {"text": "主体封顶", "noted_on": "2024-05-01"},
}


@kept_rows
def addresses() -> dict[str, str]:
    """The rows of the matrix, and in the park `bay` a hidden row of each kind, of one code."""
    addresses = make_addresses()
    bay = Park.objects.get(code="bay")
    draft = {"code": HIDDEN, "publication": "draft"}
    yard = ParkFactory.create(**draft)
    names: Any = {"name_zh": "保密", "name_en": "Zzq"}
    project = ProjectFactory.create(**draft, **names, park=bay)
    event = SigningEventFactory.create(**draft, park=bay)
    OrganisationFactory.create(**draft, **names, park=bay)
    SourceFactory.create(**draft, park=bay)
    PostFactory.create(code=HIDDEN, person=PersonFactory.create(**draft, park=bay))
    FigureFactory.create(code=HIDDEN, park=yard)
    TargetFactory.create(**draft, park=bay, year=2031)
    ProjectFigureFactory.create(code=HIDDEN, project=project)
    EventFigureFactory.create(code=HIDDEN, event=event)
    ProgressNoteFactory.create(code=HIDDEN, project=ProjectFactory.create(code="mill", park=bay))
    return addresses


@pytest.fixture
def editor(addresses: dict[str, str]) -> APIClient:
    """An editor of `town`, who sees no draft of `bay`."""
    return client_of(person_with(EDITOR))


def told(response: Any, *names: str) -> Any:
    """All that an answer says, but for its own number, the moment, and the code that was named."""
    text = response.content.decode()
    for name in (HIDDEN, ABSENT, *names):
        text = text.replace(name, "CODE")
    left = {"request_id", "instance", "created_at", "import_url", "sha256"}
    body = response.json()
    assert {*body} > {"title"} or {*body} > {"rows"}
    return response.status_code, drop(text, body, left)


def drop(text: str, body: Any, left: set[str]) -> str:
    for name in left & {*body}:
        text = text.replace(str(body[name]), "")
    return text


# --- Bodies --------------------------------------------------------------------------------------


def list_bodies() -> Iterator[tuple[Door, str]]:
    """Each field of each body that names a row which may be hidden."""
    for door, (_callback, action) in list_doors().items():
        if action in ("create", "update", "partial_update", "bulk") and door[0] != "imports":
            yield from ((door, path) for path in find_references(door))


def build_body(door: Door, path: str, code: str) -> Any:
    """A body that would be taken, but for a row that it refers to."""
    body = {**BODIES.get(door, {}), **FURTHER_BODIES.get(door, {})}
    if door == ("projects/bulk", "POST"):
        body = BODIES["projects", "POST"]
    name, _dot, below = path.partition(".")
    value = [{**AROUND[name], below: code}] if below else code
    body = {**body, name: value}
    return {"projects": [body]} if door == ("projects/bulk", "POST") else body


@pytest.mark.slow
@together("door,path", sample([*list_bodies()], 6))
def test_no_body_refers_to_a_row_that_its_sender_does_not_see(
    editor: APIClient, addresses: dict[str, str], door: Door, path: str
) -> None:
    route, method = door
    address = addresses.get(route) or address_of_roles(route)
    answers = []
    for code in (HIDDEN, ABSENT):
        headers = {} if method == "POST" else {"If-Match": "*"}
        with transaction.atomic():
            body = build_body(door, path, code)
            response = getattr(editor, method.lower())(address, body, headers=headers)
            answers.append(told(response))
            transaction.set_rollback(True)
    assert answers[0] == answers[1]
    assert answers[0][0] == (400 if is_written(door) else 403), answers[0]


def is_written(door: Door) -> bool:
    """Whether an editor of `town` may write there, so that the body is read."""
    rows_of_all = ("sources/", "organisations/{code}", "people/", "organisations/{organisation}/")
    return door != ("parks", "POST") and (
        not door[0].startswith(rows_of_all) or door == ("organisations/{organisation}/tags", "POST")
    )


def address_of_roles(route: str) -> str:
    """The address of a row for roles of `town` alone."""
    project = Project.objects.get(code="fab")
    row: Any = None
    if "{" in route.partition("}")[2]:
        makers = {
            "plans": YearPlanFactory,
            "people": AssignmentFactory,
            "obstacles": ObstacleFactory,
        }
        row = makers.get(route.split("/")[2], ProgressNoteFactory).create(project=project)
    elif route == "light-rules/{code}":
        row = LightRuleFactory.create(park=project.park)
    elif route == "subscriptions/{id}":  # of who sends the body, who was made last
        row = Subscription.objects.create(user=User.objects.latest("pk"), name="weekly")
    key = {"id": getattr(row, "pk", 0), "code": getattr(row, "code", "")}
    return f"{API}/{route}".format(project="fab", **key)


NAMED_IN_BODIES = {
    "projects/fab/merge": {"into": "CODE"},
    "projects/duplicates": {"codes": ["fab", "CODE"]},
    "organisations/duplicates": {"codes": ["maker", "CODE"]},
}


@together("address", NAMED_IN_BODIES)
def test_no_row_is_merged_with_one_that_its_sender_does_not_see(
    editor: APIClient, addresses: dict[str, str], address: str
) -> None:
    answers = []
    for code in (HIDDEN, ABSENT):
        body = {
            name: [code if each == "CODE" else each for each in value]
            if isinstance(value, list)
            else code
            for name, value in NAMED_IN_BODIES[address].items()
        }
        answers.append(told(editor.post(f"{API}/{address}", body, headers={"If-Match": "*"})))
    assert answers[0] == answers[1]
    assert answers[0][0] == 400


# --- Addresses -----------------------------------------------------------------------------------


HEADERS: list[dict[str, str]] = [{"If-Match": "*"}, {"If-None-Match": "*"}, {}]
DOORS = [door for door in list_doors() if "{" in door[0]]


@pytest.mark.slow
@together("door", sample(DOORS, 3))
def test_no_address_is_of_a_row_that_its_sender_does_not_see(
    editor: APIClient, addresses: dict[str, str], door: Door
) -> None:
    route, method = door
    body = BODIES.get(door, {})
    answers = []
    for code in (HIDDEN, ABSENT):
        keys = {name: code for name in ("code", "project", "event", "organisation")}
        address = f"{API}/{route}".format(**keys, id=1, version=1)
        for headers in sample(HEADERS, 3, DOORS.index(door)):
            if method == "PUT" and "If-Match" not in headers:
                continue  # creates it
            answers.append(told(getattr(editor, method.lower())(address, body, headers=headers)))
    half = len(answers) // 2
    assert answers[:half] == answers[half:]
    # 400: a header that this address does not take, whatever row it is of
    assert {status for status, _text in answers} <= {400, 403, 404, 412, 428}


@pytest.mark.parametrize("kind", ["projects", "organisations"])
def test_a_merge_of_hidden_rows_is_no_merge(
    editor: APIClient, admin_api: Any, addresses: dict[str, str], kind: str
) -> None:
    make = ProjectFactory if kind == "projects" else OrganisationFactory
    make.create(code="zzqother", park=Park.objects.get(code="bay"), publication="draft")
    merged = admin_api.post(
        f"{API}/{kind}/{HIDDEN}/merge", {"into": "zzqother"}, headers={"If-Match": "*"}
    )
    assert merged.status_code == 200, merged.content
    answers = [told(editor.post(f"{API}/{kind}/{code}/merge/undo")) for code in (HIDDEN, ABSENT)]
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


# --- Imports -------------------------------------------------------------------------------------

# A row of each kind that an editor of `town` may import
ROWS: dict[str, dict[str, str]] = {
    "projects": {"name_zh": "新项目", "park": "town"},
    "parks": {"code": "town", "note": "new"},
    "figures": {"park": "town", "indicator": "area", "value": "16"},
    "fundings": {"project": "fab", "kind": "paid_in", "month": "2024-07", "reported_cny": "5"},
    "project_figures": {"project": "fab", "indicator": "area", "value": "16"},
    "plans": {"project": "fab", "year": "2030", "planned_cny": "5"},
    "obstacles": {"project": "fab", "problem": "未供地", "raised_on": "2026-05-01"},
    "excuses": {
        "project": "fab",
        "from_on": "2026-05-01",
        "until_on": "2026-07-01",
        "reason": "未供地",
        "approved_by": "管委会",
    },
    "light_rules": {"park": "town", "kind": "silent", "colour": "red", "threshold": "6"},
    "targets": {"park": "town", "year": "2030", "measure": "signed_count", "value": "9"},
    "organisation_tags": {"organisation": "maker", "tag": "listed"},
    "project_people": {"project": "fab", "role": "sponsor", "name": "王浩"},
    "project_tags": {"project": "fab", "tag": "key", "year": "2030"},
}
COLUMNS = ("park", "project", "organisation", "source", "said_by", "part_of", "duplicate_of")


def list_cells() -> Iterator[tuple[str, str]]:
    """Each column of each kind that names a row which may be hidden."""
    for kind in ROWS:
        resource = IMPORT_RESOURCES[kind]
        columns = {"park", "source", "part_of", "duplicate_of", "events", "investors"}
        if kind != "projects":
            columns = {*resource.columns} & {*COLUMNS} - ({"park"} if resource.owner else set())
        yield from ((kind, column) for column in sorted(columns))
        if "code" in resource.columns:
            yield kind, "code"


def test_every_kind_of_import_says_which_rows_its_reports_are_about() -> None:
    assert {*ROWS} == {*IMPORT_RESOURCES}
    for resource in IMPORT_RESOURCES.values():
        assert hasattr(resource.named, "code_key")


@together("kind,column", sample([*list_cells()], 4))
def test_no_cell_names_a_row_that_its_sender_does_not_see(
    editor: APIClient, addresses: dict[str, str], kind: str, column: str
) -> None:
    reports = []
    for code in (HIDDEN, ABSENT):
        row = {**ROWS[kind], column: code}
        if column == "code":  # an exported row
            row["version"] = "1"
        answer = send(editor, table([*row], [*row.values()]), resource=kind)
        assert answer.status_code == 201, answer.content
        body = answer.json()
        reports.append(str([body["rows"], body["counts"], body["problems"], body["state"]]))
    assert reports[0].replace(HIDDEN, "CODE") == reports[1].replace(ABSENT, "CODE")
    if column != "investors":  # a name that is not known is that of a new one
        assert "'action': 'error'" in reports[0], reports[0]


def test_a_file_cannot_bring_in_a_hidden_project_to_refer_to(
    editor: APIClient, addresses: dict[str, str]
) -> None:
    rows = [
        ["code", "name_zh", "park", "part_of"],
        [HIDDEN, "甲", "town", ""],
        ["", "乙", "town", HIDDEN],
        ["", "丙", "town", ""],
    ]
    answer = send(editor, table(*rows), dry_run="false", on_error="skip")
    assert answer.status_code == 201, answer.content
    lines = answer.json()["rows"]
    errors = {row["line"]: row["errors"][0]["code"] for row in lines if "errors" in row}
    assert errors == {2: "unique", 3: "unknown_value"}
    assert "保密" not in answer.content.decode()
    assert not Project.objects.get(code=HIDDEN).parts.exists()
    assert Project.objects.filter(name_zh="丙").exists()


# Rows of kinds of which a row may be hidden although what it belongs to is not, as files have them
STORED: dict[str, tuple[Any, dict[str, str]]] = {
    "plans": (YearPlanFactory, {"project": "mill", "year": "2031", "planned_cny": "50000"}),
    "obstacles": (
        ObstacleFactory,
        {"project": "mill", "problem": "未供地", "raised_on": "2026-05-01"},
    ),
    "excuses": (LightExcuseFactory, {**ROWS["excuses"], "project": "mill"}),
    "project_people": (AssignmentFactory, {"project": "mill", "role": "sponsor", "name": "赵敏"}),
    "targets": (
        TargetFactory,
        {"park": "bay", "year": "2032", "measure": "signed_count", "value": "9"},
    ),
}


@together("kind", sample([*STORED], 2))
def test_no_file_tells_whether_a_hidden_row_says_the_same(
    editor: APIClient, addresses: dict[str, str], admin_api: APIClient, kind: str
) -> None:
    make, row = STORED[kind]
    owner = Project.objects.get(code="mill") if "project" in row else Park.objects.get(code="bay")
    kept = {n: int(v) if v.isdecimal() else v for n, v in row.items() if v != owner.code}
    hidden = make.create(**{type(owner).__name__.lower(): owner}, **kept)
    if kind == "targets":
        type(hidden).objects.filter(pk=hidden.pk).update(publication="draft")
    data = table([*row], [*row.values()])
    assert actions(checked(admin_api, data, resource=kind))[2] == "same"
    reports = []
    for _time in range(2):
        said = checked(editor, data, resource=kind)
        reports.append(str([said[name] for name in ("rows", "counts", "problems", "warnings")]))
        type(hidden).objects.filter(pk=hidden.pk).delete()
    assert reports[0] == reports[1]
    assert "'forbidden'" in reports[0], reports[0]
