"""Entity tags: edits of what was seen, a 304 to a client that has it, or the kept response."""

import hmac
from functools import cache
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.http import HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework import status
from rest_framework.exceptions import APIException
from rest_framework.request import Request

# --- Tags -----------------------------------------------------------------------------------------


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


# --- Responses ------------------------------------------------------------------------------------


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
