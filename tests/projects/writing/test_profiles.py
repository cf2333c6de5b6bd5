"""What two projects have in common, and which of two is asked about, without any door."""

from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from projects.models import DistinctPair, Project
from projects.writing.doubts import (
    Candidate,
    Mark,
    Profile,
    describe_duplicates,
    find_duplicates,
    find_project_pairs,
    read_profiles,
)
from tests import factories
from tests.together import together

YI = 100_000_000
SECOND = Profile(
    1,
    "甲厂二期",
    "Fab A",
    amount_cny=5,
    other_amounts=frozenset([(7, "USD")]),
    backers=frozenset([3, -4]),
    leads=frozenset([3]),
)


@together(
    ("changes", "kind", "values"),
    [
        ({}, "same_name", {"甲厂二期", "faba"}),
        ({"name_en": ""}, "same_name", {"甲厂二期"}),
        ({}, "part_exists", {"甲厂二期", "faba", "甲厂"}),
        ({"part_of_name": "乙厂"}, "part_exists", {"甲厂二期", "faba", "甲厂", "乙厂"}),
        ({}, "same_amount", {(3, 5), (-4, 5), (3, (7, "USD")), (-4, (7, "USD"))}),
        ({"amount_cny": None}, "same_amount", {(3, (7, "USD")), (-4, (7, "USD"))}),
        ({"amount_cny": 0, "other_amounts": frozenset()}, "same_amount", set()),
        ({"backers": frozenset()}, "same_amount", set()),
        ({}, "intent_exists", set()),
    ],
)
def test_a_project_has_marks_by_name_whole_and_amount(
    changes: dict[str, Any], kind: str, values: set[Any]
) -> None:
    profile = replace(SECOND, **changes)
    questions, answers = profile.find_marks()
    marks = {mark for mark in questions | answers if mark.kind == kind}
    assert marks == {Mark(kind, 1, value) for value in values}
    assert marks <= questions & answers


@together(
    ("changes", "asks", "answers"),
    [
        ({}, set(), set()),
        ({"is_only_intended": True}, set(), {3}),
        ({"is_signed_without_intent": True}, {3}, set()),
    ],
)
def test_a_contract_asks_for_the_intent_of_its_lead(
    changes: dict[str, bool], asks: set[int], answers: set[int]
) -> None:
    profile = replace(SECOND, **changes)
    leads = [
        {mark.get_backer() for mark in marks if mark.kind == "intent_exists"}
        for marks in profile.find_marks()
    ]
    assert leads == [asks, answers]


A, B = "2020-120115-39-03-000001", "2020-120115-39-03-000002"


@together(
    ("one", "other", "is_apart"),
    [
        ({}, {}, False),
        ({"national_code": A}, {"national_code": B}, True),
        ({"national_code": A}, {"national_code": A, "part_of": 1}, False),
        *[({"national_code": A}, {}, False), ({"national_code": A}, {"part_of": 1}, True)],
        *[({"part_of": 2}, {}, True), ({"duplicate_of": 2}, {}, True), ({}, {"part_of": 1}, True)],
        *[({}, {"duplicate_of": 1}, True), ({"part_of": 9}, {"part_of": 9}, True)],
        *[({"part_of": 9}, {"duplicate_of": 9}, True), ({"part_of": 9}, {"part_of": 8}, False)],
        ({"part_of": 9}, {}, False),
    ],
)
def test_it_may_be_told_how_two_relate(
    one: dict[str, Any], other: dict[str, Any], is_apart: bool
) -> None:
    assert Profile(1, **one).is_apart_from(1, Profile(1, **other), 2) is is_apart


CANDIDATES = [
    Candidate(1, "a", "甲", "A"),
    Candidate(-2, "", "乙", ""),
    Candidate(3, "c", "", "C"),
    Candidate(4, "d", "丁", "D"),
    Candidate(5, "e", "戊", "E"),
]


@together(
    ("kind", "count", "said"),
    [
        ("same_name", 1, "The park has a project of this name: 甲 (a)."),
        ("same_name", 3, "The park has a project of this name: 甲 (a), 乙, C (c)."),
        ("same_name", 4, "The park has a project of this name: 甲 (a), 乙, C (c) and 1 more."),
        ("same_name", 5, "The park has a project of this name: 甲 (a), 乙, C (c) and 2 more."),
        (
            "part_exists",
            1,
            "By its name, one is a phase, a part or an increase of the other: 甲 (a). As separate "
            "projects, both amounts count.",
        ),
        (
            "same_amount",
            1,
            "The park has a project of the same investor with the same amount: 甲 (a).",
        ),
        (
            "intent_exists",
            1,
            "This may be the contract of an intent that the same investor has signed in the park: "
            "甲 (a).",
        ),
    ],
)
def test_a_doubt_names_the_first_three(kind: str, count: int, said: str) -> None:
    with translation.override("en"):
        assert describe_duplicates(kind, CANDIDATES[:count]) == said


# --- Projects that are written together ------------------------------------------------------


def ask(now: dict[int, Profile], before: Any = None) -> list[tuple[int, str, str, list[int]]]:
    """Which of these is asked about, and where: key, field, kind, and whom it may be."""
    found = find_duplicates(now, before or {}, Project.objects.all())
    return [
        (each.project, each.field, each.code, [other.pk for other in each.candidates])
        for each in found
    ]


@pytest.mark.django_db
def test_of_two_that_are_written_together_the_later_one_is_doubted() -> None:
    same, amount = Profile(1, "甲厂", "Fab A"), {"amount_cny": YI, "backers": frozenset([-9])}
    assert ask({}) == []
    assert ask({-1: same}) == []
    assert ask({-1: same, -2: same}) == [(-2, "name_zh", "same_name", [-1])]
    assert ask({-1: same, -2: Profile(1, "乙厂", "FAB a")}) == [(-2, "name_en", "same_name", [-1])]
    assert ask({-1: same, -2: replace(same, park=2)}) == []
    assert ask({-1: Profile(1, "甲厂", **amount), -2: Profile(1, "乙厂", **amount)}) == [
        (-2, "investment_cny", "same_amount", [-1])
    ]
    part = (-2, "name_zh", "part_exists", [-1])
    assert ask({-1: Profile(1, "甲厂"), -2: Profile(1, "甲厂二期")}) == [part]
    part = (-1, "name_zh", "part_exists", [-2])  # which alone can say so
    assert ask({-1: Profile(1, "甲厂二期"), -2: Profile(1, "甲厂")}) == [part]
    assert ask({-1: Profile(1, "甲厂二期"), -2: Profile(1, "甲厂三期")}) == []
    lead = {"leads": frozenset([-9])}
    intent = Profile(1, "甲厂", is_only_intended=True, **lead)
    contract = Profile(1, "乙厂", is_signed_without_intent=True, **lead)
    assert ask({-1: intent, -2: contract}) == [(-2, "investors", "intent_exists", [-1])]
    assert ask({-1: contract, -2: intent}) == [(-1, "investors", "intent_exists", [-2])]
    # Only what changes is doubted
    assert ask({1: same, 2: same}, {1: same, 2: same}) == []
    assert ask({1: same, 2: same}, {1: same, 2: Profile(1, "乙厂")}) == [
        (2, "name_zh", "same_name", [1])
    ]
    assert ask({1: same, 2: same}, {1: Profile(1, "乙厂"), 2: same}) == [
        (1, "name_zh", "same_name", [2])
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("investment_indicator")
def test_stored_projects_are_found_by_name_backer_and_claim() -> None:
    park, lead = factories.ParkFactory.create(), factories.OrganisationFactory.create()
    rows = {
        code: factories.ProjectFactory.create(
            code=code, name_zh=name, name_en="", park=park, **more
        )
        for code, name, more in (
            ("first", "甲厂一期", {}),
            ("whole", "丁厂", {}),
            ("yuan", "乙厂", {"investment": YI, "met": ["signed"]}),
            ("dollars", "丙厂", {}),
            ("intent", "戊厂", {"met": ["intended"]}),
            ("fund", "己厂", {"investment": YI, "met": ["intended"]}),
        )
    }
    keys = {code: row.pk for code, row in rows.items()}
    for code, role in (("yuan", "co"), ("dollars", "co"), ("intent", "lead"), ("fund", "fund")):
        factories.InvestorFactory.create(project=rows[code], organisation=lead, role=role)
    claim = {"indicator_id": "investment", "amount_cny": None, "value": 7, "currency": "USD"}
    factories.ProjectFigureFactory.create(project=rows["dollars"], **claim)
    of_lead = {"backers": frozenset([lead.pk]), "leads": frozenset([lead.pk])}
    for profile, kind, code in (
        (Profile(park.pk, "甲厂"), "part_exists", "first"),
        (Profile(park.pk, "丁厂二期"), "part_exists", "whole"),
        (Profile(park.pk, "丁厂"), "same_name", "whole"),
        (Profile(park.pk, "新", amount_cny=YI, **of_lead), "same_amount", "yuan"),
        (
            Profile(park.pk, "新", other_amounts=frozenset([(7, "USD")]), **of_lead),
            "same_amount",
            "dollars",
        ),
        (
            Profile(park.pk, "新", is_signed_without_intent=True, **of_lead),
            "intent_exists",
            "intent",
        ),
    ):
        ((project, _field, asked, others),) = ask({-1: profile})
        assert (project, asked, others) == (-1, kind, [keys[code]])
        assert ask({-1: replace(profile, park=park.pk + 1)}) == []
    assert ask({-1: Profile(park.pk, "新", other_amounts=frozenset([(7, "EUR")]), **of_lead)}) == []
    assert ask({-1: Profile(park.pk, "新", amount_cny=YI + 1, **of_lead)}) == []
    stored = read_profiles([*keys.values(), -5])
    assert {*stored} == {*keys.values()}
    assert stored[keys["dollars"]].other_amounts == {(7, "USD")}
    assert stored[keys["yuan"]].backers == {lead.pk}
    assert stored[keys["yuan"]].leads == stored[keys["fund"]].backers == set()
    assert stored[keys["intent"]].leads == {lead.pk}
    assert [stored[keys[code]].is_only_intended for code in ("intent", "yuan")] == [True, False]
    signed = {code for code in keys if stored[keys[code]].is_signed_without_intent}
    assert signed == {"yuan"}


@pytest.mark.django_db
def test_pairs_have_all_that_they_have_in_common() -> None:
    park, lead = factories.ParkFactory.create(), factories.OrganisationFactory.create()
    factories.IndicatorFactory.create(code="jobs")

    def make(code: str, name: str, role: str = "", **more: Any) -> Project:
        project = factories.ProjectFactory.create(
            code=code, name_zh=name, name_en="", park=park, **more
        )
        if role:
            factories.InvestorFactory.create(project=project, organisation=lead, role=role)
        return project

    make("a", "甲厂", "lead", investment=YI, met=["intended"])
    make("b", "甲厂", "lead", investment=YI, met=["signed"])
    make("c", "丙厂", "fund", investment=YI, met=["signed"])
    make("d", "丁厂", "lead", investment=2 * YI, met=["intended", "signed"])
    make("e", "戊厂", "co", met=["signed"])
    make("f", "甲厂二期", "co", investment=3 * YI, met=["signed"])
    found = [
        ([Project.objects.get(pk=key).code for key in (pair.row, pair.into)], [*pair.reasons])
        for pair in find_project_pairs(Project.objects.all())
    ]
    assert found == [(["b", "a"], ["same_name", "same_amount", "intent_exists"])]
    DistinctPair.objects.create(
        one=Project.objects.get(code="a"), other=Project.objects.get(code="b")
    )
    assert [*find_project_pairs(Project.objects.all())] == []
