"""Lists in pages: every row once and in order, whatever happens between two pages."""

import itertools
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from api.lists.pagination import build_ordering_keys, build_segments, put_in_order
from tests.api.urls_for_contract import EntryViewSet
from tests.samples import HERE, sample
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.urls_for_contract")]

STATE = 1  # the query for the state of the ledger, which is a part of the ETag
MOST_PAGES = 200  # of a walk
NOON = datetime(2024, 3, 1, 4, 0, tzinfo=UTC)
ORDERINGS = [
    "flag",
    "-flag",
    "object",
    "-object",
    "model",
    "-model",
    "-time",
    "flag,object",
    "-flag,object",
    "object,-flag",
    "-object,-model,time",
    "model,object,-flag,time",
    "backwards",
    "-backwards",
]


@pytest.fixture(autouse=True)
def no_answer_is_kept(settings: Any) -> None:
    """Django's own rows change without a change of the ledger."""
    settings.CACHE_MAX_BYTES = 0


@kept_rows
def entries() -> list[LogEntry]:
    """Sixty rows with many equal keys, and many that are unknown."""
    dice = random.Random(5)
    user = User.objects.create(username="ann")
    models = [*ContentType.objects.order_by("pk")[:3], None]
    return LogEntry.objects.bulk_create(
        LogEntry(
            user=user,
            action_flag=dice.randint(1, 3),
            object_id=dice.choice(["a", "b", "c", None, None]),
            content_type=dice.choice(models),
            action_time=NOON + timedelta(microseconds=dice.randint(0, 5)),
            object_repr=f"row {number:02}",
        )
        for number in range(60)
    )


def get(client: Client, url: str) -> dict[str, Any]:
    response = client.get(url)
    assert response.status_code == 200, response.content
    return response.json()


def walk(client: Client, url: str | None, step: str = "next") -> Iterator[list[int]]:
    """The ids of each page, from `url` on."""
    for number in itertools.count():
        if not url:
            return
        assert number < MOST_PAGES, "a walk without an end"
        page = get(client, url)
        yield [row["id"] for row in page["results"]]
        url = page[step]


def in_list_order(ordering: str) -> list[int]:
    rows = put_in_order(LogEntry.objects.all(), ordering, EntryViewSet)
    return [row.pk for row in rows]


def rank(row: LogEntry, ordering: str) -> list[tuple[bool, Any]]:
    """A sort key in plain Python: unknown last whichever way, the pk after the last key."""
    values: dict[str, Callable[[LogEntry], Any]] = {
        "flag": lambda row: row.action_flag,
        "object": lambda row: row.object_id and ord(row.object_id),
        "model": lambda row: row.content_type_id and row.content_type_id,
        "time": lambda row: row.action_time.timestamp(),
    }
    ranks = []
    sign = 1
    for term in ordering.split(","):
        sign = -1 if term.startswith("-") else 1
        value = values[term.removeprefix("-")](row)
        ranks.append((value is None, 0 if value is None else sign * value))
    return [*ranks, (False, sign * row.pk)]


@pytest.mark.both_databases
@together("ordering", ["flag", "-flag", "object", "-object,flag", "flag,-object,time"])
def test_the_order_is_total_with_unknown_values_last(
    entries: list[LogEntry], ordering: str
) -> None:
    expected = sorted(entries, key=lambda row: rank(row, ordering))
    assert in_list_order(ordering) == [row.pk for row in expected]


# Half of the orders on one database, half on the other, each in pages of one size by turns; in a
# long run each in pages of each size
SIZES = [7, 1, 59, 60, 500]
WALKS = [
    (ordering, limit)
    for number, ordering in enumerate(sample(ORDERINGS, 2, HERE))
    for limit in sample(SIZES, len(SIZES), number)
]


@pytest.mark.slow
@pytest.mark.both_databases
@together(("ordering", "limit"), WALKS)
def test_a_walk_forwards_meets_every_row_once_in_order(
    client: Client, entries: list[LogEntry], ordering: str, limit: int
) -> None:
    pages = list(walk(client, f"/api/v1/entries?ordering={ordering}&limit={limit}"))
    assert list(itertools.chain(*pages)) == in_list_order(ordering)
    assert all(len(page) == limit for page in pages[:-1])


@pytest.mark.both_databases
@together("ordering", sample(ORDERINGS, 4, HERE))
def test_a_walk_backwards_meets_the_same_pages(
    client: Client, entries: list[LogEntry], ordering: str
) -> None:
    following, last, forwards = f"/api/v1/entries?ordering={ordering}&limit=7", "", []
    while following and len(forwards) < MOST_PAGES:
        page, last = get(client, following), following
        forwards.append([row["id"] for row in page["results"]])
        following = page["next"]
    # From the last page on: 60 rows make eight pages of seven and one of four.
    assert list(walk(client, last, "previous")) == forwards[::-1]


@together("ordering", sample(ORDERINGS, 2, 1))
def test_rows_that_come_and_go_between_pages_disturb_no_other(
    client: Client, entries: list[LogEntry], ordering: str
) -> None:
    dice = random.Random(8)
    lasting = {row.pk for row in entries[::2]}
    passing = [row.pk for row in entries[1::2]]
    dice.shuffle(passing)
    met: list[int] = []
    for page in walk(client, f"/api/v1/entries?ordering={ordering}&limit=5"):
        met += page
        LogEntry.objects.filter(pk__in=[passing.pop() for _ in range(2) if passing]).delete()
        LogEntry.objects.create(
            user_id=entries[0].user_id,
            action_flag=dice.randint(1, 3),
            object_id=dice.choice(["a", "c", None]),
            action_time=NOON,
            object_repr=f"row {dice.randint(0, 99):02}",
        )
        if len(met) > 300:
            break
    assert sorted(row for row in met if row in lasting) == sorted(lasting)
    assert len(met) == len(set(met))


def test_past_the_end_an_empty_page_leads_back_to_the_last_rows(
    client: Client, entries: list[LogEntry]
) -> None:
    first = get(client, "/api/v1/entries?limit=20")
    second = get(client, first["next"])
    kept = [row["id"] for page in (first, second) for row in page["results"]]
    LogEntry.objects.exclude(pk__in=kept).delete()
    emptied = get(client, second["next"])
    assert emptied["results"] == []
    assert emptied["next"] is None
    assert get(client, emptied["previous"])["results"] == second["results"]


def test_before_the_beginning_an_empty_page_leads_to_the_first_rows(
    client: Client, entries: list[LogEntry]
) -> None:
    first = get(client, "/api/v1/entries?limit=40")
    second = get(client, first["next"])
    LogEntry.objects.filter(pk__in=[row["id"] for row in first["results"]]).delete()
    emptied = get(client, second["previous"])
    assert emptied["results"] == []
    assert emptied["previous"] is None
    assert get(client, emptied["next"])["results"] == second["results"]


def test_links_are_whole_addresses_that_keep_the_other_parameters(client: Client) -> None:
    User.objects.bulk_create(
        User(username=name, email="a@example.org") for name in ("ann", "bob", "cem")
    )
    page = get(client, "/api/v1/users?email=a@example.org&limit=1&ordering=-username&count=exact")
    link = urlsplit(page["next"])
    assert (link.scheme, link.netloc, link.path) == ("http", "testserver", "/api/v1/users")
    query = parse_qs(link.query)
    assert query.pop("cursor")
    assert query == {
        "email": ["a@example.org"],
        "limit": ["1"],
        "ordering": ["-username"],
        "count": ["exact"],
    }
    assert get(client, page["next"])["results"][0]["username"] == "bob"


def test_an_empty_list_has_neither_rows_nor_neighbours(client: Client) -> None:
    page = get(client, "/api/v1/users")
    assert page == {"results": [], "next": None, "previous": None, "count": None}


def test_the_count_is_of_the_whole_list_and_only_on_request(
    client: Client, entries: list[LogEntry], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(STATE + 1):
        assert get(client, "/api/v1/entries?limit=2")["count"] is None
    with django_assert_num_queries(STATE + 2):
        page = get(client, "/api/v1/entries?limit=2&count=exact")
    assert page["count"] == 60
    assert get(client, page["next"])["count"] == 60


def test_a_list_has_fifty_rows_unless_told_otherwise(
    client: Client, entries: list[LogEntry]
) -> None:
    assert len(get(client, "/api/v1/entries")["results"]) == 50
    assert len(get(client, "/api/v1/entries?limit=500")["results"]) == 60


@together(
    ("query", "parameter", "code"),
    [
        *[("limit=501", "limit", "out_of_range"), ("limit=0", "limit", "out_of_range")],
        *[("limit=-1", "limit", "out_of_range"), ("limit=" + 5000 * "9", "limit", "out_of_range")],
        *[("limit=abc", "limit", "invalid"), ("limit=5.0", "limit", "invalid")],
        *[("limit=%2B5", "limit", "invalid"), ("limit=%EF%BC%95", "limit", "invalid")],
        ("count=approximately", "count", "unknown_value"),
        ("ordering=falg", "ordering", "unknown_value"),
        ("ordering=flag,,time", "ordering", "unknown_value"),
        ("ordering=--flag", "ordering", "unknown_value"),
        ("ordering=flag,-flag", "ordering", "repeated_value"),
        ("ordering=id", "ordering", "unknown_value"),
        ("cursor=abc", "cursor", "invalid_cursor"),
        ("cursor=W10~abc", "cursor", "invalid_cursor"),
    ],
)
def test_a_page_that_cannot_be_given_is_refused(
    client: Client, query: str, parameter: str, code: str
) -> None:
    response = client.get(f"/api/v1/entries?{query}")
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert (error["parameter"], error["code"]) == (parameter, code)


def test_a_misspelt_ordering_is_put_right_with_its_direction(client: Client) -> None:
    [error] = client.get("/api/v1/entries?count=exat").json()["errors"]
    assert error["suggestion"] == "exact"
    [error] = client.get("/api/v1/entries?ordering=-tmie").json()["errors"]
    assert error["suggestion"] == "-time"
    assert error["candidates"] == ["flag", "object", "model", "time", "backwards"]


@together("change", ["&email=b@example.org", "&ordering=-username", "&staff=true"])
def test_a_cursor_is_good_for_its_own_filters_and_order_only(client: Client, change: str) -> None:
    User.objects.bulk_create(User(username=name) for name in ("ann", "bob", "cem"))
    following = get(client, "/api/v1/users?limit=1")["next"]
    response = client.get(following + change)
    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert (error["parameter"], error["code"]) == ("cursor", "cursor_mismatch")


def test_a_cursor_of_one_list_is_not_good_for_another(client: Client) -> None:
    User.objects.bulk_create(User(username=name) for name in ("ann", "bob"))
    cursor = get(client, "/api/v1/users?limit=1")["next"].partition("cursor=")[2]
    response = client.get(f"/api/v1/unchecked-users?limit=1&cursor={cursor.partition('&')[0]}")
    assert response.json()["errors"][0]["code"] == "cursor_mismatch"


def test_the_size_of_a_page_may_change_on_the_way(client: Client) -> None:
    User.objects.bulk_create(User(username=name) for name in ("ann", "bob", "cem"))
    following = get(client, "/api/v1/users?limit=1")["next"]
    rest = get(client, following.replace("limit=1", "limit=2"))
    assert [row["username"] for row in rest["results"]] == ["bob", "cem"]
    assert get(client, following + "&count=exact")["count"] == 3


def test_a_condition_on_one_key_is_a_range_that_an_index_can_start_from() -> None:
    keys = build_ordering_keys("-flag", EntryViewSet, LogEntry)
    [(condition, _keys)] = build_segments(keys, [2, 17], backward=False)
    sql = str(LogEntry.objects.filter(condition).order_by().query)
    where = sql.partition(" WHERE ")[2].replace('"django_admin_log".', "").replace('"', "")
    assert where == "((action_flag < 2 OR id < 17) AND action_flag <= 2)"


def test_no_order_of_a_page_says_where_unknown_values_go_of_its_first_key(
    client: Client, entries: list[LogEntry], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(STATE + 2) as queries:
        get(client, "/api/v1/entries?ordering=-object,model")
    for query in queries.captured_queries[STATE:]:
        first, _comma, others = query["sql"].partition(" ORDER BY ")[2].partition(",")
        assert "NULLS" not in first
        assert "NULLS LAST" in others


def test_a_key_that_is_unique_needs_nothing_behind_it() -> None:
    class UserOrder:
        ordering_fields = ["username", "email", "pk"]
        ordering_default = "username"

    assert [key.path for key in build_ordering_keys("username", UserOrder, User)] == ["username"]
    assert [key.path for key in build_ordering_keys("-email,username", UserOrder, User)] == [
        "email",
        "username",
    ]
    assert [key.path for key in build_ordering_keys("email", UserOrder, User)] == ["email", "pk"]
