"""The page of one project: what changed in it, and its amounts."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from projects.models import Project
from tests import factories
from tests.answers import API, found, made
from tests.page_requests import CHINESE, ENGLISH

pytestmark = pytest.mark.django_db

FAB = f"{API}/projects/fab"


@pytest.fixture
def fab(investment_indicator: Any) -> Project:
    park = factories.ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    return factories.ProjectFactory.create(code="fab", park=park, name_zh="晶圆厂", name_en="Fab")


def read_text(html: str) -> str:
    """Read what a piece of HTML says, its elements apart."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def read_part(client: Client, address: str, anchor: str, language: dict[str, str]) -> str:
    """Read the block of a page with this anchor."""
    page = client.get(address, headers={"accept": "text/html", **language}).content.decode()
    return read_text(page[page.index(f'id="{anchor}"') :].split("</section>")[0])


def test_the_history_of_a_page_shows_amounts_stage_and_rows(
    fab: Project, client: Client, admin_api: APIClient
) -> None:
    for amount in (120_000_000, 180_000_000):
        found(admin_api.patch(f"{FAB}?confirm=amounts", {"investment_cny": amount}))
    made(admin_api.post(f"{FAB}/milestones", {"type": "signed", "actual_on": "2024-03"}))
    money = {"kind": "paid_in", "month": "2024-04", "reported_cny": 5}
    made(admin_api.post(f"{FAB}/fundings", money))
    fab.contact = "secret-number"
    fab.save()
    english = read_part(client, "/projects/fab", "history", ENGLISH)
    for said in (
        "investment (yuan) 120 million yuan → 180 million yuan",
        "120 million yuan basis of the investment reported, basis not stated",
        "stage contract signed milestone contract signed created",
        "paid in (yuan) 5 yuan funding paid in · 2024-04 created",
        "Nothing that this page shows.",
    ):
        assert said in english
    assert "secret" not in english
    assert "All versions" not in english
    assert "投资额（元） 1.2亿元 → 1.8亿元" in read_part(
        client, "/projects/fab", "history", CHINESE
    )
    for number in range(10):
        found(admin_api.patch(FAB, {"note": str(number)}))
    assert "All versions" in read_part(client, "/projects/fab", "history", ENGLISH)


def test_an_amount_in_another_currency_is_written_where_projects_are(
    fab: Project, client: Client, admin_api: APIClient
) -> None:
    for days, value, more in (
        ("2024-03", 28_000_000, {"qualifier": "about", "investment_basis": "planned"}),
        ("2023", 11_000_000, {}),
        ("2025", 12_000_000, {"is_withdrawn": True}),
        ("2025", 13_000_000, {"scope_text": "phase 1"}),
    ):
        claim = {"value": value, "currency": "USD", "as_of": days, **more}
        made(admin_api.post(f"{FAB}/figures", {"indicator": "investment", **claim}))
    other = factories.ProjectFactory.create(code="other", park=fab.park)
    factories.ProjectFigureFactory.create(project=other, amount_cny=5)
    for address in ("/projects?park=town", "/parks/town", "/search?q=fab", "/projects/fab"):
        page = client.get(address, headers={"accept": "text/html", **ENGLISH}).content.decode()
        assert "about 28 million USD planned" in read_text(page), address


def test_titles_of_tables_say_which_projects_they_count(fab: Project, client: Client) -> None:
    factories.RegionFactory.create(code="110000", name_zh="北京市")
    factories.MilestoneFactory.create(
        project=fab, type="signed", agreement_type="contract", on="2024-03"
    )
    factories.ProjectFactory.create(code="open", park__code="city")
    for address, anchor, said in (
        ("/parks/town", "stages", "All projects by stage"),
        ("/parks/town", "sectors", "Signed projects, as they count in totals."),
        ("/compare?parks=town,city", "stages", "Signed projects by stage"),
        ("/compare?parks=town,city", "projects", "Their signed projects"),
        ("/compare?signed_year=2024", "stage", "Signed projects by stage"),
        ("/compare?regions=110000", "stage", "Signed projects by stage"),
        ("/", "stages", "All projects by stage"),
    ):
        assert said in read_part(client, address, anchor, ENGLISH), address


def test_money_in_several_currencies_has_no_unit_in_its_head(fab: Project, client: Client) -> None:
    factories.FundingFactory.create(project=fab, reported_cny=5_000_000)
    assert "Amount m yuan" in read_part(client, "/projects/fab", "fundings", ENGLISH)
    factories.FundingFactory.create(project=fab, currency="USD", reported_value=6_000_000)
    shown = read_part(client, "/projects/fab", "fundings", ENGLISH)
    rows = "2024-03 paid in 5 million yuan 2024-03 paid in 6 million USD"
    assert f"Money Month Kind Amount {rows}" in shown
