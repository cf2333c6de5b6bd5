"""What an import and the page of its report hold in memory: hardly more of a longer file."""

import gc
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest
from django.contrib.auth.models import User

from parks.models import ImportBatch
from parks.names.cell_lookup import Finder
from projects.admin.import_report import ROWS_ON_PAGE, build_import_page
from projects.importing.batches import Upload, run_import
from projects.importing.cells.cells import CellReader
from projects.importing.writing import Drafts, RowDraft
from sheets.packing import PACKED_AT_ONCE, PackedLines, PackedList, split_up
from tests.projects.importing.imports import table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

HEADER = ["name_zh", "park", "investment_cny", "signed_on", "origin", "note"]
FEW, MANY = 200, 600  # rows
A_ROW = 900  # bytes that are held at most for each further row: 90 MB for the longest file
LINES = 2 * PACKED_AT_ONCE + 7
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


@pytest.mark.long("a measurement")
@pytest.mark.parametrize("is_good", [True, False])
def test_a_longer_file_takes_no_more_memory_a_row(
    superuser: User, monkeypatch: pytest.MonkeyPatch, is_good: bool
) -> None:
    monkeypatch.setattr("projects.importing.batches.CHECKED_AT_ONCE", 50)  # many times
    monkeypatch.setattr("sheets.packing.PACKED_AT_ONCE", 50)
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


@pytest.mark.long("a measurement")
def test_the_page_of_a_long_report_takes_no_more_memory() -> None:
    batches = [keep_report(count) for count in (2_000, 2_000, 20_000)]
    peaks = [measure(lambda batch=batch: build_import_page(batch, {})) for batch in batches]
    assert peaks[2] < peaks[1] + 200_000, peaks


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    on: date | None = None
    area: Decimal | None = None


@dataclass
class Counted:
    text: str
    length: int = field(init=False)

    def __post_init__(self) -> None:
        self.length = len(self.text)


@dataclass(slots=True)
class Line:
    line: int
    cells: list[Cell] = field(default_factory=list)
    said: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def test_what_is_read_is_what_was_put_in() -> None:
    cells = [Cell(f"第{n}号", date(2024, 1, 1 + n % 28), Decimal(n) / 100) for n in range(LINES)]
    packed = PackedList(cells)
    assert len(packed) == LINES
    # It can be read while it is read elsewhere
    assert [(one, packed[LINES - 1 - n]) for n, one in enumerate(packed)] == [
        *zip(cells, cells[::-1], strict=True)
    ]
    assert (packed[-1], packed[0]) == (cells[-1], cells[0])
    with pytest.raises(IndexError):
        packed[LINES]
    assert [*split_up(range(7), 3)] == [[0, 1, 2], [3, 4, 5], [6]]


def test_things_of_all_kinds_are_packed_and_stay_as_they_were() -> None:
    said = MappingProxyType({"a": 1})
    things = [Counted("ab"), Line(1, [Cell("c")], said), ("d", {"e": ["f"]}), None]
    packed: PackedList[Any] = PackedList(things * PACKED_AT_ONCE)
    assert [*packed][:4] == things
    assert packed[0].length == 2
    packed[1].line = -1
    assert [*packed][:4] == things


def test_lines_are_found_whether_or_not_they_rise() -> None:
    rising = [3 * n + 5 for n in range(LINES)]
    for numbers in (rising, rising[::-1]):
        lines = PackedLines(Line(n, [Cell(str(n))]) for n in numbers)
        assert [lines.find(n).cells[0].text for n in numbers] == [str(n) for n in numbers]
        assert lines.find_place(numbers[2]) == 2
        assert [lines.find_place(n) for n in (0, 4, 6, 3 * LINES + 5)] == [None] * 4
    with pytest.raises(KeyError):
        lines.find(4)


def list_lines(drafts: Drafts) -> list[int]:
    lines = [draft.line for draft in drafts]
    assert len(drafts) == len(lines)
    return lines


def test_drafts_are_held_dropped_and_replaced_in_the_order_of_the_file() -> None:
    drafts = Drafts()
    for number in range(2, LINES + 2):
        drafts.put(RowDraft(number, "", columns={"note": f"备注{number}"}))
    held = drafts.hold([5, LINES, 10**6])
    assert {*held} == {5, LINES}
    held[5].code = "altered"
    assert drafts.hold([5])[5] is held[5]
    assert list_lines(drafts) == [*range(2, LINES + 2)]
    drafts.drop([3, 4, 6, 10**6])
    drafts.put(RowDraft(3, "again", references={"part_of": "BD-0001"}))
    for number in (1, 10**6):  # which had none when they were first checked
        drafts.put(RowDraft(number, "late"))
    assert list_lines(drafts) == [2, 3, 5, *range(7, LINES + 2), 10**6, 1]
    codes = {draft.line: draft.code for draft in drafts if draft.code}
    assert codes == {1: "late", 3: "again", 5: "altered", 10**6: "late"}
    assert drafts.referred == {"bd-0001"}
    drafts.drop([1, 3, 10**6])
    assert (len(drafts), drafts.hold([1, 3, 4])) == (LINES - 3, {})


def test_a_column_that_never_says_the_same_makes_no_other_one_forget(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sheets.imports.MOST_KNOWN", 3)
    reader = CellReader(Finder(None))
    day = reader.read("signed_on", "2023-11")
    companies = {n: reader.read("investors", f"华北{n}科技") for n in range(10)}
    assert reader.read("signed_on", "2023-11") is day
    assert reader.read("investors", "华北9科技") is companies[9]
    assert reader.read("investors", "华北0科技") == companies[0]
    assert reader.read("investors", "华北0科技") is not companies[0]
