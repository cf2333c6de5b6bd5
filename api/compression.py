"""Answers of the API coded by gzip for clients that take it (RFC 9110, section 8.4)."""

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

from api.caching import mark_coded
from api.files import SPOOL_BYTES, detach_from_disk
from api.problems.handlers import API_PREFIX

# Workbooks and PNG are compressed already.
_CODED_TYPES = re.compile(
    r"application/(.+\+)?(json|yaml|x-ndjson|vnd\.oai\.openapi)|image/svg\+xml|text/csv"
)
_SHORTEST = 1_400  # bytes: what one packet takes is not made quicker
_LEVEL = 1  # a list of 50 rows gets to a fifth of its size; more would cost more of large files
_PIECE_BYTES = 2**18
_TAKEN = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?P<weight>[0-9.]+)\s*)?(?=,|$)")


class CompressionMiddleware:
    """Codes JSON, JSON lines, SVG and CSV. What is coded has its own tag, length and digest."""

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = self.get_response(request)
        if request.path_info.startswith(API_PREFIX) and _may_be_coded(response):
            patch_vary_headers(response, ["Accept-Encoding"])
            if takes_gzip(request.headers.get("Accept-Encoding", "")):
                _encode(request, response)
        return response


def takes_gzip(accepted: str) -> bool:
    """Tell whether an Accept-Encoding header takes gzip; a weight of 0 refuses it."""
    found = _TAKEN.search(accepted.lower())
    return found is not None and float(found["weight"] or 1) > 0


def _may_be_coded(response: HttpResponseBase) -> bool:
    if response.status_code == 304:
        return True
    content_type = response.headers.get("Content-Type", "")
    return bool(_CODED_TYPES.match(content_type)) and "Content-Encoding" not in response.headers


def _encode(request: HttpRequest, response: HttpResponseBase) -> None:
    """Code the content where that is worth it; a 304 is tagged as what it stands for."""
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
    """Code a finished file into another one; where there is no room for it, it stays as it is."""
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
