"""The page of a bureau's week, in both languages: each address answers what the page says.

`WRITE_DOCS=1` writes the tables of the pages again, below the headers that they have.
"""

import os
import re
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from parks.access import Role
from parks.models import Park
from tests import factories
from tests.answers import Row, found
from tests.paths import DOCS
from tests.seeded import kept_rows

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("vocabularies", "investment_indicator"),
]
PAGES = [DOCS / "how-to/monday-meeting.md", DOCS / "zh-Hans/monday-meeting.md"]
MONDAY = date(2026, 6, 15)
YI = 100_000_000
SECTION = re.compile(r"^## \d+\. .+?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ADDRESS = re.compile(r"^`(/api/v1/[^`]+)`$", re.MULTILINE)
TABLE = re.compile(r"^\|.+?(?=\n\n|\n?\Z)", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module", autouse=True)
def today() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "localdate", lambda *args: MONDAY)
        yield


@kept_rows
def park(today: None, vocabularies: None, investment_indicator: Any) -> Park:
    """A demo park on a Monday in June: one project late, one due, one silent, one at work."""
    park = factories.ParkFactory.create(code="demo", name_zh="演示园区", region_id="120115")
    known = {"park": park, "origin_id": "110108", "sector_id": "C3973"}
    abroad = {**known, "origin_id": "DE"}
    late = factories.ProjectFactory.create(
        **known, code="late", name_zh="演示芯片项目", met={"signed": "2026-02-10"},
        investment=3 * YI, investment__basis="agreed", responsible_unit="招商一局",
        site_mode="land", land_mu="60",
    )  # fmt: skip
    due = factories.ProjectFactory.create(
        **known, code="due", name_zh="演示电池项目", met={"signed": "2026-04-01"},
        investment=YI, investment__basis="agreed", responsible_unit="招商二局", region_id="110108",
        site_mode="lease",
    )  # fmt: skip
    factories.ProjectFactory.create(
        **known, code="silent", name_zh="演示药品项目", met={"signed": "2025-09"},
        investment=YI, responsible_unit="招商二局",
    )  # fmt: skip
    work = factories.ProjectFactory.create(
        **abroad, code="work", name_zh="演示机器人项目", investment=2 * YI,
        met={"signed": "2025-11", "started": "2026-03"}, responsible_unit="招商一局",
    )  # fmt: skip
    for project, tag, name in ((work, "global-500", "世界500强"), (late, "srdi", "专精特新")):
        investor = factories.InvestorFactory.create(project=project)
        factories.OrganisationTagFactory.create(
            organisation=investor.organisation,
            tag=factories.TagFactory.create(code=tag, name_zh=name),
        )
    for project, on in ((late, "2026-05"), (due, "2026-06")):
        factories.MilestoneFactory.create(
            project=project, type="started", status="scheduled",
            planned_on=factories.first_day(on), planned_on_precision=factories.precision(on),
        )  # fmt: skip
    factories.ProgressNoteFactory.create(
        code="n1", project=late, noted_on="2026-05-20", text="用地未交付",
        next_step="协调交地", due_on="2026-06-10",
    )  # fmt: skip
    factories.ProgressNoteFactory.create(
        code="n2", project=work, noted_on="2026-06-11", text="主体封顶",
        next_step="设备进场", due_on="2026-07-31",
    )  # fmt: skip
    factories.TargetFactory.create(code="signed-2026", park=park, value=4)
    factories.TargetFactory.create(
        code="foreign-2026", park=park, measure="foreign_usd", value=5_000_000
    )
    for month, currency, amount in (
        ("2026-02", "USD", 1_500_000), ("2026-04", "USD", 500_000), ("2026-04", "EUR", 30_000),
    ):  # fmt: skip
        factories.FundingFactory.create(
            project=work, kind="foreign", month=factories.first_day(month), currency=currency,
            reported_value=amount,
        )  # fmt: skip
    factories.YearPlanFactory.create(project=work, year=2026, planned_cny=YI)
    for month, amount in (("2026-03", 20_000_000), ("2026-05", 30_000_000)):
        factories.FundingFactory.create(
            project=work, kind="completed", month=factories.first_day(month), reported_cny=amount
        )
    return park


@pytest.fixture
def bureau(park: Park) -> APIClient:
    client = APIClient()
    client.force_authenticate(factories.MembershipFactory.create(park=park, role=Role.EDITOR).user)
    return client


def find_sections(page: Path) -> list[str]:
    return SECTION.findall(page.read_text(encoding="utf-8"))


def show(value: Any) -> str:
    """What the page prints of a value: of a dimension its code, of nothing nothing."""
    if isinstance(value, dict):
        value = "unknown" if value["value"] is None else value["value"]
    return "" if value is None else str(value)


def read_path(row: Row, path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def build_table(answer: Row, header: str) -> str:
    names = [cell.strip(" `") for cell in header.strip("|").split("|")]
    rows = answer.get("rows", answer.get("results"))
    lines = [[show(read_path(row, name)) for name in names] for row in rows]
    divider = "| " + " | ".join("---" for _name in names) + " |"
    return "\n".join([header, divider, *("| " + " | ".join(line) + " |" for line in lines)])


@pytest.mark.both_databases
@pytest.mark.parametrize("page", PAGES, ids=["English", "Chinese"])
def test_questions_have_the_answers_that_the_page_prints(bureau: APIClient, page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    sections = SECTION.findall(text)
    assert len(sections) == 17
    for section in sections:
        (address,) = ADDRESS.findall(section)
        table = TABLE.search(section)
        assert table, section
        expected = build_table(found(bureau.get(address)), table[0].splitlines()[0])
        assert expected.count("\n") > 1, f"{address} answers nothing"
        if os.environ.get("WRITE_DOCS"):
            text = text.replace(section, section.replace(table[0], expected))
        else:
            assert table[0] == expected, address
    page.write_text(text, encoding="utf-8")


def test_both_pages_ask_the_same() -> None:
    english, chinese = ([ADDRESS.findall(each) for each in find_sections(p)] for p in PAGES)
    assert english == chinese


def list_addresses() -> Iterator[str]:
    for section in find_sections(PAGES[0]):
        yield from ADDRESS.findall(section)


def test_each_list_is_a_file_and_each_number_a_picture(bureau: APIClient) -> None:
    kinds = set()
    for address in list_addresses():
        path, _mark, query = address.partition("?")
        query = re.sub(r"&?fields=[^&]*", "", query)
        is_sum = path.endswith(("/summary", "/targets"))
        for ending in ("csv", "xlsx", *(["svg"] if is_sum else [])):
            answer = bureau.get(f"{path}.{ending}?{query}")
            assert answer.status_code == 200, f"{path}.{ending}?{query}"
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert content, address
            kinds.add(ending)
    assert kinds == {"csv", "xlsx", "svg"}


def test_the_notes_of_a_week_are_a_sheet(bureau: APIClient) -> None:
    question = "park=demo&noted_from=2026-06-08&header=zh"
    answer = bureau.get(f"/api/v1/progress.xlsx?{question}")
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    rows = [*sheet.iter_rows(values_only=True)]
    assert len(rows) == 2
    assert "主体封顶" in rows[1]
