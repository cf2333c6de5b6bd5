"""A project's stage and dates follow from its milestones, one by one and set by set alike."""

import random
import re
from collections.abc import Iterator
from datetime import date

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from rest_framework.test import APIClient

from config.dates import PartialDate
from config.prepared import prepare
from parks.models.ledger import list_names
from projects.lifecycle import derivation, words
from projects.lifecycle.derivation import doubts
from projects.lifecycle.words import DERIVED, STAGES, MilestoneStatus, Stage, list_stages_from
from projects.models import Milestone, Project
from tests.answers import API, found
from tests.factories import (
    EventFigureFactory,
    InvestorFactory,
    MilestoneFactory,
    ParticipationFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SectorFactory,
)
from tests.together import together

pytestmark = pytest.mark.django_db

DATES = [None, "2023", "2023-Q3", "2023-11", "2024", "2024-03", "2024-03-05", "2024-12-31"]


def stage_of(project: Project) -> tuple[str, date | None, str]:
    project.refresh_from_db()
    return project.stage, project.stage_on, project.stage_on_precision


def signing_of(project: Project) -> str:
    """The derived day of signing as people write it."""
    project.refresh_from_db()
    return str(PartialDate.from_columns(project.signed_on, project.signed_on_precision))


def test_a_project_without_milestones_has_no_stage() -> None:
    project = ProjectFactory.create()
    assert stage_of(project) == ("", None, "")
    assert project.agreement_type == ""


def test_a_met_milestone_decides_the_stage_even_where_its_date_is_unknown() -> None:
    project = ProjectFactory.create(met={"signed": "2023-11", "operating": None})
    assert stage_of(project) == ("operating", None, "")
    assert signing_of(project) == "2023-11"
    assert project.operating_on is None


def test_the_stage_is_the_furthest_one_met_whatever_the_order_of_writing() -> None:
    project = ProjectFactory.create(met={"started": "2024-03", "signed": "2023"})
    assert stage_of(project) == ("started", date(2024, 3, 1), "month")


def test_stages_between_may_be_skipped() -> None:
    project = ProjectFactory.create(met={"lead": None, "full_capacity": "2024"})
    assert stage_of(project) == ("full_capacity", date(2024, 1, 1), "year")
    assert project.signed_on is project.started_on is None


def test_a_scheduled_milestone_is_not_reached() -> None:
    project = ProjectFactory.create(met={"signed": "2023"})
    MilestoneFactory.create(project=project, type="started", status="scheduled", planned="2024-06")
    assert stage_of(project)[0] == "signed"
    assert project.started_on is None


def test_a_revoked_milestone_falls_back_to_the_stage_before() -> None:
    project = ProjectFactory.create(met={"intended": "2022", "signed": "2023-11"})
    signing = project.milestones.get(type="signed")
    signing.status = MilestoneStatus.REVOKED
    signing.reason = "协议已撤回"
    signing.save()
    assert stage_of(project) == ("intended", date(2022, 1, 1), "year")
    assert (project.signed_on, project.signed_on_precision) == (None, "")
    assert project.signed_year is None


def test_a_deleted_milestone_falls_back_to_the_stage_before() -> None:
    project = ProjectFactory.create(met=["intended", "signed"])
    project.milestones.get(type="signed").delete()
    assert stage_of(project)[0] == "intended"


def test_milestones_deleted_as_a_set_are_followed_by_their_project() -> None:
    project = ProjectFactory.create(met=["signed", "started"])
    project.milestones.all().delete()
    assert stage_of(project)[0] == ""


def test_a_milestone_that_is_dated_later_dates_the_stage() -> None:
    project = ProjectFactory.create(met=["signed"])
    signing = project.milestones.get()
    signing.actual_on, signing.actual_on_precision = date(2024, 3, 5), "day"
    signing.save()
    assert stage_of(project) == ("signed", date(2024, 3, 5), "day")


@together(
    ("dates", "signed"),
    [
        (["2024", "2024-03-05"], "2024-03-05"),  # the day says more than the year around it
        (["2024-03-05", "2024-03-04"], "2024-03-04"),
        (["2024-Q1", "2024-03"], "2024-Q1"),  # both end on one day: the one written first
        *[(["2024-03", "2024-Q1"], "2024-03"), (["2024", "2024-12-31"], "2024")],
        *[(["2023", "2024-01-01"], "2023"), ([None, "2024"], "2024"), ([None, None], "None")],
    ],
)
def test_of_several_dates_the_one_that_ends_first_counts(
    dates: list[str | None], signed: str
) -> None:
    project = ProjectFactory.create()
    for on in dates:
        MilestoneFactory.create(project=project, on=on)
    assert signing_of(project) == signed


def test_the_date_of_a_revoked_signing_does_not_count() -> None:
    project = ProjectFactory.create()
    MilestoneFactory.create(project=project, on="2019", status="revoked")
    MilestoneFactory.create(project=project, on="2024-03")
    assert signing_of(project) == "2024-03"


@together(
    ("agreements", "most_binding"),
    [
        *[([""], ""), (["unknown"], ""), (["unknown", "intent"], "intent")],
        (["framework", "intent"], "framework"),
        (["intent", "contract", "framework"], "contract"),
    ],
)
def test_the_most_binding_agreement_is_the_one_named(
    agreements: list[str], most_binding: str
) -> None:
    project = ProjectFactory.create()
    for agreement in agreements:
        MilestoneFactory.create(project=project, type="intended", agreement_type=agreement)
    project.refresh_from_db()
    assert project.agreement_type == most_binding


def test_a_revoked_contract_leaves_the_letter_of_intent() -> None:
    project = ProjectFactory.create()
    MilestoneFactory.create(project=project, type="intended", agreement_type="intent")
    MilestoneFactory.create(project=project, agreement_type="contract", status="revoked")
    project.refresh_from_db()
    assert project.agreement_type == "intent"


def test_reached_is_the_stage_and_all_later_ones() -> None:
    assert list_stages_from("completed") == [Stage.COMPLETED, Stage.OPERATING, Stage.FULL_CAPACITY]
    assert list_stages_from("lead") == STAGES


@together(("code", "hitech"), [("C3973", "yes"), ("C341", "no"), ("C39", "")])
def test_high_tech_follows_the_sector_and_a_coarse_one_decides_nothing(
    vocabularies: None, code: str, hitech: str
) -> None:
    project = ProjectFactory.create(sector_id=code)
    assert project.hitech == hitech
    project.sector = None
    project.save()
    assert project.hitech == ""


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


def test_deriving_nothing_changes_nothing() -> None:
    project = ProjectFactory.create(met=["signed"])
    assert Project.objects.none().derive() == 0
    version = project.version
    project.refresh_from_db()
    assert project.version == version


def test_a_refresh_is_a_new_version_with_its_own_time() -> None:
    project = ProjectFactory.create(met={"signed": "2024"})
    before = Project.objects.get()
    assert Project.objects.all().derive() == 1
    after = Project.objects.get()
    assert after.version == before.version + 1
    assert after.updated_at > before.updated_at
    assert stage_of(project)[0] == "signed"


# --- Many at once -------------------------------------------------------------------------------


def random_milestones(projects: list[Project], chance: random.Random) -> Iterator[Milestone]:
    """Milestones of every kind, dated and undated, several of one type among them; unsaved."""
    for project in projects:
        for _n in range(chance.randrange(6)):
            status = chance.choices(list(MilestoneStatus), [1, 4, 1])[0]
            kind = chance.choice(STAGES)
            yield MilestoneFactory.build(
                project=project,
                type=kind,
                status=status,
                on=None if status == "scheduled" else chance.choice(DATES),
                agreement_type=chance.choice(["", *words.BINDING])
                if kind in words.SIGNING_TYPES
                else "",
            )


def derived_rows() -> list[dict[str, object]]:
    return list(Project.objects.order_by("pk").values(*DERIVED))


def test_many_derived_at_once_equal_each_derived_alone() -> None:
    chance = random.Random(20240305)
    park = ProjectFactory.create().park
    sector = SectorFactory.create(code="C3973", hitech="yes")
    projects = ProjectFactory.create_batch(40, park=park)
    Project.objects.filter(pk__in=[project.pk for project in projects[::2]]).update(
        sector=sector, sector_basis="stated"
    )
    Milestone.objects.bulk_create(random_milestones(projects, chance))
    for project in projects[::3]:
        ProjectFigureFactory.create(project=project, amount_cny=chance.randrange(10**9))

    Project.objects.all().derive()
    at_once = derived_rows()
    Project.objects.update(**dict.fromkeys(["stage", "agreement_type", "hitech"], ""))
    Project.objects.update(signed_on=None, signed_on_precision="", investment_cny=None)
    for project in Project.objects.all():
        Project.objects.filter(pk=project.pk).derive()
    assert derived_rows() == at_once
    assert len({row["stage"] for row in at_once}) > 5


def test_only_the_projects_asked_for_are_refreshed() -> None:
    park = ProjectFactory.create().park
    first, second = ProjectFactory.create_batch(2, park=park)
    Milestone.objects.bulk_create(
        MilestoneFactory.build(project=project) for project in (first, second)
    )
    assert Project.objects.filter(Q(code=first.code)).derive() == 1
    assert (stage_of(first)[0], stage_of(second)[0]) == ("signed", "")
    assert (first.version, second.version) == (2, 1)


# --- Doubts -------------------------------------------------------------------------------------


def test_a_milestone_dated_before_an_earlier_stage_is_doubted() -> None:
    project = ProjectFactory.create(met={"signed": "2024-03-05", "started": "2023-11"})
    assert [str(doubt) for doubt in doubts(project)] == [
        "construction started (2023-11) is dated before contract signed (2024-03-05)."
    ]


@together(
    ("signed", "started"),
    [
        ("2023-11", "2024-03"),
        ("2024-03-05", "2024-03-05"),
        ("2024-03-05", "2024"),  # may well have been later in that year
        ("2024", "2024-01-01"),
        (None, "2019"),
        ("2019", None),
    ],
)
def test_dates_that_can_be_in_order_are_not_doubted(
    signed: str | None, started: str | None
) -> None:
    project = ProjectFactory.create(met={"signed": signed, "started": started})
    assert doubts(project) == []


@pytest.mark.parametrize("status", ["scheduled", "revoked"])
def test_only_met_milestones_are_doubted(status: str) -> None:
    project = ProjectFactory.create(met={"signed": "2024-03"})
    MilestoneFactory.create(
        project=project,
        type="started",
        status=status,
        planned="2019",
        on="2019" if status == "revoked" else None,
    )
    assert doubts(project) == []


def test_a_doubt_is_said_in_the_active_language() -> None:
    project = ProjectFactory.create(met={"signed": "2024", "started": "2023"})
    with translation.override("zh-hans"):
        assert "2024" in doubts(project)[0]


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
