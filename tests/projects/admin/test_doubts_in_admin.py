"""Doubtful writes on the pages of the admin: named in words, settled by a tick."""

from typing import Any

import pytest
from django.test import Client

from projects.models import DistinctPair, Milestone, Project, ProjectFigure
from tests import factories
from tests.admin_pages import address, mistakes, refused, row, save, saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator")]

ADD = "/admin/projects/project/add/"


@pytest.fixture
def old() -> Project:
    return factories.ProjectFactory.create(
        code="old", name_zh="老厂", name_en="", park__code="town"
    )


def typed(old: Project, **more: Any) -> dict[str, Any]:
    return {"name_zh": "新厂", "park": old.park_id, "publication": "published", **more}


def asked(response: Any) -> list[str]:
    """The doubts that a page was sent back with; nothing else is wrong with it."""
    found = mistakes(response)
    assert [*found] == ["confirm"]
    return found["confirm"]


def test_an_improbable_amount_is_asked_about_and_saved_when_ticked(
    desk: Client, old: Project
) -> None:
    assert b'name="confirm"' not in desk.get(ADD).content
    response = save(desk, ADD, **typed(old, code="new", investment="28"))
    (doubt,) = asked(response)
    assert "28 yuan" in doubt
    assert "confirm" in refused(desk, ADD, **typed(old, investment="28", confirm="anything"))
    assert Project.objects.count() == 1
    page = response.content.decode()
    assert 'name="confirm" value="amounts"' in page
    assert 'value="duplicates"' not in page
    assert 'value="28"' in page or 'value="28 yuan"' in page  # what was typed is still there
    saved(save(desk, ADD, **typed(old, code="new", investment="28", confirm="amounts")))
    new = Project.objects.get(code="new")
    assert (new.investment_cny, new.version) == (28, 1)
    saved(save(desk, address(Project, "change", new.pk), note="x"))
    claim = {"project": old.pk, "indicator": "investment", "investment_basis": "agreed"}
    claim |= {"nature": "projected", "qualifier": "exact", "amount_cny": "28"}
    (doubt,) = asked(save(desk, address(ProjectFigure, "add"), **claim))
    assert "28 yuan" in doubt
    saved(save(desk, address(ProjectFigure, "add"), **claim, confirm="amounts"))


def test_a_project_that_may_be_there_is_linked_and_the_answer_is_kept(
    desk: Client, old: Project
) -> None:
    response = save(desk, ADD, **typed(old, name_zh="老厂项目", code="new"))
    (doubt,) = asked(response)
    assert "老厂 (old)" in doubt
    assert address(Project, "change", old.pk) in doubt
    phase = typed(old, name_zh="老厂", part_of=old.pk)
    saved(save(desk, ADD, **phase))
    Project.objects.exclude(pk=old.pk).get().delete()
    saved(save(desk, ADD, **typed(old, name_zh="老厂项目", code="new", confirm="duplicates")))
    assert DistinctPair.objects.count() == 1
    new = Project.objects.get(code="new")
    saved(save(desk, address(Project, "change", new.pk), name_zh="老厂"))
    assert new.history.count() == 2


def test_all_doubts_of_a_page_are_named_at_once_and_in_chinese(old: Project, desk: Client) -> None:
    fields = typed(old, name_zh="老厂", investment="0")
    response = save(desk, ADD, **fields)
    assert len(asked(response)) == 2
    saw = desk.post(
        ADD, {**response.wsgi_request.POST.dict()}, headers={"Accept-Language": "zh-hans"}
    )
    said = " ".join(asked(saw))
    for words in ("总投资为 0元", "园区内已有同名项目：老厂 (old)", "请勾选确认后重新保存"):
        assert words in said
    assert "不是同一项目" in saw.content.decode()
    half = save(desk, ADD, **{**fields, "confirm": "amounts"})
    assert len(asked(half)) == 1
    saved(save(desk, ADD, **{**fields, "confirm": ["amounts", "duplicates"]}))


def test_milestones_and_investors_of_the_page_count(desk: Client, old: Project) -> None:
    maker = factories.OrganisationFactory.create()
    factories.InvestorFactory.create(project=old, organisation=maker)
    factories.MilestoneFactory.create(project=old, type="intended")
    investor = row("investors", organisation=maker.pk, role="lead")
    signed = row("milestones", type="signed", status="met")
    (doubt,) = asked(save(desk, ADD, **typed(old), **investor, **signed))
    assert "intent" in doubt
    saved(save(desk, ADD, **typed(old, code="new"), **investor))
    new = Project.objects.get(code="new")
    add = address(Milestone, "add")
    fields = {"project": new.pk, "type": "signed", "status": "met"}
    (doubt,) = asked(save(desk, add, **fields))
    saved(save(desk, add, **fields, confirm="duplicates"))
