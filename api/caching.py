"""Kept answers, the memory cache that bounds them in bytes, and entity tags.

Django's memory cache bounds the number of entries, not their size, and copies each one it returns,
which for 3 MB takes as long as the rest of a kept answer.
"""

import hmac
import logging
import pickle
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.db.models import Model
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request

_ENTRY_BYTES = 500  # what an entry takes beside its key and value


@dataclass(frozen=True, slots=True)
class _Entry:
    value: Any
    size: int
    ends: float | None  # when it expires


@dataclass(slots=True)
class _Memory:
    """What the threads of a process share: the entries, the one used longest ago first."""

    entries: "OrderedDict[str, _Entry]" = field(default_factory=OrderedDict)
    size: int = 0
    lock: Lock = field(default_factory=Lock)

    def drop(self, key: str) -> bool:
        entry = self.entries.pop(key, None)
        self.size -= entry.size if entry else 0
        return entry is not None


_memories: dict[str, _Memory] = {}  # by the name of the cache


class BoundedMemoryCache(BaseCache):
    """The cache of a process; `MAX_BYTES` among its OPTIONS is how much it holds at most.

    What is kept is given again itself: nobody changes it.
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


_LARGEST = 8  # an answer may take so great a part of what is kept: one does not drive out all
_DAY = 24 * 60 * 60  # seconds; the day is among what decides an answer

_logger = logging.getLogger(__name__)


def find_answer(name: str) -> tuple[HttpResponse, str] | None:
    """Find the answer that was kept under a name, with the version of the row that it shows."""
    kept = find_kept(name)
    if kept is None:
        return None
    body, headers, is_framed, shown_version = kept
    answer = HttpResponse(body, headers=headers)
    if is_framed:
        answer.xframe_options_exempt = True
    return answer, shown_version


def keep_answer(
    name: str, answer: HttpResponse, own_headers: Mapping[str, str], shown_version: str
) -> None:
    """Keep an answer of 200 under a name, with the headers that its view has given it."""
    headers = {**own_headers, "Content-Type": answer.headers["Content-Type"]}
    is_framed = getattr(answer, "xframe_options_exempt", False)
    keep_value(name, (answer.content, headers, is_framed, shown_version))


def find_kept(name: str, cache: str = "default") -> Any:
    """Find what was kept under a name; None where nothing is, or the cache does not answer."""
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


def is_worth_keeping(answer: HttpResponseBase) -> bool:
    """Tell whether an answer is whole, as files are not, and not too large to be kept."""
    largest = settings.CACHE_MAX_BYTES // _LARGEST
    return isinstance(answer, HttpResponse) and 0 < len(answer.content) <= largest


ANY = "*"
_CODED = "-gzip"  # at the end of the tag of a coded answer


class PreconditionRequired(APIException):
    """428: an edit that does not say which version it is of."""

    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_code = "precondition_required"
    default_detail = _(
        "Send If-Match with the ETag of what you have read, so that nobody's edit gets lost; "
        "“If-Match: *” overwrites whatever is there."
    )


class MalformedPrecondition(APIException):
    """400: a header of entity tags that holds none, or those that mean nothing here."""

    status_code = status.HTTP_400_BAD_REQUEST
    default_code = "invalid"


class PreconditionFailed(APIException):
    """412: the row is not as the client has seen it. Carries the current ETag and what changed."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "version_conflict"

    def __init__(self, detail: Any, version: str | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.headers = {} if version is None else {"ETag": make_entity_tag(version)}
        self.members = members


def make_entity_tag(version: str, digest: str = "") -> str:
    """Make the strong ETag of a row of its version, and a digest of what is shown."""
    return f'"{version}.{digest}"' if digest else f'"{version}"'


def parse_entity_tags(header: str) -> list[str]:
    """Parse the tags of an If-Match or If-None-Match, without quotes; empty where there are none.

    A tag that a proxy has weakened on the way (`W/`), as those that compress do, is read as the
    strong one that it was, and that of a coded answer as that of the plain one.
    """
    tags = (tag.removeprefix("W/").strip('"') for tag in parse_etags(header))
    return [tag.removesuffix(_CODED) for tag in tags]


def mark_coded(tag: str) -> str:
    """Make of an ETag that of the same answer coded by gzip."""
    return f'{tag.removesuffix(chr(34))}{_CODED}"'


def describe_changes(row: Model, seen: str) -> dict[str, Any]:
    """Describe what a client that has seen this version of a row should know of the newer ones.

    Members of the problem: `current_version`, and where they are known `changed_fields`,
    `changed_by` and `changed_at`.
    """
    version = getattr(row, "version", None)
    if version is None:
        return {}
    changes: dict[str, Any] = row.changes_since(seen) if hasattr(row, "changes_since") else {}
    return {"current_version": version, **changes}


def check_if_match(request: Request, row: Model, version: str) -> None:
    """Raise what is wrong with the If-Match of an edit of `row`, which is at `version` now."""
    header = request.headers.get("If-Match")
    if header is None:
        raise PreconditionRequired()
    tags = parse_entity_tags(header)
    if not tags:
        detail = _('If-Match takes entity tags in quotes, such as “"5"”, or “*”.')
        raise MalformedPrecondition(detail)
    # A tag of ours is the version and, after a dot, a digest of what was shown.
    seen = [tag.partition(".")[0] for tag in tags]
    if ANY not in seen and version not in seen:
        raise PreconditionFailed(
            _("This has been changed since you read it. Read it again, then repeat the edit."),
            version,
            **describe_changes(row, seen[0]),
        )


def check_put(request: Request, row: Model | None, version: str) -> None:
    """Raise what is wrong with the preconditions of a PUT at a URL where `row` is, or none.

    `If-None-Match: *` creates only; without it a row that is there needs an If-Match.
    """
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
    """Raise what is wrong with the preconditions of restoring `row`, or one that was deleted.

    A row that is there needs an If-Match, one that was deleted `If-None-Match: *`.
    """
    if row is None and not {"If-Match", "If-None-Match"} & {*request.headers}:
        raise PreconditionRequired(
            _("This was deleted: send “If-None-Match: *” to have it back, if nobody else had it.")
        )
    check_put(request, row, version)


VARIES_BY = ("Accept", "Accept-Language", "Authorization", "Cookie")
_PROGRAM = {".py", ".mo", ".html"}


class NotModifiedError(Exception):
    """The client has already what it asks for."""


class AnsweredBeforeError(Exception):
    """What the client asks for was answered before, and nothing has changed since."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


def find_shown_version(request: Request, digest: str) -> str | None:
    """Find the version of the row in the client's tag of this answer ("" for a list).

    None if the client does not have this answer.
    """
    for tag in parse_entity_tags(request.headers.get("If-None-Match", "")):
        version, _dot, known = tag.rpartition(".")
        if hmac.compare_digest(known.encode(), digest.encode()):
            return version
    return None


def digest_representation(request: Request, version: str, visibility: str) -> str:
    """Digest (32 hex digits) all that decides the answer to a GET."""
    parts = [
        version,
        request.build_absolute_uri(),  # answers hold URLs, so the host is a part of them
        str(request.accepted_media_type),
        get_language() or "",
        visibility,
        timezone.localdate().isoformat(),  # what is stale depends on today
        str((settings.STALE_MONTHS, settings.CORS_ALLOWED_ORIGINS)),
        digest_program(),
    ]
    # With the key of the site: it signs the cursors that answers hold.
    made = salted_hmac("config.api.revalidation", "\0".join(parts), algorithm="sha256")
    return made.hexdigest()[:32]


@cache
def digest_program() -> str:
    """Digest (16 hex digits) the program: another release may answer something else."""
    digest = blake2b(digest_size=8)
    packages = [path.parent for path in settings.BASE_DIR.glob("*/__init__.py")]
    for folder in (*sorted(packages), settings.BASE_DIR / "locale"):
        for path in sorted(folder.rglob("*")):
            if path.suffix in _PROGRAM:
                digest.update(path.read_bytes())
    return digest.hexdigest()
