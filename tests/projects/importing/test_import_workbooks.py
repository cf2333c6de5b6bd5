"""XLS, ET and ODS come in as XLSX does, through every door."""

import io
import json
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from parks.models import ImportBatch
from projects.models import Project
from tests.answers import API, Row, problem, read_through
from tests.factories import ParkFactory
from tests.messy_sheet import DATA, write_messy_sheet
from tests.projects.importing.imports import applied, checked, faults, line, send
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("investment_indicator")]

KINDS = ["xls", "et", "ods"]
MAPPED = {"map": "时间节点/竣工时间:completed_planned_on"}
GOOD_LINES = {"on_error": "skip", **MAPPED}


@kept_rows(autouse=True)
def town(vocabularies: None) -> None:
    ParkFactory.create(code="town")


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


@pytest.mark.parametrize("kind", KINDS)
def test_its_good_rows_are_stored_once_and_it_comes_back_marked(
    admin_api: APIClient, kind: str
) -> None:
    answer = applied(admin_api, read_sample(kind), f"a.{kind}", **GOOD_LINES)
    stored = Project.objects.get(name_zh="甲厂")
    assert (stored.investment_cny, stored.note) == (100_000_000, "5.1%")
    again = checked(admin_api, read_sample("xlsx"), "a.xlsx", **MAPPED)
    assert line(again, 4)["action"] == "same"
    assert read_through(admin_api.get(f"{API}/imports/{answer['code']}/sheet.xlsx"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_hidden_sheet_is_read_where_it_is_named(admin_api: APIClient, kind: str) -> None:
    data = read_sample(kind)
    assert checked(admin_api, data, f"a.{kind}", sheet="旧表")["counts"]["create"] == 0
    said = problem(send(admin_api, data, f"a.{kind}", sheet="新表"))
    assert said["errors"][0]["code"] == "unknown_sheet"


@pytest.mark.parametrize("kind", KINDS)
def test_the_admin_and_the_command_take_it(admin_client: Client, tmp_path: Path, kind: str) -> None:
    where = "/admin/parks/importbatch/add/"
    assert ".xls" in admin_client.get(where).content.decode()
    file = SimpleUploadedFile(f"台账.{kind}", read_sample(kind))
    sent = admin_client.post(where, {"file": file, "blank": "keep", "on_error": "abort", **MAPPED})
    assert sent.status_code == 302, sent.content.decode()[:2000]
    assert ImportBatch.objects.get().counts["create"] == 3
    path, out = tmp_path / f"台账.{kind}", io.StringIO()
    path.write_bytes(read_sample(kind))
    told = ("--dry-run", "--json", "--map", MAPPED["map"])
    with pytest.raises(CommandError, match="Nothing was imported"):  # as of its bad cells
        call_command("import_projects", str(path), *told, stdout=out, stderr=io.StringIO())
    assert json.loads(out.getvalue())["counts"]["create"] == 3
