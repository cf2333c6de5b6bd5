"""Answers that are files: built completely before the first byte is sent."""

import base64
from collections.abc import Mapping
from typing import IO, Any

from django.http import FileResponse
from rest_framework.renderers import BaseRenderer

from config.spreadsheets import Written


class CSVRenderer(BaseRenderer):
    """Stands for text/csv when a client says what it accepts; the view makes the file itself."""

    media_type = "text/csv"
    format = "csv"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        raise TypeError("A file is sent by file_response, not rendered from data.")


def file_response(
    file: IO[bytes], filename: str, content_type: str, written: Written
) -> FileResponse:
    """A finished file as a download, with its length, row count and digest (RFC 9530)."""
    length = file.tell()
    file.seek(0)
    digest = base64.b64encode(written.sha256).decode()
    return FileResponse(
        file,
        as_attachment=True,
        filename=filename,
        content_type=content_type,
        headers={
            "Content-Length": str(length),
            "X-Row-Count": str(written.rows),
            "Repr-Digest": f"sha-256=:{digest}:",
            "Accept-Ranges": "none",
            "Cache-Control": "no-store",
        },
    )
