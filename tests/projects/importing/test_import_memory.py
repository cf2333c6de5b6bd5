"""What an import and the page of its report hold in memory: no more a row of a longer file."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from parks.models import ImportBatch
from projects.admin.import_report import ROWS_ON_PAGE, build_import_page
from projects.importing.batches import Upload, run_import
from tests.projects.importing.imports import table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

HEADER = ["name_zh", "park", "investment_cny", "signed_on", "origin", "note"]
FEW, MANY = 200, 600  # rows
A_ROW = 1_600  # bytes that are held at most for each further row: 160 MB for the longest file
WRONG, NEW = {"action": "error", "errors": []}, {"action": "create", "changes": {"note": ["", "x"]}}


def measure(work: Callable[[], Any]) -> int:
    """The most bytes that were held at once beyond what was held before."""
    gc.collect()
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def write_rows(count: int, *, is_good: bool) -> bytes:
    """A file in which no row repeats what another one says."""
    amount, day = ("", "") if is_good else ("多少", "某日")
    rows = (
        [f"项目{n}", "town", amount or 10_000_000 + n, day or "2023-11", "浙江", f"备注{n}"]
        for n in range(count)
    )
    return table(HEADER, *rows)


@pytest.mark.parametrize("is_good", [True, False])
def test_a_longer_file_takes_no_more_memory_a_row(
    superuser: User, monkeypatch: pytest.MonkeyPatch, is_good: bool
) -> None:
    monkeypatch.setattr("projects.importing.importer._ROWS_AT_ONCE", 50)  # many times
    peaks = []
    for count in (MANY, FEW, MANY):  # the first one loads what is loaded once
        data = write_rows(count, is_good=is_good)
        upload = Upload(data, "projects.csv")
        peaks.append(measure(lambda upload=upload: run_import(upload, superuser, apply=False)))
    assert (peaks[2] - peaks[1]) / (MANY - FEW) < A_ROW, peaks


def keep_report(count: int) -> ImportBatch:
    """An import of so many lines, each second of which is wrong."""
    batch = ImportBatch(code=f"imp-{count}", resource="projects", state="refused")
    batch.counts = {"create": count // 2, "error": count // 2}
    batch.summary = {"columns": [], "problems": [], "ignored": {}, "doubts": []}
    lines = ({"line": n, **(WRONG if n % 2 else NEW)} for n in range(count))
    batch.keep_rows(lines)
    return batch


def test_the_page_of_a_report_reads_no_other_lines() -> None:
    batch = keep_report(2 * ROWS_ON_PAGE + 100)
    wrong = [*range(1, 2 * ROWS_ON_PAGE + 100, 2)]
    new = [*range(0, 2 * ROWS_ON_PAGE + 100, 2)]
    read: list[int] = []
    for number in "123":
        page = build_import_page(batch, {"page": number})
        assert len(page["rows"]) <= ROWS_ON_PAGE
        read += [row["line"] for row in page["rows"]]
    assert read == wrong + new
    last = build_import_page(batch, {"show": "new", "page": "2"})
    assert [row["line"] for row in last["rows"]] == new[ROWS_ON_PAGE:]
    assert build_import_page(batch, {"show": "same"})["rows"] == []


def test_the_page_of_a_long_report_takes_no_more_memory() -> None:
    batches = [keep_report(count) for count in (2_000, 2_000, 20_000)]
    peaks = [measure(lambda batch=batch: build_import_page(batch, {})) for batch in batches]
    assert peaks[2] < peaks[1] + 200_000, peaks
