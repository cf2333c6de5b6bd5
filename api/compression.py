"""Compress responses of the API by gzip for clients that accept it (RFC 9110, section 8.4)."""

import base64
import gzip
import re
from contextlib import suppress
from hashlib import file_digest
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from api.caching import mark_coded
from api.files import SPOOL_BYTES, detach_from_disk
from api.problems.handlers import API_PREFIX

# Workbooks and PNG are compressed already.
_CODED_TYPES = re.compile(
    r"application/(.+\+)?(json|yaml|x-ndjson|vnd\.oai\.openapi)|image/svg\+xml|text/csv"
)
_SHORTEST = 1_400  # bytes: one packet gets no faster
_LEVEL = 1  # a list of 50 rows shrinks to a fifth; higher levels are slow on large files
_PIECE_BYTES = 2**18
_TAKEN = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?P<weight>[0-9.]+)\s*)?(?=,|$)")


class CompressionMiddleware(MiddlewareMixin):
    """Compresses JSON, JSON lines, SVG and CSV; the result has its own ETag, length and digest."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        headers = response.headers
        is_plain = "Content-Encoding" not in headers
        is_text = is_plain and _CODED_TYPES.match(headers.get("Content-Type", ""))
        if request.path_info.startswith(API_PREFIX) and (is_text or response.status_code == 304):
            patch_vary_headers(response, ["Accept-Encoding"])
            if takes_gzip(request.headers.get("Accept-Encoding", "")):
                _encode(request, response)
        return response


def takes_gzip(accepted: str) -> bool:
    """Return whether an Accept-Encoding header accepts gzip; a weight of 0 refuses it."""
    found = _TAKEN.search(accepted.lower())
    return found is not None and float(found["weight"] or 1) > 0


def _encode(request: HttpRequest, response: HttpResponseBase) -> None:
    headers = response.headers
    if response.status_code == 304:
        is_coded = mark_coded(headers["ETag"]) in request.headers.get("If-None-Match", "")
    elif isinstance(response, FileResponse):
        is_coded = int(headers["Content-Length"]) >= _SHORTEST and _encode_file(response)
    else:
        is_coded = isinstance(response, HttpResponse) and _encode_content(response)
    if is_coded and "ETag" in headers:
        headers["ETag"] = mark_coded(headers["ETag"])


def _encode_content(response: HttpResponse) -> bool:
    if len(response.content) < _SHORTEST:
        return False
    response.content = gzip.compress(response.content, _LEVEL, mtime=0)
    _describe_coded(response, len(response.content))
    return True


def _encode_file(response: FileResponse) -> bool:
    """Compress a finished file into another one; without room for that it stays as it is."""
    plain: Any = response.file_to_stream
    coded: Any = SpooledTemporaryFile(max_size=SPOOL_BYTES)  # noqa: SIM115 it is sent
    try:
        with gzip.GzipFile(fileobj=coded, mode="wb", compresslevel=_LEVEL, mtime=0) as packed:
            copyfileobj(plain, packed, _PIECE_BYTES)
    except OSError:
        plain.seek(0)
        with suppress(OSError):  # what could not be written cannot be flushed, either
            coded.close()
        return False
    length = coded.tell()
    coded.seek(0)
    digest = base64.b64encode(file_digest(coded, "sha256").digest()).decode()
    coded.seek(0)
    response.streaming_content = detach_from_disk(coded, length)
    _describe_coded(response, length)
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    return True


def _describe_coded(response: HttpResponseBase, length: int) -> None:
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Content-Length"] = str(length)
