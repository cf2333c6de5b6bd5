"""The grid of months in the admin, and projects that advance by one save."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from projects.models import Funding, Project
from tests import factories
from tests.admin_pages import address, told

MONTHS = "/admin/projects/funding/months/"
ADVANCE = "/admin/projects/project/advance/"


@pytest.fixture
def mine(db: None) -> Project:
    """A project of the park that the clerk edits; there is another one of others."""
    park = factories.ParkFactory.create(code="town", name_zh="科技城")
    factories.ProjectFactory.create(code="theirs", name_zh="别处项目")
    return factories.ProjectFactory.create(
        code="tower", name_zh="高楼项目", park=park, met={"signed": "2024-03"}
    )


@pytest.fixture
def desk(mine: Project, client: Client) -> Client:
    """An editor of the park."""
    person = factories.UserFactory.create(is_staff=True)
    factories.MembershipFactory.create(user=person, park=mine.park, role="editor")
    client.force_login(person)
    return client


def grid(year: int = 2025, unit: str = "wan") -> str:
    return f"{MONTHS}?park=town&year={year}&kind=paid_in&unit={unit}"


def confirm(desk: Client, url: str, sent: dict[str, Any]) -> Any:
    """Store what the page has just shown, as its form is sent again."""
    page = desk.post(url, sent)
    digest = re.search(r'name="confirmed" value="(\w+)"', page.content.decode())
    assert digest, page.content.decode()[-3000:]
    rows = page.context_data["grid"].rows
    cells = {cell.html_name: cell.value() for _project, row in rows for cell in row}
    rest = {name: value for name, value in sent.items() if name not in ("pasted", *cells)}
    return desk.post(url, {**rest, **cells, "confirmed": digest[1]})


def test_a_month_is_pasted_checked_and_then_stored(desk: Client, mine: Project) -> None:
    lines = "项目\t1月\t3月\n高楼项目\t1,200\t300.5\n"
    page = desk.post(grid(), {"pasted": lines})
    assert page.status_code == 200
    assert not Funding.objects.exists()
    answer = confirm(desk, grid(), {"pasted": lines})
    assert answer.status_code == 302
    assert told(answer) == ["2 amounts were stored."]
    stored = Funding.objects.order_by("month").values_list("month", "reported_cny")
    assert list(stored) == [(date(2025, 1, 1), 12_000_000), (date(2025, 3, 1), 3_005_000)]
    mine.refresh_from_db()
    assert mine.paid_in_cny == 15_005_000
    assert mine.history.filter(version=mine.version).exists()


def test_a_typed_cell_changes_or_takes_back_a_report(desk: Client, mine: Project) -> None:
    for month in (1, 2):
        factories.FundingFactory.create(
            project=mine, kind="paid_in", month=date(2025, month, 1), reported_cny=10_000
        )
    answer = confirm(desk, grid(), {f"m-{mine.pk}-1": "2", f"m-{mine.pk}-2": ""})
    assert answer.status_code == 302
    assert list(Funding.objects.values_list("month", "reported_cny")) == [
        (date(2025, 1, 1), 20_000)
    ]
    again = desk.post(grid(), {f"m-{mine.pk}-1": "3", "confirmed": "of something else"})
    assert again.status_code == 200
    assert Funding.objects.get().reported_cny == 20_000


def test_projects_advance_by_one_save(desk: Client, mine: Project) -> None:
    planned = factories.MilestoneFactory.create(
        project=mine, type="started", status="scheduled", planned="2024-09"
    )
    page = desk.get(f"{ADVANCE}?project={mine.pk}")
    assert page.context_data["form"]["stage"].value() == "started"
    answer = desk.post(
        f"{ADVANCE}?project={mine.pk}",
        {"stage": "started", "day": "2024-10", "change_reason": "开工仪式"},
    )
    assert answer.status_code == 302, answer.content.decode()
    mine.refresh_from_db()
    planned.refresh_from_db()
    assert (mine.stage, planned.status, planned.actual_on) == ("started", "met", date(2024, 10, 1))
    assert mine.history.latest("version").revision.reason == "开工仪式"


def test_no_more_are_pasted_together_than_a_page_shows(
    desk: Client, mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projects.admin.fundings.PASTED_AT_MOST", 1)
    monkeypatch.setattr("projects.admin.fundings.PROJECTS_ON_A_GRID", 1)
    factories.ProjectFactory.create(code="second", park=mine.park)
    assert desk.get(grid()).context_data["page"].paginator.num_pages == 2
    one, two = "tower\t1\n", "tower\t1\nsecond\t2\n"
    assert desk.post(grid(), {"pasted": one}).context_data["is_right"]
    page = desk.post(grid(), {"pasted": two})
    assert not page.context_data["is_right"]
    assert "Choose at most 1 projects." in page.content.decode()
    assert not Funding.objects.exists()


def test_no_more_advance_together_than_a_page_shows(
    desk: Client, mine: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("projects.admin.many.ADVANCED_AT_ONCE", 1)
    other = factories.ProjectFactory.create(park=mine.park, met={"signed": "2024"})
    for keys, said in (([mine.pk], []), ([mine.pk, other.pk], ["Choose at most 1 projects."])):
        chosen = {"action": "advance", "_selected_action": keys}
        assert told(desk.post(address(Project, "changelist"), chosen)) == said


def test_a_copy_has_what_two_projects_have_in_common(desk: Client, mine: Project) -> None:
    investor = factories.InvestorFactory.create(project=mine)
    page = desk.get(f"{address(Project, 'add')}?copy={mine.pk}")
    form = page.context_data["adminform"].form
    assert form["name_zh"].value() == "高楼项目"
    assert form["park"].value() == mine.park_id
    investors = page.context_data["inline_admin_formsets"][1].formset
    assert investors.forms[0]["organisation"].value() == investor.organisation_id
    others = Project.objects.get(code="theirs")
    page = desk.get(f"{address(Project, 'add')}?copy={others.pk}")
    assert page.context_data["adminform"].form["name_zh"].value() in (None, "")
