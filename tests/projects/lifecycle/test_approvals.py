"""Approvals stand beside the way of a project: they move no stage, and tell that it goes on."""

import pytest
from rest_framework.test import APIClient

from tests import factories
from tests.answers import API, CarefulClient, codes, found, made, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
ROWS = f"{API}/projects/fab/milestones"


@pytest.fixture
def steward() -> APIClient:
    return sign_in(factories.UserFactory.create(superuser=True), CarefulClient)


def test_an_approval_moves_no_stage_and_counts_as_going_on(steward: APIClient) -> None:
    fab = factories.ProjectFactory.create(code="fab")
    factories.MilestoneFactory.create(project=fab, type="signed", on="2024-03")
    assert codes(steward, "projects", stalled_months_min="6") == ["fab"]
    permit = {
        "type": "works_permit",
        "actual_on": "2026-05-20",
        "document_no": "120115202605200101",
    }
    row = made(steward.post(ROWS, permit))
    assert row["document_no"] == "120115202605200101"
    project = found(steward.get(f"{API}/projects/fab"))
    assert (project["stage"], project["stage_on"]) == ("signed", "2024-03")
    assert project["news_on"] == "2026-05-20"
    assert codes(steward, "projects", stalled_months_min="6") == []
    page = steward.get("/projects/fab", headers={"Accept-Language": "en"}).content.decode()
    assert "construction permit issued" in page


def test_a_project_company_is_no_investor_of_whom_tags_count() -> None:
    company = factories.OrganisationFactory.create(ownership="private")
    factories.OrganisationTagFactory.create(organisation=company, tag__code="hnte")
    factories.InvestorFactory.create(
        project=factories.ProjectFactory.create(code="fab"), organisation=company, role="vehicle"
    )
    assert codes(APIClient(), "projects", investor_tag="hnte") == []
    assert codes(APIClient(), "projects", investor_ownership="private") == []
    assert codes(APIClient(), "projects", organisation=company.code) == ["fab"]


def test_the_page_of_an_organisation_shows_its_tags_and_those_of_its_group() -> None:
    group = factories.OrganisationFactory.create(code="group", ownership="central_state")
    firm = factories.OrganisationFactory.create(code="firm", parent=group)
    factories.OrganisationTagFactory.create(
        organisation=group, year=2024, tag__name_zh="某某五百强", tag__is_of_group=True
    )
    factories.OrganisationTagFactory.create(organisation=firm, tag__name_zh="某某小巨人")
    page = APIClient().get("/organisations/firm", headers={"Accept-Language": "zh-hans"})
    text = page.content.decode()
    own, of_group = text.index("某某小巨人"), text.index("某某五百强")
    assert own < of_group
    assert "2024" in text[of_group:]
    page = APIClient().get("/organisations/group", headers={"Accept-Language": "zh-hans"})
    assert "中央国有（央企）" in page.content.decode()
