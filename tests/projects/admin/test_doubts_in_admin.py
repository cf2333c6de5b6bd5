"""Doubtful writes on the pages of the admin: named in words, settled by a tick."""

from typing import Any

import pytest
from django.test import Client

from projects.models import DistinctPair, Project
from tests import factories
from tests.admin_pages import address, mistakes, save, saved

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


@pytest.mark.slow
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


@pytest.mark.slow
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
