"""An import or a merge is written, or taken back, while somebody edits the same rows.

One of two requests holds its locks until the other waits for them: whichever comes first is kept,
and the other is refused or sees what was written.
"""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, connections, transaction

from parks.models import ImportBatch, Organisation
from projects.importing.batches import OutcomeChangedError, apply_batch, read_again
from projects.models import Project, Target
from sheets.reading.columns import Wishes
from tests.answers import API, CarefulClient, found
from tests.factories import OrganisationFactory, ParkFactory, ProjectFactory, UserFactory
from tests.projects.importing.imports import applied, checked, send, table

pytestmark = [pytest.mark.usefixtures("database_in_a_file", "town"), pytest.mark.both_databases]

NEW = table(["code", "name_zh", "park", "note"], ["fab", "甲", "town", "of the file"])
AIMS = ["park", "year", "measure", "value"]
EDITED = {"note": "of the person"}


@pytest.fixture
def town(database_in_a_file: None, settings: Any) -> None:
    settings.RATE_LIMIT_ACCOUNT = settings.RATE_LIMIT_ANONYMOUS = 0
    ParkFactory.create(code="town")


@pytest.fixture
def person(town: None) -> User:
    return UserFactory.create(superuser=True)


def client_of(person: User) -> CarefulClient:
    client = CarefulClient()
    client.force_authenticate(person)
    return client


def meanwhile(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[int, int]:
    """The answers to two requests, of which the second begins before the first has ended."""
    answers: list[Any] = []
    begun = threading.Event()

    def run() -> None:
        try:
            begun.set()
            answers.append(second())
        finally:
            connections.close_all()

    other = threading.Thread(target=run)
    with transaction.atomic():
        before = first()
        other.start()
        begun.wait()
        while other.is_alive() and not is_waited_for():
            time.sleep(0.01)
    other.join()
    return before.status_code, answers[0].status_code


def is_waited_for() -> bool:
    """Whether somebody waits for a lock; of SQLite's writers each waits for the one before it."""
    if connection.vendor == "sqlite":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def edit(person: User, address: str, body: Any) -> Callable[[], Any]:
    return lambda: client_of(person).patch(f"{API}/{address}", body, headers={"If-Match": "*"})


def ask(person: User, address: str) -> Callable[[], Any]:
    return lambda: client_of(person).post(f"{API}/{address}")


def add(person: User) -> Callable[[], Any]:
    body = {"type": "signed", "actual_on": "2024-05"}
    return lambda: client_of(person).post(f"{API}/projects/fab/milestones", body)


def test_a_project_that_is_changed_meanwhile_is_not_taken_back(person: User) -> None:
    code = applied(client_of(person), NEW)["code"]
    undo = ask(person, f"imports/{code}/undo")
    assert meanwhile(edit(person, "projects/fab", EDITED), undo) == (200, 409)
    assert meanwhile(add(person), undo) == (201, 409)
    project = Project.objects.get()
    assert (project.note, project.milestones.count()) == ("of the person", 1)
    assert ImportBatch.objects.get().state == ImportBatch.State.APPLIED


def test_what_is_taken_back_is_not_edited_any_more(person: User) -> None:
    code = applied(client_of(person), NEW)["code"]
    undo = ask(person, f"imports/{code}/undo")
    assert meanwhile(undo, edit(person, "projects/fab", EDITED)) == (200, 404)
    assert not Project.objects.exists()


def test_of_two_that_apply_or_undo_an_import_at_once_one_does(person: User) -> None:
    rows = table(["name_zh", "park"], ["甲", "town"])
    code = checked(client_of(person), rows)["code"]
    for step, count in (("apply", 1), ("undo", 0)):
        request = ask(person, f"imports/{code}/{step}")
        assert meanwhile(request, request) == (200, 409)
        assert Project.objects.count() == count


def test_who_applies_too_late_leaves_the_import_applied(person: User) -> None:
    code = checked(client_of(person), NEW)["code"]
    late = ImportBatch.objects.get()  # as read before the other one applied it
    assert ask(person, f"imports/{code}/apply")().status_code == 200
    with pytest.raises(OutcomeChangedError):
        apply_batch(late, person)
    assert ImportBatch.objects.get().state == ImportBatch.State.APPLIED
    with pytest.raises(OutcomeChangedError):
        read_again(late, person, Wishes())
    assert ask(person, f"imports/{code}/undo")().status_code == 200


def test_an_import_of_targets_keeps_what_is_edited_meanwhile(person: User) -> None:
    first = table(AIMS, ["town", "2030", "signed_count", "9"])
    applied(client_of(person), first, resource="targets")
    code = Target.objects.get().code
    second = table(AIMS, ["town", "2030", "signed_count", "11"])
    write = partial(send, client_of(person), second, dry_run="false", resource="targets")
    assert meanwhile(edit(person, f"targets/{code}", EDITED), write) == (200, 201)
    target = Target.objects.get()
    assert (target.value, target.note) == (11, "of the person")


@pytest.mark.slow
def test_a_merge_keeps_what_is_edited_and_of_two_undoings_one_is_done(person: User) -> None:
    for code in ("one", "two"):
        OrganisationFactory.create(code=code, name_zh="", name_en=f"Fabs {code}")
    address, seen = f"{API}/organisations/one/merge", {"If-Match": "*"}
    merge = partial(client_of(person).post, address, {"into": "two"}, headers=seen)
    assert meanwhile(edit(person, "organisations/two", EDITED), merge) == (200, 200)
    two = Organisation.objects.get()
    assert (two.note, two.aliases) == ("of the person", "Fabs one")
    undo = ask(person, "organisations/one/merge/undo")
    before, after = meanwhile(undo, undo)
    assert before == 200
    assert after in (404, 409)
    assert Organisation.objects.count() == 2


def test_a_merge_of_which_a_row_is_edited_meanwhile_is_not_taken_back(person: User) -> None:
    park = ParkFactory.create(code="bay")
    for code in ("one", "two"):
        ProjectFactory.create(code=code, park=park, name_en=f"Fab {code}")
    Project.objects.filter(code="one").update(note="说明")
    merged = client_of(person).post(
        f"{API}/projects/one/merge", {"into": "two"}, headers={"If-Match": "*"}
    )
    found(merged)
    undo = ask(person, "projects/one/merge/undo")
    edited = edit(person, "projects/two", {"site": "of the person"})
    assert meanwhile(edited, undo) == (200, 409)
    two = Project.objects.get()
    assert (two.site, two.note) == ("of the person", "说明")
