"""Whose capital a project is: as stated, or as its investors and their owners are registered."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from parks.models import Organisation
from projects.models import Project
from tests.answers import API, codes, found, mistakes
from tests.factories import InvestorFactory, OrganisationFactory, ParkFactory, ProjectFactory
from tests.projects.importing.imports import applied, table
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]
SOMEWHERE = {"cn": "110108", "hk": "810000", "de": "DE", "nowhere": None}


@kept_rows
def owners(vocabularies: None) -> dict[str, Organisation]:
    """A company of each place; `sub` is one of Beijing that belongs to the German one."""
    made = {
        name: OrganisationFactory.create(code=name, region_id=region)
        for name, region in SOMEWHERE.items()
    }
    middle = OrganisationFactory.create(code="middle", region=None, parent=made["de"])
    return made | {"sub": OrganisationFactory.create(code="sub", region_id="110108", parent=middle)}


@pytest.mark.slow
@together(
    ("code", "written", "capital", "is_at_once"),
    [
        ("de", {"region": "810000"}, "hmt", True),
        ("de", {"region": "810000"}, "hmt", False),
        ("middle", {"region": "810000"}, "foreign", True),
        ("middle", {"parent": None}, "domestic", False),
        ("sub", {"parent": None}, "domestic", True),
        ("sub", {"parent": "hk"}, "hmt", False),
        ("sub", {"parent": "hk", "region": None}, "hmt", True),
        ("sub", {"name_en": "Another"}, "foreign", False),
    ],
)
def test_it_follows_what_is_written_of_the_owners(
    admin_api: APIClient,
    owners: dict[str, Organisation],
    code: str,
    written: dict[str, Any],
    capital: str,
    is_at_once: bool,
) -> None:
    project = InvestorFactory.create(organisation=owners["sub"]).project
    other = InvestorFactory.create(organisation=owners["cn"]).project
    before = Project.objects.get(pk=other.pk).version
    if is_at_once:
        columns = {
            "region": lambda key: key,
            "parent": lambda key: owners[key] if key else None,
            "name_en": str,
        }
        rows = Organisation.objects.filter(code=code)
        rows.update(**{name: columns[name](value) for name, value in written.items()})
    else:
        found(admin_api.patch(f"{API}/organisations/{code}", written))
    project.refresh_from_db()
    other.refresh_from_db()
    assert (project.capital_type, other.capital_type, other.version) == (
        *(capital, "domestic", before),
    )


def test_what_is_stated_wins_and_is_filtered_and_counted_by(
    admin_api: APIClient, owners: dict[str, Organisation]
) -> None:
    InvestorFactory.create(project__code="plain", organisation=owners["cn"])
    InvestorFactory.create(project__code="said", organisation=owners["cn"])
    ProjectFactory.create(code="silent")
    address = f"{API}/projects/said"
    row = found(admin_api.patch(address, {"capital_type_stated": "hmt"}))
    assert (row["capital_type"], row["capital_type_stated"]) == ("hmt", "hmt")
    wrong = admin_api.patch(address, {"capital_type": "foreign"})
    assert mistakes(wrong) == {"#/capital_type": "read_only_field"}
    assert codes(admin_api, "projects?capital_type=hmt,foreign") == ["said"]
    assert sorted(codes(admin_api, "projects?capital_type_not=hmt")) == ["plain", "silent"]
    assert codes(admin_api, "projects?capital_type=unknown") == ["silent"]
    answer = found(admin_api.get(f"{API}/projects/summary?group_by=capital_type"))
    assert {row["capital_type"]["value"]: row["count"] for row in answer["rows"]} == {
        **{"hmt": 1, "domestic": 1, None: 1}
    }
    found(admin_api.patch(address, {"capital_type_stated": ""}))
    assert Project.objects.get(code="said").capital_type == "domestic"


def test_sheets_say_it_in_the_words_of_offices(admin_api: APIClient) -> None:
    ParkFactory.create(code="town", name_zh="科技城")
    OrganisationFactory.create(name_zh="港企", region_id="810000")
    header = ["园区", "项目中文名称", "投资方", "内外资"]
    rows: Any = (["科技城", "甲", "港企", ""], ["科技城", "乙", "港企", "中外合资"])
    sheet = table(header, *rows)
    applied(admin_api, sheet)
    told = Project.objects.values_list("name_zh", "capital_type", "capital_type_stated")
    assert sorted(told) == [("乙", "joint", "joint"), ("甲", "hmt", "")]
    file = admin_api.get(f"{API}/projects.csv", {"columns": "all"}).getvalue()
    assert applied(admin_api, file)["counts"]["same"] == 2


def test_the_distance_is_seen_from_the_projects_own_place(admin_api: APIClient) -> None:
    ProjectFactory.create(code="fab", origin_id="330106", park__region_id="120115")
    assert Project.objects.get().origin_scope == "other_province"
    row = found(admin_api.patch(f"{API}/projects/fab", {"region": "330302"}))
    assert row["origin_scope"] == "other_city"
    answer = found(admin_api.get(f"{API}/projects/summary?group_by=origin_scope"))
    assert answer["rows"][0]["origin_scope"]["value"] == "other_city"
