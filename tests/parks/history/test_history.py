"""The histories of parks, figures and organisations."""

import pytest
from rest_framework.test import APIClient

from parks.models import Figure
from parks.recording.recording import recorded
from tests.answers import API, Row, found, made, problem, sign_in, walk
from tests.factories import (
    FigureFactory,
    IndicatorFactory,
    MembershipFactory,
    OrganisationFactory,
    ParkFactory,
    RegionFactory,
    SectorGroupFactory,
)

pytestmark = pytest.mark.django_db


def changes(entry: Row) -> dict[str, tuple[object, object]]:
    return {each["field"]: (each["old"], each["new"]) for each in entry["changes"]}


def numbers(client: APIClient, address: str) -> list[int]:
    return [entry["version"] for entry in walk(client, f"{address}/history")]


@pytest.fixture
def member_api(db: None) -> APIClient:
    """The client of an editor of the park `town`."""
    return sign_in(MembershipFactory.create(park__code="town").user)


@pytest.mark.both_databases
def test_a_park_tells_its_members_of_sector_groups_by_name(admin_api: APIClient) -> None:
    RegionFactory.create(code="120115")
    SectorGroupFactory.create(code="ic", name_en="Chips", members=["C3973"])
    SectorGroupFactory.create(code="bio", name_en="Biology", members=["C2710"])
    body = {"code": "town", "name_zh": "科技城", "region": "120115", "leading_sectors": ["ic"]}
    made(admin_api.post(f"{API}/parks", body))
    found(admin_api.patch(f"{API}/parks/town", {"leading_sectors": ["ic", "bio"]}))
    last, first = walk(admin_api, "parks/town/history")
    assert changes(first)["leading_sectors"] == (None, ["ic"])
    assert changes(last) == {"leading_sectors": (["ic"], ["ic", "bio"])}
    (only,) = last["changes"]
    assert (only["label"], only["old_text"]) == ("leading sectors", "Chips")
    assert only["new_text"] == "Chips, Biology"
    assert first["rows"] == last["rows"] == []


def test_a_park_tells_of_the_figures_that_were_written_with_it(api: APIClient) -> None:
    with recorded():
        park = ParkFactory.create(code="town")
        FigureFactory.create(code="town-area", park=park)
    (entry,) = walk(api, "parks/town/history")
    (row,) = entry["rows"]
    assert (row["resource"], row["code"], row["name"]) == ("figure", "town-area", "Area")
    assert changes(row)["value"] == (None, 14.5)


def test_a_park_that_was_a_draft_hides_what_it_was_then(
    api: APIClient, admin_api: APIClient, member_api: APIClient
) -> None:
    for body in ({"publication": "draft"}, {"note": "secret"}, {"publication": "published"}):
        found(admin_api.patch(f"{API}/parks/town", body))
    assert numbers(admin_api, "parks/town") == numbers(member_api, "parks/town") == [4, 3, 2, 1]
    assert numbers(api, "parks/town") == [4, 1]
    assert changes(walk(api, "parks/town/history")[0]) == {"note": ("", "secret")}


@pytest.mark.both_databases
def test_a_figure_tells_what_took_its_place(api: APIClient, admin_api: APIClient) -> None:
    RegionFactory.create(code="120115")
    IndicatorFactory.create(code="area", kind="area", unit="km2")
    about = {"indicator": "area", "region": "120115"}
    made(admin_api.post(f"{API}/figures", {**about, "code": "old", "value": 14.5}))
    newer = {**about, "code": "new", "value": "若干", "supersedes": "old", "as_of": "2024"}
    made(admin_api.post(f"{API}/figures", newer))
    last, first = walk(api, "figures/old/history")
    assert changes(last) == {"superseded_by": (None, "new")}
    assert changes(first) == {
        "indicator": (None, "area"),
        "value": (None, 14.5),
        "qualifier": (None, "exact"),
        "nature": (None, "actual"),
        "region": (None, "120115"),
    }
    (only,) = walk(api, "figures/new/history")
    assert (changes(only)["value"], changes(only)["as_of"]) == ((None, "若干"), (None, "2024"))
    Figure.objects.get(code="new").delete()
    assert changes(walk(api, "figures/old/history")[0]) == {"superseded_by": ("new", None)}
    assert walk(api, "figures/new/history")[0]["op"] == "deleted"


def test_the_figures_of_a_hidden_park_have_no_history_for_others(
    api: APIClient, admin_api: APIClient, member_api: APIClient
) -> None:
    found(admin_api.patch(f"{API}/parks/town", {"publication": "draft"}))
    IndicatorFactory.create(code="area", kind="area", unit="km2")
    body = {"indicator": "area", "park": "town", "value": 1, "code": "town-area"}
    made(admin_api.post(f"{API}/figures", body))
    problem(api.get(f"{API}/figures/town-area/history"), 404)
    assert numbers(member_api, "figures/town-area") == [1]
    assert admin_api.delete(f"{API}/figures/town-area").status_code == 204
    problem(api.get(f"{API}/figures/town-area/history"), 404)
    assert numbers(member_api, "figures/town-area") == numbers(admin_api, "figures/town-area")
    assert numbers(member_api, "figures/town-area") == [2, 1]


def test_an_organisation_tells_its_history_after_its_end(
    api: APIClient, admin_api: APIClient
) -> None:
    parent = OrganisationFactory.create(code="group", name_en="Group")
    OrganisationFactory.create(code="maker", name_en="Maker")
    found(admin_api.patch(f"{API}/organisations/maker", {"parent": "group"}))
    assert admin_api.delete(f"{API}/organisations/maker").status_code == 204
    parent.delete()
    gone, changed, first = walk(api, "organisations/maker/history")
    assert (gone["op"], changed["op"], first["op"]) == ("deleted", "changed", "created")
    assert changes(changed) == {"parent": (None, "group")}
    assert changed["changes"][0]["new_text"] == "Group"
    problem(api.get(f"{API}/organisations/never-there/history"), 404)


def test_what_keeps_no_versions_has_no_history(api: APIClient) -> None:
    for address in ("sources", "timeline", "people", "regions"):
        problem(api.get(f"{API}/{address}/any/history"), 404)
