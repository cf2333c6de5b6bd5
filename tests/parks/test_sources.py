"""/sources: the publications that the ledger cites."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, found, made, mistakes
from tests.factories import (
    EventFigureFactory,
    FigureFactory,
    MembershipFactory,
    OrganisationFactory,
    ParkFactory,
    PersonFactory,
    PostFactory,
    ProjectFactory,
    ProjectFigureFactory,
    SigningEventFactory,
    SourceFactory,
    TimelineEntryFactory,
)
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

NOWHERE = dict.fromkeys(
    ["figures", "timeline", "projects", "events", "parks", "people", "organisations"], 0
)
ARTICLE = {
    "code": "news-1",
    "title": "16个重点项目签约",
    "publisher": "天津日报",
    "author": "杜洋洋",
    "published_on": "2023-02-03",
    "url": "https://example.org/a?b=1",
    "kind": "media",
    "is_copy": True,
    "note": "第一行\n第二行",
}


def test_a_source_is_added_with_every_field_and_answered_whole(admin_api: APIClient) -> None:
    response = admin_api.post(f"{API}/sources", ARTICLE)
    row = made(response)
    assert {name: each["count"] for name, each in row.pop("cited_by").items()} == NOWHERE
    record = {name: row.pop(name) for name in ("version", "created_at", "updated_at")}
    assert row == ARTICLE | {"publication": "published", "park": None}
    assert record["version"] == 1
    assert record["created_at"].endswith("Z")
    detail = found(admin_api.get(f"{API}/sources/news-1"))
    del detail["cited_by"]
    assert detail == row | record
    assert response.headers["Location"].endswith("/api/v1/sources/news-1")
    assert found(admin_api.get(f"{API}/sources"))["results"] == [detail]


@kept_rows
def library() -> None:
    for code, date, kind in [
        ("A", "2023", "media"),
        ("b", "2023-Q2", "official"),
        ("c", "2023-06", ""),
        ("d", "2023-06-30", "media"),
        ("e", None, "company"),
    ]:
        SourceFactory.create(code=code, on=date, kind=kind, title=f"Report {code}")
    SourceFactory.create(code="f", on="2024-01-01", publisher="新华社", title="全文")


NARROWED: list[tuple[dict[str, str], list[str]]] = [
    ({"kind": "media"}, ["A", "d"]),
    ({"kind": "media,company"}, ["A", "d", "e"]),
    ({"kind": "unknown"}, ["c", "f"]),
    # the whole period lies inside, or the row is not found
    ({"published_from": "2023"}, ["A", "b", "c", "d", "f"]),
    ({"published_from": "2023-02"}, ["b", "c", "d", "f"]),
    ({"published_from": "2023-06-01"}, ["c", "d", "f"]),
    ({"published_to": "2023"}, ["A", "b", "c", "d"]),
    ({"published_to": "2023-Q2"}, ["b", "c", "d"]),
    ({"published_to": "2023-06-29"}, []),
    ({"published_from": "2023-06", "published_to": "2023-06"}, ["c", "d"]),
    ({"q": "report C"}, ["c"]),
    ({"q": "新华"}, ["f"]),
    ({"q": "REPORT d"}, ["d"]),
    ({"ordering": "-published_on"}, ["f", "d", "c", "b", "A", "e"]),
    ({"ordering": "published_on"}, ["A", "b", "c", "d", "f", "e"]),
    ({"ordering": "-code"}, ["f", "e", "d", "c", "b", "A"]),
]


def test_the_list_can_be_narrowed_and_ordered(api: APIClient, library: None) -> None:
    for parameters, expected in NARROWED:
        assert codes(api, "sources", **parameters) == expected, parameters


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"title": None}, {"#/title": "null"}),
    ({"title": ""}, {"#/title": "blank"}),
    ({"title": "x" * 301}, {"#/title": "max_length"}),
    ({"url": "ftp://example.org/a"}, {"#/url": "invalid"}),
    ({"url": "javascript:alert(1)"}, {"#/url": "invalid"}),
    ({"published_on": "03.02.2023"}, {"#/published_on": "invalid_date"}),
    ({"published_on": "2023-02-30"}, {"#/published_on": "invalid_date"}),
    ({"kind": "press"}, {"#/kind": "unknown_value"}),
    ({"note": "a\tb\nc"}, {}),
]


def test_what_is_wrong_with_a_source_is_said_where_it_stands(admin_api: APIClient) -> None:
    for number, (change, expected) in enumerate(WRONG):
        body: dict[str, Any] = ARTICLE | {"code": f"source-{number}"} | change
        response = admin_api.post(f"{API}/sources", body)
        if expected:
            assert mistakes(response) == expected, change
        else:
            made(response)


def test_a_source_that_is_cited_cannot_be_deleted(admin_api: APIClient) -> None:
    cited, other = SourceFactory.create(code="cited"), SourceFactory.create(code="other")
    ProjectFactory.create(source=cited)
    response = admin_api.delete(f"{API}/sources/cited")
    assert response.status_code == 409
    assert response.json()["dependents"] == 1
    assert admin_api.delete(f"{API}/sources/{other.code}").status_code == 204
    assert codes(admin_api, "sources") == ["cited"]


@together("person", ["nobody", "editor of another park", "superuser"])
def test_what_cites_a_source_is_counted_as_its_lists_show_it(
    api: APIClient, admin_api: APIClient, person: str
) -> None:
    client = admin_api if person == "superuser" else api
    if person == "editor of another park":
        client.force_authenticate(MembershipFactory.create().user)
    source, other = SourceFactory.create(code="S1"), SourceFactory.create(code="S2")
    hidden = ParkFactory.create(publication="draft")
    for cited in (source, source, other):
        park = ParkFactory.create(source=cited)
        FigureFactory.create(park=park, source=cited)
        TimelineEntryFactory.create(park=park, source=cited)
        ProjectFactory.create(park=park, source=cited)
        SigningEventFactory.create(source=cited)
        PersonFactory.create(source=cited)
        OrganisationFactory.create(source=cited)
    PostFactory.create(source=source)
    quoted, unseen = PostFactory.create(), PostFactory.create()
    EventFigureFactory.create(source=source, said_by=quoted)
    ProjectFigureFactory.create(source=source)
    # canaries
    ParkFactory.create(publication="draft", source=source)
    FigureFactory.create(park=hidden, source=source, said_by=unseen)
    TimelineEntryFactory.create(park=hidden, source=source)
    ProjectFactory.create(publication="draft", source=source)
    SigningEventFactory.create(publication="draft", source=source)
    EventFigureFactory.create(event__publication="draft", source=source)
    ProjectFigureFactory.create(project__publication="draft", source=source)
    cited_by = found(client.get(f"{API}/sources/s1"))["cited_by"]
    more = person == "superuser"
    assert {name: each["count"] for name, each in cited_by.items()} == {
        "figures": 4 + 3 * more,
        "timeline": 2 + more,
        "projects": 2 + more,
        "events": 2 + more,
        "parks": 2 + more,
        "people": 4 + more,
        "organisations": 2,
    }
    for name, each in cited_by.items():
        page = found(client.get(f"{each['list_url']}&count=exact"))
        assert page["count"] == len(page["results"]) == each["count"], name
