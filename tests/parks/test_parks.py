"""/parks/{code}: a park with its headline figures and its largest projects."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, codes, found
from tests.factories import FigureFactory, ParkFactory, ProjectFactory

pytestmark = pytest.mark.django_db

YI = 100_000_000


def test_a_park_is_answered_whole(api: APIClient) -> None:
    park = ParkFactory.create(code="town", name_zh="科技城", name_en="")
    FigureFactory.create(park=park, code="area-2024")
    ProjectFactory.create(
        park=park, code="big", name_zh="大", name_en="Big", investment=3 * YI, met=["signed"]
    )
    ProjectFactory.create(park=park, code="unsized", name_zh="未知", name_en="")
    ProjectFactory.create(
        park=park, code="small", name_zh="小", investment=YI, investment__qualifier="over"
    )
    answer = found(api.get(f"{API}/parks/town"))
    largest = answer["projects"].pop("largest")
    (listed,) = found(api.get(f"{API}/parks"))["results"]
    assert answer == listed | {
        "figures": answer["figures"],
        "projects": {"count": 3, "list_url": f"http://testserver{API}/projects?park=town"},
    }
    (figure,) = answer["figures"]
    assert (figure["code"], figure["value"], figure["others"]) == ("area-2024", 14.5, 0)
    assert [row["code"] for row in largest] == ["big", "small", "unsized"]
    assert largest[0] == {
        "code": "big",
        "name_zh": "大",
        "name_en": "Big",
        "stage": "signed",
        "investment_cny": 3 * YI,
        "investment_qualifier": "exact",
    }
    unknown = {"stage": None, "investment_cny": None, "investment_qualifier": None}
    assert unknown.items() <= largest[2].items()
    assert largest[1]["investment_qualifier"] == "over"
    assert codes(api, "projects", park="town") == ["big", "small", "unsized"]


def test_of_many_projects_the_ten_largest_are_shown(api: APIClient) -> None:
    park = ParkFactory.create(code="town")
    for number in range(12):
        ProjectFactory.create(park=park, code=f"p{number:02}", investment=number * YI)
    projects = found(api.get(f"{API}/parks/town"))["projects"]
    assert projects["count"] == 12
    assert [row["code"] for row in projects["largest"]] == [f"p{n:02}" for n in range(11, 1, -1)]
