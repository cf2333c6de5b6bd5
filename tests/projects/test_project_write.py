"""POST, PATCH and DELETE on /projects: what is taken is read back; all else is refused by name."""

import json
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from rest_framework.test import APIClient

from sheets.amounts import MAX_CNY
from tests import factories
from tests.answers import API, Row, codes, error, found, made, mistakes
from tests.projects.test_places import PLACE
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

YI = 100_000_000
FAB = {
    "code": "Fab-1",
    "name_zh": "晶圆厂",
    "name_en": "Fab",
    "park": "town",
    "national_code": "2403-120115-89-05-123456",
    "kind": "new",
    "function": "manufacturing",
    "site_mode": "land",
    **{"land_mu": 120.5, "land_qualifier": "over"},
    **PLACE,
    "origin": "330300",
    "origin_basis": "registered",
    "origin_text": "温州",
    "sector": "C3973",
    "sector_basis": "mapped",
    "sector_text": "芯片",
    "investment_cny": 150_000_000,
    "investment_qualifier": "over",
    "investment_basis": "agreed",
    "standing": "suspended",
    "standing_on": "2025",
    "standing_reason": "资金",
    "is_umbrella": True,
    "duplicate_of": "other",
    **{"part_of": "whole", "phase_no": 2},
    "reported_on": "2025-07-03",
    "source": "S1",
    "publication": "draft",
    "note": "第一行\n第二行",
    "open_issues": "用地",
    "responsible_unit": "招商局",
    "investors": [
        {"organisation": "maker", "role": "lead", "share_bp": 6000},
        {"organisation": "bank", "role": "fund", "share_bp": 4000},
        {"organisation": "maker", "role": "land", "share_bp": None},
    ],
}
PLAIN = {"name_zh": "新项目", "park": "town"}


@kept_rows(autouse=True)
def surroundings(vocabularies: None) -> None:
    """What `FAB` refers to."""
    park = factories.ParkFactory.create(code="town")
    for code in ("whole", "other"):
        factories.ProjectFactory.create(code=code, park=park)
    factories.OrganisationFactory.create(code="maker", name_zh="华芯", name_en="Maker")
    factories.OrganisationFactory.create(code="bank", name_zh="银行", name_en="Bank")
    factories.SourceFactory.create(code="S1")


def written(row: Row) -> Row:
    """Of an answer, what `FAB` says in its words."""
    asked = {name: row[name] for name in FAB}
    members = ("organisation", "role", "share_bp")
    return asked | {"investors": [{m: each[m] for m in members} for each in row["investors"]]}


def new(admin_api: APIClient, **fields: object) -> Row:
    """Post a project, whatever is doubtful about it."""
    return made(admin_api.post(f"{API}/projects?confirm=amounts,duplicates", PLAIN | fields))


# --- What is taken ------------------------------------------------------------------------------


def test_a_project_is_written_with_every_field_and_read_back(admin_api: APIClient) -> None:
    response = admin_api.post(f"{API}/projects", FAB)
    row = made(response)
    assert written(row) == FAB
    assert response.headers["Location"] == f"http://testserver{API}/projects/Fab-1"
    assert found(admin_api.get(f"{API}/projects/fab-1")) == row
    read_only = {"stage", "hitech", "version", "park_name_zh", "milestones", "figures"}
    assert read_only <= {*row} - {*FAB}
    (figure,) = row["figures"]
    said = ("value", "qualifier", "investment_basis", "as_of", "source")
    assert [figure[name] for name in said] == [150_000_000, "over", "agreed", "2025-07-03", "S1"]


@pytest.mark.slow
def test_each_field_is_changed_alone_and_no_other(admin_api: APIClient) -> None:
    before = new(admin_api, code="p", investment_cny=YI)
    for name in [name for name in FAB if name != "code"]:
        beside = {"standing": "standing_reason", "latitude": "longitude"}.get(name, name)
        with_reason = {beside: FAB[beside]}
        after = found(admin_api.patch(f"{API}/projects/p", {**with_reason, name: FAB[name]}))
        assert written(after)[name] == FAB[name]
        follows = {"version", "updated_at", "figures", "hitech", name, f"{name}_basis"}
        follows |= {f"{name}_name_zh", f"{name}_name_en", "counts_in_totals", "totals_exclusion"}
        follows |= {"news_on", "is_stale", "point_datum", *with_reason}
        follows |= {"project_region", "origin_scope"} if name in ("origin", "region") else set()
        assert {n for n in after if after[n] != before[n]} <= follows, name
        is_new = {n for n in after if n not in ("version", "updated_at") and after[n] != before[n]}
        assert (after["version"] > before["version"]) == bool(is_new), name
        before = after
    assert found(admin_api.get(f"{API}/projects/p")) == before
    assert written(before) == FAB | {"code": "p"}


def test_a_basis_that_nobody_gives_is_unknown_and_one_that_is_there_stays(
    admin_api: APIClient,
) -> None:
    row = new(admin_api, origin="DE", sector="C27")
    assert (row["origin_basis"], row["sector_basis"]) == (None, None)
    for body in ({"origin_basis": "stated"}, {"sector_basis": "mapped", "origin": None}):
        answer = admin_api.post(f"{API}/projects", {"park": "town", "name_zh": "甲", **body})
        assert error(answer)["code"] == "basis_of_nothing"
    made(admin_api.post(f"{API}/projects", FAB))
    moved = found(admin_api.patch(f"{API}/projects/fab-1", {"origin": "310000", "sector": "C27"}))
    assert (moved["origin_basis"], moved["sector_basis"]) == ("registered", "mapped")


ENDED = {"standing": "terminated", "standing_on": "2024-03", "standing_reason": "撤资"}


def test_what_is_not_active_has_a_reason(admin_api: APIClient) -> None:
    row = new(admin_api, code="p")
    for word in ("suspended", "terminated", "merged", "closed"):
        wrong = admin_api.patch(f"{API}/projects/p", {"standing": word, "standing_reason": " "})
        assert mistakes(wrong) == {"#/standing_reason": "without_reason"}
    many = {"projects": [{"code": "p", "version": row["version"], "standing": "closed"}]}
    wrong = admin_api.post(f"{API}/projects/bulk", many)
    assert mistakes(wrong) == {"#/projects/0/standing_reason": "without_reason"}
    assert found(admin_api.patch(f"{API}/projects/p", ENDED))["standing_reason"] == "撤资"
    gone = admin_api.patch(f"{API}/projects/p", {"standing_reason": ""})
    assert mistakes(gone) == {"#/standing_reason": "without_reason"}


def test_a_project_that_is_active_again_loses_the_day_and_the_reason(admin_api: APIClient) -> None:
    new(admin_api, code="p", **ENDED)
    said = {"standing": "active", "standing_reason": "复工"}
    wrong = admin_api.patch(f"{API}/projects/p", said)
    assert mistakes(wrong) == {"#/standing_reason": "contradiction"}
    row = found(admin_api.patch(f"{API}/projects/p", {"standing": "active"}))
    assert (row["standing_on"], row["standing_reason"]) == (None, "")
    wrong = admin_api.patch(f"{API}/projects/p", {"standing_reason": "撤资"})
    assert mistakes(wrong) == {"#/standing_reason": "contradiction"}


def test_a_project_has_one_lead(admin_api: APIClient) -> None:
    for code in ("one", "two", "three"):
        factories.OrganisationFactory.create(code=code)
    two = [{"organisation": "one", "role": "lead"}, {"organisation": "two", "role": "lead"}]
    wrong = admin_api.post(f"{API}/projects", {"name_zh": "厂", "park": "town", "investors": two})
    assert mistakes(wrong) == {"#/investors/1/role": "second_lead"}
    for given, roles in [
        ([None, None, None], ["lead", "co", "co"]),
        ([None, "lead", None], ["co", "lead", "co"]),
        (["fund", None, "co"], ["fund", "lead", "co"]),
    ]:
        pairs = zip(("one", "two", "three"), given, strict=True)
        body = [{"organisation": code, **({"role": role} if role else {})} for code, role in pairs]
        row = new(admin_api, investors=body)
        assert [each["role"] for each in row["investors"]] == roles


# --- Amounts ------------------------------------------------------------------------------------


@together(
    "said, basis",
    [
        ("意向投资3亿元", "intended"),
        ("拟投资3亿元", "intended"),
        ("计划投资3亿元", "planned"),
        ("协议投资3亿元", "agreed"),
        ("合同投资3亿元", "agreed"),
        ("总投资3亿元", "reported"),
        ("3亿元", "reported"),
        (300_000_000, "reported"),
    ],
)
def test_the_words_of_an_amount_say_its_basis(
    admin_api: APIClient, said: object, basis: str
) -> None:
    new = made(admin_api.post(f"{API}/projects", {**PLAIN, "investment_cny": said}))
    assert (new["investment_cny"], new["investment_basis"]) == (3 * YI, basis)
    other = "agreed" if basis == "intended" else "intended"
    both = {**PLAIN, "name_zh": "又一个", "investment_cny": said, "investment_basis": other}
    answer = admin_api.post(f"{API}/projects", both)
    if basis == "reported":
        assert made(answer)["investment_basis"] == other
    else:
        assert mistakes(answer) == {"#/investment_basis": "contradicting"}


@together("said, word", [("约3亿", "exact"), ("约3亿", "over"), ("超3亿", "about")])
def test_a_qualifier_does_not_replace_that_of_the_words(
    admin_api: APIClient, said: str, word: str
) -> None:
    body = {"investment_cny": said, "investment_qualifier": word}
    wrong = {"#/investment_qualifier": "contradicting"}
    assert mistakes(admin_api.post(f"{API}/projects", {**PLAIN, **body})) == wrong
    new = made(admin_api.post(f"{API}/projects", PLAIN))
    address = f"{API}/projects/{new['code']}"
    assert mistakes(admin_api.patch(address, body)) == wrong
    same = "about" if said == "约3亿" else "over"
    told = found(admin_api.patch(address, {**body, "investment_qualifier": same}))
    assert told["investment_qualifier"] == same


def test_a_new_intent_does_not_stay_agreed(admin_api: APIClient) -> None:
    new = {**PLAIN, "investment_cny": 3 * YI, "investment_basis": "agreed"}
    address = f"{API}/projects/{made(admin_api.post(f'{API}/projects', new))['code']}"
    assert mistakes(
        admin_api.patch(address, {"investment_cny": "意向投资7亿", "investment_basis": "agreed"})
    )
    admin_api.patch(address, {"investment_cny": "意向投资7亿"})
    assert tuple(
        found(admin_api.get(address))[f"investment_{name}"] for name in ("cny", "basis")
    ) != (7 * YI, "agreed")


def test_a_new_amount_supersedes_the_old_and_null_withdraws_it(admin_api: APIClient) -> None:
    new(admin_api, code="p", investment_cny="超1亿", investment_basis="agreed")
    raised = found(admin_api.patch(f"{API}/projects/p", {"investment_cny": 3 * YI}))
    assert (raised["investment_cny"], raised["investment_qualifier"]) == (3 * YI, "exact")
    assert raised["investment_basis"] == "agreed"
    assert codes(admin_api, "projects", investment_min="3亿") == ["p"]
    gone = found(admin_api.patch(f"{API}/projects/p", {"investment_cny": None}))
    unknown = ("investment_cny", "investment_qualifier", "investment_basis")
    assert [gone[name] for name in unknown] == [None, None, None]
    assert codes(admin_api, "projects", investment_min="0") == []
    assert len(gone["figures"]) == 2  # what was said stays on record


# --- Investors ----------------------------------------------------------------------------------


def test_investors_are_replaced_as_a_whole_and_otherwise_stay(admin_api: APIClient) -> None:
    made(admin_api.post(f"{API}/projects", FAB))
    kept = found(admin_api.patch(f"{API}/projects/fab-1", {"note": ""}))
    assert len(kept["investors"]) == 3
    only = {"investors": [{"organisation": "BANK", "share_bp": 10_000}]}
    (investor,) = found(admin_api.patch(f"{API}/projects/fab-1", only))["investors"]
    assert investor == {
        "organisation": "bank",
        "organisation_name_zh": "银行",
        "organisation_name_en": "Bank",
        "role": "lead",
        "share_bp": 10_000,
    }


# --- What is refused ----------------------------------------------------------------------------

WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"park": "nowhere"}, {"#/park": "unknown_value"}),
    ({"park": ["town"]}, {"#/park": "unknown_value"}),
    ({"origin": "浙江"}, {"#/origin": "unknown_value"}),
    ({"origin": "330300", "origin_basis": "guessed"}, {"#/origin_basis": "unknown_value"}),
    ({"sector": "c3973"}, {"#/sector": "unknown_value"}),
    ({"kind": "New"}, {"#/kind": "unknown_value"}),
    ({"land_mu": -0.5}, {"#/land_mu": "min_value"}),
    ({"land_mu": "a few"}, {"#/land_mu": "invalid"}),
    ({"investment_cny": -1}, {"#/investment_cny": "out_of_range"}),
    ({"investment_cny": "-1.5亿"}, {"#/investment_cny": "out_of_range"}),
    ({"investment_cny": MAX_CNY + 1}, {"#/investment_cny": "out_of_range"}),
    ({"investment_cny": 10**30}, {"#/investment_cny": "out_of_range"}),
    ({"investment_cny": 1.5}, {"#/investment_cny": "invalid"}),
    ({"investment_cny": True}, {"#/investment_cny": "invalid"}),
    ({"investment_cny": [1]}, {"#/investment_cny": "invalid"}),
    ({"investment_cny": "much"}, {"#/investment_cny": "not_a_number"}),
    ({"investment_cny": ""}, {"#/investment_cny": "empty"}),
    ({"investment_basis": "agreed"}, {"#/investment_basis": "without_amount"}),
    ({"investment_qualifier": "over"}, {"#/investment_qualifier": "without_amount"}),
    ({"name_zh": "", "name_en": ""}, {"#": "invalid"}),
    ({"name_zh": " \u3000"}, {"#": "invalid"}),
    ({"code": "晶圆厂"}, {"#/code": "invalid"}),
    ({"code": "a b"}, {"#/code": "invalid"}),
    ({"code": "facets"}, {"#/code": "reserved_code"}),
    ({"code": "Summary"}, {"#/code": "reserved_code"}),
    ({"code": "unknown"}, {"#/code": "reserved_code"}),
    ({"investors": {}}, {"#/investors": "not_a_list"}),
    ({"investors": ["maker"]}, {"#/investors/0": "invalid"}),
    ({"investors": [{}]}, {"#/investors/0/organisation": "required"}),
    (
        {"investors": [{"organisation": "maker"}, {"organisation": "makr"}]},
        {"#/investors/1/organisation": "unknown_value"},
    ),
    ({"investors": [{"organisation": "maker"}] * 2}, {"#/investors": "repeated_value"}),
    (
        {"park": "nowhere", "kind": "x", "invesment_cny": 1, "stage": "signed"},
        {
            "#/park": "unknown_value",
            "#/kind": "unknown_value",
            "#/invesment_cny": "unknown_field",
            "#/stage": "read_only_field",
        },
    ),
]


def send(ask: Callable[..., HttpResponse], address: str, body: Row) -> HttpResponse:
    """Send a body in ASCII, in which also half a surrogate pair can be written."""
    return ask(f"{API}/{address}", json.dumps(body), content_type="application/json")


def test_what_is_wrong_is_said_where_it_stands_and_nothing_is_written(admin_api: APIClient) -> None:
    target = new(admin_api, code="target")
    for change, expected in WRONG:
        assert mistakes(send(admin_api.post, "projects", PLAIN | change)) == expected, change
        if "code" not in change and change != {"name_zh": " \u3000"}:
            patched = mistakes(send(admin_api.patch, "projects/target", change))
            assert patched == expected, change
    assert found(admin_api.get(f"{API}/projects/target")) == target
    assert codes(admin_api, "projects") == ["other", "target", "whole"]


# --- Deleting -----------------------------------------------------------------------------------


def test_a_deleted_project_takes_its_rows_along_and_its_code_is_not_given_again(
    admin_api: APIClient,
) -> None:
    made(admin_api.post(f"{API}/projects", FAB))
    assert admin_api.delete(f"{API}/projects/FAB-1").status_code == 204
    assert admin_api.get(f"{API}/projects/fab-1").status_code == 404
    for code in ("Fab-1", "fab-1"):
        again = admin_api.post(f"{API}/projects", PLAIN | {"code": code})
        assert mistakes(again, 409) == {"#/code": "code_retired"}
    assert admin_api.delete(f"{API}/organisations/maker").status_code == 204


def test_a_circle_of_duplicates_or_parts_is_refused(
    admin_api: APIClient, vocabularies: None
) -> None:
    for code in ("one", "two", "three"):
        factories.ProjectFactory.create(code=code)
    for column in ("duplicate_of", "part_of"):
        found(admin_api.patch(f"{API}/projects/one", {column: "two"}))
        found(admin_api.patch(f"{API}/projects/two", {column: "three"}))
        closing = admin_api.patch(f"{API}/projects/three", {column: "one"})
        assert mistakes(closing) == {f"#/{column}": "circle"}
