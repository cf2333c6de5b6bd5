"""Lists and computed responses as complete files, at the same URL with a suffix."""

import base64
import errno
import io
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import FileResponse
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import APIException

from api import readers
from config.mistakes import Mistake, Text
from sheets.writing.columns import LANGUAGE_CODES, Column, Layout, Sheet, Table, Written
from sheets.writing.csv_writing import READ_AT_ONCE

SPOOL_BYTES = 4 * 2**20  # a smaller file never touches the disk


class NoRoomError(APIException):
    """503: the file could not be kept until it was whole."""

    status_code = 503
    default_detail = _("There is no room for the file at the moment; please try again later.")
    default_code = "unavailable"


class ClientGoneError(APIException):
    """The client closed the connection while its file was written."""

    status_code = 499  # as proxies have it
    default_code = "client_gone"


def build_file(
    write: Callable[[IO[bytes]], Written], filename: str, content_type: str, title: str = ""
) -> FileResponse:
    """Build the download of the file that `write` writes; after a failure nothing is sent."""
    file = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 the response closes it
    try:
        return build_file_response(file, filename, content_type, write(file), title)
    except OSError as error:
        with suppress(OSError):  # on flushing
            file.close()
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise NoRoomError from error
        raise
    except BaseException:
        file.close()
        raise


def build_file_response(
    file: IO[bytes], filename: str, content_type: str, written: Written, title: str = ""
) -> FileResponse:
    """Build the download of a finished file, with its length, row count and digest (RFC 9530).

    `filename` is in ASCII; browsers prefer the title: 项目.csv.
    """
    file.seek(0, 2)
    length = file.tell()
    file.seek(0)
    digest = base64.b64encode(written.sha256).decode()
    disposition = f'attachment; filename="{filename}"'
    if title and not title.isascii():
        named = quote(f"{title}.{filename.rpartition('.')[2]}", safe="")
        disposition += f"; filename*=UTF-8''{named}"
    return FileResponse(
        detach_from_disk(file, length),
        content_type=content_type,
        headers={
            "Content-Disposition": disposition,
            "Content-Length": str(length),
            "X-Row-Count": str(written.rows),
            "Repr-Digest": f"sha-256=:{digest}:",
            "Accept-Ranges": "none",
            "Cache-Control": "no-store",
        },
    )


def detach_from_disk(file: IO[bytes], length: int) -> IO[bytes]:
    """Return a spooled file that is in memory as a stream that stays there.

    Servers ask for `fileno()`, at which a spooled file writes itself to a disk that may be full.
    """
    if length > SPOOL_BYTES:
        return file
    with file:
        return io.BytesIO(file.read())


TABLE_ACTIONS = ("csv", "xlsx", "parquet")  # that write the columns of a table
LAYOUT_PARAMETERS = ("columns", "header", "unit")
ENCODING_PARAMETERS = ("bom", "encoding")  # of CSV alone
ALL_COLUMNS = "all"
ROWS_AT_ONCE = 500  # with their child rows, read by one query for each kind
FILE_WORDS: dict[str, Mapping[str, Any]] = {
    "header": {"code": "code", "zh": "zh", "en": "en"},
    "unit": {"yuan": "yuan", "wan": "wan", "yi": "yi"},
    "bom": {"true": True, "false": False},
    "encoding": {"utf-8": "utf-8", "gb18030": "gb18030"},
}


def _describe_words(name: str, description: Text) -> OpenApiParameter:
    words = [*FILE_WORDS[name]]
    return OpenApiParameter(name, description=description, enum=words, default=words[0])


FILE_PARAMETERS = [
    OpenApiParameter(
        "columns",
        description=_("Names of columns, separated by commas, in the order wanted; or `all`."),
        type=readers.array_like(readers.FIELD_NAME, uniqueItems=True),
    ),
    _describe_words("header", _("What the header row holds: the names of the columns, or labels.")),
    _describe_words(
        "unit", _("The unit of money: 1, 10,000 or 100,000,000 yuan; headers name it.")
    ),
    OpenApiParameter(
        "bom",
        bool,
        description=_(
            "Whether UTF-8 begins with a byte order mark; without it Excel guesses the encoding."
        ),
        default=True,
    ),
    _describe_words("encoding", _("GB 18030 is for programs that read nothing else.")),
]


def _describe_object(kind: str, **members: Any) -> dict[str, Any]:
    properties = {"type": {"type": "string", "enum": [kind]}, **members}
    return {"type": "object", "required": [*properties], "properties": properties}


_FEATURE = _describe_object(
    "Feature",
    id={"type": "string"},
    geometry=_describe_object("Point", coordinates={"type": "array", "items": {"type": "number"}}),
    properties={"type": "object", "additionalProperties": {}},
)
COLLECTION = _describe_object(
    "FeatureCollection",
    features={"type": "array", "items": _FEATURE},
    datums={"type": "object", "additionalProperties": {"type": "integer"}},
    without_point={"type": "integer"},
)
GEOJSON_OPENING = b'{"type":"FeatureCollection","features":['
POINT_COLUMNS = ("latitude", "longitude")
DATUM_COLUMN = "point_datum"
_Rows = TypeVar("_Rows", bound=QuerySet)


@dataclass
class FileOptions:
    """The options of a file: its columns, their headers and units, its encoding."""

    columns: Sequence[Column]
    layout: Layout = field(default_factory=Layout)
    bom: bool = True
    encoding: Any = "utf-8"

    @property
    def csv(self) -> dict[str, Any]:
        """The options of `write_csv`."""
        return {"bom": self.bom, "encoding": self.encoding, "layout": self.layout}


class FileOptionsReader(readers.Reader[FileOptions]):
    """Reads the options of the file of a view's table."""

    lists = ("columns",)

    def names(self, view: Any) -> Collection[str]:
        if view.action == "parquet":  # programs read names, and whole yuan
            return {*self.lists}
        names = {*LAYOUT_PARAMETERS} if view.has_money else {*LAYOUT_PARAMETERS} - {"unit"}
        return names.union(ENCODING_PARAMETERS) if view.action.endswith("csv") else names

    def read(self, query: readers.Query, view: Any) -> readers.Reading[FileOptions]:
        columns, errors = read_columns(query.get("columns"), view.get_table())
        words, more = read_words(query, FILE_WORDS)
        errors += more
        if "bom" in words and words.get("encoding") == "gb18030":
            detail = gettext("Only UTF-8 has a byte order mark; leave out “bom” or “encoding”.")
            errors.append(Mistake("contradiction", detail).at(parameter="bom"))
        layout = Layout(words.get("header", "code"), words.get("unit", "yuan"))
        encoding = words.get("encoding", "utf-8")
        return FileOptions(columns, layout, words.get("bom", True), encoding), errors


FILE_OPTIONS = FileOptionsReader()


def read_words(
    query: Mapping[str, str], known: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Any], list[Mistake]]:
    """Read parameters by their known words: their values by name, and the mistakes."""
    read, errors = {}, []
    for name, values in known.items():
        if name not in query:
            continue
        if query[name] in values:
            read[name] = values[query[name]]
        else:
            errors.append(readers.describe_unknown_word(name, query[name], values, values))
    return read, errors


def read_columns(text: str | None, table: Table) -> tuple[list[Column], list[Mistake]]:
    if text is None:
        return [*table.columns], []
    offered = {column.name: column for column in [*table.columns, *table.more]}
    if text == ALL_COLUMNS:
        return [*offered.values()], []
    message = gettext("There is no column “%(name)s”.")
    names, errors = readers.read_distinct_names("columns", text, offered, message)
    return [offered[name] for name in names if name in offered], errors


def annotate_for_file(rows: _Rows, columns: Sequence[Column], actor: Any) -> _Rows:
    """Annotate rows with the expressions that the columns read, made for `actor`."""
    made = {c.source: c.path(actor) for c in columns if not isinstance(c.path, str)}
    return rows.select_related(None).prefetch_related(None).annotate(**made)


def build_sheet(title: str, rows: QuerySet, columns: Sequence[Column], actor: Any) -> Sheet:
    """Build a sheet of the rows of an ordered queryset, which are read while they are written."""
    paths = [path for column in columns for path in column.paths]
    values = annotate_for_file(rows, columns, actor).values_list(*paths)
    return Sheet(title, columns, values.iterator(READ_AT_ONCE))


def translate_title(title: Any, layout: Layout) -> str:
    """Translate the title of a file into the language of its header, or else of the request."""
    with translation.override(LANGUAGE_CODES.get(layout.header, translation.get_language())):
        return str(title)


def follow(row: Any, way: Sequence[str]) -> Any:
    """Return the value at the end of a path into a row; None if the path ends before."""
    for name in way:
        if row is None:
            return None
        row = row[name] if isinstance(row, Mapping) else getattr(row, name)
    return row


def read_moment(value: Any, kind: str) -> Any:
    """Parse a moment from JSON; leave other values as they are."""
    is_moment = kind == "moment" and isinstance(value, str)
    return datetime.fromisoformat(value) if is_moment else value
