"""The report of an import, and undoing it, take today's rights on every row that it touched."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from parks.models import ImportBatch, Membership, Park
from projects.models import Project
from tests.answers import API, found, problem, sign_in
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory, UserFactory
from tests.projects.importing.imports import applied, checked, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

HEADER = ["code", "name_zh", "park", "note"]


@pytest.fixture
def editor() -> User:
    """An editor of the park `town`."""
    user: Any = UserFactory.create(is_staff=True)
    MembershipFactory.create(user=user, park=ParkFactory.create(code="town"))
    return user


def client_of(user: User) -> APIClient:
    return sign_in(User.objects.get(pk=user.pk))


def imported(editor: User) -> str:
    return applied(client_of(editor), table(HEADER, ["fab", "甲", "town", "x"]))["code"]


def refusals(client: APIClient, code: str) -> set[int]:
    address = f"{API}/imports/{code}"
    return {
        client.get(address).status_code,
        client.get(f"{address}/errors.csv").status_code,
        client.post(f"{address}/apply").status_code,
        client.post(f"{address}/undo").status_code,
    }


def test_who_has_lost_the_park_neither_reads_nor_undoes(editor: User, admin_api: APIClient) -> None:
    code = imported(editor)
    found(client_of(editor).get(f"{API}/imports/{code}"))
    Membership.objects.all().delete()
    assert refusals(client_of(editor), code) == {403}
    found(admin_api.get(f"{API}/imports/{code}"))
    found(admin_api.post(f"{API}/imports/{code}/undo"))
    assert refusals(client_of(editor), code) == {403}  # also of what is gone by now


def test_who_only_views_the_park_now_reads_and_does_not_undo(editor: User) -> None:
    code = imported(editor)
    Membership.objects.update(role="viewer")
    other = MembershipFactory.create(user=editor)  # who imports nothing any more has no imports
    client = client_of(editor)
    found(client.get(f"{API}/imports/{code}"))
    problem(client.post(f"{API}/imports/{code}/undo"), 403)
    assert Project.objects.exists()
    Membership.objects.exclude(pk=other.pk).update(role="editor")
    found(client_of(editor).post(f"{API}/imports/{code}/undo"))


def test_a_row_that_went_to_another_park_takes_its_rights_along(editor: User) -> None:
    code = imported(editor)
    Project.objects.update(park=ParkFactory.create(code="elsewhere"))
    assert refusals(client_of(editor), code) == {403}


def test_a_report_that_was_never_applied_is_as_closed(editor: User) -> None:
    ProjectFactory.create(code="fab", park=Park.objects.get(code="town"), note="secret")
    code = checked(client_of(editor), table(HEADER, ["fab", "甲", "town", "x"]))["code"]
    Membership.objects.all().delete()
    assert refusals(client_of(editor), code) == {403}


def test_a_row_that_never_was_ones_own_closes_no_report(editor: User) -> None:
    ProjectFactory.create(code="theirs")
    code = checked(client_of(editor), table(HEADER, ["theirs", "甲", "town", "x"]))["code"]
    report = found(client_of(editor).get(f"{API}/imports/{code}"))
    assert report["counts"]["error"] == 1


def test_the_admin_keeps_to_the_same(editor: User) -> None:
    code = imported(editor)
    page = f"/admin/parks/importbatch/{ImportBatch.objects.get(code=code).pk}/change/"
    desk = Client()
    desk.force_login(User.objects.get(pk=editor.pk))
    assert desk.get(page).status_code == 200
    Membership.objects.update(role="viewer")
    desk.force_login(User.objects.get(pk=editor.pk))
    assert desk.post(page, {"_undo": "1"}).status_code in (302, 403)
    assert Project.objects.exists()
    Membership.objects.update(park=ParkFactory.create(code="elsewhere"), role="editor")
    desk.force_login(User.objects.get(pk=editor.pk))
    assert desk.get(page).status_code == 403
    assert desk.post(page, {"_undo": "1"}).status_code == 403
    assert Project.objects.exists()
