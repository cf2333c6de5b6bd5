"""/people: who is quoted, with the posts from which they speak."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, codes, error, found, made
from tests.factories import (
    FigureFactory,
    OrganisationFactory,
    PersonFactory,
    PostFactory,
    ProjectFigureFactory,
    SourceFactory,
    TimelineEntryFactory,
)

pytestmark = pytest.mark.django_db

PERSON = {
    **{"code": "wang-hao", "name_zh": "王浩", "name_en": "Wang Hao"},
    **{"source": None, "note": "第一行\n第二行"},
}


def test_a_person_is_added_with_every_field_and_read_back(admin_api: APIClient) -> None:
    response = admin_api.post(f"{API}/people", PERSON)
    row = made(response)
    record = {name: row[name] for name in ("version", "created_at", "updated_at")}
    who = {"publication": "published", "park": None}
    assert row == PERSON | record | who | {"posts": []}
    assert response.headers["Location"] == f"http://testserver{API}/people/wang-hao"
    assert found(admin_api.get(f"{API}/people/Wang-Hao")) == row
    assert found(admin_api.get(f"{API}/people"))["results"] == [row]


def test_posts_are_shown_with_their_person(api: APIClient) -> None:
    person = PersonFactory.create(code="wang-hao")
    PostFactory.create(
        code="mayor",
        person=person,
        name_zh="副区长",
        name_en="Deputy mayor",
        organisation=OrganisationFactory.create(code="district"),
        held_from="2019-01-01",
        held_from_precision="year",
        held_to="2024-03-01",
        held_to_precision="month",
        source=SourceFactory.create(code="S1"),
    )
    PostFactory.create(code="of-another")
    assert found(api.get(f"{API}/people/wang-hao"))["posts"] == [
        {
            "code": "mayor",
            "name_zh": "副区长",
            "name_en": "Deputy mayor",
            "organisation": "district",
            "held_from": "2019",
            "held_to": "2024-03",
            "source": "S1",
        }
    ]


def test_people_are_found_by_name_and_ordered(api: APIClient) -> None:
    PersonFactory.create(code="a", name_zh="王浩", name_en="Wang Hao")
    PersonFactory.create(code="b", name_zh="叶堂林", name_en="Ye Tanglin")
    PersonFactory.create(code="c", name_zh="石晓冬", name_en="Shi Xiaodong")
    for parameters, expected in [
        *[({}, "abc"), ({"q": "堂林"}, "b"), ({"q": "hao wang"}, "a"), ({"q": "张"}, "")],
        *[({"ordering": "name_en"}, "cab"), ({"ordering": "-code", "limit": "1"}, "cba")],
    ]:
        assert "".join(codes(api, "people", **parameters)) == expected, parameters


def test_people_are_found_by_the_source_that_quotes_them(api: APIClient) -> None:
    source = SourceFactory.create(code="S1")
    PersonFactory.create(code="a", source=source)
    b, c, d, e, f = (PostFactory.create(person=PersonFactory.create(code=each)) for each in "bcdef")
    PostFactory.create(person=b.person, source=source)
    ProjectFigureFactory.create(said_by=c, source=source)
    TimelineEntryFactory.create(said_by=d, source=source)
    FigureFactory.create(said_by=e, source=SourceFactory.create(code="S2"))
    ProjectFigureFactory.create(said_by=f, source=source, project__publication="draft")
    for parameters, expected in [
        *[({"source": "s1"}, "abcd"), ({"source": "S1,S2"}, "abcde"), ({"source_not": "S1"}, "ef")],
        ({"source": "unknown"}, "f"),
    ]:
        assert "".join(codes(api, "people", **parameters)) == expected, parameters
    assert error(api.get(f"{API}/people", {"source": "S3"}))["code"] == "unknown_value"


def test_who_is_quoted_is_not_deleted(admin_api: APIClient) -> None:
    post = PostFactory.create(person=PersonFactory.create(code="quoted"))
    FigureFactory.create(said_by=post)
    response = admin_api.delete(f"{API}/people/quoted")
    assert (response.status_code, response.json()["dependents"]) == (409, 1)
    assert codes(admin_api, "people") == ["quoted"]
