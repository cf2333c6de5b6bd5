"""The parts that formats of workbooks share: the ZIP package and the formats of numbers."""

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from django.utils.translation import gettext as _

from config.mistakes import Mistake
from sheets.reading.rows import (
    LOST_DIGITS,
    Limits,
    describe_broken,
    describe_encryption,
    describe_macros,
)

# ECMA-376, 18.8.30; 27 to 36 and 50 to 58 are dates in Chinese, Japanese and Korean editions.
_DAY, _MONTH, _YEAR_MONTH = "yyyy-mm-dd", "d-mmm", "mmm-yy"
BUILT_IN = (
    {9: "0%", 10: "0.00%", 14: _DAY, 15: _DAY, 16: _MONTH, 17: _YEAR_MONTH}
    | dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), "h:mm:ss")
    | {22: "yyyy-mm-dd h:mm", 27: _YEAR_MONTH, 57: _YEAR_MONTH, 36: _YEAR_MONTH, 50: _YEAR_MONTH}
    | dict.fromkeys((28, 29, 30, 31, 51, 53, 54, 58), _DAY)
    | {52: _YEAR_MONTH}
)
_LITERAL = re.compile(r'"[^"]*"|[\\!].|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\[\]]*\]', re.IGNORECASE)
# Excel keeps 15 digits and shows the others as zeros.
_MOST_DIGITS = 15
FIRST_LOST = 10**_MOST_DIGITS
_LAST_SERIAL = 2_958_465  # 9999-12-31
LONGEST_CODE = 255  # of a number format in Excel
_DAYS_TO_1904 = 1_462  # by which serial numbers of the other calendar are less


def classify_format(code: str) -> str:
    """Classify what a number format shows: year, month, day, moment, percent or number."""
    bare = _LITERAL.sub("", code.split(";")[0][:LONGEST_CODE]).lower().strip()
    if bare in ("general", "g/通用格式"):
        return "number"
    characters = set(bare)
    if characters & {"h", "s"}:
        return "moment"
    if characters & {"y", "e"} and not characters & {"0", "#"}:
        return "day" if "d" in characters else "month" if "m" in characters else "year"
    if "d" in characters or ("m" in characters and not characters & {"0", "#", "?"}):
        return "day"
    return "percent" if "%" in characters else "number"


def format_number(raw: str, kind: str, is_1904: bool) -> str:
    """Format a number as text: `2024-06-28`, `2024-06`, `5%`, `10.9`; ValueError for none.

    A number that Excel cannot hold (`inf`, a thousand digits) stays as it is written.
    """
    if "_" in raw or not raw.isascii():  # what only Python takes for a part of a number
        raise ValueError(raw)
    value = float(raw)
    if not isfinite(value * 100):
        return raw.strip()
    if kind == "percent":
        return f"{format_digits(value * 100)}%"
    last = _LAST_SERIAL - (_DAYS_TO_1904 if is_1904 else 0)
    if kind == "number" or not 1 <= value <= last:
        return format_digits(value)
    return format_moment(_moment(value, is_1904), kind)


def format_moment(moment: datetime, kind: str) -> str:
    """Format a moment as far as its number format shows it."""
    if kind == "year":
        return f"{moment:%Y}"
    if kind == "month":
        return f"{moment:%Y-%m}"
    has_time = moment.time() != datetime.min.time()
    return moment.isoformat(timespec="seconds") if has_time else moment.date().isoformat()


def read_shown(raw: str, kind: str, is_1904: bool = False) -> tuple[str, str]:
    """Read a number of a cell: its text, and LOST_DIGITS if it has more than are kept."""
    text = format_number(raw, kind, is_1904)
    return text, LOST_DIGITS if abs(float(raw)) >= FIRST_LOST else ""


def format_digits(value: float) -> str:
    """Format a number with the digits that Excel keeps, without an exponent."""
    if value == int(value) and abs(value) < 2**53:
        return str(int(value))
    return format(Decimal(f"{value:.{_MOST_DIGITS}g}"), "f")


def _moment(serial: float, is_1904: bool) -> datetime:
    # Lotus took 1900 for a leap year, and so do all that read its files.
    first = (1904, 1, 1) if is_1904 else (1899, 12, 30 if serial >= 60 else 31)
    base = datetime(*first)  # noqa: DTZ001 days of a calendar, not moments of the world
    return base + timedelta(days=int(serial), seconds=round(serial % 1 * 86_400))


_CHUNK = 1 << 16
SMALL = 1 << 20  # below this, however well something is packed, it does no harm
IS_ENCRYPTED = 0x1
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # which the format allows
# Of Excel, or of LibreOffice, which may list libraries that are empty
_MACROS = re.compile(r"vbaproject\.bin$|^Basic/(?!.*script-l[bc]\.xml$)|^Scripts/", re.IGNORECASE)
_WHOLE = re.compile(r"\s*[0-9]{1,10}\s*")
_OUTSIDE = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|\\|\x00")

# What reading a damaged part raises; LookupError is an encoding that nobody knows, RuntimeError a
# cipher, ValueError what a handler cannot read
_FAULTS = (
    *(expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(ValueError, LookupError, RuntimeError),
)


@contextmanager
def refuse_damage() -> Iterator[None]:
    """Raise Mistake if reading a part fails."""
    try:
        yield
    except _FAULTS as error:
        raise describe_broken() from error


class Package:
    """An opened package. Nothing is ever written to disk."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        """Raises Mistake for what is no harmless package."""
        with refuse_damage():
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.names = {member.filename for member in self.zip.infolist()}
        self.check_members(limits)

    def check_members(self, limits: Limits) -> None:
        members = self.zip.infolist()
        unpacked = sum(member.file_size for member in members)
        packed = max(sum(member.compress_size for member in members), 1)
        if len(members) > limits.members or len(members) != len(self.names):
            raise Mistake("too_many_members", _("The file contains too many parts for a workbook."))
        if unpacked > limits.unpacked_size or (
            unpacked > SMALL and unpacked / packed > limits.ratio
        ):
            detail = _("Unpacked, the file would take %(size)d MB; this is refused.")
            raise Mistake("unpacked_too_large", detail % {"size": unpacked // 2**20})
        if any(_OUTSIDE.search(member.orig_filename) for member in members):
            raise Mistake("path_outside", _("A part of the file has a path that leads out of it."))
        if any(member.compress_type not in _PACKINGS for member in members):
            raise describe_broken()
        if any(member.flag_bits & IS_ENCRYPTED for member in members):
            raise describe_encryption()
        if any(_MACROS.search(name) for name in self.names):
            raise describe_macros()

    def iterate(
        self, name: str, *wanted: str, begun: str = "", skipped: Collection[str] = ()
    ) -> Iterator[Element]:
        """Parse a part as safe XML, and yield the elements with the `wanted` names as they end.

        These are names without prefixes, of elements that are not in each other. An element `begun`
        is yielded at its start, without its contents; `skipped` ones are left out with theirs.
        """
        if name not in self.names:
            raise describe_broken()
        found: list[Element] = []
        parser = _build_parser(found, wanted, begun, skipped)
        with refuse_damage(), self.zip.open(name) as part:
            while chunk := part.read(_CHUNK):
                parser.Parse(chunk, False)
                yield from found
                found.clear()
            parser.Parse(b"", True)
        yield from found

    def list_elements(self, name: str, *wanted: str) -> list[tuple[str, dict[str, str]]]:
        """List elements of a part with their attributes, all named without prefixes, in order."""
        return [
            (local(each.tag), {local(key): text for key, text in each.items()})
            for each in self.iterate(name, *wanted)
        ]


def _build_parser(
    found: list[Element], wanted: Collection[str], begun: str, skipped: Collection[str]
) -> Any:
    """Build the parser of a part that adds elements to `found`: see `Package.iterate`."""
    parser, builder = expat.ParserCreate(), TreeBuilder()
    root: Element | None = None  # the wanted element that has not ended
    aside = 0  # how deep within what is skipped

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal root, aside
        if aside or tag in skipped:
            aside += 1
        elif tag == begun:
            found.append(Element(tag, attributes))
        elif local(tag) in wanted:
            root = builder.start(tag, attributes)
            # What it contains is built without a call of ours
            parser.StartElementHandler, parser.CharacterDataHandler = builder.start, builder.data

    def end(tag: str) -> None:
        nonlocal root, builder, aside
        if root is None:
            aside -= bool(aside)
        elif builder.end(tag) is root:
            found.append(root)
            root, builder = None, TreeBuilder()
            parser.StartElementHandler, parser.CharacterDataHandler = start, None

    def refuse_doctype(*_declared: Any) -> None:
        raise Mistake("doctype", _("The workbook declares a DOCTYPE; no real one does."))

    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = refuse_doctype
    return parser


def local(name: str) -> str:
    """Cut the prefix from the name of an element or attribute."""
    return name.rpartition(":")[2]


def parse_whole(text: str) -> int:
    """Parse the number of a row, a style or repetitions; ValueError for what is none."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)
