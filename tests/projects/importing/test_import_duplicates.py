"""Rows that may be projects of the ledger are asked about, line by line, and only once."""

import io
import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from parks.models import ImportBatch, Park
from projects.models import DistinctPair, Project
from tests import factories
from tests.answers import API, Row, error, found, problem, sign_in
from tests.projects.importing.imports import actions, applied, checked, line, send, table, uploaded
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator", "fab")]

YI = 100_000_000
HEADER = ["项目名称", "投资方", "总投资（亿元）", "项目阶段"]
LIKE = ["晶圆厂项目", "华虹", "5", ""]  # has the name of a stored one, but for its end


def answers(**by_line: str) -> str:
    """Answers as a form takes them: `_2="new"`."""
    return json.dumps({name[1:]: answer for name, answer in by_line.items()})


def asked(answer: Row) -> dict[int, list[Any]]:
    """What each line may be, by codes or lines, and why."""
    return {
        doubt["line"]: [doubt["code"], *(c.get("code", c.get("line")) for c in doubt["candidates"])]
        for doubt in answer["doubts"]
    }


# --- What is asked -------------------------------------------------------------------------------


def test_a_name_an_amount_or_an_intent_is_asked_about(
    admin_api: APIClient, fab: Project, town: Park
) -> None:
    intent = factories.ProjectFactory.create(code="wish", name_zh="意向", park=town)
    factories.InvestorFactory.create(project=intent, organisation__name_zh="华润")
    factories.MilestoneFactory.create(project=intent, type="intended")
    rows = [
        LIKE,
        ["封装", "中芯国际", "3", ""],
        ["研发", "华润", "", "在建"],
        ["另一个", "", "3", ""],
    ]
    answer = checked(admin_api, table(HEADER, *rows), park="town")
    assert asked(answer) == {
        2: ["same_name", "fab"],
        3: ["same_amount", "fab"],
        4: ["intent_exists", "wish"],
    }
    assert actions(answer) == {1: "skip", 2: "asked", 3: "asked", 4: "asked", 5: "create"}
    assert answer["doubts"][0] == {
        "line": 2,
        "column": "项目名称",
        "name": "name",
        "code": "same_name",
        "detail": "The park has a project of this name: 晶圆厂 (fab).",
        "confirm": "duplicates",
        "candidates": [{"code": "fab", "name_zh": "晶圆厂", "name_en": ""}],
        "choices": ["new", "same:fab", "phase:fab", "increase:fab"],
    }


def test_rows_of_one_file_are_asked_about_by_their_lines(admin_api: APIClient) -> None:
    rows = [["甲", "新方", "5", ""], ["乙", "新方", "5", ""], ["甲项目", "别家", "6", ""]]
    answer = checked(admin_api, table(HEADER, *rows), park="town")
    assert asked(answer) == {3: ["same_amount", 2], 4: ["same_name", 2]}
    assert "甲 (#2)" in answer["doubts"][1]["detail"]


def test_a_project_that_becomes_like_another_is_asked_about_too(
    admin_api: APIClient, fab: Project, town: Park
) -> None:
    other = factories.ProjectFactory.create(code="other", name_zh="别的", park=town)
    factories.InvestorFactory.create(project=other, organisation=fab.investors.get().organisation)
    header = ["项目编码", "项目名称", "总投资（亿元）", "备注"]
    applied(admin_api, table(header, ["other", "别的", "", "x"], ["fab", "晶圆厂", "3", "y"]))
    data = table(header, ["other", "晶圆厂项目", "3", ""])
    answer = checked(admin_api, data)
    assert actions(answer)[2] == "asked"
    assert [each["code"] for each in answer["doubts"]] == ["same_amount", "same_name"]
    assert {tuple(each["choices"]) for each in answer["doubts"]} == {("new",)}
    applied(admin_api, data, choices=answers(_2="new"))
    assert DistinctPair.objects.filter(one=fab, other=other).exists()
    assert applied(admin_api, data)["counts"]["same"] == 1


def test_a_draft_that_one_may_not_see_is_never_named(town: Park, fab: Project) -> None:
    Project.objects.filter(pk=fab.pk).update(publication="draft")
    client = sign_in(factories.MembershipFactory.create(park__code="bay").user)
    answer = checked(client, table(HEADER, LIKE), park="town")
    assert answer["doubts"] == []
    assert "fab" not in json.dumps(answer)


@pytest.mark.slow
def test_questions_and_answers_take_as_many_queries_for_many_rows(
    admin_api: APIClient, town: Park
) -> None:
    for n in range(40):
        factories.ProjectFactory.create(code=f"p{n}", name_zh=f"第{n}厂", park=town)
    counts = []
    for count in (4, 40):
        rows = [[f"第{n}厂项目", f"投资方{n}", f"{n + 4}", ""] for n in range(count)]
        words = {n + 2: f"{('same', 'phase')[n % 2]}:p{n}" for n in range(count)}
        with CaptureQueriesContext(connection) as queries:
            answer = checked(
                admin_api, table(HEADER, *rows), park="town", choices=json.dumps(words)
            )
        assert answer["counts"]["update"] == count // 2
        counts.append(len(queries))
    assert counts[0] == counts[1]


# The name of a row, and that of a row below it, which is asked about; ● is a name of its own
PARTS = [
    ("●", "●一期"),
    ("●", "●（二期）"),
    ("●", "●第三期项目"),
    ("●项目", "●项目二期工程"),
    ("●", "●（增资）"),
    ("●", "●增资扩产项目"),
    ("●", "其中：一期"),
    ("●", " 其中:厂房"),
    ("●", "其中：●一期"),
    ("●", "● Phase 2"),
    ("●", "● (Phase II)"),
    ("●二期", "●二期（增资）"),
    ("●", "●扩建"),
    ("●", "●（扩产）"),
]
WHOLE_LAST = ("●一期", "●")  # the part can say of what it is one
OTHERS = [("●一期", "●二期"), ("●", "乙●一期"), ("●", "●扩建指挥部")]
NAMES = "子丑寅卯辰巳午未申酉戌亥天地玄黄宇宙洪荒"


def test_a_whole_and_its_parts_are_asked_about(admin_api: APIClient) -> None:
    pairs = [*PARTS, WHOLE_LAST, *OTHERS]
    named = [[n.replace("●", f"{NAMES[at]}厂") for n in pair] for at, pair in enumerate(pairs)]
    above = [[first, "", "10", ""] for first, _second in named]
    below = [[second, "", "4", ""] for _first, second in named]
    both = table(HEADER, *chain.from_iterable(zip(above, below, strict=True)))
    parts = [3 + 2 * n for n in range(len(PARTS))]
    last = 2 + 2 * len(PARTS)
    expected = {line: ["part_exists", line - 1] for line in parts}
    found = asked(checked(admin_api, both, park="town"))
    assert found == expected | {last: ["part_exists", last + 1]}
    applied(admin_api, table(HEADER, *above), park="town")
    codes = Project.objects.exclude(code="fab").order_by("id").values_list("code", flat=True)
    known = dict(zip([*parts, last + 1], codes[: len(parts) + 1], strict=True))
    answer = asked(checked(admin_api, both, park="town"))
    assert answer == {line: ["part_exists", code] for line, code in known.items()}
    words = {line: f"phase:{code}" for line, code in known.items()}
    given = {"park": "town", "choices": json.dumps(words)}
    applied(admin_api, both, **given)
    assert Project.objects.exclude(part_of=None).count() == len(known)
    assert checked(admin_api, both, **given)["counts"]["same"] == 2 * len(pairs)


# --- What is answered ----------------------------------------------------------------------------


def test_the_same_updates_that_project(admin_api: APIClient, fab: Project) -> None:
    data = table([*HEADER, "备注"], [*LIKE, "新"])
    answer = applied(admin_api, data, park="town", choices=answers(_2="same:FAB"))
    row = line(answer, 2)
    assert (row["action"], row["code"]) == ("update", "fab")
    assert row["changes"]["investment_cny"] == ["3亿元", "5亿元"]
    fab.refresh_from_db()
    assert (fab.name_zh, fab.note, fab.investment_cny) == ("晶圆厂项目", "新", 5 * YI)
    again = applied(admin_api, data, park="town", choices=answers(_2="same:FAB"))
    assert again["counts"]["same"] == 1


def test_nothing_is_stored_before_every_line_is_answered(admin_api: APIClient) -> None:
    data = table(HEADER, LIKE, ["封装", "中芯国际", "3", ""])
    for given, left in (({}, [2, 3]), ({"choices": answers(_2="new")}, [3])):
        refusal = problem(send(admin_api, data, park="town", dry_run="false", **given), 409)
        assert refusal["type"] == "/problems/confirmation-required"
        assert [each["line"] for each in refusal["errors"]] == left
    assert Project.objects.count() == 1


def test_a_new_one_is_stored_and_the_pair_is_not_asked_about_again(
    admin_api: APIClient, fab: Project
) -> None:
    data = table(HEADER, LIKE)
    applied(admin_api, data, park="town", choices=answers(_2="new"))
    new = Project.objects.get(name_zh="晶圆厂项目")
    assert DistinctPair.objects.filter(one=fab, other=new).exists()
    found(admin_api.patch(f"{API}/projects/{new.code}", {"name_zh": "晶圆厂"}))
    assert applied(admin_api, data, park="town", choices=answers(_2="new"))["doubts"] == []


def test_lines_of_the_file_may_be_each_other(admin_api: APIClient) -> None:
    rows = [["甲", "新方", "5", ""], ["乙", "新方", "5", ""], ["甲项目", "别家", "6", ""]]
    given = answers(_3="phase:#2", _4="same:#2")
    answer = applied(admin_api, table(HEADER, *rows), park="town", choices=given)
    assert actions(answer) == {1: "skip", 2: "create", 3: "create", 4: "duplicate"}
    assert [each["code"] for each in line(answer, 4)["warnings"]] == ["differs"]
    assert Project.objects.get(name_zh="乙").part_of == Project.objects.get(name_zh="甲")
    assert not Project.objects.filter(name_zh="甲项目").exists()


def test_a_phase_of_a_line_that_is_a_stored_project_is_a_part_of_that(
    admin_api: APIClient, fab: Project
) -> None:
    rows = [LIKE, ["封装", "华虹", "5", ""]]
    given = answers(_2="same:fab", _3="phase:#2")
    applied(admin_api, table(HEADER, *rows), park="town", choices=given)
    assert Project.objects.get(name_zh="封装").part_of == fab
    assert Project.objects.count() == 2


def test_all_may_be_confirmed_to_be_others(admin_api: APIClient, fab: Project) -> None:
    rows = [LIKE, ["晶圆厂工程", "长鑫", "6", ""]]
    data = table(HEADER, *rows)
    code = checked(admin_api, data, park="town")["code"]
    apply = f"{API}/imports/{code}/apply"
    problem(admin_api.post(apply), 409)
    assert found(admin_api.post(f"{apply}?confirm=duplicates"))["state"] == "applied"
    assert DistinctPair.objects.count() == 3  # both with the stored one, and with each other
    assert applied(admin_api, data, park="town")["counts"]["same"] == 2


def test_undoing_takes_all_of_it_back(admin_api: APIClient, fab: Project) -> None:
    rows = [LIKE, ["晶圆厂工程", "长鑫", "6", ""]]
    given = answers(_2="new", _3="phase:fab")
    code = applied(admin_api, table(HEADER, *rows), park="town", choices=given)["code"]
    found(admin_api.post(f"{API}/imports/{code}/undo"))
    assert Project.objects.get() == fab
    assert not DistinctPair.objects.exists()


@together(
    ("given", "code", "words"),
    [
        ("[]", "invalid_choices", "same:BD-0007"),
        ('{"2": 5}', "invalid_choices", "same:BD-0007"),
        (answers(_1="new"), "unknown_line", "answered: 2"),
        (answers(_x="new"), "unknown_line", "answered: 2"),
        (answers(_2="same:other"), "unknown_choice", "new, same:fab, phase:fab, increase:fab"),
    ],
)
def test_an_answer_that_is_none_is_refused_with_those_that_are(
    admin_api: APIClient, given: str, code: str, words: str
) -> None:
    wrong = error(send(admin_api, table(HEADER, LIKE), park="town", choices=given))
    assert (wrong["pointer"], wrong["code"]) == ("#/choices", code)
    assert words in wrong["detail"]


def test_lines_that_are_each_other_are_refused(admin_api: APIClient) -> None:
    rows = [["甲", "新方", "5", "在建"], ["甲项目", "新方", "6", "意向签约"]]
    given = answers(_2="same:#3", _3="same:#2")
    wrong = error(send(admin_api, table(HEADER, *rows), park="town", choices=given))
    assert wrong["code"] == "circle"


def test_an_answer_where_nothing_is_asked_is_harmless(admin_api: APIClient) -> None:
    given = answers(_2="same:fab")
    applied(admin_api, table(HEADER, ["别的", "", "", ""]), park="town", choices=given)
    assert Project.objects.count() == 2


# --- The other doors -----------------------------------------------------------------------------


def test_a_clerk_chooses_line_by_line(desk: Client, town: Park) -> None:
    data = table(HEADER, LIKE, ["晶圆厂工程", "长鑫", "6", ""])
    address = uploaded(desk, data, park=town.pk)
    page = desk.get(address, headers={"Accept-Language": "zh-hans"}).content.decode()
    assert '<select name="choice-2">' in page
    assert '<option value="same:fab">与 晶圆厂 (fab) 相同，更新该项目</option>' in page
    assert '<option value="new">另一个项目</option>' in page
    assert '<option value="increase:fab">给 晶圆厂 (fab) 增资，金额加到该项目上</option>' in page
    desk.post(address, {"_apply": "1", "choice-2": "same:fab", "choice-3": ""})
    assert Project.objects.count() == 1
    page = desk.get(address).content.decode()
    assert '<select name="choice-2">' not in page  # it was answered
    desk.post(address, {"_apply": "1", "choice-3": "nonsense"})
    assert Project.objects.count() == 1
    desk.post(address, {"_apply": "1", "choice-3": "phase:fab"})
    assert ImportBatch.objects.get().state == "applied"
    assert set(Project.objects.values_list("name_zh", "part_of__code")) == {
        ("晶圆厂项目", None),
        ("晶圆厂工程", "fab"),
    }


def test_the_command_asks_and_takes_answers(tmp_path: Path, fab: Project) -> None:
    file = tmp_path / "ledger.csv"
    file.write_bytes(table(HEADER, LIKE, ["晶圆厂工程", "长鑫", "6", ""]))
    command = ["import_projects", str(file), "--park", "town"]
    said = {"stdout": io.StringIO(), "stderr": io.StringIO()}
    with pytest.raises(CommandError, match="--choice LINE=CHOICE"):
        call_command(*command, **said)
    assert "same:fab" in said["stderr"].getvalue()
    for wrong in ("2", "2=nonsense", "9=new"):
        with pytest.raises(CommandError, match=r"LINE=CHOICE|same:fab|answered: 2"):
            call_command(*command, "--choice", wrong, **said)
    call_command(*command, "--choice", "2=same:fab", "--confirm", "duplicates", **said)
    assert set(Project.objects.values_list("name_zh", flat=True)) == {"晶圆厂项目", "晶圆厂工程"}
