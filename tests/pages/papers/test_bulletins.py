"""Reports of a period, and of editions: 招商引资和项目建设情况月报."""

import io
import re
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from docx import Document

from tests.answers import API, error, problem
from tests.factories import (
    EditionFactory,
    FundingFactory,
    MembershipFactory,
    MilestoneFactory,
    ObstacleFactory,
    ParkFactory,
    ProjectFactory,
    RegionFactory,
    TargetFactory,
)
from tests.pages.papers.test_briefs import read, write_cells
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db
OF_MAY = f"{API}/bulletin.docx?park=town&period=2026-05"


@kept_rows
def town() -> Any:
    """A park with a signed, a started and a draft project, money, a target and an edition."""
    park = ParkFactory.create(code="town", publication="published")
    for number, (signed, publication) in enumerate(
        [("2026-05-04", "published"), ("2026-05-20", "published"), ("2026-05-21", "draft")]
    ):
        project = ProjectFactory.create(
            code=f"works-{number}",
            park=park,
            publication=publication,
            met={"signed": signed},
            investment=(number + 1) * 120_000_000,
            investment__basis="agreed",
        )
        planned = {"type": "started", "status": "scheduled", "planned": "2026-06-01"}
        MilestoneFactory.create(project=project, **planned)
        FundingFactory.create(project=project, on="2026-05", reported_cny=7_000_000)
        ObstacleFactory.create(project=project, problem=f"未通电{number}")
    TargetFactory.create(park=park, year=2026, value=8, publication="published")
    RegionFactory.create(code="990000")
    EditionFactory.create(code="may", park=park, month=date(2026, 5, 1), publication="published")
    return park


def open_report(client: Client, address: str) -> Any:
    return Document(io.BytesIO(read(client.get(address))))


@pytest.mark.both_databases
@pytest.mark.parametrize("role", ["reader", "neighbour", "colleague"])
def test_each_number_of_a_report_is_that_of_its_page_and_of_the_api(town: Any, role: str) -> None:
    client = Client()
    if role != "reader":
        park = town if role == "colleague" else ParkFactory.create()
        client.force_login(MembershipFactory.create(park=park).user)
    page = client.get("/bulletin?park=town&period=2026-05").content.decode()
    shown = re.sub(r"\s+", "", unescape(re.sub(r"<[^>]*>", "", page)))
    report = open_report(client, OF_MAY)
    numbers = [cell for cell in write_cells(report) if re.search(r"\d", cell)]
    for cell in numbers:
        assert re.sub(r"\s+", "", cell) in shown
    steps = next(table for table in report.tables if table.rows[0].cells[0].text == "Step")
    asked = {"park": "town", "signed_month": "2026-05", "counts_in_totals": "true"}
    total = client.get(f"{API}/projects/summary", asked).json()["total"]
    assert steps.rows[1].cells[1].text == str(total["count"])
    assert total["count"] == (3 if role == "colleague" else 2)
    texts = " ".join(write_cells(report))
    assert ("未通电2" in texts) is (role == "colleague")
    assert len(report.inline_shapes) == 1  # of the target


@pytest.mark.both_databases
@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_the_report_of_an_edition_is_the_same_for_ever(
    town: Any, admin_api: Any, ending: str
) -> None:
    address = f"{API}/editions/may.{ending}?lang=zh"
    before = read(admin_api.get(address))
    sent = {"name_zh": "改名的项目", "responsible_unit": "招商一局"}
    changed = admin_api.patch(f"{API}/projects/works-0", sent, format="json")
    assert changed.status_code == 200, changed.content
    ProjectFactory.create(park=town, publication="published", met={"signed": "2026-05-06"})
    assert read(admin_api.get(address)) == before


@pytest.mark.parametrize("period", ["2026-05", "2026-Q2", "2026-W20", "2026"])
def test_a_report_is_of_a_week_month_quarter_or_year(
    town: Any, client: Client, period: str
) -> None:
    assert client.get(f"/bulletin?period={period}").status_code == 200


@pytest.mark.parametrize(
    ("asked", "parameter"),
    [
        ("period=2026-13", "period"),
        ("period=2026-W54", "period"),
        ("period=2026-05-04", "period"),
        ("period=May", "period"),
        ("lang=fr", "lang"),
        ("as_of=x", "as_of"),
        ("limit=3", "limit"),
        ("region=990000", "region"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(
    town: Any, client: Client, asked: str, parameter: str
) -> None:
    assert error(client.get(f"{API}/bulletin.pdf?{asked}"))["parameter"] == parameter


def test_an_unknown_park_or_edition_is_not_found(town: Any, client: Client) -> None:
    for address in ("bulletin.pdf?park=nope", "bulletin.docx?region=nope", "editions/nope.pdf"):
        assert problem(client.get(f"{API}/{address}"), 404)


@pytest.mark.parametrize("name", ["park", "region", "edition"])
@pytest.mark.parametrize("code", ["/", "..", "town/history", "town.docx", "town?limit=1", "镇"])
def test_a_code_is_not_taken_for_a_part_of_an_address(
    town: Any, client: Client, name: str, code: str
) -> None:
    asked = urlencode({name: code})
    assert client.get(f"/bulletin?{asked}").status_code == 404
    if name != "edition":
        assert problem(client.get(f"{API}/bulletin.docx?{asked}"), 404)
