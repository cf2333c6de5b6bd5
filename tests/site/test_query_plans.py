"""How the databases answer typical questions about many projects: by indexes, whatever they choose.

No question reads the whole table of projects, and no list sorts all of them. `make test-long` asks
100,000 projects, `make test` fewer.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from benchmarks.questions import BROAD, FACETS, SELECTIVE, SUMMARY, TYPICAL
from parks.models import Organisation, Park
from tests.answers import API, found
from tests.conftest import make_vocabularies
from tests.factories import OrganisationTagFactory, TagFactory
from tests.many_projects import make_many_projects
from tests.samples import IS_LONG

pytestmark = pytest.mark.both_databases

PROJECTS = 100_000 if IS_LONG else 4_000
TABLE = "projects_project"
READS = "reads the table"
SORT = "USE TEMP B-TREE FOR ORDER BY"
QUESTIONS = [
    *(f"{API}/projects?limit=100&{query}" for query in TYPICAL),
    BROAD.list_address,
    SELECTIVE.list_address,
    f"{API}/projects?limit=100&ordering=code",
    f"{API}/projects?limit=100&ordering=-signed_on",
    f"{API}/projects?limit=100&event=demo-event-001",
    f"{API}/projects?limit=100&tag=city-key",
    f"{API}/projects?limit=100&investor_tag=fortune-500",
    f"{API}/projects?limit=100&investor_tag=fortune-500&investor_tag_on=2024-06-30",
    f"{API}/projects?limit=100&count=exact",
    SUMMARY,
    f"{API}/projects/summary?group_by=park,stage",
    FACETS,
    *(f"{API}/{rows}?code=demo-000120" for rows in ("fundings/summary", "results")),
]


@pytest.mark.django_db
def test_on_postgresql_the_bounds_of_amounts_are_those_of_the_index_that_lists_are_read_from() -> (
    None
):
    column = "investment_rank" if connection.vendor == "postgresql" else "investment_cny"
    for bounds in ({"investment_min": "2", "investment_max": "5"}, {"size_band": "2-5"}):
        with CaptureQueriesContext(connection) as captured:
            found(APIClient().get(f"{API}/projects", {"ordering": "-investment_cny", **bounds}))
        (asked,) = [query["sql"] for query in captured if f'"{TABLE}"' in query["sql"]]
        assert re.search(rf'"{column}" >= 2\b.*"{column}" <=? 5\b', asked), asked


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_no_question_reads_all_projects_and_no_list_sorts_them() -> None:
    make_vocabularies()
    TagFactory.create(code="city-key", bearer="project", is_yearly=True)
    make_many_projects(PROJECTS)
    tag_some_companies()
    park = Park.objects.order_by("pk").values_list("code", flat=True)[0]
    assert len(QUESTIONS) == 27
    faults = []
    for question in QUESTIONS:
        address = question.format(park=park)
        with CaptureQueriesContext(connection) as captured:
            found(APIClient().get(address))
        asked = [query["sql"] for query in captured if f'"{TABLE}"' in query["sql"]]
        assert asked, address
        for statement in asked:
            faults += [f"{address}: {fault}" for fault in find_faults(statement)]
    assert faults == []


def tag_some_companies() -> None:
    """Have a few companies in the list of a year, as few of all are; and let the planner know."""
    listed = TagFactory.create(code="fortune-500", is_yearly=True, is_of_group=True)
    for company in Organisation.objects.filter(code__startswith="demo-company-00"):
        OrganisationTagFactory.create(organisation=company, tag=listed, year=2024)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def find_faults(statement: str) -> Iterator[str]:
    """What of the plan of a statement costs as much as there are projects, and has no index."""
    if connection.vendor == "postgresql":
        for fault in find_in_nodes(explain(statement)):
            # Of few rows the planner may as well read all: what counts is whether it has to.
            if IS_LONG or not fault.startswith(READS) or has_to_read(statement):
                yield fault
    else:
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {statement}")
            yield from find_in_steps(cursor.fetchall(), statement)


def explain(statement: str) -> dict[str, Any]:
    """The plan of a statement on PostgreSQL."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        plan = cursor.fetchone()[0]
    found: dict[str, Any] = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]
    return found


def has_to_read(statement: str) -> bool:
    """Whether PostgreSQL reads the table even where that is the last thing it would do."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        faults = [*find_in_nodes(explain(statement))]
        cursor.execute("RESET enable_seqscan")
    return any(fault.startswith(READS) for fault in faults)


def find_in_nodes(node: dict[str, Any]) -> Iterator[str]:
    """Faults in a plan of PostgreSQL: the table read, or more sorted than a tenth of it."""
    if node["Node Type"] == "Seq Scan" and node["Relation Name"] == TABLE:
        yield f"{READS}, {node.get('Filter', 'all of it')}"
    if "Sort" in node["Node Type"] and node["Plan Rows"] > PROJECTS / 10:
        yield f"sorts {node['Plan Rows']} rows by {node['Sort Key']}"
    for below in node.get("Plans", []):
        yield from find_in_nodes(below)


def find_in_steps(steps: list[Any], statement: str) -> Iterator[str]:
    """Faults in a plan of SQLite: the table read without an index, or a walk of it all sorted.

    Rows below projects are looked up by their project, too.
    """
    names = "|".join(
        {TABLE, *re.findall(rf'"{TABLE}" (\w+)\b', statement)} - {"WHERE", "INNER", "INDEXED"}
    )
    for number, parent, _unused, step in steps:
        if re.fullmatch(rf"SCAN ({names})", step):
            yield f"{READS}: {step}"
        if re.match(r"S\w+ projects_(funding|projectfigure)\b(?!.*(project_id|rowid)=)", step):
            yield f"reads the rows of all projects: {step}"
        if step == SORT:
            beside = [told for _n, other, _u, told in steps if other == parent]
            if any(re.match(rf"SCAN ({names}) USING", told) for told in beside):
                yield f"sorts all projects in step {number}: {beside}"
