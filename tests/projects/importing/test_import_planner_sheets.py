"""Two irregular sheets of planners: the dry run says of every line what their key says of it."""

import csv
import io

import openpyxl
import pytest
from rest_framework.test import APIClient

from projects.models import Project
from projects.seeding.fixtures import VOCABULARIES, analyse, load_vocabulary
from tests.answers import API, Row, found
from tests.conftest import FIXTURES, read_fixture
from tests.factories import ParkFactory
from tests.paths import DATA
from tests.projects.importing.imports import actions, applied, checked, faults, line
from tests.seeded import kept_rows

OF_WUQING = '{"values": {"园区": {"武清": "wuqing-gaocun"}}}'
# The sheets, each with the options of its import
SHEETS: dict[str, Row] = {
    "planner_sheet_gb18030.csv": {"park": "baodi-zgc"},
    "planner_sheet.xlsx": {"mapping": OF_WUQING},
}
CSV, XLSX = SHEETS
# What the key calls a header is a line that is skipped, too.
ACTIONS = {"header": "skip"}
PARKS = {
    "baodi-zgc": "京津中关村科技城",
    "tj-binhai-hitech": "天津滨海高新技术产业开发区",
    "tj-portftz": "天津港保税区",
    "teda": "天津经济技术开发区",
    "wuqing-dev": "天津武清开发区",
    "wuqing-gaocun": "武清高村科技创新园",
    "caofeidian": "曹妃甸协同发展示范区",
}


@kept_rows
def whole_vocabularies() -> None:
    """All regions and sectors that come with the ledger, and the parks of the sheets."""
    for vocabulary in VOCABULARIES:
        load_vocabulary(FIXTURES / vocabulary.file, vocabulary)
    for code, name in PARKS.items():
        ParkFactory.create(code=code, name_zh=name, name_en="")
    analyse()


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("whole_vocabularies")]


def read_key(file: str) -> dict[int, Row]:
    """What the key says of each line of a sheet."""
    name = f"{file.replace('.', '_').removesuffix('_csv')}_expected.csv"
    with (DATA / name).open(encoding="utf-8", newline="") as key:
        return {int(row.get("record") or row["line"]): row for row in csv.DictReader(key)}


def read_names() -> dict[str, str]:
    """The names of the projects in the sheets, by the codes in their keys."""
    return {row["code"]: (row.get("name_zh") or row["name_en"]) for row in read_fixture("projects")}


def repair(file: str) -> bytes:
    """A sheet with its wrong cells mended."""
    data = (DATA / file).read_bytes()
    if file == CSV:
        text = data.decode("gb18030").replace("风电装备,138000", "风电装备,13.8")
        return text.replace("2021.2.31", "2021.3.31").encode("gb18030")
    book = openpyxl.load_workbook(io.BytesIO(data))
    for cell, value in (("I5", "2024-06-28"), ("J5", "2025-07-21"), ("G15", "10.9亿元")):
        book["项目台账"][cell] = value
    mended = io.BytesIO()
    book.save(mended)
    return mended.getvalue()


SAID: dict[str, Row] = {}  # of the same rows: several tests look at it


def check_once(client: APIClient, file: str) -> Row:
    """What is said of a sheet that is only checked."""
    if file not in SAID:
        SAID[file] = checked(client, (DATA / file).read_bytes(), file, **SHEETS[file])
    return SAID[file]


@pytest.mark.slow
@pytest.mark.parametrize("file", SHEETS)
def test_every_line_of_a_planners_sheet_is_taken_as_its_key_says(
    admin_api: APIClient, file: str
) -> None:
    answer, known = check_once(admin_api, file), read_names()
    expected = read_key(file)
    wanted = {number: ACTIONS.get(row["action"], row["action"]) for number, row in expected.items()}
    assert {n: action for n, action in actions(answer).items() if n in wanted} == wanted
    for number, row in expected.items():
        if row["action"] == "create":
            assert line(answer, number)["name"] == known[row["project_code"]]


@pytest.mark.slow
@pytest.mark.parametrize("file", SHEETS)
def test_a_repaired_sheet_comes_in_whole(admin_api: APIClient, file: str) -> None:
    data, known = repair(file), read_names()
    applied(admin_api, data, file, **SHEETS[file])
    for row in read_key(file).values():
        if row["action"] not in ("create", "asked", "error"):
            continue
        name = known[row["project_code"]]
        project = Project.objects.filter(name_zh=name).first() or Project.objects.get(name_en=name)
        amount = int(row["amount_cny"]) if row["amount_cny"] else None
        hedge = row["qualifier"] if amount else ""
        assert (project.investment_cny, project.investment_qualifier) == (amount, hedge), name
        listed = found(admin_api.get(f"{API}/projects/{project.code}"))
        for day in {"signed_on", "started_on", "operating_on"} & row.keys():
            assert (listed[day] or "") == row[day], (name, day)
    again = checked(admin_api, data, file, **SHEETS[file])
    assert {*actions(again).values()} <= {"skip", "same", "duplicate"}


@pytest.mark.slow
def test_what_is_wrong_is_said_of_the_cell_with_what_was_meant(admin_api: APIClient) -> None:
    of_csv, of_xlsx = (check_once(admin_api, file) for file in SHEETS)
    assert faults(of_csv) == {(14, "signed_on"): "impossible"}
    assert faults(of_xlsx) == {
        (5, "signed_on"): "date_serial",
        (5, "started_on"): "before_earlier_stage",
    }
    suggested = [error.get("suggestion") for error in line(of_xlsx, 5)["errors"]]
    assert suggested == ["2024-06-28", None]
    doubts = [(each["line"], each["code"], each["suggestion"]) for each in of_csv["doubts"]]
    assert doubts == [(3, "improbable_amount", "13.8亿元")]
    doubts = [(each["line"], each["code"], each["suggestion"]) for each in of_xlsx["doubts"]]
    assert doubts == [(15, "improbable_amount", "10.9亿元")]


@pytest.mark.slow
def test_how_the_sheets_were_read_is_said(admin_api: APIClient) -> None:
    of_csv, of_xlsx = (check_once(admin_api, file) for file in SHEETS)
    assert of_csv["read"] == {"encoding": "gb18030", "delimiter": ",", "header_lines": [2, 2]}
    assert of_csv["ignored"] == {"序号": "numbering"}
    assert of_xlsx["read"] == {
        "sheet": "项目台账",
        "other_sheets": ["填表说明"],
        "header_lines": [3, 4],
    }
    units = {column["column"]: column.get("unit") for column in of_xlsx["columns"]}
    assert units["投资额（万元）/总投资"] == "wan"


def test_a_park_has_other_names_and_an_ambiguous_one_has_candidates(admin_api: APIClient) -> None:
    answer = checked(admin_api, (DATA / XLSX).read_bytes(), "sheet.xlsx")
    error = next(e for e in line(answer, 22)["errors"] if e["name"] == "park")
    assert error["code"] == "ambiguous_name"
    assert [each["code"] for each in error["candidates"]] == ["wuqing-dev", "wuqing-gaocun"]
    ParkFactory.create(code="east", name_zh="东区产业园", aliases="老东区\nThe Old East")
    data = "项目名称,园区\r\n甲厂,老东区\r\n乙厂,the old east\r\n".encode()
    answer = applied(admin_api, data)
    assert "warnings" not in line(answer, 2)
    assert {*Project.objects.values_list("park__code", flat=True)} == {"east"}
