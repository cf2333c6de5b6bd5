"""/sectors: the classification of industries. Sectors are added and retire; none is deleted."""

import pytest
from rest_framework.test import APIClient

from tests.answers import API, Row, codes, found, made, mistakes
from tests.conftest import SECTORS
from tests.factories import ProjectFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

DISPLAYS = {
    "code": "C3974",
    "name_zh": "显示器件制造",
    "name_en": "Manufacture of displays",
    "level": "class",
    "parent": "C397",
    "hitech": "yes",
    "valid_from": "2017-10-01",
    "valid_to": None,
}


def test_a_sector_is_answered_whole(api: APIClient) -> None:
    assert found(api.get(f"{API}/sectors/C3973")) == {
        "code": "C3973",
        "name_zh": "集成电路制造",
        "name_en": "Manufacture of integrated circuits",
        "level": "class",
        "parent": "C397",
        "hitech": "yes",
        "valid_from": None,
        "valid_to": None,
    }
    assert found(api.get(f"{API}/sectors/c3973"))["code"] == "C3973"


def test_the_list_has_the_same_rows_in_the_order_of_their_codes(api: APIClient) -> None:
    assert codes(api, "sectors", limit=7) == sorted(SECTORS)
    (row,) = found(api.get(f"{API}/sectors", {"q": "C3973"}))["results"]
    assert row == found(api.get(f"{API}/sectors/C3973"))


NARROWED: list[tuple[str, str, list[str]]] = [
    ("level", "section", ["C", "I", "M"]),
    ("level", "section,division", ["C", "C27", "C34", "C35", "C39", "I", "I65", "M", "M73"]),
    ("within", "I", [code for code in sorted(SECTORS) if code[0] == "I"]),
    ("within", "ic", ["C3973", "I6520"]),
    ("within", "39", ["C39", "C397", "C3972", "C3973"]),
    ("q", "集成电路", ["C3973", "I652", "I6520"]),
    ("q", "special PURPOSE", ["C35", "C351"]),
    ("q", "integrated circuit", ["C3973", "I652", "I6520"]),
    ("within", "integrated circuit DESIGN", ["I652", "I6520"]),
    ("ordering", "-code", sorted(SECTORS, reverse=True)),
]


def test_the_list_can_be_narrowed_and_ordered(api: APIClient) -> None:
    for parameter, value, expected in NARROWED:
        assert codes(api, "sectors", **{parameter: value}) == expected, value


def test_high_tech_is_yes_no_or_unknown_and_the_three_are_all(api: APIClient) -> None:
    parts = [codes(api, "sectors", hitech=word) for word in ("yes", "no", "unknown")]
    assert "C3973" in parts[0]
    assert "I6520" in parts[2]
    assert sorted(sum(parts, [])) == sorted(SECTORS)


def test_a_sector_is_added_with_every_field(admin_api: APIClient) -> None:
    response = admin_api.post(f"{API}/sectors", DISPLAYS)
    assert made(response) == DISPLAYS
    assert found(admin_api.get(response.headers["Location"])) == DISPLAYS
    project = {"name_zh": "屏", "park": ProjectFactory.create().park.code, "sector": "C3974"}
    assert made(admin_api.post(f"{API}/projects", project))["hitech"] == "yes"


def test_a_sector_is_renamed_and_found_by_its_new_name(admin_api: APIClient) -> None:
    ProjectFactory.create(code="chips", sector_id="C3973")
    changed = found(admin_api.patch(f"{API}/sectors/C3973", {"name_en": "Making of chips"}))
    assert changed["name_zh"] == "集成电路制造"
    assert codes(admin_api, "projects", sector="making of CHIPS") == ["chips"]


def test_unknown_is_written_as_null(admin_api: APIClient) -> None:
    changed = found(admin_api.patch(f"{API}/sectors/C3973", {"hitech": None}))
    assert changed["hitech"] is None
    assert "C3973" in codes(admin_api, "sectors", hitech="unknown")


WRONG: list[tuple[Row, dict[str, str]]] = [
    ({"code": "Z3974"}, {"#/code": "invalid"}),
    ({"code": "c3974"}, {"#/code": "invalid"}),
    ({"code": "C39741"}, {"#/code": "max_length"}),
    ({"level": "klass"}, {"#/level": "unknown_value"}),
    ({"parent": "C398"}, {"#/parent": "unknown_value"}),
    ({"hitech": "maybe"}, {"#/hitech": "unknown_value"}),
    ({"name_zh": "", "name_en": ""}, {"#": "invalid"}),
    ({"valid_to": "2017-09-30"}, {"#": "invalid"}),
]


def test_what_is_wrong_with_a_sector_is_said_where_it_stands(admin_api: APIClient) -> None:
    for change, expected in WRONG:
        response = admin_api.post(f"{API}/sectors", DISPLAYS | change)
        assert mistakes(response) == expected, change
    assert admin_api.get(f"{API}/sectors/C3974").status_code == 404


def test_a_taken_code_is_a_conflict_and_a_code_never_changes(admin_api: APIClient) -> None:
    taken = admin_api.post(f"{API}/sectors", DISPLAYS | {"code": "C3973"})
    assert mistakes(taken, 409) == {"#/code": "unique"}
    changed = admin_api.patch(f"{API}/sectors/C3973", {"code": "C3974"})
    assert mistakes(changed) == {"#/code": "immutable"}
    assert codes(admin_api, "sectors") == sorted(SECTORS)


def test_sectors_are_not_deleted(admin_api: APIClient) -> None:
    assert admin_api.delete(f"{API}/sectors/C3973").status_code == 405


def test_projects_follow_the_high_tech_mark_of_their_sector(admin_api: APIClient) -> None:
    ProjectFactory.create(code="chips", sector_id="C3973")
    before = found(admin_api.get(f"{API}/projects/chips"))
    found(admin_api.patch(f"{API}/sectors/C3973", {"hitech": "no"}))
    after = found(admin_api.get(f"{API}/projects/chips"))
    assert (before["hitech"], after["hitech"]) == ("yes", "no")
    assert after["version"] > before["version"]
