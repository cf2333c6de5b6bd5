"""GET /projects.csv: all rows of the list as a file that Excel opens and nothing runs."""

import csv
import io

import pytest
from rest_framework.test import APIClient

from projects.columns import PROJECT_COLUMNS
from tests import factories
from tests.answers import API, problem, read_file, walk
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

YI = 100_000_000
BOM = b"\xef\xbb\xbf"


@kept_rows
def ledger(vocabularies: None) -> None:
    """Projects with every kind of cell: unknown, hostile, in two languages, of several lines."""
    town = factories.ParkFactory.create(code="town", name_zh="科技城", name_en="Town, of science")
    big = factories.ProjectFactory.create(
        code="big",
        name_zh="晶圆厂",
        name_en='Fab "One"',
        park=town,
        origin_id="330300",
        sector_id="C3973",
        land_mu="120.50",
        investment=3 * YI,
        investment__qualifier="over",
        met={"intended": "2023", "signed": "2024-Q1", "started": "2024-06", "operating": None},
        standing="suspended",
        standing_on="2025-01-01",
        standing_on_precision="day",
        is_umbrella=True,
        source=factories.SourceFactory.create(code="S1"),
        note="第一行\n第二行",
        open_issues="\t缩进",
        responsible_unit="-",
        further_columns="首谈单位：市商务局\n线索来源：=校友",
    )
    first = factories.OrganisationFactory.create(code="z-first", name_zh="甲公司")
    second = factories.OrganisationFactory.create(code="a-second", name_zh="", name_en="Second Ltd")
    factories.InvestorFactory.create(project=big, organisation=second)
    factories.InvestorFactory.create(project=big, organisation=first)
    factories.ProjectFactory.create(code="small", park=town, investment=1, part_of=big, land_mu="7")
    factories.ProjectFactory.create(code="same", park=town, investment=1, name_zh="=HYPERLINK(1)")
    factories.ProjectFactory.create(
        code="Vague", park=town, name_zh="", name_en="@SUM(A1)", note="'=1"
    )
    factories.ProjectFactory.create(code="draft", park=town, publication="draft")


def table(api: APIClient, **parameters: str) -> list[dict[str, str]]:
    """The rows of the file by column, after what holds for every such file has been checked."""
    response = api.get(f"{API}/projects.csv", parameters)
    content = read_file(response)
    assert content.startswith(BOM)
    text = content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert response.headers["X-Row-Count"] == str(len(rows))
    return rows


def test_every_field_of_the_list_has_its_column(api: APIClient, ledger: None) -> None:
    (listed,) = walk(api, "projects", q="晶圆厂")
    assert [column.name for column in PROJECT_COLUMNS] == [*table(api)[0]]
    assert {*table(api)[0]} == {*listed}


def test_cells_are_as_excel_and_people_read_them(api: APIClient, ledger: None) -> None:
    row = {row["code"]: row for row in table(api)}["big"]
    expected = {
        "park_name_en": "Town, of science",
        "name_en": 'Fab "One"',
        "origin": "330300",
        "origin_name_zh": "温州市",
        "kind": "",
        "land_mu": "120.5",
        "investment_cny": "300000000",
        "investment_qualifier": "over",
        "intended_on": "2023",
        "signed_on": "2024-Q1",
        "started_on": "2024-06",
        "operating_on": "",
        "standing_on": "2025-01-01",
        "is_umbrella": "true",
        "part_of": "",
        "phase_no": "",
        "source": "S1",
        "note": "第一行\n第二行",
        "investors": "Second Ltd；甲公司",
    }
    assert {name: row[name] for name in expected} == expected


def test_the_file_is_a_download_that_is_not_cached(api: APIClient, ledger: None) -> None:
    response = api.get(f"{API}/projects.csv")
    assert {name: response.headers[name] for name in ("Content-Type", "Content-Disposition")} == {
        "Content-Type": "text/csv; charset=utf-8; header=present",
        "Content-Disposition": 'attachment; filename="projects.csv"',
    }
    assert response.headers["Cache-Control"] == "public, no-cache"
    content = response.getvalue()
    assert content.count(b"\r\n") == content.count(b"\r") == 6 - 1
    assert b"\n".join([b"\xe7\xac\xac\xe4\xb8\x80\xe8\xa1\x8c", b""]) in content


def test_the_address_says_the_format_and_nothing_else_does(api: APIClient, ledger: None) -> None:
    for accept in ("text/csv", "*/*", "text/html,application/xhtml+xml,*/*;q=0.8"):
        response = api.get(f"{API}/projects.csv", headers={"accept": accept})
        assert response.headers["Content-Type"].startswith("text/csv"), accept
        assert response.getvalue().startswith(BOM)
    refused = api.get(f"{API}/projects", headers={"accept": "text/csv"})
    assert problem(refused, 406)["type"] == "/problems/not-acceptable"
    assert api.get(f"{API}/projects/bulk.csv").status_code == 404
    assert api.post(f"{API}/projects.csv", {}).status_code == 401
