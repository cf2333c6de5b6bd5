"""What is no project is set aside, and what has several meanings is asked for."""

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.projects.importing.imports import applied, checked, faults, line, table
from tests.samples import sample
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "town")]


@together(
    "header",
    sample(
        ["开工/竣工时间", "投资额/完成额", "注册/开办资金币种", "企业名称/负责人", "建设起止年限"],
        2,
    ),
)
def test_a_header_of_two_things_is_taken_for_neither(admin_api: APIClient, header: str) -> None:
    answer = checked(admin_api, table(["项目名称", header], ["甲", "2024"]), park="town")
    assert [each["column"] for each in answer["problems"]] == [header]


@together(
    ("header", "word", "stage", "standing"),
    [
        ("状态", "在建", "started", "active"),
        ("状态", "停工", "", "suspended"),
        ("项目阶段", "在谈项目", "negotiating", "active"),
        ("进展阶段", "主体封顶", "started", "active"),
        ("项目阶段", "完工", "completed", "active"),
    ],
)
def test_words_of_offices_are_understood(
    admin_api: APIClient, header: str, word: str, stage: str, standing: str
) -> None:
    sheet = table(["项目名称", header], ["甲", word])
    applied(admin_api, sheet, mapping='{"defaults": {"park": "town", "standing_reason": "停工"}}')
    project = Project.objects.get()
    assert (project.stage, project.standing) == (stage or project.stage, standing)


@together("word", sample(["意向", "拟签约", "拟建", "落地", "竣工投产"], 2))
def test_no_stage_is_guessed_of_a_word_that_means_several(admin_api: APIClient, word: str) -> None:
    sheet = table(["项目名称", "项目阶段"], ["甲", word])
    answer = applied(admin_api, sheet, park="town")
    (warning,) = line(answer, 2)["warnings"]
    assert (warning["code"], warning["name"]) == ("unclear_stage", "stage")
    assert not Project.objects.get().milestones.exists()
    mapping = f'{{"values": {{"项目阶段": {{"{word}": "signed"}}}}}}'
    applied(admin_api, sheet, park="town", mapping=mapping)
    assert Project.objects.get().stage == "signed"


@together("word", ["Closed", "中止", "退出", "停建"])
def test_no_standing_is_guessed_either(admin_api: APIClient, word: str) -> None:
    sheet = table(["项目名称", "项目状态"], ["甲", word])
    answer = checked(admin_api, sheet, park="town")
    assert faults(answer) == {(2, "status"): "ambiguous_word"}


def test_an_unresolved_place_with_a_basis_for_all_is_one_error(admin_api: APIClient) -> None:
    sheet = table(["项目名称", "来源地"], ["甲", "某某某地"], ["乙", ""])
    mapping = '{"defaults": {"origin_basis": "headquarters"}}'
    answer = checked(admin_api, sheet, park="town", mapping=mapping)
    assert [name for _line, name in faults(answer)] == ["origin"]
