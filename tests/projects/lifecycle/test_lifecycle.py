"""A project's stage and dates follow from its milestones, one by one and set by set alike."""

import re
from datetime import date

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from config.database.prepared import prepare
from parks.models.ledger import list_names
from projects.lifecycle import derivation
from projects.models import Milestone, Project
from tests.answers import API, found
from tests.factories import (
    EventFigureFactory,
    InvestorFactory,
    MilestoneFactory,
    ParticipationFactory,
    ProjectFactory,
    ProjectFigureFactory,
)
from tests.together import together

pytestmark = pytest.mark.django_db


def stage_of(project: Project) -> tuple[str, date | None, str]:
    project.refresh_from_db()
    return project.stage, project.stage_on, project.stage_on_precision


@pytest.mark.both_databases
def test_milestones_deleted_as_a_set_are_followed_by_their_project() -> None:
    project = ProjectFactory.create(met=["signed", "started"])
    project.milestones.all().delete()
    assert stage_of(project)[0] == ""


# --- Versions -----------------------------------------------------------------------------------


def test_a_project_s_own_save_is_one_version() -> None:
    project = ProjectFactory.create()
    assert project.version == 1
    project.note = "新的备注"
    project.save()
    project.refresh_from_db()
    assert project.version == 2


@together(
    "factory", [InvestorFactory, MilestoneFactory, ParticipationFactory, ProjectFigureFactory]
)
def test_whatever_belongs_to_a_project_gives_it_a_new_version(factory: type) -> None:
    project = ProjectFactory.create()
    written = project.updated_at
    row = factory.create(project=project)
    project.refresh_from_db()
    assert project.version == 2
    assert project.updated_at > written
    row.save()
    project.refresh_from_db()
    assert project.version == 3
    row.delete()
    project.refresh_from_db()
    assert project.version == 4


def test_what_belongs_to_an_event_leaves_its_projects_alone() -> None:
    participation = ParticipationFactory.create()
    before = Project.objects.get().version
    EventFigureFactory.create(event=participation.event)
    assert Project.objects.get().version == before


def test_a_stale_copy_of_a_project_does_not_undo_what_its_milestones_say() -> None:
    stale = ProjectFactory.create()
    MilestoneFactory.create(project_id=stale.pk, project=Project.objects.get(), on="2024-03")
    stale.note = "新的备注"
    stale.save()
    assert stage_of(stale) == ("signed", date(2024, 3, 1), "month")


def test_a_stale_copy_does_not_give_a_version_twice() -> None:
    project = ProjectFactory.create()
    stale = Project.objects.get()
    project.save()
    stale.save()
    assert (project.version, stale.version) == (2, 3)


def test_a_refresh_is_a_new_version_with_its_own_time() -> None:
    project = ProjectFactory.create(met={"signed": "2024"})
    before = Project.objects.get()
    assert Project.objects.all().derive() == 1
    after = Project.objects.get()
    assert after.version == before.version + 1
    assert after.updated_at > before.updated_at
    assert stage_of(project)[0] == "signed"


# --- Many at once -------------------------------------------------------------------------------


def test_only_the_projects_asked_for_are_refreshed() -> None:
    park = ProjectFactory.create().park
    first, second = ProjectFactory.create_batch(2, park=park)
    Milestone.objects.bulk_create(
        MilestoneFactory.build(project=project) for project in (first, second)
    )
    assert Project.objects.filter(Q(code=first.code)).derive() == 1
    assert (stage_of(first)[0], stage_of(second)[0]) == ("signed", "")
    assert (first.version, second.version) == (2, 1)


# --- What is read --------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_what_is_said_to_be_read_to_derive_is_what_the_statement_reads() -> None:
    sql, _parameters = prepare(derivation.build_update).write(keys=[1])
    table = Project._meta.db_table
    read = {*re.findall(rf'"{table}"\."(\w+)"', sql)} - {"id"}
    columns = {field.column: field for field in Project._meta.concrete_fields}
    stored = {
        name
        for column in read
        for name in (
            {*list_names([columns[column].expression])}
            if columns[column].generated
            else {columns[column].name}
        )
    }
    assert {Project._meta.get_field(name).attname for name in stored} == derivation.READ_TO_DERIVE


def test_an_edit_of_what_nothing_derives_from_asks_little(admin_api: APIClient) -> None:
    """Each statement is a way to the database and back: of those an edit mostly consists."""
    ProjectFactory.create(code="fab", met={"signed": "2024-01"})
    address = f"{API}/projects/fab"
    statements: dict[str, int] = {}
    for body in ({"note": "first"}, {"note": "again"}, {"reported_on": "2025-01"}):
        with CaptureQueriesContext(connection) as queries:
            changed = found(admin_api.patch(address, body))
        statements[[*body.values()][0]] = len(queries)
        assert changed == found(admin_api.get(address))
    # Of them 7 read what is answered; 3 are savepoints of the test
    assert statements["again"] <= (23 if connection.vendor == "postgresql" else 24), statements
    assert statements["2025-01"] > statements["again"]
    assert changed["news_on"] == "2025-01-31"
