"""Walks through the list of projects page by page, in every order, forwards and backwards."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import found
from tests.projects.oracle.cases import ORDERINGS
from tests.projects.oracle.data import add_projects
from tests.projects.oracle.oracle import Oracle, in_order
from tests.samples import HERE, IS_LONG

pytestmark = pytest.mark.django_db

MOST_PAGES = 1_000  # of a walk
LONGEST_PAGE = 50 if IS_LONG else 25
PROJECTS = "/api/v1/projects"
BOTH_WAYS = [direction + name for name in ORDERINGS for direction in ("", "-")]
COMPOSED = [
    "stage_on,-investment_cny",
    "-investment_cny,signed_on,name_zh",
    "-signed_on,updated_at",
]
# Of each kind of column one: unique, never unknown, often unknown, an amount, a moment.
KINDS = ["code", "name_zh", "-signed_on", "-investment_cny", "-updated_at"]
WALKED, DISTURBED = [*KINDS, COMPOSED[0], "investment_cny"], [KINDS[2], KINDS[4]]
WALKS = [  # the smaller the steps, the fewer the rows: each step is a request
    (1, {"park": "park-hongkong"}),
    (7, {"park": "park-suzhou"}),
    (LONGEST_PAGE, {"reached": "signed"}),
]


def codes_of(oracle: Oracle, query: dict[str, str], ordering: str) -> list[str]:
    """What plain Python says of a query: the codes of its projects in order."""
    found = oracle.select(query, sees_all=False)
    assert isinstance(found, list)
    return [row["code"] for row in in_order(found, ordering)]


def pages(api: APIClient, page: dict[str, Any], step: str) -> Iterator[dict[str, Any]]:
    """This page and all that follow by `next` or by `previous`."""
    yield page
    for _number in range(MOST_PAGES):
        if not page[step]:
            return
        page = found(api.get(page[step]))
        yield page
    pytest.fail("a walk without an end")


def codes(page: dict[str, Any]) -> list[str]:
    return [row["code"] for row in page["results"]]


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("ordering", [*BOTH_WAYS, *COMPOSED] if IS_LONG else WALKED[HERE::2])
def test_a_walk_meets_every_project_once_and_in_order_both_ways(
    oracle: Oracle, api: APIClient, ordering: str
) -> None:
    for limit, query in WALKS:
        expected = codes_of(oracle, query, ordering)
        assert len(expected) > max(5, 2 * limit)
        first = found(api.get(PROJECTS, {**query, "ordering": ordering, "limit": limit}))
        there = list(pages(api, first, "next"))
        assert [code for page in there for code in codes(page)] == expected
        assert {len(page["results"]) for page in there[:-1]} == {limit}
        if limit == LONGEST_PAGE and not IS_LONG:
            continue
        back = list(pages(api, there[-1], "previous"))
        assert [code for page in reversed(back) for code in codes(page)] == expected
        assert there[0]["previous"] is back[-1]["previous"] is None


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("ordering", [*BOTH_WAYS, *COMPOSED] if IS_LONG else DISTURBED[HERE::2])
def test_projects_that_come_and_go_between_pages_disturb_no_other(
    oracle: Oracle, api: APIClient, ordering: str
) -> None:
    dice = random.Random(ordering)
    everything = codes_of(oracle, {}, ordering)
    # What another project is a part or duplicate of cannot be deleted.
    free = Project.objects.filter(code__in=everything, parts=None, duplicates=None)
    going = set(dice.sample(sorted(free.values_list("code", flat=True)), len(everything) // 2))
    first = found(api.get(PROJECTS, {"ordering": ordering, "limit": 25}))
    seen: list[str] = []
    for number, page in enumerate(pages(api, first, "next")):
        seen += codes(page)
        # The project that the cursor stands on goes, too, unless it is one of the lasting.
        gone = {*dice.sample(sorted(going), 1), codes(page)[-1]} & going
        Project.objects.filter(code__in=gone).delete()
        going -= gone
        add_projects(dice, 1, prefix=f"N{number}")
    there = set(Project.objects.values_list("code", flat=True))
    lasting = [code for code in everything if code in there]
    assert len(lasting) >= len(everything) // 2
    assert [code for code in seen if code in set(lasting)] == lasting
    assert len(seen) == len(set(seen))
