"""Importing parks, figures and fundings: through the same door, by the rules of the API."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from parks.models import Figure
from projects.models import ProjectFigure
from tests import factories
from tests.admin_pages import refused, save, saved
from tests.answers import API, mistakes
from tests.projects.importing.imports import actions, applied, checked, faults, line, table
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]


def export(client: APIClient, resource: str, kind: str) -> bytes:
    return client.get(f"{API}/{resource}.{kind}", {"columns": "all"}).getvalue()


def figures() -> Any:
    return Figure.objects.order_by("id")


def test_figures_of_projects_are_left_where_they_are(admin_api: APIClient) -> None:
    park = factories.ParkFactory.create(code="town")
    factories.FigureFactory.create(park=park, on="2015-06")
    factories.ProjectFigureFactory.create(project__park=park, code="claim-1")
    factories.EventFigureFactory.create(code="claim-1", event__park=park)
    data = export(admin_api, "figures", "csv")
    answer = checked(admin_api, data, resource="figures")
    assert answer["counts"] | {"same": 3, "warnings": 0} == answer["counts"]
    changed = data.replace(b"100000000", b"100000001")
    answer = applied(admin_api, changed, resource="figures")
    assert {*actions(answer).values()} == {"same", "skip"}
    told = [warning for row in answer["rows"] for warning in row.get("warnings", [])]
    assert [(each["name"], each["code"]) for each in told] == [("amount_cny", "not_written")]
    assert ProjectFigure.objects.get().amount_cny == 100_000_000


def test_the_park_of_a_file_is_not_that_of_rows_about_something_else(admin_api: APIClient) -> None:
    park = factories.ParkFactory.create(code="town")
    factories.FigureFactory.create(park=park, on="2015-06")
    factories.FigureFactory.create(park=None, region_id="120115", on="2015-06")
    factories.ProjectFigureFactory.create(project__park=park)
    data = export(admin_api, "figures", "csv")
    answer = checked(admin_api, data, resource="figures", park="town")
    assert (answer["counts"]["same"], answer["counts"]["warnings"]) == (3, 0)
    header = ["indicator", "value", "as_of", "region", "park"]
    rows = [["area", "3", "2016", "120115", ""], ["area", "4", "2016", "", ""]]
    applied(admin_api, table(header, *rows), resource="figures", park="town")
    assert [(f.region_id, f.park_id) for f in figures().filter(as_of__year=2016)] == [
        ("120115", None),
        (None, park.pk),
    ]


# An indicator, its column and cells; whether their unit is refused
UNITS = [
    ("area", "value", ["150公顷"], True),
    ("area", "value", ["5万元"], True),
    ("area", "value（公顷）", ["150"], True),
    ("area", "value|unit", ["150", "公顷"], True),
    ("area", "value", ["约14.5平方公里"], False),
    ("area", "value（平方公里）", ["14.5"], False),
    ("area", "value|unit", ["14.5", "平方公里"], False),
    ("area", "value|unit", ["14.5", ""], False),
    ("share", "value", ["80%"], False),
    ("share", "value", ["80亩"], True),
    ("staff", "value", ["8000人"], False),
    ("staff", "value", ["80%"], True),
    ("tax", "value", ["5000000"], False),
    ("tax", "value（万元）", ["500"], True),
    ("tax", "value|currency|unit", ["500", "USD", "USD"], False),
    ("tax", "value|currency", ["500公顷", "USD"], True),
]


def test_a_number_is_stored_in_the_unit_of_its_indicator_or_refused(admin_api: APIClient) -> None:
    factories.ParkFactory.create(code="town")
    factories.IndicatorFactory.create(code="share", kind="ratio", unit="percent")
    factories.IndicatorFactory.create(code="staff", kind="count", unit="people")
    factories.IndicatorFactory.create(code="tax", kind="money", unit="CNY per year")
    for header in dict.fromkeys(header for _indicator, header, *_rest in UNITS):
        cases = [case for case in UNITS if case[1] == header]
        rows = [["town", case[0], *case[2]] for case in cases]
        data = table(["park", "indicator", *header.split("|")], *rows)
        answer = checked(admin_api, data, resource="figures")
        wrong = {n: case for n, case in enumerate(cases, start=2) if case[3]}
        assert faults(answer) == {(n, "value"): "unit_not_understood" for n in wrong}, header
        assert answer["problems"] == []


@together("value, status", [("约1,500亩", 400), ("14.5平方公里", 201), ("大片土地", 201)])
def test_no_door_takes_an_area_in_another_unit(
    admin_api: APIClient, desk: Client, value: str, status: int
) -> None:
    park = factories.ParkFactory.create(code="town")
    body = {"park": "town", "indicator": "area", "value": value, "nature": "actual"}
    answer = admin_api.post(f"{API}/figures", body)
    assert answer.status_code == status
    if status == 400:
        assert mistakes(answer) == {"#/value": "unit_not_understood"}
    form = {"park": park.pk, "indicator": "area", "nature": "actual", "qualifier": "exact"}
    address = "/admin/parks/figure/add/"
    assert "value" in refused(desk, address, **form, value=value)
    if status == 400:
        assert [*refused(desk, address, **form, value_text=value)] == ["value_text"]
    else:
        saved(save(desk, address, **form, value_text=value))


def test_cells_of_plans_and_flows_are_read_as_cells(admin_api: APIClient, fab: Any) -> None:
    plans = table(
        ["项目", "年度", "计划投资（万元）"], ["fab", "2026年", "1000"], ["fab", "2027", "约1000"]
    )
    answer = checked(admin_api, plans, resource="plans")
    assert line(answer, 2)["changes"]["year"] == ["", "2026"], line(answer, 2)
    flows = table(["项目", "月份", "到位资金（万元）"], ["fab", "2026-03", "约1000"])
    for said in (line(answer, 3), line(checked(admin_api, flows, resource="fundings"), 2)):
        details = {each["code"]: each["detail"] for each in said["errors"]}
        assert "leave out words" in details["qualified"]
        assert not any("without quotes" in detail for detail in details.values())
