"""Briefs of projects, parks, events and investors: one page, with the numbers of the page."""

import io
import re
from html import unescape
from typing import Any
from zipfile import ZipFile

import pytest
from django.test import Client
from docx import Document

from pages.papers.papers import build_table
from pages.parts.blocks import PageCell, PageColumn, PageTable
from tests.answers import API, problem, sign_in
from tests.factories import FundingFactory, MembershipFactory, ObstacleFactory, ProjectFactory
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db
of_shipped = pytest.mark.usefixtures("shipped")
SHOWN = (
    "projects/sinopec-ethylene",
    "projects/delixi-topcon",
    "parks/baodi-zgc",
    "events/baodi-zgc-signing-2019",
    "organisations/sinopec",
)
PAPERS = ("projects/sinopec-ethylene.docx", *(f"{address}.pdf" for address in SHOWN))


def read(response: Any) -> bytes:
    assert response.status_code == 200, response.getvalue()
    return response.getvalue()


def write_cells(document: Any) -> list[str]:
    """The texts of the cells of a document, without those of heads."""
    return [cell.text for table in document.tables for row in table.rows for cell in row.cells]


def count_pages(pdf: bytes) -> int:
    (count,) = re.findall(rb"/Count (\d+)", pdf)
    return int(count)


@pytest.mark.slow
@of_shipped
@pytest.mark.parametrize("address", SHOWN)
def test_each_number_of_a_brief_is_that_of_the_page(client: Client, address: str) -> None:
    language = "zh" if address.startswith("p") else "en"
    said = "zh-hans" if language == "zh" else "en"
    page = client.get(f"/{address}", headers={"Accept-Language": said})
    html = unescape(re.sub(r"<[^>]*>", "", page.content.decode()))
    shown = re.sub(r"\s+", "", html)
    brief = Document(io.BytesIO(read(client.get(f"{API}/{address}.docx?lang={language}"))))
    numbers = [cell for cell in write_cells(brief) if re.search(r"\d", cell)]
    assert numbers
    for cell in numbers:
        for part in cell.split(" · "):
            assert re.sub(r"\s+|…$", "", part) in shown
    if address == "parks/baodi-zgc":
        english = Document(io.BytesIO(read(client.get(f"{API}/{address}.docx"))))
        assert [c for c in write_cells(english) if "14.5 km²" in c] == [
            "14.5 km² rural land transformed"
        ]
    assert f"/{address}?as_of=" in brief.sections[0].footer.paragraphs[0].text


@pytest.mark.slow
@of_shipped
@pytest.mark.parametrize("address", PAPERS)
def test_of_one_moment_a_brief_is_always_the_same_file(client: Client, address: str) -> None:
    moment = client.get(f"{API}/projects/sinopec-ethylene").json()["updated_at"]
    first, second = (read(client.get(f"{API}/{address}?as_of={moment}")) for _time in range(2))
    assert first == second
    if address.endswith(".pdf"):
        assert count_pages(first) == 1


@kept_rows
def battery() -> Any:
    """A draft with an obstacle, of which nothing else is known; its name is long and hostile."""
    name = '{{title}} #read("/etc/passwd") $x$ <w:p> \\ *_`@"' + "超长的项目名称" * 22
    project = ProjectFactory.create(code="battery", publication="draft", name_zh=name[:200])
    ObstacleFactory.create(project=project, problem="未通电")
    return project


def test_money_in_every_currency_is_in_the_brief_and_on_the_page(client: Client) -> None:
    project = ProjectFactory.create(code="fab", publication="published")
    for kind, on, currency, amount in [
        ("foreign_agreed", "2026-05", "USD", 28_000_000),
        ("foreign", "2026-04", "USD", 5_000_000),
        ("foreign", "2026-05", "USD", 7_000_000),
        ("foreign", "2026-05", "", 3_000_000),
        ("paid_in", "2026-05", "EUR", 9),
    ]:
        of = {"project": project, "kind": kind, "on": on}
        FundingFactory.create(**of, currency=currency, amount=amount)
    brief = Document(io.BytesIO(read(client.get(f"{API}/projects/fab.docx?lang=zh"))))
    cells = write_cells(brief)
    for label, text in {
        "合同外资": "2800万美元",
        "实际使用外资": "300万元; 1200万美元",
        "到位资金": "9欧元",
    }.items():
        assert cells[cells.index(label) + 1] == text
    assert ">9 EUR</dd>" in client.get("/projects/fab").content.decode()


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["docx", "pdf"])
def test_a_draft_is_for_the_roles_of_its_park(
    battery: Any, client: Client, desk: Client, ending: str
) -> None:
    address = f"{API}/projects/battery.{ending}"
    neighbour = sign_in(MembershipFactory.create().user, Client)
    colleague = sign_in(MembershipFactory.create(park=battery.park).user, Client)
    for outsider in (client, neighbour):
        assert problem(outsider.get(address), 404)
    for insider in (desk, colleague):
        assert read(insider.get(address))


def test_a_name_of_200_characters_stays_text_on_one_page(battery: Any, desk: Client) -> None:
    word = read(desk.get(f"{API}/projects/battery.docx?lang=zh"))
    texts = [paragraph.text for paragraph in Document(io.BytesIO(word)).paragraphs]
    assert any('{{title}} #read("/etc/passwd") $x$ <w:p>' in text for text in texts)
    assert count_pages(read(desk.get(f"{API}/projects/battery.pdf?lang=zh"))) == 1
    times = {each.date_time for each in ZipFile(io.BytesIO(word)).infolist()}
    assert times == {(1980, 1, 1, 0, 0, 0)}


def test_obstacles_are_in_briefs_for_roles_only(battery: Any, client: Client, desk: Client) -> None:
    battery.publication = "published"
    battery.save()
    address = f"{API}/projects/battery.docx?lang=zh"
    of_reader, of_role = (Document(io.BytesIO(read(each.get(address)))) for each in (client, desk))
    assert "未通电" in write_cells(of_role)
    assert "未通电" not in "".join(write_cells(of_reader))


@pytest.mark.slow
def test_pages_and_forms_lead_to_briefs(battery: Any, desk: Client) -> None:
    for page in ("/projects/battery", f"/admin/projects/project/{battery.pk}/change/"):
        for ending in ("docx", "pdf"):
            assert f"/api/v1/projects/battery.{ending}?lang=" in desk.get(page).content.decode()


@of_shipped
@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ("projects/nobody.pdf", 404),
        ("parks/baodi-zgc.docx?lang=fr", 400),
        ("parks/baodi-zgc.docx?limit=3", 400),
        ("parks/baodi-zgc.docx?as_of=1999-12-31", 400),
    ],
)
def test_what_cannot_be_a_brief_is_a_problem(client: Client, asked: str, status: int) -> None:
    assert problem(client.get(f"{API}/{asked}"), status)


def test_letters_of_a_table_are_smaller_where_its_words_need_more_than_a_line() -> None:
    for count, is_smaller in ((1, False), (4, False), (10, True)):
        columns = [PageColumn(word) for word in ["recognised"] * count]
        table = build_table(PageTable("", columns, [[PageCell("14,000 million yuan")] * count]), 9)
        assert (table.scale < 1) is is_smaller
        least = len("recognised") * table.scale / sum(table.widths) * 78
        assert all(width / sum(table.widths) * 78 >= least for width in table.widths)
        assert round(sum(table.widths) * table.scale) <= 78
