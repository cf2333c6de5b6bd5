"""XLSX to rows of texts, as a stream over the XML of a sheet.

Libraries hand over values alone. Here one sees what they hide: that a cell is a formula with some
cached value, how a date is shown, and which digits a number has lost.
"""

import re
from dataclasses import dataclass, field
from functools import partial

from django.utils.translation import gettext as _

from config.packing import PackedLines
from config.reading.decoding import replace_unstored
from config.reading.errors import FileError
from config.reading.number_formats import BUILT_IN, classify_format, read_shown
from config.reading.package import Package, StopReadingError, local, parse_whole
from config.reading.rows import (
    FORMULA,
    FORMULA_ERROR,
    SHEET_LINES,
    Limits,
    Merged,
    ReadRow,
    ReadSheet,
    SheetPart,
    check_size,
    describe_too_many_rows,
)

MOST_SHARED_TEXTS = 2_000_000
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([1-9]\d{0,6})")


class ReadWorkbook:
    """An XLSX workbook; raises FileError for what is none, or is hostile."""

    def __init__(self, package: Package, limits: Limits) -> None:
        self.limits = limits
        self.package = package
        self.is_1904 = False
        self.sheets: list[SheetPart] = []
        main = self._find_related("", "officeDocument").get("officeDocument", [""])[0]
        self._read_workbook(main)
        self.texts: list[str] = []
        for part in self._parts.get("sharedStrings", []):
            self._read_texts(part)
        self.styles: list[str] = []
        for part in self._parts.get("styles", []):
            self._read_styles(part)

    def read(self, name: str, part: str, last_line: int) -> ReadSheet:
        """Read all rows of a sheet that hold something, or those up to a line."""
        reader = _SheetReader(self, last_line)
        self.package.parse(part, reader.start, reader.end, reader.text)
        return ReadSheet(name, reader.rows, reader.merged)

    def _find_related(self, part: str, *kinds: str) -> dict[str, list[str]]:
        """The parts that a part refers to, by the last word of their type; also by their id."""
        folder, _slash, name = part.rpartition("/")
        found: dict[str, list[str]] = {}

        def start(element: str, attributes: dict[str, str]) -> None:
            if local(element) != "Relationship" or attributes.get("TargetMode") == "External":
                return
            target = attributes.get("Target", "")
            path = target[1:] if target.startswith("/") else f"{folder}/{target}".lstrip("/")
            found.setdefault(attributes.get("Type", "").rpartition("/")[2], []).append(path)
            found[f"#{attributes.get('Id')}"] = [path]

        self.package.parse(f"{folder}/_rels/{name}.rels".lstrip("/"), start)
        return found

    def _read_workbook(self, main: str) -> None:
        self._parts = self._find_related(main)

        def start(element: str, attributes: dict[str, str]) -> None:
            if local(element) == "workbookPr":
                self.is_1904 = attributes.get("date1904") in ("1", "true")
            elif local(element) == "sheet":
                key = next((v for k, v in attributes.items() if local(k) == "id"), "")
                part = self._parts.get(f"#{key}", [""])[0]
                is_hidden = attributes.get("state", "visible") != "visible"
                if "chartsheet" not in part:
                    name = attributes.get("name", "")
                    read = partial(self.read, name, part)
                    self.sheets.append(SheetPart(name, is_hidden, read))

        self.package.parse(main, start)

    def _read_texts(self, part: str) -> None:
        """The shared texts. What is spelled above a text (ruby) is no part of it."""
        pieces: list[str] = []
        inside = {"t": False, "rPh": False}

        def start(element: str, attributes: dict[str, str]) -> None:
            inside[local(element)] = True

        def text(data: str) -> None:
            if inside["t"] and not inside["rPh"]:
                pieces.append(data)

        def end(element: str) -> None:
            inside[local(element)] = False
            if local(element) == "si":
                if len(self.texts) >= MOST_SHARED_TEXTS:
                    raise FileError("too_many_texts", _("The workbook contains too many texts."))
                self.texts.append(unescape("".join(pieces)))
                pieces.clear()

        self.package.parse(part, start, end, text)

    def _read_styles(self, part: str) -> None:
        codes = dict(BUILT_IN)
        is_inside = [False]

        def start(element: str, attributes: dict[str, str]) -> None:
            name = local(element)
            if name == "numFmt":
                codes[parse_whole(attributes.get("numFmtId", ""))] = attributes.get(
                    "formatCode", ""
                )
            elif name == "cellXfs":
                is_inside[0] = True
            elif name == "xf" and is_inside[0]:
                number = parse_whole(attributes.get("numFmtId", "0"))
                code = codes.get(number, "general")
                self.styles.append(classify_format(code))

        def end(element: str) -> None:
            if local(element) == "cellXfs":
                is_inside[0] = False

        self.package.parse(part, start, end)


@dataclass
class _SheetReader:
    """The handlers of one pass over a sheet."""

    book: ReadWorkbook
    last_line: int
    rows: PackedLines[ReadRow] = field(default_factory=PackedLines)
    merged: list[Merged] = field(default_factory=list)
    line: int = 0
    seen: int = 0
    place: int = -1
    kind: str = ""
    style: str = ""
    is_formula: bool = False
    is_reading: bool = False
    ruby: bool = False
    pieces: list[str] = field(default_factory=list)
    prefix: str = ""
    row: ReadRow = field(default_factory=lambda: ReadRow(0, []))

    def start(self, element: str, attributes: dict[str, str]) -> None:
        name = element if not self.prefix else element.removeprefix(self.prefix)
        if name == "c":
            self.start_cell(attributes)
        elif name in ("v", "t"):
            self.is_reading = not self.ruby
        elif name == "f":
            self.is_formula = True
        elif name == "row":
            self.start_row(attributes)
        elif name == "rPh":
            self.ruby = True
        elif name == "mergeCell":
            self.merge(attributes.get("ref", ""))
        elif name.endswith(":worksheet"):
            self.prefix = name.removesuffix("worksheet")

    def text(self, data: str) -> None:
        if self.is_reading:
            self.pieces.append(data)

    def end(self, element: str) -> None:
        name = element if not self.prefix else element.removeprefix(self.prefix)
        if name in ("v", "t"):
            self.is_reading = False
        elif name == "c":
            if self.pieces or self.is_formula:
                self.end_cell()
        elif name == "rPh":
            self.ruby = False
        elif name == "row" and any(self.row.cells):
            check_size(self.row, len(self.rows), self.book.limits)
            self.rows.append(self.row)

    def start_row(self, attributes: dict[str, str]) -> None:
        self.seen += 1
        line = parse_whole(attributes.get("r", str(self.line + 1)))
        if line <= self.line:  # two rows with one number
            raise ValueError(line)
        self.line = line
        if max(self.seen, line) > SHEET_LINES:
            raise describe_too_many_rows(line, self.book.limits)
        if self.last_line and self.line > self.last_line:
            raise StopReadingError
        self.row = ReadRow(self.line, [])
        self.place = -1

    def start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        place = _parse_place(reference) if reference else self.place + 1
        if place <= self.place:  # two cells in one place
            raise ValueError(reference)
        self.place = place
        self.kind = attributes.get("t", "n")
        self.style = attributes.get("s", "")
        self.is_formula = False
        self.pieces = []

    def end_cell(self) -> None:
        raw = "".join(self.pieces)
        if self.kind == "n" and raw:
            text, fault = self.number(raw)
        else:
            text, fault = self.words(raw).strip(), ""
        if self.kind == "e":
            fault = FORMULA_ERROR
        elif self.is_formula:
            fault = FORMULA
        self.row.put(self.place, text, fault, self.book.limits)

    def number(self, raw: str) -> tuple[str, str]:
        styles = self.book.styles
        place = parse_whole(self.style or "0")
        kind = styles[place] if place < len(styles) else "number"
        return read_shown(raw, kind, self.book.is_1904)

    def words(self, raw: str) -> str:
        if self.kind == "s" and raw:
            return self.book.texts[parse_whole(raw)]
        if self.kind == "b":
            return "true" if raw == "1" else "false"
        return unescape(raw)

    def merge(self, reference: str) -> None:
        first, _colon, last = reference.partition(":")
        corners = [_REFERENCE.fullmatch(corner) for corner in (first, last or first)]
        if corners[0] and corners[1] and len(self.merged) < self.book.limits.rows:
            (left, top), (right, bottom) = corners[0].groups(), corners[1].groups()
            self.merged.append(Merged(int(top), _number(left), int(bottom), _number(right)))


def unescape(text: str) -> str:
    """Replace `_x000D_`, how the format writes a character that XML does not hold.

    Two escapes may be the halves of one character.
    """
    if "_x" not in text:
        return text
    units = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
    whole = units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return replace_unstored(whole)


def _parse_place(reference: str) -> int:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(reference)
    return _number(found[1])


def _number(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
