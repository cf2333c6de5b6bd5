"""Reports of a period, and of editions: 招商引资和项目建设情况月报."""

import io
import re
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from docx import Document

from pages.periods import Period
from parks.recording.recording import recorded
from tests.answers import API, error, problem, sign_in
from tests.factories import (
    EditionFactory,
    FundingFactory,
    MembershipFactory,
    MilestoneFactory,
    ObstacleFactory,
    ParkFactory,
    ParticipationFactory,
    ProjectFactory,
    RegionFactory,
    SigningEventFactory,
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
        for month in ("2026-05", "2026-06"):
            FundingFactory.create(project=project, on=month, reported_cny=7_000_000)
        ObstacleFactory.create(project=project, problem=f"未通电{number}")
    TargetFactory.create(park=park, year=2026, value=8, publication="published")
    RegionFactory.create(code="990000")
    EditionFactory.create(code="may", park=park, month=date(2026, 5, 1), publication="published")
    return park


def open_report(client: Client, address: str) -> Any:
    return Document(io.BytesIO(read(client.get(address))))


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("role", ["reader", "neighbour", "colleague"])
def test_each_number_of_a_report_is_that_of_its_page_and_of_the_api(town: Any, role: str) -> None:
    client = Client()
    if role != "reader":
        park = town if role == "colleague" else ParkFactory.create()
        client = sign_in(MembershipFactory.create(park=park).user, Client)
    page = client.get("/bulletin?park=town&period=2026-05").content.decode()
    shown = re.sub(r"\s+", "", unescape(re.sub(r"<[^>]*>", "", page)))
    report = open_report(client, OF_MAY)
    numbers = [cell for cell in write_cells(report) if re.search(r"\d", cell)]
    for cell in numbers:
        assert re.sub(r"\s+", "", cell) in shown
    steps = next(table for table in report.tables if table.rows[0].cells[0].text == "Step")
    asked = {"park": "town", "signed_month": "2026-05", "counts_in_totals": "true"}
    total = client.get(f"{API}/projects/summary", asked).json()["total"]
    assert steps.rows[1].cells[1].text.split()[0] == str(total["count"])
    assert total["count"] == (3 if role == "colleague" else 2)
    texts = " ".join(write_cells(report))
    assert ("未通电2" in texts) is (role == "colleague")
    assert len(report.inline_shapes) == 1  # of the target


@pytest.mark.slow
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


@pytest.mark.slow
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
        ("period=2100", "period"),
        ("period=2100-W01", "period"),
        ("park=town&region=120000", "region"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_name(
    town: Any, client: Client, asked: str, parameter: str
) -> None:
    assert error(client.get(f"{API}/bulletin.pdf?{asked}"))["parameter"] == parameter
    if not asked.startswith("lang"):
        assert client.get(f"/bulletin?{asked}").status_code == 400


@pytest.mark.parametrize(
    ("period", "meant"),
    [("2026-05-04", "2026-05"), ("2026/5/4", "2026-05"), ("May", None), ("2026-W54", None)],
)
def test_a_wrong_period_leads_to_forms_that_are_read(
    town: Any, client: Client, period: str, meant: str | None
) -> None:
    refused = error(client.get(f"{API}/bulletin.pdf?period={period}"))
    assert refused.get("suggestion") == meant
    recommended = re.findall(r"\d{4}[-\dQW]*", refused["detail"].rpartition("Write ")[2])
    assert [Period.parse(text).kind for text in recommended] == ["year", "quarter", "month", "week"]
    page = client.get(f"/bulletin?park=town&period={period}").content.decode()
    links = re.findall(r'href="(/bulletin\?park=town&amp;period=[^"]+)"', page)
    assert len(links) == 4 + bool(meant)


def test_an_edition_has_its_own_park_and_month(town: Any, client: Client) -> None:
    for other in ("park=town", "region=120000", "period=2026-05"):
        page = client.get(f"/bulletin?edition=may&{other}")
        assert page.status_code == 400
        assert "not both" in page.content.decode()
    assert client.get("/bulletin?edition=may").status_code == 200


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("bulletin.docx?period=2026-13", "没有"),
        ("bulletin.docx?period=2026-13&lang=en", "没有"),
        ("bulletin.pdf?park=nope", "没有"),
        ("projects/nope.docx", "没有"),
        ("editions/nope.pdf", "没有"),
    ],
)
def test_a_refusal_is_in_the_language_of_the_browser(
    town: Any, client: Client, asked: str, said: str
) -> None:
    chinese = client.get(f"{API}/{asked}", headers={"Accept-Language": "zh-CN"}).json()
    assert said in chinese["detail"], chinese
    assert said not in client.get(f"{API}/{asked.replace('=en', '=zh')}").json()["detail"]


def test_amounts_of_several_bases_are_written_apart(client: Client) -> None:
    """In the page and the report of a period, and on the page of an event."""
    park = ParkFactory.create(code="mixed", publication="published")
    event = SigningEventFactory.create(code="fair", publication="published")
    for basis, amount in (("agreed", 15_000_000), ("reported", 700_000_000), ("agreed", None)):
        project = ProjectFactory.create(
            park=park,
            publication="published",
            met={"signed": "2026-05-04"},
            investment=amount,
            investment__basis=basis,
        )
        ParticipationFactory.create(event=event, project=project)
    asked = {"park": "mixed", "period": "2026-05"}
    report = open_report(client, f"{API}/bulletin.docx?lang=zh&{urlencode(asked)}")
    steps = next(table for table in report.tables if table.rows[0].cells[0].text == "环节")
    written = "合同约定 1,500 万元 仅见报道，未说明依据 7 亿元 · 1 个无人民币金额"
    assert steps.rows[1].cells[2].text == written
    agreed, others = "agreed in a contract 15 m yuan", "reported, basis not stated 700 m yuan"
    others = f"<small>{others} · 1 without an amount in yuan</small>"
    assert f"{agreed}</data></a> {others}" in client.get("/bulletin", asked).content.decode()
    apart = others.replace("<small>", f"<small>{agreed} · ")
    assert f"715 m yuan</data></a> {apart}" in client.get("/events/fair").content.decode()


@kept_rows
def busy_park(town: Any) -> Any:
    """A park with more projects, obstacles and participations than a page lists."""
    park = ParkFactory.create(code="busy", publication="published")
    event = SigningEventFactory.create(code="fair", publication="published")
    with recorded():
        for number in range(53):
            met = {"signed": "2018-03-01"}
            project = ProjectFactory.create(park=park, publication="published", met=met)
            ParticipationFactory.create(event=event, project=project)
            ObstacleFactory.create(project=project, problem=f"未通水{number}")
    return park


@pytest.mark.slow
@pytest.mark.parametrize(
    ("address", "left_out"),
    [
        ("bulletin.docx?park=busy&period=2018", [23, 23]),  # projects, and obstacles
        ("bulletin.docx?park=town&period=2026-05", []),
        ("parks/busy.docx", [2, 49]),
        ("events/fair.docx", [45]),
    ],
)
def test_a_document_counts_all_rows_that_it_leaves_out(
    busy_park: Any, address: str, left_out: list[int]
) -> None:
    client = sign_in(MembershipFactory.create(park=busy_park).user, Client)
    texts = [each.text for each in open_report(client, f"{API}/{address}").paragraphs]
    said = [re.fullmatch(r"(\d+) more rows are at the address below\.", text) for text in texts]
    assert [int(found[1]) for found in said if found] == left_out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("asked", "has_june", "is_dated"),
    [
        ("park=town&period=2026-05", False, True),
        ("park=town&period=2026-Q2", True, True),
        ("park=town&period=2026-W22", False, True),
        (f"park=town&period={timezone.localdate():%Y}", True, False),
        ("edition=may", False, True),
    ],
)
def test_money_ends_with_the_period_and_what_is_later_says_its_day(
    town: Any, asked: str, has_june: bool, is_dated: bool
) -> None:
    client = sign_in(MembershipFactory.create(park=town).user, Client)
    page = client.get(f"/bulletin?{asked}").content.decode()
    paid = re.findall(r'value="(\d+)" data-measure="amount_cny"', page)
    assert paid == ["42000000" if has_june else "21000000"]
    for title in ("Targets", "All projects by stage", "Open obstacles"):
        assert title in page
        assert (f"{title}, as of {timezone.localdate()}" in page) is is_dated
    assert "Plans moved in the period, as of" not in page


@pytest.mark.slow
@pytest.mark.parametrize("asked", ["region=120115", "", "park=town"])
def test_a_report_of_a_region_says_in_which_park_each_project_is(
    town: Any, client: Client, asked: str
) -> None:
    report = open_report(client, f"{API}/bulletin.docx?period=2026-05&{asked}")
    signed = next(each for each in report.tables if each.rows[0].cells[0].text == "Project")
    heads = [cell.text for cell in signed.rows[0].cells]
    assert ("Park" in heads) is not asked.startswith("park")


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
