"""The columns that the database computes: where a project comes from, its sector, its periods."""

from datetime import date
from typing import Any

import pytest

from parks.models import Region
from projects.models import Project
from tests import factories
from tests.conftest import read_fixture
from tests.samples import sample

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def expected_places(row: dict[str, Any], rows: dict[str, Any]) -> tuple[str | None, str | None]:
    """Province and city of a region by the parents that the fixture states."""
    above = [row]
    while parent := above[-1].get("parent"):
        above.append(rows[parent])
    top = above[-1]
    if top["level"] == "country":
        return "foreign", "foreign"
    if top["kind"] in {"municipality", "sar"}:
        return top["code"], top["code"]
    return top["code"], above[-2]["code"] if len(above) > 1 else None


def test_every_real_region_agrees_with_its_stated_parents() -> None:
    rows = {row["code"]: row for row in read_fixture("regions")}
    Region.objects.bulk_create(
        Region(code=row["code"], level=row["level"], name_zh=row["name_zh"])
        for row in rows.values()
    )
    park = factories.ParkFactory.create()
    Project.objects.bulk_create(
        Project(code=f"from-{code}", name_zh=code, park=park, origin_id=code, origin_basis="stated")
        for code in sample([*rows], 10)
    )
    found = Project.objects.values_list("origin", "origin_province", "origin_city")
    assert {code: places for code, *places in found} == {
        code: list(expected_places(rows[code], rows)) for code in sample([*rows], 10)
    }


def test_a_planned_date_and_an_event_have_the_end_of_their_period() -> None:
    milestone = factories.MilestoneFactory.create(status="scheduled", planned="2025")
    milestone.refresh_from_db()
    assert (milestone.planned_on_end, milestone.actual_on_end) == (date(2025, 12, 31), None)
    event = factories.SigningEventFactory.create(on="2023-Q4")
    event.refresh_from_db()
    assert event.held_on_end == date(2023, 12, 31)


def test_a_source_keeps_how_much_of_its_date_is_known() -> None:
    source = factories.SourceFactory.create(on="2019-08")
    assert (source.published_on, source.published_on_precision) == (date(2019, 8, 1), "month")


def test_codes_compare_by_bytes_on_every_database(vocabularies: None) -> None:
    codes = ["a-1", "B-2", "b-1", "C-1", "a_2"]
    park = factories.ParkFactory.create()
    for code in codes:
        factories.ProjectFactory.create(code=code, park=park)
    assert list(Project.objects.order_by("code").values_list("code", flat=True)) == sorted(codes)
    inside = Project.objects.filter(code__gte="B", code__lt="a").values_list("code", flat=True)
    assert set(inside) == {"B-2", "C-1"}
