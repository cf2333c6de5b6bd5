"""Sums worked out of columns in memory are those of the database, whatever was written between."""

import json
import random
import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from parks.recording.recording import recorded
from projects.models import Project, SigningEvent
from projects.summaries import alike, by_columns
from projects.summaries.totals import Summary
from tests.answers import API, Row, clear_kept, found
from tests.factories import ParkFactory, ProjectFactory, SigningEventFactory
from tests.projects.summaries.test_by_parks import QUESTIONS, WRITES, ledger, pay
from tests.samples import sample

__all__ = ["ledger"]

MORE = [
    "projects/summary?group_by=park&measures=land_mu,agreed_per_mu,jobs_at_capacity",
    "projects/summary?group_by=signed_month,responsible_unit&investment_max=1",
    "projects/summary?group_by=stage,origin_country,kind&measures=count,investment_share",
    "projects/facets?facets=completeness,tag,signed_quarter,capital_type&stage_not=signed",
    "projects/summary?stage=signed&signed_from=2024&group_by=standing",
    "projects/summary?group_by=event,stage,signed_year",
    "projects/facets?facets=event&investment_min=1",
    "projects/cohorts",
    "fundings/summary?group_by=funding_year,origin_province&stage_not=signed",
    "fundings/summary?group_by=event,currency&funding_kind=paid_in",
    "fundings/summary?group_by=funding_year&measures=completed_cny,completion_percent",
]


GROUPED = re.compile(" GROUP BY (?!told)")  # but by what a column says
LISTS = re.compile("json_group_array|json_agg|string_agg")  # what gives a column


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """However few projects there are, the columns are read."""
    monkeypatch.setattr(by_columns, "FEW_PROJECTS", 0)
    monkeypatch.setattr(alike, "FEW_IN_COHORTS", 0)
    by_columns.forget_columns()


def attend(project: Project) -> None:
    """Have a project take part in an event, as what it was there already or as something else."""
    event = SigningEvent.objects.order_by("?").first() or SigningEventFactory.create()
    role = random.choice(["signed", "presented", "attended"])
    project.participations.update_or_create(event=event, role=role)


def ask_anew(api: APIClient, turn: int) -> list[Row]:
    """Ask the questions whose turn it is: one in five; in a long run all."""
    clear_kept()
    return [found(api.get(f"{API}/{each}")) for each in sample([*QUESTIONS, *MORE], 5, turn)]


def list_reads(api: APIClient, question: str) -> list[str]:
    """The statements by which columns are read for a question that nobody asked."""
    clear_kept()
    with CaptureQueriesContext(connection) as queries:
        found(api.get(f"{API}/projects/{question}"))
    return [query["sql"] for query in queries if LISTS.search(query["sql"])]


@pytest.mark.django_db
def test_columns_say_what_the_database_says_after_any_write(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(15)
    for turn, write in enumerate([*WRITES, attend, *chance.choices(WRITES, k=4)]):
        with recorded():
            for project in chance.sample([*Project.objects.order_by("pk")], 2):
                write(project)
        answers = ask_anew(api, turn)
        with monkeypatch.context() as patched:
            patched.setattr(by_columns, "FEW_PROJECTS", 10**9)
            patched.setattr(alike, "FEW_IN_COHORTS", 10**9)
            assert answers == ask_anew(api, turn), write.__name__


@pytest.mark.django_db
def test_a_filter_that_nobody_used_asks_which_projects_are_meant_and_no_more(
    api: APIClient, ledger: None
) -> None:
    first = list_reads(api, "summary?group_by=stage")
    # What they are, in one look at all or with a look for each column; and which are meant
    assert len(first) == (2 if connection.vendor == "sqlite" else 9), first
    (again,) = list_reads(api, "summary?group_by=stage&investment_max=1")
    assert len(LISTS.findall(again)) == 1
    assert list_reads(api, "facets?facets=stage,park&investment_max=1") == []


@pytest.mark.django_db
def test_a_list_is_counted_in_memory_if_it_is_known_there_which_projects_are_meant(
    api: APIClient, ledger: None, settings: Any
) -> None:
    settings.CACHE_MAX_BYTES = 0
    for is_known in (False, True):
        with CaptureQueriesContext(connection) as queries:
            answer = found(api.get(f"{API}/projects?count=exact&stage=signed"))
        assert answer["count"] == len(answer["results"])
        statements = [each["sql"] for each in queries]
        assert not [sql for sql in statements if LISTS.search(sql) and "told" in sql]
        assert len([sql for sql in statements if "COUNT(" in sql]) == (0 if is_known else 1)
        found(api.get(f"{API}/projects/summary?group_by=stage&stage=signed"))


@pytest.mark.django_db
def test_after_a_write_only_the_projects_of_its_park_are_read_again(
    api: APIClient, ledger: None
) -> None:
    for _number in range(9):  # more than are read anew one by one
        ProjectFactory.create(park=ParkFactory.create())
    list_reads(api, "summary?group_by=stage")
    project = Project.objects.get(code="p-1-1")
    project.save()
    renewed, meant = list_reads(api, "summary?group_by=stage")
    assert f'"park_id" IN ({project.park_id})' in renewed
    assert len(LISTS.findall(renewed)) > 3
    assert f'"park_id" IN ({project.park_id})' in meant  # of the others it is known
    (new,) = list_reads(api, "summary?group_by=stage&investment_min=1")
    assert f'"park_id" IN ({project.park_id})' not in new


@pytest.mark.django_db
def test_who_was_at_events_and_flows_are_read_without_a_look_at_each_project(
    api: APIClient, ledger: None
) -> None:
    with recorded():
        for project in Project.objects.order_by("pk")[:3]:
            attend(project)
            pay(project)
    asked = ["projects/summary?group_by=event", "projects/facets?facets=event", "projects/cohorts"]
    if connection.vendor == "sqlite":
        asked += ["fundings/summary?group_by=funding_year"]
    for question in asked:
        clear_kept()
        with CaptureQueriesContext(connection) as queries:
            found(api.get(f"{API}/{question}"))
        of_projects = [each["sql"] for each in queries if '"projects_project"' in each["sql"]]
        for sql in of_projects:
            assert not any(word in sql for word in (" JOIN ", "EXISTS(")), question
            assert not GROUPED.search(sql), question


@pytest.mark.django_db
def test_columns_are_dropped_where_they_are_too_large_the_oldest_first(
    api: APIClient, ledger: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.COLUMNS_MAX_BYTES = 1_000
    monkeypatch.setattr(by_columns, "_LEAST_BYTES", 0)
    first = list_reads(api, "summary?group_by=stage")
    list_reads(api, "facets?facets=park,signed_year,function,kind,standing")
    assert {*list_reads(api, "summary?group_by=stage")} & {*first[:-1]}


@pytest.mark.django_db
def test_of_so_many_projects_that_few_columns_would_fit_none_is_read_from_postgresql(
    api: APIClient, ledger: None, settings: Any
) -> None:
    settings.COLUMNS_MAX_BYTES = 40 * (Project.objects.count() - 1)
    list_reads(api, "summary?group_by=stage")
    read = list_reads(api, "summary?group_by=stage")
    assert bool(read) == (connection.vendor == "sqlite"), read


@pytest.mark.django_db
def test_few_projects_are_added_up_by_the_database(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_columns, "FEW_PROJECTS", 10**9)
    assert list_reads(api, "summary?group_by=stage") == []


@pytest.mark.django_db
def test_what_is_stated_of_all_rows_at_once_is_what_is_stated_row_by_row(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = [
        f"{API}/projects/summary?group_by={question}"
        for question in (
            "origin_province,sector_section,signed_year",
            "stage,kind&measures=count,land_mu,share&order=-land_mu&origin=浙江,unknown",
            "park&measures=paid_in_cny&order=paid_in_cny&top=1",
        )
    ]
    at_once = [api.get(url).content for url in asked]
    clear_kept()
    monkeypatch.setattr(Summary, "states_columns", False)
    assert [api.get(url).content for url in asked] == at_once
    assert all(json.loads(each)["rows"] for each in at_once)


def strip_links(said: Any) -> Any:
    """What an answer says, without its addresses, and without what it says of its moment."""
    if isinstance(said, list):
        return [strip_links(each) for each in said]
    if not isinstance(said, dict):
        return said
    moment = ("as_of", "filters", "definitions")
    return {
        name: strip_links(each)
        for name, each in said.items()
        if name not in moment and not name.endswith("url")
    }


@pytest.mark.django_db
@pytest.mark.parametrize("is_in_memory", [True, False])
def test_sums_as_of_a_moment_are_those_of_then_whatever_was_written_since(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch, is_in_memory: bool
) -> None:
    if not is_in_memory:
        monkeypatch.setattr(by_columns, "FEW_PROJECTS", 10**9)
    asked = [question for question in [*QUESTIONS, *MORE] if "summary" in question]
    before = {each: strip_links(found(api.get(f"{API}/{each}"))) for each in asked}
    moment = quote(timezone.now().isoformat())
    # What is taken back is not shown as of earlier days either
    writes = [each for each in WRITES if each.__name__ not in ("withdraw", "close_park")]
    for turn, write in enumerate(writes):
        with recorded():
            write(Project.objects.order_by("?")[0])
        for question in sample(asked, 6, turn + 3 * is_in_memory):
            mark = "&" if "?" in question else "?"
            then = found(api.get(f"{API}/{question}{mark}as_of={moment}"))
            assert strip_links(then) == before[question], (write.__name__, question)
