"""Nothing is written past the history: each way to write, for each model that keeps versions."""

import json
from collections import Counter
from collections.abc import Callable
from functools import partial
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Model
from django.test import Client
from rest_framework.test import APIClient

from parks.models import Figure, Organisation, Park
from parks.names.cell_lookup import create_rows
from parks.recording.recording import MANY_ROWS, has_history, recorded, settles_now
from parks.recording.records import Change, Revision
from projects.models import (
    Edition,
    EventFigure,
    Funding,
    Investor,
    LightExcuse,
    Milestone,
    Obstacle,
    Participation,
    PlanMove,
    ProgressNote,
    Project,
    ProjectFigure,
    Return,
    SigningEvent,
    Target,
)
from projects.seeding.fixtures import LEDGERS, load_all, load_ledger
from tests.admin_pages import address, save, saved
from tests.answers import API, CarefulClient, found
from tests.conftest import read_fixture
from tests.factories import (
    FACTORIES,
    FigureFactory,
    FundingFactory,
    InvestorFactory,
    OrganisationFactory,
    ParkFactory,
    ParticipationFactory,
    ProjectFactory,
    ProjectFigureFactory,
    RegionFactory,
    SectorGroupFactory,
)
from tests.paths import FIXTURES
from tests.projects.importing.imports import applied, table
from tests.samples import HERE, sample
from tests.site.test_access import client_with, token_of
from tests.together import together

pytestmark = pytest.mark.django_db


ONE_IN = 10 if HERE else 5  # PostgreSQL, beside SQLite
MAKERS = {model: factory for model, factory in FACTORIES.items() if has_history(model)}
# A column to change where a row has no note
CHANGED: dict[type[Model], tuple[str, Any]] = {
    Investor: ("share_bp", 6000),
    Participation: ("agreement_type", "contract"),
    PlanMove: ("reason", "改"),
    LightExcuse: ("reason", "改"),
    Obstacle: ("solution", "改"),
    ProgressNote: ("noted_by", "改"),
    Return: ("answer", "改"),
}


def change_of(model: type[Model]) -> tuple[str, Any]:
    return CHANGED.get(model, ("note", "改"))


def recorded_models() -> list[Any]:
    return [model for model in apps.get_models() if has_history(model)]


def name_of(model: type[Model]) -> str:
    return model.__name__


def some_models(turn: int) -> pytest.MarkDecorator:
    """Give a test one of ONE_IN models; in a long run all."""
    return pytest.mark.parametrize("model", sample([*MAKERS], ONE_IN, turn), ids=name_of)


def each_with_some_models(ways: list[Any], turn: int) -> list[tuple[Any, Any]]:
    """Each way to write with one of ONE_IN models, others for the next; in a long run with all."""
    numbered = enumerate(ways, turn)
    return [(way, model) for n, way in numbered for model in sample([*MAKERS], ONE_IN, n)]


def stored_columns(row: Any) -> dict[str, Any]:
    model: Any = type(row.instance) if hasattr(row, "history_id") else type(row)
    return {field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields}


def members(row: Any) -> dict[str, set[Any]]:
    """The keys in the many-to-many fields of a stored row."""
    fields = type(row).history.model._history_m2m_fields
    return {
        field.name: {*getattr(row, field.name).values_list("pk", flat=True)} for field in fields
    }


def past_members(version: Any) -> dict[str, set[Any]]:
    """The same of a version."""
    past = type(version)
    return {
        field.name: {
            *getattr(past, field.name)
            .model.objects.filter(history=version)
            .values_list(f"{field.m2m_reverse_field_name()}_id", flat=True)
        }
        for field in past._history_m2m_fields
    }


def check_history() -> None:
    """Every stored row is its last version; versions have no gaps, and a revision of their own.

    The feed tells each of them once.
    """
    told = Counter(Change.objects.values_list("resource", "row_key", "version", "op"))
    for model in recorded_models():
        label = model._meta.label_lower
        versions: dict[int, list[Any]] = {}
        for version in model.history.model.objects.order_by("id", "history_id"):
            versions.setdefault(version.id, []).append(version)
        rows = {row.pk: row for row in model._default_manager.all()}
        assert rows.keys() <= versions.keys(), model
        for key, of_row in versions.items():
            assert [each.version for each in of_row] == [*range(1, len(of_row) + 1)]
            assert len({each.revision_id for each in of_row}) == len(of_row)
            entries = [(label, str(key), each.version, each.history_type) for each in of_row]
            assert [told[entry] for entry in entries] == [1] * len(entries)
            assert all(one.history_date <= next_.history_date for one, next_ in pairwise(of_row))
            kinds = "".join(each.history_type for each in of_row)
            assert kinds == "+" + "~" * (len(kinds) - 1 - (key not in rows)) + (
                "" if key in rows else "-"
            )
            if key in rows:
                assert stored_columns(of_row[-1]) == stored_columns(rows[key])
                assert past_members(of_row[-1]) == members(rows[key])


def writes_one_revision(write: Callable[[], Any]) -> Any:
    """Do this, which leaves one revision and a history that is whole."""
    before = Revision.objects.count()
    result = write()
    assert Revision.objects.count() == before + 1
    check_history()
    return result


def last_version(row: Any) -> Any:
    return type(row).history.model.objects.filter(id=row.pk).order_by("version").last()


def test_the_table_has_every_model_that_keeps_versions() -> None:
    assert {*MAKERS} == {*recorded_models()}


def save_each(rows: list[Any], name: str, value: Any) -> None:
    with recorded():
        for row in rows:
            setattr(row, name, value)
            row.save()


def update_at_once(rows: list[Any], name: str, value: Any) -> None:
    for row in rows:
        setattr(row, name, value)
    with recorded():
        type(rows[0]).objects.bulk_update(rows, [name], batch_size=2)


CHANGES: list[Callable[[list[Any], str, Any], Any]] = [
    save_each,
    update_at_once,
    lambda rows, name, value: type(rows[0]).objects.all().update(**{name: value}),
]
DELETIONS: list[Callable[[list[Any]], Any]] = [
    lambda rows: type(rows[0]).objects.filter(pk=rows[0].pk)[0].delete(),
    lambda rows: type(rows[0]).objects.all().delete(),
]


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize(("change", "model"), each_with_some_models(CHANGES, 0))
def test_changing_rows(change: Callable[[list[Any], str, Any], Any], model: Any) -> None:
    rows = [MAKERS[model].create() for _number in range(3)]
    check_history()
    writes_one_revision(lambda: change(rows, *change_of(model)))
    name, value = change_of(model)
    assert {getattr(last_version(row), name) for row in rows} == {value}


@pytest.mark.both_databases
@some_models(3)
def test_creating_many(model: Any) -> None:
    known = [MAKERS[model].create() for _number in range(2)]
    links = {
        field.name: [getattr(row, field.name) for row in known]
        for field in model._meta.concrete_fields
        if field.is_relation
    }
    columns = {"amount_cny": 1} if model is Funding else {}
    made_rows = [
        MAKERS[model].build(**columns, **{name: rows[place] for name, rows in links.items()})
        for place, _row in enumerate(known)
    ]
    # of most of these a project has one of a kind, and a park one edition a month
    if not hasattr(model, "code") or model is Edition:
        model.objects.all().delete()
    for row in made_rows if hasattr(model, "code") else ():
        row.code = ""
    rows = writes_one_revision(lambda: model.objects.bulk_create(made_rows))
    assert {last_version(row).history_type for row in rows} == {"+"}


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize(("delete", "model"), each_with_some_models(DELETIONS, 4))
def test_deleting_rows(delete: Callable[[list[Any]], Any], model: Any) -> None:
    keys = {MAKERS[model].create().pk for _number in range(2)}
    writes_one_revision(lambda: delete([*model.objects.all()]))
    gone = {*model.history.model.objects.filter(history_type="-").values_list("id", flat=True)}
    assert gone
    assert gone == keys - {*model.objects.values_list("pk", flat=True)}


@pytest.mark.both_databases
@some_models(6)
def test_what_is_rolled_back_leaves_nothing(model: Any) -> None:
    row = MAKERS[model].create()
    before = Revision.objects.count()
    name, value = change_of(model)
    with transaction.atomic():
        model.objects.all().update(**{name: value})
        row.delete()
        MAKERS[model].create()
        transaction.set_rollback(True)
    assert Revision.objects.count() == before
    check_history()


def test_whatever_is_written_together_is_one_version_of_each_row() -> None:
    def write() -> Any:
        with recorded():
            project = ProjectFactory.create(met={"signed": "2024"}, investment=5)
            project.note = "x"
            project.save()
            Project.objects.filter(pk=project.pk).update(open_issues="y")
            FundingFactory.create(project=project)
            milestone = project.milestones.get()
            milestone.status = "revoked"
            milestone.reason = "撤回"
            milestone.save()
            project.figures.all().delete()
            return project

    project = writes_one_revision(write)
    project.refresh_from_db()
    assert project.version == 1
    assert (project.stage, project.investment_cny, project.open_issues) == ("", None, "y")
    assert not ProjectFigure.history.model.objects.exists()  # came and went unseen


@pytest.mark.both_databases
def test_a_row_is_told_what_the_end_of_its_revision_works_out_as_a_query_gives_it() -> None:
    project = ProjectFactory.create(met=["signed"], investment=10**8, code="fab")
    names = Project.computed_columns
    for name in names:
        setattr(project, name, None)
    project.save(update_fields=["note"])
    told = [getattr(project, name) for name in names]
    stored = Project.objects.values_list(*names).get(code="fab")
    assert [(type(value), value) for value in told] == [(type(value), value) for value in stored]


def test_deleting_a_project_or_a_park_records_all_that_goes_with_it() -> None:
    project = ProjectFactory.create(met=["signed"], investment=5)
    for factory in (InvestorFactory, ParticipationFactory, FundingFactory):
        factory.create(project=project)
    writes_one_revision(project.delete)
    park = ParkFactory.create()
    FigureFactory.create(park=park)
    writes_one_revision(park.delete)
    assert Figure.history.model.objects.filter(history_type="-").count() == 1


def test_a_deleted_claim_lets_the_earlier_one_stand_again_as_a_version_of_it() -> None:
    newer = ProjectFigureFactory.create()
    earlier = ProjectFigureFactory.create(project=newer.project, superseded_by=newer)
    writes_one_revision(newer.delete)
    assert last_version(earlier).superseded_by_id is None


# --- The doors ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "model", sample([m for m in MAKERS if m in admin.site._registry], 4), ids=name_of
)
def test_the_admin(desk: Client, model: Any) -> None:
    row = MAKERS[model].create()
    name, value = change_of(model)
    writes_one_revision(
        lambda: saved(save(desk, address(model, "change", row.pk), **{name: value}))
    )
    assert getattr(last_version(row), name) == value
    url = address(model, "delete", row.pk)
    if model is Edition:  # which is closed for good
        assert desk.post(url, {"post": "yes"}).status_code == 403
        return
    gone = writes_one_revision(lambda: desk.post(url, {"post": "yes"}))
    assert gone.status_code == 302


def test_the_rows_on_a_page_of_the_admin(desk: Client) -> None:
    project = ProjectFactory.create()
    investor = InvestorFactory.create(project=project)
    participation = ParticipationFactory.create(project=project)
    changed = {"investors-0-share_bp": "60", "participations-0-agreement_type": "contract"}
    writes_one_revision(
        lambda: saved(save(desk, address(Project, "change", project.pk), **changed))
    )
    assert last_version(investor).share_bp == 6000
    assert last_version(participation).agreement_type == "contract"


ADDRESSES: dict[type[Model], str] = {
    Park: "parks/{row.code}",
    Organisation: "organisations/{row.code}",
    Figure: "figures/{row.code}",
    Project: "projects/{row.code}",
    Milestone: "projects/{row.project.code}/milestones/{row.pk}",
    Participation: "projects/{row.project.code}/participations/{row.pk}",
    Funding: "projects/{row.project.code}/fundings/{row.pk}",
    ProjectFigure: "projects/{row.project.code}/figures/{row.code}",
    SigningEvent: "events/{row.code}",
    EventFigure: "events/{row.event.code}/figures/{row.code}",
    Target: "targets/{row.code}",
}


@pytest.mark.slow
@pytest.mark.parametrize("model", sample([*ADDRESSES], 4, 1), ids=name_of)
def test_the_api(admin_api: APIClient, model: Any) -> None:
    row = MAKERS[model].create()
    url = f"{API}/{ADDRESSES[model].format(row=row)}"
    name, value = change_of(model)
    writes_one_revision(lambda: found(admin_api.patch(url, {name: value})))
    assert getattr(last_version(row), name) == value
    gone = writes_one_revision(lambda: admin_api.delete(url))
    assert gone.status_code == 204


# One after the other: with lists in the row, at an address of their own, and many at once
TOWN = {"code": "town", "name_zh": "城"}
FAB, HUB, NEW = (
    {"code": code, "name_zh": name, "park": "town"}
    for code, name in (("fab", "晶圆厂"), ("hub", "数据中心"), ("new", "药谷"))
)
REQUESTS: list[tuple[str, str, Any]] = [
    ("post", "parks", {**TOWN, "region": "120115", "leading_sectors": ["ic"]}),
    ("patch", "parks/town", {"leading_sectors": []}),
    ("post", "projects", {**FAB, "investors": [{"organisation": "maker"}]}),
    ("patch", "projects/fab", {"investors": []}),
    ("put", "projects/fab", {**FAB, "note": "改"}),
    ("put", "projects/hub", HUB),
    ("post", "projects/bulk", [{"code": "hub", "version": 1, "note": "改"}, NEW]),
]


@pytest.mark.slow
def test_requests_of_the_api(admin_api: CarefulClient) -> None:
    RegionFactory.create(code="120115")
    OrganisationFactory.create(code="maker")
    SectorGroupFactory.create(code="ic", members=["C3973"])
    for method, url, body in REQUESTS:
        sent = {"projects": body} if isinstance(body, list) else body
        write = partial(getattr(admin_api, method), f"{API}/{url}", sent)
        answer = writes_one_revision(write)
        assert answer.status_code in (200, 201), answer.content.decode()


LEDGER_OF = {ledger.model: ledger for ledger in LEDGERS}
HEADER = ["项目编码", "项目名称", "园区", "投资方", "总投资（亿元）", "签约日期"]


def imported(amount: str) -> bytes:
    return table(HEADER, ["fab", "晶圆厂", "town", "中芯国际", amount, "2024-03"])


@pytest.mark.both_databases
@pytest.mark.usefixtures("vocabularies")
def test_an_import_the_same_file_with_changes_and_its_undoing(admin_api: APIClient) -> None:
    ParkFactory.create(code="town", name_zh="科技城")
    writes_one_revision(lambda: applied(admin_api, imported("12")))
    answer = writes_one_revision(lambda: applied(admin_api, imported("13")))
    writes_one_revision(lambda: found(admin_api.post(f"{API}/imports/{answer['code']}/undo")))
    assert [*Project.history.order_by("version").values_list("investment_cny", flat=True)] == [
        1_200_000_000,
        1_300_000_000,
        1_200_000_000,
    ]


@pytest.mark.usefixtures("vocabularies")
def test_an_import_on_the_command_line(tmp_path: Path) -> None:
    ParkFactory.create(code="town", name_zh="科技城")
    file = tmp_path / "projects.csv"
    for amount in ("12", "13"):
        file.write_bytes(imported(amount))
        writes_one_revision(
            lambda: call_command("import_projects", str(file), stdout=StringIO(), stderr=StringIO())
        )
    assert {*Project.history.values_list("revision__batch", flat=True)} - {""}
    assert Project.history.count() == 2


def test_a_line_of_the_fixtures_and_the_same_with_changes(tmp_path: Path) -> None:
    RegionFactory.create(code="120115")
    file = tmp_path / "parks.jsonl"
    for brand in ("中关村", "中关村科技"):
        park = {"code": "town", "name_zh": "城", "region": "120115", "brand": brand}
        file.write_text(json.dumps(park), encoding="utf-8")
        writes_one_revision(lambda: load_ledger(file, LEDGER_OF[Park]))
    assert Park.history.count() == 2
    assert {*Park.history.values_list("revision__reason", flat=True)} == {"load_fixtures"}


@pytest.mark.slow
@pytest.mark.both_databases
def test_every_term_that_is_shipped_is_taken() -> None:
    """By the database, too: PostgreSQL holds a text to the length of its column."""
    for file, fates in load_all(FIXTURES, ledger=False):
        assert fates["created"] == len(read_fixture(file.removesuffix(".jsonl"))) > 0


@together(
    ("first", "last", "settles"),
    [
        *[(0, 0, False), (1, 499, False), (1, 500, True), (500, 500, True), (500, 501, True)],
        *[(501, 999, False), (501, 1_000, True), (499, 501, True)],
    ],
)
def test_on_sqlite_whoever_stores_the_last_of_500_changes_settles_them(
    first: int, last: int, settles: bool
) -> None:
    waits = connection.features.has_select_for_update  # on PostgreSQL everybody does
    assert settles_now(first, last) is (last > 0 if waits else settles)


@pytest.mark.only_sqlite
def test_the_planner_counts_what_a_large_revision_adds_to_an_empty_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for added in (MANY_ROWS, MANY_ROWS + 1):
            rows = [{"code": f"org-{added}-{at}", "name_zh": "公司"} for at in range(added)]
            with recorded():
                create_rows(Organisation, rows)
            cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'parks_organisation'")
            counted = {int(stat.partition(" ")[0]) for (stat,) in cursor.fetchall()}
            assert (2 * MANY_ROWS + 1 in counted) is (added > MANY_ROWS), counted


def test_a_revision_says_who_wrote_with_which_token_and_why(superuser: User) -> None:
    ProjectFactory.create(code="fab")
    client = client_with(token_of(superuser))
    why = {"If-Match": "*", "Change-Reason": "%E6%A0%B8%E5%AF%B9"}
    found(client.patch(f"{API}/projects/fab", {"note": "x"}, headers=why))
    revision = Revision.objects.latest("pk")
    said = (revision.user_id, revision.role, revision.token, revision.reason)
    assert said == (superuser.pk, "superuser", "a test's", "核对")
