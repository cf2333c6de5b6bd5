"""Several people edit and read at once: no edit is lost, no page skips or repeats a row."""

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import UpdateError
from django.db import OperationalError, connections, transaction
from django.test import Client
from rest_framework.test import APIClient

from projects.models import Milestone, Project
from projects.views import ProjectViewSet
from tests import factories
from tests.admin_pages import address, shown
from tests.answers import API, CarefulClient, found, walk
from tests.samples import IS_LONG

pytestmark = pytest.mark.usefixtures("database_in_a_file", "fab")

CLIENTS, EDITS = (10, 25) if IS_LONG else (3, 4)
ADMIN_EDITS = 5 if IS_LONG else 2  # a page takes longer, and of ten that meet one is saved
WRITERS = 4
PROJECT = f"{API}/projects/fab"
BUSY = 503  # SQLite lets one write at a time, and says to try again where that takes long


@pytest.fixture
def person(database_in_a_file: None) -> User:
    return factories.UserFactory.create(superuser=True)


@pytest.fixture
def fab(database_in_a_file: None, settings: Any) -> None:
    """A ledger with the project `fab`, from which one may ask as often as one likes."""
    settings.RATE_LIMIT_ACCOUNT = settings.RATE_LIMIT_ANONYMOUS = 0
    factories.ParkFactory.create(code="town")
    factories.ProjectFactory.create(code="fab", park__code="bay", note="0")


def all_at_once(*jobs: Callable[[], None]) -> None:
    """Run each of these in a thread of its own; raises what went wrong in any of them."""

    def run(job: Callable[[], None]) -> None:
        try:
            job()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(jobs)) as pool:
        for done in [pool.submit(run, job) for job in jobs]:
            done.result()


def signed_in(client: Any, person: User) -> Any:
    """The client with a session, which is written while others write already."""
    for _time in range(100):  # SQLite waits two seconds for its turn
        with suppress(OperationalError, UpdateError):
            client.force_login(person)
            return client
    raise AssertionError("There is no turn to sign in.")


# --- Edits ---------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_no_edit_is_lost_when_all_read_and_write_one_number(person: User) -> None:
    def add_to_the_number() -> None:
        client = signed_in(APIClient(), person)
        done = 0
        while done < EDITS:
            seen = client.get(PROJECT)
            note = str(int(seen.json()["note"]) + 1)
            headers = {"If-Match": seen.headers["ETag"]}
            status = client.patch(PROJECT, {"note": note}, headers=headers).status_code
            assert status in (200, 412, BUSY)
            done += status == 200

    all_at_once(*[add_to_the_number] * CLIENTS)
    project = Project.objects.get(code="fab")
    assert project.note == str(CLIENTS * EDITS)
    assert project.version == 1 + CLIENTS * EDITS


@pytest.mark.slow
def test_no_edit_is_lost_in_the_admin_either(person: User) -> None:
    project = Project.objects.get(code="fab")
    page = address(Project, "change", project.pk)
    form = shown(signed_in(Client(), person), page)

    def add_to_the_number() -> None:
        # On SQLite a page may have to wait too long for somebody else's turn
        client = signed_in(Client(raise_request_exception=False), person)
        done = 0
        while done < ADMIN_EDITS:
            seen = Project.objects.get(pk=project.pk)
            mine = {"seen_version": seen.version, "note": str(int(seen.note) + 1)}
            status = client.post(page, {**form, **mine}).status_code
            assert status in (302, 200, BUSY)  # taken, or shown again with both versions
            done += status == 302

    all_at_once(*[add_to_the_number] * CLIENTS)
    assert Project.objects.get(code="fab").note == str(CLIENTS * ADMIN_EDITS)


@pytest.mark.slow
@pytest.mark.both_databases
def test_rows_of_a_project_that_are_written_at_once_all_count(person: User) -> None:
    stages = ["lead", "negotiating", "intended", "signed", "registered", "approved", "started"]

    def add(stage: str) -> None:
        client = signed_in(APIClient(), person)
        body = {"type": stage, "actual_on": "2023"}
        while (status := client.post(f"{PROJECT}/milestones", body).status_code) != 201:
            assert status == BUSY

    all_at_once(*(partial(add, stage) for stage in stages))
    assert Milestone.objects.count() == len(stages)
    project = found(APIClient().get(PROJECT))
    assert (project["stage"], project["signed_on"]) == ("started", "2023")
    assert (project["intended_on"], project["started_on"]) == ("2023", "2023")
    assert project["version"] == 1 + len(stages)


def wait_for(person: User, address: str, body: dict[str, str], **written: Any) -> int:
    """The status of a PATCH that waits for another transaction, which writes this of `fab`."""
    client = signed_in(APIClient(), person)

    def patch() -> int:
        status = BUSY
        while status == BUSY:
            answer = client.patch(f"{API}/{address}", body, headers={"If-Match": "*"})
            status = answer.status_code
        connections.close_all()
        return status

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Project.objects.filter(code="fab").update(**written)
            patched = pool.submit(patch)
            wait([patched], timeout=0.5)
            assert not patched.done()
        return patched.result()


@pytest.mark.both_databases
def test_what_is_published_meanwhile_is_not_hidden(person: User) -> None:
    report = factories.SourceFactory.create(code="report")
    Project.objects.filter(code="fab").update(publication="draft", source=report)
    hidden = {"publication": "draft"}
    assert wait_for(person, "sources/report", hidden, publication="published") == 409


@pytest.mark.both_databases
def test_a_part_that_is_linked_while_its_whole_changes_follows_it(person: User) -> None:
    factories.MilestoneFactory.create(project=Project.objects.get(code="fab"), type="signed")
    factories.ProjectFactory.create(code="part", park__code="cove", met=["signed"])
    assert wait_for(person, "projects/part", {"part_of": "fab"}, is_umbrella=True) == 200
    assert Project.objects.get(code="part").totals_exclusion == ""


@pytest.mark.both_databases
@pytest.mark.parametrize(("method", "refused"), [("POST", 409), ("PUT", 412)])
def test_of_several_that_create_under_one_code_one_does(
    person: User, method: str, refused: int
) -> None:
    answers: list[Any] = []
    ready = threading.Barrier(CLIENTS, timeout=60)

    def create() -> None:
        client = signed_in(APIClient(), person)
        client.get(PROJECT)
        ready.wait()
        body, status = {"code": "new", "name_zh": "厂", "park": "town"}, BUSY
        while status == BUSY:
            if method == "POST":
                response = client.post(f"{API}/projects", body)
            else:
                create_only = {"If-None-Match": "*"}
                response = client.put(f"{API}/projects/new", body, headers=create_only)
            status = response.status_code
        answers.append(response)

    all_at_once(*[create] * CLIENTS)
    assert sorted(a.status_code for a in answers) == [201, *[refused] * (CLIENTS - 1)]
    if method == "POST":
        wrong = [error for a in answers for error in a.json().get("errors", [])]
        assert {error["pointer"] for error in wrong} == {"#/code"}
    assert Project.objects.filter(code="new").count() == 1


# --- Pages ---------------------------------------------------------------------------------------


def make_lasting() -> list[str]:
    """Projects that stay, many of them with equal and with unknown values."""
    dice = random.Random(9)
    town = factories.ParkFactory.create(code="meadow")
    made = [
        factories.ProjectFactory.create(
            code=f"stays{number}",
            park=town,
            name_zh=f"厂{dice.randrange(4)}",
            land_mu=dice.choice([None, 5, 10]),
        )
        for number in range(60)
    ]
    for project in dice.sample(made, 20):
        factories.FundingFactory.create(project=project)
    return [project.code for project in made]


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("limit", [3, 7, 50] if IS_LONG else [17])
def test_a_walk_while_others_insert_and_delete_meets_every_lasting_row_once(
    person: User, limit: int
) -> None:
    lasting = set(make_lasting())
    is_over = threading.Event()
    written = [0] * WRITERS

    def come_and_go(number: int) -> None:
        dice = random.Random(number)
        client = signed_in(CarefulClient(), person)
        mine: list[str] = []
        while not is_over.wait(0 if IS_LONG else 0.01) or not written[number]:
            if len(mine) > 8:
                gone = mine.pop(dice.randrange(len(mine)))
                status = client.delete(f"{API}/projects/{gone}").status_code
                mine += [gone] if status == BUSY else []
            else:
                body = {
                    "name_zh": f"厂{dice.randrange(4)}",
                    "park": "meadow",
                    "land_mu": dice.choice([None, 5, 7]),
                }
                response = client.post(f"{API}/projects?confirm=duplicates", body)
                status = response.status_code
                mine += [response.json()["code"]] if status == 201 else []
            assert status in (201, 204, BUSY)
            written[number] += status != BUSY

    def walk_in_every_order() -> None:
        try:
            for number, ordering in enumerate(ProjectViewSet.ordering_fields):
                for direction in ("", "-") if IS_LONG else ("", "-")[number % 2 :][:1]:
                    check(f"{direction}{ordering}")
        finally:
            is_over.set()

    def check(ordering: str) -> None:
        rows = walk(
            APIClient(), "projects", ordering=ordering, limit=limit, fields="code", park="meadow"
        )
        seen = [row["code"] for row in rows]
        assert len(seen) == len(set(seen)), ordering
        assert sorted(lasting.intersection(seen)) == sorted(lasting), ordering

    all_at_once(walk_in_every_order, *(partial(come_and_go, n) for n in range(WRITERS)))
    assert min(written) > 0


@pytest.mark.both_databases
def test_of_two_that_merge_an_organisation_at_once_one_does(person: User) -> None:
    for name in ("Fabs Ltd", "Fabs Limited", "The Fabs"):
        factories.OrganisationFactory.create(code=name.replace(" ", "-").lower(), name_en=name)
    statuses = []

    def merge(into: str) -> None:
        client = CarefulClient()
        client.force_authenticate(person)
        row = f"{API}/organisations/fabs-ltd"
        seen = {"If-Match": client.get(row).headers.get("ETag", "*")}
        statuses.append(client.post(f"{row}/merge", {"into": into}, headers=seen).status_code)

    all_at_once(partial(merge, "fabs-limited"), partial(merge, "the-fabs"))
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 308, 412, BUSY}  # led to who stays; met another version
    assert CarefulClient().get(f"{API}/organisations/fabs-ltd").status_code == 308
