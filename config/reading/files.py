"""A file to a table: its sheet and header found, its columns named, what is no data set aside."""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.reading.csv_files import read_csv
from config.reading.errors import FileError
from config.reading.headers import OURS, HeaderRows, Match, Spellings, find_header, repeats
from config.reading.mapping import Wishes
from config.reading.rows import Limits, ReadRow, ReadSheet
from config.reading.xlsx_files import ReadWorkbook
from config.reading.xlsx_package import OLE_MAGIC, ZIP_MAGIC, describe_encryption
from config.suggestions import nearest

SKIPPED: Mapping[str, str | Promise] = {
    "title": gettext_lazy("stands above the table"),
    "header": gettext_lazy("is the header"),
    "repeated_header": gettext_lazy("is the header again"),
    "empty": gettext_lazy("is empty"),
    "total": gettext_lazy("is a total"),
    "remark": gettext_lazy("is a remark"),
}
_TOTAL = re.compile(
    r"(?:.{0,12}(?:合计|总计|小计|共计)|累计|grand ?total|sub-?total|total|sum)[:：]?",
    re.IGNORECASE,
)
_REMARK = re.compile(
    r"(?:注|备注|说明|填表|填报|制表|审核|审批|负责人|资料来源|数据来源|来源|单位|查无数据|无数据"
    r"|notes?\b|remarks?\b|source\b|no data)",
    re.IGNORECASE,
)
_EXTENSIONS = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".xlsx": "xlsx"}
_OTHER_EXTENSIONS = {".xls", ".xlsm", ".xlsb", ".ods", ".et", ".numbers", ".json", ".html", ".zip"}


@dataclass(frozen=True)
class ReadOptions:
    """How a file is to be read; blank means: find out."""

    encoding: str = ""
    sheet: str = ""
    wishes: Wishes = field(default_factory=Wishes)
    limits: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class Skipped:
    """A line that is no row of data; `reason` is a key of SKIPPED."""

    line: int
    reason: str


@dataclass(frozen=True)
class ColumnProblem:
    """A column that is not read, and must be mapped or ignored by name."""

    text: str
    code: str
    detail: str
    suggestion: str | None = None

    def as_dict(self) -> dict[str, Any]:
        members = {
            "column": self.text,
            "code": self.code,
            "detail": self.detail,
            "suggestion": self.suggestion,
        }
        return {name: value for name, value in members.items() if value}


@dataclass
class ReadTable:
    """What a file says, before any of it is understood.

    `columns` are those that are read, one for each name; `problems` those that are neither read
    nor ignored; `ignored` names the columns left out, by why.
    """

    sheet: ReadSheet
    header: HeaderRows
    columns: list[Match]
    rows: list[ReadRow]
    skipped: list[Skipped]
    problems: list[ColumnProblem]
    ignored: dict[str, str]


def read_table(
    data: bytes,
    filename: str,
    spellings: Spellings,
    options: ReadOptions = ReadOptions(),  # noqa: B008
) -> ReadTable:
    """Read a CSV or XLSX file; raises FileError where nothing can be said of its rows.

    `spellings` has the names of the columns that are known, by plain header.
    """
    limits = options.limits
    if len(data) > limits.file_size:
        detail = _("The file has %(size)d MB; at most %(max)d MB are read.")
        sizes = {"size": len(data) // 2**20, "max": limits.file_size // 2**20}
        raise FileError("file_too_large", detail % sizes)
    if detect_format(data, filename) == "csv":
        sheet = read_csv(data, limits, options.encoding)
        header = find_header(sheet, spellings, limits, options.wishes.named)
    else:
        sheet, header = _best_sheet(ReadWorkbook(data, limits), spellings, options)
    if header is None:
        raise _no_header(sheet)
    return _table(sheet, header, spellings, options.wishes)


def detect_format(data: bytes, filename: str) -> str:
    """Detect `csv` or `xlsx`; FileError unless name and content agree."""
    extension = PurePath(filename).suffix.lower()
    if data.startswith(OLE_MAGIC):
        raise describe_encryption()
    found = "xlsx" if data.startswith(ZIP_MAGIC) else "csv"
    if not data.strip():
        raise FileError("empty_file", _("The file is empty."))
    if (
        data[:512]
        .lstrip(b"\xef\xbb\xbf \r\n\t")
        .lower()
        .startswith((b"<!doctype", b"<html", b"<?xml"))
    ):
        raise FileError("not_a_table", _("This is a web page or XML; save it as .xlsx or .csv."))
    if extension == ".xlsm":
        raise FileError("macros", _("Save the workbook as .xlsx, without macros."))
    expected = _EXTENSIONS.get(extension)
    if extension in _OTHER_EXTENSIONS or (expected and expected != found):
        detail = _("The file is called %(extension)s, but its content is %(found)s.")
        if extension in _OTHER_EXTENSIONS:
            detail = _("Files called %(extension)s cannot be read; save it as .xlsx or .csv.")
        raise FileError("wrong_extension", detail % {"extension": extension, "found": found})
    return found


def _best_sheet(
    book: ReadWorkbook, spellings: Spellings, options: ReadOptions
) -> tuple[ReadSheet, HeaderRows | None]:
    """The sheet that was named, else the one whose header is understood best."""
    named = [sheet for sheet in book.sheets if sheet.name == options.sheet]
    if options.sheet and not named:
        names = [sheet.name for sheet in book.sheets]
        detail = _("There is no sheet “%(name)s”; the sheets are: %(names)s.")
        told = {"name": options.sheet, "names": ", ".join(names)}
        raise FileError("unknown_sheet", detail % told, nearest(options.sheet, names))
    best = None
    count = 0
    for part in named or [sheet for sheet in book.sheets if not sheet.is_hidden]:
        head = book.read(part, options.limits.title_lines)
        header = find_header(head, spellings, options.limits, options.wishes.named)
        understood = len(header.known) if header else 0
        if best is None or understood > count:
            best, count = part, understood
    if best is None:
        raise FileError("no_sheet", _("The workbook has no visible sheet."))
    sheet = book.read(best)
    sheet.others = [part.name for part in book.sheets if part is not best]
    return sheet, find_header(sheet, spellings, options.limits, options.wishes.named)


def _no_header(sheet: ReadSheet) -> FileError:
    seen = next((row for row in sheet.rows if not row.is_empty), None)
    texts = ", ".join(text for text in (seen.cells if seen else []) if text)[:200]
    detail = _(
        "None of the first rows is a header that is understood. The first row contains: %(texts)s"
    )
    return FileError("no_header", detail % {"texts": texts}, sheet=sheet.name)


def _table(sheet: ReadSheet, header: HeaderRows, spellings: Spellings, wishes: Wishes) -> ReadTable:
    sheet.fill_down()
    rows, skipped = _divide(sheet, header)
    matches = [_as_wished(match, wishes) for match in header.matches]
    ignored = {match.text: "numbering" for match in matches if match.is_numbering}
    ignored |= {match.text: "asked" for match in matches if wishes.ignores(match.text)}
    wanted = [m for m in matches if m.text not in ignored and (m.text or _is_used(m.place, rows))]
    problems = [
        *_find_unknown(wanted, spellings),
        *_find_repeated(wanted),
        *_not_there(matches, wishes),
    ]
    names = Counter(match.name for match in wanted if match.name)
    read = [match for match in wanted if match.name and names[match.name] == 1]
    for ours in OURS:
        ignored.pop(ours, None)
    return ReadTable(sheet, header, read, rows, skipped, problems, ignored)


def _as_wished(match: Match, wishes: Wishes) -> Match:
    name, unit = wishes.column_of(match.text), wishes.unit_of(match.text)
    return replace(
        match,
        name=match.name if name is None else name,
        unit=unit or match.unit,
        is_numbering=match.is_numbering and name is None,
    )


def _is_used(place: int, rows: list[ReadRow]) -> bool:
    return any(row.cell(place) for row in rows)


def _find_unknown(matches: list[Match], spellings: Spellings) -> list[ColumnProblem]:
    known = {name for name, _unit in spellings.values()}
    problems = []
    for match in matches:
        if match.name in known:
            continue
        if not match.text:
            detail = _("Column %(number)d has cells but no header.") % {"number": match.place + 1}
            problems.append(ColumnProblem(f"#{match.place + 1}", "unnamed_column", detail))
        elif match.name:
            detail = _("“%(text)s” is mapped to “%(name)s”, which is not a column of the ledger.")
            named = {"text": match.text, "name": match.name}
            suggestion = nearest(match.name, known)
            problems.append(ColumnProblem(match.text, "unknown_name", detail % named, suggestion))
        else:
            detail = _("The column “%(text)s” is not known; map it, or ignore it by name.")
            suggestion = _nearest_name(match.text, spellings)
            problem = ColumnProblem(
                match.text, "unknown_column", detail % {"text": match.text}, suggestion
            )
            problems.append(problem)
    return problems


def _nearest_name(text: str, spellings: Spellings) -> str | None:
    found = nearest(text, spellings)
    return spellings[found][0] if found else None


def _find_repeated(matches: list[Match]) -> list[ColumnProblem]:
    names = Counter(match.name for match in matches if match.name)
    detail = _("More than one column stands for “%(name)s”; ignore all but one of them.")
    return [
        ColumnProblem(match.text, "repeated_column", detail % {"name": match.name})
        for match in matches
        if names[match.name] > 1
    ]


def _not_there(matches: list[Match], wishes: Wishes) -> list[ColumnProblem]:
    """What a mapping names and the file does not have is a typing error in the mapping."""
    texts = [match.text for match in matches if match.text]
    there = Wishes(ignore=tuple(texts))
    detail = _("The mapping names a column “%(text)s” that the file does not have.")
    return [
        ColumnProblem(text, "column_not_there", detail % {"text": text}, nearest(text, texts))
        for text in [*wishes.named, *wishes.values, *wishes.units]
        if not there.ignores(text)
    ]


def _divide(sheet: ReadSheet, header: HeaderRows) -> tuple[list[ReadRow], list[Skipped]]:
    """The rows of data, and all other lines with what they are."""
    rows, skipped = [], []
    for row in sheet.rows:
        reason = _reason(row, header)
        if reason:
            skipped.append(Skipped(row.line, reason))
        else:
            rows.append(row)
    return rows, skipped


def _reason(row: ReadRow, header: HeaderRows) -> str:
    if row.is_empty:
        return "empty"
    if row.line < header.first_line:
        return "title"
    if row.line <= header.last_line:
        return "header"
    filled = [text for text in row.cells if text]
    first = unicodedata.normalize("NFKC", filled[0]).replace(" ", "")
    if _TOTAL.fullmatch(first):
        return "total"
    if len(filled) == 1 and _REMARK.match(first) and not _is_name(row, header):
        return "remark"
    return "repeated_header" if repeats(header, row) else ""


def _is_name(row: ReadRow, header: HeaderRows) -> bool:
    """Whether the only cell of a row stands in a column that names what the row is about."""
    place = next(place for place, text in enumerate(row.cells) if text)
    name = next((match.name for match in header.matches if match.place == place), "")
    return name in ("name", "name_zh", "name_en", "code")
