"""Kept responses, a memory cache bounded in bytes, entity tags, and compression.

Django's memory cache bounds the number of entries, not their size, and copies each one it returns,
which for 3 MB takes as long as the rest of a kept response.
"""

import base64
import gzip
import hmac
import logging
import pickle
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b, file_digest
from io import BytesIO
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db.models import Model
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.http.response import ResponseHeaders
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags
from django.utils.translation import get_language, gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request

from api.files import SPOOL_BYTES, detach_from_disk
from api.problems.handlers import API_PREFIX

_ENTRY_BYTES = 500  # of an entry without its key and value


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    size: int
    ends: float | None  # when it expires


@dataclass(slots=True)
class _Memory:
    """The entries that the threads of a process share, least recently used first."""

    entries: "OrderedDict[str, _Entry]" = field(default_factory=OrderedDict)
    size: int = 0
    lock: Lock = field(default_factory=Lock)

    def drop(self, key: str) -> bool:
        entry = self.entries.pop(key, None)
        self.size -= entry.size if entry else 0
        return entry is not None


_memories: dict[str, _Memory] = {}  # by the name of the cache


class BoundedMemoryCache(BaseCache):
    """The cache of a process, bounded by `MAX_BYTES` in its OPTIONS.

    It returns the objects themselves, which must not be changed.
    """

    def __init__(self, name: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.memory = _memories.setdefault(name, _Memory())
        self.max_bytes: int = params["OPTIONS"]["MAX_BYTES"]

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        key = self.make_and_validate_key(key, version=version)
        with self.memory.lock:
            entry = self.memory.entries.get(key)
            if entry is None:
                return default
            if entry.ends is not None and entry.ends <= time.time():
                self.memory.drop(key)
                return default
            self.memory.entries.move_to_end(key)
            return entry.value

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        key = self.make_and_validate_key(key, version=version)
        size = len(key) + len(pickle.dumps(value)) + _ENTRY_BYTES
        memory = self.memory
        with memory.lock:
            memory.drop(key)
            memory.entries[key] = _Entry(value, size, self.get_backend_timeout(timeout))
            memory.size += size
            while memory.size > self.max_bytes:
                memory.drop(next(iter(memory.entries)))

    def delete(self, key: str, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version=version)
        with self.memory.lock:
            return self.memory.drop(key)

    def clear(self) -> None:
        with self.memory.lock:
            self.memory.entries.clear()
            self.memory.size = 0


_LARGEST = 8  # one response may take an eighth of the cache
_DAY = 24 * 60 * 60  # seconds; responses depend on the day

_logger = logging.getLogger(__name__)


def find_answer(name: str) -> tuple[Any, str] | None:
    """Return the kept response of this name, with the version of the row that it shows."""
    kept = find_kept(name)
    if kept is None:
        return None
    body, headers, is_file, is_framed, shown_version = kept
    answer: Any = FileResponse(BytesIO(body)) if is_file else HttpResponse(body)
    answer.headers = ResponseHeaders(headers)
    if is_framed:
        answer.xframe_options_exempt = True
    return answer, shown_version


def keep_answer(
    name: str, answer: HttpResponseBase, own_headers: Mapping[str, str], shown_version: str
) -> None:
    """Keep a response of 200 under a name, with the headers set by its view."""
    headers = {**own_headers, "Content-Type": answer.headers["Content-Type"]}
    is_framed = getattr(answer, "xframe_options_exempt", False)
    is_file = isinstance(answer, FileResponse)
    keep_value(name, (find_body(answer), headers, is_file, is_framed, shown_version))


def find_kept(name: str, cache: str = "default") -> Any:
    """Return the kept value of this name; None if there is none or the cache fails."""
    try:
        return caches[cache].get(name)
    except Exception as error:  # noqa: BLE001 whatever a shared cache raises
        _logger.warning("The cache does not answer: %s", error)
        return None


def keep_value(name: str, value: Any, cache: str = "default", days: int = 1) -> None:
    """Keep a value under a name for some days, if the cache takes it."""
    try:
        caches[cache].set(name, value, days * _DAY)
    except Exception as error:  # noqa: BLE001
        _logger.warning("The cache takes nothing: %s", error)


def find_body(answer: HttpResponseBase) -> bytes:
    """Return the body of a response, or of a file that is in memory; nothing of a larger one."""
    if isinstance(answer, HttpResponse):
        return answer.content
    file = getattr(answer, "file_to_stream", None)
    return file.getvalue() if isinstance(file, BytesIO) else b""


def is_worth_keeping(answer: HttpResponseBase) -> bool:
    """Return whether the body of a response is in memory and small enough to keep."""
    return 0 < len(find_body(answer)) <= settings.CACHE_MAX_BYTES // _LARGEST


ANY = "*"
_CODED = "-gzip"  # at the end of the tag of a compressed response


class PreconditionRequired(APIException):
    """428: an edit without If-Match."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = _(
        "Send If-Match with the ETag of what you have read, so that nobody's edit gets lost; "
        "“If-Match: *” overwrites whatever is there."
    )


class MalformedPrecondition(APIException):
    """400: invalid or unusable entity tags."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid"


class PreconditionFailed(APIException):
    """412: the row has changed; it carries the current ETag and the changes."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "version_conflict"

    def __init__(self, detail: Any, version: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.headers = {} if version is None else {"ETag": make_entity_tag(version)}
        self.members = members


def make_entity_tag(version: str, digest: str = "") -> str:
    """Return the strong ETag of a version of a row, with a digest of the response."""
    return f'"{version}.{digest}"' if digest else f'"{version}"'


def parse_entity_tags(header: str) -> list[str]:
    """Return the tags of an If-Match or If-None-Match, without quotes.

    Compressing proxies weaken tags (`W/`); these and tags of compressed responses count as the
    original ones.
    """
    tags = (tag.removeprefix("W/").strip('"') for tag in parse_etags(header))
    return [tag.removesuffix(_CODED) for tag in tags]


def mark_coded(tag: str) -> str:
    """Return the ETag of the same response compressed by gzip."""
    return f'{tag.removesuffix(chr(34))}{_CODED}"'


def describe_changes(row: Model, seen: str) -> dict[str, Any]:
    """Return the members of a problem that describe the changes of a row since a version.

    `current_version`, and if known `changed_fields`, `changed_by` and `changed_at`.
    """
    version = getattr(row, "version", None)
    if version is None:
        return {}
    changes: dict[str, Any] = row.changes_since(seen) if hasattr(row, "changes_since") else {}
    return {"current_version": version, **changes}


def check_if_match(request: Request, row: Model, version: str) -> None:
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired()
    tags = parse_entity_tags(header)
    if not tags:
        detail = _('If-Match takes entity tags in quotes, such as “"5"”, or “*”.')
        raise MalformedPrecondition(detail)
    # Our tags are the version and, after a dot, a digest of the response
    seen = [tag.partition(".")[0] for tag in tags]
    if ANY not in seen and version not in seen:
        raise PreconditionFailed(
            _("This has been changed since you read it. Read it again, then repeat the edit."),
            version,
            **describe_changes(row, seen[0]),
        )


def check_put(request: Request, row: Model | None, version: str) -> None:
    """Check the preconditions of a PUT: `If-None-Match: *`, or If-Match for an existing row."""
    header = request.headers.get("If-None-Match")
    if header is None:
        if row is not None:
            check_if_match(request, row, version)
        elif "If-Match" in request.headers:
            raise PreconditionFailed(_("There is nothing at this URL that could match."))
    elif parse_entity_tags(header) != [ANY]:
        detail = _("“If-None-Match: *” says that a PUT must create; it takes nothing else.")
        raise MalformedPrecondition(detail)
    elif row is not None:
        detail = _("Something already exists at this URL, so nothing was created.")
        raise PreconditionFailed(detail, version, **describe_changes(row, ""))


def check_restored(request: Request, row: Model | None, version: str) -> None:
    """Check the preconditions of restoring a row: If-Match, or `If-None-Match: *` if deleted."""
    if row is None and not {"If-Match", "If-None-Match"} & {*request.headers}:
        raise PreconditionRequired(
            _("This was deleted: send “If-None-Match: *” to have it back, if nobody else had it.")
        )
    check_put(request, row, version)


VARIES_BY = ("Accept", "Accept-Language", "Authorization", "Cookie")
_PROGRAM = {".py", ".mo", ".html"}


class NotModifiedError(Exception):
    """The client already has this response."""


class AnsweredBeforeError(Exception):
    """A kept response is still valid."""

    def __init__(self, answer: HttpResponseBase) -> None:
        super().__init__()
        self.answer = answer


def find_shown_version(request: Request, digest: str) -> str | None:
    """Return the version of the row in the client's tag ("" for a list); None without the tag."""
    for tag in parse_entity_tags(request.headers.get("If-None-Match", "")):
        version, _dot, known = tag.rpartition(".")
        if hmac.compare_digest(known.encode(), digest.encode()):
            return version
    return None


def digest_representation(request: Request | HttpRequest, version: str, visibility: str) -> str:
    """Digest (32 hex digits) everything that the response to a GET depends on."""
    parts = [
        version,
        request.build_absolute_uri(),  # with the host, as responses contain URLs
        str(getattr(request, "accepted_media_type", "")),  # a page has only one
        get_language() or "",
        visibility,
        timezone.localdate().isoformat(),  # staleness depends on today
        str((settings.STALE_MONTHS, settings.CORS_ALLOWED_ORIGINS)),
        str((settings.PUBLIC_READ, settings.SITE_URL)),
        digest_program(),
    ]
    # With the key of the site, which signs cursors in responses
    digest = salted_hmac("config.api.revalidation", "\0".join(parts), algorithm="sha256")
    return digest.hexdigest()[:32]


@cache
def digest_program() -> str:
    """Digest (16 hex digits) the program and the profile: others may respond differently."""
    digest = blake2b(settings.PROFILE.path.read_bytes(), digest_size=8)
    packages = [path.parent for path in settings.BASE_DIR.glob("*/__init__.py")]
    for folder in (*sorted(packages), settings.BASE_DIR / "locale"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _PROGRAM:
                digest.update(path.read_bytes())
    return digest.hexdigest()


# --- Compression by gzip for clients that accept it (RFC 9110, section 8.4) ---

# Workbooks and PNG are compressed already.
_CODED_TYPES = re.compile(
    r"application/(.+\+)?(json|yaml|x-ndjson|vnd\.oai\.openapi)|image/svg\+xml|text/csv"
)
_SHORTEST = 1_400  # bytes: one packet gets no faster
_LEVEL = 1  # a list of 50 rows shrinks to a fifth; higher levels are slow on large files
_PIECE_BYTES = 2**18
_TAKEN = re.compile(r"(?:^|,)\s*(?:gzip|\*)\s*(?:;\s*q=(?P<weight>[0-9.]+)\s*)?(?=,|$)")


class CompressionMiddleware(GZipMiddleware):
    """Compresses JSON, JSON lines, SVG and CSV; the result has its own ETag, length and digest.

    Pages are compressed as Django does it: with random bytes, so that their lengths do not tell
    what stands beside a text that somebody else made them show.
    """

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
        elif headers.get("Content-Type", "").startswith("text/html"):
            return super().process_response(request, response)
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
    if is_coded and "ETag" in headers and request.method in ("GET", "HEAD"):
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
