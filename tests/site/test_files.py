"""Every list is a file, too: the same rows in the same order as CSV and XLSX, by one contract."""

import csv
import io
import socket
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from django.contrib.auth.models import User
from django.urls import resolve
from django.utils import translation
from rest_framework.test import APIClient

from api import views
from parks.models import Source
from sheets.writing.cells import unguard
from sheets.writing.columns import Table
from tests.answers import API, mistakes, problem, read_file, walk
from tests.factories import OrganisationFactory, ParkFactory, ProjectFactory, SourceFactory
from tests.samples import HERE, sample
from tests.seeded import kept_rows
from tests.site.test_queries import LISTS, WORKBOOKS
from tests.together import together

pytestmark = pytest.mark.django_db

BOM = b"\xef\xbb\xbf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8; header=present"


def file(api: APIClient, address: str, **parameters: str) -> tuple[Any, bytes]:
    """A file and its answer, after what holds for all files has been checked."""
    response = api.get(f"{API}/{address}", parameters)
    return response, read_file(response)


def rows_of_csv(api: APIClient, address: str, **parameters: str) -> list[dict[str, str]]:
    response, content = file(api, f"{address}.csv", **parameters)
    text = content.decode(parameters.get("encoding", "utf-8-sig"))
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert response.headers["X-Row-Count"] == str(len(rows))
    return rows


def sheets(api: APIClient, address: str, **parameters: str) -> dict[str, list[list[Any]]]:
    """All sheets of a workbook by title, as rows of values."""
    response, content = file(api, f"{address}.xlsx", **parameters)
    assert response.headers["Content-Type"] == XLSX
    book = openpyxl.load_workbook(io.BytesIO(content))
    found = {page.title: [list(row) for row in page.iter_rows(values_only=True)] for page in book}
    first = next(iter(found.values()))
    assert response.headers["X-Row-Count"] == str(len(first) - 1)
    return found


def table_of(address: str) -> Table:
    return resolve(f"{API}/{address}.csv").func.cls.table


def as_text(value: Any) -> str:
    """What a cell of a workbook says, as a cell of a CSV file says it."""
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()[:10]
    return f"{value:.10f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


@pytest.mark.slow
@pytest.mark.both_databases
@together("address", sample([*WORKBOOKS], 2, HERE))
def test_both_files_have_the_rows_of_the_list_in_its_order(api: APIClient, address: str) -> None:
    """Half of the lists on one database, half on the other."""
    make: Callable[[range], Any] = LISTS[address][0]
    make(range(1, 5))
    names = [column.name for column in table_of(address).columns]
    key = "code" if "code" in names and names[1] != "id" else "id"
    listed = [str(row[key]) for row in walk(api, address, limit=3)]
    found = rows_of_csv(api, address)
    assert [unguard(row[key]) for row in found] == listed
    (first, about, *_others) = sheets(api, address).values()
    header, *rows = first
    assert header == [column.name for column in table_of(address).columns] == [*found[0]]
    for row, same in zip(rows, found, strict=True):
        assert [as_text(value) for value in row] == [unguard(cell) for cell in same.values()]
    assert ["rows", None, len(listed), None] in about


@together("address", WORKBOOKS)
@together("language", ["en", "zh-hans"])
def test_the_labels_of_a_table_are_all_different(address: str, language: str) -> None:
    table = table_of(address)
    with translation.override(language):
        labels = [str(column.label) for column in [*table.columns, *table.more]]
    assert sorted(label for label in labels if labels.count(label) > 1) == []


@kept_rows
def ledger(vocabularies: None) -> None:
    town = ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    source = SourceFactory.create(code="S1", title="报道", publisher="日报")
    ProjectFactory.create(
        code="big", name_zh="晶圆厂", name_en="", park=town, investment=123_450_000, source=source
    )
    ProjectFactory.create(code="small", name_zh="", name_en="=1+1", park=town, investment=1)


# --- What can be asked ----------------------------------------------------------------------------


@pytest.mark.usefixtures("ledger")
def test_columns_are_those_that_are_named_in_their_order(api: APIClient) -> None:
    asked = {"columns": "name_en,code,investment_cny", "ordering": "-code"}
    expected = [
        ["name_en", "code", "investment_cny"],
        ["=1+1", "small", 1],
        [None, "big", 123_450_000],
    ]
    assert sheets(api, "projects", **asked)["projects"] == expected
    _response, content = file(api, "projects.csv", **asked)
    assert content.decode("utf-8-sig").split("\r\n") == [
        "name_en,code,investment_cny",
        "'=1+1,small,1",
        ",big,123450000",
        "",
    ]


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("header", "expected"),
    [("code", ["park", "investment_cny_wan"]), ("en", ["park", "investment (10,000 yuan)"])],
)
def test_headers_are_names_or_labels_with_their_unit(
    api: APIClient, header: str, expected: list[str]
) -> None:
    asked = {"columns": "park,investment_cny", "header": header, "unit": "wan"}
    assert [*rows_of_csv(api, "projects", **asked)[0]] == expected
    (rows, *_others) = sheets(api, "projects", **asked).values()
    assert rows == [expected, ["town", 12_345], ["town", 0.0001]]


@pytest.mark.usefixtures("ledger")
def test_chinese_headers_come_with_a_chinese_file_name_and_sheets(api: APIClient) -> None:
    response, content = file(api, "projects.csv", header="zh", columns="park,name_zh")
    assert content.decode("utf-8-sig").split("\r\n")[0] == "园区,中文名称"
    assert response.headers["Content-Disposition"] == (
        "attachment; filename=\"projects.csv\"; filename*=UTF-8''%E9%A1%B9%E7%9B%AE.csv"
    )
    titles = [*sheets(api, "projects", header="zh")]
    assert titles[0] == "项目"
    plain, _content = file(api, "projects.csv")
    assert plain.headers["Content-Disposition"] == 'attachment; filename="projects.csv"'
    browser = api.get(f"{API}/parks.csv", headers={"accept-language": "zh-CN,zh"})
    assert browser.getvalue()
    assert "filename=\"parks.csv\"; filename*=UTF-8''%E" in browser.headers["Content-Disposition"]


@pytest.mark.both_databases
@pytest.mark.usefixtures("ledger")
def test_bom_and_encoding_are_as_asked(api: APIClient) -> None:
    def content(**asked: str) -> bytes:
        return file(api, "projects.csv", columns="code,name_zh", **asked)[1]

    text = "code,name_zh\r\nbig,晶圆厂\r\nsmall,\r\n"
    assert content() == content(bom="true") == content(encoding="utf-8") == BOM + text.encode()
    assert content(bom="false") == text.encode()
    assert content(encoding="gb18030") == text.encode("gb18030")
    response, _content = file(api, "projects.csv", encoding="gb18030")
    assert response.headers["Content-Type"] == "text/csv; charset=gb18030; header=present"


@pytest.mark.usefixtures("ledger")
@together(
    ("address", "asked", "expected"),
    [
        ("projects.csv", {"columns": "code,nmae_zh"}, {"columns": "unknown_value"}),
        ("projects.csv", {"columns": "code,code"}, {"columns": "repeated_value"}),
        ("projects.csv", {"columns": "code,"}, {"columns": "unknown_value"}),
        ("projects.csv", {"columns": ""}, {"columns": "empty_value"}),
        ("projects.csv", {"columns": "contact"}, {"columns": "unknown_value"}),
        ("projects.csv", {"header": "cn"}, {"header": "unknown_value"}),
        ("projects.csv", {"unit": "usd"}, {"unit": "unknown_value"}),
        ("projects.csv", {"bom": "yes"}, {"bom": "unknown_value"}),
        ("projects.csv", {"encoding": "gbk"}, {"encoding": "unknown_value"}),
        ("projects.csv", {"encoding": "gb18030", "bom": "true"}, {"bom": "contradiction"}),
        ("projects.csv", {"limit": "5"}, {"limit": "unknown_parameter"}),
        ("projects.csv", {"fields": "code"}, {"fields": "unknown_parameter"}),
        ("projects.xlsx", {"bom": "false"}, {"bom": "unknown_parameter"}),
        ("projects.xlsx", {"encoding": "utf-8"}, {"encoding": "unknown_parameter"}),
        ("parks.csv", {"unit": "wan"}, {"unit": "unknown_parameter"}),
        ("parks.csv", {"columns": "all,code"}, {"columns": "unknown_value"}),
        ("projects", {"columns": "code"}, {"columns": "unknown_parameter"}),
        (
            "projects.csv",
            {"orgin": "yrd", "stage": "sigend", "columns": "x", "ordering": "cod"},
            {
                "orgin": "unknown_parameter",
                "stage": "unknown_value",
                "columns": "unknown_value",
                "ordering": "unknown_value",
            },
        ),
    ],
)
def test_what_means_nothing_is_refused_with_all_its_reasons(
    api: APIClient, address: str, asked: dict[str, str], expected: dict[str, str]
) -> None:
    assert mistakes(api.get(f"{API}/{address}", asked)) == expected


# --- Workbooks ------------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.usefixtures("ledger")
def test_the_second_sheet_says_what_was_asked_and_where_it_comes_from(api: APIClient) -> None:
    found = sheets(api, "projects", park="town", columns="code,stage,investment_cny", unit="yi")
    assert [*found][:2] == ["projects", "About"]
    about = found["About"]
    assert about[0] == ["about", "name", "text", "details"]
    assert ["asked", "park", "town", None] in about
    assert ["rows", None, 2, None] in about
    (newest,) = [row for row in about if row[0] == "newest change"]
    assert newest[2] == max(row["updated_at"] for row in rows_of_csv(api, "projects"))
    columns = [row for row in about if row[0] == "column"]
    assert [row[1] for row in columns] == ["code", "stage", "investment_cny_yi"]
    assert "Blank is unknown" in columns[2][3]
    assert ["word", "stage", "signed", "contract signed"] in about
    sources = [row for row in about if row[0] == "source"]
    assert [row[1:3] for row in sources] == [["S1", "报道"]]
    assert sources[0][3].startswith("日报")


@pytest.mark.usefixtures("ledger")
def test_equal_data_are_equal_bytes_and_other_data_are_not(api: APIClient) -> None:
    files = [file(api, "projects.xlsx")[1] for _time in range(2)]
    assert files[0] == files[1]
    Source.objects.update(title="另一篇")
    assert file(api, "projects.xlsx")[1] != files[0]


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(("most", "others"), [(1, "CSV, JSONL"), (2, None), (3, None)])
def test_more_rows_than_a_workbook_may_have_are_refused_with_the_way_out(
    api: APIClient, monkeypatch: pytest.MonkeyPatch, most: int, others: str | None
) -> None:
    monkeypatch.setattr(views, "MOST_WORKBOOK_ROWS", most)
    if others is None:
        assert file(api, "projects.xlsx")[0].headers["X-Row-Count"] == "2"
        return
    found = problem(api.get(f"{API}/projects.xlsx"), 400)
    assert [error["code"] for error in found["errors"]] == ["too_many_rows"]
    assert "2 rows" in found["detail"]
    assert others in found["detail"]
    assert file(api, "projects.xlsx", q="晶圆厂")[0].headers["X-Row-Count"] == "1"


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("ending", ["csv", "jsonl", "xlsx"])
def test_a_file_ends_with_its_client(api: APIClient, settings: Any, ending: str) -> None:
    settings.CACHE_MAX_BYTES = 0
    address = f"{API}/projects.{ending}"
    own, client = socket.socketpair()
    with own, client:
        assert api.get(address, **{"gunicorn.socket": own}).status_code == 200
        client.close()
        assert api.get(address, **{"gunicorn.socket": own}).status_code == 499


def test_a_text_longer_than_a_cell_is_refused_by_name(api: APIClient) -> None:
    OrganisationFactory.create(note="长" * 32_768)
    found = problem(api.get(f"{API}/organisations.xlsx"), 413)
    assert "note" in found["detail"]
    assert (found["limit"], found["actual"]) == (32_767, 32_768)
    file(api, "organisations.xlsx", columns="code,name_zh")
    file(api, "organisations.csv")


# --- Whose ----------------------------------------------------------------------------------------


def test_files_of_rows_are_named_after_what_they_belong_to(
    api: APIClient, admin_api: APIClient, superuser: User
) -> None:
    ProjectFactory.create(code="fab")
    ProjectFactory.create(code="hidden", publication="draft")
    response, _content = file(api, "projects/FAB/milestones.csv")
    assert 'filename="FAB-milestones.csv"' in response.headers["Content-Disposition"]
    for ending in ("csv", "xlsx"):
        problem(api.get(f"{API}/projects/hidden/fundings.{ending}"), 404)
        file(admin_api, f"projects/hidden/fundings.{ending}")
        problem(api.get(f"{API}/projects/fab.{ending}"), 404)
