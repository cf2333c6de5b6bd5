"""Every list is a Parquet file, too: the cells of CSV, with types, which equal its JSON."""

import csv
import io
import json
import re
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import pytest
from pyarrow import parquet
from rest_framework.test import APIClient

from api import views
from config.urls import api as api_routes
from sheets.writing import parquet_writing
from sheets.writing.cells import LIST_SEPARATOR, to_text, unguard
from tests.answers import API, Row, found, mistakes, problem, walk
from tests.site.test_files import file
from tests.site.test_files_come_back import editor, ledger
from tests.together import together

__all__ = ["editor", "ledger"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("editor")]

RICH = {"project": "rich", "organisation": "rich-company", "event": "rich-event"}
# Files have amounts in a column of their own
OTHERWISE = {"value"}


def list_addresses() -> list[str]:
    routes = [str(each.pattern) for each in api_routes if str(each.name).endswith("-parquet")]
    return [
        re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda group: RICH[group[1]], route.strip("^$"))
        .replace("\\.parquet", "")
        .replace(".parquet", "")
        for route in routes
    ]


ADDRESSES = list_addresses()


def read_table(api: APIClient, address: str, **asked: str) -> Any:
    response, content = file(api, f"{address}.parquet", **asked)
    assert response.headers["Content-Type"] == "application/vnd.apache.parquet"
    table = parquet.read_table(io.BytesIO(content))
    assert response.headers["X-Row-Count"] == str(table.num_rows)
    return table


def read_json(api: APIClient, address: str) -> list[Row]:
    """The lines of JSON where the list has them, else its pages."""
    lines = api.get(f"{API}/{address}.jsonl")
    if lines.status_code == 200:
        return [json.loads(line) for line in lines.getvalue().splitlines()]
    return walk(api, address)


def is_same(value: Any, shown: Any) -> bool:
    """Whether a typed value is what JSON shows."""
    if isinstance(shown, dict) or (
        shown and isinstance(shown, list) and isinstance(shown[0], dict)
    ):
        return True  # files have what is within in columns of their own, or as one text
    if shown in (None, "", []):
        return value is None
    if isinstance(value, Decimal):
        return value == Decimal(str(shown))
    if isinstance(value, datetime):
        return value == datetime.fromisoformat(shown).replace(microsecond=0)
    return (value.isoformat() if isinstance(value, date) else value) == shown


@pytest.mark.slow
@together("address", ADDRESSES)
def test_a_list_read_back_has_the_cells_of_csv_and_the_values_of_json(
    admin_api: APIClient, address: str
) -> None:
    if "rich-event" in address:
        problem(admin_api.get(f"{API}/{address}.parquet"), 404)
        return
    text = file(admin_api, f"{address}.csv", columns="all")[1].decode("utf-8-sig")
    header, *cells = csv.reader(io.StringIO(text, newline=""))
    table = read_table(admin_api, address, columns="all")
    rows = table.to_pylist()
    assert table.schema.names == header
    for row, same in zip(rows, cells, strict=True):
        values = row.values()
        said = [LIST_SEPARATOR.join(v) if isinstance(v, list) else to_text(v) for v in values]
        assert said == [unguard(cell) for cell in same]
    shown = read_json(admin_api, address)
    assert len(shown) == len(rows)
    wrong = {
        name: (row[name], one[name])
        for row, one in zip(rows, shown, strict=True)
        for name in header
        if name in one and name not in OTHERWISE and not is_same(row[name], one[name])
    }
    assert wrong == {}


@pytest.mark.slow
def test_types_are_those_that_programs_add_up(admin_api: APIClient) -> None:
    """And DuckDB reads them."""
    asked = "code,investment_cny,land_mu,version,updated_at,is_umbrella,signed_on,further_columns"
    projects = read_table(admin_api, "projects", columns=asked)
    assert [str(field.type) for field in projects.schema] == [
        *("string", "int64", "decimal128(38, 2)", "int64", "timestamp[ms, tz=UTC]", "bool"),
        *("string", "string"),
    ]
    parks = read_table(admin_api, "parks", columns="code,aliases,latitude").to_pylist()
    (park,) = (row for row in parks if row["code"] == "rich-park")
    assert park["aliases"] == ["甲园", "乙园"]
    (total,) = duckdb.sql("select sum(investment_cny) from projects").fetchall()[0]
    assert total == sum(row["investment_cny"] or 0 for row in projects.to_pylist())


@pytest.mark.slow
def test_a_list_without_rows_has_the_same_types(admin_api: APIClient) -> None:
    whole, none = (read_table(admin_api, "projects", q=q) for q in ("rich", "nothing-is-called-so"))
    assert (none.num_rows, none.schema) == (0, whole.schema)


def test_rows_are_written_in_groups(
    admin_api: APIClient, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CACHE_MAX_BYTES = 0
    whole = read_table(admin_api, "projects", columns="code")
    monkeypatch.setattr(parquet_writing, "ROW_GROUP_BYTES", 40)
    _response, content = file(admin_api, "projects.parquet", columns="code")
    kept = parquet.ParquetFile(io.BytesIO(content))
    assert kept.num_row_groups > 1
    assert kept.read() == whole


def test_parquet_takes_no_layout_and_the_filters_of_the_list(
    api: APIClient, admin_api: APIClient
) -> None:
    refused = api.get(f"{API}/projects.parquet", {"header": "zh", "unit": "yi", "bom": "true"})
    assert mistakes(refused) == dict.fromkeys(("header", "unit", "bom"), "unknown_parameter")
    assert mistakes(api.get(f"{API}/projects.parquet", {"columns": "cod"})) == {
        "columns": "unknown_value"
    }
    assert read_table(admin_api, "projects", code="rich", columns="code")["code"].to_pylist() == [
        "rich"
    ]


@pytest.mark.slow
def test_without_pyarrow_the_answer_names_the_other_files(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "find_spec", lambda name: None)
    said = problem(api.get(f"{API}/sources.parquet"), 406)["detail"]
    assert "CSV, XLSX" in said
    assert "pip install -r requirements-optional.txt" in said
    assert found(api.get(f"{API}/sources"))["results"]
