"""Bounds of what is typed in the admin: one below and at each is saved, one above comes back."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client

from parks.models import Organisation, Park, Region, SavedList, Source
from projects.admin.fundings import GridForm
from projects.admin.imports import UploadForm
from projects.admin.many import ManyForm
from projects.models import Project
from tests.admin_pages import address, shown, undrawn
from tests.factories import ParkFactory
from tests.together import taken_back, together

pytestmark = pytest.mark.django_db


# A form, its field, and texts that are taken or refused
@together(
    ("form", "field", "taken", "refused"),
    [
        (GridForm, "year", ["1978", "1979", "2099", "2100"], ["1977", "2101"]),
        (UploadForm, "save_mapping", ["x" * 63, "x" * 64], ["x" * 65]),
        (ManyForm, "standing_reason", ["x" * 299, "x" * 300], ["x" * 301]),
        (ManyForm, "responsible_unit", ["x" * 199, "x" * 200], ["x" * 201]),
        (ManyForm, "text", ["x" * 1999, "x" * 2000], ["x" * 2001]),
    ],
)
def test_a_field_takes_what_is_within_its_bounds(
    form: Any, field: str, taken: list[str], refused: list[str]
) -> None:
    made = form.base_fields[field]
    for text in taken:
        assert made.clean(text) is not None
    for text in refused:
        with pytest.raises(Exception, match=r"Ensure this value|at most"):
            made.clean(text)


@pytest.mark.slow
@together(
    ("model", "needed", "field", "longest", "start"),
    [
        (Source, {"title": "a"}, "url", 1000, "https://example.org/"),
        (Organisation, {"name_zh": "甲"}, "aliases", 200, "乙\n"),
        (Park, {"name_zh": "甲"}, "aliases", 200, "乙\n"),
        (Region, {"code": "120199", "level": "county", "name_zh": "甲"}, "aliases", 200, "乙\n"),
        (Project, {"name_zh": "甲"}, "contact", 200, ""),
    ],
)
def test_a_page_takes_texts_as_long_as_they_may_be(
    desk: Client, model: Any, needed: Mapping[str, Any], field: str, longest: int, start: str
) -> None:
    page = address(model, "add")
    if model in (Park, Project):
        town = ParkFactory.create(code="town")
        needed = {**needed, "park": town.pk, "region": town.region_id}
    for length, status in ((longest - 1, 302), (longest, 302), (longest + 1, 200)):
        text = f"{start:a<{length + 2 * ('乙' in start)}}"
        with taken_back(), undrawn():
            answer = desk.post(page, {**shown(desk, page), **needed, field: text})
        assert answer.status_code == status, length


@pytest.mark.slow
@together("model", [Park, Project])
def test_a_page_takes_points_on_the_earth(desk: Client, model: Any) -> None:
    page = address(model, "add")
    town = ParkFactory.create(code="town")
    row = {"name_zh": "甲", "park": town.pk, "region": town.region_id}
    for latitude, longitude, status in (
        *((-90, -180, 302), (89.999999, 179.999999, 302), (90, 180, 302)),
        *((-90.000001, 0, 200), (90.000001, 0, 200), (0, -180.000001, 200), (0, 180.000001, 200)),
    ):
        with taken_back(), undrawn():
            point = {"latitude": latitude, "longitude": longitude}
            answer = desk.post(page, {**shown(desk, page), **row, **point})
        assert answer.status_code == status, point


@together(("length", "count"), [(63, 1), (64, 1), (65, 0)])
def test_a_list_is_saved_under_a_name_of_64_characters(
    desk: Client, length: int, count: int
) -> None:
    desk.post("/saved", {"name": "x" * length, "query": "overdue=true"})
    assert SavedList.objects.count() == count
