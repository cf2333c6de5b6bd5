"""GET /imports/template.xlsx: a workbook that people fill in, and that the import understands."""

import io
from typing import Any

import openpyxl
import pytest
from rest_framework.test import APIClient

from projects.importing.sheets import build_template_fields
from projects.models import Project
from tests.answers import API
from tests.factories import ParkFactory
from tests.projects.importing.imports import applied, faults
from tests.seeded import kept_rows
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("parks")]


@kept_rows
def parks(vocabularies: None) -> None:
    ParkFactory.create(code="town", name_zh="科技城", name_en="Town")
    ParkFactory.create(code="hidden", name_zh="未公开", publication="draft")


def template(client: APIClient, **parameters: str) -> Any:
    response = client.get(f"{API}/imports/template.xlsx", parameters)
    content = response.getvalue()
    assert response.status_code == 200, content
    return openpyxl.load_workbook(io.BytesIO(content))


def choices(book: Any) -> dict[str, list[str]]:
    """The words of each drop-down list by the header of its column."""
    page = book.worksheets[0]
    found = {}
    for rule in page.data_validations.dataValidation:
        header = page[f"{str(rule.sqref).partition('2')[0]}1"].value
        sheet, cells = rule.formula1.split("!")
        found[header] = [row[0].value for row in book[sheet][cells.replace("$", "")]]
    return found


def test_words_and_parks_are_chosen_from_lists(api: APIClient, admin_api: APIClient) -> None:
    book = template(api)
    lists = choices(book)
    assert lists["stage"][:4] == ["lead", "negotiating", "intended", "signed"]
    assert {"kind", "standing", "investment_basis", "publication"} <= {*lists}
    assert lists["park"] == ["town"]
    assert choices(template(admin_api))["park"] == ["hidden", "town"]
    assert book.worksheets[1].sheet_state == "hidden"


@pytest.mark.parametrize(
    ("header", "names"), [("code", ["code", "name_zh"]), ("zh", ["编码", "中文名称"])]
)
def test_headers_have_notes_and_cells_stay_as_typed(
    api: APIClient, header: str, names: list[str]
) -> None:
    page = template(api, header=header).worksheets[0]
    assert [cell.value for cell in page[1]][:2] == names
    assert all(cell.comment and cell.comment.text for cell in page[1])
    assert page.column_dimensions["A"].number_format == "@"
    assert page.freeze_panes == "B2"


@together("header", ["code", "en", "zh"])
def test_what_is_filled_in_comes_in(admin_api: APIClient, header: str) -> None:
    book = template(admin_api, header=header)
    page = book.worksheets[0]
    names = [field.column.name for field in build_template_fields("code", None)]
    lists = choices(book)
    chosen = {name: lists.get(cell.value, []) for name, cell in zip(names, page[1], strict=True)}
    filled_in = {
        "name_zh": "晶圆厂",
        "park": chosen["park"][-1],
        "kind": chosen["kind"][0],
        "investors": "甲公司；乙公司",
        "origin": "浙江省",
        "sector": "C3973",
        "investment_cny": "超1.5亿元",
        "investment_basis": chosen["investment_basis"][0],
        "stage": chosen["stage"][3],
        "signed_on": "2023-06",
        "standing": chosen["standing"][0],
        "is_umbrella": "false",
    }
    for name, text in filled_in.items():
        page.cell(2, names.index(name) + 1, text)
    file = io.BytesIO()
    book.save(file)
    answer = applied(admin_api, file.getvalue(), "filled-in.xlsx")
    assert faults(answer) == {}
    project = Project.objects.get()
    assert (project.park.code, project.kind, project.stage) == ("town", "new", "signed")
    assert (project.investment_cny, project.investment_basis) == (150_000_000, "agreed")
    assert (str(project.signed_on), project.signed_on_precision) == ("2023-06-01", "month")
    assert project.investors.count() == 2
