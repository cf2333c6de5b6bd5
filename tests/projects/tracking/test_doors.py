"""Tracking by door: each item goes in and out by every door.

The items are in `doors.py`; each database has one half of them. The table in
`docs/explanation/testing.md` shows all cells; `WRITE_DOCS=1` writes it again.
"""

import csv
import io
import os
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from parks.access import Role
from parks.models import SectorGroup
from projects.models import Milestone, Project
from tests.admin_pages import address, save, saved
from tests.answers import API, CarefulClient, Row, found, made, mistakes, sign_in
from tests.conftest import make_vocabularies
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory
from tests.paths import DOCS, TESTS
from tests.projects.importing.imports import applied, checked, send, table, workbook
from tests.projects.tracking.doors import ELSEWHERE, ITEMS, Item
from tests.samples import HERE, sample
from tests.seeded import kept_rows
from tests.together import forget_requests, taken_back

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.both_databases,
    pytest.mark.usefixtures("mid_june"),
]
DOORS = ("API", "file", "import", "history", "as_of", "admin", "English", "Chinese")


@kept_rows(autouse=True)
def ledger() -> None:
    make_vocabularies()
    ProjectFactory.create(
        code="fab", name_zh="晶圆厂", park=ParkFactory.create(code="town", region_id="120115")
    )
    group = SectorGroup.objects.create(code="chips", name_zh="芯片产业链")
    group.members.create(sector_id="C397", position="upstream")


@dataclass
class Visit:
    """An item at a door, with the clients that go through it."""

    item: Item
    client: CarefulClient
    office: CarefulClient
    desk: Client

    def write(self) -> Row:
        method, path, body = self.item.write
        answer = getattr(self.client, method)(f"{API}/{path.format(step=find_step())}", body)
        return made(answer) if method == "post" else found(answer)

    def read(self, **more: str) -> Any:
        path, asked = self.item.ask
        value: Any = found(self.office.get(f"{API}/{path}", {**asked, **more}))
        for name in self.item.read.split("."):
            if name.isdigit() and len(value) <= int(name):
                return None
            value = value[int(name) if name.isdigit() else name]
        return value

    def read_file(self, ending: str, header: str) -> list[list[Any]]:
        path, asked = self.item.ask
        answer: Any = self.office.get(f"{API}/{path}.{ending}", {**asked, "header": header})
        assert answer.status_code == 200, answer.content
        data = answer.getvalue()
        if ending == "csv":
            return [*csv.reader(io.StringIO(data.decode("utf-8-sig")))]
        lines = load_workbook(io.BytesIO(data), read_only=True).worksheets[0].values
        return [["" if cell is None else str(cell) for cell in line] for line in lines]

    def find_row_address(self, row: Row) -> str:
        method, path, _body = self.item.write
        return f"{API}/{path.format(step=find_step())}" + (
            f"/{row.get('code', row.get('id'))}" if method == "post" else ""
        )


def find_step() -> int | None:
    """Find the key of the scheduled step of the project."""
    step = Milestone.objects.filter(status="scheduled").first()
    return step.pk if step else None


def go_by_import(visit: Visit) -> None:
    if isinstance(visit.item.sheet, str):
        return
    resource, *rows = visit.item.sheet
    if visit.item.role:  # no editor
        assert send(visit.client, table(*rows), resource=resource).status_code == 403
        return
    applied(visit.client, table(*rows), resource=resource)
    assert visit.read() == visit.item.value
    again = checked(visit.client, workbook(*rows), "a.xlsx", resource=resource)
    assert again["counts"]["same"] == 1


def go_by_admin(visit: Visit) -> None:
    model, code, fields = visit.item.form
    fab = Project.objects.get(code="fab")
    page, of = address(model, "add"), {"project": fab.pk, "park": fab.park_id}
    if code:
        page, of = address(model, "change", fab.pk if code == "fab" else find_step()), {}
    saved(save(visit.desk, page, **of, **fields))
    assert visit.read() == visit.item.value


def go_by_api_and_history(visit: Visit) -> None:
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    own = visit.find_row_address(visit.write())
    assert visit.read() == visit.item.value
    assert visit.read(as_of=moment) in (None, 0)
    go_by_files(visit)
    found(visit.office.patch(own, visit.item.change))
    versions = found(visit.office.get(f"{own}/history"))["results"]
    changes = {each["field"] for each in versions[0]["changes"]}
    assert visit.item.change.keys() - {"move_reason"} <= changes


def go_by_files(visit: Visit) -> None:
    """Read the item from files and a page, in both languages."""
    name, cell = visit.item.file
    head, *rows = visit.read_file("xlsx", "code")
    assert cell in [row[head.index(name)] for row in rows], rows
    page, *words = visit.item.screen
    for language, header, word in zip(("en", "zh"), visit.item.words, words, strict=True):
        head, *rows = visit.read_file("csv", language)
        assert any(header in each for each in head), head
        assert any(cell in row for row in rows), rows
        answer = visit.desk.get(page, headers={"Accept-Language": language})
        text = re.sub(r"<[^>]*>", " ", answer.content.decode())
        assert word.lower() in text.lower(), text


@pytest.mark.slow
@pytest.mark.parametrize("name", sample([*ITEMS], 2, HERE))
def test_an_item_goes_through_every_door(name: str) -> None:
    item, fab = ITEMS[name], Project.objects.get(code="fab")
    item.ready(fab)
    office = MembershipFactory.create(park=fab.park, role=Role.EDITOR).user
    person = office
    if item.role:
        region = {"park": None, "region": fab.park.region, "role": item.role}
        person = MembershipFactory.create(**region).user
    client, inside = (sign_in(each, CarefulClient) for each in (person, office))
    visit = Visit(item, client, inside, sign_in(person, Client))
    for go in (go_by_import, go_by_admin, go_by_api_and_history):
        forget_requests()
        with taken_back():
            go(visit)


def test_the_position_of_a_link_is_entered_in_the_admin(desk: Client) -> None:
    fields = {"members-0-position": "downstream"}
    saved(save(desk, address(SectorGroup, "change", "chips"), **fields))
    (link,) = found(desk.get(f"{API}/sector-groups/chips/links"))["rows"]
    assert link["position"] == "downstream"


def test_a_comparison_is_with_the_ledger_of_today(admin_api: CarefulClient) -> None:
    sent = {"file": SimpleUploadedFile("a.csv", table(["项目名称"], ["晶圆厂"]))}
    path = f"{API}/reconciliations?as_of=2026-01-01"
    assert mistakes(admin_api.post(path, sent, format="multipart")) == {
        "as_of": "unknown_parameter"
    }


# --- The table ------------------------------------------------------------------------------------

PAGE = DOCS / "explanation/testing.md"
TABLE = re.compile(r"(?<=<!-- table: doors -->\n\n).*?(?=\n\n<!-- end of table -->)", re.DOTALL)


def build_doors() -> str:
    """Build the table of the items and their doors."""
    rows = {
        (item.number, item.title): dict.fromkeys(DOORS, f"`{name}`")
        | ({"import": item.sheet} if isinstance(item.sheet, str) else {})
        for name, item in ITEMS.items()
    }
    for key, cells in ELSEWHERE.items():
        shown = {door: f"`{cell}`" if "::" in cell else cell for door, cell in cells.items()}
        rows[key] = rows.get(key, {}) | shown
    lines = [f"| Item | {', '.join(DOORS)} |", "| --- | --- |"]
    for (number, title), cells in sorted(rows.items()):
        assert {*cells} == {*DOORS}
        shown = cells["API"]  # and what differs at another door
        others = [f"{door}: {cells[door]}" for door in DOORS if cells[door] != shown]
        lines.append(f"| {number} {title} | {'; '.join([shown, *others])} |")
    return "\n".join(lines)


def test_the_page_names_the_test_of_every_door() -> None:
    text, expected = PAGE.read_text(encoding="utf-8"), build_doors()
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(TABLE.sub(lambda _match: expected, text), encoding="utf-8")
    assert TABLE.findall(PAGE.read_text(encoding="utf-8")) == [expected]
    for file, name in {*re.findall(r"`(\w+[.]py)::(\w+)`", expected)}:
        (path,) = TESTS.rglob(file)
        code = path.read_text(encoding="utf-8")
        assert f"def {name}(" in code, (path, name)
        assert "mark.both_databases" in code, path
