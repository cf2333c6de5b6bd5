"""XLS, ET and ODS come in as XLSX does; `tests/at_the_door` tries the other doors."""

import pytest
from rest_framework.test import APIClient

from projects.models import Project
from tests.answers import API, Row, problem, read_through
from tests.messy_sheet import DATA, write_messy_sheet
from tests.projects.importing.imports import applied, checked, faults, line, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies", "town")]

KINDS = ["xls", "et", "ods"]
MAPPED = {"map": "时间节点/竣工时间:completed_planned_on"}
GOOD_LINES = {"on_error": "skip", **MAPPED}


def read_sample(kind: str) -> bytes:
    if kind == "xlsx":
        return write_messy_sheet()
    return (DATA / f"messy_sheet.{kind.replace('et', 'xls')}").read_bytes()


def check(client: APIClient, kind: str) -> Row:
    """What is said of the sample, without what names the file or the import."""
    answer = checked(client, read_sample(kind), f"台账.{kind}", **MAPPED)
    names = ("code", "url", "file_name", "created_at", "size", "sha256", "digest")
    return {name: value for name, value in answer.items() if name not in names}


@pytest.mark.parametrize("kind", KINDS)
def test_a_sheet_is_answered_as_if_it_were_xlsx(admin_api: APIClient, kind: str) -> None:
    answer = check(admin_api, kind)
    assert answer == check(admin_api, "xlsx")
    assert answer["counts"]["create"] == 3
    changes = line(answer, 4)["changes"]
    assert (changes["signed_on"][1], changes["note"][1]) == ("2024-06", "5.1%")
    assert changes["investment_cny"][1] == "1亿元"
    assert changes["park"][1] == line(answer, 5)["changes"]["park"][1] == "town"
    assert {6: "formula", 7: "formula_error", 8: "lost_digits"}.items() <= {
        number: code for (number, _name), code in faults(answer).items()
    }.items()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_its_good_rows_are_stored_once_and_it_comes_back_marked(
    admin_api: APIClient, kind: str
) -> None:
    data = read_sample(kind)
    answer = applied(admin_api, data, f"a.{kind}", **GOOD_LINES)
    stored = Project.objects.get(name_zh="甲厂")
    assert (stored.investment_cny, stored.note) == (100_000_000, "5.1%")
    again = checked(admin_api, read_sample("xlsx"), "a.xlsx", **MAPPED)
    assert line(again, 4)["action"] == "same"
    assert read_through(admin_api.get(f"{API}/imports/{answer['code']}/sheet.xlsx"))
    # A hidden sheet is read where it is named
    assert checked(admin_api, data, f"a.{kind}", sheet="旧表")["counts"]["create"] == 0
    said = problem(send(admin_api, data, f"a.{kind}", sheet="新表"))
    assert said["errors"][0]["code"] == "unknown_sheet"
