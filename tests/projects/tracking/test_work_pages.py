"""What pages show to the roles of a park: lights in words, promises, and the work of a project."""

import re
from html import unescape
from typing import Any

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, found, made
from tests.conftest import make_vocabularies
from tests.factories import (
    EditionFactory,
    LightExcuseFactory,
    LightRuleFactory,
    ObstacleFactory,
    ProjectFactory,
    ReturnFactory,
    TargetFactory,
    YearPlanFactory,
)
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
STEPS = f"{API}/projects/fab/milestones"
STEP = {"type": "started", "status": "scheduled"}


@kept_rows
def fab() -> Project:
    make_vocabularies()
    LightRuleFactory.create(threshold=0, colour="yellow")
    return ProjectFactory.create(code="fab", park__code="town", met={"signed": "2026-01"})


def read(client: Any, path: str, language: str = "en") -> str:
    page = client.get(path, headers={"Accept-Language": language})
    assert page.status_code == 200
    text: str = page.content.decode()
    return text


@together(
    ("day", "english", "chinese"),
    [
        ("2026-06-30", "construction started: 15 days left", "开工：剩余15天"),
        ("2026-06-14", "construction started: 1 days past the planned day", "开工：超计划1天"),
    ],
)
def test_a_light_says_its_rule_in_words(
    office: APIClient, fab: Project, day: str, english: str, chinese: str
) -> None:
    made(office.post(STEPS, {**STEP, "planned_on": day}))
    for path in ("/lights", "/projects/fab"):
        page = read(office, path)
        assert english in page
        assert '<mark class="light yellow">yellow light</mark>' in page
        assert chinese in read(office, path, "zh-Hans")


def test_a_project_shows_its_work_to_the_roles_of_its_park_alone(
    office: APIClient, api: APIClient, fab: Project
) -> None:
    ReturnFactory.create(project=fab, reason="面积不符")
    ObstacleFactory.create(project=fab, problem="未供地", responsible_unit="国土局")
    LightExcuseFactory.create(project=fab, reason="指标未下达")
    YearPlanFactory.create(project=fab, year=2026, planned_cny=3 * 10**8)
    made(office.post(f"{API}/projects/fab/people", {"role": "responsible", "name": "张三"}))
    flow = {"kind": "paid_in", "month": "2026-05", "reported_cny": 10**8}
    made(office.post(f"{API}/projects/fab/fundings", {**flow, "recognised_cny": 8 * 10**7}))
    shown = read(office, "/projects/fab", "zh-Hans")
    work = ("面积不符", "未供地", "国土局", "指标未下达", "3亿元", "张三", "不亮灯")
    for text in work[:-1]:
        assert text in shown
    public = read(api, "/projects/fab", "zh-Hans")
    assert not [text for text in work if text in public]
    assert "认定" in public


def test_moves_say_what_was_promised_and_what_was_dropped(office: APIClient, fab: Project) -> None:
    step = made(office.post(STEPS, {**STEP, "promised_on": "2026-05"}))
    gone = {"promised_on": None, "move_reason": "协议终止"}
    found(office.patch(f"{STEPS}/{step['id']}", gone))
    page = read(office, "/plan-moves", "zh-Hans")
    assert "2026-05 <small>承诺</small>" in page
    assert "已取消" in page


def test_targets_are_drawn_beside_the_part_of_the_year_that_is_gone(
    api: APIClient, fab: Project
) -> None:
    for n, year in enumerate((2026, 2025)):
        TargetFactory.create(code=f"t{n}", park=fab.park, year=year, value=2)
    page = read(api, "/targets?ordering=code")
    (picture,) = re.findall('<img src="([^"]*)"', page)
    svg = b"".join(api.get(unescape(picture))).decode()
    marks = re.findall('xlink:href="(/projects[?][^"]*)".*?aria-label="([^"]*)"', svg)
    assert [said.partition(": ")[2] for _href, said in marks] == [
        "1 / 2  (50%). 41.67% of the year are gone: +8.33 points",
        "0 / 2  (0%). 100% of the year are gone: -100 points",
    ]
    assert "park=town" in marks[0][0]


def test_results_are_written_with_their_hedge_and_unit(office: APIClient, fab: Project) -> None:
    year = {"period_from": "2025", "period_to": "2025", "nature": "promised"}
    Project.objects.filter(pk=fab.pk).update(land_mu=80)
    for indicator, said in (
        ("output_per_year", "超1.5亿元"),
        ("tax_per_year", "不低于2000万元"),
        ("jobs", "约300人"),
    ):
        claim = {"indicator": indicator, "value": said, **year}
        made(office.post(f"{API}/projects/fab/figures", claim))
    page = read(office, "/results", "zh-Hans")
    for shown in ("超1.5亿元/年", "超187.5万元/亩·年", "不低于25万元/亩·年", "约3.75个岗位/亩"):
        assert f">{shown}<" in page
    assert ">about 3.75 jobs per mu<" in read(office, "/results", "en")


def test_the_page_of_a_draft_edition_says_so(office: APIClient, fab: Project) -> None:
    code = EditionFactory.create(park=fab.park, publication="draft").code
    page = read(office, f"/editions/{code}", "zh-Hans")
    assert "草稿" in page
    assert "指标" in page
