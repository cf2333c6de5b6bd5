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


@dataclass(frozen=True, slots=True)
class Alone:
    text: str


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
    assert [*packed] == cells
    assert [packed[n] for n in range(LINES)] == cells
    assert (packed[-1], packed[0]) == (cells[-1], cells[0])
    around = slice(PACKED_AT_ONCE - 2, PACKED_AT_ONCE + 2)
    assert packed[around] == cells[around]
    with pytest.raises(IndexError):
        packed[LINES]


def test_data_classes_of_all_kinds_and_mappings_that_nobody_alters_are_packed() -> None:
    said = MappingProxyType({"a": 1})
    things = [Alone("a"), Counted("ab"), Line(1, [Cell("c")], said), ("d", {"e": ["f"]}), None]
    packed = PackedList(things * PACKED_AT_ONCE)
    assert packed[:5] == things
    counted: Any = packed[1]
    assert counted.length == 2


def test_altering_what_was_read_alters_nothing_that_is_packed() -> None:
    packed = PackedList(Line(n) for n in range(PACKED_AT_ONCE))
    for line in packed:
        line.line = -1
    assert [line.line for line in packed] == [*range(PACKED_AT_ONCE)]


def test_it_can_be_read_while_it_is_read_elsewhere() -> None:
    packed = PackedList(range(LINES))
    assert [(n, packed[LINES - 1 - n]) for n in packed] == [
        (n, LINES - 1 - n) for n in range(LINES)
    ]


def test_lines_are_found_whether_or_not_they_rise() -> None:
    rising = [3 * n + 5 for n in range(LINES)]
    for numbers in (rising, rising[::-1]):
        lines = PackedLines(Line(n, [Cell(str(n))]) for n in numbers)
        assert [lines.find(n).cells[0].text for n in numbers] == [str(n) for n in numbers]
        assert lines.find_place(numbers[2]) == 2
        for other in (0, 4, 6, 3 * LINES + 5):
            assert lines.find_place(other) is None
            with pytest.raises(KeyError):
                lines.find(other)


def test_items_are_split_up_in_their_order() -> None:
    assert [*split_up(range(7), 3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [*split_up([], 3)] == []


def make_drafts() -> Drafts:
    drafts = Drafts()
    for line in range(2, LINES + 2):
        drafts.append(RowDraft(line, "", columns={"note": f"备注{line}"}))
    return drafts


def list_lines(drafts: Drafts) -> list[int]:
    lines = [draft.line for draft in drafts]
    assert len(drafts) == len(lines)
    return lines


def test_what_is_altered_of_a_held_draft_counts() -> None:
    drafts = make_drafts()
    held = drafts.hold([5, LINES, 10**6])
    assert {*held} == {5, LINES}
    held[5].code = "altered"
    assert drafts.hold([5])[5] is held[5]
    assert {draft.line: draft.code for draft in drafts if draft.code} == {5: "altered"}
    assert list_lines(drafts) == [*range(2, LINES + 2)]


def test_a_row_that_is_checked_again_follows_the_others() -> None:
    drafts = make_drafts()
    drafts.drop([3, 4, 10**6])
    drafts.append(RowDraft(3, "again"))
    assert list_lines(drafts) == [2, *range(5, LINES + 2), 3]
    drafts.hold([3])[3].code = "altered"
    drafts.append(RowDraft(5, "again"))
    drafts.put(RowDraft(6, "put"))
    drafts.put(RowDraft(5, "put"))
    assert list_lines(drafts) == [2, *range(6, LINES + 2), 3, 5]
    codes = {draft.line: draft.code for draft in drafts if draft.code}
    assert codes == {6: "put", 3: "altered", 5: "put"}
    drafts.drop([3, 6])
    assert list_lines(drafts) == [2, *range(7, LINES + 2), 5]
    assert drafts.hold([3, 4, 6]) == {}


def test_the_codes_that_rows_refer_to_are_known() -> None:
    drafts = make_drafts()
    drafts.append(RowDraft(LINES + 5, "", references={"part_of": "BD-0001"}))
    assert drafts.referred == {"bd-0001"}


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
