"""Tags: dated, sourced, of organisations and projects; projects are found and counted by them."""

from datetime import date

import pytest
from rest_framework.test import APIClient

from parks.access import Role
from parks.models import OrganisationTag, Tag
from tests import factories
from tests.answers import API, CarefulClient, codes, found, made, mistakes, problem, sign_in
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
PROJECTS, TAGS = f"{API}/projects", f"{API}/projects/fab/tags"


@kept_rows
def park() -> None:
    return factories.ParkFactory.create(code="town")


@kept_rows
def editor(park) -> APIClient:
    return sign_in(
        factories.MembershipFactory.create(park=park, role=Role.EDITOR).user, CarefulClient
    )


@kept_rows
def steward() -> APIClient:
    return sign_in(factories.UserFactory.create(superuser=True), CarefulClient)


def test_files_of_organisations_have_their_own_tags() -> None:
    group = factories.OrganisationFactory.create(code="group")
    factories.OrganisationFactory.create(code="firm", parent=group)
    for code, year in (("hnte", None), ("fortune-500", 2025), ("fortune-500", 2024)):
        tag = Tag.objects.filter(code=code).first() or factories.TagFactory.create(code=code)
        factories.OrganisationTagFactory.create(organisation=group, tag=tag, year=year)
    columns = {"columns": "code,tags", "header": "code", "bom": "false"}
    answer = APIClient().get(f"{API}/organisations.csv", columns)
    assert answer.getvalue().decode().splitlines() == [
        "code,tags",
        "firm,",
        "group,fortune-500 2024；fortune-500 2025；hnte",
    ]


def test_what_a_draft_is_tagged_with_leaves_no_trace(park) -> None:
    draft = factories.OrganisationFactory.create(publication="draft", park=park)
    factories.OrganisationTagFactory.create(organisation=draft, tag__code="big")
    viewer = APIClient()
    viewer.force_authenticate(factories.MembershipFactory.create(park=park, role=Role.VIEWER).user)
    assert codes(viewer, "organisations", tag="big") == [draft.code]
    assert codes(APIClient(), "organisations", tag="big") == []
    assert found(viewer.get(f"{API}/organisations/{draft.code}/tags"))["results"]
    problem(APIClient().get(f"{API}/organisations/{draft.code}/tags"), 404)
    assert found(APIClient().get(f"{API}/changes?resource=organisation_tag"))["results"] == []
    assert found(viewer.get(f"{API}/changes?resource=organisation_tag"))["results"]


def test_tags_are_written_with_their_term_and_source(steward: APIClient) -> None:
    factories.OrganisationFactory.create(code="maker")
    factories.TagFactory.create(code="hnte", term_years=3)
    factories.TagFactory.create(code="fortune-500", is_yearly=True)
    factories.TagFactory.create(code="key", bearer="project")
    rows, source = f"{API}/organisations/maker/tags", factories.SourceFactory.create()
    body = {"tag": "hnte", "valid_from": "2023-11-06", "source": source.code}
    term = made(steward.post(rows, body))
    assert (term["valid_to"], term["tag_name_zh"]) == ("2026-11-05", term["tag_name_zh"])
    assert list(mistakes(steward.post(rows, body), 409).values()) == ["unique"]
    assert mistakes(steward.post(rows, {"tag": "fortune-500"})) == {"#/year": "without_year"}
    assert mistakes(steward.post(rows, {"tag": "key"})) == {"#/tag": "other_bearer"}
    own = f"{rows}/{term['id']}"
    assert found(steward.patch(own, {"valid_to": "2024-01-01"}))["valid_to"] == "2024-01-01"
    found(steward.post(f"{own}/history/1/restore", headers={"If-Match": "*"}))
    assert OrganisationTag.objects.get().valid_to == date(2026, 11, 5)
    assert codes(steward, "organisations", tag="hnte", tag_on="2025-01-01") == ["maker"]
    assert codes(steward, "organisations", tag="hnte", tag_on="2027-01-01") == []
    assert steward.delete(own).status_code == 204
    assert not OrganisationTag.objects.exists()


def test_a_project_is_tagged_by_who_edits_it(editor: APIClient, park) -> None:
    fab = factories.ProjectFactory.create(code="fab", park=park)
    factories.TagFactory.create(code="key", bearer="project", is_yearly=True)
    before = fab.version
    made(editor.post(TAGS, {"tag": "key", "year": 2026, "detail": "第一批"}))
    fab.refresh_from_db()
    assert fab.version == before + 1
    (shown,) = found(APIClient().get(TAGS))["results"]
    assert (shown["tag"], shown["year"], shown["detail"]) == ("key", 2026, "第一批")
    assert codes(APIClient(), "projects", tag="key") == ["fab"]
    problem(APIClient().post(TAGS, {"tag": "key", "year": 2025}), 401)
