"""Pages of SQLite are the same, whether a walk through the index of their order fills them."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from config.api.lists import walks
from parks.models import Park
from projects.models import Project
from tests.answers import API, clear_kept, found
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

PROJECTS = f"{API}/projects?ordering=-investment_cny"
BROAD = f"{PROJECTS}&sector=C&investment_min=10&investment_max=900"
REST = re.compile(r"LIMIT \(SELECT CASE count\(\*\) WHEN \d+ THEN 0 ELSE \d+ END FROM walk\)")
WALKED = [
    PROJECTS,
    BROAD,
    f"{PROJECTS}&origin=110000",
    f"{PROJECTS}&origin=110000,310000&sector=C39",
    f"{PROJECTS}&investment_max=500&stage=unknown",
    f"{PROJECTS}&investment_min=900",
    f"{PROJECTS}&investment_min=9000",
    f"{PROJECTS}&origin=unknown",
    f"{PROJECTS}&sector_not=C39",
    f"{API}/projects?ordering=investment_cny&origin=110000",
    f"{API}/projects?ordering=investment_cny&investment_min=100&investment_max=900",
]
OTHERWISE = [
    f"{PROJECTS}&park=park-a",
    f"{PROJECTS}&q=project",
    f"{PROJECTS}&land_mu_min=1",
    f"{API}/projects?ordering=-signed_on&sector=C",
]


@kept_rows
def projects(vocabularies: None) -> list[Any]:
    """80 projects, half of them in manufacturing, with amounts of which a few are unknown."""
    parks = [ParkFactory.create(code=f"park-{letter}") for letter in "ab"]
    made = ProjectFactory.create_batch(80, park=parks[0])
    for n, project in enumerate(made):
        Project.objects.filter(pk=project.pk).update(
            park=Park.objects.get(pk=parks[n % 2].pk),
            sector=("C39", "C3972", "C27", "I65", "I65", None)[n % 6],
            origin=("110000", "310000", None, "440300")[n % 4],
            investment_cny=None if n % 10 == 9 else n * 37 % 1000 // 2 * 2,
        )
    return made


def walk_through(address: str, limit: int) -> list[list[str]]:
    """The codes of three pages, and of the first two as they are met on the way back."""
    clear_kept()
    client, pages = APIClient(), []
    answer = found(client.get(f"{address}&limit={limit}"))
    for way in ("next", "next", "previous", "previous"):
        pages.append([row["code"] for row in answer["results"]])
        if answer[way] is None:
            break
        answer = found(client.get(answer[way]))
    return [*pages, [row["code"] for row in answer["results"]]]


@together("address", [*WALKED, *OTHERWISE])
def test_pages_are_the_same_with_a_walk_and_without(
    address: str, projects: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit, entries in ((1, 1), (4, 9), (30, 1)):
        with monkeypatch.context() as patched:
            patched.setattr(walks, "_ENTRIES_A_ROW", entries)
            walked = walk_through(address, limit)
            patched.setattr(walks, "find_index", lambda model, paths: None)
            assert walked == walk_through(address, limit)
        assert len({*walked[0]}) == len(walked[0]) <= limit


def ask(address: str) -> list[str]:
    """The SQL of pages that are tried to be walked."""
    clear_kept()
    with CaptureQueriesContext(connection) as captured:
        found(APIClient().get(f"{address}&limit=2"))
    return [query["sql"] for query in captured if "WITH walk" in query["sql"]]


def test_a_walk_alone_fills_a_page_of_many(projects: None) -> None:
    (sql,) = ask(BROAD)
    alone, replaced = REST.subn("LIMIT 0", sql)
    assert replaced == 1
    with connection.cursor() as cursor:
        whole = cursor.execute(sql).fetchall()
        assert len(whole) == 3
        assert cursor.execute(alone).fetchall() == whole
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        steps = [step for *_place, step in cursor.fetchall()]
    table = "SEARCH projects_project USING COVERING INDEX project_by_amount"
    assert f"{table} (investment_rank>? AND investment_rank<?)" in steps  # from bound to bound


@together("address", OTHERWISE)
def test_what_another_index_leads_to_or_no_index_holds_is_not_walked(
    address: str, projects: None
) -> None:
    assert ask(address) == []
