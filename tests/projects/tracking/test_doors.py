"""Tracking by door: each item goes in and out by every door, on both databases.

`ITEMS` declares how an item is written and read; `test_an_item_goes_through_a_door` does so.
`ELSEWHERE` names the test of a cell that another file has, or says why a cell has none. The table
in `docs/explanation/testing.md` shows all cells; `WRITE_DOCS=1` writes it again.
"""

import csv
import io
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from parks.access import Role
from parks.models import SectorGroup
from projects.models import Funding, Milestone, Project, ProjectFigure, Return
from tests.admin_pages import address, save, saved
from tests.answers import API, CarefulClient, Row, found, made, mistakes, sign_in
from tests.conftest import make_vocabularies
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory
from tests.paths import DOCS, TESTS
from tests.projects.importing.imports import applied, send, table, workbook
from tests.seeded import kept_rows

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.both_databases,
    pytest.mark.usefixtures("mid_june"),
]
DOORS = ("API", "file", "import", "history", "as_of", "admin", "English", "Chinese")
FAB = f"{API}/projects/fab"
LANGUAGES = {"English": ("en", 0), "Chinese": ("zh", 1)}


@dataclass(frozen=True)
class Item:
    """How an item is written and read.

    `write` has the method, address and body of the API; `ask` the address and parameters where
    `value` is then read at the path `read`; `file` a column of its file and the cell there.
    `sheet` has the resource, headers and a row of an import; `form` the model, the key and the
    fields of a page of the admin. `change` is a later edit that its history names. `words` are in
    the header of the file, `screen` on a page, in English and Chinese.
    """

    number: int
    title: str
    write: tuple[str, str, Row]
    ask: tuple[str, Row]
    read: str
    value: Any
    file: tuple[str, str]
    sheet: tuple[str, list[str], list[str]]
    form: tuple[Any, str | None, Row]
    change: Row
    words: tuple[str, str]
    screen: tuple[str, str, str]
    role: str = ""


ITEMS = {
    "result": Item(
        number=2,
        title="results by year",
        write=("post", "projects/fab/figures", {
            "indicator": "tax_per_year", "nature": "promised", "value": "2万元",
            "period_from": "2025", "period_to": "2025",
        }),
        ask=("results", {"code": "fab", "year": "2025"}),
        read="results.0.promised",
        value=20_000,
        file=("promised", "20000"),
        sheet=(
            "project_figures",
            ["项目编码", "指标", "性质", "年度", "金额（万元）"],
            ["fab", "tax_per_year", "承诺", "2025", "2"],
        ),
        form=(ProjectFigure, None, {
            "indicator": "tax_per_year", "nature": "promised", "amount_cny": "2万",
            "period_from": "2025", "period_to": "2025",
        }),
        change={"note": "核对"},
        words=("promised value", "承诺值"),
        screen=("/admin/projects/projectfigure/add/", "promised", "承诺"),
    ),
    "review": Item(
        number=2,
        title="days of review",
        write=("patch", "projects/fab", {"review_on": "2026-05"}),
        ask=("projects", {"past_review": "true"}),
        read="results.0.review_on",
        value="2026-05",
        file=("review_on", "2026-05"),
        sheet=("projects", ["项目编码", "履约评价日期"], ["fab", "2026年5月"]),
        form=(Project, "fab", {"review_on": "2026-05"}),
        change={"review_on": "2026-04"},
        words=("day of review", "履约评价"),
        screen=("/projects?past_review=true", "past the day of review", "履约评价"),
    ),
    "step": Item(
        number=3,
        title="steps by month",
        write=("post", "projects/fab/milestones", {
            "type": "in_statistics", "actual_on": "2026-03",
        }),
        ask=("projects/summary", {"group_by": "in_statistics_month"}),
        read="rows.0.in_statistics_month.value",
        value="2026-03",
        file=("in_statistics_month", "2026-03"),
        sheet=("projects", ["项目编码", "纳统时间"], ["fab", "2026年3月"]),
        form=(Milestone, None, {"type": "in_statistics", "status": "met", "actual_on": "2026-03"}),
        change={"actual_on": "2026-04"},
        words=("month of entry into the statistics", "纳统入库月份"),
        screen=("/projects?in_statistics_month=2026-03", "statistics", "纳统入库"),
    ),
    "recognised": Item(
        number=6,
        title="recognised beside reported",
        write=("post", "projects/fab/fundings", {
            "kind": "paid_in", "month": "2026-04", "reported_cny": 90_000, "recognised_cny": 70_000,
        }),
        ask=("fundings", {"recognised": "differs"}),
        read="results.0.recognised_cny",
        value=70_000,
        file=("recognised_cny", "70000"),
        sheet=(
            "fundings",
            ["项目编码", "月份", "上报到位资金（万元）", "认定到位资金（万元）"],
            ["fab", "2026-04", "9", "7"],
        ),
        form=(Funding, None, {
            "kind": "paid_in", "month": "2026-04", "reported_cny": "9万", "recognised_cny": "7万",
        }),
        change={"recognised_cny": 80_000},
        words=("recognised", "认定金额"),
        screen=("/fundings?recognised=differs", "recognised", "认定金额"),
    ),
    "funnel": Item(
        number=8,
        title="funnel",
        write=("post", "projects/fab/milestones", {
            "type": "signed", "actual_on": "2026-03-01", "agreement_type": "contract",
        }),
        ask=("projects/funnel", {"from": "2026-01-01", "to": "2026-05-31"}),
        read="rows.3.entered.count",
        value=1,
        file=("entered", "1"),
        sheet=("projects", ["项目编码", "签约时间"], ["fab", "2026-03-01"]),
        form=(Milestone, None, {
            "type": "signed", "status": "met", "actual_on": "2026-03-01",
            "agreement_type": "contract",
        }),
        change={"actual_on": "2026-03-02"},
        words=("opening stock", "期初"),
        screen=("/projects?funnel=signed.entered@2026-01-01..2026-05-31", "funnel", "漏斗"),
    ),
    "lost": Item(
        number=8,
        title="lost projects",
        write=("patch", "projects/fab", {
            "standing": "terminated", "standing_reason": "去了外地",
            "lost_because": "elsewhere", "lost_to": "320500",
        }),
        ask=("projects", {"lost_because": "elsewhere"}),
        read="results.0.lost_to",
        value="320500",
        file=("lost_to", "320500"),
        sheet=(
            "projects",
            ["项目编码", "项目状态", "原因", "流失原因", "流失去向"],
            ["fab", "终止", "去了外地", "选址他处", "苏州市"],
        ),
        form=(Project, "fab", {
            "standing": "terminated", "standing_reason": "去了外地",
            "lost_because": "elsewhere", "lost_to": "320500",
        }),
        change={"lost_because": "land"},
        words=("lost to", "流失去向"),
        screen=("/projects?lost_because=elsewhere", "lost because", "流失原因"),
    ),
    "chain": Item(
        number=9,
        title="industry chains",
        write=("patch", "projects/fab", {"sector": "C397"}),
        ask=("sector-groups/chips/links", {}),
        read="rows.0.count",
        value=1,
        file=("position", "upstream"),
        sheet=("projects", ["项目编码", "行业"], ["fab", "C397"]),
        form=(Project, "fab", {"sector": "C397"}),
        change={"sector": "C3972"},
        words=("position in the chain", "产业链环节"),
        screen=("/admin/parks/sectorgroup/chips/change/", "position in the chain", "产业链环节"),
    ),
    "floor": Item(
        number=10,
        title="floor area",
        write=("patch", "projects/fab", {"site_mode": "lease", "floor_area_m2": 1200.5}),
        ask=("projects/summary", {"group_by": "site_mode", "measures": "count,floor_area_m2"}),
        read="total.floor_area_m2",
        value=1200.5,
        file=("floor_area_m2", "1200.5"),
        sheet=("projects", ["项目编码", "用地方式", "载体面积"], ["fab", "租赁", "1200.5㎡"]),
        form=(Project, "fab", {"site_mode": "lease", "floor_area_m2": "1200.5"}),
        change={"floor_area_m2": 900},
        words=("floor area", "载体面积"),
        screen=("/projects/fab", "floor area", "载体面积"),
    ),
    "return": Item(
        number=11,
        title="a district returns",
        write=("post", "projects/fab/returns", {"reason": "投资额不符"}),
        ask=("projects/fab/returns", {}),
        read="results.0.reason",
        value="投资额不符",
        file=("reason", "投资额不符"),
        sheet=("", [], []),
        form=(Return, None, {"reason": "投资额不符"}),
        change={"answer": "已改"},
        words=("reason of the return", "退回原因"),
        screen=("/projects?returned=true", "returned", "退回"),
        role=Role.DISTRICT,
    ),
}  # fmt: skip
RECONCILING = "test_reconciling.py::"
IN_FILES = f"{RECONCILING}test_the_comparison_is_a_file_in_both_languages"
# Cells of another test, or without one and why
ELSEWHERE: dict[tuple[int, str], dict[str, str]] = {
    (9, "industry chains"): {
        "admin": "test_doors.py::test_the_position_of_a_link_is_entered_in_the_admin"
    },
    (13, "reconciliation"): {
        "API": f"{RECONCILING}test_a_list_is_matched_suggested_absent_and_contradictory",
        "file": IN_FILES,
        "import": f"{RECONCILING}test_json_and_a_workbook_say_what_the_csv_file_says",
        "history": f"{RECONCILING}test_a_list_is_matched_suggested_absent_and_contradictory",
        "as_of": "compares with today",
        "admin": f"{RECONCILING}test_the_admin_and_the_command_line_compare",
        "English": IN_FILES,
        "Chinese": IN_FILES,
    },
}


# --- Doors ----------------------------------------------------------------------------------------


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
        answer = getattr(self.client, method)(f"{API}/{path}", body)
        return made(answer) if method == "post" else found(answer)

    def read(self, **more: str) -> Any:
        path, asked = self.item.ask
        value: Any = found(self.office.get(f"{API}/{path}", {**asked, **more}))
        for name in self.item.read.split("."):
            if name.isdigit() and len(value) <= int(name):
                return None
            value = value[int(name) if name.isdigit() else name]
        return value

    def read_file(self, ending: str, header: str = "code") -> list[list[Any]]:
        path, asked = self.item.ask
        answer: Any = self.office.get(f"{API}/{path}.{ending}", {**asked, "header": header})
        assert answer.status_code == 200, answer.content
        data = b"".join(answer.streaming_content) if answer.streaming else answer.content
        if ending == "csv":
            return [*csv.reader(io.StringIO(data.decode("utf-8-sig")))]
        lines = load_workbook(io.BytesIO(data), read_only=True).worksheets[0].values
        return [["" if cell is None else str(cell) for cell in line] for line in lines]

    def find_row_address(self, row: Row) -> str:
        method, path, _body = self.item.write
        return f"{API}/{path}" + (f"/{row.get('code', row.get('id'))}" if method == "post" else "")


def go_by_api(visit: Visit) -> None:
    visit.write()
    assert visit.read() == visit.item.value


def go_by_file(visit: Visit) -> None:
    visit.write()
    name, cell = visit.item.file
    for ending in ("csv", "xlsx"):
        head, *rows = visit.read_file(ending)
        assert cell in [row[head.index(name)] for row in rows], (ending, rows)


def go_by_import(visit: Visit) -> None:
    resource, header, row = visit.item.sheet
    if not resource:  # a decision of a person
        sheet = table(["项目编码", "退回原因"], ["fab", "面积不符"])
        assert send(visit.client, sheet, dry_run="false").status_code == 403
        return
    applied(visit.client, table(header, row), resource=resource)
    assert visit.read() == visit.item.value
    again = applied(visit.client, workbook(header, row), "a.xlsx", resource=resource)
    assert again["counts"]["same"] == 1


def go_by_history(visit: Visit) -> None:
    own = visit.find_row_address(visit.write())
    found(visit.office.patch(own, visit.item.change))
    versions = found(visit.office.get(f"{own}/history"))["results"]
    changes = {each["field"] for each in versions[0]["changes"]}
    assert {*visit.item.change} <= changes


def go_by_as_of(visit: Visit) -> None:
    moment = timezone.now().isoformat().replace("+00:00", "Z")
    visit.write()
    assert visit.read() == visit.item.value
    assert visit.read(as_of=moment) in (None, 0)


def go_by_admin(visit: Visit) -> None:
    model, code, fields = visit.item.form
    fab = Project.objects.get(code="fab")
    page = address(model, "change", fab.pk) if code else address(model, "add")
    saved(save(visit.desk, page, **fields, **({} if code else {"project": fab.pk})))
    assert visit.read() == visit.item.value


def go_by_language(visit: Visit, name: str) -> None:
    language, place = LANGUAGES[name]
    visit.write()
    head = visit.read_file("csv", language)[0]
    assert any(visit.item.words[place] in cell for cell in head), head
    page, *words = visit.item.screen
    answer = visit.desk.get(page, headers={"Accept-Language": language})
    text = re.sub(r"<[^>]*>", " ", answer.content.decode())
    assert words[place].lower() in text.lower(), text


GO: Mapping[str, Callable[[Visit], None]] = {
    **{"API": go_by_api, "file": go_by_file, "import": go_by_import, "history": go_by_history},
    **{"as_of": go_by_as_of, "admin": go_by_admin},
    **{name: partial(go_by_language, name=name) for name in LANGUAGES},
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", ITEMS)
def test_an_item_goes_through_a_door(name: str, door: str) -> None:
    item, fab = ITEMS[name], Project.objects.get(code="fab")
    office = MembershipFactory.create(park=fab.park, role=Role.EDITOR).user
    person = office
    if item.role:
        region = {"park": None, "region": fab.park.region, "role": item.role}
        person = MembershipFactory.create(**region).user
    client, inside = (sign_in(each, CarefulClient) for each in (person, office))
    GO[door](Visit(item, client, inside, sign_in(person, Client)))


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
        (item.number, item.title): {door: f"`{name}-{door}`" for door in DOORS}
        for name, item in ITEMS.items()
    }
    for key, cells in ELSEWHERE.items():
        shown = {door: f"`{cell}`" if "::" in cell else cell for door, cell in cells.items()}
        rows[key] = rows.get(key, {}) | shown
    lines = [f"| Item | {' | '.join(DOORS)} |", "| --- " * (len(DOORS) + 1) + "|"]
    for (number, title), cells in sorted(rows.items()):
        assert {*cells} == {*DOORS}
        lines.append(f"| {number} {title} | {' | '.join(cells[door] for door in DOORS)} |")
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
