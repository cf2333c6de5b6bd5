"""National project codes: how they are kept, that each is of one project, and imports by them."""

import hashlib
from typing import Any

import orjson
import pytest
from rest_framework.test import APIClient

from parks.history.verification import Finding, verify
from parks.recording.seals import digests, settle
from projects.models import Project
from tests import factories
from tests.answers import API, found, made, mistakes
from tests.projects.importing.imports import actions, checked, faults, line, table
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

CODE = "2403-120115-89-05-123456"
OTHER = "2403-120115-89-05-12345X"
HEADER = ["项目名称", "园区", "投资方", "国家项目代码"]


@kept_rows(autouse=True)
def town(vocabularies: None) -> Any:
    return factories.ParkFactory.create(code="town", name_zh="科技城")


def national_codes() -> dict[str, str]:
    return dict(Project.objects.values_list("code", "national_code"))


# --- The API -------------------------------------------------------------------------------------


@together(
    ("typed", "kept"),
    [
        (CODE, CODE),
        (f" {CODE} ", CODE),
        ("２４０３－１２０１１５－８９－０５－１２３４５ｘ", OTHER),
        ("2403–120115—89−05‐123456", CODE),
        ("", ""),
    ],
)
def test_a_code_is_kept_in_one_form(admin_api: APIClient, typed: str, kept: str) -> None:
    factories.ProjectFactory.create(code="fab")
    sent = {"national_code": typed}
    assert found(admin_api.patch(f"{API}/projects/fab", sent))["national_code"] == kept
    row = {"code": "p", "park": "town", "name_zh": "甲", "national_code": typed}
    if kept:
        assert mistakes(admin_api.post(f"{API}/projects", row), 409) == {
            "#/national_code": "unique"
        }
    else:
        assert made(admin_api.post(f"{API}/projects", row))["national_code"] == ""


@together(
    "typed",
    ["2403-120115-89-05-12345", "240312011589051234567890", "24O3-120115-89-05-123456", "-"],
)
def test_what_has_another_shape_is_refused(admin_api: APIClient, typed: str) -> None:
    factories.ProjectFactory.create(code="fab")
    answer = admin_api.patch(f"{API}/projects/fab", {"national_code": typed})
    assert mistakes(answer) == {"#/national_code": "invalid_national_code"}


def test_history_tells_the_change_and_a_replacement_empties_it(admin_api: APIClient) -> None:
    made(admin_api.post(f"{API}/projects", {"code": "p", "park": "town", "name_zh": "甲"}))
    found(admin_api.patch(f"{API}/projects/p", {"national_code": CODE}))
    before, after = Project.history.order_by("version")
    assert (before.national_code, after.national_code) == ("", CODE)
    (change,) = found(admin_api.get(f"{API}/projects/p/history"))["results"][:1]
    assert "national_code" in str(change)
    past = {"as_of": before.updated_at.isoformat().replace("+00:00", "Z")}
    assert found(admin_api.get(f"{API}/projects/p", past))["national_code"] == ""
    assert found(admin_api.get(f"{API}/projects", {**past, "national_code": CODE}))["results"] == []
    found(admin_api.put(f"{API}/projects/p", {"code": "p", "park": "town", "name_zh": "甲"}))
    assert national_codes() == {"p": ""}


def test_what_was_sealed_before_there_was_the_column_is_as_it_was_sealed() -> None:
    factories.ProjectFactory.create(code="a")
    factories.ProjectFactory.create(code="b", national_code=CODE)
    settle()
    past: Any = Project.history.model
    names = [f.attname for f in past._meta.concrete_fields if not f.generated]
    names.remove("national_code")
    row = past.objects.values(*names).get(code="a")
    said = {name: value for name, value in row.items() if value not in ("", None)}
    text = orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z)
    (sealed,) = digests(past, [row["history_id"]])
    assert sealed == (row["history_id"], hashlib.sha256(text).hexdigest())
    findings: list[Finding] = []
    verify(findings)
    assert findings == []
    for code, forged in (("a", OTHER), ("b", "")):
        past.objects.filter(code=code).update(national_code=forged)
    verify(findings)
    assert [finding.what for finding in findings] == ["altered", "altered"]


# --- Imports -------------------------------------------------------------------------------------


def test_a_project_is_found_by_its_national_code_before_its_name(
    admin_api: APIClient, town: Any
) -> None:
    factories.ProjectFactory.create(code="a", park=town, name_zh="晶圆厂")
    factories.ProjectFactory.create(code="b", park=town, name_zh="晶圆厂", national_code=CODE)
    answer = checked(admin_api, table(HEADER, ["二期", "town", "", CODE.replace("-", "－")]))
    row = line(answer, 2)
    assert (row["action"], row["code"]) == ("update", "b")
    assert row["changes"] == {"name_zh": ["晶圆厂", "二期"]}
    # By its name only what has no other national code, and so no doubt that it is this one
    row = line(checked(admin_api, table(HEADER, ["晶圆厂", "town", "", OTHER])), 2)
    assert (row["action"], row["code"]) == ("update", "a")
    assert row["changes"] == {"national_code": ["", OTHER]}
    Project.objects.filter(code="a").first().delete()
    row = line(checked(admin_api, table(HEADER, ["晶圆厂", "town", "", OTHER])), 2)
    assert row["action"] == "create"  # whatever its name: the codes differ


def test_a_code_and_a_national_code_of_two_projects_contradict(
    admin_api: APIClient, town: Any
) -> None:
    factories.ProjectFactory.create(code="a", park=town, national_code=CODE)
    factories.ProjectFactory.create(code="b", park=town)
    rows = [["a", "town", "甲", CODE], ["b", "town", "乙", CODE], ["c", "town", "丙", CODE]]
    answer = checked(admin_api, table(["code", "park", "name_zh", "national_code"], *rows))
    for number in (3, 4):
        codes = [error["code"] for error in line(answer, number)["errors"]]
        assert codes == ["unique", "contradicts_line"]
    alone = checked(admin_api, table(["code", "national_code"], ["b", CODE]))
    assert faults(alone) == {(2, "national_code"): "unique"}


def test_new_projects_of_a_file_do_not_share_one(admin_api: APIClient) -> None:
    header = ["code", *HEADER]
    rows = [["a", "甲", "town", "", CODE], ["b", "乙", "town", "", CODE]]
    answer = checked(admin_api, table(header, *rows))
    assert faults(answer) == {(3, "national_code"): "contradicts_line"}
    rows = [["甲", "town", "", CODE], ["甲", "town", "", CODE], ["乙", "town", "", CODE]]
    answer = checked(admin_api, table(HEADER, *rows))
    assert [actions(answer)[number] for number in (2, 3, 4)] == ["create", "duplicate", "error"]


def test_another_code_under_its_header_is_an_error_unless_mapped(admin_api: APIClient) -> None:
    factories.ProjectFactory.create(code="town-17", park__code="other")
    data = table(["项目代码", "备注"], ["town-17", "甲"])
    assert faults(checked(admin_api, data))[2, "national_code"] == "invalid_national_code"
    answer = checked(admin_api, data, map="项目代码:code")
    assert (line(answer, 2)["action"], line(answer, 2)["code"]) == ("update", "town-17")
