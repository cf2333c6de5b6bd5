"""Edits name the version that they are of: no edit is lost, and a refusal says what to do."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from tests import factories
from tests.answers import API, Row, found, made, problem, sign_in
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(superuser: Any) -> APIClient:
    """A superuser's client that adds nothing to a request by itself."""
    return sign_in(superuser)


def tag_of(client: APIClient, address: str) -> str:
    return client.get(address).headers["ETag"]


def if_match(tag: str) -> Row:
    return {"headers": {"If-Match": tag}}


PROJECT = f"{API}/projects/fab"
OF_FAB = {"project__code": "fab"}
# A row of each kind: where it is, and what makes it
ROWS: dict[str, tuple[Any, Row]] = {
    "sources/s": (factories.SourceFactory, {"code": "s"}),
    "organisations/o": (factories.OrganisationFactory, {"code": "o"}),
    "parks/p": (factories.ParkFactory, {"code": "p"}),
    "figures/f": (factories.FigureFactory, {"code": "f"}),
    "timeline/t": (factories.TimelineEntryFactory, {"code": "t"}),
    "people/w": (factories.PersonFactory, {"code": "w"}),
    "projects/p": (factories.ProjectFactory, {"code": "p"}),
    "events/e": (factories.SigningEventFactory, {"code": "e"}),
    "regions/330300": (factories.RegionFactory, {"code": "330300"}),
    "sectors/C39": (factories.SectorFactory, {"code": "C39"}),
    "region-groups/g": (factories.RegionGroupFactory, {"code": "g"}),
    "sector-groups/g": (factories.SectorGroupFactory, {"code": "g"}),
    "indicators/seen": (factories.IndicatorFactory, {"code": "seen"}),
    "projects/fab/figures/f": (factories.ProjectFigureFactory, {"code": "f", **OF_FAB}),
    "events/e/figures/f": (factories.EventFigureFactory, {"code": "f", "event__code": "e"}),
    "projects/fab/milestones/{id}": (factories.MilestoneFactory, OF_FAB),
    "projects/fab/fundings/{id}": (factories.FundingFactory, OF_FAB),
    "projects/fab/participations/{id}": (factories.ParticipationFactory, OF_FAB),
}
FOR_EVER = ("regions", "sectors", "region-groups", "sector-groups", "indicators")  # no DELETE


@pytest.fixture(params=[*ROWS])
def row(request: pytest.FixtureRequest, db: None) -> tuple[str, Row]:
    """The address of a row of each kind, and a change of it that is always taken."""
    factory, fields = ROWS[request.param]
    change = {"note": "x"}
    if request.param.partition("/")[0] in FOR_EVER:
        change = {"name_en": "X"}
    elif factory is factories.ParticipationFactory:
        change = {"agreement_type": "contract"}
    return f"{API}/{request.param}".format(id=factory.create(**fields).pk), change


# Every row is asked about by two edits of one version; a third of them here, another one below
@pytest.mark.parametrize("row", sample([*ROWS], 5), indirect=True)
def test_an_edit_that_names_no_version_is_refused_and_told_how(
    desk: APIClient, row: tuple[str, Row]
) -> None:
    address, change = row
    before = found(desk.get(address))
    methods = ["patch"] if address.split("/")[3] in FOR_EVER else ["patch", "delete"]
    for method in methods:
        refused = problem(getattr(desk, method)(address, change), 428)
        assert refused["type"] == "/problems/precondition-required"
        assert "If-Match" in refused["detail"]
    assert found(desk.get(address)) == before


@pytest.mark.slow
def test_of_two_edits_of_one_version_the_second_is_refused(
    desk: APIClient, row: tuple[str, Row]
) -> None:
    address, change = row
    tag = tag_of(desk, address)
    response = desk.patch(address, change, **if_match(tag))
    assert found(response).items() >= change.items()
    newer = response.headers["ETag"]
    other = {name: f"{value}2" for name, value in change.items() if name != "agreement_type"}
    refused = desk.patch(address, other or {"agreement_type": None}, **if_match(tag))
    assert problem(refused, 412)["type"] == "/problems/version-conflict"
    assert refused.headers["ETag"] == newer
    assert found(desk.get(address)).items() >= change.items()
    if address.split("/")[3] not in FOR_EVER:
        assert desk.delete(address, **if_match(tag)).status_code == 412
        assert desk.delete(address, **if_match(newer)).status_code == 204


@pytest.mark.parametrize("row", sample([*ROWS], 5, 1), indirect=True)
def test_the_tags_of_an_answer_to_a_write_and_to_a_get_are_of_one_version(
    desk: APIClient, row: tuple[str, Row]
) -> None:
    address, change = row
    written = desk.patch(address, change, **if_match(tag_of(desk, address)))
    read = tag_of(desk, address)
    assert read.startswith(written.headers["ETag"][:-1] + ".")
    assert found(desk.patch(address, change, **if_match(read)))


def test_the_version_that_a_row_shows_is_enough_of_a_tag(desk: APIClient) -> None:
    factories.ProjectFactory.create(code="fab")
    version = found(desk.get(f"{API}/projects"))["results"][0]["version"]
    assert found(desk.patch(PROJECT, {"note": "x"}, **if_match(f'"{version}"')))


def test_a_refusal_says_which_version_there_is(desk: APIClient) -> None:
    factories.ProjectFactory.create(code="fab")
    desk.patch(PROJECT, {"note": "x"}, **if_match("*"))
    refused = problem(desk.patch(PROJECT, {"note": "y"}, **if_match('"1"')), 412)
    assert refused["current_version"] == found(desk.get(PROJECT))["version"] == 2


@together(
    "kind", [factories.MilestoneFactory, factories.FundingFactory, factories.ParticipationFactory]
)
def test_writing_a_row_of_a_project_makes_the_projects_tag_old(desk: APIClient, kind: Any) -> None:
    project = factories.ProjectFactory.create(code="fab")
    seen = tag_of(desk, PROJECT)
    kind.create(project=project)
    assert desk.patch(PROJECT, {"note": "x"}, **if_match(seen)).status_code == 412


@pytest.mark.usefixtures("investment_indicator")
def test_the_answer_to_a_write_is_what_a_get_answers(desk: APIClient) -> None:
    park = factories.ParkFactory.create(code="town")
    whole = factories.ProjectFactory.create(code="whole")
    body = {"name_zh": "厂", "park": park.code, "part_of": whole.code, "investment_cny": "1.5亿"}
    response = desk.post(f"{API}/projects", body)
    assert made(response) == found(desk.get(response.headers["Location"]))
    address = response.headers["Location"] + "/milestones"
    response = desk.post(address, {"type": "signed", "actual_on": "2023-11"})
    assert made(response) == found(desk.get(response.headers["Location"]))


# --- What others depend on -----------------------------------------------------------------------


def test_a_row_that_others_depend_on_is_not_deleted_and_says_how_many_of_what_kind(
    desk: APIClient,
) -> None:
    park = factories.ParkFactory.create(code="town")
    factories.ProjectFactory.create_batch(2, park=park)
    factories.SigningEventFactory.create(park=park)
    factories.FigureFactory.create(park=park)
    refused = problem(desk.delete(f"{API}/parks/town", **if_match("*")), 409)
    assert refused["type"] == "/problems/conflict"
    assert refused["dependents"] == sum(refused["dependents_by_kind"].values())
    assert refused["dependents_by_kind"].items() >= {"project": 2, "signingevent": 1}.items()
    assert found(desk.get(f"{API}/parks/town"))


def test_an_edit_as_a_merge_patch_with_a_minimal_answer(desk: APIClient) -> None:
    factories.ProjectFactory.create(code="fab")
    headers = {"If-Match": "*", "Prefer": "respond-async, return=minimal"}
    merging = "application/merge-patch+json"
    edited = desk.patch(PROJECT, '{"note": "x"}', content_type=merging, headers=headers)
    assert (edited.status_code, edited.content, edited.headers["ETag"]) == (204, b"", '"2"')
    assert edited.headers["Preference-Applied"] == "return=minimal"
    assert merging in edited.headers["Accept-Patch"]
    added = desk.post(f"{API}/sources", {"code": "s", "title": "x"}, headers=headers)
    assert (added.status_code, added.content) == (201, b"")
    assert added.headers["Location"].endswith("/sources/s")
    assert found(desk.get(PROJECT))["note"] == "x"
    refused = desk.post(f"{API}/sources", "{}", content_type=merging)
    assert problem(refused, 415)
