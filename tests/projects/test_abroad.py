"""A ledger in another country: its regions by parent, ISIC, and what is foreign there."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from api.lists import planned_rows
from config.database import prepared
from config.profile import load_profile
from parks.filters import _find_once
from parks.models import Region
from parks.names import choosing, names
from parks.names.cell_lookup import Finder
from projects.lifecycle.derivation import derive
from projects.models import Project
from tests.answers import API, Row, found
from tests.factories import InvestorFactory, ParkFactory, ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def forget_terms() -> None:
    kept_once = _find_once, choosing._load, names._load_groups, names._load_level
    for kept in (*kept_once, names._load_parents, prepared._compile, planned_rows.compile_plan):
        kept.cache_clear()


ORIGINS = {
    **{"here": "0205", "next": "0204", "state": "MY-02", "south": "MY-10", "home": "MY"},
    **{"sing": "SG", "taipei": "CN-TW", "china": "CN", "nobody": None},
}


@pytest.fixture
def malaysia(settings: Any) -> Iterator[None]:
    """A park in the district of Kulim in Kedah, with a project from each of some places."""
    settings.PROFILE = load_profile("international")
    forget_terms()
    call_command("load_fixtures", verbosity=0, vocabularies_only=True)
    for code, name in (("0205", "Kulim"), ("0204", "Kuala Muda")):
        Region(code=code, level="prefecture", parent_id="MY-02", name_en=name).save()
    park = ParkFactory.create(code="khtp", name_en="Kulim Hi-Tech Park", region_id="0205")
    for code, origin in ORIGINS.items():
        ProjectFactory.create(code=code, park=park, origin_id=origin, sector_id="C2610")
    yield
    forget_terms()


def codes(api: APIClient, **asked: Any) -> set[str]:
    return {row["code"] for row in found(api.get(f"{API}/projects", asked))["results"]}


def counts(api: APIClient, dimension: str) -> dict[Any, int]:
    answer: Row = found(api.get(f"{API}/projects/summary", {"group_by": dimension}))
    return {row[dimension]["value"]: row["count"] for row in answer["rows"]}


def test_what_districts_are_part_of_is_read_at_once(
    malaysia: None, django_assert_max_num_queries: Any
) -> None:
    district = {"level": "prefecture", "parent_id": "MY-01", "name_en": "x"}
    Region.objects.bulk_create(Region(code=f"{at:04}", **district) for at in range(40))
    forget_terms()
    with django_assert_max_num_queries(8):
        assert len(names.regions_of_level("prefecture").groups) == 43


@pytest.mark.slow
def test_filters_and_dimensions_go_by_parents(api: APIClient, malaysia: None) -> None:
    at_home = {"here", "next", "state", "south", "home"}
    for asked, expected in (
        ({"origin": "Kedah"}, {"here", "next", "state"}),
        ({"origin": "MY-02,sg"}, {"here", "next", "state", "sing"}),
        ({"origin": "0205"}, {"here"}),
        ({"origin": "Malaysia"}, at_home),
        ({"origin": "foreign"}, {"sing", "taipei", "china"}),
        ({"origin_country": "MY"}, at_home),
        ({"origin_country": "CN,unknown"}, {"taipei", "china", "nobody"}),
        ({"origin_province": "MY-02"}, {"here", "next", "state"}),
        ({"origin_province": "foreign"}, {"sing", "taipei", "china"}),
        ({"origin_province": "unknown"}, {"home", "nobody"}),
        ({"origin_city": "0204"}, {"next"}),
        ({"origin_scope": "abroad"}, {"sing", "taipei", "china"}),
        ({"origin_scope": "unknown"}, {"state", "home", "nobody"}),
        ({"park_region": "MY-02"}, {*ORIGINS}),
        ({"park_region": "MY-10"}, set()),
        ({"park_province": "MY-02"}, {*ORIGINS}),
        ({"park_province": "foreign"}, set()),
        ({"sector": "C26"}, {*ORIGINS}),
        ({"sector": "Manufacturing"}, {*ORIGINS}),
    ):
        assert codes(api, **asked) == expected, asked
    assert counts(api, "origin_country") == {"MY": 5, "CN": 2, "SG": 1, None: 1}
    assert counts(api, "origin_province") == {"MY-02": 3, "MY-10": 1, "foreign": 3, None: 2}
    assert counts(api, "origin_city") == {"0204": 1, "0205": 1, "foreign": 3, None: 4}
    assert counts(api, "park_province") == {"MY-02": 9}
    assert counts(api, "sector_division") == {"C26": 9}
    scopes = {"same_city": 1, "other_city": 1, "other_province": 1, "abroad": 3, None: 3}
    assert counts(api, "origin_scope") == scopes


def test_how_far_away_an_origin_is_stands_in_rows_and_files(api: APIClient, malaysia: None) -> None:
    shown = {
        code: found(api.get(f"{API}/projects/{code}"))["origin_scope"]
        for code in ("here", "next", "south", "sing", "home")
    }
    assert list(shown.values()) == ["same_city", "other_city", "other_province", "abroad", None]
    file = api.get(f"{API}/projects.csv", {"columns": "code,origin_scope"}).getvalue().decode()
    assert "south,other_province" in file


@pytest.mark.slow
def test_capital_is_judged_against_the_home_country(malaysia: None) -> None:
    capital = {"MY-10": "domestic", "0205 MY": "domestic", "SG": "foreign", "CN-TW": "foreign"}
    capital["MY-02 SG"] = "joint"
    projects = Project.objects.order_by("pk")
    for regions, project in zip(capital, projects, strict=False):
        for region in regions.split():
            InvestorFactory.create(project=project, organisation__region_id=region)
    derive(projects)
    assert [*projects.values_list("capital_type", flat=True)[:5]] == [*capital.values()]


def test_imports_find_states_and_cities_by_name(malaysia: None) -> None:
    said = ("Penang", "Kulim, Malaysia", "Kedah/Kulim", "吉打", "MY-02", "Malaysia", "SG")
    found = [*map(Finder(None).region, said)]
    assert found == ["MY-07", "0205", "0205", "MY-02", "MY-02", "MY", "SG"]
