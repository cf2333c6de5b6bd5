"""Sums that are kept park by park are those that would be worked out anew, whatever was written."""

import random
import re
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, connections
from django.db.models import F
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from parks.models import Park, Region
from parks.recording.recording import recorded
from projects.filters import ProjectFilterSet
from projects.models import Project
from projects.summaries import sums
from tests import factories
from tests.answers import API, Row, clear_kept, found
from tests.samples import HERE, IS_LONG, sample
from tests.seeded import kept_rows

SUMMARY = "projects/summary?group_by=stage"
FACETS = "projects/facets?facets=park,origin_group,signed_year,size_band"
QUESTIONS = [
    SUMMARY,
    FACETS,
    "projects/facets?facets=park,event,standing&investment_min=2",
    "projects/summary?counts_in_totals=true&measures=count,investment_cny,paid_in_cny,share",
    "projects/summary?group_by=origin_province,park_province,signed_year&measures=count",
    "projects/summary?group_by=park,event",
    "projects/summary?group_by=stage&park=park-1",
    "projects/summary?stalled_months_min=1",
    "projects/summary?group_by=works_permit_month&measures=count",
    "projects/summary?claims_in_conflict=true",
    "projects?fields=code&count=exact&stage=signed",
]
COUNTED = ["", "stage=signed", "investment_min=1", "origin=unknown&q=p-", "overdue=false"]
PARKS = 3


@kept_rows
def ledger(vocabularies: None) -> None:
    for number in range(PARKS):
        park = factories.ParkFactory.create(code=f"park-{number}")
        for place in range(3):
            factories.ProjectFactory.create(
                code=f"p-{number}-{place}",
                park=park,
                origin_id=("330300", "DE", None)[place],
                investment=place or None,
                met=["signed"] if place else [],
            )


def ask(api: APIClient) -> list[Row]:
    return [found(api.get(f"{API}/{question}")) for question in QUESTIONS]


def ask_anew(api: APIClient) -> list[Row]:
    clear_kept()
    return ask(api)


def list_sums(api: APIClient, question: str) -> list[str]:
    """The statements by which projects are added up for a question."""
    with CaptureQueriesContext(connection) as queries:
        found(api.get(f"{API}/{question}"))
    return [each["sql"] for each in queries if f'FROM "{Project._meta.db_table}"' in each["sql"]]


# What may be written that moves projects between cells, parks and readers


def move(project: Project) -> None:
    project.park = Park.objects.exclude(pk=project.park_id).order_by("?")[0]
    project.save()


def withdraw(project: Project) -> None:
    project.publication = "draft" if project.publication == "published" else "published"
    project.save()


def make_part(project: Project) -> None:
    """Have a project of another park count or not by what this one is."""
    part = Project.objects.exclude(park=project.park).order_by("?")[0]
    part.part_of = project
    part.save()


def sign(project: Project) -> None:
    for step, day in (("signed", "2024-05-01"), ("works_permit", f"2024-0{project.pk % 9 + 1}-01")):
        project.milestones.create(type=step, status="met", actual_on=day, actual_on_precision="day")


def pay(project: Project) -> None:
    month = timezone.localdate().replace(day=1)
    project.fundings.update_or_create(kind="paid_in", month=month, defaults={"reported_cny": 5})


def claim(project: Project) -> None:
    """Say of a project what contradicts what is said of it already."""
    amount = project.figures.count() + 1
    factories.ProjectFigureFactory.create(
        project=project, investment_basis="planned", amount_cny=amount
    )


def close_park(project: Project) -> None:
    project.park.publication = "draft" if project.park.publication == "published" else "published"
    project.park.save()


def come_from_elsewhere(project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(origin=Region.objects.order_by("?")[0])


def delete(project: Project) -> None:
    Project.objects.filter(part_of=project).update(part_of=None)
    project.delete()


def add(project: Project) -> None:
    factories.ProjectFactory.create(park=project.park, investment=7, met=["signed"])


WRITES = [move, withdraw, make_part, sign, pay, claim, close_park, come_from_elsewhere, delete, add]


@pytest.mark.slow
@pytest.mark.django_db
def test_what_is_kept_says_what_would_be_worked_out_anew_after_any_write(
    api: APIClient, ledger: None
) -> None:
    chance = random.Random(18)
    viewer, overseer = APIClient(), APIClient()
    park = Park.objects.get(code="park-1")
    viewer.force_login(factories.MembershipFactory.create(park=park, role="viewer").user)
    overseer.force_login(factories.UserFactory.create(superuser=True))
    ask(api)
    writes = [*WRITES, *chance.choices(WRITES, k=8 if IS_LONG else 2)]
    at_once = 1 if IS_LONG else 3
    for place in range(0, len(writes), at_once):
        done = writes[place : place + at_once]
        for write in done:
            with recorded():
                for project in chance.sample([*Project.objects.order_by("pk")], 2):
                    write(project)
        answers = ask(api)
        assert answers == ask_anew(api), done
        for reader in (api, viewer, overseer):
            for question in sample(COUNTED, 2, place):
                found(reader.get(f"{API}/{SUMMARY}&{question}"))
                answer = found(reader.get(f"{API}/projects?count=exact&limit=500&{question}"))
                assert answer["count"] == len(answer["results"]), (done, question)


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize(
    "question",
    [
        *(SUMMARY, FACETS, f"{SUMMARY},event&measures=count"),
        "projects/summary?group_by=works_permit_month",
    ],
)
def test_after_a_write_only_its_park_is_added_up_again(
    api: APIClient, ledger: None, question: str
) -> None:
    first, *_distinct = list_sums(api, question)
    project = Project.objects.get(code="p-1-1")
    project.save()
    again, *_distinct = list_sums(api, question)
    assert f'"park_id" IN ({project.park_id})' in again
    assert f'"park_id" IN ({project.park_id})' not in first
    factories.ProjectFactory.create(park=Park.objects.get(code="park-0"))
    last, *_distinct = list_sums(api, question)
    assert f'"park_id" IN ({Park.objects.get(code="park-0").pk})' in last


@pytest.mark.both_databases
@pytest.mark.django_db
def test_all_facets_are_counted_by_one_statement(api: APIClient, ledger: None) -> None:
    assert len(list_sums(api, "projects/facets")) == 1


@pytest.mark.django_db
def test_what_reads_other_tables_or_the_past_is_not_kept(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = timezone.now().isoformat()
    with recorded():
        Project.objects.order_by("pk")[0].milestones.create(
            type="signed", status="met", actual_on="2024-05-01", actual_on_precision="day"
        )
    monkeypatch.setattr(sums, "keep_value", None)  # to call it is an error
    for resource in ("projects/summary", "projects/facets"):
        found(api.get(f"{API}/{resource}", {"event": "unknown"}))
        # Sums of now are kept to be corrected, unless what else they read was written since
        found(api.get(f"{API}/{resource}", {"as_of": moment, "stalled_months_min": "1"}))
    found(api.get(f"{API}/projects/facets", {"as_of": moment}))


def of(person: User) -> Any:
    """A request of a person."""
    request = RequestFactory().get("/")
    request.user = person
    return request


@pytest.mark.slow
@pytest.mark.django_db
def test_the_tables_of_each_filter_are_those_that_its_sql_names(
    ledger: None, superuser: User
) -> None:
    """And none compares projects with the whole list of those that it leaves out."""
    known = set()
    for name in sample([*ProjectFilterSet.base_filters], 2, HERE):
        words = ("unknown", "true", "false", "signed", "park-1", "p-1-1", "published", "not_late")
        for value in (*words, "1", "2024", "2024-Q1", "2024-01"):
            asked = ProjectFilterSet({name: value}, Project.objects.all(), request=of(superuser))
            if asked.is_valid():
                query = asked.qs.order_by().annotate(of_park=F("park_id")).values("of_park").query
                with suppress(EmptyResultSet):
                    sql = query.sql_with_params()[0]
                    is_listed = 'NOT ("projects_project"."id" IN (SELECT' in sql
                    # Tags of groups come by several ways, of which a union is made
                    assert is_listed <= name.startswith("investor_tag"), (name, value)
                    named = re.findall(r'(?:FROM|JOIN) "(\w+)"', sql)
                    # Conditions that nothing can meet have no SQL
                    missed = Counter(named) - Counter(sums.list_tables(query))
                    assert not missed, (name, value)
                    known |= {*named}
    assert {"projects_milestone", "projects_projectfigure", "parks_organisation"} < known


@pytest.mark.django_db
def test_of_too_many_cells_none_is_kept_and_the_answer_is_the_same(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = ask(api)
    monkeypatch.setattr(sums, "MOST_KEPT", 2)
    assert ask_anew(api) == answers
    Project.objects.get(code="p-1-1").save()
    assert ask(api) == answers


@pytest.mark.django_db
def test_both_parks_of_a_project_that_moves_have_another_version(ledger: None) -> None:
    before = sums.read_park_marks()
    project = Project.objects.get(code="p-0-0")
    old, new = project.park_id, Park.objects.get(code="park-2").pk
    project.park_id = new
    project.save()
    after = sums.read_park_marks()
    assert {park for park in after if after[park] != before[park]} == {old, new}


# --- While others write --------------------------------------------------------------------------


def write_at_random(seed: int) -> None:
    chance = random.Random(seed)
    for _step in range(10):
        try:
            with recorded():
                project = chance.choice([*Project.objects.order_by("pk")])
                chance.choice([move, withdraw, sign, add])(project)
                time.sleep(chance.choice([0, 0.01]))
        except OperationalError:  # SQLite was busy for two seconds
            continue
    connections.close_all()


def read_until(writers: list["Future[Any]"]) -> int:
    """Ask again and again: of each answer the sums are those of one state."""
    api, number = APIClient(raise_request_exception=False), 0
    while not all(writer.done() for writer in writers):
        response = api.get(f"{API}/{SUMMARY},park")
        if response.status_code == 200:
            number += 1
        time.sleep(0.01)
    connections.close_all()
    return number


@pytest.mark.slow
@pytest.mark.both_databases
def test_readers_beside_writers_leave_nothing_that_is_not_so(database_in_a_file: None) -> None:
    parks = [factories.ParkFactory.create(code=f"park-{number}") for number in range(PARKS)]
    for park in parks:
        factories.ProjectFactory.create(park=park, investment=1, met=["signed"])
    with ThreadPoolExecutor(5) as pool:
        writers = [pool.submit(write_at_random, seed) for seed in range(3)]
        readers = [pool.submit(read_until, writers) for _reader in range(2)]
        assert sum(reader.result() for reader in readers) > 2
        for writer in writers:
            writer.result()
    api = APIClient()
    kept = found(api.get(f"{API}/{SUMMARY},park&order=park"))
    clear_kept()
    assert found(api.get(f"{API}/{SUMMARY},park&order=park")) == kept
