"""Answers that are files: built completely before the first byte is sent."""

import base64
import errno
import io
from collections.abc import Callable, Mapping
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from urllib.parse import quote

from django.http import FileResponse
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import APIException
from rest_framework.renderers import BaseRenderer

from config.spreadsheets import Written

SPOOL_BYTES = 4 * 2**20  # a smaller file never touches the disk
CSV_MEDIA_TYPE = "text/csv; charset=%s; header=present"
GEOJSON = "application/geo+json"
JSON_LINES = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class FileRenderer(BaseRenderer):
    """Stands for a type of file when a client says what it accepts; the view makes the file."""

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        raise TypeError("The view makes the file, which is not rendered from data.")


class CSVRenderer(FileRenderer):
    media_type = "text/csv"
    format = "csv"


class JSONLinesRenderer(FileRenderer):
    media_type = JSON_LINES
    format = "jsonl"


class GeoJSONRenderer(FileRenderer):
    media_type = GEOJSON
    format = "geojson"


class XLSXRenderer(FileRenderer):
    media_type = XLSX
    format = "xlsx"


class BytesRenderer(FileRenderer):
    """Stands for any file that is no text: generated clients know no other name for one."""

    media_type = "application/octet-stream"
    format = "bytes"


class NoRoomError(APIException):
    """503: the file could not be kept until it was whole."""

    status_code = 503
    default_detail = _("There is no room for the file at the moment; please try again later.")
    default_code = "unavailable"


def build_file(
    write: Callable[[IO[bytes]], Written], filename: str, content_type: str, title: str = ""
) -> FileResponse:
    """Build the download of the file that `write` makes; whatever fails, nothing of it is sent."""
    file = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 the response closes it
    try:
        return build_file_response(file, filename, content_type, write(file), title)
    except OSError as error:
        with suppress(OSError):  # what could not be written cannot be flushed, either
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

    `filename` is in ASCII. Where a title is given, browsers call the file by that: 项目.csv.
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
    """Give a spooled file that lies in memory as a stream that stays there.

    A server asks a file for its number, to let the kernel send it. A spooled file would for that
    write itself to the disk, which may be full, when the head of the answer is on its way.
    """
    if length > SPOOL_BYTES:
        return file
    with file:
        return io.BytesIO(file.read())
