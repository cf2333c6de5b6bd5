"""Files that take too long or too much memory: a 400, and the next file is read."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from rest_framework.test import APIClient

from config.mistakes import Mistake
from parks.models import ImportBatch
from projects.importing.batches import Upload, read_and_try, try_cells
from projects.importing.plain import IMPORT_RESOURCES
from sheets.reading.files import read_table
from sheets.reading.headers import Heading
from tests.answers import problem
from tests.projects.importing.imports import checked, send, table
from tests.sheets.reading.test_xlsx_files import package

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

SMALL = table(["name_zh", "park"], ["甲", "town"])


def merge_for_hours() -> bytes:
    """A small workbook in which each of many areas is to be filled in down a whole sheet."""
    row = '<row r="1"><c r="A1" t="str"><v>name_zh</v></c></row>'
    areas = '<mergeCell ref="A1:A1048576"/>' * 20_000
    return package(f"<worksheet><sheetData>{row}</sheetData>{areas}</worksheet>")


def fill_memory() -> bytes:
    return table(["name_zh", "park"], *([f"项目{n}" * 50, "town"] for n in range(30_000)))


@pytest.mark.parametrize(
    ("limit", "most", "name", "make"),
    [
        ("READING_MAX_SECONDS", 1, "a.xlsx", merge_for_hours),
        ("READING_MAX_BYTES", 16 * 2**20, "a.csv", fill_memory),
    ],
)
def test_it_is_refused_and_the_next_one_is_read(
    admin_api: APIClient, settings: Any, limit: str, most: int, name: str, make: Any
) -> None:
    setattr(settings, limit, most)
    answer = problem(send(admin_api, make(), name))
    assert [(each["pointer"], each["code"]) for each in answer["errors"]] == [
        ("#/file", "too_costly")
    ]
    assert "takes too long or too much memory to read" in answer["detail"]
    assert not ImportBatch.objects.exists()
    assert checked(admin_api, SMALL)["state"] == "refused"  # the park is not known


def test_a_row_whose_cells_take_too_long_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"name_zh": Heading("name_zh"), "investors": Heading("investors")}
    data = table(["name_zh", "investors"], ["甲", "华北科技"])
    found, upload = read_table(data, "a.csv", known), Upload(data, "a.csv")
    try_cells(upload, found)
    monkeypatch.setattr("projects.importing.batches.ROW_SECONDS", -1)
    with pytest.raises(Mistake) as refused:
        try_cells(upload, found)
    assert (refused.value.code, refused.value.further) == ("too_costly", {"line": 2})


@pytest.mark.parametrize("resource", [*IMPORT_RESOURCES])
def test_every_cell_is_tried_without_a_database(
    resource: str, django_assert_num_queries: Callable[[int], AbstractContextManager[None]]
) -> None:
    known = IMPORT_RESOURCES[resource].spellings()
    names = sorted({heading.name for heading in known.values() if heading.name})
    texts = "约5亿元|2024年3月|浙江、江苏|=1|50%|甲公司（30%）；乙公司|是|x 2024".split("|")
    data = table(names, *([text] * len(names) for text in texts))
    with django_assert_num_queries(0):
        found = read_and_try(Upload(data, "a.csv", resource), known)
    assert len(found.rows) == len(texts)
