"""The report of an import, and undoing it, take today's rights on every row that it touched."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from parks.models import ImportBatch, Membership, Organisation, OrganisationTag, Park
from projects.importing.plain import IMPORT_RESOURCES
from projects.importing.undoing import LEFT, list_undone_models
from projects.models import Project, Target
from tests import factories
from tests.answers import API, found, problem, sign_in
from tests.projects.importing.imports import applied, checked, line, table
from tests.samples import sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

HEADER = ["code", "name_zh", "park", "note"]


@kept_rows
def editor(vocabularies: None) -> User:
    """An editor of the park `town`."""
    user: Any = factories.UserFactory.create(is_staff=True)
    factories.MembershipFactory.create(user=user, park=factories.ParkFactory.create(code="town"))
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


def test_a_row_that_never_was_ones_own_closes_no_report(editor: User) -> None:
    factories.ProjectFactory.create(code="theirs")
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
    Membership.objects.update(role="editor")
    Project.objects.update(park=factories.ParkFactory.create(code="elsewhere"))
    assert refusals(client_of(editor), code) == {403}
    desk.force_login(User.objects.get(pk=editor.pk))
    assert desk.get(page).status_code == 403
    assert desk.post(page, {"_undo": "1"}).status_code == 403
    assert Project.objects.exists()


# Of each kind of import the columns, a new row, and another value in its last column
KINDS = {
    "projects": ("code|name_zh|park|note", "fab|甲|town|x", "y"),
    "parks": ("code|note", "town|x", "y"),
    "figures": ("park|indicator|value", "town|area|15", "16"),
    "fundings": ("project|kind|month|reported_cny", "mill|paid_in|2024-07|5", "6"),
    "project_figures": ("project|indicator|value", "mill|area|15", "16"),
    "plans": ("project|year|planned_cny", "mill|2030|5", "6"),
    "obstacles": (
        "project|problem|raised_on|responsible_unit",
        *("mill|未供地|2026-05-01|一局", "二局"),
    ),
    "excuses": (
        "project|from_on|until_on|reason|approved_by",
        *("mill|2026-05-01|2026-07-01|未供地|管委会", "管委会办公室"),
    ),
    "light_rules": ("park|kind|colour|threshold", "town|silent|red|6", "5"),
    "targets": ("park|year|measure|value", "town|2030|signed_count|9", "8"),
    "organisation_tags": ("organisation|tag|year|note", "maker|top|2024|x", "y"),
    "project_people": ("project|role|name|note", "mill|sponsor|王浩|x", "y"),
    "project_tags": ("project|tag|year|note", "mill|key|2024|x", "y"),
}


def rows_of(kind: str) -> list[list[str]]:
    """The header, a new row, and the same row with another value."""
    header, row, other = (text.split("|") for text in KINDS[kind])
    return [header, row, [*row[:-1], *other]]


@kept_rows
def town(editor: User) -> None:
    """What rows of each kind refer to, in the park of the editor or made for it."""
    park = Park.objects.get(code="town")
    factories.ProjectFactory.create(code="mill", park=park)
    factories.FigureFactory.create(code="area-of-town", park=park)
    factories.OrganisationFactory.create(code="maker", park=park, publication="draft")
    factories.TagFactory.create(code="top")
    factories.TagFactory.create(code="key", bearer="project")


def test_each_kind_has_a_row_here_and_its_rows_are_taken_back() -> None:
    assert {*KINDS} == {*IMPORT_RESOURCES}
    written = {resource.model for resource in IMPORT_RESOURCES.values()}
    assert written <= {*list_undone_models()} - LEFT
    order = {model: place for place, model in enumerate(list_undone_models())}
    for resource in IMPORT_RESOURCES.values():
        if resource.owner:
            assert order[resource.model] < order[resource.named]


@pytest.mark.slow
@together("kind", sample([*KINDS], 6))
def test_rights_that_were_taken_away_open_no_report_and_undo_nothing(
    town: None, editor: User, kind: str
) -> None:
    header, row, other = rows_of(kind)
    first = applied(client_of(editor), table(header, row), resource=kind)["code"]
    second = applied(client_of(editor), table(header, other), resource=kind)["code"]
    third = checked(client_of(editor), table(header, row), resource=kind)["code"]
    model = IMPORT_RESOURCES[kind].model
    elsewhere = factories.ParkFactory.create(code="elsewhere")
    before = model._default_manager.count()
    for code in (first, second, third):
        found(client_of(editor).get(f"{API}/imports/{code}"))
    Membership.objects.update(park=elsewhere)
    for code in (first, second, third):
        assert refusals(client_of(editor), code) == {403}, code
    assert model._default_manager.count() == before
    Membership.objects.update(park=Park.objects.get(code="town"), role="viewer")
    factories.MembershipFactory.create(user=editor, park=elsewhere)
    found(client_of(editor).get(f"{API}/imports/{second}"))
    problem(client_of(editor).post(f"{API}/imports/{second}/undo"), 403)
    Membership.objects.filter(park__code="town").update(role="editor")
    found(client_of(editor).post(f"{API}/imports/{second}/undo"))


def test_an_editor_takes_back_the_shared_rows_that_an_import_added(editor: User) -> None:
    factories.OrganisationFactory.create(code="maker")
    factories.TagFactory.create(code="top")
    header = ["code", "name_zh", "park", "investors", "publication"]
    row = ["fab", "甲", "town", "新来的公司", "published"]
    Park.objects.update(publication="published")
    code = applied(client_of(editor), table(header, row))["code"]
    assert Organisation.objects.get(name_zh="新来的公司").is_open
    found(client_of(editor).get(f"{API}/imports/{code}"))
    found(client_of(editor).post(f"{API}/imports/{code}/undo"))
    assert not Organisation.objects.filter(name_zh="新来的公司").exists()
    tagging = table(["organisation", "tag", "year"], ["maker", "top", "2024"])
    code = applied(client_of(editor), tagging, resource="organisation_tags")["code"]
    found(client_of(editor).post(f"{API}/imports/{code}/undo"))
    assert not OrganisationTag.objects.exists()


def test_a_report_of_an_earlier_release_that_does_not_say_whose_rows_it_shows_is_closed(
    town: None, editor: User, admin_api: APIClient
) -> None:
    header, row, other = rows_of("plans")
    applied(client_of(editor), table(header, row), resource="plans")
    code = checked(client_of(editor), table(header, other), resource="plans")["code"]
    batch = ImportBatch.objects.get(code=code)
    batch.keep_rows({n: v for n, v in each.items() if n != "code"} for each in batch.rows)
    batch.save()
    problem(client_of(editor).get(f"{API}/imports/{code}"), 403)
    found(admin_api.get(f"{API}/imports/{code}"))


def test_an_import_neither_takes_nor_reads_a_row_of_another_park(town: None, editor: User) -> None:
    theirs = factories.ParkFactory.create(code="theirs")
    factories.TargetFactory.create(code="aim", park=theirs, year=2030, note="public")
    factories.ProjectFactory.create(code="other", park=theirs)
    header = ["code", "park", "year", "measure", "value"]
    row = ["aim", "town", "2030", Target.objects.get().measure, "77"]
    said = checked(client_of(editor), table(header, row), resource="targets")
    assert line(said, 2)["errors"][0]["code"] == "forbidden"
    assert "changes" not in line(said, 2)
    found(client_of(editor).get(f"{API}/imports/{said['code']}"))
    flows = table(["project", "kind", "month", "reported_cny"], ["other", "paid_in", "x", "5"])
    said = checked(client_of(editor), flows, resource="fundings")
    assert {each["code"] for each in line(said, 2)["errors"]} >= {"forbidden"}
    found(client_of(editor).get(f"{API}/imports/{said['code']}"))
